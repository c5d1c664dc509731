/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-clock.h"
#include "wsm-gate.h"

/* Those who want to shake hands, and who was let in when. */
typedef struct
{
  GMainContext *context;   /* (owned) */
  WsmTestClock *clock;     /* (owned) */
  WsmScheduler *scheduler; /* (owned) */
  WsmDelivery *delivery;   /* (owned) */
  WsmGate *gate;           /* (owned) */
  GString *log;            /* (owned): names of those that were granted */
  guint n_granted;
} Fixture;

typedef struct
{
  Fixture *fixture; /* (unowned) */
  WsmTicket ticket;
  char name;
  gboolean releases; /* as soon as it is granted */
  gboolean is_over;
} Guest;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  fixture->context = g_main_context_new ();
  fixture->clock = wsm_test_clock_new (fixture->context);
  fixture->scheduler = wsm_scheduler_ref_for_context (fixture->context, WSM_CLOCK (fixture->clock));
  fixture->delivery = wsm_delivery_new (fixture->context);
  fixture->gate = wsm_gate_new (fixture->scheduler, fixture->delivery);
  fixture->log = g_string_new (NULL);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  wsm_gate_close (fixture->gate);
  wsm_delivery_close (fixture->delivery);
  g_assert_finalize_object (fixture->gate);
  wsm_delivery_unref (fixture->delivery);
  g_assert_finalize_object (fixture->scheduler);
  g_assert_finalize_object (fixture->clock);
  g_main_context_unref (fixture->context);
  g_string_free (fixture->log, TRUE);
}

static void
granted_cb (WsmTicket *ticket,
            gpointer   user_data)
{
  Guest *guest = user_data;
  Fixture *fixture = guest->fixture;

  g_assert_true (ticket == &guest->ticket);
  g_assert_false (guest->is_over);
  guest->is_over = TRUE;
  fixture->n_granted++;
  if (guest->name != '\0')
    g_string_append_c (fixture->log, guest->name);
  if (guest->releases)
    wsm_gate_release (fixture->gate, ticket);
}

static void
request (Fixture    *fixture,
         Guest      *guest,
         char        name,
         const char *host)
{
  guest->fixture = fixture;
  guest->name = name;
  guest->is_over = FALSE;
  wsm_gate_request (fixture->gate, &guest->ticket, host, granted_cb, guest);
}

static void
assert_log (Fixture    *fixture,
            const char *expected)
{
  wsm_test_clock_settle (fixture->clock);
  g_assert_cmpstr (fixture->log->str, ==, expected);
  g_string_truncate (fixture->log, 0);
}

static void
test_so_many_at_a_time (Fixture       *fixture,
                        gconstpointer  data)
{
  Guest guests[10] = { { NULL } };

  wsm_gate_set_max (fixture->gate, 3, 10);
  for (guint i = 0; i < 10; i++)
    request (fixture, &guests[i], (char) ('a' + i), NULL);
  /* Nobody is let in while he knocks. */
  g_assert_cmpuint (fixture->log->len, ==, 0);
  assert_log (fixture, "abc");
  wsm_gate_release (fixture->gate, &guests[1].ticket);
  assert_log (fixture, "d");
  wsm_gate_set_max (fixture->gate, 5, 10);
  assert_log (fixture, "ef");
  wsm_gate_set_max (fixture->gate, 1, 10);
  for (guint i = 0; i < 5; i++)
    {
      wsm_gate_release (fixture->gate, &guests[i].ticket);
      assert_log (fixture, "");
    }
  wsm_gate_release (fixture->gate, &guests[5].ticket);
  assert_log (fixture, "g");

  /* Those who leave before their turn are not missed. */
  wsm_gate_release (fixture->gate, &guests[7].ticket);
  wsm_gate_release (fixture->gate, &guests[7].ticket);
  wsm_gate_release (fixture->gate, &guests[6].ticket);
  assert_log (fixture, "i");
  wsm_gate_release (fixture->gate, &guests[8].ticket);
  assert_log (fixture, "j");
  wsm_gate_release (fixture->gate, &guests[9].ticket);
}

