/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "report.h"

#include <stdio.h>

/**
 * WsmCliReport:
 *
 * Tells on standard output what happens in a pool.
 *
 * It listens to the connections that are in the pool when it is made, until it is finished.
 */

typedef struct
{
  WsmPool *pool; /* (owned) */
  gint64 started_us;
  GSignalGroup *pool_signals; /* (owned) */
  GPtrArray *beat_signals;    /* (owned) (element-type GSignalGroup): one a connection */
  gboolean is_lost;
} WsmCliReportPrivate;

typedef enum
{
  PROP_POOL = 1,
} WsmCliReportProperty;

typedef enum
{
  SIGNAL_LOST,
} WsmCliReportSignal;

static GParamSpec *properties[PROP_POOL + 1];
static guint signals[SIGNAL_LOST + 1];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WsmCliReport, wsm_cli_report, G_TYPE_OBJECT)

static void
wsm_cli_report_state_changed_cb (WsmPool       *pool,
                                 WsmConnection *connection,
                                 WsmCliReport  *self)
{
  if (WSM_CLI_REPORT_GET_CLASS (self)->state_changed != NULL)
    WSM_CLI_REPORT_GET_CLASS (self)->state_changed (self, connection);
}

static void
wsm_cli_report_message_cb (WsmPool               *pool,
                           WsmConnection         *connection,
                           SoupWebsocketDataType  type,
                           GBytes                *message,
                           WsmCliReport          *self)
{
  if (WSM_CLI_REPORT_GET_CLASS (self)->message != NULL)
    WSM_CLI_REPORT_GET_CLASS (self)->message (self, connection, type, g_bytes_get_size (message));
}

static void
wsm_cli_report_beat_cb (WsmConnection *connection,
                        guint64        sequence,
                        double         round_trip,
                        WsmCliReport  *self)
{
  if (WSM_CLI_REPORT_GET_CLASS (self)->beat != NULL)
    WSM_CLI_REPORT_GET_CLASS (self)->beat (self, connection, sequence, round_trip);
}

/* Message signals are not listened to where nobody wants them. */
static void
wsm_cli_report_listen (WsmCliReport *self)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);
  WsmCliReportClass *klass = WSM_CLI_REPORT_GET_CLASS (self);
  guint n_connections = g_list_model_get_n_items (G_LIST_MODEL (priv->pool));

  priv->pool_signals = g_signal_group_new (WSM_TYPE_POOL);
  g_signal_group_connect (priv->pool_signals, "connection-state-changed",
                          G_CALLBACK (wsm_cli_report_state_changed_cb), self);
  if (klass->message != NULL)
    g_signal_group_connect (priv->pool_signals, "message",
                            G_CALLBACK (wsm_cli_report_message_cb), self);
  g_signal_group_set_target (priv->pool_signals, priv->pool);

  for (guint i = 0; klass->beat != NULL && i < n_connections; i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (priv->pool), i);
      GSignalGroup *group = g_signal_group_new (WSM_TYPE_CONNECTION);

      g_signal_group_connect (group, "beat", G_CALLBACK (wsm_cli_report_beat_cb), self);
      g_signal_group_set_target (group, connection);
      g_ptr_array_add (priv->beat_signals, group);
    }
}

static void
wsm_cli_report_stop_listening (WsmCliReport *self)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  g_clear_object (&priv->pool_signals);
  g_ptr_array_set_size (priv->beat_signals, 0);
}

static void
wsm_cli_report_constructed (GObject *object)
{
  G_OBJECT_CLASS (wsm_cli_report_parent_class)->constructed (object);

  wsm_cli_report_listen (WSM_CLI_REPORT (object));
}

static void
wsm_cli_report_dispose (GObject *object)
{
  WsmCliReport *self = WSM_CLI_REPORT (object);
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  wsm_cli_report_stop_listening (self);
  g_clear_object (&priv->pool);

  G_OBJECT_CLASS (wsm_cli_report_parent_class)->dispose (object);
}

static void
wsm_cli_report_finalize (GObject *object)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (WSM_CLI_REPORT (object));

  g_ptr_array_unref (priv->beat_signals);

  G_OBJECT_CLASS (wsm_cli_report_parent_class)->finalize (object);
}

static void
wsm_cli_report_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (WSM_CLI_REPORT (object));

  switch ((WsmCliReportProperty) prop_id)
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
wsm_cli_report_class_init (WsmCliReportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = wsm_cli_report_constructed;
  object_class->dispose = wsm_cli_report_dispose;
  object_class->finalize = wsm_cli_report_finalize;
  object_class->set_property = wsm_cli_report_set_property;

  /**
   * WsmCliReport:pool:
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

  /**
   * WsmCliReport::lost:
   * @self: the report
   *
   * Emitted once, when nobody reads the output any more.
   */
  signals[SIGNAL_LOST] =
    g_signal_new ("lost", WSM_CLI_TYPE_REPORT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
wsm_cli_report_init (WsmCliReport *self)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  priv->started_us = g_get_monotonic_time ();
  priv->beat_signals = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * wsm_cli_report_get_connections:
 * @self: a report
 *
 * Gets what it tells of.
 *
 * Returns: (transfer none): a list of connections
 */
GListModel *
wsm_cli_report_get_connections (WsmCliReport *self)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  return G_LIST_MODEL (priv->pool);
}

/**
 * wsm_cli_report_get_started_us:
 * @self: a report
 *
 * Gets the time that it was made, in microseconds of monotonic time.
 *
 * Returns: the time
 */
gint64
wsm_cli_report_get_started_us (WsmCliReport *self)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  return priv->started_us;
}

/**
 * wsm_cli_report_write:
 * @self: a report
 * @text: UTF-8
 *
 * Writes to standard output, at once.
 *
 * GIO has the process ignore SIGPIPE, so that somebody has to notice that the other end of a pipe
 * is gone.
 */
void
wsm_cli_report_write (WsmCliReport *self,
                      const char   *text)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  if (priv->is_lost)
    return;
  if (fputs (text, stdout) >= 0 && fflush (stdout) == 0)
    return;

  priv->is_lost = TRUE;
  g_signal_emit (self, signals[SIGNAL_LOST], 0);
}

/**
 * wsm_cli_report_finish:
 * @self: a report
 *
 * Writes the last words and tells of nothing any more.
 */
void
wsm_cli_report_finish (WsmCliReport *self)
{
  wsm_cli_report_stop_listening (self);

  if (WSM_CLI_REPORT_GET_CLASS (self)->finish != NULL)
    WSM_CLI_REPORT_GET_CLASS (self)->finish (self);
}
