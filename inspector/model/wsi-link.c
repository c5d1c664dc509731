/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-link-internal.h"

#include "wsi-connection-private.h"
#include "wsi-source-private.h"
#include "wsi-text.h"

#include <glib/gi18n-lib.h>

#define CONTROL_INTERFACE "io.github.wsmulti.Pool1.Control"

#define CHANGED_TYPE "(x(uuuuu)aya(ts)aa{sv}at)"
#define EVENTS_TYPE "(ta(txuuds))"
#define FRAMES_TYPE "(tta(xuuuttay))"

/* What the protocol allows. */
#define MIN_INTERVAL_MS 50
#define MAX_INTERVAL_MS 60000
#define DEFAULT_INTERVAL_MS 100

/* The first words are said at once by a program that runs. */
#define GREETING_TIMEOUT_MS 10000
/* A ping waits for its pong. */
#define COMMAND_TIMEOUT_MS 60000
#define DETAILS_INTERVAL_MS 1000
/* How long what was sent last may take to leave. */
#define CLOSING_TIMEOUT_MS 1000

/* Two clocks that differ by less are one. */
#define MAX_CLOCK_ERROR_US (G_USEC_PER_SEC)

/**
 * WsiLink:
 *
 * The line to one pool: tells a source what comes, and the pool what is wanted.
 *
 * Nothing that comes is believed, and nothing is asked twice before it is answered: a program
 * that is silent costs nothing.
 */

G_DEFINE_FINAL_TYPE (WsiLink, wsi_link, G_TYPE_OBJECT)

static void wsi_link_tell_window (WsiLink *self);
static void wsi_link_tell_following (WsiLink *self);

static void
wsi_window_clear (WsiWindow *self)
{
  g_clear_pointer (&self->ids, g_variant_unref);
}

static void
wsi_window_copy (WsiWindow       *self,
                 const WsiWindow *other)
{
  GVariant *before = self->ids;

  *self = *other;
  if (self->ids != NULL)
    g_variant_ref (self->ids);
  g_clear_pointer (&before, g_variant_unref);
}

WsiCall *
wsi_call_new (WsiLink       *link,
              WsiConnection *connection)
{
  WsiCall *self = g_new0 (WsiCall, 1);

  self->link = g_object_ref (link);
  self->connection = connection != NULL ? g_object_ref (connection) : NULL;

  return self;
}

void
wsi_call_free (WsiCall *self)
{
  g_object_unref (self->link);
  g_clear_object (&self->connection);
  wsi_window_clear (&self->window);
  g_free (self);
}

void
wsi_link_call (WsiLink             *self,
               const char          *method,
               GVariant            *parameters,
               const char          *reply_type,
               int                  timeout_ms,
               GAsyncReadyCallback  callback,
               WsiCall             *call)
{
  g_dbus_connection_call (self->bus, NULL, WSI_LINK_OBJECT_PATH, WSI_LINK_INTERFACE,
                          method, parameters,
                          reply_type != NULL ? G_VARIANT_TYPE (reply_type) : NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, timeout_ms, self->cancellable,
                          callback, call);
}

/* NULL if it failed or if the link is closed meanwhile. */
GVariant *
wsi_link_call_finish (WsiLink       *self,
                      GObject       *bus,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, error);
  if (self->source == NULL)
    return NULL;

  return g_steal_pointer (&reply);
}

static GSource *
wsi_link_start_timer (WsiLink     *self,
                      const char  *name,
                      guint        interval_ms,
                      GSourceFunc  callback)
{
  GSource *timer = g_timeout_source_new (interval_ms);

  g_source_set_static_name (timer, name);
  g_source_set_callback (timer, callback, self, NULL);
  g_source_attach (timer, self->context);

  return timer;
}

static void
wsi_link_stop_timer (GSource **timer)
{
  if (*timer != NULL)
    g_source_destroy (*timer);
  g_clear_pointer (timer, g_source_unref);
}

/* The source outlives this, but perhaps not what listens to it. */
static void
wsi_link_end (WsiLink    *self,
              const char *error)
{
  g_autoptr (WsiSource) source = self->source != NULL ? g_object_ref (self->source) : NULL;

  if (source == NULL)
    return;

  wsi_link_close (self);
  wsi_source_set_gone (source, error);
}

static gboolean
wsi_link_is_same_window (const WsiWindow *first,
                         const WsiWindow *second)
{
  return (first->interval_ms == second->interval_ms &&
          first->first == second->first &&
          first->count == second->count &&
          (first->ids != NULL) == (second->ids != NULL) &&
          (first->ids == NULL || g_variant_equal (first->ids, second->ids)));
}

