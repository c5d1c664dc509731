/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a program prints, compared with what is in data/. To write that anew, after looking why it
 * differs, run the test with WSM_UPDATE_GOLDEN=1 in its environment. */
void golden_assert (const char *name,
                    const char *text);

G_END_DECLS
