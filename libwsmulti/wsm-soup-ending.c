/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-soup-ending.h"

#include <errno.h>

#include "wsm-address.h"
#include "wsm-error.h"

#define MAX_DETAIL_LENGTH 200

/* Codes that IANA has registered since libsoup's list was made; it takes them for errors. */
#define CLOSE_SERVICE_RESTART 1012
#define CLOSE_TRY_AGAIN_LATER 1013
#define CLOSE_BAD_GATEWAY 1014

static void
wsm_soup_ending_set (WsmEnding     *self,
                     WsmReasonCode  code,
                     const GError  *error)
{
  g_autofree char *detail = NULL;
  g_autofree char *public_detail = NULL;

  memset (self, 0, sizeof *self);
  self->reason = wsm_reason_new (code);

  if (error == NULL)
    return;

  self->error = g_error_copy (error);
  detail = wsm_address_clean_text (error->message, -1, MAX_DETAIL_LENGTH);
  wsm_reason_set_detail (self->reason, detail);

  /* libsoup may quote a header or a URI; these may not. */
  if (error->domain != G_IO_ERROR && error->domain != G_RESOLVER_ERROR &&
      error->domain != G_TLS_ERROR)
    return;
  public_detail = wsm_address_scrub_text (error->message, MAX_DETAIL_LENGTH);
  wsm_reason_set_public_detail (self->reason, public_detail);
}

static void
wsm_soup_ending_set_own (WsmEnding     *self,
                         WsmReasonCode  code,
                         WsmError       error_code,
                         const char    *message)
{
  memset (self, 0, sizeof *self);
  self->reason = wsm_reason_new (code);
  self->error = g_error_new_literal (WSM_ERROR, error_code, message);
}

static gboolean
wsm_soup_ending_is_about_resources (const GError *error)
{
  static const int numbers[] = { EADDRNOTAVAIL, ENFILE, ENOBUFS, ENOMEM };

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TOO_MANY_OPEN_FILES) ||
      g_error_matches (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    return TRUE;

  /* GIO has no code of its own for these, only the system's text; to newer ones, a machine without
   * a free port looks like a peer that refuses. */
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED) &&
      !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      if (strstr (error->message, g_strerror (numbers[i])) != NULL)
        return TRUE;
    }

  return FALSE;
}

static WsmReasonCode
wsm_soup_ending_classify_io (const GError *error)
{
  if (wsm_soup_ending_is_about_resources (error))
    return WSM_REASON_CODE_NO_RESOURCES;

  /* The names are many for one number in places, so this is no switch over the type. */
  switch (error->code)
    {
    case G_IO_ERROR_CONNECTION_REFUSED:
      return WSM_REASON_CODE_REFUSED;

    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
      return WSM_REASON_CODE_UNREACHABLE;

    case G_IO_ERROR_TIMED_OUT:
      return WSM_REASON_CODE_TIMED_OUT;

    case G_IO_ERROR_CONNECTION_CLOSED:
      return WSM_REASON_CODE_RESET;

    case G_IO_ERROR_PARTIAL_INPUT:
      return WSM_REASON_CODE_END_OF_STREAM;

    /* Here the app or the system has to be told something else, as with most HTTP errors. */
    case G_IO_ERROR_PROXY_AUTH_FAILED:
    case G_IO_ERROR_PROXY_NEED_AUTH:
    case G_IO_ERROR_PROXY_NOT_ALLOWED:
      return WSM_REASON_CODE_PREPARE_FAILED;

    case G_IO_ERROR_CANCELLED:
      return WSM_REASON_CODE_ABORTED;

    default:
      return WSM_REASON_CODE_IO;
    }
}

/* A server that restarts, or what stands in front of one that is away, may take a connection and
 * drop it before TLS has begun: that is no judgement, whatever it is called. */
static WsmReasonCode
wsm_soup_ending_classify_tls (const GError *error)
{
  static const int numbers[] = { ECONNRESET, EPIPE };

  if (error->code != G_TLS_ERROR_NOT_TLS && error->code != G_TLS_ERROR_EOF)
    return WSM_REASON_CODE_TLS;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      if (strstr (error->message, g_strerror (numbers[i])) != NULL)
        return WSM_REASON_CODE_RESET;
    }

  return WSM_REASON_CODE_END_OF_STREAM;
}

