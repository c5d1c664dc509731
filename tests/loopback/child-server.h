/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A server in another process, so that it can be stopped and killed. */
typedef struct _ChildServer ChildServer;

/* From the arguments of the test: the program that serves. */
void         child_server_set_program (const char  *program);

ChildServer *child_server_new         (const char  *first_path,
                                       ...) G_GNUC_WARN_UNUSED_RESULT G_GNUC_NULL_TERMINATED;
ChildServer *child_server_new_from    (const char  *other_program) G_GNUC_WARN_UNUSED_RESULT;
void         child_server_free        (ChildServer *self);

char        *child_server_make_uri    (ChildServer *self,
                                       const char  *path) G_GNUC_WARN_UNUSED_RESULT;

void         child_server_stop        (ChildServer *self);
void         child_server_continue    (ChildServer *self);
void         child_server_kill        (ChildServer *self);
void         child_server_restart     (ChildServer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChildServer, child_server_free)

G_END_DECLS
