/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-watch.h"

#include <string.h>

/*
 * What one client watches.
 *
 * Rows that change are marked, and told together when the interval is over. The timer is armed
 * only while something is marked, so that a pool in which nothing happens wakes nobody. Nothing is
 * told before what was told last has left the process: who does not read is told less, and costs
 * no more than the marks.
 */

/* What is told at a time; the rest follows as soon as that has left. */
#define MAX_FIGURES 1000
#define MAX_ADDED 200
#define MAX_FRAMES 500
#define MAX_FRAME_BYTES (256 * 1024)

struct _WsmExporterWatch
{
  const WsmExhibit *exhibit;           /* (unowned) */
  const WsmExporterWatchClient *funcs; /* (unowned) */
  gpointer client;                     /* (unowned) */

  /* The window. */
  guint interval_ms; /* 0 = nothing is watched */
  guint64 first_id;
  guint64 last_id;
  guint count;
  GArray *chosen; /* (owned) (element-type guint64): ids in the window beside that, in order */
  WsmTimer timer;
  gint64 next_us; /* not before that */

  /* What is yet to be told. */
  GHashTable *marks; /* (owned) (element-type WsmConnection WsmChange): unowned keys */
  GArray *added;     /* (owned) (element-type guint64): ids, in order */
  GArray *removed;   /* (owned) (element-type guint64) */
  guint64 given_id;  /* the client may know rows up to there */
  gboolean counts_changed;

  /* The connection that is looked at closely. */
  guint64 followed_id; /* 0 = none */
  gboolean wants_frames;
  guint payload_capture;
  guint64 entry_told;
  gboolean journal_grew;
  GQueue frames; /* (element-type WsmFrame) */
  gsize n_frame_bytes;
  guint64 n_frames_dropped;
};

static gboolean
wsm_exporter_watch_is_up_to_date (WsmExporterWatch *self)
{
  return !self->counts_changed && !self->journal_grew && self->added->len == 0 &&
         self->removed->len == 0 && self->frames.length == 0 &&
         g_hash_table_size (self->marks) == 0;
}

/* Makes sure that what is marked is told in time. */
static void
wsm_exporter_watch_arm (WsmExporterWatch *self)
{
  if (self->interval_ms != 0 && !wsm_timer_is_armed (&self->timer) &&
      self->funcs->may_say (self->client))
    wsm_scheduler_arm (wsm_pool_get_scheduler (self->exhibit->pool), &self->timer, self->next_us);
}

/* Which id ends the window. */
static void
wsm_exporter_watch_find_end (WsmExporterWatch *self)
{
  guint position = wsm_pool_find_position (self->exhibit->pool, self->first_id);
  WsmConnection *last = NULL;

  if (self->count == 0)
    {
      self->last_id = 0;
      return;
    }
  if (self->count - 1 < G_MAXUINT - position)
    last = wsm_pool_peek_nth (self->exhibit->pool, position + self->count - 1);
  self->last_id = last != NULL ? wsm_connection_get_id (last) : G_MAXUINT64;
}

static void
wsm_exporter_watch_mark (WsmExporterWatch *self,
                         WsmConnection    *connection,
                         WsmChange         change)
{
  guint marks = GPOINTER_TO_UINT (g_hash_table_lookup (self->marks, connection));

  if ((marks | change) != marks)
    g_hash_table_insert (self->marks, connection, GUINT_TO_POINTER (marks | change));
}

static int
wsm_exporter_watch_compare_ids (gconstpointer first,
                                gconstpointer second)
{
  guint64 first_id = *(const guint64 *) first;
  guint64 second_id = *(const guint64 *) second;

  return first_id < second_id ? -1 : first_id > second_id;
}

static gboolean
wsm_exporter_watch_is_in_window (WsmExporterWatch *self,
                                 guint64           id)
{
  return (id >= self->first_id && id <= self->last_id) ||
         g_array_binary_search (self->chosen, &id, wsm_exporter_watch_compare_ids, NULL);
}

