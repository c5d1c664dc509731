/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-page.h"

#include <glib/gi18n-lib.h>
#include <libwsmulti.h>

#include "wsi-connection-actions.h"
#include "wsi-connection-list.h"
#include "wsi-connection-view.h"
#include "wsi-hub.h"
#include "wsi-widgets.h"

/**
 * WsiPage:
 *
 * The pools of this process, as a page of GTK's own inspector.
 *
 * They are seen like those of any other process, through an exporter and the protocol; it only
 * never leaves the process, so there is nothing that would have to be kept from it.
 */

/* What happened stands there long enough to be read. */
#define MESSAGE_SECONDS 6

struct _WsiPage
{
  GtkWidget parent_instance;

  GtkStack *stack;
  GtkBox *pool_box;
  GtkDropDown *pool_drop_down;
  WsiConnectionList *list;
  WsiConnectionView *view;
  WsiConnectionActions *actions;
  GtkRevealer *message_revealer;
  GtkLabel *message_label;

  WsiHub *hub;       /* (owned) */
  GListModel *pools; /* (owned) (nullable): while it is looked at */
  GPtrArray *shown;  /* (owned) (element-type WsiPagePool): in the order of the pools */
  guint n_ever_shown;
  gulong pools_handler_id;
  guint message_timeout_id;
  guint closed_id;
};

/* A pool while it is shown. */
typedef struct
{
  WsiHub *hub;           /* (unowned) */
  WsmExporter *exporter; /* (owned) */
  WsiSource *source;     /* (owned) (nullable) */
} WsiPagePool;

typedef enum
{
  PROP_TITLE = 1,
  PROP_OBJECT,
} WsiPageProperty;

static GParamSpec *properties[PROP_OBJECT + 1];

G_DEFINE_FINAL_TYPE (WsiPage, wsi_page, GTK_TYPE_WIDGET)

static void
wsi_page_pool_free (WsiPagePool *self)
{
  if (self->source != NULL)
    wsi_hub_dismiss (self->hub, self->source);
  g_clear_object (&self->source);
  g_object_unref (self->exporter);
  g_free (self);
}

static WsiPagePool *
wsi_page_show_pool (WsiPage *self,
                    WsmPool *pool)
{
  WsiPagePool *shown = g_new0 (WsiPagePool, 1);
  g_autoptr (GIOStream) stream = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  GVariantDict about;

  /* Translators: which one of several pools of connections in a program. */
  name = g_strdup_printf (_("Pool %u"), ++self->n_ever_shown);
  shown->hub = self->hub;
  shown->exporter = g_object_new (WSM_TYPE_EXPORTER,
                                  "pool", pool,
                                  "name", name,
                                  "allow-control", TRUE,
                                  "announce", FALSE,
                                  "payload-capture", G_MAXUINT,
                                  NULL);

  stream = wsm_exporter_connect_client (shown->exporter, &error);
  if (stream == NULL)
    {
      g_warning ("%s cannot be shown: %s", name, error->message);
      return shown;
    }

  g_variant_dict_init (&about, NULL);
  g_variant_dict_insert (&about, "name", "s", name);
  shown->source = wsi_hub_add_stream (self->hub, stream, g_variant_dict_end (&about),
                                      WSI_SOURCE_KIND_PROCESS);
  if (shown->source != NULL)
    g_object_ref (shown->source);

  return shown;
}

static void
wsi_page_update_stack (WsiPage *self)
{
  guint n_sources = g_list_model_get_n_items (G_LIST_MODEL (self->hub));

  gtk_stack_set_visible_child_name (self->stack, n_sources > 0 ? "pools" : "empty");
  gtk_widget_set_visible (GTK_WIDGET (self->pool_box), n_sources > 1);
}

static void
wsi_page_pools_changed_cb (GListModel *pools,
                           guint       position,
                           guint       n_removed,
                           guint       n_added,
                           WsiPage    *self)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (self->shown, position, n_removed);

  for (guint i = position; i < position + n_added; i++)
    {
      g_autoptr (WsmPool) pool = g_list_model_get_item (pools, i);

      g_ptr_array_insert (self->shown, (int) i, wsi_page_show_pool (self, pool));
    }
  wsi_page_update_stack (self);
}

/* Nothing of a pool is shown before somebody looks. */
static void
wsi_page_start (WsiPage *self)
{
  if (self->pools != NULL)
    return;

  self->pools = wsm_exporter_list_pools ();
  self->pools_handler_id = g_signal_connect (self->pools, "items-changed",
                                             G_CALLBACK (wsi_page_pools_changed_cb), self);
  wsi_page_pools_changed_cb (self->pools, 0, 0, g_list_model_get_n_items (self->pools), self);
}

static void
wsi_page_stop (WsiPage *self)
{
  if (self->pools == NULL)
    return;

  g_clear_signal_handler (&self->pools_handler_id, self->pools);
  g_clear_object (&self->pools);
  g_ptr_array_set_size (self->shown, 0);
  self->n_ever_shown = 0;
}

static gboolean
wsi_page_message_timeout_cb (gpointer user_data)
{
  WsiPage *self = user_data;

  self->message_timeout_id = 0;
  gtk_revealer_set_reveal_child (self->message_revealer, FALSE);

  return G_SOURCE_REMOVE;
}

