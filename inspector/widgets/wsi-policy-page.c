/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-policy-page.h"

#include "wsi-figure.h"
#include "wsi-format.h"
#include "wsi-policy-row.h"

#include <glib/gi18n-lib.h>

/**
 * WsiPolicyPage:
 *
 * Heartbeat and back-off, to be read and, where allowed, changed.
 */

/* As many pauses as it takes to see how they grow. */
#define N_DELAYS 8

#define US_PER_MS 1000

/* The numbers of the protocol. */
#define MODE_TEXT 2.0
#define MODE_BINARY 3.0
#define MODE_PASSIVE 4.0
#define MODE_OFF 5.0

struct _WsiPolicyPage
{
  WsiDetailsPage parent_instance;

  WsiPolicyDraft *heartbeat;   /* (owned) */
  WsiPolicyDraft *backoff;     /* (owned) */
  GCancellable *cancellable;   /* (owned) (nullable): of what is being applied */
  char *error;                 /* (owned) (nullable): why it was not */
  WsiFigure *delays[N_DELAYS]; /* (unowned): in delays_box */
  guint n_pending;

  GtkStack *stack;
  GtkWidget *note_box;
  GtkLabel *note_label;
  GtkImage *worst_case_image;
  GtkLabel *worst_case_label;
  GtkWidget *heartbeat_box;
  GtkListBox *heartbeat_list;
  GtkWidget *backoff_box;
  GtkListBox *backoff_list;
  GtkFlowBox *delays_box;
  GtkRevealer *revealer;
  GtkLabel *error_label;
  GtkWidget *revert_button;
  GtkWidget *apply_button;
};

G_DEFINE_FINAL_TYPE (WsiPolicyPage, wsi_policy_page, WSI_TYPE_DETAILS_PAGE)

/* Why nothing may be changed, or NULL if it may. */
static const char *
wsi_policy_page_get_note (WsiPolicyPage *self)
{
  WsiSource *source = wsi_details_page_get_source (WSI_DETAILS_PAGE (self));
  WsiConnection *connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));

  if (source != NULL && wsi_source_get_kind (source) == WSI_SOURCE_KIND_RECORDING)
    return _("This is a recording, so it can only be read.");
  if (source == NULL || !wsi_source_get_attached (source))
    return _("The program is no longer there, so its policy can only be read.");
  if (connection == NULL || !wsi_connection_get_attached (connection))
    return _("The connection is no longer there, so its policy can only be read.");
  if (!wsi_source_get_can_control (source))
    return _("This program lets its connections be watched, not changed. It has to export its pool "
             "with control to allow more.");

  return NULL;
}

/* What has no effect in a mode need not be seen in it. */
static gboolean
wsi_policy_page_has_effect (WsiPolicyPage *self,
                            const char    *key)
{
  double mode = wsi_policy_draft_get_value (self->heartbeat, "mode");

  if (strcmp (key, "mode") == 0)
    return TRUE;
  if (mode == MODE_OFF)
    return FALSE;
  if (strcmp (key, "reply-match") == 0 || strcmp (key, "hide-reply") == 0)
    return mode == MODE_TEXT || mode == MODE_BINARY;
  if (strcmp (key, "jitter") == 0 || strcmp (key, "idle-only") == 0)
    return mode != MODE_PASSIVE;

  return TRUE;
}

static void
wsi_policy_page_prepare_rows (WsiPolicyPage  *self,
                              GtkListBox     *list,
                              WsiPolicyDraft *draft)
{
  gboolean editable = wsi_policy_page_get_note (self) == NULL;
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (list, i)) != NULL; i++)
    {
      WsiPolicyRow *policy_row = WSI_POLICY_ROW (row);

      wsi_policy_row_set_draft (policy_row, draft);
      wsi_policy_row_set_editable (policy_row, editable);
      if (draft == self->heartbeat)
        gtk_widget_set_visible (GTK_WIDGET (row),
                                wsi_policy_page_has_effect (
                                  self, wsi_policy_row_get_key (policy_row)));
    }
}

static void
wsi_policy_page_show_worst_case (WsiPolicyPage *self)
{
  guint worst_case_ms = wsi_policy_draft_get_worst_case (self->heartbeat);
  g_autofree char *duration = wsi_format_duration ((gint64) worst_case_ms * US_PER_MS);
  g_autofree char *text = NULL;

  if (!wsi_policy_draft_is_valid (self->heartbeat))
    text = g_strdup (_("Correct the values to see when a dead peer is noticed."));
  else if (worst_case_ms == 0)
    text = g_strdup (_("A dead peer is never noticed by these beats."));
  else if (wsi_policy_draft_is_changed (self->heartbeat))
    /* Translators: the placeholder is a duration such as “37 s”. */
    text = g_strdup_printf (_("With these changes a dead peer is noticed within %s."), duration);
  else
    /* Translators: the placeholder is a duration such as “37 s”. */
    text = g_strdup_printf (_("A dead peer is noticed within %s."), duration);

  gtk_label_set_label (self->worst_case_label, text);
  gtk_image_set_from_icon_name (self->worst_case_image,
                                worst_case_ms == 0 ? "dialog-warning-symbolic"
                                                   : "wsi-heartbeat-symbolic");
}

