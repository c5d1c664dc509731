/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "siege.h"
#include "wsm-connection-private.h"

#include <fcntl.h>
#include <gio/gunixconnection.h>
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <unistd.h>

#define N_FLOODS 40

/* Bad arguments. */

static void
test_hostile_arguments (Siege        *siege,
                        gconstpointer data)
{
  static const struct
  {
    const char *method;
    const char *parameters;
    const char *error; /* its name, without the usual beginning */
    const char *says;
  } cases[] = {
    { "GetConnections", "(uint64 0, uint32 0)", "InvalidArgs", "count: 0 is not from 1 to 500" },
    { "GetConnections", "(uint64 0, uint32 501)", "InvalidArgs", "count: 501" },
    { "GetConnections", "(uint64 0, uint32 4294967295)", "InvalidArgs", "count: 4294967295" },
    { "GetConnections", "('all',)", "InvalidArgs", "" },
    { "GetDetails", "(uint64 0,)", "NotInPool", "id: there is no connection 0" },
    { "GetDetails", "(uint64 18446744073709551615,)", "NotInPool", "18446744073709551615" },
    { "GetDetails", "('../1',)", "InvalidArgs", "" },
    { "GetJournal", "(uint64 999999, uint64 0)", "NotInPool", "999999" },
    { "Watch", "(uint32 0, uint64 0, uint32 0)", "InvalidArgs", "interval: 0 is not from 50" },
    { "Watch", "(uint32 49, uint64 0, uint32 0)", "InvalidArgs", "interval: 49" },
    { "Watch", "(uint32 60001, uint64 0, uint32 0)", "InvalidArgs", "interval: 60001" },
    { "Watch", "(uint32 4294967295, uint64 0, uint32 0)", "InvalidArgs", "interval" },
    { "Watch", "(250, 0, 0)", "InvalidArgs", "" },
    { "Watch", "()", "InvalidArgs", "" },
    { "Follow", "(uint64 999999, true, uint32 0)", "NotInPool", "999999" },
    { "Unwatch", "('now',)", "InvalidArgs", "" },
    { "Shutdown", "()", "UnknownMethod", "" },
    { "Ping", "(uint64 1,)", "UnknownMethod", "" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) parameters = NULL;
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *name = NULL;

      parameters = g_variant_ref_sink (g_variant_new_parsed (cases[i].parameters));
      reply = inspector_client_call (siege->inspector, cases[i].method, parameters, &error);
      g_assert_null (reply);
      name = g_dbus_error_get_remote_error (error);
      g_assert_nonnull (name);
      g_assert_true (g_str_has_suffix (name, cases[i].error));
      g_assert_nonnull (strstr (error->message, cases[i].says));
    }
}

/* The largest window there is, and one beyond the end. */
static void
test_hostile_windows (Siege        *siege,
                      gconstpointer data)
{
  static const char * const windows[] = {
    "(uint32 50, uint64 0, uint32 4294967295)",
    "(uint32 50, uint64 18446744073709551615, uint32 4294967295)",
    "(uint32 60000, uint64 18446744073709551615, uint32 1)",
    "(uint32 50, uint64 1, uint32 4294967294)",
    "(uint32 50, uint64 0, uint32 1)",
  };

  for (guint i = 0; i < G_N_ELEMENTS (windows); i++)
    {
      g_autoptr (GVariant) reply = NULL;

      reply = inspector_client_call (siege->inspector, "Watch",
                                     g_variant_new_parsed (windows[i]), NULL);
      g_assert_nonnull (reply);
      for (guint n = 0; n < 20; n++)
        siege_turn (siege);
    }
}

/* Too many calls. */

typedef struct
{
  guint n_answered;
  guint n_refused;
} Tally;

static void
replied_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Tally *tally = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply != NULL)
    {
      tally->n_answered++;
      return;
    }
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
  tally->n_refused++;
}

