/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-heartbeat-private.h"

#include "wsm-enum-types.h"
#include "wsm-template.h"

#include <math.h>
#include <string.h>

/**
 * WsmHeartbeat:
 *
 * What a beat is, how often it goes out, and what silence means.
 *
 * A heartbeat finds dead peers and keeps middleboxes from forgetting a quiet connection. It
 * never changes; one may serve many connections, each of which can be given another while it
 * runs. Values out of range are kept as given, and refused by
 * [method@Wsm.Heartbeat.validate]; each property names its range.
 *
 * One beat is out at a time. One that falls due while another is unanswered is skipped.
 *
 * ```c
 * g_autoptr (WsmHeartbeat) heartbeat =
 *   g_object_new (WSM_TYPE_HEARTBEAT,
 *                 "mode", WSM_HEARTBEAT_MODE_TEXT,
 *                 "interval", 15000,
 *                 "payload", "{\"op\":\"ping\",\"id\":%{seq}}",
 *                 "reply-match", WSM_REPLY_MATCH_EXACT,
 *                 "reply", "{\"op\":\"pong\",\"id\":%{seq}}",
 *                 "hide-reply", TRUE,
 *                 NULL);
 *
 * wsm_connection_set_heartbeat (connection, heartbeat);
 * ```
 *
 * More in the book: [Heartbeats](heartbeats.html).
 *
 * Since: 0.1
 */

/* Below the 30 s after which the more impatient proxies and balancers drop a quiet connection,
 * jitter included. */
#define DEFAULT_INTERVAL_MS 25000
/* Longer than a mobile network needs to wake up, or to repeat what it lost a few times. */
#define DEFAULT_TIMEOUT_MS 10000
/* One lost beat makes a suspect, two make a verdict. */
#define DEFAULT_MAX_MISSED 2
#define DEFAULT_JITTER 0.1
#define DEFAULT_MODE WSM_HEARTBEAT_MODE_PING
#define DEFAULT_REPLY_MATCH WSM_REPLY_MATCH_NONE
#define DEFAULT_LIVENESS WSM_LIVENESS_ANY_TRAFFIC
#define DEFAULT_IDLE_ONLY TRUE
#define DEFAULT_HIDE_REPLY FALSE

typedef enum
{
  PROP_MODE = 1,
  PROP_INTERVAL,
  PROP_TIMEOUT,
  PROP_MAX_MISSED,
  PROP_JITTER,
  PROP_IDLE_ONLY,
  PROP_PAYLOAD,
  PROP_PAYLOAD_BYTES,
  PROP_REPLY_MATCH,
  PROP_REPLY,
  PROP_HIDE_REPLY,
  PROP_LIVENESS,
} WsmHeartbeatProperty;

#define PROP_LAST_ONE PROP_LIVENESS

struct _WsmHeartbeat
{
  GObject parent_instance;

  WsmHeartbeatMode mode;
  guint interval_ms;
  guint timeout_ms;
  guint max_missed;
  double jitter;
  WsmLiveness liveness;

  char *payload;         /* (owned) (nullable) */
  GBytes *payload_bytes; /* (owned) (nullable) */
  WsmReplyMatch reply_match;
  char *reply;           /* (owned) (nullable) */

  /* Made of the properties above when all are there, for each message passes through them. */
  WsmTemplate *payload_template; /* (owned) (nullable): of payload */
  WsmTemplate *reply_template;   /* (owned) (nullable): of reply */
  GRegex *reply_regex;           /* (owned) (nullable): of reply, if that is one */

  guint idle_only : 1;
  guint hide_reply : 1;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsmHeartbeat, wsm_heartbeat, G_TYPE_OBJECT)

static gboolean
wsm_heartbeat_is_own_type (WsmHeartbeat          *self,
                           SoupWebsocketDataType  type)
{
  if (self->mode == WSM_HEARTBEAT_MODE_TEXT)
    return type == SOUP_WEBSOCKET_DATA_TEXT;
  if (self->mode == WSM_HEARTBEAT_MODE_BINARY)
    return type == SOUP_WEBSOCKET_DATA_BINARY;

  return FALSE;
}

