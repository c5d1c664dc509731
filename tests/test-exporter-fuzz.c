/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "siege.h"

static GVariant *
make_value (guint depth)
{
  static const char * const texts[] = { "", "x", "interval", "../..", "\xf0\x9f\x92\x93" };
  GVariantBuilder builder;

  switch (g_test_rand_int_range (0, depth > 0 ? 11 : 8))
    {
    case 0:
      return g_variant_new_boolean (g_test_rand_bit ());

    case 1:
      return g_variant_new_byte ((guchar) g_test_rand_int_range (0, 256));

    case 2:
      return g_variant_new_int32 (g_test_rand_int ());

    case 3:
      return g_variant_new_uint32 (g_test_rand_bit () ? (guint32) g_test_rand_int ()
                                                      : (guint32) g_test_rand_int_range (0, 600));

    case 4:
      return g_variant_new_int64 ((gint64) g_test_rand_int () * g_test_rand_int ());

    case 5:
      return g_variant_new_uint64 ((guint64) g_test_rand_int_range (0, 200));

    case 6:
      return g_variant_new_double (g_test_rand_double_range (-1e6, 1e6));

    case 7:
      return g_variant_new_string (texts[g_test_rand_int_range (0, G_N_ELEMENTS (texts))]);

    case 8:
      return g_variant_new_variant (make_value (depth - 1));

    case 9:
      g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
      for (int n = g_test_rand_int_range (0, 5); n > 0; n--)
        g_variant_builder_add (&builder, "{sv}",
                               texts[g_test_rand_int_range (0, G_N_ELEMENTS (texts))],
                               make_value (depth - 1));
      return g_variant_builder_end (&builder);

    default:
      g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
      for (int n = g_test_rand_int_range (1, 5); n > 0; n--)
        g_variant_builder_add_value (&builder, make_value (depth - 1));
      return g_variant_builder_end (&builder);
    }
}

/* Right or nearly so, so that it gets past the first check. */
static GVariant *
make_body (const char *method)
{
  static const struct
  {
    const char *method;
    const char *types;
  } signatures[] = {
    { "GetSummary", "" }, { "GetConnections", "tu" }, { "GetDetails", "t" },
    { "GetJournal", "tt" }, { "Watch", "utu" }, { "Unwatch", "" }, { "Follow", "tbu" },
    { "Ping", "t" }, { "RetryNow", "t" }, { "Resume", "t" }, { "SendText", "ts" },
    { "Close", "tus" }, { "SetHeartbeat", "tv" }, { "SetBackoff", "tv" },
  };
  GVariantBuilder builder;
  const char *types = "";

  for (guint i = 0; i < G_N_ELEMENTS (signatures); i++)
    if (g_str_equal (signatures[i].method, method))
      types = signatures[i].types;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
  for (const char *type = types; *type != '\0'; type++)
    {
      if (g_test_rand_int_range (0, 20) == 0)
        g_variant_builder_add_value (&builder, make_value (2));
      else if (*type == 't')
        g_variant_builder_add (&builder, "t", (guint64) g_test_rand_int_range (0, 100));
      else if (*type == 'u')
        g_variant_builder_add (&builder, "u",
                               (guint32) g_test_rand_int () >> g_test_rand_int_range (0, 31));
      else if (*type == 'b')
        g_variant_builder_add (&builder, "b", g_test_rand_bit ());
      else if (*type == 's')
        g_variant_builder_add (&builder, "s", "text");
      else
        g_variant_builder_add_parsed (&builder, "{'interval': <%u>, 'jitter': <%d>}",
                                      (guint32) g_test_rand_int_range (0, 100000),
                                      g_test_rand_double_range (-1.0, 2.0));
    }

  return g_variant_builder_end (&builder);
}

static GDBusMessage *
make_message (guint i)
{
  static const char * const methods[] = {
    "GetSummary", "GetConnections", "GetDetails", "GetJournal", "Watch", "WatchRows", "Unwatch",
    "Follow",
    "Ping", "RetryNow", "Resume", "SendText", "SetHeartbeat", "SetBackoff", "Close", "Get",
    "Introspect", "Hello",
  };
  static const char * const interfaces[] = {
    SIEGE_INTERFACE, SIEGE_INTERFACE, SIEGE_INTERFACE, SIEGE_INTERFACE ".Control",
    SIEGE_INTERFACE ".Control",
    "org.freedesktop.DBus.Properties", "org.freedesktop.DBus.Introspectable",
    "org.freedesktop.DBus.Peer", "org.freedesktop.DBus",
  };
  static const char * const paths[] = {
    SIEGE_PATH, SIEGE_PATH, SIEGE_PATH, SIEGE_PATH, SIEGE_PATH, SIEGE_PATH, "/", SIEGE_PATH "/1",
  };
  const char *method = methods[g_test_rand_int_range (0, G_N_ELEMENTS (methods))];
  const char *interface_name = interfaces[g_test_rand_int_range (0, G_N_ELEMENTS (interfaces))];
  const char *path = paths[g_test_rand_int_range (0, G_N_ELEMENTS (paths))];
  GDBusMessage *message = NULL;

  /* They are to be open at the end; Control as such has its own tests. */
  if (g_str_equal (method, "Close") || g_str_equal (method, "SetHeartbeat"))
    interface_name = SIEGE_INTERFACE;

  switch (g_test_rand_int_range (0, 12))
    {
    case 0:
      message = g_dbus_message_new_signal (path, interface_name, method);
      break;

    case 1:
      message = g_dbus_message_new ();
      g_dbus_message_set_message_type (message, G_DBUS_MESSAGE_TYPE_METHOD_RETURN);
      g_dbus_message_set_reply_serial (message, i + 1);
      break;

    default:
      message = g_dbus_message_new_method_call (NULL, path, interface_name, method);
      if (g_test_rand_int_range (0, 4) == 0)
        g_dbus_message_set_flags (message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
      break;
    }
  if (g_test_rand_int_range (0, 3) == 0)
    g_dbus_message_set_body (message, g_variant_new ("(v)", make_value (3)));
  else
    g_dbus_message_set_body (message, make_body (method));

  return message;
}

static void
test_fuzz_anything (Siege        *siege,
                    gconstpointer data)
{
  for (guint i = 0; i < 4000; i++)
    {
      g_autoptr (GDBusMessage) message = make_message (i);

      g_dbus_connection_send_message (siege->inspector->bus, message,
                                      G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
      if (i % 20 == 0)
        siege_turn (siege);
      if (i % 200 == 0 && !siege->inspector->is_closed)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (GVariant) reply = NULL;

          reply = inspector_client_call (siege->inspector, "GetSummary", NULL, &error);
          g_ptr_array_set_size (siege->inspector->signals, 0);
        }
      if (siege->inspector->is_closed)
        {
          inspector_client_free (siege->inspector);
          siege->inspector = inspector_client_new (siege->exporter, siege->context);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add ("/exporter-fuzz/anything", Siege, NULL, siege_set_up, test_fuzz_anything,
              siege_tear_down);

  return g_test_run ();
}
