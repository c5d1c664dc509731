/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-frame.h"

#include "wsi-enum-types.h"

#define FIRST_CONTROL_OPCODE 0x8

/**
 * WsiFrame:
 *
 * One WebSocket frame; it is not changed any more.
 */
struct _WsiFrame
{
  GObject parent_instance;

  guint64 number;
  gint64 time_us;
  gint64 delta_us;
  guint64 length;
  guint64 wire_length;
  GBytes *payload; /* (owned) (nullable) */
  WsiDirection direction;
  guint opcode;
  WsiFrameFlags flags;
};

typedef enum
{
  PROP_NUMBER = 1,
  PROP_TIME,
  PROP_DELTA,
  PROP_DIRECTION,
  PROP_OPCODE,
  PROP_FINAL,
  PROP_COMPRESSED,
  PROP_TRUNCATED,
  PROP_LENGTH,
  PROP_WIRE_LENGTH,
  PROP_PAYLOAD,
} WsiFrameProperty;

#define PROP_LAST_ONE PROP_PAYLOAD

static GParamSpec *properties[PROP_LAST_ONE + 1];

/* RFC 6455, 5.2. */
static const char *const opcode_names[] =
{
  [0x0] = "continuation",
  [0x1] = "text",
  [0x2] = "binary",
  [0x8] = "close",
  [0x9] = "ping",
  [0xa] = "pong",
};

G_DEFINE_FINAL_TYPE (WsiFrame, wsi_frame, G_TYPE_OBJECT)

static void
wsi_frame_finalize (GObject *object)
{
  WsiFrame *self = WSI_FRAME (object);

  g_clear_pointer (&self->payload, g_bytes_unref);

  G_OBJECT_CLASS (wsi_frame_parent_class)->finalize (object);
}

static void
wsi_frame_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  WsiFrame *self = WSI_FRAME (object);

  switch ((WsiFrameProperty) prop_id)
    {
    case PROP_NUMBER:
      g_value_set_uint64 (value, self->number);
      break;
    case PROP_TIME:
      g_value_set_int64 (value, self->time_us);
      break;
    case PROP_DELTA:
      g_value_set_int64 (value, self->delta_us);
      break;
    case PROP_DIRECTION:
      g_value_set_enum (value, (int) self->direction);
      break;
    case PROP_OPCODE:
      g_value_set_uint (value, self->opcode);
      break;
    case PROP_FINAL:
      g_value_set_boolean (value, (self->flags & WSI_FRAME_FLAGS_FINAL) != 0);
      break;
    case PROP_COMPRESSED:
      g_value_set_boolean (value, (self->flags & WSI_FRAME_FLAGS_COMPRESSED) != 0);
      break;
    case PROP_TRUNCATED:
      g_value_set_boolean (value, (self->flags & WSI_FRAME_FLAGS_TRUNCATED) != 0);
      break;
    case PROP_LENGTH:
      g_value_set_uint64 (value, self->length);
      break;
    case PROP_WIRE_LENGTH:
      g_value_set_uint64 (value, self->wire_length);
      break;
    case PROP_PAYLOAD:
      g_value_set_boxed (value, self->payload);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_frame_class_init (WsiFrameClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = wsi_frame_finalize;
  object_class->get_property = wsi_frame_get_property;

  properties[PROP_NUMBER] =
    g_param_spec_uint64 ("number", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_TIME] =
    g_param_spec_int64 ("time", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_DELTA] =
    g_param_spec_int64 ("delta", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_DIRECTION] =
    g_param_spec_enum ("direction", NULL, NULL,
                       WSI_TYPE_DIRECTION, WSI_DIRECTION_UNKNOWN, flags);
  properties[PROP_OPCODE] =
    g_param_spec_uint ("opcode", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_FINAL] =
    g_param_spec_boolean ("final", NULL, NULL, FALSE, flags);
  properties[PROP_COMPRESSED] =
    g_param_spec_boolean ("compressed", NULL, NULL, FALSE, flags);
  properties[PROP_TRUNCATED] =
    g_param_spec_boolean ("truncated", NULL, NULL, FALSE, flags);
  properties[PROP_LENGTH] =
    g_param_spec_uint64 ("length", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_WIRE_LENGTH] =
    g_param_spec_uint64 ("wire-length", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_PAYLOAD] =
    g_param_spec_boxed ("payload", NULL, NULL, G_TYPE_BYTES, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_frame_init (WsiFrame *self)
{
}

/* payload (nullable) is shared, not copied. */
WsiFrame *
wsi_frame_new (guint64        number,
               gint64         time_us,
               gint64         delta_us,
               WsiDirection   direction,
               guint          opcode,
               WsiFrameFlags  flags,
               guint64        length,
               guint64        wire_length,
               GBytes        *payload)
{
  WsiFrame *self = g_object_new (WSI_TYPE_FRAME, NULL);

  self->number = number;
  self->time_us = time_us;
  self->delta_us = delta_us;
  self->direction = direction;
  self->opcode = opcode;
  self->flags = flags;
  self->length = length;
  self->wire_length = wire_length;
  self->payload = payload != NULL ? g_bytes_ref (payload) : NULL;

  return self;
}

guint64
wsi_frame_get_number (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), 0);

  return self->number;
}

gint64
wsi_frame_get_time (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), 0);

  return self->time_us;
}

gint64
wsi_frame_get_delta (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), 0);

  return self->delta_us;
}

WsiDirection
wsi_frame_get_direction (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), WSI_DIRECTION_UNKNOWN);

  return self->direction;
}

guint
wsi_frame_get_opcode (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), 0);

  return self->opcode;
}

WsiFrameFlags
wsi_frame_get_flags (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), WSI_FRAME_FLAGS_NONE);

  return self->flags;
}

guint64
wsi_frame_get_length (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), 0);

  return self->length;
}

guint64
wsi_frame_get_wire_length (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), 0);

  return self->wire_length;
}

GBytes *
wsi_frame_get_payload (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), NULL);

  return self->payload;
}

gboolean
wsi_frame_is_control (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), FALSE);

  return self->opcode >= FIRST_CONTROL_OPCODE;
}

char *
wsi_frame_dup_opcode_name (WsiFrame *self)
{
  g_return_val_if_fail (WSI_IS_FRAME (self), NULL);

  if (self->opcode < G_N_ELEMENTS (opcode_names) && opcode_names[self->opcode] != NULL)
    return g_strdup (opcode_names[self->opcode]);

  return g_strdup_printf ("0x%x", self->opcode);
}
