/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* How a server answered a handshake, for those who look on: without what may be a secret, so that
 * it cannot be found in memory either. */
typedef struct _WsmHandshakeRecord WsmHandshakeRecord;

typedef struct
{
  char *name;  /* (owned) */
  char *value; /* (owned) (nullable): NULL if it is hidden */
} WsmHandshakeHeader;

struct _WsmHandshakeRecord
{
  grefcount ref_count;

  gint64 time_us; /* monotonic */
  guint status;
  char *reason_phrase; /* (owned) */
  GArray *request;     /* (owned) (element-type WsmHandshakeHeader) */
  GArray *response;    /* (owned) (element-type WsmHandshakeHeader) */
};

WsmHandshakeRecord *wsm_handshake_record_new   (SoupMessage        *message,
                                                gint64              time_us) G_GNUC_WARN_UNUSED_RESULT;
WsmHandshakeRecord *wsm_handshake_record_ref   (WsmHandshakeRecord *self);
void                wsm_handshake_record_unref (WsmHandshakeRecord *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmHandshakeRecord, wsm_handshake_record_unref)

G_END_DECLS
