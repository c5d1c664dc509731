/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-pool.h"

#include <sys/socket.h>

#define POOL_PATH "/io/github/wsmulti/Pool1"
#define POOL_INTERFACE "io.github.wsmulti.Pool1"
#define FIGURES_TYPE "(txxxtttttttdduuuuuuuu)"
#define TICK_MS 20

/* More connections than a test has open. */
#define FIRST_MARK 5000

/* Calls come in a thread of GDBus and are answered in the main loop. */
struct _FakePool
{
  GSocketConnection *ours;   /* (owned) */
  GSocketConnection *theirs; /* (owned) (nullable) */
  GDBusConnection *bus;      /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  guint filter;

  FakePoolAnswer answer; /* (nullable) */
  gpointer answer_data;
  guint n_rows;
  gboolean control;
  guint n_marks; /* emitted */

  GHashTable *counts;     /* (owned) (element-type utf8 guint) */
  GHashTable *last;       /* (owned) (element-type utf8 GVariant) */
  GDBusMessage *open_call; /* (owned) (nullable): not answered */
};

/* Outlives the pool: filters run in another thread. */
typedef struct
{
  FakePool *pool; /* (unowned) (nullable) */
} FakePoolLead;

typedef struct
{
  FakePoolLead *lead;    /* (owned): counted */
  GDBusMessage *message; /* (owned) */
} FakePoolCall;

static GHashTable *leads; /* (element-type FakePool FakePoolLead) */

static void
fake_pool_call_free (gpointer data)
{
  FakePoolCall *call = data;

  g_atomic_rc_box_release (call->lead);
  g_object_unref (call->message);
  g_free (call);
}

static void
fake_pool_remember (FakePool   *self,
                    const char *method,
                    GVariant   *parameters)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, method));

  g_hash_table_replace (self->counts, g_strdup (method), GUINT_TO_POINTER (count + 1));
  g_hash_table_replace (self->last, g_strdup (method), g_variant_ref (parameters));
}

static void
fake_pool_reply (FakePool     *self,
                 GDBusMessage *call,
                 GVariant     *answer)
{
  g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_reply (call);
  g_autoptr (GVariant) taken = g_variant_take_ref (answer);

  g_dbus_message_set_body (reply, taken);
  if (self->bus != NULL)
    g_dbus_connection_send_message (self->bus, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

static gboolean
fake_pool_call_cb (gpointer user_data)
{
  FakePoolCall *call = user_data;
  FakePool *self = call->lead->pool;
  g_autoptr (GVariant) parameters = NULL;
  GVariant *body;
  GVariant *answer;

  if (self == NULL)
    return G_SOURCE_REMOVE;

  body = g_dbus_message_get_body (call->message);
  parameters = g_variant_ref_sink (body != NULL ? body : g_variant_new ("()"));
  fake_pool_remember (self, g_dbus_message_get_member (call->message), parameters);

  if (self->answer != NULL)
    answer = self->answer (self, g_dbus_message_get_member (call->message), parameters,
                           self->answer_data);
  else
    answer = fake_pool_answer (self, g_dbus_message_get_member (call->message), parameters);

  if (answer != NULL)
    fake_pool_reply (self, call->message, answer);
  else
    g_set_object (&self->open_call, call->message);

  return G_SOURCE_REMOVE;
}

static GDBusMessage *
fake_pool_filter_cb (GDBusConnection *bus,
                     GDBusMessage    *message,
                     gboolean         incoming,
                     gpointer         user_data)
{
  FakePoolCall *call;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;

  call = g_new0 (FakePoolCall, 1);
  call->lead = g_atomic_rc_box_acquire ((FakePoolLead *) user_data);
  call->message = message;
  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT, fake_pool_call_cb,
                              call, fake_pool_call_free);

  return NULL;
}

static void
fake_pool_connected_cb (GObject      *object,
                        GAsyncResult *result,
                        gpointer      user_data)
{
  FakePoolLead *lead = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_finish (result, &error);

  if (bus != NULL && lead->pool != NULL)
    {
      lead->pool->bus = g_steal_pointer (&bus);
      lead->pool->filter =
        g_dbus_connection_add_filter (lead->pool->bus, fake_pool_filter_cb,
                                      g_atomic_rc_box_acquire (lead),
                                      (GDestroyNotify) g_atomic_rc_box_release);
      g_dbus_connection_start_message_processing (lead->pool->bus);
    }
  else if (bus != NULL)
    {
      g_dbus_connection_close (bus, NULL, NULL, NULL);
    }
  g_atomic_rc_box_release (lead);
}

static GSocketConnection *
fake_pool_wrap (int descriptor)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = g_socket_new_from_fd (descriptor, &error);

  g_assert_no_error (error);

  return g_socket_connection_factory_create_connection (socket);
}

