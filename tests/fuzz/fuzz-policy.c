/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include "wsm-backoff-private.h"
#include "wsm-frame-tap.h"
#include "wsm-soup-transport.h"
#include "wsm-system-clock.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gunixsocketaddress.h>

/* What a server answers to a handshake, and what becomes of it: which status, Retry-After or close
 * code leads to which end or delay. The answer goes through libsoup, by way of a local socket. */

#define REQUEST_END "\r\n\r\n"
#define ACCEPT_MARK "@ACCEPT@"
#define WEBSOCKET_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

typedef struct
{
  int listener;
  SoupSession *session;  /* (owned) */
  WsmLane *lane;         /* (owned) */
  WsmClock *clock;       /* (owned) */
  WsmDelivery *delivery; /* (owned) */
  GSource *tick;         /* (owned) */
} Place;

typedef struct
{
  guint n_opened;
  guint n_ended;
  WsmReason *reason; /* (owned) (nullable) */
} Attempt;

static gboolean
tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Made once: sessions are dear. */
static Place *
get_place (void)
{
  static Place place;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  socklen_t length = sizeof address;
  g_autoptr (GSocketAddress) connectable = NULL;

  if (place.session != NULL)
    return &place;

  place.listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_assert_cmpint (place.listener, !=, -1);
  /* A name of nothing lets the kernel choose one that no file has. */
  g_assert_cmpint (bind (place.listener, (struct sockaddr *) &address, sizeof (sa_family_t)),
                   ==, 0);
  g_assert_cmpint (listen (place.listener, 4), ==, 0);
  g_assert_cmpint (getsockname (place.listener, (struct sockaddr *) &address, &length), ==, 0);
  connectable = g_socket_address_new_from_native (&address, length);

  place.session = g_object_new (SOUP_TYPE_SESSION,
                                "remote-connectable", connectable,
                                "proxy-resolver", NULL,
                                "max-conns", G_MAXINT,
                                "max-conns-per-host", G_MAXINT,
                                "timeout", 0,
                                NULL);
  soup_session_remove_feature_by_type (place.session, SOUP_TYPE_CONTENT_DECODER);
  wsm_frame_tap_add_to_session (place.session);
  place.lane = wsm_lane_new (NULL);
  place.clock = wsm_system_clock_new ();
  place.delivery = wsm_delivery_new (NULL);
  place.tick = g_timeout_source_new (5);
  g_source_set_callback (place.tick, tick_cb, NULL, NULL);
  g_source_attach (place.tick, NULL);

  return &place;
}

static void
opened (WsmTransport *transport,
        gpointer      user_data)
{
  Attempt *attempt = user_data;

  g_assert_cmpuint (attempt->n_ended, ==, 0);
  g_assert_cmpuint (attempt->n_opened++, ==, 0);
}

static void
message (WsmTransport          *transport,
         SoupWebsocketDataType  type,
         GBytes                *bytes,
         gint64                 time_us,
         gpointer               user_data)
{
  Attempt *attempt = user_data;

  g_assert_cmpuint (attempt->n_opened, ==, 1);
  g_assert_cmpuint (attempt->n_ended, ==, 0);
}

static void
pong (WsmTransport *transport,
      const char   *payload,
      gint64        time_us,
      gpointer      user_data)
{
}

static void
life (WsmTransport *transport,
      gint64        time_us,
      gpointer      user_data)
{
}

static void
frame (WsmTransport   *transport,
       const WsmFrame *seen,
       gpointer        user_data)
{
}

static void
drained (WsmTransport *transport,
         gpointer      user_data)
{
}

static void
ended (WsmTransport    *transport,
       const WsmEnding *ending,
       gpointer         user_data)
{
  Attempt *attempt = user_data;
  g_autofree char *text = wsm_reason_to_string (ending->reason);
  g_autofree char *public_text = wsm_reason_to_public_string (ending->reason);

  g_assert_cmpuint (attempt->n_ended++, ==, 0);
  fuzz_assert_is_line (text);
  fuzz_assert_is_line (public_text);
  if (ending->close_reason != NULL)
    g_assert_true (g_utf8_validate (ending->close_reason, -1, NULL));
  if (ending->error != NULL)
    g_assert_cmpstr (ending->error->message, !=, "");
  attempt->reason = wsm_reason_copy (ending->reason);
}

