/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include "raw-server.h"
#include "wsm-faults-server-private.h"

G_BEGIN_DECLS

#define FINAL_TEXT 0x81
#define FINAL_BINARY 0x82
#define FINAL_PING 0x89
#define FINAL_PONG 0x8a

#define OPCODE_TEXT 0x1
#define OPCODE_BINARY 0x2
#define OPCODE_CLOSE 0x8
#define OPCODE_PING 0x9
#define OPCODE_PONG 0xa

/* One client that came for one fault. */
typedef struct _WsmFaultsVisit WsmFaultsVisit;

/* What goes wrong on one path. */
typedef struct
{
  const char *path;        /* (unowned) */
  const char *placeholder; /* (unowned) (nullable): of its argument */

  /* When its time has come; NULL where only the answers are wrong. */
  void (*start) (WsmFaultsVisit *visit);

  /* Whether it has dealt with a frame of the client; if not, it is dealt with honestly. */
  gboolean (*take) (WsmFaultsVisit *visit,
                    guint           opcode,
                    GBytes         *payload);
} WsmFault;

/* What is below this is compressed for clients that can do that. */
#define WSM_FAULTS_DEFLATE_PREFIX "/deflate/"

/* Each table ends with an entry without a path. */
extern const WsmFault wsm_faults_of_handshakes[];
extern const WsmFault wsm_faults_of_frames[];
extern const WsmFault wsm_faults_of_answers[];
extern const WsmFault wsm_faults_of_compression[];
extern const WsmFault wsm_faults_of_endings[];

WsmFaultsVisit *wsm_faults_visit_new           (WsmFaultsServer *server,
                                                RawPeer         *peer,
                                                const char      *request) G_GNUC_WARN_UNUSED_RESULT;
void            wsm_faults_visit_free          (WsmFaultsVisit  *self);
void            wsm_faults_visit_begin         (WsmFaultsVisit  *self);
void            wsm_faults_visit_read          (WsmFaultsVisit  *self);

char          **wsm_faults_visit_dup_paths     (void) G_GNUC_WARN_UNUSED_RESULT;

RawPeer        *wsm_faults_visit_get_peer      (WsmFaultsVisit  *self);
const char     *wsm_faults_visit_get_request   (WsmFaultsVisit  *self);
const char     *wsm_faults_visit_get_argument  (WsmFaultsVisit  *self);
guint64         wsm_faults_visit_get_number    (WsmFaultsVisit  *self,
                                                guint64          otherwise);
char           *wsm_faults_visit_dup_option    (WsmFaultsVisit  *self,
                                                const char      *name) G_GNUC_WARN_UNUSED_RESULT;
guint           wsm_faults_visit_get_option    (WsmFaultsVisit  *self,
                                                const char      *name,
                                                guint            otherwise);
char           *wsm_faults_visit_dup_headers   (WsmFaultsVisit  *self) G_GNUC_WARN_UNUSED_RESULT;

void            wsm_faults_visit_note_open     (WsmFaultsVisit  *self);
void            wsm_faults_visit_write         (WsmFaultsVisit  *self,
                                                GBytes          *bytes);
void            wsm_faults_visit_repeat        (WsmFaultsVisit  *self,
                                                guint            interval_ms,
                                                gboolean       (*step) (WsmFaultsVisit *visit));
guint           wsm_faults_visit_get_n_steps   (WsmFaultsVisit  *self);

void            wsm_faults_visit_keep          (WsmFaultsVisit  *self,
                                                GBytes          *payload);
GBytes         *wsm_faults_visit_get_kept      (WsmFaultsVisit  *self);

GBytes         *wsm_faults_parse_hex           (const char      *hex) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
