/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-source-internal.h"

#include "wsi-connection-private.h"
#include "wsi-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

void
wsi_source_set_text (WsiSource          *self,
                     char              **field,
                     const char         *text,
                     WsiSourceProperty   prop_id)
{
  g_autofree char *clean = text != NULL ? wsi_text_clean (text, WSI_TEXT_MAX_NAME) : NULL;

  if (g_strcmp0 (*field, clean) == 0)
    return;

  g_free (*field);
  *field = g_steal_pointer (&clean);
  wsi_source_notify (self, prop_id);
}

/* The best name that is told, if it is a name at all. */
static char *
wsi_source_dup_title (GVariant *about)
{
  static const char *const keys[] = { "name", "program", "application-id", "sandbox" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *title = NULL;
      const char *said;

      if (!g_variant_lookup (about, keys[i], "&s", &said))
        continue;

      title = g_strstrip (wsi_text_clean (said, WSI_TEXT_MAX_NAME));
      if (*title != '\0')
        return g_steal_pointer (&title);
    }

  /* Translators: stands for the name of a program that does not tell it. */
  return g_strdup (_("Unknown Program"));
}

/* NULL if what is told is none: it also names an icon. */
static const char *
wsi_source_get_told_application_id (GVariant *about)
{
  static const char *const keys[] = { "application-id", "sandbox" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *said;

      if (g_variant_lookup (about, keys[i], "&s", &said) && g_application_id_is_valid (said))
        return said;
    }

  return NULL;
}

void
wsi_source_apply_about (WsiSource *self,
                        GVariant  *about)
{
  g_autofree char *name = wsi_source_dup_title (about);
  g_autofree char *title = NULL;
  const char *application_id = wsi_source_get_told_application_id (about);
  const char *sandbox;
  guint32 pid = 0;
  guint32 pool = 1;

  g_variant_lookup (about, "pool", "u", &pool);
  self->pool = MAX (pool, 1);
  title = self->pool > 1 ? g_strdup_printf ("%s (%u)", name, self->pool) : g_strdup (name);
  wsi_source_set_text (self, &self->title, title, PROP_TITLE);
  wsi_source_set_text (self, &self->application_id, application_id, PROP_APPLICATION_ID);
  wsi_source_set_text (self, &self->icon_name, application_id, PROP_ICON_NAME);
  /* Each sandbox counts its processes anew: a number from in there names another one out here. */
  if (!g_variant_lookup (about, "sandbox", "&s", &sandbox))
    g_variant_lookup (about, "pid", "u", &pid);
  if (self->pid != pid)
    {
      self->pid = pid;
      wsi_source_notify (self, PROP_PID);
    }
}

void
wsi_source_apply_summary (WsiSource *self,
                          GVariant  *summary)
{
  guint32 payload_capture = 0;
  gboolean can_control = FALSE;
  guint32 counts[WSI_SOURCE_N_COUNTS];

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (summary, G_VARIANT_TYPE_VARDICT));

  g_variant_lookup (summary, "control", "b", &can_control);
  g_variant_lookup (summary, "payload-capture", "u", &payload_capture);

  g_object_freeze_notify (G_OBJECT (self));
  /* Who attached it knows better what it is: the summary is of the same program. */
  if (self->kind == WSI_SOURCE_KIND_APP)
    wsi_source_apply_about (self, summary);
  if (self->can_control != can_control)
    {
      self->can_control = can_control;
      wsi_source_notify (self, PROP_CAN_CONTROL);
    }
  if (self->payload_capture != payload_capture)
    {
      self->payload_capture = payload_capture;
      wsi_source_notify (self, PROP_PAYLOAD_CAPTURE);
    }
  if (g_variant_lookup (summary, "counts", "(uuuuu)",
                        &counts[0], &counts[1], &counts[2], &counts[3], &counts[4]))
    wsi_source_apply_counts (self, counts);
  wsi_source_update_following (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
wsi_source_apply_counts (WsiSource     *self,
                         const guint32 *counts)
{
  guint before[WSI_SOURCE_N_COUNTS];

  g_return_if_fail (WSI_IS_SOURCE (self));

  for (guint i = 0; i < WSI_SOURCE_N_COUNTS; i++)
    {
      before[i] = self->counts[i];
      self->counts[i] = counts[i];
    }

  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < WSI_SOURCE_N_COUNTS; i++)
    if (before[i] != self->counts[i])
      wsi_source_notify (self, PROP_N_CONNECTIONS + i);
  g_object_thaw_notify (G_OBJECT (self));
}

