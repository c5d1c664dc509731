/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-error.h"

/* When to go on sending. */

#define LIMIT 100000

typedef struct
{
  WsmTestWorld *world;    /* (owned) */
  WsmTestPeer *peer;      /* (unowned) */
  WsmConnection *feed;    /* (unowned): the pool's */
  guint n_notified;
  gboolean last;          /* as it was notified last */
} Fixture;

static void
notify_cb (WsmConnection *feed,
           GParamSpec    *pspec,
           Fixture       *fixture)
{
  fixture->n_notified++;
  g_assert_cmpint (fixture->last, !=, wsm_connection_get_writable (feed));
  fixture->last = wsm_connection_get_writable (feed);
}

static void
set_up (Fixture  *fixture,
        WsmState  state)
{
  fixture->world = wsm_test_world_new (1);
  fixture->peer = wsm_test_world_get_peer (fixture->world, "/a");
  fixture->peer->echo = FALSE;
  fixture->feed = wsm_test_world_bring_to (fixture->world, "/a", state);
  wsm_connection_set_outbox_limit (fixture->feed, LIMIT);
  fixture->last = wsm_connection_get_writable (fixture->feed);
  fixture->n_notified = 0;
  g_signal_connect (fixture->feed, "notify::writable", G_CALLBACK (notify_cb), fixture);
}

static void
tear_down (Fixture *fixture)
{
  g_string_truncate (fixture->world->log, 0);
  wsm_test_world_free (fixture->world);
}

static void
assert_writable (Fixture  *fixture,
                 gboolean  writable,
                 guint     n_notified)
{
  g_assert_cmpint (wsm_connection_get_writable (fixture->feed), ==, writable);
  g_assert_cmpint (fixture->last, ==, writable);
  g_assert_cmpuint (fixture->n_notified, ==, n_notified);
  fixture->n_notified = 0;
}

static gboolean
send_size (WsmConnection *feed,
           gsize          size)
{
  g_autoptr (GBytes) bytes = g_bytes_new_take (g_malloc0 (size), size);

  return wsm_connection_send_bytes (feed, bytes, NULL);
}

static void
drain (Fixture *fixture)
{
  wsm_test_peer_drain (fixture->peer);
  wsm_test_world_run_ms (fixture->world, 1);
}

static void
test_has_two_water_marks (void)
{
  Fixture fixture = { NULL };

  set_up (&fixture, WSM_STATE_OPEN);
  assert_writable (&fixture, TRUE, 0);
  fixture.peer->slow = TRUE;

  /* Up to half of it, and no further. */
  g_assert_true (send_size (fixture.feed, 49000));
  g_assert_true (send_size (fixture.feed, 999));
  assert_writable (&fixture, TRUE, 0);
  g_assert_true (send_size (fixture.feed, 256));
  assert_writable (&fixture, FALSE, 1);
  g_assert_true (send_size (fixture.feed, 25000));
  g_assert_true (send_size (fixture.feed, 24000));
  g_assert_false (send_size (fixture.feed, 1000));
  assert_writable (&fixture, FALSE, 0);

  /* 49,000 bytes are left, which were enough on the way up. */
  drain (&fixture);
  g_assert_cmpuint (wsm_connection_get_buffered (fixture.feed), <, 50000);
  g_assert_cmpuint (wsm_connection_get_buffered (fixture.feed), >, 25000);
  assert_writable (&fixture, FALSE, 0);
  drain (&fixture);
  assert_writable (&fixture, TRUE, 1);

  tear_down (&fixture);
}

/* What is half a limit fits while it is writable, whatever the limit. */
static void
test_keeps_its_word (void)
{
  static const guint64 limits[] = { 1, 2, 3, 255, 256, 511, 1024, 65536, LIMIT };

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      Fixture fixture = { NULL };
      guint n_sent = 0;

      set_up (&fixture, WSM_STATE_OPEN);
      fixture.peer->slow = TRUE;
      wsm_connection_set_outbox_limit (fixture.feed, limits[i]);
      while (wsm_connection_get_writable (fixture.feed))
        {
          g_assert_true (send_size (fixture.feed, limits[i] / 2));
          g_assert_cmpuint (++n_sent, <=, 1000);
        }
      g_assert_cmpuint (n_sent, >=, 1);

      tear_down (&fixture);
    }
}

