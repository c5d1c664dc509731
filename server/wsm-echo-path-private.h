/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "wsm-echo-path.h"

#include <libsoup/soup.h>

#include "wsm-echo-link.h"

G_BEGIN_DECLS

/* wsm-echo-path.c holds the switches, wsm-echo-path-links.c acts on them. */
struct _WsmEchoPath
{
  GObject parent_instance;

  /* (owned) */
  char *name;

  guint mute_after;
  guint late;
  guint drop_after;
  guint drop_after_ms;
  guint refuse;
  guint close_code;
  guint close_after;
  guint handshake_delay;

  gboolean mute;
  gboolean reset;
  gboolean stall;
  gboolean deflate;
  gboolean echo;

  /* (owned) (nullable) */
  char *retry_after;
  /* (owned) (nullable) */
  char *reply_to;
  /* (owned) (nullable) */
  char *reply;

  guint n_handshakes;
  guint n_opened;
  guint n_messages;
  guint n_pings;
  guint max_handshakes_under_way;

  /* (owned) (element-type WsmEchoLink): their handshake is not answered yet. */
  GPtrArray *waiting;
  /* (owned) (element-type WsmEchoLink) */
  GPtrArray *links;
};

WsmEchoPath *wsm_echo_path_new            (const char            *name) G_GNUC_WARN_UNUSED_RESULT;

void         wsm_echo_path_apply_mute     (WsmEchoPath           *self);
void         wsm_echo_path_apply_late     (WsmEchoPath           *self);

void         wsm_echo_path_answer         (WsmEchoPath           *self,
                                           WsmEchoLink           *link,
                                           SoupServerMessage     *message);
void         wsm_echo_path_add_link       (WsmEchoPath           *self,
                                           WsmEchoLink           *link);
void         wsm_echo_path_welcome        (WsmEchoPath           *self,
                                           WsmEchoLink           *link);
void         wsm_echo_path_count_message  (WsmEchoPath           *self);
void         wsm_echo_path_answer_message (WsmEchoPath           *self,
                                           WsmEchoLink           *link,
                                           SoupWebsocketDataType  type,
                                           GBytes                *bytes);
void         wsm_echo_path_take_ping      (WsmEchoPath           *self,
                                           WsmEchoLink           *link);
gboolean     wsm_echo_path_remove_link    (WsmEchoPath           *self,
                                           WsmEchoLink           *link);

G_END_DECLS
