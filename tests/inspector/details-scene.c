/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "details-scene.h"

#include <string.h>

#define US_PER_SECOND ((gint64) G_USEC_PER_SEC)

/* From one beat to the next. */
#define BEAT_US (5 * US_PER_SECOND)

typedef struct
{
  guint opcode;
  WsiDirection direction;
  const char *payload;
} DetailsSceneFrame;

static const DetailsSceneFrame frames[] = {
  { 9, WSI_DIRECTION_OUTGOING, "wsm 4711" },
  { 10, WSI_DIRECTION_INCOMING, "wsm 4711" },
  { 1, WSI_DIRECTION_OUTGOING, "{\"subscribe\":[\"prices\",\"news\"],\"since\":null}" },
  { 1, WSI_DIRECTION_INCOMING, "{\"symbol\":\"GNOME\",\"price\":51.0,\"volume\":1204}" },
  { 1, WSI_DIRECTION_INCOMING, "hello from the other side" },
  { 2, WSI_DIRECTION_INCOMING, "\x01\x02\x7f\xff\xfe binary" },
  { 1, WSI_DIRECTION_INCOMING, "" },
};

void
details_scene_allow (WsiSource *source,
                     gboolean   control,
                     guint      payload_capture)
{
  GVariantBuilder summary;
  g_autoptr (GVariant) variant = NULL;

  g_variant_builder_init (&summary, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&summary, "{sv}", "control", g_variant_new_boolean (control));
  g_variant_builder_add (&summary, "{sv}", "payload-capture",
                         g_variant_new_uint32 (payload_capture));
  variant = g_variant_ref_sink (g_variant_builder_end (&summary));
  wsi_source_apply_summary (source, variant);
}

void
details_scene_add_events (WsiConnection *connection,
                          guint          n_beats)
{
  guint64 number = wsi_connection_get_last_event_number (connection);
  gint64 time_us = g_get_monotonic_time () - n_beats * BEAT_US;
  GVariantBuilder entries;
  g_autoptr (GVariant) variant = NULL;

  g_variant_builder_init (&entries, G_VARIANT_TYPE ("a(txuuds)"));
  g_variant_builder_add (&entries, "(txuuds)", ++number, time_us, 1u, 2u, -1.0,
                         "retrying: attempt 1");
  g_variant_builder_add (&entries, "(txuuds)", ++number, time_us + 300000, 1u, 3u, -1.0, "opened");

  for (guint i = 1; i < n_beats; i++)
    {
      gint64 beat_us = time_us + i * BEAT_US;
      double round_trip = 12.0 + (i * 7919) % 23 + (i % 11 == 0 ? 40.0 : 0.0);

      if (i % 30 == 20)
        {
          g_variant_builder_add (&entries, "(txuuds)", ++number, beat_us, 3u, 4u, -1.0, "");
          g_variant_builder_add (&entries, "(txuuds)", ++number, beat_us, 1u, 4u, -1.0,
                                 "beat-missed: 1 of 2 beats unanswered, last byte 7.1 s ago");
        }
      else if (i % 30 == 21)
        {
          g_variant_builder_add (&entries, "(txuuds)", ++number, beat_us, 3u, 4u, -1.0, "");
          g_variant_builder_add (&entries, "(txuuds)", ++number, beat_us, 1u, 5u, -1.0,
                                 "heartbeat-lost: 2 of 2 beats unanswered, last byte 12.4 s ago; "
                                 "trying again in 8.1 s (attempt 1)");
        }
      else if (i % 30 == 22)
        {
          continue;
        }
      else if (i % 30 == 23)
        {
          g_variant_builder_add (&entries, "(txuuds)", ++number, beat_us, 1u, 2u, -1.0,
                                 "retrying: attempt 1");
          g_variant_builder_add (&entries, "(txuuds)", ++number, beat_us + 900000, 1u, 3u, -1.0,
                                 "opened: reconnection 1");
        }
      else
        {
          g_variant_builder_add (&entries, "(txuuds)", ++number, beat_us, 2u, 3u, round_trip, "");
        }
    }

  variant = g_variant_ref_sink (g_variant_builder_end (&entries));
  wsi_connection_apply_events (connection, variant, 0, FALSE);
}

