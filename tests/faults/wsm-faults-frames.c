/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-visit.h"

#include <string.h>

/* Frames that no peer should send, or only a bold one, after an honest handshake. */

#define FINAL_CONTINUATION 0x80

/* Those that are always the same, as hexadecimal digits. */
static const struct
{
  const char *name;
  const char *bytes;
} constant_frames[] = {
  /* What only clients do. */
  { "masked", "818501020304" "69676f686e" },
  { "rsv1", "c10178" },
  { "rsv2", "a10178" },
  { "rsv3", "910178" },

  /* Fragments without a beginning, or with two. */
  { "stray-continuation", "800178" },
  { "interleaved", "010161" "810162" },
  { "fragmented-ping", "090178" },
  { "fragmented-close", "080203e8" },

  /* 5 bytes, but their number said in 2 and in 8 bytes; 200, in 8. */
  { "long-length-16", "817e0005" "68656c6c6f" },
  { "long-length-64", "827f0000000000000005" "68656c6c6f" },
  { "negative-length", "827f8000000000000000" },

  /* Texts; the last two are in order. */
  { "utf8-bad", "8102fffe" },
  { "utf8-split-bad", "0101c3" "800128" },
  { "utf8-truncated", "8103" "6162c3" },
  { "utf8-surrogate", "8103eda080" },
  { "utf8-overlong", "8102c0af" },
  { "utf8-too-high", "8104f4908080" },
  { "utf8-split-good", "0101c3" "8001a9" },
  { "utf8-nul", "8103" "610062" },
};

static void
write_constant (WsmFaultsVisit *visit)
{
  const char *name = wsm_faults_visit_get_argument (visit);

  for (guint i = 0; i < G_N_ELEMENTS (constant_frames); i++)
    {
      if (g_strcmp0 (constant_frames[i].name, name) == 0)
        {
          g_autoptr (GBytes) bytes = wsm_faults_parse_hex (constant_frames[i].bytes);

          wsm_faults_visit_write (visit, bytes);
        }
    }
}

static void
write_bytes (WsmFaultsVisit *visit)
{
  const char *argument = wsm_faults_visit_get_argument (visit);
  g_autoptr (GBytes) bytes = wsm_faults_parse_hex (argument != NULL ? argument : "");

  wsm_faults_visit_write (visit, bytes);
}

static void
write_opcode (WsmFaultsVisit *visit)
{
  guint opcode = (guint) wsm_faults_visit_get_number (visit, 3);

  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), 0x80 | (opcode & 0x0f), "x", 1);
}

/* A message in order, of any size; or only its beginning. */
static void
write_frame (WsmFaultsVisit *visit)
{
  gsize size = wsm_faults_visit_get_number (visit, 0);
  g_autofree char *payload = g_strnfill (size, 'x');

  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), FINAL_BINARY, payload, size);
}

static void
write_half_frame (WsmFaultsVisit *visit)
{
  raw_peer_write (wsm_faults_visit_get_peer (visit), "\x81\x20" "half", 6);
}

/* Tells a length in 8 bytes and then has little to say. */
static void
write_length (WsmFaultsVisit *visit)
{
  guint64 length = GUINT64_TO_BE (wsm_faults_visit_get_number (visit, G_MAXUINT64));
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) "\x82\x7f", 2);
  g_byte_array_append (bytes, (const guint8 *) &length, sizeof length);
  g_byte_array_append (bytes, (const guint8 *) "and no more", 11);
  raw_peer_write (wsm_faults_visit_get_peer (visit), bytes->data, bytes->len);
}

static void
write_fragments (WsmFaultsVisit *visit)
{
  RawPeer *peer = wsm_faults_visit_get_peer (visit);
  g_autofree char *payload = NULL;
  gsize size = wsm_faults_visit_get_number (visit, 2);

  payload = g_strnfill (size, 'x');
  raw_peer_write_frame (peer, OPCODE_TEXT, payload, size / 2);
  raw_peer_write_frame (peer, FINAL_CONTINUATION, payload, size - size / 2);
}

static void
write_long_ping (WsmFaultsVisit *visit)
{
  gsize size = wsm_faults_visit_get_number (visit, 126);
  g_autofree char *payload = g_strnfill (size, 'x');

  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), FINAL_PING, payload, size);
}

const WsmFault wsm_faults_of_frames[] = {
  { "/echo", NULL, NULL, NULL },
  { "/wrong", "NAME", write_constant, NULL },
  { "/bytes", "HEX", write_bytes, NULL },
  { "/opcode", "NUMBER", write_opcode, NULL },
  { "/frame", "BYTES", write_frame, NULL },
  { "/half-frame", NULL, write_half_frame, NULL },
  { "/length", "NUMBER", write_length, NULL },
  { "/fragments", "BYTES", write_fragments, NULL },
  { "/ping", "BYTES", write_long_ping, NULL },
  { NULL, NULL, NULL, NULL },
};
