/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <string.h>

#include "wsm-address.h"

#define SECRET "S3CR3T-0123456789abcdef"

static void
test_parse_takes_good_uris (void)
{
  static const struct
  {
    const char *uri;
    const char *host;
    int port;
  } cases[] = {
    { "ws://example.com", "example.com", -1 },
    { "WSS://Example.com:8443/a/b?c=d", "Example.com", 8443 },
    { "ws://user:pass@example.com/", "example.com", -1 },
    { "ws://127.0.0.1:1", "127.0.0.1", 1 },
    { "ws://[::1]:65535/x", "::1", 65535 },
    { "wss://[fe80::1%25eth0]/", "fe80::1%eth0", -1 },
    { "wss://exa%6Dple.com/", "example.com", -1 },
    { "wss://b\xc3\xbc" "cher.example/", "xn--bcher-kva.example", -1 },
    { "ws://127.1", "127.1", -1 },
    { "ws://example.com./", "example.com.", -1 },
    { "ws://a_b.example/%20%0d", "a_b.example", -1 },
    { "wss://good@evil", "evil", -1 },
    { "ws://example.com/\xc3\xa9?\xc3\xa9", "example.com", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) uri = wsm_address_parse (cases[i].uri, &error);

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_no_error (error);
      g_assert_nonnull (uri);
      g_assert_cmpstr (g_uri_get_host (uri), ==, cases[i].host);
      g_assert_cmpint (g_uri_get_port (uri), ==, cases[i].port);
    }
}

static void
test_parse_refuses_bad_uris (void)
{
  static const char * const cases[] = {
    "",
    "ws:",
    "ws://",
    "ws:///x",
    "host:80",
    "example.com",
    "//example.com",
    "http://" SECRET "@example.com",
    "ftp://example.com/",
    "WS://",
    "ws://example.com:0",
    "ws://example.com:99999",
    "ws://example.com:-1",
    "ws://example.com:" SECRET,
    "ws://[::1",
    "ws://[::1]x",
    "ws://[" SECRET "]/",
    "ws://[fe80::1%25]/",
    "ws://[fe80::1%25a%0d%0a]/",
    "ws://u:" SECRET "@example.com/#" SECRET,
    "ws://exam%00ple.com/",
    "ws://exam%0d%0aple.com/",
    "ws://exam%20ple.com/",
    "ws://exam ple.com/",
    "ws://example.com/a b",
    "ws://example.com/\r\nX-Injected: 1",
    "ws://example.com/\x7f",
    "ws://exam%zzple.com/",
    "ws://\xff\xfe/",
    "ws://example.com/?\xff",
    "ws://.example.com/",
    "ws://a..b/",
    "ws://a,b/",
    "ws://us@er:" SECRET "@host@/",
    "ws://u:" SECRET "%zz@example.com/",
    "ws://host/%zz?" SECRET "#",
    "wss:" SECRET "@example.com",
    "ws:\\\\example.com",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) uri = wsm_address_parse (cases[i], &error);
      g_autofree char *shown = g_strescape (cases[i], NULL);

      g_test_message ("%s", shown);
      g_assert_null (uri);
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
      g_assert_null (strstr (error->message, "S3CR3T"));
      g_assert_true (g_str_has_prefix (error->message, "The URI "));
    }
}

static void
test_parse_refuses_null_and_huge_uris (void)
{
  g_autofree char *host = g_strnfill (70 * 1024, 'a');
  g_autofree char *long_host = g_strconcat ("ws://", host, NULL);
  g_autofree char *long_path = g_strconcat ("ws://example.com/", host, NULL);
  g_autofree char *label = g_strnfill (300, 'a');
  g_autofree char *long_label = g_strconcat ("ws://", label, NULL);
  const char *cases[] = { NULL, long_host, long_path, long_label };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (wsm_address_parse (cases[i], &error));
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
    }
}