static void
test_hostile_many_calls (Siege        *siege,
                         gconstpointer data)
{
  const char *method = data;
  Tally tally = { 0 };
  guint n_sent = 0;

  while (n_sent < 10000)
    {
      GVariant *parameters = g_str_equal (method, "Watch")
                               ? g_variant_new ("(utu)", 50, G_GUINT64_CONSTANT (0), G_MAXUINT32)
                               : g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 500);

      g_dbus_connection_call (siege->inspector->bus, NULL, SIEGE_PATH, SIEGE_INTERFACE, method,
                              parameters, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                              replied_cb, &tally);
      n_sent++;
      /* As fast as the answers are read, so that it is their number alone that is too much. */
      if (n_sent % 500 == 0)
        SIEGE_WAIT_FOR (n_sent - tally.n_answered - tally.n_refused < 500);
    }
  SIEGE_WAIT_FOR (tally.n_answered + tally.n_refused == n_sent);
  g_assert_cmpuint (tally.n_answered, >=, 100);
  g_assert_cmpuint (tally.n_refused, >=, 1000);
  g_assert_false (siege->inspector->is_closed);
}

static GDBusMessage *
count_messages_cb (GDBusConnection *bus,
                   GDBusMessage    *message,
                   gboolean         incoming,
                   gpointer         user_data)
{
  if (incoming)
    g_atomic_int_inc ((int *) user_data);

  return message;
}

/* Until what was sent before is answered or refused. */
static void
settle (Siege *siege)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (siege->inspector, "GetSummary", NULL, &error);
  if (reply == NULL)
    g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
}

/* Calls that want no answer get none, and are not counted for ever. */
static void
test_hostile_calls_without_answers (Siege        *siege,
                                    gconstpointer data)
{
  int n_received = 0;
  guint filter;

  filter = g_dbus_connection_add_filter (siege->inspector->bus, count_messages_cb, &n_received,
                                         NULL);
  for (guint i = 0; i < 3000; i++)
    {
      g_dbus_connection_call (siege->inspector->bus, NULL, SIEGE_PATH, SIEGE_INTERFACE,
                              i % 3 == 0 ? "Nonsense" : "GetSummary", NULL, NULL,
                              G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
      if (i % 100 == 99)
        settle (siege);
    }
  g_dbus_connection_remove_filter (siege->inspector->bus, filter);
  g_assert_cmpint (g_atomic_int_get (&n_received), ==, 30);
  g_assert_false (siege->inspector->is_closed);
}

/* Not D-Bus, or not quite. */

/* Says who it is, as far as it is told to. */
static GIOStream *
connect_stream (Siege   *siege,
                gboolean begins)
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
  /* Besides the honest one, and the one before is gone. */
  SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 2);

  return stream;
}

static void
write_bytes (GIOStream    *stream,
             gconstpointer data,
             gsize         length)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), data, length, NULL, NULL,
                             NULL);
}

static guchar *
make_call (guint32  serial,
           gsize   *length)
{
  g_autoptr (GDBusMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  guchar *blob;

  message = g_dbus_message_new_method_call (NULL, SIEGE_PATH, SIEGE_INTERFACE, "GetConnections");
  g_dbus_message_set_body (message, g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 500));
  g_dbus_message_set_serial (message, serial);
  blob = g_dbus_message_to_blob (message, length, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  g_assert_no_error (error);

  return blob;
}

static void
test_hostile_half_a_message (Siege        *siege,
                             gconstpointer data)
{
  gsize length;
  g_autofree guchar *call = make_call (1, &length);

  for (gsize n = 1; n < length; n += 7)
    {
      g_autoptr (GIOStream) stream = connect_stream (siege, TRUE);

      write_bytes (stream, call, n);
      g_assert_true (g_io_stream_close (stream, NULL, NULL));
      SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 1);
    }
}

/* GDBus warns of what it cannot read, and closes the connection, as it should. */
static gboolean
is_fatal (const char     *domain,
          GLogLevelFlags  level,
          const char     *message,
          gpointer        user_data)
{
  return g_strcmp0 (domain, "GLib-GIO") != 0 || strstr (message, "_g_dbus_worker_") == NULL;
}

static void
log_cb (const char     *domain,
        GLogLevelFlags  level,
        const char     *message,
        gpointer        user_data)
{
  if (is_fatal (domain, level, message, NULL))
    g_log_default_handler (domain, level, message, NULL);
}

