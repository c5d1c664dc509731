/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-own-actions.h"

#include <glib/gi18n-lib.h>

#include "wsi-faults.h"

/*
 * What the Inspector adds to what may be done to a connection, as an action group.
 */

struct _WsiOwnActions
{
  GSimpleActionGroup parent_instance;

  WsiOwnPool *own_pool;      /* (owned) */
  WsiNotifier *notifier;     /* (owned) */
  WsiConnection *subject;    /* (owned) (nullable) */
  WsmConnection *connection; /* (owned) (nullable): behind the subject, if it is ours */
  WsiFaults *faults;         /* (owned) (nullable): of that */

  gboolean disturbed;
};

typedef enum
{
  PROP_SUBJECT = 1,
  PROP_DISTURBED,
} WsiOwnActionsProperty;

static GParamSpec *properties[PROP_DISTURBED + 1];

typedef enum
{
  SIGNAL_REMOVED,
  N_SIGNALS,
} WsiOwnActionsSignal;

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiOwnActions, wsi_own_actions, G_TYPE_SIMPLE_ACTION_GROUP)

static void
wsi_own_actions_set_action (WsiOwnActions *self,
                            const char    *name,
                            gboolean       is_enabled,
                            GVariant      *state)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), name);

  g_simple_action_set_enabled (G_SIMPLE_ACTION (action), is_enabled);
  if (state != NULL)
    g_simple_action_set_state (G_SIMPLE_ACTION (action), state);
}

static void
wsi_own_actions_set_disturbed (WsiOwnActions *self,
                               gboolean       disturbed)
{
  if (self->disturbed == disturbed)
    return;

  self->disturbed = disturbed;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DISTURBED]);
}

static void
wsi_own_actions_update (WsiOwnActions *self)
{
  gboolean is_ours = self->connection != NULL;
  g_autofree char *delay = NULL;
  gboolean notifies;

  delay = g_strdup_printf ("%u", is_ours ? wsi_faults_get_delay (self->faults) : 0);
  notifies = self->subject != NULL &&
             wsi_notifier_get_enabled (self->notifier, wsi_connection_get_name (self->subject));

  wsi_own_actions_set_action (self, "remove", is_ours, NULL);
  wsi_own_actions_set_action (self, "notify", self->subject != NULL,
                              g_variant_new_boolean (notifies));
  wsi_own_actions_set_action (self, "drop-pongs",
                              is_ours && wsi_own_actions_get_objection (self) == NULL,
                              g_variant_new_boolean (is_ours &&
                                                     wsi_faults_get_drop_pongs (self->faults)));
  wsi_own_actions_set_action (self, "silent", is_ours,
                              g_variant_new_boolean (is_ours &&
                                                     wsi_faults_get_silent (self->faults)));
  wsi_own_actions_set_action (self, "delay", is_ours, g_variant_new_string (delay));
  wsi_own_actions_set_disturbed (self, is_ours && wsi_faults_get_active (self->faults));
}

static void
wsi_own_actions_remove (GSimpleAction *action,
                        GVariant      *parameter,
                        gpointer       user_data)
{
  WsiOwnActions *self = user_data;
  g_autoptr (WsmConnection) removed = NULL;

  removed = wsi_own_pool_remove (self->own_pool, self->connection);
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, removed);
}

static void
wsi_own_actions_change_notify (GSimpleAction *action,
                               GVariant      *value,
                               gpointer       user_data)
{
  WsiOwnActions *self = user_data;

  if (self->subject == NULL)
    return;

  wsi_notifier_set_enabled (self->notifier, wsi_connection_get_name (self->subject),
                            g_variant_get_boolean (value));
  wsi_own_actions_update (self);
}

static void
wsi_own_actions_change_drop_pongs (GSimpleAction *action,
                                   GVariant      *value,
                                   gpointer       user_data)
{
  WsiOwnActions *self = user_data;

  if (self->faults != NULL)
    wsi_faults_set_drop_pongs (self->faults, g_variant_get_boolean (value));
}

static void
wsi_own_actions_change_silent (GSimpleAction *action,
                               GVariant      *value,
                               gpointer       user_data)
{
  WsiOwnActions *self = user_data;

  if (self->faults != NULL)
    wsi_faults_set_silent (self->faults, g_variant_get_boolean (value));
}

/* A string, because a menu takes that without quotation marks. */
static void
wsi_own_actions_change_delay (GSimpleAction *action,
                              GVariant      *value,
                              gpointer       user_data)
{
  WsiOwnActions *self = user_data;
  guint64 delay;

  if (self->faults != NULL &&
      g_ascii_string_to_unsigned (g_variant_get_string (value, NULL), 10, 0, G_MAXUINT, &delay,
                                  NULL))
    wsi_faults_set_delay (self->faults, (guint) delay);
}

