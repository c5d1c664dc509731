/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-recording-private.h"

#include "wsi-connection-internal.h"
#include "wsi-enum-types.h"
#include "wsi-frame.h"
#include "wsi-source-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Read and parsed at once; between two of them the main loop runs. */
#define CHUNK_BYTES (64 * 1024)
/* A payload of a mebibyte fits. */
#define MAX_LINE_BYTES (4 * 1024 * 1024)
#define MAX_FILE_BYTES (G_GUINT64_CONSTANT (1024) * 1024 * 1024)
/* json-glib descends as deep as it is told. */
#define MAX_DEPTH 12

typedef struct
{
  WsiSource *source;     /* (owned) (nullable): until the first line is read */
  GInputStream *stream;  /* (owned) (nullable) */
  GByteArray *rest;      /* (owned): the beginning of a line */
  gsize n_searched;      /* of the rest, without a line end */
  guint64 n_bytes;
  guint n_lines;
  gboolean is_ended;

  WsiConnection *connection; /* (unowned) (nullable): the last row */
  guint64 last_frame_number; /* of it */
} WsiRecordingReader;

/* One line that is being read; the first mistake is kept. */
typedef struct
{
  JsonObject *object; /* (unowned) */
  guint number;
  GError *error; /* (owned) (nullable) */
} WsiRecordingLine;

static void wsi_recording_read (GTask *task);

static void
wsi_recording_reader_free (gpointer data)
{
  WsiRecordingReader *self = data;

  g_clear_object (&self->source);
  g_clear_object (&self->stream);
  g_byte_array_unref (self->rest);
  g_free (self);
}

static void
wsi_recording_line_fail (WsiRecordingLine *line,
                         const char       *field)
{
  if (line->error == NULL)
    /* Translators: %u is the number of a line in a file, %s a name in it. */
    line->error = g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                               _("Line %u: “%s” is missing or is not what it should be."),
                               line->number, field);
}

/* NULL if it is not there; of another type is a mistake. */
static JsonNode *
wsi_recording_line_find (WsiRecordingLine *line,
                         const char       *field,
                         GType             type)
{
  JsonNode *node = json_object_get_member (line->object, field);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    {
      wsi_recording_line_fail (line, field);
      return NULL;
    }

  return node;
}

static gint64
wsi_recording_line_get_int (WsiRecordingLine *line,
                            const char       *field,
                            gint64            minimum,
                            gint64            maximum)
{
  JsonNode *node = wsi_recording_line_find (line, field, G_TYPE_INT64);
  gint64 value = node != NULL ? json_node_get_int (node) : CLAMP (0, minimum, maximum);

  if (value < minimum || value > maximum)
    {
      wsi_recording_line_fail (line, field);
      return minimum;
    }

  return value;
}

static guint64
wsi_recording_line_get_id (WsiRecordingLine *line,
                           const char       *field)
{
  if (!json_object_has_member (line->object, field))
    wsi_recording_line_fail (line, field);

  return (guint64) wsi_recording_line_get_int (line, field, 1, G_MAXINT64);
}

static gint64
wsi_recording_line_get_time (WsiRecordingLine *line,
                             const char       *field)
{
  return wsi_recording_line_get_int (line, field, -WSI_TIME_MAX, WSI_TIME_MAX);
}

/* Negative is none. */
static double
wsi_recording_line_get_round_trip (WsiRecordingLine *line,
                                   const char       *field)
{
  JsonNode *node = json_object_get_member (line->object, field);
  double value;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return -1.0;

  value = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : NAN;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) == G_TYPE_STRING ||
      json_node_get_value_type (node) == G_TYPE_BOOLEAN || !isfinite (value) || value < 0.0)
    {
      wsi_recording_line_fail (line, field);
      return -1.0;
    }

  return value;
}

static gboolean
wsi_recording_line_get_flag (WsiRecordingLine *line,
                             const char       *field)
{
  JsonNode *node = wsi_recording_line_find (line, field, G_TYPE_BOOLEAN);

  return node != NULL && json_node_get_boolean (node);
}

