/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "siege.h"
#include "test-process.h"

#define N_FLOODS 40

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

/* Not D-Bus, or not quite. */

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
      g_autoptr (GIOStream) stream = siege_connect_stream (siege, TRUE);

      write_bytes (stream, call, n);
      g_assert_true (g_io_stream_close (stream, NULL, NULL));
      SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 1);
    }
}

static void
test_hostile_noise (Siege        *siege,
                    gconstpointer data)
{
  gboolean begins = GPOINTER_TO_INT (data);

  siege_expect_noise (siege);

  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GIOStream) stream = siege_connect_stream (siege, begins);
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
  siege_forget_noise (siege);
}

/* It neither says who it is nor goes. */
static void
test_hostile_silence (Siege        *siege,
                      gconstpointer data)
{
  g_autoptr (GPtrArray) streams = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < 5; i++)
    g_ptr_array_add (streams, siege_connect_stream (siege, FALSE));
  for (guint i = 0; i < 20; i++)
    siege_turn (siege);
  g_assert_cmpuint (wsm_exporter_get_n_clients (siege->exporter), ==, 1);
  siege_check_health (siege);
}

/* It calls and never reads: in the end it is cut off. */
static void
test_hostile_unread_answers (Siege        *siege,
                             gconstpointer data)
{
  g_autoptr (GIOStream) stream = siege_connect_stream (siege, TRUE);
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  gsize resident = test_process_count_resident ();
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
                  (test_process_count_resident () - resident) / 1024);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (test_process_count_resident (), <, resident + 8 * 1024 * 1024);
#endif
}

/* It watches everything, and never reads: it is told less and less, and costs nothing more. */
static void
test_hostile_unread_signals (Siege        *siege,
                             gconstpointer data)
{
  g_autoptr (GIOStream) stream = siege_connect_stream (siege, TRUE);
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
        resident = test_process_count_resident ();
    }
  g_test_message ("%" G_GSSIZE_FORMAT " KiB more",
                  ((gssize) test_process_count_resident () - (gssize) resident) / 1024);
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (test_process_count_resident (), <, resident + 1024 * 1024);
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

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func, data) \
  g_test_add ("/exporter-hostile/" path, Siege, data, siege_set_up, test_hostile_##func, \
              siege_tear_down)
  ADD ("windows-beyond-the-end", windows, NULL);
  ADD ("half-a-message", half_a_message, NULL);
  ADD ("noise-instead-of-a-name", noise, GINT_TO_POINTER (FALSE));
  ADD ("noise-instead-of-messages", noise, GINT_TO_POINTER (TRUE));
  ADD ("silence", silence, NULL);
  ADD ("unread-answers", unread_answers, NULL);
  ADD ("unread-signals", unread_signals, NULL);
#undef ADD

  return g_test_run ();
}
