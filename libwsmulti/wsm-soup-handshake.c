/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-soup-handshake.h"

#include "wsm-metered-proxy.h"
#include "wsm-metered-resolver.h"
#include "wsm-metered-stream.h"
#include "wsm-socket-probe.h"
#include "wsm-soup-ending.h"

/* libsoup reads interim answers for as long as they come, without going back to the main loop;
 * an honest server sends one or two. */
#define MAX_INFORMATIONAL 16

/* Kept alive by libsoup's callback besides its owner, so that the owner may go at any time. */
struct _WsmSoupHandshake
{
  guint ref_count;

  SoupSession *session;      /* (owned) (nullable): until the callback */
  WsmLane *lane;             /* (owned) */
  WsmClock *clock;           /* (owned) */
  WsmMeter *meter;           /* (owned) (nullable) */
  SoupMessage *message;      /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GSocketConnection *stream; /* (owned) (nullable): what was connected last */
  WsmMeteredInput *input;    /* (owned) (nullable): of that, where it is metered */
  WsmMeteredOutput *output;  /* (owned) (nullable): likewise */
  GSource *cancel_source;    /* (owned) (nullable) */

  WsmSoupHandshakeFunc func; /* (nullable): cleared when called or cancelled */
  gpointer user_data;    /* (unowned) (nullable) */

  guint n_informational;
  guint is_metered : 1; /* the attempt under way goes to the server itself */
  guint is_secure : 1; /* by TLS, which closes what is below from another thread */
  guint is_at_proxy : 1; /* that way goes through a proxy, which has not opened it yet */
};

static WsmSoupHandshake *
wsm_soup_handshake_ref (WsmSoupHandshake *self)
{
  self->ref_count++;

  return self;
}

void
wsm_soup_handshake_unref (WsmSoupHandshake *self)
{
  g_return_if_fail (self != NULL);

  if (--self->ref_count > 0)
    return;

  g_clear_object (&self->session);
  g_clear_object (&self->message);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->stream);
  g_clear_object (&self->input);
  g_clear_object (&self->output);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->meter, wsm_meter_unref);
  g_clear_pointer (&self->lane, wsm_lane_unref);
  g_free (self);
}

static void
wsm_soup_handshake_report (WsmSoupHandshake        *self,
                           SoupWebsocketConnection *connection,
                           WsmFrameTap             *tap,
                           const WsmEnding         *ending)
{
  WsmSoupHandshakeFunc func = self->func;

  self->func = NULL;
  if (func != NULL)
    func (self, connection, tap, ending, self->user_data);
}

static gboolean
wsm_soup_handshake_cancel_cb (gpointer user_data)
{
  WsmSoupHandshake *self = user_data;

  wsm_lane_enter (self->lane);
  g_cancellable_cancel (self->cancellable);
  wsm_lane_leave (self->lane);

  return G_SOURCE_REMOVE;
}

/* Cancels once libsoup has returned. */
static void
wsm_soup_handshake_cancel_soon (WsmSoupHandshake *self)
{
  if (self->cancel_source != NULL)
    return;

  self->cancel_source = g_timeout_source_new (0);
  g_source_set_static_name (self->cancel_source, "[wsm] cancel");
  g_source_set_callback (self->cancel_source, wsm_soup_handshake_cancel_cb, self, NULL);
  wsm_lane_attach (self->lane, self->cancel_source);
}

/* Nothing more is said or heard: for where cancelling, which needs the main loop, is too late. */
static void
wsm_soup_handshake_end_now (WsmSoupHandshake *self)
{
  if (self->stream != NULL)
    g_socket_shutdown (g_socket_connection_get_socket (self->stream), TRUE, TRUE, NULL);
  wsm_soup_handshake_cancel_soon (self);
}

/* Before the request is written, which may hold passwords. */
static void
wsm_soup_handshake_check_tls (WsmSoupHandshake *self,
                              GTlsConnection   *connection)
{
  g_auto (WsmEnding) ending = { NULL };

  if (!wsm_soup_ending_read_tls (&ending, connection))
    return;

  wsm_soup_handshake_report (self, NULL, NULL, &ending);
  wsm_soup_handshake_end_now (self);
}