/* An exact reply that was not spelled out is the beat itself. */
static gboolean
wsm_heartbeat_match (WsmHeartbeat *self,
                     GBytes       *message,
                     guint64      *sequence)
{
  const WsmTemplate *template = self->reply_template;
  gsize length;
  const char *data = g_bytes_get_data (message, &length);

  if (self->reply_match == WSM_REPLY_MATCH_REGEX)
    return self->reply_regex != NULL &&
           wsm_template_match_regex (self->reply_regex, data, length, sequence);

  if (template == NULL && self->mode == WSM_HEARTBEAT_MODE_BINARY)
    return self->payload_bytes != NULL && g_bytes_equal (message, self->payload_bytes);

  if (template == NULL)
    template = self->payload_template;

  return template != NULL && wsm_template_match (template, data, length, sequence);
}

static void
wsm_heartbeat_constructed (GObject *object)
{
  WsmHeartbeat *self = WSM_HEARTBEAT (object);

  G_OBJECT_CLASS (wsm_heartbeat_parent_class)->constructed (object);

  if (self->payload != NULL)
    self->payload_template = wsm_template_new (self->payload);

  if (self->reply != NULL)
    self->reply_template = wsm_template_new (self->reply);

  /* GRegex takes nothing but UTF-8. Validation says what is wrong with an expression. */
  if (self->reply_match == WSM_REPLY_MATCH_REGEX &&
      self->reply != NULL && g_utf8_validate (self->reply, -1, NULL))
    self->reply_regex = wsm_template_compile (self->reply_template, NULL);
}

static void
wsm_heartbeat_finalize (GObject *object)
{
  WsmHeartbeat *self = WSM_HEARTBEAT (object);

  g_clear_pointer (&self->payload, g_free);
  g_clear_pointer (&self->payload_bytes, g_bytes_unref);
  g_clear_pointer (&self->payload_template, wsm_template_free);
  g_clear_pointer (&self->reply, g_free);
  g_clear_pointer (&self->reply_regex, g_regex_unref);
  g_clear_pointer (&self->reply_template, wsm_template_free);

  G_OBJECT_CLASS (wsm_heartbeat_parent_class)->finalize (object);
}

