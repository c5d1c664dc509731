/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fake-pool.h"
#include "wsi-connection-private.h"
#include "wsi-hub.h"
#include "wsi-source-private.h"

#include <string.h>
#include <sys/socket.h>


#if defined (__SANITIZE_ADDRESS__)
#define N_ROUNDS 300
#else
#define N_ROUNDS 1500
#endif

typedef struct
{
  FakePool *pool;    /* (owned) */
  WsiSource *source; /* (owned) */
} Scene;

static void
scene_open (Scene          *scene,
            guint           n_rows,
            FakePoolAnswer  answer,
            gpointer        user_data)
{
  g_autoptr (GIOStream) stream = NULL;

  scene->pool = fake_pool_new (n_rows);
  fake_pool_set_answer (scene->pool, answer, user_data);
  scene->source = wsi_source_new (WSI_SOURCE_KIND_APP, NULL);
  stream = fake_pool_take_stream (scene->pool);
  wsi_source_connect (scene->source, stream);
}

static void
scene_close (Scene *scene)
{
  g_assert_finalize_object (scene->source);
  fake_pool_free (scene->pool);
}

static guint
scene_count (Scene *scene)
{
  return g_list_model_get_n_items (wsi_source_get_connections (scene->source));
}

/* Still alive, and right: what is proper is still taken. */
static void
scene_assert_well (Scene *scene)
{
  guint n_open = fake_pool_emit_mark (scene->pool);

  wait_until (wsi_source_get_n_open (scene->source) == n_open);
  g_assert_true (wsi_source_get_attached (scene->source));
}

static void
test_takes_no_wrong_types (void)
{
  static const char *const nonsense[] =
  {
    "@() ()",
    "('text',)",
    "(@x 1, (@u 1, @u 1, @u 1, @u 1), @a(tx) [], @a(ts) [], @aa{sv} [], @at [])",
    "(@u 1, (@u 1, @u 1, @u 1, @u 1, @u 1), @as [], @a(ts) [], @aa{sv} [], @at [])",
    "(@x 1, (@u 1, @u 1, @u 1, @u 1, @u 1), @ay [], @a(ts) [],"
    " [{'id': <'one'>}, {'id': <@t 0>}, {'name': <'nobody'>}], @at [@t 0])",
    "(@x 1, (@u 1, @u 1, @u 1, @u 1, @u 1), @ay [], @a(ts) [],"
    " [{'id': <@t 1>, 'name': <5>, 'uri': <@t 5>, 'figures': <(1, 2)>, 'reason': <[1]>,"
    "   'beats': <'x'>}], @at [])",
    "(@t 1, @a(txuuds) [])",
    "(@t 1, @t 18446744073709551615, @a(xuuuttay) [])",
    "(@t 1, [(@t 18446744073709551615, @x 1, @u 99, @u 99, @d 1.0, '')])",
  };
  static const char *const signals[] = { "Changed", "Events", "Frames", "Unheard" };
  Scene scene;
  WsiConnection *connection;

  scene_open (&scene, 3, NULL, NULL);
  wait_until (!wsi_source_get_loading (scene.source));
  connection = wsi_table_get (wsi_source_get_table (scene.source), 0);
  wsi_source_follow (scene.source, connection);
  wait_until (fake_pool_count (scene.pool, "Follow") == 1);

  for (gsize i = 0; i < G_N_ELEMENTS (nonsense); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (signals); j++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (GVariant) parameters = g_variant_parse (NULL, nonsense[i], NULL, NULL, &error);

        g_assert_no_error (error);
        fake_pool_emit (scene.pool, signals[j], parameters);
      }
  scene_assert_well (&scene);

  g_assert_cmpuint (scene_count (&scene), ==, 3);
  g_assert_cmpstr (wsi_connection_get_name (connection), ==, "feed 1");
  g_assert_cmpint (wsi_connection_get_state (connection), ==, WSI_STATE_OPEN);
  g_assert_cmpuint (wsi_beats_get_n (wsi_connection_get_beats (connection)), ==, 3);

  scene_close (&scene);
}

