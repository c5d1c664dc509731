/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-connection-private.h"
#include "wsi-details.h"
#include "wsi-enum-types.h"
#include "wsi-event.h"
#include "wsi-frame.h"
#include "wsi-hub.h"
#include "wsi-log-private.h"
#include "wsi-source-private.h"
#include "wsi-table.h"
#include "wsi-text.h"

#include <math.h>
#include <string.h>

static void
count_cb (guint *count)
{
  (*count)++;
}

static void
test_text_is_one_safe_line (void)
{
  static const struct
  {
    const char *text;
    gsize max_bytes;
    const char *clean;
  } cases[] =
  {
    { "", 10, "" },
    { "plain", 10, "plain" },
    { "plain", 5, "plain" },
    { "plain!", 5, "plain…" },
    { "a\nb\tc\x1b[31m", 100, "a b c [31m" },
    { "<b>&amp;</b>", 100, "<b>&amp;</b>" },
    { "ab\xe2\x80\xae" "cd\xe2\x81\xa6" "ef", 100, "ab cd ef" },
    { "p\xe2\x80\xa8q", 100, "p q" },
    { "äöü", 3, "ä…" },
    { "äöü", 4, "äö…" },
    { "x\xff" "y", 100, "x\xef\xbf\xbd" "y" },
    { "👩‍💻", 100, "👩‍💻" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *clean = wsi_text_clean (cases[i].text, cases[i].max_bytes);

      g_assert_cmpstr (clean, ==, cases[i].clean);
      g_assert_true (g_utf8_validate (clean, -1, NULL));
    }
}

static void
test_beats_keep_the_last_ones (void)
{
  WsiBeats *beats = wsi_beats_new ();
  const double two[] = { 1.0, -5.0 };
  double many[WSI_BEATS_CAPACITY + 5];
  guint n_changed = 0;

  g_signal_connect_swapped (beats, "changed", G_CALLBACK (count_cb), &n_changed);
  g_assert_cmpuint (wsi_beats_get_n (beats), ==, 0);
  g_assert_cmpfloat (wsi_beats_get_max (beats), ==, 0.0);

  for (guint i = 0; i < WSI_BEATS_CAPACITY + 3; i++)
    wsi_beats_add (beats, i % 2 == 0 ? i : -1.0);
  g_assert_cmpuint (n_changed, ==, WSI_BEATS_CAPACITY + 3);
  g_assert_cmpuint (wsi_beats_get_n (beats), ==, WSI_BEATS_CAPACITY);
  g_assert_cmpuint (wsi_beats_get_n_ever (beats), ==, WSI_BEATS_CAPACITY + 3);
  g_assert_cmpfloat (wsi_beats_get (beats, 0), ==, -1.0);
  g_assert_cmpfloat (wsi_beats_get (beats, 1), ==, 4.0);
  g_assert_cmpfloat (wsi_beats_get_max (beats), ==, WSI_BEATS_CAPACITY + 2);

  n_changed = 0;
  wsi_beats_replace (beats, two, 2);
  wsi_beats_replace (beats, two, 2);
  g_assert_cmpuint (n_changed, ==, 1);
  g_assert_cmpuint (wsi_beats_get_n (beats), ==, 2);
  g_assert_cmpfloat (wsi_beats_get (beats, 1), ==, -1.0);

  for (gsize i = 0; i < G_N_ELEMENTS (many); i++)
    many[i] = (double) i;
  wsi_beats_replace (beats, many, G_N_ELEMENTS (many));
  g_assert_cmpfloat (wsi_beats_get (beats, 0), ==, 5.0);
  wsi_beats_add_many (beats, two, 0);
  wsi_beats_clear (beats);
  wsi_beats_clear (beats);
  g_assert_cmpuint (n_changed, ==, 3);
  g_assert_cmpuint (wsi_beats_get_n (beats), ==, 0);

  g_assert_finalize_object (beats);
}

/* A copy that only believes the signals; what they say must be what is there. */
typedef struct
{
  GPtrArray *items; /* (owned) */
  guint n_signals;
} Shadow;

static void
shadow_changed_cb (GListModel *model,
                   guint       position,
                   guint       n_removed,
                   guint       n_added,
                   gpointer    user_data)
{
  Shadow *shadow = user_data;

  shadow->n_signals++;
  g_assert_cmpuint (position + n_removed, <=, shadow->items->len);
  if (n_removed > 0)
    g_ptr_array_remove_range (shadow->items, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_insert (shadow->items, (int) (position + i),
                        g_list_model_get_item (model, position + i));

  g_assert_cmpuint (shadow->items->len, ==, g_list_model_get_n_items (model));
  for (guint i = 0; i < shadow->items->len; i++)
    {
      g_autoptr (GObject) item = g_list_model_get_item (model, i);

      g_assert_true (item == shadow->items->pdata[i]);
    }
}

static void
shadow_follow (Shadow     *shadow,
               GListModel *model)
{
  shadow->items = g_ptr_array_new_with_free_func (g_object_unref);
  shadow->n_signals = 0;
  g_signal_connect (model, "items-changed", G_CALLBACK (shadow_changed_cb), shadow);
}

static GPtrArray *
make_events (guint64 first,
             guint   n)
{
  GPtrArray *events = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    g_ptr_array_add (events, wsi_event_new (first + i, 1, WSI_EVENT_KIND_STATE, WSI_STATE_OPEN,
                                            -1.0, "text"));

  return events;
}

static void
append_events (WsiLog  *log,
               guint64  first,
               guint    n)
{
  g_autoptr (GPtrArray) events = make_events (first, n);

  wsi_log_append (log, events);
}

static void
assert_numbers (WsiLog  *log,
                guint64  first,
                guint    n)
{
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, n);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (WsiEvent) event = g_list_model_get_item (G_LIST_MODEL (log), i);

      g_assert_cmpuint (wsi_event_get_number (event), ==, first + i);
    }
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (log), n));
}

