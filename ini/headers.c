/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "headers.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/*
 * Request headers of a connection, as lines “Name: value”.
 *
 * The library leaves headers to the program, because a token may have to be a fresh one for each
 * attempt. Those of a list are the same each time.
 */

/* The handshake writes these itself. */
static const char * const reserved[] =
{
  "Connection",
  "Content-Length",
  "Expect",
  "Host",
  "Keep-Alive",
  "Proxy-Connection",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
};

static GQuark
wsm_ini_headers_quark (void)
{
  return g_quark_from_static_string ("wsm-ini-headers");
}

static gboolean
wsm_ini_headers_is_reserved (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      if (g_ascii_strcasecmp (reserved[i], name) == 0)
        return TRUE;
    }

  return g_ascii_strncasecmp (name, "Sec-WebSocket-", strlen ("Sec-WebSocket-")) == 0;
}

static gboolean
wsm_ini_headers_is_token (const char *name)
{
  for (const char *cursor = name; *cursor != '\0'; cursor++)
    {
      if (!g_ascii_isalnum (*cursor) && strchr ("!#$%&'*+-.^_`|~", *cursor) == NULL)
        return FALSE;
    }

  return *name != '\0';
}

/* Returns the value; what stands before it is the name. */
static const char *
wsm_ini_headers_split (const char  *header,
                       char       **name)
{
  const char *colon = strchr (header, ':');

  if (colon == NULL)
    return NULL;

  *name = g_strstrip (g_strndup (header, (gsize) (colon - header)));
  for (colon++; *colon == ' ' || *colon == '\t'; colon++)
    ;

  return colon;
}

/* Values may be secrets, so no message repeats one. */
static gboolean
wsm_ini_headers_check_one (const char  *header,
                           guint        number,
                           GError     **error)
{
  g_autofree char *name = NULL;
  const char *value = wsm_ini_headers_split (header, &name);

  if (value == NULL)
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                   _("Header %u has no colon; write it as Name: value"), number);
      return FALSE;
    }

  if (!wsm_ini_headers_is_token (name))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                   _("The name of header %u is no token; use letters, digits and hyphens"),
                   number);
      return FALSE;
    }

  if (wsm_ini_headers_is_reserved (name))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                   _("The header %.64s belongs to the handshake; leave it out"), name);
      return FALSE;
    }

  for (; *value != '\0'; value++)
    {
      if (g_ascii_iscntrl (*value) && *value != '\t')
        {
          g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                       _("The value of the header %.64s holds a line break or another control "
                         "character; remove it"), name);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
wsm_ini_headers_connection_prepare_cb (WsmConnection *connection,
                                       SoupMessage   *message,
                                       gpointer       user_data)
{
  const char * const *headers = wsm_ini_headers_get (connection);

  for (guint i = 0; headers != NULL && headers[i] != NULL; i++)
    {
      g_autofree char *name = NULL;
      const char *value = wsm_ini_headers_split (headers[i], &name);

      soup_message_headers_append (soup_message_get_request_headers (message), name, value);
    }

  return FALSE;
}

/**
 * wsm_ini_headers_check:
 * @headers: (array zero-terminated=1): lines “Name: value”
 * @error: return location for an error
 *
 * Tells whether headers may be added to a handshake.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_ini_headers_check (const char * const  *headers,
                       GError             **error)
{
  for (guint i = 0; headers[i] != NULL; i++)
    {
      if (!wsm_ini_headers_check_one (headers[i], i + 1, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * wsm_ini_headers_set:
 * @connection: a connection
 * @headers: (array zero-terminated=1) (nullable): checked lines “Name: value”
 *
 * Makes each of its handshakes carry these headers.
 */
void
wsm_ini_headers_set (WsmConnection       *connection,
                     const char * const  *headers)
{
  gboolean is_empty = headers == NULL || headers[0] == NULL;

  g_signal_handlers_disconnect_by_func (connection, wsm_ini_headers_connection_prepare_cb, NULL);
  g_object_set_qdata_full (G_OBJECT (connection), wsm_ini_headers_quark (),
                           is_empty ? NULL : g_strdupv ((GStrv) headers),
                           (GDestroyNotify) g_strfreev);
  if (!is_empty)
    g_signal_connect (connection, "prepare",
                      G_CALLBACK (wsm_ini_headers_connection_prepare_cb), NULL);
}

/**
 * wsm_ini_headers_get:
 * @connection: a connection
 *
 * Gets what was set.
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): lines “Name: value”
 */
const char * const *
wsm_ini_headers_get (WsmConnection *connection)
{
  return g_object_get_qdata (G_OBJECT (connection), wsm_ini_headers_quark ());
}
