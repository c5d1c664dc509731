/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-echo-path-private.h"

#include <string.h>

/**
 * WsmEchoPath:
 *
 * One path of an echo server, and what goes wrong there.
 *
 * A path of which no property was changed answers each message with the same message and each ping
 * with a pong. The properties are the switches of its faults. They may be changed at any time:
 * [property@EchoPath:mute] and [property@EchoPath:late] act at once on connections that are open,
 * the others on what happens from then on.
 *
 * The switches are properties only, because they are set by name: from four languages, and from
 * the command line.
 *
 * Since: 0.1
 */

#define MIN_STATUS 200
#define MAX_STATUS 599

typedef enum
{
  PROP_NAME = 1,
  PROP_MUTE,
  PROP_MUTE_AFTER,
  PROP_LATE,
  PROP_DROP_AFTER,
  PROP_DROP_AFTER_MS,
  PROP_RESET,
  PROP_REFUSE,
  PROP_RETRY_AFTER,
  PROP_STALL,
  PROP_HANDSHAKE_DELAY,
  PROP_CLOSE_CODE,
  PROP_CLOSE_AFTER,
  PROP_DEFLATE,
  PROP_ECHO,
  PROP_REPLY_TO,
  PROP_REPLY,
  PROP_N_HANDSHAKES,
  PROP_N_HANDSHAKES_UNDER_WAY,
  PROP_MAX_HANDSHAKES_UNDER_WAY,
  PROP_N_OPENED,
  PROP_N_CONNECTIONS,
  PROP_N_MESSAGES,
  PROP_N_PINGS
} WsmEchoPathProperty;

static GParamSpec *properties[PROP_N_PINGS + 1];

G_DEFINE_FINAL_TYPE (WsmEchoPath, wsm_echo_path, G_TYPE_OBJECT)

static gboolean
wsm_echo_path_store_uint (guint        *field,
                          const GValue *value)
{
  guint number = g_value_get_uint (value);

  if (*field == number)
    return FALSE;

  *field = number;
  return TRUE;
}

static gboolean
wsm_echo_path_store_boolean (gboolean     *field,
                             const GValue *value)
{
  gboolean flag = g_value_get_boolean (value);

  if (*field == flag)
    return FALSE;

  *field = flag;
  return TRUE;
}

static gboolean
wsm_echo_path_store_string (char         **field,
                            const GValue  *value)
{
  const char *text = g_value_get_string (value);

  if (g_strcmp0 (*field, text) == 0)
    return FALSE;

  g_free (*field);
  *field = g_strdup (text);
  return TRUE;
}

static void
wsm_echo_path_dispose (GObject *object)
{
  WsmEchoPath *self = WSM_ECHO_PATH (object);

  g_ptr_array_set_size (self->waiting, 0);
  g_ptr_array_set_size (self->links, 0);

  G_OBJECT_CLASS (wsm_echo_path_parent_class)->dispose (object);
}

static void
wsm_echo_path_finalize (GObject *object)
{
  WsmEchoPath *self = WSM_ECHO_PATH (object);

  g_ptr_array_unref (self->waiting);
  g_ptr_array_unref (self->links);
  g_free (self->name);
  g_free (self->retry_after);
  g_free (self->reply_to);
  g_free (self->reply);

  G_OBJECT_CLASS (wsm_echo_path_parent_class)->finalize (object);
}