static const GActionEntry entries[] =
{
  { "remove", wsi_own_actions_remove, NULL, NULL, NULL, { 0 } },
  { "notify", NULL, NULL, "false", wsi_own_actions_change_notify, { 0 } },
  { "drop-pongs", NULL, NULL, "false", wsi_own_actions_change_drop_pongs, { 0 } },
  { "silent", NULL, NULL, "false", wsi_own_actions_change_silent, { 0 } },
  { "delay", NULL, "s", "'0'", wsi_own_actions_change_delay, { 0 } },
};

static void
wsi_own_actions_clear_connection (WsiOwnActions *self)
{
  if (self->faults != NULL)
    g_signal_handlers_disconnect_by_data (self->faults, self);
  g_clear_object (&self->faults);
  g_clear_object (&self->connection);
}

static void
wsi_own_actions_dispose (GObject *object)
{
  WsiOwnActions *self = WSI_OWN_ACTIONS (object);

  wsi_own_actions_clear_connection (self);
  g_clear_object (&self->subject);
  g_clear_object (&self->own_pool);
  g_clear_object (&self->notifier);

  G_OBJECT_CLASS (wsi_own_actions_parent_class)->dispose (object);
}

static void
wsi_own_actions_get_property (GObject    *object,
                              guint       prop_id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  WsiOwnActions *self = WSI_OWN_ACTIONS (object);

  switch ((WsiOwnActionsProperty) prop_id)
    {
    case PROP_SUBJECT:
      g_value_set_object (value, self->subject);
      break;
    case PROP_DISTURBED:
      g_value_set_boolean (value, self->disturbed);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_own_actions_set_property (GObject      *object,
                              guint         prop_id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  WsiOwnActions *self = WSI_OWN_ACTIONS (object);

  switch ((WsiOwnActionsProperty) prop_id)
    {
    case PROP_SUBJECT:
      wsi_own_actions_set_subject (self, g_value_get_object (value));
      break;
    case PROP_DISTURBED:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_own_actions_class_init (WsiOwnActionsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_own_actions_dispose;
  object_class->get_property = wsi_own_actions_get_property;
  object_class->set_property = wsi_own_actions_set_property;

  properties[PROP_SUBJECT] =
    g_param_spec_object ("subject", NULL, NULL, WSI_TYPE_CONNECTION,
                         (GParamFlags) (G_PARAM_READWRITE |
                                        G_PARAM_EXPLICIT_NOTIFY |
                                        G_PARAM_STATIC_STRINGS));
  properties[PROP_DISTURBED] =
    g_param_spec_boolean ("disturbed", NULL, NULL, FALSE,
                          (GParamFlags) (G_PARAM_READABLE |
                                         G_PARAM_EXPLICIT_NOTIFY |
                                         G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_REMOVED] =
    g_signal_new ("removed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 1, WSM_TYPE_CONNECTION);
}

static void
wsi_own_actions_init (WsiOwnActions *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

WsiOwnActions *
wsi_own_actions_new (WsiOwnPool  *own_pool,
                     WsiNotifier *notifier)
{
  WsiOwnActions *self = g_object_new (WSI_TYPE_OWN_ACTIONS, NULL);

  self->own_pool = g_object_ref (own_pool);
  self->notifier = g_object_ref (notifier);
  wsi_own_actions_update (self);

  return self;
}

WsiConnection *
wsi_own_actions_get_subject (WsiOwnActions *self)
{
  g_return_val_if_fail (WSI_IS_OWN_ACTIONS (self), NULL);

  return self->subject;
}

void
wsi_own_actions_set_subject (WsiOwnActions *self,
                             WsiConnection *subject)
{
  WsmConnection *connection;

  g_return_if_fail (WSI_IS_OWN_ACTIONS (self));

  if (!g_set_object (&self->subject, subject))
    return;

  wsi_own_actions_clear_connection (self);
  connection = wsi_own_pool_lookup (self->own_pool, subject);
  if (connection != NULL)
    {
      self->connection = g_object_ref (connection);
      self->faults = g_object_ref (wsi_faults_get (connection));
      g_signal_connect_swapped (self->faults, "notify", G_CALLBACK (wsi_own_actions_update), self);
    }

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SUBJECT]);
  wsi_own_actions_update (self);
}

const char *
wsi_own_actions_get_objection (WsiOwnActions *self)
{
  g_return_val_if_fail (WSI_IS_OWN_ACTIONS (self), NULL);

  if (self->connection == NULL)
    return _("Faults can be simulated on the Inspector’s own connections only.");
  if (g_ascii_strncasecmp (wsm_connection_get_uri (self->connection), "wss:", 4) == 0)
    return _("The connection is encrypted, so a pong cannot be told from other data.");

  return NULL;
}
