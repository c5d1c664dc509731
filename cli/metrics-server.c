/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "metrics-server.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>

#include "metrics-accept.h"
#include "metrics-gzip.h"
#include "metrics.h"

/**
 * WsmCliMetricsServer:
 *
 * Tells a ledger to whoever asks over HTTP.
 *
 * It is a guest on a main loop whose beats must not wait. So the text is made and sent piece by
 * piece, the next one when the last one has left, and nothing that a client does, or does not do,
 * takes more than a bounded share of memory and descriptors.
 */

/* A millisecond's work, between two of which all others have their turn. Smaller ones would make a
 * loop that is always busy go round so often that Prometheus gives up. */
#define PIECE_SIZE (128 * 1024)

/* The fastest there is; the others get little more out of so even a text. */
#define GZIP_LEVEL 1

/* The one that was heard of least recently makes room for the next. */
#define MAX_VISITORS 128

/* Whoever neither asks nor reads for so long is not going to. */
#define MAX_SILENCE_S 30

/* Nobody needs to send anything; so much is read for the sake of a proper answer. */
#define MAX_BODY_SIZE (64 * 1024)

#define MAX_PORT_TRIALS 16
#define BACKLOG 256

#define METRICS_PATH "/metrics"

#define PAGE \
  "<!DOCTYPE html>\n" \
  "<html lang=\"en\">\n" \
  "<title>wsmulti</title>\n" \
  "<h1>wsmulti " PACKAGE_VERSION "</h1>\n" \
  "<p>It keeps WebSocket connections alive. <a href=\"" METRICS_PATH "\">Metrics</a> tell how " \
  "alive they are.</p>\n" \
  "</html>\n"

typedef struct
{
  WsmCliMetricsServer *server; /* (unowned) */
  GIOStream *stream;           /* (unowned): libsoup owns it */
  GSocket *socket;             /* (owned) */
  gint64 seen_us;
  gboolean is_sent_away;
} WsmCliVisitor;

/* An answer that is being told. */
typedef struct
{
  SoupServerMessage *message;  /* (owned) */
  WsmCliMetrics *metrics;      /* (owned) */
  GZlibCompressor *compressor; /* (owned) (nullable): if it is to be compressed */
  GSource *next;               /* (owned) (nullable): makes the next piece */
} WsmCliScrape;

struct _WsmCliMetricsServer
{
  GObject parent_instance;

  WsmCliLedger *ledger; /* (owned) */
  guint max_connections;

  GSocketService *service; /* (owned) (nullable): only while it runs */
  SoupServer *soup;        /* (owned) (nullable): likewise; does not listen itself */
  GSocketAddress *address; /* (owned) (nullable): the first one */

  /* (owned) (element-type GSocketAddress WsmCliVisitor): by the address object that libsoup hands
   * back with each request */
  GHashTable *visitors;
};

G_DEFINE_FINAL_TYPE (WsmCliMetricsServer, wsm_cli_metrics_server, G_TYPE_OBJECT)

static void
wsm_cli_visitor_gone_cb (gpointer  data,
                         GObject  *stream)
{
  WsmCliVisitor *visitor = data;
  GHashTableIter iter;
  gpointer other;

  visitor->stream = NULL;
  g_hash_table_iter_init (&iter, visitor->server->visitors);
  while (g_hash_table_iter_next (&iter, NULL, &other))
    {
      if (other == visitor)
        {
          g_hash_table_iter_remove (&iter);
          return;
        }
    }
}

static void
wsm_cli_visitor_free (gpointer data)
{
  WsmCliVisitor *visitor = data;

  if (visitor->stream != NULL)
    g_object_weak_unref (G_OBJECT (visitor->stream), wsm_cli_visitor_gone_cb, visitor);
  g_object_unref (visitor->socket);
  g_free (visitor);
}

/* libsoup sees the end of the stream, and lets it go. */
static void
wsm_cli_visitor_send_away (WsmCliVisitor *visitor)
{
  visitor->is_sent_away = TRUE;
  g_socket_shutdown (visitor->socket, TRUE, TRUE, NULL);
}

