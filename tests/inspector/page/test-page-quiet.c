/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "inspected-app.h"

/* The page in GTK's inspector, in a program that has its types already: there is none. */

static void
tell_of_silence (GtkWindow *window)
{
  GtkWidget *inspector = inspected_app_open_inspector ();

  g_assert_null (inspected_app_find_type (inspector, "WsiPage"));
}

static void
test_keeps_quiet (void)
{
  const GTypeInfo info =
  {
    .class_size = sizeof (GObjectClass),
    .instance_size = sizeof (GObject),
  };

  g_type_register_static (G_TYPE_OBJECT, "WsiHub", &info, 0);
  inspected_app_run (tell_of_silence);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/page/keeps-quiet", test_keeps_quiet);

  return g_test_run ();
}
