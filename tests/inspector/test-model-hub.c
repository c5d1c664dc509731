/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "bus-daemon.h"
#include "fake-pool.h"
#include "test-process.h"
#include "wsi-hub.h"
#include "wsi-source-private.h"

#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A hub with an open door on a bus of its own, and somebody in front of it. */
typedef struct
{
  BusDaemon *daemon;        /* (owned) */
  GDBusConnection *inside;  /* (owned) */
  GDBusConnection *outside; /* (owned) */
  WsiHub *hub;              /* (owned) */
} Scene;

static void
scene_open (Scene *scene)
{
  g_autoptr (GError) error = NULL;

  scene->daemon = bus_daemon_new ();
  scene->inside = bus_daemon_connect (scene->daemon);
  scene->outside = bus_daemon_connect (scene->daemon);
  scene->hub = wsi_hub_new ();
  g_assert_true (wsi_hub_open_door (scene->hub, scene->inside, &error));
  g_assert_no_error (error);
}

static void
scene_close (Scene *scene)
{
  g_assert_finalize_object (scene->hub);
  g_dbus_connection_close_sync (scene->inside, NULL, NULL);
  g_dbus_connection_close_sync (scene->outside, NULL, NULL);
  g_object_unref (scene->inside);
  g_object_unref (scene->outside);
  bus_daemon_free (scene->daemon);
}

static guint
scene_count (Scene *scene)
{
  return g_list_model_get_n_items (G_LIST_MODEL (scene->hub));
}

static WsiSource *
scene_get (Scene *scene,
           guint  position)
{
  g_autoptr (WsiSource) source = g_list_model_get_item (G_LIST_MODEL (scene->hub), position);

  return source;
}

/* What GLib opens for itself, once, is no leak. */
#define N_SPARE_DESCRIPTORS 4

static void
attached_cb (GObject      *bus,
             GAsyncResult *result,
             gpointer      user_data)
{
  GAsyncResult **slot = user_data;

  *slot = g_object_ref (result);
}

/* Knocks with these descriptors, which stay the caller's. NULL: it was let in. */
static GError *
scene_knock (Scene      *scene,
             const int  *descriptors,
             int         n_descriptors,
             int         handle,
             GVariant   *about)
{
  g_autoptr (GUnixFDList) list = n_descriptors > 0 ? g_unix_fd_list_new () : NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) reply = NULL;
  GError *error = NULL;

  for (int i = 0; i < n_descriptors; i++)
    {
      g_unix_fd_list_append (list, descriptors[i], &error);
      g_assert_no_error (error);
    }

  g_dbus_connection_call_with_unix_fd_list (
    scene->outside, g_dbus_connection_get_unique_name (scene->inside), WSI_HUB_OBJECT_PATH,
    "io.github.wsmulti.Inspector1", "Attach",
    g_variant_new ("(h@a{sv})", handle,
                   about != NULL ? about : g_variant_new_parsed ("@a{sv} {}")),
    NULL, G_DBUS_CALL_FLAGS_NONE, 10000, list, NULL, attached_cb, &result);
  wait_until (result != NULL);
  reply = g_dbus_connection_call_with_unix_fd_list_finish (scene->outside, NULL, result, &error);
  if (error != NULL)
    g_dbus_error_strip_remote_error (error);

  return error;
}

static int
dup_stream (GIOStream *stream)
{
  return fcntl (g_socket_get_fd (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream))),
                F_DUPFD_CLOEXEC, 0);
}

static void
test_lets_in (void)
{
  Scene scene;
  g_autoptr (FakePool) pool = fake_pool_new (7);
  GIOStream *stream = fake_pool_take_stream (pool);
  int descriptor;

  scene_open (&scene);
  descriptor = dup_stream (stream);
  g_object_unref (stream);
  g_assert_no_error (scene_knock (&scene, &descriptor, 1, 0,
                                  g_variant_new_parsed ("{'name': <'Chat'>, 'pid': <@u 7>,"
                                                        " 'unknown': <5>}")));
  close (descriptor);

  g_assert_cmpuint (scene_count (&scene), ==, 1);
  /* What the program says itself comes later, and counts more. */
  g_assert_true (g_str_equal (wsi_source_get_title (scene_get (&scene, 0)), "Chat") ||
                 g_str_equal (wsi_source_get_title (scene_get (&scene, 0)), "Fake Pool"));
  wait_until (wsi_source_get_n_connections (scene_get (&scene, 0)) == 7);
  g_assert_cmpstr (wsi_source_get_title (scene_get (&scene, 0)), ==, "Fake Pool");
  g_assert_cmpint (wsi_source_get_kind (scene_get (&scene, 0)), ==, WSI_SOURCE_KIND_APP);

  fake_pool_die (pool);
  wait_until (!wsi_source_get_attached (scene_get (&scene, 0)));
  g_assert_cmpuint (scene_count (&scene), ==, 1);

  scene_close (&scene);
}

