/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "app-fixture.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

#include "wsi-window-internal.h"

/* In another language nothing is to be seen in English that is translated, and in Chinese, where it
 * can be told, no English word but those that are names. */

/* Terms of the protocol, keys, units, and what a server or a program says of itself. */
static const char *const names[] =
{
  /* The trade's own */
  "GPL", "HTTP", "ID", "JSON", "Origin", "Ping", "Pong", "TCP", "TLS", "URI", "WSMULTI", "INSPECT",
  "WebSocket", "feed", "example", "com", "ini", "libwsmulti", "ping", "pong", "wss",
  /* Keys */
  "Ctrl", "Delete", "Return", "Shift",
  /* Units that GLib writes, whose own catalogues need not be installed */
  "GB", "MB", "byte", "bytes", "kB",
};

typedef struct
{
  AppFixture app;
  GHashTable *texts;  /* (owned): all that was seen */
  GString *strangers; /* (owned): what is in English */
  gboolean is_chinese;
  GRegex *latin;      /* (owned) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  user_data)
{
  g_autoptr (GError) error = NULL;

  fixture->texts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  fixture->strangers = g_string_new (NULL);
  fixture->is_chinese = g_str_has_prefix (g_getenv ("LANGUAGE"), "zh");
  fixture->latin = g_regex_new ("[A-Za-z][A-Za-z'’]+", 0, 0, &error);
  g_assert_no_error (error);
  app_fixture_set_up (&fixture->app, NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  user_data)
{
  app_fixture_tear_down (&fixture->app, NULL);
  g_regex_unref (fixture->latin);
  g_string_free (fixture->strangers, TRUE);
  g_hash_table_unref (fixture->texts);
}

static void
forget (char       **text,
        const char  *part)
{
  g_auto (GStrv) pieces = NULL;

  if (part == NULL || *part == '\0')
    return;
  pieces = g_strsplit (*text, part, -1);
  g_free (*text);
  *text = g_strjoinv (" ", pieces);
}

/* As it is in the language; of labels as they are seen. */
static char *
translate (const char *english)
{
  const char *text = g_dgettext (GETTEXT_PACKAGE, english);
  g_auto (GStrv) parts = g_strsplit (text, "_", -1);

  return g_strjoinv ("", parts);
}

/* What the catalogue has another text for was not looked up in it. A letter alone is a key. */
static void
look_up_text (Fixture    *fixture,
              GtkWidget  *widget,
              const char *text)
{
  if (g_utf8_strlen (text, -1) > 1 &&
      !g_str_equal (g_dgettext (GETTEXT_PACKAGE, text), text))
    g_string_append_printf (fixture->strangers, "\n“%s” (%s)", text, G_OBJECT_TYPE_NAME (widget));
}

/* What comes from a program or a server is in its language. */
static char *
without_foreign_texts (Fixture    *fixture,
                       const char *text)
{
  WsiSource *source = wsi_window_get_source (fixture->app.window);
  GListModel *rows = source != NULL ? wsi_source_get_connections (source) : NULL;
  char *rest = g_strdup (text);

  for (guint i = 0; rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (rows, i);

      forget (&rest, wsi_connection_get_reason (connection));
      forget (&rest, wsi_connection_get_uri (connection));
      forget (&rest, wsi_connection_get_name (connection));
    }

  return rest;
}

/* What is seen, and what it was before its mnemonic was taken out. */
static void
read_text_and_source (Fixture    *fixture,
                      GtkWidget  *widget,
                      const char *text,
                      const char *source)
{
  g_autofree char *own = NULL;
  g_autoptr (GMatchInfo) match = NULL;

  if (text == NULL || *text == '\0' || !g_hash_table_add (fixture->texts, g_strdup (text)))
    return;

  own = without_foreign_texts (fixture, text);
  if (*g_strstrip (own) == '\0')
    return;
  look_up_text (fixture, widget, source);
  if (!fixture->is_chinese)
    return;

  for (g_regex_match (fixture->latin, own, 0, &match); g_match_info_matches (match);
       g_match_info_next (match, NULL))
    {
      g_autofree char *word = g_match_info_fetch (match, 0);
      gboolean is_name = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (names) && !is_name; i++)
        is_name = g_str_equal (names[i], word);
      if (!is_name)
        g_string_append_printf (fixture->strangers, "\n“%s” in “%s” (%s)", word, text,
                                G_OBJECT_TYPE_NAME (widget));
    }
}