static void
wsm_heartbeat_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  WsmHeartbeat *self = WSM_HEARTBEAT (object);

  switch ((WsmHeartbeatProperty) prop_id)
    {
    case PROP_MODE:
      g_value_set_enum (value, (int) self->mode);
      break;
    case PROP_INTERVAL:
      g_value_set_uint (value, self->interval_ms);
      break;
    case PROP_TIMEOUT:
      g_value_set_uint (value, self->timeout_ms);
      break;
    case PROP_MAX_MISSED:
      g_value_set_uint (value, self->max_missed);
      break;
    case PROP_JITTER:
      g_value_set_double (value, self->jitter);
      break;
    case PROP_IDLE_ONLY:
      g_value_set_boolean (value, self->idle_only);
      break;
    case PROP_PAYLOAD:
      g_value_set_string (value, self->payload);
      break;
    case PROP_PAYLOAD_BYTES:
      g_value_set_boxed (value, self->payload_bytes);
      break;
    case PROP_REPLY_MATCH:
      g_value_set_enum (value, (int) self->reply_match);
      break;
    case PROP_REPLY:
      g_value_set_string (value, self->reply);
      break;
    case PROP_HIDE_REPLY:
      g_value_set_boolean (value, self->hide_reply);
      break;
    case PROP_LIVENESS:
      g_value_set_enum (value, (int) self->liveness);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

/* Each of them is set once, during construction, so nothing old is freed or notified. */
static void
wsm_heartbeat_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  WsmHeartbeat *self = WSM_HEARTBEAT (object);

  switch ((WsmHeartbeatProperty) prop_id)
    {
    case PROP_MODE:
      self->mode = g_value_get_enum (value);
      break;
    case PROP_INTERVAL:
      self->interval_ms = g_value_get_uint (value);
      break;
    case PROP_TIMEOUT:
      self->timeout_ms = g_value_get_uint (value);
      break;
    case PROP_MAX_MISSED:
      self->max_missed = g_value_get_uint (value);
      break;
    case PROP_JITTER:
      self->jitter = g_value_get_double (value);
      break;
    case PROP_IDLE_ONLY:
      self->idle_only = g_value_get_boolean (value) != FALSE;
      break;
    case PROP_PAYLOAD:
      self->payload = g_value_dup_string (value);
      break;
    case PROP_PAYLOAD_BYTES:
      self->payload_bytes = g_value_dup_boxed (value);
      break;
    case PROP_REPLY_MATCH:
      self->reply_match = g_value_get_enum (value);
      break;
    case PROP_REPLY:
      self->reply = g_value_dup_string (value);
      break;
    case PROP_HIDE_REPLY:
      self->hide_reply = g_value_get_boolean (value) != FALSE;
      break;
    case PROP_LIVENESS:
      self->liveness = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_heartbeat_class_init (WsmHeartbeatClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = wsm_heartbeat_constructed;
  object_class->finalize = wsm_heartbeat_finalize;
  object_class->get_property = wsm_heartbeat_get_property;
  object_class->set_property = wsm_heartbeat_set_property;

  /**
   * WsmHeartbeat:mode: (getter get_mode)
   *
   * What a beat is made of.
   *
   * Pings by default, because every server answers them.
   *
   * Since: 0.1
   */
  properties[PROP_MODE] =
    g_param_spec_enum ("mode", NULL, NULL,
                       WSM_TYPE_HEARTBEAT_MODE, DEFAULT_MODE,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:interval: (getter get_interval)
   *
   * The time from beat to beat, in milliseconds.
   *
   * From 10 ms to a day; 25 s by default. While a beat is unanswered no other is sent. It is
   * twice as long while [property@Wsm.Pool:saves-power] holds.
   *
   * Since: 0.1
   */
  properties[PROP_INTERVAL] =
    g_param_spec_uint ("interval", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_INTERVAL_MS,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:timeout: (getter get_timeout)
   *
   * How long the answer to a beat may take, in milliseconds.
   *
   * From 10 ms to a day; 10 s by default. In passive mode it comes on top of each interval. Where
   * much is sent, allow for what the peer has taken but not read yet: it reads that first.
   *
   * Since: 0.1
   */
  properties[PROP_TIMEOUT] =
    g_param_spec_uint ("timeout", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_TIMEOUT_MS,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:max-missed: (getter get_max_missed)
   *
   * How many beats in a row may stay unanswered; the last one of them ends the connection.
   *
   * From 1 to 1000; 2 by default.
   *
   * Since: 0.1
   */
  properties[PROP_MAX_MISSED] =
    g_param_spec_uint ("max-missed", NULL, NULL,
                       0, G_MAXUINT, DEFAULT_MAX_MISSED,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:jitter: (getter get_jitter)
   *
   * How far chance moves a beat, earlier or later, as a fraction of the interval.
   *
   * From 0 to 0.5; 0.1 by default. It does not accumulate: the beats stay around the times that
   * the interval gives.
   *
   * Since: 0.1
   */
  properties[PROP_JITTER] =
    /* Lax, because GObject would complain about NaN; wsm_heartbeat_validate() does instead. */
    g_param_spec_double ("jitter", NULL, NULL,
                         -INFINITY, INFINITY, DEFAULT_JITTER,
                         (G_PARAM_READWRITE |
                          G_PARAM_CONSTRUCT_ONLY |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS |
                          G_PARAM_LAX_VALIDATION));

  /**
   * WsmHeartbeat:idle-only: (getter get_idle_only)
   *
   * Whether a beat is sent only after nothing arrived for an interval.
   *
   * `TRUE` by default. [enum@Wsm.Liveness.STRICT] ignores it.
   *
   * Since: 0.1
   */
  properties[PROP_IDLE_ONLY] =
    g_param_spec_boolean ("idle-only", NULL, NULL,
                          DEFAULT_IDLE_ONLY,
                          (G_PARAM_READWRITE |
                           G_PARAM_CONSTRUCT_ONLY |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:payload: (getter get_payload)
   *
   * The text of a beat, for text mode.
   *
   * `%{seq}` in it becomes the number of the beat, in decimal digits. It must be UTF-8 of at most
   * 64 KiB, with 20 digits for each number. `NULL` by default.
   *
   * Since: 0.1
   */
  properties[PROP_PAYLOAD] =
    g_param_spec_string ("payload", NULL, NULL,
                         NULL,
                         (G_PARAM_READWRITE |
                          G_PARAM_CONSTRUCT_ONLY |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:payload-bytes: (getter get_payload_bytes)
   *
   * The content of a beat, for binary mode.
   *
   * From 1 byte to 64 KiB. `NULL` by default.
   *
   * Since: 0.1
   */
  properties[PROP_PAYLOAD_BYTES] =
    g_param_spec_boxed ("payload-bytes", NULL, NULL,
                        G_TYPE_BYTES,
                        (G_PARAM_READWRITE |
                         G_PARAM_CONSTRUCT_ONLY |
                         G_PARAM_EXPLICIT_NOTIFY |
                         G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:reply-match: (getter get_reply_match)
   *
   * How the answer to a text or binary beat is recognised.
   *
   * By default no answer is expected, and no beat ever misses. A ping is answered by a pong,
   * whatever this says.
   *
   * Since: 0.1
   */
  properties[PROP_REPLY_MATCH] =
    g_param_spec_enum ("reply-match", NULL, NULL,
                       WSM_TYPE_REPLY_MATCH, DEFAULT_REPLY_MATCH,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:reply: (getter get_reply)
   *
   * What the answer to a text or binary beat looks like.
   *
   * With an exact match this is the whole message, and `%{seq}` stands for the number of the
   * beat; `NULL`, the default, says that the beat itself comes back. With a regular expression
   * it is that expression, and `%{seq}` stands for the digits of the number. A message over
   * 64 KiB is never taken for an answer to either.
   *
   * Since: 0.1
   */
  properties[PROP_REPLY] =
    g_param_spec_string ("reply", NULL, NULL,
                         NULL,
                         (G_PARAM_READWRITE |
                          G_PARAM_CONSTRUCT_ONLY |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:hide-reply: (getter get_hide_reply)
   *
   * Whether messages that answer beats are kept from the app.
   *
   * `FALSE` by default. It needs an exact match or a regular expression.
   *
   * Since: 0.1
   */
  properties[PROP_HIDE_REPLY] =
    g_param_spec_boolean ("hide-reply", NULL, NULL,
                          DEFAULT_HIDE_REPLY,
                          (G_PARAM_READWRITE |
                           G_PARAM_CONSTRUCT_ONLY |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsmHeartbeat:liveness: (getter get_liveness)
   *
   * What proves that the peer is alive.
   *
   * Any traffic by default. In passive mode, which has no answers, traffic is all there is.
   *
   * Since: 0.1
   */
  properties[PROP_LIVENESS] =
    g_param_spec_enum ("liveness", NULL, NULL,
                       WSM_TYPE_LIVENESS, DEFAULT_LIVENESS,
                       (G_PARAM_READWRITE |
                        G_PARAM_CONSTRUCT_ONLY |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_heartbeat_init (WsmHeartbeat *self)
{
}

/**
 * wsm_heartbeat_new:
 *
 * Makes a heartbeat with the defaults: a ping each 25 s.
 *
 * Bindings and C code that want other values construct the object with properties.
 *
 * Returns: (transfer full): a new heartbeat
 *
 * Since: 0.1
 */
WsmHeartbeat *
wsm_heartbeat_new (void)
{
  return g_object_new (WSM_TYPE_HEARTBEAT, NULL);
}

/**
 * wsm_heartbeat_get_mode: (get-property mode)
 * @self: a heartbeat
 *
 * Gets what a beat is made of.
 *
 * Returns: the mode
 *
 * Since: 0.1
 */
WsmHeartbeatMode
wsm_heartbeat_get_mode (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), WSM_HEARTBEAT_MODE_OFF);

  return self->mode;
}

/**
 * wsm_heartbeat_get_interval: (get-property interval)
 * @self: a heartbeat
 *
 * Gets the time from beat to beat, in milliseconds.
 *
 * Returns: the time
 *
 * Since: 0.1
 */
guint
wsm_heartbeat_get_interval (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), 0);

  return self->interval_ms;
}

/**
 * wsm_heartbeat_get_timeout: (get-property timeout)
 * @self: a heartbeat
 *
 * Gets how long the answer to a beat may take, in milliseconds.
 *
 * Returns: the time
 *
 * Since: 0.1
 */
guint
wsm_heartbeat_get_timeout (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), 0);

  return self->timeout_ms;
}

/**
 * wsm_heartbeat_get_max_missed: (get-property max-missed)
 * @self: a heartbeat
 *
 * Gets how many unanswered beats in a row end the connection.
 *
 * Returns: the number of beats
 *
 * Since: 0.1
 */
guint
wsm_heartbeat_get_max_missed (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), 0);

  return self->max_missed;
}

/**
 * wsm_heartbeat_get_jitter: (get-property jitter)
 * @self: a heartbeat
 *
 * Gets how far chance moves a beat, as a fraction of the interval.
 *
 * Returns: the fraction
 *
 * Since: 0.1
 */
double
wsm_heartbeat_get_jitter (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), 0.0);

  return self->jitter;
}

/**
 * wsm_heartbeat_get_idle_only: (get-property idle-only)
 * @self: a heartbeat
 *
 * Gets whether a beat is sent only after nothing arrived for an interval.
 *
 * Returns: `TRUE` if traffic saves beats
 *
 * Since: 0.1
 */
gboolean
wsm_heartbeat_get_idle_only (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), FALSE);

  return self->idle_only;
}

/**
 * wsm_heartbeat_get_payload: (get-property payload)
 * @self: a heartbeat
 *
 * Gets the text of a beat.
 *
 * Returns: (transfer none) (nullable): the text, or `NULL` if none was set
 *
 * Since: 0.1
 */
const char *
wsm_heartbeat_get_payload (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), NULL);

  return self->payload;
}

/**
 * wsm_heartbeat_get_payload_bytes: (get-property payload-bytes)
 * @self: a heartbeat
 *
 * Gets the content of a beat.
 *
 * Returns: (transfer none) (nullable): the bytes, or `NULL` if none were set
 *
 * Since: 0.1
 */
GBytes *
wsm_heartbeat_get_payload_bytes (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), NULL);

  return self->payload_bytes;
}

/**
 * wsm_heartbeat_get_reply_match: (get-property reply-match)
 * @self: a heartbeat
 *
 * Gets how the answer to a text or binary beat is recognised.
 *
 * Returns: the kind of match
 *
 * Since: 0.1
 */
WsmReplyMatch
wsm_heartbeat_get_reply_match (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), WSM_REPLY_MATCH_NONE);

  return self->reply_match;
}

/**
 * wsm_heartbeat_get_reply: (get-property reply)
 * @self: a heartbeat
 *
 * Gets what the answer to a text or binary beat looks like.
 *
 * Returns: (transfer none) (nullable): the text or expression, or `NULL` if none was set
 *
 * Since: 0.1
 */
const char *
wsm_heartbeat_get_reply (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), NULL);

  return self->reply;
}

