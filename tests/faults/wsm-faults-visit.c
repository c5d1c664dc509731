/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-visit.h"

#include <string.h>

#define HANDSHAKE_PREFIX "/handshake/"
#define DEFLATE_HEADER "Sec-WebSocket-Extensions: permessage-deflate\r\n"

struct _WsmFaultsVisit
{
  WsmFaultsServer *server; /* (unowned) */
  RawPeer *peer;           /* (unowned): which owns this */

  char *request;           /* (owned) */
  char *query;             /* (owned) (nullable) */
  char *argument;          /* (owned) (nullable) */
  const WsmFault *fault;   /* (unowned) (nullable): there is nothing like that here */

  gboolean is_open;        /* the handshake was honest */
  gboolean waits_for_message;
  GBytes *kept;            /* (owned) (nullable): for later */

  GSource *timer;          /* (owned) (nullable) */
  gboolean (*step) (WsmFaultsVisit *visit);
  guint n_steps;
};

static const WsmFault * const tables[] = {
  wsm_faults_of_handshakes,
  wsm_faults_of_frames,
  wsm_faults_of_answers,
  wsm_faults_of_compression,
  wsm_faults_of_endings,
};

static const WsmFault *
wsm_faults_find (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      for (const WsmFault *fault = tables[i]; fault->path != NULL; fault++)
        {
          if (g_str_equal (fault->path, path))
            return fault;
        }
    }

  return NULL;
}

/* The last word of a path may be an argument. */
static void
wsm_faults_visit_find_fault (WsmFaultsVisit *self,
                             char           *path)
{
  char *slash = strrchr (path, '/');

  self->fault = wsm_faults_find (path);
  if (self->fault != NULL || slash == path)
    return;

  *slash = '\0';
  self->fault = wsm_faults_find (path);
  self->argument = g_strdup (slash + 1);
}

/* A client that has not even asked for a path gets the first word of whatever it said. */
WsmFaultsVisit *
wsm_faults_visit_new (WsmFaultsServer *server,
                      RawPeer         *peer,
                      const char      *request)
{
  WsmFaultsVisit *self = g_new0 (WsmFaultsVisit, 1);
  g_auto (GStrv) words = g_strsplit_set (request, " \r\n", 3);
  const char *target = g_strv_length (words) > 1 ? words[1] : "/";
  g_auto (GStrv) parts = g_strsplit (target, "?", 2);

  self->server = server;
  self->peer = peer;
  self->request = g_strdup (request);
  self->query = g_strdup (parts[0] != NULL ? parts[1] : NULL);
  if (parts[0] != NULL && *parts[0] == '/')
    wsm_faults_visit_find_fault (self, parts[0]);

  return self;
}

