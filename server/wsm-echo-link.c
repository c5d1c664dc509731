/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-echo-link.h"

#include "wsm-echo-output.h"
#include "wsm-echo-stream.h"

#include <string.h>

/* One accepted connection, from the first byte of its handshake to the end of its socket.
 *
 * It knows how to misbehave; when it does is its path's business.
 */

/* The payload of a control frame, less the code (RFC 6455, 5.5). */
#define MAX_REASON_SIZE 123

/* libsoup sends a frame of any opcode; its own close refuses codes that servers in trouble send. */
#define OPCODE_CLOSE 8

struct _WsmEchoLink
{
  GObject parent_instance;

  /* (owned) */
  GSocketAddress *remote_address;
  /* (owned) */
  WsmEchoStream *stream;
  /* (owned) (nullable): from the request on. */
  char *path;
  /* (owned) (nullable): a handshake that is not answered, or not yet. */
  SoupServerMessage *held_message;
  /* (owned) (nullable): once the handshake is done. */
  SoupWebsocketConnection *websocket;

  /* (owned) (nullable) */
  GSource *handshake_source;
  /* (owned) (nullable) */
  GSource *mute_source;
  /* (owned) (nullable) */
  GSource *drop_source;
  /* (owned) (nullable): while pings are yet to be told of. */
  GSource *pinged_source;

  guint n_handed;
  guint n_written;
  guint n_messages;
  guint n_pings;
  guint n_pings_told;

  guint said_goodbye : 1;
  guint ended : 1;
  guint drop_when_answered : 1;
  guint reset : 1;
};

enum
{
  SIGNAL_MESSAGE = 1,
  SIGNAL_PINGED,
  SIGNAL_ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsmEchoLink, wsm_echo_link, G_TYPE_OBJECT)

static void
wsm_echo_link_clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static GSource *
wsm_echo_link_start_timer (WsmEchoLink *self,
                           guint        after_ms,
                           GSourceFunc  callback,
                           const char  *name)
{
  GSource *source = g_timeout_source_new (after_ms);

  g_source_set_static_name (source, name);
  g_source_set_callback (source, callback, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());

  return source;
}

static void
wsm_echo_link_release_message (WsmEchoLink *self)
{
  g_autoptr (SoupServerMessage) message = g_steal_pointer (&self->held_message);

  wsm_echo_link_clear_source (&self->handshake_source);

  if (message == NULL)
    return;

  /* Nobody reads the status any more. It keeps libsoup from going on with the handshake. */
  if (self->ended)
    soup_server_message_set_status (message, SOUP_STATUS_SERVICE_UNAVAILABLE, NULL);

  soup_server_message_unpause (message);
}

static gboolean
wsm_echo_link_release_websocket_cb (gpointer user_data)
{
  return G_SOURCE_REMOVE;
}

/* libsoup may be in the middle of this very connection: our reference goes when it is back. */
static void
wsm_echo_link_release_websocket (WsmEchoLink *self)
{
  g_autoptr (GSource) source = NULL;

  if (self->websocket == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->websocket, self);

  source = g_idle_source_new ();
  g_source_set_static_name (source, "[wsm-echo] release");
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, wsm_echo_link_release_websocket_cb,
                         g_steal_pointer (&self->websocket), g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static gboolean
wsm_echo_link_handshake_due_cb (gpointer user_data)
{
  wsm_echo_link_release_message (user_data);

  return G_SOURCE_REMOVE;
}

static gboolean
wsm_echo_link_mute_due_cb (gpointer user_data)
{
  WsmEchoLink *self = user_data;

  wsm_echo_link_clear_source (&self->mute_source);
  wsm_echo_link_set_mute (self, TRUE);

  return G_SOURCE_REMOVE;
}

static gboolean
wsm_echo_link_drop_due_cb (gpointer user_data)
{
  WsmEchoLink *self = user_data;

  wsm_echo_link_drop (self, self->reset);

  return G_SOURCE_REMOVE;
}

static void
wsm_echo_link_message_cb (SoupWebsocketConnection *websocket,
                          SoupWebsocketDataType    type,
                          GBytes                  *bytes,
                          gpointer                 user_data)
{
  WsmEchoLink *self = user_data;

  if (self->said_goodbye)
    return;

  self->n_messages++;
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, (guint) type, bytes);
}

static gboolean
wsm_echo_link_is_answered (WsmEchoLink *self)
{
  return self->n_written >= self->n_handed + self->n_pings;
}

static void
wsm_echo_link_tell_pings (WsmEchoLink *self)
{
  wsm_echo_link_clear_source (&self->pinged_source);

  while (self->n_pings_told < self->n_pings)
    {
      self->n_pings_told++;
      g_signal_emit (self, signals[SIGNAL_PINGED], 0);
    }
}