static WsmReasonCode
wsm_soup_ending_classify_session (const GError *error)
{
  switch ((SoupSessionError) error->code)
    {
    case SOUP_SESSION_ERROR_PARSING:
    case SOUP_SESSION_ERROR_ENCODING:
      return WSM_REASON_CODE_BAD_HANDSHAKE;

    case SOUP_SESSION_ERROR_TOO_MANY_REDIRECTS:
    case SOUP_SESSION_ERROR_REDIRECT_NO_LOCATION:
    case SOUP_SESSION_ERROR_REDIRECT_BAD_URI:
      return WSM_REASON_CODE_REDIRECT;

    case SOUP_SESSION_ERROR_TOO_MANY_RESTARTS:
    case SOUP_SESSION_ERROR_MESSAGE_ALREADY_IN_QUEUE:
      return WSM_REASON_CODE_PREPARE_FAILED;

    default:
      return WSM_REASON_CODE_IO;
    }
}

static WsmReasonCode
wsm_soup_ending_classify (const GError *error)
{
  if (error->domain == G_IO_ERROR)
    return wsm_soup_ending_classify_io (error);

  if (error->domain == G_RESOLVER_ERROR)
    return WSM_REASON_CODE_RESOLVE;

  if (error->domain == G_TLS_ERROR)
    return wsm_soup_ending_classify_tls (error);

  if (error->domain == SOUP_SESSION_ERROR)
    return wsm_soup_ending_classify_session (error);

  return WSM_REASON_CODE_IO;
}

/* Returns the only value of a header, NULL where there is none or more than one. */
static const char *
wsm_soup_ending_get_single_header (SoupMessageHeaders *headers,
                                   const char         *wanted)
{
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;
  const char *result = NULL;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (g_ascii_strcasecmp (name, wanted) != 0)
        continue;

      if (result != NULL)
        return NULL;

      result = value;
    }

  return result;
}

/* How far the date of Retry-After lies ahead of the server's own clock, which it should have
 * sent along. */
static gint64
wsm_soup_ending_measure_date (SoupMessageHeaders *headers,
                              const char         *value)
{
  g_autoptr (GDateTime) then = soup_date_time_new_from_http_string (value);
  g_autoptr (GDateTime) now = NULL;
  const char *date = wsm_soup_ending_get_single_header (headers, "Date");

  if (then == NULL)
    return 0;

  if (date != NULL)
    now = soup_date_time_new_from_http_string (date);
  if (now == NULL)
    now = g_date_time_new_now_utc ();

  return g_date_time_difference (then, now) / G_TIME_SPAN_SECOND;
}

static guint
wsm_soup_ending_read_retry_after (SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *value = wsm_soup_ending_get_single_header (headers, "Retry-After");
  gint64 seconds;

  if (value == NULL || *value == '\0')
    return 0;

  /* However many digits there are: much is asked for, not nothing. */
  if (value[strspn (value, "0123456789")] == '\0')
    seconds = (gint64) MIN (g_ascii_strtoull (value, NULL, 10), G_MAXINT64);
  else
    seconds = wsm_soup_ending_measure_date (headers, value);

  return (guint) (CLAMP (seconds, 0, G_MAXUINT / 1000) * 1000);
}

static const char *
wsm_soup_ending_name_old_tls (GTlsProtocolVersion version)
{
  switch ((int) version)
    {
    case G_TLS_PROTOCOL_VERSION_SSL_3_0:
      return "SSL 3.0";

    case G_TLS_PROTOCOL_VERSION_TLS_1_0:
      return "TLS 1.0";

    case G_TLS_PROTOCOL_VERSION_TLS_1_1:
      return "TLS 1.1";

    default:
      return NULL;
    }
}

/* Returns whether the server speaks a version that nobody should (RFC 8996): what TLS libraries
 * take by default depends on their age. */
gboolean
wsm_soup_ending_read_tls (WsmEnding      *self,
                          GTlsConnection *connection)
{
  const char *name;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (G_IS_TLS_CONNECTION (connection), FALSE);

  name = wsm_soup_ending_name_old_tls (g_tls_connection_get_protocol_version (connection));
  if (name == NULL)
    return FALSE;

  error = g_error_new (G_TLS_ERROR, G_TLS_ERROR_HANDSHAKE,
                       "The server speaks nothing newer than %s, which is not safe; let it speak "
                       "TLS 1.2 or 1.3", name);
  wsm_soup_ending_set (self, WSM_REASON_CODE_TLS, error);

  return TRUE;
}

/* What to do about a status, to stand behind the sentence that tells it. */
static const char *
wsm_soup_ending_get_way_out (guint status)
{
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return "; that is no WebSocket, is this the right path?";

  switch (status)
    {
    case SOUP_STATUS_UNAUTHORIZED:
    case SOUP_STATUS_FORBIDDEN:
      return "; if it wants a token, set that in a handler of prepare";

    case SOUP_STATUS_NOT_FOUND:
    case SOUP_STATUS_GONE:
      return "; is this the right path?";

    default:
      return "";
    }
}

