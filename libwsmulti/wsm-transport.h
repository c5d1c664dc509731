/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsm-delivery.h"
#include "wsm-enums.h"
#include "wsm-frame-private.h"
#include "wsm-handshake-record.h"
#include "wsm-reason-private.h"
#include "wsm-scheduler.h"

G_BEGIN_DECLS

/* One socket, from its handshake to its end: the one seam towards the network. A transport
 * serves one attempt and is thrown away; whoever made it hears of it through a sink, never from
 * inside the code below but from the delivery. */
#define WSM_TYPE_TRANSPORT (wsm_transport_get_type ())

G_DECLARE_DERIVABLE_TYPE (WsmTransport, wsm_transport, WSM, TRANSPORT, GObject)

/* What the socket itself can tell; asked once, before a verdict. */
typedef struct
{
  gboolean is_past;      /* it is gone, and this is how it was seen last */
  gboolean readable;     /* bytes wait that nobody has looked at */
  gboolean has_counters; /* the fields below hold */
  guint64 n_bytes_received;
  gint64 last_received_us; /* monotonic */
  guint64 n_bytes_acked;
  gint64 last_acked_us; /* monotonic: when the peer last acknowledged anything */
  guint64 n_bytes_unacked; /* handed to the kernel, sent or not, and not acknowledged */
} WsmWireState;

/* What is asked about when it has left. */
typedef enum
{
  WSM_MARK_BEAT,
  WSM_MARK_PING, /* that the app asked for */
  WSM_N_MARKS,
} WsmMark;

/* Instead of the time at which it left. */
#define WSM_MARK_WAITS 0    /* it has not */
#define WSM_MARK_UNSEEN (-1) /* nobody can tell */

/* How a socket, or an attempt to get one, ended. */
typedef struct
{
  WsmReason *reason; /* (owned): code and numbers */
  GError *error;     /* (owned) (nullable) */
  char *close_reason; /* (owned) (nullable): valid UTF-8, of the peer's close frame */
} WsmEnding;

/* Called from the delivery's source, in order, until the ending or until let go. The time of a
 * message or a pong is that at which it arrived, as far as that is known. */
typedef struct
{
  void (*opened)  (WsmTransport          *transport,
                   gpointer               user_data);
  void (*message) (WsmTransport          *transport,
                   SoupWebsocketDataType  type,
                   GBytes                *message,
                   gint64                 time_us,
                   gpointer               user_data);
  /* payload: ASCII text of an own ping, or "" when the pong was empty or foreign to text */
  void (*pong)    (WsmTransport          *transport,
                   const char            *payload,
                   gint64                 time_us,
                   gpointer               user_data);
  /* another frame than those above was seen (a ping, a fragment): life, nothing more */
  void (*life)    (WsmTransport          *transport,
                   gint64                 time_us,
                   gpointer               user_data);
  /* only while frames are asked for */
  void (*frame)   (WsmTransport          *transport,
                   const WsmFrame        *frame,
                   gpointer               user_data);
  /* what was handed over has left; the next message may follow */
  void (*drained) (WsmTransport          *transport,
                   gpointer               user_data);
  /* the peer's close frame came, or an error made the rest worthless; ended will follow */
  void (*ended)   (WsmTransport          *transport,
                   const WsmEnding       *ending,
                   gpointer               user_data);
} WsmTransportSink;

struct _WsmTransportClass
{
  GObjectClass parent_class;

  void      (*open)                 (WsmTransport          *self,
                                     SoupMessage           *message,
                                     const char            *origin,
                                     const char * const    *protocols);
  void      (*send)                 (WsmTransport          *self,
                                     SoupWebsocketDataType  type,
                                     GBytes                *message);
  void      (*ping)                 (WsmTransport          *self,
                                     const char            *payload);
  void      (*close)                (WsmTransport          *self,
                                     guint                  code,
                                     const char            *reason);
  void      (*abort)                (WsmTransport          *self);
  void      (*query_wire)           (WsmTransport          *self,
                                     WsmWireState          *state);
  gboolean  (*query_place)          (WsmTransport          *self,
                                     guint64               *place);
  void      (*set_max_message_size) (WsmTransport          *self,
                                     guint64                n_bytes);
  /* the message or ping that follows is the one to ask about; both may be NULL */
  void      (*mark_next)            (WsmTransport          *self,
                                     WsmMark                mark);
  gint64    (*get_marked_us)        (WsmTransport          *self,
                                     WsmMark                mark);
  /* much of what was reported waits to be delivered, or no more; may be NULL */
  void      (*set_backlogged)       (WsmTransport          *self,
                                     gboolean               is_backlogged);
  void      (*set_wants_frames)     (WsmTransport          *self,
                                     gboolean               wants_frames,
                                     gsize                  payload_capture);
};

