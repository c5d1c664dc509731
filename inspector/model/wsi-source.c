/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-source-internal.h"

#include "wsi-connection-private.h"
#include "wsi-enum-types.h"

/**
 * WsiSource:
 *
 * One pool as it was last heard of; it keeps that when the pool is gone.
 */

#define DEFAULT_INTERVAL_MS 100

typedef enum
{
  SIGNAL_UPDATED,
} WsiSourceSignal;

static GParamSpec *properties[PROP_LAST_ONE + 1];
static guint signals[SIGNAL_UPDATED + 1];

static const char *const count_names[PROP_LAST_COUNT + 1] =
{
  [PROP_N_CONNECTIONS] = "n-connections",
  [PROP_N_OPEN] = "n-open",
  [PROP_N_LATE] = "n-late",
  [PROP_N_WAITING] = "n-waiting",
  [PROP_N_FAILED] = "n-failed",
};

G_DEFINE_FINAL_TYPE (WsiSource, wsi_source, G_TYPE_OBJECT)

void
wsi_source_notify (WsiSource         *self,
                   WsiSourceProperty  prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

/* Rows are wanted by their positions, and told by their ids, which move against each other. */
void
wsi_source_update_window (WsiSource *self)
{
  guint n = wsi_table_get_n (self->connections);

  if (self->link == NULL)
    return;

  if (self->watched_ids != NULL)
    wsi_link_watch_rows (self->link, self->interval_ms, self->watched_ids);
  else if (self->n_rows == G_MAXUINT)
    wsi_link_watch (self->link, self->interval_ms, 0, G_MAXUINT);
  else if (self->n_rows == 0 || self->position >= n)
    wsi_link_watch (self->link, self->interval_ms, 0, 0);
  else
    wsi_link_watch (self->link, self->interval_ms,
                    wsi_connection_get_id (wsi_table_get (self->connections, self->position)),
                    self->n_rows);
}

static void
wsi_source_close_link (WsiSource *self)
{
  g_autoptr (WsiLink) link = g_steal_pointer (&self->link);

  if (link != NULL)
    wsi_link_close (link);
}

static void
wsi_source_dispose (GObject *object)
{
  WsiSource *self = WSI_SOURCE (object);

  wsi_source_close_link (self);
  for (guint i = 0; i < wsi_table_get_n (self->connections); i++)
    wsi_connection_set_source (wsi_table_get (self->connections, i), NULL);
  g_clear_object (&self->followed);

  G_OBJECT_CLASS (wsi_source_parent_class)->dispose (object);
}

static void
wsi_source_finalize (GObject *object)
{
  WsiSource *self = WSI_SOURCE (object);

  g_object_unref (self->connections);
  g_free (self->title);
  g_free (self->icon_name);
  g_free (self->application_id);
  g_free (self->error);
  g_clear_pointer (&self->watched_ids, g_variant_unref);

  G_OBJECT_CLASS (wsi_source_parent_class)->finalize (object);
}

static void
wsi_source_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  WsiSource *self = WSI_SOURCE (object);

  switch ((WsiSourceProperty) prop_id)
    {
    case PROP_N_CONNECTIONS:
    case PROP_N_OPEN:
    case PROP_N_LATE:
    case PROP_N_WAITING:
    case PROP_N_FAILED:
      g_value_set_uint (value, self->counts[prop_id - PROP_N_CONNECTIONS]);
      break;
    case PROP_KIND:
      g_value_set_enum (value, (int) self->kind);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_ICON_NAME:
      g_value_set_string (value, self->icon_name);
      break;
    case PROP_APPLICATION_ID:
      g_value_set_string (value, self->application_id);
      break;
    case PROP_PID:
      g_value_set_uint (value, self->pid);
      break;
    case PROP_ATTACHED:
      g_value_set_boolean (value, self->attached);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, self->loading);
      break;
    case PROP_CAN_CONTROL:
      g_value_set_boolean (value, self->can_control);
      break;
    case PROP_PAYLOAD_CAPTURE:
      g_value_set_uint (value, self->payload_capture);
      break;
    case PROP_CONNECTIONS:
      g_value_set_object (value, self->connections);
      break;
    case PROP_FOLLOWED:
      g_value_set_object (value, self->followed);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_source_class_init (WsiSourceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = wsi_source_dispose;
  object_class->finalize = wsi_source_finalize;
  object_class->get_property = wsi_source_get_property;

  for (guint prop_id = 1; prop_id <= PROP_LAST_COUNT; prop_id++)
    properties[prop_id] =
      g_param_spec_uint (count_names[prop_id], NULL, NULL, 0, G_MAXUINT, 0, flags);

  properties[PROP_KIND] =
    g_param_spec_enum ("kind", NULL, NULL,
                       WSI_TYPE_SOURCE_KIND, WSI_SOURCE_KIND_OWN, flags);
  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_ICON_NAME] =
    g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  properties[PROP_APPLICATION_ID] =
    g_param_spec_string ("application-id", NULL, NULL, NULL, flags);
  properties[PROP_PID] =
    g_param_spec_uint ("pid", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_ATTACHED] =
    g_param_spec_boolean ("attached", NULL, NULL, FALSE, flags);
  properties[PROP_LOADING] =
    g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_CONTROL] =
    g_param_spec_boolean ("can-control", NULL, NULL, FALSE, flags);
  properties[PROP_PAYLOAD_CAPTURE] =
    g_param_spec_uint ("payload-capture", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_CONNECTIONS] =
    g_param_spec_object ("connections", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  properties[PROP_FOLLOWED] =
    g_param_spec_object ("followed", NULL, NULL, WSI_TYPE_CONNECTION, flags);
  properties[PROP_ERROR] =
    g_param_spec_string ("error", NULL, NULL, NULL, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_UPDATED] =
    g_signal_new ("updated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
wsi_source_init (WsiSource *self)
{
  self->connections = wsi_table_new ();
  self->interval_ms = DEFAULT_INTERVAL_MS;
}

/* about (nullable) is as in Inspector1.Attach; a floating one is taken. A recording is not
 * attached, anything else is. */
WsiSource *
wsi_source_new (WsiSourceKind  kind,
                GVariant      *about)
{
  WsiSource *self = g_object_new (WSI_TYPE_SOURCE, NULL);
  g_autoptr (GVariant) said = g_variant_ref_sink (about != NULL
                                                  ? about
                                                  : g_variant_new ("a{sv}", NULL));

  self->kind = kind;
  self->attached = kind != WSI_SOURCE_KIND_RECORDING;
  if (g_variant_is_of_type (said, G_VARIANT_TYPE_VARDICT))
    wsi_source_apply_about (self, said);
  else
    {
      g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

      wsi_source_apply_about (self, nothing);
    }

  return self;
}

/* Begins to tell of the pool at the other end. Once, and of what is attached. */
void
wsi_source_connect (WsiSource *self,
                    GIOStream *stream)
{
  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (G_IS_IO_STREAM (stream));
  g_return_if_fail (self->attached && self->link == NULL);

  self->link = wsi_link_new (self, stream);
  wsi_source_update_window (self);
}

void
wsi_source_tell_update (WsiSource *self)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  g_signal_emit (self, signals[SIGNAL_UPDATED], 0);
}

/* NULL if it is not attached, or has no pool. */
WsiLink *
wsi_source_get_link (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->link;
}

WsiTable *
wsi_source_get_table (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->connections;
}

guint
wsi_source_get_pool (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->pool;
}

gint64
wsi_source_get_offset (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->offset_us;
}

/* Before the first row. */
void
wsi_source_set_offset (WsiSource *self,
                       gint64     offset_us)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  self->offset_us = offset_us;
}

