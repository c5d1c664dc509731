/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-own-pool.h"

#include <configuration.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <headers.h>
#include <writer.h>

#include "wsi-faults.h"

/*
 * The Inspector's own connections, looked at over the same protocol as those of others.
 *
 * They are kept in a file that `wsmulti watch --config` reads too.
 */

/* What a message viewer can still show in a piece. */
#define PAYLOAD_CAPTURE (64 * 1024)

struct _WsiOwnPool
{
  GObject parent_instance;

  WsmPool *pool;         /* (owned) */
  WsmExporter *exporter; /* (owned) */
  WsiSource *source;     /* (owned) */

  char *path;            /* (owned) (nullable) */
  GSource *save_source;  /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE (WsiOwnPool, wsi_own_pool, G_TYPE_OBJECT)

static GQuark
wsi_own_pool_kept_quark (void)
{
  return g_quark_from_static_string ("wsi-own-pool-kept");
}

static gboolean
wsi_own_pool_is_kept (WsmConnection *connection)
{
  return g_object_get_qdata (G_OBJECT (connection), wsi_own_pool_kept_quark ()) != NULL;
}

static gboolean
wsi_own_pool_write (WsiOwnPool  *self,
                    const char  *path,
                    gboolean     only_kept,
                    GError     **error)
{
  g_autoptr (GKeyFile) key_file = g_key_file_new ();
  GListModel *connections = G_LIST_MODEL (self->pool);

  for (guint i = 0; i < g_list_model_get_n_items (connections); i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (connections, i);
      g_autofree char *group = NULL;

      if (!only_kept || wsi_own_pool_is_kept (connection))
        group = wsm_ini_writer_add (key_file, connection);
    }

  return wsm_ini_writer_save (key_file, path, error);
}

static void
wsi_own_pool_save (WsiOwnPool *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_path_get_dirname (self->path);

  g_mkdir_with_parents (folder, 0700);
  if (!wsi_own_pool_write (self, self->path, TRUE, &error))
    g_message ("The connections could not be kept: %s", error->message);
}

static gboolean
wsi_own_pool_save_cb (gpointer user_data)
{
  WsiOwnPool *self = user_data;

  g_clear_pointer (&self->save_source, g_source_unref);
  wsi_own_pool_save (self);

  return G_SOURCE_REMOVE;
}

static void
wsi_own_pool_save_soon (WsiOwnPool *self)
{
  if (self->path == NULL || self->save_source != NULL)
    return;

  self->save_source = g_idle_source_new ();
  g_source_set_static_name (self->save_source, "[wsi] keep connections");
  g_source_set_callback (self->save_source, wsi_own_pool_save_cb, self, NULL);
  g_source_attach (self->save_source, NULL);
}

static void
wsi_own_pool_dispose (GObject *object)
{
  WsiOwnPool *self = WSI_OWN_POOL (object);

  if (self->save_source != NULL)
    {
      g_source_destroy (self->save_source);
      g_clear_pointer (&self->save_source, g_source_unref);
      wsi_own_pool_save (self);
    }

  g_clear_object (&self->source);
  g_clear_object (&self->exporter);
  g_clear_object (&self->pool);

  G_OBJECT_CLASS (wsi_own_pool_parent_class)->dispose (object);
}

static void
wsi_own_pool_finalize (GObject *object)
{
  WsiOwnPool *self = WSI_OWN_POOL (object);

  g_free (self->path);

  G_OBJECT_CLASS (wsi_own_pool_parent_class)->finalize (object);
}

static void
wsi_own_pool_class_init (WsiOwnPoolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_own_pool_dispose;
  object_class->finalize = wsi_own_pool_finalize;
}

static void
wsi_own_pool_init (WsiOwnPool *self)
{
  self->pool = wsm_pool_new ();
  wsi_faults_prepare_pool (self->pool);
  self->exporter = g_object_new (WSM_TYPE_EXPORTER,
                                 "pool", self->pool,
                                 "name", _("This Inspector"),
                                 "allow-control", TRUE,
                                 "payload-capture", PAYLOAD_CAPTURE,
                                 "announce", FALSE,
                                 NULL);
}

static void
wsi_own_pool_attach (WsiOwnPool *self,
                     WsiHub     *hub)
{
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  GVariantDict about;

  stream = wsm_exporter_connect_client (self->exporter, &error);
  if (stream == NULL)
    {
      g_warning ("The own connections cannot be shown: %s", error->message);
      return;
    }

  g_variant_dict_init (&about, NULL);
  g_variant_dict_insert (&about, "name", "s", _("This Inspector"));
  self->source = g_object_ref (wsi_hub_add_stream (hub, stream, g_variant_dict_end (&about),
                                                   WSI_SOURCE_KIND_OWN));
}

WsiOwnPool *
wsi_own_pool_new (WsiHub     *hub,
                  const char *path)
{
  WsiOwnPool *self = g_object_new (WSI_TYPE_OWN_POOL, NULL);

  self->path = g_strdup (path);
  wsi_own_pool_attach (self, hub);

  return self;
}

WsmPool *
wsi_own_pool_get_pool (WsiOwnPool *self)
{
  g_return_val_if_fail (WSI_IS_OWN_POOL (self), NULL);

  return self->pool;
}

WsiSource *
wsi_own_pool_get_source (WsiOwnPool *self)
{
  g_return_val_if_fail (WSI_IS_OWN_POOL (self), NULL);

  return self->source;
}

/* Both lists are in the order in which the connections were added; the name is what a person may
 * have chosen freely, so it is not taken for granted. */
WsmConnection *
wsi_own_pool_lookup (WsiOwnPool    *self,
                     WsiConnection *row)
{
  GListModel *rows;
  WsmConnection *found;

  g_return_val_if_fail (WSI_IS_OWN_POOL (self), NULL);

  rows = self->source != NULL ? wsi_source_get_connections (self->source) : NULL;
  for (guint i = 0; row != NULL && rows != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (WsiConnection) other = g_list_model_get_item (rows, i);
      g_autoptr (WsmConnection) connection = NULL;

      if (other != row)
        continue;

      found = wsm_pool_lookup (self->pool, wsi_connection_get_name (row));
      connection = g_list_model_get_item (G_LIST_MODEL (self->pool), i);

      return found != NULL ? found : connection;
    }

  return NULL;
}

gboolean
wsi_own_pool_add (WsiOwnPool     *self,
                  WsmConnection  *connection,
                  gboolean        is_kept,
                  GError        **error)
{
  g_return_val_if_fail (WSI_IS_OWN_POOL (self), FALSE);
  g_return_val_if_fail (WSM_IS_CONNECTION (connection), FALSE);

  /* Its lines must be known from the first one on. */
  wsi_faults_get (connection);
  if (!wsm_pool_add_connection (self->pool, connection, error))
    return FALSE;

  if (is_kept)
    {
      g_object_set_qdata (G_OBJECT (connection), wsi_own_pool_kept_quark (), self);
      g_signal_connect_object (connection, "notify::heartbeat",
                               G_CALLBACK (wsi_own_pool_save_soon), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (connection, "notify::backoff",
                               G_CALLBACK (wsi_own_pool_save_soon), self, G_CONNECT_SWAPPED);
      wsi_own_pool_save_soon (self);
    }

  return wsm_connection_open (connection, error);
}

static WsmConnection *
wsi_own_pool_copy (WsmConnection *connection)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GArray) values = g_array_new (FALSE, TRUE, sizeof (GValue));
  g_autofree GParamSpec **pspecs = NULL;
  WsmConnection *copy;
  guint n_pspecs;