static void
details_scene_apply_frames (WsiConnection *connection,
                            guint64        n_dropped,
                            guint          n_frames)
{
  guint64 first = wsi_log_get_n_ever (wsi_connection_get_frames (connection));
  gint64 time_us = g_get_monotonic_time () - n_frames * 2000;
  GVariantBuilder builder;
  g_autoptr (GVariant) variant = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(xuuuttay)"));
  for (guint i = 0; i < n_frames; i++)
    {
      const DetailsSceneFrame *frame = &frames[(first + i) % G_N_ELEMENTS (frames)];
      gsize length = strlen (frame->payload);

      g_variant_builder_add (&builder, "(xuuutt@ay)", time_us + i * 2000, frame->direction,
                             frame->opcode, 1u, (guint64) length, (guint64) length + 6,
                             g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, frame->payload,
                                                        length, 1));
    }

  variant = g_variant_ref_sink (g_variant_builder_end (&builder));
  wsi_connection_apply_frames (connection, n_dropped, variant, 0);
}

void
details_scene_add_frames (WsiConnection *connection,
                          guint          n_frames)
{
  details_scene_apply_frames (connection, 0, n_frames);
}

void
details_scene_drop_frames (WsiConnection *connection,
                           guint64        n_dropped)
{
  details_scene_apply_frames (connection, n_dropped, 0);
}

void
details_scene_set_details (WsiConnection *connection,
                           const char    *changes)
{
  gint64 today_s = g_get_real_time () / US_PER_SECOND;
  g_autoptr (GVariant) usual = g_variant_ref_sink (g_variant_new_parsed (
    "{'heartbeat': <{'mode': <uint32 1>, 'interval': <uint32 25000>, 'timeout': <uint32 10000>, "
    "'max-missed': <uint32 2>, 'jitter': <0.1>, 'idle-only': <true>, 'reply-match': <uint32 3>, "
    "'hide-reply': <false>, 'liveness': <uint32 1>, 'worst-case-detection': <uint32 65250>}>, "
    "'backoff': <{'initial': <uint32 500>, 'max': <uint32 60000>, 'factor': <2.0>, "
    "'max-attempts': <uint32 0>, 'max-elapsed': <uint32 0>, 'stable-after': <uint32 5000>}>, "
    "'latency': <{'last': <18.2>, 'smoothed': <21.0>, 'variation': <6.3>, 'min': <12.0>, "
    "'max': <74.1>, 'p50': <20.4>, 'p95': <58.8>, 'p99': <73.0>, 'loss': <0.034>, "
    "'count': <uint64 56>}>, "
    "'handshake': <{'time': <%x>, 'status': <uint32 101>, "
    "'reason-phrase': <'Switching Protocols'>, "
    "'request': <[('Host', 'feed.example.com', false), ('Upgrade', 'websocket', false), "
    "('Connection', 'Upgrade', false), ('Sec-WebSocket-Version', '13', false), "
    "('Authorization', '', true), ('Cookie', '', true)]>, "
    "'response': <[('Upgrade', 'websocket', false), ('Connection', 'Upgrade', false), "
    "('Sec-WebSocket-Protocol', 'prices.v2', false), "
    "('Date', 'Wed, 25 Nov 2026 20:53:11 GMT', false), ('Server', '', true)]>}>, "
    "'protocol': <'prices.v2'>, 'extensions': <'permessage-deflate'>, "
    "'remote-address': <'203.0.113.7:443'>, "
    "'tls': <{'subject': <'CN=feed.example.com'>, 'issuer': <'C=US,O=Example Trust,CN=R11'>, "
    "'not-before': <%x>, 'not-after': <%x>, "
    "'dns-names': <['feed.example.com', 'www.example.com']>, "
    "'sha256': <'9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D'>"
    "}>}",
    g_get_monotonic_time () - 300 * US_PER_SECOND,
    today_s - 80 * 86400, today_s + 9 * 86400));
  g_auto (GVariantDict) details = G_VARIANT_DICT_INIT (usual);
  g_autoptr (WsiDetails) taken = NULL;

  if (changes != NULL)
    {
      g_autoptr (GVariant) parsed = g_variant_parse (G_VARIANT_TYPE_VARDICT, changes, NULL, NULL,
                                                     NULL);
      GVariantIter iter;
      const char *key;
      GVariant *value;

      g_assert_nonnull (parsed);
      g_variant_iter_init (&iter, parsed);
      while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
        g_variant_dict_insert_value (&details, key, value);
    }

  taken = wsi_details_new (g_variant_dict_end (&details));
  wsi_connection_set_details (connection, taken);
}

