/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <gio/gio.h>

#include "wsm-delivery.h"

/* What was delivered, in order: the letters of the items. */
static GString *record;
static WsmDelivery *delivery;
static GMainContext *context;
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

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/delivery/keeps-the-order", test_order);
  g_test_add_func ("/delivery/goes-on-in-a-nested-loop", test_nested);
  g_test_add_func ("/delivery/falls-silent-when-closed", test_close);

  return g_test_run ();
}