/* "" if it is not there. */
static const char *
wsi_recording_line_get_string (WsiRecordingLine *line,
                               const char       *field)
{
  JsonNode *node = wsi_recording_line_find (line, field, G_TYPE_STRING);

  return node != NULL ? json_node_get_string (node) : "";
}

static int
wsi_recording_line_get_enum (WsiRecordingLine *line,
                             const char       *field,
                             GType             type)
{
  return wsi_recording_get_value (type, wsi_recording_line_get_string (line, field));
}

static void
wsi_recording_read_head (WsiRecordingReader *self,
                         WsiRecordingLine   *line)
{
  GVariantDict about;
  gint64 time_us;
  gint64 wall_us;
  gint64 offset_us;

  if (!g_str_equal (wsi_recording_line_get_string (line, "format"), WSI_RECORDING_FORMAT))
    {
      g_clear_error (&line->error);
      line->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                                         _("This file is not a recording."));
      return;
    }
  if (wsi_recording_line_get_int (line, "version", 1, G_MAXINT) > WSI_RECORDING_VERSION)
    {
      line->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                                         _("This recording was made by a newer version. Update "
                                           "to open it."));
      return;
    }

  time_us = wsi_recording_line_get_time (line, "time");
  wall_us = wsi_recording_line_get_time (line, "wall-time");
  g_variant_dict_init (&about, NULL);
  g_variant_dict_insert (&about, "name", "s", wsi_recording_line_get_string (line, "name"));
  g_variant_dict_insert (&about, "application-id", "s",
                         wsi_recording_line_get_string (line, "application-id"));
  g_variant_dict_insert (&about, "pid", "u",
                         (guint32) wsi_recording_line_get_int (line, "pid", 0, G_MAXUINT32));
  self->source = wsi_source_new (WSI_SOURCE_KIND_RECORDING, g_variant_dict_end (&about));

  /* What happened then is shown with the time that a wall clock had then. */
  offset_us = (g_get_monotonic_time () - g_get_real_time ()) + (wall_us - time_us);
  wsi_source_set_offset (self->source, offset_us);
  wsi_source_set_ended_at (self->source, time_us + offset_us);
}

static void
wsi_recording_read_figures (WsiRecordingLine *line,
                            WsiFigures       *figures)
{
  for (guint prop_id = PROP_ID + 1; prop_id <= PROP_LAST_FIGURE; prop_id++)
    {
      const WsiFigure *figure = &wsi_figure_table[prop_id];
      gpointer value = (char *) figures + figure->offset;

      switch (figure->type)
        {
        case G_TYPE_UINT64:
          *(guint64 *) value =
            (guint64) wsi_recording_line_get_int (line, figure->name, 0, G_MAXINT64);
          break;
        case G_TYPE_INT64:
          *(gint64 *) value = wsi_recording_line_get_time (line, figure->name);
          break;
        case G_TYPE_DOUBLE:
          *(double *) value = wsi_recording_line_get_round_trip (line, figure->name);
          break;
        case G_TYPE_ENUM:
          *(guint32 *) value =
            (guint32) wsi_recording_line_get_enum (line, figure->name, WSI_TYPE_STATE);
          break;
        case G_TYPE_UINT:
        default:
          *(guint32 *) value =
            (guint32) wsi_recording_line_get_int (line, figure->name, 0, G_MAXUINT32);
          break;
        }
    }

  if (wsi_recording_line_get_flag (line, "paused"))
    figures->flags |= WSI_FIGURES_FLAGS_PAUSED;
  if (wsi_recording_line_get_flag (line, "limits-enforced"))
    figures->flags |= WSI_FIGURES_FLAGS_LIMITS_ENFORCED;
}

/* An array of numbers, negative = missed. */
static GVariant *
wsi_recording_read_beats (WsiRecordingLine *line)
{
  JsonNode *node = json_object_get_member (line->object, "beats");
  GVariantBuilder builder;
  JsonArray *beats;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("ad"));
  if (node == NULL)
    return g_variant_builder_end (&builder);

  beats = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (beats == NULL)
    wsi_recording_line_fail (line, "beats");
  for (guint i = 0; beats != NULL && i < json_array_get_length (beats); i++)
    {
      JsonNode *beat = json_array_get_element (beats, i);

      if (JSON_NODE_HOLDS_VALUE (beat))
        g_variant_builder_add (&builder, "d", json_node_get_double (beat));
      else
        wsi_recording_line_fail (line, "beats");
    }

  return g_variant_builder_end (&builder);
}

