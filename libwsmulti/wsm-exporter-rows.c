/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-rows.h"

#include "wsm-address.h"
#include "wsm-heartbeat-private.h"
#include "wsm-reason-private.h"

#include <errno.h>
#include <unistd.h>

/*
 * How the rows of a pool look on the bus.
 *
 * All that leaves the process is made here or in wsm-exporter-details.c. Texts that the app or a
 * peer wrote are cleaned, so that they are one line and cannot reorder what stands around them.
 */

#define MAX_NAME_BYTES 1024
#define N_BEATS 40

#define FLAG_PAUSED (1u << 0)
#define FLAG_LIMITS_ENFORCED (1u << 1)

#define FRAME_FLAG_FINAL (1u << 0)
#define FRAME_FLAG_COMPRESSED (1u << 1)
#define FRAME_FLAG_TRUNCATED (1u << 2)

G_STATIC_ASSERT (sizeof (WsmFigures) == 13 * 8 + 8 * 4);

/* 0 is unknown. */
guint32
wsm_exporter_number_state (WsmState state)
{
  return (guint32) state + 1;
}

/* When something happens next, and how long the wait for it is in all. */
static void
wsm_exporter_read_plans (WsmConnection *connection,
                         WsmFigures    *figures)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (connection);

  switch (wsm_connection_get_state (connection))
    {
    case WSM_STATE_OPEN:
    case WSM_STATE_SUSPECT:
      figures->next_at_us = wsm_connection_get_next_beat_at (connection);
      if (figures->next_at_us != 0)
        figures->span_ms = wsm_heartbeat_get_interval (heartbeat);
      break;

    case WSM_STATE_WAITING:
      figures->next_at_us = wsm_connection_get_next_retry_at (connection);
      figures->attempt = wsm_connection_get_attempt (connection);
      if (figures->next_at_us != 0)
        figures->span_ms = wsm_reason_get_delay (wsm_connection_get_reason (connection));
      break;

    case WSM_STATE_CONNECTING:
      figures->attempt = wsm_connection_get_attempt (connection);
      break;

    case WSM_STATE_IDLE:
    case WSM_STATE_CLOSING:
    case WSM_STATE_CLOSED:
    case WSM_STATE_FAILED:
    default:
      break;
    }
}

void
wsm_exporter_read_figures (WsmConnection *connection,
                           WsmFigures    *figures)
{
  WsmHeartbeat *heartbeat = wsm_connection_get_heartbeat (connection);
  gboolean may_miss = wsm_heartbeat_worst_case_detection (heartbeat) > 0;

  *figures = (WsmFigures) {
    .id = wsm_connection_get_id (connection),
    .opened_at_us = wsm_connection_get_opened_at (connection),
    .last_received_at_us = wsm_connection_get_last_received_at (connection),
    .n_messages_sent = wsm_connection_get_n_messages_sent (connection),
    .n_messages_received = wsm_connection_get_n_messages_received (connection),
    .n_bytes_sent = wsm_connection_get_n_bytes_sent (connection),
    .n_bytes_received = wsm_connection_get_n_bytes_received (connection),
    .n_beats_sent = wsm_connection_get_n_beats_sent (connection),
    .n_beats_answered = wsm_connection_get_n_beats_answered (connection),
    .n_beats_missed = wsm_connection_get_n_beats_missed (connection),
    .round_trip_ms = wsm_connection_get_round_trip (connection),
    .smoothed_ms = wsm_connection_get_smoothed (connection),
    .state = wsm_exporter_number_state (wsm_connection_get_state (connection)),
    .reason_code = (guint32) wsm_reason_get_code (wsm_connection_get_reason (connection)) + 1,
    .n_missed = wsm_connection_get_n_missed (connection),
    .max_missed = may_miss ? wsm_heartbeat_get_max_missed (heartbeat) : 0,
    .n_reconnects = wsm_connection_get_n_reconnects (connection),
    .flags = (wsm_connection_get_paused (connection) ? FLAG_PAUSED : 0) |
             (wsm_connection_get_limits_enforced (connection) ? FLAG_LIMITS_ENFORCED : 0),
  };
  wsm_exporter_read_plans (connection, figures);
}

/*
 * wsm_exporter_pack_figures:
 * @figures: (transfer full) (element-type WsmFigures): of some rows
 *
 * Returns: (transfer floating): them as an array of bytes
 */
GVariant *
wsm_exporter_pack_figures (GArray *figures)
{
  gsize n_bytes = figures->len * sizeof (WsmFigures);
  char *bytes = g_array_free (figures, FALSE);

  return g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, bytes, n_bytes, TRUE, g_free, bytes);
}

/*
 * wsm_exporter_explain:
 *
 * Returns: (transfer full): the reason as a sentence that others may see
 */
char *
wsm_exporter_explain (const WsmReason *reason)
{
  return wsm_reason_to_public_string (reason);
}

