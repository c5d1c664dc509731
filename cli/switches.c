/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "switches.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "cells.h"
#include "duration.h"

/* The switches of a path on the command line: `/slow,late=800ms,drop-after=5`.
 *
 * Each one sets one property of the path. The list is written like the parameters of an HTTP
 * header, so libsoup takes it apart.
 */

typedef enum
{
  /* Alone: makes the property TRUE. */
  WSM_CLI_SWITCH_FLAG,
  /* Alone: makes the property FALSE. */
  WSM_CLI_SWITCH_NEGATIVE_FLAG,
  WSM_CLI_SWITCH_NUMBER,
  WSM_CLI_SWITCH_DURATION,
  WSM_CLI_SWITCH_TEXT
} WsmCliSwitchKind;

typedef struct
{
  const char *name;
  WsmCliSwitchKind kind;
  guint minimum;
  const char *property;
  const char *description;
} WsmCliSwitch;

/* In the order in which they are shown. Zero is no value: who wants none leaves the switch out. */
static const WsmCliSwitch switches[] =
{
  { "mute", WSM_CLI_SWITCH_FLAG, 0, "mute",
    N_("read everything, answer nothing, not even pings") },
  { "mute-after", WSM_CLI_SWITCH_DURATION, 1, "mute-after",
    N_("go mute so long after each open") },
  { "late", WSM_CLI_SWITCH_DURATION, 1, "late",
    N_("send each answer so much later") },
  { "drop-after", WSM_CLI_SWITCH_NUMBER, 1, "drop-after",
    N_("hang up after so many messages and pings") },
  { "drop-after-time", WSM_CLI_SWITCH_DURATION, 1, "drop-after-ms",
    N_("hang up so long after each open") },
  { "reset", WSM_CLI_SWITCH_FLAG, 0, "reset",
    N_("hang up with a TCP reset") },
  { "refuse", WSM_CLI_SWITCH_NUMBER, 200, "refuse",
    N_("refuse the handshake with an HTTP status") },
  { "retry-after", WSM_CLI_SWITCH_TEXT, 0, "retry-after",
    N_("send this Retry-After when refusing") },
  { "stall", WSM_CLI_SWITCH_FLAG, 0, "stall",
    N_("never answer the handshake") },
  { "handshake-delay", WSM_CLI_SWITCH_DURATION, 1, "handshake-delay",
    N_("answer the handshake so much later") },
  { "close", WSM_CLI_SWITCH_NUMBER, 1, "close-code",
    N_("close with this code, at once or with close-after") },
  { "close-after", WSM_CLI_SWITCH_NUMBER, 1, "close-after",
    N_("close after so many messages and pings") },
  { "deflate", WSM_CLI_SWITCH_FLAG, 0, "deflate",
    N_("agree to permessage-deflate") },
  { "no-echo", WSM_CLI_SWITCH_NEGATIVE_FLAG, 0, "echo",
    N_("do not echo messages") },
  { "reply-to", WSM_CLI_SWITCH_TEXT, 0, "reply-to",
    N_("answer this text with that of reply") },
  { "reply", WSM_CLI_SWITCH_TEXT, 0, "reply",
    N_("the answer to reply-to") },
};

/* What a path may be written with in a URI (RFC 3986, 3.3). */
#define PATH_CHARACTERS \
  G_URI_RESERVED_CHARS_ALLOWED_IN_PATH "-._~%" G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS

static const WsmCliSwitch *
wsm_cli_switches_lookup (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      if (g_str_equal (switches[i].name, name))
        return &switches[i];
    }

  return NULL;
}

static char *
wsm_cli_switches_list_names (void)
{
  GString *names = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", switches[i].name);

  return g_string_free (names, FALSE);
}

static guint
wsm_cli_switches_get_maximum (WsmEchoPath        *path,
                              const WsmCliSwitch *entry)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (path), entry->property);

  return G_PARAM_SPEC_UINT (pspec)->maximum;
}

