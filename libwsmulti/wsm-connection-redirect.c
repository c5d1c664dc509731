/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-address.h"
#include "wsm-error.h"
#include "wsm-reason-private.h"
#include "wsm-redirect.h"

/*
 * The detours of an attempt: a server may say that the answer is elsewhere, and the app may have
 * allowed to go there.
 */

/* The place is as others may see it too. */
static void
wsm_connection_explain_redirect (WsmReason  *reason,
                                 const char *text)
{
  wsm_reason_set_detail (reason, text);
  wsm_reason_set_public_detail (reason, text);
}

/* Where to, or NULL and why not. */
static GUri *
wsm_connection_find_detour (WsmConnection  *self,
                            const char     *location,
                            GError        **error)
{
  g_autoptr (GUri) target = wsm_redirect_resolve (self->asked_uri, location, error);

  if (target == NULL)
    return NULL;

  if (self->n_redirects >= self->max_redirects)
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_REDIRECT,
                   "%u in a row were followed already; see max-redirects", self->n_redirects);
      return NULL;
    }

  return g_steal_pointer (&target);
}

/*
 * wsm_connection_follow:
 * @transport: the one that ended
 * @reason: why; gets where it leads, or why it does not
 * @error: (inout): the same as an error
 *
 * Goes on elsewhere, if the server said where, and the app allows it.
 *
 * Returns: whether the attempt goes on
 */
gboolean
wsm_connection_follow (WsmConnection *self,
                       WsmTransport  *transport,
                       WsmReason     *reason,
                       GError       **error)
{
  const WsmTransportFacts *facts = wsm_transport_get_facts (transport);
  g_autoptr (GUri) target = NULL;
  g_autoptr (GError) fault = NULL;
  g_autofree char *uri = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *text = NULL;
  gint64 left_us;

  if (self->state != WSM_STATE_CONNECTING || reason->code != WSM_REASON_CODE_REDIRECT ||
      self->max_redirects == 0)
    return FALSE;

  target = wsm_connection_find_detour (self, facts->location, &fault);
  if (target == NULL)
    {
      wsm_connection_explain_redirect (reason, fault->message);
      g_clear_error (error);
      g_set_error (error, WSM_ERROR, WSM_ERROR_REDIRECT,
                   "%s: the redirection %u is not followed: %s", self->name, reason->http_status,
                   fault->message);
      return FALSE;
    }

  uri = g_uri_to_string (target);
  shown = wsm_address_redact (uri);
  text = g_strdup_printf ("%u of at most %u, to %s", self->n_redirects + 1, self->max_redirects,
                          shown);
  wsm_connection_explain_redirect (reason, text);

  left_us = self->deadline_us - wsm_scheduler_get_time_us (self->host->scheduler);
  self->left_ms = (guint) MAX ((left_us + 999) / 1000, 1);
  wsm_connection_drop_socket (self);
  g_clear_pointer (&self->redirected_uri, g_uri_unref);
  self->redirected_uri = g_steal_pointer (&target);
  self->n_redirects++;
  wsm_connection_post_request (self);
  wsm_connection_set_reason (self, wsm_reason_copy (reason));

  return TRUE;
}

/*
 * wsm_connection_forget_redirects:
 *
 * The next request goes to where the app wanted it to.
 */
void
wsm_connection_forget_redirects (WsmConnection *self)
{
  g_clear_pointer (&self->asked_uri, g_uri_unref);
  g_clear_pointer (&self->redirected_uri, g_uri_unref);
  self->n_redirects = 0;
}
