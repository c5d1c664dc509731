/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-notifier.h"

#include <glib/gi18n-lib.h>

/*
 * Tells the desktop when a connection is lost and when it is back, for those that were asked for
 * by name.
 *
 * A name means the same connection in the next run too, which an id does not.
 */

struct _WsiNotifier
{
  GObject parent_instance;

  GListModel *hub;     /* (owned) */
  GSettings *settings; /* (owned) (nullable) */
  GHashTable *names;   /* (owned) (element-type utf8): a set */

  GPtrArray *sources;  /* (owned) (element-type WsiSource): whose rows are followed */
  GHashTable *watches; /* (owned) (element-type WsiConnection WsiNotifierWatch) */
};

/* What is remembered of a connection that was asked for. */
typedef struct
{
  WsiNotifier *notifier;     /* (unowned) */
  WsiConnection *connection; /* (owned) */
  gulong state_handler;

  gboolean was_open;
  gboolean is_lost;
} WsiNotifierWatch;

typedef enum
{
  SIGNAL_NOTIFY_USER,
  N_SIGNALS,
} WsiNotifierSignal;

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiNotifier, wsi_notifier, G_TYPE_OBJECT)

static void
wsi_notifier_watch_free (gpointer data)
{
  WsiNotifierWatch *watch = data;

  g_signal_handler_disconnect (watch->connection, watch->state_handler);
  g_object_unref (watch->connection);
  g_free (watch);
}

static void
wsi_notifier_send (WsiNotifier   *self,
                   WsiConnection *connection,
                   const char    *title,
                   const char    *body,
                   gboolean       is_lost)
{
  const char *name = wsi_connection_get_name (connection);
  g_autoptr (GNotification) notification = g_notification_new (title);
  g_autofree char *id = g_strconcat ("connection-", name, NULL);

  if (body != NULL && *body != '\0')
    g_notification_set_body (notification, body);
  if (is_lost)
    g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_notification_set_default_action_and_target (notification, "app.show-connection", "s", name);
  g_signal_emit (self, signals[SIGNAL_NOTIFY_USER], 0, id, notification);
}

/* Lost is what was open and is not, whether it will be tried again or not; to miss a beat or two
 * is not yet that. */
static void
wsi_notifier_connection_state_cb (WsiConnection *connection,
                                  GParamSpec    *pspec,
                                  gpointer       user_data)
{
  WsiNotifierWatch *watch = user_data;
  const char *name = wsi_connection_get_name (connection);
  g_autofree char *title = NULL;

  switch (wsi_connection_get_state (connection))
    {
    case WSI_STATE_OPEN:
      if (watch->is_lost)
        {
          /* Translators: %s is the name of a connection */
          title = g_strdup_printf (_("%s Is Back"), name);
          watch->is_lost = FALSE;
          wsi_notifier_send (watch->notifier, connection, title, NULL, FALSE);
        }
      watch->was_open = TRUE;
      break;

    case WSI_STATE_WAITING:
    case WSI_STATE_FAILED:
      if (watch->was_open)
        {
          /* Translators: %s is the name of a connection */
          title = g_strdup_printf (_("%s Is Lost"), name);
          watch->was_open = FALSE;
          watch->is_lost = TRUE;
          wsi_notifier_send (watch->notifier, connection, title,
                             wsi_connection_get_reason (connection), TRUE);
        }
      break;

    case WSI_STATE_CLOSED:
      /* Somebody wanted it. */
      watch->was_open = FALSE;
      watch->is_lost = FALSE;
      break;

    case WSI_STATE_UNKNOWN:
    case WSI_STATE_IDLE:
    case WSI_STATE_CONNECTING:
    case WSI_STATE_SUSPECT:
    case WSI_STATE_CLOSING:
    default:
      break;
    }
}

static void
wsi_notifier_watch_connection (WsiNotifier   *self,
                               WsiConnection *connection)
{
  WsiNotifierWatch *watch;
  WsiState state = wsi_connection_get_state (connection);

  if (g_hash_table_contains (self->watches, connection))
    return;

  watch = g_new0 (WsiNotifierWatch, 1);
  watch->notifier = self;
  watch->connection = g_object_ref (connection);
  watch->was_open = state == WSI_STATE_OPEN || state == WSI_STATE_SUSPECT;
  watch->state_handler = g_signal_connect (connection, "notify::state",
                                           G_CALLBACK (wsi_notifier_connection_state_cb), watch);
  g_hash_table_insert (self->watches, connection, watch);
}

static void
wsi_notifier_look_at_rows (WsiNotifier *self,
                           GListModel  *rows,
                           guint        position,
                           guint        n_rows)
{
  if (g_hash_table_size (self->names) == 0)
    return;

  for (guint i = 0; i < n_rows; i++)
    {
      g_autoptr (WsiConnection) connection = g_list_model_get_item (rows, position + i);

      if (g_hash_table_contains (self->names, wsi_connection_get_name (connection)))
        wsi_notifier_watch_connection (self, connection);
    }
}

static gboolean
wsi_notifier_is_over (gpointer key,
                      gpointer value,
                      gpointer user_data)
{
  return !wsi_connection_get_attached (key);
}

