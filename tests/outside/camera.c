/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <adwaita.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gi18n-lib.h>

/*
 * A camera in a program that knows nothing of it: preloaded, it takes pictures of the program's
 * windows and measures the texts in them.
 *
 * It listens on the socket that CAMERA names. A command is a line; the answer is some lines and
 * then one with a dot.
 *
 *   size WIDTH HEIGHT   of the main window
 *   do ACTION [TARGET]  of the main window; the target in GVariant's text format
 *   let ACTION          the same of the newest window
 *   type TEXT           into what has the focus in the newest window
 *   press TOOLTIP       the button with that tooltip, in English, in the main window
 *   open TOOLTIP        the menu of the button with that tooltip, in English, in the main window
 *   close-menus         of the main window
 *   close               all windows but the main one
 *   look light|dark     of all windows
 *   direction ltr|rtl   of all widgets
 *   shoot FILE TITLE    a PNG of the window with that title, * for the newest, and of what has
 *                       popped up over it
 *
 * shoot answers with "colours N" and, for each text that is not all there, "cut TEXT" if nothing
 * tells that it goes on, or "short TEXT" if there is an ellipsis.
 */

/* So many frames after a command everything has found its place. */
#define N_FRAMES 6

typedef struct
{
  GSocketConnection *client; /* (owned) */
  GDataInputStream *input;   /* (owned) */
  GString *answer;           /* (owned) */
  char **words;              /* (owned) (nullable): the command under way */
  guint n_frames;
} Camera;

static void camera_listen (Camera *self);

static void
camera_free (Camera *self)
{
  g_clear_object (&self->input);
  g_clear_object (&self->client);
  g_string_free (self->answer, TRUE);
  g_strfreev (self->words);
  g_free (self);
}

static void
camera_answer (Camera *self)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (self->client));

  g_string_append (self->answer, ".\n");
  g_output_stream_write_all (output, self->answer->str, self->answer->len, NULL, NULL, NULL);
  g_string_truncate (self->answer, 0);
  camera_listen (self);
}

/* Of an empty title: the one that belongs to no other. */
static GtkWindow *
camera_find_window (const char *title)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWindow *found = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (!gtk_widget_get_mapped (GTK_WIDGET (window)))
        continue;
      if (title != NULL && g_str_equal (title, "*"))
        {
          if (gtk_window_get_transient_for (window) != NULL)
            found = window;
        }
      else if (title == NULL || *title == '\0')
        {
          if (gtk_window_get_transient_for (window) == NULL)
            found = window;
        }
      else if (g_strcmp0 (gtk_window_get_title (window), title) == 0)
        found = window;
    }

  return found;
}

/* Of the program, that belong to the main one. */
static GtkWindow *
camera_find_newest (void)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWindow *found = NULL;

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (windows, i);

      if (gtk_widget_get_mapped (GTK_WIDGET (window)) &&
          gtk_window_get_transient_for (window) != NULL)
        found = window;
    }

  return found;
}

static void
camera_close (void)
{
  GtkWindow *window;

  while ((window = camera_find_newest ()) != NULL)
    gtk_window_destroy (window);
}

static void
camera_do (GtkWindow  *window,
           const char *action,
           const char *target)
{
  g_autoptr (GVariant) parameter = NULL;

  if (target != NULL)
    parameter = g_variant_parse (NULL, target, NULL, NULL, NULL);
  gtk_widget_activate_action_variant (GTK_WIDGET (window), action, parameter);
}

static void
camera_type (GtkWindow  *window,
             const char *text)
{
  GtkWidget *focus = gtk_window_get_focus (window);

  if (GTK_IS_EDITABLE (focus))
    gtk_editable_set_text (GTK_EDITABLE (focus), text);
  else if (GTK_IS_TEXT_VIEW (focus))
    gtk_text_buffer_set_text (gtk_text_view_get_buffer (GTK_TEXT_VIEW (focus)), text, -1);
}

static void
camera_close_menus (GtkWidget *widget)
{
  if (GTK_IS_POPOVER (widget) && gtk_widget_get_mapped (widget))
    gtk_popover_popdown (GTK_POPOVER (widget));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    camera_close_menus (child);
}

