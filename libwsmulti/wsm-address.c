/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-address.h"

#include <string.h>

#define MAX_URI_LENGTH (16 * 1024)
#define MAX_HOST_LENGTH 255
#define MAX_ORIGIN_LENGTH 1024
#define MAX_PROTOCOL_LENGTH 4096
#define MAX_PROTOCOLS_LENGTH (8 * 1024)
#define MAX_HEADERS_LENGTH (32 * 1024)

/* A run of this many characters of a token's alphabet, with a digit among them, is taken for a
 * secret: session ids, keys and JSON web tokens are longer, words are not. */
#define MIN_TOKEN_LENGTH 20

#define HIDDEN "***"
#define INVALID_URI "(invalid URI)"

/* The URI is taken apart but path and query stay as they are written: a server may tell %2F
 * from a slash. */
#define URI_FLAGS (G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED_PATH | \
                   G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_FRAGMENT)

static gboolean
wsm_address_is_token_character (char c)
{
  return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`|~", c) != NULL);
}

/* RFC 7230, 3.2.6 */
static gboolean
wsm_address_is_token (const char *text)
{
  if (*text == '\0')
    return FALSE;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (!wsm_address_is_token_character (*p))
        return FALSE;
    }

  return TRUE;
}

/* NULL, for a part that a URI does not have, is. */
static gboolean
wsm_address_is_visible_ascii (const char *text)
{
  if (text == NULL)
    return TRUE;

  for (const char *p = text; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p))
        return FALSE;
    }

  return TRUE;
}

/* GUri's own messages may quote what they stumbled over, and that may be a password. */
static const char *
wsm_address_explain (const GError *error)
{
  if (error == NULL || error->domain != G_URI_ERROR)
    return "cannot be understood; write it as ws://host:port/path";

  switch ((GUriError) error->code)
    {
    case G_URI_ERROR_BAD_SCHEME:
      return "has no usable scheme; begin it with ws:// or wss://";

    case G_URI_ERROR_BAD_USER:
    case G_URI_ERROR_BAD_PASSWORD:
    case G_URI_ERROR_BAD_AUTH_PARAMS:
      return "has an unusable user name or password; percent-encode what stands before the @";

    case G_URI_ERROR_BAD_HOST:
      return "has an unusable host; give a host name, an IPv4 address or an IPv6 address in "
             "brackets";

    case G_URI_ERROR_BAD_PORT:
      return "has an unusable port; give a number from 1 to 65535";

    case G_URI_ERROR_BAD_PATH:
    case G_URI_ERROR_BAD_QUERY:
    case G_URI_ERROR_BAD_FRAGMENT:
      return "has an unusable path or query; percent-encode the characters that a URI must not "
             "hold";

    case G_URI_ERROR_FAILED:
    default:
      return "cannot be understood; write it as ws://host:port/path";
    }
}

static void
wsm_address_refuse (GError     **error,
                    const char  *explanation)
{
  g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI, "The URI %s", explanation);
}

static gboolean
wsm_address_is_ip_literal (const char *host)
{
  g_autofree char *address = NULL;
  const char *zone = strchr (host, '%');

  if (strchr (host, ':') == NULL)
    return FALSE;

  /* Of a zone, as in fe80::1%eth0, GLib makes sure that the interface exists, and it may come
   * and go: only the address has to be right here. */
  if (zone != NULL)
    {
      for (const char *p = zone + 1; *p != '\0'; p++)
        {
          if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_' && *p != '.')
            return FALSE;
        }

      if (zone[1] == '\0')
        return FALSE;
    }

  address = zone != NULL ? g_strndup (host, (gsize) (zone - host)) : g_strdup (host);

  return g_hostname_is_ip_address (address);
}

static gboolean
wsm_address_is_host_name (const char *host)
{
  if (*host == '\0' || *host == '.' || strlen (host) > MAX_HOST_LENGTH)
    return FALSE;

  for (const char *p = host; *p != '\0'; p++)
    {
      if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_' && *p != '.')
        return FALSE;

      if (p[0] == '.' && p[1] == '.')
        return FALSE;
    }

  return TRUE;
}

/* Returns the host as it goes into a request, or NULL. */
static char *
wsm_address_normalise_host (const char *host)
{
  g_autofree char *ascii = NULL;

  if (host == NULL || strlen (host) > MAX_HOST_LENGTH)
    return NULL;

  if (wsm_address_is_ip_literal (host))
    return g_strdup (host);

  if (!g_utf8_validate (host, -1, NULL))
    return NULL;

  ascii = g_str_is_ascii (host) ? g_strdup (host) : g_hostname_to_ascii (host);
  if (ascii == NULL || !wsm_address_is_host_name (ascii))
    return NULL;

  return g_steal_pointer (&ascii);
}

/* Takes a URI that an app gave; the error says what is wrong with it without repeating it. */
GUri *
wsm_address_parse (const char  *uri,
                   GError     **error)
{
  g_autoptr (GUri) parsed = NULL;
  g_autoptr (GError) parse_error = NULL;
  g_autofree char *host = NULL;

  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (uri == NULL || *uri == '\0')
    {
      wsm_address_refuse (error, "is missing; write it as ws://host:port/path");
      return NULL;
    }

  if (strlen (uri) > MAX_URI_LENGTH)
    {
      wsm_address_refuse (error, "is longer than 16 KiB; send long data in a message");
      return NULL;
    }

  for (const char *p = uri; *p != '\0'; p++)
    {
      if (*p == ' ' || g_ascii_iscntrl (*p))
        {
          wsm_address_refuse (error,
                              "holds a space or a control character; percent-encode it or "
                              "remove it");
          return NULL;
        }
    }

  if (!g_utf8_validate (uri, -1, NULL))
    {
      wsm_address_refuse (error, "is no UTF-8; percent-encode its bytes outside ASCII");
      return NULL;
    }

  parsed = g_uri_parse (uri, URI_FLAGS, &parse_error);
  if (parsed == NULL)
    {
      wsm_address_refuse (error, wsm_address_explain (parse_error));
      return NULL;
    }

  if (g_ascii_strcasecmp (g_uri_get_scheme (parsed), "ws") != 0 &&
      g_ascii_strcasecmp (g_uri_get_scheme (parsed), "wss") != 0)
    {
      wsm_address_refuse (error, "has another scheme than ws and wss; begin it with ws:// or "
                                 "wss://");
      return NULL;
    }

  if (g_uri_get_fragment (parsed) != NULL)
    {
      wsm_address_refuse (error, "has a fragment, which WebSocket URIs must not have; remove "
                                 "what follows the #, or write %23");
      return NULL;
    }

  host = wsm_address_normalise_host (g_uri_get_host (parsed));
  if (host == NULL)
    {
      wsm_address_refuse (error, "has no usable host; give a host name, an IPv4 address or an "
                                 "IPv6 address in brackets");
      return NULL;
    }

  if (g_uri_get_port (parsed) == 0 || g_uri_get_port (parsed) > G_MAXUINT16)
    {
      wsm_address_refuse (error, "has an unusable port; give a number from 1 to 65535");
      return NULL;
    }

  if (!wsm_address_is_visible_ascii (g_uri_get_path (parsed)) ||
      !wsm_address_is_visible_ascii (g_uri_get_query (parsed)))
    {
      wsm_address_refuse (error, "has an unusable path or query; percent-encode the characters "
                                 "that a URI must not hold");
      return NULL;
    }

  if (g_str_equal (host, g_uri_get_host (parsed)))
    return g_steal_pointer (&parsed);

  return soup_uri_copy (parsed, SOUP_URI_HOST, host, SOUP_URI_NONE);
}

static gboolean
wsm_address_looks_like_token (const char *text,
                              gsize       length)
{
  gsize run = 0;
  gboolean has_digit = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      /* %, because a token may be percent-encoded, and = because base64 ends with it. */
      if (g_ascii_isalnum (text[i]) || (text[i] != '\0' && strchr ("-_+.~=%", text[i]) != NULL))
        {
          run++;
          has_digit = has_digit || g_ascii_isdigit (text[i]);
          if (run >= MIN_TOKEN_LENGTH && has_digit)
            return TRUE;
        }
      else
        {
          run = 0;
          has_digit = FALSE;
        }
    }

  return FALSE;
}

static void
wsm_address_append_path (GString    *result,
                         const char *path)
{
  while (*path != '\0')
    {
      gsize length = strcspn (path, "/");

      if (wsm_address_looks_like_token (path, length))
        g_string_append (result, HIDDEN);
      else
        g_string_append_len (result, path, (gssize) length);

      path += length;
      if (*path == '/')
        g_string_append_c (result, *path++);
    }
}

static void
wsm_address_append_query (GString    *result,
                          const char *query)
{
  g_string_append_c (result, '?');

  while (*query != '\0')
    {
      gsize length = strcspn (query, "&;");
      const char *equals = memchr (query, '=', length);

      /* Without = the whole piece may be the secret. */
      if (equals != NULL && equals > query &&
          !wsm_address_looks_like_token (query, (gsize) (equals - query)))
        {
          g_string_append_len (result, query, equals - query);
          g_string_append_c (result, '=');
        }

      if (length > 0)
        g_string_append (result, HIDDEN);

      query += length;
      if (*query != '\0')
        g_string_append_c (result, *query++);
    }
}

/* The form of a URI that may be shown and logged: without user and password, without the values
 * of its query, without what looks like a token in its path. */
char *
wsm_address_redact (const char *uri)
{
  g_autoptr (GUri) parsed = NULL;
  g_autofree char *host = NULL;
  g_autoptr (GString) result = NULL;

  if (uri != NULL && strlen (uri) <= MAX_URI_LENGTH && g_utf8_validate (uri, -1, NULL))
    parsed = g_uri_parse (uri, URI_FLAGS, NULL);

  if (parsed == NULL)
    return g_strdup (INVALID_URI);

  /* A host that is none may be the rest of a password with an @ in it. */
  host = wsm_address_normalise_host (g_uri_get_host (parsed));
  if (host == NULL ||
      !wsm_address_is_visible_ascii (g_uri_get_path (parsed)) ||
      !wsm_address_is_visible_ascii (g_uri_get_query (parsed)))
    return g_strdup (INVALID_URI);

  result = g_string_new (host);
  if (strchr (host, ':') != NULL)
    {
      /* What is shown is a URI itself, in which the sign before a zone is written so. */
      g_string_replace (result, "%", "%25", 1);
      g_string_prepend_c (result, '[');
      g_string_append_c (result, ']');
    }
  g_string_prepend (result, "://");
  g_string_prepend (result, g_uri_get_scheme (parsed));

  if (g_uri_get_port (parsed) != -1)
    g_string_append_printf (result, ":%d", g_uri_get_port (parsed));

  wsm_address_append_path (result, g_uri_get_path (parsed));
  if (g_uri_get_query (parsed) != NULL)
    wsm_address_append_query (result, g_uri_get_query (parsed));

  return g_string_free (g_steal_pointer (&result), FALSE);
}

/* RFC 6454, 7: scheme, host and port, or the word null; NULL is no origin at all. */
gboolean
wsm_address_check_origin (const char  *origin,
                          GError     **error)
{
  g_autoptr (GUri) parsed = NULL;
  g_autofree char *host = NULL;

  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (origin == NULL || g_str_equal (origin, "null"))
    return TRUE;

  if (strlen (origin) <= MAX_ORIGIN_LENGTH && wsm_address_is_visible_ascii (origin))
    parsed = g_uri_parse (origin, URI_FLAGS, NULL);

  if (parsed != NULL)
    host = wsm_address_normalise_host (g_uri_get_host (parsed));

  if (host == NULL ||
      g_uri_get_userinfo (parsed) != NULL ||
      g_uri_get_port (parsed) == 0 ||
      *g_uri_get_path (parsed) != '\0' ||
      g_uri_get_query (parsed) != NULL ||
      g_uri_get_fragment (parsed) != NULL)
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                           "The origin must be a scheme, a host and perhaps a port, as in "
                           "https://example.com, with nothing behind it");
      return FALSE;
    }

  return TRUE;
}

gboolean
wsm_address_check_protocols (const char * const  *protocols,
                             GError             **error)
{
  gsize total = 0;

  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (protocols == NULL)
    return TRUE;

  for (guint i = 0; protocols[i] != NULL; i++)
    {
      gsize length = strlen (protocols[i]);

      total += length;
      if (!wsm_address_is_token (protocols[i]))
        {
          g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                       "Sub-protocol number %u is no token: it must hold letters, digits and "
                       "the characters !#$%%&'*+-.^_`|~ only", i + 1);
          return FALSE;
        }

      if (length > MAX_PROTOCOL_LENGTH || total > MAX_PROTOCOLS_LENGTH)
        {
          g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                       "Sub-protocol number %u is too long: one may have %d bytes, all together "
                       "%d", i + 1, MAX_PROTOCOL_LENGTH, MAX_PROTOCOLS_LENGTH);
          return FALSE;
        }

      /* libsoup may compare them without regard to case. */
      for (guint j = 0; j < i; j++)
        {
          if (g_ascii_strcasecmp (protocols[i], protocols[j]) == 0)
            {
              g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                           "Sub-protocol number %u is the same as number %u; name each once",
                           i + 1, j + 1);
              return FALSE;
            }
        }
    }

  return TRUE;
}

