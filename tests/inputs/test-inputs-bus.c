/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "siege.h"
#include "wsm-connection-private.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

/* Bad inputs 45 to 56: what another program may say over D-Bus to one that shows its pools. */

#define INVALID "org.freedesktop.DBus.Error.InvalidArgs"
#define NO_METHOD "org.freedesktop.DBus.Error.UnknownMethod"
#define LIMITS "org.freedesktop.DBus.Error.LimitsExceeded"
#define NOT_IN_POOL "io.github.wsmulti.Error.NotInPool"

typedef struct
{
  const char *method;
  const char *parameters;
  const char *error; /* its name */
  const char *says;
} BadCall;

static const BadCall unknown_calls[] = {
  { "Shutdown", "()", NO_METHOD, "Shutdown" },
  { "getSummary", "()", NO_METHOD, "getSummary" },
  { "Ping", "(uint64 1,)", NO_METHOD, "Ping" },
};

static const BadCall wrong_signatures[] = {
  { "GetConnections", "('all',)", INVALID, "(tu)" },
  { "GetConnections", "(uint64 0,)", INVALID, "(tu)" },
  { "GetDetails", "(1,)", INVALID, "(t)" },
  { "Watch", "(250, 0, 0)", INVALID, "(utu)" },
  { "Watch", "()", INVALID, "(utu)" },
  { "Unwatch", "('now',)", INVALID, "()" },
};

static const BadCall paths[] = {
  { "GetDetails", "('../1',)", INVALID, "(t)" },
  { "GetJournal", "('../../etc/passwd', uint64 0)", INVALID, "(tt)" },
};

static const BadCall wrong_ids[] = {
  { "GetDetails", "(uint64 0,)", NOT_IN_POOL, "id: there is no connection 0" },
  { "GetDetails", "(uint64 18446744073709551615,)", NOT_IN_POOL, "18446744073709551615" },
  { "GetJournal", "(uint64 999999, uint64 0)", NOT_IN_POOL, "999999" },
  { "Follow", "(uint64 999999, true, uint32 0)", NOT_IN_POOL, "999999" },
};

static const BadCall out_of_range[] = {
  { "GetConnections", "(uint64 0, uint32 0)", INVALID, "count: 0 is not from 1 to 500" },
  { "GetConnections", "(uint64 0, uint32 501)", INVALID, "count: 501" },
  { "GetConnections", "(uint64 0, uint32 4294967295)", INVALID, "count: 4294967295" },
  { "Watch", "(uint32 0, uint64 0, uint32 0)", INVALID, "interval: 0 is not from 50" },
  { "Watch", "(uint32 49, uint64 0, uint32 0)", INVALID, "interval: 49" },
  { "Watch", "(uint32 60001, uint64 0, uint32 0)", INVALID, "interval: 60001" },
  { "Watch", "(uint32 4294967295, uint64 0, uint32 0)", INVALID, "interval" },
};

static void
assert_refused (GVariant     *reply,
                const GError *error,
                const char   *name,
                const char   *says)
{
  g_autofree char *remote = NULL;

  g_assert_null (reply);
  g_assert_nonnull (error);
  remote = g_dbus_error_get_remote_error (error);
  g_assert_cmpstr (remote, ==, name);
  g_assert_nonnull (strstr (error->message, says));
}

static void
make_bad_calls (Siege         *siege,
                const BadCall *calls,
                guint          n_calls)
{
  for (guint i = 0; i < n_calls; i++)
    {
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) error = NULL;

      g_test_message ("%s %s", calls[i].method, calls[i].parameters);
      reply = inspector_client_call (siege->inspector, calls[i].method,
                                     g_variant_new_parsed (calls[i].parameters), &error);
      assert_refused (reply, error, calls[i].error, calls[i].says);
    }
}

static void
result_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Of any object and interface. */
static GVariant *
call_anything (Siege       *siege,
               const char  *path,
               const char  *interface,
               const char  *method,
               GVariant    *parameters,
               GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (siege->inspector->bus, NULL, path, interface, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL, result_cb, &result);
  SIEGE_WAIT_FOR (result != NULL);

  return g_dbus_connection_call_finish (siege->inspector->bus, result, error);
}

/* 45 */
static void
test_unknown (Siege        *siege,
              gconstpointer data)
{
  static const struct
  {
    const char *path;
    const char *interface;
  } places[] = {
    { SIEGE_PATH, "io.github.wsmulti.Pool2" },
    { SIEGE_PATH "/1", SIEGE_INTERFACE },
    { "/", SIEGE_INTERFACE },
  };

  make_bad_calls (siege, unknown_calls, G_N_ELEMENTS (unknown_calls));
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) error = NULL;

      reply = call_anything (siege, places[i].path, places[i].interface, "GetSummary", NULL,
                             &error);
      assert_refused (reply, error, NO_METHOD, "");
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) error = NULL;
      GVariant *parameters =
        i == 0 ? g_variant_new ("(ss)", SIEGE_INTERFACE, "Secret")
               : g_variant_new ("(ssv)", SIEGE_INTERFACE, "Secret", g_variant_new_string ("x"));

      reply = call_anything (siege, SIEGE_PATH, "org.freedesktop.DBus.Properties",
                             i == 0 ? "Get" : "Set", parameters, &error);
      assert_refused (reply, error, INVALID, "Secret");
    }
}

