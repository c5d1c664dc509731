/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <libwsmulti.h>

#include <string.h>

#include "matrix.h"
#include "scene.h"
#include "test-loop.h"

/* Handlers that do the worst, in each signal: there is no moment in which it is forbidden. */

typedef struct _Fixture Fixture;

typedef struct
{
  const char *name;
  void (*act) (Fixture *fixture);
  gboolean silences; /* nothing may be signalled from then on */
} Deed;

/* When: the signal of the connection, or of its pool. */
typedef struct
{
  const char *name;
  gboolean of_pool;
  WsmState state; /* WSM_STATE_IDLE: whichever it is in */
} Moment;

typedef struct
{
  const Moment *moment;
  const Deed *deed;
} Combination;

struct _Fixture
{
  const Combination *combination;
  Scene *scene;         /* (owned) */
  Witness *witness;     /* (owned): of the connection whose handler does it */
  Witness *other;       /* (owned): of one that has nothing to do with it */
  WsmPool *pool;        /* (unowned) (nullable): cleared when it is gone */
  gboolean is_done;
  gsize log_length;     /* when it was done */
};

static void
close_it (Fixture *fixture)
{
  g_assert_true (wsm_connection_close (fixture->witness->connection, 1000, NULL, NULL));
}

static void
abort_it (Fixture *fixture)
{
  wsm_connection_abort (fixture->witness->connection);
}

static void
open_it (Fixture *fixture)
{
  wsm_connection_open (fixture->witness->connection, NULL);
}

static void
close_and_open_it (Fixture *fixture)
{
  close_it (fixture);
  wsm_connection_open (fixture->witness->connection, NULL);
}

static void
pause_and_resume_it (Fixture *fixture)
{
  wsm_connection_pause (fixture->witness->connection);
  wsm_connection_resume (fixture->witness->connection);
}

static void
send_much (Fixture *fixture)
{
  for (guint i = 0; i < 10; i++)
    wsm_connection_send_text (fixture->witness->connection, "much", NULL);
}

static void
remove_it (Fixture *fixture)
{
  wsm_pool_remove (fixture->pool, fixture->witness->connection);
}

static void
remove_and_add_it (Fixture *fixture)
{
  g_autoptr (WsmConnection) connection = g_object_ref (fixture->witness->connection);

  g_assert_true (wsm_pool_remove (fixture->pool, connection));
  g_assert_true (wsm_pool_add_connection (fixture->pool, connection, NULL));
}

static void
unref_pool (Fixture *fixture)
{
  g_clear_object (&fixture->scene->pool);
}

/* Such as a dialog does, until the user has answered. Meanwhile others go on. */
static void
run_loop (Fixture *fixture)
{
  guint n_before = fixture->other->messages->len;

  g_assert_true (wsm_connection_send_text (fixture->other->connection, "meanwhile", NULL));
  WAIT_FOR (fixture->other->messages->len > n_before);
  test_loop_run_ms (20);
}

static void
remove_it_in_loop (Fixture *fixture)
{
  run_loop (fixture);
  remove_it (fixture);
}

static const Deed deeds[] = {
  { "close", close_it, FALSE },
  { "abort", abort_it, FALSE },
  { "open", open_it, FALSE },
  { "close-and-open", close_and_open_it, FALSE },
  { "pause-and-resume", pause_and_resume_it, FALSE },
  { "send", send_much, FALSE },
  { "remove", remove_it, TRUE },
  { "remove-and-add", remove_and_add_it, FALSE },
  { "unref-pool", unref_pool, TRUE },
  { "run-loop", run_loop, FALSE },
  { "run-loop-and-remove", remove_it_in_loop, TRUE },
};

static const Moment moments[] = {
  { "notify::state", FALSE, WSM_STATE_CONNECTING },
  { "notify::state", FALSE, WSM_STATE_OPEN },
  { "notify::state", FALSE, WSM_STATE_WAITING },
  { "notify::reason", FALSE, WSM_STATE_OPEN },
  { "prepare", FALSE },
  { "opened", FALSE },
  { "message", FALSE },
  { "beat", FALSE },
  { "frame", FALSE },
  { "should-retry", FALSE },
  { "disconnected", FALSE },
  { "failed", FALSE },
  { "closed", FALSE },
  { "connection-state-changed", TRUE, WSM_STATE_OPEN },
  { "message", TRUE },
  { "notify::n-open", TRUE, WSM_STATE_OPEN },
  { "notify::n-open", TRUE, WSM_STATE_WAITING },
};

