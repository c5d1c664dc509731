/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-world.h"

#include "wsm-enum-types.h"
#include "wsm-exporter.h"

#include <string.h>

/* Each property of each type, by name, as other languages and tools see it. */

static guint n_notified;

static void
notify_cb (GObject    *object,
           GParamSpec *pspec,
           gpointer    user_data)
{
  g_test_message ("%s notifies", pspec->name);
  n_notified++;
}

/* Strings and boxed values are others each time, and objects are themselves. */
static void
assert_equal (const GValue *first,
              const GValue *second)
{
  if (G_VALUE_HOLDS_STRING (first))
    g_assert_cmpstr (g_value_get_string (first), ==, g_value_get_string (second));
  else if (G_VALUE_HOLDS (first, G_TYPE_STRV))
    g_assert_true ((g_value_get_boxed (first) == NULL) == (g_value_get_boxed (second) == NULL));
  else if (G_VALUE_HOLDS_OBJECT (first))
    g_assert_true (g_value_get_object (first) == g_value_get_object (second));
  else if (G_VALUE_HOLDS_DOUBLE (first))
    g_assert_cmpfloat (g_value_get_double (first), ==, g_value_get_double (second));
  else if (!G_VALUE_HOLDS_BOXED (first))
    g_assert_cmpmem (&first->data[0], sizeof first->data[0], &second->data[0],
                     sizeof second->data[0]);
}

/* Read twice, it is the same; what may be set takes what it has, and then nothing has changed. */
static void
check_properties (GObject *object)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint n_pspecs;
  gulong handler = g_signal_connect (object, "notify", G_CALLBACK (notify_cb), NULL);

  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n_pspecs);
  g_assert_cmpuint (n_pspecs, >, 0);
  for (guint i = 0; i < n_pspecs; i++)
    {
      g_auto (GValue) first = G_VALUE_INIT;
      g_auto (GValue) second = G_VALUE_INIT;

      g_test_message ("%s:%s", G_OBJECT_TYPE_NAME (object), pspecs[i]->name);
      /* A connection can only say anything once it is there. */
      g_assert_cmpuint (pspecs[i]->flags & G_PARAM_READABLE, !=, 0);
      g_object_get_property (object, pspecs[i]->name, &first);
      g_object_get_property (object, pspecs[i]->name, &second);
      assert_equal (&first, &second);

      n_notified = 0;
      if ((pspecs[i]->flags & G_PARAM_WRITABLE) != 0 &&
          (pspecs[i]->flags & G_PARAM_CONSTRUCT_ONLY) == 0)
        g_object_set_property (object, pspecs[i]->name, &first);
      g_assert_cmpuint (n_notified, ==, 0);
    }
  g_signal_handler_disconnect (object, handler);
}

static void
test_connection (gconstpointer user_data)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed = wsm_test_world_bring_to (world, "/a", GPOINTER_TO_UINT (user_data));

  check_properties (G_OBJECT (feed));
  check_properties (G_OBJECT (wsm_connection_get_latency (feed)));
  check_properties (G_OBJECT (wsm_connection_get_heartbeat (feed)));
  check_properties (G_OBJECT (wsm_connection_get_backoff (feed)));
  wsm_test_world_assert_log (world, "");

  wsm_test_world_free (world);
}

/* What GBinding and the expressions of GTK do with a property and another one that is a text. */
static char *
read_as_text (WsmConnection *feed,
              const char    *name)
{
  g_auto (GValue) text = G_VALUE_INIT;

  g_value_init (&text, G_TYPE_STRING);
  g_object_get_property (G_OBJECT (feed), name, &text);

  return g_value_dup_string (&text);
}

static void
test_texts (void)
{
  static const char * const nicks[] = {
    "idle", "connecting", "open", "suspect", "waiting", "closing", "closed", "failed",
  };

  for (guint i = 0; i < G_N_ELEMENTS (nicks); i++)
    {
      WsmTestWorld *world = wsm_test_world_new (1);
      WsmConnection *feed = wsm_test_world_bring_to (world, "/a", i);
      g_autofree char *state = read_as_text (feed, "state");
      g_autofree char *reason = read_as_text (feed, "reason");
      g_autofree char *sentence = wsm_reason_to_string (wsm_connection_get_reason (feed));

      g_assert_cmpstr (state, ==, nicks[i]);
      g_assert_cmpstr (reason, ==, sentence);
      wsm_test_world_assert_log (world, "");
      wsm_test_world_free (world);
    }
}

/* Whoever shows a state may have made it up; and of no reason nothing is said. */
static void
test_no_texts (void)
{
  g_auto (GValue) state = G_VALUE_INIT;
  g_auto (GValue) reason = G_VALUE_INIT;
  g_auto (GValue) text = G_VALUE_INIT;

  g_object_unref (wsm_connection_new ("ws://localhost/"));
  g_value_init (&state, WSM_TYPE_STATE);
  g_value_init (&reason, WSM_TYPE_REASON);
  g_value_init (&text, G_TYPE_STRING);

  g_value_set_enum (&state, 99);
  g_assert_true (g_value_transform (&state, &text));
  g_assert_null (g_value_get_string (&text));

  g_assert_true (g_value_transform (&reason, &text));
  g_assert_null (g_value_get_string (&text));
}

static void
test_pool (void)
{
  WsmTestWorld *world = wsm_test_world_new (1);
  WsmConnection *feed G_GNUC_UNUSED = wsm_test_world_bring_to (world, "/a", WSM_STATE_OPEN);
  g_autoptr (WsmExporter) exporter = g_object_new (WSM_TYPE_EXPORTER,
                                                   "pool", world->pool,
                                                   "announce", FALSE,
                                                   NULL);

  check_properties (G_OBJECT (world->pool));
  check_properties (G_OBJECT (exporter));
  wsm_test_world_assert_log (world, "");

  g_clear_object (&exporter);
  wsm_test_world_free (world);
}

int
main (int   argc,
      char *argv[])
{
  static const char * const paths[] = {
    [WSM_STATE_IDLE] = "/properties/of-one-that-is-idle",
    [WSM_STATE_CONNECTING] = "/properties/of-one-that-connects",
    [WSM_STATE_OPEN] = "/properties/of-one-that-is-open",
    [WSM_STATE_SUSPECT] = "/properties/of-one-that-is-late",
    [WSM_STATE_WAITING] = "/properties/of-one-that-waits",
    [WSM_STATE_CLOSING] = "/properties/of-one-that-closes",
    [WSM_STATE_CLOSED] = "/properties/of-one-that-is-closed",
    [WSM_STATE_FAILED] = "/properties/of-one-that-has-failed",
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    g_test_add_data_func (paths[i], GUINT_TO_POINTER (i), test_connection);
  g_test_add_func ("/properties/of-a-pool", test_pool);
  g_test_add_func ("/properties/as-texts", test_texts);
  g_test_add_func ("/properties/as-no-texts", test_no_texts);

  return g_test_run ();
}