void
wsi_source_set_loading (WsiSource *self,
                        gboolean   loading)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  loading = !!loading;
  if (self->loading == loading)
    return;

  self->loading = loading;
  wsi_source_notify (self, PROP_LOADING);
}

/* The rows stay as they are. */
void
wsi_source_set_gone (WsiSource  *self,
                     const char *error)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  if (!self->attached)
    return;

  wsi_source_close_link (self);
  g_object_freeze_notify (G_OBJECT (self));
  self->attached = FALSE;
  self->ended_at_us = g_get_monotonic_time ();
  wsi_source_notify (self, PROP_ATTACHED);
  wsi_source_set_text (self, &self->error, error, PROP_ERROR);
  wsi_source_set_loading (self, FALSE);
  if (self->can_control)
    {
      self->can_control = FALSE;
      wsi_source_notify (self, PROP_CAN_CONTROL);
    }
  g_object_thaw_notify (G_OBJECT (self));

  for (guint i = 0; i < wsi_table_get_n (self->connections); i++)
    wsi_connection_set_attached (wsi_table_get (self->connections, i), FALSE);
}

/* Of a recording, in this process's clock. */
void
wsi_source_set_ended_at (WsiSource *self,
                         gint64     time_us)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  self->ended_at_us = time_us;
}

