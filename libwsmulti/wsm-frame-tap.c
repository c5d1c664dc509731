/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-frame-tap.h"

#define TAP_NAME "wsm-frame-tap"
#define EXTENSIONS_HEADER "Sec-WebSocket-Extensions"

#define OPCODE_CONTINUATION 0x0
#define OPCODE_PING 0x9
#define OPCODE_CONTROL_BIT 0x8

#define HEADER_FINAL_BIT 0x80
#define HEADER_COMPRESSED_BIT 0x40

/* How libsoup is brought to put the tap into a connection, with the means of its public API:
 *
 * The tap is an extension of the session, so libsoup would offer it to the server. When the
 * request is about to leave, its name is taken out again (::starting). When the server agreed,
 * and before libsoup looks at the answer (::got-informational), the name is added to what the
 * server accepted and, as newer versions compare, to what was offered. It comes first in the
 * list: incoming frames pass the tap before they are inflated, outgoing ones before they are
 * deflated.
 *
 * Nothing here can make a handshake fail: where a step finds other things than expected, the
 * connection goes without a tap. */

struct _WsmFrameTap
{
  SoupWebsocketExtension parent_instance;

  const WsmFrameTapFuncs *funcs; /* (unowned) (nullable) */
  gpointer user_data;            /* (unowned) (nullable) */

  guint64 max_message_size; /* 0 = not said */
  guint64 message_length;   /* of the incoming message so far */
  gsize payload_capture;

  guint message_is_compressed : 1;
  guint wants_frames : 1;
  guint is_beside_compression : 1;
};

G_DEFINE_FINAL_TYPE (WsmFrameTap, wsm_frame_tap, SOUP_TYPE_WEBSOCKET_EXTENSION)

/* What is known of the handshake of one message. */
typedef struct
{
  char *accepted; /* (owned) (nullable): what the server wrote */

  guint is_offered : 1; /* the session would have offered the tap */
  guint is_answered : 1;
} WsmFrameTapHandshake;

#define HANDSHAKE_KEY "wsm-frame-tap-handshake"

static void
wsm_frame_tap_handshake_free (gpointer data)
{
  WsmFrameTapHandshake *handshake = data;

  g_clear_pointer (&handshake->accepted, g_free);
  g_free (handshake);
}

/* The tap answers to this parameter only: a server that names the tap is refused, as any server
 * that names an extension it was not offered. */
static char *
wsm_frame_tap_get_secret (void)
{
  return g_strdup_printf ("%p", g_type_class_peek (WSM_TYPE_FRAME_TAP));
}

static gboolean
wsm_frame_tap_configure (SoupWebsocketExtension       *extension,
                         SoupWebsocketConnectionType   connection_type,
                         GHashTable                   *params,
                         GError                      **error)
{
  g_autofree char *secret = wsm_frame_tap_get_secret ();

  if (connection_type == SOUP_WEBSOCKET_CONNECTION_CLIENT &&
      params != NULL &&
      g_strcmp0 (g_hash_table_lookup (params, "secret"), secret) == 0)
    return TRUE;

  g_set_error_literal (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_ERROR_BAD_HANDSHAKE,
                       "Server requested unsupported extension");

  return FALSE;
}

static guint64
wsm_frame_tap_measure (guint64  payload_length,
                       gboolean is_masked)
{
  guint64 header_length = is_masked ? 6 : 2;

  if (payload_length > G_MAXUINT16)
    header_length += 8;
  else if (payload_length > 125)
    header_length += 2;

  return header_length + payload_length;
}