static void
read_text (Fixture    *fixture,
           GtkWidget  *widget,
           const char *text)
{
  read_text_and_source (fixture, widget, text, text);
}

static void
read_menu (Fixture    *fixture,
           GtkWidget  *widget,
           GMenuModel *menu)
{
  for (int i = 0; menu != NULL && i < g_menu_model_get_n_items (menu); i++)
    {
      g_autofree char *label = NULL;
      g_autoptr (GMenuModel) section = g_menu_model_get_item_link (menu, i, G_MENU_LINK_SECTION);

      if (g_menu_model_get_item_attribute (menu, i, G_MENU_ATTRIBUTE_LABEL, "s", &label))
        {
          g_autofree char *seen = translate (label);

          read_text_and_source (fixture, widget, seen, label);
        }
      read_menu (fixture, widget, section);
    }
}

/* The headers of a handshake are for both ends. */
static gboolean
is_foreign (GtkWidget *widget)
{
  return g_str_equal (G_OBJECT_TYPE_NAME (widget), "WsiFactRow") ||
         g_strcmp0 (gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget)), "status_label") == 0;
}

static void
read_widget (Fixture   *fixture,
             GtkWidget *widget)
{
  if (!gtk_widget_get_visible (widget) || !gtk_widget_get_child_visible (widget) ||
      is_foreign (widget))
    return;

  read_text (fixture, widget, gtk_widget_get_tooltip_text (widget));
  if (GTK_IS_LABEL (widget))
    read_text_and_source (fixture, widget, gtk_label_get_text (GTK_LABEL (widget)),
                          gtk_label_get_label (GTK_LABEL (widget)));
  else if (GTK_IS_INSCRIPTION (widget))
    read_text (fixture, widget, gtk_inscription_get_text (GTK_INSCRIPTION (widget)));
  else if (GTK_IS_TEXT (widget))
    read_text (fixture, widget, gtk_text_get_placeholder_text (GTK_TEXT (widget)));
  else if (GTK_IS_WINDOW (widget))
    read_text (fixture, widget, gtk_window_get_title (GTK_WINDOW (widget)));
  else if (GTK_IS_POPOVER_MENU (widget))
    read_menu (fixture, widget, gtk_popover_menu_get_menu_model (GTK_POPOVER_MENU (widget)));
  else if (GTK_IS_MENU_BUTTON (widget))
    read_menu (fixture, widget, gtk_menu_button_get_menu_model (GTK_MENU_BUTTON (widget)));
  else if (GTK_IS_COLUMN_VIEW (widget))
    {
      GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (widget));

      for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
        {
          g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

          read_text (fixture, widget, gtk_column_view_column_get_title (column));
        }
    }

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    read_widget (fixture, child);
}

/* Reads a window, and complains of all in it that is English at once. */
static void
read_window (Fixture *fixture,
             gpointer window)
{
  read_widget (fixture, GTK_WIDGET (window));
  if (fixture->strangers->len > 0)
    g_error ("English:%s", fixture->strangers->str);
}

static void
assert_seen (Fixture    *fixture,
             const char *english)
{
  g_autofree char *text = translate (english);

  if (!g_hash_table_contains (fixture->texts, text))
    g_error ("“%s” is nowhere to be seen", text);
}

/* Whether the text is seen by now. */
static gboolean
reads (Fixture    *fixture,
       gpointer    window,
       const char *english)
{
  g_autofree char *text = translate (english);

  read_window (fixture, window);

  return g_hash_table_contains (fixture->texts, text);
}

/* A frame has been drawn with what is there by now. */
static void
drawn_cb (GdkFrameClock *clock,
          guint         *n_frames)
{
  (*n_frames)++;
}

static void
wait_for_frames (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  guint n_frames = 0;
  gulong handler = g_signal_connect (clock, "after-paint", G_CALLBACK (drawn_cb), &n_frames);

  while (n_frames < 3)
    {
      gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_PAINT);
      g_main_context_iteration (NULL, TRUE);
    }
  g_signal_handler_disconnect (clock, handler);
}

