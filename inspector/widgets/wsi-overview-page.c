/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-overview-page.h"

#include "wsi-advice.h"
#include "wsi-figure.h"
#include "wsi-format.h"
#include "wsi-round-trip-chart.h"
#include "wsi-state.h"

#include <glib/gi18n-lib.h>

/**
 * WsiOverviewPage:
 *
 * How alive a connection is.
 */

struct _WsiOverviewPage
{
  WsiDetailsPage parent_instance;

  WsiHistory *history; /* (owned) */

  GtkLabel *explanation_label;
  GtkLabel *reason_label;
  GtkWidget *reason_card;
  GtkWidget *advice_box;
  GtkLabel *advice_label;
  GtkWidget *late_card;
  GtkLabel *late_label;
  GtkLabel *lateness_label;
  WsiRoundTripChart *chart;

  WsiFigure *last_figure;
  WsiFigure *median_figure;
  WsiFigure *p95_figure;
  WsiFigure *p99_figure;
  WsiFigure *max_figure;
  WsiFigure *variation_figure;
  WsiFigure *loss_figure;
  WsiFigure *answered_figure;

  WsiFigure *up_figure;
  WsiFigure *received_at_figure;
  WsiFigure *reconnects_figure;
  WsiFigure *missed_figure;
  WsiFigure *messages_sent_figure;
  WsiFigure *messages_received_figure;
  WsiFigure *bytes_sent_figure;
  WsiFigure *bytes_received_figure;
  WsiFigure *buffered_figure;
  WsiFigure *dropped_figure;
  WsiFigure *unconfirmed_figure;
};

G_DEFINE_FINAL_TYPE (WsiOverviewPage, wsi_overview_page, WSI_TYPE_DETAILS_PAGE)

/* Each second the same text is no reason to lay it out again, nor to lose what is selected. */
static void
wsi_overview_page_set_label (GtkLabel   *label,
                             const char *text)
{
  if (strcmp (gtk_label_get_label (label), text) != 0)
    gtk_label_set_label (label, text);
}

static void
wsi_overview_page_show_reason (WsiOverviewPage *self,
                               WsiConnection   *connection)
{
  WsiDetails *details = wsi_connection_get_details (connection);
  const char *reason = wsi_connection_get_reason (connection);
  const char *explanation = wsi_advice_explain (reason);
  const char *advice = wsi_advice_for_reason (reason);
  guint close_code = details != NULL ? wsi_details_get_uint (details, NULL, "close-code") : 0;
  /* The bare name of a reason says no more than its explanation. */
  gboolean has_more = reason != NULL && strpbrk (reason, ":;(") != NULL;

  /* The goodbye of the peer explains more than that of a socket, once it is over. */
  if (advice == NULL && close_code != 0 &&
      wsi_connection_get_state (connection) >= WSI_STATE_WAITING)
    advice = wsi_advice_for_close_code (close_code);

  if (explanation == NULL)
    explanation = wsi_state_get_label (wsi_connection_get_state (connection));

  wsi_overview_page_set_label (self->explanation_label, explanation);
  wsi_overview_page_set_label (self->reason_label, reason != NULL ? reason : "");
  gtk_widget_set_visible (GTK_WIDGET (self->reason_label), has_more);
  wsi_overview_page_set_label (self->advice_label, advice != NULL ? advice : "");
  gtk_widget_set_visible (self->advice_box, advice != NULL);
  /* That all is well stands above already, and the chart has better use for the room. */
  gtk_widget_set_visible (self->reason_card, has_more || advice != NULL ||
                          wsi_connection_get_state (connection) != WSI_STATE_OPEN);
}

/* Of "latency" or of "lateness". */
static double
wsi_overview_page_get_figure (WsiDetails *details,
                              const char *group,
                              const char *key)
{
  if (details == NULL || !wsi_details_has (details, group) ||
      wsi_details_get_uint64 (details, group, "count") == 0)
    return -1.0;

  return wsi_details_get_double (details, group, key);
}

static double
wsi_overview_page_get_latency (WsiDetails *details,
                               const char *key)
{
  return wsi_overview_page_get_figure (details, "latency", key);
}

/* Whether it is the program's own doing that something takes long. That it is not is said, too, but
 * where nobody has to read it. */