FakePool *
fake_pool_new (guint n_rows)
{
  FakePool *self = g_new0 (FakePool, 1);
  FakePoolLead *lead = g_atomic_rc_box_new0 (FakePoolLead);
  g_autofree char *guid = g_dbus_generate_guid ();
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  self->ours = fake_pool_wrap (pair[0]);
  self->theirs = fake_pool_wrap (pair[1]);
  self->cancellable = g_cancellable_new ();
  self->n_rows = n_rows;
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->last = g_hash_table_new_full (g_str_hash, g_str_equal,
                                      g_free, (GDestroyNotify) g_variant_unref);
  lead->pool = self;
  if (leads == NULL)
    leads = g_hash_table_new (NULL, NULL);
  g_hash_table_insert (leads, self, g_atomic_rc_box_acquire (lead));

  g_dbus_connection_new (G_IO_STREAM (self->ours), guid,
                         (G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER |
                          G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING),
                         NULL, self->cancellable, fake_pool_connected_cb, lead);

  return self;
}

void
fake_pool_free (FakePool *self)
{
  FakePoolLead *lead = g_hash_table_lookup (leads, self);

  g_hash_table_remove (leads, self);
  if (g_hash_table_size (leads) == 0)
    g_clear_pointer (&leads, g_hash_table_unref);
  lead->pool = NULL;
  g_atomic_rc_box_release (lead);

  g_cancellable_cancel (self->cancellable);
  fake_pool_die (self);
  g_object_unref (self->cancellable);
  g_object_unref (self->ours);
  g_clear_object (&self->theirs);
  g_clear_object (&self->open_call);
  g_hash_table_unref (self->counts);
  g_hash_table_unref (self->last);
  g_free (self);
}

GIOStream *
fake_pool_take_stream (FakePool *self)
{
  return G_IO_STREAM (g_steal_pointer (&self->theirs));
}

void
fake_pool_set_answer (FakePool       *self,
                      FakePoolAnswer  answer,
                      gpointer        user_data)
{
  self->answer = answer;
  self->answer_data = user_data;
}

void
fake_pool_set_control (FakePool *self,
                       gboolean  control)
{
  self->control = control;
}

static GVariant *
fake_pool_answer_summary (FakePool *self)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&builder, "{sv}", "name", g_variant_new_string ("Fake Pool"));
  g_variant_builder_add (&builder, "{sv}", "application-id",
                         g_variant_new_string ("org.example.Fake"));
  g_variant_builder_add (&builder, "{sv}", "pid", g_variant_new_uint32 (42));
  g_variant_builder_add (&builder, "{sv}", "control", g_variant_new_boolean (self->control));
  g_variant_builder_add (&builder, "{sv}", "payload-capture", g_variant_new_uint32 (100));
  g_variant_builder_add (&builder, "{sv}", "time", g_variant_new_int64 (g_get_monotonic_time ()));
  g_variant_builder_add (&builder, "{sv}", "counts",
                         g_variant_new ("(uuuuu)", self->n_rows, self->n_rows, 0, 0, 0));

  return g_variant_new ("(a{sv})", &builder);
}

/* Its ids are 1, 2, 3, … */
static GVariant *
fake_pool_answer_page (FakePool *self,
                       GVariant *parameters)
{
  GVariantBuilder builder;
  guint64 first;
  guint32 count;

  g_variant_get (parameters, "(tu)", &first, &count);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint64 id = MAX (first, 1); id <= self->n_rows && count > 0; id++, count--)
    g_variant_builder_add_value (&builder, fake_pool_make_row (id));

  return g_variant_new ("(aa{sv})", &builder);
}

GVariant *
fake_pool_answer (FakePool   *self,
                  const char *method,
                  GVariant   *parameters)
{
  if (g_str_equal (method, "GetSummary"))
    return fake_pool_answer_summary (self);
  if (g_str_equal (method, "GetConnections"))
    return fake_pool_answer_page (self, parameters);
  if (g_str_equal (method, "GetDetails"))
    return g_variant_new_parsed ("({'protocol': <'chat'>},)");
  if (g_str_equal (method, "GetJournal"))
    return g_variant_new_parsed ("(@a(txuuds) [],)");
  if (g_str_equal (method, "Ping"))
    return g_variant_new ("(d)", 1.5);

  return g_variant_new ("()");
}

guint
fake_pool_count (FakePool   *self,
                 const char *method)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, method));
}

gboolean
fake_pool_was_told (FakePool   *self,
                    const char *method,
                    const char *parameters)
{
  g_autoptr (GVariant) expected = g_variant_parse (NULL, parameters, NULL, NULL, NULL);
  GVariant *last = g_hash_table_lookup (self->last, method);

  g_assert_nonnull (expected);

  return last != NULL && g_variant_equal (last, expected);
}