/* 46 to 48, and what is in range of its type alone */
static void
test_wrong_signatures (Siege        *siege,
                       gconstpointer data)
{
  make_bad_calls (siege, wrong_signatures, G_N_ELEMENTS (wrong_signatures));
}

static void
test_paths_as_ids (Siege        *siege,
                   gconstpointer data)
{
  make_bad_calls (siege, paths, G_N_ELEMENTS (paths));
}

static void
test_ranges (Siege        *siege,
             gconstpointer data)
{
  make_bad_calls (siege, out_of_range, G_N_ELEMENTS (out_of_range));
}

/* Ids are not used again, and one pool does not know those of another. */
static void
test_ids_of_others (Siege        *siege,
                    gconstpointer data)
{
  WsmConnection *brief = wsm_pool_add (siege->pool, "ws://127.0.0.1/brief", NULL);
  guint64 removed = wsm_connection_get_id (brief);
  g_autoptr (WsmPool) other = wsm_pool_new ();
  WsmConnection *foreign = wsm_connection_new ("ws://127.0.0.1/foreign");
  guint64 ids[2];

  g_assert_true (wsm_pool_add_connection (other, foreign, NULL));
  ids[0] = removed;
  ids[1] = wsm_connection_get_id (foreign);
  g_object_unref (foreign);
  g_assert_true (wsm_pool_remove (siege->pool, brief));

  make_bad_calls (siege, wrong_ids, G_N_ELEMENTS (wrong_ids));
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, ids[i]);

      g_assert_cmpuint (ids[i], >, 0);
      reply = inspector_client_call (siege->inspector, "GetDetails",
                                     g_variant_new ("(t)", ids[i]), &error);
      assert_refused (reply, error, NOT_IN_POOL, number);
    }
  g_assert_cmpuint (ids[0], !=, ids[1]);
}

/* 49: GDBus takes a message of this size, and nobody looks into it. */
static void
test_huge_text (Siege        *siege,
                gconstpointer data)
{
  gsize size = 100 * 1024 * 1024;
  char *text = g_malloc (size + 1);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  memset (text, 'x', size);
  text[size] = '\0';
  reply = inspector_client_call (siege->inspector, "GetDetails",
                                 g_variant_new ("(@s)", g_variant_new_take_string (text)),
                                 &error);
  assert_refused (reply, error, LIMITS, "");
}

/* 50, 51: too many calls. */

typedef struct
{
  guint n_answered;
  guint n_refused;
} Tally;

static void
replied_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  Tally *tally = user_data;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (reply != NULL)
    {
      tally->n_answered++;
      return;
    }
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
  tally->n_refused++;
}

static void
test_many_calls (Siege        *siege,
                         gconstpointer data)
{
  const char *method = data;
  Tally tally = { 0 };
  guint n_sent = 0;

  while (n_sent < 10000)
    {
      GVariant *parameters = g_str_equal (method, "Watch")
                               ? g_variant_new ("(utu)", 50, G_GUINT64_CONSTANT (0), G_MAXUINT32)
                               : g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 500);

      g_dbus_connection_call (siege->inspector->bus, NULL, SIEGE_PATH, SIEGE_INTERFACE, method,
                              parameters, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                              replied_cb, &tally);
      n_sent++;
      /* As fast as the answers are read, so that it is their number alone that is too much. */
      if (n_sent % 500 == 0)
        SIEGE_WAIT_FOR (n_sent - tally.n_answered - tally.n_refused < 500);
    }
  SIEGE_WAIT_FOR (tally.n_answered + tally.n_refused == n_sent);
  g_assert_cmpuint (tally.n_answered, >=, 100);
  g_assert_cmpuint (tally.n_refused, >=, 1000);
  g_assert_false (siege->inspector->is_closed);
}

static GDBusMessage *
count_messages_cb (GDBusConnection *bus,
                   GDBusMessage    *message,
                   gboolean         incoming,
                   gpointer         user_data)
{
  if (incoming)
    g_atomic_int_inc ((int *) user_data);

  return message;
}

/* Until what was sent before is answered or refused. */
static void
settle (Siege *siege)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (siege->inspector, "GetSummary", NULL, &error);
  if (reply == NULL)
    g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
}

