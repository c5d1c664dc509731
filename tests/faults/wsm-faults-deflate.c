/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-faults-visit.h"

#include <string.h>

/* Compressed messages, for clients that asked for it (RFC 7692), and for those that did not. */

#define COMPRESSED_TEXT 0xc1
#define COMPRESSION_LEVEL 9
#define CHUNK_SIZE (256 * 1024)

/* What the end of a flush looks like, which is left out of a message. */
#define TAIL_SIZE 4

static GConverter *
make_compressor (void)
{
  return G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, COMPRESSION_LEVEL));
}

/* All in one message. */
static void
write_compressed (WsmFaultsVisit  *visit,
                  GConverter      *compressor,
                  const char      *text,
                  gsize            size,
                  GConverterFlags  flags)
{
  g_autofree char *buffer = g_malloc (CHUNK_SIZE);
  g_autoptr (GByteArray) message = g_byte_array_new ();
  GConverterResult result = G_CONVERTER_CONVERTED;
  gsize n_read;
  gsize n_written;

  do
    {
      g_autoptr (GError) error = NULL;

      result = g_converter_convert (compressor, text, size, buffer, CHUNK_SIZE, flags, &n_read,
                                    &n_written, &error);
      g_assert_no_error (error);
      g_byte_array_append (message, (const guint8 *) buffer, n_written);
      text += n_read;
      size -= n_read;
    }
  while (result == G_CONVERTER_CONVERTED);

  if (result == G_CONVERTER_FLUSHED)
    g_byte_array_set_size (message, message->len - TAIL_SIZE);
  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), COMPRESSED_TEXT, message->data,
                        message->len);
}

/* Small on the way, and of any size at its end. */
static void
write_bomb (WsmFaultsVisit *visit)
{
  g_autoptr (GConverter) compressor = make_compressor ();
  gsize size = wsm_faults_visit_get_number (visit, 1024 * 1024);
  g_autofree char *text = g_strnfill (size, 'x');

  write_compressed (visit, compressor, text, size, G_CONVERTER_FLUSH);
}

static void
write_rubbish (WsmFaultsVisit *visit)
{
  static const char rubbish[] = "this was never compressed";

  raw_peer_write_frame (wsm_faults_visit_get_peer (visit), COMPRESSED_TEXT, rubbish,
                        strlen (rubbish));
}

/* The second one refers to the first. */
static void
write_two (WsmFaultsVisit *visit)
{
  g_autoptr (GConverter) compressor = make_compressor ();

  write_compressed (visit, compressor, "again and again", 15, G_CONVERTER_FLUSH);
  write_compressed (visit, compressor, "again and again", 15, G_CONVERTER_FLUSH);
}

/* A stream that says that it ends with this message. */
static void
write_final (WsmFaultsVisit *visit)
{
  g_autoptr (GConverter) compressor = make_compressor ();

  write_compressed (visit, compressor, "the last one", 12, G_CONVERTER_INPUT_AT_END);
}

const WsmFault wsm_faults_of_compression[] = {
  { WSM_FAULTS_DEFLATE_PREFIX "bomb", "BYTES", write_bomb, NULL },
  { WSM_FAULTS_DEFLATE_PREFIX "rubbish", NULL, write_rubbish, NULL },
  { WSM_FAULTS_DEFLATE_PREFIX "two", NULL, write_two, NULL },
  { WSM_FAULTS_DEFLATE_PREFIX "final", NULL, write_final, NULL },
  { NULL, NULL, NULL, NULL },
};
