/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-reason-private.h"

/**
 * WsmReason:
 *
 * Why a connection is in the state it is in: what happened, by which numbers, and what follows.
 *
 * A reason is made by the library and never changed afterwards; copies share it. Numbers that
 * do not belong to its code are 0. Where a property with a reason is bound to one with a text, in
 * a `.ui` file for example, the text is that of [method@Wsm.Reason.to_string].
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
 * What each code means, and what to do: [Finding out what is wrong](debugging.html).
 *
 * Since: 0.1
 */

/* A detail is a hint beside the numbers; a server must not be able to fill a log with it. */
#define DETAIL_MAX_BYTES 200

static void
wsm_reason_transform_to_string (const GValue *source,
                                GValue       *target)
{
  const WsmReason *self = g_value_get_boxed (source);

  g_value_take_string (target, self != NULL ? wsm_reason_to_string (self) : NULL);
}

/* So that it can be bound to what shows a text. */
G_DEFINE_BOXED_TYPE_WITH_CODE (WsmReason, wsm_reason, wsm_reason_copy, wsm_reason_free,
                               g_value_register_transform_func (g_define_type_id, G_TYPE_STRING,
                                                                wsm_reason_transform_to_string))

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
 * wsm_reason_get_tls_errors:
 * @self: a reason
 *
 * Gets which checks the certificate of the server did not pass.
 *
 * Returns: the checks, or 0 if it is not about a certificate
 *
 * Since: 0.1
 */
GTlsCertificateFlags
wsm_reason_get_tls_errors (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->tls_errors;
}

/**
 * wsm_reason_get_size_limit:
 * @self: a reason
 *
 * Gets how many bytes a message of the peer was allowed to have that had more.
 *
 * Returns: the limit, or 0 if no message was too big
 *
 * Since: 0.1
 */
guint64
wsm_reason_get_size_limit (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->size_limit;
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
 * wsm_reason_get_turn_delay:
 * @self: a reason
 *
 * Gets the time in milliseconds for which the next attempt waits for its turn.
 *
 * The delay of its back-off is over by then; a pool lets only so many of its connections try
 * again in a second ([property@Wsm.Pool:max-retries-per-second]).
 *
 * Returns: the time, or 0 if it does not wait for that
 *
 * Since: 0.1
 */
guint
wsm_reason_get_turn_delay (const WsmReason *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->turn_delay_ms;
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
