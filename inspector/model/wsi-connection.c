/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-connection-internal.h"

#include "wsi-enum-types.h"
#include "wsi-event.h"
#include "wsi-frame.h"
#include "wsi-log-private.h"
#include "wsi-source-private.h"

#include <string.h>

/* More bytes of a payload than this are never asked for. */
#define MAX_PAYLOAD_CAPTURE (1024 * 1024)

/* What an object weighs beside its payload, roughly. */
#define FRAME_WEIGHT 160

/**
 * WsiConnection:
 *
 * One row of a source: a connection as it was last heard of.
 */

static GParamSpec *properties[PROP_LAST_ONE + 1];

#define FIGURE(name, type, field) \
  { name, type, G_STRUCT_OFFSET (WsiFigures, field), sizeof (((WsiFigures *) NULL)->field) }

const WsiFigure wsi_figure_table[PROP_LAST_FIGURE + 1] =
{
  [PROP_ID] = FIGURE ("id", G_TYPE_UINT64, id),
  [PROP_NEXT_AT] = FIGURE ("next-at", G_TYPE_INT64, next_at),
  [PROP_OPENED_AT] = FIGURE ("opened-at", G_TYPE_INT64, opened_at),
  [PROP_LAST_RECEIVED_AT] = FIGURE ("last-received-at", G_TYPE_INT64, last_received_at),
  [PROP_N_MESSAGES_SENT] = FIGURE ("n-messages-sent", G_TYPE_UINT64, n_messages_sent),
  [PROP_N_MESSAGES_RECEIVED] = FIGURE ("n-messages-received", G_TYPE_UINT64, n_messages_received),
  [PROP_N_BYTES_SENT] = FIGURE ("n-bytes-sent", G_TYPE_UINT64, n_bytes_sent),
  [PROP_N_BYTES_RECEIVED] = FIGURE ("n-bytes-received", G_TYPE_UINT64, n_bytes_received),
  [PROP_N_BEATS_SENT] = FIGURE ("n-beats-sent", G_TYPE_UINT64, n_beats_sent),
  [PROP_N_BEATS_ANSWERED] = FIGURE ("n-beats-answered", G_TYPE_UINT64, n_beats_answered),
  [PROP_N_BEATS_MISSED] = FIGURE ("n-beats-missed", G_TYPE_UINT64, n_beats_missed),
  [PROP_ROUND_TRIP] = FIGURE ("round-trip", G_TYPE_DOUBLE, round_trip),
  [PROP_SMOOTHED] = FIGURE ("smoothed", G_TYPE_DOUBLE, smoothed),
  [PROP_STATE] = FIGURE ("state", G_TYPE_ENUM, state),
  [PROP_REASON_CODE] = FIGURE ("reason-code", G_TYPE_UINT, reason_code),
  [PROP_N_MISSED] = FIGURE ("n-missed", G_TYPE_UINT, n_missed),
  [PROP_MAX_MISSED] = FIGURE ("max-missed", G_TYPE_UINT, max_missed),
  [PROP_N_RECONNECTS] = FIGURE ("n-reconnects", G_TYPE_UINT, n_reconnects),
  [PROP_ATTEMPT] = FIGURE ("attempt", G_TYPE_UINT, attempt),
  [PROP_SPAN] = FIGURE ("span", G_TYPE_UINT, span),
};

G_DEFINE_FINAL_TYPE (WsiConnection, wsi_connection, G_TYPE_OBJECT)

static gconstpointer
wsi_connection_get_figure (WsiConnection *self,
                           guint          prop_id)
{
  return (const char *) &self->figures + wsi_figure_table[prop_id].offset;
}

static void
wsi_connection_get_figure_value (WsiConnection *self,
                                 guint          prop_id,
                                 GValue        *value)
{
  gconstpointer figure = wsi_connection_get_figure (self, prop_id);

  switch (wsi_figure_table[prop_id].type)
    {
    case G_TYPE_UINT64:
      g_value_set_uint64 (value, *(const guint64 *) figure);
      break;
    case G_TYPE_INT64:
      g_value_set_int64 (value, *(const gint64 *) figure);
      break;
    case G_TYPE_DOUBLE:
      g_value_set_double (value, *(const double *) figure);
      break;
    case G_TYPE_ENUM:
      g_value_set_enum (value, (int) *(const guint32 *) figure);
      break;
    case G_TYPE_UINT:
    default:
      g_value_set_uint (value, *(const guint32 *) figure);
      break;
    }
}

