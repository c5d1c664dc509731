/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-stage.h"

/* So that a story comes to its end. */
#define MAX_DEEDS 6

/* Looking on. */

static void
note_heard (WsmTestFeed *feed)
{
  g_assert_nonnull (feed->connection);
  g_assert_false (feed->is_away);
}

/* Of what changes together, any may be told first. */
static void
note_state (WsmTestFeed *feed)
{
  WsmState state = wsm_connection_get_state (feed->connection);

  if (state == WSM_STATE_CONNECTING &&
      (feed->state == WSM_STATE_IDLE || feed->state == WSM_STATE_CLOSED ||
       feed->state == WSM_STATE_FAILED))
    feed->n_lives++;
  feed->state = state;
}

static void
opened_cb (WsmConnection *connection,
           gboolean       reconnected,
           WsmTestFeed   *feed)
{
  note_heard (feed);
  g_assert_false (feed->has_socket);
  feed->has_socket = TRUE;
  wsm_test_stage_act (feed->stage, feed, "opened");
}

static void
disconnected_cb (WsmConnection *connection,
                 WsmReason     *reason,
                 gboolean       will_retry,
                 WsmTestFeed   *feed)
{
  note_heard (feed);
  g_assert_true (feed->has_socket);
  g_assert_cmpuint (wsm_reason_get_code (reason), !=, WSM_REASON_CODE_OPENED);
  feed->has_socket = FALSE;
  wsm_test_stage_act (feed->stage, feed, "disconnected");
}

static void
note_end (WsmTestFeed *feed,
          const char  *signal)
{
  note_heard (feed);
  feed->n_ends++;
  g_assert_cmpuint (feed->n_ends, <=, feed->n_lives);
  wsm_test_stage_act (feed->stage, feed, signal);
}

static void
closed_cb (WsmConnection *connection,
           WsmTestFeed   *feed)
{
  note_end (feed, "closed");
}

static void
failed_cb (WsmConnection *connection,
           GError        *error,
           WsmTestFeed   *feed)
{
  g_assert_nonnull (error);
  note_end (feed, "failed");
}

static void
message_cb (WsmConnection         *connection,
            SoupWebsocketDataType  type,
            GBytes                *message,
            WsmTestFeed           *feed)
{
  note_heard (feed);
  g_assert_true (feed->has_socket);
  wsm_test_stage_act (feed->stage, feed, "message");
}

static void
beat_cb (WsmConnection *connection,
         guint64        sequence,
         double         round_trip,
         WsmTestFeed   *feed)
{
  note_heard (feed);
  g_assert_true (feed->has_socket);
  wsm_test_stage_act (feed->stage, feed, "beat");
}

static void
dropped_cb (WsmConnection *connection,
            guint          n_messages,
            guint64        n_bytes,
            WsmReason     *why,
            WsmTestFeed   *feed)
{
  note_heard (feed);
  g_assert_cmpuint (n_messages, >, 0);
  wsm_test_stage_act (feed->stage, feed, "dropped");
}

/* Of a socket that is gone. */
static void
unconfirmed_cb (WsmConnection *connection,
                guint          n_messages,
                guint64        n_bytes,
                WsmTestFeed   *feed)
{
  note_heard (feed);
  g_assert_false (feed->has_socket);
  g_assert_cmpuint (n_messages, >, 0);
  wsm_test_stage_act (feed->stage, feed, "unconfirmed");
}

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            WsmTestFeed   *feed)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (connection);

  note_heard (feed);
  wsm_test_stage_act (feed->stage, feed, "prepare");
  if (g_rand_boolean (feed->stage->random))
    return FALSE;

  /* As if it had been put off, for no time at all. */
  wsm_connection_proceed (connection, message);
  return TRUE;
}

static WsmRetryDecision
should_retry_cb (WsmConnection *connection,
                 WsmReason     *reason,
                 WsmTestFeed   *feed)
{
  WsmTestStage *self = feed->stage;

  note_heard (feed);
  wsm_test_stage_act (self, feed, "should-retry");

  return self->deed >= 0 ? WSM_RETRY_DECISION_DEFAULT
                          : (WsmRetryDecision) g_rand_int_range (self->random, 0, 3);
}

static void
notify_cb (GObject     *object,
           GParamSpec  *pspec,
           WsmTestFeed *feed)
{
  g_autofree char *signal = g_strconcat ("notify::", pspec->name, NULL);

  /* Settings of one that is in no pool may change, of course. */
  if (pspec->owner_type == WSM_TYPE_CONNECTION && (pspec->flags & G_PARAM_WRITABLE) == 0 &&
      strcmp (pspec->name, "paused") != 0)
    {
      if (feed->is_away && feed->may_echo)
        return;
      note_heard (feed);
      note_state (feed);
    }
  feed->n_notifying++;
  wsm_test_stage_act (feed->stage, feed, signal);
  feed->n_notifying--;
}

/* Of the pool: the deed is done to the first connection that is still there. */

WsmTestFeed *
wsm_test_stage_find (WsmTestStage *self)
{
  for (guint i = 0; i < self->feeds->len; i++)
    {
      WsmTestFeed *feed = g_ptr_array_index (self->feeds, i);

      if (feed->connection != NULL)
        return feed;
    }

  return NULL;
}

static void
items_changed_cb (GListModel   *model,
                  guint         position,
                  guint         n_removed,
                  guint         n_added,
                  WsmTestStage *self)
{
  wsm_test_stage_act (self, wsm_test_stage_find (self), "items-changed");
}

