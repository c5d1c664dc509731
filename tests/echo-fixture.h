/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libsoup/soup.h>

#include "wsm-echo.h"

G_BEGIN_DECLS

#define ECHO_FIXTURE_PATH "/feed"

/* One server with one path, and one plain libsoup client of it. */
typedef struct
{
  /* (owned) (nullable) */
  WsmEchoServer *server;
  /* (unowned) */
  WsmEchoPath *path;

  /* (owned) (nullable) */
  SoupSession *session;
  /* (owned) (nullable) */
  SoupMessage *message;
  /* (owned) (nullable) */
  GCancellable *cancellable;
  /* (owned) (nullable) */
  SoupWebsocketConnection *client;
  /* (owned) (nullable) */
  GError *connect_error;
  /* (owned) (nullable) */
  GError *client_error;

  /* (owned) */
  GString *received;
  guint n_pongs;
  guint n_client_closed;
  guint n_connects_done;

  guint n_server_opened;
  guint n_server_messages;
  guint n_server_closed;
  guint server_close_code;
  guint n_server_messages_when_closed;
  guint n_notified;
} EchoFixture;

typedef gboolean (*EchoCondition) (EchoFixture *fixture);

void     echo_fixture_wait_for                   (EchoFixture   *fixture,
                                                  EchoCondition  condition);
guint    echo_fixture_count                      (EchoFixture *fixture,
                                                  const char  *property);
gboolean echo_fixture_is_connect_done            (EchoFixture *fixture);
gboolean echo_fixture_is_server_open             (EchoFixture *fixture);
gboolean echo_fixture_is_client_closed           (EchoFixture *fixture);
gboolean echo_fixture_is_server_closed           (EchoFixture *fixture);
gboolean echo_fixture_has_message                (EchoFixture *fixture);
gboolean echo_fixture_has_pong                   (EchoFixture *fixture);
gboolean echo_fixture_has_server_message         (EchoFixture *fixture);
gboolean echo_fixture_has_server_ping            (EchoFixture *fixture);
gboolean echo_fixture_has_no_connection          (EchoFixture *fixture);
gboolean echo_fixture_has_handshake_under_way    (EchoFixture *fixture);
gboolean echo_fixture_has_no_handshake_under_way (EchoFixture *fixture);
void     echo_fixture_begin_connect              (EchoFixture *fixture,
                                                  const char  *path);
void     echo_fixture_open_client                (EchoFixture *fixture);
void     echo_fixture_send_text                  (EchoFixture *fixture,
                                                  const char  *text);
void     echo_fixture_send_ping                  (EchoFixture *fixture);
void     echo_fixture_shut_client_down           (EchoFixture *fixture);
void     echo_fixture_assert_received            (EchoFixture *fixture,
                                                  const char  *expected);
void     echo_fixture_set_up                     (EchoFixture   *fixture,
                                                  gconstpointer  user_data);
void     echo_fixture_tear_down                  (EchoFixture   *fixture,
                                                  gconstpointer  user_data);

G_END_DECLS