static gsize
wsi_connection_weigh_frame (gpointer item)
{
  GBytes *payload = wsi_frame_get_payload (item);

  return FRAME_WEIGHT + (payload != NULL ? g_bytes_get_size (payload) : 0);
}

static void
wsi_connection_dispose (GObject *object)
{
  WsiConnection *self = WSI_CONNECTION (object);

  self->source = NULL;
  g_clear_object (&self->beats);
  g_clear_object (&self->details);
  g_clear_object (&self->journal);
  g_clear_object (&self->frames);

  G_OBJECT_CLASS (wsi_connection_parent_class)->dispose (object);
}

static void
wsi_connection_finalize (GObject *object)
{
  WsiConnection *self = WSI_CONNECTION (object);

  g_free (self->name);
  g_free (self->uri);
  g_free (self->reason);

  G_OBJECT_CLASS (wsi_connection_parent_class)->finalize (object);
}

static void
wsi_connection_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  WsiConnection *self = WSI_CONNECTION (object);

  switch ((WsiConnectionProperty) prop_id)
    {
    case PROP_ID:
    case PROP_NEXT_AT:
    case PROP_OPENED_AT:
    case PROP_LAST_RECEIVED_AT:
    case PROP_N_MESSAGES_SENT:
    case PROP_N_MESSAGES_RECEIVED:
    case PROP_N_BYTES_SENT:
    case PROP_N_BYTES_RECEIVED:
    case PROP_N_BEATS_SENT:
    case PROP_N_BEATS_ANSWERED:
    case PROP_N_BEATS_MISSED:
    case PROP_ROUND_TRIP:
    case PROP_SMOOTHED:
    case PROP_STATE:
    case PROP_REASON_CODE:
    case PROP_N_MISSED:
    case PROP_MAX_MISSED:
    case PROP_N_RECONNECTS:
    case PROP_ATTEMPT:
    case PROP_SPAN:
      wsi_connection_get_figure_value (self, prop_id, value);
      break;
    case PROP_PAUSED:
      g_value_set_boolean (value, wsi_connection_get_paused (self));
      break;
    case PROP_LIMITS_ENFORCED:
      g_value_set_boolean (value, wsi_connection_get_limits_enforced (self));
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_URI:
      g_value_set_string (value, self->uri);
      break;
    case PROP_REASON:
      g_value_set_string (value, self->reason);
      break;
    case PROP_ATTACHED:
      g_value_set_boolean (value, self->attached);
      break;
    case PROP_BEATS:
      g_value_set_object (value, wsi_connection_get_beats (self));
      break;
    case PROP_DETAILS:
      g_value_set_object (value, self->details);
      break;
    case PROP_JOURNAL:
      g_value_set_object (value, wsi_connection_get_journal (self));
      break;
    case PROP_FRAMES:
      g_value_set_object (value, wsi_connection_get_frames (self));
      break;
    case PROP_PAYLOAD_CAPTURE:
      g_value_set_uint (value, self->payload_capture);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_connection_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  if (prop_id == PROP_PAYLOAD_CAPTURE)
    wsi_connection_set_payload_capture (WSI_CONNECTION (object), g_value_get_uint (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
}

static GParamSpec *
wsi_connection_make_figure_spec (const WsiFigure *figure,
                                 GParamFlags      flags)
{
  switch (figure->type)
    {
    case G_TYPE_UINT64:
      return g_param_spec_uint64 (figure->name, NULL, NULL, 0, G_MAXUINT64, 0, flags);
    case G_TYPE_INT64:
      return g_param_spec_int64 (figure->name, NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
    case G_TYPE_DOUBLE:
      return g_param_spec_double (figure->name, NULL, NULL, -1.0, G_MAXDOUBLE, -1.0, flags);
    case G_TYPE_ENUM:
      return g_param_spec_enum (figure->name, NULL, NULL,
                                WSI_TYPE_STATE, WSI_STATE_UNKNOWN, flags);
    case G_TYPE_UINT:
    default:
      return g_param_spec_uint (figure->name, NULL, NULL, 0, G_MAXUINT, 0, flags);
    }
}

static void
wsi_connection_class_init (WsiConnectionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = wsi_connection_dispose;
  object_class->finalize = wsi_connection_finalize;
  object_class->get_property = wsi_connection_get_property;
  object_class->set_property = wsi_connection_set_property;

  for (guint prop_id = 1; prop_id <= PROP_LAST_FIGURE; prop_id++)
    properties[prop_id] = wsi_connection_make_figure_spec (&wsi_figure_table[prop_id], flags);

  properties[PROP_PAUSED] =
    g_param_spec_boolean ("paused", NULL, NULL, FALSE, flags);
  properties[PROP_LIMITS_ENFORCED] =
    g_param_spec_boolean ("limits-enforced", NULL, NULL, FALSE, flags);
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL, "", flags);
  properties[PROP_URI] =
    g_param_spec_string ("uri", NULL, NULL, "", flags);
  properties[PROP_REASON] =
    g_param_spec_string ("reason", NULL, NULL, "", flags);
  properties[PROP_ATTACHED] =
    g_param_spec_boolean ("attached", NULL, NULL, TRUE, flags);
  properties[PROP_BEATS] =
    g_param_spec_object ("beats", NULL, NULL, WSI_TYPE_BEATS, flags);
  properties[PROP_DETAILS] =
    g_param_spec_object ("details", NULL, NULL, WSI_TYPE_DETAILS, flags);
  properties[PROP_JOURNAL] =
    g_param_spec_object ("journal", NULL, NULL, WSI_TYPE_LOG, flags);
  properties[PROP_FRAMES] =
    g_param_spec_object ("frames", NULL, NULL, WSI_TYPE_LOG, flags);
  properties[PROP_PAYLOAD_CAPTURE] =
    g_param_spec_uint ("payload-capture", NULL, NULL,
                       0, G_MAXUINT, 0, flags | G_PARAM_WRITABLE);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_connection_init (WsiConnection *self)
{
  self->name = g_strdup ("");
  self->uri = g_strdup ("");
  self->reason = g_strdup ("");
  self->attached = TRUE;
  self->figures.round_trip = -1.0;
  self->figures.smoothed = -1.0;
}

WsiConnection *
wsi_connection_new (guint64 id)
{
  WsiConnection *self = g_object_new (WSI_TYPE_CONNECTION, NULL);

  self->figures.id = id;

  return self;
}

void
wsi_connection_notify (WsiConnection         *self,
                       WsiConnectionProperty  prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

/* Everything is stored before anything is notified, so that a listener sees one moment. */
void
wsi_connection_store_figures (WsiConnection    *self,
                              const WsiFigures *figures)
{
  WsiFigures before = self->figures;
  guint32 flags_changed = before.flags ^ figures->flags;

  self->figures = *figures;

  for (guint prop_id = 1; prop_id <= PROP_LAST_FIGURE; prop_id++)
    {
      const WsiFigure *figure = &wsi_figure_table[prop_id];

      if (memcmp ((const char *) &before + figure->offset,
                  (const char *) figures + figure->offset,
                  figure->size) != 0)
        g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
    }

  if ((flags_changed & WSI_FIGURES_FLAGS_PAUSED) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAUSED]);
  if ((flags_changed & WSI_FIGURES_FLAGS_LIMITS_ENFORCED) != 0)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIMITS_ENFORCED]);
}

/* The source takes care that this is not there longer than it. */
void
wsi_connection_set_source (WsiConnection *self,
                           WsiSource     *source)
{
  g_return_if_fail (WSI_IS_CONNECTION (self));

  self->source = source;
}

WsiSource *
wsi_connection_get_source (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), NULL);

  return self->source;
}