/* Rows with ids from one to the other, both included. */
static void
wsm_exporter_watch_mark_range (WsmExporterWatch *self,
                               guint64           first_id,
                               guint64           last_id)
{
  guint position = wsm_pool_find_position (self->exhibit->pool, first_id);
  WsmConnection *connection;

  while ((connection = wsm_pool_peek_nth (self->exhibit->pool, position++)) != NULL &&
         wsm_connection_get_id (connection) <= last_id)
    wsm_exporter_watch_mark (self, connection, WSM_CHANGE_FIGURES);
}

static gboolean
wsm_exporter_watch_find_added (WsmExporterWatch *self,
                               guint64           id,
                               guint            *position)
{
  guint begin = 0;
  guint end = self->added->len;

  while (begin < end)
    {
      guint middle = begin + (end - begin) / 2;

      if (g_array_index (self->added, guint64, middle) < id)
        begin = middle + 1;
      else
        end = middle;
    }
  *position = begin;

  return begin < self->added->len && g_array_index (self->added, guint64, begin) == id;
}

/* Telling. */

static GVariant *
wsm_exporter_watch_take_added (WsmExporterWatch *self)
{
  GVariantBuilder rows;
  guint n = MIN (self->added->len, MAX_ADDED);

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < n; i++)
    {
      guint64 id = g_array_index (self->added, guint64, i);

      g_variant_builder_add_value (&rows,
                                   wsm_exporter_pack_row (wsm_pool_find (self->exhibit->pool, id)));
      self->given_id = MAX (self->given_id, id);
    }
  if (n > 0)
    g_array_remove_range (self->added, 0, n);

  return g_variant_builder_end (&rows);
}

static void
wsm_exporter_watch_tell_changes (WsmExporterWatch *self)
{
  GArray *figures = g_array_sized_new (FALSE, FALSE, sizeof (WsmFigures),
                                       MIN (g_hash_table_size (self->marks), MAX_FIGURES));
  WsmPool *pool = self->exhibit->pool;
  gint64 now_us = wsm_scheduler_get_time_us (wsm_pool_get_scheduler (pool));
  GVariantBuilder reasons;
  GVariant *removed;
  GHashTableIter iter;
  gpointer connection;
  gpointer marks;

  g_variant_builder_init (&reasons, G_VARIANT_TYPE ("a(ts)"));
  g_hash_table_iter_init (&iter, self->marks);
  while (figures->len < MAX_FIGURES && g_hash_table_iter_next (&iter, &connection, &marks))
    {
      WsmFigures row;

      wsm_exporter_read_figures (connection, &row);
      g_array_append_val (figures, row);
      if (GPOINTER_TO_UINT (marks) & WSM_CHANGE_REASON)
        {
          g_autofree char *text =
            wsm_exporter_explain (wsm_connection_get_reason (connection));

          g_variant_builder_add (&reasons, "(ts)", row.id, text);
        }
      g_hash_table_iter_remove (&iter);
    }
  /* A table that once held all rows is walked through in full each time, unless it shrinks. */
  if (g_hash_table_size (self->marks) == 0)
    g_hash_table_remove_all (self->marks);

  removed = g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, self->removed->data,
                                       self->removed->len, sizeof (guint64));
  g_array_set_size (self->removed, 0);
  self->counts_changed = FALSE;

  self->funcs->say (self->client, "Changed",
                    g_variant_new ("(x@(uuuuu)@aya(ts)@aa{sv}@at)",
                                   now_us, wsm_exporter_pack_counts (pool),
                                   wsm_exporter_pack_figures (figures), &reasons,
                                   wsm_exporter_watch_take_added (self), removed));
}

static void
wsm_exporter_watch_tell_events (WsmExporterWatch *self)
{
  WsmConnection *connection = wsm_pool_find (self->exhibit->pool, self->followed_id);
  WsmJournal *journal = connection != NULL ? wsm_connection_get_journal (connection) : NULL;
  GVariant *entries;
  guint64 number;

  self->journal_grew = FALSE;
  if (journal == NULL)
    return;

  entries = g_variant_ref_sink (wsm_exporter_pack_journal (connection, self->entry_told,
                                                           WSM_EXPORTER_MAX_ENTRIES));
  if (g_variant_n_children (entries) > 0)
    {
      number = MAX (self->entry_told + 1, wsm_journal_get_oldest (journal));
      self->entry_told = number + g_variant_n_children (entries) - 1;
      self->journal_grew = self->entry_told < wsm_journal_get_newest (journal);
      self->funcs->say (self->client, "Events",
                        g_variant_new ("(t@a(txuuds))", self->followed_id, entries));
    }
  g_variant_unref (entries);
}

