/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The other end of a link, in this process: speaks Pool1 as the test wants it, also wrongly. */
typedef struct _FakePool FakePool;

/* Returns an answer (a tuple, of whatever type; floating or not, it is taken), or NULL: none. */
typedef GVariant *(*FakePoolAnswer) (FakePool   *self,
                                     const char *method,
                                     GVariant   *parameters,
                                     gpointer    user_data);

FakePool  *fake_pool_new         (guint           n_rows) G_GNUC_WARN_UNUSED_RESULT;
void       fake_pool_free        (FakePool       *self);

/* The end that the model gets; once. */
GIOStream *fake_pool_take_stream (FakePool       *self) G_GNUC_WARN_UNUSED_RESULT;
void       fake_pool_set_answer  (FakePool       *self,
                                  FakePoolAnswer  answer,
                                  gpointer        user_data);
/* As a good pool would. */
GVariant  *fake_pool_answer      (FakePool       *self,
                                  const char     *method,
                                  GVariant       *parameters);
void       fake_pool_set_control (FakePool       *self,
                                  gboolean        control);

guint      fake_pool_count       (FakePool       *self,
                                  const char     *method);
/* Whether the last call of it had these parameters, as g_variant_parse() reads them. */
gboolean   fake_pool_was_told    (FakePool       *self,
                                  const char     *method,
                                  const char     *parameters);
/* Sends an answer that was not given. */
void       fake_pool_answer_late (FakePool       *self,
                                  GVariant       *answer);
gboolean   fake_pool_is_ready    (FakePool       *self);
gboolean   fake_pool_is_closed   (FakePool       *self);
void       fake_pool_emit        (FakePool       *self,
                                  const char     *signal,
                                  GVariant       *parameters);
/* A change like no other: as many are open as it returns. Whoever knows that has all that was
 * emitted before. */
guint      fake_pool_emit_mark   (FakePool       *self);
/* Everything is in the socket or beyond it; the main loop does not run. */
void       fake_pool_flush       (FakePool       *self);
void       fake_pool_die         (FakePool       *self);

/* Floating. */
GVariant  *fake_pool_make_figures (guint64      id,
                                   guint        state,
                                   guint64      n_answered,
                                   guint64      n_missed,
                                   double       round_trip);
GVariant  *fake_pool_make_row     (guint64      id);
/* A signal Changed with figures only; NULL: nothing. */
GVariant  *fake_pool_make_changed (GVariant    *figures);

/* Runs the main loop until it is so; fails after two minutes. */
#define wait_until(condition) \
  G_STMT_START { \
    gint64 deadline_us = g_get_monotonic_time () + 120 * G_USEC_PER_SEC; \
    g_autoptr (GSource) tick = fake_pool_start_ticking (); \
    while (!(condition)) \
      { \
        if (g_get_monotonic_time () > deadline_us) \
          g_error ("%s:%d: waited in vain: %s", __FILE__, __LINE__, #condition); \
        g_main_context_iteration (NULL, TRUE); \
      } \
    g_source_destroy (tick); \
  } G_STMT_END

GSource   *fake_pool_start_ticking (void) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakePool, fake_pool_free)

G_END_DECLS
