/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A name and what it stands for, in a list. Properties, construct-only: title, value (string),
 * secret (boolean: the value is not known here, and a lock says so), warning (string, NULL =
 * none). */
#define WSI_TYPE_FACT_ROW (wsi_fact_row_get_type ())

G_DECLARE_FINAL_TYPE (WsiFactRow, wsi_fact_row, WSI, FACT_ROW, GtkListBoxRow)

GtkWidget *wsi_fact_row_new (const char *name,
                             const char *value,
                             gboolean    secret,
                             const char *warning) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
