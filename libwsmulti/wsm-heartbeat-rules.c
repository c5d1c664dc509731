/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-heartbeat-private.h"

#include "wsm-enum-types.h"
#include "wsm-error.h"
#include "wsm-template.h"

#include <math.h>

/* What follows from the values of a heartbeat: whether they make sense, and what they promise.
 * Nothing here but reads them through their getters. */

#define MIN_TIME_MS 10
#define MAX_TIME_MS (24 * 3600 * 1000)
#define MIN_MAX_MISSED 1
#define MAX_MAX_MISSED 1000
#define MIN_JITTER 0.0
#define MAX_JITTER 0.5

#define US_PER_MS 1000

static gboolean
wsm_heartbeat_check_range (const char  *name,
                           guint        value,
                           const char  *unit,
                           guint        minimum,
                           guint        maximum,
                           const char  *remedy,
                           GError     **error)
{
  if (value >= minimum && value <= maximum)
    return TRUE;

  g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
               "Heartbeat: %s is %u%s, but must be from %u to %u%s; %s",
               name, value, unit, minimum, maximum, unit, remedy);
  return FALSE;
}

/* GObject lets no other value of an enumeration pass, but this library does not build on that
 * where it decides over connections. */
static gboolean
wsm_heartbeat_check_enum (const char  *name,
                          GType        type,
                          int          value,
                          GError     **error)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);

  if (g_enum_get_value (values, value) != NULL)
    return TRUE;

  g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
               "Heartbeat: %s is %d, but must be from %d to %d; use a value of %s",
               name, value, values->minimum, values->maximum, g_type_name (type));
  return FALSE;
}

static gboolean
wsm_heartbeat_check_length (const char  *name,
                            gsize        length,
                            GError     **error)
{
  if (length >= 1 && length <= WSM_HEARTBEAT_MAX_PAYLOAD)
    return TRUE;

  g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
               "Heartbeat: %s takes %" G_GSIZE_FORMAT " bytes, but must take from 1 to %d; "
               "a beat is best kept short",
               name, length, WSM_HEARTBEAT_MAX_PAYLOAD);
  return FALSE;
}

/* The template is parsed again here, because a heartbeat is validated far less often than a
 * message is looked at. */
static gboolean
wsm_heartbeat_check_text (const char  *name,
                          const char  *text,
                          GError     **error)
{
  g_autoptr (WsmTemplate) template = NULL;

  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                   "Heartbeat: %s is not valid UTF-8, but must be; "
                   "use binary mode and payload-bytes for other data",
                   name);
      return FALSE;
    }

  template = wsm_template_new (text);

  return wsm_heartbeat_check_length (name, wsm_template_get_max_length (template), error);
}

static gboolean
wsm_heartbeat_check_payload (WsmHeartbeat  *self,
                             GError       **error)
{
  WsmHeartbeatMode mode = wsm_heartbeat_get_mode (self);
  const char *payload = wsm_heartbeat_get_payload (self);
  GBytes *payload_bytes = wsm_heartbeat_get_payload_bytes (self);

  if (mode == WSM_HEARTBEAT_MODE_TEXT && payload == NULL)
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                           "Heartbeat: payload is NULL, but text mode sends it; "
                           "set a text of 1 to 65536 bytes");
      return FALSE;
    }

  if (mode == WSM_HEARTBEAT_MODE_BINARY && payload_bytes == NULL)
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                           "Heartbeat: payload-bytes is NULL, but binary mode sends them; "
                           "set 1 to 65536 bytes");
      return FALSE;
    }

  if (payload != NULL && !wsm_heartbeat_check_text ("payload", payload, error))
    return FALSE;

  return payload_bytes == NULL ||
         wsm_heartbeat_check_length ("payload-bytes", g_bytes_get_size (payload_bytes), error);
}

static gboolean
wsm_heartbeat_check_regex (const char  *reply,
                           GError     **error)
{
  g_autoptr (WsmTemplate) template = NULL;
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GError) regex_error = NULL;

  if (reply == NULL || reply[0] == '\0')
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                           "Heartbeat: reply is empty, but reply-match REGEX needs a regular "
                           "expression of 1 to 65536 bytes; set one, or reply-match to ANY");
      return FALSE;
    }

  template = wsm_template_new (reply);
  regex = wsm_template_compile (template, &regex_error);
  if (regex != NULL)
    return TRUE;

  g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
               "Heartbeat: reply is no regular expression, but must be one for reply-match "
               "REGEX; mend it, or set reply-match to EXACT: %s",
               regex_error->message);
  return FALSE;
}

