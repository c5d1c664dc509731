/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-connection-list.h"

#include "wsi-connection-table.h"
#include "wsi-filter-choice.h"

#include <glib/gi18n-lib.h>

/**
 * WsiConnectionList:
 *
 * The connections of a source, and a way to find one among 10,000.
 */
struct _WsiConnectionList
{
  GtkWidget parent_instance;

  /* Of the template. */
  GtkWidget *box;                   /* (unowned): what is in it goes with it */
  GtkLabel *empty_description;      /* (unowned) */
  GtkLabel *empty_title;            /* (unowned) */
  GtkDropDown *filter_drop_down;    /* (unowned) */
  GtkWidget *own_buttons;           /* (unowned) */
  GtkEditable *search_entry;        /* (unowned) */
  GtkSpinner *spinner;              /* (unowned) */
  GtkStack *stack;                  /* (unowned) */
  WsiConnectionTable *table;        /* (unowned) */

  GListStore *choices;          /* (owned) (element-type WsiFilterChoice) */
  GSignalGroup *source_signals; /* (owned) */
  char *filter_text;            /* (owned) */
};

typedef enum
{
  PROP_SOURCE = 1,
  PROP_SELECTED,
  PROP_FILTER_TEXT,
  PROP_NARROW,
} WsiConnectionListProperty;

#define PROP_LAST_ONE PROP_NARROW

enum
{
  SIGNAL_ACTIVATE,
  N_SIGNALS,
};

static GParamSpec *properties[PROP_LAST_ONE + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiConnectionList, wsi_connection_list, GTK_TYPE_WIDGET)

static void
wsi_connection_list_update_counts (WsiConnectionList *self)
{
  WsiSource *source = wsi_connection_list_get_source (self);
  guint counts[WSI_N_FILTERS] = { 0 };

  if (source != NULL)
    {
      counts[WSI_FILTER_ALL] = wsi_source_get_n_connections (source);
      counts[WSI_FILTER_OPEN] = wsi_source_get_n_open (source);
      counts[WSI_FILTER_LATE] = wsi_source_get_n_late (source);
      counts[WSI_FILTER_WAITING] = wsi_source_get_n_waiting (source);
      counts[WSI_FILTER_FAILED] = wsi_source_get_n_failed (source);
    }
  for (guint i = 0; i < WSI_N_FILTERS; i++)
    {
      g_autoptr (WsiFilterChoice) choice = g_list_model_get_item (G_LIST_MODEL (self->choices), i);

      wsi_filter_choice_set_count (choice, counts[wsi_filter_choice_get (choice)]);
    }
}

static void
wsi_connection_list_describe_empty (WsiConnectionList *self)
{
  WsiSource *source = wsi_connection_list_get_source (self);
  const char *title = _("No Connections");
  const char *description = "";

  if (source == NULL)
    description = _("Choose a program to see its connections.");
  else if (wsi_source_get_kind (source) == WSI_SOURCE_KIND_RECORDING)
    description = _("There is nothing in this recording.");
  else if (!wsi_source_get_attached (source))
    description = _("The program has ended, and had none open.");
  else if (wsi_source_get_kind (source) == WSI_SOURCE_KIND_OWN)
    description = _("Add a connection to see how alive it is.");
  else
    description = _("They appear here as soon as the program opens one.");
  gtk_label_set_label (self->empty_title, title);
  gtk_label_set_label (self->empty_description, description);
  /* Actions of the Inspector's window; the own pool is nowhere else. */
  gtk_widget_set_visible (self->own_buttons, source != NULL && wsi_source_get_kind (source) ==
                                                               WSI_SOURCE_KIND_OWN);
}

