/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-fact-row.h"

#include <glib/gi18n-lib.h>

/**
 * WsiFactRow:
 *
 * A name and what it stands for, in a list.
 */

typedef enum
{
  PROP_TITLE = 1,
  PROP_VALUE,
  PROP_SECRET,
  PROP_WARNING,
} WsiFactRowProperty;

#define PROP_LAST_ONE PROP_WARNING

struct _WsiFactRow
{
  GtkListBoxRow parent_instance;

  char *title;   /* (owned) (nullable) */
  char *value;   /* (owned) (nullable) */
  char *warning; /* (owned) (nullable) */

  GtkWidget *lock_image;
  GtkLabel *value_label;
  GtkWidget *warning_box;

  guint secret : 1;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsiFactRow, wsi_fact_row, GTK_TYPE_LIST_BOX_ROW)

static void
wsi_fact_row_constructed (GObject *object)
{
  WsiFactRow *self = WSI_FACT_ROW (object);

  G_OBJECT_CLASS (wsi_fact_row_parent_class)->constructed (object);

  if (self->secret)
    {
      /* Translators: stands for the value of a header that is not shown. */
      gtk_label_set_label (self->value_label, _("hidden"));
      gtk_label_set_selectable (self->value_label, FALSE);
      gtk_widget_add_css_class (GTK_WIDGET (self->value_label), "dim-label");
      gtk_widget_set_tooltip_text (GTK_WIDGET (self),
                                   _("The program keeps this value to itself"));
    }
  else
    {
      gtk_label_set_label (self->value_label, self->value != NULL ? self->value : "–");
    }

  gtk_widget_set_visible (self->warning_box, self->warning != NULL);
}

static void
wsi_fact_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), WSI_TYPE_FACT_ROW);

  G_OBJECT_CLASS (wsi_fact_row_parent_class)->dispose (object);
}

static void
wsi_fact_row_finalize (GObject *object)
{
  WsiFactRow *self = WSI_FACT_ROW (object);

  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->value, g_free);
  g_clear_pointer (&self->warning, g_free);

  G_OBJECT_CLASS (wsi_fact_row_parent_class)->finalize (object);
}

static void
wsi_fact_row_get_property (GObject    *object,
                           guint       prop_id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  WsiFactRow *self = WSI_FACT_ROW (object);

  switch ((WsiFactRowProperty) prop_id)
    {
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_VALUE:
      g_value_set_string (value, self->value);
      break;
    case PROP_SECRET:
      g_value_set_boolean (value, self->secret);
      break;
    case PROP_WARNING:
      g_value_set_string (value, self->warning);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_fact_row_set_property (GObject      *object,
                           guint         prop_id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  WsiFactRow *self = WSI_FACT_ROW (object);

  switch ((WsiFactRowProperty) prop_id)
    {
    case PROP_TITLE:
      self->title = g_value_dup_string (value);
      break;
    case PROP_VALUE:
      self->value = g_value_dup_string (value);
      break;
    case PROP_SECRET:
      self->secret = g_value_get_boolean (value) != FALSE;
      break;
    case PROP_WARNING:
      self->warning = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_fact_row_class_init (WsiFactRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const struct
  {
    WsiFactRowProperty prop_id;
    const char *name;
  } texts[] = {
    { PROP_TITLE, "title" },
    { PROP_VALUE, "value" },
    { PROP_WARNING, "warning" },
  };

  object_class->constructed = wsi_fact_row_constructed;
  object_class->dispose = wsi_fact_row_dispose;
  object_class->finalize = wsi_fact_row_finalize;
  object_class->get_property = wsi_fact_row_get_property;
  object_class->set_property = wsi_fact_row_set_property;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    properties[texts[i].prop_id] =
      g_param_spec_string (texts[i].name, NULL, NULL,
                           NULL,
                           (G_PARAM_READWRITE |
                            G_PARAM_CONSTRUCT_ONLY |
                            G_PARAM_STATIC_STRINGS));

  /**
   * WsiFactRow:secret:
   *
   * Whether the value is kept from us.
   */
  properties[PROP_SECRET] =
    g_param_spec_boolean ("secret", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_CONSTRUCT_ONLY |
                           G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-fact-row.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiFactRow, lock_image);
  gtk_widget_class_bind_template_child (widget_class, WsiFactRow, value_label);
  gtk_widget_class_bind_template_child (widget_class, WsiFactRow, warning_box);
}

static void
wsi_fact_row_init (WsiFactRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
wsi_fact_row_new (const char *name,
                  const char *value,
                  gboolean    secret,
                  const char *warning)
{
  return g_object_new (WSI_TYPE_FACT_ROW,
                       "title", name,
                       "value", value,
                       "secret", secret,
                       "warning", warning,
                       NULL);
}