/* Filled by the implementation before it reports; the sink's owner reads them. */
struct _WsmTransportFacts
{
  char *protocol;                   /* (owned) (nullable) */
  char *extensions;                 /* (owned) (nullable) */
  char *remote_address;             /* (owned) (nullable) */
  GTlsCertificate *peer_certificate; /* (owned) (nullable) */
  char *location;                   /* (owned) (nullable): as written, of a redirection */
  WsmLivenessSource liveness_source;
  gboolean limits_enforced;
  WsmHandshakeRecord *handshake; /* (owned) (nullable): if it is wanted, and was answered */
};
typedef struct _WsmTransportFacts WsmTransportFacts;

/* For whoever drives it. */
void                     wsm_transport_connect_sink         (WsmTransport           *self,
                                                             const WsmTransportSink *sink,
                                                             gpointer                user_data);
void                     wsm_transport_let_go               (WsmTransport           *self);
const WsmTransportFacts *wsm_transport_get_facts            (WsmTransport           *self);
gint64                   wsm_transport_get_last_received_us (WsmTransport           *self);

void                     wsm_transport_want_handshake       (WsmTransport           *self);
void                     wsm_transport_open                 (WsmTransport           *self,
                                                             SoupMessage            *message,
                                                             const char             *origin,
                                                             const char * const     *protocols);
void                     wsm_transport_send                 (WsmTransport           *self,
                                                             SoupWebsocketDataType   type,
                                                             GBytes                 *message);
void                     wsm_transport_ping                 (WsmTransport           *self,
                                                             const char             *payload);
void                     wsm_transport_close                (WsmTransport           *self,
                                                             guint                   code,
                                                             const char             *reason);
void                     wsm_transport_abort                (WsmTransport           *self);
void                     wsm_transport_mark_next            (WsmTransport           *self,
                                                             WsmMark                 mark);
gint64                   wsm_transport_get_marked_us        (WsmTransport           *self,
                                                             WsmMark                 mark);
gint64                   wsm_transport_measure_us           (WsmTransport           *self,
                                                             WsmMark                 mark,
                                                             gint64                  handed_over_us,
                                                             gint64                  arrived_us,
                                                             WsmScheduler           *scheduler);
void                     wsm_transport_query_wire           (WsmTransport           *self,
                                                             WsmWireState           *state);
gboolean                 wsm_transport_query_place          (WsmTransport           *self,
                                                             guint64                *place);
void                     wsm_transport_set_max_message_size (WsmTransport           *self,
                                                             guint64                 n_bytes);
void                     wsm_transport_set_wants_frames     (WsmTransport           *self,
                                                             gboolean                wants_frames,
                                                             gsize                   payload_capture);

/* For implementations: each writes down what happened, stamped with time_us, and returns. Nothing
 * passed changes its owner. */
void                     wsm_transport_set_delivery         (WsmTransport           *self,
                                                             WsmDelivery            *delivery);
gboolean                 wsm_transport_wants_handshake      (WsmTransport           *self);
WsmTransportFacts       *wsm_transport_edit_facts           (WsmTransport           *self);
void                     wsm_transport_note_life            (WsmTransport           *self,
                                                             gint64                  time_us);
void                     wsm_transport_report_opened        (WsmTransport           *self,
                                                             gint64                  time_us);
void                     wsm_transport_report_message       (WsmTransport           *self,
                                                             SoupWebsocketDataType   type,
                                                             GBytes                 *message,
                                                             gint64                  time_us);
void                     wsm_transport_report_pong          (WsmTransport           *self,
                                                             const char             *payload,
                                                             gsize                   length,
                                                             gint64                  time_us);
void                     wsm_transport_report_life          (WsmTransport           *self,
                                                             gint64                  time_us);
void                     wsm_transport_report_frame         (WsmTransport           *self,
                                                             const WsmFrame         *frame);
void                     wsm_transport_report_drained       (WsmTransport           *self);
void                     wsm_transport_report_ended         (WsmTransport           *self,
                                                             const WsmReason        *reason,
                                                             const GError           *error,
                                                             const char             *close_reason);

G_END_DECLS