static gboolean
wsm_cli_switches_apply_number (WsmEchoPath         *path,
                               const WsmCliSwitch  *entry,
                               const char          *text,
                               GError             **error)
{
  guint maximum = wsm_cli_switches_get_maximum (path, entry);
  guint64 number;

  if (!g_ascii_string_to_unsigned (text, 10, entry->minimum, maximum, &number, NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   /* Translators: a switch, what was written, and two numbers. */
                   _("%s: “%s” will not do; write a whole number from %u to %u"),
                   entry->name, text, entry->minimum, maximum);
      return FALSE;
    }

  g_object_set (path, entry->property, (guint) number, NULL);

  return TRUE;
}

static gboolean
wsm_cli_switches_apply_duration (WsmEchoPath         *path,
                                 const WsmCliSwitch  *entry,
                                 const char          *text,
                                 GError             **error)
{
  guint ms;

  if (!wsm_ini_duration_parse (entry->name, text, &ms, error))
    return FALSE;

  if (ms < entry->minimum)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("%s: “%s” would do nothing; leave the switch out"), entry->name, text);
      return FALSE;
    }

  g_object_set (path, entry->property, ms, NULL);

  return TRUE;
}

static gboolean
wsm_cli_switches_apply_text (WsmEchoPath         *path,
                             const WsmCliSwitch  *entry,
                             const char          *text,
                             GError             **error)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      if (g_ascii_iscntrl (*p))
        {
          g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                       _("%s: the text holds a control character; leave it out"), entry->name);
          return FALSE;
        }
    }

  g_object_set (path, entry->property, text, NULL);

  return TRUE;
}

static gboolean
wsm_cli_switches_apply (WsmEchoPath  *path,
                        const char   *name,
                        const char   *value,
                        GError      **error)
{
  const WsmCliSwitch *entry = wsm_cli_switches_lookup (name);
  gboolean is_flag;

  if (entry == NULL)
    {
      g_autofree char *names = wsm_cli_switches_list_names ();

      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   /* Translators: what was written, and a list of names. */
                   _("there is no switch “%s”; there are %s"), name, names);
      return FALSE;
    }

  is_flag = entry->kind == WSM_CLI_SWITCH_FLAG || entry->kind == WSM_CLI_SWITCH_NEGATIVE_FLAG;
  if (is_flag != (value == NULL))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   is_flag ? _("%s: takes no value; write it alone")
                           : _("%s: needs a value; write it after an equals sign"), entry->name);
      return FALSE;
    }

  switch (entry->kind)
    {
    case WSM_CLI_SWITCH_FLAG:
    case WSM_CLI_SWITCH_NEGATIVE_FLAG:
      g_object_set (path, entry->property, entry->kind == WSM_CLI_SWITCH_FLAG, NULL);
      return TRUE;
    case WSM_CLI_SWITCH_NUMBER:
      return wsm_cli_switches_apply_number (path, entry, value, error);
    case WSM_CLI_SWITCH_DURATION:
      return wsm_cli_switches_apply_duration (path, entry, value, error);
    case WSM_CLI_SWITCH_TEXT:
      return wsm_cli_switches_apply_text (path, entry, value, error);
    default:
      g_assert_not_reached ();
    }
}

static gboolean
wsm_cli_switches_apply_list (WsmEchoPath  *path,
                             const char   *list,
                             GError      **error)
{
  GHashTable *parameters = soup_header_parse_param_list_strict (list);
  GHashTableIter iter;
  gpointer name;
  gpointer value;
  gboolean done = TRUE;

  if (parameters == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _("a switch stands there twice; leave one out"));
      return FALSE;
    }

  g_hash_table_iter_init (&iter, parameters);
  while (done && g_hash_table_iter_next (&iter, &name, &value))
    done = wsm_cli_switches_apply (path, name, value, error);

  soup_header_free_param_list (parameters);

  return done;
}

/**
 * wsm_cli_switches_add_path:
 * @server: a server
 * @argument: a path, and after commas its switches
 * @error: return location for an error
 *
 * Adds a path as the user described it.
 *
 * Returns: (transfer none) (nullable): the path, or `NULL` if the description is no good
 */