/* Calls that want no answer get none, and are not counted for ever. */
static void
test_calls_without_answers (Siege        *siege,
                                    gconstpointer data)
{
  int n_received = 0;
  guint filter;

  filter = g_dbus_connection_add_filter (siege->inspector->bus, count_messages_cb, &n_received,
                                         NULL);
  for (guint i = 0; i < 3000; i++)
    {
      g_dbus_connection_call (siege->inspector->bus, NULL, SIEGE_PATH, SIEGE_INTERFACE,
                              i % 3 == 0 ? "Nonsense" : "GetSummary", NULL, NULL,
                              G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
      if (i % 100 == 99)
        settle (siege);
    }
  g_dbus_connection_remove_filter (siege->inspector->bus, filter);
  g_assert_cmpint (g_atomic_int_get (&n_received), ==, 30);
  g_assert_false (siege->inspector->is_closed);
}

/* As it goes over the wire. */
static guchar *
make_call (const char *method,
           GVariant   *parameters,
           gsize      *length)
{
  g_autoptr (GDBusMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  guchar *blob;

  message = g_dbus_message_new_method_call (NULL, SIEGE_PATH, SIEGE_INTERFACE, method);
  g_dbus_message_set_body (message, parameters);
  g_dbus_message_set_serial (message, 1);
  blob = g_dbus_message_to_blob (message, length, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  g_assert_no_error (error);

  return blob;
}

static void
write_bytes (GIOStream    *stream,
             gconstpointer data,
             gsize         length)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (stream), data, length, NULL, NULL,
                             NULL);
}

/* 52: in the middle of a call, and before the answer. */
static void
test_caller_leaves (Siege        *siege,
                    gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    {
      g_autoptr (GIOStream) stream = siege_connect_stream (siege, TRUE);
      gsize length;
      g_autofree guchar *call = make_call ("GetConnections",
                                           g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 500),
                                           &length);

      write_bytes (stream, call, i % 2 == 0 ? length : length / 2);
      for (guint n = i % 3; n > 0; n--)
        siege_turn (siege);
      g_assert_true (g_io_stream_close (stream, NULL, NULL));
      SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 1);
    }
}

/* Writes a call in which some bytes were replaced by others of the same number. */
static GIOStream *
write_forged_call (Siege         *siege,
                   const char    *method,
                   GVariant      *parameters,
                   gconstpointer  from,
                   gconstpointer  to,
                   gsize          size)
{
  GIOStream *stream = siege_connect_stream (siege, TRUE);
  gsize length;
  g_autofree guchar *call = make_call (method, parameters, &length);
  guchar *place = memmem (call, length, from, size);

  g_assert_nonnull (place);
  memcpy (place, to, size);
  write_bytes (stream, call, length);

  return stream;
}

/* 53: a bus would have dropped its sender; here there is no bus between. */
static void
test_invalid_utf8 (Siege        *siege,
                   gconstpointer data)
{
  g_autoptr (GIOStream) stream = NULL;

  siege_expect_noise (siege);
  stream = write_forged_call (siege, "GetDetails", g_variant_new ("(s)", "abcdefgh"),
                              "abcdefgh", "ab\xff\xfe" "efgh", 8);
  SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 1);
  siege_forget_noise (siege);
}

/* 54: each is shown by itself, under a name that need not be its own. */
static void
test_equal_names (Siege        *siege,
                  gconstpointer data)
{
  g_autoptr (WsmPool) twin = wsm_pool_new ();
  g_autoptr (WsmExporter) exporter = g_object_new (WSM_TYPE_EXPORTER,
                                                   "pool", twin,
                                                   "name", wsm_exporter_get_name (siege->exporter),
                                                   "announce", FALSE,
                                                   NULL);
  InspectorClient *inspector = inspector_client_new (exporter, siege->context);
  g_autoptr (GVariant) rows = NULL;
  g_autoptr (GVariant) others = NULL;
  g_autoptr (GVariant) list = NULL;
  g_autoptr (GVariant) other_list = NULL;

  rows = inspector_client_call (inspector, "GetConnections",
                                g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 500), NULL);
  others = inspector_client_call (siege->inspector, "GetConnections",
                                  g_variant_new ("(tu)", G_GUINT64_CONSTANT (0), 500), NULL);
  list = g_variant_get_child_value (rows, 0);
  other_list = g_variant_get_child_value (others, 0);
  g_assert_cmpuint (g_variant_n_children (list), ==, 0);
  g_assert_cmpuint (g_variant_n_children (other_list), ==, SIEGE_N_CONNECTIONS);
  inspector_client_free (inspector);
}

