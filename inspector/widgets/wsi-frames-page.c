/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-frames-page.h"

#include "wsi-format.h"
#include "wsi-frame-filter.h"
#include "wsi-frame-row.h"
#include "wsi-frame.h"
#include "wsi-payload-view.h"
#include "wsi-payload.h"
#include "wsi-tail.h"

#include <glib/gi18n-lib.h>

/**
 * WsiFramesPage:
 *
 * What goes over the wire, frame by frame.
 */

struct _WsiFramesPage
{
  WsiDetailsPage parent_instance;

  GSignalGroup *log_group; /* (owned) */
  WsiTail *tail;           /* (owned) */

  GtkGrid *filter_grid;
  GtkWidget *pattern_box;
  GtkWidget *choices_box;
  GtkWidget *buttons_box;
  GtkEditable *pattern_entry;
  GtkToggleButton *regular_button;
  GtkDropDown *direction_drop_down;
  GtkDropDown *opcodes_drop_down;
  GtkToggleButton *pause_button;
  GtkToggleButton *capture_button;
  GtkWidget *clear_button;
  GtkLabel *error_label;
  GtkLabel *dropped_label;
  GtkStack *stack;
  GtkLabel *empty_label;
  GtkWidget *reset_button;
  GtkScrolledWindow *scrolled_window;
  GtkListView *view;
  GtkSingleSelection *selection;
  GtkFilterListModel *filtered;
  WsiFrameFilter *filter;
  GtkButton *resume_button;
  GtkWidget *newest_button;
  WsiPayloadView *payload_view;

  guint updating : 1;
};

/* By the position in the drop-down. */
static const guint opcode_choices[] = {
  WSI_FRAME_OPCODES_ALL,
  WSI_FRAME_OPCODES_DATA,
  WSI_FRAME_OPCODES_CONTROL,
  1u << 0x1,
  1u << 0x2,
  1u << 0x0,
  1u << 0x9,
  1u << 0xa,
  1u << 0x8,
};

G_DEFINE_FINAL_TYPE (WsiFramesPage, wsi_frames_page, WSI_TYPE_DETAILS_PAGE)

static WsiLog *
wsi_frames_page_get_log (WsiFramesPage *self)
{
  WsiConnection *connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));

  return connection != NULL ? wsi_connection_get_frames (connection) : NULL;
}

static void
wsi_frames_page_setup_cb (GtkSignalListItemFactory *factory,
                          GtkListItem              *list_item,
                          gpointer                  user_data)
{
  WsiFramesPage *self = WSI_FRAMES_PAGE (user_data);
  GtkWidget *row = g_object_new (WSI_TYPE_FRAME_ROW, NULL);

  g_object_bind_property (self, "narrow", row, "narrow", G_BINDING_SYNC_CREATE);
  gtk_list_item_set_child (list_item, row);
}

static void
wsi_frames_page_bind_cb (GtkSignalListItemFactory *factory,
                         GtkListItem              *list_item,
                         gpointer                  user_data)
{
  wsi_frame_row_set_frame (WSI_FRAME_ROW (gtk_list_item_get_child (list_item)),
                           WSI_FRAME (gtk_list_item_get_item (list_item)));
}

/* Rows that were out of sight have drawn nothing. */
static void
wsi_frames_page_scrolled_cb (WsiFramesPage *self)
{
  GtkWidget *child;

  for (child = gtk_widget_get_first_child (GTK_WIDGET (self->view));
       child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *row = gtk_widget_get_first_child (child);

      if (row != NULL && WSI_IS_FRAME_ROW (row))
        wsi_frame_row_come_up (WSI_FRAME_ROW (row));
    }
}

/* Why there is nothing to be seen, and whether that can be changed. */
static const char *
wsi_frames_page_get_hint (WsiFramesPage *self,
                          gboolean      *can_capture)
{
  WsiSource *source = wsi_details_page_get_source (WSI_DETAILS_PAGE (self));
  WsiConnection *connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));
  WsiFrame *frame = gtk_single_selection_get_selected_item (self->selection);

  *can_capture = FALSE;
  if (frame != NULL && wsi_frame_get_length (frame) == 0)
    return _("This frame has no payload.");
  if (!wsi_details_page_is_live (WSI_DETAILS_PAGE (self)))
    return _("The payload was not captured.");
  if (source == NULL || wsi_source_get_payload_capture (source) == 0)
    return _("This program keeps its payloads to itself. It can let them be captured by setting "
             "“payload-capture” of its WsmExporter.");
  if (wsi_connection_get_payload_capture (connection) > 0)
    return _("This frame came before payloads were captured.");

  *can_capture = TRUE;
  return _("Payloads are not captured. What they say may be private.");
}

