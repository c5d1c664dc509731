/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-recording-private.h"

#include "wsi-connection-internal.h"
#include "wsi-enum-types.h"
#include "wsi-event.h"
#include "wsi-frame.h"
#include "wsi-log-private.h"
#include "wsi-source-private.h"

/* Written at once; between two of them the main loop runs. */
#define CHUNK_BYTES (64 * 1024)

/* One connection, with what its logs held when saving began. */
typedef struct
{
  WsiConnection *connection; /* (owned) */
  GPtrArray *events;         /* (owned) (element-type WsiEvent) */
  GPtrArray *frames;         /* (owned) (element-type WsiFrame) */
} WsiRecordingPart;

typedef struct
{
  GFile *file;           /* (owned) */
  WsiSource *source;     /* (owned) */
  GPtrArray *parts;      /* (owned) (element-type WsiRecordingPart) */
  GOutputStream *stream; /* (owned) (nullable) */
  GString *text;         /* (owned) */
  GError *error;         /* (owned) (nullable): why it is not finished */
  guint part;
  guint item; /* of the part: 0 the row, then events, then frames */
  gboolean is_begun;
  gboolean is_ended;
} WsiRecordingJob;

static void wsi_recording_write (GTask *task);

static void
wsi_recording_part_free (gpointer data)
{
  WsiRecordingPart *self = data;

  g_object_unref (self->connection);
  g_ptr_array_unref (self->events);
  g_ptr_array_unref (self->frames);
  g_free (self);
}

static WsiRecordingPart *
wsi_recording_part_new (WsiConnection *connection)
{
  WsiRecordingPart *self = g_new0 (WsiRecordingPart, 1);

  self->connection = g_object_ref (connection);
  self->events = connection->journal != NULL
                 ? wsi_log_dup_items (connection->journal)
                 : g_ptr_array_new ();
  self->frames = connection->frames != NULL
                 ? wsi_log_dup_items (connection->frames)
                 : g_ptr_array_new ();

  return self;
}

static void
wsi_recording_job_free (gpointer data)
{
  WsiRecordingJob *self = data;

  g_object_unref (self->file);
  g_object_unref (self->source);
  g_ptr_array_unref (self->parts);
  g_clear_object (&self->stream);
  g_string_free (self->text, TRUE);
  g_clear_error (&self->error);
  g_free (self);
}