/* The server answered, but with something else than 101. */
void
wsm_soup_ending_read_response (WsmEnding   *self,
                               SoupMessage *message)
{
  guint status = soup_message_get_status (message);
  g_autofree char *phrase = NULL;
  g_autofree char *public_phrase = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (SOUP_IS_MESSAGE (message));

  phrase = wsm_address_clean_text (soup_message_get_reason_phrase (message), -1,
                                   MAX_DETAIL_LENGTH);
  public_phrase = wsm_address_scrub_text (phrase, MAX_DETAIL_LENGTH);

  if (status <= SOUP_STATUS_SWITCHING_PROTOCOLS)
    {
      wsm_soup_ending_set_own (self, WSM_REASON_CODE_BAD_HANDSHAKE, WSM_ERROR_HANDSHAKE,
                               "The server's answer is no valid WebSocket handshake; is this the "
                               "right path?");
    }
  else if (SOUP_STATUS_IS_REDIRECTION (status))
    {
      text = g_strdup_printf ("The server answered the handshake with the redirection %u; set the "
                              "final URI, or see max-redirects", status);
      wsm_soup_ending_set_own (self, WSM_REASON_CODE_REDIRECT, WSM_ERROR_REDIRECT, text);
    }
  else
    {
      g_autofree char *words = NULL;

      words = *public_phrase == '\0' ? g_strdup ("") : g_strdup_printf (" (%s)", public_phrase);
      text = g_strdup_printf ("The server answered the handshake with HTTP status %u%s%s", status,
                              words, wsm_soup_ending_get_way_out (status));
      wsm_soup_ending_set_own (self, WSM_REASON_CODE_HTTP_STATUS, WSM_ERROR_HTTP_STATUS, text);
      self->reason->retry_after_ms = wsm_soup_ending_read_retry_after (message);
    }

  self->reason->http_status = status;
  if (*phrase == '\0')
    return;
  wsm_reason_set_detail (self->reason, phrase);
  wsm_reason_set_public_detail (self->reason, public_phrase);
}

/* GIO says no more than that it is unacceptable. */
static void
wsm_soup_ending_set_certificate (WsmEnding            *self,
                                 GTlsCertificateFlags  errors)
{
  g_autofree char *text = NULL;

  memset (self, 0, sizeof *self);
  self->reason = wsm_reason_new (WSM_REASON_CODE_TLS);
  self->reason->tls_errors = errors;
  text = wsm_reason_to_string (self->reason);
  self->error = g_error_new (G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE,
                             "%s; if the server is right, add its authority to the TLS database of "
                             "the pool's session", text);
}

void
wsm_soup_ending_read_handshake (WsmEnding    *self,
                                SoupMessage  *message,
                                const GError *error)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (SOUP_IS_MESSAGE (message));
  g_return_if_fail (error != NULL);

  if (error->domain == SOUP_WEBSOCKET_ERROR)
    wsm_soup_ending_read_response (self, message);
  else if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE) &&
           soup_message_get_tls_peer_certificate_errors (message) != 0)
    wsm_soup_ending_set_certificate (self, soup_message_get_tls_peer_certificate_errors (message));
  else
    wsm_soup_ending_set (self, wsm_soup_ending_classify (error), error);
}

/* For an answer that came from what stands before the server. */
void
wsm_soup_ending_blame_proxy (WsmEnding *self)
{
  g_return_if_fail (self != NULL);

  if (self->reason->code != WSM_REASON_CODE_HTTP_STATUS)
    return;

  g_clear_error (&self->error);
  self->error = g_error_new (WSM_ERROR, WSM_ERROR_HTTP_STATUS,
                             "The proxy answered with HTTP status %u; see the proxy resolver of "
                             "the pool's session", self->reason->http_status);
  wsm_reason_set_detail (self->reason, "from the proxy");
  wsm_reason_set_public_detail (self->reason, "from the proxy");
}

static void
wsm_soup_ending_set_peer_closed (WsmEnding               *self,
                                 SoupWebsocketConnection *connection)
{
  guint code = soup_websocket_connection_get_close_code (connection);
  const char *reason = soup_websocket_connection_get_close_data (connection);
  g_autofree char *words = NULL;
  g_autofree char *text = NULL;

  words = wsm_address_scrub_text (reason != NULL ? reason : "", MAX_DETAIL_LENGTH);
  text = g_strdup_printf ("The peer closed the connection with code %u%s%s", code,
                          *words == '\0' ? "" : ": ", words);
  wsm_soup_ending_set_own (self, WSM_REASON_CODE_PEER_CLOSED, WSM_ERROR_PEER_CLOSED, text);
  self->reason->close_code = code;
  if (reason != NULL)
    self->close_reason = g_strdup (reason);
}

