/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

/* The certificates of these tests, and the authority that has signed the good ones. */

char            *authority_make_path (const char *name) G_GNUC_WARN_UNUSED_RESULT;
GTlsCertificate *authority_load      (const char *name) G_GNUC_WARN_UNUSED_RESULT;
GTlsDatabase    *authority_trust     (WsmPool    *pool) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
