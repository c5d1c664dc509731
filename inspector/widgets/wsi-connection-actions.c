/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-connection-actions.h"

#include <glib/gi18n-lib.h>

#include "wsi-confirm-dialog.h"
#include "wsi-format.h"
#include "wsi-send-dialog.h"

/*
 * What may be done to a connection, as an action group.
 *
 * Each action is enabled as long as it means something in the connection's state, and its program
 * allows it. Ending a connection of another program is asked about once more; of our own it is
 * not, for it can be opened again.
 */

#define CLOSE_CODE_NORMAL 1000

struct _WsiConnectionActions
{
  GSimpleActionGroup parent_instance;

  WsiConnection *subject; /* (owned) (nullable) */
  WsiSource *source;      /* (owned) (nullable) */
  GtkWidget *widget;      /* (unowned) (nullable): cleared by a weak pointer */

  GSignalGroup *subject_signals; /* (owned) */
  GSignalGroup *source_signals;  /* (owned) */
};

typedef enum
{
  PROP_SUBJECT = 1,
  PROP_SOURCE,
  PROP_WIDGET,
} WsiConnectionActionsProperty;

static GParamSpec *properties[PROP_WIDGET + 1];

typedef enum
{
  SIGNAL_MESSAGE,
  N_SIGNALS,
} WsiConnectionActionsSignal;

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiConnectionActions, wsi_connection_actions, G_TYPE_SIMPLE_ACTION_GROUP)

/* A command under way: the subject may have changed when it ends. */
typedef struct
{
  WsiConnectionActions *self; /* (owned) */
  WsiCommand command;
} WsiConnectionOrder;

static gboolean
wsi_connection_actions_is_open (WsiState state)
{
  return state == WSI_STATE_OPEN || state == WSI_STATE_SUSPECT;
}

/* It ends, or would go on by itself. */
static gboolean
wsi_connection_actions_is_alive (WsiState state)
{
  return wsi_connection_actions_is_open (state) ||
         state == WSI_STATE_CONNECTING ||
         state == WSI_STATE_WAITING;
}

static void
wsi_connection_actions_set_enabled (WsiConnectionActions *self,
                                    const char           *name,
                                    gboolean              enabled)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), enabled);
}

static gboolean
wsi_connection_actions_can_control (WsiConnectionActions *self)
{
  return self->subject != NULL && self->source != NULL &&
         wsi_connection_get_attached (self->subject) &&
         wsi_source_get_attached (self->source) &&
         wsi_source_get_can_control (self->source);
}

static void
wsi_connection_actions_update (WsiConnectionActions *self)
{
  WsiConnection *subject = self->subject;
  gboolean can_control = wsi_connection_actions_can_control (self);
  WsiState state = subject != NULL ? wsi_connection_get_state (subject) : WSI_STATE_UNKNOWN;
  gboolean is_paused = subject != NULL && wsi_connection_get_paused (subject);
  gboolean is_open = can_control && wsi_connection_actions_is_open (state);
  gboolean is_alive = can_control && wsi_connection_actions_is_alive (state);
  gboolean is_over = state == WSI_STATE_IDLE || state == WSI_STATE_WAITING ||
                     state == WSI_STATE_CLOSED || state == WSI_STATE_FAILED;
  GAction *pause = g_action_map_lookup_action (G_ACTION_MAP (self), "pause");

  wsi_connection_actions_set_enabled (self, "ping", is_open);
  wsi_connection_actions_set_enabled (self, "send", is_open);
  wsi_connection_actions_set_enabled (self, "close", is_alive);
  wsi_connection_actions_set_enabled (self, "abort", is_alive ||
                                      (can_control && state == WSI_STATE_CLOSING));
  wsi_connection_actions_set_enabled (self, "retry", can_control && is_over);
  wsi_connection_actions_set_enabled (self, "pause", can_control);
  wsi_connection_actions_set_enabled (self, "copy-uri", subject != NULL);
  g_simple_action_set_state (G_SIMPLE_ACTION (pause), g_variant_new_boolean (is_paused));
}

static void G_GNUC_PRINTF (2, 3)
wsi_connection_actions_say (WsiConnectionActions *self,
                            const char           *format,
                            ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, message);
}

