/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <string.h>

#include "fault-scene.h"
#include "matrix.h"
#include "test-loop.h"

/* What a peer says on an open connection that it should not, or that only few do. */

#define CLOSE_TIMEOUT_MS 300
#define LIMIT 100000

#define LOG_RETRY "WAITING disconnected+"
#define LOG_CLOSED "CLOSING CLOSED disconnected closed"
#define LOG_FAILED "FAILED disconnected failed"

/* A close frame, and what is to be told of it. */
typedef struct
{
  const char *name;
  const char *path;
  const char *log;
  guint code;      /* that is told; 0: broken protocol */
  guint bound_ms;  /* of the next attempt's delay */
  const char *reason;
} Close;

static const Close closes[] = {
  { "none", "/close-no-code", LOG_RETRY, 1005, 100, NULL },
  { "999", "/close/999", LOG_FAILED, 0, 0, NULL },
  { "1000", "/close/1000", LOG_CLOSED, 1000, 0, NULL },
  { "1000-with-reason", "/close/1000?reason=so+it+is", LOG_CLOSED, 1000, 0, "so it is" },
  { "1001", "/close/1001", LOG_RETRY, 1001, 100, NULL },
  { "1002", "/close/1002", LOG_FAILED, 1002, 0, NULL },
  { "1003", "/close/1003", LOG_FAILED, 1003, 0, NULL },
  { "1004", "/close/1004", LOG_FAILED, 0, 0, NULL },
  { "1005", "/close/1005", LOG_FAILED, 0, 0, NULL },
  { "1006", "/close/1006", LOG_FAILED, 0, 0, NULL },
  { "1007", "/close/1007", LOG_FAILED, 1007, 0, NULL },
  { "1008", "/close/1008?reason=so+it+is", LOG_FAILED, 1008, 0, "so it is" },
  { "1009", "/close/1009", LOG_FAILED, 1009, 0, NULL },
  { "1010", "/close/1010", LOG_FAILED, 1010, 0, NULL },
  { "1011", "/close/1011", LOG_RETRY, 1011, 100, NULL },
  { "1012", "/close/1012?reason=so+it+is", LOG_RETRY, 1012, 100, "so it is" },
  { "1013", "/close/1013", LOG_RETRY, 1013, 200, NULL },
  { "1014", "/close/1014", LOG_RETRY, 1014, 100, NULL },
  { "1015", "/close/1015", LOG_FAILED, 0, 0, NULL },
  { "2999", "/close/2999", LOG_FAILED, 0, 0, NULL },
  { "3000", "/close/3000", LOG_RETRY, 3000, 100, NULL },
  { "4000", "/close/4000", LOG_FAILED, 4000, 0, NULL },
  { "4999", "/close/4999", LOG_FAILED, 4999, 0, NULL },
  { "5000", "/close/5000", LOG_FAILED, 0, 0, NULL },
  { "one-byte", "/close-one-byte", LOG_FAILED, 0, 0, NULL },
  { "reason-is-no-text", "/close-no-text", LOG_FAILED, 0, 0, NULL },
  { "reason-of-124-bytes", "/close/1000?reason-length=124", LOG_FAILED, 0, 0, NULL },
  { "reason-of-130-bytes", "/close/1000?reason-length=130", LOG_FAILED, 0, 0, NULL },
  { "reason-of-123-bytes", "/close/1000?reason-length=123", LOG_CLOSED, 1000, 0,
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
};

/* It goes wrong when the app has said something. */
static char *
make_path_on_message (const char *path)
{
  return g_strconcat (path, strchr (path, '?') != NULL ? "&" : "?", "on=message", NULL);
}

static void
test_close (FaultScene    *fixture,
            gconstpointer  data)
{
  const Close *close = data;
  g_autofree char *path = make_path_on_message (close->path);
  g_autofree char *other_uri = wsm_faults_server_dup_uri (fixture->server, "/echo");
  g_autoptr (Witness) other = scene_open_uri (fixture->scene, other_uri);
  WsmConnection *connection = fault_scene_open (fixture, path)->connection;
  gboolean retries = g_str_equal (close->log, LOG_RETRY);
  int error = close->code != 0 ? (int) WSM_ERROR_PEER_CLOSED : (int) WSM_ERROR_PROTOCOL;
  const WsmReason *reason;
  double elapsed_ms;

  elapsed_ms = fault_scene_go_wrong (fixture);
  g_assert_cmpfloat (elapsed_ms, <, AT_ONCE_MS);
  witness_assert_log (fixture->witness, close->log);
  fault_scene_assert_reason (fixture, close->code != 0 ? WSM_REASON_CODE_PEER_CLOSED
                                                       : WSM_REASON_CODE_PROTOCOL);
  reason = fixture->witness->reason;
  g_assert_cmpuint (wsm_reason_get_close_code (reason), ==, close->code);
  g_assert_cmpuint (wsm_connection_get_close_code (connection), ==, close->code);
  g_assert_cmpstr (wsm_connection_get_close_reason (connection), ==, close->reason);
  g_assert_error (wsm_connection_get_error (connection), WSM_ERROR, error);

  g_assert_cmpuint (wsm_reason_get_delay_bound (reason), ==, close->bound_ms);
  g_assert_cmpuint (wsm_reason_get_attempt (reason), ==, retries ? 2 : 0);
  if (retries)
    {
      g_assert_cmpuint (wsm_reason_get_delay (reason), >=, 100);
      WAIT_FOR (fixture->witness->n_opened == 2);
      witness_assert_log (fixture->witness, "CONNECTING OPEN reopened");
      g_assert_cmpuint (wsm_connection_get_n_reconnects (connection), ==, 1);
    }
  else
    {
      g_assert_cmpint (wsm_connection_get_next_retry_at (connection), ==, 0);
      test_loop_run_ms (150);
      witness_assert_log (fixture->witness, "");

      /* The end is not for ever. */
      wsm_connection_open (connection, NULL);
      WAIT_FOR (fixture->witness->n_opened == 2);
      witness_assert_log (fixture->witness, "CONNECTING OPEN reopened");
    }
  witness_assert_log (other, "");

  matrix_measured ("F29", "%s: %s after %.1f ms", close->name,
                   close->code == 0 ? "broken protocol, failed" :
                   retries ? "another attempt" :
                   g_str_equal (close->log, LOG_CLOSED) ? "closed" : "failed", elapsed_ms);
}

/* Tells of the end of a socket by a fault of the peer that trying again would not mend. */
static double
go_wrong_for_good (FaultScene    *fixture,
                   WsmReasonCode  code)
{
  double elapsed_ms;

  wsm_connection_set_close_timeout (fixture->witness->connection, CLOSE_TIMEOUT_MS);
  elapsed_ms = fault_scene_go_wrong (fixture);
  g_assert_cmpfloat (elapsed_ms, <, CLOSE_TIMEOUT_MS);
  fault_scene_assert_reason (fixture, code);
  test_loop_run_ms (20);
  witness_assert_log (fixture->witness, LOG_FAILED);
  g_assert_cmpuint (fixture->witness->messages->len, ==, 0);

  return elapsed_ms;
}

static const char * const wrong_frames[] = {
  "/wrong/masked", "/wrong/rsv1", "/wrong/rsv2", "/wrong/rsv3", "/wrong/stray-continuation",
  "/wrong/interleaved", "/wrong/fragmented-ping", "/wrong/fragmented-close",
  "/wrong/long-length-16", "/wrong/long-length-64", "/ping/126", "/ping/70000", "/opcode/3",
  "/opcode/4", "/opcode/5", "/opcode/6", "/opcode/7", "/opcode/11", "/opcode/12", "/opcode/13",
  "/opcode/14", "/opcode/15",
};

static void
test_wrong_frame (FaultScene    *fixture,
                  gconstpointer  data)
{
  const char *path = data;
  g_autofree char *full_path = g_strconcat (path, "?on=message&then=after+all", NULL);
  double elapsed_ms;

  fault_scene_open (fixture, full_path);
  elapsed_ms = go_wrong_for_good (fixture, WSM_REASON_CODE_PROTOCOL);
  g_assert_error (wsm_connection_get_error (fixture->witness->connection), WSM_ERROR,
                  WSM_ERROR_PROTOCOL);

  matrix_measured ("F30", "%s: %.1f ms", path + 1, elapsed_ms);
}

static const char * const wrong_texts[] = {
  "bad", "split-bad", "truncated", "surrogate", "overlong", "too-high",
};

static void
test_wrong_text (FaultScene    *fixture,
                 gconstpointer  data)
{
  const char *name = data;
  g_autofree char *path = g_strdup_printf ("/wrong/utf8-%s?on=message&then=after+all", name);
  double elapsed_ms;

  fault_scene_open (fixture, path);
  elapsed_ms = go_wrong_for_good (fixture, WSM_REASON_CODE_PROTOCOL);

  matrix_measured ("F31", "%s: refused after %.1f ms", name, elapsed_ms);
}

/* A text that looks wrong and is not. */
typedef struct
{
  const char *name;
  const char *text;
  gsize length;
} OddText;

static const OddText odd_texts[] = {
  { "split-good", "\xc3\xa9", 2 },
  { "nul", "a\0b", 3 },
};

static void
test_odd_text (FaultScene    *fixture,
               gconstpointer  data)
{
  const OddText *odd = data;
  g_autofree char *path = g_strdup_printf ("/wrong/utf8-%s?then=after+all", odd->name);
  g_autoptr (GBytes) expected = g_bytes_new_static (odd->text, odd->length);

  fault_scene_open (fixture, path);
  WAIT_FOR (fixture->witness->messages->len == 2);
  g_assert_true (g_bytes_equal (g_ptr_array_index (fixture->witness->messages, 0), expected));
  g_assert_cmpstr (witness_get_text (fixture->witness, 1), ==, "after all");
  witness_assert_log (fixture->witness, "");

  matrix_measured ("F31", "%s: delivered", odd->name);
}

/* A message of a size, under a limit. */
typedef struct
{
  const char *path;
  guint64 limit;
  guint64 size; /* 0: too big, unless the path says 0 */
} Size;

#define DEFAULT_LIMIT (16 * 1024 * 1024)

static const Size sizes[] = {
  { "/frame/0", DEFAULT_LIMIT, 0 },
  { "/frame/1", DEFAULT_LIMIT, 1 },
  { "/frame/125", DEFAULT_LIMIT, 125 },
  { "/frame/126", DEFAULT_LIMIT, 126 },
  { "/frame/65535", DEFAULT_LIMIT, 65535 },
  { "/frame/65536", DEFAULT_LIMIT, 65536 },
  { "/frame/131072", DEFAULT_LIMIT, 131072 },
  { "/frame/131073", DEFAULT_LIMIT, 131073 },
  { "/frame/100000", LIMIT, LIMIT },
  { "/fragments/100000", LIMIT, LIMIT },
  { "/frame/1", 1, 1 },
};

static void
test_size (FaultScene    *fixture,
           gconstpointer  data)
{
  const Size *size = data;
  g_autofree char *path = make_path_on_message (size->path);

  fault_scene_open (fixture, path);
  wsm_connection_set_max_message_size (fixture->witness->connection, size->limit);
  g_assert_true (wsm_connection_send_text (fixture->witness->connection, "go", NULL));
  WAIT_FOR (fixture->witness->messages->len == 1);
  g_assert_cmpuint (g_bytes_get_size (g_ptr_array_index (fixture->witness->messages, 0)), ==,
                    size->size);
  witness_assert_log (fixture->witness, "");

  matrix_measured ("F32", "%s: delivered", size->path + 1);
}

static const Size too_big[] = {
  { "/frame/100001", LIMIT, 0 },
  { "/fragments/100001", LIMIT, 0 },
  { "/frame/2", 1, 0 },
  { "/length/2147483648", DEFAULT_LIMIT, 0 },
  { "/length/9223372036854775807", DEFAULT_LIMIT, 0 },
  { "/length/9223372036854775808", DEFAULT_LIMIT, 0 },
  { "/length/18446744073709551615", DEFAULT_LIMIT, 0 },
  { "/length/9223372036854775807", 1, 0 },
  { "/length/18446744073709551615", 1, 0 },
  { "/length/9223372036854775807", G_MAXINT32, 0 },
  { "/length/18446744073709551615", G_MAXINT32, 0 },
  { "/length/9223372036854775807", G_MAXUINT64, 0 },
  { "/length/9223372036854775808", G_MAXUINT64, 0 },
  { "/length/18446744073709551615", G_MAXUINT64, 0 },
};

static void
test_too_big (FaultScene    *fixture,
              gconstpointer  data)
{
  const Size *size = data;
  g_autofree char *path = make_path_on_message (size->path);
  double elapsed_ms;

  fault_scene_open (fixture, path);
  wsm_connection_set_max_message_size (fixture->witness->connection, size->limit);
  g_assert_true (wsm_connection_get_limits_enforced (fixture->witness->connection));
  elapsed_ms = go_wrong_for_good (fixture, WSM_REASON_CODE_TOO_BIG);
  g_assert_error (wsm_connection_get_error (fixture->witness->connection), WSM_ERROR,
                  WSM_ERROR_TOO_BIG);

  matrix_measured ("F32", "%s: too big, after %.1f ms", size->path + 1, elapsed_ms);
}

static void
allow_deflate (FaultScene *fixture)
{
  soup_session_add_feature_by_type (wsm_pool_get_session (fixture->scene->pool),
                                    SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
}

static void
test_deflate_is_off (FaultScene    *fixture,
                     gconstpointer  data)
{
  fault_scene_open (fixture, "/deflate/two?on=message");
  g_assert_null (strstr (wsm_faults_server_get_last_request (fixture->server),
                         "Sec-WebSocket-Extensions"));
  g_assert_cmpstr (wsm_connection_get_extensions (fixture->witness->connection), ==, NULL);
  go_wrong_for_good (fixture, WSM_REASON_CODE_PROTOCOL);

  matrix_measured ("F34", "not asked for: a compressed message is broken protocol");
}

static void
test_unasked_deflate (FaultScene    *fixture,
                      gconstpointer  data)
{
  fault_scene_add (fixture, "/handshake/unasked-deflate");
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_WAITING));
  fault_scene_assert_reason (fixture, WSM_REASON_CODE_BAD_HANDSHAKE);
  g_assert_cmpuint (fixture->witness->n_opened, ==, 0);

  matrix_measured ("F34", "not asked for: a server that wants it is no WebSocket");
}