static gsize
wsm_exporter_watch_cost_frame (const WsmFrame *frame)
{
  GBytes *payload = wsm_frame_get_payload (frame);

  return payload != NULL ? g_bytes_get_size (payload) : 0;
}

static WsmFrame *
wsm_exporter_watch_pop_frame (WsmExporterWatch *self)
{
  WsmFrame *frame = g_queue_pop_head (&self->frames);

  self->n_frame_bytes -= wsm_exporter_watch_cost_frame (frame);

  return frame;
}

static void
wsm_exporter_watch_forget_frames (WsmExporterWatch *self)
{
  while (self->frames.length > 0)
    wsm_frame_free (wsm_exporter_watch_pop_frame (self));
  self->n_frames_dropped = 0;
}

static void
wsm_exporter_watch_tell_frames (WsmExporterWatch *self)
{
  GVariantBuilder frames;
  guint64 n_dropped = self->n_frames_dropped;

  self->n_frames_dropped = 0;
  g_variant_builder_init (&frames, G_VARIANT_TYPE ("a(xuuuttay)"));
  while (self->frames.length > 0)
    {
      g_autoptr (WsmFrame) frame = wsm_exporter_watch_pop_frame (self);

      g_variant_builder_add_value (&frames,
                                   wsm_exporter_pack_frame (frame, self->payload_capture));
    }
  self->funcs->say (self->client, "Frames",
                    g_variant_new ("(tta(xuuuttay))", self->followed_id, n_dropped, &frames));
}

static void
wsm_exporter_watch_tell (WsmExporterWatch *self)
{
  WsmScheduler *scheduler = wsm_pool_get_scheduler (self->exhibit->pool);
  gint64 now_us = wsm_scheduler_get_time_us (scheduler);

  if (wsm_exporter_watch_is_up_to_date (self))
    return;

  if (self->counts_changed || self->added->len > 0 || self->removed->len > 0 ||
      g_hash_table_size (self->marks) > 0)
    wsm_exporter_watch_tell_changes (self);
  if (self->journal_grew)
    wsm_exporter_watch_tell_events (self);
  if (self->frames.length > 0)
    wsm_exporter_watch_tell_frames (self);

  self->next_us = now_us;
  if (wsm_exporter_watch_is_up_to_date (self))
    self->next_us += (gint64) self->interval_ms * 1000;
  self->funcs->said (self->client);
  if (!wsm_exporter_watch_is_up_to_date (self))
    wsm_exporter_watch_arm (self);
}

static void
wsm_exporter_watch_timer_cb (WsmTimer *timer,
                             gpointer  user_data)
{
  wsm_exporter_watch_tell (user_data);
}

WsmExporterWatch *
wsm_exporter_watch_new (const WsmExhibit             *exhibit,
                        const WsmExporterWatchClient *funcs,
                        gpointer                      client)
{
  WsmExporterWatch *self = g_new0 (WsmExporterWatch, 1);

  self->exhibit = exhibit;
  self->funcs = funcs;
  self->client = client;
  self->marks = g_hash_table_new (NULL, NULL);
  self->added = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->removed = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->chosen = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_queue_init (&self->frames);
  wsm_timer_init (&self->timer, wsm_exporter_watch_timer_cb, self);

  return self;
}

/* While the pool is still there, or after it is gone. */
void
wsm_exporter_watch_free (WsmExporterWatch *self)
{
  if (self->exhibit->pool != NULL)
    wsm_exporter_watch_stop (self);
  wsm_exporter_watch_forget_frames (self);
  g_clear_pointer (&self->marks, g_hash_table_unref);
  g_clear_pointer (&self->added, g_array_unref);
  g_clear_pointer (&self->removed, g_array_unref);
  g_clear_pointer (&self->chosen, g_array_unref);
  g_free (self);
}

