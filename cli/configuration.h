/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

/* Which connections there shall be: those of a file, those of the command line. */
typedef struct _WsmCliConfiguration WsmCliConfiguration;

WsmCliConfiguration *wsm_cli_configuration_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void                 wsm_cli_configuration_free         (WsmCliConfiguration  *self);

gboolean             wsm_cli_configuration_load         (WsmCliConfiguration  *self,
                                                         const char           *path,
                                                         GError              **error);
void                 wsm_cli_configuration_add_argument (WsmCliConfiguration  *self,
                                                         const char           *argument);
void                 wsm_cli_configuration_set_option   (WsmCliConfiguration  *self,
                                                         const char           *key,
                                                         const char           *text);
gboolean             wsm_cli_configuration_fill         (WsmCliConfiguration  *self,
                                                         WsmPool              *pool,
                                                         GError              **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WsmCliConfiguration, wsm_cli_configuration_free)

G_END_DECLS