static void
test_deflate (FaultScene    *fixture,
              gconstpointer  data)
{
  const char *path = data;

  allow_deflate (fixture);
  fault_scene_open (fixture, path);
  g_assert_true (g_str_has_prefix (wsm_connection_get_extensions (fixture->witness->connection),
                                   "permessage-deflate"));
  WAIT_FOR (fixture->witness->messages->len == 2);
  g_assert_cmpstr (witness_get_text (fixture->witness, 0), ==, "again and again");
  g_assert_cmpstr (witness_get_text (fixture->witness, 1), ==, "again and again");
  witness_assert_log (fixture->witness, "");

  matrix_measured ("F34", "two messages, one context: delivered");
}

static void
test_bad_deflate (FaultScene    *fixture,
                  gconstpointer  data)
{
  double elapsed_ms;

  allow_deflate (fixture);
  fault_scene_open (fixture, "/deflate/rubbish?on=message&then=after+all");
  elapsed_ms = go_wrong_for_good (fixture, WSM_REASON_CODE_PROTOCOL);

  matrix_measured ("F34", "bad stream: broken protocol after %.1f ms, nothing delivered",
                   elapsed_ms);
}

static void
test_bomb (FaultScene    *fixture,
           gconstpointer  data)
{
  double elapsed_ms;

  allow_deflate (fixture);
  fault_scene_open (fixture, "/deflate/bomb/2000000?on=message&then=after+all");
  wsm_connection_set_max_message_size (fixture->witness->connection, LIMIT);
  elapsed_ms = go_wrong_for_good (fixture, WSM_REASON_CODE_TOO_BIG);

  matrix_measured ("F34", "2 MB in 2 KB with a limit of 100 KB: too big, after %.1f ms",
                   elapsed_ms);
}

