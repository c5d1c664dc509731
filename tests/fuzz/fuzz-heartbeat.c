/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include "test-world.h"
#include "wsm-error.h"
#include "wsm-heartbeat-private.h"

#include <string.h>

/* What answers a beat, and what does not: the matcher by itself, and pongs and texts as they come
 * to an open connection. */

/* So many, of 2.5 s at most, and no more beats are missed than may be. */
#define MAX_STEPS 30

static WsmHeartbeat *
make_heartbeat (FuzzInput *input)
{
  WsmHeartbeatMode mode = fuzz_input_take_byte (input) % (WSM_HEARTBEAT_MODE_OFF + 1);
  WsmReplyMatch reply_match = fuzz_input_take_byte (input) % (WSM_REPLY_MATCH_REGEX + 1);
  guint8 bits = fuzz_input_take_byte (input);
  g_autofree char *payload = fuzz_input_take_utf8 (input, 64);
  g_autofree char *reply = fuzz_input_take_utf8 (input, 64);
  g_autoptr (GBytes) payload_bytes = fuzz_input_take_bytes (input, 64);

  return g_object_new (WSM_TYPE_HEARTBEAT,
                       "mode", mode,
                       "reply-match", reply_match,
                       "payload", (bits & 1) != 0 ? payload : NULL,
                       "reply", (bits & 2) != 0 ? reply : NULL,
                       "payload-bytes", (bits & 4) != 0 ? payload_bytes : NULL,
                       "hide-reply", (bits & 8) != 0,
                       NULL);
}

/* An exact reply with the number of the beat in each of its places, made another way. */
static char *
expand (const char *text,
        guint64     sequence)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, sequence);
  GString *result = g_string_new (text);

  g_string_replace (result, "%{seq}", number, 0);

  return g_string_free (result, FALSE);
}

static void
check_exact (WsmHeartbeat *heartbeat,
             guint64       sequence)
{
  gboolean is_text = wsm_heartbeat_get_mode (heartbeat) == WSM_HEARTBEAT_MODE_TEXT;
  const char *reply = wsm_heartbeat_get_reply (heartbeat);
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (!is_text || wsm_heartbeat_get_reply_match (heartbeat) != WSM_REPLY_MATCH_EXACT)
    return;

  text = expand (reply != NULL ? reply : wsm_heartbeat_get_payload (heartbeat), sequence);
  bytes = g_bytes_new (text, strlen (text));
  g_assert_cmpint (wsm_heartbeat_match_reply (heartbeat, SOUP_WEBSOCKET_DATA_TEXT, bytes, sequence),
                   ==, WSM_REPLY_CURRENT);
}

static gboolean
is_exact (WsmHeartbeat *heartbeat,
          GBytes       *message,
          guint64       sequence)
{
  const char *reply = wsm_heartbeat_get_reply (heartbeat);
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;

  text = expand (reply != NULL ? reply : wsm_heartbeat_get_payload (heartbeat), sequence);
  bytes = g_bytes_new (text, strlen (text));

  return g_bytes_equal (bytes, message);
}

static void
check_matcher (FuzzInput *input)
{
  g_autoptr (WsmHeartbeat) heartbeat = make_heartbeat (input);
  guint64 sequence = fuzz_input_take_number (input);
  SoupWebsocketDataType type = fuzz_input_take_byte (input) % 2 == 0 ? SOUP_WEBSOCKET_DATA_TEXT
                                                                     : SOUP_WEBSOCKET_DATA_BINARY;
  g_autoptr (GBytes) message = NULL;
  g_autoptr (GError) error = NULL;
  WsmReply reply;

  if (!wsm_heartbeat_validate (heartbeat, &error))
    {
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
      g_assert_true (g_str_has_prefix (error->message, "Heartbeat: "));
      g_assert_cmpuint (wsm_heartbeat_worst_case_detection (heartbeat), ==, 0);
      return;
    }
  g_assert_no_error (error);

  check_exact (heartbeat, sequence);
  if (wsm_heartbeat_get_mode (heartbeat) == WSM_HEARTBEAT_MODE_TEXT)
    {
      g_autoptr (GBytes) payload = wsm_heartbeat_dup_payload (heartbeat, sequence);
      g_autofree char *expected = expand (wsm_heartbeat_get_payload (heartbeat), sequence);

      g_assert_cmpmem (g_bytes_get_data (payload, NULL), g_bytes_get_size (payload),
                       expected, strlen (expected));
      if (wsm_heartbeat_get_reply_match (heartbeat) == WSM_REPLY_MATCH_EXACT &&
          wsm_heartbeat_get_reply (heartbeat) == NULL)
        g_assert_cmpint (wsm_heartbeat_match_reply (heartbeat, SOUP_WEBSOCKET_DATA_TEXT, payload,
                                                    sequence), ==, WSM_REPLY_CURRENT);
    }

  message = fuzz_input_take_rest (input);
  reply = wsm_heartbeat_match_reply (heartbeat, type, message, sequence);
  if (!wsm_heartbeat_expects_reply (heartbeat))
    g_assert_cmpint (reply, ==, WSM_REPLY_FOREIGN);
  else if (wsm_heartbeat_get_mode (heartbeat) == WSM_HEARTBEAT_MODE_TEXT &&
           wsm_heartbeat_get_reply_match (heartbeat) == WSM_REPLY_MATCH_EXACT)
    g_assert_cmpint (reply == WSM_REPLY_CURRENT, ==,
                     type == SOUP_WEBSOCKET_DATA_TEXT && is_exact (heartbeat, message, sequence));
}

static void
message_cb (WsmConnection         *connection,
            SoupWebsocketDataType  type,
            GBytes                *message,
            guint                 *n_messages)
{
  (*n_messages)++;
}

/* Pings are on their way; whatever comes back, only what belongs to them answers them. */
static void
check_connection (FuzzInput *input)
{
  WsmTestWorld *world = wsm_test_world_new (fuzz_input_take_byte (input));
  g_autoptr (WsmHeartbeat) heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                                                     "interval", 1000,
                                                     "timeout", 300,
                                                     "max-missed", 100,
                                                     NULL);
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/feed");
  WsmConnection *connection = wsm_pool_add (world->pool, "ws://127.0.0.1/feed", NULL);
  guint n_messages = 0;
  guint n_said = 0;

  wsm_connection_set_heartbeat (connection, heartbeat);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), &n_messages);
  wsm_test_world_run_ms (world, 10);
  peer->deaf = TRUE;

  for (guint i = 0; i < MAX_STEPS && input->length > 0; i++)
    {
      guint8 byte = fuzz_input_take_byte (input);
      g_autofree char *text = fuzz_input_take_utf8 (input, 125);

      /* libFuzzer looks over the shoulder of strcmp () and could learn what was sent. */
      if (g_str_has_prefix (text, "wsm-"))
        text[0] = 'x';
      if (byte % 4 == 0)
        {
          wsm_test_peer_say (peer, text);
          n_said++;
        }
      else
        {
          wsm_test_peer_pong (peer, text);
        }
      wsm_test_world_run_ms (world, byte * 10);
    }

  wsm_test_world_run_ms (world, 10);
  g_assert_cmpuint (wsm_connection_get_n_beats_answered (connection), ==, 0);
  g_assert_cmpuint (n_messages, ==, n_said);
  wsm_test_world_free (world);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  FuzzInput input = { data, length };

  if (length > 4096)
    return 0;

  if (fuzz_input_take_byte (&input) % 8 == 0)
    check_connection (&input);
  else
    check_matcher (&input);

  return 0;
}