/* Always another full page. */
static GVariant *
endless_cb (FakePool   *pool,
            const char *method,
            GVariant   *parameters,
            gpointer    user_data)
{
  GVariantBuilder builder;
  guint64 first;

  if (!g_str_equal (method, "GetConnections"))
    return fake_pool_answer (pool, method, parameters);

  g_variant_get (parameters, "(tu)", &first, NULL);
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < 500; i++)
    {
      g_variant_builder_open (&builder, G_VARIANT_TYPE ("a{sv}"));
      g_variant_builder_add (&builder, "{sv}", "id",
                             g_variant_new_uint64 (MAX (first, 1) +
                                                   i * GPOINTER_TO_UINT (user_data)));
      g_variant_builder_close (&builder);
    }

  return g_variant_new ("(aa{sv})", &builder);
}

static void
test_takes_no_million_rows (void)
{
  Scene scene;

#if defined (__SANITIZE_ADDRESS__)
  g_test_skip ("millions of allocations, each of which is looked after");
  return;
#endif

  scene_open (&scene, 1000000, endless_cb, GUINT_TO_POINTER (1));
  wait_until (!wsi_source_get_loading (scene.source));
  g_assert_cmpuint (scene_count (&scene), ==, WSI_TABLE_CAPACITY);
  scene_assert_well (&scene);

  scene_close (&scene);
}

/* The same page again and again. */
static void
test_turns_no_page_twice (void)
{
  Scene scene;

  scene_open (&scene, 1, endless_cb, GUINT_TO_POINTER (0));
  wait_until (!wsi_source_get_loading (scene.source));
  g_assert_cmpuint (fake_pool_count (scene.pool, "GetConnections"), ==, 1);
  scene_assert_well (&scene);

  scene_close (&scene);
}

static GVariant *
wrong_cb (FakePool   *pool,
          const char *method,
          GVariant   *parameters,
          gpointer    user_data)
{
  if (user_data == NULL || g_str_equal (method, user_data))
    return g_variant_new_parsed ("('nonsense', @u 5)");

  return fake_pool_answer (pool, method, parameters);
}

static void
test_takes_no_wrong_answers (void)
{
  static const char *const methods[] =
  {
    "Watch", "Follow", "GetConnections", "GetJournal", "GetDetails",
  };
  Scene scene;

  for (gsize i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (WsiConnection) connection = NULL;

      scene_open (&scene, 3, wrong_cb, (gpointer) methods[i]);
      wait_until (!wsi_source_get_loading (scene.source));
      if (scene_count (&scene) > 0)
        connection = g_list_model_get_item (wsi_source_get_connections (scene.source), 0);
      else
        connection = wsi_connection_new (1);
      wsi_source_follow (scene.source, connection);
      wait_until (fake_pool_count (scene.pool, "GetJournal") > 0 &&
                  fake_pool_count (scene.pool, "GetDetails") > 0);
      scene_assert_well (&scene);
      scene_close (&scene);
    }

  /* Without a summary there is nothing to show. */
  scene_open (&scene, 3, wrong_cb, NULL);
  wait_until (!wsi_source_get_attached (scene.source));
  g_assert_nonnull (wsi_source_get_error (scene.source));
  g_assert_false (wsi_source_get_loading (scene.source));
  scene_close (&scene);
}

static void
test_cuts_long_texts (void)
{
  g_autofree char *text = g_strnfill (2 * 1024 * 1024, 'a');
  Scene scene;
  WsiConnection *connection;

  scene_open (&scene, 1, NULL, NULL);
  wait_until (!wsi_source_get_loading (scene.source));
  connection = wsi_table_get (wsi_source_get_table (scene.source), 0);
  fake_pool_emit (scene.pool, "Changed",
                  g_variant_new_parsed ("(@x 5, (@u 1, @u 0, @u 0, @u 0, @u 0),"
                                        " @ay [], [(@t 1, %s)],"
                                        " [{'id': <@t 1>, 'name': <%s>, 'uri': <%s>}], @at [])",
                                        text, text, text));
  scene_assert_well (&scene);
  g_assert_cmpuint (strlen (wsi_connection_get_name (connection)), <, 300);
  g_assert_cmpuint (strlen (wsi_connection_get_reason (connection)), <, 1100);
  g_assert_cmpuint (strlen (wsi_connection_get_uri (connection)), <, 8300);

  scene_close (&scene);
}

static GVariant *
silent_cb (FakePool   *pool,
           const char *method,
           GVariant   *parameters,
           gpointer    user_data)
{
  if (user_data == NULL || g_str_equal (method, user_data))
    return NULL;

  return fake_pool_answer (pool, method, parameters);
}