/* The end of the stream in the middle of the connection: the message itself is in order. */
static void
test_final_block (FaultScene    *fixture,
                  gconstpointer  data)
{
  allow_deflate (fixture);
  fault_scene_open (fixture, "/deflate/final?then=after+all");
  WAIT_FOR (fixture->witness->messages->len == 2 || fixture->witness->n_ended == 1);
  if (fixture->witness->n_ended == 0)
    {
      g_assert_cmpstr (witness_get_text (fixture->witness, 0), ==, "the last one");
      matrix_measured ("F34", "final block: delivered");
    }
  else
    {
      g_assert_cmpuint (fixture->witness->messages->len, ==, 0);
      fault_scene_assert_reason (fixture, WSM_REASON_CODE_PROTOCOL);
      matrix_measured ("F34", "final block: broken protocol");
    }
}

static void
connection_opened_cb (WsmConnection *connection,
                      gboolean       reconnected,
                      Witness       *witness)
{
  g_assert_cmpuint (witness->messages->len, ==, 0);
}

static void
test_glued (FaultScene    *fixture,
            gconstpointer  data)
{
  guint n_messages = GPOINTER_TO_UINT (data);
  g_autofree char *path = g_strdup_printf ("/handshake/glue/%u", n_messages);
  Witness *witness = fault_scene_add (fixture, path);

  g_signal_connect (witness->connection, "opened", G_CALLBACK (connection_opened_cb), witness);
  WAIT_FOR (witness->messages->len == n_messages);
  for (guint i = 0; i < n_messages; i++)
    {
      g_autofree char *text = g_strdup_printf ("glued %u", i + 1);

      g_assert_cmpstr (witness_get_text (witness, i), ==, text);
    }
  witness_assert_log (witness, "CONNECTING OPEN opened");
  g_assert_true (wsm_connection_send_text (witness->connection, "hello", NULL));
  WAIT_FOR (witness->messages->len == n_messages + 1);

  matrix_measured ("F38", "%u messages: delivered in order after `opened`", n_messages);
}

