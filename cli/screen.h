/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "table.h"

G_BEGIN_DECLS

typedef struct _WsmCliScreen WsmCliScreen;

/**
 * WsmCliScreenSubject:
 * @format: writes what is to be on the screen
 * @is_clear: tells whether all that was written is on the terminal
 * @write: writes to the terminal
 *
 * What a screen shows.
 */
typedef struct
{
  char     *(*format)   (const WsmCliView *view,
                         gpointer          user_data);
  gboolean  (*is_clear) (gpointer          user_data);
  void      (*write)    (const char       *output,
                         gpointer          user_data);
} WsmCliScreenSubject;

gboolean      wsm_cli_screen_is_possible (void);
WsmCliScreen *wsm_cli_screen_new         (const WsmCliScreenSubject *subject,
                                          gint64                     started_us,
                                          gpointer                   user_data) G_GNUC_WARN_UNUSED_RESULT;
void          wsm_cli_screen_free        (WsmCliScreen              *self);

void          wsm_cli_screen_finish      (WsmCliScreen              *self);

G_END_DECLS
