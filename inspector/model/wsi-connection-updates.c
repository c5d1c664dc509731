/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-connection-internal.h"

#include "wsi-event.h"
#include "wsi-frame.h"
#include "wsi-text.h"

#include <math.h>

/* More beats than this between two looks, and their round trips are not guessed. */
#define MAX_BEATS_GUESSED 3

/* A moment of another clock in this one's; 0, which is none, stays. Absurd moments are none. */
gint64
wsi_time_shift (gint64 time_us,
                gint64 offset_us)
{
  if (time_us == 0 || time_us > WSI_TIME_MAX || time_us < -WSI_TIME_MAX)
    return 0;

  return time_us + CLAMP (offset_us, -WSI_TIME_MAX, WSI_TIME_MAX);
}

WsiState
wsi_state_from_number (guint32 number)
{
  return number <= WSI_STATE_FAILED ? (WsiState) number : WSI_STATE_UNKNOWN;
}

static double
wsi_connection_sane_round_trip (double round_trip)
{
  return isfinite (round_trip) && round_trip >= 0.0 ? round_trip : -1.0;
}

/* What the counters say of the beats since the last look. Returns FALSE if there were more of them
 * than can be told. */
static gboolean
wsi_connection_count_beats (WsiConnection    *self,
                            const WsiFigures *before,
                            const WsiFigures *after)
{
  double round_trips[2 * MAX_BEATS_GUESSED];
  gsize n = 0;
  guint64 n_answered;
  guint64 n_missed;

  if (after->n_beats_answered < before->n_beats_answered ||
      after->n_beats_missed < before->n_beats_missed)
    return FALSE;

  n_answered = after->n_beats_answered - before->n_beats_answered;
  n_missed = after->n_beats_missed - before->n_beats_missed;
  if (n_answered == 0 && n_missed == 0)
    return TRUE;
  if (n_answered > MAX_BEATS_GUESSED || n_missed > MAX_BEATS_GUESSED)
    return FALSE;

  /* While beats are missed in a row, those are the last ones. */
  for (guint64 i = 0; i < n_missed && after->n_missed == 0; i++)
    round_trips[n++] = -1.0;
  for (guint64 i = 0; i < n_answered; i++)
    round_trips[n++] = after->round_trip;
  for (guint64 i = 0; i < n_missed && after->n_missed > 0; i++)
    round_trips[n++] = -1.0;
  wsi_beats_add_many (wsi_connection_get_beats (self), round_trips, n);

  return TRUE;
}

static void
wsi_connection_set_text (WsiConnection         *self,
                         char                 **field,
                         const char            *text,
                         gsize                  max_bytes,
                         WsiConnectionProperty  prop_id)
{
  g_autofree char *clean = NULL;

  /* What was clean is the same text: nearly all of what is told again. */
  if (g_strcmp0 (*field, text) == 0)
    return;

  clean = wsi_text_clean (text, max_bytes);
  if (g_strcmp0 (*field, clean) == 0)
    return;

  g_free (*field);
  *field = g_steal_pointer (&clean);
  wsi_connection_notify (self, prop_id);
}

/* Takes over what another process says. Returns FALSE if there were beats in between whose round
 * trips are not known, so that the row is worth being fetched. */