static void
test_log_forgets_the_oldest (void)
{
  WsiLog *log = wsi_log_new (WSI_TYPE_EVENT, 100);
  Shadow shadow;

  shadow_follow (&shadow, G_LIST_MODEL (log));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (log)) == WSI_TYPE_EVENT);

  append_events (log, 1, 90);
  g_assert_cmpuint (shadow.n_signals, ==, 1);
  append_events (log, 91, 0);
  g_assert_cmpuint (shadow.n_signals, ==, 1);
  append_events (log, 91, 30);
  g_assert_cmpuint (shadow.n_signals, ==, 3);
  assert_numbers (log, 21, 100);
  g_assert_cmpuint (wsi_log_get_n_dropped (log), ==, 20);
  g_assert_cmpuint (wsi_log_get_n_ever (log), ==, 120);

  append_events (log, 121, 250);
  assert_numbers (log, 271, 100);
  g_assert_cmpuint (wsi_log_get_n_dropped (log), ==, 270);

  wsi_log_add_dropped (log, 7);
  g_assert_cmpuint (wsi_log_get_n_dropped (log), ==, 277);
  g_assert_cmpuint (wsi_log_get_n_ever (log), ==, 377);
  wsi_log_add_dropped (log, G_MAXUINT64);
  g_assert_cmpuint (wsi_log_get_n_ever (log), ==, G_MAXUINT64);

  wsi_log_clear (log);
  assert_numbers (log, 0, 0);
  g_assert_cmpuint (wsi_log_get_n_ever (log), ==, 0);

  g_assert_finalize_object (log);
  g_ptr_array_unref (shadow.items);
}

static void
test_log_counts_while_paused (void)
{
  WsiLog *log = wsi_log_new (WSI_TYPE_EVENT, 100);
  Shadow shadow;
  guint n_paused = 0;
  guint n_waiting = 0;

  shadow_follow (&shadow, G_LIST_MODEL (log));
  g_signal_connect_swapped (log, "notify::paused", G_CALLBACK (count_cb), &n_paused);
  g_signal_connect_swapped (log, "notify::n-waiting", G_CALLBACK (count_cb), &n_waiting);
  append_events (log, 1, 50);
  wsi_log_set_paused (log, TRUE);
  wsi_log_set_paused (log, TRUE);
  g_assert_cmpuint (n_paused, ==, 1);
  shadow.n_signals = 0;

  append_events (log, 51, 60);
  append_events (log, 111, 60);
  g_assert_cmpuint (shadow.n_signals, ==, 0);
  assert_numbers (log, 1, 50);
  g_assert_cmpuint (wsi_log_get_n_waiting (log), ==, 100);
  g_assert_cmpuint (wsi_log_get_n_ever (log), ==, 170);
  g_assert_cmpuint (wsi_log_get_n_dropped (log), ==, 20);
  g_assert_cmpuint (n_waiting, ==, 2);

  wsi_log_set_paused (log, FALSE);
  assert_numbers (log, 71, 100);
  g_assert_cmpuint (wsi_log_get_n_waiting (log), ==, 0);
  g_assert_cmpuint (n_waiting, ==, 3);
  g_assert_cmpuint (wsi_log_get_n_dropped (log), ==, 70);

  wsi_log_set_paused (log, TRUE);
  append_events (log, 171, 5);
  g_assert_finalize_object (log);
  g_ptr_array_unref (shadow.items);
}

