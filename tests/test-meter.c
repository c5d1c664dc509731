/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"
#include "wsm-metered-input.h"

#define N_ROUNDS 20
#define N_INPUTS 500

static gboolean
never_cb (gpointer user_data)
{
  g_assert_not_reached ();
}

static void
note_gone (gpointer data)
{
  g_atomic_int_inc ((int *) data);
}

static gpointer
let_inputs_go (gpointer inputs)
{
  g_ptr_array_unref (inputs);

  return NULL;
}

static GPtrArray *
make_inputs (WsmMeter *meter,
             WsmClock *clock)
{
  GPtrArray *inputs = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < N_INPUTS; i++)
    {
      g_autoptr (GInputStream) base = g_memory_input_stream_new ();
      WsmMeteredInput *input = wsm_metered_input_new (base);

      wsm_metered_input_use_meter (input, meter, clock);
      g_ptr_array_add (inputs, input);
    }

  return inputs;
}

/* TLS says good-bye in a thread, which may be the last to let go of what is below. */
static void
test_let_go_in_threads (void)
{
  GMainContext *other = g_main_context_new ();
  GMainContext *context = g_main_context_new ();
  g_autoptr (GSource) witness = g_timeout_source_new (G_MAXUINT);
  WsmTestClock *clock = wsm_test_clock_new (other);
  WsmMeter *meter = wsm_meter_new (context);
  GThread *threads[4];
  int n_gone = 0;

  /* Goes with its context, which goes with the meter. */
  g_source_set_callback (witness, never_cb, &n_gone, note_gone);
  g_source_attach (witness, context);
  g_main_context_unref (context);

  for (guint round = 0; round < N_ROUNDS; round++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        threads[i] = g_thread_new ("good-bye", let_inputs_go,
                                   make_inputs (meter, WSM_CLOCK (clock)));
      for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
        g_thread_join (threads[i]);
      g_assert_cmpint (g_atomic_int_get (&n_gone), ==, 0);
    }

  wsm_meter_unref (meter);
  g_assert_cmpint (g_atomic_int_get (&n_gone), ==, 1);
  g_assert_finalize_object (clock);
  g_main_context_unref (other);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/meter/is-let-go-in-threads", test_let_go_in_threads);

  return g_test_run ();
}