static void
test_hostile_noise (Siege        *siege,
                    gconstpointer data)
{
  gboolean begins = GPOINTER_TO_INT (data);
  guint handler;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  handler = g_log_set_handler ("GLib-GIO", G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, log_cb, NULL);

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GIOStream) stream = connect_stream (siege, begins);
      guint8 noise[4096];

      for (guint j = 0; j < sizeof noise; j++)
        noise[j] = (guint8) g_test_rand_int_range (0, 256);
      /* Sometimes it begins like a message that claims to be enormous. */
      if (i % 3 == 0)
        memcpy (noise, "l\1\0\1\xff\xff\xff\x07\1\0\0\0\xff\xff\xff\x03", 16);
      write_bytes (stream, noise, (gsize) g_test_rand_int_range (1, sizeof noise));
      for (guint n = i % 5; n > 0; n--)
        siege_turn (siege);
      g_assert_true (g_io_stream_close (stream, NULL, NULL));
      SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 1);
    }
  g_log_remove_handler ("GLib-GIO", handler);
  g_test_log_set_fatal_handler (NULL, NULL);
}

/* It neither says who it is nor goes. */
static void
test_hostile_silence (Siege        *siege,
                      gconstpointer data)
{
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 5; i++)
    g_ptr_array_add (streams, connect_stream (siege, FALSE));
  for (guint i = 0; i < 20; i++)
    siege_turn (siege);
  g_assert_cmpuint (wsm_exporter_get_n_clients (siege->exporter), ==, 1);
  siege_check_health (siege);
}

static gsize
get_resident_bytes (void)
{
  g_autofree char *text = NULL;
  gulong n_total;
  gulong n_resident;

  g_assert_true (g_file_get_contents ("/proc/self/statm", &text, NULL, NULL));
  g_assert_cmpint (sscanf (text, "%lu %lu", &n_total, &n_resident), ==, 2);

  return n_resident * (gsize) sysconf (_SC_PAGESIZE);
}

/* It calls and never reads: in the end it is cut off. */
static void
test_hostile_unread_answers (Siege        *siege,
                             gconstpointer data)
{
  g_autoptr (GIOStream) stream = connect_stream (siege, TRUE);
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  gsize resident = get_resident_bytes ();
  guint32 serial = 0;

  g_socket_set_blocking (socket, FALSE);
  while (wsm_exporter_get_n_clients (siege->exporter) > 1)
    {
      gsize length;
      g_autofree guchar *call = make_call (++serial, &length);
      gssize n = g_socket_send (socket, (const char *) call, length, NULL, NULL);

      /* Part of a message is noise, which is not what this is about. */
      if (n >= 0 && n < (gssize) length)
        g_error ("wrote half a message");
      if (n < 0 || serial % 100 == 0)
        siege_turn (siege);
      g_assert_cmpuint (serial, <, 100000);
    }
  g_test_message ("cut off after %u calls, %" G_GSIZE_FORMAT " KiB more", serial,
                  (get_resident_bytes () - resident) / 1024);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (get_resident_bytes (), <, resident + 8 * 1024 * 1024);
#endif
}