static WsmState
state_of (Fixture    *fixture,
          const char *name)
{
  WsmPool *pool = app_fixture_get_pool (&fixture->app);
  WsmConnection *connection = wsm_pool_lookup (pool, name);

  return connection != NULL ? wsm_connection_get_state (connection) : WSM_STATE_IDLE;
}

/* One that is open and has had a beat, and one that waits. */
static void
show_demo (Fixture *fixture)
{
  AppFixture *app = &fixture->app;

  app_fixture_activate (app, "win.demo", NULL);
  WAIT_FOR (wsi_window_show_connection (app->window, "/healthy"));
  WAIT_FOR (wsi_window_get_connection (app->window) != NULL &&
            wsi_connection_get_n_beats_answered (wsi_window_get_connection (app->window)) > 0);
  WAIT_FOR (state_of (fixture, "/refuse") == WSM_STATE_WAITING);
}

/* Of all other texts the catalogue says what they should be. */
static const char *
no_connections_yet (void)
{
  const char *language = g_getenv ("LANGUAGE");

  if (g_str_has_prefix (language, "de"))
    return "Noch keine Verbindungen";
  if (g_str_has_prefix (language, "fr"))
    return "Pas encore de connexions";

  g_assert_true (g_str_has_prefix (language, "zh"));

  return "还没有连接";
}

static void
test_welcome (Fixture       *fixture,
              gconstpointer  user_data)
{
  read_window (fixture, fixture->app.window);
  g_assert_true (g_hash_table_contains (fixture->texts, no_connections_yet ()));
  assert_seen (fixture, "No Connections Yet");
  assert_seen (fixture, "This Inspector");
  assert_seen (fixture, "Main Menu");
  assert_seen (fixture, "_Keyboard Shortcuts");
}

static void
test_window (Fixture       *fixture,
             gconstpointer  user_data)
{
  static const char *const pages[][2] =
  {
    { "overview", "Median" },
    { "frames", "Filter by text" },
    { "timeline", "List _Beats" },
    { "handshake", "Request Headers" },
    { "policy", "Reconnection" },
  };
  WsiConnectionView *view = fixture->app.window->connection_view;

  show_demo (fixture);
  wait_for_frames (GTK_WIDGET (fixture->app.window));
  read_window (fixture, fixture->app.window);
  assert_seen (fixture, "Round Trip");
  assert_seen (fixture, "Last Beats");
  assert_seen (fixture, "Name, address or reason");

  for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      wsi_connection_view_set_visible_page (view, pages[i][0]);
      wait_for_frames (GTK_WIDGET (fixture->app.window));
      /* Some of it comes from the program only after a while. */
      WAIT_FOR (reads (fixture, fixture->app.window, pages[i][1]));
    }
}

