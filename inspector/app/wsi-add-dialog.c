/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-add-dialog.h"

#include <glib/gi18n-lib.h>
#include <headers.h>

#include "wsi-heartbeat-choice.h"

/*
 * Where a new connection is described.
 *
 * Whether it is right is asked of the library, by trying to add it to a pool that opens nothing;
 * so what is said here is what would be said later.
 */

struct _WsiAddDialog
{
  AdwWindow parent_instance;

  WsiOwnPool *own_pool; /* (owned) */
  WsmPool *trial;       /* (owned): opens nothing */
  char *complaint;      /* (owned) (nullable) */

  GtkEditable *uri_row;           /* (unowned) */
  GtkLabel *complaint_label;      /* (unowned) */
  GtkEditable *name_row;          /* (unowned) */
  GtkEditable *protocols_row;     /* (unowned) */
  GtkEditable *origin_row;        /* (unowned) */
  GtkTextBuffer *headers_buffer;  /* (unowned) */
  AdwComboRow *heartbeat_row;     /* (unowned) */
  GtkWidget *interval_row;        /* (unowned) */
  GtkWidget *timeout_row;         /* (unowned) */
  GtkWidget *max_missed_row;      /* (unowned) */
  GtkSpinButton *interval_button; /* (unowned) */
  GtkSpinButton *timeout_button;  /* (unowned) */
  GtkSpinButton *max_missed_button; /* (unowned) */
  GtkLabel *detection_label;      /* (unowned) */
};

typedef enum
{
  SIGNAL_ADDED,
  N_SIGNALS,
} WsiAddDialogSignal;

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiAddDialog, wsi_add_dialog, ADW_TYPE_WINDOW)

static char *
wsi_add_dialog_dup_entry (GtkEditable *editable)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (editable)));
}

/* Those that are not empty, trimmed. */
static GStrv
wsi_add_dialog_split (const char *text,
                      const char *delimiters)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit_set (text, delimiters, -1);

  for (gsize i = 0; parts[i] != NULL; i++)
    {
      if (*g_strstrip (parts[i]) != '\0')
        g_strv_builder_add (builder, parts[i]);
    }

  return g_strv_builder_end (builder);
}

static GStrv
wsi_add_dialog_read_headers (WsiAddDialog *self)
{
  g_autofree char *text = NULL;
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (self->headers_buffer, &start, &end);
  text = gtk_text_buffer_get_text (self->headers_buffer, &start, &end, FALSE);

  return wsi_add_dialog_split (text, "\n");
}

static WsmHeartbeat *
wsi_add_dialog_make_heartbeat (WsiAddDialog *self)
{
  guint choice = adw_combo_row_get_selected (self->heartbeat_row);

  if (choice != WSI_HEARTBEAT_CHOICE_CUSTOM)
    return wsi_heartbeat_choice_make (choice);

  return wsi_heartbeat_choice_customise (
    (guint) (gtk_spin_button_get_value (self->interval_button) * 1000),
    (guint) (gtk_spin_button_get_value (self->timeout_button) * 1000),
    (guint) gtk_spin_button_get_value_as_int (self->max_missed_button));
}

/* It is in no pool. */
static WsmConnection *
wsi_add_dialog_make_connection (WsiAddDialog  *self,
                                GError       **error)
{
  g_autofree char *uri = wsi_add_dialog_dup_entry (self->uri_row);
  g_autofree char *name = wsi_add_dialog_dup_entry (self->name_row);
  g_autofree char *origin = wsi_add_dialog_dup_entry (self->origin_row);
  g_auto (GStrv) protocols = NULL;
  g_auto (GStrv) headers = wsi_add_dialog_read_headers (self);
  g_autoptr (WsmHeartbeat) heartbeat = wsi_add_dialog_make_heartbeat (self);
  WsmConnection *connection;

  protocols = wsi_add_dialog_split (gtk_editable_get_text (self->protocols_row), ", ");

  if (!wsm_ini_headers_check ((const char * const *) headers, error) ||
      !wsm_heartbeat_validate (heartbeat, error))
    return NULL;

  connection = g_object_new (WSM_TYPE_CONNECTION,
                             "uri", uri,
                             "name", *name != '\0' ? name : NULL,
                             "origin", *origin != '\0' ? origin : NULL,
                             "protocols", protocols[0] != NULL ? protocols : NULL,
                             "heartbeat", heartbeat,
                             NULL);
  wsm_ini_headers_set (connection, (const char * const *) headers);

  return connection;
}

