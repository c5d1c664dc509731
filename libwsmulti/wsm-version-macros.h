/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#include <glib.h>

#include "wsm-version-numbers.h"

#ifndef _WSM_EXTERN
#define _WSM_EXTERN extern
#endif

#define _WSM_VERSION_CURRENT (G_ENCODE_VERSION (WSM_MAJOR_VERSION, WSM_MINOR_VERSION))

/**
 * WSM_VERSION_0_1:
 *
 * The version 0.1, for %WSM_VERSION_MIN_REQUIRED and %WSM_VERSION_MAX_ALLOWED.
 *
 * Since: 0.1
 */
#define WSM_VERSION_0_1 (G_ENCODE_VERSION (0, 1))

/**
 * WSM_VERSION_MIN_REQUIRED:
 *
 * The oldest version that a program is to build with, which it may define before it includes
 * `libwsmulti.h`.
 *
 * The compiler warns of what was deprecated in that version or before; what was deprecated later
 * has no replacement yet that such an old version would know. By default the version at hand, so
 * that nothing deprecated goes unnoticed.
 *
 * Since: 0.1
 */
#ifndef WSM_VERSION_MIN_REQUIRED
#define WSM_VERSION_MIN_REQUIRED _WSM_VERSION_CURRENT
#endif

/**
 * WSM_VERSION_MAX_ALLOWED:
 *
 * The newest version of which a program may use what was new, which it may define before it
 * includes `libwsmulti.h`.
 *
 * The compiler warns of what came later. By default the version at hand: everything may be used.
 *
 * Since: 0.1
 */
#ifndef WSM_VERSION_MAX_ALLOWED
#define WSM_VERSION_MAX_ALLOWED _WSM_VERSION_CURRENT
#endif

/* A name that this version does not know counts as 0. */
#if WSM_VERSION_MIN_REQUIRED == 0
#error "WSM_VERSION_MIN_REQUIRED is not known here; write one as WSM_VERSION_0_1"
#endif
#if WSM_VERSION_MAX_ALLOWED == 0
#error "WSM_VERSION_MAX_ALLOWED is not known here; write one as WSM_VERSION_0_1"
#endif
#if WSM_VERSION_MAX_ALLOWED < WSM_VERSION_MIN_REQUIRED
#error "WSM_VERSION_MAX_ALLOWED is older than WSM_VERSION_MIN_REQUIRED"
#endif

/* The library may use what it has deprecated, and so may who says so. */
#if defined(WSM_COMPILATION) || defined(WSM_DISABLE_DEPRECATION_WARNINGS)
#define _WSM_DEPRECATED _WSM_EXTERN
#define _WSM_DEPRECATED_FOR(replacement) _WSM_EXTERN
#define _WSM_DEPRECATED_ENUMERATOR
#define _WSM_DEPRECATED_ENUMERATOR_FOR(replacement)
#else
#define _WSM_DEPRECATED G_DEPRECATED _WSM_EXTERN
#define _WSM_DEPRECATED_FOR(replacement) G_DEPRECATED_FOR (replacement) _WSM_EXTERN
#define _WSM_DEPRECATED_ENUMERATOR G_DEPRECATED
#define _WSM_DEPRECATED_ENUMERATOR_FOR(replacement) G_DEPRECATED_FOR (replacement)
#endif
#define _WSM_UNAVAILABLE(major, minor) G_UNAVAILABLE (major, minor) _WSM_EXTERN

#define WSM_AVAILABLE_IN_ALL _WSM_EXTERN

/* One block a minor version; a new one begins with a copy of the last. */

#if WSM_VERSION_MAX_ALLOWED < WSM_VERSION_0_1
#define WSM_AVAILABLE_IN_0_1 _WSM_UNAVAILABLE (0, 1)
#define WSM_AVAILABLE_ENUMERATOR_IN_0_1 G_UNAVAILABLE (0, 1)
#else
#define WSM_AVAILABLE_IN_0_1 _WSM_EXTERN
#define WSM_AVAILABLE_ENUMERATOR_IN_0_1
#endif
#if WSM_VERSION_MIN_REQUIRED >= WSM_VERSION_0_1
#define WSM_DEPRECATED_IN_0_1 _WSM_DEPRECATED
#define WSM_DEPRECATED_IN_0_1_FOR(replacement) _WSM_DEPRECATED_FOR (replacement)
#define WSM_DEPRECATED_ENUMERATOR_IN_0_1 _WSM_DEPRECATED_ENUMERATOR
#define WSM_DEPRECATED_ENUMERATOR_IN_0_1_FOR(replacement) \
  _WSM_DEPRECATED_ENUMERATOR_FOR (replacement)
#else
#define WSM_DEPRECATED_IN_0_1 _WSM_EXTERN
#define WSM_DEPRECATED_IN_0_1_FOR(replacement) _WSM_EXTERN
#define WSM_DEPRECATED_ENUMERATOR_IN_0_1
#define WSM_DEPRECATED_ENUMERATOR_IN_0_1_FOR(replacement)
#endif