gboolean
wsi_connection_apply_figures (WsiConnection    *self,
                              const WsiFigures *figures,
                              gint64            offset_us)
{
  WsiFigures before;
  WsiFigures after;
  gboolean has_all_beats;

  g_return_val_if_fail (WSI_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (figures != NULL, FALSE);

  before = self->figures;
  after = *figures;
  after.id = before.id;
  after.next_at = wsi_time_shift (figures->next_at, offset_us);
  after.opened_at = wsi_time_shift (figures->opened_at, offset_us);
  after.last_received_at = wsi_time_shift (figures->last_received_at, offset_us);
  after.round_trip = wsi_connection_sane_round_trip (figures->round_trip);
  after.smoothed = wsi_connection_sane_round_trip (figures->smoothed);
  after.state = wsi_state_from_number (figures->state);

  g_object_freeze_notify (G_OBJECT (self));
  wsi_connection_store_figures (self, &after);
  has_all_beats = wsi_connection_count_beats (self, &before, &after);
  g_object_thaw_notify (G_OBJECT (self));

  return has_all_beats;
}

/* The same of a recording, in which the beats are known. */
void
wsi_connection_load_figures (WsiConnection    *self,
                             const WsiFigures *figures,
                             gint64            offset_us)
{
  g_return_if_fail (WSI_IS_CONNECTION (self));

  self->figures.n_beats_answered = figures->n_beats_answered;
  self->figures.n_beats_missed = figures->n_beats_missed;
  wsi_connection_apply_figures (self, figures, offset_us);
}

static void
wsi_connection_apply_row_beats (WsiConnection *self,
                                GVariant      *row)
{
  g_autoptr (GVariant) beats = g_variant_lookup_value (row, "beats", G_VARIANT_TYPE ("ad"));
  const double *round_trips;
  double sane[WSI_BEATS_CAPACITY];
  gsize n;
  gsize n_kept;

  if (beats == NULL)
    return;

  round_trips = g_variant_get_fixed_array (beats, &n, sizeof (double));
  n_kept = MIN (n, WSI_BEATS_CAPACITY);
  for (gsize i = 0; i < n_kept; i++)
    sane[i] = wsi_connection_sane_round_trip (round_trips[n - n_kept + i]);

  if (n_kept > 0 || self->beats != NULL)
    wsi_beats_replace (wsi_connection_get_beats (self), sane, n_kept);
}

/* Takes over a row as Pool1.GetConnections gives it. A key of another type is a missing one. */
void
wsi_connection_apply_row (WsiConnection *self,
                          GVariant      *row,
                          gint64         offset_us)
{
  g_autoptr (GVariant) figures = NULL;
  const char *text;

  g_return_if_fail (WSI_IS_CONNECTION (self));
  g_return_if_fail (g_variant_is_of_type (row, G_VARIANT_TYPE_VARDICT));

  g_object_freeze_notify (G_OBJECT (self));

  if (g_variant_lookup (row, "name", "&s", &text))
    wsi_connection_set_text (self, &self->name, text, WSI_TEXT_MAX_NAME, PROP_NAME);
  if (g_variant_lookup (row, "uri", "&s", &text))
    wsi_connection_set_text (self, &self->uri, text, WSI_TEXT_MAX_LONG, PROP_URI);
  if (g_variant_lookup (row, "reason", "&s", &text))
    wsi_connection_set_reason (self, text);

  /* The beats of the row are the better ones, and come last. */
  figures = g_variant_lookup_value (row, "figures", G_VARIANT_TYPE (WSI_FIGURES_TYPE));
  if (figures != NULL)
    wsi_connection_apply_figures (self, g_variant_get_data (figures), offset_us);
  wsi_connection_apply_row_beats (self, row);

  g_object_thaw_notify (G_OBJECT (self));
}

void
wsi_connection_set_reason (WsiConnection *self,
                           const char    *reason)
{
  g_return_if_fail (WSI_IS_CONNECTION (self));
  g_return_if_fail (reason != NULL);

  wsi_connection_set_text (self, &self->reason, reason, WSI_TEXT_MAX_SENTENCE, PROP_REASON);
}

void
wsi_connection_set_details (WsiConnection *self,
                            WsiDetails    *details)
{
  g_return_if_fail (WSI_IS_CONNECTION (self));

  if (g_set_object (&self->details, details))
    wsi_connection_notify (self, PROP_DETAILS);
}

void
wsi_connection_get_figures (WsiConnection *self,
                            WsiFigures    *figures)
{
  g_return_if_fail (WSI_IS_CONNECTION (self));
  g_return_if_fail (figures != NULL);

  *figures = self->figures;
}

guint64
wsi_connection_get_last_event_number (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->last_event_number;
}

/* Adds what is new of a(txuuds). Returns FALSE, and adds nothing, if entries are missing before
 * these and may_have_gap is FALSE; else what is missing is counted as dropped. */
gboolean
wsi_connection_apply_events (WsiConnection *self,
                             GVariant      *entries,
                             gint64         offset_us,
                             gboolean       may_have_gap)
{
  g_autoptr (GPtrArray) events = NULL;
  gsize n;
  gsize first;
  guint64 n_dropped = 0;
  guint64 last;

  g_return_val_if_fail (WSI_IS_CONNECTION (self), FALSE);
  g_return_val_if_fail (g_variant_is_of_type (entries, G_VARIANT_TYPE ("a(txuuds)")), FALSE);

  events = g_ptr_array_new_with_free_func (g_object_unref);
  n = g_variant_n_children (entries);
  /* More than fits is not even made. */
  first = n > WSI_CONNECTION_JOURNAL_CAPACITY ? n - WSI_CONNECTION_JOURNAL_CAPACITY : 0;
  last = self->last_event_number;

  for (gsize i = first; i < n; i++)
    {
      g_autofree char *text = NULL;
      guint64 number;
      gint64 time_us;
      guint32 kind;
      guint32 state;
      double round_trip;
      const char *said;

      g_variant_get_child (entries, i, "(txuud&s)",
                           &number, &time_us, &kind, &state, &round_trip, &said);
      if (number <= last)
        continue;
      if (number != last + 1)
        {
          if (!may_have_gap)
            return FALSE;
          n_dropped += number - last - 1;
        }

      last = number;
      text = wsi_text_clean (said, WSI_TEXT_MAX_SENTENCE);
      g_ptr_array_add (events,
                       wsi_event_new (number,
                                      wsi_time_shift (time_us, offset_us),
                                      (kind <= WSI_EVENT_KIND_BEAT_MISSED
                                       ? (WsiEventKind) kind
                                       : WSI_EVENT_KIND_UNKNOWN),
                                      wsi_state_from_number (state),
                                      wsi_connection_sane_round_trip (round_trip),
                                      text));
    }

  self->last_event_number = last;
  if (n_dropped > 0)
    wsi_log_add_dropped (wsi_connection_get_journal (self), n_dropped);
  wsi_log_append (wsi_connection_get_journal (self), events);

  return TRUE;
}

/* Bytes that nobody asked for are not kept. */
static GBytes *
wsi_connection_read_payload (WsiConnection *self,
                             GVariant      *payload,
                             WsiFrameFlags *flags)
{
  gsize size;
  gconstpointer bytes = g_variant_get_fixed_array (payload, &size, 1);

  if (self->payload_capture == 0 || size == 0)
    return NULL;

  if (size > self->payload_capture)
    {
      size = self->payload_capture;
      *flags |= WSI_FRAME_FLAGS_TRUNCATED;
    }

  return g_bytes_new (bytes, size);
}

/* Adds a(xuuuttay). */
void
wsi_connection_apply_frames (WsiConnection *self,
                             guint64        n_dropped,
                             GVariant      *frames,
                             gint64         offset_us)
{
  g_autoptr (GPtrArray) items = NULL;
  gsize n;
  gsize first;

  g_return_if_fail (WSI_IS_CONNECTION (self));
  g_return_if_fail (g_variant_is_of_type (frames, G_VARIANT_TYPE ("a(xuuuttay)")));

  items = g_ptr_array_new_with_free_func (g_object_unref);
  n = g_variant_n_children (frames);
  first = n > WSI_CONNECTION_FRAMES_CAPACITY ? n - WSI_CONNECTION_FRAMES_CAPACITY : 0;
  n_dropped = MIN (n_dropped, G_MAXINT64 - first) + first;
  self->last_frame_number += n_dropped;

  for (gsize i = first; i < n; i++)
    {
      g_autoptr (GVariant) payload = NULL;
      g_autoptr (GBytes) bytes = NULL;
      gint64 time_us;
      guint32 direction;
      guint32 opcode;
      guint32 flags_said;
      WsiFrameFlags flags;
      guint64 length;
      guint64 wire_length;
      gint64 delta_us;

      g_variant_get_child (frames, i, "(xuuutt@ay)", &time_us, &direction, &opcode, &flags_said,
                           &length, &wire_length, &payload);
      time_us = wsi_time_shift (time_us, offset_us);
      delta_us = self->last_frame_us != 0 && time_us != 0 ? time_us - self->last_frame_us : 0;
      flags = flags_said & (WSI_FRAME_FLAGS_FINAL |
                            WSI_FRAME_FLAGS_COMPRESSED |
                            WSI_FRAME_FLAGS_TRUNCATED);
      bytes = wsi_connection_read_payload (self, payload, &flags);

      self->last_frame_us = time_us;
      self->last_frame_number++;
      g_ptr_array_add (items,
                       wsi_frame_new (self->last_frame_number, time_us, delta_us,
                                      (direction <= WSI_DIRECTION_OUTGOING
                                       ? (WsiDirection) direction
                                       : WSI_DIRECTION_UNKNOWN),
                                      opcode & 0xf, flags, length, wire_length, bytes));
    }

  if (n_dropped > 0)
    wsi_log_add_dropped (wsi_connection_get_frames (self), n_dropped);
  wsi_log_append (wsi_connection_get_frames (self), items);
}