/* What is told once is not told again, even if it was refused. */
static void
wsi_link_window_told_cb (GObject      *bus,
                         GAsyncResult *result,
                         gpointer      user_data)
{
  g_autoptr (WsiCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = wsi_link_call_finish (call->link, bus, result, &error);

  if (error != NULL)
    g_debug ("Watch: %s", error->message);

  call->link->is_telling_window = FALSE;
  wsi_window_copy (&call->link->window_told, &call->window);
  call->link->is_watching = TRUE;
  wsi_link_tell_window (call->link);
}

static void
wsi_link_tell_window (WsiLink *self)
{
  WsiCall *call;

  if (self->source == NULL || !self->is_greeted || self->is_telling_window ||
      (self->is_watching && wsi_link_is_same_window (&self->window_wanted, &self->window_told)))
    return;

  self->is_telling_window = TRUE;
  call = wsi_call_new (self, NULL);
  wsi_window_copy (&call->window, &self->window_wanted);
  if (call->window.ids != NULL)
    wsi_link_call (self, "WatchRows",
                   g_variant_new ("(u@at)", call->window.interval_ms, call->window.ids),
                   NULL, WSI_LINK_TIMEOUT_MS, wsi_link_window_told_cb, call);
  else
    wsi_link_call (self, "Watch",
                   g_variant_new ("(utu)",
                                  call->window.interval_ms, call->window.first,
                                  call->window.count),
                   NULL, WSI_LINK_TIMEOUT_MS, wsi_link_window_told_cb, call);
}

static gboolean
wsi_link_details_timer_cb (gpointer user_data)
{
  wsi_link_fetch_details (user_data);

  return G_SOURCE_CONTINUE;
}

static void
wsi_link_following_told_cb (GObject      *bus,
                            GAsyncResult *result,
                            gpointer      user_data)
{
  g_autoptr (WsiCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = wsi_link_call_finish (call->link, bus, result, &error);

  if (error != NULL)
    g_debug ("Follow: %s", error->message);

  call->link->is_telling_following = FALSE;
  wsi_link_tell_following (call->link);
}

static void
wsi_link_tell_following (WsiLink *self)
{
  const WsiFollowing *wanted = &self->following_wanted;
  gboolean is_another;

  if (self->source == NULL || !self->is_greeted || self->is_telling_following ||
      (wanted->id == self->following_told.id && wanted->payload == self->following_told.payload))
    return;

  is_another = wanted->id != self->following_told.id;
  self->is_telling_following = TRUE;
  self->following_told = *wanted;
  wsi_link_call (self, "Follow",
                 g_variant_new ("(tbu)", wanted->id, wanted->id != 0, wanted->payload),
                 NULL, WSI_LINK_TIMEOUT_MS, wsi_link_following_told_cb, wsi_call_new (self, NULL));
  if (is_another && wanted->id != 0)
    {
      /* It may have been out of sight; from now on it is told of. */
      g_array_append_val (self->missing, wanted->id);
      wsi_link_fetch (self);
      wsi_link_fetch_journal (self);
      wsi_link_fetch_details (self);
    }
}

static void
wsi_link_changed (WsiLink  *self,
                  GVariant *parameters)
{
  g_autoptr (GVariant) figures = g_variant_get_child_value (parameters, 2);
  g_autoptr (GVariant) reasons = g_variant_get_child_value (parameters, 3);
  g_autoptr (GVariant) added = g_variant_get_child_value (parameters, 4);
  g_autoptr (GVariant) removed = g_variant_get_child_value (parameters, 5);
  g_autoptr (WsiSource) source = g_object_ref (self->source);
  guint32 counts[WSI_SOURCE_N_COUNTS];

  g_variant_get_child (parameters, 1, "(uuuuu)",
                       &counts[0], &counts[1], &counts[2], &counts[3], &counts[4]);

  /* What is removed may have been added a moment before. */
  if (g_variant_n_children (added) > 0)
    wsi_source_apply_rows (source, added);
  if (g_variant_n_children (figures) > 0)
    wsi_source_apply_figures (source, figures, self->missing);
  if (g_variant_n_children (reasons) > 0)
    wsi_source_apply_reasons (source, reasons);
  if (g_variant_n_children (removed) > 0)
    wsi_source_apply_removed (source, removed);
  wsi_source_apply_counts (source, counts);
  wsi_source_tell_update (source);

  /* Pages that are still to come have everything. */
  if (self->is_loading)
    g_array_set_size (self->missing, 0);
  wsi_link_fetch (self);
}

static void
wsi_link_events (WsiLink  *self,
                 GVariant *parameters)
{
  g_autoptr (GVariant) entries = g_variant_get_child_value (parameters, 1);
  guint64 id;

  g_variant_get_child (parameters, 0, "t", &id);
  if (self->followed == NULL || wsi_connection_get_id (self->followed) != id ||
      self->is_fetching_journal)
    return;

  if (!wsi_connection_apply_events (self->followed, entries,
                                    wsi_source_get_offset (self->source), FALSE))
    wsi_link_fetch_journal (self);
}

static void
wsi_link_frames (WsiLink  *self,
                 GVariant *parameters)
{
  g_autoptr (GVariant) frames = g_variant_get_child_value (parameters, 2);
  guint64 id;
  guint64 n_dropped;

  g_variant_get_child (parameters, 0, "t", &id);
  g_variant_get_child (parameters, 1, "t", &n_dropped);
  if (self->followed != NULL && wsi_connection_get_id (self->followed) == id)
    wsi_connection_apply_frames (self->followed, n_dropped, frames,
                                 wsi_source_get_offset (self->source));
}

static void
wsi_link_signal_cb (GDBusConnection *bus,
                    const char      *sender_name,
                    const char      *object_path,
                    const char      *interface_name,
                    const char      *signal_name,
                    GVariant        *parameters,
                    gpointer         user_data)
{
  static const struct
  {
    const char *name;
    const char *type;
    void (*take) (WsiLink  *self,
                  GVariant *parameters);
  } known[] =
  {
    { "Changed", CHANGED_TYPE, wsi_link_changed },
    { "Events", EVENTS_TYPE, wsi_link_events },
    { "Frames", FRAMES_TYPE, wsi_link_frames },
  };
  g_autoptr (WsiLink) self = g_object_ref (user_data);

  wsi_inflow_take (self->inflow, parameters);
  if (wsi_inflow_is_too_much (self->inflow))
    {
      wsi_link_end (self,
                    _("The program sends more than can be shown. Restart it to watch it again."));
      return;
    }

  /* Before the offset of its clock is known, no time means anything. */
  if (self->source == NULL || !self->is_greeted)
    return;

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (signal_name, known[i].name) &&
        g_variant_is_of_type (parameters, G_VARIANT_TYPE (known[i].type)))
      known[i].take (self, parameters);
}

/* From the clock of the pool to ours. It is the same one but in a container with time of its own
 * (or in a recording). */
static gint64
wsi_link_compare_clocks (WsiLink  *self,
                         GVariant *summary)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 theirs_us;

  if (!g_variant_lookup (summary, "time", "x", &theirs_us) ||
      theirs_us <= 0 || theirs_us > WSI_TIME_MAX ||
      (theirs_us >= self->greeted_us - MAX_CLOCK_ERROR_US &&
       theirs_us <= now_us + MAX_CLOCK_ERROR_US))
    return 0;

  return self->greeted_us + (now_us - self->greeted_us) / 2 - theirs_us;
}