static void
wsi_recording_add_string (JsonBuilder *builder,
                          const char  *name,
                          const char  *value)
{
  if (value == NULL)
    return;

  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
wsi_recording_add_int (JsonBuilder *builder,
                       const char  *name,
                       gint64       value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
wsi_recording_add_count (JsonBuilder *builder,
                         const char  *name,
                         guint64      value)
{
  wsi_recording_add_int (builder, name, (gint64) MIN (value, G_MAXINT64));
}

static void
wsi_recording_add_flag (JsonBuilder *builder,
                        const char  *name,
                        gboolean     value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
wsi_recording_add_enum (JsonBuilder *builder,
                        const char  *name,
                        GType        type,
                        int          value)
{
  wsi_recording_add_string (builder, name, wsi_recording_get_nick (type, value));
}

/* Negative is none, and left out. */
static void
wsi_recording_add_round_trip (JsonBuilder *builder,
                              const char  *name,
                              double       value)
{
  if (value < 0.0)
    return;

  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static JsonBuilder *
wsi_recording_begin_line (const char    *type,
                          WsiConnection *connection)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  wsi_recording_add_string (builder, "type", type);
  if (connection != NULL)
    wsi_recording_add_count (builder, "id", wsi_connection_get_id (connection));

  return builder;
}

static void
wsi_recording_end_line (WsiRecordingJob *self,
                        JsonBuilder     *builder)
{
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;

  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  line = json_to_string (root, FALSE);
  g_string_append (self->text, line);
  g_string_append_c (self->text, '\n');
}

/* Times are of this process's clock; what it showed on the wall says what they mean elsewhere. */
static void
wsi_recording_write_head (WsiRecordingJob *self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  gint64 elapsed_us = g_get_monotonic_time () - wsi_source_get_now (self->source);

  json_builder_begin_object (builder);
  wsi_recording_add_string (builder, "format", WSI_RECORDING_FORMAT);
  wsi_recording_add_int (builder, "version", WSI_RECORDING_VERSION);
  wsi_recording_add_string (builder, "generator", "wsmulti " PACKAGE_VERSION);
  wsi_recording_add_string (builder, "name", wsi_source_get_title (self->source));
  wsi_recording_add_string (builder, "application-id",
                            wsi_source_get_application_id (self->source));
  wsi_recording_add_int (builder, "pid", wsi_source_get_pid (self->source));
  wsi_recording_add_int (builder, "time", wsi_source_get_now (self->source));
  wsi_recording_add_int (builder, "wall-time", g_get_real_time () - elapsed_us);
  wsi_recording_end_line (self, builder);
}

static void
wsi_recording_write_figures (JsonBuilder   *builder,
                             WsiConnection *connection)
{
  for (guint prop_id = PROP_ID + 1; prop_id <= PROP_LAST_FIGURE; prop_id++)
    {
      const WsiFigure *figure = &wsi_figure_table[prop_id];
      gconstpointer value = (const char *) &connection->figures + figure->offset;

      switch (figure->type)
        {
        case G_TYPE_UINT64:
          wsi_recording_add_count (builder, figure->name, *(const guint64 *) value);
          break;
        case G_TYPE_INT64:
          wsi_recording_add_int (builder, figure->name, *(const gint64 *) value);
          break;
        case G_TYPE_DOUBLE:
          wsi_recording_add_round_trip (builder, figure->name, *(const double *) value);
          break;
        case G_TYPE_ENUM:
          wsi_recording_add_enum (builder, figure->name, WSI_TYPE_STATE,
                                  (int) *(const guint32 *) value);
          break;
        case G_TYPE_UINT:
        default:
          wsi_recording_add_int (builder, figure->name, *(const guint32 *) value);
          break;
        }
    }
}

static void
wsi_recording_write_row (WsiRecordingJob *self,
                         WsiConnection   *connection)
{
  g_autoptr (JsonBuilder) builder = wsi_recording_begin_line ("connection", connection);
  WsiDetails *details = wsi_connection_get_details (connection);
  guint n_beats = connection->beats != NULL ? wsi_beats_get_n (connection->beats) : 0;

  wsi_recording_add_string (builder, "name", wsi_connection_get_name (connection));
  wsi_recording_add_string (builder, "uri", wsi_connection_get_uri (connection));
  wsi_recording_add_string (builder, "reason", wsi_connection_get_reason (connection));
  wsi_recording_write_figures (builder, connection);
  wsi_recording_add_flag (builder, "paused", wsi_connection_get_paused (connection));
  wsi_recording_add_flag (builder, "limits-enforced",
                          wsi_connection_get_limits_enforced (connection));

  json_builder_set_member_name (builder, "beats");
  json_builder_begin_array (builder);
  for (guint i = 0; i < n_beats; i++)
    json_builder_add_double_value (builder, wsi_beats_get (connection->beats, i));
  json_builder_end_array (builder);

  if (details != NULL)
    {
      json_builder_set_member_name (builder, "details");
      json_builder_add_value (builder,
                              wsi_recording_write_details (wsi_details_get_variant (details)));
    }
  wsi_recording_end_line (self, builder);
}

static void
wsi_recording_write_event (WsiRecordingJob *self,
                           WsiConnection   *connection,
                           WsiEvent        *event)
{
  g_autoptr (JsonBuilder) builder = wsi_recording_begin_line ("event", connection);

  wsi_recording_add_count (builder, "number", wsi_event_get_number (event));
  wsi_recording_add_int (builder, "time", wsi_event_get_time (event));
  wsi_recording_add_enum (builder, "kind", WSI_TYPE_EVENT_KIND, (int) wsi_event_get_kind (event));
  wsi_recording_add_enum (builder, "state", WSI_TYPE_STATE, (int) wsi_event_get_state (event));
  wsi_recording_add_round_trip (builder, "round-trip", wsi_event_get_round_trip (event));
  wsi_recording_add_string (builder, "text", wsi_event_get_text (event));
  wsi_recording_end_line (self, builder);
}

static void
wsi_recording_write_frame (WsiRecordingJob *self,
                           WsiConnection   *connection,
                           WsiFrame        *frame)
{
  g_autoptr (JsonBuilder) builder = wsi_recording_begin_line ("frame", connection);
  WsiFrameFlags flags = wsi_frame_get_flags (frame);
  GBytes *payload = wsi_frame_get_payload (frame);

  wsi_recording_add_count (builder, "number", wsi_frame_get_number (frame));
  wsi_recording_add_int (builder, "time", wsi_frame_get_time (frame));
  wsi_recording_add_enum (builder, "direction", WSI_TYPE_DIRECTION,
                          (int) wsi_frame_get_direction (frame));
  wsi_recording_add_int (builder, "opcode", wsi_frame_get_opcode (frame));
  wsi_recording_add_flag (builder, "final", (flags & WSI_FRAME_FLAGS_FINAL) != 0);
  wsi_recording_add_flag (builder, "compressed", (flags & WSI_FRAME_FLAGS_COMPRESSED) != 0);
  wsi_recording_add_flag (builder, "truncated", (flags & WSI_FRAME_FLAGS_TRUNCATED) != 0);
  wsi_recording_add_count (builder, "length", wsi_frame_get_length (frame));
  wsi_recording_add_count (builder, "wire-length", wsi_frame_get_wire_length (frame));
  if (payload != NULL)
    {
      gsize size;
      const guint8 *bytes = g_bytes_get_data (payload, &size);
      g_autofree char *base64 = g_base64_encode (bytes, size);

      wsi_recording_add_string (builder, "payload", base64);
    }
  wsi_recording_end_line (self, builder);
}

/* Writes the next line; returns FALSE after the last one. */
static gboolean
wsi_recording_write_line (WsiRecordingJob *self)
{
  WsiRecordingPart *part;

  if (!self->is_begun)
    {
      wsi_recording_write_head (self);
      self->is_begun = TRUE;
      return TRUE;
    }
  if (self->is_ended)
    return FALSE;
  if (self->part == self->parts->len)
    {
      g_autoptr (JsonBuilder) builder = wsi_recording_begin_line ("end", NULL);

      wsi_recording_end_line (self, builder);
      self->is_ended = TRUE;
      return TRUE;
    }

  part = self->parts->pdata[self->part];
  if (self->item == 0)
    wsi_recording_write_row (self, part->connection);
  else if (self->item <= part->events->len)
    wsi_recording_write_event (self, part->connection, part->events->pdata[self->item - 1]);
  else
    wsi_recording_write_frame (self, part->connection,
                               part->frames->pdata[self->item - 1 - part->events->len]);

  self->item++;
  if (self->item > part->events->len + part->frames->len)
    {
      self->item = 0;
      self->part++;
    }

  return TRUE;
}

static void
wsi_recording_closed_cb (GObject      *stream,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  WsiRecordingJob *self = g_task_get_task_data (task);
  GError *error = NULL;

  g_output_stream_close_finish (G_OUTPUT_STREAM (stream), result, &error);
  if (self->error != NULL)
    {
      g_clear_error (&error);
      error = g_steal_pointer (&self->error);
    }

  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

/* A stream that is closed while cancelled leaves the file that was there. */
static void
wsi_recording_close (GTask  *task,
                     GError *error)
{
  WsiRecordingJob *self = g_task_get_task_data (task);
  g_autoptr (GCancellable) cancelled = NULL;

  self->error = error;
  if (error != NULL)
    {
      cancelled = g_cancellable_new ();
      g_cancellable_cancel (cancelled);
    }
  g_output_stream_close_async (self->stream, G_PRIORITY_DEFAULT,
                               error != NULL ? cancelled : g_task_get_cancellable (task),
                               wsi_recording_closed_cb, g_object_ref (task));
}

static void
wsi_recording_written_cb (GObject      *stream,
                          GAsyncResult *result,
                          gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, &error))
    wsi_recording_write (task);
  else
    wsi_recording_close (task, error);
}

static void
wsi_recording_write (GTask *task)
{
  WsiRecordingJob *self = g_task_get_task_data (task);

  g_string_truncate (self->text, 0);
  while (self->text->len < CHUNK_BYTES && wsi_recording_write_line (self))
    continue;

  if (self->text->len == 0)
    wsi_recording_close (task, NULL);
  else
    g_output_stream_write_all_async (self->stream, self->text->str, self->text->len,
                                     G_PRIORITY_DEFAULT, g_task_get_cancellable (task),
                                     wsi_recording_written_cb, g_object_ref (task));
}

static void
wsi_recording_replaced_cb (GObject      *file,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  WsiRecordingJob *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->stream = G_OUTPUT_STREAM (g_file_replace_finish (G_FILE (file), result, &error));
  if (self->stream == NULL)
    g_task_return_error (task, error);
  else if (g_cancellable_set_error_if_cancelled (g_task_get_cancellable (task), &error))
    wsi_recording_close (task, error);
  else
    wsi_recording_write (task);
}

/* The file is there whole or not at all, and for its owner only. */
void
wsi_recording_save_async (WsiSource           *source,
                          WsiConnection       *connection,
                          GFile               *file,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  WsiRecordingJob *self;

  g_return_if_fail (WSI_IS_SOURCE (source));
  g_return_if_fail (connection == NULL || WSI_IS_CONNECTION (connection));
  g_return_if_fail (G_IS_FILE (file));

  self = g_new0 (WsiRecordingJob, 1);
  self->file = g_object_ref (file);
  self->source = g_object_ref (source);
  self->text = g_string_sized_new (CHUNK_BYTES);
  self->parts = g_ptr_array_new_with_free_func (wsi_recording_part_free);
  if (connection != NULL)
    {
      g_ptr_array_add (self->parts, wsi_recording_part_new (connection));
    }
  else
    {
      WsiTable *table = wsi_source_get_table (source);

      for (guint i = 0; i < wsi_table_get_n (table); i++)
        g_ptr_array_add (self->parts, wsi_recording_part_new (wsi_table_get (table, i)));
    }

  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, wsi_recording_save_async);
  g_task_set_task_data (task, self, wsi_recording_job_free);

  /* Not to be cancelled: GIO would let go of a stream that was just opened, and a stream that is
   * let go of puts an empty file in the place of the old one. */
  g_file_replace_async (file, NULL, FALSE, G_FILE_CREATE_PRIVATE,
                        G_PRIORITY_DEFAULT, NULL,
                        wsi_recording_replaced_cb, g_object_ref (task));
}

gboolean
wsi_recording_save_finish (GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), FALSE);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == wsi_recording_save_async, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
