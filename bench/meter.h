/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What every client is asked for, and what it has to tell. */
typedef struct
{
  guint n_connections;
  guint interval_ms;
  guint seconds;
  guint slot_ms;
  guint echo_size;
  char *follow; /* (owned) (nullable): what of its beats is listened to */
  char *uri; /* (owned) */
  gboolean is_to_stop;

  gint64 started_us;
  gint64 opened_us;
  gint64 began_us;
  gint64 ended_us;
  gint64 started_cpu_us;
  gint64 opened_cpu_us;
  gint64 began_cpu_us;
  gint64 ended_cpu_us;
  long began_wakeups;
  long ended_wakeups;
  long base_kb;
  long pss_kb;

  GArray *round_trips; /* (owned) (element-type double): in ms */
  double own_late_p99; /* of beats, as the client itself sees it, in ms; negative = it does not */
  guint64 n_echoes;
  gboolean is_measuring;
} Meter;

void         meter_init           (Meter       *self,
                                   int         *argc,
                                   char      ***argv);
void         meter_start          (Meter       *self);
void         meter_opened         (Meter       *self);
gint64       meter_get_warm_up_us (Meter       *self);
void         meter_begin          (Meter       *self);
void         meter_end            (Meter       *self);
void         meter_round_trip     (Meter       *self,
                                   double       round_trip);
gint64       meter_get_phase_us   (Meter       *self,
                                   guint        i);
void         meter_print          (Meter       *self,
                                   const char  *version,
                                   guint        n_open);
void         meter_fail           (const char  *format,
                                   ...) G_GNUC_PRINTF (1, 2) G_GNUC_NORETURN;

G_END_DECLS