static void
wsi_page_message_cb (WsiConnectionActions *actions,
                     const char           *message,
                     WsiPage              *self)
{
  gtk_label_set_label (self->message_label, message);
  gtk_revealer_set_reveal_child (self->message_revealer, TRUE);

  g_clear_handle_id (&self->message_timeout_id, g_source_remove);
  self->message_timeout_id = g_timeout_add_seconds (MESSAGE_SECONDS, wsi_page_message_timeout_cb,
                                                    self);
}

/* GTK's inspector has a display of its own, so that nothing of the program disturbs it, nor it
 * anything of the program. Before, its window does not know it yet. */
static void
wsi_page_realize (GtkWidget *widget)
{
  wsi_widgets_init_display (gtk_widget_get_display (widget));

  GTK_WIDGET_CLASS (wsi_page_parent_class)->realize (widget);
}

static void
wsi_page_map (GtkWidget *widget)
{
  wsi_page_start (WSI_PAGE (widget));

  GTK_WIDGET_CLASS (wsi_page_parent_class)->map (widget);
}

static gboolean
wsi_page_is_open (WsiPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return root != NULL && gtk_widget_get_visible (GTK_WIDGET (root));
}

static gboolean
wsi_page_closed_idle_cb (gpointer user_data)
{
  WsiPage *self = user_data;

  self->closed_id = 0;
  if (!wsi_page_is_open (self))
    wsi_page_stop (self);

  return G_SOURCE_REMOVE;
}

/* Another page of the inspector may be looked at for a while. It is over when the inspector is
 * closed, but not before its window has come to rest. */
static void
wsi_page_unmap (GtkWidget *widget)
{
  WsiPage *self = WSI_PAGE (widget);

  GTK_WIDGET_CLASS (wsi_page_parent_class)->unmap (widget);

  if (!wsi_page_is_open (self) && self->closed_id == 0)
    self->closed_id = g_idle_add (wsi_page_closed_idle_cb, self);
}

static void
wsi_page_dispose (GObject *object)
{
  WsiPage *self = WSI_PAGE (object);

  wsi_page_stop (self);
  g_clear_handle_id (&self->closed_id, g_source_remove);
  g_clear_handle_id (&self->message_timeout_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_PAGE);

  G_OBJECT_CLASS (wsi_page_parent_class)->dispose (object);
}

static void
wsi_page_finalize (GObject *object)
{
  WsiPage *self = WSI_PAGE (object);

  g_ptr_array_unref (self->shown);
  g_object_unref (self->hub);

  G_OBJECT_CLASS (wsi_page_parent_class)->finalize (object);
}

static void
wsi_page_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  switch ((WsiPageProperty) prop_id)
    {
    case PROP_TITLE:
      g_value_set_static_string (value, _("WebSockets"));
      break;
    case PROP_OBJECT:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_page_set_property (GObject      *object,
                       guint         prop_id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  switch ((WsiPageProperty) prop_id)
    {
    case PROP_OBJECT:
      /* The page is the same, whatever is chosen elsewhere. */
      break;
    case PROP_TITLE:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_page_class_init (WsiPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  /* The colours are for the inspector's own display, which is not known yet. */
  wsi_widgets_init_display (NULL);
  g_type_ensure (WSI_TYPE_CONNECTION_ACTIONS);
  g_type_ensure (WSI_TYPE_CONNECTION_LIST);
  g_type_ensure (WSI_TYPE_SOURCE);
  g_type_ensure (WSI_TYPE_CONNECTION_VIEW);

  object_class->dispose = wsi_page_dispose;
  object_class->finalize = wsi_page_finalize;
  object_class->get_property = wsi_page_get_property;
  object_class->set_property = wsi_page_set_property;
  widget_class->map = wsi_page_map;
  widget_class->realize = wsi_page_realize;
  widget_class->unmap = wsi_page_unmap;

  /**
   * WsiPage:title:
   *
   * What the inspector calls the page.
   */
  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL,
                         (G_PARAM_READABLE |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiPage:object:
   *
   * What is chosen in the inspector.
   */
  properties[PROP_OBJECT] =
    g_param_spec_object ("object", NULL, NULL, G_TYPE_OBJECT,
                         (G_PARAM_WRITABLE |
                          G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wsmulti/Inspector/page/wsi-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiPage, actions);
  gtk_widget_class_bind_template_child (widget_class, WsiPage, list);
  gtk_widget_class_bind_template_child (widget_class, WsiPage, message_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPage, message_revealer);
  gtk_widget_class_bind_template_child (widget_class, WsiPage, pool_box);
  gtk_widget_class_bind_template_child (widget_class, WsiPage, pool_drop_down);
  gtk_widget_class_bind_template_child (widget_class, WsiPage, stack);
  gtk_widget_class_bind_template_child (widget_class, WsiPage, view);
  gtk_widget_class_bind_template_callback (widget_class, wsi_page_message_cb);
}

static void
wsi_page_init (WsiPage *self)
{
  self->hub = wsi_hub_new ();
  self->shown = g_ptr_array_new_with_free_func ((GDestroyNotify) wsi_page_pool_free);

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_insert_action_group (GTK_WIDGET (self), "connection",
                                  G_ACTION_GROUP (self->actions));
  gtk_drop_down_set_model (self->pool_drop_down, G_LIST_MODEL (self->hub));
  wsi_page_update_stack (self);
}
