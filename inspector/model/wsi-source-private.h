/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-source.h"

#include "wsi-link.h"
#include "wsi-table.h"

G_BEGIN_DECLS

#define WSI_SOURCE_N_COUNTS 5

WsiSource *wsi_source_new              (WsiSourceKind  kind,
                                        GVariant      *about) G_GNUC_WARN_UNUSED_RESULT;

void       wsi_source_connect          (WsiSource     *self,
                                        GIOStream     *stream);
WsiLink   *wsi_source_get_link         (WsiSource     *self);

WsiTable  *wsi_source_get_table        (WsiSource     *self);
guint      wsi_source_get_pool         (WsiSource     *self);
gint64     wsi_source_get_offset       (WsiSource     *self);
void       wsi_source_set_offset       (WsiSource     *self,
                                        gint64         offset_us);
void       wsi_source_set_loading      (WsiSource     *self,
                                        gboolean       loading);
/* error (nullable): a sentence. */
void       wsi_source_set_gone         (WsiSource     *self,
                                        const char    *error);
void       wsi_source_set_ended_at     (WsiSource     *self,
                                        gint64         time_us);

/* What a pool says, of the types that the protocol has. */
void       wsi_source_apply_summary    (WsiSource     *self,
                                        GVariant      *summary);
void       wsi_source_apply_counts     (WsiSource     *self,
                                        const guint32 *counts);
void       wsi_source_apply_rows       (WsiSource     *self,
                                        GVariant      *rows);
/* missing: (element-type guint64): gets the ids of rows that have to be fetched. */
void       wsi_source_apply_figures    (WsiSource     *self,
                                        GVariant      *figures,
                                        GArray        *missing);
void       wsi_source_apply_reasons    (WsiSource     *self,
                                        GVariant      *reasons);
void       wsi_source_apply_removed    (WsiSource     *self,
                                        GVariant      *removed);
/* After what belongs together. */
void       wsi_source_tell_update      (WsiSource     *self);
void       wsi_source_count            (WsiSource     *self);

void       wsi_source_update_following (WsiSource     *self);

G_END_DECLS
