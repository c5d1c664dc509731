/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-beats-private.h"

/**
 * WsmBeats:
 *
 * Beats of many connections that came to their end together.
 *
 * [signal@Wsm.Pool::beats] hands them out. A beat has come to its end when it was answered, or
 * when it was missed. They are never changed afterwards, and copies share them.
 *
 * ```c
 * static void
 * pool_beats_cb (WsmPool  *pool,
 *                WsmBeats *beats,
 *                gpointer  user_data)
 * {
 *   gsize n_beats;
 *   const double *round_trips = wsm_beats_get_round_trips (beats, &n_beats);
 *
 *   for (gsize i = 0; i < n_beats; i++)
 *     if (round_trips[i] > 500)
 *       g_print ("%s took %.0f ms\n",
 *                wsm_connection_get_name (wsm_beats_get_connection (beats, (guint) i)),
 *                round_trips[i]);
 * }
 * ```
 *
 * More in the book: [Heartbeats](heartbeats.html#hear-of-the-beats-of-many).
 *
 * Since: 0.1
 */
struct _WsmBeats
{
  gatomicrefcount ref_count;

  /* One of each for each beat. */
  GPtrArray *connections; /* (owned) (element-type WsmConnection) */
  GArray *round_trips;    /* (owned) (element-type double): in milliseconds; -1 = missed */

  guint n_missed;
};

G_DEFINE_BOXED_TYPE (WsmBeats, wsm_beats, wsm_beats_copy, wsm_beats_free)

WsmBeats *
wsm_beats_new (void)
{
  WsmBeats *self = g_new0 (WsmBeats, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->connections = g_ptr_array_new_with_free_func (g_object_unref);
  self->round_trips = g_array_new (FALSE, FALSE, sizeof (double));

  return self;
}

/*
 * wsm_beats_add:
 * @connection: whose beat it was
 * @round_trip_us: negative = it was missed
 */
void
wsm_beats_add (WsmBeats      *self,
               WsmConnection *connection,
               gint64         round_trip_us)
{
  double round_trip_ms = round_trip_us < 0 ? -1.0 : (double) round_trip_us / 1000.0;

  g_ptr_array_add (self->connections, g_object_ref (connection));
  g_array_append_val (self->round_trips, round_trip_ms);
  self->n_missed += round_trip_us < 0 ? 1 : 0;
}

/*
 * wsm_beats_forget:
 *
 * Takes the beats of @connection away; the others stay in their order.
 */
void
wsm_beats_forget (WsmBeats      *self,
                  WsmConnection *connection)
{
  for (guint i = self->connections->len; i > 0; i--)
    {
      if (g_ptr_array_index (self->connections, i - 1) != connection)
        continue;
      self->n_missed -= g_array_index (self->round_trips, double, i - 1) < 0 ? 1 : 0;
      g_ptr_array_remove_index (self->connections, i - 1);
      g_array_remove_index (self->round_trips, i - 1);
    }
}

/**
 * wsm_beats_copy:
 * @self: beats
 *
 * Takes another reference to beats.
 *
 * Returns: (transfer full): the same beats
 *
 * Since: 0.1
 */
WsmBeats *
wsm_beats_copy (const WsmBeats *self)
{
  WsmBeats *shared = (WsmBeats *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&shared->ref_count);

  return shared;
}

/**
 * wsm_beats_free:
 * @self: (transfer full): beats
 *
 * Drops a reference to beats; the last one frees them.
 *
 * Since: 0.1
 */
void
wsm_beats_free (WsmBeats *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_ptr_array_unref (self->connections);
  g_array_unref (self->round_trips);
  g_free (self);
}

/**
 * wsm_beats_get_n_answered:
 * @self: beats
 *
 * Gets how many of them were answered.
 *
 * Returns: the number
 *
 * Since: 0.1
 */
guint
wsm_beats_get_n_answered (const WsmBeats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->connections->len - self->n_missed;
}

/**
 * wsm_beats_get_n_missed:
 * @self: beats
 *
 * Gets how many of them were missed.
 *
 * Returns: the number
 *
 * Since: 0.1
 */
guint
wsm_beats_get_n_missed (const WsmBeats *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_missed;
}

/**
 * wsm_beats_get_round_trips:
 * @self: beats
 * @n_beats: (out) (optional): how many there are
 *
 * Gets how long each beat took to be answered, in milliseconds.
 *
 * They are in the order in which the beats came to their end. That of one that was missed is
 * negative.
 *
 * Returns: (array length=n_beats) (transfer none): a time for each beat
 *
 * Since: 0.1
 */
const double *
wsm_beats_get_round_trips (const WsmBeats *self,
                           gsize          *n_beats)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (n_beats != NULL)
    *n_beats = self->round_trips->len;

  return (const double *) (gpointer) self->round_trips->data;
}

/**
 * wsm_beats_get_connections:
 * @self: beats
 * @n_beats: (out) (optional): how many there are
 *
 * Gets whose beats they are, in the order of [method@Wsm.Beats.get_round_trips].
 *
 * In other languages than C each of them becomes an object of that language;
 * [method@Wsm.Beats.get_connection] asks for single ones.
 *
 * Returns: (array length=n_beats) (transfer none): a connection for each beat
 *
 * Since: 0.1
 */
WsmConnection *const *
wsm_beats_get_connections (const WsmBeats *self,
                           gsize          *n_beats)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (n_beats != NULL)
    *n_beats = self->connections->len;

  return (WsmConnection *const *) self->connections->pdata;
}

/**
 * wsm_beats_get_connection:
 * @self: beats
 * @position: where in [method@Wsm.Beats.get_round_trips]
 *
 * Gets whose beat one of them is.
 *
 * Returns: (transfer none) (nullable): the connection, or `NULL` if there are not so many beats
 *
 * Since: 0.1
 */
WsmConnection *
wsm_beats_get_connection (const WsmBeats *self,
                          guint           position)
{
  g_return_val_if_fail (self != NULL, NULL);

  return position < self->connections->len ? g_ptr_array_index (self->connections, position)
                                           : NULL;
}
