/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-guard.h"

/*
 * Stands at the door of a private connection.
 *
 * GDBus reads as fast as the inspector writes, and each call would be a source of the pool's main
 * context, each answer a piece of memory until it is read. So calls are counted where they come in
 * and where their answers leave. All of this runs in GDBus's own thread, and only there.
 */

/* So many may be on their way through the pool. */
#define MAX_PENDING 256

/* And so many answers, refusals of further calls among them, may wait to be read. */
#define MAX_UNREAD 1024

/* The outbox of a connection takes a megabyte by default. */
#define MAX_BODY_BYTES (4 * 1024 * 1024)

typedef struct
{
  guint n_unanswered;   /* calls whose answer has not begun to leave */
  GHashTable *unwanted; /* (owned): serials of calls that want no answer; a set */
} WsmExporterGuard;

static void
wsm_exporter_guard_free (gpointer data)
{
  WsmExporterGuard *self = data;

  g_hash_table_unref (self->unwanted);
  g_free (self);
}

static void
wsm_exporter_guard_refuse (GDBusConnection *bus,
                           GDBusMessage    *call)
{
  g_autoptr (GDBusMessage) reply = NULL;

  reply = g_dbus_message_new_method_error_literal (call,
                                                   "org.freedesktop.DBus.Error.LimitsExceeded",
                                                   "too much at a time; wait for the answers");
  g_dbus_connection_send_message (bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

/* The same call, which wants an answer; messages that have come in cannot be changed. */
static GDBusMessage *
wsm_exporter_guard_want_answer (GDBusMessage *message)
{
  GDBusMessage *copy = g_dbus_message_copy (message, NULL);

  if (copy != NULL)
    g_dbus_message_set_flags (copy,
                              g_dbus_message_get_flags (copy) &
                              ~(guint) G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);

  return copy;
}

/* Every call is answered, so that they can be counted; unwanted answers do not leave. */
static GDBusMessage *
wsm_exporter_guard_let_in (WsmExporterGuard *self,
                           GDBusConnection  *bus,
                           GDBusMessage     *message)
{
  GDBusMessageFlags flags = g_dbus_message_get_flags (message);
  GVariant *body = g_dbus_message_get_body (message);

  /* The pool asks nothing, so nothing is an answer, and it listens to no signal. */
  if (g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return NULL;

  if (self->n_unanswered >= MAX_UNREAD)
    {
      g_dbus_connection_close (bus, NULL, NULL, NULL);
      return NULL;
    }
  self->n_unanswered++;
  if (flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED)
    g_hash_table_add (self->unwanted, GUINT_TO_POINTER (g_dbus_message_get_serial (message)));
  if (self->n_unanswered > MAX_PENDING ||
      (body != NULL && g_variant_get_size (body) > MAX_BODY_BYTES))
    {
      wsm_exporter_guard_refuse (bus, message);
      return NULL;
    }

  return flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED ? wsm_exporter_guard_want_answer (message)
                                                        : g_object_ref (message);
}

static gboolean
wsm_exporter_guard_lets_out (WsmExporterGuard *self,
                             GDBusMessage     *message)
{
  switch (g_dbus_message_get_message_type (message))
    {
    case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
    case G_DBUS_MESSAGE_TYPE_ERROR:
      self->n_unanswered--;
      return !g_hash_table_remove (self->unwanted,
                                   GUINT_TO_POINTER (g_dbus_message_get_reply_serial (message)));

    case G_DBUS_MESSAGE_TYPE_SIGNAL:
    case G_DBUS_MESSAGE_TYPE_METHOD_CALL:
    case G_DBUS_MESSAGE_TYPE_INVALID:
    default:
      return TRUE;
    }
}

static GDBusMessage *
wsm_exporter_guard_filter_cb (GDBusConnection *bus,
                              GDBusMessage    *message,
                              gboolean         incoming,
                              gpointer         user_data)
{
  g_autoptr (GDBusMessage) old = message;

  if (incoming)
    return wsm_exporter_guard_let_in (user_data, bus, message);

  return wsm_exporter_guard_lets_out (user_data, message) ? g_steal_pointer (&old) : NULL;
}

/*
 * wsm_exporter_guard_connection:
 * @bus: a connection that does not process messages yet
 */
void
wsm_exporter_guard_connection (GDBusConnection *bus)
{
  WsmExporterGuard *self = g_new0 (WsmExporterGuard, 1);

  self->unwanted = g_hash_table_new (NULL, NULL);
  g_dbus_connection_add_filter (bus, wsm_exporter_guard_filter_cb, self, wsm_exporter_guard_free);
}