static gboolean
wsm_address_is_reserved_header (const char *name)
{
  static const char * const reserved[] = {
    "Connection",
    "Content-Length",
    "Expect",
    "Host",
    "Keep-Alive",
    "Proxy-Authorization",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
  };

  for (guint i = 0; i < G_N_ELEMENTS (reserved); i++)
    {
      if (g_ascii_strcasecmp (name, reserved[i]) == 0)
        return TRUE;
    }

  return g_ascii_strncasecmp (name, "Sec-WebSocket-", strlen ("Sec-WebSocket-")) == 0;
}

static gboolean
wsm_address_check_header (const char  *name,
                          const char  *value,
                          GError     **error)
{
  if (!wsm_address_is_token (name))
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                           "The request has a header whose name is no token; use letters, "
                           "digits and hyphens");
      return FALSE;
    }

  if (wsm_address_is_reserved_header (name))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                   "The header %.64s belongs to the handshake; do not set it", name);
      return FALSE;
    }

  for (const char *p = value; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p) && *p != '\t')
        {
          g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                       "The value of the header %.64s holds a line break or another control "
                       "character; remove it", name);
          return FALSE;
        }
    }

  if (!g_utf8_validate (value, -1, NULL))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                   "The value of the header %.64s is no UTF-8; encode it", name);
      return FALSE;
    }

  return TRUE;
}