static void
wsi_recording_read_row (WsiRecordingReader *self,
                        WsiRecordingLine   *line)
{
  WsiFigures figures = { .id = wsi_recording_line_get_id (line, "id") };
  WsiTable *table = wsi_source_get_table (self->source);
  JsonNode *details = json_object_get_member (line->object, "details");
  GVariantBuilder rows;
  GVariantDict row;
  g_autoptr (GVariant) list = NULL;

  /* In their order, so that each goes to the end. */
  if ((self->connection != NULL && figures.id <= wsi_connection_get_id (self->connection)) ||
      wsi_table_is_full (table))
    wsi_recording_line_fail (line, "id");
  if (details != NULL && !JSON_NODE_HOLDS_OBJECT (details))
    wsi_recording_line_fail (line, "details");

  wsi_recording_read_figures (line, &figures);
  g_variant_dict_init (&row, NULL);
  g_variant_dict_insert (&row, "id", "t", figures.id);
  g_variant_dict_insert (&row, "name", "s", wsi_recording_line_get_string (line, "name"));
  g_variant_dict_insert (&row, "uri", "s", wsi_recording_line_get_string (line, "uri"));
  g_variant_dict_insert (&row, "reason", "s", wsi_recording_line_get_string (line, "reason"));
  g_variant_dict_insert_value (&row, "beats", wsi_recording_read_beats (line));
  g_variant_builder_init (&rows, G_VARIANT_TYPE ("aa{sv}"));
  g_variant_builder_add_value (&rows, g_variant_dict_end (&row));
  list = g_variant_ref_sink (g_variant_builder_end (&rows));
  if (line->error != NULL)
    return;

  wsi_source_apply_rows (self->source, list);
  self->connection = wsi_table_get (table, wsi_table_get_n (table) - 1);
  self->last_frame_number = 0;
  wsi_connection_load_figures (self->connection, &figures, wsi_source_get_offset (self->source));
  if (details != NULL)
    {
      g_autoptr (WsiDetails) read = wsi_details_new (wsi_recording_read_details (details));

      wsi_connection_set_details (self->connection, read);
    }
}

/* Events and frames stand behind their row. */
static void
wsi_recording_check_row (WsiRecordingReader *self,
                         WsiRecordingLine   *line)
{
  guint64 id = wsi_recording_line_get_id (line, "id");

  if (self->connection == NULL || wsi_connection_get_id (self->connection) != id)
    wsi_recording_line_fail (line, "id");
}

static void
wsi_recording_read_event (WsiRecordingReader *self,
                          WsiRecordingLine   *line)
{
  g_autoptr (GVariant) entries = NULL;
  guint64 number = wsi_recording_line_get_id (line, "number");
  GVariant *entry =
    g_variant_new ("(txuuds)",
                   number,
                   wsi_recording_line_get_time (line, "time"),
                   (guint32) wsi_recording_line_get_enum (line, "kind", WSI_TYPE_EVENT_KIND),
                   (guint32) wsi_recording_line_get_enum (line, "state", WSI_TYPE_STATE),
                   wsi_recording_line_get_round_trip (line, "round-trip"),
                   wsi_recording_line_get_string (line, "text"));

  entries = g_variant_ref_sink (g_variant_new_array (NULL, &entry, 1));
  wsi_recording_check_row (self, line);
  if (self->connection != NULL &&
      number <= wsi_connection_get_last_event_number (self->connection))
    wsi_recording_line_fail (line, "number");
  if (line->error == NULL)
    wsi_connection_apply_events (self->connection, entries,
                                 wsi_source_get_offset (self->source), TRUE);
}

