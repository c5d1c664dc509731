/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WSM_TYPE_FAULTS_PROXY (wsm_faults_proxy_get_type ())

G_DECLARE_FINAL_TYPE (WsmFaultsProxy, wsm_faults_proxy, WSM, FAULTS_PROXY, GObject)

WsmFaultsProxy *wsm_faults_proxy_new       (guint           target_port) G_GNUC_WARN_UNUSED_RESULT;

guint           wsm_faults_proxy_get_port  (WsmFaultsProxy *self);
char           *wsm_faults_proxy_dup_uri   (WsmFaultsProxy *self,
                                            const char     *path) G_GNUC_WARN_UNUSED_RESULT;

void            wsm_faults_proxy_reset_all (WsmFaultsProxy *self);
void            wsm_faults_proxy_drop_all  (WsmFaultsProxy *self);

G_END_DECLS
