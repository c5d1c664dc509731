/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "list-scene.h"

#include "wsi-source-internal.h"

#define US_PER_MS (G_GINT64_CONSTANT (1000))
#define US_PER_SECOND (1000 * US_PER_MS)

#define SPAN_MS 25000
#define N_BEATS 40

static const char *const names[] = {
  "prices", "orders", "chat", "presence", "telemetry", "news", "alerts", "home", "lobby", "sync",
};

static WsiState
list_scene_get_state_of (guint64 id)
{
  switch (id % 10)
    {
    case 7:
      return WSI_STATE_SUSPECT;
    case 8:
      return WSI_STATE_WAITING;
    case 9:
      return WSI_STATE_FAILED;
    default:
      return WSI_STATE_OPEN;
    }
}

static const char *
list_scene_get_reason_of (WsiState state)
{
  switch (state)
    {
    case WSI_STATE_OPEN:
      return "open: accepted by the server";
    case WSI_STATE_SUSPECT:
      return "heartbeat-missed: 1 of 2 beats unanswered, last byte 12.4 s ago";
    case WSI_STATE_WAITING:
      return "heartbeat-lost: 2 of 2 beats unanswered, last byte 22.4 s ago; trying again in "
             "13.1 s (attempt 4)";
    case WSI_STATE_FAILED:
      return "handshake-refused: the server answered 401 Unauthorized";
    case WSI_STATE_UNKNOWN:
    case WSI_STATE_IDLE:
    case WSI_STATE_CONNECTING:
    case WSI_STATE_CLOSING:
    case WSI_STATE_CLOSED:
    default:
      return "as asked";
    }
}

/* Numbers that look alive and are the same each time. */
static guint
list_scene_scramble (guint64 number)
{
  return (guint) ((number * G_GUINT64_CONSTANT (6364136223846793005) + 1442695040888963407) >> 33);
}

static void
list_scene_fill (WsiFigures *figures,
                 guint64     id,
                 WsiState    state)
{
  gint64 now_us = g_get_monotonic_time ();
  guint chance = list_scene_scramble (id);

  *figures = (WsiFigures) {
    .id = id,
    .state = state,
    .last_received_at = now_us - chance % SPAN_MS * US_PER_MS,
    .n_messages_sent = chance % 1000,
    .n_messages_received = chance % 5000,
    .n_bytes_sent = (guint64) (chance % 900) * (chance % 13 + 1) * 40,
    .n_bytes_received = (guint64) (chance % 5000) * (chance % 90 + 1) * 25,
    .n_beats_sent = 200,
    .n_beats_answered = 198,
    .n_beats_missed = 2,
    .round_trip = state == WSI_STATE_FAILED ? -1.0 : 0.4 + chance % 4000 / 100.0,
    .smoothed = 20.0,
    .max_missed = 2,
    .n_reconnects = chance % 7 == 0 ? chance % 4 : 0,
    .span = SPAN_MS,
  };
  if (state == WSI_STATE_SUSPECT)
    figures->n_missed = 1;
  if (state == WSI_STATE_WAITING)
    {
      figures->n_missed = 2;
      figures->attempt = 4;
    }
  if (state == WSI_STATE_OPEN || state == WSI_STATE_SUSPECT)
    figures->opened_at = now_us - (gint64) (chance % 90000) * US_PER_SECOND;
  if (state != WSI_STATE_FAILED)
    figures->next_at = now_us + chance % SPAN_MS * US_PER_MS;
  else
    figures->span = 0;
}

static GVariant *
list_scene_to_variant (const WsiFigures *figures)
{
  const WsiFigures *f = figures;

  return g_variant_new (WSI_FIGURES_TYPE, f->id, f->next_at, f->opened_at, f->last_received_at,
                        f->n_messages_sent, f->n_messages_received, f->n_bytes_sent,
                        f->n_bytes_received, f->n_beats_sent, f->n_beats_answered,
                        f->n_beats_missed, f->round_trip, f->smoothed, f->state, f->reason_code,
                        f->n_missed, f->max_missed, f->n_reconnects, f->attempt, f->span,
                        f->flags);
}

static void
list_scene_apply (WsiSource  *source,
                  WsiFigures *figures)
{
  wsi_connection_apply_figures (list_scene_get (source, figures->id), figures, 0);
}

WsiSource *
list_scene_new_source (WsiSourceKind  kind,
                       const char    *title,
                       guint          n_rows)
{
  GVariantBuilder about;
  WsiSource *source = NULL;

  g_variant_builder_init (&about, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&about, "{sv}", "name", g_variant_new_string (title));
  g_variant_builder_add (&about, "{sv}", "pid", g_variant_new_uint32 (4711));
  source = wsi_source_new (kind, g_variant_builder_end (&about));
  wsi_source_set_loading (source, FALSE);
  list_scene_add_rows (source, n_rows);
  return source;
}