static void
wsi_overview_page_show_lateness (WsiOverviewPage *self,
                                 WsiConnection   *connection)
{
  double lateness = wsi_overview_page_get_figure (wsi_connection_get_details (connection),
                                                  "lateness", "p99");
  g_autofree char *time = wsi_format_round_trip (lateness);
  gboolean is_busy = lateness >= WSI_BUSY_LATENESS_MS;
  g_autofree char *text = NULL;

  if (is_busy)
    /* Translators: the placeholder is a time such as “120 ms”. */
    text = g_strdup_printf (_("One beat in a hundred leaves %s after its time, or later: something "
                              "keeps the main loop of the program busy. That is the fault of "
                              "neither the network nor the server."), time);
  else if (lateness >= 0.0)
    /* Translators: the placeholder is a time such as “0.4 ms”. */
    text = g_strdup_printf (_("The program is on time: of 100 beats, 99 leave within %s."), time);

  wsi_overview_page_set_label (is_busy ? self->late_label : self->lateness_label,
                               text != NULL ? text : "");
  gtk_widget_set_visible (self->late_card, is_busy);
  gtk_widget_set_visible (GTK_WIDGET (self->lateness_label), text != NULL && !is_busy);
}

/* Nothing was sent, so nothing was lost. */
static double
wsi_overview_page_get_loss (WsiConnection *connection)
{
  double n_answered = (double) wsi_connection_get_n_beats_answered (connection);
  double n_missed = (double) wsi_connection_get_n_beats_missed (connection);

  return n_answered + n_missed > 0.0 ? n_missed / (n_answered + n_missed) : -1.0;
}

static void
wsi_overview_page_show_beats (WsiOverviewPage *self,
                              WsiConnection   *connection)
{
  WsiDetails *details = wsi_connection_get_details (connection);
  g_autofree char *answered =
    wsi_format_count (wsi_connection_get_n_beats_answered (connection));
  g_autofree char *sent = wsi_format_count (wsi_connection_get_n_beats_sent (connection));

  wsi_figure_take_value (self->last_figure,
                         wsi_format_round_trip (wsi_connection_get_round_trip (connection)));
  wsi_figure_take_value (self->median_figure, wsi_format_round_trip (
    wsi_overview_page_get_latency (details, "p50")));
  wsi_figure_take_value (self->p95_figure, wsi_format_round_trip (
    wsi_overview_page_get_latency (details, "p95")));
  wsi_figure_take_value (self->p99_figure, wsi_format_round_trip (
    wsi_overview_page_get_latency (details, "p99")));
  wsi_figure_take_value (self->max_figure, wsi_format_round_trip (
    wsi_overview_page_get_latency (details, "max")));
  wsi_figure_take_value (self->variation_figure, wsi_format_round_trip (
    wsi_overview_page_get_latency (details, "variation")));
  wsi_figure_take_value (self->loss_figure,
                         wsi_format_ratio (wsi_overview_page_get_loss (connection)));
  /* Translators: a part of a number, as in “8 of 9”. */
  wsi_figure_take_value (self->answered_figure, g_strdup_printf (_("%s of %s"), answered, sent));
}

static void
wsi_overview_page_show_traffic (WsiOverviewPage *self,
                                WsiConnection   *connection)
{
  gint64 present_us = wsi_details_page_get_present (WSI_DETAILS_PAGE (self));
  gint64 opened_us = wsi_connection_get_opened_at (connection);
  gint64 received_us = wsi_connection_get_last_received_at (connection);
  WsiState state = wsi_connection_get_state (connection);
  gboolean is_up = opened_us != 0 && (state == WSI_STATE_OPEN || state == WSI_STATE_SUSPECT ||
                                      state == WSI_STATE_CLOSING);
  g_autofree char *n_missed = wsi_format_count (wsi_connection_get_n_missed (connection));
  g_autofree char *max_missed = wsi_format_count (wsi_connection_get_max_missed (connection));
  g_autofree char *received = NULL;

  wsi_figure_take_value (self->up_figure,
                         wsi_format_duration (is_up ? MAX (present_us - opened_us, 0) : -1));

  received = wsi_format_duration (received_us != 0 ? MAX (present_us - received_us, 0) : -1);
  if (received_us != 0 && wsi_details_page_is_live (WSI_DETAILS_PAGE (self)))
    /* Translators: the placeholder is a duration such as “4 s”. */
    wsi_figure_take_value (self->received_at_figure, g_strdup_printf (_("%s ago"), received));
  else
    wsi_figure_take_value (self->received_at_figure,
                           wsi_format_time (received_us));

  wsi_figure_take_value (self->reconnects_figure,
                         wsi_format_count (wsi_connection_get_n_reconnects (connection)));
  if (wsi_connection_get_max_missed (connection) == 0)
    wsi_figure_set_value (self->missed_figure, n_missed);
  else
    wsi_figure_take_value (self->missed_figure,
                           /* Translators: a part of a number, as in “8 of 9”. */
                           g_strdup_printf (_("%s of %s"), n_missed, max_missed));
  wsi_figure_take_value (self->messages_sent_figure,
                         wsi_format_count (wsi_connection_get_n_messages_sent (connection)));
  wsi_figure_take_value (self->messages_received_figure,
                         wsi_format_count (wsi_connection_get_n_messages_received (connection)));
  wsi_figure_take_value (self->bytes_sent_figure,
                         wsi_format_size (wsi_connection_get_n_bytes_sent (connection)));
  wsi_figure_take_value (self->bytes_received_figure,
                         wsi_format_size (wsi_connection_get_n_bytes_received (connection)));
}