WsmEchoPath *
wsm_cli_switches_add_path (WsmEchoServer  *server,
                           const char     *argument,
                           GError        **error)
{
  gsize size = strcspn (argument, ",");
  g_autofree char *name = g_strstrip (g_strndup (argument, size));
  WsmEchoPath *path;

  if (name[0] != '/' || name[strspn (name, PATH_CHARACTERS)] != '\0')
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   _("“%s” is not a path; write a slash and what follows it in a URI, such as "
                     "/feed"), name);
      return NULL;
    }

  if (wsm_echo_server_lookup_path (server, name) != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   /* Translators: the placeholder is a path, such as /feed. */
                   _("%s: is there twice; put all its switches into one argument"), name);
      return NULL;
    }

  path = wsm_echo_server_add_path (server, name);
  if (argument[size] != '\0' && !wsm_cli_switches_apply_list (path, argument + size + 1, error))
    {
      g_prefix_error (error, "%s: ", name);
      return NULL;
    }

  return path;
}

static char *
wsm_cli_switches_format_one (WsmEchoPath        *path,
                             const WsmCliSwitch *entry)
{
  g_autofree char *text = NULL;
  gboolean flag = FALSE;
  guint number = 0;

  switch (entry->kind)
    {
    case WSM_CLI_SWITCH_FLAG:
    case WSM_CLI_SWITCH_NEGATIVE_FLAG:
      g_object_get (path, entry->property, &flag, NULL);
      if (flag == (entry->kind == WSM_CLI_SWITCH_FLAG))
        return g_strdup (entry->name);
      return NULL;
    case WSM_CLI_SWITCH_NUMBER:
      g_object_get (path, entry->property, &number, NULL);
      if (number > 0)
        text = g_strdup_printf ("%u", number);
      break;
    case WSM_CLI_SWITCH_DURATION:
      g_object_get (path, entry->property, &number, NULL);
      if (number > 0)
        text = wsm_ini_duration_format (number);
      break;
    case WSM_CLI_SWITCH_TEXT:
      g_object_get (path, entry->property, &text, NULL);
      break;
    default:
      g_assert_not_reached ();
    }

  return text != NULL ? g_strdup_printf ("%s=%s", entry->name, text) : NULL;
}

/**
 * wsm_cli_switches_format:
 * @path: a path
 *
 * Writes the switches of a path, in the order of the help.
 *
 * Returns: (transfer full): such as `late=800ms, drop-after=5`, or `echo` when there are none
 */
char *
wsm_cli_switches_format (WsmEchoPath *path)
{
  GString *list = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      g_autofree char *text = wsm_cli_switches_format_one (path, &switches[i]);

      if (text != NULL)
        g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", text);
    }

  if (list->len == 0)
    g_string_append (list, "echo");

  return g_string_free (list, FALSE);
}

/**
 * wsm_cli_switches_describe:
 *
 * Writes what the help says of the switches.
 *
 * Returns: (transfer full): a line a switch
 */
char *
wsm_cli_switches_describe (void)
{
  static const char *const values[] =
  {
    [WSM_CLI_SWITCH_FLAG] = "",
    [WSM_CLI_SWITCH_NEGATIVE_FLAG] = "",
    [WSM_CLI_SWITCH_NUMBER] = N_("=N"),
    [WSM_CLI_SWITCH_DURATION] = N_("=TIME"),
    [WSM_CLI_SWITCH_TEXT] = N_("=TEXT"),
  };
  GString *lines = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      const char *value = values[switches[i].kind];
      g_autofree char *usage = g_strconcat (switches[i].name, *value != '\0' ? _(value) : "", NULL);
      g_autofree char *padded = wsm_cli_cells_fit (usage, 21, WSM_CLI_FIT_LEFT, "");

      g_string_append_printf (lines, "  %s %s\n", padded, _(switches[i].description));
    }

  return g_string_free (lines, FALSE);
}