static GtkColumnViewColumn *
find_column (GtkWidget  *widget,
             const char *english)
{
  GtkColumnViewColumn *found = NULL;

  if (GTK_IS_COLUMN_VIEW (widget))
    {
      GListModel *columns = gtk_column_view_get_columns (GTK_COLUMN_VIEW (widget));
      g_autofree char *title = translate (english);

      for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
        {
          g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

          if (g_str_equal (gtk_column_view_column_get_title (column), title))
            return column;
        }
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_column (child, english);

  return found;
}

/* Whether what is in the window is no wider, and the list knows which columns it has room for. */
static gboolean
is_fitted (GtkWidget *content,
           GtkWidget *column_view,
           int        width)
{
  int minimum;

  gtk_widget_measure (column_view, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);

  return gtk_widget_get_width (content) <= width &&
         minimum <= gtk_widget_get_width (column_view);
}

/* Words are longer in some languages than in others; what tells of trouble has room in all. */
static void
test_columns (Fixture       *fixture,
              gconstpointer  user_data)
{
  GtkWidget *window = GTK_WIDGET (fixture->app.window);
  GtkColumnViewColumn *column = NULL;
  GtkWidget *column_view = NULL;

  /* What the pictures are taken with; the font of another desktop may be wider. */
  g_object_set (gtk_widget_get_settings (window), "gtk-font-name", "Cantarell 11", NULL);
  show_demo (fixture);
  wait_for_frames (window);
  gtk_window_set_default_size (GTK_WINDOW (window), 1000, 700);
  column = find_column (window, "Reconnects");
  g_assert_nonnull (column);
  column_view = GTK_WIDGET (gtk_column_view_column_get_column_view (column));
  WAIT_FOR (is_fitted (app_fixture_get_child (&fixture->app, "split"), column_view, 1000));
  wait_for_frames (window);
  g_assert_true (gtk_column_view_column_get_visible (column));
}

static void
test_dialogs (Fixture       *fixture,
              gconstpointer  user_data)
{
  static const struct
  {
    const char *action;
    const char *type;
    const char *text;
  } dialogs[] =
  {
    { "win.add", "WsiAddDialog", "Name (Optional)" },
    { "connection.send", "WsiSendDialog", "_Send" },
  };
  GtkWindow *overlay = NULL;

  show_demo (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (dialogs); i++)
    {
      gpointer dialog = NULL;

      app_fixture_activate (&fixture->app, dialogs[i].action, NULL);
      dialog = app_fixture_dialog (g_type_from_name (dialogs[i].type));
      g_assert_nonnull (dialog);
      wait_for_frames (dialog);
      read_window (fixture, dialog);
      assert_seen (fixture, dialogs[i].text);
      gtk_window_destroy (dialog);
    }

  /* Not shown: GTK 4.8 is at odds with some of its own labels there. */
  overlay = app_fixture_dialog (g_type_from_name ("GtkShortcutsWindow"));
  g_assert_nonnull (overlay);
  read_window (fixture, gtk_window_get_child (overlay));
  g_assert_true (g_hash_table_contains (fixture->texts,
                                        g_dpgettext2 (GETTEXT_PACKAGE, "shortcut window",
                                                      "Open recording or connection list")));
}

/* The sentence of the library about it, which is in English. */
static char *
complain (const char *uri)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (GError) error = NULL;

  g_assert_null (wsm_pool_add (pool, uri, &error));

  return g_strdup (error->message);
}

static void
test_complaints (Fixture       *fixture,
                 gconstpointer  user_data)
{
  static const char *const uris[] =
  {
    "http://example.com", "no scheme", "//example.com/", "ws://", "ws://[::1", "ws://a:99999/",
    "ws://a:0/", "ws://a/#b", "ws://a/%zz", "ws://a/ b", "ws://%zz@a/",
  };
  gpointer dialog = NULL;
  GtkWidget *row = NULL;
  GtkWidget *label = NULL;

  app_fixture_activate (&fixture->app, "win.add", NULL);
  dialog = app_fixture_dialog (g_type_from_name ("WsiAddDialog"));
  row = GTK_WIDGET (gtk_widget_get_template_child (dialog, G_OBJECT_TYPE (dialog), "uri_row"));
  label = GTK_WIDGET (gtk_widget_get_template_child (dialog, G_OBJECT_TYPE (dialog),
                                                     "complaint_label"));
  for (guint i = 0; i < G_N_ELEMENTS (uris); i++)
    {
      g_autofree char *english = complain (uris[i]);
      const char *expected = g_dgettext (GETTEXT_PACKAGE, english);

      gtk_editable_set_text (GTK_EDITABLE (row), uris[i]);
      g_assert_cmpstr (expected, !=, english);
      g_assert_cmpstr (gtk_label_get_text (GTK_LABEL (label)), ==, expected);
    }
  gtk_window_destroy (dialog);
}

int
main (int   argc,
      char *argv[])
{
  /* Not gtk_test_init(), which makes it English. */
  g_test_init (&argc, &argv, NULL);
  setlocale (LC_ALL, "");
  gtk_init ();

  g_test_add ("/translation/welcome", Fixture, NULL, set_up, test_welcome, tear_down);
  g_test_add ("/translation/window", Fixture, NULL, set_up, test_window, tear_down);
  g_test_add ("/translation/columns", Fixture, NULL, set_up, test_columns, tear_down);
  g_test_add ("/translation/complaints", Fixture, NULL, set_up, test_complaints, tear_down);
  g_test_add ("/translation/dialogs", Fixture, NULL, set_up, test_dialogs, tear_down);

  return g_test_run ();
}
