/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-event.h"

#include "wsi-enum-types.h"

/**
 * WsiEvent:
 *
 * One line of a connection's journal; it is not changed any more.
 */
struct _WsiEvent
{
  GObject parent_instance;

  guint64 number;
  gint64 time_us;
  WsiEventKind kind;
  WsiState state;
  double round_trip; /* ms, negative = none */
  char *text;        /* (owned) */
};

typedef enum
{
  PROP_NUMBER = 1,
  PROP_TIME,
  PROP_KIND,
  PROP_STATE,
  PROP_ROUND_TRIP,
  PROP_TEXT,
} WsiEventProperty;

#define PROP_LAST_ONE PROP_TEXT

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiEvent, wsi_event, G_TYPE_OBJECT)

static void
wsi_event_finalize (GObject *object)
{
  WsiEvent *self = WSI_EVENT (object);

  g_free (self->text);

  G_OBJECT_CLASS (wsi_event_parent_class)->finalize (object);
}

static void
wsi_event_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  WsiEvent *self = WSI_EVENT (object);

  switch ((WsiEventProperty) prop_id)
    {
    case PROP_NUMBER:
      g_value_set_uint64 (value, self->number);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->time_us);
      break;
    case PROP_KIND:
      g_value_set_enum (value, (int) self->kind);
      break;
    case PROP_STATE:
      g_value_set_enum (value, (int) self->state);
      break;
    case PROP_ROUND_TRIP:
      g_value_set_double (value, self->round_trip);
      break;
    case PROP_TEXT:
      g_value_set_string (value, self->text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_event_class_init (WsiEventClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = wsi_event_finalize;
  object_class->get_property = wsi_event_get_property;

  properties[PROP_NUMBER] =
    g_param_spec_uint64 ("number", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_TIME] =
    g_param_spec_int64 ("time", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_KIND] =
    g_param_spec_enum ("kind", NULL, NULL,
                       WSI_TYPE_EVENT_KIND, WSI_EVENT_KIND_UNKNOWN, flags);
  properties[PROP_STATE] =
    g_param_spec_enum ("state", NULL, NULL, WSI_TYPE_STATE, WSI_STATE_UNKNOWN, flags);
  properties[PROP_ROUND_TRIP] =
    g_param_spec_double ("round-trip", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, -1.0, flags);
  properties[PROP_TEXT] =
    g_param_spec_string ("text", NULL, NULL, "", flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_event_init (WsiEvent *self)
{
}

WsiEvent *
wsi_event_new (guint64       number,
               gint64        time_us,
               WsiEventKind  kind,
               WsiState      state,
               double        round_trip,
               const char   *text)
{
  WsiEvent *self = g_object_new (WSI_TYPE_EVENT, NULL);

  self->number = number;
  self->time_us = time_us;
  self->kind = kind;
  self->state = state;
  self->round_trip = round_trip;
  self->text = g_strdup (text != NULL ? text : "");

  return self;
}

guint64
wsi_event_get_number (WsiEvent *self)
{
  g_return_val_if_fail (WSI_IS_EVENT (self), 0);

  return self->number;
}

gint64
wsi_event_get_time (WsiEvent *self)
{
  g_return_val_if_fail (WSI_IS_EVENT (self), 0);

  return self->time_us;
}

WsiEventKind
wsi_event_get_kind (WsiEvent *self)
{
  g_return_val_if_fail (WSI_IS_EVENT (self), WSI_EVENT_KIND_UNKNOWN);

  return self->kind;
}

WsiState
wsi_event_get_state (WsiEvent *self)
{
  g_return_val_if_fail (WSI_IS_EVENT (self), WSI_STATE_UNKNOWN);

  return self->state;
}

double
wsi_event_get_round_trip (WsiEvent *self)
{
  g_return_val_if_fail (WSI_IS_EVENT (self), -1.0);

  return self->round_trip;
}

const char *
wsi_event_get_text (WsiEvent *self)
{
  g_return_val_if_fail (WSI_IS_EVENT (self), NULL);

  return self->text;
}