static gboolean
wsm_echo_link_pinged_cb (gpointer user_data)
{
  g_autoptr (WsmEchoLink) self = g_object_ref (user_data);

  wsm_echo_link_tell_pings (self);

  return G_SOURCE_REMOVE;
}

static void
wsm_echo_link_wrote_cb (WsmEchoOutput *output,
                        gpointer       user_data)
{
  WsmEchoLink *self = user_data;
  g_autoptr (WsmEchoLink) keep_alive G_GNUC_UNUSED = g_object_ref (self);

  self->n_written++;

  /* A frame nobody here asked for: libsoup answers a ping, which it shows to nobody. It is in the
   * middle of that, and whoever is told of the ping may want to send. */
  if (self->n_written > self->n_handed + self->n_pings && wsm_echo_link_is_open (self))
    {
      self->n_pings++;
      if (self->pinged_source == NULL)
        self->pinged_source = wsm_echo_link_start_timer (self, 0, wsm_echo_link_pinged_cb,
                                                         "[wsm-echo] pinged");
    }

  if (self->ended || !wsm_echo_link_is_answered (self))
    return;

  if (self->drop_when_answered)
    wsm_echo_link_drop (self, self->reset);
  else if (self->said_goodbye)
    wsm_echo_output_seal (output);
}

static void
wsm_echo_link_stream_ended_cb (WsmEchoStream *stream,
                               gpointer       user_data)
{
  WsmEchoLink *self = user_data;
  guint code = 0;

  self->ended = TRUE;
  wsm_echo_link_tell_pings (self);

  if (self->websocket != NULL)
    code = soup_websocket_connection_get_close_code (self->websocket);
  if (code == 0)
    code = SOUP_WEBSOCKET_CLOSE_ABNORMAL;

  wsm_echo_link_clear_source (&self->mute_source);
  wsm_echo_link_clear_source (&self->drop_source);
  wsm_echo_link_release_message (self);
  wsm_echo_link_release_websocket (self);

  g_signal_emit (self, signals[SIGNAL_ENDED], 0, code);
}

static void
wsm_echo_link_dispose (GObject *object)
{
  WsmEchoLink *self = WSM_ECHO_LINK (object);

  self->ended = TRUE;

  if (self->stream != NULL)
    {
      GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (self->stream));

      g_signal_handlers_disconnect_by_data (output, self);
      g_signal_handlers_disconnect_by_data (self->stream, self);
      wsm_echo_stream_abort (self->stream, FALSE);
    }

  wsm_echo_link_clear_source (&self->mute_source);
  wsm_echo_link_clear_source (&self->drop_source);
  wsm_echo_link_clear_source (&self->pinged_source);
  wsm_echo_link_release_message (self);
  wsm_echo_link_release_websocket (self);
  g_clear_object (&self->stream);

  G_OBJECT_CLASS (wsm_echo_link_parent_class)->dispose (object);
}

static void
wsm_echo_link_finalize (GObject *object)
{
  WsmEchoLink *self = WSM_ECHO_LINK (object);

  g_object_unref (self->remote_address);
  g_free (self->path);

  G_OBJECT_CLASS (wsm_echo_link_parent_class)->finalize (object);
}

