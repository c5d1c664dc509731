/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "ledger.h"

#include <string.h>

/**
 * WsmCliLedger:
 *
 * Counts what happens in a pool, and never backwards.
 *
 * A connection has counters of its own; they begin anew with the next connection of that name, and
 * end with the connection. What is counted here goes on: each name has an account, in which the
 * counters of the connections that had it follow one another.
 */

/* Names that are not in the pool any more and may come back. Of older ones only the sums stay. */
#define MAX_CLOSED_ACCOUNTS 1000

struct _WsmCliAccount
{
  WsmCliLedger *ledger;      /* (unowned) (nullable): while it has a connection */
  WsmConnection *connection; /* (owned) (nullable): NULL while it is closed */
  GSignalGroup *signals;     /* (owned) (nullable): likewise */
  char *name;                /* (owned) */

  /* Those that the connection counts itself lack what it has counted, until it goes. They may be
   * below 0 meanwhile, round the corner: it may have counted before it came. */
  guint64 counts[WSM_CLI_N_COUNTS];
  WsmCliRoundTrips round_trips;
  gint64 created_us;

  WsmState state;
  guint n_missed;
};

struct _WsmCliLedger
{
  GObject parent_instance;

  WsmPool *pool; /* (owned) */
  gulong items_changed_id;
  GPtrArray *accounts; /* (owned) (element-type WsmCliAccount): in the order of the pool */
  GHashTable *by_name; /* (owned) (element-type utf8 WsmCliAccount): all of them */
  GQueue closed;       /* (element-type WsmCliAccount): unowned elements, the oldest first */

  guint64 forgotten[WSM_CLI_N_COUNTS];
  guint64 disconnections[WSM_CLI_N_REASONS];
  guint64 failed_attempts[WSM_CLI_N_REASONS];
  WsmCliRoundTrips round_trips;
  gint64 created_us;
};

static const gint64 bounds_us[WSM_CLI_N_BOUNDS] =
{
  500, 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000,
  10000000,
};

G_DEFINE_FINAL_TYPE (WsmCliLedger, wsm_cli_ledger, G_TYPE_OBJECT)

static guint64
wsm_cli_ledger_read_reconnections (WsmConnection *connection)
{
  return wsm_connection_get_n_reconnects (connection);
}

/* NULL: what nobody but the ledger counts. */
static guint64 (*const readers[WSM_CLI_N_COUNTS]) (WsmConnection *connection) =
{
  [WSM_CLI_COUNT_BEATS] = wsm_connection_get_n_beats_sent,
  [WSM_CLI_COUNT_ANSWERED_BEATS] = wsm_connection_get_n_beats_answered,
  [WSM_CLI_COUNT_RECONNECTIONS] = wsm_cli_ledger_read_reconnections,
  [WSM_CLI_COUNT_RECEIVED_MESSAGES] = wsm_connection_get_n_messages_received,
  [WSM_CLI_COUNT_RECEIVED_BYTES] = wsm_connection_get_n_bytes_received,
  [WSM_CLI_COUNT_SENT_MESSAGES] = wsm_connection_get_n_messages_sent,
  [WSM_CLI_COUNT_SENT_BYTES] = wsm_connection_get_n_bytes_sent,
};

static void
wsm_cli_round_trips_add (WsmCliRoundTrips *self,
                         gint64            round_trip_us)
{
  guint i = 0;

  while (i < WSM_CLI_N_BOUNDS && round_trip_us > bounds_us[i])
    i++;

  self->buckets[i]++;
  self->sum_us += round_trip_us;
}

static WsmCliAccount *
wsm_cli_account_new (const char *name)
{
  WsmCliAccount *self = g_rc_box_new0 (WsmCliAccount);

  self->name = g_strdup (name);
  self->created_us = g_get_real_time ();

  return self;
}

static void
wsm_cli_account_clear (gpointer data)
{
  WsmCliAccount *self = data;

  g_clear_object (&self->signals);
  g_clear_object (&self->connection);
  g_free (self->name);
}

static void
wsm_cli_account_unref (gpointer data)
{
  g_rc_box_release_full (data, wsm_cli_account_clear);
}

static void
wsm_cli_account_beat_cb (WsmConnection *connection,
                         guint64        sequence,
                         double         round_trip,
                         WsmCliAccount *self)
{
  gint64 round_trip_us = (gint64) (round_trip * 1000.0 + 0.5);

  wsm_cli_round_trips_add (&self->round_trips, round_trip_us);
  wsm_cli_round_trips_add (&self->ledger->round_trips, round_trip_us);
}

