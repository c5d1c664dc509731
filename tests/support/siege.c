/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "siege.h"

#include "wsm-system-clock.h"

#include <gio/gunixconnection.h>
#include <time.h>
#include <unistd.h>

/* Sanitizers make everything slow. */
#ifdef __SANITIZE_ADDRESS__
#define MAX_STALL_US 1000000
#else
#define MAX_STALL_US 100000
#endif

static gint64
get_thread_time_us (void)
{
  struct timespec now;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now), ==, 0);

  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Processor time, so that what else the machine does makes no difference. */
void
siege_turn (Siege *siege)
{
  g_autoptr (GSource) tick = g_timeout_source_new (2);
  gint64 begin_us = get_thread_time_us ();

  g_source_set_callback (tick, tick_cb, NULL, NULL);
  g_source_attach (tick, siege->context);
  g_main_context_iteration (siege->context, TRUE);
  g_source_destroy (tick);
  siege->longest_turn_us = MAX (siege->longest_turn_us, get_thread_time_us () - begin_us);
}

static void
beat_cb (WsmConnection *connection,
         guint64        sequence,
         double         round_trip,
         Siege         *siege)
{
  siege->n_beats++;
}

void
siege_set_up (Siege        *siege,
              gconstpointer data)
{
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "interval", 50,
                                                     "timeout", 5000,
                                                     "jitter", 0.0,
                                                     "idle-only", FALSE,
                                                     NULL);

  siege->context = g_main_context_new ();
  g_main_context_push_thread_default (siege->context);
  siege->clock = wsm_system_clock_new ();
  siege->network = wsm_test_network_new (siege->context, siege->clock);
  siege->pool = wsm_pool_new_with_seams (siege->clock, wsm_test_network_make,
                                         siege->network, 1);
  wsm_pool_set_heartbeat (siege->pool, heartbeat);
  for (guint i = 0; i < SIEGE_N_CONNECTIONS; i++)
    {
      g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1/%u", i);
      WsmConnection *connection = wsm_pool_add (siege->pool, uri, NULL);

      g_signal_connect (connection, "beat", G_CALLBACK (beat_cb), siege);
    }
  siege->exporter = g_object_new (WSM_TYPE_EXPORTER,
                                  "pool", siege->pool,
                                  "announce", FALSE,
                                  "allow-control", TRUE,
                                  NULL);
  siege->inspector = inspector_client_new (siege->exporter, siege->context);
  SIEGE_WAIT_FOR (wsm_pool_get_n_open (siege->pool) == SIEGE_N_CONNECTIONS);
  siege->longest_turn_us = 0;
}

void
siege_check_health (Siege *siege)
{
  guint n_beats = siege->n_beats;
  InspectorClient *honest = NULL;
  g_autoptr (GVariant) summary = NULL;

  SIEGE_WAIT_FOR (siege->n_beats >= n_beats + SIEGE_N_CONNECTIONS);
  g_assert_cmpuint (wsm_pool_get_n_open (siege->pool), ==, SIEGE_N_CONNECTIONS);
  g_test_message ("the longest turn took %.1f ms", siege->longest_turn_us / 1000.0);
  g_assert_cmpint (siege->longest_turn_us, <, MAX_STALL_US);

  honest = inspector_client_new (siege->exporter, siege->context);
  summary = inspector_client_call (honest, "GetSummary", NULL, NULL);
  inspector_client_free (honest);
}

static gboolean
siege_is_fatal (const char     *domain,
                GLogLevelFlags  level,
                const char     *message,
                gpointer        user_data)
{
  return g_strcmp0 (domain, "GLib-GIO") != 0 ||
         (strstr (message, "_g_dbus_worker_") == NULL &&
          !g_str_has_prefix (message, "Error decoding D-Bus message"));
}

static void
siege_log_cb (const char     *domain,
              GLogLevelFlags  level,
              const char     *message,
              gpointer        user_data)
{
  if (siege_is_fatal (domain, level, message, NULL))
    g_log_default_handler (domain, level, message, NULL);
}

void
siege_expect_noise (Siege *siege)
{
  g_test_log_set_fatal_handler (siege_is_fatal, NULL);
  siege->noise_handler = g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL,
                                            siege_log_cb, NULL);
}

void
siege_forget_noise (Siege *siege)
{
  g_log_remove_handler ("GLib-GIO", siege->noise_handler);
  g_test_log_set_fatal_handler (NULL, NULL);
}

/* Says who it is, if it is told to. */
static GIOStream *
siege_connect_once (Siege    *siege,
                    gboolean  begins)
{
  g_autoptr (GError) error = NULL;
  GIOStream *stream = wsm_exporter_connect_client (siege->exporter, &error);
  g_autofree char *uid = g_strdup_printf ("%u", (guint) getuid ());
  g_autoptr (GString) request = g_string_new ("AUTH EXTERNAL ");
  char answer[256];

  g_assert_no_error (error);
  if (!begins)
    return stream;

  g_unix_connection_send_credentials (G_UNIX_CONNECTION (stream), NULL, &error);
  g_assert_no_error (error);
  for (const char *digit = uid; *digit != '\0'; digit++)
    g_string_append_printf (request, "%02x", *digit);
  g_string_append (request, "\r\n");
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), request->str, request->len,
                             NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (stream), answer,
                                        sizeof answer, NULL, &error), >, 2);
  g_assert_true (strncmp (answer, "OK", 2) == 0);
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), "BEGIN\r\n", 7, NULL, NULL,
                             &error);
  g_assert_no_error (error);

  return stream;
}

#define MAX_CONNECTS 5
#define CONNECT_WAIT_US (2 * G_USEC_PER_SEC)

/* Once in tens of thousands, while the stream before is still being closed in another thread,
 * GDBus reads the end of a new stream that nobody has ended. Then there has to be another one. */
GIOStream *
siege_connect_stream (Siege    *siege,
                      gboolean  begins)
{
  for (guint i = 0; i < MAX_CONNECTS; i++)
    {
      g_autoptr (GIOStream) stream = siege_connect_once (siege, begins);
      gint64 end_us = g_get_monotonic_time () + CONNECT_WAIT_US;

      if (!begins)
        return g_steal_pointer (&stream);

      /* Besides the honest one, and the one before is gone. */
      while (wsm_exporter_get_n_clients (siege->exporter) != 2 &&
             g_get_monotonic_time () < end_us)
        siege_turn (siege);
      if (wsm_exporter_get_n_clients (siege->exporter) == 2)
        return g_steal_pointer (&stream);
      g_test_message ("a stream ended before it was used");
    }
  g_error ("no stream is let in");
}


void
siege_tear_down (Siege        *siege,
                 gconstpointer data)
{
  siege_check_health (siege);
  g_clear_pointer (&siege->inspector, inspector_client_free);
  SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 0);
  g_assert_finalize_object (g_steal_pointer (&siege->exporter));
  g_assert_finalize_object (g_steal_pointer (&siege->pool));
  while (g_main_context_iteration (siege->context, FALSE))
    ;
  wsm_test_network_free (siege->network);
  g_assert_finalize_object (g_steal_pointer (&siege->clock));
  g_main_context_pop_thread_default (siege->context);
  g_main_context_unref (siege->context);
}
