/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-window-internal.h"

#include <glib/gi18n-lib.h>

#include "wsi-file-dialog.h"
#include "wsi-recording.h"

/* What the window reads from files and writes to them: recordings, and lists of connections. */

/* Enough to tell one kind of file from the other. */
#define HEAD_SIZE 256

/* A recording is JSON lines; a list is a key file. Names of files are not to be relied on. */
static gboolean
wsi_window_is_recording (GFile   *file,
                         GError **error)
{
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, error);
  char head[HEAD_SIZE];
  gsize length = 0;
  gsize n_blank = 0;

  if (stream == NULL ||
      !g_input_stream_read_all (G_INPUT_STREAM (stream), head, sizeof head, &length, NULL, error))
    return FALSE;

  while (n_blank < length && g_ascii_isspace (head[n_blank]))
    n_blank++;

  return n_blank < length && head[n_blank] == '{';
}

static void
wsi_window_recording_loaded_cb (GObject      *source_object,
                                GAsyncResult *result,
                                gpointer      user_data)
{
  g_autoptr (WsiWindow) self = user_data;
  g_autoptr (WsiSource) source = NULL;
  g_autoptr (GError) error = NULL;

  source = wsi_recording_load_finish (result, &error);
  if (source == NULL)
    {
      wsi_window_tell (self, _("Recording Not Opened"), error->message);
      return;
    }

  wsi_hub_add (self->hub, source);
  wsi_window_set_source (self, source);
}

static void
wsi_window_import (WsiWindow *self,
                   GFile     *file)
{
  g_autofree char *path = g_file_get_path (file);
  g_autofree char *message = NULL;
  g_autoptr (GError) error = NULL;
  guint n_added = 0;

  if (path == NULL)
    {
      wsi_window_say (self, _("Only files on this computer can be read."));
      return;
    }

  if (!wsi_own_pool_import (self->own_pool, path, &n_added, &error))
    {
      wsi_window_tell (self, _("Connections Not Added"), error->message);
      return;
    }

  /* Translators: %u is a number of connections */
  message = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u connection added",
                                          "%u connections added", n_added), n_added);
  wsi_window_say (self, message);
  wsi_window_set_source (self, wsi_own_pool_get_source (self->own_pool));
}

static void
wsi_window_open_chosen_cb (GObject      *source_object,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  WsiWindow *self = WSI_WINDOW (source_object);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = wsi_file_dialog_finish (GTK_WINDOW (self), result, &error);

  if (file != NULL)
    wsi_window_open_file (self, file);
  else if (error != NULL)
    wsi_window_say (self, error->message);
}

static void
wsi_window_open (GSimpleAction *action,
                 GVariant      *parameter,
                 gpointer       user_data)
{
  wsi_file_dialog_open_async (user_data, _("Open Recording or Connection List"), NULL,
                              wsi_window_open_chosen_cb, NULL);
}

static void
wsi_window_export_chosen_cb (GObject      *source_object,
                             GAsyncResult *result,
                             gpointer      user_data)
{
  WsiWindow *self = WSI_WINDOW (source_object);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = wsi_file_dialog_finish (GTK_WINDOW (self), result, &error);
  g_autofree char *path = file != NULL ? g_file_get_path (file) : NULL;

  if (path != NULL && wsi_own_pool_export (self->own_pool, path, &error))
    wsi_window_say (self, _("Connections exported, including their secrets"));
  else if (file != NULL && path == NULL)
    wsi_window_say (self, _("Only files on this computer can be written."));
  else if (error != NULL)
    wsi_window_tell (self, _("Connections Not Exported"), error->message);
}

static void
wsi_window_export (GSimpleAction *action,
                   GVariant      *parameter,
                   gpointer       user_data)
{
  /* Translators: the name that is proposed for a file */
  wsi_file_dialog_save_async (user_data, _("Export Connections"), _("connections.ini"), NULL,
                              wsi_window_export_chosen_cb, NULL);
}

