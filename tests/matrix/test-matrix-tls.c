/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "authority.h"
#include "matrix.h"
#include "raw-server.h"
#include "scene.h"
#include "test-loop.h"

/* What TLS refuses is refused for good, with what is wrong named, and before a single byte of a
 * request was said. The authority of these certificates was made for the tests. */

/* An attempt that is not answered ends at its deadline, or this much later. */
#define CONNECT_TIMEOUT_MS 500
#define DEADLINE_SLACK_MS 100
#define LONG_TIMEOUT_MS 15000

/* What a server in a process of its own needs to print what it has heard. */
#define FOREIGN_ECHO_MS 100

typedef struct
{
  Scene *scene;       /* (owned) */
  RawServer *server;  /* (owned) */
  GTlsDatabase *known; /* (owned) */
  Witness *witness;   /* (owned) (nullable) */
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->scene = scene_new ();
  fixture->server = raw_server_new (raw_peer_accept_cb, fixture);
  fixture->known = authority_trust (fixture->scene->pool);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_pointer (&fixture->witness, witness_free);
  g_clear_object (&fixture->scene->pool);
  g_clear_pointer (&fixture->server, raw_server_free);
  g_clear_pointer (&fixture->scene, scene_free);
  g_clear_object (&fixture->known);
}

static void
serve_with (Fixture    *fixture,
            const char *name)
{
  g_autoptr (GTlsCertificate) certificate = authority_load (name);

  raw_server_use_tls (fixture->server, certificate);
}

static WsmConnection *
add (Fixture *fixture)
{
  g_autofree char *uri = raw_server_make_uri (fixture->server, "/");
  WsmConnection *feed = scene_add_uri (fixture->scene, uri);

  fixture->witness = witness_new (feed);

  return feed;
}

/* The server, which was reached once, never heard a request. */
static void
assert_nothing_said (Fixture *fixture)
{
  g_assert_cmpuint (raw_server_get_n_peers (fixture->server), ==, 1);
  g_assert_null (raw_peer_get_request (raw_server_get_peer (fixture->server)));
}

static char *
dup_reason (WsmConnection *feed)
{
  return wsm_reason_to_string (wsm_connection_get_reason (feed));
}

typedef struct
{
  const char *name; /* of the certificate */
  GTlsCertificateFlags flags;
  const char *text;
} Refusal;

static const Refusal refusals[] = {
  { "unknown-authority", G_TLS_CERTIFICATE_UNKNOWN_CA,
    "tls: certificate refused (unknown authority; flags 0x1)" },
  { "self-signed", G_TLS_CERTIFICATE_UNKNOWN_CA,
    "tls: certificate refused (unknown authority; flags 0x1)" },
  { "other-host", G_TLS_CERTIFICATE_BAD_IDENTITY,
    "tls: certificate refused (another host; flags 0x2)" },
  { "not-yet-valid", G_TLS_CERTIFICATE_NOT_ACTIVATED,
    "tls: certificate refused (not valid yet; flags 0x4)" },
  { "expired", G_TLS_CERTIFICATE_EXPIRED,
    "tls: certificate refused (expired; flags 0x8)" },
  { "all-wrong", G_TLS_CERTIFICATE_UNKNOWN_CA | G_TLS_CERTIFICATE_BAD_IDENTITY |
                 G_TLS_CERTIFICATE_EXPIRED,
    "tls: certificate refused (unknown authority, another host, expired; flags 0xb)" },
};

static void
assert_refused (WsmConnection *feed,
                const Refusal *refusal)
{
  const GError *error = wsm_connection_get_error (feed);
  const WsmReason *reason = wsm_connection_get_reason (feed);
  g_autofree char *text = dup_reason (feed);

  g_assert_cmpint (wsm_connection_get_state (feed), ==, WSM_STATE_FAILED);
  g_assert_cmpint (wsm_reason_get_code (reason), ==, WSM_REASON_CODE_TLS);
  g_assert_cmphex (wsm_reason_get_tls_errors (reason), ==, refusal->flags);
  g_assert_cmpstr (text, ==, refusal->text);
  g_assert_error (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE);
  g_assert_nonnull (strstr (error->message, refusal->text));
}

