/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-filter-choice.h"

#include "wsi-format.h"
#include "wsi-state.h"

#include <glib/gi18n-lib.h>

/**
 * WsiFilterChoice:
 *
 * A filter by state, as a drop-down shows it.
 */
struct _WsiFilterChoice
{
  GObject parent_instance;

  WsiFilter filter;
  guint count;
  char *count_text; /* (owned) */
};

typedef enum
{
  PROP_LABEL = 1,
  PROP_COUNT,
} WsiFilterChoiceProperty;

#define PROP_LAST_ONE PROP_COUNT

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiFilterChoice, wsi_filter_choice, G_TYPE_OBJECT)

static const char *
wsi_filter_choice_get_label (WsiFilterChoice *self)
{
  switch (self->filter)
    {
    case WSI_FILTER_OPEN:
      return wsi_state_get_label (WSI_STATE_OPEN);
    case WSI_FILTER_LATE:
      return wsi_state_get_label (WSI_STATE_SUSPECT);
    case WSI_FILTER_WAITING:
      return wsi_state_get_label (WSI_STATE_WAITING);
    case WSI_FILTER_FAILED:
      return wsi_state_get_label (WSI_STATE_FAILED);
    case WSI_FILTER_ALL:
    case WSI_N_FILTERS:
    default:
      /* Translators: connections in any state. */
      return C_ ("filter", "All");
    }
}

static void
wsi_filter_choice_finalize (GObject *object)
{
  g_free (WSI_FILTER_CHOICE (object)->count_text);

  G_OBJECT_CLASS (wsi_filter_choice_parent_class)->finalize (object);
}

static void
wsi_filter_choice_get_property (GObject    *object,
                                guint       prop_id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  WsiFilterChoice *self = WSI_FILTER_CHOICE (object);

  switch ((WsiFilterChoiceProperty) prop_id)
    {
    case PROP_LABEL:
      g_value_set_string (value, wsi_filter_choice_get_label (self));
      break;
    case PROP_COUNT:
      g_value_set_string (value, self->count_text);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_filter_choice_class_init (WsiFilterChoiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = wsi_filter_choice_finalize;
  object_class->get_property = wsi_filter_choice_get_property;

  properties[PROP_LABEL] =
    g_param_spec_string ("label", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  properties[PROP_COUNT] =
    g_param_spec_string ("count", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_filter_choice_init (WsiFilterChoice *self)
{
  self->count_text = wsi_format_count (0);
}

WsiFilterChoice *
wsi_filter_choice_new (WsiFilter filter)
{
  WsiFilterChoice *self = g_object_new (WSI_TYPE_FILTER_CHOICE, NULL);

  self->filter = filter;
  return self;
}

WsiFilter
wsi_filter_choice_get (WsiFilterChoice *self)
{
  g_return_val_if_fail (WSI_IS_FILTER_CHOICE (self), WSI_FILTER_ALL);

  return self->filter;
}

void
wsi_filter_choice_set_count (WsiFilterChoice *self,
                             guint            count)
{
  g_return_if_fail (WSI_IS_FILTER_CHOICE (self));

  if (self->count == count)
    return;
  self->count = count;
  g_free (self->count_text);
  self->count_text = wsi_format_count (count);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
}
