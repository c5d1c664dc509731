/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "far-side.h"

#include <wsm-echo.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* Everything here is made once a process, because a process is in one network at a time. */
static struct
{
  char *flaw;    /* (owned) (nullable): why there is no far side */
  char *program; /* (owned) (nullable): ip */
  int network;   /* of the far side */
} far_side = { .network = -1 };

#define PLAIN_PORT 9000
#define TLS_PORT 9443

/* Two files for those who ask for names: only the name server that nobody reaches knows any. */
static const struct
{
  const char *path;
  const char *text;
} name_files[] = {
  { "/etc/resolv.conf", "nameserver 10.99.0.77\noptions timeout:1 attempts:1\n" },
  { "/etc/nsswitch.conf", "hosts: files dns\n" },
};

static gboolean
far_side_fail (const char *format,
               ...)
{
  va_list arguments;

  va_start (arguments, format);
  far_side.flaw = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  return FALSE;
}

/* The child. */

static void
far_side_pass_on (GIOStream *client,
                  guint      port)
{
  g_autoptr (GSocketClient) connector = g_socket_client_new ();
  g_autoptr (GSocketConnection) server = NULL;

  /* It is in this process, and has a backlog: nothing blocks. */
  server = g_socket_client_connect_to_host (connector, "127.0.0.1", (guint16) port, NULL, NULL);
  if (server == NULL)
    return;
  g_tcp_connection_set_graceful_disconnect (G_TCP_CONNECTION (server), FALSE);
  g_io_stream_splice_async (client, G_IO_STREAM (server),
                            G_IO_STREAM_SPLICE_CLOSE_STREAM1 | G_IO_STREAM_SPLICE_CLOSE_STREAM2,
                            G_PRIORITY_DEFAULT, NULL, NULL, NULL);
}

static gboolean
far_side_incoming_cb (GSocketService    *service,
                      GSocketConnection *connection,
                      GObject           *certificate,
                      WsmEchoServer     *server)
{
  g_autoptr (GIOStream) stream = NULL;

  if (certificate != NULL)
    stream = g_tls_server_connection_new (G_IO_STREAM (connection), G_TLS_CERTIFICATE (certificate),
                                          NULL);
  far_side_pass_on (stream != NULL ? stream : G_IO_STREAM (connection),
                    wsm_echo_server_get_port (server));

  return TRUE;
}

static void
far_side_listen (WsmEchoServer *server,
                 const char    *certificate_path)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GSocketAddress) plain = g_inet_socket_address_new_from_string ("0.0.0.0", PLAIN_PORT);
  g_autoptr (GSocketAddress) tls = g_inet_socket_address_new_from_string ("0.0.0.0", TLS_PORT);

  certificate = g_tls_certificate_new_from_file (certificate_path, NULL);
  g_assert_nonnull (certificate);
  g_assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (service), plain,
                                                G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                                NULL, NULL));
  g_assert_true (g_socket_listener_add_address (G_SOCKET_LISTENER (service), tls,
                                                G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP,
                                                G_OBJECT (certificate), NULL, NULL));
  g_signal_connect (g_steal_pointer (&service), "incoming", G_CALLBACK (far_side_incoming_cb),
                    server);
}

static void
far_side_tell (int descriptor)
{
  gssize n_written = write (descriptor, "", 1);

  g_assert_cmpint (n_written, ==, 1);
}

static gboolean
far_side_hear (int descriptor)
{
  char byte;

  return read (descriptor, &byte, 1) == 1;
}

/* Answers when it has a network, and again, once it is told that this has addresses, when it can
 * be reached. */
static void
far_side_live (int input,
               int output)
{
  g_autofree char *certificate = g_build_filename (g_getenv ("G_TEST_SRCDIR"), "data", "server.pem",
                                                  NULL);
  WsmEchoServer *server;
  int nowhere;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  /* What it printed would be taken for the test's. */
  nowhere = open ("/dev/null", O_RDWR | O_CLOEXEC);
  dup2 (nowhere, STDIN_FILENO);
  dup2 (nowhere, STDOUT_FILENO);

  if (unshare (CLONE_NEWNET) != 0)
    _exit (1);
  far_side_tell (output);
  if (!far_side_hear (input))
    _exit (1);

  server = wsm_echo_server_new ();
  wsm_echo_server_add_path (server, "/a");
  if (!wsm_echo_server_start (server, NULL))
    _exit (1);
  far_side_listen (server, certificate);
  far_side_tell (output);
  g_main_loop_run (g_main_loop_new (NULL, FALSE));
}

/* The parent. */

static void
far_side_visit_cb (gpointer user_data)
{
  if (setns (far_side.network, CLONE_NEWNET) != 0)
    _exit (1);
}

static gboolean
far_side_run_ip (const char            *arguments,
                 GSpawnChildSetupFunc   child_setup,
                 GError               **error)
{
  g_autofree char *line = g_strconcat (far_side.program, " ", arguments, NULL);
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autofree char *complaint = NULL;
  int status;

  if (!g_spawn_sync (NULL, words, NULL, 0, child_setup, NULL, NULL, &complaint, &status, error))
    return FALSE;
  if (g_spawn_check_wait_status (status, error))
    return TRUE;

  g_prefix_error (error, "%s: %s: ", line, g_strchomp (complaint));
  return FALSE;
}