void
wsi_connection_set_attached (WsiConnection *self,
                             gboolean       attached)
{
  g_return_if_fail (WSI_IS_CONNECTION (self));

  attached = !!attached;
  if (self->attached == attached)
    return;

  self->attached = attached;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ATTACHED]);
}

guint64
wsi_connection_get_id (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.id;
}

const char *
wsi_connection_get_name (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), NULL);

  return self->name;
}

const char *
wsi_connection_get_uri (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), NULL);

  return self->uri;
}

const char *
wsi_connection_get_reason (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), NULL);

  return self->reason;
}

guint
wsi_connection_get_reason_code (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.reason_code;
}

WsiState
wsi_connection_get_state (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), WSI_STATE_UNKNOWN);

  return (WsiState) self->figures.state;
}

double
wsi_connection_get_round_trip (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), -1.0);

  return self->figures.round_trip;
}

double
wsi_connection_get_smoothed (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), -1.0);

  return self->figures.smoothed;
}

gint64
wsi_connection_get_next_at (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.next_at;
}

gint64
wsi_connection_get_opened_at (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.opened_at;
}

gint64
wsi_connection_get_last_received_at (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.last_received_at;
}

guint
wsi_connection_get_span (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.span;
}

guint
wsi_connection_get_n_missed (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_missed;
}

