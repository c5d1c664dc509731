/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-visit.h"

#include <string.h>

/* How an open connection ends, or does not. */

#define FINAL_CLOSE 0x88

static void
end_stream (WsmFaultsVisit *visit)
{
  raw_peer_finish (wsm_faults_visit_get_peer (visit));
}

static void
end_stream_in_frame (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);

  raw_peer_write (peer, "\x81\x20" "half", 6);
  raw_peer_finish (peer);
}

static void
reset (WsmFaultsVisit *visit)
{
  raw_peer_reset (wsm_faults_visit_get_peer (visit));
}

static void
reset_in_frame (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);

  raw_peer_write (peer, "\x81\x20" "half", 6);
  raw_peer_reset (peer);
}

/* The options tell the reason, or only how long it is. */
static void
write_close (WsmFaultsVisit *visit)
{
  g_autofree char *reason = wsm_faults_visit_dup_option (visit, "reason");
  guint length = wsm_faults_visit_get_option (visit, "reason-length", 0);

  if (length > 0)
    {
      g_free (reason);
      reason = g_strnfill (length, 'x');
    }
  raw_peer_write_close (wsm_faults_visit_get_peer (visit),
                        (guint) wsm_faults_visit_get_number (visit, 1000), reason);
}

static void
write_close_without_code (WsmFaultsVisit *visit)
{
  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), FINAL_CLOSE, NULL, 0);
}

static void
write_close_in_one_byte (WsmFaultsVisit *visit)
{
  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), FINAL_CLOSE, "\x03", 1);
}

static void
write_close_without_text (WsmFaultsVisit *visit)
{
  raw_peer_write_close (wsm_faults_visit_get_peer (visit), 1000, "\xff\xfe");
}

static void
write_close_and_more (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);

  raw_peer_write_close (peer, 1000, NULL);
  raw_peer_write_frame (peer, FINAL_TEXT, "after all", 9);
  raw_peer_write_close (peer, 1000, NULL);
}

/* What was begun from this side needs no second close; the client has said its goodbye, and what
 * remains is to hang up. */
static gboolean
take_close (WsmFaultsVisit *visit,
            guint           opcode,
            GBytes         *payload)
{
  if (opcode != OPCODE_CLOSE)
    return FALSE;

  raw_peer_finish (wsm_faults_visit_get_peer (visit));

  return TRUE;
}

static gboolean
ignore_close (WsmFaultsVisit *visit,
              guint           opcode,
              GBytes         *payload)
{
  return opcode == OPCODE_CLOSE;
}

static gboolean
answer_close_and_stay (WsmFaultsVisit *visit,
                       guint           opcode,
                       GBytes         *payload)
{
  if (opcode != OPCODE_CLOSE)
    return FALSE;

  write_close (visit);

  return TRUE;
}

static gboolean
answer_close_with_more (WsmFaultsVisit *visit,
                        guint           opcode,
                        GBytes         *payload)
{
  if (opcode != OPCODE_CLOSE)
    return FALSE;

  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), FINAL_TEXT, "before all", 10);
  write_close_and_more (visit);

  return TRUE;
}

const WsmFault wsm_faults_of_endings[] = {
  { "/eof", NULL, end_stream, NULL },
  { "/eof-in-frame", NULL, end_stream_in_frame, NULL },
  { "/rst", NULL, reset, NULL },
  { "/rst-in-frame", NULL, reset_in_frame, NULL },
  { "/close", "CODE", write_close, take_close },
  { "/close-no-code", NULL, write_close_without_code, take_close },
  { "/close-one-byte", NULL, write_close_in_one_byte, take_close },
  { "/close-no-text", NULL, write_close_without_text, take_close },
  { "/close-and-more", NULL, write_close_and_more, take_close },
  { "/close-and-stay", "CODE", write_close, ignore_close },
  { "/no-close", NULL, NULL, ignore_close },
  { "/late-hang-up", NULL, NULL, answer_close_and_stay },
  { "/more-before-close", NULL, NULL, answer_close_with_more },
  { NULL, NULL, NULL, NULL },
};
