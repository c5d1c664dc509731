/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-address.h"
#include "wsm-error.h"
#include "wsm-reason-private.h"

/*
 * One attempt to open: a fresh request, what the app makes of it, a place at the gate, a new
 * transport. Nothing of an earlier attempt takes part in it.
 */

static void
wsm_connection_attempt_failed (WsmConnection *self,
                               GError        *error)
{
  WsmReason *reason = wsm_reason_new (WSM_REASON_CODE_PREPARE_FAILED);

  wsm_reason_set_detail (reason, error->message);
  wsm_connection_lost (self, reason, error);
}

/* The attempt's turn has come. */
static void
wsm_connection_granted_cb (WsmTicket *ticket,
                           gpointer   user_data)
{
  WsmConnection *self = user_data;
  g_autoptr (SoupMessage) message = g_steal_pointer (&self->message);
  guint timeout_ms;

  self->transport = self->host->make_transport (self->host, self);
  wsm_transport_connect_sink (self->transport, &wsm_connection_sink, self);
  wsm_transport_set_max_message_size (self->transport, self->max_message_size);
  if (self->host->observer != NULL)
    wsm_transport_want_handshake (self->transport);
  timeout_ms = self->n_redirects > 0 ? self->left_ms : self->connect_timeout_ms;
  self->deadline_us = wsm_scheduler_get_time_us (self->host->scheduler) +
                      (gint64) timeout_ms * 1000;
  wsm_connection_arm (self, timeout_ms);
  wsm_transport_open (self->transport, message, self->origin,
                      (const char * const *) self->protocols);
}

/* A URI may have no path, but the line in which it is asked for has one: RFC 6455, 3. libsoup sees
 * to that for http: alone, and takes both for the same, so that it has to forget the one first. */
static void
wsm_connection_complete_uri (SoupMessage *message)
{
  g_autoptr (GUri) uri = g_uri_ref (soup_message_get_uri (message));
  g_autoptr (GUri) other = NULL;
  g_autoptr (GUri) complete = NULL;

  if (*g_uri_get_path (uri) != '\0')
    return;

  other = soup_uri_copy (uri, SOUP_URI_PATH, "/other", SOUP_URI_NONE);
  soup_message_set_uri (message, other);
  complete = soup_uri_copy (uri, SOUP_URI_PATH, "/", SOUP_URI_NONE);
  soup_message_set_uri (message, complete);
}

static void
wsm_connection_queue_attempt (WsmConnection *self)
{
  g_autofree char *host = NULL;
  GUri *uri;
  GError *error = NULL;

  if (!wsm_address_check_request (self->message, &error))
    {
      g_prefix_error (&error, "%s: ", self->name);
      wsm_connection_attempt_failed (self, error);
      return;
    }

  wsm_connection_complete_uri (self->message);
  uri = soup_message_get_uri (self->message);
  g_clear_pointer (&self->asked_uri, g_uri_unref);
  self->asked_uri = g_uri_ref (uri);
  if (!wsm_address_is_loopback (uri))
    host = g_ascii_strdown (g_uri_get_host (uri), -1);
  wsm_gate_request (self->host->gate, &self->ticket, host, wsm_connection_granted_cb, self);
}

static void
wsm_connection_prepare_cb (GObject         *target,
                           WsmDeliveryItem *item)
{
  WsmConnection *self = WSM_CONNECTION (target);
  g_autoptr (SoupMessage) message = NULL;
  g_autoptr (GUri) uri = NULL;
  gboolean deferred = FALSE;

  if (!self->attempt_posted || self->host == NULL)
    return;
  self->attempt_posted = FALSE;
  if (self->paused || self->state != WSM_STATE_CONNECTING || self->transport != NULL)
    return;

  /* Parsed it takes more memory than as text, and between attempts nobody asks. */
  uri = self->redirected_uri != NULL ? g_uri_ref (self->redirected_uri)
                                     : wsm_address_parse (self->uri, NULL);
  message = soup_message_new_from_uri (SOUP_METHOD_GET, uri);
  g_set_object (&self->message, message);
  if (wsm_connection_has_handler (self, SIGNAL_PREPARE))
    g_signal_emit (self, wsm_connection_signals[SIGNAL_PREPARE], 0, message, &deferred);

  /* The handler may have ended this attempt, or gone on with it already. */
  if (!deferred && self->message == message && self->ticket.state == WSM_TICKET_UNUSED)
    wsm_connection_queue_attempt (self);
}

/*
 * wsm_connection_post_request:
 *
 * Makes the next request of an attempt in the next turn of the loop.
 */
void
wsm_connection_post_request (WsmConnection *self)
{
  if (self->attempt_posted)
    return;
  self->attempt_posted = TRUE;
  wsm_delivery_post_call (self->host->delivery, G_OBJECT (self), wsm_connection_prepare_cb);
}

/*
 * wsm_connection_post_attempt:
 *
 * Starts an attempt in the next turn of the loop; a paused connection starts it when resumed.
 */
void
wsm_connection_post_attempt (WsmConnection *self)
{
  wsm_connection_forget_redirects (self);
  wsm_connection_post_request (self);
}

/*
 * wsm_connection_drop_attempt:
 *
 * Forgets what there is of an attempt but its transport.
 */
void
wsm_connection_drop_attempt (WsmConnection *self)
{
  self->attempt_posted = FALSE;
  g_clear_object (&self->message);
  if (self->host != NULL)
    wsm_gate_release (self->host->gate, &self->ticket);
}

static gboolean
wsm_connection_is_deferred (WsmConnection *self,
                            SoupMessage   *message)
{
  return self->host != NULL && self->message == message &&
         self->ticket.state == WSM_TICKET_UNUSED;
}

/**
 * wsm_connection_proceed:
 * @self: a connection
 * @message: the request of the attempt
 *
 * Goes on with an attempt that a handler of [signal@Wsm.Connection::prepare] put off.
 *
 * The request of an attempt that is no longer under way is ignored.
 *
 * Since: 0.1
 */
void
wsm_connection_proceed (WsmConnection *self,
                        SoupMessage   *message)
{
  g_return_if_fail (WSM_IS_CONNECTION (self));
  g_return_if_fail (SOUP_IS_MESSAGE (message));

  if (wsm_connection_check_caller (self) && wsm_connection_is_deferred (self, message))
    wsm_connection_queue_attempt (self);
}

/**
 * wsm_connection_fail_attempt:
 * @self: a connection
 * @message: the request of the attempt
 * @error: why it cannot be made
 *
 * Ends an attempt that a handler of [signal@Wsm.Connection::prepare] put off.
 *
 * The connection becomes %WSM_STATE_FAILED unless a handler of
 * [signal@Wsm.Connection::should-retry] wants it otherwise. The request of an attempt that is no
 * longer under way is ignored.
 *
 * Since: 0.1
 */
void
wsm_connection_fail_attempt (WsmConnection *self,
                             SoupMessage   *message,
                             const GError  *error)
{
  g_return_if_fail (WSM_IS_CONNECTION (self));
  g_return_if_fail (SOUP_IS_MESSAGE (message));
  g_return_if_fail (error != NULL);

  if (wsm_connection_check_caller (self) && wsm_connection_is_deferred (self, message))
    wsm_connection_attempt_failed (self, g_error_copy (error));
}
