/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-swatch.h"

#include "wsi-widgets.h"

/* A widget has one colour, and a chart needs several that follow the theme: so each has a widget
 * of its own, which is a style class and nothing else. */

GtkWidget *
wsi_swatch_new (GtkWidget  *parent,
                const char *css_class)
{
  GtkWidget *swatch;

  g_return_val_if_fail (GTK_IS_WIDGET (parent), NULL);
  g_return_val_if_fail (css_class != NULL, NULL);

  swatch = g_object_new (GTK_TYPE_BOX,
                         "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                         "visible", FALSE,
                         NULL);
  gtk_widget_add_css_class (swatch, css_class);
  gtk_widget_set_parent (swatch, parent);

  return swatch;
}

void
wsi_swatch_apply (GtkWidget *swatch,
                  cairo_t   *cairo,
                  double     alpha)
{
  GdkRGBA color;

  g_return_if_fail (GTK_IS_WIDGET (swatch));
  g_return_if_fail (cairo != NULL);

  wsi_widgets_get_color (swatch, &color);
  color.alpha *= (float) alpha;
  gdk_cairo_set_source_rgba (cairo, &color);
}
