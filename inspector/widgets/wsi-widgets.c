/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-widgets.h"

#include "wsi-widgets-resources.h"

#include <glib/gi18n-lib.h>

#define RESOURCES "/io/github/wsmulti/Inspector"

/* Sheets on top of the first one. libadwaita is not asked, for the widgets live in programs without
 * it too; the settings tell under both. */
typedef struct
{
  const char *resource;
  gboolean (*is_wanted) (GtkSettings *settings);
  GtkCssProvider *provider; /* (owned): for as long as the program runs */
} WsiSheet;

static gboolean
wsi_widgets_is_dark (GtkSettings *settings)
{
  g_autofree char *theme = NULL;
  gboolean prefers_dark = FALSE;

  g_object_get (settings,
                "gtk-application-prefer-dark-theme", &prefers_dark,
                "gtk-theme-name", &theme,
                NULL);
  return prefers_dark || (theme != NULL && g_str_has_suffix (theme, "-dark"));
}

static gboolean
wsi_widgets_is_high_contrast (GtkSettings *settings)
{
  g_autofree char *theme = NULL;

  g_object_get (settings, "gtk-theme-name", &theme, NULL);
  return theme != NULL && (g_str_has_prefix (theme, "HighContrast") ||
                           g_str_has_suffix (theme, "-hc") ||
                           strstr (theme, "-hc-") != NULL);
}

static WsiSheet sheets[] = {
  { RESOURCES "/widgets/style-dark.css", wsi_widgets_is_dark, NULL },
  { RESOURCES "/widgets/style-hc.css", wsi_widgets_is_high_contrast, NULL },
};

static GtkCssProvider *
wsi_widgets_load (const char *resource)
{
  GtkCssProvider *provider = gtk_css_provider_new ();

  gtk_css_provider_load_from_resource (provider, resource);
  return provider;
}

static void
wsi_widgets_theme_changed_cb (GtkSettings *settings,
                              GParamSpec  *pspec,
                              gpointer     user_data)
{
  GdkDisplay *display = user_data;

  for (guint i = 0; i < G_N_ELEMENTS (sheets); i++)
    {
      GtkStyleProvider *provider = GTK_STYLE_PROVIDER (sheets[i].provider);

      gtk_style_context_remove_provider_for_display (display, provider);
      if (sheets[i].is_wanted (settings))
        gtk_style_context_add_provider_for_display (display, provider,
                                                    GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
    }
}

static void
wsi_widgets_add_styles (GdkDisplay *display)
{
  g_autoptr (GtkCssProvider) provider = wsi_widgets_load (RESOURCES "/widgets/style.css");
  GtkSettings *settings = gtk_settings_get_for_display (display);

  gtk_style_context_add_provider_for_display (display, GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  wsi_widgets_theme_changed_cb (settings, NULL, display);
  g_signal_connect (settings, "notify::gtk-application-prefer-dark-theme",
                    G_CALLBACK (wsi_widgets_theme_changed_cb), display);
  g_signal_connect (settings, "notify::gtk-theme-name",
                    G_CALLBACK (wsi_widgets_theme_changed_cb), display);
}

void
wsi_widgets_init_texts (void)
{
  const char *folder = g_getenv ("WSMULTI_LOCALE_DIR");

  bindtextdomain (GETTEXT_PACKAGE, folder != NULL ? folder : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

void
wsi_widgets_init (void)
{
  wsi_widgets_init_display (gdk_display_get_default ());
}

void
wsi_widgets_init_display (GdkDisplay *display)
{
  static gboolean initialized = FALSE;

  if (!initialized)
    {
      initialized = TRUE;
      wsi_widgets_init_texts ();

      g_resources_register (wsi_widgets_get_resource ());
      for (guint i = 0; i < G_N_ELEMENTS (sheets); i++)
        sheets[i].provider = wsi_widgets_load (sheets[i].resource);
    }

  if (display == NULL || g_object_get_data (G_OBJECT (display), "wsi-widgets") != NULL)
    return;
  g_object_set_data (G_OBJECT (display), "wsi-widgets", display);

  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (display), RESOURCES "/icons");
  wsi_widgets_add_styles (display);
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