/* Runs ip in the network of this process. */
void
far_side_ip (const char *arguments)
{
  g_autoptr (GError) error = NULL;

  far_side_run_ip (arguments, NULL, &error);
  g_assert_no_error (error);
}

/* Runs ip in the network of the far side. */
void
far_side_ip_there (const char *arguments)
{
  g_autoptr (GError) error = NULL;

  far_side_run_ip (arguments, far_side_visit_cb, &error);
  g_assert_no_error (error);
}

static gboolean
far_side_write (const char *path,
                const char *text)
{
  int descriptor = open (path, O_WRONLY | O_CLOEXEC);
  gssize n_written;

  if (descriptor < 0)
    return FALSE;
  n_written = write (descriptor, text, strlen (text));
  close (descriptor);

  return n_written == (gssize) strlen (text);
}

/* Whoever is no administrator is one in a world of its own, if the machine allows that. */
static gboolean
far_side_leave_the_world (void)
{
  g_autofree char *users = g_strdup_printf ("0 %u 1", getuid ());
  g_autofree char *groups = g_strdup_printf ("0 %u 1", getgid ());

  if (unshare (CLONE_NEWNET | CLONE_NEWNS) == 0)
    return TRUE;
  if (unshare (CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS) != 0)
    return far_side_fail ("no network namespaces here: %s", g_strerror (errno));
  if (!far_side_write ("/proc/self/setgroups", "deny") ||
      !far_side_write ("/proc/self/uid_map", users) ||
      !far_side_write ("/proc/self/gid_map", groups))
    return far_side_fail ("no user namespaces here: %s", g_strerror (errno));

  return TRUE;
}

static gboolean
far_side_hide_names (void)
{
  if (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
    return far_side_fail ("no mounts here: %s", g_strerror (errno));

  for (guint i = 0; i < G_N_ELEMENTS (name_files); i++)
    {
      g_autofree char *path = NULL;
      int descriptor = g_file_open_tmp (NULL, &path, NULL);
      gboolean is_mounted;

      g_assert_cmpint (descriptor, >=, 0);
      close (descriptor);
      g_assert_true (far_side_write (path, name_files[i].text));
      is_mounted = mount (path, name_files[i].path, NULL, MS_BIND, NULL) == 0;
      unlink (path);
      if (!is_mounted)
        return far_side_fail ("cannot cover %s: %s", name_files[i].path, g_strerror (errno));
    }

  return TRUE;
}

static gboolean
far_side_lay_cable (pid_t child)
{
  /* IPv6 would go on changing the network for seconds each time the cable is plugged in. */
  const char *here[] = {
    "link set lo up",
    "link set near addrgenmode none",
    "addr add 10.99.0.1/24 dev near",
    "link set near up",
    "route add default via 10.99.0.2",
    "neigh add 10.99.0.77 lladdr 02:00:00:00:00:77 dev near nud permanent",
  };
  const char *there[] = {
    "link set lo up",
    "link set far addrgenmode none",
    "addr add 10.99.0.2/24 dev far",
    "link set far up",
  };
  g_autofree char *path = g_strdup_printf ("/proc/%d/ns/net", child);
  g_autofree char *cable = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_laid;

  far_side.network = open (path, O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (far_side.network, >=, 0);
  cable = g_strdup_printf ("link add near type veth peer name far netns %d", child);
  is_laid = far_side_run_ip (cable, NULL, &error);
  for (guint i = 0; is_laid && i < G_N_ELEMENTS (there); i++)
    is_laid = far_side_run_ip (there[i], far_side_visit_cb, &error);
  for (guint i = 0; is_laid && i < G_N_ELEMENTS (here); i++)
    is_laid = far_side_run_ip (here[i], NULL, &error);

  return is_laid || far_side_fail ("no cable between namespaces: %s", error->message);
}

static char *
far_side_find_ip (void)
{
  const char *places[] = { "ip", "/usr/sbin/ip", "/sbin/ip" };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      char *program = g_find_program_in_path (places[i]);

      if (program != NULL)
        return program;
    }

  return NULL;
}

/*
 * far_side_enter:
 *
 * To be called before there is any thread, and so first of all.
 *
 * Returns: whether there is a far side; if not, far_side_get_flaw() says why
 */
gboolean
far_side_enter (void)
{
  int to_child[2], from_child[2];
  pid_t child;

  far_side.program = far_side_find_ip ();
  if (far_side.program == NULL)
    return far_side_fail ("there is no program “ip”");
  if (!far_side_leave_the_world () || !far_side_hide_names ())
    return FALSE;

  g_assert_cmpint (pipe2 (to_child, O_CLOEXEC), ==, 0);
  g_assert_cmpint (pipe2 (from_child, O_CLOEXEC), ==, 0);
  child = fork ();
  if (child == 0)
    {
      close (to_child[1]);
      close (from_child[0]);
      far_side_live (to_child[0], from_child[1]);
      _exit (1);
    }
  close (to_child[0]);
  close (from_child[1]);

  if (!far_side_hear (from_child[0]))
    return far_side_fail ("no second network namespace");
  if (!far_side_lay_cable (child))
    return FALSE;
  far_side_tell (to_child[1]);
  if (!far_side_hear (from_child[0]))
    return far_side_fail ("the far side has no server");
  close (from_child[0]);
  /* The other pipe stays open: its end is the child's. */

  return TRUE;
}

/* NULL if there is none. */
const char *
far_side_get_flaw (void)
{
  return far_side.flaw;
}