void
list_scene_add_rows (WsiSource *source,
                     guint      n_rows)
{
  GListModel *connections = wsi_source_get_connections (source);
  guint n_before = g_list_model_get_n_items (connections);
  guint64 last_id = 0;
  GVariantBuilder rows;
  g_autoptr (GVariant) variant = NULL;

  if (n_before > 0)
    {
      g_autoptr (WsiConnection) last = g_list_model_get_item (connections, n_before - 1);

      last_id = wsi_connection_get_id (last);
    }
  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < n_rows; i++)
    {
      guint64 id = last_id + 1 + i;
      WsiState state = list_scene_get_state_of (id);
      const char *name = names[list_scene_scramble (id) % G_N_ELEMENTS (names)];
      g_autofree char *full_name = g_strdup_printf ("%s %" G_GUINT64_FORMAT, name, id);
      g_autofree char *uri = g_strdup_printf ("wss://%s.example.com/live/%" G_GUINT64_FORMAT, name,
                                              id);
      double beats[N_BEATS];
      WsiFigures figures;

      list_scene_fill (&figures, id, state);
      for (guint beat = 0; beat < N_BEATS; beat++)
        {
          guint chance = list_scene_scramble (id * 64 + beat);

          beats[beat] = chance % 17 == 0 ? -1.0 : figures.round_trip * (0.6 + chance % 100 / 100.0);
        }
      g_variant_builder_open (&rows, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&rows, "{sv}", "id", g_variant_new_uint64 (id));
      g_variant_builder_add (&rows, "{sv}", "name", g_variant_new_string (full_name));
      g_variant_builder_add (&rows, "{sv}", "uri", g_variant_new_string (uri));
      g_variant_builder_add (&rows, "{sv}", "figures", list_scene_to_variant (&figures));
      g_variant_builder_add (&rows, "{sv}", "reason",
                             g_variant_new_string (list_scene_get_reason_of (state)));
      if (state != WSI_STATE_FAILED)
        g_variant_builder_add (&rows, "{sv}", "beats",
                               g_variant_new_fixed_array (G_VARIANT_TYPE_DOUBLE, beats, N_BEATS,
                                                          sizeof beats[0]));
      g_variant_builder_close (&rows);
    }
  variant = g_variant_ref_sink (g_variant_builder_end (&rows));
  wsi_source_apply_rows (source, variant);
  wsi_source_count (source);
}

void
list_scene_remove_row (WsiSource *source,
                       guint64    id)
{
  g_autoptr (GVariant) removed =
    g_variant_ref_sink (g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, &id, 1, sizeof id));

  wsi_source_apply_removed (source, removed);
  wsi_source_count (source);
}

void
list_scene_set_state (WsiSource  *source,
                      guint64     id,
                      WsiState    state,
                      const char *reason)
{
  WsiFigures figures;

  list_scene_fill (&figures, id, state);
  list_scene_apply (source, &figures);
  wsi_connection_set_reason (list_scene_get (source, id), reason);
  wsi_source_count (source);
}

void
list_scene_set_round_trip (WsiSource *source,
                           guint64    id,
                           double     round_trip)
{
  WsiFigures figures;

  wsi_connection_get_figures (list_scene_get (source, id), &figures);
  figures.round_trip = round_trip;
  figures.n_beats_answered++;
  list_scene_apply (source, &figures);
}

void
list_scene_beat (WsiSource *source,
                 guint      position,
                 guint      n_rows)
{
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = position; i < position + n_rows; i++)
    {
      g_autoptr (WsiConnection) connection =
        g_list_model_get_item (wsi_source_get_connections (source), i);
      WsiFigures figures;

      if (connection == NULL || wsi_connection_get_state (connection) != WSI_STATE_OPEN)
        continue;
      wsi_connection_get_figures (connection, &figures);
      figures.n_beats_sent++;
      figures.n_beats_answered++;
      figures.n_bytes_received += 125;
      figures.n_messages_received++;
      figures.last_received_at = now_us;
      figures.next_at = now_us + SPAN_MS * US_PER_MS;
      figures.round_trip = 0.4 + list_scene_scramble (figures.id + figures.n_beats_sent * 977) %
                                   4000 / 100.0;
      wsi_connection_apply_figures (connection, &figures, 0);
    }
}

WsiConnection *
list_scene_get (WsiSource *source,
                guint64    id)
{
  WsiConnection *connection = wsi_table_find (wsi_source_get_table (source), id, NULL);

  g_assert_nonnull (connection);
  return connection;
}

void
list_scene_get_window (WsiSource *source,
                       guint     *position,
                       guint     *n_rows)
{
  *position = source->position;
  *n_rows = source->n_rows;
}

guint
list_scene_get_n_watched (WsiSource *source)
{
  return source->watched_ids != NULL ? (guint) g_variant_n_children (source->watched_ids)
                                     : source->n_rows;
}

gboolean
list_scene_watches_chosen (WsiSource *source)
{
  return source->watched_ids != NULL;
}

void
list_scene_draw (GtkWidget *widget)
{
  gtk_widget_queue_draw (widget);
  gtk_test_widget_wait_for_draw (widget);
}

static gboolean
list_scene_woken_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

GSource *
list_scene_wake_often (void)
{
  GSource *source = g_timeout_source_new (10);

  g_source_set_callback (source, list_scene_woken_cb, NULL, NULL);
  g_source_attach (source, NULL);
  return source;
}