static void
test_so_many_with_one_host (Fixture       *fixture,
                           gconstpointer  data)
{
  Guest guests[9] = { { NULL } };
  static const char * const hosts[] = { "x", "y", "z" };

  wsm_gate_set_max (fixture->gate, 100, 1);
  for (guint i = 0; i < 6; i++)
    request (fixture, &guests[i], (char) ('a' + i), hosts[i / 2]);
  assert_log (fixture, "ace");
  wsm_gate_release (fixture->gate, &guests[2].ticket);
  assert_log (fixture, "d");
  request (fixture, &guests[6], 'g', NULL);
  request (fixture, &guests[7], 'h', NULL);
  assert_log (fixture, "gh");
  wsm_gate_set_max (fixture->gate, 100, 2);
  wsm_test_clock_settle (fixture->clock);
  g_assert_cmpuint (fixture->n_granted, ==, 8);
  g_string_truncate (fixture->log, 0);

  for (guint i = 0; i < 9; i++)
    wsm_gate_release (fixture->gate, &guests[i].ticket);
}

/* One host's crowd does not keep others waiting. */
static void
test_hosts_take_turns (Fixture       *fixture,
                       gconstpointer  data)
{
  Guest guests[6] = { { NULL } };

  wsm_gate_set_max (fixture->gate, 1, 1);
  for (guint i = 0; i < 4; i++)
    request (fixture, &guests[i], (char) ('a' + i), "x");
  request (fixture, &guests[4], 'e', "y");
  request (fixture, &guests[5], 'f', NULL);
  assert_log (fixture, "a");
  wsm_gate_release (fixture->gate, &guests[0].ticket);
  assert_log (fixture, "e");
  wsm_gate_release (fixture->gate, &guests[4].ticket);
  assert_log (fixture, "f");
  wsm_gate_release (fixture->gate, &guests[5].ticket);
  assert_log (fixture, "b");
  wsm_gate_release (fixture->gate, &guests[1].ticket);
  assert_log (fixture, "c");
  wsm_gate_release (fixture->gate, &guests[2].ticket);
  assert_log (fixture, "d");
  wsm_gate_release (fixture->gate, &guests[3].ticket);
}

static void
test_silent_ones_give_way (Fixture       *fixture,
                           gconstpointer  data)
{
  Guest guests[4] = { { NULL } };

  wsm_gate_set_max (fixture->gate, 1, 1);
  request (fixture, &guests[0], 'a', "x");
  assert_log (fixture, "a");
  wsm_test_clock_advance (fixture->clock, 100 * 1000);
  request (fixture, &guests[1], 'b', "x");
  request (fixture, &guests[2], 'c', "y");
  wsm_test_clock_advance (fixture->clock, WSM_GATE_SILENT_US - 100 * 1000 - 1);
  assert_log (fixture, "");
  wsm_test_clock_advance (fixture->clock, 1);
  assert_log (fixture, "c");
  wsm_test_clock_advance (fixture->clock, WSM_GATE_SILENT_US - 1);
  assert_log (fixture, "");
  wsm_test_clock_advance (fixture->clock, 1);
  assert_log (fixture, "b");

  /* Their places are not given back twice. */
  wsm_gate_release (fixture->gate, &guests[0].ticket);
  wsm_gate_release (fixture->gate, &guests[2].ticket);
  request (fixture, &guests[3], 'd', "y");
  assert_log (fixture, "");
  wsm_gate_release (fixture->gate, &guests[1].ticket);
  assert_log (fixture, "d");

  /* Who is alone may take his time, and gives way when somebody comes. */
  wsm_test_clock_advance (fixture->clock, 10 * WSM_GATE_SILENT_US);
  request (fixture, &guests[0], 'a', "y");
  wsm_test_clock_advance (fixture->clock, 0);
  assert_log (fixture, "a");
  wsm_gate_release (fixture->gate, &guests[3].ticket);
  wsm_gate_release (fixture->gate, &guests[0].ticket);
}

static void
test_only_so_many_are_silent (Fixture       *fixture,
                              gconstpointer  data)
{
  const guint n = WSM_GATE_MAX_SILENT + 44;
  g_autofree Guest *guests = g_new0 (Guest, n);

  wsm_gate_set_max (fixture->gate, 16, 16);
  for (guint i = 0; i < n; i++)
    request (fixture, &guests[i], '\0', "x");
  wsm_test_clock_advance (fixture->clock, 3600 * (gint64) G_USEC_PER_SEC);
  g_assert_cmpuint (fixture->n_granted, ==, WSM_GATE_MAX_SILENT + 16);
  wsm_gate_release (fixture->gate, &guests[0].ticket);
  wsm_test_clock_advance (fixture->clock, 1);
  g_assert_cmpuint (fixture->n_granted, ==, WSM_GATE_MAX_SILENT + 17);
  for (guint i = 0; i < n; i++)
    wsm_gate_release (fixture->gate, &guests[i].ticket);
}