static GtkWidget *
camera_find_by_tooltip (GtkWidget  *widget,
                        GType       type,
                        const char *tooltip)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (g_type_is_a (G_OBJECT_TYPE (widget), type) &&
      g_strcmp0 (gtk_widget_get_tooltip_text (widget), tooltip) == 0)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = camera_find_by_tooltip (child, type, tooltip);

  return found;
}

/* A menu is opened, a button is pressed. */
static gboolean
camera_press (GtkWidget  *window,
              GType       type,
              const char *english)
{
  const char *tooltip = g_dgettext (GETTEXT_PACKAGE, english);
  GtkWidget *found = camera_find_by_tooltip (window, type, tooltip);

  if (found == NULL)
    return FALSE;
  if (GTK_IS_MENU_BUTTON (found))
    gtk_menu_button_popup (GTK_MENU_BUTTON (found));
  else
    g_signal_emit_by_name (found, "clicked");

  return TRUE;
}

/* What can be scrolled to is not cut off. */
static gboolean
camera_is_scrolled (GtkWidget *widget)
{
  for (GtkWidget *at = gtk_widget_get_parent (widget); at != NULL; at = gtk_widget_get_parent (at))
    if (GTK_IS_SCROLLABLE (at))
      return TRUE;

  return FALSE;
}

static gboolean
camera_reaches_out (GtkWidget *widget)
{
  GtkNative *native = gtk_widget_get_native (widget);
  graphene_rect_t bounds;
  float width;
  float height;

  if (!gtk_widget_compute_bounds (widget, GTK_WIDGET (native), &bounds))
    return FALSE;

  width = (float) gtk_widget_get_width (GTK_WIDGET (native));
  height = (float) gtk_widget_get_height (GTK_WIDGET (native));
  return bounds.origin.x < -1.0f || bounds.origin.y < -1.0f ||
         bounds.origin.x + bounds.size.width > width + 1.0f ||
         bounds.origin.y + bounds.size.height > height + 1.0f;
}

static void
camera_measure_label (Camera    *self,
                      GtkWidget *widget)
{
  GtkLabel *label = GTK_LABEL (widget);
  const char *text = gtk_label_get_text (label);
  PangoLayout *layout = gtk_label_get_layout (label);
  int width;
  int height;

  if (*text == '\0')
    return;

  if (gtk_label_get_ellipsize (label) != PANGO_ELLIPSIZE_NONE)
    {
      if (pango_layout_is_ellipsized (layout))
        g_string_append_printf (self->answer, "short %s\n", text);
      return;
    }

  pango_layout_get_pixel_size (layout, &width, &height);
  if (width > gtk_widget_get_width (widget) + 1 || height > gtk_widget_get_height (widget) + 1 ||
      (!camera_is_scrolled (widget) && camera_reaches_out (widget)))
    g_string_append_printf (self->answer, "cut %s\n", text);
}

static void
camera_measure (Camera    *self,
                GtkWidget *widget)
{
  if (!gtk_widget_get_mapped (widget))
    return;

  if (GTK_IS_LABEL (widget))
    camera_measure_label (self, widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    camera_measure (self, child);
}

static void
camera_snapshot (GtkSnapshot *snapshot,
                 GtkWidget   *widget)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);

  gdk_paintable_snapshot (paintable, snapshot, gtk_widget_get_width (widget),
                          gtk_widget_get_height (widget));
}

/* A menu or popover is a surface of its own. Returns how many there are. */
static guint
camera_snapshot_popups (GtkSnapshot *snapshot,
                        GtkWidget   *widget,
                        int          x,
                        int          y)
{
  guint n_popups = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_x = x;
      int child_y = y;

      if (!gtk_widget_get_mapped (child))
        continue;
      if (GTK_IS_POPOVER (child))
        {
          GdkPopup *popup = GDK_POPUP (gtk_native_get_surface (GTK_NATIVE (child)));
          double left;
          double top;

          gtk_native_get_surface_transform (GTK_NATIVE (child), &left, &top);
          child_x += gdk_popup_get_position_x (popup) + (int) left;
          child_y += gdk_popup_get_position_y (popup) + (int) top;
          gtk_snapshot_save (snapshot);
          gtk_snapshot_translate (snapshot,
                                  &GRAPHENE_POINT_INIT ((float) child_x, (float) child_y));
          camera_snapshot (snapshot, child);
          gtk_snapshot_restore (snapshot);
          n_popups++;
        }
      n_popups += camera_snapshot_popups (snapshot, child, child_x, child_y);
    }

  return n_popups;
}