static void
wsm_exporter_watch_go_on (WsmExporterWatch *self,
                          guint             interval_ms,
                          gboolean          is_new)
{
  WsmScheduler *scheduler = wsm_pool_get_scheduler (self->exhibit->pool);
  gint64 now_us = wsm_scheduler_get_time_us (scheduler);

  self->next_us = is_new ? now_us
                         : MIN (self->next_us, now_us + (gint64) interval_ms * 1000);
  self->interval_ms = interval_ms;
  if (is_new)
    self->counts_changed = TRUE;
  wsm_scheduler_disarm (scheduler, &self->timer);
  if (!wsm_exporter_watch_is_up_to_date (self))
    wsm_exporter_watch_arm (self);
}

/*
 * wsm_exporter_watch_start:
 * @interval_ms: between two signals
 * @first: the lowest id in the window
 * @count: how many rows there are in it
 *
 * Begins to watch, or goes on with other figures; all rows in the window are told at once.
 */
void
wsm_exporter_watch_start (WsmExporterWatch *self,
                          guint             interval_ms,
                          guint64           first,
                          guint             count)
{
  gboolean is_new = self->interval_ms == 0 || self->first_id != first || self->count != count ||
                    self->chosen->len > 0;

  self->first_id = first;
  self->count = count;
  g_array_set_size (self->chosen, 0);
  wsm_exporter_watch_find_end (self);
  if (is_new)
    wsm_exporter_watch_mark_range (self, self->first_id, self->last_id);
  wsm_exporter_watch_go_on (self, interval_ms, is_new);
}

/*
 * wsm_exporter_watch_start_rows:
 * @ids: the rows in the window
 *
 * The same for rows that need not stand side by side.
 */
void
wsm_exporter_watch_start_rows (WsmExporterWatch *self,
                               guint             interval_ms,
                               const guint64    *ids,
                               guint             n_ids)
{
  g_autoptr (GArray) before = g_steal_pointer (&self->chosen);
  gboolean is_new = FALSE;

  self->chosen = g_array_sized_new (FALSE, FALSE, sizeof (guint64), n_ids);
  if (n_ids > 0)
    g_array_append_vals (self->chosen, ids, n_ids);
  g_array_sort (self->chosen, wsm_exporter_watch_compare_ids);
  is_new = self->interval_ms == 0 || self->count != 0 || before->len != n_ids ||
           (n_ids > 0 && memcmp (before->data, self->chosen->data, n_ids * sizeof (guint64)) != 0);
  self->first_id = 0;
  self->count = 0;
  wsm_exporter_watch_find_end (self);

  /* Those that were in the window before are known. */
  for (guint i = 0; i < n_ids && is_new; i++)
    {
      guint64 id = g_array_index (self->chosen, guint64, i);
      WsmConnection *connection = wsm_pool_find (self->exhibit->pool, id);

      if (connection != NULL &&
          !g_array_binary_search (before, &id, wsm_exporter_watch_compare_ids, NULL))
        wsm_exporter_watch_mark (self, connection, WSM_CHANGE_FIGURES);
    }
  wsm_exporter_watch_go_on (self, interval_ms, is_new);
}

void
wsm_exporter_watch_stop (WsmExporterWatch *self)
{
  wsm_exporter_watch_follow (self, 0, FALSE, 0);
  wsm_scheduler_disarm (wsm_pool_get_scheduler (self->exhibit->pool), &self->timer);
  self->interval_ms = 0;
  self->counts_changed = FALSE;
  g_hash_table_remove_all (self->marks);
  g_array_set_size (self->added, 0);
  g_array_set_size (self->removed, 0);
}

/*
 * wsm_exporter_watch_follow:
 * @id: a row, or 0
 * @wants_frames: whether its frames are wanted
 * @payload_capture: how many bytes of each payload
 *
 * Looks at one connection closely, from now on.
 */
