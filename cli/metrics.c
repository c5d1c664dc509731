/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "metrics.h"

#include "process-facts.h"

/*
 * What is told of a pool: first of all its connections together, then of each, then of the process.
 *
 * All samples of a metric have to stand together, so each connection is met once a metric. That is
 * much text for many connections; it is made piece by piece, so that the main loop can do other
 * things in between. What is told of a connection in two pieces may be some milliseconds apart.
 */

#define US_PER_MS 1000.0

/* Of all connections together, or of one; the words are the same. */
#define COUNTERS(prefix) \
  { \
    [WSM_CLI_COUNT_BEATS] = \
      { prefix "beats", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Beats that were sent." }, \
    [WSM_CLI_COUNT_ANSWERED_BEATS] = \
      { prefix "answered_beats", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Beats that were answered." }, \
    [WSM_CLI_COUNT_MISSED_BEATS] = \
      { prefix "missed_beats", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Beats that were not answered in time." }, \
    [WSM_CLI_COUNT_RECONNECTIONS] = \
      { prefix "reconnections", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Handshakes that were complete, after the first one." }, \
    [WSM_CLI_COUNT_DISCONNECTIONS] = \
      { prefix "disconnections", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Open connections that ended, for whatever reason." }, \
    [WSM_CLI_COUNT_FAILED_ATTEMPTS] = \
      { prefix "failed_attempts", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Attempts to connect that failed." }, \
    [WSM_CLI_COUNT_RECEIVED_MESSAGES] = \
      { prefix "received_messages", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Messages that arrived." }, \
    [WSM_CLI_COUNT_RECEIVED_BYTES] = \
      { prefix "received_bytes", WSM_CLI_FAMILY_COUNTER, "bytes", \
        "Bytes in the messages that arrived." }, \
    [WSM_CLI_COUNT_SENT_MESSAGES] = \
      { prefix "sent_messages", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Messages that were sent." }, \
    [WSM_CLI_COUNT_SENT_BYTES] = \
      { prefix "sent_bytes", WSM_CLI_FAMILY_COUNTER, "bytes", \
        "Bytes in the messages that were sent." }, \
    [WSM_CLI_COUNT_DROPPED_MESSAGES] = \
      { prefix "dropped_messages", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Messages that waited to be sent and never were." }, \
    [WSM_CLI_COUNT_DROPPED_BYTES] = \
      { prefix "dropped_bytes", WSM_CLI_FAMILY_COUNTER, "bytes", \
        "Bytes in the messages that waited to be sent and never were." }, \
    [WSM_CLI_COUNT_UNCONFIRMED_MESSAGES] = \
      { prefix "unconfirmed_messages", WSM_CLI_FAMILY_COUNTER, NULL, \
        "Messages that may have been lost together with a connection." }, \
    [WSM_CLI_COUNT_UNCONFIRMED_BYTES] = \
      { prefix "unconfirmed_bytes", WSM_CLI_FAMILY_COUNTER, "bytes", \
        "Bytes in the messages that may have been lost together with a connection." }, \
  }

typedef struct
{
  WsmCliAccount *account;    /* (unowned): the metrics own it */
  WsmConnection *connection; /* (unowned): the account owns it */
  const char *labels;        /* (unowned) */
} WsmCliSubject;

typedef struct
{
  WsmCliFamily family;
  void (*add) (WsmCliMetrics       *self,
               const WsmCliSubject *subject);
} WsmCliConnectionMetric;

struct _WsmCliMetrics
{
  WsmCliLedger *ledger;         /* (owned) */
  WsmCliExposition *exposition; /* (owned): what is not taken yet */
  GPtrArray *accounts;          /* (owned) (element-type WsmCliAccount) */
  GPtrArray *labels;            /* (owned) (element-type utf8): of each */
  GEnumClass *states;           /* (owned) */
  GString *scratch;             /* (owned): for labels of one sample */
  gint64 clock_offset_us;       /* from monotonic time to that since 1970 */

  guint family; /* which is next: 0 = of the pool, then of connections, then of the process */
  guint position; /* among the accounts */
};

static const WsmCliFamily pool_counters[WSM_CLI_N_COUNTS] = COUNTERS ("wsmulti_pool_");
static const WsmCliFamily connection_counters[WSM_CLI_N_COUNTS] = COUNTERS ("wsmulti_connection_");

static void
wsm_cli_metrics_add_info (WsmCliMetrics       *self,
                          const WsmCliSubject *subject)
{
  g_autoptr (GUri) uri = g_uri_parse (wsm_connection_get_uri (subject->connection),
                                      G_URI_FLAGS_PARSE_RELAXED, NULL);
  g_autofree char *server = NULL;

  /* Without the path: it may hold a token, and names tell connections of one server apart. */
  if (uri != NULL)
    server = g_uri_join (G_URI_FLAGS_NONE, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                         g_uri_get_port (uri), "", NULL, NULL);

  g_string_assign (self->scratch, subject->labels);
  wsm_cli_exposition_append_label (self->scratch, "server", server != NULL ? server : "");
  wsm_cli_exposition_add (self->exposition, self->scratch->str, 1);
}

static void
wsm_cli_metrics_add_state (WsmCliMetrics       *self,
                           const WsmCliSubject *subject)
{
  int state = (int) wsm_connection_get_state (subject->connection);

  for (guint i = 0; i < self->states->n_values; i++)
    {
      g_string_assign (self->scratch, subject->labels);
      wsm_cli_exposition_append_label (self->scratch, "wsmulti_connection_state",
                                       self->states->values[i].value_nick);
      wsm_cli_exposition_add (self->exposition, self->scratch->str,
                              self->states->values[i].value == state);
    }
}

static void
wsm_cli_metrics_add_up (WsmCliMetrics       *self,
                        const WsmCliSubject *subject)
{
  wsm_cli_exposition_add (self->exposition, subject->labels,
                          wsm_connection_get_state (subject->connection) == WSM_STATE_OPEN);
}

static void
wsm_cli_metrics_add_unanswered (WsmCliMetrics       *self,
                                const WsmCliSubject *subject)
{
  wsm_cli_exposition_add (self->exposition, subject->labels,
                          wsm_connection_get_n_missed (subject->connection));
}

static void
wsm_cli_metrics_add_buffered (WsmCliMetrics       *self,
                              const WsmCliSubject *subject)
{
  wsm_cli_exposition_add (self->exposition, subject->labels,
                          wsm_connection_get_buffered (subject->connection));
}

/* What has not happened, or is not going to, has no sample. */
static void
wsm_cli_metrics_add_time (WsmCliMetrics       *self,
                          const WsmCliSubject *subject,
                          gint64               monotonic_us)
{
  if (monotonic_us > 0)
    wsm_cli_exposition_add_seconds (self->exposition, subject->labels,
                                    monotonic_us + self->clock_offset_us);
}

static void
wsm_cli_metrics_add_opened (WsmCliMetrics       *self,
                            const WsmCliSubject *subject)
{
  WsmState state = wsm_connection_get_state (subject->connection);

  /* Of one that has ended the connection remembers it. */
  if (state == WSM_STATE_OPEN || state == WSM_STATE_SUSPECT || state == WSM_STATE_CLOSING)
    wsm_cli_metrics_add_time (self, subject, wsm_connection_get_opened_at (subject->connection));
}

static void
wsm_cli_metrics_add_last_received (WsmCliMetrics       *self,
                                   const WsmCliSubject *subject)
{
  wsm_cli_metrics_add_time (self, subject,
                            wsm_connection_get_last_received_at (subject->connection));
}

static void
wsm_cli_metrics_add_next_retry (WsmCliMetrics       *self,
                                const WsmCliSubject *subject)
{
  wsm_cli_metrics_add_time (self, subject, wsm_connection_get_next_retry_at (subject->connection));
}

static void
wsm_cli_metrics_add_histogram (WsmCliMetrics          *self,
                               const char             *labels,
                               const WsmCliRoundTrips *round_trips,
                               gint64                  created_us)
{
  wsm_cli_exposition_add_histogram (self->exposition, labels, wsm_cli_ledger_get_bounds_us (),
                                    round_trips->buckets, WSM_CLI_N_BOUNDS, round_trips->sum_us,
                                    created_us);
}

static void
wsm_cli_metrics_add_round_trips (WsmCliMetrics       *self,
                                 const WsmCliSubject *subject)
{
  wsm_cli_metrics_add_histogram (self, subject->labels,
                                 wsm_cli_account_get_round_trips (subject->account),
                                 wsm_cli_account_get_created_us (subject->account));
}

/* Those of connection_counters come after them. */
static const WsmCliConnectionMetric connection_metrics[] =
{
  { { "wsmulti_connection", WSM_CLI_FAMILY_INFO, NULL,
      "The server of a connection, without user, path and query." },
    wsm_cli_metrics_add_info },
  { { "wsmulti_connection_state", WSM_CLI_FAMILY_STATE_SET, NULL,
      "The state of a connection." },
    wsm_cli_metrics_add_state },
  { { "wsmulti_connection_up", WSM_CLI_FAMILY_GAUGE, NULL,
      "1 while a connection is open and its peer answers, otherwise 0." },
    wsm_cli_metrics_add_up },
  { { "wsmulti_connection_unanswered_beats", WSM_CLI_FAMILY_GAUGE, NULL,
      "Beats in a row that were not answered." },
    wsm_cli_metrics_add_unanswered },
  { { "wsmulti_connection_buffered_bytes", WSM_CLI_FAMILY_GAUGE, "bytes",
      "Bytes that wait to be sent." },
    wsm_cli_metrics_add_buffered },
  { { "wsmulti_connection_opened_timestamp_seconds", WSM_CLI_FAMILY_GAUGE, "seconds",
      "When the connection that is open was opened." },
    wsm_cli_metrics_add_opened },
  { { "wsmulti_connection_last_received_timestamp_seconds", WSM_CLI_FAMILY_GAUGE, "seconds",
      "When something last arrived." },
    wsm_cli_metrics_add_last_received },
  { { "wsmulti_connection_next_retry_timestamp_seconds", WSM_CLI_FAMILY_GAUGE, "seconds",
      "When the next attempt to connect is due." },
    wsm_cli_metrics_add_next_retry },
  { { "wsmulti_connection_round_trip_seconds", WSM_CLI_FAMILY_HISTOGRAM, "seconds",
      "How long the answers to beats took." },
    wsm_cli_metrics_add_round_trips },
};

#define N_CONNECTION_FAMILIES (G_N_ELEMENTS (connection_metrics) + WSM_CLI_N_COUNTS)

/* Of all connections together. */

static void
wsm_cli_metrics_add_single (WsmCliMetrics      *self,
                            const WsmCliFamily *family,
                            guint64             value)
{
  wsm_cli_exposition_begin_family (self->exposition, family);
  wsm_cli_exposition_add (self->exposition, NULL, value);
}

static void
wsm_cli_metrics_add_build (WsmCliMetrics *self)
{
  static const WsmCliFamily family =
    { "wsmulti_build", WSM_CLI_FAMILY_INFO, NULL, "The version of this program." };

  g_string_truncate (self->scratch, 0);
  wsm_cli_exposition_append_label (self->scratch, "version", PACKAGE_VERSION);
  wsm_cli_exposition_begin_family (self->exposition, &family);
  wsm_cli_exposition_add (self->exposition, self->scratch->str, 1);
}

static void
wsm_cli_metrics_add_connections (WsmCliMetrics *self)
{
  static const WsmCliFamily by_state =
    { "wsmulti_connections", WSM_CLI_FAMILY_GAUGE, NULL, "Connections, by their state." };
  static const WsmCliFamily left_out =
    { "wsmulti_connections_left_out", WSM_CLI_FAMILY_GAUGE, NULL,
      "Connections that have no metrics of their own, because there are too many." };
  GListModel *connections = G_LIST_MODEL (wsm_cli_ledger_get_pool (self->ledger));
  guint n_connections = g_list_model_get_n_items (connections);
  g_autofree guint *n_in_state = g_new0 (guint, self->states->n_values);

  for (guint i = 0; i < n_connections; i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);

      n_in_state[wsm_connection_get_state (connection)]++;
    }

  wsm_cli_exposition_begin_family (self->exposition, &by_state);
  for (guint i = 0; i < self->states->n_values; i++)
    {
      g_string_truncate (self->scratch, 0);
      wsm_cli_exposition_append_label (self->scratch, "state", self->states->values[i].value_nick);
      wsm_cli_exposition_add (self->exposition, self->scratch->str,
                              n_in_state[self->states->values[i].value]);
    }

  wsm_cli_metrics_add_single (self, &left_out, n_connections - self->accounts->len);
}

/* What has not happened yet is told too: nobody can see a counter go up that was not there. */
static void
wsm_cli_metrics_add_by_reason (WsmCliMetrics *self,
                               WsmCliCount    count,
                               guint64      (*get) (WsmCliLedger  *ledger,
                                                    WsmReasonCode  code))
{
  g_autoptr (GEnumClass) reasons = g_type_class_ref (WSM_TYPE_REASON_CODE);

  wsm_cli_exposition_begin_family (self->exposition, &pool_counters[count]);
  for (guint i = 0; i < reasons->n_values; i++)
    {
      WsmReasonCode code = (WsmReasonCode) reasons->values[i].value;

      if (code == WSM_REASON_CODE_NONE)
        continue;

      g_string_truncate (self->scratch, 0);
      wsm_cli_exposition_append_label (self->scratch, "reason", reasons->values[i].value_nick);
      wsm_cli_exposition_add (self->exposition, self->scratch->str, get (self->ledger, code));
    }
}

/* Before there are any beats there are no quantiles. */
static void
wsm_cli_metrics_add_lateness (WsmCliMetrics *self)
{
  static const WsmCliFamily family =
    { "wsmulti_pool_beat_lateness_seconds", WSM_CLI_FAMILY_SUMMARY, "seconds",
      "How long after their time beats left, because the program was busy." };
  static const struct
  {
    const char *quantile;
    double (*get) (WsmLatency *lateness);
  } quantiles[] =
  {
    { "0.5", wsm_latency_get_p50 },
    { "0.95", wsm_latency_get_p95 },
    { "0.99", wsm_latency_get_p99 },
  };
  WsmLatency *lateness = wsm_pool_get_lateness (wsm_cli_ledger_get_pool (self->ledger));
  guint64 count = wsm_latency_get_count (lateness);

  wsm_cli_exposition_begin_family (self->exposition, &family);
  for (gsize i = 0; count > 0 && i < G_N_ELEMENTS (quantiles); i++)
    {
      g_string_truncate (self->scratch, 0);
      wsm_cli_exposition_append_label (self->scratch, "quantile", quantiles[i].quantile);
      wsm_cli_exposition_add_seconds (self->exposition, self->scratch->str,
                                      (gint64) (quantiles[i].get (lateness) * US_PER_MS));
    }
  wsm_cli_exposition_add_count (self->exposition, count);
}

static void
wsm_cli_metrics_add_pool (WsmCliMetrics *self)
{
  static const WsmCliFamily round_trips =
    { "wsmulti_pool_round_trip_seconds", WSM_CLI_FAMILY_HISTOGRAM, "seconds",
      "How long the answers to beats took." };
  guint64 counts[WSM_CLI_N_COUNTS];

  wsm_cli_metrics_add_build (self);
  wsm_cli_metrics_add_connections (self);

  wsm_cli_ledger_sum_up (self->ledger, counts);
  for (guint i = 0; i < WSM_CLI_N_COUNTS; i++)
    {
      if (i == WSM_CLI_COUNT_DISCONNECTIONS)
        wsm_cli_metrics_add_by_reason (self, i, wsm_cli_ledger_get_disconnections);
      else if (i == WSM_CLI_COUNT_FAILED_ATTEMPTS)
        wsm_cli_metrics_add_by_reason (self, i, wsm_cli_ledger_get_failed_attempts);
      else
        wsm_cli_metrics_add_single (self, &pool_counters[i], counts[i]);
    }

  wsm_cli_exposition_begin_family (self->exposition, &round_trips);
  wsm_cli_metrics_add_histogram (self, NULL, wsm_cli_ledger_get_round_trips (self->ledger),
                                 wsm_cli_ledger_get_created_us (self->ledger));
  wsm_cli_metrics_add_lateness (self);
}

/* Of the process, under the names that all programs have for them. */

static void
wsm_cli_metrics_add_process (WsmCliMetrics *self)
{
  static const WsmCliFamily cpu =
    { "process_cpu_seconds", WSM_CLI_FAMILY_COUNTER, "seconds",
      "Processor time that was spent, by the user and the system." };
  static const WsmCliFamily started =
    { "process_start_time_seconds", WSM_CLI_FAMILY_GAUGE, "seconds",
      "When the process was started." };
  static const WsmCliFamily resident =
    { "process_resident_memory_bytes", WSM_CLI_FAMILY_GAUGE, "bytes", "Memory that is in use." };
  static const WsmCliFamily virtual =
    { "process_virtual_memory_bytes", WSM_CLI_FAMILY_GAUGE, "bytes",
      "Memory that there are addresses for." };
  static const WsmCliFamily descriptors =
    { "process_open_fds", WSM_CLI_FAMILY_GAUGE, NULL, "Open file descriptors." };
  static const WsmCliFamily max_descriptors =
    { "process_max_fds", WSM_CLI_FAMILY_GAUGE, NULL, "So many file descriptors may be open." };
  WsmCliProcessFacts facts;

  wsm_cli_process_facts_read (&facts);
  if (facts.cpu_us >= 0)
    {
      wsm_cli_exposition_begin_family (self->exposition, &cpu);
      wsm_cli_exposition_add_seconds (self->exposition, NULL, facts.cpu_us);
    }
  if (facts.started_us >= 0)
    {
      wsm_cli_exposition_begin_family (self->exposition, &started);
      wsm_cli_exposition_add_seconds (self->exposition, NULL, facts.started_us);
    }
  if (facts.resident_bytes >= 0)
    wsm_cli_metrics_add_single (self, &resident, (guint64) facts.resident_bytes);
  if (facts.virtual_bytes >= 0)
    wsm_cli_metrics_add_single (self, &virtual, (guint64) facts.virtual_bytes);
  if (facts.n_descriptors >= 0)
    wsm_cli_metrics_add_single (self, &descriptors, (guint64) facts.n_descriptors);
  if (facts.max_descriptors >= 0)
    wsm_cli_metrics_add_single (self, &max_descriptors, (guint64) facts.max_descriptors);
}

/* Of each connection. */

static const WsmCliFamily *
wsm_cli_metrics_get_connection_family (guint index)
{
  if (index < G_N_ELEMENTS (connection_metrics))
    return &connection_metrics[index].family;

  return &connection_counters[index - G_N_ELEMENTS (connection_metrics)];
}

static void
wsm_cli_metrics_add_connection (WsmCliMetrics *self,
                                guint          index)
{
  WsmCliSubject subject;

  subject.account = g_ptr_array_index (self->accounts, self->position);
  subject.connection = wsm_cli_account_get_connection (subject.account);
  subject.labels = g_ptr_array_index (self->labels, self->position);

  /* It may have gone while earlier pieces were sent. */
  if (subject.connection == NULL)
    return;

  if (index < G_N_ELEMENTS (connection_metrics))
    connection_metrics[index].add (self, &subject);
  else
    wsm_cli_exposition_add (self->exposition, subject.labels,
                            wsm_cli_account_get_count (subject.account, (WsmCliCount)
                                                       (index -
                                                        G_N_ELEMENTS (connection_metrics))));
}

/* Returns: whether there is more */
static gboolean
wsm_cli_metrics_step (WsmCliMetrics *self)
{
  guint index = self->family - 1;

  if (self->family == 0)
    {
      wsm_cli_metrics_add_pool (self);
      self->family++;
      return TRUE;
    }

  if (self->family > N_CONNECTION_FAMILIES)
    {
      if (self->family > N_CONNECTION_FAMILIES + 1)
        return FALSE;

      wsm_cli_metrics_add_process (self);
      wsm_cli_exposition_end (self->exposition);
      self->family++;
      return FALSE;
    }

  if (self->position == 0 && self->accounts->len > 0)
    wsm_cli_exposition_begin_family (self->exposition,
                                     wsm_cli_metrics_get_connection_family (index));
  if (self->position < self->accounts->len)
    {
      wsm_cli_metrics_add_connection (self, index);
      self->position++;
      return TRUE;
    }

  self->position = 0;
  self->family++;

  return TRUE;
}

/**
 * wsm_cli_metrics_new:
 * @ledger: what is to be told
 * @format: how
 * @max_connections: of how many connections at most, one by one
 *
 * Begins to tell.
 *
 * Returns: (transfer full): metrics
 */
WsmCliMetrics *
wsm_cli_metrics_new (WsmCliLedger *ledger,
                     WsmCliFormat  format,
                     guint         max_connections)
{
  WsmCliMetrics *self = g_new0 (WsmCliMetrics, 1);

  self->ledger = g_object_ref (ledger);
  self->exposition = wsm_cli_exposition_new (format);
  self->accounts = wsm_cli_ledger_dup_accounts (ledger, max_connections);
  self->states = g_type_class_ref (WSM_TYPE_STATE);
  self->scratch = g_string_new (NULL);
  self->clock_offset_us = g_get_real_time () - g_get_monotonic_time ();

  self->labels = g_ptr_array_new_full (self->accounts->len, g_free);
  for (guint i = 0; i < self->accounts->len; i++)
    {
      GString *labels = g_string_new (NULL);

      wsm_cli_exposition_append_label (labels, "connection", wsm_cli_account_get_name (
                                         g_ptr_array_index (self->accounts, i)));
      g_ptr_array_add (self->labels, g_string_free (labels, FALSE));
    }

  return self;
}

void
wsm_cli_metrics_free (WsmCliMetrics *self)
{
  g_ptr_array_unref (self->labels);
  g_string_free (self->scratch, TRUE);
  g_type_class_unref (self->states);
  g_ptr_array_unref (self->accounts);
  wsm_cli_exposition_free (self->exposition);
  g_object_unref (self->ledger);
  g_free (self);
}

/**
 * wsm_cli_metrics_next:
 * @self: metrics
 * @size: how many bytes at least, unless it is the last piece
 *
 * Makes the next piece of the text.
 *
 * Returns: (transfer full) (nullable): a piece, or `NULL` if that was all
 */
GBytes *
wsm_cli_metrics_next (WsmCliMetrics *self,
                      gsize          size)
{
  GString *text = self->exposition->text;
  GBytes *piece;

  while (text->len < size && wsm_cli_metrics_step (self))
    ;

  if (text->len == 0)
    return NULL;

  /* Who reads slowly keeps a piece for long; it is to take no more memory than it has text. */
  piece = g_bytes_new (text->str, text->len);
  g_string_free (text, TRUE);
  self->exposition->text = g_string_new (NULL);

  return piece;
}
