/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

#include "wsi-source.h"

G_BEGIN_DECLS

/* One page about one connection. Properties: source (WsiSource, rw), connection (WsiConnection,
 * rw), narrow (boolean, rw). What a page shows is brought up to date by refresh, which is called
 * soon after anything of the connection changed, and once a second, while the page is mapped. */
#define WSI_TYPE_DETAILS_PAGE (wsi_details_page_get_type ())

G_DECLARE_DERIVABLE_TYPE (WsiDetailsPage, wsi_details_page, WSI, DETAILS_PAGE, GtkWidget)

struct _WsiDetailsPageClass
{
  GtkWidgetClass parent_class;

  /* Another subject, or none: source and connection are stored already. */
  void (*subject_changed) (WsiDetailsPage *self);
  void (*narrow_changed)  (WsiDetailsPage *self);
  void (*refresh)         (WsiDetailsPage *self);

  gpointer padding[4];
};

WsiSource     *wsi_details_page_get_source        (WsiDetailsPage *self);
void           wsi_details_page_set_source        (WsiDetailsPage *self,
                                                   WsiSource      *source);
WsiConnection *wsi_details_page_get_connection    (WsiDetailsPage *self);
void           wsi_details_page_set_connection    (WsiDetailsPage *self,
                                                   WsiConnection  *connection);
gboolean       wsi_details_page_get_narrow        (WsiDetailsPage *self);
void           wsi_details_page_set_narrow        (WsiDetailsPage *self,
                                                   gboolean        narrow);

void           wsi_details_page_queue_refresh     (WsiDetailsPage *self);
/* Whether news may still come: the connection is there, and is not of a recording. */
gboolean       wsi_details_page_is_live           (WsiDetailsPage *self);
/* Now, or of what has ended the time of the last that is known of it. */
gint64         wsi_details_page_get_present       (WsiDetailsPage *self);

G_END_DECLS