static guint
camera_count_colours (GdkTexture *texture)
{
  int width = gdk_texture_get_width (texture);
  int height = gdk_texture_get_height (texture);
  g_autofree guint32 *pixels = g_new (guint32, (gsize) width * (gsize) height);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  gdk_texture_download (texture, (guchar *) pixels, (gsize) width * 4);
  for (gsize i = 0; i < (gsize) width * (gsize) height; i++)
    g_hash_table_add (seen, GUINT_TO_POINTER (pixels[i]));

  return g_hash_table_size (seen);
}

static void
camera_shoot (Camera     *self,
              const char *file,
              const char *title)
{
  GtkWindow *window = camera_find_window (title);
  GtkWidget *widget = GTK_WIDGET (window);
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  graphene_rect_t all;
  graphene_rect_t bounds;
  guint n_popups;
  double left;
  double top;

  if (window == NULL)
    {
      g_string_append_printf (self->answer, "error no window “%s”\n", title);
      return;
    }

  gtk_native_get_surface_transform (GTK_NATIVE (window), &left, &top);
  snapshot = gtk_snapshot_new ();
  camera_snapshot (snapshot, widget);
  n_popups = camera_snapshot_popups (snapshot, widget, - (int) left, - (int) top);
  node = gtk_snapshot_to_node (snapshot);
  if (node == NULL)
    {
      g_string_append (self->answer, "error nothing is drawn\n");
      return;
    }

  all = GRAPHENE_RECT_INIT (0.0f, 0.0f, (float) gtk_widget_get_width (widget),
                            (float) gtk_widget_get_height (widget));
  /* What pops up may reach over the edge. */
  if (n_popups > 0)
    {
      gsk_render_node_get_bounds (node, &bounds);
      graphene_rect_union (&all, &bounds, &all);
      graphene_rect_round_extents (&all, &all);
    }
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node, &all);
  if (!gdk_texture_save_to_png (texture, file))
    g_string_append_printf (self->answer, "error %s cannot be written\n", file);
  g_string_append_printf (self->answer, "size %d %d\n", gdk_texture_get_width (texture),
                          gdk_texture_get_height (texture));
  g_string_append_printf (self->answer, "colours %u\n", camera_count_colours (texture));
  camera_measure (self, widget);
}

