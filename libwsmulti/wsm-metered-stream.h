/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <gio/gio.h>

#include "wsm-metered-input.h"
#include "wsm-metered-output.h"

G_BEGIN_DECLS

/* A connection whose input is metered; its output is the connection's own. */
#define WSM_TYPE_METERED_STREAM (wsm_metered_stream_get_type ())

G_DECLARE_FINAL_TYPE (WsmMeteredStream, wsm_metered_stream, WSM, METERED_STREAM, GIOStream)

GIOStream        *wsm_metered_stream_new        (GIOStream        *base) G_GNUC_WARN_UNUSED_RESULT;
WsmMeteredInput  *wsm_metered_stream_get_input  (WsmMeteredStream *self);
WsmMeteredOutput *wsm_metered_stream_get_output (WsmMeteredStream *self);

G_END_DECLS
