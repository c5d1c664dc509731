/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-timeline-page.h"

#include "wsi-advice.h"
#include "wsi-event.h"
#include "wsi-format.h"
#include "wsi-state.h"
#include "wsi-tail.h"
#include "wsi-timeline-band.h"

#include <glib/gi18n-lib.h>

/**
 * WsiTimelinePage:
 *
 * What happened when.
 *
 * The band and the list show one thing twice: what is chosen in one is chosen in the other.
 */

#define ZOOM_STEP 2.0

struct _WsiTimelinePage
{
  WsiDetailsPage parent_instance;

  WsiHistory *history; /* (owned) */
  WsiTail *tail;       /* (owned) */

  WsiTimelineBand *band;
  GtkCheckButton *beats_check;
  GtkStack *stack;
  GtkScrolledWindow *scrolled_window;
  GtkColumnView *view;
  GtkSingleSelection *selection;
  GtkFilterListModel *filtered;
  GtkCustomFilter *filter;
  GtkWidget *text_box;
  GtkLabel *text_label;

  guint choosing : 1;
};

G_DEFINE_FINAL_TYPE (WsiTimelinePage, wsi_timeline_page, WSI_TYPE_DETAILS_PAGE)

static char *
wsi_timeline_page_format_time (gpointer unused,
                               gint64   time_us)
{
  return wsi_format_time (time_us);
}

static char *
wsi_timeline_page_format_kind (gpointer  unused,
                               WsiEvent *event)
{
  if (event == NULL)
    return NULL;

  switch ((int) wsi_event_get_kind (event))
    {
    case WSI_EVENT_KIND_STATE:
      return g_strdup (wsi_state_get_label (wsi_event_get_state (event)));
    case WSI_EVENT_KIND_BEAT_ANSWERED:
      return g_strdup (_("Beat answered"));
    case WSI_EVENT_KIND_BEAT_MISSED:
      return g_strdup (_("Beat missed"));
    default:
      return g_strdup (_("Other event"));
    }
}

/* The bare name of a reason says no more than its explanation; what follows a name does. */
static const char *
wsi_timeline_page_say (WsiEvent *event)
{
  const char *text = wsi_event_get_text (event);
  const char *explanation = wsi_advice_explain (text);

  return explanation != NULL && strpbrk (text, ":;(") == NULL ? explanation : text;
}

static char *
wsi_timeline_page_format_text (gpointer  unused,
                               WsiEvent *event)
{
  if (event == NULL)
    return NULL;
  if (wsi_event_get_kind (event) == WSI_EVENT_KIND_BEAT_ANSWERED)
    return wsi_format_round_trip (wsi_event_get_round_trip (event));

  return g_strdup (wsi_timeline_page_say (event));
}

static char *
wsi_timeline_page_get_icon_name (gpointer  unused,
                                 WsiEvent *event)
{
  if (event == NULL)
    return NULL;
  if (wsi_event_get_kind (event) == WSI_EVENT_KIND_BEAT_ANSWERED)
    return g_strdup ("wsi-ping-symbolic");
  if (wsi_event_get_kind (event) == WSI_EVENT_KIND_BEAT_MISSED)
    return g_strdup ("wsi-state-suspect-symbolic");

  return g_strdup (wsi_state_get_icon_name (wsi_event_get_state (event)));
}

static GStrv
wsi_timeline_page_get_css_classes (gpointer  unused,
                                   WsiEvent *event)
{
  const char *classes[] = { "dim-label", NULL };

  if (event != NULL && wsi_event_get_kind (event) == WSI_EVENT_KIND_STATE)
    classes[0] = wsi_state_get_css_class (wsi_event_get_state (event));
  else if (event != NULL && wsi_event_get_kind (event) == WSI_EVENT_KIND_BEAT_MISSED)
    classes[0] = wsi_state_get_css_class (WSI_STATE_SUSPECT);

  return g_strdupv ((char **) classes);
}

static gboolean
wsi_timeline_page_is_wanted (gpointer item,
                             gpointer user_data)
{
  WsiTimelinePage *self = user_data;

  return gtk_check_button_get_active (self->beats_check) ||
         wsi_event_get_kind (WSI_EVENT (item)) == WSI_EVENT_KIND_STATE;
}

