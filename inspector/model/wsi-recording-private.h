/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <json-glib/json-glib.h>

#include "wsi-recording.h"

G_BEGIN_DECLS

/* What stands in the first line. */
#define WSI_RECORDING_FORMAT "wsmulti-recording"
#define WSI_RECORDING_VERSION 1

/* Details as they are written and read: JSON does not know the types of D-Bus. */
JsonNode *wsi_recording_write_details (GVariant    *details) G_GNUC_WARN_UNUSED_RESULT;
GVariant *wsi_recording_read_details  (JsonNode    *node) G_GNUC_WARN_UNUSED_RESULT;

const char *wsi_recording_get_nick    (GType        type,
                                       int          value);
int         wsi_recording_get_value   (GType        type,
                                       const char  *nick);

G_END_DECLS
