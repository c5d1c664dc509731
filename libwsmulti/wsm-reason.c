/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-reason-private.h"

#include "wsm-enum-types.h"

#include <libsoup/soup.h>

/**
 * WsmReason:
 *
 * Why a connection is in the state it is in: what happened, by which numbers, and what follows.
 *
 * A reason is made by the library and never changed afterwards; copies share it. Numbers that
 * do not belong to its code are 0.
 *
 * ```c
 * static void
 * on_state_changed (WsmPool       *pool,
 *                   WsmConnection *connection,
 *                   gpointer       user_data)
 * {
 *   const WsmReason *reason = wsm_connection_get_reason (connection);
 *   g_autofree char *text = wsm_reason_to_string (reason);
 *
 *   g_print ("%s: %s\n", wsm_connection_get_name (connection), text);
 * }
 * ```
 *
 * Since: 0.1
 */

/* A detail is a hint beside the numbers; a server must not be able to fill a log with it. */
#define DETAIL_MAX_BYTES 200

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

G_DEFINE_BOXED_TYPE (WsmReason, wsm_reason, wsm_reason_copy, wsm_reason_free)

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

/* A detail may hold what a server wrote. It must stay one line in a log, and must not reorder
 * the text around it where a widget shows it. */
static gboolean
wsm_reason_is_unprintable (gunichar character)
{
  switch (character)
    {
    case 0x061c: /* Arabic letter mark */
    case 0x200e: /* left-to-right mark */
    case 0x200f: /* right-to-left mark */
      return TRUE;
    default:
      break;
    }

  if (character >= 0x202a && character <= 0x202e) /* embeddings and overrides */
    return TRUE;
  if (character >= 0x2066 && character <= 0x2069) /* isolates */
    return TRUE;

  switch ((int) g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
      return TRUE;
    default:
      return FALSE;
    }
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
  wsm_reason_append_deadline (self, text, &has_parts);

  if (!wsm_reason_has_said (self, detail))
    {
      wsm_reason_begin_part (text, &has_parts);
      g_string_append (text, detail);
    }

  wsm_reason_append_outlook (self, text);

  return g_string_free (text, FALSE);
}

/* The caller fills the numbers before anybody else sees the reason. */
WsmReason *
wsm_reason_new (WsmReasonCode code)
{
  WsmReason *self = g_new0 (WsmReason, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->code = code;

  return self;
}

/* The same once more, for somebody who adds what happens next. */
WsmReason *
wsm_reason_new_from (const WsmReason *other)
{
  WsmReason *self = g_memdup2 (other, sizeof *other);

  g_atomic_ref_count_init (&self->ref_count);
  self->detail = g_strdup (other->detail);
  self->public_detail = g_strdup (other->public_detail);

  return self;
}

/**
 * wsm_reason_copy:
 * @self: a reason
 *
 * Takes another reference to a reason.
 *
 * Returns: (transfer full): the same reason
 *
 * Since: 0.1
 */
WsmReason *
wsm_reason_copy (const WsmReason *self)
{
  WsmReason *shared = (WsmReason *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&shared->ref_count);

  return shared;
}

/**
 * wsm_reason_free:
 * @self: (transfer full): a reason
 *
 * Drops a reference to a reason; the last one frees it.
 *
 * Since: 0.1
 */
void
wsm_reason_free (WsmReason *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->detail, g_free);
  g_clear_pointer (&self->public_detail, g_free);
  g_free (self);
}

/* Any bytes will do: what comes out is valid UTF-8, one line, without anything that could reorder
 * the text around it. */
static char *
wsm_reason_clean_detail (const char *detail)
{
  g_autofree char *valid = NULL;
  g_autoptr (GString) clean = NULL;

  if (detail == NULL)
    return NULL;

  valid = g_utf8_make_valid (detail, -1);
  clean = g_string_new (NULL);

  for (const char *cursor = valid; *cursor != '\0'; cursor = g_utf8_next_char (cursor))
    {
      gunichar character = g_utf8_get_char (cursor);

      if (wsm_reason_is_unprintable (character))
        character = ' ';
      if (clean->len + (gsize) g_unichar_to_utf8 (character, NULL) > DETAIL_MAX_BYTES)
        break;

      g_string_append_unichar (clean, character);
    }

  g_strstrip (clean->str);

  return clean->str[0] != '\0' ? g_strdup (clean->str) : NULL;
}