static void
wsi_timeline_page_beats_toggled_cb (WsiTimelinePage *self)
{
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static void
wsi_timeline_page_zoom_in_cb (WsiTimelinePage *self)
{
  wsi_timeline_band_zoom (self->band, 1.0 / ZOOM_STEP);
}

static void
wsi_timeline_page_zoom_out_cb (WsiTimelinePage *self)
{
  wsi_timeline_band_zoom (self->band, ZOOM_STEP);
}

static void
wsi_timeline_page_show_all_cb (WsiTimelinePage *self)
{
  wsi_timeline_band_show_all (self->band);
}

static void
wsi_timeline_page_show_present_cb (WsiTimelinePage *self)
{
  wsi_timeline_band_show_present (self->band);
  wsi_tail_set_pinned (self->tail, TRUE);
}

/* In full: a row is often too short for it. */
static void
wsi_timeline_page_show_text (WsiTimelinePage *self,
                             WsiEvent        *event)
{
  const char *text = event != NULL ? wsi_timeline_page_say (event) : NULL;
  gboolean has_text = text != NULL && *text != '\0';

  gtk_label_set_label (self->text_label, has_text ? text : "");
  gtk_widget_set_visible (self->text_box, has_text);
}

static void
wsi_timeline_page_selected_cb (WsiTimelinePage *self)
{
  WsiEvent *event = gtk_single_selection_get_selected_item (self->selection);

  if (self->choosing)
    return;

  wsi_timeline_page_show_text (self, event);
  wsi_timeline_band_set_chosen (self->band,
                                event != NULL ? wsi_event_get_time (event)
                                              : WSI_TIMELINE_NOTHING);
}

/* GTK has a function for it since 4.12; the action is older. */
static void
wsi_timeline_page_scroll_to (WsiTimelinePage *self,
                             guint            position)
{
  GtkWidget *child;

  for (child = gtk_widget_get_first_child (GTK_WIDGET (self->view));
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      if (GTK_IS_LIST_VIEW (child))
        gtk_widget_activate_action (child, "list.scroll-to-item", "u", position);
    }
}

static void
wsi_timeline_page_chosen_cb (WsiTimelinePage *self,
                             guint            position)
{
  WsiConnection *connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));
  GListModel *model = G_LIST_MODEL (self->selection);
  g_autoptr (WsiEvent) event = NULL;

  if (connection == NULL)
    return;

  event = g_list_model_get_item (G_LIST_MODEL (wsi_connection_get_journal (connection)), position);
  self->choosing = TRUE;
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (WsiEvent) other = g_list_model_get_item (model, i);

      if (other == event)
        {
          gtk_single_selection_set_selected (self->selection, i);
          wsi_tail_set_pinned (self->tail, FALSE);
          wsi_timeline_page_scroll_to (self, i);
          break;
        }
    }
  wsi_timeline_page_show_text (self, event);
  self->choosing = FALSE;
}

static void
wsi_timeline_page_items_changed_cb (WsiTimelinePage *self)
{
  gboolean is_empty = g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) == 0;

  gtk_stack_set_visible_child_name (self->stack, is_empty ? "empty" : "journal");
}

static void
wsi_timeline_page_refresh (WsiDetailsPage *page)
{
  WsiTimelinePage *self = WSI_TIMELINE_PAGE (page);
  WsiConnection *connection = wsi_details_page_get_connection (page);

  if (connection == NULL)
    return;

  wsi_history_read (self->history, G_LIST_MODEL (wsi_connection_get_journal (connection)));
  wsi_timeline_band_show (self->band, self->history, wsi_details_page_get_present (page),
                          wsi_details_page_is_live (page));
}

static void
wsi_timeline_page_subject_changed (WsiDetailsPage *page)
{
  WsiTimelinePage *self = WSI_TIMELINE_PAGE (page);
  WsiConnection *connection = wsi_details_page_get_connection (page);

  wsi_timeline_band_set_chosen (self->band, WSI_TIMELINE_NOTHING);
  gtk_filter_list_model_set_model (self->filtered,
                                   connection != NULL ?
                                     G_LIST_MODEL (wsi_connection_get_journal (connection)) :
                                     NULL);
  wsi_timeline_band_show_present (self->band);
}

static void
wsi_timeline_page_dispose (GObject *object)
{
  WsiTimelinePage *self = WSI_TIMELINE_PAGE (object);

  if (self->filtered != NULL)
    g_signal_handlers_disconnect_by_data (self->filtered, self);
  if (self->filter != NULL)
    gtk_custom_filter_set_filter_func (self->filter, NULL, NULL, NULL);
  g_clear_object (&self->tail);
  g_clear_object (&self->history);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_TIMELINE_PAGE);

  G_OBJECT_CLASS (wsi_timeline_page_parent_class)->dispose (object);
}

static void
wsi_timeline_page_class_init (WsiTimelinePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WsiDetailsPageClass *page_class = WSI_DETAILS_PAGE_CLASS (klass);

  object_class->dispose = wsi_timeline_page_dispose;

  page_class->refresh = wsi_timeline_page_refresh;
  page_class->subject_changed = wsi_timeline_page_subject_changed;

  g_type_ensure (WSI_TYPE_EVENT);
  g_type_ensure (WSI_TYPE_TIMELINE_BAND);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-timeline-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, band);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, beats_check);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, stack);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, scrolled_window);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, view);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, selection);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, filtered);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, filter);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, text_box);
  gtk_widget_class_bind_template_child (widget_class, WsiTimelinePage, text_label);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_beats_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_format_kind);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_format_text);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_format_time);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_get_css_classes);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_get_icon_name);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_show_all_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_show_present_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_zoom_in_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_timeline_page_zoom_out_cb);
}

static void
wsi_timeline_page_init (WsiTimelinePage *self)
{
  self->history = wsi_history_new ();

  gtk_widget_init_template (GTK_WIDGET (self));

  self->tail = wsi_tail_new (gtk_scrolled_window_get_vadjustment (self->scrolled_window));
  wsi_tail_watch (self->tail, GTK_WIDGET (self->view), G_LIST_MODEL (self->filtered));
  gtk_custom_filter_set_filter_func (self->filter, wsi_timeline_page_is_wanted, self, NULL);
  g_signal_connect_swapped (self->filtered, "items-changed",
                            G_CALLBACK (wsi_timeline_page_items_changed_cb), self);
}
