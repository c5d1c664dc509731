/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "top-report.h"

/**
 * WsmCliTopReport:
 *
 * Tells on standard output what happens in other programs.
 *
 * What is there when it is made is known to it, and not told.
 */

typedef struct
{
  WsmCliTopSelection *selection; /* (unowned) */

  GPtrArray *sources; /* (owned) (element-type WsmCliTopSource): in the order of the hub */
  GPtrArray *changed; /* (owned) (element-type WsmCliTopRow, unowned): told of in a moment */
  gulong hub_handler_id;
  guint tell_id;
} WsmCliTopReportPrivate;

typedef struct
{
  WsmCliTopReport *report; /* (unowned) */
  WsiSource *source;       /* (owned) */
  GPtrArray *rows;         /* (owned) (element-type WsmCliTopRow): in the order of the source */
  gulong attached_handler_id;
  gulong connections_handler_id;
} WsmCliTopSource;

typedef struct
{
  WsmCliTopSource *source;   /* (unowned) */
  WsiConnection *connection; /* (owned) */
  guint64 n_beats;           /* that are told of */
  gulong state_handler_id;
  gulong beats_handler_id;
} WsmCliTopRow;

typedef enum
{
  PROP_SELECTION = 1,
} WsmCliTopReportProperty;

static GParamSpec *properties[PROP_SELECTION + 1];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WsmCliTopReport, wsm_cli_top_report, WSM_CLI_TYPE_REPORT)

static gboolean
wsm_cli_top_report_wants (WsmCliTopReport *self,
                          WsiSource       *source)
{
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  return wsm_cli_top_selection_has (priv->selection, source);
}

static gboolean
wsm_cli_top_report_tell_cb (gpointer user_data)
{
  WsmCliTopReport *self = user_data;
  WsmCliTopReportClass *klass = WSM_CLI_TOP_REPORT_GET_CLASS (self);
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  priv->tell_id = 0;
  for (guint i = 0; i < priv->changed->len; i++)
    {
      WsmCliTopRow *row = g_ptr_array_index (priv->changed, i);

      if (klass->state_changed != NULL && wsm_cli_top_report_wants (self, row->source->source))
        klass->state_changed (self, row->source->source, row->connection);
    }
  g_ptr_array_set_size (priv->changed, 0);

  return G_SOURCE_REMOVE;
}

/* Not at once: the reason of a state may be read after the state. */
static void
wsm_cli_top_report_tell_soon (WsmCliTopReport *self,
                              WsmCliTopRow    *row)
{
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  if (!g_ptr_array_find (priv->changed, row, NULL))
    g_ptr_array_add (priv->changed, row);
  if (priv->tell_id == 0)
    priv->tell_id = g_idle_add_full (G_PRIORITY_DEFAULT, wsm_cli_top_report_tell_cb, self, NULL);
}

static void
wsm_cli_top_report_state_cb (WsiConnection *connection,
                             GParamSpec    *pspec,
                             WsmCliTopRow  *row)
{
  wsm_cli_top_report_tell_soon (row->source->report, row);
}

static void
wsm_cli_top_report_beats_changed_cb (WsiBeats     *beats,
                                     WsmCliTopRow *row)
{
  WsmCliTopReport *self = row->source->report;
  WsmCliTopReportClass *klass = WSM_CLI_TOP_REPORT_GET_CLASS (self);
  guint64 n_ever = wsi_beats_get_n_ever (beats);
  guint n_known = wsi_beats_get_n (beats);
  guint64 n_new = n_ever > row->n_beats ? n_ever - row->n_beats : 0;

  row->n_beats = n_ever;
  if (klass->beat == NULL || !wsm_cli_top_report_wants (self, row->source->source))
    return;

  for (guint i = n_known - (guint) MIN (n_new, n_known); i < n_known; i++)
    klass->beat (self, row->source->source, row->connection, wsi_beats_get (beats, i));
}

static WsmCliTopRow *
wsm_cli_top_row_new (WsmCliTopSource *source,
                     WsiConnection   *connection)
{
  WsmCliTopRow *self = g_new0 (WsmCliTopRow, 1);
  WsiBeats *beats = wsi_connection_get_beats (connection);

  self->source = source;
  self->connection = g_object_ref (connection);
  self->n_beats = wsi_beats_get_n_ever (beats);
  self->state_handler_id = g_signal_connect (connection, "notify::state",
                                             G_CALLBACK (wsm_cli_top_report_state_cb), self);
  self->beats_handler_id = g_signal_connect (beats, "changed",
                                             G_CALLBACK (wsm_cli_top_report_beats_changed_cb),
                                             self);

  return self;
}

static void
wsm_cli_top_row_free (WsmCliTopRow *self)
{
  WsmCliTopReportPrivate *priv;

  priv = wsm_cli_top_report_get_instance_private (self->source->report);
  g_ptr_array_remove (priv->changed, self);
  g_signal_handler_disconnect (wsi_connection_get_beats (self->connection),
                               self->beats_handler_id);
  g_clear_signal_handler (&self->state_handler_id, self->connection);
  g_object_unref (self->connection);
  g_free (self);
}

static void
wsm_cli_top_source_connections_changed_cb (GListModel      *connections,
                                           guint            position,
                                           guint            n_removed,
                                           guint            n_added,
                                           WsmCliTopSource *self)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (self->rows, position, n_removed);

  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (connections, i);
      WsmCliTopRow *row = wsm_cli_top_row_new (self, connection);

      g_ptr_array_insert (self->rows, (int) i, row);
      wsm_cli_top_report_tell_soon (self->report, row);
    }
}