void
wsm_exporter_watch_follow (WsmExporterWatch *self,
                           guint64           id,
                           gboolean          wants_frames,
                           guint             payload_capture)
{
  WsmConnection *connection = id != 0 ? wsm_pool_find (self->exhibit->pool, id) : NULL;
  WsmJournal *journal = connection != NULL ? wsm_connection_get_journal (connection) : NULL;

  if (self->followed_id != id)
    {
      self->entry_told = journal != NULL ? wsm_journal_get_newest (journal) : 0;
      self->journal_grew = FALSE;
    }
  if (self->followed_id != id || !wants_frames)
    wsm_exporter_watch_forget_frames (self);

  self->followed_id = id;
  self->wants_frames = wants_frames;
  self->payload_capture = MIN (payload_capture, self->exhibit->payload_capture);
  wsm_pool_wish_frames (self->exhibit->pool, self, wants_frames ? id : 0, self->payload_capture);
}

/*
 * wsm_exporter_watch_resume:
 *
 * What was said has left.
 */
void
wsm_exporter_watch_resume (WsmExporterWatch *self)
{
  if (!wsm_exporter_watch_is_up_to_date (self))
    wsm_exporter_watch_arm (self);
}

void
wsm_exporter_watch_note_given (WsmExporterWatch *self,
                               guint64           id)
{
  self->given_id = MAX (self->given_id, id);
}

void
wsm_exporter_watch_added (WsmExporterWatch *self,
                          WsmConnection    *connection)
{
  guint64 id = wsm_connection_get_id (connection);

  if (self->interval_ms == 0)
    return;

  g_array_append_val (self->added, id);
  self->counts_changed = TRUE;
  wsm_exporter_watch_find_end (self);
  wsm_exporter_watch_arm (self);
}

void
wsm_exporter_watch_removed (WsmExporterWatch *self,
                            WsmConnection    *connection,
                            guint64           id)
{
  guint64 last_id = self->last_id;
  gboolean is_known = TRUE;
  guint position;

  if (self->followed_id == id)
    wsm_exporter_watch_follow (self, 0, FALSE, 0);
  if (self->interval_ms == 0)
    return;

  g_hash_table_remove (self->marks, connection);
  if (wsm_exporter_watch_find_added (self, id, &position))
    {
      g_array_remove_index (self->added, position);
      is_known = id <= self->given_id;
    }
  if (is_known)
    g_array_append_val (self->removed, id);
  self->counts_changed = TRUE;

  /* The next rows move up into the window. */
  wsm_exporter_watch_find_end (self);
  if (id >= self->first_id && id <= last_id && self->last_id != last_id)
    wsm_exporter_watch_mark_range (self, last_id + 1, self->last_id);
  wsm_exporter_watch_arm (self);
}

void
wsm_exporter_watch_changed (WsmExporterWatch *self,
                            WsmConnection    *connection,
                            WsmChange         change)
{
  guint64 id = wsm_connection_get_id (connection);
  guint position;

  if (self->interval_ms == 0)
    return;

  if (change & WSM_CHANGE_STATE)
    self->counts_changed = TRUE;
  if ((change & WSM_CHANGE_JOURNAL) && id == self->followed_id)
    self->journal_grew = TRUE;
  if ((wsm_exporter_watch_is_in_window (self, id) || id == self->followed_id ||
       (change & (WSM_CHANGE_STATE | WSM_CHANGE_REASON))) &&
      !wsm_exporter_watch_find_added (self, id, &position))
    wsm_exporter_watch_mark (self, connection, change);
  else if (!self->counts_changed && !self->journal_grew)
    return;
  wsm_exporter_watch_arm (self);
}

void
wsm_exporter_watch_frame (WsmExporterWatch *self,
                          WsmConnection    *connection,
                          const WsmFrame   *frame)
{
  if (self->interval_ms == 0 || !self->wants_frames ||
      wsm_connection_get_id (connection) != self->followed_id)
    return;

  g_queue_push_tail (&self->frames, wsm_frame_copy (frame));
  self->n_frame_bytes += wsm_exporter_watch_cost_frame (frame);
  while (self->frames.length > MAX_FRAMES || self->n_frame_bytes > MAX_FRAME_BYTES)
    {
      wsm_frame_free (wsm_exporter_watch_pop_frame (self));
      self->n_frames_dropped++;
    }
  wsm_exporter_watch_arm (self);
}
