/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-payload-view.h"

#include "wsi-format.h"
#include "wsi-payload.h"

#include <glib/gi18n-lib.h>

/**
 * WsiPayloadView:
 *
 * The payload of one frame.
 */

typedef enum
{
  SIGNAL_CAPTURE,
  SIGNAL_CLOSE,
} WsiPayloadViewSignal;

#define N_SIGNALS (SIGNAL_CLOSE + 1)

struct _WsiPayloadView
{
  GtkWidget parent_instance;

  WsiFrame *frame; /* (owned) (nullable) */

  GtkLabel *facts_label;
  GtkWidget *copy_button;
  GtkStack *hint_stack;
  GtkStack *view_stack;
  GtkTextView *text_view;
  GtkTextView *json_view;
  GtkTextView *hex_view;
  GtkLabel *hint_label;
  GtkWidget *capture_button;
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiPayloadView, wsi_payload_view, GTK_TYPE_WIDGET)

static GBytes *
wsi_payload_view_get_payload (WsiPayloadView *self)
{
  return self->frame != NULL ? wsi_frame_get_payload (self->frame) : NULL;
}

static char *
wsi_payload_view_format (WsiPayloadView *self,
                         GBytes         *payload)
{
  const char *visible = wsi_payload_view_get_visible (self);
  g_autoptr (GError) error = NULL;
  char *text;

  if (g_strcmp0 (visible, "hex") == 0)
    return wsi_payload_to_hex (payload);
  if (g_strcmp0 (visible, "json") != 0)
    return wsi_payload_to_text (payload);

  text = wsi_payload_to_json (payload, &error);

  return text != NULL ? text : g_strdup (error->message);
}

static void
wsi_payload_view_update_facts (WsiPayloadView *self)
{
  GBytes *payload = wsi_payload_view_get_payload (self);
  g_autofree char *name = NULL;
  g_autofree char *size = NULL;
  g_autofree char *part = NULL;
  g_autofree char *text = NULL;

  if (self->frame == NULL)
    {
      gtk_label_set_label (self->facts_label, "");
      return;
    }

  name = wsi_frame_dup_opcode_name (self->frame);
  size = wsi_format_size (wsi_frame_get_length (self->frame));
  part = wsi_format_size (payload != NULL ? g_bytes_get_size (payload) : 0);

  if (payload != NULL &&
      (wsi_frame_get_flags (self->frame) & WSI_FRAME_FLAGS_TRUNCATED) != 0)
    /* Translators: the name of an opcode, a size, and the size of what is there of it. */
    text = g_strdup_printf (_("%s · %s, of which the first %s are here"), name, size, part);
  else
    /* Translators: the name of an opcode, and a size. */
    text = g_strdup_printf (C_("frame", "%s · %s"), name, size);

  gtk_label_set_label (self->facts_label, text);
}

/* Only what is seen is made: a payload can be long. */
static void
wsi_payload_view_update (WsiPayloadView *self)
{
  GBytes *payload = wsi_payload_view_get_payload (self);
  const char *visible = wsi_payload_view_get_visible (self);
  g_autofree char *text = payload != NULL ? wsi_payload_view_format (self, payload) : NULL;
  GtkTextView *view = self->text_view;

  if (g_strcmp0 (visible, "json") == 0)
    view = self->json_view;
  else if (g_strcmp0 (visible, "hex") == 0)
    view = self->hex_view;

  gtk_text_buffer_set_text (gtk_text_view_get_buffer (view), text != NULL ? text : "", -1);
  gtk_stack_set_visible_child_name (self->hint_stack, payload != NULL ? "payload" : "hint");
  gtk_widget_set_sensitive (self->copy_button, payload != NULL);
  wsi_payload_view_update_facts (self);
}

static void
wsi_payload_view_copy_cb (WsiPayloadView *self)
{
  g_autofree char *text = wsi_payload_view_dup_text (self);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
wsi_payload_view_capture_cb (WsiPayloadView *self)
{
  g_signal_emit (self, signals[SIGNAL_CAPTURE], 0);
}

static void
wsi_payload_view_close_cb (WsiPayloadView *self)
{
  g_signal_emit (self, signals[SIGNAL_CLOSE], 0);
}

static void
wsi_payload_view_dispose (GObject *object)
{
  WsiPayloadView *self = WSI_PAYLOAD_VIEW (object);
  GtkWidget *child;

  g_clear_object (&self->frame);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_PAYLOAD_VIEW);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))) != NULL)
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (wsi_payload_view_parent_class)->dispose (object);
}

static void
wsi_payload_view_class_init (WsiPayloadViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_payload_view_dispose;

  /**
   * WsiPayloadView::capture:
   * @self: the view
   *
   * Emitted when a person wants payloads captured from now on.
   */
  signals[SIGNAL_CAPTURE] =
    g_signal_new ("capture",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL, NULL,
                  NULL,
                  G_TYPE_NONE, 0);

  /**
   * WsiPayloadView::close:
   * @self: the view
   *
   * Emitted when it is not wanted any more.
   */
  signals[SIGNAL_CLOSE] =
    g_signal_new ("close",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL, NULL,
                  NULL,
                  G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-payload-view.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, facts_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, copy_button);
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, hint_stack);
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, view_stack);
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, text_view);
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, json_view);
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, hex_view);
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, hint_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPayloadView, capture_button);
  gtk_widget_class_bind_template_callback (widget_class, wsi_payload_view_capture_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_payload_view_close_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_payload_view_copy_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_payload_view_update);
}

static void
wsi_payload_view_init (WsiPayloadView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
wsi_payload_view_set_frame (WsiPayloadView *self,
                            WsiFrame       *frame)
{
  g_return_if_fail (WSI_IS_PAYLOAD_VIEW (self));
  g_return_if_fail (frame == NULL || WSI_IS_FRAME (frame));

  if (g_set_object (&self->frame, frame))
    wsi_payload_view_update (self);
}

void
wsi_payload_view_set_hint (WsiPayloadView *self,
                           const char     *hint,
                           gboolean        can_capture)
{
  g_return_if_fail (WSI_IS_PAYLOAD_VIEW (self));
  g_return_if_fail (hint != NULL);

  if (strcmp (gtk_label_get_label (self->hint_label), hint) != 0)
    gtk_label_set_label (self->hint_label, hint);
  gtk_widget_set_visible (self->capture_button, can_capture);
}

char *
wsi_payload_view_dup_text (WsiPayloadView *self)
{
  GBytes *payload;

  g_return_val_if_fail (WSI_IS_PAYLOAD_VIEW (self), NULL);

  payload = wsi_payload_view_get_payload (self);
  if (payload == NULL)
    return g_strdup (gtk_label_get_label (self->hint_label));

  return wsi_payload_view_format (self, payload);
}

const char *
wsi_payload_view_get_visible (WsiPayloadView *self)
{
  g_return_val_if_fail (WSI_IS_PAYLOAD_VIEW (self), NULL);

  return gtk_stack_get_visible_child_name (self->view_stack);
}

void
wsi_payload_view_set_visible (WsiPayloadView *self,
                              const char     *visible)
{
  g_return_if_fail (WSI_IS_PAYLOAD_VIEW (self));
  g_return_if_fail (visible != NULL);

  gtk_stack_set_visible_child_name (self->view_stack, visible);
}