/* One call of each kind is under way, however long and much is wanted. */
static void
test_asks_the_silent_once (void)
{
  Scene scene;
  g_autoptr (WsiConnection) connection = NULL;

  scene_open (&scene, 3, NULL, NULL);
  wait_until (!wsi_source_get_loading (scene.source) &&
              fake_pool_count (scene.pool, "Watch") == 1);
  fake_pool_set_answer (scene.pool, silent_cb, NULL);
  connection = g_list_model_get_item (wsi_source_get_connections (scene.source), 0);
  wsi_source_follow (scene.source, connection);

  for (guint i = 0; i < 200; i++)
    {
      wsi_source_watch (scene.source, 100 + i, 0, 3);
      wsi_connection_set_payload_capture (connection, i);
      fake_pool_emit (scene.pool, "Changed",
                      fake_pool_make_changed (fake_pool_make_figures (1000 + i, 3, 2, 1, 12.5)));
      fake_pool_emit (scene.pool, "Events",
                      g_variant_new_parsed ("(@t 1, [(%t, @x 5, @u 3, @u 4, -1.0, '')])",
                                            (guint64) 100 + 2 * i));
      if (i % 50 == 0)
        scene_assert_well (&scene);
    }
  scene_assert_well (&scene);
  g_assert_cmpuint (fake_pool_count (scene.pool, "Watch"), ==, 2);
  g_assert_cmpuint (fake_pool_count (scene.pool, "Follow"), ==, 1);
  g_assert_cmpuint (fake_pool_count (scene.pool, "GetConnections"), ==, 2);
  g_assert_cmpuint (fake_pool_count (scene.pool, "GetJournal"), ==, 1);
  g_assert_cmpuint (fake_pool_count (scene.pool, "GetDetails"), ==, 1);

  scene_close (&scene);
}

static void
test_gives_up_on_who_never_answers (void)
{
  Scene scene;
  g_autoptr (WsiSource) mute = wsi_source_new (WSI_SOURCE_KIND_APP, NULL);
  g_autoptr (GSocket) ours = NULL;
  g_autoptr (GSocket) theirs = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  int pair[2];

  /* One that does not even greet, and one that greets and is silent then. */
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  ours = g_socket_new_from_fd (pair[0], NULL);
  theirs = g_socket_new_from_fd (pair[1], NULL);
  stream = g_socket_connection_factory_create_connection (theirs);
  wsi_source_connect (mute, G_IO_STREAM (stream));
  scene_open (&scene, 3, silent_cb, NULL);

  wait_until (!wsi_source_get_attached (mute) && !wsi_source_get_attached (scene.source));
  g_assert_cmpstr (wsi_source_get_error (mute), ==, "The program does not answer.");
  g_assert_cmpstr (wsi_source_get_error (scene.source), ==, "The program does not answer.");

  scene_close (&scene);
}

static void
test_survives_death_on_any_page (void)
{
  for (guint n_pages = 1; n_pages < 4; n_pages++)
    {
      Scene scene;

      scene_open (&scene, 2000, NULL, NULL);
      wait_until (fake_pool_count (scene.pool, "GetConnections") == n_pages);
      fake_pool_die (scene.pool);
      wait_until (!wsi_source_get_attached (scene.source));
      g_assert_false (wsi_source_get_loading (scene.source));
      g_assert_cmpuint (scene_count (&scene), <, 2000);
      scene_close (&scene);
    }
}

/* Faster than anybody looks: the reading thread has to stop before the memory is full. */
static void
test_lets_a_flood_go_by (void)
{
  Scene scene;
  g_autoptr (GVariant) changed = g_variant_ref_sink (fake_pool_make_changed (NULL));

  scene_open (&scene, 3, NULL, NULL);
  wait_until (!wsi_source_get_loading (scene.source));
  for (guint i = 0; i < 4000; i++)
    fake_pool_emit (scene.pool, "Changed", changed);
  fake_pool_flush (scene.pool);
  wait_until (!wsi_source_get_attached (scene.source));
  g_assert_nonnull (wsi_source_get_error (scene.source));
  g_assert_cmpuint (scene_count (&scene), ==, 3);

  scene_close (&scene);
}

#define A_DAY_US (G_GINT64_CONSTANT (86400) * G_USEC_PER_SEC)

