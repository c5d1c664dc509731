/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-reason-private.h"

#include <libsoup/soup.h>

#include "wsm-enum-types.h"

/*
 * A reason as one line: the code, the numbers in words, and what happens next.
 */

/* RFC 6455, section 7.4.1, and the codes that IANA registered later. */
static const struct
{
  guint code;
  const char *name;
} close_code_names[] = {
  { 1000, "normal closure" },
  { 1001, "going away" },
  { 1002, "protocol error" },
  { 1003, "unsupported data" },
  { 1005, "no status" },
  { 1006, "abnormal closure" },
  { 1007, "invalid payload" },
  { 1008, "policy violation" },
  { 1009, "message too big" },
  { 1010, "extension missing" },
  { 1011, "internal error" },
  { 1012, "service restart" },
  { 1013, "try again later" },
  { 1014, "bad gateway" },
  { 1015, "TLS handshake" },
};

/* What is wrong with a certificate; some fail more than one check. */
static const struct
{
  GTlsCertificateFlags flag;
  const char *name;
} certificate_error_names[] = {
  { G_TLS_CERTIFICATE_UNKNOWN_CA, "unknown authority" },
  { G_TLS_CERTIFICATE_BAD_IDENTITY, "another host" },
  { G_TLS_CERTIFICATE_NOT_ACTIVATED, "not valid yet" },
  { G_TLS_CERTIFICATE_EXPIRED, "expired" },
  { G_TLS_CERTIFICATE_REVOKED, "revoked" },
  { G_TLS_CERTIFICATE_INSECURE, "insecure algorithm" },
  { G_TLS_CERTIFICATE_GENERIC_ERROR, "other fault" },
};

static const char *
wsm_reason_name_close_code (guint code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (close_code_names); i++)
    {
      if (close_code_names[i].code == code)
        return close_code_names[i].name;
    }

  return NULL;
}

/* RFC 6585 and RFC 8470 are not in the table of every libsoup, yet 429 is the status that a
 * client with many connections meets first. */
static const char *
wsm_reason_name_http_status (guint status)
{
  const char *name;

  switch (status)
    {
    case 425:
      return "Too Early";
    case 429:
      return "Too Many Requests";
    default:
      break;
    }

  name = soup_status_get_phrase (status);

  /* What libsoup says of a status that it does not know helps nobody. */
  if (g_strcmp0 (name, soup_status_get_phrase (SOUP_STATUS_NONE)) == 0)
    return NULL;

  return name;
}

/* The first part of a sentence follows a colon, each later one a comma. */
static void
wsm_reason_begin_part (GString  *text,
                       gboolean *has_parts)
{
  g_string_append (text, *has_parts ? ", " : ": ");
  *has_parts = TRUE;
}

static void
wsm_reason_append_duration (GString *text,
                            guint    duration_ms)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  if (duration_ms < 1000)
    {
      g_string_append_printf (text, "%u ms", duration_ms);
      return;
    }

  g_ascii_formatd (number, sizeof number, "%.1f", duration_ms / 1000.0);
  g_string_append_printf (text, "%s s", number);
}

static void
wsm_reason_append_life (const WsmReason *self,
                        GString         *text,
                        gboolean        *has_parts)
{
  if (self->n_missed > 0 || self->max_missed > 0)
    {
      wsm_reason_begin_part (text, has_parts);
      g_string_append_printf (text, "%s%u of %u beats unanswered",
                              self->code == WSM_REASON_CODE_ALIVE ? "after " : "",
                              self->n_missed, self->max_missed);
    }

  if (self->silence_ms > 0)
    {
      wsm_reason_begin_part (text, has_parts);
      g_string_append (text, "last byte ");
      wsm_reason_append_duration (text, self->silence_ms);
      g_string_append (text, " ago");
    }
}

static void
wsm_reason_append_answer (const WsmReason *self,
                          GString         *text,
                          gboolean        *has_parts)
{
  if (self->code == WSM_REASON_CODE_END_OF_STREAM)
    {
      wsm_reason_begin_part (text, has_parts);
      g_string_append (text, "the peer ended the stream without a close frame (1006)");
    }
  else if (self->close_code != 0)
    {
      const char *name = wsm_reason_name_close_code (self->close_code);

      wsm_reason_begin_part (text, has_parts);
      g_string_append_printf (text, "code %u", self->close_code);
      if (name != NULL)
        g_string_append_printf (text, " (%s)", name);
    }

  if (self->http_status != 0)
    {
      const char *name = wsm_reason_name_http_status (self->http_status);

      wsm_reason_begin_part (text, has_parts);
      g_string_append_printf (text, "%u", self->http_status);
      if (name != NULL)
        g_string_append_printf (text, " (%s)", name);
    }

  if (self->retry_after_ms > 0)
    {
      wsm_reason_begin_part (text, has_parts);
      g_string_append (text, "Retry-After ");
      wsm_reason_append_duration (text, self->retry_after_ms);
    }
}

