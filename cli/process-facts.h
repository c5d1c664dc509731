/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What it costs to run this process. -1: the system does not tell. */
typedef struct
{
  gint64 cpu_us;
  gint64 started_us; /* since 1970 */
  gint64 resident_bytes;
  gint64 virtual_bytes;
  gint64 n_descriptors;
  gint64 max_descriptors;
} WsmCliProcessFacts;

void wsm_cli_process_facts_read (WsmCliProcessFacts *self);

G_END_DECLS