static void
test_redact_hides_what_may_be_secret (void)
{
  static const struct
  {
    const char *uri;
    const char *redacted;
  } cases[] = {
    { "ws://example.com", "ws://example.com" },
    { "WSS://example.com:8443/feed/1", "wss://example.com:8443/feed/1" },
    { "ws://user:" SECRET "@example.com/", "ws://example.com/" },
    { "ws://[::1]:80/a", "ws://[::1]:80/a" },
    { "ws://[fe80::1%25eth0]/a", "ws://[fe80::1%25eth0]/a" },
    { "ws://h/p?token=" SECRET "&v=2", "ws://h/p?token=***&v=***" },
    { "ws://h/p?" SECRET, "ws://h/p?***" },
    { "ws://h/p?" SECRET "=1", "ws://h/p?***" },
    { "ws://h/p?a=1;b=2&&", "ws://h/p?a=***;b=***&&" },
    { "ws://h/p?=x", "ws://h/p?***" },
    { "ws://h/room/" SECRET "/x", "ws://h/room/***/x" },
    { "ws://h/;t=" SECRET "/x", "ws://h/***/x" },
    { "ws://h/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc/x", "ws://h/***/x" },
    { "ws://h/a-long-but-harmless-word-of-path/x", "ws://h/a-long-but-harmless-word-of-path/x" },
    { "ws://h/p#" SECRET, "ws://h/p" },
    { "http://u:p@h/p", "http://h/p" },
    { "ws://", "(invalid URI)" },
    { "", "(invalid URI)" },
    { NULL, "(invalid URI)" },
    { SECRET, "(invalid URI)" },
    { "ws://a b:" SECRET "@h/", "(invalid URI)" },
    { "ws://h\r\n/" SECRET, "(invalid URI)" },
    { "ws://h/\xff" SECRET, "(invalid URI)" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *redacted = wsm_address_redact (cases[i].uri);

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      if (cases[i].redacted[0] == '(')
        g_assert_null (strstr (redacted, "S3CR3T"));
      else
        g_assert_cmpstr (redacted, ==, cases[i].redacted);
    }
}

/* The secret is put where secrets are put, with random noise around it. */
static void
test_redact_never_shows_the_secret (void)
{
  static const char alphabet[] =
    "abcz019:/?#[]@!$&'()*+,;=%-._~ \t\r\n\\\"<>^`{|}\x01\x80\xc3\xa9\xff";

  for (guint n = 0; n < 20000; n++)
    {
      char noise[4][12] = { { 0 } };
      g_autofree char *uri = NULL;
      g_autofree char *redacted = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (GUri) parsed = NULL;

      for (gsize i = 0; i < G_N_ELEMENTS (noise); i++)
        {
          gint32 length = g_test_rand_int_range (0, sizeof noise[i]);

          for (gint32 j = 0; j < length; j++)
            noise[i][j] = alphabet[g_test_rand_int_range (0, sizeof alphabet - 1)];
        }

      switch (n % 6)
        {
        case 0:
          uri = g_strconcat ("ws://", noise[0], ":" SECRET, noise[1], "@host/", noise[2], NULL);
          break;
        case 1:
          uri = g_strconcat ("ws://host/", noise[0], "?", noise[1], "=" SECRET, noise[2], NULL);
          break;
        case 2:
          uri = g_strconcat ("ws://host/", noise[0], SECRET, noise[1], NULL);
          break;
        case 3:
          uri = g_strconcat ("wss://host", noise[0], "#", noise[1], SECRET, noise[2], NULL);
          break;
        case 4:
          uri = g_strconcat ("ws://", noise[0], SECRET, "@", noise[1], NULL);
          break;
        default:
          uri = g_strconcat (noise[0], "//", noise[1], "/", SECRET, noise[2], NULL);
          break;
        }

      redacted = wsm_address_redact (uri);
      if (strstr (redacted, SECRET) != NULL)
        {
          g_autofree char *shown = g_strescape (uri, NULL);

          g_test_message ("%s", shown);
        }
      g_assert_null (strstr (redacted, SECRET));
      g_assert_true (g_str_is_ascii (redacted));

      parsed = wsm_address_parse (uri, &error);
      g_assert_true ((parsed == NULL) == (error != NULL));
      if (error != NULL)
        g_assert_null (strstr (error->message, SECRET));
      if (parsed != NULL)
        {
          g_autofree char *text = g_uri_to_string (parsed);

          g_assert_null (strpbrk (text, " \r\n\t"));
        }
    }
}

static void
test_check_origin_takes_origins_only (void)
{
  static const char * const good[] = {
    NULL, "null", "https://example.com", "http://localhost:8080", "app://x", "http://[::1]:1",
  };
  static const char * const bad[] = {
    "", "example.com", "https://", "https://example.com/", "https://example.com/x",
    "https://u@example.com", "https://example.com?x", "https://example.com#x",
    "https://example.com\r\nX: 1", "https://exam ple.com", "https://example.com:0",
    "https://a https://b", "https://ex\xc3\xa9mple.com",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_true (wsm_address_check_origin (good[i], &error));
      g_assert_no_error (error);
    }

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_false (wsm_address_check_origin (bad[i], &error));
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
    }
}