gboolean
wsm_address_check_request (SoupMessage  *message,
                           GError      **error)
{
  g_autofree char *uri = NULL;
  g_autoptr (GUri) parsed = NULL;
  SoupMessageHeadersIter iter;
  const char *name;
  const char *value;
  gsize total = 0;

  g_return_val_if_fail (SOUP_IS_MESSAGE (message), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (soup_message_get_uri (message) != NULL)
    uri = g_uri_to_string (soup_message_get_uri (message));

  parsed = wsm_address_parse (uri, error);
  if (parsed == NULL)
    return FALSE;

  if (g_strcmp0 (soup_message_get_method (message), SOUP_METHOD_GET) != 0)
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                           "The request of a handshake must keep the method GET");
      return FALSE;
    }

  soup_message_headers_iter_init (&iter, soup_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (!wsm_address_check_header (name, value, error))
        return FALSE;

      total += strlen (name) + strlen (value);
      if (total > MAX_HEADERS_LENGTH)
        {
          g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER,
                               "The request has more than 32 KiB of headers; send less");
          return FALSE;
        }
    }

  return TRUE;
}

gboolean
wsm_address_is_loopback (GUri *uri)
{
  const char *host;
  g_autoptr (GInetAddress) address = NULL;

  g_return_val_if_fail (uri != NULL, FALSE);

  host = g_uri_get_host (uri);
  if (host == NULL)
    return FALSE;

  /* RFC 6761, 6.3: what ends in localhost never leaves the machine. */
  if (g_ascii_strcasecmp (host, "localhost") == 0 ||
      (strlen (host) > strlen (".localhost") &&
       g_ascii_strcasecmp (host + strlen (host) - strlen (".localhost"), ".localhost") == 0))
    return TRUE;

  address = g_inet_address_new_from_string (host);

  return address != NULL && g_inet_address_get_is_loopback (address);
}

