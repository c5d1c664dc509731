/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#include "wsm-reason.h"

G_BEGIN_DECLS

/* Built once by the library, then never changed; copies share it by reference count. */
struct _WsmReason
{
  gatomicrefcount ref_count;

  WsmReasonCode code;

  guint n_missed;
  guint max_missed;
  guint silence_ms; /* since the last byte arrived; 0 = not said */

  guint close_code;  /* of the peer's close frame; 0 = none, 1006 = stream ended without */
  guint http_status; /* 0 = none */
  guint retry_after_ms; /* what the server asked for; 0 = nothing */
  guint timeout_ms; /* the deadline that passed; 0 = none */
  GTlsCertificateFlags tls_errors; /* the checks that the peer's certificate failed; 0 = none */
  guint64 size_limit; /* that the peer's message went over; 0 = none */

  guint attempt;        /* the next one; 0 = no further attempt is planned */
  guint delay_ms;       /* until then */
  guint delay_bound_ms; /* the longest delay that chance could have picked */
  guint turn_delay_ms;  /* until its turn among the retries of its pool; 0 = it has none */

  char *detail; /* (owned) (nullable): one line of valid UTF-8, without control characters */
  char *public_detail; /* (owned) (nullable): what others than the app may see of it */
};

WsmReason *wsm_reason_new        (WsmReasonCode    code) G_GNUC_WARN_UNUSED_RESULT;
WsmReason *wsm_reason_new_from   (const WsmReason *other) G_GNUC_WARN_UNUSED_RESULT;
void       wsm_reason_set_detail (WsmReason       *self,
                                  const char      *detail);
void       wsm_reason_set_public_detail (WsmReason *self,
                                         const char *detail);
char      *wsm_reason_to_public_string (const WsmReason *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
