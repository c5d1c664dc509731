/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * WsmCliFormat:
 * @WSM_CLI_FORMAT_OPEN_METRICS: OpenMetrics 1.0
 * @WSM_CLI_FORMAT_TEXT: the text format 0.0.4 of Prometheus, which is older
 *
 * What metrics are written in.
 */
typedef enum
{
  WSM_CLI_FORMAT_OPEN_METRICS,
  WSM_CLI_FORMAT_TEXT
} WsmCliFormat;

/**
 * WsmCliFamilyType:
 * @WSM_CLI_FAMILY_COUNTER: goes up only
 * @WSM_CLI_FAMILY_GAUGE: goes up and down
 * @WSM_CLI_FAMILY_HISTOGRAM: how many were how long
 * @WSM_CLI_FAMILY_SUMMARY: how long it took, by quantiles
 * @WSM_CLI_FAMILY_INFO: is always 1; what it says is in its labels
 * @WSM_CLI_FAMILY_STATE_SET: 1 for the state that it is in, 0 for the others
 *
 * What can be made of the samples of a family.
 */
typedef enum
{
  WSM_CLI_FAMILY_COUNTER,
  WSM_CLI_FAMILY_GAUGE,
  WSM_CLI_FAMILY_HISTOGRAM,
  WSM_CLI_FAMILY_SUMMARY,
  WSM_CLI_FAMILY_INFO,
  WSM_CLI_FAMILY_STATE_SET
} WsmCliFamilyType;

/* A metric, as OpenMetrics names it: without the suffixes of its samples, with its unit. */
typedef struct
{
  const char *name;
  WsmCliFamilyType type;
  const char *unit; /* (nullable) */
  const char *help;
} WsmCliFamily;

typedef struct
{
  GString *text; /* (owned) */
  WsmCliFormat format;
  const WsmCliFamily *family; /* (unowned) (nullable): whose samples are being written */
} WsmCliExposition;

WsmCliExposition *wsm_cli_exposition_new          (WsmCliFormat        format) G_GNUC_WARN_UNUSED_RESULT;
void              wsm_cli_exposition_free         (WsmCliExposition   *self);

void              wsm_cli_exposition_begin_family (WsmCliExposition   *self,
                                                   const WsmCliFamily *family);
void              wsm_cli_exposition_add          (WsmCliExposition   *self,
                                                   const char         *labels,
                                                   guint64             value);
void              wsm_cli_exposition_add_seconds  (WsmCliExposition   *self,
                                                   const char         *labels,
                                                   gint64              value_us);
void              wsm_cli_exposition_add_histogram
                                                  (WsmCliExposition   *self,
                                                   const char         *labels,
                                                   const gint64       *bounds_us,
                                                   const guint64      *buckets,
                                                   guint               n_bounds,
                                                   gint64              sum_us,
                                                   gint64              created_us);
void              wsm_cli_exposition_add_count    (WsmCliExposition   *self,
                                                   guint64             count);
void              wsm_cli_exposition_end          (WsmCliExposition   *self);

void              wsm_cli_exposition_append_label (GString            *labels,
                                                   const char         *name,
                                                   const char         *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmCliExposition, wsm_cli_exposition_free)

G_END_DECLS
