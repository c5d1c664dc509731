/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "witness.h"

#include <string.h>

static void
witness_note (Witness    *self,
              const char *word)
{
  g_string_append_printf (self->log, "%s ", word);
}

static void
witness_notify_state_cb (WsmConnection *connection,
                         GParamSpec    *pspec,
                         Witness       *self)
{
  WsmState state = wsm_connection_get_state (connection);
  g_autofree char *name = g_enum_to_string (WSM_TYPE_STATE, (int) state);

  self->entered_us[state] = g_get_monotonic_time ();
  witness_note (self, name + strlen ("WSM_STATE_"));
}

static void
witness_opened_cb (WsmConnection *connection,
                   gboolean       reconnected,
                   Witness       *self)
{
  self->n_opened++;
  witness_note (self, reconnected ? "reopened" : "opened");
}

static void
witness_message_cb (WsmConnection         *connection,
                    SoupWebsocketDataType  type,
                    GBytes                *message,
                    Witness               *self)
{
  g_ptr_array_add (self->messages, g_bytes_ref (message));
}

static void
witness_beat_cb (WsmConnection *connection,
                 guint64        sequence,
                 double         round_trip_ms,
                 Witness       *self)
{
  gint64 now_us = g_get_monotonic_time ();

  if (self->beat_us > 0)
    self->max_beat_gap_ms = MAX (self->max_beat_gap_ms,
                                 (double) (now_us - self->beat_us) / 1000.0);
  self->beat_us = now_us;
  self->n_beats++;
  self->round_trip_ms = round_trip_ms;
}

static void
witness_disconnected_cb (WsmConnection *connection,
                         WsmReason     *reason,
                         gboolean       will_retry,
                         Witness       *self)
{
  self->n_disconnected++;
  self->disconnected_us = g_get_monotonic_time ();
  self->life_us = wsm_connection_get_last_received_at (connection);
  g_clear_pointer (&self->reason, wsm_reason_free);
  self->reason = wsm_reason_copy (reason);
  witness_note (self, will_retry ? "disconnected+" : "disconnected");
}

static void
witness_closed_cb (WsmConnection *connection,
                   Witness       *self)
{
  self->n_ended++;
  witness_note (self, "closed");
}

static void
witness_failed_cb (WsmConnection *connection,
                   GError        *error,
                   Witness       *self)
{
  g_assert_nonnull (error);
  self->n_ended++;
  witness_note (self, "failed");
}

static void
witness_dropped_cb (WsmConnection *connection,
                    guint          n_messages,
                    guint64        n_bytes,
                    WsmReason     *why,
                    Witness       *self)
{
  self->n_bytes_dropped += n_bytes;
  g_string_append_printf (self->log, "dropped(%u) ", n_messages);
}

static void
witness_unconfirmed_cb (WsmConnection *connection,
                        guint          n_messages,
                        guint64        n_bytes,
                        Witness       *self)
{
  self->n_unconfirmed += n_messages;
  self->n_bytes_unconfirmed += n_bytes;
}

Witness *
witness_new (WsmConnection *connection)
{
  Witness *self = g_new0 (Witness, 1);

  g_set_weak_pointer (&self->connection, connection);
  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  self->log = g_string_new (NULL);
  g_object_connect (connection,
                    "signal::notify::state", witness_notify_state_cb, self,
                    "signal::opened", witness_opened_cb, self,
                    "signal::message", witness_message_cb, self,
                    "signal::beat", witness_beat_cb, self,
                    "signal::disconnected", witness_disconnected_cb, self,
                    "signal::closed", witness_closed_cb, self,
                    "signal::failed", witness_failed_cb, self,
                    "signal::dropped", witness_dropped_cb, self,
                    "signal::unconfirmed", witness_unconfirmed_cb, self,
                    NULL);

  return self;
}

void
witness_free (Witness *self)
{
  if (self->connection != NULL)
    g_signal_handlers_disconnect_by_data (self->connection, self);
  g_clear_weak_pointer (&self->connection);
  g_clear_pointer (&self->messages, g_ptr_array_unref);
  g_clear_pointer (&self->reason, wsm_reason_free);
  g_string_free (self->log, TRUE);
  g_free (self);
}

gboolean
witness_is_in (Witness  *self,
               WsmState  state)
{
  return self->connection != NULL && wsm_connection_get_state (self->connection) == state;
}

/* Asserts what was signalled since the last call. */
void
witness_assert_log (Witness    *self,
                    const char *expected)
{
  g_strchomp (self->log->str);
  g_assert_cmpstr (self->log->str, ==, expected);
  g_string_truncate (self->log, 0);
}

/* For where what happened so far is not what the test is about. */
void
witness_forget (Witness *self)
{
  g_string_truncate (self->log, 0);
  g_ptr_array_set_size (self->messages, 0);
  self->n_opened = 0;
  self->n_disconnected = 0;
  self->n_ended = 0;
  self->n_beats = 0;
  self->max_beat_gap_ms = 0;
  self->beat_us = 0;
}

/* On the connection that it follows. */
void
witness_send (Witness *self,
              guint    n_messages,
              gsize    size)
{
  g_autoptr (GBytes) message = g_bytes_new_take (g_malloc0 (size), size);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_messages; i++)
    {
      wsm_connection_send_bytes (self->connection, message, &error);
      g_assert_no_error (error);
    }
}

/* Only valid while the test holds no more than one at a time. */
const char *
witness_get_text (Witness *self,
                  guint    i)
{
  static char *text = NULL;
  gsize size;
  const char *data;

  g_assert_cmpuint (i, <, self->messages->len);
  data = g_bytes_get_data (g_ptr_array_index (self->messages, i), &size);
  g_free (text);
  text = g_strndup (data, size);

  return text;
}