/* Which checks failed, in words, and in the numbers to look them up by. */
static void
wsm_reason_append_certificate (const WsmReason *self,
                               GString         *text,
                               gboolean        *has_parts)
{
  const char *separator = "";

  if (self->tls_errors == 0)
    return;

  wsm_reason_begin_part (text, has_parts);
  g_string_append (text, "certificate refused (");
  for (gsize i = 0; i < G_N_ELEMENTS (certificate_error_names); i++)
    if ((self->tls_errors & certificate_error_names[i].flag) != 0)
      {
        g_string_append_printf (text, "%s%s", separator, certificate_error_names[i].name);
        separator = ", ";
      }

  g_string_append_printf (text, "; flags 0x%x)", (guint) self->tls_errors);
}

static void
wsm_reason_append_size (const WsmReason *self,
                        GString         *text,
                        gboolean        *has_parts)
{
  if (self->size_limit == 0)
    return;

  wsm_reason_begin_part (text, has_parts);
  g_string_append_printf (text, "over the limit of %" G_GUINT64_FORMAT " bytes",
                          self->size_limit);
}

static void
wsm_reason_append_deadline (const WsmReason *self,
                            GString         *text,
                            gboolean        *has_parts)
{
  if (self->timeout_ms == 0)
    return;

  wsm_reason_begin_part (text, has_parts);

  switch ((int) self->code)
    {
    case WSM_REASON_CODE_TIMED_OUT:
      g_string_append (text, "no handshake within ");
      break;
    case WSM_REASON_CODE_CLOSE_TIMED_OUT:
      g_string_append (text, "no answer to the close within ");
      break;
    default:
      g_string_append (text, "deadline ");
      break;
    }

  wsm_reason_append_duration (text, self->timeout_ms);
}

/* A server's words beside an HTTP status are most often the ones that belong to it anyway. */
static gboolean
wsm_reason_has_said (const WsmReason *self,
                     const char      *detail)
{
  return detail == NULL ||
         (self->http_status != 0 &&
          g_strcmp0 (detail, wsm_reason_name_http_status (self->http_status)) == 0);
}

static void
wsm_reason_append_outlook (const WsmReason *self,
                           GString         *text)
{
  if (self->attempt == 0 || self->code == WSM_REASON_CODE_RETRYING)
    return;

  if (self->delay_ms > 0)
    {
      g_string_append (text, "; trying again in ");
      wsm_reason_append_duration (text, self->delay_ms);
    }
  else
    {
      g_string_append (text, "; trying again now");
    }

  g_string_append_printf (text, " (attempt %u", self->attempt);
  if (self->delay_bound_ms > 0)
    {
      g_string_append (text, ", at most ");
      wsm_reason_append_duration (text, self->delay_bound_ms);
    }
  if (self->turn_delay_ms > 0)
    g_string_append (text, ", when its turn comes");
  g_string_append_c (text, ')');
}

static char *
wsm_reason_write (const WsmReason *self,
                  const char      *detail)
{
  g_autoptr (GEnumClass) codes = NULL;
  GString *text = NULL;
  GEnumValue *value;
  gboolean has_parts = FALSE;

  codes = g_type_class_ref (WSM_TYPE_REASON_CODE);
  value = g_enum_get_value (codes, (int) self->code);
  text = g_string_new (value != NULL ? value->value_nick : "unknown");

  if (self->code == WSM_REASON_CODE_RETRYING && self->attempt > 0)
    {
      wsm_reason_begin_part (text, &has_parts);
      g_string_append_printf (text, "attempt %u", self->attempt);
    }

  wsm_reason_append_life (self, text, &has_parts);
  wsm_reason_append_answer (self, text, &has_parts);
  wsm_reason_append_certificate (self, text, &has_parts);
  wsm_reason_append_size (self, text, &has_parts);
  wsm_reason_append_deadline (self, text, &has_parts);

  if (!wsm_reason_has_said (self, detail))
    {
      wsm_reason_begin_part (text, &has_parts);
      g_string_append (text, detail);
    }

  wsm_reason_append_outlook (self, text);

  return g_string_free (text, FALSE);
}

/**
 * wsm_reason_to_string:
 * @self: a reason
 *
 * Writes a reason as one line for logs and tools.
 *
 * The line names the code, says the numbers in words, and ends with what happens next, for
 * example `heartbeat-lost: 2 of 2 beats unanswered, last byte 12.4 s ago; trying again in
 * 3.1 s (attempt 4, at most 8.0 s)`. It does not depend on the locale and is not translated.
 *
 * Returns: (transfer full): the line, without an end of line
 *
 * Since: 0.1
 */
char *
wsm_reason_to_string (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return wsm_reason_write (self, self->detail);
}

/* The same for others than the app. */
char *
wsm_reason_to_public_string (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return wsm_reason_write (self, self->public_detail);
}
