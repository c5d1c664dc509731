/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-calls.h"

#include "wsm-error.h"
#include "wsm-exporter-details.h"

/*
 * What can be called of io.github.wsmulti.Pool1.
 */

typedef void (*WsmExporterCall) (const WsmExhibit      *exhibit,
                                 WsmExporterWatch      *watch,
                                 GVariant              *parameters,
                                 GDBusMethodInvocation *invocation);

/*
 * wsm_exporter_find_row:
 *
 * Returns: (transfer none) (nullable): the connection; %NULL after answering that there is none
 */
WsmConnection *
wsm_exporter_find_row (const WsmExhibit      *exhibit,
                       GDBusMethodInvocation *invocation,
                       guint64                id)
{
  WsmConnection *connection = wsm_pool_find (exhibit->pool, id);

  if (connection == NULL)
    g_dbus_method_invocation_return_error (invocation, WSM_ERROR, WSM_ERROR_NOT_IN_POOL,
                                           "id: there is no connection %" G_GUINT64_FORMAT
                                           " in the pool", id);

  return connection;
}

static gboolean
wsm_exporter_check_range (GDBusMethodInvocation *invocation,
                          const char            *name,
                          guint                  value,
                          guint                  min,
                          guint                  max)
{
  if (value >= min && value <= max)
    return TRUE;
  g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS,
                                         "%s: %u is not from %u to %u", name, value, min, max);
  return FALSE;
}

static void
wsm_exporter_call_get_summary (const WsmExhibit      *exhibit,
                               WsmExporterWatch      *watch,
                               GVariant              *parameters,
                               GDBusMethodInvocation *invocation)
{
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(@a{sv})",
                                                        wsm_exporter_pack_summary (exhibit)));
}

static void
wsm_exporter_call_get_connections (const WsmExhibit      *exhibit,
                                   WsmExporterWatch      *watch,
                                   GVariant              *parameters,
                                   GDBusMethodInvocation *invocation)
{
  GVariant *rows;
  guint64 first;
  guint count;
  guint position;
  WsmConnection *last;

  g_variant_get (parameters, "(tu)", &first, &count);
  if (!wsm_exporter_check_range (invocation, "count", count, 1, WSM_EXPORTER_MAX_ROWS))
    return;

  rows = wsm_exporter_pack_rows (exhibit->pool, first, count);
  position = wsm_pool_find_position (exhibit->pool, first) + (guint) g_variant_n_children (rows);
  last = position > 0 ? wsm_pool_peek_nth (exhibit->pool, position - 1) : NULL;
  if (last != NULL)
    wsm_exporter_watch_note_given (watch, wsm_connection_get_id (last));
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@aa{sv})", rows));
}

static void
wsm_exporter_call_get_details (const WsmExhibit      *exhibit,
                               WsmExporterWatch      *watch,
                               GVariant              *parameters,
                               GDBusMethodInvocation *invocation)
{
  WsmConnection *connection;
  guint64 id;

  g_variant_get (parameters, "(t)", &id);
  connection = wsm_exporter_find_row (exhibit, invocation, id);
  if (connection == NULL)
    return;
  g_dbus_method_invocation_return_value (
    invocation,
    g_variant_new ("(@a{sv})", wsm_exporter_pack_details (exhibit, connection)));
}

static void
wsm_exporter_call_get_journal (const WsmExhibit      *exhibit,
                               WsmExporterWatch      *watch,
                               GVariant              *parameters,
                               GDBusMethodInvocation *invocation)
{
  WsmConnection *connection;
  guint64 id;
  guint64 after;

  g_variant_get (parameters, "(tt)", &id, &after);
  connection = wsm_exporter_find_row (exhibit, invocation, id);
  if (connection == NULL)
    return;
  g_dbus_method_invocation_return_value (
    invocation,
    g_variant_new ("(@a(txuuds))",
                   wsm_exporter_pack_journal (connection, after, WSM_JOURNAL_MAX_CAPACITY)));
}

static void
wsm_exporter_call_watch (const WsmExhibit      *exhibit,
                         WsmExporterWatch      *watch,
                         GVariant              *parameters,
                         GDBusMethodInvocation *invocation)
{
  guint interval_ms;
  guint64 first;
  guint count;

  g_variant_get (parameters, "(utu)", &interval_ms, &first, &count);
  if (!wsm_exporter_check_range (invocation, "interval", interval_ms,
                                 WSM_EXPORTER_MIN_INTERVAL_MS, WSM_EXPORTER_MAX_INTERVAL_MS))
    return;

  wsm_exporter_watch_start (watch, interval_ms, first, count);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
wsm_exporter_call_watch_rows (const WsmExhibit      *exhibit,
                              WsmExporterWatch      *watch,
                              GVariant              *parameters,
                              GDBusMethodInvocation *invocation)
{
  g_autoptr (GVariant) said = NULL;
  const guint64 *ids;
  gsize n_ids;
  guint interval_ms;

  g_variant_get (parameters, "(u@at)", &interval_ms, &said);
  ids = g_variant_get_fixed_array (said, &n_ids, sizeof (guint64));
  if (!wsm_exporter_check_range (invocation, "interval", interval_ms,
                                 WSM_EXPORTER_MIN_INTERVAL_MS, WSM_EXPORTER_MAX_INTERVAL_MS) ||
      !wsm_exporter_check_range (invocation, "number of ids", (guint) MIN (n_ids, G_MAXUINT),
                                 0, WSM_EXPORTER_MAX_CHOSEN))
    return;

  wsm_exporter_watch_start_rows (watch, interval_ms, ids, (guint) n_ids);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
wsm_exporter_call_unwatch (const WsmExhibit      *exhibit,
                           WsmExporterWatch      *watch,
                           GVariant              *parameters,
                           GDBusMethodInvocation *invocation)
{
  wsm_exporter_watch_stop (watch);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
wsm_exporter_call_follow (const WsmExhibit      *exhibit,
                          WsmExporterWatch      *watch,
                          GVariant              *parameters,
                          GDBusMethodInvocation *invocation)
{
  guint64 id;
  gboolean wants_frames;
  guint payload;

  g_variant_get (parameters, "(tbu)", &id, &wants_frames, &payload);
  if (id != 0 && wsm_exporter_find_row (exhibit, invocation, id) == NULL)
    return;

  wsm_exporter_watch_follow (watch, id, wants_frames && id != 0, payload);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static const struct
{
  const char *name;
  WsmExporterCall call;
} calls[] = {
  { "GetSummary", wsm_exporter_call_get_summary },
  { "GetConnections", wsm_exporter_call_get_connections },
  { "GetDetails", wsm_exporter_call_get_details },
  { "GetJournal", wsm_exporter_call_get_journal },
  { "Watch", wsm_exporter_call_watch },
  { "WatchRows", wsm_exporter_call_watch_rows },
  { "Unwatch", wsm_exporter_call_unwatch },
  { "Follow", wsm_exporter_call_follow },
};

/*
 * wsm_exporter_answer_pool:
 * @invocation: (transfer full): a call
 */
void
wsm_exporter_answer_pool (const WsmExhibit      *exhibit,
                          WsmExporterWatch      *watch,
                          GDBusMethodInvocation *invocation)
{
  const char *name = g_dbus_method_invocation_get_method_name (invocation);

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    if (g_str_equal (calls[i].name, name))
      {
        calls[i].call (exhibit, watch, g_dbus_method_invocation_get_parameters (invocation),
                       invocation);
        return;
      }
  g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD,
                                         "there is no method %s", name);
}