static const WsmTransportSink sink = {
  .opened = opened,
  .message = message,
  .pong = pong,
  .life = life,
  .frame = frame,
  .drained = drained,
  .ended = ended,
};

static char *
make_accept (const char *request)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  const char *key = strstr (request, "Sec-WebSocket-Key: ");
  guint8 digest[20];
  gsize digest_length = sizeof digest;

  g_assert_nonnull (key);
  key += strlen ("Sec-WebSocket-Key: ");
  g_checksum_update (checksum, (const guchar *) key, (gssize) strcspn (key, "\r"));
  g_checksum_update (checksum, (const guchar *) WEBSOCKET_GUID, strlen (WEBSOCKET_GUID));
  g_checksum_get_digest (checksum, digest, &digest_length);

  return g_base64_encode (digest, digest_length);
}

/* With the accept key where the answer asks for it, which no fuzzer would guess. */
static void
answer (int         peer,
        const char *request,
        FuzzInput  *input)
{
  const guint8 *mark = memmem (input->data, input->length, ACCEPT_MARK, strlen (ACCEPT_MARK));
  g_autofree char *accept_key = make_accept (request);
  g_autoptr (GByteArray) text = g_byte_array_new ();
  gsize before = mark != NULL ? (gsize) (mark - input->data) : input->length;
  gsize after = mark != NULL ? before + strlen (ACCEPT_MARK) : input->length;

  g_byte_array_append (text, input->data, (guint) before);
  if (mark != NULL)
    g_byte_array_append (text, (const guint8 *) accept_key, (guint) strlen (accept_key));
  g_byte_array_append (text, input->data + after, (guint) (input->length - after));
  /* It may have hung up already. */
  if (text->len > 0)
    send (peer, text->data, text->len, MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown (peer, SHUT_WR);
}

static void
serve (Place     *place,
       int       *peer,
       GString   *request,
       FuzzInput *input)
{
  char data[1024];
  gssize length;

  if (*peer == -1)
    *peer = accept4 (place->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (*peer == -1 || strstr (request->str, REQUEST_END) != NULL)
    return;

  length = read (*peer, data, sizeof data);
  if (length > 0)
    g_string_append_len (request, data, length);
  if (strstr (request->str, REQUEST_END) != NULL)
    answer (*peer, request->str, input);
}

/* Whatever numbers came out of it, a delay is neither shorter than the floor nor longer than the
 * cap, twice that, or an hour that the server asked for. */
static void
check_delay (const WsmReason *reason,
             FuzzInput       *input)
{
  g_autoptr (WsmBackoff) backoff = NULL;
  double chance = fuzz_input_take_number (input) / 4294967296.0;
  guint attempt = fuzz_input_take_number (input) % 100 + (fuzz_input_take_byte (input) == 1 ?
                                                          G_MAXUINT - 100 : 0);
  guint initial = 100 + fuzz_input_take_byte (input) * 4000;
  guint bound;
  guint delay;

  backoff = g_object_new (WSM_TYPE_BACKOFF,
                          "initial", initial,
                          "max", initial + fuzz_input_take_byte (input) * 1000,
                          "factor", 1.0 + fuzz_input_take_byte (input) / 3.0,
                          NULL);
  g_assert_true (wsm_backoff_validate (backoff, NULL));
  delay = wsm_backoff_pick_delay (backoff, reason, attempt, chance, &bound);
  g_assert_cmpuint (delay, >=, WSM_BACKOFF_FLOOR_MS);
  g_assert_cmpuint (delay, <=, bound);
  g_assert_cmpuint (bound, <=, MAX (2 * wsm_backoff_get_max (backoff),
                                    WSM_BACKOFF_RETRY_AFTER_MAX_MS));
}

static void
check_verdict (const WsmReason *reason,
               guint            n_bad_handshakes)
{
  g_autoptr (WsmBackoff) backoff = wsm_backoff_new ();
  WsmOutcome outcome = wsm_backoff_judge (backoff, reason, n_bad_handshakes);
  guint code = wsm_reason_get_close_code (reason);
  guint status = wsm_reason_get_http_status (reason);

  switch (wsm_reason_get_code (reason))
    {
    case WSM_REASON_CODE_PEER_CLOSED:
      if (code == 1000)
        g_assert_cmpint (outcome, ==, WSM_OUTCOME_CLOSED);
      else if (code == 1001 || code == 1006 || (code >= 1011 && code <= 1013))
        g_assert_cmpint (outcome, ==, WSM_OUTCOME_RETRY);
      else if ((code >= 4000 && code <= 4999) || code == 1002 || code == 1003 ||
               (code >= 1007 && code <= 1010))
        g_assert_cmpint (outcome, ==, WSM_OUTCOME_FAILED);
      break;

    case WSM_REASON_CODE_HTTP_STATUS:
      if (status == 408 || status == 425 || status == 429 || (status >= 500 && status <= 599))
        g_assert_cmpint (outcome, ==, WSM_OUTCOME_RETRY);
      else if (status >= 400 && status <= 499)
        g_assert_cmpint (outcome, ==, WSM_OUTCOME_FAILED);
      break;

    case WSM_REASON_CODE_REDIRECT:
    case WSM_REASON_CODE_PROTOCOL:
    case WSM_REASON_CODE_TOO_BIG:
      g_assert_cmpint (outcome, ==, WSM_OUTCOME_FAILED);
      break;

    case WSM_REASON_CODE_BAD_HANDSHAKE:
      g_assert_cmpint (outcome, ==, n_bad_handshakes >= WSM_BACKOFF_MAX_BAD_HANDSHAKES ?
                       WSM_OUTCOME_FAILED : WSM_OUTCOME_RETRY);
      break;

    default:
      break;
    }
}

static void
check_numbers (FuzzInput *input)
{
  WsmReasonCode code = fuzz_input_take_byte (input) % (WSM_REASON_CODE_IO + 1);
  g_autoptr (WsmReason) reason = wsm_reason_new (code);
  g_autofree char *text = NULL;

  reason->close_code = fuzz_input_take_number (input) % 65536;
  reason->http_status = fuzz_input_take_number (input) % 1000;
  reason->retry_after_ms = fuzz_input_take_number (input);
  check_verdict (reason, fuzz_input_take_byte (input));
  check_delay (reason, input);
  text = wsm_reason_to_string (reason);
  fuzz_assert_is_line (text);
}

static void
check_handshake (FuzzInput *input)
{
  Place *place = get_place ();
  Attempt attempt = { 0 };
  g_autoptr (SoupMessage) request = soup_message_new (SOUP_METHOD_GET, "ws://example.com/");
  g_autoptr (GString) head = g_string_new (NULL);
  WsmTransport *transport = wsm_soup_transport_new (place->session, place->lane, place->clock,
                                                    place->delivery);
  gpointer alive = transport;
  int peer = -1;
  FuzzInput numbers = *input;

  g_object_add_weak_pointer (G_OBJECT (transport), &alive);
  wsm_transport_connect_sink (transport, &sink, &attempt);
  wsm_transport_open (transport, request, NULL, NULL);
  while (attempt.n_ended == 0)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        {
          struct pollfd wait = { .fd = peer != -1 ? peer : place->listener, .events = POLLIN };

          if (strstr (head->str, REQUEST_END) == NULL)
            poll (&wait, 1, 1);
          else
            g_main_context_iteration (NULL, TRUE);
        }
      serve (place, &peer, head, input);
    }

  wsm_transport_let_go (transport);
  g_object_unref (transport);
  if (peer != -1)
    close (peer);
  /* There is at most one socket an attempt; what comes later is of no use any more. */
  while (alive != NULL)
    g_main_context_iteration (NULL, TRUE);

  check_verdict (attempt.reason, 1);
  check_delay (attempt.reason, &numbers);
  wsm_reason_free (attempt.reason);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  FuzzInput input = { data, length };

  if (length > 100 * 1024)
    return 0;

  if (fuzz_input_take_byte (&input) == '#')
    check_numbers (&input);
  else
    check_handshake (&input);

  return 0;
}
