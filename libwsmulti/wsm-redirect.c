/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-redirect.h"

#include "wsm-address.h"

/*
 * A redirection is the word of a server, and what an app sends, tokens and greetings, is meant for
 * one host. So it leads to another place on the same host, or from ws: to wss: there, or nowhere.
 */

#define PORT_WS 80
#define PORT_WSS 443

/* Returns what a redirection gives as its target, NULL if it is none, or gives not exactly one. */
const char *
wsm_redirect_get_location (SoupMessage *message)
{
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;
  const char *location = NULL;

  g_return_val_if_fail (SOUP_IS_MESSAGE (message), NULL);

  switch (soup_message_get_status (message))
    {
    case SOUP_STATUS_MOVED_PERMANENTLY:
    case SOUP_STATUS_FOUND:
    case SOUP_STATUS_SEE_OTHER:
    case SOUP_STATUS_TEMPORARY_REDIRECT:
    case SOUP_STATUS_PERMANENT_REDIRECT:
      break;

    default:
      return NULL;
    }

  soup_message_headers_iter_init (&iter, soup_message_get_response_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (g_ascii_strcasecmp (name, "Location") != 0)
        continue;

      if (location != NULL)
        return NULL;

      location = value;
    }

  return location;
}

static gboolean
wsm_redirect_is_secure (GUri *uri)
{
  return g_ascii_strcasecmp (g_uri_get_scheme (uri), "wss") == 0;
}

static int
wsm_redirect_get_port (GUri *uri)
{
  if (g_uri_get_port (uri) != -1)
    return g_uri_get_port (uri);

  return wsm_redirect_is_secure (uri) ? PORT_WSS : PORT_WS;
}

/* A handshake is HTTP, and servers write its places as such. */
static char *
wsm_redirect_name_scheme (const char *scheme)
{
  if (g_ascii_strcasecmp (scheme, "http") == 0)
    return g_strdup ("ws");

  if (g_ascii_strcasecmp (scheme, "https") == 0)
    return g_strdup ("wss");

  return g_strdup (scheme);
}

static const char *
wsm_redirect_find_fault (GUri *from,
                         GUri *to)
{
  if (g_ascii_strcasecmp (g_uri_get_host (from), g_uri_get_host (to)) != 0)
    return "it leads to another host";

  if (wsm_redirect_is_secure (from) && !wsm_redirect_is_secure (to))
    return "it leads from wss: to ws:";

  if (wsm_redirect_is_secure (from) == wsm_redirect_is_secure (to) &&
      wsm_redirect_get_port (from) != wsm_redirect_get_port (to))
    return "it leads to another port";

  return NULL;
}

/* The target as an app could have given it: who logs in there is not for a server to say, and
 * what follows a # never leaves a client. */
static GUri *
wsm_redirect_parse (GUri       *from,
                    const char *location)
{
  g_autoptr (GUri) parsed = NULL;
  g_autofree char *scheme = NULL;
  g_autofree char *text = NULL;

  parsed = g_uri_parse_relative (from, location,
                                 G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY, NULL);
  if (parsed == NULL)
    return NULL;

  scheme = wsm_redirect_name_scheme (g_uri_get_scheme (parsed));
  text = g_uri_join (G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY, scheme, NULL,
                     g_uri_get_host (parsed), g_uri_get_port (parsed), g_uri_get_path (parsed),
                     g_uri_get_query (parsed), NULL);

  return wsm_address_parse (text, NULL);
}

/* The error says why it is not followed, and where it leads as far as anybody may see that. */
GUri *
wsm_redirect_resolve (GUri        *from,
                      const char  *location,
                      GError     **error)
{
  g_autoptr (GUri) to = NULL;
  const char *fault;

  g_return_val_if_fail (from != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  to = location != NULL ? wsm_redirect_parse (from, location) : NULL;
  if (to == NULL)
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_REDIRECT, "it gives no usable target");
      return NULL;
    }

  fault = wsm_redirect_find_fault (from, to);
  if (fault != NULL)
    {
      g_autofree char *text = g_uri_to_string (to);
      g_autofree char *shown = wsm_address_redact (text);

      g_set_error (error, WSM_ERROR, WSM_ERROR_REDIRECT, "%s, %s", fault, shown);
      return NULL;
    }

  /* On the same host the app's own name and password, if it gave any, stay valid. */
  return soup_uri_copy (from,
                        SOUP_URI_SCHEME, g_uri_get_scheme (to),
                        SOUP_URI_PORT, g_uri_get_port (to),
                        SOUP_URI_PATH, g_uri_get_path (to),
                        SOUP_URI_QUERY, g_uri_get_query (to),
                        SOUP_URI_NONE);
}