static void
wsi_policy_page_show_delays (WsiPolicyPage *self)
{
  for (guint i = 0; i < N_DELAYS; i++)
    {
      guint delay_ms = wsi_policy_draft_get_delay (self->backoff, i + 1);

      wsi_figure_take_value (self->delays[i],
                             wsi_format_duration ((gint64) delay_ms * US_PER_MS));
    }
}

static void
wsi_policy_page_show_bar (WsiPolicyPage *self)
{
  gboolean is_changed = wsi_policy_draft_is_changed (self->heartbeat) ||
                        wsi_policy_draft_is_changed (self->backoff);
  gboolean is_valid = wsi_policy_draft_is_valid (self->heartbeat) &&
                      wsi_policy_draft_is_valid (self->backoff);

  gtk_revealer_set_reveal_child (self->revealer,
                                 is_changed && wsi_policy_page_get_note (self) == NULL);
  gtk_widget_set_sensitive (self->apply_button, is_valid && self->n_pending == 0);
  gtk_widget_set_sensitive (self->revert_button, self->n_pending == 0);
  gtk_label_set_label (self->error_label, self->error != NULL ? self->error : "");
}

static void
wsi_policy_page_update (WsiPolicyPage *self)
{
  const char *note = wsi_policy_page_get_note (self);
  gboolean is_known = wsi_policy_draft_is_known (self->heartbeat) ||
                      wsi_policy_draft_is_known (self->backoff);

  gtk_stack_set_visible_child_name (self->stack, is_known ? "policy" : "empty");
  gtk_widget_set_visible (self->note_box, note != NULL);
  gtk_label_set_label (self->note_label, note != NULL ? note : "");
  gtk_widget_set_visible (self->heartbeat_box, wsi_policy_draft_is_known (self->heartbeat));
  gtk_widget_set_visible (self->backoff_box, wsi_policy_draft_is_known (self->backoff));

  wsi_policy_page_prepare_rows (self, self->heartbeat_list, self->heartbeat);
  wsi_policy_page_prepare_rows (self, self->backoff_list, self->backoff);
  wsi_policy_page_show_worst_case (self);
  wsi_policy_page_show_delays (self);
  wsi_policy_page_show_bar (self);
}

static void
wsi_policy_page_set_error (WsiPolicyPage *self,
                           const char    *error)
{
  if (g_strcmp0 (self->error, error) == 0)
    return;

  g_free (self->error);
  self->error = g_strdup (error);
}

static void
wsi_policy_page_edited_cb (WsiPolicyPage *self)
{
  wsi_policy_page_set_error (self, NULL);
  wsi_policy_page_update (self);
}

static void
wsi_policy_page_applied_cb (GObject      *object,
                            GAsyncResult *result,
                            gpointer      user_data)
{
  g_autoptr (WsiPolicyPage) self = WSI_POLICY_PAGE (user_data);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = wsi_connection_command_finish (WSI_CONNECTION (object), result, &error);
  self->n_pending--;

  /* The page is about another connection meanwhile, or there is no page. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      wsi_details_page_get_connection (WSI_DETAILS_PAGE (self)) != WSI_CONNECTION (object))
    return;

  /* What holds now is told with the next details; until then the draft stays as it is. */
  if (error != NULL)
    {
      g_dbus_error_strip_remote_error (error);
      wsi_policy_page_set_error (self, error->message);
    }

  wsi_policy_page_show_bar (self);
}

static void
wsi_policy_page_send (WsiPolicyPage  *self,
                      WsiPolicyDraft *draft,
                      WsiCommand      command)
{
  WsiConnection *connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));

  if (!wsi_policy_draft_is_changed (draft))
    return;

  self->n_pending++;
  wsi_connection_command_async (connection, command,
                                g_variant_new ("(@a{sv})", wsi_policy_draft_make_changes (draft)),
                                self->cancellable,
                                wsi_policy_page_applied_cb, g_object_ref (self));
}

static void
wsi_policy_page_apply_cb (WsiPolicyPage *self)
{
  if (wsi_policy_page_get_note (self) != NULL ||
      !wsi_policy_draft_is_valid (self->heartbeat) || !wsi_policy_draft_is_valid (self->backoff))
    return;

  wsi_policy_page_set_error (self, NULL);
  if (self->cancellable == NULL)
    self->cancellable = g_cancellable_new ();

  wsi_policy_page_send (self, self->heartbeat, WSI_COMMAND_SET_HEARTBEAT);
  wsi_policy_page_send (self, self->backoff, WSI_COMMAND_SET_BACKOFF);
  wsi_policy_page_show_bar (self);
}