  g_array_set_clear_func (values, (GDestroyNotify) g_value_unset);
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (connection), &n_pspecs);
  for (guint i = 0; i < n_pspecs; i++)
    {
      GValue value = G_VALUE_INIT;

      if ((pspecs[i]->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE)
        continue;

      g_value_init (&value, pspecs[i]->value_type);
      g_object_get_property (G_OBJECT (connection), pspecs[i]->name, &value);
      g_ptr_array_add (names, (gpointer) pspecs[i]->name);
      g_array_append_val (values, value);
    }

  copy = WSM_CONNECTION (g_object_new_with_properties (WSM_TYPE_CONNECTION, names->len,
                                                       (const char **) names->pdata,
                                                       (const GValue *) (gpointer) values->data));
  wsm_ini_headers_set (copy, wsm_ini_headers_get (connection));

  return copy;
}

WsmConnection *
wsi_own_pool_remove (WsiOwnPool    *self,
                     WsmConnection *connection)
{
  WsmConnection *copy;

  g_return_val_if_fail (WSI_IS_OWN_POOL (self), NULL);
  g_return_val_if_fail (WSM_IS_CONNECTION (connection), NULL);

  copy = wsi_own_pool_copy (connection);
  if (wsi_own_pool_is_kept (connection))
    g_object_set_qdata (G_OBJECT (copy), wsi_own_pool_kept_quark (), self);
  wsm_pool_remove (self->pool, connection);
  wsi_own_pool_save_soon (self);

  return copy;
}