static gsize
weigh_event (gpointer item)
{
  return (gsize) wsi_event_get_number (item);
}

static void
test_log_bounds_the_weight (void)
{
  WsiLog *log = wsi_log_new (WSI_TYPE_EVENT, 100);
  Shadow shadow;

  shadow_follow (&shadow, G_LIST_MODEL (log));
  wsi_log_set_weight_limit (log, weigh_event, 100);
  append_events (log, 20, 4);
  assert_numbers (log, 20, 4);
  append_events (log, 24, 1);
  assert_numbers (log, 21, 4);
  wsi_log_set_paused (log, TRUE);
  append_events (log, 25, 1);
  assert_numbers (log, 21, 4);
  wsi_log_set_paused (log, FALSE);
  assert_numbers (log, 22, 4);

  g_assert_finalize_object (log);
  g_ptr_array_unref (shadow.items);
}

static void
test_log_keeps_its_promise_in_any_order (void)
{
  for (guint round = 0; round < 50; round++)
    {
      WsiLog *log = wsi_log_new (WSI_TYPE_EVENT, (guint) g_test_rand_int_range (1, 80));
      Shadow shadow;
      guint64 next = 1;

      shadow_follow (&shadow, G_LIST_MODEL (log));
      for (guint step = 0; step < 60; step++)
        {
          guint n = (guint) g_test_rand_int_range (0, 100);

          switch (g_test_rand_int_range (0, 5))
            {
            case 0:
              wsi_log_set_paused (log, !wsi_log_get_paused (log));
              break;
            case 1:
              if (g_test_rand_int_range (0, 10) == 0)
                wsi_log_clear (log);
              break;
            default:
              append_events (log, next, n);
              next += n;
              break;
            }

          g_assert_cmpuint (wsi_log_get_n_ever (log), ==,
                            g_list_model_get_n_items (G_LIST_MODEL (log)) +
                            wsi_log_get_n_waiting (log) + wsi_log_get_n_dropped (log));
        }

      g_assert_finalize_object (log);
      g_ptr_array_unref (shadow.items);
    }
}

static void
test_table_tells_each_change (void)
{
  for (guint round = 0; round < 50; round++)
    {
      WsiTable *table = wsi_table_new ();
      g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
      Shadow shadow;

      shadow_follow (&shadow, G_LIST_MODEL (table));
      for (guint step = 0; step < 20; step++)
        {
          g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);
          g_autoptr (GPtrArray) removed = g_ptr_array_new_with_free_func (g_object_unref);
          g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (guint64));
          guint n = (guint) g_test_rand_int_range (0, 60);
          guint n_gone = 0;

          for (guint i = 0; i < n; i++)
            {
              guint64 id = (guint64) g_test_rand_int_range (1, 300);

              if (g_hash_table_add (known, GUINT_TO_POINTER (id)))
                g_ptr_array_add (added, wsi_connection_new (id));
            }
          wsi_table_add_many (table, added);

          n = (guint) g_test_rand_int_range (0, 40);
          for (guint i = 0; i < n; i++)
            {
              guint64 id = (guint64) g_test_rand_int_range (1, 300);

              g_array_append_val (ids, id);
              n_gone += g_hash_table_remove (known, GUINT_TO_POINTER (id));
            }
          wsi_table_remove (table, (const guint64 *) (gpointer) ids->data, ids->len, removed);

          g_assert_cmpuint (removed->len, ==, n_gone);
          g_assert_cmpuint (wsi_table_get_n (table), ==, g_hash_table_size (known));
          for (guint i = 1; i < wsi_table_get_n (table); i++)
            g_assert_cmpuint (wsi_connection_get_id (wsi_table_get (table, i - 1)), <,
                              wsi_connection_get_id (wsi_table_get (table, i)));
        }

      g_assert_finalize_object (table);
      g_ptr_array_unref (shadow.items);
    }
}

