/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

#include <string.h>
#include <sys/mman.h>

/* Bad inputs 59 to 76, as far as a call at the wrong time, of the wrong kind or too often goes, on
 * a clock that is moved by hand. */

static void
assert_error_says (GError     **error,
                   WsmError     code,
                   const char  *name,
                   const char  *remedy)
{
  g_assert_error (*error, WSM_ERROR, (int) code);
  g_assert_nonnull (strstr ((*error)->message, name));
  g_assert_nonnull (strstr ((*error)->message, remedy));
  g_clear_error (error);
}

/* 59: sent in each state. */

static void
test_send_in_any_state (void)
{
  for (guint state = 0; state <= WSM_STATE_FAILED; state++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", (WsmState) state);
      gboolean is_open = state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT;
      gboolean is_over = state == WSM_STATE_CLOSING || state == WSM_STATE_CLOSED ||
                         state == WSM_STATE_FAILED;
      g_autoptr (GBytes) bytes = g_bytes_new_static ("b", 1);
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (wsm_connection_send_text (feed, "a", &error), ==, is_open);
      if (!is_open)
        assert_error_says (&error, WSM_ERROR_NOT_OPEN, "ws://127.0.0.1/a",
                           is_over ? "open it again" : "queue-while-closed");
      g_assert_cmpint (wsm_connection_send_bytes (feed, bytes, &error), ==, is_open);
      if (!is_open)
        assert_error_says (&error, WSM_ERROR_NOT_OPEN, "ws://127.0.0.1/a",
                           is_over ? "open it again" : "opened");
      g_assert_cmpuint (wsm_connection_get_buffered (feed), ==, is_open ? 2 : 0);

      g_string_truncate (world->log, 0);
      wsm_test_world_free (world);
    }
}

/* 64: opened twice is opened once. */
static void
test_open_twice (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_add (world, "/a", NULL, NULL);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  for (guint i = 0; i < 3; i++)
    g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  g_assert_true (wsm_connection_open (feed, NULL));
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (peer->n_attempts, ==, 1);
  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);

  g_string_truncate (world->log, 0);
  wsm_test_world_free (world);
}

/* 66: a handler that runs the loop for a minute. */

static void
message_runs_loop_cb (WsmConnection         *connection,
                      SoupWebsocketDataType  type,
                      GBytes                *message,
                      WsmTestWorld          *world)
{
  guint64 n_answered = wsm_connection_get_n_beats_answered (connection);
  WsmConnection *other = wsm_pool_lookup (world->pool, "ws://127.0.0.1/b");
  guint64 n_other = wsm_connection_get_n_beats_answered (other);

  wsm_test_clock_advance (world->clock, 60 * G_USEC_PER_SEC);
  /* A beat a second for each, this one included. */
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (connection), >=, n_answered + 55);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (other), >=, n_other + 55);
}

static void
test_nested_loop (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feeds[] = {
    wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN),
    wsm_test_world_bring_to (world, "/b", WSM_STATE_OPEN),
  };

  g_signal_connect (feeds[0], "message", G_CALLBACK (message_runs_loop_cb), world);
  wsm_test_peer_say (wsm_test_world_get_peer (world, "/a"), "a minute, please");
  wsm_test_world_run_ms (world, 1000);
  for (guint i = 0; i < G_N_ELEMENTS (feeds); i++)
    {
      g_assert_cmpint (wsm_connection_get_state (feeds[i]), ==, WSM_STATE_OPEN);
      g_assert_cmpuint (wsm_connection_get_n_reconnects (feeds[i]), ==, 0);
    }

  wsm_test_world_assert_log (world, "message(a minute, please)");
  wsm_test_world_free (world);
}

/* 67: a handler that holds the loop for ten seconds, ten times as long as beats are apart. */

static void
message_blocks_cb (WsmConnection         *connection,
                   SoupWebsocketDataType  type,
                   GBytes                *message,
                   WsmTestWorld          *world)
{
  wsm_test_clock_jump (world->clock, 10 * G_USEC_PER_SEC);
}

static void
test_blocking_handler (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);

  g_signal_connect (feed, "message", G_CALLBACK (message_blocks_cb), world);
  wsm_test_peer_say (wsm_test_world_get_peer (world, "/a"), "hold on");
  wsm_test_world_run_ms (world, 5000);
  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);
  g_assert_cmpuint (wsm_connection_get_n_reconnects (feed), ==, 0);

  g_string_truncate (world->log, 0);
  wsm_test_world_free (world);
}

/* 73: nothing, and two GiB. */

#define TWO_GIB (G_GUINT64_CONSTANT (1) << 31)