/* Rows that are there are updated, others added. */
void
wsi_source_apply_rows (WsiSource *self,
                       GVariant  *rows)
{
  g_autoptr (GPtrArray) added = NULL;
  g_autoptr (GHashTable) seen = NULL;
  gsize n;

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (rows, G_VARIANT_TYPE ("aa{sv}")));

  added = g_ptr_array_new_with_free_func (g_object_unref);
  seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  n = MIN (g_variant_n_children (rows), WSI_TABLE_CAPACITY);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      WsiConnection *connection;
      guint64 id;

      if (!g_variant_lookup (row, "id", "t", &id) || id == 0)
        continue;

      connection = wsi_table_find (self->connections, id, NULL);
      if (connection == NULL)
        connection = g_hash_table_lookup (seen, &id);
      if (connection == NULL)
        {
          connection = wsi_connection_new (id);
          wsi_connection_set_source (connection, self);
          wsi_connection_set_attached (connection, self->attached);
          g_ptr_array_add (added, connection);
          g_hash_table_insert (seen, g_memdup2 (&id, sizeof id), connection);
        }
      wsi_connection_apply_row (connection, row, self->offset_us);
    }

  if (added->len == 0)
    return;

  wsi_table_add_many (self->connections, added);
  wsi_source_update_window (self);
}

/* Takes over ay: row after row, wherever in memory they lie. */
void
wsi_source_apply_figures (WsiSource *self,
                          GVariant  *figures,
                          GArray    *missing)
{
  const char *rows;
  gsize n_bytes;

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (figures, G_VARIANT_TYPE_BYTESTRING));

  rows = g_variant_get_fixed_array (figures, &n_bytes, 1);
  for (gsize i = 0; i < n_bytes / sizeof (WsiFigures); i++)
    {
      WsiConnection *connection;
      WsiFigures row;

      memcpy (&row, rows + i * sizeof row, sizeof row);
      connection = wsi_table_find (self->connections, row.id, NULL);
      if ((connection == NULL ||
           !wsi_connection_apply_figures (connection, &row, self->offset_us)) &&
          missing != NULL && missing->len < WSI_TABLE_CAPACITY)
        g_array_append_val (missing, row.id);
    }
}

/* Takes over a(ts). */
void
wsi_source_apply_reasons (WsiSource *self,
                          GVariant  *reasons)
{
  GVariantIter iter;
  guint64 id;
  const char *reason;

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (reasons, G_VARIANT_TYPE ("a(ts)")));

  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(t&s)", &id, &reason))
    {
      WsiConnection *connection = wsi_table_find (self->connections, id, NULL);

      if (connection != NULL)
        wsi_connection_set_reason (connection, reason);
    }
}

/* Takes over at. */
void
wsi_source_apply_removed (WsiSource *self,
                          GVariant  *removed)
{
  g_autoptr (GPtrArray) gone = NULL;
  const guint64 *ids;
  gsize n;

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (removed, G_VARIANT_TYPE ("at")));

  gone = g_ptr_array_new_with_free_func (g_object_unref);
  ids = g_variant_get_fixed_array (removed, &n, sizeof (guint64));
  wsi_table_remove (self->connections, ids, n, gone);

  for (guint i = 0; i < gone->len; i++)
    {
      wsi_connection_set_source (gone->pdata[i], NULL);
      wsi_connection_set_attached (gone->pdata[i], FALSE);
    }
  if (gone->len > 0)
    wsi_source_update_window (self);
}

/* Counts the rows, where no pool does. */
void
wsi_source_count (WsiSource *self)
{
  guint32 counts[WSI_SOURCE_N_COUNTS] = { 0, };

  g_return_if_fail (WSI_IS_SOURCE (self));

  counts[0] = wsi_table_get_n (self->connections);
  for (guint i = 0; i < counts[0]; i++)
    {
      switch (wsi_connection_get_state (wsi_table_get (self->connections, i)))
        {
        case WSI_STATE_OPEN:
          counts[1]++;
          break;
        case WSI_STATE_SUSPECT:
          counts[2]++;
          break;
        case WSI_STATE_WAITING:
          counts[3]++;
          break;
        case WSI_STATE_FAILED:
          counts[4]++;
          break;
        case WSI_STATE_UNKNOWN:
        case WSI_STATE_IDLE:
        case WSI_STATE_CONNECTING:
        case WSI_STATE_CLOSING:
        case WSI_STATE_CLOSED:
        default:
          break;
        }
    }

  wsi_source_apply_counts (self, counts);
}
