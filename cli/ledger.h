/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

/**
 * WsmCliCount:
 * @WSM_CLI_COUNT_BEATS: beats that were sent
 * @WSM_CLI_COUNT_ANSWERED_BEATS: beats that were answered
 * @WSM_CLI_COUNT_MISSED_BEATS: beats that were not answered in time
 * @WSM_CLI_COUNT_RECONNECTIONS: handshakes that were complete, after the first one
 * @WSM_CLI_COUNT_DISCONNECTIONS: sockets that were open and ended
 * @WSM_CLI_COUNT_FAILED_ATTEMPTS: attempts that ended without an open socket
 * @WSM_CLI_COUNT_RECEIVED_MESSAGES: messages that arrived
 * @WSM_CLI_COUNT_RECEIVED_BYTES: the bytes in them
 * @WSM_CLI_COUNT_SENT_MESSAGES: messages that were sent
 * @WSM_CLI_COUNT_SENT_BYTES: the bytes in them
 * @WSM_CLI_COUNT_DROPPED_MESSAGES: messages that were taken and could not be sent
 * @WSM_CLI_COUNT_DROPPED_BYTES: the bytes in them
 * @WSM_CLI_COUNT_UNCONFIRMED_MESSAGES: messages that a lost socket may have taken down with it
 * @WSM_CLI_COUNT_UNCONFIRMED_BYTES: the bytes in them
 *
 * What is counted of a connection.
 */
typedef enum
{
  WSM_CLI_COUNT_BEATS,
  WSM_CLI_COUNT_ANSWERED_BEATS,
  WSM_CLI_COUNT_MISSED_BEATS,
  WSM_CLI_COUNT_RECONNECTIONS,
  WSM_CLI_COUNT_DISCONNECTIONS,
  WSM_CLI_COUNT_FAILED_ATTEMPTS,
  WSM_CLI_COUNT_RECEIVED_MESSAGES,
  WSM_CLI_COUNT_RECEIVED_BYTES,
  WSM_CLI_COUNT_SENT_MESSAGES,
  WSM_CLI_COUNT_SENT_BYTES,
  WSM_CLI_COUNT_DROPPED_MESSAGES,
  WSM_CLI_COUNT_DROPPED_BYTES,
  WSM_CLI_COUNT_UNCONFIRMED_MESSAGES,
  WSM_CLI_COUNT_UNCONFIRMED_BYTES
} WsmCliCount;

#define WSM_CLI_N_COUNTS (WSM_CLI_COUNT_UNCONFIRMED_BYTES + 1)

/* So many reasons a connection or an attempt may end for. */
#define WSM_CLI_N_REASONS (WSM_REASON_CODE_FLOOD + 1)

/* From half a millisecond, within a building, to ten seconds, when something is very wrong. */
#define WSM_CLI_N_BOUNDS 14

typedef struct
{
  guint64 buckets[WSM_CLI_N_BOUNDS + 1];
  gint64 sum_us;
} WsmCliRoundTrips;

/* What was counted under one name; a connection that takes another's place goes on counting. */
typedef struct _WsmCliAccount WsmCliAccount;

#define WSM_CLI_TYPE_LEDGER (wsm_cli_ledger_get_type ())

G_DECLARE_FINAL_TYPE (WsmCliLedger, wsm_cli_ledger, WSM_CLI, LEDGER, GObject)

WsmCliLedger           *wsm_cli_ledger_new                (WsmPool       *pool) G_GNUC_WARN_UNUSED_RESULT;

WsmPool                *wsm_cli_ledger_get_pool           (WsmCliLedger  *self);
GPtrArray              *wsm_cli_ledger_dup_accounts       (WsmCliLedger  *self,
                                                           guint          max_accounts) G_GNUC_WARN_UNUSED_RESULT;
void                    wsm_cli_ledger_sum_up             (WsmCliLedger  *self,
                                                           guint64       *counts);
guint64                 wsm_cli_ledger_get_disconnections (WsmCliLedger  *self,
                                                           WsmReasonCode  code);
guint64                 wsm_cli_ledger_get_failed_attempts
                                                          (WsmCliLedger  *self,
                                                           WsmReasonCode  code);
const WsmCliRoundTrips *wsm_cli_ledger_get_round_trips    (WsmCliLedger  *self);
gint64                  wsm_cli_ledger_get_created_us     (WsmCliLedger  *self);

const gint64           *wsm_cli_ledger_get_bounds_us      (void);

WsmConnection          *wsm_cli_account_get_connection    (WsmCliAccount *self);
const char             *wsm_cli_account_get_name          (WsmCliAccount *self);
guint64                 wsm_cli_account_get_count         (WsmCliAccount *self,
                                                           WsmCliCount    count);
const WsmCliRoundTrips *wsm_cli_account_get_round_trips   (WsmCliAccount *self);
gint64                  wsm_cli_account_get_created_us    (WsmCliAccount *self);

G_END_DECLS
