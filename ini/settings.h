/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

/* The settings of one connection, its heartbeat and its back-off, by their property names. */
typedef struct _WsmIniSettings WsmIniSettings;

WsmIniSettings *wsm_ini_settings_new             (void) G_GNUC_WARN_UNUSED_RESULT;
void            wsm_ini_settings_free            (WsmIniSettings  *self);

gboolean        wsm_ini_settings_is_key          (GParamSpec      *pspec);
gboolean        wsm_ini_settings_is_count        (const char      *key);

gboolean        wsm_ini_settings_has             (WsmIniSettings  *self,
                                                  const char      *key);
gboolean        wsm_ini_settings_read            (WsmIniSettings  *self,
                                                  GKeyFile        *key_file,
                                                  const char      *group,
                                                  const char      *key,
                                                  GError         **error);
WsmConnection  *wsm_ini_settings_make_connection (WsmIniSettings  *self,
                                                  const char      *name,
                                                  GError         **error) G_GNUC_WARN_UNUSED_RESULT;

char           *wsm_ini_settings_describe        (void) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmIniSettings, wsm_ini_settings_free)

G_END_DECLS
