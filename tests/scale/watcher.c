/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>

#include "prompt.h"
#include "wsi-hub.h"

/* An inspector without a window: the model alone.
 *
 * It takes its name on the session bus and waits for an app. Its commands are:
 *   watch INTERVAL-MS N-ROWS  0 = none, "all" = all
 *   listen N-ROWS             to what is told of the beats of the first rows
 *   look                      also tells how old what was heard was, since the last time
 */

#define BUS_NAME WSI_HUB_BUS_NAME ".Scale"

typedef struct
{
  WsiHub *hub;    /* (owned) */
  GArray *ages;   /* (owned) (element-type gint64) */
  guint n_listened;
  gint64 watched_us; /* since then */
} Watcher;

static WsiSource *
watcher_get_source (Watcher *self)
{
  g_autoptr (WsiSource) source = g_list_model_get_item (G_LIST_MODEL (self->hub), 0);

  /* The hub keeps it. */
  return source;
}

/* A pong is what was received last: the time from its arrival in the app to this moment. What was
 * there before one began to watch is told late, and old. */
static void
watcher_answered_cb (WsiConnection *connection,
                     GParamSpec    *pspec,
                     Watcher       *self)
{
  gint64 received_us = wsi_connection_get_last_received_at (connection);
  gint64 age_us = g_get_monotonic_time () - received_us;

  if (received_us >= self->watched_us)
    g_array_append_val (self->ages, age_us);
}

static void
watcher_listen (Watcher *self,
                guint    n_rows)
{
  GListModel *connections = wsi_source_get_connections (watcher_get_source (self));

  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (connections, i);

      if (i < self->n_listened && i >= n_rows)
        g_signal_handlers_disconnect_by_data (connection, self);
      else if (i >= self->n_listened && i < n_rows)
        g_signal_connect (connection, "notify::n-beats-answered",
                          G_CALLBACK (watcher_answered_cb), self);
    }
  self->n_listened = n_rows;
}

static int
watcher_compare_ages (gconstpointer first,
                      gconstpointer second)
{
  gint64 first_us = *(const gint64 *) first;
  gint64 second_us = *(const gint64 *) second;

  return first_us < second_us ? -1 : first_us > second_us;
}

static gint64
watcher_get_age (Watcher *self,
                 double   quantile)
{
  if (self->ages->len == 0)
    return 0;

  return g_array_index (self->ages, gint64, (guint) (quantile * (self->ages->len - 1)));
}

static guint
watcher_parse_count (const char *word)
{
  return g_strcmp0 (word, "all") == 0 ? G_MAXUINT : (guint) atoi (word);
}

static void
watcher_command_cb (const char *command,
                    int         n_arguments,
                    char      **arguments,
                    gpointer    user_data)
{
  Watcher *self = user_data;
  WsiSource *source = watcher_get_source (self);
  g_autofree char *costs = prompt_dup_costs ();
  guint n_rows = 0;

  if (g_str_equal (command, "watch") && n_arguments == 2)
    {
      self->watched_us = g_get_monotonic_time ();
      wsi_source_watch (source, (guint) atoi (arguments[0]), 0, watcher_parse_count (arguments[1]));
    }
  else if (g_str_equal (command, "listen") && n_arguments == 1)
    {
      watcher_listen (self, watcher_parse_count (arguments[0]));
    }
  else if (!g_str_equal (command, "look"))
    {
      g_error ("unknown command: %s", command);
    }

  if (source != NULL && !wsi_source_get_loading (source))
    n_rows = g_list_model_get_n_items (wsi_source_get_connections (source));
  g_array_sort (self->ages, watcher_compare_ages);
  prompt_answer ("{%s, \"n_rows\": %u, \"n_heard\": %u, \"age_p50_us\": %" G_GINT64_FORMAT
                 ", \"age_p99_us\": %" G_GINT64_FORMAT ", \"age_max_us\": %" G_GINT64_FORMAT "}",
                 costs, n_rows, self->ages->len, watcher_get_age (self, 0.5),
                 watcher_get_age (self, 0.99), watcher_get_age (self, 1.0));
  g_array_set_size (self->ages, 0);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GError) error = NULL;
  Watcher self = { NULL, };

  prompt_init ();
  bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  g_assert_no_error (error);
  self.hub = wsi_hub_new ();
  self.ages = g_array_new (FALSE, FALSE, sizeof (gint64));
  wsi_hub_open_door (self.hub, bus, &error);
  g_assert_no_error (error);
  g_bus_own_name_on_connection (bus, BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  prompt_run (watcher_command_cb, &self);

  return 0;
}
