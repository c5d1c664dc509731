/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-advice.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Tables of sentences. The codes are those of RFC 6455, 7.4, of the registry that it founded, and
 * of HTTP; the reasons are the nicks of WsmReasonCode. */

typedef struct
{
  guint first;
  guint last;
  const char *advice; /* (unowned) */
} WsiCodeAdvice;

typedef struct
{
  const char *nick;    /* (unowned) */
  const char *meaning; /* (unowned) */
  const char *advice;  /* (unowned) (nullable) */
} WsiReasonAdvice;

static const WsiCodeAdvice close_advice[] = {
  { 1000, 1000,
    N_("The peer had nothing more to say. If it should go on, look at why the server ends it.") },
  { 1001, 1001,
    N_("The server shuts down or the page was left. It is worth trying again.") },
  { 1002, 1002,
    N_("The peer saw a breach of the WebSocket protocol. A proxy that changes frames, or a broken "
       "extension, is the usual cause.") },
  { 1003, 1003,
    N_("The peer cannot take this kind of message. Check whether it expects text or binary.") },
  { 1005, 1005,
    N_("The peer closed without giving a code. Its log is the place to look.") },
  { 1006, 1006,
    N_("The connection ended without a close frame. Look for a crashed server, or for a proxy or "
       "firewall that cuts idle connections: a shorter heartbeat interval may help.") },
  { 1007, 1007,
    N_("A message did not hold what its type says. Check that texts are valid UTF-8.") },
  { 1008, 1008,
    N_("The server refuses for a reason of its own, often a missing or expired login.") },
  { 1009, 1009,
    N_("A message was too big for the peer. Send smaller ones, or raise the limit there.") },
  { 1010, 1010,
    N_("This side asked for an extension that the server does not offer.") },
  { 1011, 1011,
    N_("The server had an internal error. Its log says more.") },
  { 1012, 1012,
    N_("The server restarts. It should be back in a moment.") },
  { 1013, 1013,
    N_("The server is overloaded. Longer pauses between attempts help it.") },
  { 1014, 1014,
    N_("A gateway got no valid answer from the server behind it. Look at that server.") },
  { 1015, 1015,
    N_("The TLS handshake failed. Check the certificate and the host name.") },
  { 3000, 3000,
    N_("The server wants a login first. Check the token or cookie that the handshake sends.") },
  { 3003, 3003,
    N_("The login is valid, but does not allow this.") },
  { 3008, 3008,
    N_("The server waited too long for something. Check what it expects to hear, and when.") },
  { 3000, 3999,
    N_("This code belongs to a library or framework. Its documentation says what it means.") },
  { 4000, 4999,
    N_("This code is the service’s own. Only its documentation says what it "
       "means.") },
};

static const WsiCodeAdvice status_advice[] = {
  { 301, 308,
    N_("The address has moved. Redirections are not followed, so use the new address.") },
  { 400, 400,
    N_("The server did not understand the handshake. Check the address and the headers.") },
  { 401, 401,
    N_("The server wants a login. Check the token or cookie that the handshake sends.") },
  { 403, 403,
    N_("The server knows who asks and says no. Check the permissions, and the Origin header.") },
  { 404, 404,
    N_("There is nothing at this path. Check the address for typing errors.") },
  { 408, 408,
    N_("The server waited too long for the handshake. The network may be slow.") },
  { 410, 410,
    N_("This address is gone for good. Look for a new one in the service’s documentation.") },
  { 426, 426,
    N_("The server wants another protocol version. A proxy may have dropped the Upgrade header.") },
  { 429, 429,
    N_("Too many attempts in a short time. Use longer pauses between attempts.") },
  { 500, 500,
    N_("The server had an internal error. Its log says more.") },
  { 502, 502,
    N_("A gateway got no valid answer from the server behind it. Look at that server.") },
  { 503, 503,
    N_("The server is overloaded or under maintenance. Try again later.") },
  { 504, 504,
    N_("A gateway got no answer in time from the server behind it. Look at that server.") },
  { 400, 499,
    N_("The server refuses the request as it is. Check the address and the headers.") },
  { 500, 599,
    N_("The server has a problem of its own. Waiting, or its log, may help.") },
};