static void
wsm_soup_ending_set_too_big (WsmEnding               *self,
                             SoupWebsocketConnection *connection)
{
  guint64 limit = soup_websocket_connection_get_max_incoming_payload_size (connection);
  g_autofree char *text = NULL;

  text = g_strdup_printf ("The peer sent a message over the limit of %" G_GUINT64_FORMAT " bytes; "
                          "raise max-message-size if such messages are expected", limit);
  wsm_soup_ending_set_own (self, WSM_REASON_CODE_TOO_BIG, WSM_ERROR_TOO_BIG, text);
  self->reason->size_limit = limit;
}

/* A newer code than libsoup knows comes as a protocol error, but the frame was in order. */
static gboolean
wsm_soup_ending_is_newer_close_code (SoupWebsocketConnection *connection)
{
  guint code = soup_websocket_connection_get_close_code (connection);

  return code == CLOSE_SERVICE_RESTART || code == CLOSE_TRY_AGAIN_LATER ||
         code == CLOSE_BAD_GATEWAY;
}

/* The error is NULL when libsoup said nothing but that it is over. */
void
wsm_soup_ending_read_connection (WsmEnding               *self,
                                 SoupWebsocketConnection *connection,
                                 const GError            *error)
{
  g_autofree char *text = NULL;

  g_return_if_fail (self != NULL);
  g_return_if_fail (SOUP_IS_WEBSOCKET_CONNECTION (connection));

  if (error != NULL && error->domain == SOUP_WEBSOCKET_ERROR)
    {
      if (error->code == SOUP_WEBSOCKET_CLOSE_TOO_BIG)
        {
          wsm_soup_ending_set_too_big (self, connection);
        }
      else if (error->code == SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR &&
               wsm_soup_ending_is_newer_close_code (connection))
        {
          wsm_soup_ending_set_peer_closed (self, connection);
        }
      else
        {
          text = g_strdup_printf ("The peer broke the WebSocket protocol: %s", error->message);
          wsm_soup_ending_set_own (self, WSM_REASON_CODE_PROTOCOL, WSM_ERROR_PROTOCOL, text);
        }
    }
  else if (soup_websocket_connection_get_close_code (connection) != 0)
    {
      /* Trouble after the close frame, such as a reset, is the end of the same story. */
      wsm_soup_ending_set_peer_closed (self, connection);
    }
  else if (error != NULL)
    {
      wsm_soup_ending_set (self, wsm_soup_ending_classify (error), error);
    }
  else
    {
      wsm_soup_ending_set_own (self, WSM_REASON_CODE_END_OF_STREAM, WSM_ERROR_PEER_CLOSED,
                               "The peer ended the stream without a close frame");
      self->reason->close_code = SOUP_WEBSOCKET_CLOSE_ABNORMAL;
    }
}

void
wsm_soup_ending_set_flood (WsmEnding *self,
                           guint      n_pings,
                           guint      waited_ms)
{
  g_autofree char *detail = g_strdup_printf ("%u pings, and no answer was taken for %u ms", n_pings,
                                             waited_ms);
  g_autofree char *text = g_strdup_printf ("The peer sent %s", detail);

  wsm_soup_ending_set_own (self, WSM_REASON_CODE_FLOOD, WSM_ERROR_PROTOCOL, text);
  wsm_reason_set_detail (self->reason, detail);
  wsm_reason_set_public_detail (self->reason, detail);
}

/* What libsoup sends for a client without a complaint; 1011 is for it a server's code. */
static gboolean
wsm_soup_ending_can_send_code (guint code)
{
  switch (code)
    {
    case SOUP_WEBSOCKET_CLOSE_NORMAL:
    case SOUP_WEBSOCKET_CLOSE_GOING_AWAY:
    case SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR:
    case SOUP_WEBSOCKET_CLOSE_UNSUPPORTED_DATA:
    case SOUP_WEBSOCKET_CLOSE_NO_STATUS:
    case SOUP_WEBSOCKET_CLOSE_BAD_DATA:
    case SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION:
    case SOUP_WEBSOCKET_CLOSE_TOO_BIG:
    case SOUP_WEBSOCKET_CLOSE_NO_EXTENSION:
      return TRUE;

    default:
      return code >= 3000 && code <= 4999;
    }
}

/* The code for a close of our own: 0 asks for a close frame without one. */
guint
wsm_soup_ending_choose_code (guint code)
{
  if (code == 0)
    return SOUP_WEBSOCKET_CLOSE_NO_STATUS;

  return wsm_soup_ending_can_send_code (code) ? code : SOUP_WEBSOCKET_CLOSE_NORMAL;
}

void
wsm_soup_ending_clear (WsmEnding *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->reason, wsm_reason_free);
  g_clear_error (&self->error);
  g_clear_pointer (&self->close_reason, g_free);
}
