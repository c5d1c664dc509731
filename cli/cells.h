/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * WsmCliFit:
 * @WSM_CLI_FIT_LEFT: padded behind, cut behind
 * @WSM_CLI_FIT_RIGHT: padded in front, cut behind
 * @WSM_CLI_FIT_MIDDLE: padded behind, cut in the middle
 *
 * How a text is made as wide as its column.
 */
typedef enum
{
  WSM_CLI_FIT_LEFT,
  WSM_CLI_FIT_RIGHT,
  WSM_CLI_FIT_MIDDLE,
} WsmCliFit;

guint  wsm_cli_cells_count (const char *text);
char  *wsm_cli_cells_fit   (const char *text,
                            guint       n_cells,
                            WsmCliFit   fit,
                            const char *ellipsis) G_GNUC_WARN_UNUSED_RESULT;
char  *wsm_cli_cells_clean (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