static gboolean
wsm_heartbeat_check_reply (WsmHeartbeat  *self,
                           GError       **error)
{
  WsmReplyMatch reply_match = wsm_heartbeat_get_reply_match (self);
  const char *reply = wsm_heartbeat_get_reply (self);

  /* An empty exact reply is an empty message, so only an expression must say something. */
  if (reply != NULL && reply[0] != '\0' && !wsm_heartbeat_check_text ("reply", reply, error))
    return FALSE;

  if (reply_match == WSM_REPLY_MATCH_REGEX)
    return wsm_heartbeat_check_regex (reply, error);

  if (wsm_heartbeat_get_hide_reply (self) && reply_match != WSM_REPLY_MATCH_EXACT)
    {
      g_set_error_literal (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                           "Heartbeat: hide-reply is TRUE, but must be FALSE unless reply-match "
                           "is EXACT or REGEX; nothing else tells a reply from a message");
      return FALSE;
    }

  return TRUE;
}

/* How far apart chance can put two beats, in microseconds. */
static guint64
wsm_heartbeat_get_spread_us (WsmHeartbeat *self)
{
  return (guint64) llround (2.0 * wsm_heartbeat_get_jitter (self) *
                            wsm_heartbeat_get_interval (self) * US_PER_MS);
}

/**
 * wsm_heartbeat_validate:
 * @self: a heartbeat
 * @error: return location for an error
 *
 * Checks that every value is within its range, and that the values fit together.
 *
 * A value out of range is kept as it was given, so that it can be shown; a connection refuses
 * the whole object. The error is %WSM_ERROR_INVALID_SETTING and names the property, its value,
 * the range and what to do.
 *
 * Returns: `TRUE` if the heartbeat can be used
 *
 * Since: 0.1
 */
gboolean
wsm_heartbeat_validate (WsmHeartbeat  *self,
                        GError       **error)
{
  guint interval_ms;
  guint timeout_ms;
  guint max_missed;
  double jitter;

  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!wsm_heartbeat_check_enum ("mode", WSM_TYPE_HEARTBEAT_MODE,
                                 (int) wsm_heartbeat_get_mode (self), error) ||
      !wsm_heartbeat_check_enum ("reply-match", WSM_TYPE_REPLY_MATCH,
                                 (int) wsm_heartbeat_get_reply_match (self), error) ||
      !wsm_heartbeat_check_enum ("liveness", WSM_TYPE_LIVENESS,
                                 (int) wsm_heartbeat_get_liveness (self), error))
    return FALSE;

  interval_ms = wsm_heartbeat_get_interval (self);
  timeout_ms = wsm_heartbeat_get_timeout (self);
  max_missed = wsm_heartbeat_get_max_missed (self);

  if (!wsm_heartbeat_check_range ("interval", interval_ms, " ms", MIN_TIME_MS, MAX_TIME_MS,
                                  "set mode to OFF for no heartbeat", error) ||
      !wsm_heartbeat_check_range ("timeout", timeout_ms, " ms", MIN_TIME_MS, MAX_TIME_MS,
                                  "set reply-match to NONE to expect no answer", error) ||
      !wsm_heartbeat_check_range ("max-missed", max_missed, "", MIN_MAX_MISSED, MAX_MAX_MISSED,
                                  "1 ends a connection at the first unanswered beat", error))
    return FALSE;

  /* Written so that not a number fails too. */
  jitter = wsm_heartbeat_get_jitter (self);
  if (!(jitter >= MIN_JITTER && jitter <= MAX_JITTER))
    {
      char value[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (value, sizeof value, "%g", jitter);
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                   "Heartbeat: jitter is %s, but must be from 0 to 0.5; "
                   "it is a fraction of the interval, 0.1 is 10 %%",
                   value);
      return FALSE;
    }

  return wsm_heartbeat_check_payload (self, error) &&
         wsm_heartbeat_check_reply (self, error);
}

