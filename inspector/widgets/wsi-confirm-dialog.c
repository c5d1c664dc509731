/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-confirm-dialog.h"

#include <glib/gi18n-lib.h>

/*
 * Asks once more before something that cannot be undone.
 *
 * GTK's and libadwaita's dialogs for this are not the same from the oldest to the newest version,
 * and the widgets have to do without libadwaita.
 */

struct _WsiConfirmDialog
{
  GtkWindow parent_instance;

  GtkLabel *heading_label;   /* (unowned) */
  GtkLabel *body_label;      /* (unowned) */
  GtkButton *cancel_button;  /* (unowned) */
  GtkButton *confirm_button; /* (unowned) */
};

typedef enum
{
  SIGNAL_CONFIRMED,
  N_SIGNALS,
} WsiConfirmDialogSignal;

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiConfirmDialog, wsi_confirm_dialog, GTK_TYPE_WINDOW)

static void
wsi_confirm_dialog_confirm_button_clicked_cb (WsiConfirmDialog *self)
{
  g_autoptr (WsiConfirmDialog) keep G_GNUC_UNUSED = g_object_ref (self);

  g_signal_emit (self, signals[SIGNAL_CONFIRMED], 0);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
wsi_confirm_dialog_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), WSI_TYPE_CONFIRM_DIALOG);

  G_OBJECT_CLASS (wsi_confirm_dialog_parent_class)->dispose (object);
}

static void
wsi_confirm_dialog_class_init (WsiConfirmDialogClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_confirm_dialog_dispose;

  signals[SIGNAL_CONFIRMED] =
    g_signal_new ("confirmed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/wsmulti/Inspector/ui/"
                                               "wsi-confirm-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiConfirmDialog, heading_label);
  gtk_widget_class_bind_template_child (widget_class, WsiConfirmDialog, body_label);
  gtk_widget_class_bind_template_child (widget_class, WsiConfirmDialog, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, WsiConfirmDialog, confirm_button);
  gtk_widget_class_bind_template_callback (widget_class,
                                           wsi_confirm_dialog_confirm_button_clicked_cb);
}

static void
wsi_confirm_dialog_init (WsiConfirmDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* The verb names what is done, not “OK”. */
GtkWindow *
wsi_confirm_dialog_new (GtkWindow  *parent,
                        const char *heading,
                        const char *body,
                        const char *verb)
{
  WsiConfirmDialog *self = g_object_new (WSI_TYPE_CONFIRM_DIALOG,
                                         "transient-for", parent,
                                         "title", heading,
                                         NULL);

  gtk_label_set_text (self->heading_label, heading);
  gtk_label_set_text (self->body_label, body);
  if (verb != NULL)
    gtk_button_set_label (self->confirm_button, verb);
  else
    gtk_button_set_label (self->cancel_button, _("_Close"));
  gtk_widget_set_visible (GTK_WIDGET (self->confirm_button), verb != NULL);

  return GTK_WINDOW (self);
}