static void
test_bad_certificate (Fixture       *fixture,
                      gconstpointer  data)
{
  const Refusal *refusal = data;
  gint64 begin_us = g_get_monotonic_time ();
  WsmConnection *feed;

  serve_with (fixture, refusal->name);
  feed = add (fixture);
  WAIT_FOR (fixture->witness->n_ended == 1);
  witness_assert_log (fixture->witness, "CONNECTING FAILED failed");
  assert_refused (feed, refusal);
  assert_nothing_said (fixture);
  matrix_measured ("F13", "%s: failed for good after %.0f ms, with flags 0x%x, nothing said",
                   refusal->name, test_loop_ms_since (begin_us), refusal->flags);
}

static gboolean
is_known_as (WsmConnection *feed,
             const char    *name)
{
  GTlsCertificate *known = wsm_connection_get_tls_peer_certificate (feed);
  g_autoptr (GTlsCertificate) certificate = authority_load (name);

  return known != NULL && g_tls_certificate_is_same (known, certificate);
}

/* What the authorities in the database of the session vouch for is accepted, and no more. */
static void
test_good_certificate (Fixture       *fixture,
                       gconstpointer  name)
{
  g_autofree char *path = authority_make_path (name);
  g_autoptr (GTlsDatabase) database = g_tls_file_database_new (path, NULL);
  WsmConnection *feed;

  if (!g_str_equal (name, "server"))
    soup_session_set_tls_database (wsm_pool_get_session (fixture->scene->pool), database);
  serve_with (fixture, name);
  feed = add (fixture);
  WAIT_FOR (fixture->witness->n_opened == 1);
  g_assert_true (is_known_as (feed, name));
  matrix_measured ("F13", "%s, which the database of the session knows: open", (char *) name);
}

static gboolean
accept_anything_cb (SoupMessage          *message,
                    GTlsCertificate      *certificate,
                    GTlsCertificateFlags  errors,
                    gpointer              user_data)
{
  return TRUE;
}

static gboolean
accept_once_cb (WsmConnection *connection,
                SoupMessage   *message,
                guint         *n_attempts)
{
  if ((*n_attempts)++ == 0)
    g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_anything_cb), NULL);

  return FALSE;
}

/* What an app accepts holds for that attempt. */
static void
test_accepted_once (Fixture       *fixture,
                    gconstpointer  data)
{
  WsmConnection *feed;
  guint n_attempts = 0;

  serve_with (fixture, "all-wrong");
  feed = add (fixture);
  g_signal_connect (feed, "prepare", G_CALLBACK (accept_once_cb), &n_attempts);
  WAIT_FOR (fixture->witness->n_opened == 1);
  g_assert_true (is_known_as (feed, "all-wrong"));

  raw_peer_finish (raw_server_get_peer (fixture->server));
  WAIT_FOR (fixture->witness->n_ended == 1);
  g_assert_cmpuint (n_attempts, ==, 2);
  assert_refused (feed, &refusals[G_N_ELEMENTS (refusals) - 1]);
  g_assert_null (raw_peer_get_request (raw_server_get_peer (fixture->server)));
}

/* Each attempt looks anew: nothing that TLS remembers of the last one helps. */
static void
test_changed_certificate (Fixture       *fixture,
                          gconstpointer  data)
{
  WsmConnection *feed;

  serve_with (fixture, "server");
  feed = add (fixture);
  WAIT_FOR (fixture->witness->n_opened == 1);
  g_assert_true (is_known_as (feed, "server"));

  serve_with (fixture, "another-server");
  raw_peer_finish (raw_server_get_peer (fixture->server));
  WAIT_FOR (fixture->witness->n_opened == 2);
  g_assert_true (is_known_as (feed, "another-server"));

  serve_with (fixture, "unknown-authority");
  raw_peer_finish (raw_server_get_peer (fixture->server));
  WAIT_FOR (fixture->witness->n_ended == 1);
  assert_refused (feed, &refusals[0]);
  g_assert_null (wsm_connection_get_tls_peer_certificate (feed));
  g_assert_cmpuint (raw_server_get_n_peers (fixture->server), ==, 3);
  g_assert_null (raw_peer_get_request (raw_server_get_peer (fixture->server)));
  matrix_measured ("F13", "certificate changed at a reconnect: a good one open, a bad one failed "
                   "for good, nothing said");
}

