/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "fuzz.h"

#include <string.h>

guint8
fuzz_input_take_byte (FuzzInput *self)
{
  if (self->length == 0)
    return 0;

  self->length--;

  return *self->data++;
}

guint32
fuzz_input_take_number (FuzzInput *self)
{
  guint32 number = 0;

  for (guint i = 0; i < 4; i++)
    number = number << 8 | fuzz_input_take_byte (self);

  return number;
}

/* Two bytes say how many follow; there may be fewer. */
GBytes *
fuzz_input_take_bytes (FuzzInput *self,
                       gsize      max_length)
{
  gsize length = fuzz_input_take_byte (self);
  GBytes *bytes;

  length = length << 8 | fuzz_input_take_byte (self);
  length = MIN (MIN (length, max_length), self->length);
  bytes = g_bytes_new (self->data, length);
  self->data += length;
  self->length -= length;

  return bytes;
}

/* Of any bytes but NUL, which begins what comes next. */
char *
fuzz_input_take_text (FuzzInput *self,
                      gsize      max_length)
{
  gsize length = 0;
  char *text;

  while (length < self->length && self->data[length] != '\0')
    length++;

  text = g_strndup ((const char *) self->data, MIN (length, max_length));
  length = MIN (length + 1, self->length);
  self->data += length;
  self->length -= length;

  return text;
}

char *
fuzz_input_take_utf8 (FuzzInput *self,
                      gsize      max_length)
{
  g_autofree char *text = fuzz_input_take_text (self, max_length);

  return g_utf8_make_valid (text, -1);
}

GBytes *
fuzz_input_take_rest (FuzzInput *self)
{
  GBytes *bytes = g_bytes_new (self->data, self->length);

  self->data += self->length;
  self->length = 0;

  return bytes;
}

void
fuzz_assert_is_line (const char *text)
{
  g_assert_nonnull (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    g_assert_false (g_unichar_iscntrl (g_utf8_get_char (p)));
}