static void
wsm_faults_visit_clear_timer (WsmFaultsVisit *self)
{
  if (self->timer == NULL)
    return;

  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

void
wsm_faults_visit_free (WsmFaultsVisit *self)
{
  wsm_faults_visit_clear_timer (self);
  g_free (self->request);
  g_free (self->query);
  g_free (self->argument);
  g_clear_pointer (&self->kept, g_bytes_unref);
  g_free (self);
}

static gboolean
wsm_faults_visit_timer_cb (gpointer user_data)
{
  WsmFaultsVisit *self = user_data;
  GSource *timer = g_main_current_source ();

  if (self->step (self))
    {
      self->n_steps++;
      return G_SOURCE_CONTINUE;
    }

  /* The step may have begun something else. */
  if (self->timer == timer)
    g_clear_pointer (&self->timer, g_source_unref);

  return G_SOURCE_REMOVE;
}

/* Does one step after the other until one says that it was the last, or the client is gone. */
void
wsm_faults_visit_repeat (WsmFaultsVisit *self,
                         guint           interval_ms,
                         gboolean      (*step) (WsmFaultsVisit *visit))
{
  wsm_faults_visit_clear_timer (self);
  self->step = step;
  self->n_steps = 0;
  self->timer = g_timeout_source_new (interval_ms);
  g_source_set_callback (self->timer, wsm_faults_visit_timer_cb, self, NULL);
  g_source_attach (self->timer, NULL);
}

/* How many steps were done before this one. */
guint
wsm_faults_visit_get_n_steps (WsmFaultsVisit *self)
{
  return self->n_steps;
}

/* What is in the option `then` is said as if nothing had happened. */
static gboolean
wsm_faults_visit_start_step (WsmFaultsVisit *self)
{
  g_autofree char *then = wsm_faults_visit_dup_option (self, "then");

  if (self->fault->start != NULL)
    self->fault->start (self);
  if (then != NULL)
    raw_peer_write_frame (self->peer, FINAL_TEXT, then, strlen (then));

  return G_SOURCE_REMOVE;
}

static gboolean
wsm_faults_visit_is_compressed (WsmFaultsVisit *self)
{
  return g_str_has_prefix (self->fault->path, WSM_FAULTS_DEFLATE_PREFIX) &&
         strstr (self->request, "permessage-deflate") != NULL;
}

/* The client has got an honest answer, and frames follow. */
void
wsm_faults_visit_note_open (WsmFaultsVisit *self)
{
  self->is_open = TRUE;
  wsm_faults_server_count (self->server, WSM_FAULTS_COUNT_HANDSHAKES);
}

static void
wsm_faults_visit_open (WsmFaultsVisit *self)
{
  g_autofree char *on = wsm_faults_visit_dup_option (self, "on");
  guint after_ms = wsm_faults_visit_get_option (self, "after", 0);

  raw_peer_accept (self->peer, wsm_faults_visit_is_compressed (self) ? DEFLATE_HEADER : NULL);
  wsm_faults_visit_note_open (self);

  if (g_strcmp0 (on, "message") == 0)
    self->waits_for_message = TRUE;
  else if (after_ms > 0)
    wsm_faults_visit_repeat (self, after_ms, wsm_faults_visit_start_step);
  else
    wsm_faults_visit_start_step (self);
}

/* The request has come. */
void
wsm_faults_visit_begin (WsmFaultsVisit *self)
{
  if (self->fault == NULL)
    raw_peer_write_text (self->peer, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  else if (g_str_has_prefix (self->fault->path, HANDSHAKE_PREFIX))
    self->fault->start (self);
  else
    wsm_faults_visit_open (self);
}

static guint
read_close_code (GBytes *payload)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (payload, &size);

  return size < 2 ? 1005 : (guint) data[0] << 8 | data[1];
}

static void
wsm_faults_visit_note (WsmFaultsVisit *self,
                       guint           opcode,
                       GBytes         *payload)
{
  switch (opcode)
    {
    case OPCODE_TEXT:
    case OPCODE_BINARY:
      wsm_faults_server_count (self->server, WSM_FAULTS_COUNT_MESSAGES);
      break;
    case OPCODE_PING:
      wsm_faults_server_count (self->server, WSM_FAULTS_COUNT_PINGS);
      break;
    case OPCODE_PONG:
      wsm_faults_server_count (self->server, WSM_FAULTS_COUNT_PONGS);
      break;
    case OPCODE_CLOSE:
      wsm_faults_server_note_close (self->server, read_close_code (payload));
      break;
    default:
      break;
    }
}

static void
wsm_faults_visit_take_honestly (WsmFaultsVisit *self,
                                guint           opcode,
                                GBytes         *payload)
{
  gsize size;
  const void *data = g_bytes_get_data (payload, &size);

  switch (opcode)
    {
    case OPCODE_TEXT:
    case OPCODE_BINARY:
      raw_peer_write_frame (self->peer, 0x80 | opcode, data, size);
      break;
    case OPCODE_PING:
      raw_peer_write_frame (self->peer, FINAL_PONG, data, size);
      break;
    case OPCODE_CLOSE:
      raw_peer_write_frame (self->peer, 0x80 | opcode, data, size);
      raw_peer_finish (self->peer);
      break;
    default:
      break;
    }
}

static void
wsm_faults_visit_take (WsmFaultsVisit *self,
                       guint           opcode,
                       GBytes         *payload)
{
  gboolean is_message = opcode == OPCODE_TEXT || opcode == OPCODE_BINARY;

  wsm_faults_visit_note (self, opcode, payload);
  if (self->waits_for_message && is_message)
    {
      self->waits_for_message = FALSE;
      wsm_faults_visit_start_step (self);
      return;
    }

  if (self->waits_for_message || self->fault->take == NULL ||
      !self->fault->take (self, opcode, payload))
    wsm_faults_visit_take_honestly (self, opcode, payload);
}

/* Something has come, the end of the stream perhaps. */
void
wsm_faults_visit_read (WsmFaultsVisit *self)
{
  GBytes *payload;
  guint opcode;

  while (self->is_open && raw_peer_take_frame (self->peer, &opcode, &payload))
    {
      wsm_faults_visit_take (self, opcode, payload);
      g_bytes_unref (payload);
    }

  if (raw_peer_is_finished (self->peer))
    {
      wsm_faults_visit_clear_timer (self);
      raw_peer_finish (self->peer);
    }
}

char **
wsm_faults_visit_dup_paths (void)
{
  g_autoptr (GStrvBuilder) paths = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      for (const WsmFault *fault = tables[i]; fault->path != NULL; fault++)
        {
          g_autofree char *path = NULL;

          if (fault->placeholder != NULL)
            path = g_strconcat (fault->path, "/", fault->placeholder, NULL);
          g_strv_builder_add (paths, path != NULL ? path : fault->path);
        }
    }

  return g_strv_builder_end (paths);
}

