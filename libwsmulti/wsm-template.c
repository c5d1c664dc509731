/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-template.h"

#include <string.h>

#define PLACEHOLDER "%{seq}"

/* G_MAXUINT64 in decimal. */
#define MAX_DIGITS 20

/* The group must not collide with one of the app; a second placeholder means the same number. */
#define FIRST_SEQUENCE_PATTERN "(?<wsm_sequence>[0-9]+)"
#define OTHER_SEQUENCE_PATTERN "\\k<wsm_sequence>"
#define SEQUENCE_GROUP "wsm_sequence"

/* Some expressions take exponential time on the text of a malicious server. This bound of steps
 * ends them after some 2 ms, where the default of the library takes more than 100 ms, and is far
 * beyond what finding the answer to a beat needs. */
#define STEP_LIMIT_PATTERN "(*LIMIT_MATCH=100000)"

struct _WsmTemplate
{
  char **pieces; /* (owned) (array zero-terminated=1): what stands around the placeholders */
  gsize n_placeholders;
  gsize literal_length; /* of all pieces together */
};

/* The digits must be what we would have written: no sign, no leading zero, 64 bits. */
static gboolean
wsm_template_parse_number (const char *digits,
                           gsize       n_digits,
                           guint64    *number)
{
  char text[MAX_DIGITS + 1];

  if (n_digits < 1 || n_digits > MAX_DIGITS)
    return FALSE;
  if (digits[0] == '0' && n_digits > 1)
    return FALSE;

  /* A NUL inside would hide what follows it. */
  if (memchr (digits, '\0', n_digits) != NULL)
    return FALSE;

  memcpy (text, digits, n_digits);
  text[n_digits] = '\0';

  return g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, number, NULL);
}

WsmTemplate *
wsm_template_new (const char *text)
{
  WsmTemplate *self;

  g_return_val_if_fail (text != NULL, NULL);

  self = g_new0 (WsmTemplate, 1);

  /* An empty text is one empty piece; g_strsplit() would make none of it. */
  if (text[0] != '\0')
    {
      self->pieces = g_strsplit (text, PLACEHOLDER, -1);
    }
  else
    {
      self->pieces = g_new0 (char *, 2);
      self->pieces[0] = g_strdup ("");
    }

  self->n_placeholders = g_strv_length (self->pieces) - 1;
  self->literal_length = strlen (text) - self->n_placeholders * strlen (PLACEHOLDER);

  return self;
}

void
wsm_template_free (WsmTemplate *self)
{
  g_return_if_fail (self != NULL);

  g_clear_pointer (&self->pieces, g_strfreev);
  g_free (self);
}

/* The length in bytes with the largest sequence number there is. */
gsize
wsm_template_get_max_length (const WsmTemplate *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->literal_length + self->n_placeholders * MAX_DIGITS;
}

char *
wsm_template_expand (const WsmTemplate *self,
                     guint64            sequence)
{
  char number[MAX_DIGITS + 1];

  g_return_val_if_fail (self != NULL, NULL);

  g_snprintf (number, sizeof number, "%" G_GUINT64_FORMAT, sequence);

  return g_strjoinv (number, self->pieces);
}

/* Tells whether the text is the template with some number, and with which; it is left alone if
 * the template holds no placeholder. Each message of the app passes here, so nothing is
 * allocated. */
gboolean
wsm_template_match (const WsmTemplate *self,
                    const char        *text,
                    gsize              length,
                    guint64           *sequence)
{
  const char *cursor = text;
  const char *digits;
  gsize n_digits = 0;
  guint64 number = 0;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (text != NULL || length == 0, FALSE);
  g_return_val_if_fail (sequence != NULL, FALSE);

  if (self->n_placeholders == 0)
    {
      return length == self->literal_length &&
             (length == 0 || memcmp (text, self->pieces[0], length) == 0);
    }

  /* All placeholders hold one number, so the length alone says how many digits it has. That
   * keeps a digit beside a placeholder from being taken for a part of the number. */
  if (length < self->literal_length ||
      (length - self->literal_length) % self->n_placeholders != 0)
    return FALSE;

  n_digits = (length - self->literal_length) / self->n_placeholders;
  if (n_digits == 0)
    return FALSE;

  digits = text + strlen (self->pieces[0]);
  if (!wsm_template_parse_number (digits, n_digits, &number))
    return FALSE;

  for (gsize i = 0; self->pieces[i] != NULL; i++)
    {
      gsize piece_length = strlen (self->pieces[i]);

      if (memcmp (cursor, self->pieces[i], piece_length) != 0)
        return FALSE;
      cursor += piece_length;

      if (self->pieces[i + 1] == NULL)
        break;

      if (memcmp (cursor, digits, n_digits) != 0)
        return FALSE;
      cursor += n_digits;
    }

  *sequence = number;

  return TRUE;
}

/* Makes a regular expression of a template that is one: placeholders match digits. */
GRegex *
wsm_template_compile (const WsmTemplate *self,
                      GError           **error)
{
  g_autoptr (GString) pattern = NULL;
  g_autoptr (GRegex) unbounded = NULL;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  pattern = g_string_new (self->pieces[0]);
  for (gsize i = 1; self->pieces[i] != NULL; i++)
    {
      g_string_append (pattern, i == 1 ? FIRST_SEQUENCE_PATTERN : OTHER_SEQUENCE_PATTERN);
      g_string_append (pattern, self->pieces[i]);
    }

  /* First without the bound, so that an error message quotes what the app wrote. */
  unbounded = g_regex_new (pattern->str, 0, 0, error);
  if (unbounded == NULL)
    return NULL;

  g_string_prepend (pattern, STEP_LIMIT_PATTERN);

  return g_regex_new (pattern->str, 0, 0, error);
}

/* Tells whether the expression is found in the text, and which number stands there; that is
 * left alone if what matched holds no placeholder. Text that is not UTF-8 does not match, nor
 * does a number beyond 64 bits. */
gboolean
wsm_template_match_regex (GRegex     *regex,
                          const char *text,
                          gsize       length,
                          guint64    *sequence)
{
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *digits = NULL;

  g_return_val_if_fail (regex != NULL, FALSE);
  g_return_val_if_fail (text != NULL || length == 0, FALSE);
  g_return_val_if_fail (sequence != NULL, FALSE);

  /* GBytes of no bytes may hold NULL, which GRegex does not take. */
  if (text == NULL)
    text = "";

  if (length > G_MAXINT || !g_utf8_validate_len (text, length, NULL))
    return FALSE;

  /* An error here is the bound of steps: no match. */
  if (!g_regex_match_full (regex, text, (gssize) length, 0, 0, &match, NULL))
    return FALSE;

  if (g_regex_get_string_number (regex, SEQUENCE_GROUP) < 0)
    return TRUE;

  /* The branch that matched may be one without a placeholder. */
  digits = g_match_info_fetch_named (match, SEQUENCE_GROUP);
  if (digits == NULL || digits[0] == '\0')
    return TRUE;

  return g_ascii_string_to_unsigned (digits, 10, 0, G_MAXUINT64, sequence, NULL);
}