static void
wsi_link_summary_cb (GObject      *bus,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr (WsiCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = wsi_link_call_finish (call->link, bus, result, &error);
  WsiLink *self = call->link;
  g_autoptr (GVariant) summary = NULL;

  if (self->source == NULL)
    return;

  wsi_link_stop_timer (&self->patience);
  if (reply == NULL)
    {
      g_debug ("GetSummary: %s", error->message);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED))
        wsi_link_end (self, NULL);
      else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        wsi_link_end (self, _("The program does not answer."));
      else
        wsi_link_end (self,
                      _("The program and the Inspector do not understand each other. "
                        "Update both."));
      return;
    }

  summary = g_variant_get_child_value (reply, 0);
  wsi_source_set_offset (self->source, wsi_link_compare_clocks (self, summary));
  self->is_greeted = TRUE;
  wsi_source_apply_summary (self->source, summary);

  wsi_link_tell_window (self);
  wsi_link_tell_following (self);
  wsi_link_fetch (self);
}

static void
wsi_link_closed_cb (GDBusConnection *bus,
                    gboolean         remote_peer_vanished,
                    GError          *error,
                    WsiLink         *self)
{
  g_autoptr (WsiLink) alive = g_object_ref (self);

  wsi_link_end (alive, NULL);
}