static void
add (const char    *path,
     const char    *variant,
     gconstpointer  data,
     void         (*test) (FaultScene *, gconstpointer))
{
  g_autofree char *full_path = g_strconcat (path, variant, NULL);

  g_test_add (full_path, FaultScene, data, fault_scene_set_up, test, fault_scene_tear_down);
}

static void
add_sizes (const char *path,
           const Size *table,
           gsize       length,
           void      (*test) (FaultScene *, gconstpointer))
{
  for (gsize i = 0; i < length; i++)
    {
      g_autofree char *variant = g_strdup_printf ("%s-of-%" G_GUINT64_FORMAT, table[i].path,
                                                  table[i].limit);

      g_strdelimit (variant + 1, "/", '-');
      add (path, variant, &table[i], test);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (closes); i++)
    add ("/matrix/f29-close/", closes[i].name, &closes[i], test_close);
  for (guint i = 0; i < G_N_ELEMENTS (wrong_frames); i++)
    add ("/matrix/f30-wrong-frame", wrong_frames[i], wrong_frames[i], test_wrong_frame);
  for (guint i = 0; i < G_N_ELEMENTS (wrong_texts); i++)
    add ("/matrix/f31-wrong-text/", wrong_texts[i], wrong_texts[i], test_wrong_text);
  for (guint i = 0; i < G_N_ELEMENTS (odd_texts); i++)
    add ("/matrix/f31-odd-text/", odd_texts[i].name, &odd_texts[i], test_odd_text);
  add_sizes ("/matrix/f32-size", sizes, G_N_ELEMENTS (sizes), test_size);
  add_sizes ("/matrix/f32-too-big", too_big, G_N_ELEMENTS (too_big), test_too_big);
  add ("/matrix/f34-deflate-is-off", NULL, NULL, test_deflate_is_off);
  add ("/matrix/f34-unasked-deflate", NULL, NULL, test_unasked_deflate);
  add ("/matrix/f34-deflate", NULL, "/deflate/two", test_deflate);
  add ("/matrix/f34-bad-deflate", NULL, NULL, test_bad_deflate);
  add ("/matrix/f34-bomb", NULL, NULL, test_bomb);
  add ("/matrix/f34-final-block", NULL, NULL, test_final_block);
  add ("/matrix/f38-glued-to-the-handshake/", "3", GUINT_TO_POINTER (3), test_glued);
  add ("/matrix/f38-glued-to-the-handshake/", "100", GUINT_TO_POINTER (100), test_glued);

  return g_test_run ();
}
