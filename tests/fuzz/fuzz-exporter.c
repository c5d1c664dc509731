/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include "exhibition.h"
#include "wsm-connection-private.h"

#include <string.h>

/* What an inspector may send: any message, and calls with arguments of the right types and of any
 * bytes. Each call is answered, and the pool is as it was. */

#define PATH "/io/github/wsmulti/Pool1"
#define INTERFACE "io.github.wsmulti.Pool1"

#define N_CONNECTIONS 3

/* The head of a message without fields. */
#define MIN_MESSAGE 16

/* No answer is longer than this. */
#define MAX_REPLY (256 * 1024)

static const struct
{
  const char *interface_name;
  const char *name;
  const char *types;
} methods[] = {
  { INTERFACE, "GetSummary", "()" },
  { INTERFACE, "GetConnections", "(tu)" },
  { INTERFACE, "GetDetails", "(t)" },
  { INTERFACE, "GetJournal", "(tt)" },
  { INTERFACE, "Watch", "(utu)" },
  { INTERFACE, "WatchRows", "(uat)" },
  { INTERFACE, "Unwatch", "()" },
  { INTERFACE, "Follow", "(tbu)" },
  { INTERFACE ".Control", "Ping", "(t)" },
  { INTERFACE ".Control", "RetryNow", "(t)" },
  { INTERFACE ".Control", "Pause", "(t)" },
  { INTERFACE ".Control", "Resume", "(t)" },
  { INTERFACE ".Control", "Close", "(tus)" },
  { INTERFACE ".Control", "Abort", "(t)" },
  { INTERFACE ".Control", "SendText", "(ts)" },
  { INTERFACE ".Control", "SetHeartbeat", "(ta{sv})" },
  { INTERFACE ".Control", "SetBackoff", "(ta{sv})" },
  { "org.freedesktop.DBus.Properties", "Get", "(ss)" },
  { "org.freedesktop.DBus.Properties", "GetAll", "(s)" },
  { "org.freedesktop.DBus.Properties", "Set", "(ssv)" },
};

static Exhibition *exhibition;

/* An exhibition takes threads and sockets, so one serves many inputs. */
static void
set_up (void)
{
  static Exhibition kept;

  if (exhibition != NULL)
    return;

  exhibition_set_up_with_control (&kept, NULL);
  exhibition = &kept;
}

/* New connections for each input, so that it can be repeated by itself. */
static void
set_the_table (void)
{
  WsmPool *pool = exhibition->world->pool;

  while (g_list_model_get_n_items (G_LIST_MODEL (pool)) > 0)
    wsm_pool_remove (pool, wsm_pool_peek_nth (pool, 0));
  for (guint i = 0; i < N_CONNECTIONS; i++)
    {
      g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1/%u", i);

      wsm_pool_add (pool, uri, NULL);
    }
  wsm_test_world_run_ms (exhibition->world, 100);
}

static void
replied_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

/* Ids that there are, so that not all calls fail for want of one. */
static GVariant *
aim (GVariant *arguments,
     guint8    number)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (arguments);
  WsmConnection *connection = wsm_pool_peek_nth (exhibition->world->pool, number % N_CONNECTIONS);
  GVariantBuilder builder;

  if (number >= 2 * N_CONNECTIONS || g_variant_n_children (owned) == 0)
    return g_steal_pointer (&owned);

  g_variant_builder_init (&builder, g_variant_get_type (owned));
  for (gsize i = 0; i < g_variant_n_children (owned); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (owned, i);

      if (i == 0 && g_variant_is_of_type (child, G_VARIANT_TYPE_UINT64))
        g_variant_builder_add (&builder, "t", wsm_connection_get_id (connection));
      else
        g_variant_builder_add_value (&builder, child);
    }

  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
call (FuzzInput *input)
{
  guint8 which = fuzz_input_take_byte (input) % G_N_ELEMENTS (methods);
  guint8 number = fuzz_input_take_byte (input);
  g_autoptr (GBytes) bytes = fuzz_input_take_rest (input);
  g_autoptr (GVariant) arguments = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  arguments = aim (g_variant_new_from_bytes (G_VARIANT_TYPE (methods[which].types), bytes, FALSE),
                   number);
  g_dbus_connection_call (exhibition->inspector->bus, NULL, PATH, methods[which].interface_name,
                          methods[which].name, arguments, NULL, G_DBUS_CALL_FLAGS_NONE, G_MAXINT,
                          NULL, replied_cb, &result);
  /* A ping is answered by the peer or by its deadline. */
  while (result == NULL)
    {
      inspector_client_turn (exhibition->inspector);
      if (g_str_equal (methods[which].name, "Ping"))
        wsm_test_world_run_ms (exhibition->world, 100);
    }
  reply = g_dbus_connection_call_finish (exhibition->inspector->bus, result, &error);
  if (reply != NULL)
    {
      g_assert_no_error (error);
      g_assert_cmpuint (g_variant_get_size (reply), <=, MAX_REPLY);
      g_assert_true (g_variant_is_normal_form (reply));
    }
  else
    {
      /* GDBus itself sends no types that D-Bus does not have. */
      g_assert_true (g_dbus_error_is_remote_error (error) ||
                     g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
      g_dbus_error_strip_remote_error (error);
      g_assert_true (g_utf8_validate (error->message, -1, NULL));
    }
}

/* A message of which not even the kind is right. */
static void
say (FuzzInput *input)
{
  g_autofree guint8 *blob = g_memdup2 (input->data, input->length);
  g_autoptr (GDBusMessage) message = NULL;
  g_autofree guchar *again = NULL;
  gsize again_length;

  if (input->length == 0)
    return;
  message = g_dbus_message_new_from_blob (blob, input->length, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  if (message == NULL)
    return;

  /* GDBus takes some messages for good that it does not send. */
  g_dbus_message_set_serial (message, 1);
  again = g_dbus_message_to_blob (message, &again_length, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  if (again == NULL || again_length <= MIN_MESSAGE)
    return;
  g_dbus_connection_send_message (exhibition->inspector->bus, message,
                                  G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

static void
unwatch (void)
{
  g_autoptr (GVariant) reply = NULL;

  reply = inspector_client_call (exhibition->inspector, "Unwatch", NULL, NULL);
  g_assert_nonnull (reply);
}

int
LLVMFuzzerTestOneInput (const guint8 *data,
                        gsize         length)
{
  FuzzInput input = { data, length };
  WsmPool *pool;

  if (length > 16 * 1024)
    return 0;

  set_up ();
  set_the_table ();
  pool = exhibition->world->pool;
  if (fuzz_input_take_byte (&input) == '#')
    say (&input);
  else
    call (&input);

  /* Calls are answered again after a while, and in their order: this one is the last. */
  wsm_test_world_run_ms (exhibition->world, 1000);
  exhibition_follow (exhibition, 0, FALSE, 0);
  unwatch ();
  exhibition_forget_signals (exhibition);
  g_assert_false (exhibition->inspector->is_closed);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (pool)), ==, N_CONNECTIONS);

  return 0;
}
