/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-beats.h"

/**
 * WsiBeats:
 *
 * The last beats of one connection, for a small chart.
 */
struct _WsiBeats
{
  GObject parent_instance;

  float round_trips[WSI_BEATS_CAPACITY]; /* a ring; ms, negative = missed */
  guint first;
  guint n;
  guint64 n_ever;
};

typedef enum
{
  SIGNAL_CHANGED,
} WsiBeatsSignal;

static guint signals[SIGNAL_CHANGED + 1];

G_DEFINE_FINAL_TYPE (WsiBeats, wsi_beats, G_TYPE_OBJECT)

static void
wsi_beats_store (WsiBeats *self,
                 double    round_trip)
{
  guint position = (self->first + self->n) % WSI_BEATS_CAPACITY;

  self->round_trips[position] = round_trip >= 0.0 ? (float) MIN (round_trip, 1e9) : -1.0f;
  if (self->n < WSI_BEATS_CAPACITY)
    self->n++;
  else
    self->first = (self->first + 1) % WSI_BEATS_CAPACITY;
  self->n_ever++;
}

static void
wsi_beats_class_init (WsiBeatsClass *klass)
{
  signals[SIGNAL_CHANGED] =
    g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wsi_beats_init (WsiBeats *self)
{
}

WsiBeats *
wsi_beats_new (void)
{
  return g_object_new (WSI_TYPE_BEATS, NULL);
}

guint
wsi_beats_get_n (WsiBeats *self)
{
  g_return_val_if_fail (WSI_IS_BEATS (self), 0);

  return self->n;
}

/* 0 is the oldest one. */
double
wsi_beats_get (WsiBeats *self,
               guint     position)
{
  g_return_val_if_fail (WSI_IS_BEATS (self), -1.0);
  g_return_val_if_fail (position < self->n, -1.0);

  return (double) self->round_trips[(self->first + position) % WSI_BEATS_CAPACITY];
}

/* How many were added ever, so that a chart knows how far it has moved. */
guint64
wsi_beats_get_n_ever (WsiBeats *self)
{
  g_return_val_if_fail (WSI_IS_BEATS (self), 0);

  return self->n_ever;
}

/* The longest round trip among them; 0 if none was answered. */
double
wsi_beats_get_max (WsiBeats *self)
{
  double max = 0.0;

  g_return_val_if_fail (WSI_IS_BEATS (self), 0.0);

  for (guint i = 0; i < self->n; i++)
    max = MAX (max, wsi_beats_get (self, i));

  return max;
}

/* Negative = missed. */
void
wsi_beats_add (WsiBeats *self,
               double    round_trip)
{
  g_return_if_fail (WSI_IS_BEATS (self));

  wsi_beats_store (self, round_trip);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Adds several, and tells it once. */
void
wsi_beats_add_many (WsiBeats     *self,
                    const double *round_trips,
                    gsize         n)
{
  g_return_if_fail (WSI_IS_BEATS (self));

  if (n == 0)
    return;

  for (gsize i = 0; i < n; i++)
    wsi_beats_store (self, round_trips[i]);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

/* Puts these in the place of those that are there, if they differ. */
void
wsi_beats_replace (WsiBeats     *self,
                   const double *round_trips,
                   gsize         n)
{
  gboolean is_same;

  g_return_if_fail (WSI_IS_BEATS (self));

  if (n > WSI_BEATS_CAPACITY)
    {
      round_trips += n - WSI_BEATS_CAPACITY;
      n = WSI_BEATS_CAPACITY;
    }

  is_same = n == self->n;
  for (guint i = 0; i < n && is_same; i++)
    {
      float old = (float) wsi_beats_get (self, i);

      is_same = old == (float) round_trips[i] || (old < 0.0f && round_trips[i] < 0.0);
    }
  if (is_same)
    return;

  self->first = 0;
  self->n = 0;
  for (gsize i = 0; i < n; i++)
    wsi_beats_store (self, round_trips[i]);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

void
wsi_beats_clear (WsiBeats *self)
{
  g_return_if_fail (WSI_IS_BEATS (self));

  if (self->n == 0)
    return;

  self->first = 0;
  self->n = 0;
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}
