/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-frame-filter.h"

#include "wsi-frame.h"

/**
 * WsiFrameFilter:
 *
 * Which frames are wanted.
 */

typedef enum
{
  PROP_PATTERN = 1,
  PROP_REGULAR,
  PROP_DIRECTION,
  PROP_OPCODES,
  PROP_ERROR,
} WsiFrameFilterProperty;

#define PROP_LAST_ONE PROP_ERROR

struct _WsiFrameFilter
{
  GtkFilter parent_instance;

  char *pattern; /* (owned) */
  GRegex *regex; /* (owned) (nullable): what is in force; NULL = any text */
  char *error;   /* (owned) (nullable) */
  WsiDirection direction;
  guint opcodes;
  guint regular : 1;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiFrameFilter, wsi_frame_filter, GTK_TYPE_FILTER)

static void
wsi_frame_filter_take_error (WsiFrameFilter *self,
                             char           *error)
{
  g_autofree char *taken = error;

  if (g_strcmp0 (self->error, taken) == 0)
    return;

  g_free (self->error);
  self->error = g_steal_pointer (&taken);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

/* Plain text is an expression too, so that there is one way to compare. */
static void
wsi_frame_filter_compile (WsiFrameFilter *self)
{
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GError) error = NULL;

  if (self->pattern[0] != '\0')
    {
      g_autofree char *escaped = g_regex_escape_string (self->pattern, -1);

      regex = g_regex_new (self->regular ? self->pattern : escaped,
                           G_REGEX_CASELESS, 0, &error);
      if (regex == NULL)
        {
          wsi_frame_filter_take_error (self, g_strdup (error->message));
          return;
        }
    }

  g_clear_pointer (&self->regex, g_regex_unref);
  self->regex = g_steal_pointer (&regex);
  wsi_frame_filter_take_error (self, NULL);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

static gboolean
wsi_frame_filter_match_text (WsiFrameFilter *self,
                             WsiFrame       *frame)
{
  g_autofree char *name = wsi_frame_dup_opcode_name (frame);
  g_autofree char *valid = NULL;
  GBytes *payload = wsi_frame_get_payload (frame);
  const char *data;
  gsize size;

  if (g_regex_match (self->regex, name, 0, NULL))
    return TRUE;
  if (payload == NULL)
    return FALSE;

  data = g_bytes_get_data (payload, &size);
  if (size == 0)
    return FALSE;

  /* GRegex takes nothing but UTF-8. */
  if (!g_utf8_validate (data, (gssize) size, NULL))
    {
      valid = g_utf8_make_valid (data, (gssize) size);
      return g_regex_match (self->regex, valid, 0, NULL);
    }

  return g_regex_match_full (self->regex, data, (gssize) size, 0, 0, NULL, NULL);
}

static gboolean
wsi_frame_filter_match (GtkFilter *filter,
                        gpointer   item)
{
  WsiFrameFilter *self = WSI_FRAME_FILTER (filter);
  WsiFrame *frame = WSI_FRAME (item);

  if (self->direction != WSI_DIRECTION_UNKNOWN &&
      self->direction != wsi_frame_get_direction (frame))
    return FALSE;

  if (self->opcodes != WSI_FRAME_OPCODES_ALL &&
      (wsi_frame_get_opcode (frame) > 15 ||
       (self->opcodes & (1u << wsi_frame_get_opcode (frame))) == 0))
    return FALSE;

  return self->regex == NULL || wsi_frame_filter_match_text (self, frame);
}

static GtkFilterMatch
wsi_frame_filter_get_strictness (GtkFilter *filter)
{
  WsiFrameFilter *self = WSI_FRAME_FILTER (filter);

  if (self->regex == NULL && self->direction == WSI_DIRECTION_UNKNOWN &&
      self->opcodes == WSI_FRAME_OPCODES_ALL)
    return GTK_FILTER_MATCH_ALL;

  return GTK_FILTER_MATCH_SOME;
}

static void
wsi_frame_filter_finalize (GObject *object)
{
  WsiFrameFilter *self = WSI_FRAME_FILTER (object);

  g_clear_pointer (&self->pattern, g_free);
  g_clear_pointer (&self->regex, g_regex_unref);
  g_clear_pointer (&self->error, g_free);

  G_OBJECT_CLASS (wsi_frame_filter_parent_class)->finalize (object);
}

static void
wsi_frame_filter_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  WsiFrameFilter *self = WSI_FRAME_FILTER (object);

  switch ((WsiFrameFilterProperty) prop_id)
    {
    case PROP_PATTERN:
      g_value_set_string (value, self->pattern);
      break;
    case PROP_REGULAR:
      g_value_set_boolean (value, self->regular);
      break;
    case PROP_DIRECTION:
      g_value_set_uint (value, self->direction);
      break;
    case PROP_OPCODES:
      g_value_set_uint (value, self->opcodes);
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
wsi_frame_filter_set_property (GObject      *object,
                               guint         prop_id,
                               const GValue *value,
                               GParamSpec   *pspec)
{
  WsiFrameFilter *self = WSI_FRAME_FILTER (object);

  switch ((WsiFrameFilterProperty) prop_id)
    {
    case PROP_PATTERN:
      wsi_frame_filter_set_pattern (self, g_value_get_string (value));
      break;
    case PROP_REGULAR:
      wsi_frame_filter_set_regular (self, g_value_get_boolean (value));
      break;
    case PROP_DIRECTION:
      wsi_frame_filter_set_direction (self, g_value_get_uint (value));
      break;
    case PROP_OPCODES:
      wsi_frame_filter_set_opcodes (self, g_value_get_uint (value));
      break;
    case PROP_ERROR:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_frame_filter_class_init (WsiFrameFilterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkFilterClass *filter_class = GTK_FILTER_CLASS (klass);

  object_class->finalize = wsi_frame_filter_finalize;
  object_class->get_property = wsi_frame_filter_get_property;
  object_class->set_property = wsi_frame_filter_set_property;

  filter_class->get_strictness = wsi_frame_filter_get_strictness;
  filter_class->match = wsi_frame_filter_match;

  /**
   * WsiFrameFilter:pattern: (getter get_pattern) (setter set_pattern)
   *
   * A text that is in the payload or in the name of the opcode, without regard to case.
   */
  properties[PROP_PATTERN] =
    g_param_spec_string ("pattern", NULL, NULL,
                         "",
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiFrameFilter:regular: (getter get_regular) (setter set_regular)
   *
   * Whether the pattern is a regular expression.
   */
  properties[PROP_REGULAR] =
    g_param_spec_boolean ("regular", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsiFrameFilter:direction: (getter get_direction) (setter set_direction)
   *
   * The direction, or 0 for both.
   */
  properties[PROP_DIRECTION] =
    g_param_spec_uint ("direction", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsiFrameFilter:opcodes: (getter get_opcodes) (setter set_opcodes)
   *
   * A bit for each opcode, or 0 for all.
   */
  properties[PROP_OPCODES] =
    g_param_spec_uint ("opcodes", NULL, NULL,
                       0, G_MAXUINT, WSI_FRAME_OPCODES_ALL,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsiFrameFilter:error: (getter get_error)
   *
   * What is wrong with the pattern, or `NULL`.
   */
  properties[PROP_ERROR] =
    g_param_spec_string ("error", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_frame_filter_init (WsiFrameFilter *self)
{
  self->pattern = g_strdup ("");
}

WsiFrameFilter *
wsi_frame_filter_new (void)
{
  return g_object_new (WSI_TYPE_FRAME_FILTER, NULL);
}

const char *
wsi_frame_filter_get_pattern (WsiFrameFilter *self)
{
  g_return_val_if_fail (WSI_IS_FRAME_FILTER (self), NULL);

  return self->pattern;
}

void
wsi_frame_filter_set_pattern (WsiFrameFilter *self,
                              const char     *pattern)
{
  g_return_if_fail (WSI_IS_FRAME_FILTER (self));

  if (pattern == NULL)
    pattern = "";
  if (strcmp (self->pattern, pattern) == 0)
    return;

  g_free (self->pattern);
  self->pattern = g_strdup (pattern);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PATTERN]);
  wsi_frame_filter_compile (self);
}

gboolean
wsi_frame_filter_get_regular (WsiFrameFilter *self)
{
  g_return_val_if_fail (WSI_IS_FRAME_FILTER (self), FALSE);

  return self->regular;
}

void
wsi_frame_filter_set_regular (WsiFrameFilter *self,
                              gboolean        regular)
{
  g_return_if_fail (WSI_IS_FRAME_FILTER (self));

  regular = regular != FALSE;
  if (self->regular == regular)
    return;

  self->regular = regular;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_REGULAR]);
  wsi_frame_filter_compile (self);
}

WsiDirection
wsi_frame_filter_get_direction (WsiFrameFilter *self)
{
  g_return_val_if_fail (WSI_IS_FRAME_FILTER (self), WSI_DIRECTION_UNKNOWN);

  return self->direction;
}

void
wsi_frame_filter_set_direction (WsiFrameFilter *self,
                                WsiDirection    direction)
{
  g_return_if_fail (WSI_IS_FRAME_FILTER (self));

  if (self->direction == direction)
    return;

  self->direction = direction;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DIRECTION]);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

guint
wsi_frame_filter_get_opcodes (WsiFrameFilter *self)
{
  g_return_val_if_fail (WSI_IS_FRAME_FILTER (self), 0);

  return self->opcodes;
}

void
wsi_frame_filter_set_opcodes (WsiFrameFilter *self,
                              guint           opcodes)
{
  g_return_if_fail (WSI_IS_FRAME_FILTER (self));

  if (self->opcodes == opcodes)
    return;

  self->opcodes = opcodes;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_OPCODES]);
  gtk_filter_changed (GTK_FILTER (self), GTK_FILTER_CHANGE_DIFFERENT);
}

const char *
wsi_frame_filter_get_error (WsiFrameFilter *self)
{
  g_return_val_if_fail (WSI_IS_FRAME_FILTER (self), NULL);

  return self->error;
}
