/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-history.h"

#include "wsi-event.h"

/**
 * WsiHistory:
 *
 * A journal, read as what can be drawn.
 */

struct _WsiHistory
{
  GObject parent_instance;

  GArray *beats; /* (owned) (element-type WsiHistoryBeat) */
  GArray *spans; /* (owned) (element-type WsiHistorySpan) */

  gint64 first_us;
  gint64 last_us;
};

G_DEFINE_FINAL_TYPE (WsiHistory, wsi_history, G_TYPE_OBJECT)

static void
wsi_history_add_span (WsiHistory *self,
                      WsiEvent   *event,
                      guint       position)
{
  WsiHistorySpan span = {
    .from_us = wsi_event_get_time (event),
    .to_us = G_MAXINT64,
    .state = wsi_event_get_state (event),
    .position = position,
  };

  if (self->spans->len > 0)
    {
      WsiHistorySpan *last = &g_array_index (self->spans, WsiHistorySpan, self->spans->len - 1);

      /* A beat tells the state too; only another one begins another stretch. */
      if (last->state == span.state)
        return;

      last->to_us = span.from_us;
    }

  g_array_append_val (self->spans, span);
}

static void
wsi_history_add_beat (WsiHistory *self,
                      WsiEvent   *event,
                      guint       position)
{
  WsiHistoryBeat beat = {
    .time_us = wsi_event_get_time (event),
    .round_trip = -1.0,
    .position = position,
  };

  if (wsi_event_get_kind (event) == WSI_EVENT_KIND_BEAT_ANSWERED)
    beat.round_trip = MAX (wsi_event_get_round_trip (event), 0.0);

  g_array_append_val (self->beats, beat);
}

static void
wsi_history_finalize (GObject *object)
{
  WsiHistory *self = WSI_HISTORY (object);

  g_clear_pointer (&self->beats, g_array_unref);
  g_clear_pointer (&self->spans, g_array_unref);

  G_OBJECT_CLASS (wsi_history_parent_class)->finalize (object);
}

static void
wsi_history_class_init (WsiHistoryClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = wsi_history_finalize;
}

static void
wsi_history_init (WsiHistory *self)
{
  self->beats = g_array_new (FALSE, FALSE, sizeof (WsiHistoryBeat));
  self->spans = g_array_new (FALSE, FALSE, sizeof (WsiHistorySpan));
}

WsiHistory *
wsi_history_new (void)
{
  return g_object_new (WSI_TYPE_HISTORY, NULL);
}

void
wsi_history_read (WsiHistory *self,
                  GListModel *journal)
{
  guint n_events;

  g_return_if_fail (WSI_IS_HISTORY (self));
  g_return_if_fail (journal == NULL || G_IS_LIST_MODEL (journal));

  g_array_set_size (self->beats, 0);
  g_array_set_size (self->spans, 0);
  self->first_us = 0;
  self->last_us = 0;

  n_events = journal != NULL ? g_list_model_get_n_items (journal) : 0;
  for (guint i = 0; i < n_events; i++)
    {
      g_autoptr (WsiEvent) event = g_list_model_get_item (journal, i);

      if (i == 0)
        self->first_us = wsi_event_get_time (event);
      self->last_us = MAX (self->last_us, wsi_event_get_time (event));

      if (wsi_event_get_state (event) != WSI_STATE_UNKNOWN)
        wsi_history_add_span (self, event, i);

      switch ((int) wsi_event_get_kind (event))
        {
        case WSI_EVENT_KIND_BEAT_ANSWERED:
        case WSI_EVENT_KIND_BEAT_MISSED:
          wsi_history_add_beat (self, event, i);
          break;
        default:
          break;
        }
    }
}

guint
wsi_history_get_n_beats (WsiHistory *self)
{
  g_return_val_if_fail (WSI_IS_HISTORY (self), 0);

  return self->beats->len;
}

const WsiHistoryBeat *
wsi_history_get_beat (WsiHistory *self,
                      guint       position)
{
  g_return_val_if_fail (WSI_IS_HISTORY (self), NULL);
  g_return_val_if_fail (position < self->beats->len, NULL);

  return &g_array_index (self->beats, WsiHistoryBeat, position);
}

guint
wsi_history_find_beat (WsiHistory *self,
                       gint64      time_us)
{
  guint low = 0;
  guint high;

  g_return_val_if_fail (WSI_IS_HISTORY (self), 0);

  high = self->beats->len;
  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->beats, WsiHistoryBeat, middle).time_us < time_us)
        low = middle + 1;
      else
        high = middle;
    }

  return low;
}

guint
wsi_history_nearest_beat (WsiHistory *self,
                          gint64      time_us)
{
  guint after;

  g_return_val_if_fail (WSI_IS_HISTORY (self), 0);

  after = wsi_history_find_beat (self, time_us);
  if (after == 0)
    return 0;
  if (after == self->beats->len)
    return self->beats->len - 1;

  if (time_us - wsi_history_get_beat (self, after - 1)->time_us <
      wsi_history_get_beat (self, after)->time_us - time_us)
    return after - 1;

  return after;
}

guint
wsi_history_get_n_spans (WsiHistory *self)
{
  g_return_val_if_fail (WSI_IS_HISTORY (self), 0);

  return self->spans->len;
}

const WsiHistorySpan *
wsi_history_get_span (WsiHistory *self,
                      guint       position)
{
  g_return_val_if_fail (WSI_IS_HISTORY (self), NULL);
  g_return_val_if_fail (position < self->spans->len, NULL);

  return &g_array_index (self->spans, WsiHistorySpan, position);
}

gint64
wsi_history_get_first (WsiHistory *self)
{
  g_return_val_if_fail (WSI_IS_HISTORY (self), 0);

  return self->first_us;
}

gint64
wsi_history_get_last (WsiHistory *self)
{
  g_return_val_if_fail (WSI_IS_HISTORY (self), 0);

  return self->last_us;
}

double
wsi_history_get_largest (WsiHistory *self,
                         gint64      since_us)
{
  double largest = -1.0;

  g_return_val_if_fail (WSI_IS_HISTORY (self), -1.0);

  for (guint i = wsi_history_find_beat (self, since_us); i < self->beats->len; i++)
    largest = MAX (largest, g_array_index (self->beats, WsiHistoryBeat, i).round_trip);

  return largest;
}
