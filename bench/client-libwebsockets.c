/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "meter.h"
#include "wire.h"

#include <libwebsockets.h>

/*
 * libwebsockets with the pings of its own: one whenever a connection was not heard of for so many
 * seconds. It tells nobody how long an answer took.
 */

/* Handshakes at a time. */
#define N_HANDSHAKES 64
#define N_OPEN_FILES_BESIDE 64

#define VERSION \
  G_STRINGIFY (LWS_LIBRARY_VERSION_MAJOR) "." G_STRINGIFY (LWS_LIBRARY_VERSION_MINOR) "." \
  G_STRINGIFY (LWS_LIBRARY_VERSION_PATCH)

typedef struct
{
  Meter meter;
  struct lws_context *context; /* (owned) */
  char *address;               /* (owned) */
  guint16 port;
  lws_retry_bo_t policy;
  guint n_started;
  guint n_open;
} Clients;

static void
clients_connect (Clients *self)
{
  struct lws_client_connect_info info = {
    .context = self->context,
    .address = self->address,
    .port = self->port,
    .path = "/",
    .host = self->address,
    .origin = self->address,
    .retry_and_idle_policy = &self->policy,
    .ietf_version_or_minus_one = -1,
  };

  self->n_started++;
  if (lws_client_connect_via_info (&info) == NULL)
    meter_fail ("%u of %u open, one could not begin", self->n_open, self->meter.n_connections);
}

static int
clients_cb (struct lws                *wsi,
            enum lws_callback_reasons  reason,
            void                      *user,
            void                      *data,
            size_t                     length)
{
  Clients *self = lws_context_user (lws_get_context (wsi));

  switch ((int) reason)
    {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      self->n_open++;
      if (self->n_started < self->meter.n_connections)
        clients_connect (self);
      break;

    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
    case LWS_CALLBACK_CLIENT_CLOSED:
      meter_fail ("%u of %u open, one lost: %s", self->n_open, self->meter.n_connections,
                  data != NULL ? (const char *) data : "closed");

    default:
      break;
    }
  return 0;
}

static void
wake_cb (lws_sorted_usec_list_t *timer)
{
}

static void
clients_run (Clients *self,
             gint64   until_us)
{
  lws_sorted_usec_list_t timer = { 0 };

  lws_sul_schedule (self->context, 0, &timer, wake_cb, until_us - g_get_monotonic_time ());
  while (g_get_monotonic_time () < until_us)
    lws_service (self->context, 0);
  lws_sul_cancel (&timer);
}

int
main (int   argc,
      char *argv[])
{
  static const struct lws_protocols protocols[] = {
    { .name = "bench", .callback = clients_cb },
    { 0 },
  };
  Clients self = { 0 };
  struct lws_context_creation_info info = { 0 };

  meter_init (&self.meter, &argc, &argv);
  if (self.meter.interval_ms % 1000 != 0)
    meter_fail ("libwebsockets beats every so many whole seconds");
  if (!wire_split_uri (self.meter.uri, &self.address, &self.port))
    meter_fail ("%s: not an address and a port", self.meter.uri);
  self.policy.secs_since_valid_ping = (uint16_t) (self.meter.interval_ms / 1000);
  self.policy.secs_since_valid_hangup = (uint16_t) (2 * self.policy.secs_since_valid_ping + 5);

  lws_set_log_level (0, NULL);
  info.port = CONTEXT_PORT_NO_LISTEN;
  info.protocols = protocols;
  info.user = &self;
  info.fd_limit_per_thread = self.meter.n_connections + N_OPEN_FILES_BESIDE;
  self.context = lws_create_context (&info);
  if (self.context == NULL)
    meter_fail ("no context");

  meter_start (&self.meter);
  while (self.n_started < MIN (N_HANDSHAKES, self.meter.n_connections))
    clients_connect (&self);
  while (self.n_open < self.meter.n_connections)
    lws_service (self.context, 0);
  meter_opened (&self.meter);

  clients_run (&self, self.meter.opened_us + meter_get_warm_up_us (&self.meter));
  meter_begin (&self.meter);
  clients_run (&self, self.meter.began_us + self.meter.seconds * G_USEC_PER_SEC);
  meter_end (&self.meter);
  meter_print (&self.meter, VERSION, self.n_open);
  return 0;
}
