/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * WsmCliExit:
 * @WSM_CLI_EXIT_OK: it did what it was asked to
 * @WSM_CLI_EXIT_FAILURE: it could not
 * @WSM_CLI_EXIT_USAGE: it did not understand what it was asked
 *
 * What the program tells the shell.
 */
typedef enum
{
  WSM_CLI_EXIT_OK = 0,
  WSM_CLI_EXIT_FAILURE = 1,
  WSM_CLI_EXIT_USAGE = 2
} WsmCliExit;

typedef struct
{
  const char *name;
  const char *summary;
  WsmCliExit (*run) (int    argc,
                     char **argv);
} WsmCliCommand;

WsmCliExit wsm_cli_complain (WsmCliExit    status,
                             const GError *error);

/* One a command; main.c holds the table. */
WsmCliExit wsm_cli_serve    (int           argc,
                             char        **argv);
WsmCliExit wsm_cli_top      (int           argc,
                             char        **argv);
WsmCliExit wsm_cli_watch    (int           argc,
                             char        **argv);

G_END_DECLS
