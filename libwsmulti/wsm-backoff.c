/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-backoff-private.h"

#include "wsm-error.h"

#include <math.h>

/**
 * WsmBackoff:
 *
 * When a lost connection tries again, and when it gives up.
 *
 * The delay before an attempt is picked by chance between 100 ms and an upper bound that grows
 * with each failure ([method@Wsm.Backoff.upper_bound]). Chance rules at the cap as well, so
 * that many clients that lost one server do not come back together. A `Retry-After` of the
 * server is obeyed up to an hour, and a close with code 1013 (try again later) doubles the
 * delay.
 *
 * An attempt that ended by itself, by time or by the network is repeated; so are the HTTP
 * statuses 408, 425, 429 and 5xx, and the close codes 1001, 1005 (a close frame without a code,
 * which says nothing about the future), 1006, 1011 to 1014, 3000 to 3999 and unknown ones.
 * Close code 1000 ends the connection for good. Other HTTP errors, redirections, TLS errors,
 * broken protocol, the close codes 1002, 1003, 1007 to 1010, 1015 and 4000 to 4999, and three
 * answers in a row that are no WebSocket handshake end it as failed.
 * [signal@Wsm.Connection::should-retry] may decide otherwise.
 *
 * A backoff never changes; one may serve many connections.
 *
 * ```c
 * g_autoptr (WsmBackoff) backoff = g_object_new (WSM_TYPE_BACKOFF,
 *                                                "initial", 1000,
 *                                                "max", 30000,
 *                                                "max-attempts", 20,
 *                                                NULL);
 * g_autoptr (GError) error = NULL;
 *
 * if (wsm_backoff_validate (backoff, &error))
 *   wsm_connection_set_backoff (connection, backoff);
 * else
 *   g_printerr ("%s\n", error->message);
 * ```
 *
 * More in the book: [Reconnecting](reconnecting.html).
 *
 * Since: 0.1
 */

/* Half a second is not noticed by a person and spares a server that only restarts; a minute
 * still brings a laptop back before its owner gives up. */
#define DEFAULT_INITIAL_MS 500
#define DEFAULT_MAX_MS 60000
#define DEFAULT_FACTOR 2.0
#define DEFAULT_MAX_ATTEMPTS 0
#define DEFAULT_MAX_ELAPSED_MS 0
/* A server that accepts and then drops must not be tried in a hot loop. */
#define DEFAULT_STABLE_AFTER_MS 5000

#define MIN_DELAY_MS 1
#define MAX_DELAY_MS (24 * 3600 * 1000)
#define MIN_FACTOR 1.0
#define MAX_FACTOR 100.0

typedef enum
{
  PROP_INITIAL = 1,
  PROP_MAX,
  PROP_FACTOR,
  PROP_MAX_ATTEMPTS,
  PROP_MAX_ELAPSED,
  PROP_STABLE_AFTER,
} WsmBackoffProperty;

#define PROP_LAST_ONE PROP_STABLE_AFTER

struct _WsmBackoff
{
  GObject parent_instance;

  guint initial_ms;
  guint max_ms;
  double factor;
  guint max_attempts;
  guint max_elapsed_ms;
  guint stable_after_ms;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsmBackoff, wsm_backoff, G_TYPE_OBJECT)

static gboolean
wsm_backoff_check_delay (const char  *name,
                         guint        delay_ms,
                         const char  *remedy,
                         GError     **error)
{
  if (delay_ms >= MIN_DELAY_MS && delay_ms <= MAX_DELAY_MS)
    return TRUE;

  g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
               "Backoff: %s is %u ms, but must be from %u to %u ms; %s",
               name, delay_ms, MIN_DELAY_MS, MAX_DELAY_MS, remedy);
  return FALSE;
}

