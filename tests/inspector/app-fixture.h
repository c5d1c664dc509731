/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-application.h"

G_BEGIN_DECLS

/* The whole program in the process of the test, with a fresh home for each case. */
typedef struct
{
  WsiApplication *application; /* (owned) */
  WsiWindow *window;           /* (unowned) */
  char *path;                  /* (owned): where connections are kept */
} AppFixture;

void       app_fixture_set_up    (AppFixture    *fixture,
                                  gconstpointer  user_data);
void       app_fixture_tear_down (AppFixture    *fixture,
                                  gconstpointer  user_data);

/* As at the end of a run and the beginning of the next one. */
void       app_fixture_stop      (AppFixture    *fixture);
void       app_fixture_start     (AppFixture    *fixture);

void       app_fixture_forget    (AppFixture    *fixture);

gpointer   app_fixture_get_child (AppFixture    *fixture,
                                  const char    *name);
WsmPool   *app_fixture_get_pool  (AppFixture    *fixture);
/* Of the group of that prefix. */
gboolean   app_fixture_enabled   (AppFixture    *fixture,
                                  const char    *action);
void       app_fixture_activate  (AppFixture    *fixture,
                                  const char    *action,
                                  GVariant      *target);
/* A widget below another one whose label is that, mnemonics left out; or NULL. */
GtkWidget *app_fixture_find      (GtkWidget     *widget,
                                  const char    *label);
/* The newest window of a type; or NULL. */
gpointer   app_fixture_dialog    (GType          type);

/* Of one connection, or of all: then it is NULL. */
void       app_fixture_save_recording (WsiSource     *source,
                                       WsiConnection *connection,
                                       GFile         *file);

gboolean   app_fixture_late_cb   (gpointer       user_data);

#define WAIT_FOR(condition) \
  G_STMT_START \
  { \
    guint late_id = g_timeout_add_seconds (20, app_fixture_late_cb, (gpointer) #condition); \
    while (!(condition)) \
      g_main_context_iteration (NULL, TRUE); \
    g_source_remove (late_id); \
  } \
  G_STMT_END

G_END_DECLS
