/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-proxy-scheme.h"

/*
 * Schemes under which GIO finds proxies of ours, and nobody else's.
 *
 * GIO looks its proxies up by scheme at an extension point of the whole process, which may hold
 * two copies of this library: each has types of its own, whose numbers tell their schemes apart.
 */

static GQuark
wsm_proxy_scheme_quark (void)
{
  return g_quark_from_static_string ("wsm-proxy-scheme");
}

/*
 * wsm_proxy_scheme_implement:
 * @type: a proxy, while it is registered
 * @what: what it does, in lower-case letters
 *
 * Gives it a scheme of its own. GIO may not have come to registering the point.
 */
void
wsm_proxy_scheme_implement (GType       type,
                            const char *what)
{
  g_autofree char *scheme = g_strdup_printf ("wsm-%s-%" G_GSIZE_MODIFIER "x", what, type);

  g_type_set_qdata (type, wsm_proxy_scheme_quark (), (gpointer) g_intern_string (scheme));
  g_io_extension_point_register (G_PROXY_EXTENSION_POINT_NAME);
  g_io_extension_point_implement (G_PROXY_EXTENSION_POINT_NAME, type, scheme, 0);
}

const char *
wsm_proxy_scheme_get (GType type)
{
  return g_type_get_qdata (type, wsm_proxy_scheme_quark ());
}