static void
test_close_grants_nothing (Fixture       *fixture,
                           gconstpointer  data)
{
  Guest guests[2] = { { NULL } };

  request (fixture, &guests[0], 'a', NULL);
  request (fixture, &guests[1], 'b', NULL);
  wsm_gate_close (fixture->gate);
  assert_log (fixture, "");
  wsm_gate_release (fixture->gate, &guests[0].ticket);
  wsm_gate_release (fixture->gate, &guests[1].ticket);
}

/* Ten thousand with one host: the work for each must not depend on how many there are. A queue
 * that is searched for each of them would need seconds. */
static void
test_crowd_is_no_burden (Fixture       *fixture,
                         gconstpointer  data)
{
  const guint n = 10000;
  g_autofree Guest *guests = g_new0 (Guest, n);
  g_autoptr (GTimer) timer = g_timer_new ();

  wsm_gate_set_max (fixture->gate, 16, 1);
  for (guint i = 0; i < n; i++)
    {
      guests[i].releases = TRUE;
      request (fixture, &guests[i], '\0', "example.com");
    }
  wsm_test_clock_settle (fixture->clock);
  g_assert_cmpuint (fixture->n_granted, ==, n);
  g_test_message ("%u tickets: %.1f ms", n, g_timer_elapsed (timer, NULL) * 1000);

  /* And one after the other. */
  g_timer_start (timer);
  for (guint i = 0; i < n; i++)
    {
      guests[i].releases = FALSE;
      request (fixture, &guests[i], '\0', "example.com");
    }
  for (guint i = 0; i < n; i++)
    {
      wsm_test_clock_settle (fixture->clock);
      g_assert_true (guests[i].is_over);
      wsm_gate_release (fixture->gate, &guests[i].ticket);
    }
  g_assert_cmpuint (fixture->n_granted, ==, 2 * n);
  g_test_message ("%u tickets in turn: %.1f ms", n, g_timer_elapsed (timer, NULL) * 1000);
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 1.0 * (g_test_slow () ? 10 : 5));
}

/* Anything in any order: places and guests always add up. */
static void
test_any_order (Fixture       *fixture,
                gconstpointer  data)
{
  static const char * const hosts[] = { "x", "y", "z", NULL };
  Guest guests[40] = { { NULL } };

  for (guint step = 0; step < 20000; step++)
    {
      Guest *guest = &guests[g_test_rand_int_range (0, G_N_ELEMENTS (guests))];
      guint n_granted = 0;

      switch (g_test_rand_int_range (0, 20))
        {
        case 0:
          wsm_gate_set_max (fixture->gate, (guint) g_test_rand_int_range (1, 10),
                            (guint) g_test_rand_int_range (1, 4));
          break;

        case 1:
          wsm_test_clock_advance (fixture->clock, g_test_rand_int_range (0, 300 * 1000));
          break;

        default:
          guest->releases = g_test_rand_bit ();
          if (guest->ticket.state == WSM_TICKET_UNUSED)
            request (fixture, guest, '\0', hosts[g_test_rand_int_range (0, 4)]);
          else
            wsm_gate_release (fixture->gate, &guest->ticket);
          break;
        }
      if (g_test_rand_bit ())
        wsm_test_clock_settle (fixture->clock);
      for (guint i = 0; i < G_N_ELEMENTS (guests); i++)
        n_granted += guests[i].ticket.state == WSM_TICKET_GRANTED ? 1 : 0;
      g_assert_cmpuint (n_granted, <, 10);
    }

  /* Everybody gets in at last. */
  for (guint i = 0; i < G_N_ELEMENTS (guests); i++)
    guests[i].releases = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (guests); i++)
    {
      if (guests[i].ticket.state != WSM_TICKET_QUEUED)
        wsm_gate_release (fixture->gate, &guests[i].ticket);
    }
  wsm_test_clock_advance (fixture->clock, G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (guests); i++)
    g_assert_cmpint (guests[i].ticket.state, ==, WSM_TICKET_UNUSED);
}

int
main (int   argc,
      char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture       *fixture,
                  gconstpointer  data);
  } tests[] = {
    { "/gate/so-many-at-a-time", test_so_many_at_a_time },
    { "/gate/so-many-with-one-host", test_so_many_with_one_host },
    { "/gate/hosts-take-turns", test_hosts_take_turns },
    { "/gate/silent-ones-give-way", test_silent_ones_give_way },
    { "/gate/only-so-many-are-silent", test_only_so_many_are_silent },
    { "/gate/close-grants-nothing", test_close_grants_nothing },
    { "/gate/crowd-is-no-burden", test_crowd_is_no_burden },
    { "/gate/any-order", test_any_order },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);

  return g_test_run ();
}
