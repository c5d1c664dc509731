/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "prompt.h"
#include "test-network.h"
#include "wsm-connection-private.h"
#include "wsm-exporter.h"
#include "wsm-pool-private.h"
#include "wsm-system-clock.h"

/* An app with many connections, which can be shown to an inspector.
 *
 * watched N-CONNECTIONS [URI…]
 *
 * Without a URI its network is a play: peers that answer after a millisecond, no sockets, so that
 * what remains is the cost of the library. Its commands are beat INTERVAL-MS, export,
 * unexport and look. */

typedef struct
{
  WsmPool *pool;           /* (owned) */
  WsmExporter *exporter;   /* (owned) (nullable) */
  WsmTestNetwork *network; /* (owned) (nullable) */
} Watched;

/* Servers may be asked for a thousand handshakes at a time, but not well. */
#define N_HANDSHAKES 32

static void
watched_raise_descriptor_limit (void)
{
  struct rlimit limit;

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &limit), ==, 0);
}

static void
watched_set_up (Watched *self,
                guint    n_connections,
                char   **uris)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  guint n_uris = g_strv_length (uris);

  if (n_uris == 0)
    {
      g_autoptr (WsmClock) clock = wsm_system_clock_new ();

      self->network = wsm_test_network_new (NULL, clock);
      self->pool = wsm_pool_new_with_seams (clock, wsm_test_network_make, self->network, 1);
    }
  else
    {
      self->pool = wsm_pool_new ();
    }

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "mode", WSM_HEARTBEAT_MODE_OFF, NULL);
  wsm_pool_set_heartbeat (self->pool, heartbeat);
  wsm_pool_set_max_handshakes (self->pool, N_HANDSHAKES);
  wsm_pool_set_max_handshakes_per_host (self->pool, N_HANDSHAKES);
  for (guint i = 0; i < n_connections; i++)
    {
      const char *base = n_uris > 0 ? uris[i % n_uris] : "ws://127.0.0.1";
      g_autofree char *uri = g_strdup_printf ("%s/feed-%u", base, i);
      g_autofree char *name = g_strdup_printf ("feed %u", i);
      g_autoptr (WsmConnection) connection = NULL;
      g_autoptr (GError) error = NULL;

      connection = g_object_new (WSM_TYPE_CONNECTION, "uri", uri, "name", name, NULL);
      wsm_pool_add_connection (self->pool, connection, &error);
      g_assert_no_error (error);
      wsm_connection_open (connection, &error);
      g_assert_no_error (error);
    }
}

/* Beats would have to share the time with handshakes. */
static void
watched_beat (Watched *self,
              guint    interval_ms)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  WsmConnection *connection;

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", interval_ms,
                            "timeout", MIN (interval_ms, 4000),
                            NULL);
  for (guint i = 0; (connection = wsm_pool_peek_nth (self->pool, i)) != NULL; i++)
    wsm_connection_set_heartbeat (connection, heartbeat);
}

static guint64
watched_count_beats (Watched *self)
{
  guint64 n_beats = 0;
  WsmConnection *connection;

  for (guint i = 0; (connection = wsm_pool_peek_nth (self->pool, i)) != NULL; i++)
    n_beats += wsm_connection_get_n_beats_answered (connection);

  return n_beats;
}

static void
watched_command_cb (const char *command,
                    int         n_arguments,
                    char      **arguments,
                    gpointer    user_data)
{
  Watched *self = user_data;
  g_autofree char *costs = prompt_dup_costs ();

  if (g_str_equal (command, "beat") && n_arguments == 1)
    {
      watched_beat (self, (guint) atoi (arguments[0]));
    }
  else if (g_str_equal (command, "export"))
    {
      if (self->exporter == NULL)
        self->exporter = wsm_exporter_new (self->pool);
    }
  else if (g_str_equal (command, "unexport"))
    {
      g_clear_object (&self->exporter);
    }
  else if (!g_str_equal (command, "look"))
    {
      g_error ("unknown command: %s", command);
    }

  prompt_answer ("{%s, \"n_beats\": %" G_GUINT64_FORMAT ", \"n_open\": %u, \"n_clients\": %u}",
                 costs, watched_count_beats (self), wsm_pool_get_n_open (self->pool),
                 self->exporter != NULL ? wsm_exporter_get_n_clients (self->exporter) : 0);
}

int
main (int    argc,
      char **argv)
{
  Watched self = { NULL, };

  prompt_init ();
  if (argc < 2)
    g_error ("usage: watched N-CONNECTIONS [URI…]");

  g_set_prgname ("watched");
  watched_raise_descriptor_limit ();
  watched_set_up (&self, (guint) atoi (argv[1]), argv + 2);
  prompt_run (watched_command_cb, &self);

  g_clear_object (&self.exporter);
  g_clear_object (&self.pool);

  return 0;
}