static guint32
wsi_recording_read_frame_flags (WsiRecordingLine *line)
{
  guint32 flags = 0;

  if (wsi_recording_line_get_flag (line, "final"))
    flags |= WSI_FRAME_FLAGS_FINAL;
  if (wsi_recording_line_get_flag (line, "compressed"))
    flags |= WSI_FRAME_FLAGS_COMPRESSED;
  if (wsi_recording_line_get_flag (line, "truncated"))
    flags |= WSI_FRAME_FLAGS_TRUNCATED;

  return flags;
}

static void
wsi_recording_read_frame (WsiRecordingReader *self,
                          WsiRecordingLine   *line)
{
  guint64 number = wsi_recording_line_get_id (line, "number");
  g_autofree guint8 *payload = NULL;
  g_autoptr (GVariant) frames = NULL;
  GVariant *frame;
  gsize size = 0;

  payload = g_base64_decode (wsi_recording_line_get_string (line, "payload"), &size);
  frame = g_variant_new ("(xuuutt@ay)",
                         wsi_recording_line_get_time (line, "time"),
                         (guint32) wsi_recording_line_get_enum (line, "direction",
                                                                WSI_TYPE_DIRECTION),
                         (guint32) wsi_recording_line_get_int (line, "opcode", 0, 15),
                         wsi_recording_read_frame_flags (line),
                         (guint64) wsi_recording_line_get_int (line, "length", 0, G_MAXINT64),
                         (guint64) wsi_recording_line_get_int (line, "wire-length", 0, G_MAXINT64),
                         g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, payload, size, 1));
  frames = g_variant_ref_sink (g_variant_new_array (NULL, &frame, 1));
  wsi_recording_check_row (self, line);
  if (number <= self->last_frame_number)
    wsi_recording_line_fail (line, "number");
  if (line->error != NULL)
    return;

  wsi_connection_set_payload_capture (self->connection, G_MAXUINT);
  wsi_connection_apply_frames (self->connection, number - self->last_frame_number - 1, frames,
                               wsi_source_get_offset (self->source));
  wsi_connection_set_payload_capture (self->connection, 0);
  self->last_frame_number = number;
}

/* Lines of a kind that is not known are of somebody who knows more. */
static void
wsi_recording_read_object (WsiRecordingReader *self,
                           WsiRecordingLine   *line)
{
  const char *type;

  if (self->source == NULL)
    {
      wsi_recording_read_head (self, line);
      return;
    }

  if (self->is_ended)
    wsi_recording_line_fail (line, "type");
  type = wsi_recording_line_get_string (line, "type");
  if (line->error != NULL)
    return;

  if (g_str_equal (type, "connection"))
    wsi_recording_read_row (self, line);
  else if (g_str_equal (type, "event"))
    wsi_recording_read_event (self, line);
  else if (g_str_equal (type, "frame"))
    wsi_recording_read_frame (self, line);
  else if (g_str_equal (type, "end"))
    self->is_ended = TRUE;
}

/* How deep brackets are nested, outside of texts. */
static guint
wsi_recording_measure_depth (const char *text,
                             gsize       length)
{
  guint depth = 0;
  guint deepest = 0;
  gboolean is_text = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (is_text)
        {
          if (text[i] == '\\')
            i++;
          else if (text[i] == '"')
            is_text = FALSE;
        }
      else if (text[i] == '"')
        {
          is_text = TRUE;
        }
      else if (text[i] == '{' || text[i] == '[')
        {
          depth++;
          deepest = MAX (deepest, depth);
        }
      else if ((text[i] == '}' || text[i] == ']') && depth > 0)
        {
          depth--;
        }
    }

  return deepest;
}

static gboolean
wsi_recording_read_line (WsiRecordingReader  *self,
                         const char          *text,
                         gsize                length,
                         GError             **error)
{
  g_autoptr (JsonParser) parser = NULL;
  WsiRecordingLine line = { NULL, 0, NULL };
  JsonNode *root;

  self->n_lines++;
  if (length == 0)
    return TRUE;

  parser = json_parser_new_immutable ();
  if (memchr (text, '\0', length) != NULL || !g_utf8_validate_len (text, length, NULL) ||
      wsi_recording_measure_depth (text, length) > MAX_DEPTH ||
      !json_parser_load_from_data (parser, text, (gssize) length, NULL) ||
      (root = json_parser_get_root (parser)) == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      if (self->source == NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             _("This file is not a recording."));
      else
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                     _("Line %u is not a JSON object."), self->n_lines);
      return FALSE;
    }

  line.object = json_node_get_object (root);
  line.number = self->n_lines;
  wsi_recording_read_object (self, &line);
  if (line.error != NULL)
    {
      g_propagate_error (error, line.error);
      return FALSE;
    }

  return TRUE;
}