static gboolean
details_scene_has_text (GtkWidget  *widget,
                        const char *text)
{
  g_autofree char *tooltip = NULL;

  if (text == NULL || g_strcmp0 (gtk_widget_get_tooltip_text (widget), text) == 0)
    return TRUE;
  if (GTK_IS_BUTTON (widget))
    return g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), text) == 0;
  if (GTK_IS_LABEL (widget))
    return g_strcmp0 (gtk_label_get_label (GTK_LABEL (widget)), text) == 0;
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (widget), "key") != NULL)
    {
      g_object_get (widget, "key", &tooltip, NULL);
      return g_strcmp0 (tooltip, text) == 0;
    }
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (widget), "caption") != NULL)
    {
      g_object_get (widget, "caption", &tooltip, NULL);
      return g_strcmp0 (tooltip, text) == 0;
    }

  return FALSE;
}

GtkWidget *
details_scene_find (GtkWidget  *widget,
                    GType       type,
                    const char *text)
{
  GtkWidget *child;

  if (G_TYPE_CHECK_INSTANCE_TYPE (widget, type) && details_scene_has_text (widget, text))
    return widget;

  for (child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = details_scene_find (child, type, text);

      if (found != NULL)
        return found;
    }

  return NULL;
}

gboolean
details_scene_says (GtkWidget  *widget,
                    const char *text)
{
  GtkWidget *child;

  if (!gtk_widget_get_child_visible (widget) || !gtk_widget_get_visible (widget))
    return FALSE;
  if (GTK_IS_LABEL (widget) && g_str_has_prefix (gtk_label_get_text (GTK_LABEL (widget)), text))
    return TRUE;
  if (GTK_IS_INSCRIPTION (widget) &&
      gtk_inscription_get_text (GTK_INSCRIPTION (widget)) != NULL &&
      g_str_has_prefix (gtk_inscription_get_text (GTK_INSCRIPTION (widget)), text))
    return TRUE;

  for (child = gtk_widget_get_first_child (widget);
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (details_scene_says (child, text))
        return TRUE;
    }

  return FALSE;
}

void
details_scene_take_picture (GtkWindow  *window,
                            const char *name)
{
  GtkWidget *child = gtk_window_get_child (window);
  GskRenderer *renderer = gtk_native_get_renderer (GTK_NATIVE (window));
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *path = NULL;

  list_scene_draw (child);
  paintable = gtk_widget_paintable_new (GTK_WIDGET (window));
  gdk_paintable_snapshot (paintable, snapshot,
                          gdk_paintable_get_intrinsic_width (paintable),
                          gdk_paintable_get_intrinsic_height (paintable));
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_nonnull (node);

  if (g_getenv ("SCREENSHOTS") == NULL)
    return;

  texture = gsk_renderer_render_texture (renderer, node, NULL);
  path = g_strdup_printf ("%s/%s.png", g_getenv ("SCREENSHOTS"), name);
  g_assert_true (gdk_texture_save_to_png (texture, path));
}
