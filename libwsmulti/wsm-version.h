/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <glib.h>

#include "wsm-version-macros.h"

G_BEGIN_DECLS

WSM_AVAILABLE_IN_ALL
gboolean wsm_check_version (guint major,
                            guint minor,
                            guint micro);

G_END_DECLS