static void
wsm_frame_tap_tell_frame (WsmFrameTap  *self,
                          WsmDirection  direction,
                          const guint8 *header,
                          GBytes       *payload)
{
  g_autoptr (WsmFrame) frame = NULL;
  gsize length = g_bytes_get_size (payload);
  gboolean is_outgoing = direction == WSM_DIRECTION_OUTGOING;

  if (!self->wants_frames || self->funcs == NULL)
    return;

  frame = wsm_frame_new ();
  frame->direction = direction;
  frame->opcode = header[0] & 0x0f;
  frame->final = (header[0] & HEADER_FINAL_BIT) != 0;
  frame->compressed = (header[0] & HEADER_COMPRESSED_BIT) != 0;
  frame->length = length;

  /* What goes out is compressed behind the tap: how long it becomes is not known here. */
  if (is_outgoing && self->is_beside_compression && length > 0 &&
      (header[0] & OPCODE_CONTROL_BIT) == 0)
    frame->compressed = TRUE;
  else
    frame->wire_length = wsm_frame_tap_measure (length, is_outgoing);

  /* The bytes belong to libsoup's buffer, which moves on: they have to be copied. */
  if (self->payload_capture > 0)
    frame->payload = g_bytes_new (g_bytes_get_data (payload, NULL),
                                  MIN (length, self->payload_capture));

  self->funcs->frame (frame, self->user_data);
}

static GBytes *
wsm_frame_tap_process_outgoing_message (SoupWebsocketExtension  *extension,
                                        guint8                  *header,
                                        GBytes                  *payload,
                                        GError                 **error)
{
  WsmFrameTap *self = WSM_FRAME_TAP (extension);

  wsm_frame_tap_tell_frame (self, WSM_DIRECTION_OUTGOING, header, payload);

  return payload;
}

/* Adds up the fragments of a message, which older versions of libsoup do not limit. */
static gboolean
wsm_frame_tap_fits (WsmFrameTap  *self,
                    const guint8 *header,
                    guint64       length)
{
  guint64 limit = self->max_message_size;

  if ((header[0] & 0x0f) != OPCODE_CONTINUATION)
    {
      self->message_length = 0;
      self->message_is_compressed = (header[0] & HEADER_COMPRESSED_BIT) != 0;
    }

  self->message_length += length;

  /* Data that cannot be compressed become a little longer by trying. */
  if (self->message_is_compressed)
    limit += limit / 64 + 64;

  return self->max_message_size == 0 || self->message_length <= limit;
}

static GBytes *
wsm_frame_tap_process_incoming_message (SoupWebsocketExtension  *extension,
                                        guint8                  *header,
                                        GBytes                  *payload,
                                        GError                 **error)
{
  WsmFrameTap *self = WSM_FRAME_TAP (extension);
  guint opcode = header[0] & 0x0f;
  gboolean is_control = (opcode & OPCODE_CONTROL_BIT) != 0;
  gboolean is_final = (header[0] & HEADER_FINAL_BIT) != 0;

  wsm_frame_tap_tell_frame (self, WSM_DIRECTION_INCOMING, header, payload);

  /* Of the other frames libsoup's own signals tell. */
  if (self->funcs != NULL && (opcode == OPCODE_PING || (!is_control && !is_final)))
    self->funcs->life (self->user_data);
  if (self->funcs != NULL && opcode == OPCODE_PING)
    self->funcs->ping (self->user_data);

  if (!is_control && !wsm_frame_tap_fits (self, header, g_bytes_get_size (payload)))
    {
      g_set_error_literal (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG,
                           "The fragments of a message exceed the limit");
      g_bytes_unref (payload);
      return NULL;
    }

  return payload;
}

static void
wsm_frame_tap_class_init (WsmFrameTapClass *klass)
{
  SoupWebsocketExtensionClass *extension_class = SOUP_WEBSOCKET_EXTENSION_CLASS (klass);

  extension_class->name = TAP_NAME;
  extension_class->configure = wsm_frame_tap_configure;
  extension_class->process_incoming_message = wsm_frame_tap_process_incoming_message;
  extension_class->process_outgoing_message = wsm_frame_tap_process_outgoing_message;
}

static void
wsm_frame_tap_init (WsmFrameTap *self)
{
}

