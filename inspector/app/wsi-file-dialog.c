/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-file-dialog.h"

/*
 * Asks for a file: the one place that knows that GTK has two ways to do it, of which the old one
 * is deprecated where the new one is.
 */

#if GTK_CHECK_VERSION (4, 10, 0)

static void
wsi_file_dialog_return (GTask  *task,
                        GFile  *file,
                        GError *error)
{
  if (file != NULL)
    g_task_return_pointer (task, file, g_object_unref);
  else if (error == NULL || g_error_matches (error, GTK_DIALOG_ERROR, GTK_DIALOG_ERROR_DISMISSED))
    g_task_return_pointer (task, NULL, NULL);
  else
    g_task_return_error (task, g_error_copy (error));
}

static void
wsi_file_dialog_open_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  GFile *file = gtk_file_dialog_open_finish (GTK_FILE_DIALOG (source), result, &error);

  wsi_file_dialog_return (task, file, error);
}

static void
wsi_file_dialog_save_cb (GObject      *source,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  GFile *file = gtk_file_dialog_save_finish (GTK_FILE_DIALOG (source), result, &error);

  wsi_file_dialog_return (task, file, error);
}

static void
wsi_file_dialog_run (GTask      *task,
                     GtkWindow  *parent,
                     const char *title,
                     const char *name)
{
  g_autoptr (GtkFileDialog) dialog = gtk_file_dialog_new ();
  GCancellable *cancellable = g_task_get_cancellable (task);

  gtk_file_dialog_set_title (dialog, title);
  gtk_file_dialog_set_modal (dialog, TRUE);
  if (name == NULL)
    {
      gtk_file_dialog_open (dialog, parent, cancellable, wsi_file_dialog_open_cb, task);
      return;
    }

  gtk_file_dialog_set_initial_name (dialog, name);
  gtk_file_dialog_save (dialog, parent, cancellable, wsi_file_dialog_save_cb, task);
}

#else

static void
wsi_file_dialog_response_cb (GtkNativeDialog *dialog,
                             int              response,
                             gpointer         user_data)
{
  g_autoptr (GTask) task = user_data;
  GFile *file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_task_return_pointer (task, file, g_object_unref);
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);
}

static void
wsi_file_dialog_run (GTask      *task,
                     GtkWindow  *parent,
                     const char *title,
                     const char *name)
{
  GtkFileChooserNative *dialog;

  dialog = gtk_file_chooser_native_new (title, parent,
                                        name != NULL ? GTK_FILE_CHOOSER_ACTION_SAVE
                                                     : GTK_FILE_CHOOSER_ACTION_OPEN,
                                        NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect (dialog, "response", G_CALLBACK (wsi_file_dialog_response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

#endif

void
wsi_file_dialog_open_async (GtkWindow           *parent,
                            const char          *title,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task = g_task_new (parent, cancellable, callback, user_data);

  g_task_set_source_tag (task, wsi_file_dialog_finish);
  wsi_file_dialog_run (task, parent, title, NULL);
}

void
wsi_file_dialog_save_async (GtkWindow           *parent,
                            const char          *title,
                            const char          *name,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task = g_task_new (parent, cancellable, callback, user_data);

  g_task_set_source_tag (task, wsi_file_dialog_finish);
  wsi_file_dialog_run (task, parent, title, name);
}

GFile *
wsi_file_dialog_finish (GtkWindow     *parent,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, parent), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, wsi_file_dialog_finish), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