static void
state_changed_cb (WsmPool       *pool,
                  WsmConnection *connection,
                  WsmTestStage  *self)
{
  g_assert_cmpuint (wsm_pool_get_n_open (pool), <=, g_list_model_get_n_items (G_LIST_MODEL (pool)));
  wsm_test_stage_act (self, wsm_test_stage_find (self), "connection-state-changed");
}

static void
pool_message_cb (WsmPool               *pool,
                 WsmConnection         *connection,
                 SoupWebsocketDataType  type,
                 GBytes                *message,
                 WsmTestStage          *self)
{
  wsm_test_stage_act (self, wsm_test_stage_find (self), "pool-message");
}

static void
pool_beats_cb (WsmPool      *pool,
               WsmBeats     *beats,
               WsmTestStage *self)
{
  WsmConnection *connection;

  for (guint i = 0; (connection = wsm_beats_get_connection (beats, i)) != NULL; i++)
    g_assert_true (WSM_IS_CONNECTION (connection));
  wsm_test_stage_act (self, wsm_test_stage_find (self), "pool-beats");
}

static void
pool_notify_cb (GObject      *object,
                GParamSpec   *pspec,
                WsmTestStage *self)
{
  g_autofree char *signal = g_strconcat ("pool-notify::", pspec->name, NULL);
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (object));

  g_assert_cmpuint (wsm_pool_get_n_open (self->pool), <=, n_items);
  g_assert_cmpuint (wsm_pool_get_n_failed (self->pool), <=, n_items);
  wsm_test_stage_act (self, wsm_test_stage_find (self), signal);
}

/* Taking part. */

/* From now on it must be silent, and what it has not told yet is never told. */
void
wsm_test_feed_note_away (WsmTestFeed *feed)
{
  feed->is_away = TRUE;
  feed->may_echo = feed->n_notifying > 0;
  feed->has_socket = FALSE;
  feed->n_ends = feed->n_lives;
  feed->state = WSM_STATE_CLOSED;
}

void
wsm_test_stage_note_all_away (WsmTestStage *self)
{
  for (guint i = 0; i < self->feeds->len; i++)
    wsm_test_feed_note_away (g_ptr_array_index (self->feeds, i));
}

void
wsm_test_stage_act (WsmTestStage *self,
                    WsmTestFeed  *feed,
                    const char   *signal)
{
  guint deed;

  if (feed == NULL || feed->connection == NULL || self->depth >= WSM_TEST_STAGE_MAX_DEPTH)
    return;
  if (self->signal != NULL && strcmp (self->signal, signal) != 0)
    return;
  if (self->deed < 0 && g_rand_int (self->random) % 8 != 0)
    return;
  if (self->n_done++ >= MAX_DEEDS)
    return;

  deed = self->deed >= 0 ? (guint) self->deed : g_rand_int (self->random) % self->n_deeds;
  self->depth++;
  g_test_message ("%*s%s in %s", (int) self->depth, "", self->deeds[deed].name, signal);
  self->deeds[deed].act (self, feed);
  self->depth--;
}

static void
feed_gone_cb (gpointer  data,
              GObject  *where_it_was)
{
  WsmTestFeed *feed = data;

  feed->connection = NULL;
}

void
wsm_test_stage_watch (WsmTestStage  *self,
                      WsmConnection *connection)
{
  WsmTestFeed *feed = g_new0 (WsmTestFeed, 1);

  feed->stage = self;
  feed->connection = connection;
  feed->state = wsm_connection_get_state (connection);
  g_object_weak_ref (G_OBJECT (connection), feed_gone_cb, feed);
  g_ptr_array_add (self->feeds, feed);

  g_signal_connect (connection, "notify", G_CALLBACK (notify_cb), feed);
  g_signal_connect (connection, "prepare", G_CALLBACK (prepare_cb), feed);
  g_signal_connect (connection, "opened", G_CALLBACK (opened_cb), feed);
  g_signal_connect (connection, "message", G_CALLBACK (message_cb), feed);
  g_signal_connect (connection, "beat", G_CALLBACK (beat_cb), feed);
  g_signal_connect (connection, "disconnected", G_CALLBACK (disconnected_cb), feed);
  g_signal_connect (connection, "closed", G_CALLBACK (closed_cb), feed);
  g_signal_connect (connection, "failed", G_CALLBACK (failed_cb), feed);
  g_signal_connect (connection, "should-retry", G_CALLBACK (should_retry_cb), feed);
  g_signal_connect (connection, "dropped", G_CALLBACK (dropped_cb), feed);
  g_signal_connect (connection, "unconfirmed", G_CALLBACK (unconfirmed_cb), feed);
  g_signal_connect (wsm_connection_get_latency (connection), "notify", G_CALLBACK (notify_cb),
                    feed);
}

void
wsm_test_stage_watch_pool (WsmTestStage *self)
{
  g_signal_connect (self->pool, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_signal_connect (self->pool, "connection-state-changed", G_CALLBACK (state_changed_cb), self);
  g_signal_connect (self->pool, "message", G_CALLBACK (pool_message_cb), self);
  g_signal_connect (self->pool, "beats", G_CALLBACK (pool_beats_cb), self);
  g_signal_connect (self->pool, "notify", G_CALLBACK (pool_notify_cb), self);
}

void
wsm_test_stage_init (WsmTestStage *self,
                     guint32       seed)
{
  self->world = wsm_test_world_new (seed);
  self->pool = self->world->pool;
  g_object_add_weak_pointer (G_OBJECT (self->pool), (gpointer *) &self->pool);
  self->feeds = g_ptr_array_new_with_free_func (g_free);
  self->random = g_rand_new_with_seed (seed);
}

void
wsm_test_stage_clear (WsmTestStage *self)
{
  wsm_test_world_free (self->world);
  g_ptr_array_unref (self->feeds);
  g_rand_free (self->random);
}