static void
test_follows_the_state (void)
{
  static const struct
  {
    WsmState state;
    gboolean alone;  /* without queue-while-closed */
    gboolean queues; /* with it */
  } cases[] = {
    { WSM_STATE_IDLE, FALSE, TRUE }, { WSM_STATE_CONNECTING, FALSE, TRUE },
    { WSM_STATE_OPEN, TRUE, TRUE }, { WSM_STATE_SUSPECT, TRUE, TRUE },
    { WSM_STATE_WAITING, FALSE, TRUE }, { WSM_STATE_CLOSING, FALSE, FALSE },
    { WSM_STATE_CLOSED, FALSE, FALSE }, { WSM_STATE_FAILED, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture = { NULL };

      set_up (&fixture, cases[i].state);
      assert_writable (&fixture, cases[i].alone, 0);
      wsm_connection_set_queue_while_closed (fixture.feed, TRUE);
      assert_writable (&fixture, cases[i].queues, cases[i].alone != cases[i].queues);
      wsm_connection_set_queue_while_closed (fixture.feed, FALSE);
      assert_writable (&fixture, cases[i].alone, cases[i].alone != cases[i].queues);

      /* Gone is gone, and is not told. */
      g_object_ref (fixture.feed);
      g_assert_true (wsm_pool_remove (fixture.world->pool, fixture.feed));
      g_assert_false (wsm_connection_get_writable (fixture.feed));
      g_assert_cmpuint (fixture.n_notified, ==, 0);
      g_object_unref (fixture.feed);

      tear_down (&fixture);
    }
}

/* It is told once each way, whatever was queued meanwhile. */
static void
test_goes_through_a_loss (void)
{
  Fixture fixture = { NULL };

  set_up (&fixture, WSM_STATE_OPEN);
  fixture.peer->slow = TRUE;
  g_assert_true (send_size (fixture.feed, 10000));
  wsm_test_peer_drop (fixture.peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (fixture.world, 1);
  assert_writable (&fixture, FALSE, 1);
  wsm_test_world_run_ms (fixture.world, 1010);
  assert_writable (&fixture, TRUE, 1);

  /* What waits for the next socket counts on; what had been handed over does not. */
  wsm_connection_set_queue_while_closed (fixture.feed, TRUE);
  g_assert_true (send_size (fixture.feed, 30000));
  g_assert_true (send_size (fixture.feed, 60000));
  assert_writable (&fixture, FALSE, 1);
  wsm_test_peer_drop (fixture.peer, WSM_REASON_CODE_RESET);
  wsm_test_world_run_ms (fixture.world, 1);
  assert_writable (&fixture, FALSE, 0);
  fixture.peer->slow = FALSE;
  wsm_test_world_run_ms (fixture.world, 2010);
  g_assert_cmpuint (wsm_connection_get_buffered (fixture.feed), ==, 0);
  assert_writable (&fixture, TRUE, 1);

  tear_down (&fixture);
}

static void
test_greetings_count (void)
{
  g_autofree char *large = g_strnfill (60000, 'x');
  const char *greetings[] = { large, NULL };
  Fixture fixture = { NULL };

  set_up (&fixture, WSM_STATE_IDLE);
  wsm_connection_set_greetings (fixture.feed, greetings);
  fixture.peer->slow = TRUE;
  g_assert_true (wsm_connection_open (fixture.feed, NULL));
  wsm_test_world_run_ms (fixture.world, 10);
  g_assert_cmpint (wsm_connection_get_state (fixture.feed), ==, WSM_STATE_OPEN);
  assert_writable (&fixture, FALSE, 0);
  drain (&fixture);
  assert_writable (&fixture, TRUE, 1);

  tear_down (&fixture);
}

static void
test_follows_the_limit (void)
{
  Fixture fixture = { NULL };

  set_up (&fixture, WSM_STATE_OPEN);
  fixture.peer->slow = TRUE;
  g_assert_true (send_size (fixture.feed, 30000));
  wsm_connection_set_outbox_limit (fixture.feed, 60000);
  assert_writable (&fixture, FALSE, 1);
  wsm_connection_set_outbox_limit (fixture.feed, 119999);
  assert_writable (&fixture, FALSE, 0);
  wsm_connection_set_outbox_limit (fixture.feed, 120000);
  assert_writable (&fixture, TRUE, 1);
  wsm_connection_set_outbox_limit (fixture.feed, G_MAXUINT64);
  assert_writable (&fixture, TRUE, 0);
  drain (&fixture);
  wsm_connection_set_outbox_limit (fixture.feed, 0);
  assert_writable (&fixture, FALSE, 1);

  tear_down (&fixture);
}

/* Short messages take more memory than they have bytes. */
static void
test_short_messages_have_weight (void)
{
  Fixture fixture = { NULL };
  g_autoptr (GError) error = NULL;
  guint n_taken = 0;

  set_up (&fixture, WSM_STATE_OPEN);
  fixture.peer->slow = TRUE;
  wsm_connection_set_outbox_limit (fixture.feed, 1024 * 1024);
  while (wsm_connection_send_text (fixture.feed, "x", &error))
    g_assert_cmpuint (++n_taken, <=, 5000);
  g_assert_error (error, WSM_ERROR, WSM_ERROR_OUTBOX_FULL);
  g_assert_nonnull (strstr (error->message, "1048576 of 1048576 bytes of the outbox are taken"));
  g_assert_nonnull (strstr (error->message, "writable"));
  g_assert_cmpuint (n_taken, ==, 4096);
  g_assert_cmpuint (wsm_connection_get_buffered (fixture.feed), ==, 4096);
  /* Nor is more than that with the layer below. */
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (fixture.feed), ==, 256);
  g_clear_error (&error);

  /* Where nothing waits, there is room for anything up to the limit. */
  fixture.peer->slow = FALSE;
  drain (&fixture);
  wsm_test_world_run_ms (fixture.world, 100);
  g_assert_cmpuint (wsm_connection_get_buffered (fixture.feed), ==, 0);
  wsm_connection_set_outbox_limit (fixture.feed, 3);
  g_assert_true (wsm_connection_send_text (fixture.feed, "abc", NULL));
  g_assert_false (wsm_connection_send_text (fixture.feed, "", &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_OUTBOX_FULL);

  tear_down (&fixture);
}

/* Each refusal says who, how much, and what to do. */
static void
test_refusals_explain_themselves (void)
{
  static const struct
  {
    WsmState state;
    const char *remedy;
  } cases[] = {
    { WSM_STATE_IDLE, "queue-while-closed" }, { WSM_STATE_CONNECTING, "queue-while-closed" },
    { WSM_STATE_WAITING, "queue-while-closed" }, { WSM_STATE_CLOSING, "open it again" },
    { WSM_STATE_CLOSED, "open it again" }, { WSM_STATE_FAILED, "open it again" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Fixture fixture = { NULL };
      g_autoptr (GError) error = NULL;

      set_up (&fixture, cases[i].state);
      g_assert_false (wsm_connection_send_text (fixture.feed, "text", &error));
      g_assert_error (error, WSM_ERROR, WSM_ERROR_NOT_OPEN);
      g_assert_true (g_str_has_prefix (error->message, "ws://127.0.0.1/a: "));
      g_assert_nonnull (strstr (error->message, cases[i].remedy));
      g_clear_error (&error);

      wsm_connection_set_queue_while_closed (fixture.feed, TRUE);
      wsm_connection_set_outbox_limit (fixture.feed, 3);
      g_assert_false (wsm_connection_send_text (fixture.feed, "text", &error));
      if (cases[i].remedy[0] == 'q')
        {
          g_assert_error (error, WSM_ERROR, WSM_ERROR_TOO_BIG);
          g_assert_nonnull (strstr (error->message, "a message of 4 bytes"));
          g_assert_nonnull (strstr (error->message, "outbox of 3; see outbox-limit"));
        }
      else
        {
          g_assert_error (error, WSM_ERROR, WSM_ERROR_NOT_OPEN);
        }

      tear_down (&fixture);
    }
}

/* The way to send much: as long as it says so, and on when it says so again. */
typedef struct
{
  guint n_left;
  guint n_turns;
} Pump;

static void
pump_cb (WsmConnection *feed,
         GParamSpec    *pspec,
         Pump          *pump)
{
  pump->n_turns++;
  while (pump->n_left > 0 && wsm_connection_get_writable (feed))
    {
      g_assert_true (send_size (feed, 5000));
      pump->n_left--;
    }
}

static void
test_drives_a_pump (void)
{
  Fixture fixture = { NULL };
  Pump pump = { 1000, 0 };

  set_up (&fixture, WSM_STATE_IDLE);
  g_signal_handlers_disconnect_by_data (fixture.feed, &fixture);
  g_signal_connect (fixture.feed, "notify::writable", G_CALLBACK (pump_cb), &pump);
  g_assert_true (wsm_connection_open (fixture.feed, NULL));
  wsm_test_world_run_ms (fixture.world, 1000);
  g_assert_cmpuint (pump.n_left, ==, 0);
  g_assert_cmpuint (wsm_connection_get_n_messages_sent (fixture.feed), ==, 1000);
  g_assert_cmpuint (wsm_connection_get_buffered (fixture.feed), ==, 0);
  g_test_message ("1,000 messages in %u turns", pump.n_turns);
  /* Not message by message: from the low water to the high one each time. */
  g_assert_cmpuint (pump.n_turns, <=, 500);

  tear_down (&fixture);
}

/* Who is told in the middle of a call may do anything. */
static void
remove_cb (WsmConnection *feed,
           GParamSpec    *pspec,
           WsmTestWorld  *world)
{
  g_assert_true (wsm_pool_remove (world->pool, feed));
}

static void
reopen_cb (WsmConnection *feed,
           GParamSpec    *pspec,
           WsmTestWorld  *world)
{
  wsm_connection_abort (feed);
  g_assert_true (wsm_connection_open (feed, NULL));
}

static void
test_handlers_may_do_anything (void)
{
  static void (* const deeds[]) (WsmConnection *, GParamSpec *, WsmTestWorld *) = {
    remove_cb, reopen_cb,
  };

  for (guint i = 0; i < G_N_ELEMENTS (deeds); i++)
    {
      Fixture fixture = { NULL };
      gulong handler;

      set_up (&fixture, WSM_STATE_OPEN);
      g_signal_handlers_disconnect_by_data (fixture.feed, &fixture);
      fixture.peer->slow = TRUE;
      handler = g_signal_connect (fixture.feed, "notify::writable", G_CALLBACK (deeds[i]),
                                  fixture.world);
      if (deeds[i] == reopen_cb)
        g_object_ref (fixture.feed);
      g_assert_true (send_size (fixture.feed, 60000));
      if (deeds[i] == reopen_cb)
        {
          g_signal_handler_disconnect (fixture.feed, handler);
          wsm_test_world_run_ms (fixture.world, 10);
          g_assert_cmpint (wsm_connection_get_state (fixture.feed), ==, WSM_STATE_OPEN);
          g_assert_true (wsm_connection_get_writable (fixture.feed));
          g_object_unref (fixture.feed);
        }
      else
        {
          g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (fixture.world->pool)), ==, 0);
        }

      tear_down (&fixture);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/connection-writable/has-two-water-marks", test_has_two_water_marks);
  g_test_add_func ("/connection-writable/keeps-its-word", test_keeps_its_word);
  g_test_add_func ("/connection-writable/follows-the-state", test_follows_the_state);
  g_test_add_func ("/connection-writable/goes-through-a-loss", test_goes_through_a_loss);
  g_test_add_func ("/connection-writable/greetings-count", test_greetings_count);
  g_test_add_func ("/connection-writable/follows-the-limit", test_follows_the_limit);
  g_test_add_func ("/connection-writable/short-messages-have-weight",
                   test_short_messages_have_weight);
  g_test_add_func ("/connection-writable/refusals-explain-themselves",
                   test_refusals_explain_themselves);
  g_test_add_func ("/connection-writable/drives-a-pump", test_drives_a_pump);
  g_test_add_func ("/connection-writable/handlers-may-do-anything",
                   test_handlers_may_do_anything);

  return g_test_run ();
}
