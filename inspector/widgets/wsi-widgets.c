/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-widgets.h"

#include "wsi-widgets-resources.h"

#include <glib/gi18n-lib.h>

#define RESOURCES "/io/github/wsmulti/Inspector"

/* High contrast is another style sheet on top. libadwaita is not asked, for the widgets live in
 * programs without it too; the name of the theme tells, under both. */
static gboolean
wsi_widgets_is_high_contrast (GtkSettings *settings)
{
  g_autofree char *theme = NULL;

  g_object_get (settings, "gtk-theme-name", &theme, NULL);
  return theme != NULL && (g_str_has_prefix (theme, "HighContrast") ||
                           g_str_has_suffix (theme, "-hc") ||
                           strstr (theme, "-hc-") != NULL);
}

static void
wsi_widgets_theme_changed_cb (GtkSettings *settings,
                              GParamSpec  *pspec,
                              gpointer     user_data)
{
  GtkCssProvider *provider = user_data;
  GdkDisplay *display = gdk_display_get_default ();

  gtk_style_context_remove_provider_for_display (display, GTK_STYLE_PROVIDER (provider));
  if (wsi_widgets_is_high_contrast (settings))
    gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                                GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

static void
wsi_widgets_add_styles (GdkDisplay *display)
{
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();
  g_autoptr (GtkCssProvider) high_contrast_provider = gtk_css_provider_new ();
  GtkSettings *settings = gtk_settings_get_for_display (display);

  gtk_css_provider_load_from_resource (provider, RESOURCES "/widgets/style.css");
  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);

  gtk_css_provider_load_from_resource (high_contrast_provider, RESOURCES "/widgets/style-hc.css");
  wsi_widgets_theme_changed_cb (settings, NULL, high_contrast_provider);
  g_signal_connect_data (settings, "notify::gtk-theme-name",
                         G_CALLBACK (wsi_widgets_theme_changed_cb),
                         g_steal_pointer (&high_contrast_provider),
                         (GClosureNotify) (void (*)(void)) g_object_unref, 0);
}

void
wsi_widgets_init (void)
{
  static gboolean initialized = FALSE;
  GdkDisplay *display = gdk_display_get_default ();

  if (initialized)
    return;
  initialized = TRUE;

  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");

  g_resources_register (wsi_widgets_get_resource ());
  if (display != NULL)
    {
      gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display),
                                        RESOURCES "/icons");
      wsi_widgets_add_styles (display);
    }
}

void
wsi_widgets_get_color (GtkWidget *widget,
                       GdkRGBA   *color)
{
#if GTK_CHECK_VERSION (4, 10, 0)
  gtk_widget_get_color (widget, color);
#else
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), color);
#endif
}