static gboolean
wsi_add_dialog_try (WsiAddDialog  *self,
                    GError       **error)
{
  g_autofree char *name = wsi_add_dialog_dup_entry (self->name_row);
  g_autoptr (WsmConnection) connection = NULL;

  if (*name != '\0' && wsm_pool_lookup (wsi_own_pool_get_pool (self->own_pool), name) != NULL)
    {
      /* Translators: %s is the name of a connection */
      g_set_error (error, WSM_ERROR, WSM_ERROR_NAME_TAKEN,
                   _("Another connection is called “%s” already."), name);
      return FALSE;
    }

  connection = wsi_add_dialog_make_connection (self, error);
  if (connection == NULL || !wsm_pool_add_connection (self->trial, connection, error))
    return FALSE;

  wsm_pool_remove (self->trial, connection);

  return TRUE;
}

/* What the library says of an address, in its own words: it does not translate them. */
static const char *const address_complaints[] G_GNUC_UNUSED =
{
  N_("The URI cannot be understood; write it as ws://host:port/path"),
  /* xgettext:no-c-format */
  N_("The URI has a fragment, which WebSocket URIs must not have; remove what follows the #, or "
     "write %23"),
  N_("The URI has an unusable host; give a host name, an IPv4 address or an IPv6 address in "
     "brackets"),
  N_("The URI has an unusable path or query; percent-encode the characters that a URI must not "
     "hold"),
  N_("The URI has an unusable port; give a number from 1 to 65535"),
  N_("The URI has an unusable user name or password; percent-encode what stands before the @"),
  N_("The URI has another scheme than ws and wss; begin it with ws:// or wss://"),
  N_("The URI has no usable host; give a host name, an IPv4 address or an IPv6 address in "
     "brackets"),
  N_("The URI has no usable scheme; begin it with ws:// or wss://"),
  N_("The URI holds a space or a control character; percent-encode it or remove it"),
};

