/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "exhibition.h"

#include "wsm-connection-private.h"

void
exhibition_set_up (Exhibition    *exhibition,
                   gconstpointer  data)
{
  exhibition->world = wsm_test_world_new (1);
  exhibition->exporter = g_object_new (WSM_TYPE_EXPORTER,
                                       "pool", exhibition->world->pool,
                                       "name", "Test",
                                       "announce", FALSE,
                                       NULL);
  exhibition->inspector = inspector_client_new (exhibition->exporter, exhibition->world->context);
}

void
exhibition_set_up_with_control (Exhibition    *exhibition,
                                gconstpointer  data)
{
  exhibition->world = wsm_test_world_new (1);
  exhibition->exporter = g_object_new (WSM_TYPE_EXPORTER,
                                       "pool", exhibition->world->pool,
                                       "announce", FALSE,
                                       "allow-control", TRUE,
                                       NULL);
  exhibition->inspector = inspector_client_new (exhibition->exporter, exhibition->world->context);
}

void
exhibition_tear_down (Exhibition    *exhibition,
                      gconstpointer  data)
{
  g_clear_pointer (&exhibition->inspector, inspector_client_free);
  g_assert_finalize_object (g_steal_pointer (&exhibition->exporter));
  wsm_test_world_free (exhibition->world);
}

void
exhibition_watch (Exhibition *exhibition,
                  guint       interval,
                  guint64     first,
                  guint       count)
{
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (exhibition->inspector, "Watch",
                                 g_variant_new ("(utu)", interval, first, count), NULL);
  wsm_test_world_run_ms (exhibition->world, 0);
  inspector_client_settle (exhibition->inspector);
}

void
exhibition_run_ms (Exhibition *exhibition,
                   gint64      duration_ms)
{
  wsm_test_world_run_ms (exhibition->world, duration_ms);
  inspector_client_settle (exhibition->inspector);
}

char *
exhibition_take_ids (Exhibition *exhibition,
                     guint       argument)
{
  g_autoptr (GVariant) changed = inspector_client_take (exhibition->inspector, "Changed");
  g_autoptr (GVariant) rows = NULL;
  GString *ids = g_string_new (NULL);

  if (changed == NULL)
    return g_string_free (ids, FALSE);
  if (argument == EXHIBITION_FIGURES)
    rows = inspector_client_unpack_figures (changed);
  else
    rows = g_variant_get_child_value (changed, argument);
  for (gsize i = 0; i < g_variant_n_children (rows); i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      guint64 id = 0;

      if (g_variant_is_of_type (row, G_VARIANT_TYPE_UINT64))
        id = g_variant_get_uint64 (row);
      else if (g_variant_is_of_type (row, G_VARIANT_TYPE_VARDICT))
        g_variant_lookup (row, "id", "t", &id);
      else
        g_variant_get_child (row, 0, "t", &id);
      g_string_append_printf (ids, "%" G_GUINT64_FORMAT " ", id);
    }

  return g_string_free (ids, FALSE);
}

void
exhibition_forget_signals (Exhibition *exhibition)
{
  g_ptr_array_set_size (exhibition->inspector->signals, 0);
}

GVariant *
exhibition_get_row (Exhibition    *exhibition,
                    WsmConnection *connection)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) rows = NULL;

  reply = inspector_client_call (exhibition->inspector, "GetConnections",
                                 g_variant_new ("(tu)", wsm_connection_get_id (connection), 1),
                                 NULL);
  rows = g_variant_get_child_value (reply, 0);
  g_assert_cmpuint (g_variant_n_children (rows), ==, 1);

  return g_variant_get_child_value (rows, 0);
}

void
exhibition_follow (Exhibition  *exhibition,
                   guint64      id,
                   gboolean     frames,
                   guint        payload)
{
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (exhibition->inspector, "Follow",
                                 g_variant_new ("(tbu)", id, frames, payload), NULL);
}