static void
wsi_frames_page_update_payload (WsiFramesPage *self)
{
  WsiFrame *frame = gtk_single_selection_get_selected_item (self->selection);
  gboolean can_capture;
  const char *hint = wsi_frames_page_get_hint (self, &can_capture);

  wsi_payload_view_set_hint (self->payload_view, hint, can_capture);
  wsi_payload_view_set_frame (self->payload_view, frame);
  gtk_widget_set_visible (GTK_WIDGET (self->payload_view), frame != NULL);
}

static gboolean
wsi_frames_page_is_filtering (WsiFramesPage *self)
{
  return gtk_filter_get_strictness (GTK_FILTER (self->filter)) != GTK_FILTER_MATCH_ALL;
}

static void
wsi_frames_page_update_empty (WsiFramesPage *self)
{
  WsiLog *log = wsi_frames_page_get_log (self);
  gboolean is_empty = g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) == 0;
  gboolean is_hidden = log != NULL && g_list_model_get_n_items (G_LIST_MODEL (log)) > 0;
  const char *text;

  if (is_hidden)
    text = _("No frame matches the filter.");
  else if (wsi_details_page_is_live (WSI_DETAILS_PAGE (self)))
    text = _("No frames yet. They appear here as they come, pings and pongs too.");
  else
    text = _("No frames were kept.");

  gtk_label_set_label (self->empty_label, text);
  gtk_widget_set_visible (self->reset_button, is_hidden && wsi_frames_page_is_filtering (self));
  gtk_stack_set_visible_child_name (self->stack, is_empty ? "empty" : "frames");
}

static void
wsi_frames_page_update_counts (WsiFramesPage *self)
{
  WsiLog *log = wsi_frames_page_get_log (self);
  guint64 n_dropped = log != NULL ? wsi_log_get_n_dropped (log) : 0;
  guint n_waiting = log != NULL ? wsi_log_get_n_waiting (log) : 0;
  gboolean is_paused = log != NULL && wsi_log_get_paused (log);
  g_autofree char *dropped = wsi_format_count (n_dropped);
  g_autofree char *waiting = wsi_format_count (n_waiting);
  g_autofree char *dropped_text = NULL;
  g_autofree char *waiting_text = NULL;

  /* Translators: the placeholder is a number, with its separators. */
  dropped_text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                               "%s older frame dropped",
                                               "%s older frames dropped",
                                               (gulong) n_dropped),
                                  dropped);
  gtk_label_set_label (self->dropped_label, dropped_text);
  gtk_widget_set_visible (GTK_WIDGET (self->dropped_label), n_dropped > 0);

  /* Translators: frames that came while a list was paused; the placeholder is a number. */
  waiting_text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                               "Paused · %s new", "Paused · %s new", n_waiting),
                                  waiting);
  gtk_button_set_label (self->resume_button, waiting_text);
  gtk_widget_set_visible (GTK_WIDGET (self->resume_button), is_paused);

  self->updating = TRUE;
  gtk_toggle_button_set_active (self->pause_button, is_paused);
  self->updating = FALSE;
}

static void
wsi_frames_page_update_capture (WsiFramesPage *self)
{
  WsiSource *source = wsi_details_page_get_source (WSI_DETAILS_PAGE (self));
  WsiConnection *connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));
  gboolean is_allowed = source != NULL && wsi_source_get_payload_capture (source) > 0 &&
                        wsi_details_page_is_live (WSI_DETAILS_PAGE (self));

  self->updating = TRUE;
  gtk_toggle_button_set_active (self->capture_button,
                                is_allowed &&
                                  wsi_connection_get_payload_capture (connection) > 0);
  self->updating = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->capture_button), is_allowed);
}

static void
wsi_frames_page_update_newest (WsiFramesPage *self)
{
  gtk_widget_set_visible (self->newest_button,
                          !wsi_tail_get_pinned (self->tail) &&
                            g_list_model_get_n_items (G_LIST_MODEL (self->filtered)) > 0);
}

static void
wsi_frames_page_items_changed_cb (WsiFramesPage *self)
{
  wsi_frames_page_update_empty (self);
  wsi_frames_page_update_newest (self);
}

static void
wsi_frames_page_selected_cb (WsiFramesPage *self)
{
  /* What a person reads does not run away. */
  if (gtk_single_selection_get_selected_item (self->selection) != NULL)
    wsi_tail_set_pinned (self->tail, FALSE);

  wsi_frames_page_update_payload (self);
}