static void
wsi_policy_page_revert_cb (WsiPolicyPage *self)
{
  wsi_policy_page_set_error (self, NULL);
  wsi_policy_draft_revert (self->heartbeat);
  wsi_policy_draft_revert (self->backoff);
  wsi_policy_page_show_bar (self);
}

static void
wsi_policy_page_take_present (WsiPolicyDraft *draft,
                              WsiDetails     *details,
                              const char     *group)
{
  g_autoptr (GVariant) present = NULL;

  if (details != NULL)
    present = g_variant_lookup_value (wsi_details_get_variant (details), group,
                                      G_VARIANT_TYPE_VARDICT);

  wsi_policy_draft_set_present (draft, present);
}

static void
wsi_policy_page_refresh (WsiDetailsPage *page)
{
  WsiPolicyPage *self = WSI_POLICY_PAGE (page);
  WsiConnection *connection = wsi_details_page_get_connection (page);
  WsiDetails *details = connection != NULL ? wsi_connection_get_details (connection) : NULL;

  wsi_policy_page_take_present (self->heartbeat, details, "heartbeat");
  wsi_policy_page_take_present (self->backoff, details, "backoff");
  wsi_policy_page_update (self);
}

/* What was not applied was meant for the other one. */
static void
wsi_policy_page_subject_changed (WsiDetailsPage *page)
{
  WsiPolicyPage *self = WSI_POLICY_PAGE (page);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  wsi_policy_page_set_error (self, NULL);
  wsi_policy_draft_set_present (self->heartbeat, NULL);
  wsi_policy_draft_set_present (self->backoff, NULL);
}

static void
wsi_policy_page_dispose (GObject *object)
{
  WsiPolicyPage *self = WSI_POLICY_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->heartbeat != NULL)
    g_signal_handlers_disconnect_by_data (self->heartbeat, self);
  if (self->backoff != NULL)
    g_signal_handlers_disconnect_by_data (self->backoff, self);
  g_clear_object (&self->heartbeat);
  g_clear_object (&self->backoff);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_POLICY_PAGE);

  G_OBJECT_CLASS (wsi_policy_page_parent_class)->dispose (object);
}

static void
wsi_policy_page_finalize (GObject *object)
{
  WsiPolicyPage *self = WSI_POLICY_PAGE (object);

  g_clear_pointer (&self->error, g_free);

  G_OBJECT_CLASS (wsi_policy_page_parent_class)->finalize (object);
}

static void
wsi_policy_page_class_init (WsiPolicyPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WsiDetailsPageClass *page_class = WSI_DETAILS_PAGE_CLASS (klass);

  object_class->dispose = wsi_policy_page_dispose;
  object_class->finalize = wsi_policy_page_finalize;

  page_class->refresh = wsi_policy_page_refresh;
  page_class->subject_changed = wsi_policy_page_subject_changed;

  g_type_ensure (WSI_TYPE_POLICY_ROW);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-policy-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, stack);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, note_box);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, note_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, worst_case_image);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, worst_case_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, heartbeat_box);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, heartbeat_list);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, backoff_box);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, backoff_list);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, delays_box);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, revealer);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, error_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, revert_button);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyPage, apply_button);
  gtk_widget_class_bind_template_callback (widget_class, wsi_policy_page_apply_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_policy_page_revert_cb);
}

static void
wsi_policy_page_init (WsiPolicyPage *self)
{
  self->heartbeat = wsi_policy_draft_new (WSI_POLICY_KIND_HEARTBEAT);
  self->backoff = wsi_policy_draft_new (WSI_POLICY_KIND_BACKOFF);

  gtk_widget_init_template (GTK_WIDGET (self));

  for (guint i = 0; i < N_DELAYS; i++)
    {
      g_autofree char *number = wsi_format_count (i + 1);
      /* Translators: the number of an attempt to connect. */
      g_autofree char *caption = g_strdup_printf (_("Attempt %s"), number);
      GtkWidget *child = gtk_flow_box_child_new ();

      self->delays[i] = g_object_new (WSI_TYPE_FIGURE, "caption", caption, NULL);
      gtk_flow_box_child_set_child (GTK_FLOW_BOX_CHILD (child), GTK_WIDGET (self->delays[i]));
      gtk_widget_set_focusable (child, FALSE);
      gtk_flow_box_append (self->delays_box, child);
    }

  wsi_policy_page_update (self);

  g_signal_connect_swapped (self->heartbeat, "edited",
                            G_CALLBACK (wsi_policy_page_edited_cb), self);
  g_signal_connect_swapped (self->backoff, "edited",
                            G_CALLBACK (wsi_policy_page_edited_cb), self);
}