static void
test_details_read_what_is_there (void)
{
  g_autoptr (GVariant) said = g_variant_ref_sink (g_variant_new_parsed (
    "{'heartbeat': <{'mode': <@u 1>, 'interval': <@u 25000>, 'jitter': <0.1>, 'idle-only': <true>,"
    "                'bad': <'x'>}>,"
    " 'handshake': <{'time': <@x 5>, 'status': <@u 101>,"
    "                'request': <[('Host', 'example.org', false), ('Cookie', 'secret', true)]>,"
    "                'response': <'no list'>}>,"
    " 'tls': <{'dns-names': <['a', 'b\\n']>}>,"
    " 'latency': <{'loss': <1.5>, 'count': <@t 7>}>,"
    " 'buffered': <@t 9>, 'protocol': <'chat'>, 'close-code': <'four'>}"));
  WsiDetails *details = wsi_details_new (said);
  g_autoptr (GArray) request = wsi_details_get_headers (details, "request");
  g_autoptr (GArray) response = wsi_details_get_headers (details, "response");
  g_auto (GStrv) names = wsi_details_dup_strv (details, "tls", "dns-names");

  g_assert_true (wsi_details_has (details, "heartbeat"));
  g_assert_false (wsi_details_has (details, "backoff"));
  g_assert_false (wsi_details_has (details, "protocol"));
  g_assert_true (wsi_details_has_key (details, NULL, "protocol"));
  g_assert_false (wsi_details_has_key (details, "heartbeat", "protocol"));
  g_assert_cmpuint (wsi_details_get_uint (details, "heartbeat", "interval"), ==, 25000);
  g_assert_cmpuint (wsi_details_get_uint (details, "heartbeat", "bad"), ==, 0);
  g_assert_true (wsi_details_get_boolean (details, "heartbeat", "idle-only"));
  g_assert_cmpfloat (wsi_details_get_double (details, "heartbeat", "jitter"), ==, 0.1);
  g_assert_cmpfloat (wsi_details_get_double (details, "latency", "p99"), ==, -1.0);
  g_assert_cmpuint (wsi_details_get_uint64 (details, "latency", "count"), ==, 7);
  g_assert_cmpuint (wsi_details_get_uint64 (details, NULL, "buffered"), ==, 9);
  g_assert_cmpint (wsi_details_get_int64 (details, "handshake", "time"), ==, 5);
  g_assert_cmpstr (wsi_details_get_string (details, NULL, "protocol"), ==, "chat");
  g_assert_null (wsi_details_get_string (details, NULL, "extensions"));
  g_assert_cmpuint (wsi_details_get_uint (details, NULL, "close-code"), ==, 0);

  g_assert_cmpuint (request->len, ==, 2);
  g_assert_cmpstr (g_array_index (request, WsiHeader, 0).value, ==, "example.org");
  g_assert_cmpstr (g_array_index (request, WsiHeader, 1).name, ==, "Cookie");
  g_assert_null (g_array_index (request, WsiHeader, 1).value);
  g_assert_cmpuint (response->len, ==, 0);
  g_assert_cmpstr (names[1], ==, "b ");
  g_assert_null (wsi_details_dup_strv (details, "tls", "subject"));

  g_assert_finalize_object (details);
  details = wsi_details_new (g_variant_new_string ("nonsense"));
  g_assert_false (wsi_details_has_key (details, NULL, "protocol"));
  g_assert_finalize_object (details);
}

