/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-exporter.h"

G_BEGIN_DECLS

/* The inspector's end of a private connection to an exporter in this process, on plain D-Bus. It
 * runs the context that it shares with the pool while it waits. */
typedef struct
{
  GMainContext *context; /* (owned) (nullable) */
  GDBusConnection *bus;  /* (owned) */
  GPtrArray *signals; /* (owned) (element-type GVariant): "(sv)", name and parameters */
  gboolean is_closed;
} InspectorClient;

InspectorClient *inspector_client_new           (WsmExporter      *exporter,
                                                 GMainContext     *context) G_GNUC_WARN_UNUSED_RESULT;
void             inspector_client_free          (InspectorClient  *self);

/* Without an error wanted, it must succeed. */
GVariant        *inspector_client_call          (InspectorClient  *self,
                                                 const char       *method,
                                                 GVariant         *parameters,
                                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;
GVariant        *inspector_client_call_control  (InspectorClient  *self,
                                                 const char       *method,
                                                 GVariant         *parameters,
                                                 GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* Until all that was sent so far has been read, answered and has arrived. */
void             inspector_client_settle        (InspectorClient  *self);

/* The parameters of the oldest signal of that name, or NULL if there is none. */
GVariant        *inspector_client_take          (InspectorClient  *self,
                                                 const char       *signal_name) G_GNUC_WARN_UNUSED_RESULT;

/* The figures in the parameters of a signal Changed, as an array of structures. */
GVariant        *inspector_client_unpack_figures (GVariant        *changed) G_GNUC_WARN_UNUSED_RESULT;

#define inspector_client_wait_until(self, condition) \
  G_STMT_START { \
    gint64 wait_end_us = g_get_monotonic_time () + 20 * G_USEC_PER_SEC; \
    while (!(condition)) \
      { \
        if (g_get_monotonic_time () >= wait_end_us) \
          g_error ("%s: still waits for %s", G_STRLOC, #condition); \
        inspector_client_turn (self); \
      } \
  } G_STMT_END

void             inspector_client_turn          (InspectorClient  *self);

G_END_DECLS