static void
assert_failed_by_tls (Fixture    *fixture,
                      const char *what)
{
  WsmConnection *feed = fixture->witness->connection;
  g_autofree char *text = dup_reason (feed);

  witness_assert_log (fixture->witness, "CONNECTING FAILED failed");
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (feed)), ==,
                   WSM_REASON_CODE_TLS);
  g_assert_cmphex (wsm_reason_get_tls_errors (wsm_connection_get_reason (feed)), ==, 0);
  g_assert_cmpint (wsm_connection_get_error (feed)->domain, ==, G_TLS_ERROR);
  matrix_measured ("F13", "%s: failed for good, \"%s\"", what, text);
}

/* TLS to a port that does not speak it, and the other way round. */

static WsmConnection *
add_with_scheme (Fixture    *fixture,
                 const char *scheme)
{
  g_autofree char *uri = raw_server_make_uri (fixture->server, "/");
  g_autofree char *other = g_strconcat (scheme, strstr (uri, "://"), NULL);
  WsmConnection *feed = scene_add_uri (fixture->scene, other);

  fixture->witness = witness_new (feed);

  return feed;
}

static void
test_plain_port (Fixture       *fixture,
                 gconstpointer  data)
{
  add_with_scheme (fixture, "wss");
  WAIT_FOR (raw_server_get_n_peers (fixture->server) == 1);
  raw_peer_write_text (raw_server_get_peer (fixture->server),
                       "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
  WAIT_FOR (fixture->witness->n_ended == 1);
  assert_failed_by_tls (fixture, "a plain port that says so");
}

typedef struct
{
  const char *name;
  void (*act) (RawPeer *peer); /* (nullable) */
  WsmReasonCode code;
} Trouble;

static const Trouble troubles[] = {
  { "end", raw_peer_finish, WSM_REASON_CODE_END_OF_STREAM },
  { "reset", raw_peer_reset, WSM_REASON_CODE_RESET },
  { "silence", NULL, WSM_REASON_CODE_TIMED_OUT },
};

/* What a server does that restarts, or a balancer that has none just now: no reason to give up. */
static void
test_trouble_in_handshake (Fixture       *fixture,
                           gconstpointer  data)
{
  const Trouble *trouble = data;
  WsmConnection *feed = add_with_scheme (fixture, "wss");
  gint64 begin_us;

  if (trouble->act == NULL)
    wsm_connection_set_connect_timeout (feed, CONNECT_TIMEOUT_MS);
  WAIT_FOR (raw_server_get_n_peers (fixture->server) == 1);
  begin_us = g_get_monotonic_time ();
  if (trouble->act != NULL)
    trouble->act (raw_server_get_peer (fixture->server));
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_WAITING));
  g_assert_cmpint (wsm_reason_get_code (wsm_connection_get_reason (feed)), ==, trouble->code);
  if (trouble->act == NULL)
    g_assert_cmpfloat (test_loop_ms_since (begin_us), <, CONNECT_TIMEOUT_MS + DEADLINE_SLACK_MS);

  wsm_connection_set_connect_timeout (feed, LONG_TIMEOUT_MS);
  serve_with (fixture, "server");
  WAIT_FOR (fixture->witness->n_opened == 1);
  matrix_measured ("F13", "%s within the TLS handshake: tried again, and open once TLS is there",
                   trouble->name);
}

static void
test_plain_client (Fixture       *fixture,
                   gconstpointer  data)
{
  WsmConnection *feed;
  g_autofree char *text = NULL;

  serve_with (fixture, "server");
  feed = add_with_scheme (fixture, "ws");
  WAIT_FOR (witness_is_in (fixture->witness, WSM_STATE_WAITING));
  g_assert_null (raw_peer_get_request (raw_server_get_peer (fixture->server)));
  text = dup_reason (feed);
  matrix_measured ("F13", "a plain client at a TLS port: \"%s\"", text);
}