/**
 * wsm_heartbeat_worst_case_detection:
 * @self: a heartbeat
 *
 * Computes the longest time, in milliseconds, for which a dead peer can go unnoticed.
 *
 * It runs from the last sign of life to the verdict. With the interval *I*, the timeout *T*,
 * the longest displacement by jitter *J* (that fraction of *I*), the coalescing window *C* (a
 * twentieth of *I*, at most 250 ms) and *M* beats that may be missed it is
 *
 *     I + 2 J + C + (M - 1) k I + T,  where  k = floor ((T + C + 2 J) / I) + 1
 *
 * The last sign of life may come right after a beat that chance sent early; the next one goes
 * out an interval later, at its latest. *k* is the number of intervals from one unanswered beat
 * to the next, because those that fall due meanwhile are skipped. In passive mode, where
 * nothing is sent, it is *M I + T*.
 *
 * This is about the automatic window; in a pool that was given another one, *C* is that. While
 * [property@Wsm.Pool:saves-power] holds, *I* is twice the interval, but not in passive mode. Time
 * in which the machine sleeps does not count; what follows a sleep, or a change of the network,
 * [property@Wsm.Pool:watch-environment] tells.
 *
 * Returns: the time, or 0 if a dead peer is never noticed: the mode is off, no reply is
 *   expected, or the heartbeat is not valid
 *
 * Since: 0.1
 */
guint
wsm_heartbeat_worst_case_detection (WsmHeartbeat *self)
{
  guint64 interval_us;
  guint64 timeout_us;
  guint64 spread_us;
  guint64 coalesce_us;
  guint64 n_intervals;
  guint64 worst_us;

  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), 0);

  if (!wsm_heartbeat_validate (self, NULL))
    return 0;

  /* In microseconds and 64 bits: the largest valid settings make some 10^14 of them. */
  interval_us = (guint64) wsm_heartbeat_get_interval (self) * US_PER_MS;
  timeout_us = (guint64) wsm_heartbeat_get_timeout (self) * US_PER_MS;

  if (wsm_heartbeat_get_mode (self) == WSM_HEARTBEAT_MODE_PASSIVE)
    {
      worst_us = wsm_heartbeat_get_max_missed (self) * interval_us + timeout_us;
    }
  else if (wsm_heartbeat_expects_reply (self))
    {
      spread_us = wsm_heartbeat_get_spread_us (self);
      coalesce_us = (guint64) wsm_heartbeat_get_coalesce (self) * US_PER_MS;
      n_intervals = (timeout_us + coalesce_us + spread_us) / interval_us + 1;

      worst_us = interval_us + spread_us + coalesce_us + timeout_us;
      worst_us += (wsm_heartbeat_get_max_missed (self) - 1) * n_intervals * interval_us;
    }
  else
    {
      return 0;
    }

  /* G_MAXUINT itself is left to mean "no limit" where a number like this is compared. */
  return (guint) MIN ((worst_us + US_PER_MS - 1) / US_PER_MS, G_MAXUINT - 1);
}

/* Whether beats go out at all. */
gboolean
wsm_heartbeat_sends (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), FALSE);

  switch (wsm_heartbeat_get_mode (self))
    {
    case WSM_HEARTBEAT_MODE_PING:
    case WSM_HEARTBEAT_MODE_TEXT:
    case WSM_HEARTBEAT_MODE_BINARY:
      return TRUE;
    case WSM_HEARTBEAT_MODE_PASSIVE:
    case WSM_HEARTBEAT_MODE_OFF:
    default:
      return FALSE;
    }
}

/* Whether a beat that goes out can be missed. */
gboolean
wsm_heartbeat_expects_reply (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), FALSE);

  if (wsm_heartbeat_get_mode (self) == WSM_HEARTBEAT_MODE_PING)
    return TRUE;

  return wsm_heartbeat_sends (self) && wsm_heartbeat_get_reply_match (self) != WSM_REPLY_MATCH_NONE;
}

/* The automatic coalescing window in milliseconds. */
guint
wsm_heartbeat_get_coalesce (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), 0);

  return MIN (wsm_heartbeat_get_interval (self) / WSM_COALESCE_SHARE, WSM_COALESCE_MAX_MS);
}