static void
test_frame_names_its_opcode (void)
{
  static const struct
  {
    guint opcode;
    const char *name;
    gboolean is_control;
  } cases[] =
  {
    { 0x0, "continuation", FALSE },
    { 0x1, "text", FALSE },
    { 0x2, "binary", FALSE },
    { 0x3, "0x3", FALSE },
    { 0x8, "close", TRUE },
    { 0x9, "ping", TRUE },
    { 0xa, "pong", TRUE },
    { 0xf, "0xf", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      WsiFrame *frame = wsi_frame_new (1, 2, 3, WSI_DIRECTION_INCOMING, cases[i].opcode,
                                       WSI_FRAME_FLAGS_FINAL, 4, 5, NULL);
      g_autofree char *name = wsi_frame_dup_opcode_name (frame);
      gboolean is_final;
      gboolean is_compressed;
      WsiDirection direction;

      g_object_get (frame, "final", &is_final, "compressed", &is_compressed,
                    "direction", &direction, NULL);
      g_assert_cmpstr (name, ==, cases[i].name);
      g_assert_true (wsi_frame_is_control (frame) == cases[i].is_control);
      g_assert_true (is_final);
      g_assert_false (is_compressed);
      g_assert_cmpint (direction, ==, WSI_DIRECTION_INCOMING);
      g_assert_finalize_object (frame);
    }
}

static void
test_connection_doubts_what_it_hears (void)
{
  WsiConnection *connection = wsi_connection_new (5);
  WsiFigures figures =
  {
    .id = 77,
    .next_at = G_MAXINT64,
    .opened_at = 1000,
    .last_received_at = G_MININT64,
    .n_beats_answered = G_MAXUINT64,
    .round_trip = NAN,
    .smoothed = INFINITY,
    .state = 4711,
    .flags = G_MAXUINT32,
  };
  gint64 opened_at;

  g_assert_false (wsi_connection_apply_figures (connection, &figures, 500));
  g_assert_cmpuint (wsi_connection_get_id (connection), ==, 5);
  g_assert_cmpint (wsi_connection_get_next_at (connection), ==, 0);
  g_assert_cmpint (wsi_connection_get_last_received_at (connection), ==, 0);
  g_assert_cmpfloat (wsi_connection_get_round_trip (connection), ==, -1.0);
  g_assert_cmpfloat (wsi_connection_get_smoothed (connection), ==, -1.0);
  g_assert_cmpint (wsi_connection_get_state (connection), ==, WSI_STATE_UNKNOWN);
  g_assert_true (wsi_connection_get_paused (connection));
  g_assert_true (wsi_connection_get_limits_enforced (connection));
  g_object_get (connection, "opened-at", &opened_at, NULL);
  g_assert_cmpint (opened_at, ==, 1500);

  /* Counters that go back are no beats. */
  figures.n_beats_answered = 3;
  g_assert_false (wsi_connection_apply_figures (connection, &figures, G_MAXINT64));
  g_assert_cmpuint (wsi_beats_get_n (wsi_connection_get_beats (connection)), ==, 0);

  wsi_connection_set_payload_capture (connection, G_MAXUINT);
  g_assert_cmpuint (wsi_connection_get_payload_capture (connection), <=, 1024 * 1024);

  g_assert_finalize_object (connection);
}

static void
test_connection_orders_beats (void)
{
  WsiConnection *connection = wsi_connection_new (5);
  WsiBeats *beats = wsi_connection_get_beats (connection);
  WsiFigures figures = { .id = 5, .round_trip = 2.0, .n_beats_answered = 1, .n_beats_missed = 1 };

  /* Missed, then answered: nothing is missed any more. */
  g_assert_true (wsi_connection_apply_figures (connection, &figures, 0));
  g_assert_cmpfloat (wsi_beats_get (beats, 0), ==, -1.0);
  g_assert_cmpfloat (wsi_beats_get (beats, 1), ==, 2.0);

  /* Answered, then missed. */
  figures.n_beats_answered++;
  figures.n_beats_missed += 2;
  figures.n_missed = 2;
  g_assert_true (wsi_connection_apply_figures (connection, &figures, 0));
  g_assert_cmpuint (wsi_beats_get_n (beats), ==, 5);
  g_assert_cmpfloat (wsi_beats_get (beats, 2), ==, 2.0);
  g_assert_cmpfloat (wsi_beats_get (beats, 3), ==, -1.0);
  g_assert_cmpfloat (wsi_beats_get (beats, 4), ==, -1.0);

  g_assert_finalize_object (connection);
}

static void
test_source_finds_a_name (void)
{
  static const struct
  {
    const char *about;
    const char *title;
    const char *icon_name;
    guint pid;
  } cases[] =
  {
    { "{'name': <'Chat'>, 'application-id': <'org.example.Chat'>}", "Chat", "org.example.Chat", 0 },
    { "{'name': <' \\n'>, 'program': <'chatd'>, 'pid': <@u 77>}", "chatd", NULL, 77 },
    { "{'name': <@u 5>, 'sandbox': <'org.example.Box'>}", "org.example.Box", "org.example.Box", 0 },
    /* The number that it has in there is another program's out here. */
    { "{'name': <'Chat'>, 'sandbox': <'org.example.Box'>, 'pid': <@u 2>}", "Chat",
      "org.example.Box", 0 },
    { "{'application-id': <'../../etc'>}", "../../etc", NULL, 0 },
    { "{'name': <'Chat'>, 'pool': <@u 1>}", "Chat", NULL, 0 },
    { "{'name': <'Chat'>, 'pool': <@u 2>}", "Chat (2)", NULL, 0 },
    { "@a{sv} {}", "Unknown Program", NULL, 0 },
    { "'nonsense'", "Unknown Program", NULL, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) about = g_variant_parse (NULL, cases[i].about, NULL, NULL, NULL);
      WsiSource *source = wsi_source_new (WSI_SOURCE_KIND_APP, about);

      g_assert_cmpstr (wsi_source_get_title (source), ==, cases[i].title);
      g_assert_cmpstr (wsi_source_get_icon_name (source), ==, cases[i].icon_name);
      g_assert_cmpuint (wsi_source_get_pid (source), ==, cases[i].pid);
      g_assert_finalize_object (source);
    }
}

static WsiSource *
make_source (const char *name,
             guint       pool)
{
  GVariantDict about;

  g_variant_dict_init (&about, NULL);
  g_variant_dict_insert (&about, "name", "s", name);
  g_variant_dict_insert (&about, "application-id", "s", "org.example.Chat");
  g_variant_dict_insert (&about, "pool", "u", pool);

  return wsi_source_new (WSI_SOURCE_KIND_APP, g_variant_dict_end (&about));
}

static void
test_hub_puts_who_comes_back_in_the_old_place (void)
{
  WsiHub *hub = wsi_hub_new ();
  Shadow shadow;
  g_autoptr (WsiSource) first = make_source ("first", 1);
  g_autoptr (WsiSource) second = make_source ("first", 2);
  g_autoptr (WsiSource) same_name = make_source ("first", 1);
  g_autoptr (WsiSource) again = make_source ("now called otherwise", 1);
  g_autoptr (WsiSource) item = NULL;

  shadow_follow (&shadow, G_LIST_MODEL (hub));
  wsi_hub_add (hub, first);
  wsi_hub_add (hub, second);
  wsi_hub_add (hub, same_name);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (hub)), ==, 3);

  wsi_source_detach (second);
  wsi_source_detach (first);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (hub)), ==, 3);
  wsi_hub_add (hub, again);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (hub)), ==, 3);
  item = g_list_model_get_item (G_LIST_MODEL (hub), 0);
  g_assert_true (item == again);

  wsi_hub_dismiss (hub, second);
  wsi_hub_dismiss (hub, second);
  g_assert_false (wsi_source_get_attached (second));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (hub)), ==, 2);

  g_ptr_array_set_size (shadow.items, 0);
  g_assert_finalize_object (hub);
  g_assert_false (wsi_source_get_attached (again));
  g_ptr_array_unref (shadow.items);
}

