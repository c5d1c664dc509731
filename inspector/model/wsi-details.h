/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* All that is known of one connection and too much for the table: a snapshot of
 * Pool1.GetDetails, which is not changed afterwards. Getters of what is not known return 0, NULL
 * or, for round trips, a negative number. */
#define WSI_TYPE_DETAILS (wsi_details_get_type ())

G_DECLARE_FINAL_TYPE (WsiDetails, wsi_details, WSI, DETAILS, GObject)

/* A header of the handshake; the value is NULL if the program hides it. */
typedef struct
{
  const char *name;  /* (unowned) */
  const char *value; /* (unowned) (nullable) */
} WsiHeader;

WsiDetails  *wsi_details_new                (GVariant   *details) G_GNUC_WARN_UNUSED_RESULT;
GVariant    *wsi_details_get_variant        (WsiDetails *self);

/* heartbeat, backoff, latency, lateness, handshake, tls: dictionaries in the dictionary. */
gboolean     wsi_details_has                (WsiDetails *self,
                                             const char *group);
/* A group of NULL is the outer dictionary. */
gboolean     wsi_details_has_key            (WsiDetails *self,
                                             const char *group,
                                             const char *key);
guint        wsi_details_get_uint           (WsiDetails *self,
                                             const char *group,
                                             const char *key);
guint64      wsi_details_get_uint64         (WsiDetails *self,
                                             const char *group,
                                             const char *key);
gint64       wsi_details_get_int64          (WsiDetails *self,
                                             const char *group,
                                             const char *key);
double       wsi_details_get_double         (WsiDetails *self,
                                             const char *group,
                                             const char *key);
gboolean     wsi_details_get_boolean        (WsiDetails *self,
                                             const char *group,
                                             const char *key);
const char  *wsi_details_get_string         (WsiDetails *self,
                                             const char *group,
                                             const char *key);
GStrv        wsi_details_dup_strv           (WsiDetails *self,
                                             const char *group,
                                             const char *key) G_GNUC_WARN_UNUSED_RESULT;

/* (element-type WsiHeader): of "request" or "response"; valid as long as the details are. */
GArray      *wsi_details_get_headers        (WsiDetails *self,
                                             const char *direction) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