/* 55: a boolean that is neither false nor true counts as one of them. */
static void
test_not_in_normal_form (Siege        *siege,
                         gconstpointer data)
{
  guint64 id = 0x1122334455667788;
  guint32 number = 0x55aa55aa;
  guint8 from[16];
  guint8 to[16];
  guint32 truth = 1;
  guint32 neither = 2;
  g_autoptr (GIOStream) stream = NULL;
  GSocket *socket;
  g_autoptr (GDBusMessage) answer = NULL;
  g_autoptr (GError) error = NULL;
  char buffer[1024];
  gssize length;

  memcpy (from, &id, 8);
  memcpy (from + 8, &truth, 4);
  memcpy (from + 12, &number, 4);
  memcpy (to, from, sizeof to);
  memcpy (to + 8, &neither, 4);
  stream = write_forged_call (siege, "Follow", g_variant_new ("(tbu)", id, TRUE, number), from,
                              to, sizeof from);
  socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  SIEGE_WAIT_FOR (g_socket_get_available_bytes (socket) > 0);
  length = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL);
  answer = g_dbus_message_new_from_blob ((guchar *) buffer, (gsize) length,
                                         G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (g_dbus_message_get_error_name (answer), ==, NOT_IN_POOL);
  g_assert_true (g_io_stream_close (stream, NULL, NULL));
  SIEGE_WAIT_FOR (wsm_exporter_get_n_clients (siege->exporter) == 1);
}

/* 56 */
static void
test_control_of_what_is_read_only (Siege        *siege,
                                   gconstpointer data)
{
  static const char * const verbs[] = { "Ping", "Close", "Abort", "Pause", "RetryNow", "SendText" };
  g_autoptr (WsmExporter) exporter = g_object_new (WSM_TYPE_EXPORTER,
                                                   "pool", siege->pool,
                                                   "announce", FALSE,
                                                   NULL);
  InspectorClient *inspector = inspector_client_new (exporter, siege->context);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr (GVariant) reply = NULL;
      g_autoptr (GError) error = NULL;

      reply = inspector_client_call_control (inspector, verbs[i],
                                             g_variant_new ("(t)", G_GUINT64_CONSTANT (1)),
                                             &error);
      assert_refused (reply, error, NO_METHOD, "");
    }
  inspector_client_free (inspector);
}

/* Descriptors that nobody asked for are closed. */
static void
test_descriptors (Siege        *siege,
                          gconstpointer data)
{
  int ends[2];
  char rest;

  g_assert_cmpint (pipe2 (ends, O_CLOEXEC | O_NONBLOCK), ==, 0);
  for (guint i = 0; i < 20; i++)
    {
      g_autoptr (GUnixFDList) descriptors = g_unix_fd_list_new ();
      Tally tally = { 0 };

      g_assert_cmpint (g_unix_fd_list_append (descriptors, ends[1], NULL), ==, 0);
      g_dbus_connection_call_with_unix_fd_list (siege->inspector->bus, NULL, SIEGE_PATH,
                                                SIEGE_INTERFACE, "GetSummary", NULL, NULL,
                                                G_DBUS_CALL_FLAGS_NONE, G_MAXINT, descriptors,
                                                NULL, replied_cb, &tally);
      SIEGE_WAIT_FOR (tally.n_answered == 1);
    }
  close (ends[1]);

  /* The end is seen when the last writer is gone. */
  SIEGE_WAIT_FOR (read (ends[0], &rest, 1) == 0);
  close (ends[0]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(path, func, data) \
  g_test_add (path, Siege, data, siege_set_up, test_##func, siege_tear_down)
  ADD ("/inputs/45-unknown-method-property-or-object", unknown, NULL);
  ADD ("/inputs/46-wrong-signature", wrong_signatures, NULL);
  ADD ("/inputs/47-paths-as-ids", paths_as_ids, NULL);
  ADD ("/inputs/48-ids-of-another-pool-or-removed", ids_of_others, NULL);
  ADD ("/inputs/49-huge-text", huge_text, NULL);
  ADD ("/inputs/50-ten-thousand-watches", many_calls, "Watch");
  ADD ("/inputs/50-ten-thousand-pages", many_calls, "GetConnections");
  ADD ("/inputs/51-calls-that-want-no-answer", calls_without_answers, NULL);
  ADD ("/inputs/52-caller-leaves-in-mid-call", caller_leaves, NULL);
  ADD ("/inputs/53-invalid-utf8", invalid_utf8, NULL);
  ADD ("/inputs/54-two-pools-of-one-name", equal_names, NULL);
  ADD ("/inputs/55-not-in-normal-form", not_in_normal_form, NULL);
  ADD ("/inputs/56-control-of-what-is-read-only", control_of_what_is_read_only, NULL);
  ADD ("/inputs-bus/numbers-out-of-range", ranges, NULL);
  ADD ("/inputs-bus/descriptors", descriptors, NULL);
#undef ADD

  return g_test_run ();
}