/**
 * wsm_heartbeat_get_hide_reply: (get-property hide-reply)
 * @self: a heartbeat
 *
 * Gets whether messages that answer beats are kept from the app.
 *
 * Returns: `TRUE` if they are hidden
 *
 * Since: 0.1
 */
gboolean
wsm_heartbeat_get_hide_reply (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), FALSE);

  return self->hide_reply;
}

/**
 * wsm_heartbeat_get_liveness: (get-property liveness)
 * @self: a heartbeat
 *
 * Gets what proves that the peer is alive.
 *
 * Returns: the kind of proof
 *
 * Since: 0.1
 */
WsmLiveness
wsm_heartbeat_get_liveness (WsmHeartbeat *self)
{
  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), WSM_LIVENESS_ANY_TRAFFIC);

  return self->liveness;
}

/* The message of a text or binary beat; the payload of a ping is not ours to say. */
GBytes *
wsm_heartbeat_dup_payload (WsmHeartbeat *self,
                           guint64       sequence)
{
  char *text;

  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), NULL);

  if (self->mode == WSM_HEARTBEAT_MODE_BINARY)
    {
      g_return_val_if_fail (self->payload_bytes != NULL, NULL);

      return g_bytes_ref (self->payload_bytes);
    }

  g_return_val_if_fail (self->mode == WSM_HEARTBEAT_MODE_TEXT, NULL);
  g_return_val_if_fail (self->payload_template != NULL, NULL);

  text = wsm_template_expand (self->payload_template, sequence);

  return g_bytes_new_take (text, strlen (text));
}

