/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "watch-report.h"

/**
 * WsmCliWatchReport:
 *
 * Tells on standard output what happens in a pool.
 *
 * It listens to the connections that are in the pool when it is made.
 */

typedef struct
{
  WsmPool *pool;              /* (owned) */
  GSignalGroup *pool_signals; /* (owned) */
  GPtrArray *beat_signals;    /* (owned) (element-type GSignalGroup): one a connection */
} WsmCliWatchReportPrivate;

typedef enum
{
  PROP_POOL = 1,
} WsmCliWatchReportProperty;

static GParamSpec *properties[PROP_POOL + 1];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WsmCliWatchReport, wsm_cli_watch_report, WSM_CLI_TYPE_REPORT)

static void
wsm_cli_watch_report_state_changed_cb (WsmPool           *pool,
                                       WsmConnection     *connection,
                                       WsmCliWatchReport *self)
{
  if (WSM_CLI_WATCH_REPORT_GET_CLASS (self)->state_changed != NULL)
    WSM_CLI_WATCH_REPORT_GET_CLASS (self)->state_changed (self, connection);
}

static void
wsm_cli_watch_report_message_cb (WsmPool               *pool,
                                 WsmConnection         *connection,
                                 SoupWebsocketDataType  type,
                                 GBytes                *message,
                                 WsmCliWatchReport     *self)
{
  WsmCliWatchReportClass *klass = WSM_CLI_WATCH_REPORT_GET_CLASS (self);

  if (klass->message != NULL)
    klass->message (self, connection, type, g_bytes_get_size (message));
}

static void
wsm_cli_watch_report_beat_cb (WsmConnection     *connection,
                              guint64            sequence,
                              double             round_trip,
                              WsmCliWatchReport *self)
{
  if (WSM_CLI_WATCH_REPORT_GET_CLASS (self)->beat != NULL)
    WSM_CLI_WATCH_REPORT_GET_CLASS (self)->beat (self, connection, sequence, round_trip);
}

/* Message signals are not listened to where nobody wants them. */
static void
wsm_cli_watch_report_listen (WsmCliWatchReport *self)
{
  WsmCliWatchReportPrivate *priv = wsm_cli_watch_report_get_instance_private (self);
  WsmCliWatchReportClass *klass = WSM_CLI_WATCH_REPORT_GET_CLASS (self);
  guint n_connections = g_list_model_get_n_items (G_LIST_MODEL (priv->pool));

  priv->pool_signals = g_signal_group_new (WSM_TYPE_POOL);
  g_signal_group_connect (priv->pool_signals, "connection-state-changed",
                          G_CALLBACK (wsm_cli_watch_report_state_changed_cb), self);
  if (klass->message != NULL)
    g_signal_group_connect (priv->pool_signals, "message",
                            G_CALLBACK (wsm_cli_watch_report_message_cb), self);
  g_signal_group_set_target (priv->pool_signals, priv->pool);

  for (guint i = 0; klass->beat != NULL && i < n_connections; i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (priv->pool), i);
      GSignalGroup *group = g_signal_group_new (WSM_TYPE_CONNECTION);

      g_signal_group_connect (group, "beat", G_CALLBACK (wsm_cli_watch_report_beat_cb), self);
      g_signal_group_set_target (group, connection);
      g_ptr_array_add (priv->beat_signals, group);
    }
}

static void
wsm_cli_watch_report_stop (WsmCliReport *report)
{
  WsmCliWatchReport *self = WSM_CLI_WATCH_REPORT (report);
  WsmCliWatchReportPrivate *priv = wsm_cli_watch_report_get_instance_private (self);

  g_clear_object (&priv->pool_signals);
  g_ptr_array_set_size (priv->beat_signals, 0);
}

static void
wsm_cli_watch_report_constructed (GObject *object)
{
  G_OBJECT_CLASS (wsm_cli_watch_report_parent_class)->constructed (object);

  wsm_cli_watch_report_listen (WSM_CLI_WATCH_REPORT (object));
}

static void
wsm_cli_watch_report_dispose (GObject *object)
{
  WsmCliWatchReport *self = WSM_CLI_WATCH_REPORT (object);
  WsmCliWatchReportPrivate *priv = wsm_cli_watch_report_get_instance_private (self);

  G_OBJECT_CLASS (wsm_cli_watch_report_parent_class)->dispose (object);

  g_clear_object (&priv->pool);
}

static void
wsm_cli_watch_report_finalize (GObject *object)
{
  WsmCliWatchReport *self = WSM_CLI_WATCH_REPORT (object);
  WsmCliWatchReportPrivate *priv = wsm_cli_watch_report_get_instance_private (self);

  g_ptr_array_unref (priv->beat_signals);

  G_OBJECT_CLASS (wsm_cli_watch_report_parent_class)->finalize (object);
}

static void
wsm_cli_watch_report_set_property (GObject      *object,
                                   guint         prop_id,
                                   const GValue *value,
                                   GParamSpec   *pspec)
{
  WsmCliWatchReport *self = WSM_CLI_WATCH_REPORT (object);
  WsmCliWatchReportPrivate *priv = wsm_cli_watch_report_get_instance_private (self);

  switch ((WsmCliWatchReportProperty) prop_id)
    {
    case PROP_POOL:
      priv->pool = g_value_dup_object (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_cli_watch_report_class_init (WsmCliWatchReportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  WsmCliReportClass *report_class = WSM_CLI_REPORT_CLASS (klass);

  object_class->constructed = wsm_cli_watch_report_constructed;
  object_class->dispose = wsm_cli_watch_report_dispose;
  object_class->finalize = wsm_cli_watch_report_finalize;
  object_class->set_property = wsm_cli_watch_report_set_property;
  report_class->stop = wsm_cli_watch_report_stop;

  /**
   * WsmCliWatchReport:pool:
   *
   * The pool that it tells of.
   */
  properties[PROP_POOL] =
    g_param_spec_object ("pool", NULL, NULL,
                         WSM_TYPE_POOL,
                         (G_PARAM_WRITABLE |
                          G_PARAM_CONSTRUCT_ONLY |
                          G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_cli_watch_report_init (WsmCliWatchReport *self)
{
  WsmCliWatchReportPrivate *priv = wsm_cli_watch_report_get_instance_private (self);

  priv->beat_signals = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * wsm_cli_watch_report_get_connections:
 * @self: a report
 *
 * Gets what it tells of.
 *
 * Returns: (transfer none): a list of connections
 */
GListModel *
wsm_cli_watch_report_get_connections (WsmCliWatchReport *self)
{
  WsmCliWatchReportPrivate *priv = wsm_cli_watch_report_get_instance_private (self);

  return G_LIST_MODEL (priv->pool);
}
