/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WSM_TYPE_ECHO_OUTPUT (wsm_echo_output_get_type ())

G_DECLARE_FINAL_TYPE (WsmEchoOutput, wsm_echo_output, WSM, ECHO_OUTPUT, GOutputStream)

WsmEchoOutput *wsm_echo_output_new      (GOutputStream *base) G_GNUC_WARN_UNUSED_RESULT;

gboolean       wsm_echo_output_get_mute (WsmEchoOutput *self);
void           wsm_echo_output_set_mute (WsmEchoOutput *self,
                                         gboolean       mute);
void           wsm_echo_output_set_late (WsmEchoOutput *self,
                                         guint          late_ms);

gboolean       wsm_echo_output_is_empty (WsmEchoOutput *self);
void           wsm_echo_output_seal     (WsmEchoOutput *self);
void           wsm_echo_output_discard  (WsmEchoOutput *self);

G_END_DECLS
