/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/*
 * A gateway: keeps the connections of a key file open, hundreds of them, on one main loop.
 *
 *     gateway FILE
 *
 * A group of the file is a connection and its name; what stands in [defaults] holds for all that do
 * not say otherwise. The keys are the names of properties, and times have a unit:
 *
 *     [defaults]
 *     interval=10s
 *     timeout=4s
 *
 *     [boiler]
 *     uri=wss://boiler.example.com/telemetry
 *     greetings=subscribe temperature;subscribe pressure
 *
 * Once a second it tells in one line how they are. SIGTERM and SIGINT end it politely, a second one
 * at once. Its exit status is 0 if all were closed politely, 1 if some were cut off, and 2 if the
 * file cannot be used. `wsmulti watch --config FILE` reads such files, too.
 */

#include <libwsmulti.h>

#include "gateway-file.h"

#include <glib-unix.h>
#include <locale.h>
#include <sys/resource.h>

/* How long goodbyes may take, in milliseconds. */
#define CLOSE_DEADLINE_MS 5000

/* What the process has open besides its sockets, and some to spare. */
#define OTHER_FILES 64

#define EXIT_CUT_OFF 1
#define EXIT_BAD_FILE 2

typedef struct
{
  GMainLoop *loop;           /* (unowned) */
  WsmPool *pool;             /* (unowned) */
  GCancellable *impatience;  /* (owned): cuts off what is not closed yet */

  guint64 n_messages;        /* since the last report */
  guint64 n_bytes;
  guint n_lost;
  char *last_loss;           /* (owned) (nullable) */

  guint n_to_close;
  gint64 closing_since_us;   /* 0 = not yet */
  int status;
} Gateway;

/* A connection is an open file, of which a process may often have no more than 1024. */
static gboolean
allow_files (guint    n_connections,
             GError **error)
{
  struct rlimit limit;
  rlim_t needed = n_connections + OTHER_FILES;

  getrlimit (RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur >= needed)
    return TRUE;

  if (limit.rlim_max < needed)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES,
                   "%u connections need %" G_GUINT64_FORMAT " open files, and this process may "
                   "have %" G_GUINT64_FORMAT "; raise that with ulimit -n, or LimitNOFILE= of "
                   "its systemd unit", n_connections, (guint64) needed, (guint64) limit.rlim_max);
      return FALSE;
    }

  limit.rlim_cur = needed;
  return setrlimit (RLIMIT_NOFILE, &limit) == 0;
}

/* Here a gateway hands on what came. This one counts it. */
static void
message_cb (WsmPool               *pool,
            WsmConnection         *connection,
            SoupWebsocketDataType  type,
            GBytes                *data,
            Gateway               *self)
{
  self->n_messages++;
  self->n_bytes += g_bytes_get_size (data);
}

static void
state_changed_cb (WsmPool       *pool,
                  WsmConnection *connection,
                  Gateway       *self)
{
  WsmState state = wsm_connection_get_state (connection);

  if (self->closing_since_us != 0 || (state != WSM_STATE_WAITING && state != WSM_STATE_FAILED))
    return;

  self->n_lost++;
  g_free (self->last_loss);
  self->last_loss = g_strdup (wsm_connection_get_name (connection));
}

/* The reason is that of the moment of the report: what happens next, may have happened by now. */
static char *
describe_loss (Gateway *self)
{
  WsmConnection *connection = wsm_pool_lookup (self->pool, self->last_loss);
  g_autofree char *reason = wsm_reason_to_string (wsm_connection_get_reason (connection));

  return g_strdup_printf ("; %u lost or refused, the last %s: %s", self->n_lost, self->last_loss,
                          reason);
}

static gboolean
report_cb (gpointer user_data)
{
  Gateway *self = user_data;
  GListModel *connections = G_LIST_MODEL (self->pool);
  guint n_connections = g_list_model_get_n_items (connections);
  guint n_late = 0;
  double worst_ms = 0.0;
  g_autofree char *size = g_format_size (self->n_bytes);
  g_autofree char *loss = NULL;

  for (guint i = 0; i < n_connections; i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);
      WsmLatency *latency = wsm_connection_get_latency (connection);

      if (wsm_connection_get_state (connection) == WSM_STATE_SUSPECT)
        n_late++;
      worst_ms = MAX (worst_ms, wsm_latency_get_smoothed (latency));
    }

  if (self->n_lost > 0)
    loss = describe_loss (self);
  g_print ("%u of %u open, %u late, %u given up; %" G_GUINT64_FORMAT " messages, %s; "
           "round trip %.1f ms at most%s\n",
           wsm_pool_get_n_open (self->pool), n_connections, n_late,
           wsm_pool_get_n_failed (self->pool), self->n_messages, size, worst_ms,
           loss != NULL ? loss : "");

  self->n_messages = 0;
  self->n_bytes = 0;
  self->n_lost = 0;

  return G_SOURCE_CONTINUE;
}

static void
closed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  Gateway *self = user_data;
  g_autoptr (GError) error = NULL;
  double seconds = (double) (g_get_monotonic_time () - self->closing_since_us) / G_USEC_PER_SEC;

  if (wsm_pool_close_finish (WSM_POOL (source), result, &error))
    {
      g_print ("closed %u connections politely in %.1f s\n", self->n_to_close, seconds);
    }
  else
    {
      g_print ("not closed politely after %.1f s: %s\n", seconds, error->message);
      self->status = EXIT_CUT_OFF;
    }

  g_main_loop_quit (self->loop);
}

static gboolean
signal_cb (gpointer user_data)
{
  Gateway *self = user_data;

  if (self->closing_since_us != 0)
    {
      g_cancellable_cancel (self->impatience);
      return G_SOURCE_CONTINUE;
    }

  self->closing_since_us = g_get_monotonic_time ();
  self->n_to_close = wsm_pool_get_n_open (self->pool);
  wsm_pool_close_async (self->pool, CLOSE_DEADLINE_MS, self->impatience, closed_cb, self);

  return G_SOURCE_CONTINUE;
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (GError) error = NULL;
  Gateway self = { .loop = loop, .pool = pool };

  setlocale (LC_ALL, "");
  if (argc != 2)
    {
      g_printerr ("Usage: %s FILE\n", argv[0]);
      return EXIT_BAD_FILE;
    }
  if (!gateway_file_load (argv[1], pool, &error) ||
      !allow_files (g_list_model_get_n_items (G_LIST_MODEL (pool)), &error))
    {
      g_printerr ("%s: %s\n", argv[1], error->message);
      return EXIT_BAD_FILE;
    }

  self.impatience = g_cancellable_new ();
  g_signal_connect (pool, "message", G_CALLBACK (message_cb), &self);
  g_signal_connect (pool, "connection-state-changed", G_CALLBACK (state_changed_cb), &self);
  g_timeout_add_seconds (1, report_cb, &self);
  g_unix_signal_add (SIGTERM, signal_cb, &self);
  g_unix_signal_add (SIGINT, signal_cb, &self);

  /* A pool opens what is made by wsm_pool_add (); what is added waits to be told. */
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pool)); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (pool), i);

      wsm_connection_open (connection, NULL);
    }

  g_main_loop_run (loop);

  g_object_unref (self.impatience);
  g_free (self.last_loss);

  return self.status;
}