static GVariant *
wsm_exporter_pack_beats (WsmConnection *connection)
{
  WsmJournal *journal = wsm_connection_get_journal (connection);
  double round_trips[N_BEATS];
  guint n = 0;

  if (journal != NULL)
    n = wsm_journal_get_beats (journal, round_trips, N_BEATS);

  return g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, round_trips, n, sizeof (double));
}

/*
 * wsm_exporter_pack_row:
 *
 * Returns: (transfer floating): what GetConnections gives of one
 */
GVariant *
wsm_exporter_pack_row (WsmConnection *connection)
{
  GVariantDict row;
  WsmFigures figures;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *name = NULL;
  g_autofree char *uri = wsm_address_redact (wsm_connection_get_uri (connection));
  g_autofree char *reason = wsm_exporter_explain (wsm_connection_get_reason (connection));

  name = wsm_address_clean_text (wsm_connection_get_name (connection), -1, MAX_NAME_BYTES);
  wsm_exporter_read_figures (connection, &figures);
  bytes = g_bytes_new (&figures, sizeof figures);

  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "id", "t", wsm_connection_get_id (connection));
  g_variant_dict_insert (&row, "name", "s", name);
  g_variant_dict_insert (&row, "uri", "s", uri);
  g_variant_dict_insert_value (&row, "figures",
                               g_variant_new_from_bytes (G_VARIANT_TYPE (WSM_FIGURES_TYPE), bytes,
                                                         TRUE));
  g_variant_dict_insert (&row, "reason", "s", reason);
  g_variant_dict_insert_value (&row, "beats", wsm_exporter_pack_beats (connection));

  return g_variant_dict_end (&row);
}

/*
 * wsm_exporter_pack_rows:
 * @first: the lowest id wanted
 * @count: how many at most
 *
 * Returns: (transfer floating): a page of the table
 */
GVariant *
wsm_exporter_pack_rows (WsmPool *pool,
                        guint64  first,
                        guint    count)
{
  GVariantBuilder rows;
  guint position = wsm_pool_find_position (pool, first);
  WsmConnection *connection;

  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < count && (connection = wsm_pool_peek_nth (pool, position + i)) != NULL; i++)
    g_variant_builder_add_value (&rows, wsm_exporter_pack_row (connection));

  return g_variant_builder_end (&rows);
}

/*
 * wsm_exporter_pack_latency:
 *
 * Returns: (transfer floating): all its figures
 */
GVariant *
wsm_exporter_pack_latency (WsmLatency *latency)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "last", "d", wsm_latency_get_last (latency));
  g_variant_dict_insert (&dict, "smoothed", "d", wsm_latency_get_smoothed (latency));
  g_variant_dict_insert (&dict, "variation", "d", wsm_latency_get_variation (latency));
  g_variant_dict_insert (&dict, "min", "d", wsm_latency_get_min (latency));
  g_variant_dict_insert (&dict, "max", "d", wsm_latency_get_max (latency));
  g_variant_dict_insert (&dict, "p50", "d", wsm_latency_get_p50 (latency));
  g_variant_dict_insert (&dict, "p95", "d", wsm_latency_get_p95 (latency));
  g_variant_dict_insert (&dict, "p99", "d", wsm_latency_get_p99 (latency));
  g_variant_dict_insert (&dict, "loss", "d", wsm_latency_get_loss (latency));
  g_variant_dict_insert (&dict, "count", "t", wsm_latency_get_count (latency));

  return g_variant_dict_end (&dict);
}

/*
 * wsm_exporter_pack_counts:
 *
 * Returns: (transfer floating): of all rows, those open, late, waiting, failed
 */
GVariant *
wsm_exporter_pack_counts (WsmPool *pool)
{
  return g_variant_new ("(uuuuu)",
                        g_list_model_get_n_items (G_LIST_MODEL (pool)),
                        wsm_pool_get_n_in_state (pool, WSM_STATE_OPEN),
                        wsm_pool_get_n_in_state (pool, WSM_STATE_SUSPECT),
                        wsm_pool_get_n_in_state (pool, WSM_STATE_WAITING),
                        wsm_pool_get_n_in_state (pool, WSM_STATE_FAILED));
}

/*
 * wsm_exporter_pack_journal:
 * @after: the number of the last entry known
 * @n_max: how many entries at most: the oldest ones of those that are not known
 *
 * Returns: (transfer floating): entries of its journal
 */
