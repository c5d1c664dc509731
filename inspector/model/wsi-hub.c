/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-hub.h"

/**
 * WsiHub:
 *
 * The sources there are, and the door through which new ones come.
 */
struct _WsiHub
{
  GObject parent_instance;

  GPtrArray *sources; /* (owned) (element-type WsiSource) */
};

static void wsi_hub_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (WsiHub, wsi_hub, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, wsi_hub_list_model_init))

static GType
wsi_hub_get_item_type (GListModel *model)
{
  return WSI_TYPE_SOURCE;
}

static guint
wsi_hub_get_n_items (GListModel *model)
{
  return WSI_HUB (model)->sources->len;
}

static gpointer
wsi_hub_get_item (GListModel *model,
                  guint       position)
{
  WsiHub *self = WSI_HUB (model);

  if (position >= self->sources->len)
    return NULL;

  return g_object_ref (self->sources->pdata[position]);
}

static void
wsi_hub_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = wsi_hub_get_item_type;
  interface->get_n_items = wsi_hub_get_n_items;
  interface->get_item = wsi_hub_get_item;
}

/* Whether the second is a new life of the first. */
static gboolean
wsi_hub_is_successor (WsiSource *gone,
                      WsiSource *source)
{
  const char *application_id = wsi_source_get_application_id (source);

  if (wsi_source_get_attached (gone) ||
      wsi_source_get_kind (gone) == WSI_SOURCE_KIND_RECORDING ||
      wsi_source_get_kind (gone) != wsi_source_get_kind (source))
    return FALSE;

  if (application_id != NULL)
    return g_strcmp0 (wsi_source_get_application_id (gone), application_id) == 0;

  return (wsi_source_get_application_id (gone) == NULL &&
          g_str_equal (wsi_source_get_title (gone), wsi_source_get_title (source)));
}

static void
wsi_hub_dispose (GObject *object)
{
  WsiHub *self = WSI_HUB (object);

  for (guint i = 0; i < self->sources->len; i++)
    wsi_source_detach (self->sources->pdata[i]);
  g_ptr_array_set_size (self->sources, 0);

  G_OBJECT_CLASS (wsi_hub_parent_class)->dispose (object);
}

static void
wsi_hub_finalize (GObject *object)
{
  WsiHub *self = WSI_HUB (object);

  g_ptr_array_unref (self->sources);

  G_OBJECT_CLASS (wsi_hub_parent_class)->finalize (object);
}

static void
wsi_hub_class_init (WsiHubClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_hub_dispose;
  object_class->finalize = wsi_hub_finalize;
}

static void
wsi_hub_init (WsiHub *self)
{
  self->sources = g_ptr_array_new_with_free_func (g_object_unref);
}

WsiHub *
wsi_hub_new (void)
{
  return g_object_new (WSI_TYPE_HUB, NULL);
}

void
wsi_hub_add (WsiHub    *self,
             WsiSource *source)
{
  g_return_if_fail (WSI_IS_HUB (self));
  g_return_if_fail (WSI_IS_SOURCE (source));
  g_return_if_fail (!g_ptr_array_find (self->sources, source, NULL));

  for (guint i = 0; i < self->sources->len; i++)
    {
      if (!wsi_hub_is_successor (self->sources->pdata[i], source))
        continue;

      g_object_unref (self->sources->pdata[i]);
      self->sources->pdata[i] = g_object_ref (source);
      g_list_model_items_changed (G_LIST_MODEL (self), i, 1, 1);
      return;
    }

  g_ptr_array_add (self->sources, g_object_ref (source));
  g_list_model_items_changed (G_LIST_MODEL (self), self->sources->len - 1, 0, 1);
}

/* Ends its connection too. */
void
wsi_hub_dismiss (WsiHub    *self,
                 WsiSource *source)
{
  g_autoptr (WsiSource) dismissed = NULL;
  guint position;

  g_return_if_fail (WSI_IS_HUB (self));
  g_return_if_fail (WSI_IS_SOURCE (source));

  if (!g_ptr_array_find (self->sources, source, &position))
    return;

  dismissed = g_object_ref (source);
  g_ptr_array_remove_index (self->sources, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
  wsi_source_detach (dismissed);
}
