/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Somebody on the session bus who offers io.github.wsmulti.Inspector1 and keeps what is given. */
typedef struct
{
  GDBusConnection *bus;  /* (owned) */
  guint registration;
  GPtrArray *abouts;     /* (owned) (element-type GVariant): of each call to Attach */
  GPtrArray *streams;    /* (owned) (element-type GIOStream) */
  gboolean refuses;
} FakeInspector;

FakeInspector   *fake_inspector_new      (void) G_GNUC_WARN_UNUSED_RESULT;
void             fake_inspector_free     (FakeInspector *self);

void             fake_inspector_take     (FakeInspector *self,
                                          const char    *name);
void             fake_inspector_give_up  (FakeInspector *self,
                                          const char    *name);

/* Speaks D-Bus on the last stream, and waits until that works. */
GDBusConnection *fake_inspector_look     (FakeInspector *self) G_GNUC_WARN_UNUSED_RESULT;
GVariant        *fake_inspector_sum_up   (GDBusConnection *pool) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