static void
wsi_connection_actions_command_cb (GObject      *source_object,
                                   GAsyncResult *result,
                                   gpointer      user_data)
{
  WsiConnection *connection = WSI_CONNECTION (source_object);
  WsiConnectionOrder *order = user_data;
  g_autoptr (WsiConnectionActions) self = order->self;
  WsiCommand command = order->command;
  const char *name = wsi_connection_get_name (connection);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  g_free (order);
  reply = wsi_connection_command_finish (connection, result, &error);
  if (error != NULL)
    {
      g_dbus_error_strip_remote_error (error);
      /* Some of the library's own messages begin with the name. */
      if (g_str_has_prefix (error->message, name))
        wsi_connection_actions_say (self, "%s", error->message);
      else
        wsi_connection_actions_say (self, "%s: %s", name, error->message);
      wsi_connection_actions_update (self);
    }
  else if (command == WSI_COMMAND_PING)
    {
      g_autofree char *round_trip = NULL;
      double ms = -1;

      if (reply != NULL && g_variant_is_of_type (reply, G_VARIANT_TYPE ("(d)")))
        g_variant_get (reply, "(d)", &ms);
      round_trip = wsi_format_round_trip (ms);
      /* Translators: the first %s is the name of a connection, the second is a time */
      wsi_connection_actions_say (self, _("Pong from %s after %s"), name, round_trip);
    }
  else if (command == WSI_COMMAND_SEND_TEXT)
    {
      /* Translators: %s is the name of a connection */
      wsi_connection_actions_say (self, _("Sent to %s"), name);
    }
}

static void
wsi_connection_actions_order (WsiConnectionActions *self,
                              WsiConnection        *connection,
                              WsiCommand            command,
                              GVariant             *parameters)
{
  WsiConnectionOrder *order = g_new0 (WsiConnectionOrder, 1);

  order->self = g_object_ref (self);
  order->command = command;
  wsi_connection_command_async (connection, command, parameters, NULL,
                                wsi_connection_actions_command_cb, order);
}

static void
wsi_connection_actions_end (WsiConnectionActions *self,
                            WsiConnection        *connection,
                            gboolean              politely)
{
  if (politely)
    wsi_connection_actions_order (self, connection, WSI_COMMAND_CLOSE,
                                  g_variant_new ("(us)", CLOSE_CODE_NORMAL, ""));
  else
    wsi_connection_actions_order (self, connection, WSI_COMMAND_ABORT, NULL);
}

