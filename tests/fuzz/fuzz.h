/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What libFuzzer calls, and the runner of the corpus where there is no libFuzzer: one input, after
 * which all is as it was before. What must not happen is asserted. */
int LLVMFuzzerTestOneInput (const guint8 *data,
                            gsize         length);

/* An input, taken apart from its beginning; when nothing is left, zeroes and empty texts come. */
typedef struct
{
  const guint8 *data; /* (unowned) (array length=length) */
  gsize length;
} FuzzInput;

guint8   fuzz_input_take_byte   (FuzzInput *self);
guint32  fuzz_input_take_number (FuzzInput *self);
GBytes  *fuzz_input_take_bytes  (FuzzInput *self,
                                 gsize      max_length) G_GNUC_WARN_UNUSED_RESULT;
char    *fuzz_input_take_text   (FuzzInput *self,
                                 gsize      max_length) G_GNUC_WARN_UNUSED_RESULT;
char    *fuzz_input_take_utf8   (FuzzInput *self,
                                 gsize      max_length) G_GNUC_WARN_UNUSED_RESULT;
GBytes  *fuzz_input_take_rest   (FuzzInput *self) G_GNUC_WARN_UNUSED_RESULT;

/* One line that may be shown: valid UTF-8, without control characters. */
void     fuzz_assert_is_line    (const char *text);

G_END_DECLS
