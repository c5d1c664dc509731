/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include "wsm-address.h"

#include <string.h>

/* URIs, what else goes into a request, and their redaction: wherever a secret stands in a URI,
 * nothing that may be shown holds it. */

#define SECRET "S3CR3T9f4c2d81b7e6a05342"
#define MAX_URI_LENGTH (16 * 1024)

/* In any case, since hosts lose theirs. */
static gboolean
holds_secret (const char *text)
{
  g_autofree char *small = g_ascii_strdown (text, -1);
  g_autofree char *secret = g_ascii_strdown (SECRET, -1);

  return strstr (small, secret) != NULL;
}

static void
assert_hides (const char *text)
{
  fuzz_assert_is_line (text);
  g_assert_false (holds_secret (text));
}

static void
check_uri (const char *uri)
{
  g_autofree char *redacted = wsm_address_redact (uri);
  g_autofree char *again = wsm_address_redact (redacted);
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) parsed = wsm_address_parse (uri, &error);

  assert_hides (redacted);
  /* One that is as long as may be can grow by what is escaped. */
  if (strlen (redacted) <= MAX_URI_LENGTH)
    g_assert_cmpstr (again, ==, redacted);
  if (parsed == NULL)
    {
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
      assert_hides (error->message);
    }
  else
    {
      g_autoptr (SoupMessage) message = soup_message_new_from_uri (SOUP_METHOD_GET, parsed);
      g_autofree char *text = g_uri_to_string (parsed);

      g_assert_no_error (error);
      g_assert_nonnull (message);
      g_assert_cmpstr (redacted, !=, "(invalid URI)");
      fuzz_assert_is_line (text);
      g_assert_null (strchr (text, ' '));
      g_assert_true (g_str_is_ascii (g_uri_get_host (parsed)));
      wsm_address_is_loopback (parsed);
    }
}

/* A URI with the secret in one of its parts, and anything around it. */
static void
check_uri_with_secret (FuzzInput *input)
{
  static const char * const forms[] = {
    "ws://%s" SECRET "%s@example.com/%s",
    "wss://%s:" SECRET "%s@example.com%s",
    "ws://example.com/%s" SECRET "%s/%s",
    "ws://example.com/path?%s=" SECRET "%s&%s",
    "wss://[::1]:8080/?%s" SECRET "%s%s",
    "ws://example.com/%s#" SECRET "%s%s",
    "%s" SECRET "@example.com%s%s",
    "%s://%s/?" SECRET "=%s",
  };
  const char *form = forms[fuzz_input_take_byte (input) % G_N_ELEMENTS (forms)];
  g_autofree char *first = fuzz_input_take_text (input, 64);
  g_autofree char *second = fuzz_input_take_text (input, 64);
  g_autofree char *third = fuzz_input_take_text (input, 64);
  g_autoptr (GString) uri = g_string_new (form);

  /* libFuzzer learns it and puts it where nobody would, into a scheme or a host. */
  if (holds_secret (first) || holds_secret (second) || holds_secret (third))
    return;
  /* Nor does a password hold what ends it: then it is a host, which is shown. */
  if (strstr (form, SECRET "%s@") != NULL || strstr (form, SECRET "@") != NULL)
    g_strdelimit (second, "/?#", '+');
  g_string_replace (uri, "%s", first, 1);
  g_string_replace (uri, "%s", second, 1);
  g_string_replace (uri, "%s", third, 1);
  check_uri (uri->str);
}

/* What peers and libraries wrote. */
static void
check_text (FuzzInput *input)
{
  gsize max_length = fuzz_input_take_byte (input);
  g_autoptr (GBytes) bytes = fuzz_input_take_bytes (input, 4096);
  g_autofree char *words = fuzz_input_take_text (input, 256);
  g_autofree char *with_secret = g_strdup_printf ("%s ws://a:" SECRET "@b/%s " SECRET " %s", words,
                                                  words, words);
  g_autofree char *clean = NULL;
  g_autofree char *scrubbed = NULL;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  clean = wsm_address_clean_text (data != NULL ? data : "", (gssize) length, max_length);
  fuzz_assert_is_line (clean);
  g_assert_cmpuint (strlen (clean), <=, max_length);

  scrubbed = wsm_address_scrub_text (with_secret, 1024);
  assert_hides (scrubbed);
  g_assert_cmpuint (strlen (scrubbed), <=, 1024);
}

static void
check_request (FuzzInput *input)
{
  g_autoptr (SoupMessage) message = soup_message_new (SOUP_METHOD_GET, "ws://example.com/");
  g_autofree char *origin = fuzz_input_take_text (input, 256);
  g_autofree char *list = fuzz_input_take_text (input, 512);
  g_auto (GStrv) protocols = g_strsplit (list, ",", 16);
  g_autofree char *name = fuzz_input_take_text (input, 128);
  g_autofree char *value = fuzz_input_take_text (input, 512);
  g_autofree char *secret = g_strconcat (value, SECRET, NULL);
  g_autoptr (GError) error = NULL;

  if (wsm_address_check_origin (origin, &error))
    {
      fuzz_assert_is_line (origin);
      g_assert_true (g_str_is_ascii (origin));
    }
  else
    {
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
      fuzz_assert_is_line (error->message);
    }
  g_clear_error (&error);

  if (wsm_address_check_protocols ((const char * const *) protocols, &error))
    {
      for (guint i = 0; protocols[i] != NULL; i++)
        g_assert_null (strpbrk (protocols[i], " ,;\r\n\""));
    }
  else
    {
      g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING);
      fuzz_assert_is_line (error->message);
    }
  g_clear_error (&error);

  /* libsoup itself refuses the worst, loudly; others may have written the rest. */
  if (holds_secret (name) || *name == '\0' || strpbrk (name, " \t\r\n:") != NULL ||
      strpbrk (value, "\r\n") != NULL)
    return;
  soup_message_headers_append (soup_message_get_request_headers (message), name, secret);
  if (!wsm_address_check_request (message, &error))
    {
      g_assert_true (g_error_matches (error, WSM_ERROR, WSM_ERROR_INVALID_HEADER) ||
                     g_error_matches (error, WSM_ERROR, WSM_ERROR_INVALID_URI));
      assert_hides (error->message);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  FuzzInput input = { data, length };

  switch (fuzz_input_take_byte (&input) % 4)
    {
    case 0:
      {
        g_autofree char *uri = fuzz_input_take_text (&input, 20000);

        if (!holds_secret (uri))
          check_uri (uri);
      }
      break;

    case 1:
      check_uri_with_secret (&input);
      break;

    case 2:
      check_text (&input);
      break;

    default:
      check_request (&input);
      break;
    }

  return 0;
}
