/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-exporter.h"

G_BEGIN_DECLS

/* With WSMULTI_INSPECT=1 in the environment each pool is shown, until its app shows it. */
void wsm_exporter_environment_step_back (WsmPool *pool);

G_END_DECLS
