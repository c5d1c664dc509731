/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include <string.h>

/* What the library tells who debugs, with G_MESSAGES_DEBUG=libwsmulti, which this program needs. */

typedef struct
{
  GString *text; /* (owned) */
} Log;

static void
write_down (const char     *domain,
            GLogLevelFlags  level,
            const char     *message,
            gpointer        user_data)
{
  Log *log = user_data;

  g_assert_cmpint (level & G_LOG_LEVEL_MASK, ==, G_LOG_LEVEL_DEBUG);
  g_assert_null (strpbrk (message, "\r\n"));
  g_string_append_printf (log->text, "%s\n", message);
}

static void
test_states (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  Log log = { g_string_new (NULL) };
  WsmTestPeer *peer = wsm_test_world_get_peer (world, "/");
  WsmConnection *feed;
  guint handler;

  handler = g_log_set_handler ("libwsmulti", G_LOG_LEVEL_DEBUG, write_down, &log);
  feed = wsm_pool_add (world->pool, "ws://user:S3CR3T@127.0.0.1/?token=S3CR3T", NULL);
  wsm_test_world_run_ms (world, 10);
  peer->refusal = WSM_REASON_CODE_REFUSED;
  wsm_test_peer_drop (peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (world, 10);
  wsm_connection_abort (feed);
  g_log_remove_handler ("libwsmulti", handler);

  g_assert_true (g_str_has_prefix (log.text->str,
                                   "ws://127.0.0.1/?token=***: idle to connecting: "));
  g_assert_nonnull (strstr (log.text->str, ": connecting to open: opened"));
  g_assert_nonnull (strstr (log.text->str, ": open to waiting: reset"));
  g_assert_nonnull (strstr (log.text->str, ": waiting to closed: "));
  g_assert_null (strstr (log.text->str, "S3CR3T"));

  g_string_free (log.text, TRUE);
  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/log/states", test_states);

  return g_test_run ();
}
