/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>

#include "test-clock.h"
#include "wsm-delivery.h"

/* What was delivered, in order: the letters of the items. */
static GString *record;
static WsmDelivery *delivery;
static GMainContext *context;
static WsmTestClock *test_clock;
static guint n_alive;

typedef struct
{
  WsmDeliveryItem item;
  char letter;
} Letter;

static void
letter_free (WsmDeliveryItem *item)
{
  n_alive--;
  g_free (item);
}

static void letter_deliver (GObject         *target,
                            WsmDeliveryItem *item);

static void
post (GObject *target,
      char     letter)
{
  Letter *item = g_new0 (Letter, 1);

  n_alive++;
  item->letter = letter;
  wsm_delivery_post (delivery, &item->item, target, letter_deliver, letter_free);
}

static void
letter_deliver (GObject         *target,
                WsmDeliveryItem *item)
{
  char letter = ((Letter *) item)->letter;

  g_assert_true (g_main_context_get_thread_default () == context);
  g_string_append_c (record, letter);
  if (letter == 'p')
    post (target, 'q');
  if (letter == 'n')
    {
      while (strchr (record->str, 'z') == NULL)
        g_main_context_iteration (context, TRUE);
      g_string_append_c (record, 'N');
    }
  if (letter == 'c')
    wsm_delivery_close (delivery);
  if (letter == 't')
    wsm_test_clock_jump (test_clock, 2000);
}

static void
run (const char *letters,
     const char *expected)
{
  GObject *target = g_object_new (G_TYPE_OBJECT, NULL);

  context = g_main_context_new ();
  delivery = wsm_delivery_new (context);
  record = g_string_new (NULL);

  for (const char *p = letters; *p != '\0'; p++)
    post (target, *p);
  g_assert_cmpstr (record->str, ==, "");
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_assert_cmpstr (record->str, ==, expected);

  wsm_delivery_unref (delivery);
  g_assert_cmpuint (n_alive, ==, 0);
  g_assert_finalize_object (target);
  g_string_free (record, TRUE);
  g_main_context_unref (context);
}

static void
test_order (void)
{
  run ("abpa", "abpaq");
}

static void
test_nested (void)
{
  run ("anbz", "anbzN");
}

static void
test_close (void)
{
  run ("acab", "ac");
}

/* Each takes 2 ms, and what else there is to do comes in between after 5. */
static void
test_turns (void)
{
  GObject *target = g_object_new (G_TYPE_OBJECT, NULL);
  g_autoptr (GMainContext) other = g_main_context_new ();

  context = g_main_context_new ();
  test_clock = wsm_test_clock_new (other);
  delivery = wsm_delivery_new (context);
  wsm_delivery_use_clock (delivery, WSM_CLOCK (test_clock));
  record = g_string_new (NULL);

  for (const char *p = "ttttatb"; *p != '\0'; p++)
    post (target, *p);
  while (g_main_context_iteration (context, FALSE))
    g_string_append_c (record, ' ');
  g_assert_cmpstr (record->str, ==, "ttt tatb ");

  /* However long one takes. */
  post (target, 't');
  post (target, 't');
  wsm_test_clock_jump (test_clock, G_USEC_PER_SEC);
  g_string_truncate (record, 0);
  g_assert_true (g_main_context_iteration (context, FALSE));
  g_assert_cmpstr (record->str, ==, "tt");

  wsm_delivery_unref (delivery);
  g_assert_finalize_object (test_clock);
  g_assert_finalize_object (target);
  g_string_free (record, TRUE);
  g_main_context_unref (context);
}

static void
turn_ended_cb (gpointer owner)
{
  g_assert_true (owner == &record);
  g_assert_true (g_main_context_get_thread_default () == context);
  g_string_append_c (record, '.');
}

static void
run_turns (const char *letters,
           const char *expected)
{
  GObject *target = g_object_new (G_TYPE_OBJECT, NULL);

  context = g_main_context_new ();
  delivery = wsm_delivery_new (context);
  wsm_delivery_follow (delivery, turn_ended_cb, &record);
  record = g_string_new (NULL);

  for (const char *p = letters; *p != '\0'; p++)
    post (target, *p);
  while (g_main_context_iteration (context, FALSE))
    continue;
  g_assert_cmpstr (record->str, ==, expected);

  wsm_delivery_unref (delivery);
  g_assert_finalize_object (target);
  g_string_free (record, TRUE);
  g_main_context_unref (context);
}

static void
test_tells_of_turns (void)
{
  run_turns ("", "");
  run_turns ("abpa", "abpa.q.");
  /* One in a nested loop is a turn, too, and so is the rest of the one around it. */
  run_turns ("anbz", "anbz.N.");
  run_turns ("acab", "ac");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/delivery/keeps-the-order", test_order);
  g_test_add_func ("/delivery/goes-on-in-a-nested-loop", test_nested);
  g_test_add_func ("/delivery/falls-silent-when-closed", test_close);
  g_test_add_func ("/delivery/lets-others-in-between", test_turns);
  g_test_add_func ("/delivery/tells-of-turns", test_tells_of_turns);

  return g_test_run ();
}
