/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

char     *wsm_ini_writer_add  (GKeyFile       *key_file,
                               WsmConnection  *connection);
gboolean  wsm_ini_writer_save (GKeyFile       *key_file,
                               const char     *path,
                               GError        **error);

G_END_DECLS