static WsmCliVisitor *
wsm_cli_metrics_server_get_visitor (WsmCliMetricsServer *self,
                                    SoupServerMessage   *message)
{
  return g_hash_table_lookup (self->visitors, soup_server_message_get_remote_address (message));
}

static void
wsm_cli_metrics_server_note_visitor (WsmCliMetricsServer *self,
                                     SoupServerMessage   *message)
{
  WsmCliVisitor *visitor = wsm_cli_metrics_server_get_visitor (self, message);

  if (visitor != NULL)
    visitor->seen_us = g_get_monotonic_time ();
}

static void
wsm_cli_metrics_server_make_room (WsmCliMetricsServer *self)
{
  WsmCliVisitor *oldest = NULL;
  GHashTableIter iter;
  gpointer value;
  guint n_visitors = 0;

  g_hash_table_iter_init (&iter, self->visitors);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      WsmCliVisitor *visitor = value;

      if (visitor->is_sent_away)
        continue;

      n_visitors++;
      if (oldest == NULL || visitor->seen_us < oldest->seen_us)
        oldest = visitor;
    }

  if (n_visitors >= MAX_VISITORS)
    wsm_cli_visitor_send_away (oldest);
}

static gboolean
wsm_cli_metrics_server_incoming_cb (GSocketService      *service,
                                    GSocketConnection   *connection,
                                    GObject             *source,
                                    WsmCliMetricsServer *self)
{
  g_autoptr (GSocketAddress) local = g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote = g_socket_connection_get_remote_address (connection, NULL);
  WsmCliVisitor *visitor;

  /* It was gone before it was looked at. */
  if (local == NULL || remote == NULL)
    return TRUE;

  wsm_cli_metrics_server_make_room (self);

  visitor = g_new0 (WsmCliVisitor, 1);
  visitor->server = self;
  visitor->stream = G_IO_STREAM (connection);
  visitor->socket = g_object_ref (g_socket_connection_get_socket (connection));
  visitor->seen_us = g_get_monotonic_time ();
  g_socket_set_timeout (visitor->socket, MAX_SILENCE_S);
  g_object_weak_ref (G_OBJECT (connection), wsm_cli_visitor_gone_cb, visitor);
  g_hash_table_insert (self->visitors, g_object_ref (remote), visitor);

  soup_server_accept_iostream (self->soup, G_IO_STREAM (connection), local, remote, NULL);

  return TRUE;
}

static void
wsm_cli_scrape_free (WsmCliScrape *scrape)
{
  if (scrape->next != NULL)
    g_source_destroy (scrape->next);
  g_clear_pointer (&scrape->next, g_source_unref);
  g_signal_handlers_disconnect_by_data (scrape->message, scrape);
  wsm_cli_metrics_free (scrape->metrics);
  g_clear_object (&scrape->compressor);
  g_object_unref (scrape->message);
  g_free (scrape);
}

/* An empty piece of a body would be its end; compressed, the first ones may be nothing yet. */
static void
wsm_cli_scrape_append (WsmCliScrape *scrape)
{
  SoupMessageBody *body = soup_server_message_get_response_body (scrape->message);
  g_autoptr (GBytes) piece = wsm_cli_metrics_next (scrape->metrics, PIECE_SIZE);

  while (scrape->compressor != NULL)
    {
      g_autoptr (GBytes) converted = wsm_cli_metrics_gzip_convert (scrape->compressor, piece);

      if (piece == NULL)
        g_clear_object (&scrape->compressor);
      if (g_bytes_get_size (converted) > 0)
        {
          soup_message_body_append_bytes (body, converted);
          return;
        }
      g_clear_pointer (&piece, g_bytes_unref);
      piece = wsm_cli_metrics_next (scrape->metrics, PIECE_SIZE);
    }

  if (piece != NULL)
    soup_message_body_append_bytes (body, piece);
  else
    soup_message_body_complete (body);
}

