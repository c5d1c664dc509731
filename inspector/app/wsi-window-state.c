/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-window-internal.h"

/* What the window keeps across runs. */

typedef struct
{
  const char *key;
  const char *property;
} WsiWindowState;

static const WsiWindowState window_states[] =
{
  { "window-width", "default-width" },
  { "window-height", "default-height" },
  { "window-maximized", "maximized" },
};

static const WsiWindowState split_states[] =
{
  { "sidebar-visible", "sidebar-visible" },
  { "sidebar-width", "sidebar-width" },
  { "list-height", "content-height" },
};

static void
wsi_window_bind (GSettings            *settings,
                 gpointer              object,
                 const WsiWindowState *states,
                 gsize                 n_states)
{
  for (gsize i = 0; i < n_states; i++)
    g_settings_bind (settings, states[i].key, object, states[i].property, G_SETTINGS_BIND_DEFAULT);
}

void
wsi_window_keep_state (WsiWindow *self,
                       GSettings *settings)
{
  wsi_window_bind (settings, self, window_states, G_N_ELEMENTS (window_states));
  wsi_window_bind (settings, self->split, split_states, G_N_ELEMENTS (split_states));
  g_settings_bind (settings, "visible-page", self->connection_view, "visible-page",
                   G_SETTINGS_BIND_DEFAULT);
}
