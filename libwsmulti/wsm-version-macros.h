/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#pragma once

#if !defined(WSM_INSIDE) && !defined(WSM_COMPILATION)
#error "Only <libwsmulti.h> can be included directly."
#endif

#ifndef _WSM_EXTERN
#define _WSM_EXTERN extern
#endif

#define WSM_AVAILABLE_IN_ALL _WSM_EXTERN