static void
wsi_add_dialog_set_wrong (GtkWidget *row,
                          gboolean   is_wrong)
{
  if (is_wrong)
    gtk_widget_add_css_class (row, "error");
  else
    gtk_widget_remove_css_class (row, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                               is_wrong ? GTK_ACCESSIBLE_INVALID_TRUE
                                        : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
wsi_add_dialog_update_detection (WsiAddDialog *self)
{
  g_autoptr (WsmHeartbeat) heartbeat = wsi_add_dialog_make_heartbeat (self);
  g_autofree char *text = wsi_heartbeat_choice_describe (heartbeat);
  gboolean is_custom;

  is_custom = adw_combo_row_get_selected (self->heartbeat_row) == WSI_HEARTBEAT_CHOICE_CUSTOM;
  gtk_widget_set_visible (self->interval_row, is_custom);
  gtk_widget_set_visible (self->timeout_row, is_custom);
  gtk_widget_set_visible (self->max_missed_row, is_custom);
  gtk_label_set_text (self->detection_label, text);
}

/* An empty dialog is not right yet, but nobody has done anything wrong. */
static void
wsi_add_dialog_update (WsiAddDialog *self)
{
  g_autofree char *uri = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_right;
  gboolean is_shown;

  /* The template is still being filled. */
  if (self->own_pool == NULL)
    return;

  uri = wsi_add_dialog_dup_entry (self->uri_row);
  is_right = wsi_add_dialog_try (self, &error);
  is_shown = !is_right && *uri != '\0';

  g_clear_pointer (&self->complaint, g_free);
  if (!is_right)
    self->complaint = g_strdup (g_dgettext (GETTEXT_PACKAGE, error->message));

  gtk_label_set_text (self->complaint_label, is_shown ? self->complaint : "");
  gtk_widget_set_visible (GTK_WIDGET (self->complaint_label), is_shown);
  wsi_add_dialog_set_wrong (GTK_WIDGET (self->uri_row), is_shown &&
                            g_error_matches (error, WSM_ERROR, WSM_ERROR_INVALID_URI));
  wsi_add_dialog_set_wrong (GTK_WIDGET (self->name_row), is_shown &&
                            g_error_matches (error, WSM_ERROR, WSM_ERROR_NAME_TAKEN));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.add", is_right);
  wsi_add_dialog_update_detection (self);
}

static void
wsi_add_dialog_add (GtkWidget  *widget,
                    const char *action_name,
                    GVariant   *parameter)
{
  WsiAddDialog *self = WSI_ADD_DIALOG (widget);
  g_autoptr (WsiAddDialog) keep G_GNUC_UNUSED = g_object_ref (self);
  g_autoptr (WsmConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  connection = wsi_add_dialog_make_connection (self, &error);
  if (connection == NULL || !wsi_own_pool_add (self->own_pool, connection, TRUE, &error))
    {
      gtk_label_set_text (self->complaint_label, g_dgettext (GETTEXT_PACKAGE, error->message));
      gtk_widget_set_visible (GTK_WIDGET (self->complaint_label), TRUE);
      return;
    }

  g_signal_emit (self, signals[SIGNAL_ADDED], 0, connection);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
wsi_add_dialog_entry_activated_cb (WsiAddDialog *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "dialog.add", NULL);
}

static void
wsi_add_dialog_dispose (GObject *object)
{
  WsiAddDialog *self = WSI_ADD_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (object), WSI_TYPE_ADD_DIALOG);
  g_clear_object (&self->own_pool);
  g_clear_object (&self->trial);

  G_OBJECT_CLASS (wsi_add_dialog_parent_class)->dispose (object);
}

static void
wsi_add_dialog_finalize (GObject *object)
{
  WsiAddDialog *self = WSI_ADD_DIALOG (object);

  g_free (self->complaint);

  G_OBJECT_CLASS (wsi_add_dialog_parent_class)->finalize (object);
}

static void
wsi_add_dialog_class_init (WsiAddDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_add_dialog_dispose;
  object_class->finalize = wsi_add_dialog_finalize;

  signals[SIGNAL_ADDED] =
    g_signal_new ("added", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, WSM_TYPE_CONNECTION);

  gtk_widget_class_install_action (widget_class, "dialog.add", NULL, wsi_add_dialog_add);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wsmulti/Inspector/ui/"
                                               "wsi-add-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, uri_row);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, complaint_label);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, protocols_row);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, origin_row);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, headers_buffer);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, heartbeat_row);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, interval_row);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, timeout_row);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, max_missed_row);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, interval_button);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, timeout_button);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, max_missed_button);
  gtk_widget_class_bind_template_child (widget_class, WsiAddDialog, detection_label);
  gtk_widget_class_bind_template_callback (widget_class, wsi_add_dialog_update);
  gtk_widget_class_bind_template_callback (widget_class, wsi_add_dialog_entry_activated_cb);
}

/* The row of a button labels it with its title, which is told after its own name or, by later
 * versions of GTK, instead of it; and then nobody hears that it is seconds. */
static void
wsi_add_dialog_name_buttons (WsiAddDialog *self)
{
  GtkSpinButton *buttons[] = {
    self->interval_button, self->timeout_button, self->max_missed_button
  };

  for (size_t i = 0; i < G_N_ELEMENTS (buttons); i++)
    gtk_accessible_reset_relation (GTK_ACCESSIBLE (buttons[i]),
                                   GTK_ACCESSIBLE_RELATION_LABELLED_BY);
}

static void
wsi_add_dialog_init (WsiAddDialog *self)
{
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);

  self->trial = wsm_pool_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  wsi_add_dialog_name_buttons (self);

  for (guint i = 0; i < WSI_N_HEARTBEAT_CHOICES; i++)
    gtk_string_list_append (labels, wsi_heartbeat_choice_get_label (i));
  adw_combo_row_set_model (self->heartbeat_row, G_LIST_MODEL (labels));
}

GtkWindow *
wsi_add_dialog_new (GtkWindow  *parent,
                    WsiOwnPool *own_pool)
{
  WsiAddDialog *self = g_object_new (WSI_TYPE_ADD_DIALOG, "transient-for", parent, NULL);

  self->own_pool = g_object_ref (own_pool);
  g_signal_connect_swapped (self->heartbeat_row, "notify::selected",
                            G_CALLBACK (wsi_add_dialog_update), self);
  wsi_add_dialog_update (self);
  gtk_window_set_focus (GTK_WINDOW (self), GTK_WIDGET (self->uri_row));

  return GTK_WINDOW (self);
}

const char *
wsi_add_dialog_get_complaint (WsiAddDialog *self)
{
  g_return_val_if_fail (WSI_IS_ADD_DIALOG (self), NULL);

  return self->complaint;
}
