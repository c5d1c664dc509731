/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <libwsmulti.h>

G_BEGIN_DECLS

/* What shall go wrong on the line of one connection of ours.
 *
 * Properties, writable, at any time: drop-pongs (boolean: pongs get lost; not below TLS, where
 * nobody can tell them), silent (boolean: nothing comes or leaves, as if a cable were out; what
 * waits goes on afterwards), delay (uint, ms: what comes is this late). Read-only: active
 * (boolean: one of them is on). */
#define WSI_TYPE_FAULTS (wsi_faults_get_type ())

G_DECLARE_FINAL_TYPE (WsiFaults, wsi_faults, WSI, FAULTS, GObject)

/* Makes the sockets of a pool such lines; before its first connection opens. */
void       wsi_faults_prepare_pool         (WsmPool       *pool);

/* The faults of a connection of such a pool; the same ones each time. */
WsiFaults *wsi_faults_get                  (WsmConnection *connection);

gboolean   wsi_faults_get_drop_pongs       (WsiFaults     *self);
void       wsi_faults_set_drop_pongs       (WsiFaults     *self,
                                            gboolean       drop_pongs);
gboolean   wsi_faults_get_silent           (WsiFaults     *self);
void       wsi_faults_set_silent           (WsiFaults     *self,
                                            gboolean       silent);
guint      wsi_faults_get_delay            (WsiFaults     *self);
void       wsi_faults_set_delay            (WsiFaults     *self,
                                            guint          delay_ms);
gboolean   wsi_faults_get_active           (WsiFaults     *self);

G_END_DECLS