static void
wsm_echo_path_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  WsmEchoPath *self = WSM_ECHO_PATH (object);

  switch ((WsmEchoPathProperty) prop_id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_MUTE:
      g_value_set_boolean (value, self->mute);
      break;
    case PROP_MUTE_AFTER:
      g_value_set_uint (value, self->mute_after);
      break;
    case PROP_LATE:
      g_value_set_uint (value, self->late);
      break;
    case PROP_DROP_AFTER:
      g_value_set_uint (value, self->drop_after);
      break;
    case PROP_DROP_AFTER_MS:
      g_value_set_uint (value, self->drop_after_ms);
      break;
    case PROP_RESET:
      g_value_set_boolean (value, self->reset);
      break;
    case PROP_REFUSE:
      g_value_set_uint (value, self->refuse);
      break;
    case PROP_RETRY_AFTER:
      g_value_set_string (value, self->retry_after);
      break;
    case PROP_STALL:
      g_value_set_boolean (value, self->stall);
      break;
    case PROP_HANDSHAKE_DELAY:
      g_value_set_uint (value, self->handshake_delay);
      break;
    case PROP_CLOSE_CODE:
      g_value_set_uint (value, self->close_code);
      break;
    case PROP_CLOSE_AFTER:
      g_value_set_uint (value, self->close_after);
      break;
    case PROP_DEFLATE:
      g_value_set_boolean (value, self->deflate);
      break;
    case PROP_ECHO:
      g_value_set_boolean (value, self->echo);
      break;
    case PROP_REPLY_TO:
      g_value_set_string (value, self->reply_to);
      break;
    case PROP_REPLY:
      g_value_set_string (value, self->reply);
      break;
    case PROP_N_HANDSHAKES:
      g_value_set_uint (value, self->n_handshakes);
      break;
    case PROP_N_HANDSHAKES_UNDER_WAY:
      g_value_set_uint (value, self->waiting->len);
      break;
    case PROP_MAX_HANDSHAKES_UNDER_WAY:
      g_value_set_uint (value, self->max_handshakes_under_way);
      break;
    case PROP_N_OPENED:
      g_value_set_uint (value, self->n_opened);
      break;
    case PROP_N_CONNECTIONS:
      g_value_set_uint (value, self->links->len);
      break;
    case PROP_N_MESSAGES:
      g_value_set_uint (value, self->n_messages);
      break;
    case PROP_N_PINGS:
      g_value_set_uint (value, self->n_pings);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
wsm_echo_path_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  WsmEchoPath *self = WSM_ECHO_PATH (object);
  gboolean changed = FALSE;

  switch ((WsmEchoPathProperty) prop_id)
    {
    case PROP_NAME:
      self->name = g_value_dup_string (value);
      break;
    case PROP_MUTE:
      changed = wsm_echo_path_store_boolean (&self->mute, value);
      break;
    case PROP_MUTE_AFTER:
      changed = wsm_echo_path_store_uint (&self->mute_after, value);
      break;
    case PROP_LATE:
      changed = wsm_echo_path_store_uint (&self->late, value);
      break;
    case PROP_DROP_AFTER:
      changed = wsm_echo_path_store_uint (&self->drop_after, value);
      break;
    case PROP_DROP_AFTER_MS:
      changed = wsm_echo_path_store_uint (&self->drop_after_ms, value);
      break;
    case PROP_RESET:
      changed = wsm_echo_path_store_boolean (&self->reset, value);
      break;
    case PROP_REFUSE:
      g_return_if_fail (g_value_get_uint (value) == 0 || g_value_get_uint (value) >= MIN_STATUS);
      changed = wsm_echo_path_store_uint (&self->refuse, value);
      break;
    case PROP_RETRY_AFTER:
      /* Nonsense is welcome, a second header is not. */
      g_return_if_fail (g_value_get_string (value) == NULL
                        || strpbrk (g_value_get_string (value), "\r\n") == NULL);
      changed = wsm_echo_path_store_string (&self->retry_after, value);
      break;
    case PROP_STALL:
      changed = wsm_echo_path_store_boolean (&self->stall, value);
      break;
    case PROP_HANDSHAKE_DELAY:
      changed = wsm_echo_path_store_uint (&self->handshake_delay, value);
      break;
    case PROP_CLOSE_CODE:
      changed = wsm_echo_path_store_uint (&self->close_code, value);
      break;
    case PROP_CLOSE_AFTER:
      changed = wsm_echo_path_store_uint (&self->close_after, value);
      break;
    case PROP_DEFLATE:
      changed = wsm_echo_path_store_boolean (&self->deflate, value);
      break;
    case PROP_ECHO:
      changed = wsm_echo_path_store_boolean (&self->echo, value);
      break;
    case PROP_REPLY_TO:
      changed = wsm_echo_path_store_string (&self->reply_to, value);
      break;
    case PROP_REPLY:
      changed = wsm_echo_path_store_string (&self->reply, value);
      break;
    case PROP_N_HANDSHAKES:
    case PROP_N_HANDSHAKES_UNDER_WAY:
    case PROP_MAX_HANDSHAKES_UNDER_WAY:
    case PROP_N_OPENED:
    case PROP_N_CONNECTIONS:
    case PROP_N_MESSAGES:
    case PROP_N_PINGS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }

  if (!changed)
    return;

  g_object_notify_by_pspec (object, pspec);

  if (pspec == properties[PROP_MUTE])
    wsm_echo_path_apply_mute (self);
  else if (pspec == properties[PROP_LATE])
    wsm_echo_path_apply_late (self);
}