static gboolean
wsm_cli_scrape_next_cb (gpointer user_data)
{
  WsmCliScrape *scrape = user_data;

  g_clear_pointer (&scrape->next, g_source_unref);
  wsm_cli_scrape_append (scrape);
  soup_server_message_unpause (scrape->message);

  return G_SOURCE_REMOVE;
}

/* As urgent as anything else: a loop that is always busy has to be seen too. */
static void
wsm_cli_scrape_wrote_chunk_cb (SoupServerMessage *message,
                               WsmCliScrape      *scrape)
{
  scrape->next = g_idle_source_new ();
  g_source_set_priority (scrape->next, G_PRIORITY_DEFAULT);
  g_source_set_static_name (scrape->next, "[wsmulti] next piece of the metrics");
  g_source_set_callback (scrape->next, wsm_cli_scrape_next_cb, scrape, NULL);
  g_source_attach (scrape->next, NULL);
}

static void
wsm_cli_scrape_finished_cb (SoupServerMessage *message,
                            WsmCliScrape      *scrape)
{
  wsm_cli_scrape_free (scrape);
}

static void
wsm_cli_metrics_server_wrote_data_cb (SoupServerMessage   *message,
                                      guint                size,
                                      WsmCliMetricsServer *self)
{
  wsm_cli_metrics_server_note_visitor (self, message);
}

static void
wsm_cli_metrics_server_tell (WsmCliMetricsServer *self,
                             SoupServerMessage   *message)
{
  SoupMessageHeaders *asked = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gboolean is_gzip;
  WsmCliFormat format;
  WsmCliScrape *scrape;

  is_gzip = wsm_cli_metrics_gzip_is_accepted (soup_message_headers_get_list (asked,
                                                                             "Accept-Encoding"));
  format = wsm_cli_metrics_accept_choose (soup_message_headers_get_list (asked, "Accept"));
  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_replace (headers, "Content-Type", wsm_cli_metrics_accept_get_type (format));
  soup_message_headers_replace (headers, "Vary", "Accept, Accept-Encoding");
  if (is_gzip)
    soup_message_headers_replace (headers, "Content-Encoding", "gzip");
  /* Before 1.1 the end of the text is the end of the stream. */
  soup_message_headers_set_encoding (
    headers, soup_server_message_get_http_version (message) == SOUP_HTTP_1_0
             ? SOUP_ENCODING_EOF : SOUP_ENCODING_CHUNKED);
  if (soup_server_message_get_method (message) == SOUP_METHOD_HEAD)
    return;

  scrape = g_new0 (WsmCliScrape, 1);
  scrape->message = g_object_ref (message);
  scrape->metrics = wsm_cli_metrics_new (self->ledger, format, self->max_connections);
  if (is_gzip)
    scrape->compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, GZIP_LEVEL);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (wsm_cli_scrape_wrote_chunk_cb), scrape);
  g_signal_connect (message, "finished", G_CALLBACK (wsm_cli_scrape_finished_cb), scrape);
  g_signal_connect_object (message, "wrote-body-data",
                           G_CALLBACK (wsm_cli_metrics_server_wrote_data_cb), self, 0);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  wsm_cli_scrape_append (scrape);
}

static void
wsm_cli_metrics_server_request_cb (SoupServer        *soup,
                                   SoupServerMessage *message,
                                   const char        *path,
                                   GHashTable        *query,
                                   gpointer           user_data)
{
  WsmCliMetricsServer *self = user_data;

  /* It was answered before its body was read. */
  if (soup_server_message_get_status (message) != 0)
    return;

  if (g_str_equal (path, METRICS_PATH))
    {
      wsm_cli_metrics_server_tell (self, message);
    }
  else if (g_str_equal (path, "/"))
    {
      soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
      soup_server_message_set_response (message, "text/html; charset=utf-8", SOUP_MEMORY_STATIC,
                                        PAGE, sizeof PAGE - 1);
    }
  else
    {
      static const char text[] = "There is nothing here. Metrics are at " METRICS_PATH ".\n";

      soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
      soup_server_message_set_response (message, "text/plain; charset=utf-8", SOUP_MEMORY_STATIC,
                                        text, sizeof text - 1);
    }
}