GVariant *
wsm_exporter_pack_journal (WsmConnection *connection,
                           guint64        after,
                           guint          n_max)
{
  WsmJournal *journal = wsm_connection_get_journal (connection);
  GVariantBuilder entries;
  guint64 number;

  g_variant_builder_init (&entries, G_VARIANT_TYPE ("a(txuuds)"));
  if (journal == NULL || after >= wsm_journal_get_newest (journal))
    return g_variant_builder_end (&entries);

  number = MAX (after + 1, wsm_journal_get_oldest (journal));
  for (guint i = 0; i < n_max && number <= wsm_journal_get_newest (journal); i++, number++)
    {
      const WsmJournalEntry *entry = wsm_journal_get (journal, number);
      g_autofree char *text = NULL;

      if (entry->reason != NULL)
        text = wsm_exporter_explain (entry->reason);
      g_variant_builder_add (&entries, "(txuuds)",
                             number, entry->time_us, (guint32) entry->kind,
                             wsm_exporter_number_state ((WsmState) entry->state),
                             entry->round_trip_us < 0 ? -1.0 : entry->round_trip_us / 1000.0,
                             text != NULL ? text : "");
    }

  return g_variant_builder_end (&entries);
}

/*
 * wsm_exporter_pack_frame:
 * @n_max: how many bytes of its payload
 *
 * Returns: (transfer floating): a frame
 */
GVariant *
wsm_exporter_pack_frame (const WsmFrame *frame,
                         gsize           n_max)
{
  GBytes *payload = wsm_frame_get_payload (frame);
  gsize length = 0;
  gconstpointer data = payload != NULL ? g_bytes_get_data (payload, &length) : NULL;
  guint32 flags = 0;

  length = MIN (length, n_max);
  if (wsm_frame_is_final (frame))
    flags |= FRAME_FLAG_FINAL;
  if (wsm_frame_is_compressed (frame))
    flags |= FRAME_FLAG_COMPRESSED;
  if (n_max > 0 && length < wsm_frame_get_length (frame))
    flags |= FRAME_FLAG_TRUNCATED;

  return g_variant_new ("(xuuutt@ay)",
                        wsm_frame_get_time (frame),
                        (guint32) wsm_frame_get_direction (frame) + 1,
                        wsm_frame_get_opcode (frame),
                        flags,
                        wsm_frame_get_length (frame),
                        wsm_frame_get_wire_length (frame),
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, data, length, 1));
}

static void
wsm_exporter_add_text (GVariantDict *about,
                       const char   *key,
                       const char   *text)
{
  g_autofree char *clean = NULL;

  if (text == NULL || *text == '\0')
    return;
  clean = wsm_address_clean_text (text, -1, MAX_NAME_BYTES);
  g_variant_dict_insert (about, key, "s", clean);
}

/* Few programs say how they are called; how they were started is known of all. */
static const char *
wsm_exporter_get_program (void)
{
  const char *program = g_get_prgname ();

#if HAVE_PROGRAM_INVOCATION_SHORT_NAME
  if (program == NULL)
    program = program_invocation_short_name;
#endif

  return program;
}

/*
 * wsm_exporter_find_name:
 *
 * Returns: (nullable): what a person calls the program
 */
const char *
wsm_exporter_find_name (const WsmExhibit *exhibit)
{
  if (exhibit->name != NULL)
    return exhibit->name;

  return g_get_application_name () != NULL ? g_get_application_name ()
                                           : wsm_exporter_get_program ();
}

/*
 * wsm_exporter_add_about:
 *
 * Adds what Inspector1.Attach says of the program.
 */
void
wsm_exporter_add_about (const WsmExhibit *exhibit,
                        GVariantDict     *about)
{
  GApplication *application = g_application_get_default ();

  wsm_exporter_add_text (about, "name", wsm_exporter_find_name (exhibit));
  if (application != NULL)
    wsm_exporter_add_text (about, "application-id",
                           g_application_get_application_id (application));
  wsm_exporter_add_text (about, "program", wsm_exporter_get_program ());
  wsm_exporter_add_text (about, "sandbox", g_getenv ("FLATPAK_ID"));
  g_variant_dict_insert (about, "pid", "u", (guint32) getpid ());
  g_variant_dict_insert (about, "pool", "u", wsm_pool_get_number (exhibit->pool));
}

/*
 * wsm_exporter_pack_summary:
 *
 * Returns: (transfer floating): facts about the whole pool
 */
GVariant *
wsm_exporter_pack_summary (const WsmExhibit *exhibit)
{
  GVariantDict summary;
  gint64 now_us = wsm_scheduler_get_time_us (wsm_pool_get_scheduler (exhibit->pool));

  g_variant_dict_init (&summary, NULL);
  wsm_exporter_add_about (exhibit, &summary);
  g_variant_dict_insert (&summary, "control", "b", exhibit->allow_control);
  g_variant_dict_insert (&summary, "payload-capture", "u", exhibit->payload_capture);
  g_variant_dict_insert (&summary, "time", "x", now_us);
  g_variant_dict_insert_value (&summary, "counts", wsm_exporter_pack_counts (exhibit->pool));
  g_variant_dict_insert_value (&summary, "lateness",
                               wsm_exporter_pack_latency (wsm_pool_get_lateness (exhibit->pool)));

  return g_variant_dict_end (&summary);
}
