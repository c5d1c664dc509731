/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#define WSM_INSIDE
#include "wsm-backoff.h"
#include "wsm-beats.h"
#include "wsm-connection.h"
#include "wsm-enum-types.h"
#include "wsm-enums.h"
#include "wsm-error.h"
#include "wsm-exporter.h"
#include "wsm-frame.h"
#include "wsm-heartbeat.h"
#include "wsm-latency.h"
#include "wsm-pool.h"
#include "wsm-reason.h"
#include "wsm-version-macros.h"
#include "wsm-version.h"
#undef WSM_INSIDE