/* What a message from the peer says about the beat with the given number. An answer without a
 * number is taken for the answer to that one. */
WsmReply
wsm_heartbeat_match_reply (WsmHeartbeat          *self,
                           SoupWebsocketDataType  type,
                           GBytes                *message,
                           guint64                sequence)
{
  guint64 answered = sequence;

  g_return_val_if_fail (WSM_IS_HEARTBEAT (self), WSM_REPLY_FOREIGN);
  g_return_val_if_fail (message != NULL, WSM_REPLY_FOREIGN);

  if (!wsm_heartbeat_expects_reply (self) || self->mode == WSM_HEARTBEAT_MODE_PING)
    return WSM_REPLY_FOREIGN;

  if (self->reply_match == WSM_REPLY_MATCH_ANY)
    return WSM_REPLY_CURRENT;

  /* What is longer than any beat is not worth the time of looking at it. */
  if (!wsm_heartbeat_is_own_type (self, type) ||
      g_bytes_get_size (message) > WSM_HEARTBEAT_MAX_PAYLOAD)
    return WSM_REPLY_FOREIGN;

  if (!wsm_heartbeat_match (self, message, &answered))
    return WSM_REPLY_FOREIGN;

  return answered == sequence ? WSM_REPLY_CURRENT : WSM_REPLY_LATE;
}