static void
wsi_connection_list_update_page (WsiConnectionList *self)
{
  WsiSource *source = wsi_connection_list_get_source (self);
  WsiOrder *order = wsi_connection_table_get_order (self->table);
  guint n_rows = source != NULL
                 ? g_list_model_get_n_items (wsi_source_get_connections (source))
                 : 0;
  gboolean is_loading = n_rows == 0 && source != NULL && wsi_source_get_loading (source);
  const char *page = "table";

  if (is_loading)
    page = "loading";
  else if (n_rows == 0)
    page = "empty";
  else if (g_list_model_get_n_items (G_LIST_MODEL (order)) == 0)
    page = "no-match";
  if (n_rows == 0)
    wsi_connection_list_describe_empty (self);
  gtk_spinner_set_spinning (self->spinner, is_loading);
  gtk_stack_set_visible_child_name (self->stack, page);
}

static void
wsi_connection_list_apply_filter_text (WsiConnectionList *self,
                                       const char        *text)
{
  if (strcmp (self->filter_text, text) == 0)
    return;
  g_free (self->filter_text);
  self->filter_text = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FILTER_TEXT]);

  wsi_order_set_text (wsi_connection_table_get_order (self->table), text);
  wsi_connection_table_go_to_start (self->table);
  wsi_connection_list_update_page (self);
}

static void
wsi_connection_list_search_changed_cb (GtkSearchEntry *entry,
                                       gpointer        user_data)
{
  wsi_connection_list_apply_filter_text (user_data, gtk_editable_get_text (GTK_EDITABLE (entry)));
}

static void
wsi_connection_list_stop_search_cb (GtkSearchEntry *entry,
                                    gpointer        user_data)
{
  WsiConnectionList *self = user_data;

  wsi_connection_list_set_filter_text (self, "");
  gtk_widget_grab_focus (GTK_WIDGET (self->table));
}

/* Enter goes to what was found. */
static void
wsi_connection_list_search_activate_cb (GtkSearchEntry *entry,
                                        gpointer        user_data)
{
  WsiConnectionList *self = user_data;
  g_autoptr (WsiConnection) first = NULL;

  wsi_connection_list_apply_filter_text (self, gtk_editable_get_text (GTK_EDITABLE (entry)));
  first = g_list_model_get_item (G_LIST_MODEL (wsi_connection_table_get_order (self->table)), 0);
  if (first == NULL)
    return;
  wsi_connection_list_set_selected (self, first);
  gtk_widget_grab_focus (GTK_WIDGET (self->table));
}

static void
wsi_connection_list_filter_selected_cb (GtkDropDown *drop_down,
                                        GParamSpec  *pspec,
                                        gpointer     user_data)
{
  WsiConnectionList *self = user_data;
  WsiFilterChoice *choice = gtk_drop_down_get_selected_item (drop_down);

  if (choice == NULL)
    return;
  wsi_order_set_filter (wsi_connection_table_get_order (self->table),
                        wsi_filter_choice_get (choice));
  wsi_connection_table_go_to_start (self->table);
  wsi_connection_list_update_page (self);
}

static void
wsi_connection_list_clear_clicked_cb (GtkButton *button,
                                      gpointer   user_data)
{
  WsiConnectionList *self = user_data;

  wsi_connection_list_set_filter_text (self, "");
  gtk_drop_down_set_selected (self->filter_drop_down, WSI_FILTER_ALL);
  gtk_widget_grab_focus (GTK_WIDGET (self->table));
}

static void
wsi_connection_list_selected_cb (WsiConnectionTable *table,
                                 GParamSpec         *pspec,
                                 gpointer            user_data)
{
  g_object_notify_by_pspec (user_data, properties[PROP_SELECTED]);
}

static void
wsi_connection_list_activated_cb (WsiConnectionTable *table,
                                  WsiConnection      *connection,
                                  gpointer            user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_ACTIVATE], 0, connection);
}