static void
wsi_link_connected_cb (GObject      *object,
                       GAsyncResult *result,
                       gpointer      user_data)
{
  g_autoptr (WsiLink) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_finish (result, &error);

  if (bus == NULL)
    {
      g_debug ("Attach: %s", error->message);
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT) ||
          g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED))
        wsi_link_end (self,
                      _("The program and the Inspector do not understand each other. "
                        "Update both."));
      else
        wsi_link_end (self, NULL);
      return;
    }
  if (self->source == NULL)
    {
      g_dbus_connection_close (bus, NULL, NULL, NULL);
      return;
    }

  self->bus = g_steal_pointer (&bus);
  g_dbus_connection_set_exit_on_close (self->bus, FALSE);
  self->filter = wsi_inflow_guard (self->inflow, self->bus,
                                   WSI_LINK_INTERFACE, WSI_LINK_OBJECT_PATH);
  self->subscription =
    g_dbus_connection_signal_subscribe (self->bus, NULL,
                                        WSI_LINK_INTERFACE, NULL, WSI_LINK_OBJECT_PATH, NULL,
                                        G_DBUS_SIGNAL_FLAGS_NONE, wsi_link_signal_cb, self, NULL);
  self->closed_handler = g_signal_connect (self->bus, "closed",
                                           G_CALLBACK (wsi_link_closed_cb), self);
  g_dbus_connection_start_message_processing (self->bus);

  self->greeted_us = g_get_monotonic_time ();
  wsi_link_call (self, "GetSummary", NULL, "(a{sv})", GREETING_TIMEOUT_MS,
                 wsi_link_summary_cb, wsi_call_new (self, NULL));
}

static gboolean
wsi_link_patience_cb (gpointer user_data)
{
  g_autoptr (WsiLink) self = g_object_ref (user_data);

  wsi_link_end (self, _("The program does not answer."));

  return G_SOURCE_REMOVE;
}

/* Whoever does not read keeps what is sent last from leaving, and so the socket from closing. */
static gboolean
wsi_link_shut_down_cb (gpointer user_data)
{
  if (G_IS_SOCKET_CONNECTION (user_data))
    g_socket_shutdown (g_socket_connection_get_socket (user_data), TRUE, TRUE, NULL);

  return G_SOURCE_REMOVE;
}

static void
wsi_link_bus_closed_cb (GObject      *bus,
                        GAsyncResult *result,
                        gpointer      user_data)
{
  g_autoptr (GSource) deadline = user_data;

  g_dbus_connection_close_finish (G_DBUS_CONNECTION (bus), result, NULL);
  g_source_destroy (deadline);
}

static void
wsi_link_close_bus (WsiLink *self)
{
  GSource *deadline = g_timeout_source_new (CLOSING_TIMEOUT_MS);

  g_source_set_static_name (deadline, "[wsi] closing");
  g_source_set_callback (deadline, wsi_link_shut_down_cb,
                         g_object_ref (self->stream), g_object_unref);
  g_source_attach (deadline, self->context);

  g_clear_signal_handler (&self->closed_handler, self->bus);
  g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  g_dbus_connection_remove_filter (self->bus, self->filter);
  g_dbus_connection_close (self->bus, NULL, wsi_link_bus_closed_cb, deadline);
  g_clear_object (&self->bus);
}

static void
wsi_link_dispose (GObject *object)
{
  WsiLink *self = WSI_LINK (object);

  wsi_link_close (self);

  G_OBJECT_CLASS (wsi_link_parent_class)->dispose (object);
}

static void
wsi_link_finalize (GObject *object)
{
  WsiLink *self = WSI_LINK (object);

  g_object_unref (self->cancellable);
  g_clear_object (&self->stream);
  g_main_context_unref (self->context);
  wsi_inflow_unref (self->inflow);
  g_array_unref (self->missing);
  wsi_window_clear (&self->window_wanted);
  wsi_window_clear (&self->window_told);

  G_OBJECT_CLASS (wsi_link_parent_class)->finalize (object);
}

static void
wsi_link_class_init (WsiLinkClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_link_dispose;
  object_class->finalize = wsi_link_finalize;
}

static void
wsi_link_init (WsiLink *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->inflow = wsi_inflow_new ();
  self->missing = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->window_wanted.interval_ms = DEFAULT_INTERVAL_MS;
}

