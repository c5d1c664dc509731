/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-application.h"
#include "wsi-hub.h"
#include "wsi-widgets.h"

#include <glib/gi18n-lib.h>
#include <locale.h>

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GApplication) application = NULL;

  setlocale (LC_ALL, "");
  wsi_widgets_init_texts ();
  /* From the very start: the page in GTK's inspector keeps away from a program with this type. */
  g_type_ensure (WSI_TYPE_HUB);
  g_set_application_name (_("Heartbeats"));
  application = wsi_application_new ();

  return g_application_run (application, argc, argv);
}