static void
wsi_connection_list_dispose (GObject *object)
{
  WsiConnectionList *self = WSI_CONNECTION_LIST (object);

  if (self->source_signals != NULL)
    g_signal_group_set_target (self->source_signals, NULL);
  if (self->table != NULL)
    g_signal_handlers_disconnect_by_data (wsi_connection_table_get_order (self->table), self);
  if (self->search_entry != NULL)
    gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search_entry), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_CONNECTION_LIST);
  g_clear_object (&self->source_signals);
  g_clear_object (&self->choices);

  G_OBJECT_CLASS (wsi_connection_list_parent_class)->dispose (object);
}

static void
wsi_connection_list_finalize (GObject *object)
{
  g_free (WSI_CONNECTION_LIST (object)->filter_text);

  G_OBJECT_CLASS (wsi_connection_list_parent_class)->finalize (object);
}

static void
wsi_connection_list_get_property (GObject    *object,
                                  guint       prop_id,
                                  GValue     *value,
                                  GParamSpec *pspec)
{
  WsiConnectionList *self = WSI_CONNECTION_LIST (object);

  switch ((WsiConnectionListProperty) prop_id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, wsi_connection_list_get_source (self));
      break;
    case PROP_SELECTED:
      g_value_set_object (value, wsi_connection_list_get_selected (self));
      break;
    case PROP_FILTER_TEXT:
      g_value_set_string (value, self->filter_text);
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, wsi_connection_list_get_narrow (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_connection_list_set_property (GObject      *object,
                                  guint         prop_id,
                                  const GValue *value,
                                  GParamSpec   *pspec)
{
  WsiConnectionList *self = WSI_CONNECTION_LIST (object);

  switch ((WsiConnectionListProperty) prop_id)
    {
    case PROP_SOURCE:
      wsi_connection_list_set_source (self, g_value_get_object (value));
      break;
    case PROP_SELECTED:
      wsi_connection_list_set_selected (self, g_value_get_object (value));
      break;
    case PROP_FILTER_TEXT:
      wsi_connection_list_set_filter_text (self, g_value_get_string (value));
      break;
    case PROP_NARROW:
      wsi_connection_list_set_narrow (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_connection_list_class_init (WsiConnectionListClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_connection_list_dispose;
  object_class->finalize = wsi_connection_list_finalize;
  object_class->get_property = wsi_connection_list_get_property;
  object_class->set_property = wsi_connection_list_set_property;


  properties[PROP_SOURCE] =
    g_param_spec_object ("source", NULL, NULL,
                         WSI_TYPE_SOURCE,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  properties[PROP_SELECTED] =
    g_param_spec_object ("selected", NULL, NULL,
                         WSI_TYPE_CONNECTION,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  properties[PROP_FILTER_TEXT] =
    g_param_spec_string ("filter-text", NULL, NULL,
                         "",
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_ACTIVATE] =
    g_signal_new ("activate",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, WSI_TYPE_CONNECTION);

  g_type_ensure (WSI_TYPE_CONNECTION_TABLE);
  g_type_ensure (WSI_TYPE_FILTER_CHOICE);
  gtk_widget_class_set_css_name (widget_class, "wsi-connection-list");
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wsmulti/Inspector/ui/"
                                               "wsi-connection-list.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, box);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, empty_description);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, empty_title);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, filter_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, own_buttons);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, search_entry);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, spinner);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, stack);
  gtk_widget_class_bind_template_child (widget_class, WsiConnectionList, table);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_list_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_list_clear_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_list_filter_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_list_search_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_list_search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_list_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_connection_list_stop_search_cb);
}

static void
wsi_connection_list_follow_source (WsiConnectionList *self)
{
  const char *const counts[] = { "n-connections", "n-open", "n-late", "n-waiting", "n-failed" };

  self->source_signals = g_signal_group_new (WSI_TYPE_SOURCE);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree char *signal = g_strconcat ("notify::", counts[i], NULL);

      g_signal_group_connect_swapped (self->source_signals, signal,
                                      G_CALLBACK (wsi_connection_list_update_counts), self);
    }
  g_signal_group_connect_swapped (self->source_signals, "notify::attached",
                                  G_CALLBACK (wsi_connection_list_update_page), self);
  g_signal_group_connect_swapped (self->source_signals, "notify::loading",
                                  G_CALLBACK (wsi_connection_list_update_page), self);
}

static void
wsi_connection_list_init (WsiConnectionList *self)
{
  self->filter_text = g_strdup ("");
  self->choices = g_list_store_new (WSI_TYPE_FILTER_CHOICE);
  for (WsiFilter filter = WSI_FILTER_ALL; filter < WSI_N_FILTERS; filter++)
    {
      g_autoptr (WsiFilterChoice) choice = wsi_filter_choice_new (filter);

      g_list_store_append (self->choices, choice);
    }

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_drop_down_set_model (self->filter_drop_down, G_LIST_MODEL (self->choices));
  gtk_search_entry_set_key_capture_widget (GTK_SEARCH_ENTRY (self->search_entry),
                                           GTK_WIDGET (self));

  wsi_connection_list_follow_source (self);
  g_signal_connect_swapped (wsi_connection_table_get_order (self->table), "items-changed",
                            G_CALLBACK (wsi_connection_list_update_page), self);
  wsi_connection_list_update_page (self);
}

GtkWidget *
wsi_connection_list_new (void)
{
  return g_object_new (WSI_TYPE_CONNECTION_LIST, NULL);
}

WsiSource *
wsi_connection_list_get_source (WsiConnectionList *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_LIST (self), NULL);

  return self->table != NULL ? wsi_connection_table_get_source (self->table) : NULL;
}

void
wsi_connection_list_set_source (WsiConnectionList *self,
                                WsiSource         *source)
{
  g_return_if_fail (WSI_IS_CONNECTION_LIST (self));

  if (wsi_connection_list_get_source (self) == source)
    return;
  /* Before the rows, for they are read then. */
  wsi_connection_list_set_filter_text (self, "");
  gtk_drop_down_set_selected (self->filter_drop_down, WSI_FILTER_ALL);
  wsi_connection_table_set_source (self->table, source);
  g_signal_group_set_target (self->source_signals, source);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);

  wsi_connection_list_update_counts (self);
  wsi_connection_list_update_page (self);
}

WsiConnection *
wsi_connection_list_get_selected (WsiConnectionList *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_LIST (self), NULL);

  return wsi_connection_table_get_selected (self->table);
}

void
wsi_connection_list_set_selected (WsiConnectionList *self,
                                  WsiConnection     *selected)
{
  g_return_if_fail (WSI_IS_CONNECTION_LIST (self));

  wsi_connection_table_set_selected (self->table, selected);
}

const char *
wsi_connection_list_get_filter_text (WsiConnectionList *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_LIST (self), NULL);

  return self->filter_text;
}

void
wsi_connection_list_set_filter_text (WsiConnectionList *self,
                                     const char        *filter_text)
{
  g_return_if_fail (WSI_IS_CONNECTION_LIST (self));

  if (filter_text == NULL)
    filter_text = "";
  /* The entry tells late, for those who type; nobody did. */
  if (strcmp (gtk_editable_get_text (self->search_entry), filter_text) != 0)
    gtk_editable_set_text (self->search_entry, filter_text);
  wsi_connection_list_apply_filter_text (self, filter_text);
}

gboolean
wsi_connection_list_get_narrow (WsiConnectionList *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_LIST (self), FALSE);

  return wsi_connection_table_get_narrow (self->table);
}

void
wsi_connection_list_set_narrow (WsiConnectionList *self,
                                gboolean           narrow)
{
  g_return_if_fail (WSI_IS_CONNECTION_LIST (self));

  if (wsi_connection_table_get_narrow (self->table) == narrow)
    return;
  wsi_connection_table_set_narrow (self->table, narrow);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
}

void
wsi_connection_list_search (WsiConnectionList *self)
{
  g_return_if_fail (WSI_IS_CONNECTION_LIST (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