static GtkWindow *
wsi_connection_actions_get_window (WsiConnectionActions *self)
{
  GtkRoot *root = self->widget != NULL ? gtk_widget_get_root (self->widget) : NULL;

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

static void
wsi_connection_actions_close_confirmed_cb (GtkWindow *dialog,
                                           gpointer   user_data)
{
  wsi_connection_actions_end (user_data, g_object_get_data (G_OBJECT (dialog), "connection"), TRUE);
}

static void
wsi_connection_actions_abort_confirmed_cb (GtkWindow *dialog,
                                           gpointer   user_data)
{
  wsi_connection_actions_end (user_data, g_object_get_data (G_OBJECT (dialog), "connection"),
                              FALSE);
}

static void
wsi_connection_actions_ask (WsiConnectionActions *self,
                            WsiConnection        *connection,
                            gboolean              politely)
{
  WsiSource *source = self->source;
  g_autofree char *heading = NULL;
  g_autofree char *body = NULL;
  GtkWindow *dialog;

  /* Translators: %s is the name of a connection */
  heading = g_strdup_printf (politely ? _("Close %s?") : _("Abort %s?"),
                             wsi_connection_get_name (connection));
  /* Translators: %s is the name of a program */
  body = g_strdup_printf (politely
                          ? _("The connection belongs to %s, which may not expect to lose it.")
                          : _("The connection belongs to %s. Its socket is dropped, and what has "
                              "not left yet is lost."),
                          wsi_source_get_title (source));
  dialog = wsi_confirm_dialog_new (wsi_connection_actions_get_window (self), heading, body,
                                   politely ? _("C_lose Connection") : _("_Abort Connection"));
  g_object_set_data_full (G_OBJECT (dialog), "connection", g_object_ref (connection),
                          g_object_unref);
  g_signal_connect_object (dialog, "confirmed",
                           politely ? G_CALLBACK (wsi_connection_actions_close_confirmed_cb)
                                    : G_CALLBACK (wsi_connection_actions_abort_confirmed_cb),
                           self, 0);
  gtk_window_present (dialog);
}

static void
wsi_connection_actions_end_or_ask (WsiConnectionActions *self,
                                   gboolean              politely)
{
  WsiConnection *subject = self->subject;
  WsiSource *source = self->source;

  if (wsi_source_get_kind (source) == WSI_SOURCE_KIND_OWN)
    wsi_connection_actions_end (self, subject, politely);
  else
    wsi_connection_actions_ask (self, subject, politely);
}

static void
wsi_connection_actions_ping (GSimpleAction *action,
                             GVariant      *parameter,
                             gpointer       user_data)
{
  WsiConnectionActions *self = user_data;

  wsi_connection_actions_order (self, self->subject,
                                WSI_COMMAND_PING, NULL);
}

static void
wsi_connection_actions_retry (GSimpleAction *action,
                              GVariant      *parameter,
                              gpointer       user_data)
{
  WsiConnectionActions *self = user_data;

  wsi_connection_actions_order (self, self->subject,
                                WSI_COMMAND_RETRY_NOW, NULL);
}

/* The state follows when the connection says so. */
static void
wsi_connection_actions_change_pause (GSimpleAction *action,
                                     GVariant      *value,
                                     gpointer       user_data)
{
  WsiConnectionActions *self = user_data;
  WsiConnection *subject = self->subject;

  if (subject == NULL || wsi_connection_get_paused (subject) == g_variant_get_boolean (value))
    return;

  wsi_connection_actions_order (self, subject,
                                g_variant_get_boolean (value) ? WSI_COMMAND_PAUSE
                                                              : WSI_COMMAND_RESUME,
                                NULL);
}

static void
wsi_connection_actions_close (GSimpleAction *action,
                              GVariant      *parameter,
                              gpointer       user_data)
{
  wsi_connection_actions_end_or_ask (user_data, TRUE);
}

static void
wsi_connection_actions_abort (GSimpleAction *action,
                              GVariant      *parameter,
                              gpointer       user_data)
{
  wsi_connection_actions_end_or_ask (user_data, FALSE);
}

static void
wsi_connection_actions_send_dialog_send_cb (WsiSendDialog *dialog,
                                            const char    *text,
                                            gpointer       user_data)
{
  wsi_connection_actions_order (user_data, g_object_get_data (G_OBJECT (dialog), "connection"),
                                WSI_COMMAND_SEND_TEXT, g_variant_new ("(s)", text));
}

static void
wsi_connection_actions_send (GSimpleAction *action,
                             GVariant      *parameter,
                             gpointer       user_data)
{
  WsiConnectionActions *self = user_data;
  WsiConnection *subject = self->subject;
  GtkWindow *dialog;

  dialog = wsi_send_dialog_new (wsi_connection_actions_get_window (self),
                                wsi_connection_get_name (subject));
  g_object_set_data_full (G_OBJECT (dialog), "connection", g_object_ref (subject), g_object_unref);
  g_signal_connect_object (dialog, "send",
                           G_CALLBACK (wsi_connection_actions_send_dialog_send_cb), self, 0);
  gtk_window_present (dialog);
}

static void
wsi_connection_actions_copy_uri (GSimpleAction *action,
                                 GVariant      *parameter,
                                 gpointer       user_data)
{
  WsiConnectionActions *self = user_data;
  WsiConnection *subject = self->subject;

  if (self->widget == NULL)
    return;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (self->widget),
                          wsi_connection_get_uri (subject));
  wsi_connection_actions_say (self, "%s", _("Address copied"));
}

static const GActionEntry entries[] =
{
  { "ping", wsi_connection_actions_ping, NULL, NULL, NULL, { 0 } },
  { "retry", wsi_connection_actions_retry, NULL, NULL, NULL, { 0 } },
  { "pause", NULL, NULL, "false", wsi_connection_actions_change_pause, { 0 } },
  { "close", wsi_connection_actions_close, NULL, NULL, NULL, { 0 } },
  { "abort", wsi_connection_actions_abort, NULL, NULL, NULL, { 0 } },
  { "send", wsi_connection_actions_send, NULL, NULL, NULL, { 0 } },
  { "copy-uri", wsi_connection_actions_copy_uri, NULL, NULL, NULL, { 0 } },
};

static void
wsi_connection_actions_set_widget (WsiConnectionActions *self,
                                   GtkWidget            *widget)
{
  if (!g_set_weak_pointer (&self->widget, widget))
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WIDGET]);
}

static void
wsi_connection_actions_dispose (GObject *object)
{
  WsiConnectionActions *self = WSI_CONNECTION_ACTIONS (object);

  g_clear_weak_pointer (&self->widget);
  g_clear_object (&self->subject_signals);
  g_clear_object (&self->source_signals);
  g_clear_object (&self->subject);
  g_clear_object (&self->source);

  G_OBJECT_CLASS (wsi_connection_actions_parent_class)->dispose (object);
}