static gboolean
camera_ticked_cb (GtkWidget     *widget,
                  GdkFrameClock *clock,
                  gpointer       user_data)
{
  Camera *self = user_data;

  return self->n_frames > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Between two frames a widget that is about to be drawn has no picture. */
static void
camera_painted_cb (GdkFrameClock *clock,
                   gpointer       user_data)
{
  Camera *self = user_data;

  if (--self->n_frames > 0)
    return;

  g_signal_handlers_disconnect_by_func (clock, camera_painted_cb, self);
  if (g_str_equal (self->words[0], "shoot"))
    camera_shoot (self, self->words[1], self->words[2]);
  camera_answer (self);
}

static void
camera_obey (Camera *self)
{
  gboolean is_shot = g_str_equal (self->words[0], "shoot");
  GtkWindow *window = camera_find_window (is_shot ? self->words[2] : NULL);

  if (g_str_equal (self->words[0], "size") && window != NULL)
    {
      gtk_window_unmaximize (window);
      gtk_window_set_default_size (window, atoi (self->words[1]), atoi (self->words[2]));
    }
  else if (g_str_equal (self->words[0], "do") && window != NULL)
    {
      camera_do (window, self->words[1], self->words[2]);
    }
  else if (g_str_equal (self->words[0], "type") && camera_find_newest () != NULL)
    {
      g_autofree char *text = g_strjoinv (" ", self->words + 1);

      camera_type (camera_find_newest (), text);
    }
  else if (g_str_equal (self->words[0], "let") && camera_find_newest () != NULL)
    {
      camera_do (camera_find_newest (), self->words[1], NULL);
    }
  else if ((g_str_equal (self->words[0], "open") || g_str_equal (self->words[0], "press")) &&
           window != NULL)
    {
      g_autofree char *tooltip = g_strjoinv (" ", self->words + 1);
      GType type = self->words[0][0] == 'o' ? GTK_TYPE_MENU_BUTTON : GTK_TYPE_BUTTON;

      if (!camera_press (GTK_WIDGET (window), type, tooltip))
        g_string_append_printf (self->answer, "error nothing is called “%s”\n", tooltip);
    }
  else if (g_str_equal (self->words[0], "close-menus") && window != NULL)
    {
      camera_close_menus (GTK_WIDGET (window));
    }
  else if (g_str_equal (self->words[0], "close"))
    {
      camera_close ();
    }
  else if (g_str_equal (self->words[0], "look"))
    {
      adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                          g_str_equal (self->words[1], "dark") ?
                                          ADW_COLOR_SCHEME_FORCE_DARK :
                                          ADW_COLOR_SCHEME_FORCE_LIGHT);
    }
  else if (g_str_equal (self->words[0], "direction"))
    {
      gtk_widget_set_default_direction (g_str_equal (self->words[1], "rtl") ?
                                        GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
    }

  if (window == NULL)
    {
      g_string_append (self->answer, "error no such window\n");
      camera_answer (self);
      return;
    }

  self->n_frames = N_FRAMES;
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (window)), "after-paint",
                    G_CALLBACK (camera_painted_cb), self);
  gtk_widget_add_tick_callback (GTK_WIDGET (window), camera_ticked_cb, self, NULL);
}

static void
camera_line_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  Camera *self = user_data;
  g_autofree char *line = NULL;

  line = g_data_input_stream_read_line_finish_utf8 (self->input, result, NULL, NULL);
  if (line == NULL)
    {
      camera_free (self);
      return;
    }

  g_strfreev (self->words);
  self->words = g_strsplit (line, " ", 3);
  camera_obey (self);
}

static void
camera_listen (Camera *self)
{
  g_data_input_stream_read_line_async (self->input, G_PRIORITY_DEFAULT, NULL, camera_line_cb, self);
}

static gboolean
camera_incoming_cb (GSocketService    *service,
                    GSocketConnection *client,
                    GObject           *source,
                    gpointer           user_data)
{
  Camera *self = g_new0 (Camera, 1);

  self->client = g_object_ref (client);
  self->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (client)));
  self->answer = g_string_new (NULL);
  camera_listen (self);

  return TRUE;
}

static gboolean
camera_start_cb (gpointer user_data)
{
  const char *path = user_data;
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GError) error = NULL;
  GSocketService *service = g_socket_service_new ();
  g_autoptr (GtkCssProvider) provider = gtk_css_provider_new ();

  /* Nothing is on its way while it is looked at, and it is set as GNOME sets it. */
  g_object_set (gtk_settings_get_default (),
                "gtk-enable-animations", FALSE,
                "gtk-font-name", "Cantarell 11",
                NULL);
  gtk_css_provider_load_from_path (provider, CAMERA_STYLE);
  gtk_style_context_add_provider_for_display (gdk_display_get_default (),
                                              GTK_STYLE_PROVIDER (provider),
                                              GTK_STYLE_PROVIDER_PRIORITY_USER);
  g_signal_connect (service, "incoming", G_CALLBACK (camera_incoming_cb), NULL);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &error))
    g_error ("camera: %s", error->message);

  return G_SOURCE_REMOVE;
}

static void __attribute__ ((constructor))
camera_init (void)
{
  const char *path = g_getenv ("CAMERA");

  if (path != NULL)
    g_idle_add (camera_start_cb, g_strdup (path));
}