static const WsiReasonAdvice reason_advice[] = {
  { "none", N_("Nothing has happened yet"), NULL },
  { "requested", N_("The program asked for it"), NULL },
  { "retrying", N_("It is time for the next attempt"), NULL },
  { "opened", N_("The connection is open"), NULL },
  { "beat-missed", N_("A heartbeat was not answered in time"),
    N_("The peer may be busy, or the network may be gone. The next beats will tell.") },
  { "alive", N_("The peer was heard again"), NULL },
  { "heartbeat-lost", N_("The peer went silent"),
    N_("Too many heartbeats in a row went unanswered. Check the network and whether the server "
       "is running; if it is only slow, allow a longer timeout.") },
  { "resolve", N_("The host name was not found"),
    N_("Check the host name for typing errors, and whether this computer is online.") },
  { "refused", N_("The host refused the connection"),
    N_("Nothing listens on this port. Check that the server is running, and the port number.") },
  { "unreachable", N_("The host cannot be reached"),
    N_("There is no route to this host. Check the network, the VPN and the firewall.") },
  { "timed-out", N_("The handshake took too long"),
    N_("The host did not answer in time. A firewall that drops packets, or an overloaded server, "
       "is the usual cause.") },
  { "tls", N_("The TLS certificate was not accepted"),
    N_("Check that the certificate is valid now, is made for this host name, and comes from an "
       "authority that this computer trusts.") },
  { "http-status", N_("The server refused the handshake"), NULL },
  { "redirect", N_("The server sent a redirection"),
    N_("Redirections are not followed, so use the new address.") },
  { "bad-handshake", N_("The answer was not a WebSocket handshake"),
    N_("Something other than a WebSocket server may listen there, or a proxy is in between.") },
  { "prepare-failed", N_("The program could not prepare the attempt"),
    N_("Its own settings or code made it impossible. The message says more.") },
  { "reset", N_("The connection was reset"),
    N_("The server crashed or was stopped, or a firewall cut the connection.") },
  { "end-of-stream", N_("The connection ended without warning"), NULL },
  { "peer-closed", N_("The peer closed the connection"), NULL },
  { "protocol", N_("The peer broke the WebSocket protocol"),
    N_("A proxy that changes frames, or a faulty server, is the usual cause.") },
  { "too-big", N_("A message was too big"),
    N_("It was over the limit that this program has set. Raise it only if the peer is trusted.") },
  { "close-timed-out", N_("The peer did not answer the close frame"), NULL },
  { "aborted", N_("The program dropped the connection"), NULL },
  { "gave-up", N_("All attempts are used up"),
    N_("The policy allows no more of them. Retry once the cause is fixed.") },
  { "no-resources", N_("This computer has run out of resources"),
    N_("File descriptors, ports or memory are used up. Look for leaks, or raise the limits.") },
  { "io", N_("The network failed"), NULL },
  { "woke-up", N_("This computer woke up from sleep"),
    N_("What was open before may be gone, so the peer is asked for a sign of life at once.") },
  { "network-changed", N_("The network of this computer changed"),
    N_("What was open before may be gone, so the peer is asked for a sign of life at once.") },
  { "flood", N_("The peer sent without end"),
    N_("It sent pings and took none of the answers. A faulty or hostile server is the usual "
       "cause.") },
};

static const char *
wsi_advice_find_code (const WsiCodeAdvice *table,
                      gsize                n_rows,
                      guint                code)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      if (code >= table[i].first && code <= table[i].last)
        return _(table[i].advice);
    }

  return NULL;
}

static const WsiReasonAdvice *
wsi_advice_find_reason (const char *reason)
{
  gsize length;

  if (reason == NULL)
    return NULL;

  length = strcspn (reason, ":;( ");
  for (gsize i = 0; i < G_N_ELEMENTS (reason_advice); i++)
    {
      const char *nick = reason_advice[i].nick;

      if (strlen (nick) == length && strncmp (nick, reason, length) == 0)
        return &reason_advice[i];
    }

  return NULL;
}

/* The number that follows a prefix, or 0. */
static guint
wsi_advice_read_code (const char *reason,
                      const char *prefix)
{
  const char *place = strstr (reason, prefix);

  return place != NULL ? (guint) g_ascii_strtoull (place + strlen (prefix), NULL, 10) : 0;
}

const char *
wsi_advice_explain (const char *reason)
{
  const WsiReasonAdvice *row = wsi_advice_find_reason (reason);

  return row != NULL ? _(row->meaning) : NULL;
}

const char *
wsi_advice_for_reason (const char *reason)
{
  const WsiReasonAdvice *row = wsi_advice_find_reason (reason);
  const char *advice = NULL;

  if (row == NULL)
    return NULL;

  if (strcmp (row->nick, "end-of-stream") == 0)
    advice = wsi_advice_for_close_code (1006);
  else if (strcmp (row->nick, "peer-closed") == 0)
    advice = wsi_advice_for_close_code (wsi_advice_read_code (reason, ": code "));
  else if (strcmp (row->nick, "http-status") == 0)
    advice = wsi_advice_for_http_status (wsi_advice_read_code (reason, ": "));

  if (advice == NULL && row->advice != NULL)
    advice = _(row->advice);

  return advice;
}

const char *
wsi_advice_for_close_code (guint close_code)
{
  return wsi_advice_find_code (close_advice, G_N_ELEMENTS (close_advice), close_code);
}

const char *
wsi_advice_for_http_status (guint status)
{
  return wsi_advice_find_code (status_advice, G_N_ELEMENTS (status_advice), status);
}