static void
wsi_frames_page_error_changed_cb (WsiFramesPage *self)
{
  const char *error = wsi_frame_filter_get_error (self->filter);

  if (error != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->pattern_entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->pattern_entry), "error");

  gtk_accessible_update_state (GTK_ACCESSIBLE (self->pattern_entry),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               error != NULL ? GTK_ACCESSIBLE_INVALID_TRUE
                                             : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
  gtk_label_set_label (self->error_label, error != NULL ? error : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), error != NULL);
}

static void
wsi_frames_page_pattern_changed_cb (WsiFramesPage *self)
{
  wsi_frame_filter_set_pattern (self->filter, gtk_editable_get_text (self->pattern_entry));
  wsi_frames_page_update_empty (self);
}

/* The positions in the drop-down are those of WsiDirection. */
static void
wsi_frames_page_direction_changed_cb (WsiFramesPage *self)
{
  wsi_frame_filter_set_direction (self->filter,
                                  gtk_drop_down_get_selected (self->direction_drop_down));
  wsi_frames_page_update_empty (self);
}

static void
wsi_frames_page_opcodes_changed_cb (WsiFramesPage *self)
{
  guint selected = gtk_drop_down_get_selected (self->opcodes_drop_down);

  if (selected < G_N_ELEMENTS (opcode_choices))
    wsi_frame_filter_set_opcodes (self->filter, opcode_choices[selected]);
  wsi_frames_page_update_empty (self);
}

static void
wsi_frames_page_reset_cb (WsiFramesPage *self)
{
  gtk_editable_set_text (self->pattern_entry, "");
  wsi_frame_filter_set_pattern (self->filter, "");
  gtk_drop_down_set_selected (self->direction_drop_down, 0);
  gtk_drop_down_set_selected (self->opcodes_drop_down, 0);
}

static void
wsi_frames_page_pause_toggled_cb (WsiFramesPage *self)
{
  WsiLog *log = wsi_frames_page_get_log (self);

  if (!self->updating && log != NULL)
    wsi_log_set_paused (log, gtk_toggle_button_get_active (self->pause_button));
}

static void
wsi_frames_page_resume_cb (WsiFramesPage *self)
{
  WsiLog *log = wsi_frames_page_get_log (self);

  if (log != NULL)
    wsi_log_set_paused (log, FALSE);
}

static void
wsi_frames_page_newest_cb (WsiFramesPage *self)
{
  wsi_tail_set_pinned (self->tail, TRUE);
}

static void
wsi_frames_page_clear_cb (WsiFramesPage *self)
{
  WsiLog *log = wsi_frames_page_get_log (self);

  if (log != NULL)
    wsi_log_clear (log);
}

static void
wsi_frames_page_set_capture (WsiFramesPage *self,
                             gboolean       capture)
{
  WsiSource *source = wsi_details_page_get_source (WSI_DETAILS_PAGE (self));
  WsiConnection *connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));

  if (source == NULL || connection == NULL)
    return;

  wsi_connection_set_payload_capture (connection,
                                      capture ? wsi_source_get_payload_capture (source) : 0);
  wsi_frames_page_update_capture (self);
  wsi_frames_page_update_payload (self);
}

static void
wsi_frames_page_capture_toggled_cb (WsiFramesPage *self)
{
  if (!self->updating)
    wsi_frames_page_set_capture (self, gtk_toggle_button_get_active (self->capture_button));
}

static void
wsi_frames_page_capture_cb (WsiFramesPage *self)
{
  wsi_frames_page_set_capture (self, TRUE);
}

static void
wsi_frames_page_close_payload_cb (WsiFramesPage *self)
{
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static gboolean
wsi_frames_page_copy_cb (GtkWidget *widget,
                         GVariant  *arguments,
                         gpointer   user_data)
{
  WsiFramesPage *self = WSI_FRAMES_PAGE (widget);
  WsiFrame *frame = gtk_single_selection_get_selected_item (self->selection);
  g_autofree char *text = NULL;

  if (frame == NULL || wsi_frame_get_payload (frame) == NULL)
    return FALSE;

  text = wsi_payload_to_text (wsi_frame_get_payload (frame));
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);

  return TRUE;
}

static void
wsi_frames_page_refresh (WsiDetailsPage *page)
{
  WsiFramesPage *self = WSI_FRAMES_PAGE (page);

  wsi_frames_page_update_capture (self);
  wsi_frames_page_update_payload (self);
  wsi_frames_page_update_empty (self);
}

