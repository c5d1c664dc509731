/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-soup-transport.h"

#include "wsm-address.h"
#include "wsm-frame-tap.h"
#include "wsm-metered-resolver.h"
#include "wsm-redirect.h"
#include "wsm-socket-probe.h"
#include "wsm-soup-handshake.h"
#include "wsm-soup-link.h"
#include "wsm-system-clock.h"

/* How many handshakes run at once is decided above; libsoup must not queue any, because what
 * waits there cannot be cancelled. */
#define MAX_CONNECTIONS G_MAXINT

#define MAX_EXTENSIONS_LENGTH 1024
#define DEFAULT_MAX_MESSAGE_SIZE (16 * 1024 * 1024)

/* First a handshake, then a link, then neither. */
struct _WsmSoupTransport
{
  WsmTransport parent_instance;

  SoupSession *session; /* (owned) */
  WsmLane *lane;        /* (owned) */
  WsmClock *clock;      /* (owned) */

  WsmSoupHandshake *handshake; /* (owned) (nullable) */
  WsmSoupLink *link;           /* (owned) (nullable) */

  guint64 max_message_size;
  gsize payload_capture;

  guint is_used : 1;
  guint is_aborted : 1;
  guint wants_frames : 1;
};

G_DEFINE_FINAL_TYPE (WsmSoupTransport, wsm_soup_transport, WSM_TYPE_TRANSPORT)

static void
wsm_soup_transport_learn_facts (WsmSoupTransport        *self,
                                SoupMessage             *message,
                                SoupWebsocketConnection *connection)
{
  WsmTransportFacts *facts = wsm_transport_edit_facts (WSM_TRANSPORT (self));
  GSocket *socket = wsm_soup_link_get_socket (self->link);
  const char *extensions =
    soup_message_headers_get_list (soup_message_get_response_headers (message),
                                   "Sec-WebSocket-Extensions");

  facts->protocol = g_strdup (soup_websocket_connection_get_protocol (connection));
  if (extensions != NULL)
    facts->extensions = wsm_address_clean_text (extensions, -1, MAX_EXTENSIONS_LENGTH);
  if (socket != NULL)
    facts->remote_address = wsm_socket_probe_name_peer (socket);
  g_set_object (&facts->peer_certificate, soup_message_get_tls_peer_certificate (message));

  facts->liveness_source = WSM_LIVENESS_SOURCE_MESSAGES;
  if (wsm_soup_link_sees_frames (self->link))
    facts->liveness_source |= WSM_LIVENESS_SOURCE_FRAMES;
  if (wsm_soup_handshake_get_input (self->handshake) != NULL ||
      (socket != NULL && wsm_socket_probe_has_counters (socket)))
    facts->liveness_source |= WSM_LIVENESS_SOURCE_SOCKET;

  facts->limits_enforced = wsm_soup_link_enforces_limits (self->link);
}

static void
wsm_soup_transport_record_handshake (WsmSoupTransport *self,
                                     SoupMessage      *message)
{
  WsmTransportFacts *facts = wsm_transport_edit_facts (WSM_TRANSPORT (self));

  if (!wsm_transport_wants_handshake (WSM_TRANSPORT (self)) ||
      soup_message_get_status (message) == SOUP_STATUS_NONE)
    return;

  g_clear_pointer (&facts->handshake, wsm_handshake_record_unref);
  facts->handshake = wsm_handshake_record_new (message, wsm_clock_get_time_us (self->clock));
}