static gboolean
wsm_frame_tap_is_own_name (const char *element)
{
  return g_str_has_prefix (element, TAP_NAME) &&
         (element[strlen (TAP_NAME)] == '\0' || element[strlen (TAP_NAME)] == ';' ||
          g_ascii_isspace (element[strlen (TAP_NAME)]));
}

/* Returns whether the tap was among the extensions in these headers. */
static gboolean
wsm_frame_tap_remove_name (SoupMessageHeaders *headers)
{
  g_autoptr (GString) others = g_string_new (NULL);
  const char *list = soup_message_headers_get_list (headers, EXTENSIONS_HEADER);
  GSList *elements;
  gboolean is_found = FALSE;

  if (list == NULL)
    return FALSE;

  elements = soup_header_parse_list (list);
  for (GSList *l = elements; l != NULL; l = l->next)
    {
      if (wsm_frame_tap_is_own_name (l->data))
        {
          is_found = TRUE;
          continue;
        }

      if (others->len > 0)
        g_string_append (others, ", ");
      g_string_append (others, l->data);
    }
  soup_header_free_list (elements);

  if (!is_found)
    return FALSE;

  if (others->len > 0)
    soup_message_headers_replace (headers, EXTENSIONS_HEADER, others->str);
  else
    soup_message_headers_remove (headers, EXTENSIONS_HEADER);

  return TRUE;
}

static void
wsm_frame_tap_put_first (SoupMessageHeaders *headers,
                         const char         *element,
                         const char         *others)
{
  g_autofree char *list = NULL;

  if (others != NULL && *others != '\0')
    list = g_strconcat (element, ", ", others, NULL);

  soup_message_headers_replace (headers, EXTENSIONS_HEADER, list != NULL ? list : element);
}

static void
wsm_frame_tap_message_starting_cb (SoupMessage          *message,
                                   WsmFrameTapHandshake *handshake)
{
  /* A request may start more than once, for a password; the name is there the first time. */
  if (wsm_frame_tap_remove_name (soup_message_get_request_headers (message)))
    handshake->is_offered = TRUE;
}

static void
wsm_frame_tap_message_got_informational_cb (SoupMessage          *message,
                                            WsmFrameTapHandshake *handshake)
{
  SoupMessageHeaders *request = soup_message_get_request_headers (message);
  SoupMessageHeaders *response = soup_message_get_response_headers (message);
  g_autofree char *secret = NULL;
  g_autofree char *element = NULL;
  g_autofree char *offered = NULL;

  if (soup_message_get_status (message) != SOUP_STATUS_SWITCHING_PROTOCOLS ||
      !handshake->is_offered || handshake->is_answered)
    return;

  handshake->is_answered = TRUE;
  handshake->accepted = g_strdup (soup_message_headers_get_list (response, EXTENSIONS_HEADER));

  /* libsoup forgets to free the extensions of an answer that turns out to be wrong, and a
   * server can be wrong all day: such an answer is left without any. */
  soup_message_headers_remove (response, EXTENSIONS_HEADER);
  if (!soup_websocket_client_verify_handshake (message, NULL, NULL, NULL))
    return;

  offered = g_strdup (soup_message_headers_get_list (request, EXTENSIONS_HEADER));
  wsm_frame_tap_put_first (request, TAP_NAME, offered);

  secret = wsm_frame_tap_get_secret ();
  element = g_strdup_printf ("%s; secret=%s", TAP_NAME, secret);
  wsm_frame_tap_put_first (response, element, handshake->accepted);
}