static void
test_sizes (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (GBytes) empty = g_bytes_new (NULL, 0);
  g_autoptr (GBytes) huge = NULL;
  g_autoptr (GError) error = NULL;
  void *pages;

  g_assert_true (wsm_connection_send_bytes (feed, empty, &error));
  g_assert_no_error (error);
  g_assert_true (wsm_connection_send_text (feed, "", &error));
  g_assert_no_error (error);
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 2);
  g_assert_cmpuint (wsm_connection_get_n_bytes_sent (feed), ==, 0);

  /* Never touched, so it takes no memory. */
  pages = mmap (NULL, TWO_GIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  g_assert_true (pages != MAP_FAILED);
  huge = g_bytes_new_static (pages, TWO_GIB);
  g_assert_false (wsm_connection_send_bytes (feed, huge, &error));
  assert_error_says (&error, WSM_ERROR_TOO_BIG, "2147483648", "outbox-limit");

  /* libsoup cannot frame it, whatever the app allows. */
  wsm_connection_set_outbox_limit (feed, G_MAXUINT64);
  g_assert_false (wsm_connection_send_bytes (feed, huge, &error));
  assert_error_says (&error, WSM_ERROR_TOO_BIG, "2147483648", "several");
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (feed), ==, 2);
  g_clear_pointer (&huge, g_bytes_unref);
  munmap (pages, TWO_GIB);

  wsm_test_world_assert_log (world, "message() message()");
  wsm_test_world_free (world);
}

/* 74: what no endpoint may send in a close frame (RFC 6455, 7.4). */
static void
test_close_codes (void)
{
  static const struct
  {
    guint code;
    gboolean is_good;
  } codes[] = {
    { 0, TRUE }, /* none is sent */
    { 1, FALSE }, { 999, FALSE }, { 1000, TRUE }, { 1001, TRUE }, { 1002, TRUE }, { 1003, TRUE },
    { 1004, FALSE }, { 1005, FALSE }, { 1006, FALSE }, { 1007, TRUE }, { 1008, TRUE },
    { 1009, TRUE }, { 1010, TRUE }, { 1011, FALSE }, { 1015, FALSE }, { 2000, FALSE },
    { 2999, FALSE }, { 3000, TRUE }, { 4999, TRUE }, { 5000, FALSE }, { 65535, FALSE },
    { 65536, FALSE }, { 65536 + 1000, FALSE }, { G_MAXUINT, FALSE },
  };
  g_autofree char *longest = g_strnfill (123, 'x');
  g_autofree char *too_long = g_strnfill (124, 'x');
  const struct
  {
    const char *reason;
    gboolean is_good;
  } reasons[] = {
    { NULL, TRUE }, { "", TRUE }, { longest, TRUE }, { too_long, FALSE }, { "\xff", FALSE },
    { "\xe2\x82", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes) + G_N_ELEMENTS (reasons); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
      gboolean is_code = i < G_N_ELEMENTS (codes);
      guint row = is_code ? i : i - G_N_ELEMENTS (codes);
      guint code = is_code ? codes[row].code : 1000;
      const char *reason = is_code ? NULL : reasons[row].reason;
      gboolean is_good = is_code ? codes[row].is_good : reasons[row].is_good;
      g_autoptr (GError) error = NULL;

      g_test_message ("code %u, reason %s", code, reason != NULL ? "given" : "none");
      g_assert_cmpint (wsm_connection_close (feed, code, reason, &error), ==, is_good);
      if (!is_good)
        {
          g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_OPEN);
          assert_error_says (&error, WSM_ERROR_INVALID_CLOSE, "ws://127.0.0.1/a",
                             is_code ? "code" : "reason");
        }

      g_string_truncate (world->log, 0);
      wsm_test_world_free (world);
    }
}

/* 76: however a signal is connected. */

static guint n_plain;
static guint n_after;
static guint n_once;
static guint n_detailed;

static void
plain_cb (WsmConnection *connection)
{
  g_assert_cmpuint (n_after, ==, n_plain);
  n_plain++;
}

static void
after_cb (WsmConnection *connection)
{
  n_after++;
  g_assert_cmpuint (n_after, ==, n_plain);
}

static void
once_cb (WsmConnection         *connection,
         SoupWebsocketDataType  type,
         GBytes                *message,
         gpointer               user_data)
{
  n_once++;
  g_signal_handlers_disconnect_by_func (connection, once_cb, user_data);
}

static void
detailed_cb (WsmConnection *connection)
{
  n_detailed++;
}

static void
test_ways_to_connect (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/a");

  g_signal_connect (feed, "message", G_CALLBACK (plain_cb), NULL);
  g_signal_connect_after (feed, "message", G_CALLBACK (after_cb), NULL);
  g_signal_connect (feed, "message", G_CALLBACK (once_cb), NULL);
  g_signal_connect (feed, "notify::state", G_CALLBACK (detailed_cb), NULL);
  for (guint i = 0; i < 3; i++)
    wsm_test_peer_say (peer, "a");
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (n_plain, ==, 3);
  g_assert_cmpuint (n_after, ==, 3);
  g_assert_cmpuint (n_once, ==, 1);
  g_assert_cmpuint (n_detailed, ==, 0);

  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (n_detailed, ==, 1);

  g_string_truncate (world->log, 0);
  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/inputs/59-send-in-any-state", test_send_in_any_state);
  g_test_add_func ("/inputs/64-open-twice", test_open_twice);
  g_test_add_func ("/inputs/66-nested-loop-for-a-minute", test_nested_loop);
  g_test_add_func ("/inputs/67-handler-blocks-for-ten-seconds", test_blocking_handler);
  g_test_add_func ("/inputs/73-nothing-and-two-gigabytes", test_sizes);
  g_test_add_func ("/inputs/74-close-codes-and-reasons", test_close_codes);
  g_test_add_func ("/inputs/76-ways-to-connect-signals", test_ways_to_connect);

  return g_test_run ();
}
