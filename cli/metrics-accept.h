/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "exposition.h"

G_BEGIN_DECLS

WsmCliFormat wsm_cli_metrics_accept_choose   (const char   *accept);
const char  *wsm_cli_metrics_accept_get_type (WsmCliFormat  format);

G_END_DECLS
