/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>
#include <gmodule.h>

#include "wsi-page.h"

/* What GTK loads when its inspector is opened for the first time, in whatever program that is. */

/* GModule declares the type of it only. */
G_MODULE_EXPORT const char *g_module_check_init (GModule *module);

/* Types cannot be unloaded, so the module cannot either. */
const char *
g_module_check_init (GModule *module)
{
  g_module_make_resident (module);

  return NULL;
}

G_MODULE_EXPORT void
g_io_module_load (GIOModule *module)
{
  /* The Inspector has the same types, and a better place for them. */
  if (g_type_from_name ("WsiHub") != G_TYPE_INVALID)
    return;

  g_io_extension_point_implement ("gtk-inspector-page", WSI_TYPE_PAGE, "websockets", 0);
}

G_MODULE_EXPORT void
g_io_module_unload (GIOModule *module)
{
}

G_MODULE_EXPORT char **
g_io_module_query (void)
{
  const char *points[] = { "gtk-inspector-page", NULL };

  return g_strdupv ((char **) points);
}