static void
wsi_connection_actions_get_property (GObject    *object,
                                     guint       prop_id,
                                     GValue     *value,
                                     GParamSpec *pspec)
{
  WsiConnectionActions *self = WSI_CONNECTION_ACTIONS (object);

  switch ((WsiConnectionActionsProperty) prop_id)
    {
    case PROP_SUBJECT:
      g_value_set_object (value, self->subject);
      break;
    case PROP_SOURCE:
      g_value_set_object (value, self->source);
      break;
    case PROP_WIDGET:
      g_value_set_object (value, self->widget);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_connection_actions_set_property (GObject      *object,
                                     guint         prop_id,
                                     const GValue *value,
                                     GParamSpec   *pspec)
{
  WsiConnectionActions *self = WSI_CONNECTION_ACTIONS (object);

  switch ((WsiConnectionActionsProperty) prop_id)
    {
    case PROP_SUBJECT:
      wsi_connection_actions_set_subject (self, g_value_get_object (value));
      break;
    case PROP_SOURCE:
      wsi_connection_actions_set_source (self, g_value_get_object (value));
      break;
    case PROP_WIDGET:
      wsi_connection_actions_set_widget (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_connection_actions_class_init (WsiConnectionActionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = (GParamFlags)
    (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  object_class->dispose = wsi_connection_actions_dispose;
  object_class->get_property = wsi_connection_actions_get_property;
  object_class->set_property = wsi_connection_actions_set_property;

  properties[PROP_SUBJECT] =
    g_param_spec_object ("subject", NULL, NULL, WSI_TYPE_CONNECTION, flags);
  properties[PROP_SOURCE] =
    g_param_spec_object ("source", NULL, NULL, WSI_TYPE_SOURCE, flags);
  properties[PROP_WIDGET] =
    g_param_spec_object ("widget", NULL, NULL, GTK_TYPE_WIDGET, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_MESSAGE] =
    g_signal_new ("message", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
wsi_connection_actions_init (WsiConnectionActions *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);

  self->subject_signals = g_signal_group_new (WSI_TYPE_CONNECTION);
  g_signal_group_connect_swapped (self->subject_signals, "notify::state",
                                  G_CALLBACK (wsi_connection_actions_update), self);
  g_signal_group_connect_swapped (self->subject_signals, "notify::paused",
                                  G_CALLBACK (wsi_connection_actions_update), self);
  g_signal_group_connect_swapped (self->subject_signals, "notify::attached",
                                  G_CALLBACK (wsi_connection_actions_update), self);

  self->source_signals = g_signal_group_new (WSI_TYPE_SOURCE);
  g_signal_group_connect_swapped (self->source_signals, "notify::attached",
                                  G_CALLBACK (wsi_connection_actions_update), self);
  g_signal_group_connect_swapped (self->source_signals, "notify::can-control",
                                  G_CALLBACK (wsi_connection_actions_update), self);

  wsi_connection_actions_update (self);
}

WsiConnectionActions *
wsi_connection_actions_new (GtkWidget *widget)
{
  return g_object_new (WSI_TYPE_CONNECTION_ACTIONS, "widget", widget, NULL);
}

WsiConnection *
wsi_connection_actions_get_subject (WsiConnectionActions *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_ACTIONS (self), NULL);

  return self->subject;
}

void
wsi_connection_actions_set_subject (WsiConnectionActions *self,
                                    WsiConnection        *subject)
{
  g_return_if_fail (WSI_IS_CONNECTION_ACTIONS (self));

  if (!g_set_object (&self->subject, subject))
    return;

  g_signal_group_set_target (self->subject_signals, subject);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUBJECT]);
  wsi_connection_actions_update (self);
}

WsiSource *
wsi_connection_actions_get_source (WsiConnectionActions *self)
{
  g_return_val_if_fail (WSI_IS_CONNECTION_ACTIONS (self), NULL);

  return self->source;
}

void
wsi_connection_actions_set_source (WsiConnectionActions *self,
                                   WsiSource            *source)
{
  g_return_if_fail (WSI_IS_CONNECTION_ACTIONS (self));

  if (!g_set_object (&self->source, source))
    return;

  g_signal_group_set_target (self->source_signals, source);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);
  wsi_connection_actions_update (self);
}