static WsmOutcome
wsm_backoff_judge_close (guint close_code)
{
  switch (close_code)
    {
    case 1000:
      return WSM_OUTCOME_CLOSED;
    case 1002:
    case 1003:
    case 1007:
    case 1008:
    case 1009:
    case 1010:
    case 1015:
      return WSM_OUTCOME_FAILED;
    default:
      break;
    }

  /* Private codes tell what the server thinks of this client, which trying again won't change. */
  if (close_code >= 4000 && close_code <= 4999)
    return WSM_OUTCOME_FAILED;

  return WSM_OUTCOME_RETRY;
}

static WsmOutcome
wsm_backoff_judge_bad_handshake (guint n_bad_handshakes)
{
  if (n_bad_handshakes >= WSM_BACKOFF_MAX_BAD_HANDSHAKES)
    return WSM_OUTCOME_FAILED;

  return WSM_OUTCOME_RETRY;
}

static WsmOutcome
wsm_backoff_judge_status (guint http_status,
                          guint n_bad_handshakes)
{
  switch (http_status)
    {
    case 408: /* Request Timeout */
    case 425: /* Too Early */
    case 429: /* Too Many Requests */
      return WSM_OUTCOME_RETRY;
    default:
      break;
    }

  if (http_status >= 400 && http_status <= 499)
    return WSM_OUTCOME_FAILED;
  if (http_status >= 500 && http_status <= 599)
    return WSM_OUTCOME_RETRY;

  /* No error, but no WebSocket either: some captive portals and start-up pages do that. */
  return wsm_backoff_judge_bad_handshake (n_bad_handshakes);
}

