/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A small app with a window, and its inspector opened. A story is told in it while it runs as any
 * app does; after that it ends as any app does. */
typedef void (*InspectedAppStory) (GtkWindow *window);

void       inspected_app_run            (InspectedAppStory  story);

/* Turns the main loop until a condition holds; fails after a while. */
typedef gboolean (*InspectedAppCondition) (gpointer data);

void       inspected_app_wait_for       (InspectedAppCondition  condition,
                                         gpointer               data);

/* The inspector's window, and the page in it, which is then in front. */
GtkWidget *inspected_app_open_inspector (void);
void       inspected_app_close          (void);
GtkWidget *inspected_app_find_page      (GtkWidget  *inspector);

/* The first widget below another one that has a type of that name, or that is on the screen and
 * shows that text; NULL = none. */
GtkWidget *inspected_app_find_type      (GtkWidget  *widget,
                                         const char *name);
GtkWidget *inspected_app_find_text      (GtkWidget  *widget,
                                         const char *text);

/* Into the build folder. */
void       inspected_app_take_picture   (GtkWidget  *window,
                                         const char *name);

G_END_DECLS
