/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-visit.h"

#include <string.h>

/* Wrong answers to beats: pongs, messages, or nothing at all. */

#define CHATTER_MS 20
#define LATE_MS 100

static void
write_pong (WsmFaultsVisit *visit,
            const void     *payload,
            gsize           size)
{
  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), FINAL_PONG, payload, size);
}

/* Reads all, says nothing. */
static gboolean
swallow (WsmFaultsVisit *visit,
         guint           opcode,
         GBytes         *payload)
{
  return TRUE;
}

static gboolean
chatter_step (WsmFaultsVisit *visit)
{
  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), FINAL_TEXT, "news", 4);
  write_pong (visit, "of nobody", 9);

  return G_SOURCE_CONTINUE;
}

static void
chatter (WsmFaultsVisit *visit)
{
  wsm_faults_visit_repeat (visit, (guint) wsm_faults_visit_get_number (visit, CHATTER_MS),
                           chatter_step);
}

/* What goes on instead of the one honest pong, by the name of it. */
static void
pong_wrong (WsmFaultsVisit *visit,
            GBytes         *payload)
{
  write_pong (visit, "wsm-0000000000000000-1", 22);
}

static void
pong_empty (WsmFaultsVisit *visit,
            GBytes         *payload)
{
  write_pong (visit, NULL, 0);
}

static void
pong_long (WsmFaultsVisit *visit,
           GBytes         *payload)
{
  g_autofree char *text = g_strnfill (125, 'x');

  write_pong (visit, text, 125);
}

static void
pong_nul (WsmFaultsVisit *visit,
          GBytes         *payload)
{
  write_pong (visit, "\0\0\0", 3);
}

static void
pong_cut (WsmFaultsVisit *visit,
          GBytes         *payload)
{
  write_pong (visit, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload) - 1);
}

static void
pong_honest (WsmFaultsVisit *visit,
             GBytes         *payload)
{
  write_pong (visit, g_bytes_get_data (payload, NULL), g_bytes_get_size (payload));
}

static void
pong_twice (WsmFaultsVisit *visit,
            GBytes         *payload)
{
  pong_honest (visit, payload);
  pong_honest (visit, payload);
}

static void
pong_after_wrong (WsmFaultsVisit *visit,
                  GBytes         *payload)
{
  pong_wrong (visit, payload);
  pong_empty (visit, payload);
  pong_honest (visit, payload);
}

static const struct
{
  const char *name;
  void (*write) (WsmFaultsVisit *visit,
                 GBytes         *payload);
} pongs[] = {
  { "wrong", pong_wrong },
  { "empty", pong_empty },
  { "long", pong_long },
  { "nul", pong_nul },
  { "cut", pong_cut },
  { "twice", pong_twice },
  { "after-wrong", pong_after_wrong },
};

static gboolean
take_ping (WsmFaultsVisit *visit,
           guint           opcode,
           GBytes         *payload)
{
  const char *name = wsm_faults_visit_get_argument (visit);

  for (guint i = 0; i < G_N_ELEMENTS (pongs) && opcode == OPCODE_PING; i++)
    {
      if (g_strcmp0 (pongs[i].name, name) == 0)
        {
          pongs[i].write (visit, payload);
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
pong_late_step (WsmFaultsVisit *visit)
{
  pong_honest (visit, wsm_faults_visit_get_kept (visit));

  return G_SOURCE_REMOVE;
}

/* Of pings that overtake each other only the last is answered. */
static gboolean
take_ping_late (WsmFaultsVisit *visit,
                guint           opcode,
                GBytes         *payload)
{
  if (opcode != OPCODE_PING)
    return FALSE;

  wsm_faults_visit_keep (visit, payload);
  wsm_faults_visit_repeat (visit, (guint) wsm_faults_visit_get_number (visit, LATE_MS),
                           pong_late_step);

  return TRUE;
}

/* Messages are answered with another one, the option `with`. */
static gboolean
take_message (WsmFaultsVisit *visit,
              guint           opcode,
              GBytes         *payload)
{
  g_autofree char *answer = NULL;

  if (opcode != OPCODE_TEXT && opcode != OPCODE_BINARY)
    return FALSE;

  answer = wsm_faults_visit_dup_option (visit, "with");
  if (answer != NULL)
    raw_peer_write_frame (wsm_faults_visit_get_peer (visit), FINAL_TEXT, answer, strlen (answer));

  return TRUE;
}

/* Messages come back in two fragments, with a ping between them. */
static gboolean
take_message_apart (WsmFaultsVisit *visit,
                    guint           opcode,
                    GBytes         *payload)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);
  gsize size;
  const char *data = g_bytes_get_data (payload, &size);

  if (opcode != OPCODE_TEXT && opcode != OPCODE_BINARY)
    return FALSE;

  raw_peer_write_frame (peer, opcode, data, size / 2);
  raw_peer_write_frame (peer, FINAL_PING, "between", 7);
  raw_peer_write_frame (peer, 0x80, data + size / 2, size - size / 2);

  return TRUE;
}

static void
be_deaf (WsmFaultsVisit *visit)
{
  raw_peer_stop_reading (wsm_faults_visit_get_peer (visit));
}

const WsmFault wsm_faults_of_answers[] = {
  { "/mute", NULL, NULL, swallow },
  { "/deaf", NULL, be_deaf, NULL },
  { "/chatter", "MILLISECONDS", chatter, NULL },
  { "/talk", "MILLISECONDS", chatter, swallow },
  { "/pong", "NAME", NULL, take_ping },
  { "/pong-late", "MILLISECONDS", NULL, take_ping_late },
  { "/reply", NULL, NULL, take_message },
  { "/reply-apart", NULL, NULL, take_message_apart },
  { NULL, NULL, NULL, NULL },
};
