/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A machine at the other end of a cable, made of network namespaces: this process has a network of
 * its own from then on, and a child has one that hangs on the same cable. There it echoes, in
 * plain and with TLS. What is done to the cable and its ends is done by ip, of iproute2. */

#define FAR_SIDE_PLAIN "ws://10.99.0.2:9000/a"
#define FAR_SIDE_TLS "wss://10.99.0.2:9443/a"
/* Packets to it vanish, as does what is asked of the name server there. */
#define FAR_SIDE_NOBODY "ws://10.99.0.77:9000/a"
/* A name that only this name server could know. */
#define FAR_SIDE_NAMELESS "ws://feed.example.org:9000/a"

gboolean    far_side_enter    (void);
const char *far_side_get_flaw (void);

void        far_side_ip       (const char *arguments);
void        far_side_ip_there (const char *arguments);

G_END_DECLS