static void
test_enums_have_nicks (void)
{
  g_autoptr (GEnumClass) states = g_type_class_ref (WSI_TYPE_STATE);
  g_autoptr (GEnumClass) kinds = g_type_class_ref (WSI_TYPE_SOURCE_KIND);
  g_autoptr (GFlagsClass) flags = g_type_class_ref (WSI_TYPE_FRAME_FLAGS);

  g_assert_cmpstr (g_enum_get_value (states, WSI_STATE_SUSPECT)->value_nick, ==, "suspect");
  g_assert_cmpstr (g_enum_get_value (kinds, WSI_SOURCE_KIND_APP)->value_nick, ==, "app");
  g_assert_cmpstr (g_flags_get_first_value (flags, WSI_FRAME_FLAGS_FINAL)->value_nick, ==,
                   "final");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/model-text/is-one-safe-line", test_text_is_one_safe_line);
  g_test_add_func ("/model-beats/keep-the-last-ones", test_beats_keep_the_last_ones);
  g_test_add_func ("/model-log/forgets-the-oldest", test_log_forgets_the_oldest);
  g_test_add_func ("/model-log/counts-while-paused", test_log_counts_while_paused);
  g_test_add_func ("/model-log/bounds-the-weight", test_log_bounds_the_weight);
  g_test_add_func ("/model-log/keeps-its-promise-in-any-order",
                   test_log_keeps_its_promise_in_any_order);
  g_test_add_func ("/model-table/tells-each-change", test_table_tells_each_change);
  g_test_add_func ("/model-details/read-what-is-there", test_details_read_what_is_there);
  g_test_add_func ("/model-frame/names-its-opcode", test_frame_names_its_opcode);
  g_test_add_func ("/model-connection/doubts-what-it-hears",
                   test_connection_doubts_what_it_hears);
  g_test_add_func ("/model-connection/orders-beats", test_connection_orders_beats);
  g_test_add_func ("/model-source/finds-a-name", test_source_finds_a_name);
  g_test_add_func ("/model-hub/puts-who-comes-back-in-the-old-place",
                   test_hub_puts_who_comes_back_in_the_old_place);
  g_test_add_func ("/model-enums/have-nicks", test_enums_have_nicks);

  return g_test_run ();
}