/* Nothing of it is kept. */
static void
wsm_cli_metrics_server_got_chunk_cb (SoupServerMessage   *message,
                                     GBytes              *chunk,
                                     WsmCliMetricsServer *self)
{
  WsmCliVisitor *visitor = wsm_cli_metrics_server_get_visitor (self, message);
  gsize size = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (message), "wsm-size"));

  size += g_bytes_get_size (chunk);
  g_object_set_data (G_OBJECT (message), "wsm-size", GSIZE_TO_POINTER (size));
  if (size > MAX_BODY_SIZE && visitor != NULL)
    wsm_cli_visitor_send_away (visitor);
}

/* Before a body is read, if there is one. */
static void
wsm_cli_metrics_server_early_cb (SoupServer        *soup,
                                 SoupServerMessage *message,
                                 const char        *path,
                                 GHashTable        *query,
                                 gpointer           user_data)
{
  WsmCliMetricsServer *self = user_data;
  const char *method = soup_server_message_get_method (message);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  wsm_cli_metrics_server_note_visitor (self, message);
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_signal_connect_object (message, "got-chunk", G_CALLBACK (wsm_cli_metrics_server_got_chunk_cb),
                           self, 0);
  soup_message_headers_replace (headers, "X-Content-Type-Options", "nosniff");
  /* libsoup keeps only those open that it listens for itself. From scrape to scrape it is long. */
  soup_message_headers_replace (headers, "Connection", "close");
  if (method == SOUP_METHOD_GET || method == SOUP_METHOD_HEAD)
    return;

  soup_server_message_set_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED, NULL);
  soup_message_headers_replace (headers, "Allow", "GET, HEAD");
}

static void
wsm_cli_metrics_server_dispose (GObject *object)
{
  WsmCliMetricsServer *self = WSM_CLI_METRICS_SERVER (object);

  wsm_cli_metrics_server_stop (self);
  g_clear_object (&self->ledger);

  G_OBJECT_CLASS (wsm_cli_metrics_server_parent_class)->dispose (object);
}

static void
wsm_cli_metrics_server_finalize (GObject *object)
{
  WsmCliMetricsServer *self = WSM_CLI_METRICS_SERVER (object);

  g_hash_table_unref (self->visitors);

  G_OBJECT_CLASS (wsm_cli_metrics_server_parent_class)->finalize (object);
}

static void
wsm_cli_metrics_server_class_init (WsmCliMetricsServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_cli_metrics_server_dispose;
  object_class->finalize = wsm_cli_metrics_server_finalize;
}

static void
wsm_cli_metrics_server_init (WsmCliMetricsServer *self)
{
  self->visitors = g_hash_table_new_full (g_direct_hash, g_direct_equal, g_object_unref,
                                          wsm_cli_visitor_free);
}

/**
 * wsm_cli_metrics_server_new:
 * @ledger: what it tells
 * @max_connections: of how many connections at most, one by one
 *
 * Makes a server that does not listen yet.
 *
 * Returns: (transfer full): a server
 */
WsmCliMetricsServer *
wsm_cli_metrics_server_new (WsmCliLedger *ledger,
                            guint         max_connections)
{
  WsmCliMetricsServer *self = g_object_new (WSM_CLI_TYPE_METRICS_SERVER, NULL);

  self->ledger = g_object_ref (ledger);
  self->max_connections = max_connections;

  return self;
}