guint
wsi_connection_get_max_missed (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.max_missed;
}

guint
wsi_connection_get_n_reconnects (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_reconnects;
}

guint
wsi_connection_get_attempt (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.attempt;
}

guint64
wsi_connection_get_n_messages_sent (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_messages_sent;
}

guint64
wsi_connection_get_n_messages_received (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_messages_received;
}

guint64
wsi_connection_get_n_bytes_sent (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_bytes_sent;
}

guint64
wsi_connection_get_n_bytes_received (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_bytes_received;
}

guint64
wsi_connection_get_n_beats_sent (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_beats_sent;
}

guint64
wsi_connection_get_n_beats_answered (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_beats_answered;
}

guint64
wsi_connection_get_n_beats_missed (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->figures.n_beats_missed;
}

gboolean
wsi_connection_get_paused (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), FALSE);

  return (self->figures.flags & WSI_FIGURES_FLAGS_PAUSED) != 0;
}

gboolean
wsi_connection_get_limits_enforced (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), FALSE);

  return (self->figures.flags & WSI_FIGURES_FLAGS_LIMITS_ENFORCED) != 0;
}

gboolean
wsi_connection_get_attached (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), FALSE);

  return self->attached;
}

WsiBeats *
wsi_connection_get_beats (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), NULL);

  if (self->beats == NULL)
    self->beats = wsi_beats_new ();

  return self->beats;
}

WsiDetails *
wsi_connection_get_details (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), NULL);

  return self->details;
}

WsiLog *
wsi_connection_get_journal (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), NULL);

  if (self->journal == NULL)
    self->journal = wsi_log_new (WSI_TYPE_EVENT, WSI_CONNECTION_JOURNAL_CAPACITY);

  return self->journal;
}

WsiLog *
wsi_connection_get_frames (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), NULL);

  if (self->frames == NULL)
    {
      self->frames = wsi_log_new (WSI_TYPE_FRAME, WSI_CONNECTION_FRAMES_CAPACITY);
      wsi_log_set_weight_limit (self->frames, wsi_connection_weigh_frame,
                                WSI_CONNECTION_MAX_PAYLOADS);
    }

  return self->frames;
}

guint
wsi_connection_get_payload_capture (WsiConnection *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION (self), 0);

  return self->payload_capture;
}

void
wsi_connection_set_payload_capture (WsiConnection *self,
                                    guint          payload_capture)
{
  g_return_if_fail (WSI_IS_CONNECTION (self));

  payload_capture = MIN (payload_capture, MAX_PAYLOAD_CAPTURE);
  if (self->payload_capture == payload_capture)
    return;

  self->payload_capture = payload_capture;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PAYLOAD_CAPTURE]);

  if (self->source != NULL)
    wsi_source_update_following (self->source);
}
