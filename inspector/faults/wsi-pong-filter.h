/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a server says on one socket, with its pongs left out on request. */
typedef struct _WsiPongFilter WsiPongFilter;

WsiPongFilter *wsi_pong_filter_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void           wsi_pong_filter_free (WsiPongFilter *self);

void           wsi_pong_filter_pass (WsiPongFilter *self,
                                     const guint8  *data,
                                     gsize          length,
                                     gboolean       drop_pongs,
                                     GByteArray    *passed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsiPongFilter, wsi_pong_filter_free)

G_END_DECLS
