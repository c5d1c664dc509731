/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* "wsm-", 16 digits, "-"; then the number, with 20 digits at most. */
#define WSM_PING_NAME_PREFIX_LENGTH 21
#define WSM_PING_NAME_SIZE (WSM_PING_NAME_PREFIX_LENGTH + 20 + 1)

/* What the pings of one socket carry, by which their pongs are told from others'. */
typedef struct
{
  char prefix[WSM_PING_NAME_PREFIX_LENGTH + 1];
} WsmPingName;

void        wsm_ping_name_choose  (WsmPingName       *self,
                                   GRand             *random);
const char *wsm_ping_name_write   (const WsmPingName *self,
                                   guint64            sequence,
                                   char               room[WSM_PING_NAME_SIZE]);
gboolean    wsm_ping_name_matches (const WsmPingName *self,
                                   guint64            sequence,
                                   const char        *payload);

G_END_DECLS
