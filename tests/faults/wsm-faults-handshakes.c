/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-visit.h"

#include <string.h>

/* What comes instead of an honest answer to the handshake. */

#define DRIP_MS 20
#define POUR_MS 1
#define POUR_SIZE (1024 * 1024)
#define LONG_LINE 1000

#define SWITCHING "HTTP/1.1 101 Switching Protocols\r\n"
#define UPGRADE "Upgrade: websocket\r\nConnection: Upgrade\r\n"

/* "user:password" */
#define RIGHT_CREDENTIALS "Authorization: Basic dXNlcjpwYXNzd29yZA=="

static void
be_silent (WsmFaultsVisit *visit)
{
}

/* Returns whether there was one. */
static gboolean
write_next_byte (WsmFaultsVisit *visit,
                 const char     *text)
{
  guint position = wsm_faults_visit_get_n_steps (visit);

  if (text[position] != '\0')
    raw_peer_write (wsm_faults_visit_get_peer (visit), text + position, 1);

  return text[position] != '\0';
}

static gboolean
drip_step (WsmFaultsVisit *visit)
{
  g_autofree char *answer = raw_peer_make_answer (wsm_faults_visit_get_peer (visit), NULL);

  write_next_byte (visit, answer);
  if (wsm_faults_visit_get_n_steps (visit) + 1 < strlen (answer))
    return G_SOURCE_CONTINUE;

  /* The client may speak before the next step. */
  wsm_faults_visit_note_open (visit);

  return G_SOURCE_REMOVE;
}

static void
drip (WsmFaultsVisit *visit)
{
  wsm_faults_visit_repeat (visit, (guint) wsm_faults_visit_get_number (visit, DRIP_MS), drip_step);
}

static gboolean
drip_header_step (WsmFaultsVisit *visit)
{
  if (!write_next_byte (visit, SWITCHING "X-Endless: "))
    raw_peer_write_text (wsm_faults_visit_get_peer (visit), "x");

  return G_SOURCE_CONTINUE;
}

static void
drip_header (WsmFaultsVisit *visit)
{
  wsm_faults_visit_repeat (visit, (guint) wsm_faults_visit_get_number (visit, DRIP_MS),
                           drip_header_step);
}

static gboolean
accept_step (WsmFaultsVisit *visit)
{
  raw_peer_accept (wsm_faults_visit_get_peer (visit), NULL);
  wsm_faults_visit_note_open (visit);

  return G_SOURCE_REMOVE;
}

static void
be_slow (WsmFaultsVisit *visit)
{
  wsm_faults_visit_repeat (visit, (guint) wsm_faults_visit_get_number (visit, DRIP_MS),
                           accept_step);
}

/* As fast as the client reads. */
static gboolean
pour_step (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);
  g_autofree char *water = NULL;

  if (raw_peer_has_unsent (peer))
    return G_SOURCE_CONTINUE;

  water = g_strnfill (POUR_SIZE, 'x');
  raw_peer_write (peer, water, POUR_SIZE);

  return G_SOURCE_CONTINUE;
}

static void
pour_endless_body (WsmFaultsVisit *visit)
{
  raw_peer_write_text (wsm_faults_visit_get_peer (visit), "HTTP/1.1 503 Busy\r\n\r\n");
  wsm_faults_visit_repeat (visit, POUR_MS, pour_step);
}

static void
pour_huge_body (WsmFaultsVisit *visit)
{
  g_autofree char *head = NULL;

  head = g_strdup_printf ("HTTP/1.1 503 Busy\r\nContent-Length: %" G_GUINT64_FORMAT "\r\n\r\n",
                          wsm_faults_visit_get_number (visit, 500 * 1000 * 1000));
  raw_peer_write_text (wsm_faults_visit_get_peer (visit), head);
  wsm_faults_visit_repeat (visit, POUR_MS, pour_step);
}

static gboolean
interim_step (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);

  for (guint i = 0; i < 100 && !raw_peer_has_unsent (peer); i++)
    raw_peer_write_text (peer, "HTTP/1.1 100 Continue\r\n\r\n");

  return G_SOURCE_CONTINUE;
}

static void
pour_interim_answers (WsmFaultsVisit *visit)
{
  wsm_faults_visit_repeat (visit, POUR_MS, interim_step);
}

static gboolean
headers_step (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);
  g_autofree char *value = g_strnfill (LONG_LINE, 'x');
  g_autofree char *line = g_strdup_printf ("X-%u: %s\r\n", wsm_faults_visit_get_n_steps (visit),
                                           value);

  for (guint i = 0; i < 100 && !raw_peer_has_unsent (peer); i++)
    raw_peer_write_text (peer, line);

  return G_SOURCE_CONTINUE;
}

static void
pour_headers (WsmFaultsVisit *visit)
{
  raw_peer_write_text (wsm_faults_visit_get_peer (visit), SWITCHING);
  wsm_faults_visit_repeat (visit, POUR_MS, headers_step);
}

static void
finish (WsmFaultsVisit *visit)
{
  raw_peer_finish (wsm_faults_visit_get_peer (visit));
}

static void
finish_in_header (WsmFaultsVisit *visit)
{
  raw_peer_write_text (wsm_faults_visit_get_peer (visit), SWITCHING "Upgrade: web");
  finish (visit);
}

static void
reset (WsmFaultsVisit *visit)
{
  raw_peer_reset (wsm_faults_visit_get_peer (visit));
}

static void
write_garbage (WsmFaultsVisit *visit)
{
  raw_peer_write_text (wsm_faults_visit_get_peer (visit), "SSH-2.0-OpenSSH_9.2p1\r\n\r\n");
}

