/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <locale.h>

#include "command.h"

/* A command is a line here and a function in a file of its own. */
static const WsmCliCommand commands[] =
{
  { "serve", "Run an echo server that misbehaves on request", wsm_cli_serve },
  { "top", "Look into running programs and show how alive their connections are", wsm_cli_top },
  { "watch", "Keep connections open and show how alive they are", wsm_cli_watch },
};

static char *
wsm_cli_describe_commands (void)
{
  GString *lines = g_string_new ("Commands:\n");

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (lines, "  %-21s %s\n", commands[i].name, commands[i].summary);

  g_string_append (lines,
                   "\n"
                   "“wsmulti COMMAND --help” tells more about a command.");

  return g_string_free (lines, FALSE);
}

static const WsmCliCommand *
wsm_cli_lookup_command (const char  *name,
                        GError     **error)
{
  if (name == NULL)
    {
      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                           "a command is missing; write one of those that --help lists");
      return NULL;
    }

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      if (g_str_equal (commands[i].name, name))
        return &commands[i];
    }

  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "there is no command “%s”; write one of those that --help lists", name);
  return NULL;
}

int
main (int    argc,
      char **argv)
{
  gboolean version = FALSE;
  const GOptionEntry entries[] =
  {
    { "version", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND [ARGUMENT…]");
  g_autofree char *description = wsm_cli_describe_commands ();
  g_autofree char *program = NULL;
  g_autoptr (GError) error = NULL;
  const WsmCliCommand *command;

  setlocale (LC_ALL, "");
  g_set_prgname ("wsmulti");

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_summary (context,
                                "Keeps WebSocket connections alive, and shows how alive they are.");
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
