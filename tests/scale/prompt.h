/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How the programs that are measured are told what to do: a line on their input is a command and
 * its arguments, a line on their output is the answer. "after MS COMMAND" is the same, but later.
 * The end of the input ends the program. */

typedef void (*PromptFunc) (const char *command,
                            int         n_arguments,
                            char      **arguments,
                            gpointer    user_data);

void    prompt_init        (void);
void    prompt_run         (PromptFunc  func,
                            gpointer    user_data);
void    prompt_answer      (const char *format,
                            ...) G_GNUC_PRINTF (1, 2);

/* What this process has cost so far: as members of a JSON object. */
char   *prompt_dup_costs   (void) G_GNUC_WARN_UNUSED_RESULT;
/* What this thread has, in µs. */
gint64  prompt_get_cpu_us  (void);

G_END_DECLS
