/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

gboolean gateway_file_load (const char  *path,
                            WsmPool     *pool,
                            GError     **error);
