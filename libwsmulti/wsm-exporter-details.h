/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-exporter-rows.h"

G_BEGIN_DECLS

/* What is too much for the table. */
GVariant *wsm_exporter_pack_details (const WsmExhibit *exhibit,
                                     WsmConnection    *connection);

G_END_DECLS
