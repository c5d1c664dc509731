/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-link.h"

#include "wsi-inflow.h"

G_BEGIN_DECLS

#define WSI_LINK_OBJECT_PATH "/io/github/wsmulti/Pool1"
#define WSI_LINK_INTERFACE "io.github.wsmulti.Pool1"
#define WSI_LINK_TIMEOUT_MS 25000

typedef struct
{
  guint interval_ms;
  guint64 first;
  guint count;
  GVariant *ids; /* (owned) (nullable): at; not that, but these */
} WsiWindow;

typedef struct
{
  guint64 id; /* 0 = none */
  guint payload;
} WsiFollowing;

struct _WsiLink
{
  GObject parent_instance;

  WsiSource *source; /* (unowned) (nullable): until it is closed */
  GIOStream *stream; /* (owned) */
  GMainContext *context; /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GDBusConnection *bus; /* (owned) (nullable) */
  WsiInflow *inflow; /* (owned) */
  gulong closed_handler;
  guint subscription;
  guint filter;
  GSource *patience; /* (owned) (nullable): ends what never begins */
  gint64 greeted_us;
  gboolean is_greeted;

  WsiWindow window_wanted;
  WsiWindow window_told;
  gboolean is_watching;
  gboolean is_telling_window;

  WsiFollowing following_wanted;
  WsiFollowing following_told;
  gboolean is_telling_following;
  WsiConnection *followed; /* (owned) (nullable) */

  guint64 next_page;
  guint n_pages;
  gboolean is_loading;
  gboolean is_fetching;
  GArray *missing; /* (owned) (element-type guint64): ids of rows to fetch */

  gboolean is_fetching_journal;
  gboolean needs_journal;
  gboolean is_fetching_details;
  GSource *details_timer; /* (owned) (nullable) */
};

/* What a call was about. */
typedef struct
{
  WsiLink *link;             /* (owned) */
  WsiConnection *connection; /* (owned) (nullable) */
  WsiWindow window;
  WsiFollowing following;
} WsiCall;

WsiCall  *wsi_call_new           (WsiLink              *link,
                                  WsiConnection        *connection) G_GNUC_WARN_UNUSED_RESULT;
void      wsi_call_free          (WsiCall              *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsiCall, wsi_call_free)

void      wsi_link_call          (WsiLink              *self,
                                  const char           *method,
                                  GVariant             *parameters,
                                  const char           *reply_type,
                                  int                   timeout_ms,
                                  GAsyncReadyCallback   callback,
                                  WsiCall              *call);
GVariant *wsi_link_call_finish   (WsiLink              *self,
                                  GObject              *bus,
                                  GAsyncResult         *result,
                                  GError              **error);

void      wsi_link_fetch         (WsiLink              *self);
void      wsi_link_fetch_journal (WsiLink              *self);
void      wsi_link_fetch_details (WsiLink              *self);

G_END_DECLS