static void
test_check_protocols_takes_tokens_only (void)
{
  g_autofree char *huge = g_strnfill (10 * 1024, 'a');
  const char *good[] = { "chat", "v1.chat+json", "a~b|c", NULL };
  const char *none[] = { NULL };
  const char *bad[][3] = {
    { "", NULL },
    { "a,b", NULL },
    { "a b", NULL },
    { "a\r\nX: 1", NULL },
    { "\xc3\xa9", NULL },
    { "(a)", NULL },
    { "chat", "chat", NULL },
    { "chat", "Chat", NULL },
    { huge, NULL },
  };

  g_assert_true (wsm_address_check_protocols (NULL, NULL));
  g_assert_true (wsm_address_check_protocols (none, NULL));
  g_assert_true (wsm_address_check_protocols (good, NULL));

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (wsm_address_check_protocols (bad[i], &error));
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
    }
}

static SoupMessage *
make_message (void)
{
  g_autoptr (GUri) uri = wsm_address_parse ("ws://example.com/?token=" SECRET, NULL);

  return soup_message_new_from_uri (SOUP_METHOD_GET, uri);
}

static void
test_check_request_takes_headers_of_the_app (void)
{
  g_autoptr (SoupMessage) message = make_message ();
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  g_autoptr (GError) error = NULL;

  soup_message_headers_append (headers, "Authorization", "Bearer " SECRET);
  soup_message_headers_append (headers, "X-Name", "\xc3\xa9");
  g_assert_true (wsm_address_check_request (message, &error));
  g_assert_no_error (error);
}

static void
test_check_request_refuses_headers_of_the_handshake (void)
{
  static const char * const names[] = {
    "Host", "upgrade", "Connection", "Sec-WebSocket-Key", "sec-websocket-protocol",
    "Sec-WebSocket-Extensions", "Content-Length", "Transfer-Encoding",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (SoupMessage) message = make_message ();
      g_autoptr (GError) error = NULL;

      soup_message_headers_append (soup_message_get_request_headers (message), names[i], SECRET);
      g_assert_false (wsm_address_check_request (message, &error));
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER);
      g_assert_null (strstr (error->message, SECRET));
      /* libsoup writes known names in its own way. */
      g_assert_nonnull (strcasestr (error->message, names[i]));
    }
}

static void
test_check_request_refuses_values_that_break_it (void)
{
  g_autofree char *huge = g_strnfill (33 * 1024, 'a');
  /* Line breaks libsoup refuses by itself. */
  const char *values[] = { "a\x01" SECRET, "\xff\xfe" SECRET, huge };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (SoupMessage) message = make_message ();
      g_autoptr (GError) error = NULL;

      soup_message_headers_append (soup_message_get_request_headers (message), "X-Value",
                                   values[i]);
      g_assert_false (wsm_address_check_request (message, &error));
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER);
      g_assert_null (strstr (error->message, SECRET));
    }
}

