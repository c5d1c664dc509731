/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-loop.h"

#include "test-process.h"

static gboolean
test_loop_tick_cb (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* One turn, at most a few milliseconds long. */
void
test_loop_turn (void)
{
  g_autoptr (GSource) tick = g_timeout_source_new (2);

  g_source_set_callback (tick, test_loop_tick_cb, NULL, NULL);
  g_source_attach (tick, NULL);
  g_main_context_iteration (NULL, TRUE);
  g_source_destroy (tick);
}

/* For where something must not happen. */
void
test_loop_run_ms (guint milliseconds)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) milliseconds * 1000;

  while (g_get_monotonic_time () < end_us)
    test_loop_turn ();
}

/* What an app does that computes for too long. */
void
test_loop_block_ms (guint milliseconds)
{
  gint64 end_us = g_get_monotonic_time () + (gint64) milliseconds * 1000;

  while (g_get_monotonic_time () < end_us)
    g_thread_yield ();
}

/* Whether the default context has nothing to do, and nothing to wait for within this time: all
 * that it would poll is its own descriptor, and those that wait for the machine to wake up.
 * G_MAXUINT is for ever. */
gboolean
test_loop_is_idle_for_ms (guint milliseconds)
{
  GMainContext *context = g_main_context_default ();
  GPollFD descriptors[8];
  int timeout_ms = -1;
  int priority = 0;
  guint n_descriptors;
  gboolean is_ready;

  g_assert_true (g_main_context_acquire (context));
  is_ready = g_main_context_prepare (context, &priority);
  n_descriptors = (guint) g_main_context_query (context, G_MAXINT, &timeout_ms, descriptors,
                                                G_N_ELEMENTS (descriptors));
  g_main_context_release (context);

  return !is_ready && n_descriptors <= 1 + test_process_count_timers () &&
         (timeout_ms == -1 || (guint) timeout_ms >= milliseconds);
}

double
test_loop_ms_since (gint64 time_us)
{
  return (double) (g_get_monotonic_time () - time_us) / 1000.0;
}
