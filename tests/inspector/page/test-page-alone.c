/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "inspected-app.h"

/* The page in GTK's inspector, in an app that has never heard of libwsmulti. */

static gboolean
nothing_is_shown (gpointer data)
{
  return inspected_app_find_text (data, "No Pool in This Program") != NULL;
}

static void
tell_of_nothing (GtkWindow *window)
{
  GtkWidget *inspector = inspected_app_open_inspector ();
  GtkWidget *page = inspected_app_find_page (inspector);

  inspected_app_wait_for (nothing_is_shown, page);
  inspected_app_take_picture (inspector, "page-alone.png");
}

static void
test_says_that_there_is_none (void)
{
  inspected_app_run (tell_of_nothing);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/page/says-that-there-is-none", test_says_that_there_is_none);

  return g_test_run ();
}
