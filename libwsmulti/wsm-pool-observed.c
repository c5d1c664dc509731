/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-pool-internal.h"

#include "wsm-registry.h"

/*
 * What those see who look into a pool.
 *
 * Its connections are a table, in the order of their ids, because ids go up. While somebody looks
 * on, the pool keeps the journals of its connections and passes on what they tell; otherwise there
 * is no trace of this.
 */

typedef struct
{
  const WsmPoolObserver *funcs; /* (unowned) */
  gpointer observer;            /* (unowned) */
} WsmPoolLooker;

/* Of somebody who wants to see the frames of one connection. */
typedef struct
{
  gpointer wisher; /* (unowned) */
  guint64 id;
  gsize payload_capture;
} WsmFrameWish;

/* From last to first, so that who is told may go. */
#define wsm_pool_tell_observers(self, what, ...) \
  G_STMT_START { \
    for (guint i_ = (self)->observers != NULL ? (self)->observers->len : 0; i_ > 0; i_--) \
      { \
        WsmPoolLooker looker_ = g_array_index ((self)->observers, WsmPoolLooker, i_ - 1); \
        looker_.funcs->what (looker_.observer, ##__VA_ARGS__); \
      } \
  } G_STMT_END

static WsmPool *
wsm_pool_from_observer (WsmConnectionObserver *observer)
{
  return (WsmPool *) (gpointer) ((guint8 *) observer - G_STRUCT_OFFSET (WsmPool, observer));
}

static void
wsm_pool_note_state (WsmPool       *self,
                     WsmConnection *connection)
{
  wsm_journal_add_state (wsm_connection_ensure_journal (connection),
                         wsm_journal_share (self->connections->len),
                         wsm_scheduler_get_time_us (self->host.scheduler),
                         wsm_connection_get_state (connection),
                         wsm_connection_get_reason (connection));
}

static void
wsm_pool_note_beat (WsmPool       *self,
                    WsmConnection *connection,
                    gint64         round_trip_us)
{
  wsm_journal_add_beat (wsm_connection_ensure_journal (connection),
                        wsm_journal_share (self->connections->len),
                        wsm_scheduler_get_time_us (self->host.scheduler),
                        wsm_connection_get_state (connection),
                        round_trip_us);
  wsm_pool_tell_observers (self, changed, connection, WSM_CHANGE_FIGURES | WSM_CHANGE_JOURNAL);
}

/* What its connections tell. */

static void
wsm_pool_observe_state (WsmConnectionObserver *observer,
                        WsmConnection         *connection)
{
  WsmPool *self = wsm_pool_from_observer (observer);

  wsm_pool_note_state (self, connection);
  wsm_pool_tell_observers (self, changed, connection,
                           WSM_CHANGE_FIGURES | WSM_CHANGE_STATE | WSM_CHANGE_REASON |
                           WSM_CHANGE_JOURNAL);
}

static void
wsm_pool_observe_reason (WsmConnectionObserver *observer,
                         WsmConnection         *connection)
{
  WsmPool *self = wsm_pool_from_observer (observer);
  WsmReasonCode code = wsm_reason_get_code (wsm_connection_get_reason (connection));
  WsmChange change = WSM_CHANGE_FIGURES | WSM_CHANGE_REASON;

  /* What happened to the machine; no beat and no other state tells of it. */
  if (code == WSM_REASON_CODE_WOKE_UP || code == WSM_REASON_CODE_NETWORK_CHANGED)
    {
      wsm_pool_note_state (self, connection);
      change |= WSM_CHANGE_JOURNAL;
    }
  wsm_pool_tell_observers (self, changed, connection, change);
}

static void
wsm_pool_observe_beat_answered (WsmConnectionObserver *observer,
                                WsmConnection         *connection,
                                gint64                 round_trip_us)
{
  wsm_pool_note_beat (wsm_pool_from_observer (observer), connection, round_trip_us);
}

static void
wsm_pool_observe_beat_missed (WsmConnectionObserver *observer,
                              WsmConnection         *connection)
{
  wsm_pool_note_beat (wsm_pool_from_observer (observer), connection, -1);
}

static void
wsm_pool_observe_figures (WsmConnectionObserver *observer,
                          WsmConnection         *connection)
{
  wsm_pool_tell_observers (wsm_pool_from_observer (observer), changed, connection,
                           WSM_CHANGE_FIGURES);
}

static void
wsm_pool_observe_frame (WsmConnectionObserver *observer,
                        WsmConnection         *connection,
                        const WsmFrame        *frame)
{
  wsm_pool_tell_observers (wsm_pool_from_observer (observer), frame, connection, frame);
}

/* What the pool tells itself. */

void
wsm_pool_note_added (WsmPool       *self,
                     WsmConnection *connection)
{
  wsm_pool_note_state (self, connection);
  wsm_pool_tell_observers (self, added, connection);
}

void
wsm_pool_note_removed (WsmPool       *self,
                       WsmConnection *connection,
                       guint64        id)
{
  wsm_pool_tell_observers (self, removed, connection, id);
}

void
wsm_pool_note_gone (WsmPool *self)
{
  g_autoptr (GArray) observers = g_steal_pointer (&self->observers);

  self->host.observer = NULL;
  g_clear_pointer (&self->frame_wishes, g_array_unref);
  for (guint i = 0; observers != NULL && i < observers->len; i++)
    {
      WsmPoolLooker *looker = &g_array_index (observers, WsmPoolLooker, i);

      looker->funcs->gone (looker->observer);
    }
}

/*
 * wsm_pool_may_be_called:
 *
 * TRUE in the thread that made it, else a critical.
 */
gboolean
wsm_pool_may_be_called (WsmPool *self)
{
  return wsm_pool_check_caller (self);
}

/*
 * wsm_pool_get_context:
 *
 * Returns: (transfer none): where all its work is done
 */
GMainContext *
wsm_pool_get_context (WsmPool *self)
{
  return self->context;
}

/*
 * wsm_pool_get_scheduler:
 *
 * Returns: (transfer none) (nullable): its scheduler; %NULL once it was disposed of
 */
WsmScheduler *
wsm_pool_get_scheduler (WsmPool *self)
{
  return self->host.scheduler;
}

/*
 * wsm_pool_get_number:
 *
 * Returns: its number among the pools of the process that were asked for one
 */
guint
wsm_pool_get_number (WsmPool *self)
{
  if (self->number == 0)
    self->number = wsm_registry_take_pool_number ();

  return self->number;
}

/*
 * wsm_pool_get_n_in_state:
 * @state: any but %WSM_STATE_IDLE
 */
guint
wsm_pool_get_n_in_state (WsmPool  *self,
                         WsmState  state)
{
  return self->n_in_state[state];
}

/*
 * wsm_pool_find_position:
 *
 * Returns: where the row with this id stands, or would stand
 */
guint
wsm_pool_find_position (WsmPool *self,
                        guint64  id)
{
  guint begin = 0;
  guint end = self->connections->len;

  while (begin < end)
    {
      guint middle = begin + (end - begin) / 2;

      if (wsm_connection_get_id (g_ptr_array_index (self->connections, middle)) < id)
        begin = middle + 1;
      else
        end = middle;
    }

  return begin;
}

/*
 * wsm_pool_peek_nth:
 *
 * Returns: (transfer none) (nullable): the connection there
 */
WsmConnection *
wsm_pool_peek_nth (WsmPool *self,
                   guint    position)
{
  return position < self->connections->len ? g_ptr_array_index (self->connections, position)
                                           : NULL;
}

/*
 * wsm_pool_find:
 *
 * Returns: (transfer none) (nullable): the connection with this id
 */
WsmConnection *
wsm_pool_find (WsmPool *self,
               guint64  id)
{
  WsmConnection *connection = wsm_pool_peek_nth (self, wsm_pool_find_position (self, id));

  return connection != NULL && wsm_connection_get_id (connection) == id ? connection : NULL;
}

/*
 * wsm_pool_add_observer:
 * @funcs: what to call; not copied
 * @observer: passed to them; may be there once
 *
 * From now on journals are kept and @observer is told. Not after the pool was disposed of.
 */
void
wsm_pool_add_observer (WsmPool               *self,
                       const WsmPoolObserver *funcs,
                       gpointer               observer)
{
  WsmPoolLooker looker = { funcs, observer };

  g_return_if_fail (self->host.gate != NULL);

  if (self->observers == NULL)
    {
      self->observers = g_array_new (FALSE, FALSE, sizeof (WsmPoolLooker));
      self->observer = (WsmConnectionObserver) {
        .state_changed = wsm_pool_observe_state,
        .reason_changed = wsm_pool_observe_reason,
        .beat_answered = wsm_pool_observe_beat_answered,
        .beat_missed = wsm_pool_observe_beat_missed,
        .figures_moved = wsm_pool_observe_figures,
        .frame = wsm_pool_observe_frame,
      };
      self->host.observer = &self->observer;
      for (guint i = 0; i < self->connections->len; i++)
        wsm_pool_note_state (self, g_ptr_array_index (self->connections, i));
    }
  g_array_append_val (self->observers, looker);
}

/*
 * wsm_pool_remove_observer:
 *
 * With the last one the journals go.
 */
void
wsm_pool_remove_observer (WsmPool  *self,
                          gpointer  observer)
{
  for (guint i = 0; self->observers != NULL && i < self->observers->len; i++)
    if (g_array_index (self->observers, WsmPoolLooker, i).observer == observer)
      {
        g_array_remove_index (self->observers, i);
        break;
      }

  if (self->observers == NULL || self->observers->len > 0)
    return;
  g_clear_pointer (&self->observers, g_array_unref);
  self->host.observer = NULL;
  for (guint i = 0; i < self->connections->len; i++)
    wsm_connection_forget_observed (g_ptr_array_index (self->connections, i));
}

/* Everybody sees the same frames, so the one who wants most decides. */
static void
wsm_pool_update_capture (WsmPool *self,
                         guint64  id)
{
  WsmConnection *connection = wsm_pool_find (self, id);
  gboolean wants_frames = FALSE;
  gsize payload_capture = 0;

  if (connection == NULL)
    return;

  for (guint i = 0; i < self->frame_wishes->len; i++)
    {
      WsmFrameWish *wish = &g_array_index (self->frame_wishes, WsmFrameWish, i);

      if (wish->id != id)
        continue;
      wants_frames = TRUE;
      payload_capture = MAX (payload_capture, wish->payload_capture);
    }
  wsm_connection_set_capture (connection, wants_frames, payload_capture);
}

/*
 * wsm_pool_wish_frames:
 * @wisher: who wants them; it has one wish at a time
 * @id: whose frames; 0 = nobody's
 * @payload_capture: how many bytes of each payload at least; 0 = none
 */
void
wsm_pool_wish_frames (WsmPool  *self,
                      gpointer  wisher,
                      guint64   id,
                      gsize     payload_capture)
{
  WsmFrameWish wish = { wisher, id, payload_capture };
  guint64 old_id = 0;

  if (self->frame_wishes == NULL)
    self->frame_wishes = g_array_new (FALSE, FALSE, sizeof (WsmFrameWish));
  for (guint i = 0; i < self->frame_wishes->len; i++)
    if (g_array_index (self->frame_wishes, WsmFrameWish, i).wisher == wisher)
      {
        old_id = g_array_index (self->frame_wishes, WsmFrameWish, i).id;
        g_array_remove_index (self->frame_wishes, i);
        break;
      }
  if (id != 0)
    g_array_append_val (self->frame_wishes, wish);

  if (old_id != 0 && old_id != id)
    wsm_pool_update_capture (self, old_id);
  if (id != 0)
    wsm_pool_update_capture (self, id);
  if (self->frame_wishes->len == 0)
    g_clear_pointer (&self->frame_wishes, g_array_unref);
}