/* Certificates of clients. */

typedef struct
{
  const char *name; /* (nullable) */
  gboolean when_asked;
} Identity;

static gboolean
request_certificate_cb (SoupMessage          *message,
                        GTlsClientConnection *connection,
                        const Identity       *identity)
{
  g_autoptr (GTlsCertificate) certificate = authority_load (identity->name);

  soup_message_set_tls_client_certificate (message, certificate);

  return TRUE;
}

static gboolean
identify_cb (WsmConnection  *connection,
             SoupMessage    *message,
             const Identity *identity)
{
  g_autoptr (GTlsCertificate) certificate = NULL;

  if (identity->when_asked)
    {
      g_signal_connect (message, "request-certificate", G_CALLBACK (request_certificate_cb),
                        (gpointer) identity);
    }
  else if (identity->name != NULL)
    {
      certificate = authority_load (identity->name);
      soup_message_set_tls_client_certificate (message, certificate);
    }

  return FALSE;
}

static void
ask_clients (Fixture        *fixture,
             const Identity *identity)
{
  WsmConnection *feed;

  serve_with (fixture, "server");
  raw_server_ask_clients (fixture->server, fixture->known);
  feed = add (fixture);
  g_signal_connect (feed, "prepare", G_CALLBACK (identify_cb), (gpointer) identity);
}

static void
test_known_client (Fixture       *fixture,
                   gconstpointer  data)
{
  const Identity *identity = data;

  ask_clients (fixture, identity);
  WAIT_FOR (fixture->witness->n_opened == 1);
  matrix_measured ("F13", "a client that shows its certificate %s: open",
                   identity->when_asked ? "when asked" : "by itself");
}

static void
test_client_without_certificate (Fixture       *fixture,
                                 gconstpointer  data)
{
  ask_clients (fixture, data);
  WAIT_FOR (fixture->witness->n_ended == 1);
  assert_failed_by_tls (fixture, "a client without certificate");
}

/* Servers that speak TLS in their own ways, played by OpenSSL. */

typedef struct
{
  GSubprocess *process;    /* (owned) */
  GDataInputStream *lines; /* (owned) */
  GCancellable *cancellable; /* (owned) */
  char *uri;               /* (owned) (nullable): once it listens */
  gboolean heard_request;
} Foreign;

static void
foreign_read_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  Foreign *self;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source),
                                                                result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_assert_no_error (error);
  g_assert_nonnull (line);
  self = user_data;
  if (g_str_has_prefix (line, "ACCEPT "))
    self->uri = g_strdup_printf ("wss://%s/", line + strlen ("ACCEPT "));
  else if (g_str_has_prefix (line, "GET "))
    self->heard_request = TRUE;

  g_data_input_stream_read_line_async (self->lines, 0, self->cancellable, foreign_read_cb, self);
}

static Foreign *
foreign_new (const char * const *options)
{
  Foreign *self = g_new0 (Foreign, 1);
  g_autofree char *certificate = authority_make_path ("server");
  g_autofree char *authority = authority_make_path ("authority");
  g_autoptr (GStrvBuilder) command = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  g_strv_builder_add_many (command, "openssl", "s_server", "-accept", "127.0.0.1:0",
                           "-cert", certificate, "-key", certificate, "-CAfile", authority, NULL);
  g_strv_builder_addv (command, (const char **) options);
  words = g_strv_builder_end (command);
  self->process = g_subprocess_newv ((const char * const *) words,
                                     G_SUBPROCESS_FLAGS_STDIN_PIPE |
                                     G_SUBPROCESS_FLAGS_STDOUT_PIPE |
                                     G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error);
  g_assert_no_error (error);
  self->lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->process));
  self->cancellable = g_cancellable_new ();
  g_data_input_stream_read_line_async (self->lines, 0, self->cancellable, foreign_read_cb, self);
  WAIT_FOR (self->uri != NULL);

  return self;
}

