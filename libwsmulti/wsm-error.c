/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-error.h"

/**
 * wsm_error_quark:
 *
 * Names the error domain of this library.
 *
 * Returns: the quark of %WSM_ERROR
 *
 * Since: 0.1
 */
G_DEFINE_QUARK (wsm-error-quark, wsm_error)
