/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

/* Which connections there shall be: those of a file, those of the command line. */
typedef struct _WsmIniConfiguration WsmIniConfiguration;

WsmIniConfiguration *wsm_ini_configuration_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void                 wsm_ini_configuration_free         (WsmIniConfiguration  *self);

gboolean             wsm_ini_configuration_load         (WsmIniConfiguration  *self,
                                                         const char           *path,
                                                         GError              **error);
void                 wsm_ini_configuration_add_argument (WsmIniConfiguration  *self,
                                                         const char           *argument);
void                 wsm_ini_configuration_set_option   (WsmIniConfiguration  *self,
                                                         const char           *key,
                                                         const char           *text);
GPtrArray           *wsm_ini_configuration_read         (WsmIniConfiguration  *self,
                                                         WsmPool              *pool,
                                                         GError              **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean             wsm_ini_configuration_fill         (WsmIniConfiguration  *self,
                                                         WsmPool              *pool,
                                                         GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmIniConfiguration, wsm_ini_configuration_free)

G_END_DECLS