gboolean
wsi_own_pool_restore (WsiOwnPool     *self,
                      WsmConnection  *connection,
                      GError        **error)
{
  return wsi_own_pool_add (self, connection, wsi_own_pool_is_kept (connection), error);
}

gboolean
wsi_own_pool_import (WsiOwnPool  *self,
                     const char  *path,
                     guint       *n_added,
                     GError     **error)
{
  g_autoptr (WsmIniConfiguration) configuration = wsm_ini_configuration_new ();
  g_autoptr (GPtrArray) connections = NULL;

  g_return_val_if_fail (WSI_IS_OWN_POOL (self), FALSE);

  if (!wsm_ini_configuration_load (configuration, path, error))
    return FALSE;

  connections = wsm_ini_configuration_read (configuration, self->pool, error);
  if (connections == NULL)
    return FALSE;

  for (guint i = 0; i < connections->len; i++)
    {
      if (!wsi_own_pool_add (self, g_ptr_array_index (connections, i), TRUE, error))
        return FALSE;
    }

  if (n_added != NULL)
    *n_added = connections->len;

  return TRUE;
}

/* The first name that is free: what was kept before must not be lost for a second one. */
static char *
wsi_own_pool_choose_aside (WsiOwnPool *self)
{
  char *aside = g_strconcat (self->path, ".broken", NULL);

  for (guint number = 2; g_file_test (aside, G_FILE_TEST_EXISTS); number++)
    {
      g_free (aside);
      aside = g_strdup_printf ("%s.broken-%u", self->path, number);
    }

  return aside;
}

gboolean
wsi_own_pool_load (WsiOwnPool  *self,
                   GError     **error)
{
  g_autofree char *aside = NULL;
  g_autofree char *contents = NULL;
  g_autoptr (GError) local_error = NULL;
  gsize length = 0;

  g_return_val_if_fail (WSI_IS_OWN_POOL (self), FALSE);

  /* None yet, or all were removed. */
  if (self->path == NULL || !g_file_test (self->path, G_FILE_TEST_EXISTS) ||
      (g_file_get_contents (self->path, &contents, &length, NULL) && length == 0))
    return TRUE;

  if (wsi_own_pool_import (self, self->path, NULL, &local_error))
    return TRUE;

  aside = wsi_own_pool_choose_aside (self);
  if (g_rename (self->path, aside) != 0)
    {
      /* It cannot be kept aside, so it must not be written either. */
      g_clear_pointer (&self->path, g_free);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  g_set_error (error, local_error->domain, local_error->code,
               /* Translators: the first %s is what is wrong, the second the name of a file */
               _("Your connections could not be read: %s. The file was kept as %s."),
               local_error->message, aside);

  return FALSE;
}

gboolean
wsi_own_pool_export (WsiOwnPool  *self,
                     const char  *path,
                     GError     **error)
{
  g_return_val_if_fail (WSI_IS_OWN_POOL (self), FALSE);

  return wsi_own_pool_write (self, path, FALSE, error);
}