/* The source closes it before it goes. */
WsiLink *
wsi_link_new (WsiSource *source,
              GIOStream *stream)
{
  WsiLink *self;

  g_return_val_if_fail (WSI_IS_SOURCE (source), NULL);
  g_return_val_if_fail (G_IS_IO_STREAM (stream), NULL);

  self = g_object_new (WSI_TYPE_LINK, NULL);
  self->source = source;
  self->stream = g_object_ref (stream);
  self->is_loading = TRUE;
  wsi_source_set_loading (source, TRUE);
  self->patience = wsi_link_start_timer (self, "[wsi] patience", GREETING_TIMEOUT_MS,
                                         wsi_link_patience_cb);

  g_dbus_connection_new (stream, NULL,
                         (G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                          G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING),
                         NULL, self->cancellable, wsi_link_connected_cb, g_object_ref (self));

  return self;
}

/* Whether the other end is gone, heard of or not. */
gboolean
wsi_link_has_hung_up (WsiLink *self)
{
  GSocket *socket;

  g_return_val_if_fail (WSI_IS_LINK (self), FALSE);

  if (!G_IS_SOCKET_CONNECTION (self->stream))
    return FALSE;

  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (self->stream));

  return g_socket_is_closed (socket) ||
         (g_socket_condition_check (socket, G_IO_IN) & G_IO_HUP) != 0;
}

/* From this id, so many rows; 0 = none, G_MAXUINT = all. */
void
wsi_link_watch (WsiLink *self,
                guint    interval_ms,
                guint64  first,
                guint    count)
{
  g_return_if_fail (WSI_IS_LINK (self));

  self->window_wanted.interval_ms = CLAMP (interval_ms, MIN_INTERVAL_MS, MAX_INTERVAL_MS);
  self->window_wanted.first = count > 0 ? first : 0;
  self->window_wanted.count = count;
  wsi_window_clear (&self->window_wanted);
  wsi_link_tell_window (self);
}

/* ids: at, of rows that need not stand side by side; a floating one is taken. */
void
wsi_link_watch_rows (WsiLink  *self,
                     guint     interval_ms,
                     GVariant *ids)
{
  WsiWindow wanted = { CLAMP (interval_ms, MIN_INTERVAL_MS, MAX_INTERVAL_MS), 0, 0, NULL };

  g_return_if_fail (WSI_IS_LINK (self));

  wanted.ids = g_variant_ref_sink (ids);
  wsi_window_copy (&self->window_wanted, &wanted);
  wsi_window_clear (&wanted);
  wsi_link_tell_window (self);
}

/* connection (nullable); payload: bytes of each frame. */
void
wsi_link_follow (WsiLink       *self,
                 WsiConnection *connection,
                 guint          payload)
{
  g_return_if_fail (WSI_IS_LINK (self));

  g_set_object (&self->followed, connection);
  self->following_wanted.id = connection != NULL ? wsi_connection_get_id (connection) : 0;
  self->following_wanted.payload = connection != NULL ? payload : 0;

  if (connection == NULL)
    wsi_link_stop_timer (&self->details_timer);
  else if (self->details_timer == NULL && self->source != NULL)
    self->details_timer = wsi_link_start_timer (self, "[wsi] details", DETAILS_INTERVAL_MS,
                                                wsi_link_details_timer_cb);
  wsi_link_tell_following (self);
}

/* Says nothing to the source, and knows it no more. */
void
wsi_link_close (WsiLink *self)
{
  g_return_if_fail (WSI_IS_LINK (self));

  self->source = NULL;
  wsi_link_stop_timer (&self->patience);
  wsi_link_stop_timer (&self->details_timer);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->followed);
  if (self->bus != NULL)
    wsi_link_close_bus (self);
}

static void
wsi_link_command_cb (GObject      *bus,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (reply != NULL)
    g_task_return_pointer (task, reply, (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, error);
}

/* A method of Pool1.Control. */
void
wsi_link_command_async (WsiLink             *self,
                        const char          *method,
                        GVariant            *parameters,
                        const char          *reply_type,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GVariant) given = NULL;

  g_return_if_fail (WSI_IS_LINK (self));

  given = g_variant_ref_sink (parameters);
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, wsi_link_command_async);
  if (self->bus == NULL)
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                               _("The program is no longer attached. "
                                 "Restart it to attach it again."));
      return;
    }

  g_dbus_connection_call (self->bus, NULL, WSI_LINK_OBJECT_PATH, CONTROL_INTERFACE, method, given,
                          G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          COMMAND_TIMEOUT_MS, cancellable,
                          wsi_link_command_cb, g_steal_pointer (&task));
}

GVariant *
wsi_link_command_finish (WsiLink       *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