/* What the signal brings along differs from one to the other; returning 0 decides nothing in
 * those that ask. */
static int
moment_cb (Fixture *fixture)
{
  WsmState state = fixture->combination->moment->state;

  if (!fixture->is_done &&
      (state == WSM_STATE_IDLE || witness_is_in (fixture->witness, state)))
    {
      fixture->is_done = TRUE;
      fixture->combination->deed->act (fixture);
      fixture->log_length = fixture->witness->log->len;
    }

  return 0;
}

static void
pool_state_changed_cb (WsmPool       *pool,
                       WsmConnection *connection,
                       Fixture       *fixture)
{
  if (connection == fixture->witness->connection)
    g_string_append (fixture->witness->log, "pool ");
}

static void
bring_about (Fixture *fixture)
{
  const Moment *moment = fixture->combination->moment;
  g_autofree char *uri = wsm_echo_server_dup_uri (fixture->scene->server, "/a");
  g_autoptr (WsmHeartbeat) heartbeat = scene_make_beat (20, 20);
  const char *greetings[] = { "hello", NULL };
  WsmConnection *connection = scene_add_uri (fixture->scene, uri);

  wsm_connection_set_heartbeat (connection, heartbeat);
  wsm_connection_set_greetings (connection, greetings);
  fixture->witness = witness_new (connection);
  g_signal_connect (fixture->pool, "connection-state-changed",
                    G_CALLBACK (pool_state_changed_cb), fixture);

  /* The last one to be told, so that all that is told later is told too late. */
  g_signal_connect_swapped (moment->of_pool ? (gpointer) fixture->pool : (gpointer) connection,
                            moment->name, G_CALLBACK (moment_cb), fixture);
}

/* However deep the changes were nested, the pool has counted each once. */
static void
check_counts (WsmPool *pool)
{
  guint n_open = 0;
  guint n_failed = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pool)); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (pool), i);
      WsmState state = wsm_connection_get_state (connection);

      n_open += state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT ? 1 : 0;
      n_failed += state == WSM_STATE_FAILED ? 1 : 0;
    }
  g_assert_cmpuint (wsm_pool_get_n_open (pool), ==, n_open);
  g_assert_cmpuint (wsm_pool_get_n_failed (pool), ==, n_failed);
}

/* Closing takes as long as the server does. */
static gboolean
is_settled (Fixture *fixture)
{
  WsmConnection *connection = fixture->witness->connection;

  return connection == NULL || wsm_connection_get_state (connection) != WSM_STATE_CLOSING;
}

static void
check_story (Fixture *fixture)
{
  Witness *witness = fixture->witness;
  WsmState state = WSM_STATE_IDLE;
  gboolean has_socket;

  if (witness->connection != NULL)
    state = wsm_connection_get_state (witness->connection);
  has_socket = state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT;

  if (fixture->combination->deed->silences)
    {
      /* GObject does not nest notifications of a property: what changes in a loop that a handler
       * of one runs is notified when the handler has returned. */
      if (fixture->combination->deed->act != remove_it_in_loop ||
          !g_str_has_prefix (fixture->combination->moment->name, "notify::"))
        g_assert_cmpstr (witness->log->str + fixture->log_length, ==, "");
      g_assert_null (witness->connection);
    }
  else if (fixture->combination->deed->act != remove_and_add_it)
    {
      g_assert_cmpuint (witness->n_opened, ==, witness->n_disconnected + (has_socket ? 1 : 0));
      if (state == WSM_STATE_CLOSED || state == WSM_STATE_FAILED)
        g_assert_cmpuint (witness->n_ended, >=, 1);
    }

  if (fixture->scene->pool == NULL)
    return;
  g_assert_true (witness_is_in (fixture->other, WSM_STATE_OPEN));
  witness_assert_log (fixture->other, "");
  check_counts (fixture->scene->pool);
}

#define N_COMBINATIONS (G_N_ELEMENTS (moments) * G_N_ELEMENTS (deeds))

static guint n_told = 0;