/* A program with an older library says nothing of it. */
static char *
wsi_overview_page_format_messages (WsiDetails *details,
                                   const char *key)
{
  if (details == NULL || !wsi_details_has_key (details, NULL, key))
    return g_strdup ("–");

  return wsi_format_count (wsi_details_get_uint64 (details, NULL, key));
}

static char *
wsi_overview_page_format_buffered (WsiConnection *connection)
{
  WsiDetails *details = wsi_connection_get_details (connection);
  WsiState state = wsi_connection_get_state (connection);
  g_autofree char *size = NULL;

  if (details == NULL || !wsi_details_has_key (details, NULL, "buffered"))
    return g_strdup ("–");

  size = wsi_format_size (wsi_details_get_uint64 (details, NULL, "buffered"));
  /* One that is not open takes nothing, which does not mean that it is full. */
  if ((state != WSI_STATE_OPEN && state != WSI_STATE_SUSPECT) ||
      !wsi_details_has_key (details, NULL, "writable") ||
      wsi_details_get_boolean (details, NULL, "writable"))
    return g_steal_pointer (&size);

  /* Translators: an amount of data that waits to be sent, as in “1.2 MB, full”. */
  return g_strdup_printf (_("%s, full"), size);
}

static void
wsi_overview_page_show_sending (WsiOverviewPage *self,
                                WsiConnection   *connection)
{
  WsiDetails *details = wsi_connection_get_details (connection);

  wsi_figure_take_value (self->buffered_figure, wsi_overview_page_format_buffered (connection));
  wsi_figure_take_value (self->dropped_figure,
                         wsi_overview_page_format_messages (details, "n-dropped"));
  wsi_figure_take_value (self->unconfirmed_figure,
                         wsi_overview_page_format_messages (details, "n-unconfirmed"));
}

static void
wsi_overview_page_refresh (WsiDetailsPage *page)
{
  WsiOverviewPage *self = WSI_OVERVIEW_PAGE (page);
  WsiConnection *connection = wsi_details_page_get_connection (page);

  if (connection == NULL)
    return;

  wsi_history_read (self->history, G_LIST_MODEL (wsi_connection_get_journal (connection)));
  wsi_round_trip_chart_show (self->chart, self->history, wsi_details_page_get_present (page),
                             wsi_details_page_is_live (page));
  wsi_overview_page_show_reason (self, connection);
  wsi_overview_page_show_lateness (self, connection);
  wsi_overview_page_show_beats (self, connection);
  wsi_overview_page_show_traffic (self, connection);
  wsi_overview_page_show_sending (self, connection);
}

static void
wsi_overview_page_subject_changed (WsiDetailsPage *page)
{
  wsi_round_trip_chart_clear (WSI_OVERVIEW_PAGE (page)->chart);
}

static void
wsi_overview_page_dispose (GObject *object)
{
  WsiOverviewPage *self = WSI_OVERVIEW_PAGE (object);

  g_clear_object (&self->history);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_OVERVIEW_PAGE);

  G_OBJECT_CLASS (wsi_overview_page_parent_class)->dispose (object);
}

static void
wsi_overview_page_class_init (WsiOverviewPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WsiDetailsPageClass *page_class = WSI_DETAILS_PAGE_CLASS (klass);

  object_class->dispose = wsi_overview_page_dispose;

  page_class->refresh = wsi_overview_page_refresh;
  page_class->subject_changed = wsi_overview_page_subject_changed;

  g_type_ensure (WSI_TYPE_FIGURE);
  g_type_ensure (WSI_TYPE_ROUND_TRIP_CHART);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-overview-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, explanation_label);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, reason_label);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, reason_card);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, advice_box);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, advice_label);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, chart);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, late_card);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, late_label);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, lateness_label);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, last_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, median_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, p95_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, p99_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, max_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, variation_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, loss_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, answered_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, up_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, received_at_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, reconnects_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, missed_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, messages_sent_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, messages_received_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, bytes_sent_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, bytes_received_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, buffered_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, dropped_figure);
  gtk_widget_class_bind_template_child (widget_class, WsiOverviewPage, unconfirmed_figure);
}

static void
wsi_overview_page_init (WsiOverviewPage *self)
{
  self->history = wsi_history_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
}