static void
wsm_cli_top_source_attached_cb (WsiSource       *source,
                                GParamSpec      *pspec,
                                WsmCliTopSource *self)
{
  WsmCliTopReportClass *klass = WSM_CLI_TOP_REPORT_GET_CLASS (self->report);

  if (klass->detached != NULL && !wsi_source_get_attached (source) &&
      wsm_cli_top_report_wants (self->report, source))
    klass->detached (self->report, source);
}

static WsmCliTopSource *
wsm_cli_top_source_new (WsmCliTopReport *report,
                        WsiSource       *source)
{
  WsmCliTopSource *self = g_new0 (WsmCliTopSource, 1);
  GListModel *connections = wsi_source_get_connections (source);

  self->report = report;
  self->source = g_object_ref (source);
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) wsm_cli_top_row_free);
  self->attached_handler_id =
    g_signal_connect (source, "notify::attached",
                      G_CALLBACK (wsm_cli_top_source_attached_cb), self);
  self->connections_handler_id =
    g_signal_connect (connections, "items-changed",
                      G_CALLBACK (wsm_cli_top_source_connections_changed_cb), self);
  wsm_cli_top_source_connections_changed_cb (connections, 0, 0,
                                             g_list_model_get_n_items (connections), self);

  return self;
}

static void
wsm_cli_top_source_free (WsmCliTopSource *self)
{
  g_clear_signal_handler (&self->attached_handler_id, self->source);
  g_clear_signal_handler (&self->connections_handler_id,
                          wsi_source_get_connections (self->source));
  g_ptr_array_unref (self->rows);
  g_object_unref (self->source);
  g_free (self);
}

static void
wsm_cli_top_report_sources_changed_cb (GListModel      *hub,
                                       guint            position,
                                       guint            n_removed,
                                       guint            n_added,
                                       WsmCliTopReport *self)
{
  WsmCliTopReportClass *klass = WSM_CLI_TOP_REPORT_GET_CLASS (self);
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  if (n_removed > 0)
    g_ptr_array_remove_range (priv->sources, position, n_removed);

  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (hub, i);

      if (klass->attached != NULL && wsm_cli_top_report_wants (self, source))
        klass->attached (self, source);
      g_ptr_array_insert (priv->sources, (int) i, wsm_cli_top_source_new (self, source));
    }
}

static void
wsm_cli_top_report_stop (WsmCliReport *report)
{
  WsmCliTopReport *self = WSM_CLI_TOP_REPORT (report);
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  if (priv->tell_id != 0)
    {
      g_source_remove (priv->tell_id);
      wsm_cli_top_report_tell_cb (self);
    }
  g_clear_signal_handler (&priv->hub_handler_id, priv->selection->hub);
  g_ptr_array_set_size (priv->sources, 0);
}

static void
wsm_cli_top_report_constructed (GObject *object)
{
  WsmCliTopReport *self = WSM_CLI_TOP_REPORT (object);
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);
  GListModel *hub = G_LIST_MODEL (priv->selection->hub);

  G_OBJECT_CLASS (wsm_cli_top_report_parent_class)->constructed (object);

  for (guint i = 0; i < g_list_model_get_n_items (hub); i++)
    {
      g_autoptr (WsiSource) source = g_list_model_get_item (hub, i);

      g_ptr_array_add (priv->sources, wsm_cli_top_source_new (self, source));
    }
  g_ptr_array_set_size (priv->changed, 0);
  priv->hub_handler_id = g_signal_connect (hub, "items-changed",
                                           G_CALLBACK (wsm_cli_top_report_sources_changed_cb),
                                           self);
}

static void
wsm_cli_top_report_finalize (GObject *object)
{
  WsmCliTopReport *self = WSM_CLI_TOP_REPORT (object);
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  g_ptr_array_unref (priv->sources);
  g_ptr_array_unref (priv->changed);

  G_OBJECT_CLASS (wsm_cli_top_report_parent_class)->finalize (object);
}

static void
wsm_cli_top_report_set_property (GObject      *object,
                                 guint         prop_id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  WsmCliTopReport *self = WSM_CLI_TOP_REPORT (object);
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  switch ((WsmCliTopReportProperty) prop_id)
    {
    case PROP_SELECTION:
      priv->selection = g_value_get_pointer (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_cli_top_report_class_init (WsmCliTopReportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  WsmCliReportClass *report_class = WSM_CLI_REPORT_CLASS (klass);

  object_class->constructed = wsm_cli_top_report_constructed;
  object_class->finalize = wsm_cli_top_report_finalize;
  object_class->set_property = wsm_cli_top_report_set_property;
  report_class->stop = wsm_cli_top_report_stop;

  /**
   * WsmCliTopReport:selection:
   *
   * What it tells of; it has to live longer than the report.
   */
  properties[PROP_SELECTION] =
    g_param_spec_pointer ("selection", NULL, NULL,
                          (G_PARAM_WRITABLE |
                           G_PARAM_CONSTRUCT_ONLY |
                           G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_cli_top_report_init (WsmCliTopReport *self)
{
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  priv->sources = g_ptr_array_new_with_free_func ((GDestroyNotify) wsm_cli_top_source_free);
  priv->changed = g_ptr_array_new ();
}

/**
 * wsm_cli_top_report_get_selection:
 * @self: a report
 *
 * Gets what it tells of.
 *
 * Returns: (transfer none): the selection
 */
WsmCliTopSelection *
wsm_cli_top_report_get_selection (WsmCliTopReport *self)
{
  WsmCliTopReportPrivate *priv = wsm_cli_top_report_get_instance_private (self);

  return priv->selection;
}