RawPeer *
wsm_faults_visit_get_peer (WsmFaultsVisit *self)
{
  return self->peer;
}

const char *
wsm_faults_visit_get_request (WsmFaultsVisit *self)
{
  return self->request;
}

/* NULL if there is none. */
const char *
wsm_faults_visit_get_argument (WsmFaultsVisit *self)
{
  return self->argument;
}

guint64
wsm_faults_visit_get_number (WsmFaultsVisit *self,
                             guint64         otherwise)
{
  return self->argument != NULL ? g_ascii_strtoull (self->argument, NULL, 10) : otherwise;
}

char *
wsm_faults_visit_dup_option (WsmFaultsVisit *self,
                             const char     *name)
{
  GUriParamsIter iter;
  char *attribute;
  char *value;

  if (self->query == NULL)
    return NULL;

  g_uri_params_iter_init (&iter, self->query, -1, "&", G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &attribute, &value, NULL))
    {
      gboolean is_it = g_str_equal (attribute, name);

      g_free (attribute);
      if (is_it)
        return value;
      g_free (value);
    }

  return NULL;
}

guint
wsm_faults_visit_get_option (WsmFaultsVisit *self,
                             const char     *name,
                             guint           otherwise)
{
  g_autofree char *value = wsm_faults_visit_dup_option (self, name);

  return value != NULL ? (guint) g_ascii_strtoull (value, NULL, 10) : otherwise;
}

/* All options as the lines of a head, in their order and as often as they are there. */
char *
wsm_faults_visit_dup_headers (WsmFaultsVisit *self)
{
  GString *lines = g_string_new (NULL);
  GUriParamsIter iter;
  char *attribute;
  char *value;

  g_uri_params_iter_init (&iter, self->query != NULL ? self->query : "", -1, "&",
                          G_URI_PARAMS_WWW_FORM);
  while (g_uri_params_iter_next (&iter, &attribute, &value, NULL))
    {
      g_string_append_printf (lines, "%s: %s\r\n", attribute, value);
      g_free (attribute);
      g_free (value);
    }

  return g_string_free (lines, FALSE);
}

void
wsm_faults_visit_write (WsmFaultsVisit *self,
                        GBytes         *bytes)
{
  raw_peer_write (self->peer, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
}

/* One payload, until it is needed. */
void
wsm_faults_visit_keep (WsmFaultsVisit *self,
                       GBytes         *payload)
{
  g_bytes_ref (payload);
  g_clear_pointer (&self->kept, g_bytes_unref);
  self->kept = payload;
}

GBytes *
wsm_faults_visit_get_kept (WsmFaultsVisit *self)
{
  return self->kept;
}

/* What is no digit ends it. */
GBytes *
wsm_faults_parse_hex (const char *hex)
{
  GByteArray *bytes = g_byte_array_new ();

  while (g_ascii_isxdigit (hex[0]) && g_ascii_isxdigit (hex[1]))
    {
      guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));

      g_byte_array_append (bytes, &byte, 1);
      hex += 2;
    }

  return g_byte_array_free_to_bytes (bytes);
}
