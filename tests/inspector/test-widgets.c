/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-state.h"
#include "wsi-widgets.h"

#include <math.h>

static void
test_widgets_know_an_icon_for_each_state (void)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gdk_display_get_default ());

  for (guint state = WSI_STATE_UNKNOWN; state <= WSI_STATE_FAILED; state++)
    {
      const char *name = wsi_state_get_icon_name (state);
      g_autoptr (GtkIconPaintable) icon = NULL;

      g_assert_true (gtk_icon_theme_has_icon (theme, name));
      icon = gtk_icon_theme_lookup_icon (theme, name, NULL, 16, 1, GTK_TEXT_DIR_LTR, 0);
      g_assert_true (gtk_icon_paintable_is_symbolic (icon));
      g_assert_cmpstr (gtk_icon_paintable_get_icon_name (icon), ==, name);
    }
}

static double
get_luminance (const GdkRGBA *color,
               const GdkRGBA *background)
{
  const float parts[] = { color->red, color->green, color->blue };
  const float behind[] = { background->red, background->green, background->blue };
  const double weights[] = { 0.2126, 0.7152, 0.0722 };
  double luminance = 0.0;

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      double part = color->alpha * parts[i] + (1.0f - color->alpha) * behind[i];

      luminance += weights[i] *
                   (part <= 0.03928 ? part / 12.92 : pow ((part + 0.055) / 1.055, 2.4));
    }
  return luminance;
}

/* As the Web Content Accessibility Guidelines define it. */
static double
get_contrast (const GdkRGBA *color,
              const GdkRGBA *background)
{
  double one = get_luminance (color, background);
  double other = get_luminance (background, background);

  return (MAX (one, other) + 0.05) / (MIN (one, other) + 0.05);
}

typedef struct
{
  const char *theme;
  gboolean dark;
  GdkRGBA background;
  double contrast;
} ThemeCase;

static void
test_widgets_colour_states_legibly (gconstpointer data)
{
  const ThemeCase *theme_case = data;
  GtkWidget *window = gtk_window_new ();
  GtkWidget *label = gtk_label_new ("Late");
  const char *classes[] = { NULL, NULL };

  g_object_set (gtk_widget_get_settings (window),
                "gtk-application-prefer-dark-theme", theme_case->dark,
                "gtk-theme-name", theme_case->theme,
                NULL);
  gtk_window_set_child (GTK_WINDOW (window), label);
  gtk_window_present (GTK_WINDOW (window));
  gtk_test_widget_wait_for_draw (window);
  for (guint state = WSI_STATE_UNKNOWN; state <= WSI_STATE_FAILED; state++)
    {
      GdkRGBA color;

      classes[0] = wsi_state_get_css_class (state);
      gtk_widget_set_css_classes (label, classes);
      gtk_test_widget_wait_for_draw (window);
      wsi_widgets_get_color (label, &color);
      g_test_message ("%s: %g", classes[0], get_contrast (&color, &theme_case->background));
      g_assert_cmpfloat (get_contrast (&color, &theme_case->background), >=,
                         theme_case->contrast);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_widgets_tell_states_by_colour (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *label = gtk_label_new ("Late");
  const WsiState states[] = { WSI_STATE_OPEN, WSI_STATE_SUSPECT, WSI_STATE_WAITING,
                              WSI_STATE_CLOSED, WSI_STATE_FAILED };
  GdkRGBA colors[G_N_ELEMENTS (states)];

  gtk_window_set_child (GTK_WINDOW (window), label);
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      const char *classes[] = { wsi_state_get_css_class (states[i]), NULL };

      gtk_widget_set_css_classes (label, classes);
      wsi_widgets_get_color (label, &colors[i]);
      for (guint other = 0; other < i; other++)
        g_assert_false (gdk_rgba_equal (&colors[i], &colors[other]));
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

/* The contrasts of the guidelines, levels AA and AAA. */
static const ThemeCase theme_cases[] = {
  { "Default", FALSE, { 1.0f, 1.0f, 1.0f, 1.0f }, 4.5 },
  { "Default", TRUE, { 0.18f, 0.18f, 0.18f, 1.0f }, 4.5 },
  { "Default-hc", FALSE, { 1.0f, 1.0f, 1.0f, 1.0f }, 7.0 },
  { "Default-hc", TRUE, { 0.1f, 0.1f, 0.1f, 1.0f }, 7.0 },
};

int
main (int   argc,
      char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  wsi_widgets_init ();
  wsi_widgets_init ();

  g_test_add_func ("/widgets/know-an-icon-for-each-state",
                   test_widgets_know_an_icon_for_each_state);
  g_test_add_func ("/widgets/tell-states-by-colour", test_widgets_tell_states_by_colour);
  g_test_add_data_func ("/widgets/colour-states-legibly/light", &theme_cases[0],
                        test_widgets_colour_states_legibly);
  g_test_add_data_func ("/widgets/colour-states-legibly/dark", &theme_cases[1],
                        test_widgets_colour_states_legibly);
  g_test_add_data_func ("/widgets/colour-states-legibly/high-contrast", &theme_cases[2],
                        test_widgets_colour_states_legibly);
  g_test_add_data_func ("/widgets/colour-states-legibly/high-contrast-dark", &theme_cases[3],
                        test_widgets_colour_states_legibly);

  return g_test_run ();
}