static void
wsi_window_recording_saved_cb (GObject      *source_object,
                               GAsyncResult *result,
                               gpointer      user_data)
{
  g_autoptr (WsiWindow) self = user_data;
  g_autoptr (GError) error = NULL;

  if (wsi_recording_save_finish (result, &error))
    wsi_window_say (self, _("Recording saved"));
  else
    wsi_window_tell (self, _("Recording Not Saved"), error->message);
}

/* What is to be saved; what is shown may be something else by the time a name is chosen. */
typedef struct
{
  WsiSource *source;         /* (owned) */
  WsiConnection *connection; /* (owned) (nullable): all of the source */
} WsiWindowRecording;

static void
wsi_window_recording_free (WsiWindowRecording *recording)
{
  g_object_unref (recording->source);
  g_clear_object (&recording->connection);
  g_free (recording);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsiWindowRecording, wsi_window_recording_free)

static void
wsi_window_recording_chosen_cb (GObject      *source_object,
                                GAsyncResult *result,
                                gpointer      user_data)
{
  WsiWindow *self = WSI_WINDOW (source_object);
  g_autoptr (WsiWindowRecording) recording = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GFile) file = wsi_file_dialog_finish (GTK_WINDOW (self), result, &error);

  if (file != NULL)
    wsi_recording_save_async (recording->source, recording->connection, file, NULL,
                              wsi_window_recording_saved_cb, g_object_ref (self));
  else if (error != NULL)
    wsi_window_say (self, error->message);
}

static void
wsi_window_ask_for_recording (WsiWindow     *self,
                              WsiConnection *connection)
{
  WsiWindowRecording *recording = g_new0 (WsiWindowRecording, 1);
  g_autofree char *name = NULL;

  recording->source = g_object_ref (self->source);
  g_set_object (&recording->connection, connection);
  name = g_strdup_printf ("%s.wsmrec", connection != NULL
                          ? wsi_connection_get_name (connection)
                          : wsi_source_get_title (self->source));
  g_strdelimit (name, "/\\:*?\"<>|", '-');
  wsi_file_dialog_save_async (GTK_WINDOW (self), _("Save Recording"),
                              name[0] == '-' ? name + 1 : name, NULL,
                              wsi_window_recording_chosen_cb, recording);
}

static void
wsi_window_save_recording (GSimpleAction *action,
                           GVariant      *parameter,
                           gpointer       user_data)
{
  WsiWindow *self = user_data;

  wsi_window_ask_for_recording (self, self->connection);
}

static void
wsi_window_save_source (GSimpleAction *action,
                        GVariant      *parameter,
                        gpointer       user_data)
{
  wsi_window_ask_for_recording (user_data, NULL);
}

static const GActionEntry entries[] =
{
  { "export", wsi_window_export, NULL, NULL, NULL, { 0 } },
  { "open", wsi_window_open, NULL, NULL, NULL, { 0 } },
  { "save-recording", wsi_window_save_recording, NULL, NULL, NULL, { 0 } },
  { "save-source", wsi_window_save_source, NULL, NULL, NULL, { 0 } },
};

void
wsi_window_add_files (WsiWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

void
wsi_window_open_file (WsiWindow *self,
                      GFile     *file)
{
  g_autoptr (GError) error = NULL;
  gboolean is_recording;

  g_return_if_fail (WSI_IS_WINDOW (self));

  is_recording = wsi_window_is_recording (file, &error);
  if (error != NULL)
    wsi_window_tell (self, _("File Not Opened"), error->message);
  else if (is_recording)
    wsi_recording_load_async (file, NULL, wsi_window_recording_loaded_cb, g_object_ref (self));
  else
    wsi_window_import (self, file);
}

void
wsi_window_open_uri (WsiWindow  *self,
                     const char *uri)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;
  g_autoptr (WsmConnection) connection = NULL;
  g_autoptr (GError) error = NULL;

  g_return_if_fail (WSI_IS_WINDOW (self));

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT, "idle-only", FALSE, NULL);
  connection = g_object_new (WSM_TYPE_CONNECTION, "uri", uri, "heartbeat", heartbeat, NULL);
  if (wsi_own_pool_add (self->own_pool, connection, TRUE, &error))
    wsi_window_show_own (self, connection);
  else
    wsi_window_tell (self, _("Connection Not Added"), error->message);
}
