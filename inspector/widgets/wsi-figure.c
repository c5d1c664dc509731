/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-figure.h"

#include <glib/gi18n-lib.h>

/**
 * WsiFigure:
 *
 * A number and what it is.
 */

typedef enum
{
  PROP_CAPTION = 1,
  PROP_VALUE,
  PROP_EXPLANATION,
} WsiFigureProperty;

#define PROP_LAST_ONE PROP_EXPLANATION

struct _WsiFigure
{
  GtkWidget parent_instance;

  char *texts[PROP_LAST_ONE + 1]; /* (owned) (nullable), by property id */
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiFigure, wsi_figure, GTK_TYPE_WIDGET)

/* Two labels make one thing to hear. */
static void
wsi_figure_update_accessible (WsiFigure *self)
{
  g_autofree char *label = NULL;

  if (self->texts[PROP_CAPTION] == NULL || self->texts[PROP_VALUE] == NULL)
    return;

  /* Translators: what a number is, and the number: “Median: 0.7 ms”. */
  label = g_strdup_printf (C_("figure", "%s: %s"),
                           self->texts[PROP_CAPTION], self->texts[PROP_VALUE]);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
}

static void
wsi_figure_set_text (WsiFigure         *self,
                     WsiFigureProperty  prop_id,
                     const char        *text)
{
  if (g_strcmp0 (self->texts[prop_id], text) == 0)
    return;

  g_free (self->texts[prop_id]);
  self->texts[prop_id] = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
  if (prop_id == PROP_EXPLANATION)
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), text);
  wsi_figure_update_accessible (self);
}

static void
wsi_figure_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (wsi_figure_parent_class)->dispose (object);
}

static void
wsi_figure_finalize (GObject *object)
{
  WsiFigure *self = WSI_FIGURE (object);

  for (guint prop_id = PROP_CAPTION; prop_id <= PROP_LAST_ONE; prop_id++)
    g_clear_pointer (&self->texts[prop_id], g_free);

  G_OBJECT_CLASS (wsi_figure_parent_class)->finalize (object);
}

static void
wsi_figure_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  WsiFigure *self = WSI_FIGURE (object);

  switch ((WsiFigureProperty) prop_id)
    {
    case PROP_CAPTION:
    case PROP_VALUE:
    case PROP_EXPLANATION:
      g_value_set_string (value, self->texts[prop_id]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_figure_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  WsiFigure *self = WSI_FIGURE (object);

  switch ((WsiFigureProperty) prop_id)
    {
    case PROP_CAPTION:
    case PROP_VALUE:
    case PROP_EXPLANATION:
      wsi_figure_set_text (self, prop_id, g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_figure_class_init (WsiFigureClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const names[] = { NULL, "caption", "value", "explanation" };

  object_class->dispose = wsi_figure_dispose;
  object_class->finalize = wsi_figure_finalize;
  object_class->get_property = wsi_figure_get_property;
  object_class->set_property = wsi_figure_set_property;

  for (guint prop_id = PROP_CAPTION; prop_id <= PROP_LAST_ONE; prop_id++)
    properties[prop_id] =
      g_param_spec_string (names[prop_id], NULL, NULL,
                           NULL,
                           (G_PARAM_READWRITE |
                            G_PARAM_EXPLICIT_NOTIFY |
                            G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_css_name (widget_class, "wsi-figure");
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wsmulti/Inspector/ui/wsi-figure.ui");
}

static void
wsi_figure_init (WsiFigure *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

const char *
wsi_figure_get_value (WsiFigure *self)
{
  g_return_val_if_fail (WSI_IS_FIGURE (self), NULL);

  return self->texts[PROP_VALUE];
}

void
wsi_figure_set_value (WsiFigure  *self,
                      const char *value)
{
  g_return_if_fail (WSI_IS_FIGURE (self));

  wsi_figure_set_text (self, PROP_VALUE, value);
}

void
wsi_figure_take_value (WsiFigure *self,
                       char      *value)
{
  g_autofree char *taken = value;

  wsi_figure_set_value (self, taken);
}