static void
test_check_request_refuses_another_uri (void)
{
  g_autoptr (SoupMessage) message = make_message ();
  g_autoptr (GUri) uri = g_uri_parse ("ftp://" SECRET "@example.com/", SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (GError) error = NULL;

  soup_message_set_uri (message, uri);
  g_assert_false (wsm_address_check_request (message, &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
  g_assert_null (strstr (error->message, SECRET));
}

static void
test_is_loopback_knows_this_machine (void)
{
  static const char * const loopback[] = {
    "ws://localhost", "ws://LOCALHOST:1", "ws://a.localhost/", "ws://127.0.0.1", "ws://127.9.9.9",
    "ws://[::1]/",
  };
  static const char * const others[] = {
    "ws://example.com", "ws://localhost.example", "ws://notlocalhost", "ws://10.0.0.1",
    "ws://[fe80::1]/",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (loopback); i++)
    {
      g_autoptr (GUri) uri = wsm_address_parse (loopback[i], NULL);

      g_assert_true (wsm_address_is_loopback (uri));
    }

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GUri) uri = wsm_address_parse (others[i], NULL);

      g_assert_false (wsm_address_is_loopback (uri));
    }
}

static void
test_clean_text_makes_one_harmless_line (void)
{
  static const struct
  {
    const char *text;
    gssize length;
    gsize max_bytes;
    const char *cleaned;
  } cases[] = {
    { "plain", -1, 100, "plain" },
    { NULL, -1, 100, "" },
    { "two\r\nlines", -1, 100, "two  lines" },
    { "a\0b", 3, 100, "a\xef\xbf\xbd" "b" },
    { "B\xff\xfe", -1, 100, "B\xef\xbf\xbd\xef\xbf\xbd" },
    { "\x1b[31mred", -1, 100, " [31mred" },
    { "left\xe2\x80\xaeright", -1, 100, "leftright" },
    { "\xc3\xa9\xc3\xa9", -1, 3, "\xc3\xa9" },
    { "abcdef", -1, 4, "abcd" },
    { "abcdef", 2, 4, "ab" },
    { "abc", -1, 0, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *cleaned =
        wsm_address_clean_text (cases[i].text, cases[i].length, cases[i].max_bytes);

      g_assert_cmpstr (cleaned, ==, cases[i].cleaned);
    }
}

static void
test_clean_text_is_bounded_and_valid (void)
{
  for (guint n = 0; n < 5000; n++)
    {
      char text[64];
      gsize length = (gsize) g_test_rand_int_range (0, sizeof text);
      gsize max_bytes = (gsize) g_test_rand_int_range (0, 70);
      g_autofree char *cleaned = NULL;

      for (gsize i = 0; i < length; i++)
        text[i] = (char) g_test_rand_int_range (0, 256);

      cleaned = wsm_address_clean_text (text, (gssize) length, max_bytes);
      g_assert_true (g_utf8_validate (cleaned, -1, NULL));
      g_assert_cmpuint (strlen (cleaned), <=, max_bytes);
      for (const char *p = cleaned; *p != '\0'; p++)
        g_assert_false (g_ascii_iscntrl (*p));
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/address/parse-takes-good-uris", test_parse_takes_good_uris);
  g_test_add_func ("/address/parse-refuses-bad-uris", test_parse_refuses_bad_uris);
  g_test_add_func ("/address/parse-refuses-null-and-huge-uris",
                   test_parse_refuses_null_and_huge_uris);
  g_test_add_func ("/address/redact-hides-what-may-be-secret",
                   test_redact_hides_what_may_be_secret);
  g_test_add_func ("/address/redact-never-shows-the-secret", test_redact_never_shows_the_secret);
  g_test_add_func ("/address/check-origin-takes-origins-only",
                   test_check_origin_takes_origins_only);
  g_test_add_func ("/address/check-protocols-takes-tokens-only",
                   test_check_protocols_takes_tokens_only);
  g_test_add_func ("/address/check-request-takes-headers-of-the-app",
                   test_check_request_takes_headers_of_the_app);
  g_test_add_func ("/address/check-request-refuses-headers-of-the-handshake",
                   test_check_request_refuses_headers_of_the_handshake);
  g_test_add_func ("/address/check-request-refuses-values-that-break-it",
                   test_check_request_refuses_values_that_break_it);
  g_test_add_func ("/address/check-request-refuses-another-uri",
                   test_check_request_refuses_another_uri);
  g_test_add_func ("/address/is-loopback-knows-this-machine",
                   test_is_loopback_knows_this_machine);
  g_test_add_func ("/address/clean-text-makes-one-harmless-line",
                   test_clean_text_makes_one_harmless_line);
  g_test_add_func ("/address/clean-text-is-bounded-and-valid",
                   test_clean_text_is_bounded_and_valid);

  return g_test_run ();
}