static GVariant *
other_clock_cb (FakePool   *pool,
                const char *method,
                GVariant   *parameters,
                gpointer    user_data)
{
  GVariantDict summary;

  if (!g_str_equal (method, "GetSummary"))
    return fake_pool_answer (pool, method, parameters);

  g_variant_dict_init (&summary, NULL);
  g_variant_dict_insert (&summary, "time", "x", g_get_monotonic_time () + A_DAY_US);

  return g_variant_new ("(@a{sv})", g_variant_dict_end (&summary));
}

static void
test_understands_another_clock (void)
{
  Scene scene;
  gint64 difference;
  gint64 opened_at;

  scene_open (&scene, 3, other_clock_cb, NULL);
  wait_until (!wsi_source_get_loading (scene.source));
  difference = wsi_source_get_offset (scene.source) + A_DAY_US;
  g_assert_cmpint (ABS (difference), <, G_USEC_PER_SEC);
  opened_at = wsi_connection_get_opened_at (wsi_table_get (wsi_source_get_table (scene.source), 0));
  g_assert_cmpint (opened_at, <, g_get_monotonic_time () - A_DAY_US / 2);

  scene_close (&scene);
}

/* Any value of any type. */
static GVariant *
random_value (guint depth)
{
  switch (g_test_rand_int_range (0, depth > 3 ? 10 : 15))
    {
    case 0:
      return g_variant_new_uint64 (((guint64) (guint32) g_test_rand_int () << 32) |
                                   (guint32) g_test_rand_int ());
    case 1:
      return g_variant_new_int64 ((gint64) ((guint64) g_test_rand_int () <<
                                            g_test_rand_int_range (0, 33)));
    case 2:
      return g_variant_new_uint32 ((guint32) g_test_rand_int ());
    case 3:
      return g_variant_new_double (g_test_rand_double_range (-1e308, 1e308));
    case 4:
      return g_variant_new_boolean (g_test_rand_int_range (0, 2));
    case 5:
      return g_variant_new_string ("\xe2\x80\xae<b>\x01");
    case 6:
      return g_variant_new_object_path ("/a");
    case 7:
      return g_variant_new_bytestring ("\xff\x00");
    case 8:
      return g_variant_new_uint64 ((guint64) g_test_rand_int_range (0, 6));
    case 9:
      return g_variant_new_uint32 ((guint32) g_test_rand_int_range (0, 10));
    case 10:
      return g_variant_new_variant (random_value (depth + 1));
    case 11:
      {
        GVariant *first = random_value (depth + 1);
        GVariant *second = random_value (depth + 1);
        GVariant *children[] = { first, second };

        return g_variant_new_tuple (children, 2);
      }
    default:
      {
        static const char *const keys[] =
        {
          "id", "name", "uri", "figures", "reason", "beats", "control", "time", "counts",
          "handshake", "request", "tls", "protocol",
        };
        GVariantDict dictionary;
        int n = g_test_rand_int_range (0, 6);

        g_variant_dict_init (&dictionary, NULL);
        for (int i = 0; i < n; i++)
          g_variant_dict_insert_value (&dictionary,
                                       keys[g_test_rand_int_range (0, G_N_ELEMENTS (keys))],
                                       random_value (depth + 1));
        return g_variant_dict_end (&dictionary);
      }
    }
}

