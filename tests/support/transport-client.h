/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsm-error.h"
#include "wsm-soup-transport.h"

#include "raw-server.h"

G_BEGIN_DECLS

/* What is left of a transport is gone after this long (a promise of the library). */
#define RELEASE_MS 100

#define DEADLINE_MS 10000

#define WAIT_WITHIN(condition, milliseconds) \
  G_STMT_START { \
    gint64 wait_end = g_get_monotonic_time () + (gint64) (milliseconds) * 1000; \
    while (!(condition)) \
      { \
        g_assert_cmpint (g_get_monotonic_time (), <, wait_end); \
        loop_turn (); \
      } \
  } G_STMT_END

#define WAIT_FOR(condition) WAIT_WITHIN (condition, DEADLINE_MS)

/* A transport, and what it told so far. */
typedef struct
{
  WsmTransport *transport; /* (owned) (nullable) */
  gpointer alive;          /* (unowned) (nullable): cleared when the transport is gone */

  GString *log;        /* (owned): one word an event */
  GPtrArray *messages; /* (owned) (element-type GBytes) */
  GPtrArray *frames;   /* (owned) (element-type WsmFrame) */
  char *pong;          /* (owned) (nullable): the last one */
  gint64 pong_us;      /* when that arrived */
  WsmReason *reason;   /* (owned) (nullable) */
  GError *error;       /* (owned) (nullable) */
  char *close_reason;  /* (owned) (nullable) */
  guint n_opened;
  guint n_life;
  guint n_drained;
  guint n_pongs;
  guint n_ended;
} Client;

/* What transports need, and perhaps a server; taking it down sees to it that nothing is left. */
typedef struct
{
  SoupSession *session;  /* (owned) */
  WsmLane *lane;         /* (owned) */
  WsmClock *clock;       /* (owned) */
  WsmDelivery *delivery; /* (owned) */
  RawServer *raw;        /* (owned) (nullable) */
  guint n_sockets;       /* open before */

  GUri *uri;     /* (owned) (nullable): of the next client */
  char *headers; /* (owned) (nullable): of the raw server's answer, or all of it */
} Fixture;

/* A server that keeps to the protocol and echoes. */
typedef struct
{
  SoupServer *server;                  /* (owned) */
  SoupWebsocketConnection *connection; /* (owned) (nullable): the last one */
  guint n_connecting; /* whose handshake of TLS is under way */
  guint n_closed;
  guint close_code;
} Honest;

void             loop_turn                (void);
void             loop_run_for             (guint            milliseconds);

Client          *client_new               (Fixture         *fixture);
void             client_open              (Client          *client,
                                           Fixture         *fixture);
void             client_drop              (Client          *client);
void             client_free              (Client          *client);
void             client_send_text         (Client          *client,
                                           const char      *text);
const char      *client_get_text          (Client          *client,
                                           guint            i);

void             fixture_set_up           (Fixture         *fixture,
                                           gconstpointer    data);
void             fixture_tear_down        (Fixture         *fixture,
                                           gconstpointer    data);
void             fixture_warm_up          (void);
void             fixture_use_uri          (Fixture         *fixture,
                                           const char      *text);
void             fixture_use_raw_server   (Fixture         *fixture,
                                           RawServerFunc    func);
void             fixture_use_tls          (Fixture         *fixture);
Client          *fixture_open_raw_client  (Fixture         *fixture);
GTlsCertificate *fixture_load_certificate (void);

void             fixture_raw_accept_cb    (RawPeer         *peer,
                                           const char      *request,
                                           gpointer         user_data);
void             fixture_raw_glue_cb      (RawPeer         *peer,
                                           const char      *request,
                                           gpointer         user_data);
void             fixture_raw_silent_cb    (RawPeer         *peer,
                                           const char      *request,
                                           gpointer         user_data);

Honest          *honest_new               (Fixture         *fixture,
                                           GTlsCertificate *certificate);
void             honest_free              (Honest          *honest);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Client, client_free)

G_END_DECLS