static void
wsi_notifier_rows_changed_cb (GListModel *rows,
                              guint       position,
                              guint       n_removed,
                              guint       n_added,
                              gpointer    user_data)
{
  WsiNotifier *self = user_data;

  if (n_removed > 0)
    g_hash_table_foreach_remove (self->watches, wsi_notifier_is_over, NULL);
  wsi_notifier_look_at_rows (self, rows, position, n_added);
}

static void
wsi_notifier_look_at_all (WsiNotifier *self)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      GListModel *rows = wsi_source_get_connections (g_ptr_array_index (self->sources, i));

      wsi_notifier_look_at_rows (self, rows, 0, g_list_model_get_n_items (rows));
    }
}

static void
wsi_notifier_sources_changed_cb (WsiNotifier *self)
{
  g_autoptr (GPtrArray) sources = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (self->hub); i++)
    {
      WsiSource *source = g_list_model_get_item (self->hub, i);
      GListModel *rows = wsi_source_get_connections (source);

      g_ptr_array_add (sources, source);
      if (!g_ptr_array_find (self->sources, source, NULL))
        {
          g_signal_connect_object (rows, "items-changed",
                                   G_CALLBACK (wsi_notifier_rows_changed_cb), self, 0);
          wsi_notifier_look_at_rows (self, rows, 0, g_list_model_get_n_items (rows));
        }
    }

  g_ptr_array_unref (self->sources);
  self->sources = g_steal_pointer (&sources);
  g_hash_table_foreach_remove (self->watches, wsi_notifier_is_over, NULL);
}

static void
wsi_notifier_dispose (GObject *object)
{
  WsiNotifier *self = WSI_NOTIFIER (object);

  g_hash_table_remove_all (self->watches);
  g_ptr_array_set_size (self->sources, 0);
  g_clear_object (&self->hub);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (wsi_notifier_parent_class)->dispose (object);
}

static void
wsi_notifier_finalize (GObject *object)
{
  WsiNotifier *self = WSI_NOTIFIER (object);

  g_hash_table_unref (self->watches);
  g_hash_table_unref (self->names);
  g_ptr_array_unref (self->sources);

  G_OBJECT_CLASS (wsi_notifier_parent_class)->finalize (object);
}

static void
wsi_notifier_class_init (WsiNotifierClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_notifier_dispose;
  object_class->finalize = wsi_notifier_finalize;

  signals[SIGNAL_NOTIFY_USER] =
    g_signal_new ("notify-user", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                  NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_NOTIFICATION);
}

static void
wsi_notifier_init (WsiNotifier *self)
{
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->sources = g_ptr_array_new_with_free_func (g_object_unref);
  self->watches = g_hash_table_new_full (NULL, NULL, NULL, wsi_notifier_watch_free);
}

WsiNotifier *
wsi_notifier_new (WsiHub    *hub,
                  GSettings *settings)
{
  WsiNotifier *self = g_object_new (WSI_TYPE_NOTIFIER, NULL);

  self->hub = G_LIST_MODEL (g_object_ref (hub));
  if (settings != NULL)
    {
      g_auto (GStrv) names = g_settings_get_strv (settings, "notify");

      self->settings = g_object_ref (settings);
      for (gsize i = 0; names[i] != NULL; i++)
        g_hash_table_add (self->names, g_strdup (names[i]));
    }
  g_signal_connect_object (hub, "items-changed",
                           G_CALLBACK (wsi_notifier_sources_changed_cb), self, G_CONNECT_SWAPPED);
  wsi_notifier_sources_changed_cb (self);

  return self;
}

gboolean
wsi_notifier_get_enabled (WsiNotifier *self,
                          const char  *name)
{
  g_return_val_if_fail (WSI_IS_NOTIFIER (self), FALSE);

  return g_hash_table_contains (self->names, name);
}

static gboolean
wsi_notifier_is_not_wanted (gpointer key,
                            gpointer value,
                            gpointer user_data)
{
  return !wsi_notifier_get_enabled (user_data, wsi_connection_get_name (key));
}

static int
wsi_notifier_compare (gconstpointer a,
                      gconstpointer b)
{
  return g_strcmp0 (*(const char * const *) a, *(const char * const *) b);
}

static void
wsi_notifier_keep (WsiNotifier *self)
{
  g_autofree char **names = NULL;
  guint n_names;

  if (self->settings == NULL)
    return;

  names = (char **) g_hash_table_get_keys_as_array (self->names, &n_names);
  qsort (names, n_names, sizeof (char *), wsi_notifier_compare);
  g_settings_set_strv (self->settings, "notify", (const char * const *) names);
}

void
wsi_notifier_set_enabled (WsiNotifier *self,
                          const char  *name,
                          gboolean     enabled)
{
  g_return_if_fail (WSI_IS_NOTIFIER (self));

  if (wsi_notifier_get_enabled (self, name) == enabled)
    return;

  if (enabled)
    {
      g_hash_table_add (self->names, g_strdup (name));
      wsi_notifier_look_at_all (self);
    }
  else
    {
      g_autofree char *kept = g_strdup (name);

      g_hash_table_remove (self->names, kept);
      g_hash_table_foreach_remove (self->watches, wsi_notifier_is_not_wanted, self);
    }
  wsi_notifier_keep (self);
}
