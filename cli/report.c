/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "report.h"

#include <unistd.h>

#include "outlet.h"

/**
 * WsmCliReport:
 *
 * Tells something on standard output, until it is finished or nobody reads it any more.
 */

typedef struct
{
  gint64 started_us;
  WsmCliOutlet *outlet; /* (owned) */
} WsmCliReportPrivate;

typedef enum
{
  SIGNAL_LOST,
} WsmCliReportSignal;

static guint signals[SIGNAL_LOST + 1];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (WsmCliReport, wsm_cli_report, G_TYPE_OBJECT)

static void
wsm_cli_report_stop (WsmCliReport *self)
{
  if (WSM_CLI_REPORT_GET_CLASS (self)->stop != NULL)
    WSM_CLI_REPORT_GET_CLASS (self)->stop (self);
}

static char *
wsm_cli_report_format_dropped (WsmCliReport *self,
                               guint64       n_lines)
{
  g_autofree char *seconds = wsm_cli_report_format_elapsed (self);

  return g_strdup_printf ("%s s  %" G_GUINT64_FORMAT " %s dropped, because nobody read %s\n",
                          seconds, n_lines, n_lines == 1 ? "line" : "lines",
                          n_lines == 1 ? "it" : "them");
}

static char *
wsm_cli_report_outlet_notice_cb (guint64  n_lines,
                                 gpointer user_data)
{
  return WSM_CLI_REPORT_GET_CLASS (user_data)->format_dropped (user_data, n_lines);
}

static void
wsm_cli_report_outlet_lost_cb (WsmCliOutlet *outlet,
                               WsmCliReport *self)
{
  g_signal_emit (self, signals[SIGNAL_LOST], 0);
}

static void
wsm_cli_report_dispose (GObject *object)
{
  wsm_cli_report_stop (WSM_CLI_REPORT (object));

  G_OBJECT_CLASS (wsm_cli_report_parent_class)->dispose (object);
}

static void
wsm_cli_report_finalize (GObject *object)
{
  WsmCliReport *self = WSM_CLI_REPORT (object);
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  g_object_unref (priv->outlet);

  G_OBJECT_CLASS (wsm_cli_report_parent_class)->finalize (object);
}

static void
wsm_cli_report_class_init (WsmCliReportClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_cli_report_dispose;
  object_class->finalize = wsm_cli_report_finalize;
  klass->format_dropped = wsm_cli_report_format_dropped;

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
  priv->outlet = wsm_cli_outlet_new (STDOUT_FILENO, wsm_cli_report_outlet_notice_cb, self);
  g_signal_connect (priv->outlet, "lost", G_CALLBACK (wsm_cli_report_outlet_lost_cb), self);
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
 * wsm_cli_report_format_elapsed:
 * @self: a report
 *
 * Writes how long ago it was made, in seconds, as the begin of a line.
 *
 * Returns: (transfer full): the time, at least nine characters
 */
char *
wsm_cli_report_format_elapsed (WsmCliReport *self)
{
  gint64 elapsed_us = g_get_monotonic_time () - wsm_cli_report_get_started_us (self);
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (seconds, sizeof seconds, "%9.3f", (double) elapsed_us / G_USEC_PER_SEC);

  return g_strdup (seconds);
}

/**
 * wsm_cli_report_write:
 * @self: a report
 * @text: UTF-8
 *
 * Writes to standard output, at once or as soon as that is possible.
 */
void
wsm_cli_report_write (WsmCliReport *self,
                      const char   *text)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  wsm_cli_outlet_write (priv->outlet, text);
}

/**
 * wsm_cli_report_is_clear:
 * @self: a report
 *
 * Tells whether nothing waits to be written.
 *
 * Returns: `TRUE` if so
 */
gboolean
wsm_cli_report_is_clear (WsmCliReport *self)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  return wsm_cli_outlet_is_clear (priv->outlet);
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
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  wsm_cli_report_stop (self);
  wsm_cli_outlet_keep_all (priv->outlet);

  if (WSM_CLI_REPORT_GET_CLASS (self)->finish != NULL)
    WSM_CLI_REPORT_GET_CLASS (self)->finish (self);
}

/**
 * wsm_cli_report_drain:
 * @self: a report that is finished
 * @patience_ms: how long to wait, in milliseconds; 0 is without end
 * @cancellable: ends it earlier
 *
 * Waits until all is written, running the main loop meanwhile.
 */
void
wsm_cli_report_drain (WsmCliReport *self,
                      guint         patience_ms,
                      GCancellable *cancellable)
{
  WsmCliReportPrivate *priv = wsm_cli_report_get_instance_private (self);

  wsm_cli_outlet_drain (priv->outlet, patience_ms, cancellable);
}
