/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-demo.h"

#include <wsm-echo.h>

/*
 * A server in this program, four of whose five paths misbehave.
 *
 * So there is something alive to see without any network. It listens on the loopback interface
 * only, on the same port each time it is started in one run, so that its connections find it
 * again. They are not kept across runs.
 */

/* Short, so that one does not wait long to see what happens. */
#define INTERVAL_MS 2000
#define TIMEOUT_MS 1500
#define MAX_MISSED 2

typedef struct
{
  const char *path;
  const char *property; /* (nullable): of WsmEchoPath */
  guint value;
} WsiDemoPath;

static const WsiDemoPath paths[] =
{
  { "/healthy", NULL, 0 },
  { "/slow", "late", 400 },
  { "/mute", "mute-after", 15000 },
  { "/drop", "drop-after", 6 },
  { "/refuse", "refuse", 503 },
};

struct _WsiDemo
{
  GObject parent_instance;

  WsiOwnPool *own_pool;  /* (owned) */
  WsmEchoServer *server; /* (owned) */
};

typedef enum
{
  PROP_RUNNING = 1,
} WsiDemoProperty;

static GParamSpec *properties[PROP_RUNNING + 1];

G_DEFINE_FINAL_TYPE (WsiDemo, wsi_demo, G_TYPE_OBJECT)

static void
wsi_demo_dispose (GObject *object)
{
  WsiDemo *self = WSI_DEMO (object);

  if (self->server != NULL)
    wsm_echo_server_stop (self->server);
  g_clear_object (&self->server);
  g_clear_object (&self->own_pool);

  G_OBJECT_CLASS (wsi_demo_parent_class)->dispose (object);
}

static void
wsi_demo_get_property (GObject    *object,
                       guint       prop_id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  switch ((WsiDemoProperty) prop_id)
    {
    case PROP_RUNNING:
      g_value_set_boolean (value, wsi_demo_get_running (WSI_DEMO (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_demo_class_init (WsiDemoClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_demo_dispose;
  object_class->get_property = wsi_demo_get_property;

  properties[PROP_RUNNING] =
    g_param_spec_boolean ("running", NULL, NULL, FALSE,
                          (GParamFlags) (G_PARAM_READABLE |
                                         G_PARAM_EXPLICIT_NOTIFY |
                                         G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_demo_init (WsiDemo *self)
{
  self->server = wsm_echo_server_new ();
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      WsmEchoPath *path = wsm_echo_server_add_path (self->server, paths[i].path);

      if (paths[i].property != NULL)
        g_object_set (path, paths[i].property, paths[i].value, NULL);
    }
}

static gboolean
wsi_demo_add_connection (WsiDemo      *self,
                         const char   *path,
                         WsmHeartbeat *heartbeat,
                         GError      **error)
{
  g_autofree char *uri = wsm_echo_server_dup_uri (self->server, path);
  g_autoptr (WsmConnection) connection = NULL;

  connection = g_object_new (WSM_TYPE_CONNECTION,
                             "name", path,
                             "uri", uri,
                             "heartbeat", heartbeat,
                             NULL);

  return wsi_own_pool_add (self->own_pool, connection, FALSE, error);
}

WsiDemo *
wsi_demo_new (WsiOwnPool *own_pool)
{
  WsiDemo *self = g_object_new (WSI_TYPE_DEMO, NULL);

  self->own_pool = g_object_ref (own_pool);

  return self;
}

gboolean
wsi_demo_get_running (WsiDemo *self)
{
  g_return_val_if_fail (WSI_IS_DEMO (self), FALSE);

  return wsm_echo_server_get_running (self->server);
}

gboolean
wsi_demo_start (WsiDemo  *self,
                GError  **error)
{
  g_autoptr (WsmHeartbeat) heartbeat = NULL;

  g_return_val_if_fail (WSI_IS_DEMO (self), FALSE);

  if (!wsi_demo_get_running (self))
    {
      if (!wsm_echo_server_start (self->server, error))
        return FALSE;

      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
    }

  heartbeat = g_object_new (WSM_TYPE_HEARTBEAT,
                            "interval", INTERVAL_MS,
                            "timeout", TIMEOUT_MS,
                            "max-missed", MAX_MISSED,
                            "idle-only", FALSE,
                            NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      WsmPool *pool = wsi_own_pool_get_pool (self->own_pool);

      if (wsm_pool_lookup (pool, paths[i].path) == NULL &&
          !wsi_demo_add_connection (self, paths[i].path, heartbeat, error))
        return FALSE;
    }

  return TRUE;
}

void
wsi_demo_stop (WsiDemo *self)
{
  g_return_if_fail (WSI_IS_DEMO (self));

  if (!wsi_demo_get_running (self))
    return;

  wsm_echo_server_stop (self->server);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUNNING]);
}