/* Characters that change how the text around them reads. */
static gboolean
wsm_address_is_deceptive (gunichar c)
{
  return c == 0x061c || c == 0xfeff || (c >= 0x200b && c <= 0x200f) ||
         (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f);
}

char *
wsm_address_clean_text (const char *text,
                        gssize      length,
                        gsize       max_bytes)
{
  g_autofree char *valid = NULL;
  g_autoptr (GString) result = g_string_new (NULL);
  gsize n_bytes;

  if (text == NULL)
    return g_strdup ("");

  /* What is left out below makes the text shorter, so look at somewhat more than is wanted; a
   * peer may have sent megabytes. */
  n_bytes = length < 0 ? strlen (text) : (gsize) length;
  n_bytes = MIN (n_bytes, MIN (max_bytes, G_MAXSSIZE / 8) * 4);
  valid = g_utf8_make_valid (text, (gssize) n_bytes);

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (wsm_address_is_deceptive (c))
        continue;

      if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029)
        c = ' ';

      if (result->len + (gsize) g_unichar_to_utf8 (c, NULL) > max_bytes)
        break;

      g_string_append_unichar (result, c);
    }

  return g_string_free (g_steal_pointer (&result), FALSE);
}

gboolean
wsm_address_holds_token (const char *text)
{
  return wsm_address_looks_like_token (text, strlen (text));
}

char *
wsm_address_scrub_text (const char *text,
                        gsize       max_bytes)
{
  g_autofree char *clean = wsm_address_clean_text (text, -1, max_bytes);
  g_autoptr (GString) result = g_string_new (NULL);

  for (const char *word = clean; *word != '\0';)
    {
      gsize length = strcspn (word, " ");

      if (wsm_address_looks_like_token (word, length) || memchr (word, '@', length) != NULL ||
          g_strstr_len (word, (gssize) length, "://") != NULL)
        g_string_append (result, HIDDEN);
      else
        g_string_append_len (result, word, (gssize) length);

      word += length;
      if (*word == ' ')
        g_string_append_c (result, *word++);
    }

  return g_string_free (g_steal_pointer (&result), FALSE);
}