static void
wsm_cli_account_disconnected_cb (WsmConnection   *connection,
                                 const WsmReason *reason,
                                 gboolean         will_retry,
                                 WsmCliAccount   *self)
{
  self->counts[WSM_CLI_COUNT_DISCONNECTIONS]++;
  self->ledger->disconnections[wsm_reason_get_code (reason)]++;
}

static void
wsm_cli_account_dropped_cb (WsmConnection   *connection,
                            guint            n_messages,
                            guint64          n_bytes,
                            const WsmReason *why,
                            WsmCliAccount   *self)
{
  self->counts[WSM_CLI_COUNT_DROPPED_MESSAGES] += n_messages;
  self->counts[WSM_CLI_COUNT_DROPPED_BYTES] += n_bytes;
}

static void
wsm_cli_account_unconfirmed_cb (WsmConnection *connection,
                                guint          n_messages,
                                guint64        n_bytes,
                                WsmCliAccount *self)
{
  self->counts[WSM_CLI_COUNT_UNCONFIRMED_MESSAGES] += n_messages;
  self->counts[WSM_CLI_COUNT_UNCONFIRMED_BYTES] += n_bytes;
}

/* It counts those in a row, and tells each time that there is one more, or none any more. */
static void
wsm_cli_account_notify_n_missed_cb (WsmConnection *connection,
                                    GParamSpec    *pspec,
                                    WsmCliAccount *self)
{
  guint n_missed = wsm_connection_get_n_missed (connection);

  if (n_missed > self->n_missed)
    self->counts[WSM_CLI_COUNT_MISSED_BEATS] += n_missed - self->n_missed;
  self->n_missed = n_missed;
}

static void
wsm_cli_account_notify_state_cb (WsmConnection *connection,
                                 GParamSpec    *pspec,
                                 WsmCliAccount *self)
{
  WsmState old_state = self->state;
  WsmReasonCode code = wsm_reason_get_code (wsm_connection_get_reason (connection));

  self->state = wsm_connection_get_state (connection);
  if (old_state != WSM_STATE_CONNECTING ||
      (self->state != WSM_STATE_WAITING && self->state != WSM_STATE_FAILED))
    return;

  self->counts[WSM_CLI_COUNT_FAILED_ATTEMPTS]++;
  self->ledger->failed_attempts[code]++;
}

static void
wsm_cli_account_open (WsmCliAccount *self,
                      WsmCliLedger  *ledger,
                      WsmConnection *connection)
{
  self->ledger = ledger;
  self->connection = g_object_ref (connection);
  self->state = wsm_connection_get_state (connection);
  self->n_missed = wsm_connection_get_n_missed (connection);
  for (guint i = 0; i < WSM_CLI_N_COUNTS; i++)
    {
      if (readers[i] != NULL)
        self->counts[i] -= readers[i] (connection);
    }

  self->signals = g_signal_group_new (WSM_TYPE_CONNECTION);
  g_signal_group_connect (self->signals, "beat", G_CALLBACK (wsm_cli_account_beat_cb), self);
  g_signal_group_connect (self->signals, "disconnected",
                          G_CALLBACK (wsm_cli_account_disconnected_cb), self);
  g_signal_group_connect (self->signals, "dropped", G_CALLBACK (wsm_cli_account_dropped_cb), self);
  g_signal_group_connect (self->signals, "unconfirmed",
                          G_CALLBACK (wsm_cli_account_unconfirmed_cb), self);
  g_signal_group_connect (self->signals, "notify::n-missed",
                          G_CALLBACK (wsm_cli_account_notify_n_missed_cb), self);
  g_signal_group_connect (self->signals, "notify::state",
                          G_CALLBACK (wsm_cli_account_notify_state_cb), self);
  g_signal_group_set_target (self->signals, connection);
}

static void
wsm_cli_account_close (WsmCliAccount *self)
{
  for (guint i = 0; i < WSM_CLI_N_COUNTS; i++)
    self->counts[i] = wsm_cli_account_get_count (self, (WsmCliCount) i);

  g_clear_object (&self->signals);
  g_clear_object (&self->connection);
  self->ledger = NULL;
}

static void
wsm_cli_ledger_forget_oldest (WsmCliLedger *self)
{
  WsmCliAccount *account = g_queue_pop_head (&self->closed);

  for (guint i = 0; i < WSM_CLI_N_COUNTS; i++)
    self->forgotten[i] += account->counts[i];

  g_hash_table_remove (self->by_name, account->name);
}