static void
wsm_echo_path_class_init (WsmEchoPathClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_echo_path_dispose;
  object_class->finalize = wsm_echo_path_finalize;
  object_class->get_property = wsm_echo_path_get_property;
  object_class->set_property = wsm_echo_path_set_property;

  /**
   * WsmEchoPath:name:
   *
   * The path, beginning with a slash.
   *
   * Since: 0.1
   */
  properties[PROP_NAME] =
    g_param_spec_string ("name", NULL, NULL,
                         NULL,
                         (G_PARAM_READWRITE |
                          G_PARAM_CONSTRUCT_ONLY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:mute:
   *
   * Whether nothing leaves any more.
   *
   * What arrives is read and not answered, pings included. Also changes connections that are
   * open: they stay, and the peer is not told of their end either.
   *
   * Since: 0.1
   */
  properties[PROP_MUTE] =
    g_param_spec_boolean ("mute", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:mute-after:
   *
   * Milliseconds after which a connection goes mute, 0 for never.
   *
   * Counts from the moment it opened; a change is for connections opened later.
   *
   * Since: 0.1
   */
  properties[PROP_MUTE_AFTER] =
    g_param_spec_uint ("mute-after", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:late:
   *
   * Milliseconds by which each answer leaves later, 0 for at once.
   *
   * Messages, pongs and closes alike, and their order is kept. Also changes connections that are
   * open; what already waits keeps its time.
   *
   * Since: 0.1
   */
  properties[PROP_LATE] =
    g_param_spec_uint ("late", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:drop-after:
   *
   * The number of messages and pings, taken together, after which a connection is dropped; 0 for
   * never.
   *
   * The last of them is still answered, then the socket is closed without a close frame.
   *
   * Since: 0.1
   */
  properties[PROP_DROP_AFTER] =
    g_param_spec_uint ("drop-after", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:drop-after-ms:
   *
   * Milliseconds after which a connection is dropped, 0 for never.
   *
   * Counts from the moment it opened; a change is for connections opened later.
   *
   * Since: 0.1
   */
  properties[PROP_DROP_AFTER_MS] =
    g_param_spec_uint ("drop-after-ms", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:reset:
   *
   * Whether a dropped connection ends with a TCP reset rather than an end of file.
   *
   * Since: 0.1
   */
  properties[PROP_RESET] =
    g_param_spec_boolean ("reset", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:refuse:
   *
   * The HTTP status with which each handshake is refused, 0 for none.
   *
   * From 200 to 599.
   *
   * Since: 0.1
   */
  properties[PROP_REFUSE] =
    g_param_spec_uint ("refuse", NULL, NULL,
                       0, MAX_STATUS, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:retry-after:
   *
   * The value of the Retry-After header that comes with a refusal, `NULL` for none.
   *
   * A text, so that values can be served which make no sense.
   *
   * Since: 0.1
   */
  properties[PROP_RETRY_AFTER] =
    g_param_spec_string ("retry-after", NULL, NULL,
                         NULL,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:stall:
   *
   * Whether a handshake is read and never answered.
   *
   * It stays unanswered until the client gives up, also when the property becomes `FALSE`.
   *
   * Since: 0.1
   */
  properties[PROP_STALL] =
    g_param_spec_boolean ("stall", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:handshake-delay:
   *
   * Milliseconds after which a handshake is answered, 0 for at once.
   *
   * Since: 0.1
   */
  properties[PROP_HANDSHAKE_DELAY] =
    g_param_spec_uint ("handshake-delay", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:close-code:
   *
   * The code with which a connection is closed as soon as it is open, 0 for none.
   *
   * Codes that no endpoint may send are sent too; 1005 sends a close frame without a code. With
   * [property@EchoPath:close-after] it is the code used then.
   *
   * Since: 0.1
   */
  properties[PROP_CLOSE_CODE] =
    g_param_spec_uint ("close-code", NULL, NULL,
                       0, G_MAXUINT16, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:close-after:
   *
   * The number of messages and pings, taken together, after which a connection is closed; 0 for
   * never.
   *
   * The code is [property@EchoPath:close-code], or 1000 if that is 0.
   *
   * Since: 0.1
   */
  properties[PROP_CLOSE_AFTER] =
    g_param_spec_uint ("close-after", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READWRITE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:deflate:
   *
   * Whether permessage-deflate is agreed to, if the client offers it.
   *
   * Since: 0.1
   */
  properties[PROP_DEFLATE] =
    g_param_spec_boolean ("deflate", NULL, NULL,
                          FALSE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:echo:
   *
   * Whether a message is answered with the same message.
   *
   * Since: 0.1
   */
  properties[PROP_ECHO] =
    g_param_spec_boolean ("echo", NULL, NULL,
                          TRUE,
                          (G_PARAM_READWRITE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:reply-to:
   *
   * The text that is answered with [property@EchoPath:reply] instead of an echo, or `NULL`.
   *
   * Since: 0.1
   */
  properties[PROP_REPLY_TO] =
    g_param_spec_string ("reply-to", NULL, NULL,
                         NULL,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:reply:
   *
   * The answer to [property@EchoPath:reply-to].
   *
   * With `NULL` that text is not answered at all.
   *
   * Since: 0.1
   */
  properties[PROP_REPLY] =
    g_param_spec_string ("reply", NULL, NULL,
                         NULL,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:n-handshakes:
   *
   * The number of handshakes that were asked for, refused and stalled ones included.
   *
   * Since: 0.1
   */
  properties[PROP_N_HANDSHAKES] =
    g_param_spec_uint ("n-handshakes", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READABLE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:n-handshakes-under-way:
   *
   * The number of handshakes that wait for an answer now.
   *
   * Since: 0.1
   */
  properties[PROP_N_HANDSHAKES_UNDER_WAY] =
    g_param_spec_uint ("n-handshakes-under-way", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READABLE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:max-handshakes-under-way:
   *
   * The highest [property@EchoPath:n-handshakes-under-way] there ever was.
   *
   * Since: 0.1
   */
  properties[PROP_MAX_HANDSHAKES_UNDER_WAY] =
    g_param_spec_uint ("max-handshakes-under-way", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READABLE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:n-opened:
   *
   * The number of connections that were opened.
   *
   * Since: 0.1
   */
  properties[PROP_N_OPENED] =
    g_param_spec_uint ("n-opened", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READABLE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:n-connections:
   *
   * The number of connections of which the socket is open now.
   *
   * Since: 0.1
   */
  properties[PROP_N_CONNECTIONS] =
    g_param_spec_uint ("n-connections", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READABLE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:n-messages:
   *
   * The number of messages that arrived.
   *
   * Since: 0.1
   */
  properties[PROP_N_MESSAGES] =
    g_param_spec_uint ("n-messages", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READABLE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  /**
   * WsmEchoPath:n-pings:
   *
   * The number of pings that arrived.
   *
   * Since: 0.1
   */
  properties[PROP_N_PINGS] =
    g_param_spec_uint ("n-pings", NULL, NULL,
                       0, G_MAXUINT, 0,
                       (G_PARAM_READABLE |
                        G_PARAM_EXPLICIT_NOTIFY |
                        G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_echo_path_init (WsmEchoPath *self)
{
  self->echo = TRUE;
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->links = g_ptr_array_new_with_free_func (g_object_unref);
}

WsmEchoPath *
wsm_echo_path_new (const char *name)
{
  return g_object_new (WSM_TYPE_ECHO_PATH, "name", name, NULL);
}

/**
 * wsm_echo_path_get_name: (get-property name)
 * @self: a path
 *
 * Gets the path, beginning with a slash.
 *
 * Returns: (transfer none): the path
 *
 * Since: 0.1
 */
const char *
wsm_echo_path_get_name (WsmEchoPath *self)
{
  g_return_val_if_fail (WSM_IS_ECHO_PATH (self), NULL);

  return self->name;
}