/* It watches everything, and never reads: it is told less and less, and costs nothing more. */
static void
test_hostile_unread_signals (Siege        *siege,
                             gconstpointer data)
{
  g_autoptr (GIOStream) stream = connect_stream (siege, TRUE);
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  g_autoptr (GDBusMessage) message = NULL;
  g_autofree guchar *call = NULL;
  gsize resident = 0;
  gsize n_read = 0;
  gsize length;
  gint64 end_us;
  char buffer[65536];

  message = g_dbus_message_new_method_call (NULL, SIEGE_PATH, SIEGE_INTERFACE, "Watch");
  g_dbus_message_set_body (message, g_variant_new ("(utu)", 50, G_GUINT64_CONSTANT (0),
                                                   G_MAXUINT32));
  g_dbus_message_set_serial (message, 1);
  call = g_dbus_message_to_blob (message, &length, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  write_bytes (stream, call, length);

  /* Rows that come are told whole, which fills the socket soon. */
  for (guint i = 0; i < N_FLOODS; i++)
    {
      g_autoptr (GPtrArray) brief = g_ptr_array_new_with_free_func (g_object_unref);

      end_us = g_get_monotonic_time () + 60 * 1000;
      for (guint j = 0; j < 300; j++)
        {
          WsmConnection *connection = wsm_connection_new ("ws://127.0.0.1/brief");

          g_ptr_array_add (brief, connection);
          g_assert_true (wsm_pool_add_connection (siege->pool, connection, NULL));
        }
      while (g_get_monotonic_time () < end_us)
        siege_turn (siege);
      /* On a slow machine it takes longer to tell so much. */
      if (i == 0)
        SIEGE_WAIT_FOR (g_socket_get_available_bytes (socket) > 100 * 1024);
      for (guint j = 0; j < brief->len; j++)
        g_assert_true (wsm_pool_remove (siege->pool, g_ptr_array_index (brief, j)));
      if (i == N_FLOODS / 2)
        resident = get_resident_bytes ();
    }
  g_test_message ("%" G_GSSIZE_FORMAT " KiB more",
                  ((gssize) get_resident_bytes () - (gssize) resident) / 1024);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (get_resident_bytes (), <, resident + 1024 * 1024);
#endif
  g_assert_cmpuint (wsm_exporter_get_n_clients (siege->exporter), ==, 2);

  /* What it can read now is what was in the socket, and little more. */
  g_socket_set_blocking (socket, FALSE);
  end_us = g_get_monotonic_time () + 200 * 1000;
  while (g_get_monotonic_time () < end_us)
    {
      gssize n = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);

      if (n > 0)
        n_read += (gsize) n;
      siege_turn (siege);
    }
  g_test_message ("%" G_GSIZE_FORMAT " KiB to read", n_read / 1024);
  g_assert_cmpuint (n_read, >, 100 * 1024);
  g_assert_cmpuint (n_read, <, 1024 * 1024);
  g_assert_true (g_io_stream_close (stream, NULL, NULL));
  SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 1);
}

/* Descriptors that nobody asked for are closed. */
static void
test_hostile_descriptors (Siege        *siege,
                          gconstpointer data)
{
  int ends[2];
  char rest;

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
      Tally tally = { 0 };

      g_assert_cmpint (g_unix_fd_list_append (descriptors, ends[1], NULL), ==, 0);
      g_dbus_connection_call_with_unix_fd_list (siege->inspector->bus, NULL, SIEGE_PATH,
                                                SIEGE_INTERFACE, "GetSummary", NULL, NULL,
                                                G_DBUS_CALL_FLAGS_NONE, G_MAXINT, descriptors,
                                                NULL, replied_cb, &tally);
      SIEGE_WAIT_FOR (tally.n_answered == 1);
    }
  close (ends[1]);

  /* The end is seen when the last writer is gone. */
  SIEGE_WAIT_FOR (read (ends[0], &rest, 1) == 0);
  close (ends[0]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func, data) \
  g_test_add ("/exporter-hostile/" path, Siege, data, siege_set_up, test_hostile_##func, \
              siege_tear_down)
  ADD ("arguments-that-make-no-sense", arguments, NULL);
  ADD ("windows-beyond-the-end", windows, NULL);
  ADD ("ten-thousand-watches", many_calls, "Watch");
  ADD ("ten-thousand-pages", many_calls, "GetConnections");
  ADD ("calls-that-want-no-answer", calls_without_answers, NULL);
  ADD ("half-a-message", half_a_message, NULL);
  ADD ("noise-instead-of-a-name", noise, GINT_TO_POINTER (FALSE));
  ADD ("noise-instead-of-messages", noise, GINT_TO_POINTER (TRUE));
  ADD ("silence", silence, NULL);
  ADD ("unread-answers", unread_answers, NULL);
  ADD ("unread-signals", unread_signals, NULL);
  ADD ("descriptors", descriptors, NULL);
#undef ADD

  return g_test_run ();
}