static void
test_combination (gconstpointer data)
{
  Fixture fixture = { .combination = data };
  const Moment *moment = fixture.combination->moment;
  WsmEchoPath *path;

  fixture.scene = scene_new ();
  path = scene_add_path (fixture.scene, "/a");
  if (g_str_equal (moment->name, "closed"))
    g_object_set (path, "close-after", 3, "close-code", 1000, NULL);
  else if (g_str_equal (moment->name, "failed"))
    g_object_set (path, "close-after", 3, "close-code", 4000, NULL);
  else
    g_object_set (path, "drop-after", 3, "reset", TRUE, NULL);
  scene_add_path (fixture.scene, "/other");
  fixture.other = scene_open (fixture.scene, "/other");

  g_set_weak_pointer (&fixture.pool, fixture.scene->pool);
  bring_about (&fixture);
  WAIT_FOR (fixture.is_done);
  test_loop_run_ms (30);
  WAIT_FOR (is_settled (&fixture));
  check_story (&fixture);

  if (fixture.scene->pool == NULL)
    g_assert_null (fixture.pool);
  else
    g_signal_handlers_disconnect_by_data (fixture.pool, &fixture);
  g_clear_weak_pointer (&fixture.pool);
  if (fixture.witness->connection != NULL)
    g_signal_handlers_disconnect_by_data (fixture.witness->connection, &fixture);
  witness_free (fixture.witness);
  witness_free (fixture.other);
  scene_free (fixture.scene);

  if (++n_told == N_COMBINATIONS)
    matrix_measured ("F48", "%u deeds in each of %u signals: nothing crashed, one `disconnected` "
                     "for each socket, one end for each life", (guint) G_N_ELEMENTS (deeds),
                     (guint) G_N_ELEMENTS (moments));
}

/* Whoever calls with a connection that the pool alone holds may have a handler that removes it. */
typedef struct
{
  const char *name;
  const char *signal;
  void (*call) (WsmConnection *connection);
} BorrowedCall;

static void
call_close (WsmConnection *connection)
{
  wsm_connection_close (connection, 1000, NULL, NULL);
}

static void
call_reopen (WsmConnection *connection)
{
  wsm_connection_close (connection, 1000, NULL, NULL);
  wsm_connection_open (connection, NULL);
}

static const BorrowedCall borrowed_calls[] = {
  { "close", "notify::state", call_close },
  { "abort", "notify::attempt", wsm_connection_abort },
  { "pause", "notify::paused", wsm_connection_pause },
  { "open", "closed", call_reopen },
};

static void
remove_cb (WsmPool *pool)
{
  wsm_pool_remove (pool, g_object_get_data (G_OBJECT (pool), "borrowed"));
}

static void
test_borrowed (gconstpointer data)
{
  const BorrowedCall *borrowed = data;
  Scene *scene = scene_new ();
  WsmConnection *connection;
  Witness *witness;

  scene_add_path (scene, "/a");
  witness = scene_open (scene, "/a");
  connection = witness->connection;
  g_object_set_data (G_OBJECT (scene->pool), "borrowed", connection);
  g_signal_connect_swapped (connection, borrowed->signal, G_CALLBACK (remove_cb), scene->pool);
  /* Nothing that waits for delivery may hold it either. */
  test_loop_run_ms (20);
  borrowed->call (connection);
  test_loop_run_ms (20);
  g_assert_null (witness->connection);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (scene->pool)), ==, 0);
  witness_free (witness);
  scene_free (scene);
}

static char *
make_name (const Combination *combination)
{
  const Moment *moment = combination->moment;
  g_autofree char *state = g_enum_to_string (WSM_TYPE_STATE, (int) moment->state);

  return g_strdup_printf ("/matrix/f48-%s%s%s%s-%s", moment->of_pool ? "pool-" : "", moment->name,
                          moment->state != WSM_STATE_IDLE ? "-" : "",
                          moment->state != WSM_STATE_IDLE ? state + strlen ("WSM_STATE_") : "",
                          combination->deed->name);
}

int
main (int   argc,
      char *argv[])
{
  g_autofree Combination *combinations = NULL;

  g_test_init (&argc, &argv, NULL);

  combinations = g_new0 (Combination, N_COMBINATIONS);
  for (guint i = 0; i < N_COMBINATIONS; i++)
    {
      Combination *combination = &combinations[i];
      g_autofree char *name = NULL;

      combination->moment = &moments[i / G_N_ELEMENTS (deeds)];
      combination->deed = &deeds[i % G_N_ELEMENTS (deeds)];
      name = make_name (combination);
      g_test_add_data_func (name, combination, test_combination);
    }

  for (guint i = 0; i < G_N_ELEMENTS (borrowed_calls); i++)
    {
      g_autofree char *name = NULL;

      name = g_strconcat ("/matrix/f48-removed-under-", borrowed_calls[i].name, NULL);
      g_test_add_data_func (name, &borrowed_calls[i], test_borrowed);
    }

  return g_test_run ();
}
