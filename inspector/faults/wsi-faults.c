/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-faults.h"

#include "wsi-fault-proxy.h"
#include "wsi-fault-relay.h"

/*
 * What shall go wrong on the line of one connection of ours.
 *
 * The request of each attempt tells when its socket is there, and so which connection a line
 * belongs to. A line that a real proxy of the system makes is left alone.
 */

struct _WsiFaults
{
  GObject parent_instance;

  guint delay_ms;

  guint drop_pongs : 1;
  guint silent : 1;
};

typedef enum
{
  PROP_DROP_PONGS = 1,
  PROP_SILENT,
  PROP_DELAY,
  PROP_ACTIVE,
} WsiFaultsProperty;

static GParamSpec *properties[PROP_ACTIVE + 1];

G_DEFINE_FINAL_TYPE (WsiFaults, wsi_faults, G_TYPE_OBJECT)

static GQuark
wsi_faults_quark (void)
{
  return g_quark_from_static_string ("wsi-faults");
}

static void
wsi_faults_message_network_event_cb (SoupMessage        *message,
                                     GSocketClientEvent  event,
                                     GIOStream          *stream,
                                     gpointer            user_data)
{
  WsiFaults *self = user_data;
  WsiFaultRelay *relay;

  if (event != G_SOCKET_CLIENT_PROXY_NEGOTIATED)
    return;

  relay = wsi_fault_relay_from_stream (stream);
  if (relay != NULL)
    wsi_fault_relay_set_faults (relay, self);
}

static gboolean
wsi_faults_connection_prepare_cb (WsmConnection *connection,
                                  SoupMessage   *message,
                                  gpointer       user_data)
{
  WsiFaults *self = user_data;

  g_signal_connect_object (message, "network-event",
                           G_CALLBACK (wsi_faults_message_network_event_cb), self, 0);

  return FALSE;
}

static void
wsi_faults_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  WsiFaults *self = WSI_FAULTS (object);

  switch ((WsiFaultsProperty) prop_id)
    {
    case PROP_DROP_PONGS:
      g_value_set_boolean (value, self->drop_pongs);
      break;
    case PROP_SILENT:
      g_value_set_boolean (value, self->silent);
      break;
    case PROP_DELAY:
      g_value_set_uint (value, self->delay_ms);
      break;
    case PROP_ACTIVE:
      g_value_set_boolean (value, wsi_faults_get_active (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_faults_set_property (GObject      *object,
                         guint         prop_id,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  WsiFaults *self = WSI_FAULTS (object);

  switch ((WsiFaultsProperty) prop_id)
    {
    case PROP_DROP_PONGS:
      wsi_faults_set_drop_pongs (self, g_value_get_boolean (value));
      break;
    case PROP_SILENT:
      wsi_faults_set_silent (self, g_value_get_boolean (value));
      break;
    case PROP_DELAY:
      wsi_faults_set_delay (self, g_value_get_uint (value));
      break;
    case PROP_ACTIVE:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_faults_class_init (WsiFaultsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = (GParamFlags)
    (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  object_class->get_property = wsi_faults_get_property;
  object_class->set_property = wsi_faults_set_property;

  properties[PROP_DROP_PONGS] =
    g_param_spec_boolean ("drop-pongs", NULL, NULL, FALSE, flags);
  properties[PROP_SILENT] =
    g_param_spec_boolean ("silent", NULL, NULL, FALSE, flags);
  properties[PROP_DELAY] =
    g_param_spec_uint ("delay", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_ACTIVE] =
    g_param_spec_boolean ("active", NULL, NULL, FALSE,
                          (GParamFlags) (G_PARAM_READABLE |
                                         G_PARAM_EXPLICIT_NOTIFY |
                                         G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_faults_init (WsiFaults *self)
{
}

static void
wsi_faults_notify (WsiFaults         *self,
                   WsiFaultsProperty  property,
                   gboolean           was_active)
{
  g_object_freeze_notify (G_OBJECT (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
  if (wsi_faults_get_active (self) != was_active)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACTIVE]);
  g_object_thaw_notify (G_OBJECT (self));
}

/**
 * wsi_faults_prepare_pool:
 * @pool: a pool of ours, before its first connection opens
 *
 * Makes its sockets lines on which something can go wrong.
 */
void
wsi_faults_prepare_pool (WsmPool *pool)
{
  g_autoptr (GProxyResolver) resolver = NULL;

  resolver = wsi_fault_resolver_new (g_proxy_resolver_get_default ());
  soup_session_set_proxy_resolver (wsm_pool_get_session (pool), resolver);
}

/**
 * wsi_faults_get:
 * @connection: a connection of such a pool
 *
 * Gets its faults, which are made when they are first asked for.
 *
 * Returns: (transfer none): the faults
 */
WsiFaults *
wsi_faults_get (WsmConnection *connection)
{
  WsiFaults *self = g_object_get_qdata (G_OBJECT (connection), wsi_faults_quark ());

  if (self == NULL)
    {
      self = g_object_new (WSI_TYPE_FAULTS, NULL);
      g_object_set_qdata_full (G_OBJECT (connection), wsi_faults_quark (), self, g_object_unref);
      g_signal_connect_object (connection, "prepare",
                               G_CALLBACK (wsi_faults_connection_prepare_cb), self, 0);
    }

  return self;
}

gboolean
wsi_faults_get_drop_pongs (WsiFaults *self)
{
  return self->drop_pongs;
}

void
wsi_faults_set_drop_pongs (WsiFaults *self,
                           gboolean   drop_pongs)
{
  gboolean was_active = wsi_faults_get_active (self);

  if (self->drop_pongs == !!drop_pongs)
    return;

  self->drop_pongs = !!drop_pongs;
  wsi_faults_notify (self, PROP_DROP_PONGS, was_active);
}

gboolean
wsi_faults_get_silent (WsiFaults *self)
{
  return self->silent;
}

void
wsi_faults_set_silent (WsiFaults *self,
                       gboolean   silent)
{
  gboolean was_active = wsi_faults_get_active (self);

  if (self->silent == !!silent)
    return;

  self->silent = !!silent;
  wsi_faults_notify (self, PROP_SILENT, was_active);
}

guint
wsi_faults_get_delay (WsiFaults *self)
{
  return self->delay_ms;
}

void
wsi_faults_set_delay (WsiFaults *self,
                      guint      delay_ms)
{
  gboolean was_active = wsi_faults_get_active (self);

  if (self->delay_ms == delay_ms)
    return;

  self->delay_ms = delay_ms;
  wsi_faults_notify (self, PROP_DELAY, was_active);
}

gboolean
wsi_faults_get_active (WsiFaults *self)
{
  return self->drop_pongs || self->silent || self->delay_ms > 0;
}