void
fake_pool_answer_late (FakePool *self,
                       GVariant *answer)
{
  g_assert_nonnull (self->open_call);
  fake_pool_reply (self, self->open_call, answer);
  g_clear_object (&self->open_call);
}

gboolean
fake_pool_is_ready (FakePool *self)
{
  return self->bus != NULL;
}

gboolean
fake_pool_is_closed (FakePool *self)
{
  return self->bus != NULL && g_dbus_connection_is_closed (self->bus);
}

void
fake_pool_emit (FakePool   *self,
                const char *signal,
                GVariant   *parameters)
{
  g_assert_nonnull (self->bus);
  g_dbus_connection_emit_signal (self->bus, NULL, POOL_PATH, POOL_INTERFACE, signal,
                                 parameters, NULL);
}

guint
fake_pool_emit_mark (FakePool *self)
{
  guint n_open = FIRST_MARK + self->n_marks++;

  fake_pool_emit (self, "Changed",
                  g_variant_new_parsed ("(@x 5, (@u 9, %u, @u 0, @u 0, @u 0), @ay [], @a(ts) [],"
                                        " @aa{sv} [], @at [])", n_open));

  return n_open;
}

void
fake_pool_flush (FakePool *self)
{
  g_assert_true (g_dbus_connection_flush_sync (self->bus, NULL, NULL));
}

/* As a process does that is killed. */
void
fake_pool_die (FakePool *self)
{
  g_socket_shutdown (g_socket_connection_get_socket (self->ours), TRUE, TRUE, NULL);
  if (self->bus != NULL)
    {
      g_dbus_connection_remove_filter (self->bus, self->filter);
      g_dbus_connection_close (self->bus, NULL, NULL, NULL);
    }
  g_clear_object (&self->bus);
}

GVariant *
fake_pool_make_figures (guint64 id,
                        guint   state,
                        guint64 n_answered,
                        guint64 n_missed,
                        double  round_trip)
{
  gint64 now_us = g_get_monotonic_time ();

  return g_variant_new (FIGURES_TYPE, id,
                        now_us + G_USEC_PER_SEC, now_us - G_USEC_PER_SEC, now_us,
                        (guint64) 1, (guint64) 2, (guint64) 3, (guint64) 4,
                        n_answered + n_missed, n_answered, n_missed,
                        round_trip, round_trip,
                        state, 1, 0, 3, 0, 0, 5000, 0);
}

GVariant *
fake_pool_make_row (guint64 id)
{
  GVariantBuilder builder;
  g_autofree char *name = g_strdup_printf ("feed %" G_GUINT64_FORMAT, id);
  g_autofree char *uri = g_strdup_printf ("wss://example.org/%" G_GUINT64_FORMAT, id);

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&builder, "{sv}", "id", g_variant_new_uint64 (id));
  g_variant_builder_add (&builder, "{sv}", "name", g_variant_new_string (name));
  g_variant_builder_add (&builder, "{sv}", "uri", g_variant_new_string (uri));
  g_variant_builder_add (&builder, "{sv}", "figures",
                         fake_pool_make_figures (id, 3, 2, 1, 12.5));
  g_variant_builder_add (&builder, "{sv}", "reason", g_variant_new_string ("It is open."));
  g_variant_builder_add (&builder, "{sv}", "beats", g_variant_new_parsed ("[11.5, -1.0, 12.5]"));

  return g_variant_builder_end (&builder);
}

GVariant *
fake_pool_make_changed (GVariant *figures)
{
  g_autoptr (GVariant) taken = figures != NULL ? g_variant_ref_sink (figures) : NULL;
  gconstpointer bytes = taken != NULL ? g_variant_get_data (taken) : NULL;
  gsize n_bytes = taken != NULL ? g_variant_get_size (taken) : 0;

  return g_variant_new ("(x(uuuuu)@ay@a(ts)@aa{sv}@at)",
                        g_get_monotonic_time (), 3, 2, 1, 0, 0,
                        g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, bytes, n_bytes, 1),
                        g_variant_new_parsed ("@a(ts) []"),
                        g_variant_new_parsed ("@aa{sv} []"),
                        g_variant_new_parsed ("@at []"));
}

static gboolean
fake_pool_tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Conditions that no source wakes for are looked at now and then. */
GSource *
fake_pool_start_ticking (void)
{
  GSource *tick = g_timeout_source_new (TICK_MS);

  g_source_set_callback (tick, fake_pool_tick_cb, NULL, NULL);
  g_source_attach (tick, NULL);

  return tick;
}