static void
wsm_echo_link_class_init (WsmEchoLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_echo_link_dispose;
  object_class->finalize = wsm_echo_link_finalize;

  /* A whole message arrived: its type (a SoupWebsocketDataType) and its payload. */
  signals[SIGNAL_MESSAGE] =
    g_signal_new ("message", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_BYTES);

  /* A ping arrived, and libsoup has answered it. */
  signals[SIGNAL_PINGED] =
    g_signal_new ("pinged", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  /* The socket is closed. The code is that of the peer's close frame, 1006 if there was none. */
  signals[SIGNAL_ENDED] =
    g_signal_new ("ended", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
wsm_echo_link_init (WsmEchoLink *self)
{
}

WsmEchoLink *
wsm_echo_link_new (GSocketConnection *base,
                   GSocketAddress    *remote_address)
{
  WsmEchoLink *self = g_object_new (WSM_TYPE_ECHO_LINK, NULL);

  self->remote_address = g_object_ref (remote_address);
  self->stream = wsm_echo_stream_new (base);
  g_signal_connect (self->stream, "ended", G_CALLBACK (wsm_echo_link_stream_ended_cb), self);

  return self;
}

GSocketAddress *
wsm_echo_link_get_remote_address (WsmEchoLink *self)
{
  return self->remote_address;
}

GIOStream *
wsm_echo_link_get_stream (WsmEchoLink *self)
{
  return G_IO_STREAM (self->stream);
}

const char *
wsm_echo_link_get_path (WsmEchoLink *self)
{
  return self->path;
}

void
wsm_echo_link_set_path (WsmEchoLink *self,
                        const char  *path)
{
  g_free (self->path);
  self->path = g_strdup (path);
}

/* Whether a message that is sent now would leave. */
gboolean
wsm_echo_link_is_open (WsmEchoLink *self)
{
  return !self->ended && !self->said_goodbye && self->websocket != NULL
         && soup_websocket_connection_get_state (self->websocket) == SOUP_WEBSOCKET_STATE_OPEN;
}

/* Messages and pings together, because one may stand for the other as a heartbeat. */
guint
wsm_echo_link_get_n_arrivals (WsmEchoLink *self)
{
  return self->n_messages + self->n_pings;
}

/* Answers the handshake only after @delay_ms; 0 means never. */
void
wsm_echo_link_hold_handshake (WsmEchoLink       *self,
                              SoupServerMessage *message,
                              guint              delay_ms)
{
  g_return_if_fail (self->held_message == NULL);

  if (self->ended)
    return;

  self->held_message = g_object_ref (message);
  soup_server_message_pause (message);

  if (delay_ms > 0)
    self->handshake_source = wsm_echo_link_start_timer (self, delay_ms,
                                                        wsm_echo_link_handshake_due_cb,
                                                        "[wsm-echo] handshake-delay");
  else
    wsm_echo_stream_swallow (self->stream);
}

void
wsm_echo_link_open (WsmEchoLink             *self,
                    SoupWebsocketConnection *websocket)
{
  GOutputStream *output = g_io_stream_get_output_stream (G_IO_STREAM (self->stream));

  g_return_if_fail (self->websocket == NULL);

  self->websocket = g_object_ref (websocket);

  g_signal_connect (websocket, "message", G_CALLBACK (wsm_echo_link_message_cb), self);
  g_signal_connect (output, "wrote", G_CALLBACK (wsm_echo_link_wrote_cb), self);
}

void
wsm_echo_link_set_mute (WsmEchoLink *self,
                        gboolean     mute)
{
  wsm_echo_stream_set_mute (self->stream, mute);
}

void
wsm_echo_link_mute_after (WsmEchoLink *self,
                          guint        after_ms)
{
  wsm_echo_link_clear_source (&self->mute_source);
  self->mute_source = wsm_echo_link_start_timer (self, after_ms, wsm_echo_link_mute_due_cb,
                                                 "[wsm-echo] mute-after");
}

void
wsm_echo_link_set_late (WsmEchoLink *self,
                        guint        late_ms)
{
  wsm_echo_stream_set_late (self->stream, late_ms);
}

void
wsm_echo_link_send (WsmEchoLink           *self,
                    SoupWebsocketDataType  type,
                    GBytes                *bytes)
{
  if (!wsm_echo_link_is_open (self))
    return;

  self->n_handed++;
  soup_websocket_connection_send_message (self->websocket, type, bytes);
}

/* Sends a close frame with any code, also those that no endpoint may send. 1005 sends one without a
 * code. The peer answers and libsoup then ends the connection; a peer that does not answer keeps
 * it.
 */
void
wsm_echo_link_close (WsmEchoLink *self,
                     guint        code,
                     const char  *reason)
{
  g_autoptr (GByteArray) payload = g_byte_array_new ();
  g_autoptr (GBytes) bytes = NULL;
  guint16 network_code = g_htons ((guint16) code);

  g_return_if_fail (reason == NULL || strlen (reason) <= MAX_REASON_SIZE);

  if (!wsm_echo_link_is_open (self))
    return;

  if (code != SOUP_WEBSOCKET_CLOSE_NO_STATUS)
    {
      g_byte_array_append (payload, (const guint8 *) &network_code, sizeof network_code);
      if (reason != NULL)
        g_byte_array_append (payload, (const guint8 *) reason, (guint) strlen (reason));
    }
  bytes = g_byte_array_free_to_bytes (g_steal_pointer (&payload));

  wsm_echo_link_send (self, (SoupWebsocketDataType) OPCODE_CLOSE, bytes);
  self->said_goodbye = TRUE;
}

/* Without a close frame, as a process that was killed. */
void
wsm_echo_link_drop (WsmEchoLink *self,
                    gboolean     reset)
{
  g_autoptr (WsmEchoLink) keep_alive G_GNUC_UNUSED = g_object_ref (self);

  if (!self->ended)
    wsm_echo_stream_abort (self->stream, reset);
}

void
wsm_echo_link_drop_after (WsmEchoLink *self,
                          guint        after_ms,
                          gboolean     reset)
{
  self->reset = !!reset;

  wsm_echo_link_clear_source (&self->drop_source);
  self->drop_source = wsm_echo_link_start_timer (self, after_ms, wsm_echo_link_drop_due_cb,
                                                 "[wsm-echo] drop-after-ms");
}

/* The answers that libsoup still has leave first. */
void
wsm_echo_link_drop_when_answered (WsmEchoLink *self,
                                  gboolean     reset)
{
  self->reset = !!reset;
  self->drop_when_answered = TRUE;

  if (wsm_echo_link_is_answered (self))
    wsm_echo_link_drop (self, reset);
}
