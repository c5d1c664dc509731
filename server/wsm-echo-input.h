/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WSM_TYPE_ECHO_INPUT (wsm_echo_input_get_type ())

G_DECLARE_FINAL_TYPE (WsmEchoInput, wsm_echo_input, WSM, ECHO_INPUT, GInputStream)

WsmEchoInput *wsm_echo_input_new (GInputStream *base) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