static gboolean
wsm_cli_metrics_server_add_address (GSocketService  *service,
                                    GSocketAddress  *wanted,
                                    GSocketAddress **bound,
                                    GError         **error)
{
  g_autofree char *text = g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (wanted));

  if (g_socket_listener_add_address (G_SOCKET_LISTENER (service), wanted, G_SOCKET_TYPE_STREAM,
                                     G_SOCKET_PROTOCOL_TCP, NULL, bound, error))
    return TRUE;

  /* Translators: the placeholder is an address with a port; the reason follows. */
  g_prefix_error (error, _("cannot listen on %s: "), text);

  return FALSE;
}

/* One try to listen on all addresses; those after the first go by the port of the first. */
static GSocketService *
wsm_cli_metrics_server_listen (GPtrArray       *addresses,
                               GSocketAddress **first,
                               GError         **error)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  g_autoptr (GSocketAddress) bound = NULL;

  g_socket_service_stop (service);
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (service), BACKLOG);
  if (!wsm_cli_metrics_server_add_address (service, g_ptr_array_index (addresses, 0), &bound,
                                           error))
    return NULL;

  for (guint i = 1; i < addresses->len; i++)
    {
      GInetSocketAddress *address = g_ptr_array_index (addresses, i);
      guint16 port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound));
      g_autoptr (GSocketAddress) wanted = NULL;
      g_autoptr (GError) local_error = NULL;

      wanted = g_inet_socket_address_new (g_inet_socket_address_get_address (address), port);
      /* Without IPv6 it is complete, too. */
      if (!wsm_cli_metrics_server_add_address (service, wanted, NULL, &local_error) &&
          g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
    }

  *first = g_steal_pointer (&bound);

  return g_steal_pointer (&service);
}

/**
 * wsm_cli_metrics_server_start:
 * @self: a server
 * @addresses: (element-type GInetSocketAddress): where to listen
 * @error: return location for an error, which names the address
 *
 * Begins to listen.
 *
 * Returns: `TRUE` if it does
 */
gboolean
wsm_cli_metrics_server_start (WsmCliMetricsServer  *self,
                              GPtrArray            *addresses,
                              GError              **error)
{
  GInetSocketAddress *wanted = g_ptr_array_index (addresses, 0);
  guint n_trials = g_inet_socket_address_get_port (wanted) == 0 ? MAX_PORT_TRIALS : 1;

  /* A port that is free for one family may not be so for the other. */
  for (guint i = 0; i < n_trials && self->service == NULL; i++)
    {
      g_clear_error (error);
      self->service = wsm_cli_metrics_server_listen (addresses, &self->address, error);
    }
  if (self->service == NULL)
    return FALSE;

  self->soup = soup_server_new (NULL, NULL);
  soup_server_add_early_handler (self->soup, NULL, wsm_cli_metrics_server_early_cb, self, NULL);
  soup_server_add_handler (self->soup, NULL, wsm_cli_metrics_server_request_cb, self, NULL);
  g_signal_connect_object (self->service, "incoming",
                           G_CALLBACK (wsm_cli_metrics_server_incoming_cb), self, 0);
  g_socket_service_start (self->service);

  return TRUE;
}

/**
 * wsm_cli_metrics_server_stop:
 * @self: a server
 *
 * Stops listening, and leaves answers that are being told as they are.
 */
void
wsm_cli_metrics_server_stop (WsmCliMetricsServer *self)
{
  if (self->service == NULL)
    return;

  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_clear_object (&self->service);
  soup_server_disconnect (self->soup);
  g_clear_object (&self->soup);
  g_clear_object (&self->address);
}

/**
 * wsm_cli_metrics_server_dup_uri:
 * @self: a server that has been started
 *
 * Tells where the metrics are.
 *
 * Returns: (transfer full): a URI
 */
char *
wsm_cli_metrics_server_dup_uri (WsmCliMetricsServer *self)
{
  GInetSocketAddress *address = G_INET_SOCKET_ADDRESS (self->address);
  g_autofree char *host = g_inet_address_to_string (g_inet_socket_address_get_address (address));

  return g_uri_join (G_URI_FLAGS_NONE, "http", NULL, host,
                     g_inet_socket_address_get_port (address), METRICS_PATH, NULL, NULL);
}