static void
write_bytes (WsmFaultsVisit *visit)
{
  const char *argument = wsm_faults_visit_get_argument (visit);
  g_autoptr (GBytes) bytes = wsm_faults_parse_hex (argument != NULL ? argument : "");

  wsm_faults_visit_write (visit, bytes);
}

/* An answer with some lines of the honest one; NULL stands for the honest last one. */
static void
write_answer (WsmFaultsVisit *visit,
              const char     *upgrade,
              const char     *accept)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);
  g_autofree char *honest = raw_peer_make_answer (peer, NULL);
  g_autofree char *answer = NULL;

  if (accept == NULL)
    accept = strstr (honest, "Sec-WebSocket-Accept");
  answer = g_strconcat (SWITCHING, upgrade, accept, NULL);
  raw_peer_write_text (peer, answer);
}

static void
write_bad_accept (WsmFaultsVisit *visit)
{
  write_answer (visit, UPGRADE, "Sec-WebSocket-Accept: bm9uc2Vuc2U=\r\n\r\n");
}

static void
write_no_accept (WsmFaultsVisit *visit)
{
  write_answer (visit, UPGRADE, "\r\n");
}

static void
write_no_upgrade (WsmFaultsVisit *visit)
{
  write_answer (visit, "Connection: Upgrade\r\n", NULL);
}

static void
write_other_upgrade (WsmFaultsVisit *visit)
{
  write_answer (visit, "Upgrade: h2c\r\nConnection: Upgrade\r\n", NULL);
}

static void
write_no_connection (WsmFaultsVisit *visit)
{
  write_answer (visit, "Upgrade: websocket\r\n", NULL);
}

static void
write_bad_extension (WsmFaultsVisit *visit)
{
  raw_peer_accept (wsm_faults_visit_get_peer (visit), "Sec-WebSocket-Extensions: x-unknown\r\n");
}

static void
write_unasked_deflate (WsmFaultsVisit *visit)
{
  raw_peer_accept (wsm_faults_visit_get_peer (visit),
                   "Sec-WebSocket-Extensions: permessage-deflate\r\n");
}

static void
write_bad_protocol (WsmFaultsVisit *visit)
{
  raw_peer_accept (wsm_faults_visit_get_peer (visit), "Sec-WebSocket-Protocol: unasked\r\n");
}

/* The options are headers: /handshake/status/503?Retry-After=7 */
static void
write_status (WsmFaultsVisit *visit)
{
  g_autofree char *headers = wsm_faults_visit_dup_headers (visit);
  g_autofree char *answer = NULL;

  answer = g_strdup_printf ("HTTP/1.1 %" G_GUINT64_FORMAT " So it is\r\n%s"
                            "Content-Length: 0\r\n\r\n",
                            wsm_faults_visit_get_number (visit, 503), headers);
  raw_peer_write_text (wsm_faults_visit_get_peer (visit), answer);
}

/* Lets in who knows the password. */
static void
ask_password (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);

  if (strstr (wsm_faults_visit_get_request (visit), RIGHT_CREDENTIALS) != NULL)
    accept_step (visit);
  else
    raw_peer_write_text (peer, "HTTP/1.1 401 Unauthorized\r\n"
                               "WWW-Authenticate: Basic realm=\"faults\"\r\n"
                               "Content-Length: 0\r\n\r\n");
}

/* The handshake is in order, but a number of messages come with it in one piece. */
static void
glue (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);
  g_autofree char *answer = raw_peer_make_answer (peer, NULL);
  GString *bytes = g_string_new (answer);

  for (guint i = 0; i < wsm_faults_visit_get_number (visit, 3); i++)
    {
      g_autofree char *text = g_strdup_printf ("glued %u", i + 1);

      g_string_append_c (bytes, (char) FINAL_TEXT);
      g_string_append_c (bytes, (char) strlen (text));
      g_string_append (bytes, text);
    }
  raw_peer_write (peer, bytes->str, bytes->len);
  wsm_faults_visit_note_open (visit);
  g_string_free (bytes, TRUE);
}

const WsmFault wsm_faults_of_handshakes[] = {
  { "/handshake/silent", NULL, be_silent, NULL },
  { "/handshake/slow", "MILLISECONDS", be_slow, NULL },
  { "/handshake/drip", "MILLISECONDS", drip, NULL },
  { "/handshake/drip-header", "MILLISECONDS", drip_header, NULL },
  { "/handshake/endless-body", NULL, pour_endless_body, NULL },
  { "/handshake/huge-body", "BYTES", pour_huge_body, NULL },
  { "/handshake/endless-interim", NULL, pour_interim_answers, NULL },
  { "/handshake/endless-headers", NULL, pour_headers, NULL },
  { "/handshake/eof", NULL, finish, NULL },
  { "/handshake/eof-in-header", NULL, finish_in_header, NULL },
  { "/handshake/rst", NULL, reset, NULL },
  { "/handshake/garbage", NULL, write_garbage, NULL },
  { "/handshake/bytes", "HEX", write_bytes, NULL },
  { "/handshake/bad-accept", NULL, write_bad_accept, NULL },
  { "/handshake/no-accept", NULL, write_no_accept, NULL },
  { "/handshake/no-upgrade", NULL, write_no_upgrade, NULL },
  { "/handshake/other-upgrade", NULL, write_other_upgrade, NULL },
  { "/handshake/no-connection", NULL, write_no_connection, NULL },
  { "/handshake/bad-extension", NULL, write_bad_extension, NULL },
  { "/handshake/unasked-deflate", NULL, write_unasked_deflate, NULL },
  { "/handshake/bad-protocol", NULL, write_bad_protocol, NULL },
  { "/handshake/status", "CODE", write_status, NULL },
  { "/handshake/password", NULL, ask_password, NULL },
  { "/handshake/glue", "MESSAGES", glue, NULL },
  { NULL, NULL, NULL, NULL },
};