void
wsm_frame_tap_add_to_session (SoupSession *session)
{
  g_return_if_fail (SOUP_IS_SESSION (session));

  if (!soup_session_has_feature (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER))
    {
      /* It comes with compression, which the session did not offer so far. */
      soup_session_add_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
      soup_session_remove_feature_by_type (session, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
    }

  soup_session_add_feature_by_type (session, WSM_TYPE_FRAME_TAP);
}

void
wsm_frame_tap_prepare (SoupMessage *message)
{
  WsmFrameTapHandshake *handshake;

  g_return_if_fail (SOUP_IS_MESSAGE (message));

  if (g_object_get_data (G_OBJECT (message), HANDSHAKE_KEY) != NULL)
    return;

  handshake = g_new0 (WsmFrameTapHandshake, 1);
  g_object_set_data_full (G_OBJECT (message), HANDSHAKE_KEY, handshake,
                          wsm_frame_tap_handshake_free);

  g_signal_connect (message, "starting",
                    G_CALLBACK (wsm_frame_tap_message_starting_cb), handshake);
  g_signal_connect (message, "got-informational",
                    G_CALLBACK (wsm_frame_tap_message_got_informational_cb), handshake);
}

/* The connection is NULL where the handshake failed. */
WsmFrameTap *
wsm_frame_tap_settle (SoupMessage             *message,
                      SoupWebsocketConnection *connection)
{
  WsmFrameTapHandshake *handshake;
  WsmFrameTap *self = NULL;
  gboolean is_beside_compression = FALSE;

  g_return_val_if_fail (SOUP_IS_MESSAGE (message), NULL);

  handshake = g_object_get_data (G_OBJECT (message), HANDSHAKE_KEY);
  if (handshake == NULL)
    return NULL;

  g_signal_handlers_disconnect_by_data (message, handshake);
  wsm_frame_tap_remove_name (soup_message_get_request_headers (message));
  if (handshake->is_answered)
    {
      SoupMessageHeaders *response = soup_message_get_response_headers (message);

      if (handshake->accepted != NULL)
        soup_message_headers_replace (response, EXTENSIONS_HEADER, handshake->accepted);
      else
        soup_message_headers_remove (response, EXTENSIONS_HEADER);
    }
  g_object_set_data (G_OBJECT (message), HANDSHAKE_KEY, NULL);

  if (connection == NULL)
    return NULL;

  for (GList *l = soup_websocket_connection_get_extensions (connection); l != NULL; l = l->next)
    {
      if (WSM_IS_FRAME_TAP (l->data))
        self = l->data;
      else
        is_beside_compression = TRUE;
    }

  if (self == NULL)
    return NULL;

  self->is_beside_compression = is_beside_compression != FALSE;

  return g_object_ref (self);
}

void
wsm_frame_tap_connect (WsmFrameTap            *self,
                       const WsmFrameTapFuncs *funcs,
                       gpointer                user_data)
{
  g_return_if_fail (WSM_IS_FRAME_TAP (self));
  g_return_if_fail (funcs != NULL);

  self->funcs = funcs;
  self->user_data = user_data;
}

void
wsm_frame_tap_disconnect (WsmFrameTap *self)
{
  g_return_if_fail (WSM_IS_FRAME_TAP (self));

  self->funcs = NULL;
  self->user_data = NULL;
}

/* Whether another extension changes the payloads behind the tap, so that their length is not
 * what the app gets. */
gboolean
wsm_frame_tap_is_beside_compression (WsmFrameTap *self)
{
  g_return_val_if_fail (WSM_IS_FRAME_TAP (self), FALSE);

  return self->is_beside_compression;
}

void
wsm_frame_tap_set_max_message_size (WsmFrameTap *self,
                                    guint64      n_bytes)
{
  g_return_if_fail (WSM_IS_FRAME_TAP (self));

  self->max_message_size = n_bytes;
}

void
wsm_frame_tap_set_wants_frames (WsmFrameTap *self,
                                gboolean     wants_frames,
                                gsize        payload_capture)
{
  g_return_if_fail (WSM_IS_FRAME_TAP (self));

  self->wants_frames = wants_frames != FALSE;
  self->payload_capture = payload_capture;
}