static void
wsm_soup_transport_handshake_done_cb (WsmSoupHandshake        *handshake,
                                      SoupWebsocketConnection *connection,
                                      WsmFrameTap             *tap,
                                      const WsmEnding         *ending,
                                      gpointer                 user_data)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (user_data);

  wsm_soup_transport_record_handshake (self, wsm_soup_handshake_get_message (handshake));
  if (connection == NULL)
    {
      WsmTransportFacts *facts = wsm_transport_edit_facts (WSM_TRANSPORT (self));

      facts->location =
        g_strdup (wsm_redirect_get_location (wsm_soup_handshake_get_message (handshake)));
      wsm_transport_report_ended (WSM_TRANSPORT (self), ending->reason, ending->error,
                                  ending->close_reason);
    }
  else
    {
      self->link = wsm_soup_link_new (connection, tap,
                                      wsm_soup_handshake_get_input (handshake),
                                      wsm_soup_handshake_get_output (handshake), self->lane,
                                      self->clock,
                                      WSM_TRANSPORT (self));
      if (wsm_soup_handshake_is_plain (handshake))
        wsm_soup_link_set_plain (self->link);
      wsm_soup_link_set_max_message_size (self->link, self->max_message_size);
      wsm_soup_link_set_wants_frames (self->link, self->wants_frames, self->payload_capture);
      wsm_soup_transport_learn_facts (self, wsm_soup_handshake_get_message (handshake), connection);
      wsm_transport_report_opened (WSM_TRANSPORT (self), wsm_clock_get_time_us (self->clock));
    }

  g_clear_pointer (&self->handshake, wsm_soup_handshake_unref);
}

static void
wsm_soup_transport_end (WsmSoupTransport *self)
{
  if (self->handshake != NULL)
    {
      wsm_soup_handshake_cancel (self->handshake);
      g_clear_pointer (&self->handshake, wsm_soup_handshake_unref);
    }

  if (self->link != NULL)
    {
      wsm_soup_link_forget_transport (self->link);
      g_clear_pointer (&self->link, wsm_soup_link_unref);
    }
}

static void
wsm_soup_transport_open (WsmTransport       *transport,
                         SoupMessage        *message,
                         const char         *origin,
                         const char * const *protocols)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  g_return_if_fail (!self->is_used);

  self->is_used = TRUE;
  if (self->is_aborted)
    return;

  self->handshake = wsm_soup_handshake_start (self->session, self->lane, self->clock, message,
                                              origin, protocols,
                                              wsm_soup_transport_handshake_done_cb, self);
}

static void
wsm_soup_transport_send (WsmTransport          *transport,
                         SoupWebsocketDataType  type,
                         GBytes                *message)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  if (self->link != NULL)
    wsm_soup_link_send (self->link, type, message);
}

static void
wsm_soup_transport_ping (WsmTransport *transport,
                         const char   *payload)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  if (self->link != NULL)
    wsm_soup_link_ping (self->link, payload);
}

static void
wsm_soup_transport_abort (WsmTransport *transport)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);
  g_autoptr (WsmReason) reason = NULL;

  if (self->is_aborted)
    return;

  self->is_aborted = TRUE;
  wsm_soup_transport_end (self);

  reason = wsm_reason_new (WSM_REASON_CODE_ABORTED);
  wsm_transport_report_ended (transport, reason, NULL, NULL);
}

static void
wsm_soup_transport_close (WsmTransport *transport,
                          guint         code,
                          const char   *reason)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  /* Before the handshake is over there is nobody to be polite to. */
  if (self->link != NULL)
    wsm_soup_link_close (self->link, code, reason);
  else
    wsm_soup_transport_abort (transport);
}

static void
wsm_soup_transport_mark_next (WsmTransport *transport,
                              WsmMark       mark)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  if (self->link != NULL)
    wsm_soup_link_mark_next (self->link, mark);
}

static gint64
wsm_soup_transport_get_marked_us (WsmTransport *transport,
                                  WsmMark       mark)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  return self->link != NULL ? wsm_soup_link_get_marked_us (self->link, mark) : WSM_MARK_UNSEEN;
}

static void
wsm_soup_transport_query_wire (WsmTransport *transport,
                               WsmWireState *state)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  if (self->link != NULL)
    wsm_soup_link_query_wire (self->link, state);
}

static gboolean
wsm_soup_transport_query_place (WsmTransport *transport,
                                guint64      *place)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  return self->link != NULL && wsm_soup_link_query_place (self->link, place);
}

static void
wsm_soup_transport_set_max_message_size (WsmTransport *transport,
                                         guint64       n_bytes)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  self->max_message_size = n_bytes;
  if (self->link != NULL)
    wsm_soup_link_set_max_message_size (self->link, n_bytes);
}

static void
wsm_soup_transport_set_backlogged (WsmTransport *transport,
                                   gboolean      is_backlogged)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  if (self->link != NULL)
    wsm_soup_link_set_backlogged (self->link, is_backlogged);
}

