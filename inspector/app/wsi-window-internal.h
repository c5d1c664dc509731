/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsi-window.h"

#include "wsi-connection-actions.h"
#include "wsi-connection-list.h"
#include "wsi-connection-view.h"
#include "wsi-own-actions.h"
#include "wsi-source-list.h"
#include "wsi-split.h"

G_BEGIN_DECLS

/* For the files of the window alone: what it shows, its commands, its files, what it keeps. */
struct _WsiWindow
{
  AdwApplicationWindow parent_instance;

  WsiHub *hub;             /* (owned) */
  WsiOwnPool *own_pool;    /* (owned) */
  WsiNotifier *notifier;   /* (owned) */
  WsiDemo *demo;           /* (owned) */

  WsiSource *source;         /* (owned) (nullable) */
  WsiConnection *connection; /* (owned) (nullable) */
  char *wanted_name;         /* (owned) (nullable): to be shown once it is there */

  WsiConnectionActions *connection_actions; /* (owned) */
  WsiOwnActions *own_actions;               /* (owned) */
  GSignalGroup *source_signals;             /* (owned) */
  GSignalGroup *rows_signals;               /* (owned) */

  AdwHeaderBar *header_bar;           /* (unowned) */
  GtkActionBar *action_bar;           /* (unowned) */
  AdwWindowTitle *title;              /* (unowned) */
  AdwToastOverlay *toast_overlay;     /* (unowned) */
  WsiSplit *split;                    /* (unowned) */
  WsiSourceList *source_list;         /* (unowned) */
  GtkStack *content_stack;            /* (unowned) */
  WsiConnectionList *connection_list; /* (unowned) */
  WsiConnectionView *connection_view; /* (unowned) */
  GtkWidget *back_button;             /* (unowned) */
  GtkWidget *sidebar_button;          /* (unowned) */
  GtkWidget *add_button;              /* (unowned) */
  GtkWidget *connection_buttons;      /* (unowned) */
  GtkWidget *faults_button;           /* (unowned) */
  GtkWidget *objection_label;         /* (unowned) */
};

/* wsi-window-layout.c */
void wsi_window_update_content  (WsiWindow      *self);
void wsi_window_update_title    (WsiWindow      *self);
void wsi_window_update_layout   (WsiWindow      *self);

/* wsi-window-rows.c */
void wsi_window_show_wanted     (WsiWindow      *self);
void wsi_window_show_first      (WsiWindow      *self);
void wsi_window_offer_undo      (WsiWindow      *self,
                                 WsmConnection  *removed);

/* wsi-window-commands.c: the group “win”. */
void wsi_window_add_commands    (WsiWindow      *self);
void wsi_window_update_commands (WsiWindow      *self);

/* wsi-window-files.c: that part of it which reads and writes files. */
void wsi_window_add_files       (WsiWindow      *self);

/* wsi-window-state.c */
void wsi_window_keep_state      (WsiWindow      *self,
                                 GSettings      *settings);

G_END_DECLS