static void
wsm_soup_handshake_message_network_event_cb (SoupMessage        *message,
                                             GSocketClientEvent  event,
                                             GIOStream          *stream,
                                             WsmSoupHandshake   *self)
{
  if (event == G_SOCKET_CLIENT_CONNECTING && G_IS_SOCKET_CONNECTION (stream))
    {
      g_autoptr (GSocketAddress) address =
        g_socket_connection_get_remote_address (G_SOCKET_CONNECTION (stream), NULL);

      self->is_metered = wsm_metered_proxy_is_address (address) != FALSE;
    }
  else if (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (stream))
    g_set_object (&self->stream, G_SOCKET_CONNECTION (stream));
  else if (event == G_SOCKET_CLIENT_PROXY_NEGOTIATED && WSM_IS_METERED_STREAM (stream))
    {
      g_set_object (&self->input, wsm_metered_stream_get_input (WSM_METERED_STREAM (stream)));
      g_set_object (&self->output, wsm_metered_stream_get_output (WSM_METERED_STREAM (stream)));
    }
  else if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING)
    self->is_secure = TRUE;
  else if (event == G_SOCKET_CLIENT_TLS_HANDSHAKED && G_IS_TLS_CONNECTION (stream))
    wsm_soup_handshake_check_tls (self, G_TLS_CONNECTION (stream));

  if (event == G_SOCKET_CLIENT_PROXY_NEGOTIATING)
    self->is_at_proxy = !self->is_metered;
  else if (event == G_SOCKET_CLIENT_PROXY_NEGOTIATED)
    self->is_at_proxy = FALSE;

  /* Up to here TLS may have read from another thread; nothing of HTTP was read yet. */
  if (event == G_SOCKET_CLIENT_COMPLETE && self->input != NULL && self->meter != NULL)
    {
      wsm_metered_input_use_meter (self->input, self->meter, self->clock);
      wsm_metered_output_use_clock (self->output, self->clock);
    }
}

/* Whatever proxy there is, it has been asked for a tunnel in a message of its own. But libsoup adds
 * the password for it to this one too, which goes through the tunnel. */
static void
wsm_soup_handshake_message_starting_cb (SoupMessage      *message,
                                        WsmSoupHandshake *self)
{
  soup_message_headers_remove (soup_message_get_request_headers (message), "Proxy-Authorization");
}

static void
wsm_soup_handshake_message_got_informational_cb (SoupMessage      *message,
                                                 WsmSoupHandshake *self)
{
  g_auto (WsmEnding) ending = { NULL };

  if (soup_message_get_status (message) == SOUP_STATUS_SWITCHING_PROTOCOLS ||
      ++self->n_informational < MAX_INFORMATIONAL)
    return;

  wsm_soup_ending_read_response (&ending, message);
  wsm_soup_handshake_report (self, NULL, NULL, &ending);
  wsm_soup_handshake_end_now (self);
}

/* A refusal is known from its headers; its body is of no use and may never end. */
static void
wsm_soup_handshake_message_got_headers_cb (SoupMessage      *message,
                                           WsmSoupHandshake *self)
{
  g_auto (WsmEnding) ending = { NULL };
  guint status = soup_message_get_status (message);
  gboolean may_try_again;

  /* With these libsoup may try once more, with a password. */
  may_try_again = status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_PROXY_UNAUTHORIZED;
  if (!may_try_again)
    {
      wsm_soup_ending_read_response (&ending, message);
      wsm_soup_handshake_report (self, NULL, NULL, &ending);
    }

  /* No handshake uses a connection a second time, but libsoup would keep this one for that. */
  soup_message_headers_replace (soup_message_get_response_headers (message), "Connection",
                                "close");
  if (!may_try_again)
    wsm_soup_handshake_cancel_soon (self);
}

/* GIO took the server for a proxy and says so, which helps nobody. */
static void
wsm_soup_handshake_mend_error (WsmSoupHandshake *self,
                               GError           *error)
{
  const char *host = g_uri_get_host (soup_message_get_uri (self->message));
  const char *cause = g_strrstr (error->message, ": ");
  char *message;

  if (!self->is_metered || self->stream != NULL || error->domain != G_IO_ERROR || cause == NULL)
    return;

  message = g_strdup_printf ("Could not connect to %s%s", host, cause);
  g_free (error->message);
  error->message = message;
}