/* Returns: (transfer full): the account of its name */
static WsmCliAccount *
wsm_cli_ledger_open_account (WsmCliLedger  *self,
                             WsmConnection *connection)
{
  const char *name = wsm_connection_get_name (connection);
  WsmCliAccount *account = g_hash_table_lookup (self->by_name, name);

  if (account != NULL)
    {
      g_queue_remove (&self->closed, account);
    }
  else
    {
      account = wsm_cli_account_new (name);
      g_hash_table_insert (self->by_name, account->name, account);
    }

  wsm_cli_account_open (account, self, connection);

  return g_rc_box_acquire (account);
}

static void
wsm_cli_ledger_items_changed_cb (GListModel   *connections,
                                 guint         position,
                                 guint         n_removed,
                                 guint         n_added,
                                 WsmCliLedger *self)
{
  for (guint i = 0; i < n_removed; i++)
    {
      WsmCliAccount *account = g_ptr_array_index (self->accounts, position + i);

      wsm_cli_account_close (account);
      g_queue_push_tail (&self->closed, account);
    }
  if (n_removed > 0)
    g_ptr_array_remove_range (self->accounts, position, n_removed);
  while (g_queue_get_length (&self->closed) > MAX_CLOSED_ACCOUNTS)
    wsm_cli_ledger_forget_oldest (self);

  for (guint i = 0; i < n_added; i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, position + i);

      g_ptr_array_insert (self->accounts, (int) (position + i),
                          wsm_cli_ledger_open_account (self, connection));
    }
}

static void
wsm_cli_ledger_dispose (GObject *object)
{
  WsmCliLedger *self = WSM_CLI_LEDGER (object);

  for (guint i = 0; i < self->accounts->len; i++)
    wsm_cli_account_close (g_ptr_array_index (self->accounts, i));
  g_ptr_array_set_size (self->accounts, 0);
  if (self->pool != NULL)
    g_clear_signal_handler (&self->items_changed_id, self->pool);
  g_clear_object (&self->pool);

  G_OBJECT_CLASS (wsm_cli_ledger_parent_class)->dispose (object);
}

static void
wsm_cli_ledger_finalize (GObject *object)
{
  WsmCliLedger *self = WSM_CLI_LEDGER (object);

  g_queue_clear (&self->closed);
  g_ptr_array_unref (self->accounts);
  g_hash_table_unref (self->by_name);

  G_OBJECT_CLASS (wsm_cli_ledger_parent_class)->finalize (object);
}

static void
wsm_cli_ledger_class_init (WsmCliLedgerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_cli_ledger_dispose;
  object_class->finalize = wsm_cli_ledger_finalize;
}

static void
wsm_cli_ledger_init (WsmCliLedger *self)
{
  self->accounts = g_ptr_array_new_with_free_func (wsm_cli_account_unref);
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, wsm_cli_account_unref);
  self->created_us = g_get_real_time ();
}

/**
 * wsm_cli_ledger_new:
 * @pool: a pool
 *
 * Begins to count what happens in a pool.
 *
 * Returns: (transfer full): a ledger
 */
WsmCliLedger *
wsm_cli_ledger_new (WsmPool *pool)
{
  WsmCliLedger *self = g_object_new (WSM_CLI_TYPE_LEDGER, NULL);
  GListModel *connections = G_LIST_MODEL (pool);

  self->pool = g_object_ref (pool);
  self->items_changed_id = g_signal_connect (pool, "items-changed",
                                             G_CALLBACK (wsm_cli_ledger_items_changed_cb), self);
  wsm_cli_ledger_items_changed_cb (connections, 0, 0, g_list_model_get_n_items (connections), self);

  return self;
}

/**
 * wsm_cli_ledger_get_pool:
 * @self: a ledger
 *
 * Gets the pool.
 *
 * Returns: (transfer none): what it was made for
 */
WsmPool *
wsm_cli_ledger_get_pool (WsmCliLedger *self)
{
  return self->pool;
}

/**
 * wsm_cli_ledger_dup_accounts:
 * @self: a ledger
 * @max_accounts: how many at most
 *
 * Gets the accounts of the connections, in the order of the pool.
 *
 * An account stays good when its connection has gone; it has none then.
 *
 * Returns: (transfer full) (element-type WsmCliAccount): the first of them
 */
