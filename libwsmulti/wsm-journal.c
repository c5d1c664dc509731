/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-journal.h"

/* What all journals of a pool hold together, unless it is so large that each would be useless. */
#define POOL_CAPACITY 65536

/* Most connections of a large pool have little to tell. */
#define FIRST_ALLOCATION 8

/* A ring: the oldest entry stands at first, the others behind it, around the end. */
struct _WsmJournal
{
  WsmJournalEntry *entries; /* (owned) (nullable) */
  guint n_allocated;
  guint first;
  guint n_entries;
  guint64 n_ever;
};

WsmJournal *
wsm_journal_new (void)
{
  return g_new0 (WsmJournal, 1);
}

static WsmJournalEntry *
wsm_journal_at (const WsmJournal *self,
                guint             position)
{
  return &self->entries[(self->first + position) % self->n_allocated];
}

static void
wsm_journal_drop_oldest (WsmJournal *self)
{
  g_clear_pointer (&wsm_journal_at (self, 0)->reason, wsm_reason_free);
  self->first = (self->first + 1) % self->n_allocated;
  self->n_entries--;
}

void
wsm_journal_free (WsmJournal *self)
{
  g_return_if_fail (self != NULL);

  while (self->n_entries > 0)
    wsm_journal_drop_oldest (self);
  g_free (self->entries);
  g_free (self);
}

/*
 * wsm_journal_share:
 * @n_connections: of the pool
 *
 * Returns: how many entries each of them may keep
 */
guint
wsm_journal_share (guint n_connections)
{
  return CLAMP (POOL_CAPACITY / MAX (n_connections, 1), WSM_JOURNAL_MIN_CAPACITY,
                WSM_JOURNAL_MAX_CAPACITY);
}

static void
wsm_journal_resize (WsmJournal *self,
                    guint       n_allocated)
{
  WsmJournalEntry *entries = g_new (WsmJournalEntry, n_allocated);

  for (guint i = 0; i < self->n_entries; i++)
    entries[i] = *wsm_journal_at (self, i);
  g_free (self->entries);
  self->entries = entries;
  self->n_allocated = n_allocated;
  self->first = 0;
}

/* The capacity may be another one than before: a pool grows and shrinks. */
static void
wsm_journal_add (WsmJournal            *self,
                 guint                  capacity,
                 const WsmJournalEntry *entry)
{
  while (self->n_entries >= capacity)
    wsm_journal_drop_oldest (self);

  if (self->n_allocated > capacity)
    wsm_journal_resize (self, capacity);
  else if (self->n_entries == self->n_allocated)
    wsm_journal_resize (self, CLAMP (self->n_allocated * 2, FIRST_ALLOCATION, capacity));

  *wsm_journal_at (self, self->n_entries) = *entry;
  self->n_entries++;
  self->n_ever++;
}

void
wsm_journal_add_state (WsmJournal      *self,
                       guint            capacity,
                       gint64           time_us,
                       WsmState         state,
                       const WsmReason *reason)
{
  WsmJournalEntry entry = {
    .time_us = time_us,
    .reason = wsm_reason_copy (reason),
    .round_trip_us = -1,
    .kind = WSM_JOURNAL_KIND_STATE,
    .state = (guint8) state,
  };

  g_return_if_fail (capacity > 0);

  wsm_journal_add (self, capacity, &entry);
}

/*
 * wsm_journal_add_beat:
 * @capacity: how many entries may be kept
 * @round_trip_us: negative if it was missed
 */
void
wsm_journal_add_beat (WsmJournal *self,
                      guint       capacity,
                      gint64      time_us,
                      WsmState    state,
                      gint64      round_trip_us)
{
  WsmJournalEntry entry = {
    .time_us = time_us,
    .round_trip_us = (gint32) CLAMP (round_trip_us, -1, G_MAXINT32),
    .kind = round_trip_us < 0 ? WSM_JOURNAL_KIND_BEAT_MISSED : WSM_JOURNAL_KIND_BEAT_ANSWERED,
    .state = (guint8) state,
  };

  g_return_if_fail (capacity > 0);

  wsm_journal_add (self, capacity, &entry);
}

/*
 * wsm_journal_get_oldest:
 *
 * Returns: the number of the oldest entry that is kept; one more than the newest if there is none
 */
guint64
wsm_journal_get_oldest (const WsmJournal *self)
{
  return self->n_ever - self->n_entries + 1;
}

/*
 * wsm_journal_get_newest:
 *
 * Returns: the number of the newest entry; 0 if there was none ever
 */
guint64
wsm_journal_get_newest (const WsmJournal *self)
{
  return self->n_ever;
}

/*
 * wsm_journal_get:
 * @number: of an entry
 *
 * Returns: (transfer none) (nullable): the entry, valid until the next one is added; %NULL if it
 *   is not kept
 */
const WsmJournalEntry *
wsm_journal_get (const WsmJournal *self,
                 guint64           number)
{
  guint64 oldest = wsm_journal_get_oldest (self);

  if (number < oldest || number > self->n_ever)
    return NULL;

  return wsm_journal_at (self, (guint) (number - oldest));
}

/*
 * wsm_journal_get_beats:
 * @round_trips_ms: (out caller-allocates): oldest first; negative for a beat that was missed
 * @n_max: how many fit there
 *
 * Gets the last beats.
 *
 * Returns: how many there are
 */
guint
wsm_journal_get_beats (const WsmJournal *self,
                       double           *round_trips_ms,
                       guint             n_max)
{
  guint n = 0;

  for (guint i = self->n_entries; i > 0 && n < n_max; i--)
    {
      const WsmJournalEntry *entry = wsm_journal_at (self, i - 1);

      if (entry->kind != WSM_JOURNAL_KIND_STATE)
        round_trips_ms[n++] = entry->round_trip_us < 0 ? -1.0 : entry->round_trip_us / 1000.0;
    }
  for (guint i = 0; i < n / 2; i++)
    {
      double later = round_trips_ms[i];

      round_trips_ms[i] = round_trips_ms[n - 1 - i];
      round_trips_ms[n - 1 - i] = later;
    }

  return n;
}