static void
wsi_frames_page_subject_changed (WsiDetailsPage *page)
{
  WsiFramesPage *self = WSI_FRAMES_PAGE (page);
  WsiLog *log = wsi_frames_page_get_log (self);

  if (gtk_filter_list_model_get_model (self->filtered) == G_LIST_MODEL (log))
    return;

  g_signal_group_set_target (self->log_group, log);
  gtk_filter_list_model_set_model (self->filtered, log != NULL ? G_LIST_MODEL (log) : NULL);
  wsi_tail_set_pinned (self->tail, TRUE);
  wsi_frames_page_update_counts (self);
}

static void
wsi_frames_page_place (WsiFramesPage *self,
                       GtkWidget     *widget,
                       int            column,
                       int            row,
                       int            n_columns)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager (GTK_WIDGET (self->filter_grid));
  GtkGridLayoutChild *child =
    GTK_GRID_LAYOUT_CHILD (gtk_layout_manager_get_layout_child (layout, widget));

  gtk_grid_layout_child_set_column (child, column);
  gtk_grid_layout_child_set_row (child, row);
  gtk_grid_layout_child_set_column_span (child, n_columns);
}

static void
wsi_frames_page_narrow_changed (WsiDetailsPage *page)
{
  WsiFramesPage *self = WSI_FRAMES_PAGE (page);
  gboolean narrow = wsi_details_page_get_narrow (page);

  wsi_frames_page_place (self, self->choices_box, narrow ? 0 : 1, narrow ? 1 : 0, narrow ? 2 : 1);
  wsi_frames_page_place (self, self->buttons_box, narrow ? 1 : 2, 0, 1);
}

static void
wsi_frames_page_dispose (GObject *object)
{
  WsiFramesPage *self = WSI_FRAMES_PAGE (object);

  if (self->filtered != NULL)
    g_signal_handlers_disconnect_by_data (self->filtered, self);
  if (self->tail != NULL)
    g_signal_handlers_disconnect_by_data (self->tail, self);
  g_clear_object (&self->tail);
  g_clear_object (&self->log_group);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_FRAMES_PAGE);

  G_OBJECT_CLASS (wsi_frames_page_parent_class)->dispose (object);
}

static void
wsi_frames_page_class_init (WsiFramesPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WsiDetailsPageClass *page_class = WSI_DETAILS_PAGE_CLASS (klass);

  object_class->dispose = wsi_frames_page_dispose;

  page_class->narrow_changed = wsi_frames_page_narrow_changed;
  page_class->refresh = wsi_frames_page_refresh;
  page_class->subject_changed = wsi_frames_page_subject_changed;

  g_type_ensure (WSI_TYPE_FRAME);
  g_type_ensure (WSI_TYPE_FRAME_FILTER);
  g_type_ensure (WSI_TYPE_FRAME_ROW);
  g_type_ensure (WSI_TYPE_PAYLOAD_VIEW);

  gtk_widget_class_add_binding (widget_class, GDK_KEY_c, GDK_CONTROL_MASK,
                                wsi_frames_page_copy_cb, NULL);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-frames-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, filter_grid);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, pattern_box);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, choices_box);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, buttons_box);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, pattern_entry);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, regular_button);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, direction_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, opcodes_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, pause_button);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, capture_button);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, clear_button);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, error_label);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, dropped_label);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, stack);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, empty_label);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, reset_button);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, scrolled_window);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, view);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, selection);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, filtered);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, filter);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, resume_button);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, newest_button);
  gtk_widget_class_bind_template_child (widget_class, WsiFramesPage, payload_view);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_capture_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_capture_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_clear_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_close_payload_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_direction_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_error_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_newest_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_opcodes_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_pattern_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_pause_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_reset_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_resume_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_frames_page_setup_cb);
}

static void
wsi_frames_page_init (WsiFramesPage *self)
{
  self->log_group = g_signal_group_new (WSI_TYPE_LOG);
  g_signal_group_connect_swapped (self->log_group, "notify",
                                  G_CALLBACK (wsi_frames_page_update_counts), self);

  gtk_widget_init_template (GTK_WIDGET (self));

  self->tail = wsi_tail_new (gtk_scrolled_window_get_vadjustment (self->scrolled_window));
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scrolled_window),
                           "value-changed",
                           G_CALLBACK (wsi_frames_page_scrolled_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scrolled_window),
                           "changed",
                           G_CALLBACK (wsi_frames_page_scrolled_cb), self, G_CONNECT_SWAPPED);
  wsi_tail_watch (self->tail, GTK_WIDGET (self->view), G_LIST_MODEL (self->filtered));
  g_signal_connect_swapped (self->tail, "notify::pinned",
                            G_CALLBACK (wsi_frames_page_update_newest), self);
  g_signal_connect_swapped (self->filtered, "items-changed",
                            G_CALLBACK (wsi_frames_page_items_changed_cb), self);
  wsi_frames_page_update_empty (self);
}
