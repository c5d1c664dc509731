/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define WSM_TYPE_FAULTS_SERVER (wsm_faults_server_get_type ())

G_DECLARE_FINAL_TYPE (WsmFaultsServer, wsm_faults_server, WSM, FAULTS_SERVER, GObject)

WsmFaultsServer *wsm_faults_server_new              (void) G_GNUC_WARN_UNUSED_RESULT;

GTlsCertificate *wsm_faults_server_get_certificate  (WsmFaultsServer *self);
void             wsm_faults_server_set_certificate  (WsmFaultsServer *self,
                                                     GTlsCertificate *certificate);
guint            wsm_faults_server_get_port         (WsmFaultsServer *self);
void             wsm_faults_server_set_port         (WsmFaultsServer *self,
                                                     guint            port);
const char      *wsm_faults_server_get_last_request (WsmFaultsServer *self);

char            *wsm_faults_server_dup_uri          (WsmFaultsServer *self,
                                                     const char      *path) G_GNUC_WARN_UNUSED_RESULT;
char           **wsm_faults_server_dup_paths        (WsmFaultsServer *self);

void             wsm_faults_server_start            (WsmFaultsServer *self);
void             wsm_faults_server_stop             (WsmFaultsServer *self);

G_END_DECLS