/* Reads the whole lines there are. */
static gboolean
wsi_recording_read_lines (WsiRecordingReader  *self,
                          GError             **error)
{
  const char *text = (const char *) self->rest->data;
  gsize begin = 0;
  gsize search = self->n_searched;

  while (search < self->rest->len)
    {
      const char *end = memchr (text + search, '\n', self->rest->len - search);

      if (end == NULL)
        break;
      if (!wsi_recording_read_line (self, text + begin, (gsize) (end - text) - begin, error))
        return FALSE;
      begin = (gsize) (end - text) + 1;
      search = begin;
    }

  if (begin > 0)
    g_byte_array_remove_range (self->rest, 0, (guint) begin);
  self->n_searched = self->rest->len;
  if (self->rest->len > MAX_LINE_BYTES)
    {
      if (self->source == NULL)
        g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                             _("This file is not a recording."));
      else
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                     _("Line %u is too long."), self->n_lines + 1);
      return FALSE;
    }

  return TRUE;
}

static gboolean
wsi_recording_finish (WsiRecordingReader  *self,
                      GError             **error)
{
  if (self->source == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                           _("This file is not a recording."));
      return FALSE;
    }
  if (!self->is_ended || self->rest->len > 0)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                   _("The recording is not complete: it ends in line %u."),
                   self->n_lines + (self->rest->len > 0));
      return FALSE;
    }

  wsi_source_count (self->source);

  return TRUE;
}

static void
wsi_recording_chunk_cb (GObject      *stream,
                        GAsyncResult *result,
                        gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  WsiRecordingReader *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) chunk = NULL;
  gconstpointer bytes;
  gsize size;

  chunk = g_input_stream_read_bytes_finish (G_INPUT_STREAM (stream), result, &error);
  if (chunk == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  bytes = g_bytes_get_data (chunk, &size);
  if (size == 0)
    {
      if (wsi_recording_finish (self, &error))
        g_task_return_pointer (task, g_steal_pointer (&self->source), g_object_unref);
      else
        g_task_return_error (task, error);
      return;
    }

  self->n_bytes += size;
  g_byte_array_append (self->rest, bytes, (guint) size);
  if (self->n_bytes > MAX_FILE_BYTES)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE,
                             _("The recording is too large."));
  else if (!wsi_recording_read_lines (self, &error))
    g_task_return_error (task, error);
  else
    wsi_recording_read (task);
}

static void
wsi_recording_read (GTask *task)
{
  WsiRecordingReader *self = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (self->stream, CHUNK_BYTES, G_PRIORITY_DEFAULT,
                                   g_task_get_cancellable (task),
                                   wsi_recording_chunk_cb, g_object_ref (task));
}

static void
wsi_recording_opened_cb (GObject      *file,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  WsiRecordingReader *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->stream = G_INPUT_STREAM (g_file_read_finish (G_FILE (file), result, &error));
  if (self->stream == NULL)
    g_task_return_error (task, error);
  else
    wsi_recording_read (task);
}

void
wsi_recording_load_async (GFile               *file,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  WsiRecordingReader *self;

  g_return_if_fail (G_IS_FILE (file));

  self = g_new0 (WsiRecordingReader, 1);
  self->rest = g_byte_array_new ();
  task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (task, wsi_recording_load_async);
  g_task_set_task_data (task, self, wsi_recording_reader_free);
  g_file_read_async (file, G_PRIORITY_DEFAULT, cancellable,
                     wsi_recording_opened_cb, g_object_ref (task));
}

WsiSource *
wsi_recording_load_finish (GAsyncResult  *result,
                           GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == wsi_recording_load_async, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