/* Only for whoever makes the reason, before anybody else sees it. */
void
wsm_reason_set_detail (WsmReason  *self,
                       const char *detail)
{
  g_return_if_fail (self != NULL);

  g_free (self->detail);
  self->detail = wsm_reason_clean_detail (detail);
}

/* Likewise. It must not hold what could be a secret of the app; without it others see none. */
void
wsm_reason_set_public_detail (WsmReason  *self,
                              const char *detail)
{
  g_return_if_fail (self != NULL);

  g_free (self->public_detail);
  self->public_detail = wsm_reason_clean_detail (detail);
}

/**
 * wsm_reason_get_code:
 * @self: a reason
 *
 * Gets what happened.
 *
 * Returns: the code
 *
 * Since: 0.1
 */
WsmReasonCode
wsm_reason_get_code (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, WSM_REASON_CODE_NONE);

  return self->code;
}

/**
 * wsm_reason_get_n_missed:
 * @self: a reason
 *
 * Gets how many beats in a row were not answered.
 *
 * Returns: the number of beats
 *
 * Since: 0.1
 */
guint
wsm_reason_get_n_missed (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_missed;
}

/**
 * wsm_reason_get_max_missed:
 * @self: a reason
 *
 * Gets how many unanswered beats in a row end the connection.
 *
 * Returns: the number of beats
 *
 * Since: 0.1
 */
guint
wsm_reason_get_max_missed (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->max_missed;
}

/**
 * wsm_reason_get_silence:
 * @self: a reason
 *
 * Gets how long ago, in milliseconds, the last byte had arrived when this happened.
 *
 * Returns: the time, or 0 if it does not matter here
 *
 * Since: 0.1
 */
guint
wsm_reason_get_silence (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->silence_ms;
}

/**
 * wsm_reason_get_close_code:
 * @self: a reason
 *
 * Gets the code of the peer's close frame, as RFC 6455, section 7.4, numbers it.
 *
 * 1006 says that the stream ended without a close frame, 1005 that the frame held no code.
 *
 * Returns: the code, or 0 if no close was involved
 *
 * Since: 0.1
 */
guint
wsm_reason_get_close_code (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->close_code;
}

/**
 * wsm_reason_get_http_status:
 * @self: a reason
 *
 * Gets the HTTP status with which the server answered the handshake.
 *
 * Returns: the status, or 0 if none was involved
 *
 * Since: 0.1
 */
guint
wsm_reason_get_http_status (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->http_status;
}

/**
 * wsm_reason_get_retry_after:
 * @self: a reason
 *
 * Gets how long, in milliseconds, the server asked to stay away.
 *
 * Returns: the time, or 0 if the server did not say
 *
 * Since: 0.1
 */
guint
wsm_reason_get_retry_after (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->retry_after_ms;
}

/**
 * wsm_reason_get_attempt:
 * @self: a reason
 *
 * Gets the number of the next attempt, counted from 1.
 *
 * Returns: the number, or 0 if no attempt is planned
 *
 * Since: 0.1
 */
guint
wsm_reason_get_attempt (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->attempt;
}

/**
 * wsm_reason_get_delay:
 * @self: a reason
 *
 * Gets the time in milliseconds between this event and the next attempt.
 *
 * Returns: the time, or 0 if there is no wait
 *
 * Since: 0.1
 */
guint
wsm_reason_get_delay (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->delay_ms;
}

/**
 * wsm_reason_get_delay_bound:
 * @self: a reason
 *
 * Gets the longest delay, in milliseconds, that chance could have picked.
 *
 * Returns: the time, or 0 if no delay was picked
 *
 * Since: 0.1
 */
guint
wsm_reason_get_delay_bound (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->delay_bound_ms;
}

/**
 * wsm_reason_get_detail:
 * @self: a reason
 *
 * Gets one line more about what happened, such as the text of an error.
 *
 * It is valid UTF-8, has at most 200 bytes, and holds no control character of any kind. It is
 * meant for people and may change between releases.
 *
 * Returns: (transfer none) (nullable): the text, or `NULL` if the numbers say it all
 *
 * Since: 0.1
 */
const char *
wsm_reason_get_detail (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->detail;
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