static void
wsm_soup_transport_set_wants_frames (WsmTransport *transport,
                                     gboolean      wants_frames,
                                     gsize         payload_capture)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (transport);

  self->wants_frames = wants_frames != FALSE;
  self->payload_capture = payload_capture;
  if (self->link != NULL)
    wsm_soup_link_set_wants_frames (self->link, wants_frames, payload_capture);
}

static void
wsm_soup_transport_dispose (GObject *object)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (object);

  self->is_aborted = TRUE;
  wsm_soup_transport_end (self);

  G_OBJECT_CLASS (wsm_soup_transport_parent_class)->dispose (object);
}

static void
wsm_soup_transport_finalize (GObject *object)
{
  WsmSoupTransport *self = WSM_SOUP_TRANSPORT (object);

  g_clear_object (&self->session);
  g_clear_object (&self->clock);
  if (self->lane != NULL)
    wsm_lane_part (self->lane);
  g_clear_pointer (&self->lane, wsm_lane_unref);

  G_OBJECT_CLASS (wsm_soup_transport_parent_class)->finalize (object);
}

static void
wsm_soup_transport_class_init (WsmSoupTransportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  WsmTransportClass *transport_class = WSM_TRANSPORT_CLASS (klass);

  object_class->dispose = wsm_soup_transport_dispose;
  object_class->finalize = wsm_soup_transport_finalize;

  transport_class->open = wsm_soup_transport_open;
  transport_class->send = wsm_soup_transport_send;
  transport_class->ping = wsm_soup_transport_ping;
  transport_class->close = wsm_soup_transport_close;
  transport_class->abort = wsm_soup_transport_abort;
  transport_class->mark_next = wsm_soup_transport_mark_next;
  transport_class->get_marked_us = wsm_soup_transport_get_marked_us;
  transport_class->query_wire = wsm_soup_transport_query_wire;
  transport_class->query_place = wsm_soup_transport_query_place;
  transport_class->set_max_message_size = wsm_soup_transport_set_max_message_size;
  transport_class->set_backlogged = wsm_soup_transport_set_backlogged;
  transport_class->set_wants_frames = wsm_soup_transport_set_wants_frames;
}

static void
wsm_soup_transport_init (WsmSoupTransport *self)
{
  self->max_message_size = DEFAULT_MAX_MESSAGE_SIZE;
}

/* A session fit for many WebSockets. The app may add features to it. */
SoupSession *
wsm_soup_transport_new_session (void)
{
  g_autoptr (GMainContext) context = g_main_context_ref_thread_default ();
  g_autoptr (WsmMeter) meter = wsm_meter_new (context);
  g_autoptr (WsmClock) clock = wsm_system_clock_new ();
  SoupSession *session;

  /* The deadlines are the caller's; libsoup's own restart with each byte that arrives. */
  session = g_object_new (SOUP_TYPE_SESSION,
                          "max-conns", MAX_CONNECTIONS,
                          "max-conns-per-host", MAX_CONNECTIONS,
                          "timeout", 0,
                          "idle-timeout", 0,
                          NULL);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  wsm_frame_tap_add_to_session (session);
  wsm_metered_resolver_add_to_session (session, meter, clock);

  return session;
}

WsmTransport *
wsm_soup_transport_new (SoupSession *session,
                        WsmLane     *lane,
                        WsmClock    *clock,
                        WsmDelivery *delivery)
{
  WsmSoupTransport *self;

  g_return_val_if_fail (SOUP_IS_SESSION (session), NULL);
  g_return_val_if_fail (lane != NULL, NULL);
  g_return_val_if_fail (WSM_IS_CLOCK (clock), NULL);
  g_return_val_if_fail (delivery != NULL, NULL);

  self = g_object_new (WSM_TYPE_SOUP_TRANSPORT, NULL);
  self->session = g_object_ref (session);
  self->lane = wsm_lane_ref (lane);
  wsm_lane_join (lane);
  self->clock = g_object_ref (clock);
  wsm_transport_set_delivery (WSM_TRANSPORT (self), delivery);

  return WSM_TRANSPORT (self);
}