/* What is wanted of the followed one has changed. */
void
wsi_source_update_following (WsiSource *self)
{
  guint payload = 0;

  g_return_if_fail (WSI_IS_SOURCE (self));

  if (self->link == NULL)
    return;

  if (self->followed != NULL)
    payload = MIN (wsi_connection_get_payload_capture (self->followed), self->payload_capture);
  wsi_link_follow (self->link, self->followed, payload);
}

WsiSourceKind
wsi_source_get_kind (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), WSI_SOURCE_KIND_OWN);

  return self->kind;
}

const char *
wsi_source_get_title (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->title;
}

const char *
wsi_source_get_icon_name (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->icon_name;
}

const char *
wsi_source_get_application_id (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->application_id;
}

guint
wsi_source_get_pid (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->pid;
}

gboolean
wsi_source_get_attached (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), FALSE);

  return self->attached;
}

/* Whether its program is gone, although it may still count as attached. */
gboolean
wsi_source_has_hung_up (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), FALSE);

  return self->link != NULL && wsi_link_has_hung_up (self->link);
}

gboolean
wsi_source_get_loading (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), FALSE);

  return self->loading;
}

gboolean
wsi_source_get_can_control (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), FALSE);

  return self->can_control;
}

guint
wsi_source_get_payload_capture (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->payload_capture;
}

guint
wsi_source_get_n_connections (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[0];
}

guint
wsi_source_get_n_open (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[1];
}

guint
wsi_source_get_n_late (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[2];
}

guint
wsi_source_get_n_waiting (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[3];
}

guint
wsi_source_get_n_failed (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[4];
}

const char *
wsi_source_get_error (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->error;
}

GListModel *
wsi_source_get_connections (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return G_LIST_MODEL (self->connections);
}

WsiConnection *
wsi_source_get_followed (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->followed;
}

gint64
wsi_source_get_now (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->ended_at_us != 0 ? self->ended_at_us : g_get_monotonic_time ();
}

void
wsi_source_watch (WsiSource *self,
                  guint      interval_ms,
                  guint      position,
                  guint      n_rows)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  self->interval_ms = interval_ms;
  self->position = position;
  self->n_rows = n_rows;
  g_clear_pointer (&self->watched_ids, g_variant_unref);
  wsi_source_update_window (self);
}

void
wsi_source_watch_rows (WsiSource     *self,
                       guint          interval_ms,
                       const guint64 *ids,
                       guint          n_ids)
{
  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (n_ids <= WSI_SOURCE_MAX_WATCHED);

  self->interval_ms = interval_ms;
  self->position = 0;
  self->n_rows = 0;
  g_clear_pointer (&self->watched_ids, g_variant_unref);
  self->watched_ids =
    g_variant_ref_sink (g_variant_new_fixed_array (G_VARIANT_TYPE_UINT64, ids, n_ids,
                                                   sizeof (guint64)));
  wsi_source_update_window (self);
}

void
wsi_source_follow (WsiSource     *self,
                   WsiConnection *connection)
{
  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (connection == NULL || WSI_IS_CONNECTION (connection));

  if (!g_set_object (&self->followed, connection))
    return;

  wsi_source_update_following (self);
  wsi_source_notify (self, PROP_FOLLOWED);
}

void
wsi_source_detach (WsiSource *self)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  wsi_source_set_gone (self, NULL);
}
