/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "command.h"

#include <glib/gi18n-lib.h>

/* Says on standard error what is wrong and, if it was the way of asking, where to read about it. */
WsmCliExit
wsm_cli_complain (WsmCliExit    status,
                  const GError *error)
{
  g_printerr ("%s: %s\n", g_get_prgname (), error->message);

  if (status == WSM_CLI_EXIT_USAGE)
    {
      /* Translators: the placeholder is a command, such as “wsmulti watch”. */
      g_printerr (_("Try “%s --help”."), g_get_prgname ());
      g_printerr ("\n");
    }

  return status;
}
