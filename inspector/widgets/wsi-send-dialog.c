/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-send-dialog.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "wsi-format.h"

/*
 * Where a message is written.
 *
 * What was sent before is at hand while the program runs. It is not kept longer than that, for it
 * may hold secrets.
 */

#define MAX_HISTORY 20

struct _WsiSendDialog
{
  GtkWindow parent_instance;

  GtkTextView *text_view;        /* (unowned) */
  GtkLabel *facts_label;         /* (unowned) */
  GtkWidget *history_button;     /* (unowned) */
  GtkPopover *history_popover;   /* (unowned) */
  GtkListView *history_view;     /* (unowned) */
};

typedef enum
{
  SIGNAL_SEND,
  N_SIGNALS,
} WsiSendDialogSignal;

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiSendDialog, wsi_send_dialog, GTK_TYPE_WINDOW)

/* One for all dialogs: the next message is often one that another connection has got. */
static GtkStringList *
wsi_send_dialog_get_history (void)
{
  static GtkStringList *history = NULL;

  if (history == NULL)
    history = gtk_string_list_new (NULL);

  return history;
}

static void
wsi_send_dialog_remember (const char *text)
{
  GtkStringList *history = wsi_send_dialog_get_history ();
  const char *added[] = { text, NULL };
  guint n_texts = g_list_model_get_n_items (G_LIST_MODEL (history));

  for (guint i = 0; i < n_texts; i++)
    {
      if (g_str_equal (gtk_string_list_get_string (history, i), text))
        {
          gtk_string_list_remove (history, i);
          n_texts--;
          break;
        }
    }

  gtk_string_list_splice (history, 0, 0, added);
  if (n_texts + 1 > MAX_HISTORY)
    gtk_string_list_remove (history, MAX_HISTORY);
}

static void
wsi_send_dialog_update_facts (WsiSendDialog *self)
{
  g_autofree char *text = wsi_send_dialog_dup_text (self);
  g_autofree char *size = wsi_format_size (strlen (text));
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autofree char *facts = NULL;

  if (trimmed[0] == '{' || trimmed[0] == '[')
    {
      g_autoptr (JsonParser) parser = json_parser_new ();
      gboolean is_json = json_parser_load_from_data (parser, trimmed, -1, NULL);

      /* Translators: %s is a size, such as “12 bytes” */
      facts = g_strdup_printf (is_json ? _("%s · JSON") : _("%s · not valid JSON"), size);
    }

  gtk_label_set_text (self->facts_label, facts != NULL ? facts : size);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "dialog.send", text[0] != '\0');
}

static void
wsi_send_dialog_send (GtkWidget  *widget,
                      const char *action_name,
                      GVariant   *parameter)
{
  WsiSendDialog *self = WSI_SEND_DIALOG (widget);
  g_autoptr (WsiSendDialog) keep G_GNUC_UNUSED = g_object_ref (self);
  g_autofree char *text = wsi_send_dialog_dup_text (self);

  if (text[0] == '\0')
    return;

  wsi_send_dialog_remember (text);
  gtk_widget_set_sensitive (self->history_button, TRUE);
  g_signal_emit (self, signals[SIGNAL_SEND], 0, text);
}

static void
wsi_send_dialog_history_view_activate_cb (WsiSendDialog *self,
                                          guint          position)
{
  GtkStringList *history = wsi_send_dialog_get_history ();
  g_autofree char *text = g_strdup (gtk_string_list_get_string (history, position));

  gtk_popover_popdown (self->history_popover);
  wsi_send_dialog_set_text (self, text);
  gtk_widget_grab_focus (GTK_WIDGET (self->text_view));
}

static void
wsi_send_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), WSI_TYPE_SEND_DIALOG);

  G_OBJECT_CLASS (wsi_send_dialog_parent_class)->dispose (object);
}

static void
wsi_send_dialog_class_init (WsiSendDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_send_dialog_dispose;

  signals[SIGNAL_SEND] =
    g_signal_new ("send", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_install_action (widget_class, "dialog.send", NULL, wsi_send_dialog_send);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, GDK_CONTROL_MASK,
                                       "dialog.send", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Enter, GDK_CONTROL_MASK,
                                       "dialog.send", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/wsmulti/Inspector/ui/"
                                               "wsi-send-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiSendDialog, text_view);
  gtk_widget_class_bind_template_child (widget_class, WsiSendDialog, facts_label);
  gtk_widget_class_bind_template_child (widget_class, WsiSendDialog, history_button);
  gtk_widget_class_bind_template_child (widget_class, WsiSendDialog, history_popover);
  gtk_widget_class_bind_template_child (widget_class, WsiSendDialog, history_view);
  gtk_widget_class_bind_template_callback (widget_class, wsi_send_dialog_history_view_activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_send_dialog_update_facts);
}

static void
wsi_send_dialog_init (WsiSendDialog *self)
{
  GtkStringList *history = wsi_send_dialog_get_history ();
  g_autoptr (GtkSelectionModel) selection = NULL;

  gtk_widget_init_template (GTK_WIDGET (self));

  selection = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (history))));
  gtk_list_view_set_model (self->history_view, selection);
  gtk_widget_set_sensitive (self->history_button,
                            g_list_model_get_n_items (G_LIST_MODEL (history)) > 0);
  wsi_send_dialog_update_facts (self);
}

GtkWindow *
wsi_send_dialog_new (GtkWindow  *parent,
                     const char *name)
{
  /* Translators: %s is the name of a connection */
  g_autofree char *title = g_strdup_printf (_("Send to %s"), name);

  return g_object_new (WSI_TYPE_SEND_DIALOG,
                       "transient-for", parent,
                       "title", title,
                       NULL);
}

char *
wsi_send_dialog_dup_text (WsiSendDialog *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  GtkTextIter start;
  GtkTextIter end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);

  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

void
wsi_send_dialog_set_text (WsiSendDialog *self,
                          const char    *text)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), text, -1);
}
