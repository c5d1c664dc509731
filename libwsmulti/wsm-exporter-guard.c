/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-guard.h"

/*
 * Stands at the door of a private connection.
 *
 * GDBus reads as fast as the inspector writes, and each call would be a source of the pool's main
 * context, each answer a piece of memory until it is read. So calls are counted where they come
 * in, where they arrive, and where their answers leave; the first and the last is GDBus's own
 * thread. What it does not know by its name and type does not come in at all if it wants no
 * answer, and otherwise only as far as GDBus, which says no.
 */

/* So many may be on their way to the pool, or to be answered. */
#define MAX_PENDING 256

/* And so many answers, refusals of further calls among them, may wait to be read. */
#define MAX_UNREAD 1024

/* The outbox of a connection takes a megabyte by default. */
#define MAX_BODY_BYTES (4 * 1024 * 1024)

struct _WsmExporterGuard
{
  const char *path;                             /* (unowned) */
  const GDBusInterfaceInfo * const *interfaces; /* (unowned) (array zero-terminated=1) */

  int n_pending; /* (atomic): calls on their way to the pool */

  /* In GDBus's thread only. */
  guint n_unanswered; /* calls whose answer has not begun to leave */
};

static G_DEFINE_QUARK (wsm-exporter-guard, wsm_exporter_guard)

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

static gboolean
wsm_exporter_guard_has_types (const GDBusMethodInfo *method,
                              GDBusMessage          *call)
{
  const char *signature = g_dbus_message_get_signature (call);
  g_autoptr (GString) expected = g_string_new (NULL);

  for (guint i = 0; method->in_args != NULL && method->in_args[i] != NULL; i++)
    g_string_append (expected, method->in_args[i]->signature);

  return g_str_equal (expected->str, signature);
}

/* Whether the pool will see it. */
static gboolean
wsm_exporter_guard_knows (WsmExporterGuard *self,
                          GDBusMessage     *call)
{
  const char *interface_name = g_dbus_message_get_interface (call);
  const char *member = g_dbus_message_get_member (call);

  if (g_strcmp0 (g_dbus_message_get_path (call), self->path) != 0 || interface_name == NULL)
    return FALSE;

  for (guint i = 0; self->interfaces[i] != NULL; i++)
    {
      const GDBusMethodInfo *method;

      if (!g_str_equal (self->interfaces[i]->name, interface_name))
        continue;
      method = g_dbus_interface_info_lookup_method ((GDBusInterfaceInfo *) self->interfaces[i],
                                                    member);
      return method != NULL && wsm_exporter_guard_has_types (method, call);
    }

  return FALSE;
}

static gboolean
wsm_exporter_guard_lets_in (WsmExporterGuard *self,
                            GDBusConnection  *bus,
                            GDBusMessage     *message)
{
  GVariant *body = g_dbus_message_get_body (message);
  gboolean wants_answer;
  gboolean is_known;

  /* The pool asks nothing, so nothing is an answer, and it listens to no signal. */
  if (g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return FALSE;

  wants_answer = (g_dbus_message_get_flags (message) &
                  G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) == 0;
  if (wants_answer && ++self->n_unanswered > MAX_UNREAD)
    {
      g_dbus_connection_close (bus, NULL, NULL, NULL);
      return FALSE;
    }
  if (self->n_unanswered > MAX_PENDING || g_atomic_int_get (&self->n_pending) > MAX_PENDING ||
      (body != NULL && g_variant_get_size (body) > MAX_BODY_BYTES))
    {
      if (wants_answer)
        wsm_exporter_guard_refuse (bus, message);
      return FALSE;
    }

  is_known = wsm_exporter_guard_knows (self, message);
  if (is_known)
    g_atomic_int_inc (&self->n_pending);

  return is_known || wants_answer;
}

static void
wsm_exporter_guard_note_leaving (WsmExporterGuard *self,
                                 GDBusMessage     *message)
{
  GDBusMessageType type = g_dbus_message_get_message_type (message);

  if ((type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN || type == G_DBUS_MESSAGE_TYPE_ERROR) &&
      self->n_unanswered > 0)
    self->n_unanswered--;
}

/* What leaves is never held back: GDBus would wait for it when it is flushed. */
static GDBusMessage *
wsm_exporter_guard_filter_cb (GDBusConnection *bus,
                              GDBusMessage    *message,
                              gboolean         incoming,
                              gpointer         user_data)
{
  if (!incoming)
    {
      wsm_exporter_guard_note_leaving (user_data, message);
      return message;
    }
  if (wsm_exporter_guard_lets_in (user_data, bus, message))
    return message;
  g_object_unref (message);

  return NULL;
}

/*
 * wsm_exporter_guard_new:
 * @bus: a connection that does not process messages yet
 * @path: of the only object that is there; not copied
 * @interfaces: (array zero-terminated=1): what it has; not copied
 */
WsmExporterGuard *
wsm_exporter_guard_new (GDBusConnection                  *bus,
                        const char                       *path,
                        const GDBusInterfaceInfo * const *interfaces)
{
  WsmExporterGuard *self = g_atomic_rc_box_new0 (WsmExporterGuard);

  self->path = path;
  self->interfaces = interfaces;
  g_dbus_connection_add_filter (bus, wsm_exporter_guard_filter_cb, self, NULL);

  /* It goes with the connection. What is given to the filter would be freed by a source of a main
   * context, and never if that does not run any more. */
  g_object_set_qdata_full (G_OBJECT (bus), wsm_exporter_guard_quark (),
                           g_atomic_rc_box_acquire (self),
                           (GDestroyNotify) wsm_exporter_guard_unref);

  return self;
}

void
wsm_exporter_guard_unref (WsmExporterGuard *self)
{
  g_atomic_rc_box_release (self);
}

void
wsm_exporter_guard_note_call (WsmExporterGuard *self)
{
  g_atomic_int_add (&self->n_pending, -1);
}