GPtrArray *
wsm_cli_ledger_dup_accounts (WsmCliLedger *self,
                             guint         max_accounts)
{
  guint n_accounts = MIN (self->accounts->len, max_accounts);
  GPtrArray *accounts = g_ptr_array_new_full (n_accounts, wsm_cli_account_unref);

  for (guint i = 0; i < n_accounts; i++)
    g_ptr_array_add (accounts, g_rc_box_acquire (g_ptr_array_index (self->accounts, i)));

  return accounts;
}

/**
 * wsm_cli_ledger_sum_up:
 * @self: a ledger
 * @counts: (array fixed-size=14) (out caller-allocates): where the sums go, by #WsmCliCount
 *
 * Adds up all that was counted, also of connections that have gone.
 */
void
wsm_cli_ledger_sum_up (WsmCliLedger *self,
                       guint64      *counts)
{
  GHashTableIter iter;
  gpointer account;

  memcpy (counts, self->forgotten, sizeof self->forgotten);
  g_hash_table_iter_init (&iter, self->by_name);
  while (g_hash_table_iter_next (&iter, NULL, &account))
    {
      for (guint i = 0; i < WSM_CLI_N_COUNTS; i++)
        counts[i] += wsm_cli_account_get_count (account, (WsmCliCount) i);
    }
}

/**
 * wsm_cli_ledger_get_disconnections:
 * @self: a ledger
 * @code: a reason
 *
 * Tells how many open sockets ended for a reason.
 *
 * Returns: a number
 */
guint64
wsm_cli_ledger_get_disconnections (WsmCliLedger  *self,
                                   WsmReasonCode  code)
{
  return self->disconnections[code];
}

/**
 * wsm_cli_ledger_get_failed_attempts:
 * @self: a ledger
 * @code: a reason
 *
 * Tells how many attempts did not lead to an open socket, for a reason.
 *
 * Returns: a number
 */
guint64
wsm_cli_ledger_get_failed_attempts (WsmCliLedger  *self,
                                    WsmReasonCode  code)
{
  return self->failed_attempts[code];
}

/**
 * wsm_cli_ledger_get_round_trips:
 * @self: a ledger
 *
 * Gets the round trips of all connections together.
 *
 * Returns: (transfer none): how many were how long
 */
const WsmCliRoundTrips *
wsm_cli_ledger_get_round_trips (WsmCliLedger *self)
{
  return &self->round_trips;
}

/**
 * wsm_cli_ledger_get_created_us:
 * @self: a ledger
 *
 * Tells since when it counts.
 *
 * Returns: microseconds since 1970
 */
gint64
wsm_cli_ledger_get_created_us (WsmCliLedger *self)
{
  return self->created_us;
}

/**
 * wsm_cli_ledger_get_bounds_us:
 *
 * Gets how long at most a round trip in each bucket is, in microseconds.
 *
 * Returns: (array fixed-size=14): times, the shortest first
 */
const gint64 *
wsm_cli_ledger_get_bounds_us (void)
{
  return bounds_us;
}

/**
 * wsm_cli_account_get_connection:
 * @self: an account
 *
 * Gets the connection that has the name.
 *
 * Returns: (transfer none) (nullable): a connection, or `NULL` if it is not in the pool any more
 */
WsmConnection *
wsm_cli_account_get_connection (WsmCliAccount *self)
{
  return self->connection;
}

/**
 * wsm_cli_account_get_name:
 * @self: an account
 *
 * Gets the name.
 *
 * Returns: a name
 */
const char *
wsm_cli_account_get_name (WsmCliAccount *self)
{
  return self->name;
}

/**
 * wsm_cli_account_get_count:
 * @self: an account
 * @count: what is counted
 *
 * Tells how many there were, under this name.
 *
 * Returns: a number that never gets smaller
 */
guint64
wsm_cli_account_get_count (WsmCliAccount *self,
                           WsmCliCount    count)
{
  if (self->connection == NULL || readers[count] == NULL)
    return self->counts[count];

  return self->counts[count] + readers[count] (self->connection);
}

/**
 * wsm_cli_account_get_round_trips:
 * @self: an account
 *
 * Gets the round trips.
 *
 * Returns: (transfer none): how many were how long
 */
const WsmCliRoundTrips *
wsm_cli_account_get_round_trips (WsmCliAccount *self)
{
  return &self->round_trips;
}

/**
 * wsm_cli_account_get_created_us:
 * @self: an account
 *
 * Tells since when it is counted under this name.
 *
 * Returns: microseconds since 1970
 */
gint64
wsm_cli_account_get_created_us (WsmCliAccount *self)
{
  return self->created_us;
}