/* The right type with any content. */
static GVariant *
random_of_type (const GVariantType *type)
{
  GVariantBuilder builder;

  if (g_variant_type_is_array (type) || g_variant_type_is_tuple (type))
    {
      g_variant_builder_init (&builder, type);
      if (g_variant_type_is_array (type) &&
          g_variant_type_is_dict_entry (g_variant_type_element (type)))
        {
          g_variant_builder_clear (&builder);
          for (;;)
            {
              g_autoptr (GVariant) value = g_variant_ref_sink (random_value (0));

              if (g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
                return g_steal_pointer (&value);
            }
        }
      if (g_variant_type_is_array (type))
        {
          int n = g_test_rand_int_range (0, 8);

          for (int i = 0; i < n; i++)
            {
              g_autoptr (GVariant) child = random_of_type (g_variant_type_element (type));

              g_variant_builder_add_value (&builder, child);
            }
        }
      else
        {
          for (const GVariantType *item = g_variant_type_first (type);
               item != NULL;
               item = g_variant_type_next (item))
            {
              g_autoptr (GVariant) child = random_of_type (item);

              g_variant_builder_add_value (&builder, child);
            }
        }
      return g_variant_ref_sink (g_variant_builder_end (&builder));
    }

  for (;;)
    {
      g_autoptr (GVariant) value = NULL;

      if (g_variant_type_equal (type, G_VARIANT_TYPE_BYTE))
        return g_variant_ref_sink (g_variant_new_byte ((guint8) g_test_rand_int ()));
      value = g_variant_ref_sink (random_value (4));
      if (g_variant_is_of_type (value, type))
        return g_steal_pointer (&value);
    }
}

static GVariant *
random_answer_cb (FakePool   *pool,
                  const char *method,
                  GVariant   *parameters,
                  gpointer    user_data)
{
  static const struct
  {
    const char *method;
    const char *type;
  } types[] =
  {
    { "GetConnections", "(aa{sv})" },
    { "GetDetails", "(a{sv})" },
    { "GetJournal", "(a(txuuds))" },
    { "GetSummary", "(a{sv})" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_equal (method, types[i].method))
      return random_of_type (G_VARIANT_TYPE (types[i].type));

  return random_of_type (G_VARIANT_TYPE ("(sut)"));
}

static void
test_lives_through_nonsense (void)
{
  static const struct
  {
    const char *signal;
    const char *type;
  } signals[] =
  {
    { "Changed", "(x(uuuuu)aya(ts)aa{sv}at)" },
    { "Events", "(ta(txuuds))" },
    { "Frames", "(tta(xuuuttay))" },
  };
  guint n_rounds = g_test_thorough () ? 20000 : N_ROUNDS;

  for (guint round = 0; round < 4; round++)
    {
      Scene scene;

      scene_open (&scene, 5, NULL, NULL);
      wait_until (!wsi_source_get_loading (scene.source));
      fake_pool_set_answer (scene.pool, round % 2 == 0 ? NULL : random_answer_cb, NULL);

      for (guint i = 0; i < n_rounds; i++)
        {
          int which = g_test_rand_int_range (0, G_N_ELEMENTS (signals));
          g_autoptr (GVariant) parameters = NULL;
          GListModel *rows = wsi_source_get_connections (scene.source);
          guint n_rows = g_list_model_get_n_items (rows);

          if (g_test_rand_int_range (0, 4) > 0)
            parameters = random_of_type (G_VARIANT_TYPE (signals[which].type));
          else
            parameters = g_variant_ref_sink (random_value (0));
          if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE_TUPLE))
            continue;

          fake_pool_emit (scene.pool, signals[which].signal, parameters);
          if (i % 10 == 0 && n_rows > 0)
            {
              g_autoptr (WsiConnection) connection =
                g_list_model_get_item (rows, (guint) g_test_rand_int_range (0, (int) n_rows));

              wsi_connection_set_payload_capture (connection, 50);
              wsi_source_follow (scene.source, connection);
              wsi_source_watch (scene.source, 100, 0, i);
            }
          if (i % 50 == 0)
            scene_assert_well (&scene);
        }
      scene_assert_well (&scene);
      scene_close (&scene);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/model-hostile/takes-no-wrong-types", test_takes_no_wrong_types);
  g_test_add_func ("/model-hostile/takes-no-million-rows", test_takes_no_million_rows);
  g_test_add_func ("/model-hostile/turns-no-page-twice", test_turns_no_page_twice);
  g_test_add_func ("/model-hostile/takes-no-wrong-answers", test_takes_no_wrong_answers);
  g_test_add_func ("/model-hostile/cuts-long-texts", test_cuts_long_texts);
  g_test_add_func ("/model-hostile/asks-the-silent-once", test_asks_the_silent_once);
  g_test_add_func ("/model-hostile/gives-up-on-who-never-answers",
                   test_gives_up_on_who_never_answers);
  g_test_add_func ("/model-hostile/survives-death-on-any-page", test_survives_death_on_any_page);
  g_test_add_func ("/model-hostile/lets-a-flood-go-by", test_lets_a_flood_go_by);
  g_test_add_func ("/model-hostile/understands-another-clock", test_understands_another_clock);
  g_test_add_func ("/model-hostile/lives-through-nonsense", test_lives_through_nonsense);

  return g_test_run ();
}
