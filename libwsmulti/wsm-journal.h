/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-enums.h"
#include "wsm-reason.h"

G_BEGIN_DECLS

/* What has happened to one connection, the newest entries of it: its states and its beats, for
 * those who look into a pool. Entries are numbered from 1, without gaps. */
typedef struct _WsmJournal WsmJournal;

/* As in io.github.wsmulti.Pool1.GetJournal. */
typedef enum
{
  WSM_JOURNAL_KIND_STATE = 1,
  WSM_JOURNAL_KIND_BEAT_ANSWERED,
  WSM_JOURNAL_KIND_BEAT_MISSED,
} WsmJournalKind;

typedef struct
{
  gint64 time_us;
  WsmReason *reason;   /* (owned) (nullable): of a state */
  gint32 round_trip_us; /* of an answered beat, else negative */
  guint8 kind;         /* WsmJournalKind */
  guint8 state;        /* WsmState after it */
} WsmJournalEntry;

#define WSM_JOURNAL_MIN_CAPACITY 32
#define WSM_JOURNAL_MAX_CAPACITY 1024

WsmJournal            *wsm_journal_new        (void) G_GNUC_WARN_UNUSED_RESULT;
void                   wsm_journal_free       (WsmJournal       *self);

/* A fair share for each of so many connections of a pool. */
guint                  wsm_journal_share      (guint             n_connections);

void                   wsm_journal_add_state  (WsmJournal       *self,
                                               guint             capacity,
                                               gint64            time_us,
                                               WsmState          state,
                                               const WsmReason  *reason);
void                   wsm_journal_add_beat   (WsmJournal       *self,
                                               guint             capacity,
                                               gint64            time_us,
                                               WsmState          state,
                                               gint64            round_trip_us);

guint64                wsm_journal_get_oldest (const WsmJournal *self);
guint64                wsm_journal_get_newest (const WsmJournal *self);
const WsmJournalEntry *wsm_journal_get        (const WsmJournal *self,
                                               guint64           number);
guint                  wsm_journal_get_beats  (const WsmJournal *self,
                                               double           *round_trips_ms,
                                               guint             n_max);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmJournal, wsm_journal_free)

G_END_DECLS