static void
wsm_backoff_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  WsmBackoff *self = WSM_BACKOFF (object);

  switch ((WsmBackoffProperty) prop_id)
    {
    case PROP_INITIAL:
      g_value_set_uint (value, self->initial_ms);
      break;
    case PROP_MAX:
      g_value_set_uint (value, self->max_ms);
      break;
    case PROP_FACTOR:
      g_value_set_double (value, self->factor);
      break;
    case PROP_MAX_ATTEMPTS:
      g_value_set_uint (value, self->max_attempts);
      break;
    case PROP_MAX_ELAPSED:
      g_value_set_uint (value, self->max_elapsed_ms);
      break;
    case PROP_STABLE_AFTER:
      g_value_set_uint (value, self->stable_after_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_backoff_set_property (GObject      *object,
                          guint         prop_id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  WsmBackoff *self = WSM_BACKOFF (object);

  switch ((WsmBackoffProperty) prop_id)
    {
    case PROP_INITIAL:
      self->initial_ms = g_value_get_uint (value);
      break;
    case PROP_MAX:
      self->max_ms = g_value_get_uint (value);
      break;
    case PROP_FACTOR:
      self->factor = g_value_get_double (value);
      break;
    case PROP_MAX_ATTEMPTS:
      self->max_attempts = g_value_get_uint (value);
      break;
    case PROP_MAX_ELAPSED:
      self->max_elapsed_ms = g_value_get_uint (value);
      break;
    case PROP_STABLE_AFTER:
      self->stable_after_ms = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_backoff_class_init (WsmBackoffClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = wsm_backoff_get_property;
  object_class->set_property = wsm_backoff_set_property;

  /**
   * WsmBackoff:initial: (getter get_initial)
   *
   * The upper bound of the first delay, in milliseconds.
   *
   * From 1 ms to a day; 500 ms by default. No delay is shorter than 100 ms.
   *
   * Since: 0.1
   */
  properties[PROP_INITIAL] =
    g_param_spec_uint ("initial", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_INITIAL_MS,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmBackoff:max: (getter get_max)
   *
   * The upper bound of any delay, in milliseconds.
   *
   * From [property@Wsm.Backoff:initial] to a day; a minute by default.
   *
   * Since: 0.1
   */
  properties[PROP_MAX] =
    g_param_spec_uint ("max", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_MAX_MS,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmBackoff:factor: (getter get_factor)
   *
   * By how much the upper bound grows from attempt to attempt.
   *
   * From 1 to 100; 2 by default.
   *
   * Since: 0.1
   */
  properties[PROP_FACTOR] =
    /* Lax, because GObject would complain about NaN; wsm_backoff_validate() does instead. */
    g_param_spec_double ("factor", NULL, NULL,
                         -INFINITY, INFINITY, DEFAULT_FACTOR,
                         (G_PARAM_READWRITE |
                          G_PARAM_CONSTRUCT_ONLY |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS |
                          G_PARAM_LAX_VALIDATION));

  /**
   * WsmBackoff:max-attempts: (getter get_max_attempts)
   *
   * How many attempts in a row may fail before the connection does.
   *
   * 0, the default, is endless.
   *
   * Since: 0.1
   */
  properties[PROP_MAX_ATTEMPTS] =
    g_param_spec_uint ("max-attempts", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_MAX_ATTEMPTS,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmBackoff:max-elapsed: (getter get_max_elapsed)
   *
   * How long attempts in a row may fail before the connection does, in milliseconds.
   *
   * 0, the default, is endless.
   *
   * Since: 0.1
   */
  properties[PROP_MAX_ELAPSED] =
    g_param_spec_uint ("max-elapsed", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_MAX_ELAPSED_MS,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmBackoff:stable-after: (getter get_stable_after)
   *
   * How long a connection must stay open to count as healthy, in milliseconds.
   *
   * Then the attempts are counted from the beginning again. An app that knows earlier calls
   * [method@Wsm.Connection.confirm_healthy]. 5 s by default; 0 trusts each handshake.
   *
   * Since: 0.1
   */
  properties[PROP_STABLE_AFTER] =
    g_param_spec_uint ("stable-after", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_STABLE_AFTER_MS,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_backoff_init (WsmBackoff *self)
{
}

/**
 * wsm_backoff_new:
 *
 * Makes a backoff with the defaults.
 *
 * Bindings and C code that want other values construct the object with properties.
 *
 * Returns: (transfer full): a new backoff
 *
 * Since: 0.1
 */
WsmBackoff *
wsm_backoff_new (void)
{
  return g_object_new (WSM_TYPE_BACKOFF, NULL);
}

/**
 * wsm_backoff_get_initial: (get-property initial)
 * @self: a backoff
 *
 * Gets the upper bound of the first delay, in milliseconds.
 *
 * Returns: the time
 *
 * Since: 0.1
 */
guint
wsm_backoff_get_initial (WsmBackoff *self)
{
  g_return_val_if_fail (WSM_IS_BACKOFF (self), 0);

  return self->initial_ms;
}

/**
 * wsm_backoff_get_max: (get-property max)
 * @self: a backoff
 *
 * Gets the upper bound of any delay, in milliseconds.
 *
 * Returns: the time
 *
 * Since: 0.1
 */
guint
wsm_backoff_get_max (WsmBackoff *self)
{
  g_return_val_if_fail (WSM_IS_BACKOFF (self), 0);

  return self->max_ms;
}

/**
 * wsm_backoff_get_factor: (get-property factor)
 * @self: a backoff
 *
 * Gets by how much the upper bound grows from attempt to attempt.
 *
 * Returns: the factor
 *
 * Since: 0.1
 */
double
wsm_backoff_get_factor (WsmBackoff *self)
{
  g_return_val_if_fail (WSM_IS_BACKOFF (self), 0.0);

  return self->factor;
}

/**
 * wsm_backoff_get_max_attempts: (get-property max-attempts)
 * @self: a backoff
 *
 * Gets how many attempts in a row may fail before the connection does.
 *
 * Returns: the number, or 0 if endless
 *
 * Since: 0.1
 */
guint
wsm_backoff_get_max_attempts (WsmBackoff *self)
{
  g_return_val_if_fail (WSM_IS_BACKOFF (self), 0);

  return self->max_attempts;
}

/**
 * wsm_backoff_get_max_elapsed: (get-property max-elapsed)
 * @self: a backoff
 *
 * Gets how long attempts in a row may fail before the connection does, in milliseconds.
 *
 * Returns: the time, or 0 if endless
 *
 * Since: 0.1
 */
guint
wsm_backoff_get_max_elapsed (WsmBackoff *self)
{
  g_return_val_if_fail (WSM_IS_BACKOFF (self), 0);

  return self->max_elapsed_ms;
}

/**
 * wsm_backoff_get_stable_after: (get-property stable-after)
 * @self: a backoff
 *
 * Gets how long a connection must stay open to count as healthy, in milliseconds.
 *
 * Returns: the time
 *
 * Since: 0.1
 */
guint
wsm_backoff_get_stable_after (WsmBackoff *self)
{
  g_return_val_if_fail (WSM_IS_BACKOFF (self), 0);

  return self->stable_after_ms;
}

/**
 * wsm_backoff_validate:
 * @self: a backoff
 * @error: return location for an error
 *
 * Checks that every value is within its range.
 *
 * A value out of range is kept as it was given, so that it can be shown; a connection refuses
 * the whole object. The error is %WSM_ERROR_INVALID_SETTING and names the property, its value,
 * the range and what to do.
 *
 * Returns: `TRUE` if the backoff can be used
 *
 * Since: 0.1
 */
gboolean
wsm_backoff_validate (WsmBackoff  *self,
                      GError     **error)
{
  g_return_val_if_fail (WSM_IS_BACKOFF (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (!wsm_backoff_check_delay ("initial", self->initial_ms,
                                "no delay is shorter than 100 ms anyway", error))
    return FALSE;

  if (!wsm_backoff_check_delay ("max", self->max_ms,
                                "set max-attempts or max-elapsed to give up", error))
    return FALSE;

  if (self->max_ms < self->initial_ms)
    {
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                   "Backoff: max is %u ms, but must be at least initial, which is %u ms; "
                   "raise max or lower initial",
                   self->max_ms, self->initial_ms);
      return FALSE;
    }

  /* Written so that not a number fails too. */
  if (!(self->factor >= MIN_FACTOR && self->factor <= MAX_FACTOR))
    {
      char factor[G_ASCII_DTOSTR_BUF_SIZE];

      g_ascii_formatd (factor, sizeof factor, "%g", self->factor);
      g_set_error (error, WSM_ERROR, WSM_ERROR_INVALID_SETTING,
                   "Backoff: factor is %s, but must be from 1 to 100; "
                   "1 keeps the delay as it is, 2 doubles it",
                   factor);
      return FALSE;
    }

  return TRUE;
}

/**
 * wsm_backoff_upper_bound:
 * @self: a backoff
 * @attempt: the number of the attempt, from 1; 0 counts as 1
 *
 * Computes the longest delay, in milliseconds, that may come before an attempt.
 *
 * That is [property@Wsm.Backoff:initial], multiplied by [property@Wsm.Backoff:factor] for each
 * attempt after the first, at most [property@Wsm.Backoff:max], and at least 100 ms. What the
 * server asks for may be longer.
 *
 * Returns: the time
 *
 * Since: 0.1
 */
guint
wsm_backoff_upper_bound (WsmBackoff *self,
                         guint       attempt)
{
  double bound_ms;

  g_return_val_if_fail (WSM_IS_BACKOFF (self), 0);

  bound_ms = self->initial_ms * pow (self->factor, (double) MAX (attempt, 1) - 1.0);

  /* Written so that infinity and not a number end at the cap. */
  if (!(bound_ms < self->max_ms))
    bound_ms = self->max_ms;

  return (guint) MAX (bound_ms, WSM_BACKOFF_FLOOR_MS);
}

/* What follows the end of a socket or of an attempt. n_bad_handshakes counts this one too. */
WsmOutcome
wsm_backoff_judge (WsmBackoff      *self,
                   const WsmReason *reason,
                   guint            n_bad_handshakes)
{
  g_return_val_if_fail (WSM_IS_BACKOFF (self), WSM_OUTCOME_FAILED);
  g_return_val_if_fail (reason != NULL, WSM_OUTCOME_FAILED);

  switch (reason->code)
    {
    case WSM_REASON_CODE_REQUESTED:
    case WSM_REASON_CODE_ABORTED:
      return WSM_OUTCOME_CLOSED;

    case WSM_REASON_CODE_PEER_CLOSED:
      return wsm_backoff_judge_close (reason->close_code);

    case WSM_REASON_CODE_HTTP_STATUS:
      return wsm_backoff_judge_status (reason->http_status, n_bad_handshakes);

    case WSM_REASON_CODE_BAD_HANDSHAKE:
      return wsm_backoff_judge_bad_handshake (n_bad_handshakes);

    case WSM_REASON_CODE_REDIRECT:
    case WSM_REASON_CODE_TLS:
    case WSM_REASON_CODE_TOO_BIG:
    case WSM_REASON_CODE_PROTOCOL:
    case WSM_REASON_CODE_PREPARE_FAILED:
    case WSM_REASON_CODE_GAVE_UP:
      return WSM_OUTCOME_FAILED;

    case WSM_REASON_CODE_RESOLVE:
    case WSM_REASON_CODE_REFUSED:
    case WSM_REASON_CODE_UNREACHABLE:
    case WSM_REASON_CODE_TIMED_OUT:
    case WSM_REASON_CODE_RESET:
    case WSM_REASON_CODE_END_OF_STREAM:
    case WSM_REASON_CODE_HEARTBEAT_LOST:
    case WSM_REASON_CODE_CLOSE_TIMED_OUT:
    case WSM_REASON_CODE_FLOOD:
    case WSM_REASON_CODE_NO_RESOURCES:
    case WSM_REASON_CODE_IO:
      return WSM_OUTCOME_RETRY;

    /* These end nothing; whoever asks about them loses nothing by trying again. */
    case WSM_REASON_CODE_NONE:
    case WSM_REASON_CODE_RETRYING:
    case WSM_REASON_CODE_OPENED:
    case WSM_REASON_CODE_BEAT_MISSED:
    case WSM_REASON_CODE_ALIVE:
    case WSM_REASON_CODE_WOKE_UP:
    case WSM_REASON_CODE_NETWORK_CHANGED:
    default:
      return WSM_OUTCOME_RETRY;
    }
}

/* The delay in milliseconds before the given attempt; chance is a random number in [0, 1).
 * bound_ms becomes the longest delay that another chance could have picked. */
guint
wsm_backoff_pick_delay (WsmBackoff      *self,
                        const WsmReason *reason,
                        guint            attempt,
                        double           chance,
                        guint           *bound_ms)
{
  guint64 bound;
  guint64 delay;

  g_return_val_if_fail (WSM_IS_BACKOFF (self), WSM_BACKOFF_FLOOR_MS);
  g_return_val_if_fail (reason != NULL, WSM_BACKOFF_FLOOR_MS);
  g_return_val_if_fail (chance >= 0.0 && chance < 1.0, WSM_BACKOFF_FLOOR_MS);
  g_return_val_if_fail (bound_ms != NULL, WSM_BACKOFF_FLOOR_MS);

  bound = wsm_backoff_upper_bound (self, attempt);
  delay = WSM_BACKOFF_FLOOR_MS + (guint64) (chance * (double) (bound - WSM_BACKOFF_FLOOR_MS));

  if (reason->close_code == 1013)
    {
      bound *= 2;
      delay *= 2;
    }

  if (reason->http_status == 429 || reason->http_status == 503)
    {
      guint64 asked = MIN (reason->retry_after_ms, WSM_BACKOFF_RETRY_AFTER_MAX_MS);

      bound = MAX (bound, asked);
      delay = MAX (delay, asked);
    }

  *bound_ms = (guint) MIN (bound, G_MAXUINT);

  return (guint) MIN (delay, G_MAXUINT);
}
