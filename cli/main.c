/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

#include "command.h"

/* A command is a line here and a function in a file of its own. */
static const WsmCliCommand commands[] =
{
  { "serve", N_("Run an echo server that misbehaves on request"), wsm_cli_serve },
  { "top", N_("Look into running programs and show how alive their connections are"), wsm_cli_top },
  { "watch", N_("Keep connections open and show how alive they are"), wsm_cli_watch },
};

static char *
wsm_cli_describe_commands (void)
{
  GString *lines = g_string_new (_("Commands:"));

  g_string_append_c (lines, '\n');
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (lines, "  %-21s %s\n", commands[i].name, _(commands[i].summary));

  g_string_append_c (lines, '\n');
  g_string_append (lines, _("“wsmulti COMMAND --help” tells more about a command."));

  return g_string_free (lines, FALSE);
}

static const WsmCliCommand *
wsm_cli_lookup_command (const char  *name,
                        GError     **error)
{
  if (name == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           _("a command is missing; write one of those that --help lists"));
      return NULL;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (g_str_equal (commands[i].name, name))
        return &commands[i];
    }

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               _("there is no command “%s”; write one of those that --help lists"), name);
  return NULL;
}

/* The language of help and errors. What machines read is English. */
static void
wsm_cli_init_texts (void)
{
  const char *folder = g_getenv ("WSMULTI_LOCALE_DIR");

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, folder != NULL ? folder : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}

int
main (int    argc,
      char **argv)
{
  gboolean version = FALSE;
  const GOptionEntry entries[] =
  {
    { "version", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &version,
      N_("Print the version and exit"), NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = NULL;
  g_autofree char *description = NULL;
  g_autofree char *program = NULL;
  g_autoptr (GError) error = NULL;
  const WsmCliCommand *command;

  wsm_cli_init_texts ();
  g_set_prgname ("wsmulti");

  context = g_option_context_new (_("COMMAND [ARGUMENT…]"));
  description = wsm_cli_describe_commands ();
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context,
    _("Keeps WebSocket connections alive, and shows how alive they are."));
  g_option_context_set_description (context, description);
  /* What follows the command is the command's. */
  g_option_context_set_strict_posix (context, TRUE);

  if (!g_option_context_parse (context, &argc, &argv, &error))
    return wsm_cli_complain (WSM_CLI_EXIT_USAGE, error);

  if (version)
    {
      g_print ("wsmulti %s\n", PACKAGE_VERSION);
      return WSM_CLI_EXIT_OK;
    }

  command = wsm_cli_lookup_command (argv[1], &error);
  if (command == NULL)
    return wsm_cli_complain (WSM_CLI_EXIT_USAGE, error);

  program = g_strconcat ("wsmulti ", command->name, NULL);
  g_set_prgname (program);

  return command->run (argc - 1, argv + 1);
}