static void
test_keeps_out_what_is_no_stream (void)
{
  Scene scene;
  int pair[2];
  int datagrams[2];
  int pipes[2];
  int file = open ("/dev/null", O_RDWR | O_CLOEXEC);
  int alone = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int network = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  guint n_before;

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, datagrams), ==, 0);
  g_assert_cmpint (pipe2 (pipes, O_CLOEXEC), ==, 0);
  scene_open (&scene);
  n_before = test_process_count_files ();

  for (guint i = 0; i < 3; i++)
    {
      const int wrong[] = { file, alone, network, datagrams[0], pipes[0] };

      for (gsize j = 0; j < G_N_ELEMENTS (wrong); j++)
        {
          g_autoptr (GError) error = scene_knock (&scene, &wrong[j], 1, 0, NULL);

          g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS);
        }
    }

  {
    g_autoptr (GError) none = scene_knock (&scene, NULL, 0, 0, NULL);
    g_autoptr (GError) two = scene_knock (&scene, pair, 2, 0, NULL);

    g_assert_nonnull (none);
    g_assert_error (two, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS);
  }

  {
    g_autofree char *long_text = g_strnfill (20000, 'x');
    GVariant *about = g_variant_new_parsed ("{'name': <%s>}", long_text);
    g_autoptr (GError) error = scene_knock (&scene, pair, 1, 0, about);

    g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_INVALID_ARGS);
  }

  g_assert_cmpuint (scene_count (&scene), ==, 0);
  wait_until (test_process_count_files () <= n_before + N_SPARE_DESCRIPTORS);

  close (pair[0]);
  close (pair[1]);
  close (datagrams[0]);
  close (datagrams[1]);
  close (pipes[0]);
  close (pipes[1]);
  close (file);
  close (alone);
  close (network);
  scene_close (&scene);
}

/* 64 are enough; one that leaves makes room. */
static void
test_bounds_how_many_come (void)
{
  Scene scene;
  g_autoptr (GPtrArray) pools = g_ptr_array_new_with_free_func ((GDestroyNotify) fake_pool_free);
  guint n_before;

  scene_open (&scene);
  n_before = test_process_count_files ();
  for (guint i = 0; i < 66; i++)
    {
      FakePool *pool = fake_pool_new (0);
      GIOStream *stream = fake_pool_take_stream (pool);
      int descriptor = dup_stream (stream);
      g_autofree char *name = g_strdup_printf ("program %u", i);
      g_autoptr (GError) error = NULL;

      g_object_unref (stream);
      g_ptr_array_add (pools, pool);
      error = scene_knock (&scene, &descriptor, 1, 0,
                           g_variant_new_parsed ("{'name': <%s>}", name));
      close (descriptor);

      if (i < 64)
        g_assert_no_error (error);
      else
        g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED);
    }
  g_assert_cmpuint (scene_count (&scene), ==, 64);

  g_ptr_array_set_size (pools, 0);
  for (guint i = 0; i < 64; i++)
    wait_until (!wsi_source_get_attached (scene_get (&scene, i)));
  wait_until (test_process_count_files () <= n_before + N_SPARE_DESCRIPTORS);

  scene_close (&scene);
}

/* Programs that come and go under new names do not fill the list. */
static void
test_forgets_the_longest_gone (void)
{
  Scene scene;

  scene_open (&scene);
  for (guint i = 0; i < 300; i++)
    {
      int pair[2];
      g_autofree char *name = g_strdup_printf ("program %u", i);

      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
      g_assert_no_error (scene_knock (&scene, &pair[1], 1, 0,
                                      g_variant_new_parsed ("{'name': <%s>}", name)));
      close (pair[0]);
      close (pair[1]);
      wait_until (!wsi_source_get_attached (scene_get (&scene, scene_count (&scene) - 1)));
    }
  g_assert_cmpuint (scene_count (&scene), ==, 256);

  scene_close (&scene);
}

static void
test_closes_its_door (void)
{
  Scene scene;
  g_autoptr (GError) error = NULL;
  int pair[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  scene_open (&scene);
  wsi_hub_close_door (scene.hub);
  wsi_hub_close_door (scene.hub);
  error = scene_knock (&scene, pair, 1, 0, NULL);
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
  g_assert_true (wsi_hub_open_door (scene.hub, scene.inside, NULL));

  close (pair[0]);
  close (pair[1]);
  scene_close (&scene);
}

static WsiSource *
scene_add_bare (Scene *scene,
                int   *other_end)
{
  g_autoptr (GVariant) about = g_variant_ref_sink (
    g_variant_new_parsed ("{'application-id': <'org.example.Chat'>, 'pool': <@u 1>}"));
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GSocket) socket = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  socket = g_socket_new_from_fd (ends[0], NULL);
  g_assert_nonnull (socket);
  stream = g_socket_connection_factory_create_connection (socket);
  *other_end = ends[1];

  return wsi_hub_add_stream (scene->hub, G_IO_STREAM (stream), about, WSI_SOURCE_KIND_APP);
}

/* Killed and started again, before the loop has turned once. */
static void
test_takes_the_place_of_who_just_went (void)
{
  g_autoptr (WsiSource) gone = NULL;
  Scene scene;
  int first, second, third;

  scene_open (&scene);
  gone = g_object_ref (scene_add_bare (&scene, &first));
  scene_add_bare (&scene, &second);
  g_assert_cmpuint (scene_count (&scene), ==, 2);

  close (first);
  g_assert_true (wsi_source_get_attached (gone));
  scene_add_bare (&scene, &third);
  g_assert_cmpuint (scene_count (&scene), ==, 2);
  g_assert_false (wsi_source_get_attached (gone));
  g_assert_true (scene_get (&scene, 0) != gone);

  close (second);
  close (third);
  scene_close (&scene);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/model-hub/lets-in", test_lets_in);
  g_test_add_func ("/model-hub/keeps-out-what-is-no-stream", test_keeps_out_what_is_no_stream);
  g_test_add_func ("/model-hub/bounds-how-many-come", test_bounds_how_many_come);
  g_test_add_func ("/model-hub/forgets-the-longest-gone", test_forgets_the_longest_gone);
  g_test_add_func ("/model-hub/takes-the-place-of-who-just-went",
                   test_takes_the_place_of_who_just_went);
  g_test_add_func ("/model-hub/closes-its-door", test_closes_its_door);

  return g_test_run ();
}