static void
foreign_free (Foreign *self)
{
  g_cancellable_cancel (self->cancellable);
  g_subprocess_force_exit (self->process);
  g_assert_true (g_subprocess_wait (self->process, NULL, NULL));
  test_loop_turn ();
  g_clear_object (&self->cancellable);
  g_clear_object (&self->lines);
  g_clear_object (&self->process);
  g_free (self->uri);
  g_free (self);
}

typedef struct
{
  const char *name;
  const char *options[7];
  const Identity *identity;
} ForeignCase;

static const Identity stranger = { "strange-client", FALSE };

static const ForeignCase foreign_cases[] = {
  { "tls-1.0", { "-tls1", "-cipher", "ALL:@SECLEVEL=0" }, NULL },
  { "tls-1.1", { "-tls1_1", "-cipher", "ALL:@SECLEVEL=0" }, NULL },
  { "nobody-from-tls-1.2", { "-tls1_2", "-Verify", "1", "-verify_return_error" }, NULL },
  { "nobody-from-tls-1.3", { "-tls1_3", "-Verify", "1", "-verify_return_error" }, NULL },
  { "a-stranger-from-tls-1.2", { "-tls1_2", "-Verify", "1", "-verify_return_error" }, &stranger },
  { "a-stranger-from-tls-1.3", { "-tls1_3", "-Verify", "1", "-verify_return_error" }, &stranger },
};

static void
test_foreign_server (Fixture       *fixture,
                     gconstpointer  data)
{
  const ForeignCase *foreign_case = data;
  Foreign *foreign = foreign_new (foreign_case->options);
  WsmConnection *feed = scene_add_uri (fixture->scene, foreign->uri);

  fixture->witness = witness_new (feed);
  if (foreign_case->identity != NULL)
    g_signal_connect (feed, "prepare", G_CALLBACK (identify_cb),
                      (gpointer) foreign_case->identity);
  WAIT_FOR (fixture->witness->n_ended == 1);
  assert_failed_by_tls (fixture, foreign_case->name);
  test_loop_run_ms (FOREIGN_ECHO_MS);
  g_assert_false (foreign->heard_request);
  foreign_free (foreign);
}

int
main (int    argc,
      char **argv)
{
  static const Identity given = { "client", FALSE };
  static const Identity asked = { "client", TRUE };
  static const Identity nobody = { NULL, FALSE };

  g_test_init (&argc, &argv, NULL);

#define ADD(path, func, data) \
  g_test_add ("/matrix/f13-" path, Fixture, data, set_up, test_##func, tear_down)

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      g_autofree char *path = g_strdup_printf ("/matrix/f13-refuses-%s", refusals[i].name);

      g_test_add (path, Fixture, &refusals[i], set_up, test_bad_certificate, tear_down);
    }

  ADD ("accepts-what-an-authority-signed", good_certificate, "server");
  ADD ("accepts-a-self-signed-one-that-is-known", good_certificate, "self-signed");
  ADD ("accepts-what-the-app-accepts-for-one-attempt", accepted_once, NULL);
  ADD ("looks-anew-at-each-attempt", changed_certificate, NULL);
  ADD ("fails-at-a-plain-port", plain_port, NULL);
  ADD ("tries-a-tls-port-without-tls-again", plain_client, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (troubles); i++)
    {
      g_autofree char *path = g_strdup_printf ("/matrix/f13-tries-again-after-%s-in-the-handshake",
                                               troubles[i].name);

      g_test_add (path, Fixture, &troubles[i], set_up, test_trouble_in_handshake, tear_down);
    }
  ADD ("shows-a-certificate", known_client, &given);
  ADD ("shows-a-certificate-when-asked", known_client, &asked);
  ADD ("has-no-certificate-to-show", client_without_certificate, &nobody);

  for (gsize i = 0; i < G_N_ELEMENTS (foreign_cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/matrix/f13-fails-at-%s", foreign_cases[i].name);

      g_test_add (path, Fixture, &foreign_cases[i], set_up, test_foreign_server, tear_down);
    }

#undef ADD

  return g_test_run ();
}
