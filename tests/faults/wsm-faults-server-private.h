/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsm-faults-server.h"

G_BEGIN_DECLS

/* What a server counts, over all that came to it since it was made. */
typedef enum
{
  WSM_FAULTS_COUNT_REQUESTS,
  WSM_FAULTS_COUNT_HANDSHAKES,
  WSM_FAULTS_COUNT_MESSAGES,
  WSM_FAULTS_COUNT_PINGS,
  WSM_FAULTS_COUNT_PONGS,
  WSM_FAULTS_COUNT_CLOSES,
} WsmFaultsCount;

#define WSM_FAULTS_N_COUNTS (WSM_FAULTS_COUNT_CLOSES + 1)

void wsm_faults_server_count      (WsmFaultsServer *self,
                                   WsmFaultsCount   what);
void wsm_faults_server_note_close (WsmFaultsServer *self,
                                   guint            code);

G_END_DECLS
