/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-inflow.h"

/* A pool sends at most some 60 signals a second: these are many seconds of not looking. */
#define MAX_SIGNALS 1024
#define MAX_KILOBYTES (64 * 1024)

/* GDBus reads as fast as the other side writes, and queues for the main loop without a limit. The
 * limit is here, in the thread that reads. */
struct _WsiInflow
{
  const char *interface_name; /* (unowned): interned */
  const char *object_path;    /* (unowned): interned */

  int n_signals;    /* atomic */
  int n_kilobytes;  /* atomic */
  int is_too_much;  /* atomic */
};

static int
wsi_inflow_weigh (GVariant *parameters)
{
  gsize n_kilobytes = parameters != NULL ? g_variant_get_size (parameters) / 1024 + 1 : 1;

  return (int) MIN (n_kilobytes, MAX_KILOBYTES + 1);
}

/* Runs in the thread of GDBus. Lets pass what was asked for, answers and known signals, and
 * nothing else: a call would have to be answered, however many there are. */
static GDBusMessage *
wsi_inflow_filter_cb (GDBusConnection *bus,
                      GDBusMessage    *message,
                      gboolean         incoming,
                      gpointer         user_data)
{
  WsiInflow *self = user_data;
  int weight;

  if (!incoming)
    return message;

  switch (g_dbus_message_get_message_type (message))
    {
    case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
    case G_DBUS_MESSAGE_TYPE_ERROR:
      return message;
    case G_DBUS_MESSAGE_TYPE_SIGNAL:
      break;
    case G_DBUS_MESSAGE_TYPE_INVALID:
    case G_DBUS_MESSAGE_TYPE_METHOD_CALL:
    default:
      g_object_unref (message);
      return NULL;
    }

  weight = wsi_inflow_weigh (g_dbus_message_get_body (message));
  if (g_strcmp0 (g_dbus_message_get_interface (message), self->interface_name) != 0 ||
      g_strcmp0 (g_dbus_message_get_path (message), self->object_path) != 0)
    {
      g_object_unref (message);
      return NULL;
    }
  if (g_atomic_int_get (&self->n_signals) >= MAX_SIGNALS ||
      g_atomic_int_get (&self->n_kilobytes) > MAX_KILOBYTES - weight)
    {
      g_atomic_int_set (&self->is_too_much, TRUE);
      /* Something has to reach the main loop, so that it looks here. */
      if (g_atomic_int_get (&self->n_signals) > 0)
        {
          g_object_unref (message);
          return NULL;
        }
    }

  g_atomic_int_inc (&self->n_signals);
  g_atomic_int_add (&self->n_kilobytes, weight);

  return message;
}

WsiInflow *
wsi_inflow_new (void)
{
  return g_atomic_rc_box_new0 (WsiInflow);
}

WsiInflow *
wsi_inflow_ref (WsiInflow *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
wsi_inflow_unref (WsiInflow *self)
{
  g_atomic_rc_box_release (self);
}

/* Begins to count the signals of one interface of one object, for all of which something has to
 * call wsi_inflow_take(). Returns the id of the filter. */
guint
wsi_inflow_guard (WsiInflow       *self,
                  GDBusConnection *bus,
                  const char      *interface_name,
                  const char      *object_path)
{
  self->interface_name = g_intern_string (interface_name);
  self->object_path = g_intern_string (object_path);

  return g_dbus_connection_add_filter (bus, wsi_inflow_filter_cb, wsi_inflow_ref (self),
                                       (GDestroyNotify) wsi_inflow_unref);
}

/* A signal was looked at. */
void
wsi_inflow_take (WsiInflow *self,
                 GVariant  *parameters)
{
  g_atomic_int_add (&self->n_signals, -1);
  g_atomic_int_add (&self->n_kilobytes, -wsi_inflow_weigh (parameters));
}

/* Whether signals had to be thrown away, so that what is known is not right any more. */
gboolean
wsi_inflow_is_too_much (WsiInflow *self)
{
  return g_atomic_int_get (&self->is_too_much);
}