static void
wsm_soup_handshake_session_connected_cb (GObject      *source,
                                         GAsyncResult *result,
                                         gpointer      user_data)
{
  g_autoptr (WsmSoupHandshake) self = user_data;
  g_autoptr (SoupWebsocketConnection) connection = NULL;
  g_autoptr (WsmFrameTap) tap = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (WsmEnding) ending = { NULL };

  connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  tap = wsm_frame_tap_settle (self->message, connection);
  g_signal_handlers_disconnect_by_data (self->message, self);
  wsm_lane_remove (self->lane, G_OBJECT (self->message));

  if (self->cancel_source != NULL)
    {
      g_source_destroy (self->cancel_source);
      g_clear_pointer (&self->cancel_source, g_source_unref);
    }

  if (connection == NULL)
    {
      wsm_soup_handshake_mend_error (self, error);
      wsm_soup_ending_read_handshake (&ending, self->message, error);
      if (self->is_at_proxy)
        wsm_soup_ending_blame_proxy (&ending);
    }

  wsm_lane_enter (self->lane);
  if (connection != NULL && self->func == NULL && self->stream != NULL)
    g_socket_shutdown (g_socket_connection_get_socket (self->stream), TRUE, TRUE, NULL);

  if (connection != NULL)
    wsm_soup_handshake_report (self, connection, tap, NULL);
  else
    wsm_soup_handshake_report (self, NULL, NULL, &ending);
  g_clear_object (&connection);
  wsm_lane_leave (self->lane);

  g_clear_object (&self->stream);
  g_clear_object (&self->session);
}

/* The function is not called before this has returned. */
WsmSoupHandshake *
wsm_soup_handshake_start (SoupSession          *session,
                          WsmLane              *lane,
                          WsmClock             *clock,
                          SoupMessage          *message,
                          const char           *origin,
                          const char * const   *protocols,
                          WsmSoupHandshakeFunc  func,
                          gpointer              user_data)
{
  WsmSoupHandshake *self;
  WsmMeter *meter;

  g_return_val_if_fail (SOUP_IS_SESSION (session), NULL);
  g_return_val_if_fail (lane != NULL, NULL);
  g_return_val_if_fail (WSM_IS_CLOCK (clock), NULL);
  g_return_val_if_fail (SOUP_IS_MESSAGE (message), NULL);
  g_return_val_if_fail (func != NULL, NULL);

  self = g_new0 (WsmSoupHandshake, 1);
  self->ref_count = 1;
  self->session = g_object_ref (session);
  self->lane = wsm_lane_ref (lane);
  self->clock = g_object_ref (clock);
  meter = wsm_metered_resolver_find_meter (session);
  if (meter != NULL)
    self->meter = wsm_meter_ref (meter);
  self->message = g_object_ref (message);
  self->cancellable = g_cancellable_new ();
  self->func = func;
  self->user_data = user_data;

  /* libsoup follows wss: to ws: and takes headers of the app along to other hosts. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);

  wsm_frame_tap_prepare (message);
  g_signal_connect (message, "network-event",
                    G_CALLBACK (wsm_soup_handshake_message_network_event_cb), self);
  g_signal_connect_after (message, "starting",
                          G_CALLBACK (wsm_soup_handshake_message_starting_cb), self);
  g_signal_connect (message, "got-informational",
                    G_CALLBACK (wsm_soup_handshake_message_got_informational_cb), self);
  g_signal_connect (message, "got-headers",
                    G_CALLBACK (wsm_soup_handshake_message_got_headers_cb), self);

  wsm_lane_add (lane, G_OBJECT (message));
  wsm_lane_enter (lane);
  soup_session_websocket_connect_async (session, message, origin, (char **) protocols,
                                        G_PRIORITY_DEFAULT, self->cancellable,
                                        wsm_soup_handshake_session_connected_cb,
                                        wsm_soup_handshake_ref (self));
  wsm_lane_leave (lane);

  return self;
}

/* After this the function is not called any more. */
void
wsm_soup_handshake_cancel (WsmSoupHandshake *self)
{
  g_return_if_fail (self != NULL);

  self->func = NULL;
  wsm_soup_handshake_cancel_soon (self);
}

SoupMessage *
wsm_soup_handshake_get_message (WsmSoupHandshake *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->message;
}

/* What the connection reads from; NULL where it is not metered. */
WsmMeteredInput *
wsm_soup_handshake_get_input (WsmSoupHandshake *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->input;
}

/* What the connection writes to; NULL likewise. */
WsmMeteredOutput *
wsm_soup_handshake_get_output (WsmSoupHandshake *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->output;
}

/* Whether libsoup itself reads and writes what is metered. */
gboolean
wsm_soup_handshake_is_plain (WsmSoupHandshake *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->input != NULL && !self->is_secure;
}
