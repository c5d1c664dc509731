/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "metrics-address.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/*
 * Where to listen, as a person writes it: ADDRESS:PORT, or a port of this machine alone.
 *
 * Only addresses, no names: what a name stands for may be more than its writer knew.
 */

static gboolean
wsm_cli_metrics_address_parse_port (const char  *option,
                                    const char  *text,
                                    guint16     *port,
                                    GError     **error)
{
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &number, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("%s: “%s” is not a port; write a number from 1 to %u, or 0 for any free one"),
                   option, text, G_MAXUINT16);
      return FALSE;
    }

  *port = (guint16) number;

  return TRUE;
}

/* Both families, because nobody knows which one a client means by localhost. */
static void
wsm_cli_metrics_address_add_loopback (GPtrArray *addresses,
                                      guint16    port)
{
  static const GSocketFamily families[] = { G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6 };

  for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
    {
      g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (families[i]);

      g_ptr_array_add (addresses, g_inet_socket_address_new (loopback, port));
    }
}

static const char *
wsm_cli_metrics_address_judge (const char *host,
                               const char *text)
{
  if (strchr (host, ':') != NULL && text[0] != '[')
    return _("an IPv6 address stands in brackets, as in [::1]:9464");
  if (text[0] == '[')
    return _("it is not an IPv6 address in brackets, as in [::1]:9464");

  return _("it is not an IP address; write one that this machine has, as in 192.0.2.7:9464, or the "
           "port alone for programs on this machine only");
}

/**
 * wsm_cli_metrics_address_parse:
 * @option: what asks for it, for the error
 * @text: what was written
 * @error: return location for an error
 *
 * Reads where to listen.
 *
 * Returns: (transfer full) (element-type GInetSocketAddress) (nullable): the addresses; of more
 *   than one all have the same port, and those after the first are for where there is IPv6
 */
GPtrArray *
wsm_cli_metrics_address_parse (const char  *option,
                               const char  *text,
                               GError     **error)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_object_unref);
  const char *colon = strrchr (text, ':');
  const char *bracket = strrchr (text, ']');
  g_autofree char *host = NULL;
  g_autoptr (GSocketAddress) address = NULL;
  guint16 port;

  if (colon == NULL ? !g_ascii_isdigit (text[0]) || strchr (text, '.') != NULL : bracket > colon)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("%s: “%s” has no port; write one, as in 9464 or 127.0.0.1:9464"),
                   option, text);
      return NULL;
    }

  if (!wsm_cli_metrics_address_parse_port (option, colon != NULL ? colon + 1 : text, &port, error))
    return NULL;

  host = colon != NULL ? g_strndup (text, (gsize) (colon - text)) : g_strdup ("");
  if (host[0] == '\0' || g_ascii_strcasecmp (host, "localhost") == 0)
    {
      wsm_cli_metrics_address_add_loopback (addresses, port);
      return g_steal_pointer (&addresses);
    }

  /* It reads a zone too, and knows its number. */
  if (host[0] == '[' && bracket == colon - 1)
    {
      g_autofree char *inside = g_strndup (host + 1, strlen (host) - 2);

      if (strchr (inside, ':') != NULL)
        address = g_inet_socket_address_new_from_string (inside, port);
    }
  else if (strchr (host, ':') == NULL)
    {
      address = g_inet_socket_address_new_from_string (host, port);
    }

  if (address == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s: “%s”: %s",
                   option, host, wsm_cli_metrics_address_judge (host, text));
      return NULL;
    }

  g_ptr_array_add (addresses, g_steal_pointer (&address));

  return g_steal_pointer (&addresses);
}

/**
 * wsm_cli_metrics_address_is_any:
 * @addresses: (element-type GInetSocketAddress): where to listen
 *
 * Tells whether that is wherever this machine can be reached.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_cli_metrics_address_is_any (GPtrArray *addresses)
{
  GInetSocketAddress *address = g_ptr_array_index (addresses, 0);

  return g_inet_address_get_is_any (g_inet_socket_address_get_address (address));
}
