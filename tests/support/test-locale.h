/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A language's way to write numbers, whether or not it is installed. */
typedef struct _TestLocale TestLocale;

TestLocale *test_locale_enter (const char *name) G_GNUC_WARN_UNUSED_RESULT;
void        test_locale_leave (TestLocale *self);

G_END_DECLS
