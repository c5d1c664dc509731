/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-state.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  const char *label;
  const char *icon_name;
  const char *css_class;
} WsiStateLook;

/* By WsiState. */
static const WsiStateLook looks[] = {
  [WSI_STATE_UNKNOWN] = {
    /* Translators: the state of a connection that a newer program reports and we do not know. */
    NC_ ("state", "Unknown"), "wsi-state-unknown-symbolic", "state-unknown",
  },
  [WSI_STATE_IDLE] = {
    /* Translators: the state of a connection that nobody has opened yet. */
    NC_ ("state", "Idle"), "wsi-state-idle-symbolic", "state-idle",
  },
  [WSI_STATE_CONNECTING] = {
    NC_ ("state", "Connecting"), "wsi-state-connecting-symbolic", "state-connecting",
  },
  [WSI_STATE_OPEN] = {
    NC_ ("state", "Open"), "wsi-state-open-symbolic", "state-open",
  },
  [WSI_STATE_SUSPECT] = {
    /* Translators: the state of an open connection whose peer owes an answer. */
    NC_ ("state", "Late"), "wsi-state-suspect-symbolic", "state-suspect",
  },
  [WSI_STATE_WAITING] = {
    /* Translators: the state of a connection that will be tried again after a while. */
    NC_ ("state", "Waiting"), "wsi-state-waiting-symbolic", "state-waiting",
  },
  [WSI_STATE_CLOSING] = {
    NC_ ("state", "Closing"), "wsi-state-closing-symbolic", "state-closing",
  },
  [WSI_STATE_CLOSED] = {
    NC_ ("state", "Closed"), "wsi-state-closed-symbolic", "state-closed",
  },
  [WSI_STATE_FAILED] = {
    /* Translators: the state of a connection that will not be tried again. */
    NC_ ("state", "Failed"), "wsi-state-failed-symbolic", "state-failed",
  },
};

/* A newer program may say what is not in the table. */
static const WsiStateLook *
wsi_state_get_look (WsiState state)
{
  if ((guint) state >= G_N_ELEMENTS (looks))
    return &looks[WSI_STATE_UNKNOWN];
  return &looks[state];
}

const char *
wsi_state_get_label (WsiState state)
{
  return g_dpgettext2 (GETTEXT_PACKAGE, "state", wsi_state_get_look (state)->label);
}

const char *
wsi_state_get_icon_name (WsiState state)
{
  return wsi_state_get_look (state)->icon_name;
}

const char *
wsi_state_get_css_class (WsiState state)
{
  return wsi_state_get_look (state)->css_class;
}
