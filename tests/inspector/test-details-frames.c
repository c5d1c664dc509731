/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-frame-filter.h"
#include "wsi-frame.h"
#include "wsi-payload.h"
#include "wsi-tail.h"

#include <string.h>

static WsiFrame *
make_frame (WsiDirection  direction,
            guint         opcode,
            const char   *payload)
{
  g_autoptr (GBytes) bytes = payload != NULL ? g_bytes_new (payload, strlen (payload)) : NULL;

  return wsi_frame_new (1, 1, 0, direction, opcode, WSI_FRAME_FLAGS_FINAL,
                        bytes != NULL ? g_bytes_get_size (bytes) : 0, 0, bytes);
}

static gboolean
is_wanted (WsiFrameFilter *filter,
           WsiDirection    direction,
           guint           opcode,
           const char     *payload)
{
  g_autoptr (WsiFrame) frame = make_frame (direction, opcode, payload);

  return gtk_filter_match (GTK_FILTER (filter), frame);
}

static void
count_cb (guint *n_times)
{
  (*n_times)++;
}

static void
test_filter_wants_everything_at_first (void)
{
  g_autoptr (WsiFrameFilter) filter = wsi_frame_filter_new ();

  g_assert_cmpint (gtk_filter_get_strictness (GTK_FILTER (filter)), ==, GTK_FILTER_MATCH_ALL);
  g_assert_true (is_wanted (filter, WSI_DIRECTION_UNKNOWN, 77, NULL));
}

static void
test_filter_finds_a_text_without_regard_to_case (void)
{
  g_autoptr (WsiFrameFilter) filter = wsi_frame_filter_new ();

  wsi_frame_filter_set_pattern (filter, "Wor.d");
  g_assert_true (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, "hello wOR.D!"));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, "hello world"));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, ""));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, NULL));

  /* The opcode is in the row, so it is found too. */
  wsi_frame_filter_set_pattern (filter, "ping");
  g_assert_true (is_wanted (filter, WSI_DIRECTION_INCOMING, 9, NULL));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 10, NULL));
}

static void
test_filter_takes_a_regular_expression (void)
{
  g_autoptr (WsiFrameFilter) filter = wsi_frame_filter_new ();

  wsi_frame_filter_set_pattern (filter, "^a.c$");
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, "abc"));
  wsi_frame_filter_set_regular (filter, TRUE);
  g_assert_true (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, "abc"));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, "abcd"));
  /* Not UTF-8, which the expression must survive. */
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 2, "\xff\xfe"));
}

static void
test_filter_keeps_the_last_good_expression (void)
{
  g_autoptr (WsiFrameFilter) filter = wsi_frame_filter_new ();
  guint n_changed = 0;
  guint n_errors = 0;

  wsi_frame_filter_set_regular (filter, TRUE);
  wsi_frame_filter_set_pattern (filter, "abc");
  g_signal_connect_swapped (filter, "changed", G_CALLBACK (count_cb), &n_changed);
  g_signal_connect_swapped (filter, "notify::error", G_CALLBACK (count_cb), &n_errors);

  wsi_frame_filter_set_pattern (filter, "abc(");
  g_assert_nonnull (wsi_frame_filter_get_error (filter));
  g_assert_cmpuint (n_errors, ==, 1);
  g_assert_cmpuint (n_changed, ==, 0);
  g_assert_true (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, "abc"));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, "xyz"));

  wsi_frame_filter_set_pattern (filter, "abc()");
  g_assert_null (wsi_frame_filter_get_error (filter));
  g_assert_cmpuint (n_errors, ==, 2);
  g_assert_cmpuint (n_changed, ==, 1);
}

static void
test_filter_chooses_direction_and_opcodes (void)
{
  g_autoptr (WsiFrameFilter) filter = wsi_frame_filter_new ();

  wsi_frame_filter_set_direction (filter, WSI_DIRECTION_OUTGOING);
  g_assert_true (is_wanted (filter, WSI_DIRECTION_OUTGOING, 1, "a"));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_INCOMING, 1, "a"));

  wsi_frame_filter_set_direction (filter, WSI_DIRECTION_UNKNOWN);
  wsi_frame_filter_set_opcodes (filter, WSI_FRAME_OPCODES_CONTROL);
  g_assert_true (is_wanted (filter, WSI_DIRECTION_OUTGOING, 8, NULL));
  g_assert_true (is_wanted (filter, WSI_DIRECTION_OUTGOING, 10, NULL));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_OUTGOING, 1, NULL));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_OUTGOING, 4000, NULL));

  wsi_frame_filter_set_opcodes (filter, 1u << 1);
  g_assert_true (is_wanted (filter, WSI_DIRECTION_OUTGOING, 1, NULL));
  g_assert_false (is_wanted (filter, WSI_DIRECTION_OUTGOING, 2, NULL));
}

static void
test_filter_does_not_notify_when_nothing_changes (void)
{
  g_autoptr (WsiFrameFilter) filter = wsi_frame_filter_new ();
  guint n_times = 0;

  g_signal_connect_swapped (filter, "notify", G_CALLBACK (count_cb), &n_times);
  g_signal_connect_swapped (filter, "changed", G_CALLBACK (count_cb), &n_times);

  wsi_frame_filter_set_pattern (filter, NULL);
  wsi_frame_filter_set_regular (filter, FALSE);
  wsi_frame_filter_set_direction (filter, WSI_DIRECTION_UNKNOWN);
  wsi_frame_filter_set_opcodes (filter, WSI_FRAME_OPCODES_ALL);

  g_assert_cmpuint (n_times, ==, 0);
}

static void
assert_taken_text (char       *text,
                   const char *expected)
{
  g_assert_cmpstr (text, ==, expected);
  g_free (text);
}

static void
test_payload_is_always_a_text (void)
{
  g_autoptr (GBytes) good = g_bytes_new_static ("na\xc3\xafve", 6);
  g_autoptr (GBytes) bad = g_bytes_new_static ("a\xff\0b\xc3", 5);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);

  assert_taken_text (wsi_payload_to_text (good), "na\xc3\xafve");
  assert_taken_text (wsi_payload_to_text (bad), "a\xef\xbf\xbd\xe2\x90\x80" "b\xef\xbf\xbd");
  assert_taken_text (wsi_payload_to_text (empty), "");
}

static void
assert_json (const char *payload,
             gsize       size,
             const char *expected)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (payload, size);
  g_autoptr (GError) error = NULL;
  g_autofree char *json = wsi_payload_to_json (bytes, &error);

  g_assert_cmpstr (json, ==, expected);
  if (expected == NULL)
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  else
    g_assert_no_error (error);
}

static void
test_payload_is_indented_as_json (void)
{
  assert_json ("{\"a\":[1,2],\"b\":null}", 20,
               "{\n  \"a\" : [\n    1,\n    2\n  ],\n  \"b\" : null\n}");
  assert_json ("hello", 5, NULL);
  assert_json ("{\"a\":", 5, NULL);
  assert_json ("", 0, NULL);
  assert_json ("  ", 2, NULL);
  assert_json ("\xff", 1, NULL);
}

/* A parser that recurses would end the program. */
static void
test_payload_survives_deep_json (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);

  for (guint i = 0; i < 1000 * 1000; i++)
    g_string_append_c (deep, '[');
  assert_json (deep->str, deep->len, NULL);

  /* Brackets in a text are no depth. */
  g_string_truncate (deep, 300);
  g_string_prepend (deep, "[\"\\\"");
  g_string_append (deep, "\"]");
  {
    g_autoptr (GBytes) bytes = g_bytes_new (deep->str, deep->len);
    g_autofree char *json = wsi_payload_to_json (bytes, NULL);

    g_assert_nonnull (json);
  }
}

static void
test_payload_is_shown_in_hex (void)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static ("0123456789abcdef\n\xff", 18);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);

  assert_taken_text (wsi_payload_to_hex (bytes),
                     "00000000  30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  "
                     "0123456789abcdef\n"
                     "00000010  0a ff                                             ..");
  assert_taken_text (wsi_payload_to_hex (empty), "");
}

static void
test_payload_in_hex_has_an_end (void)
{
  g_autofree char *zeros = g_malloc0 (70000);
  g_autoptr (GBytes) bytes = g_bytes_new (zeros, 70000);
  g_autofree char *hex = wsi_payload_to_hex (bytes);

  g_assert_nonnull (strstr (hex, "\n0000fff0 "));
  g_assert_null (strstr (hex, "\n00010000 "));
  g_assert_nonnull (strstr (hex, "\n… and "));
}

static void
assert_preview (guint       opcode,
                const char *payload,
                const char *expected)
{
  g_autoptr (WsiFrame) frame = make_frame (WSI_DIRECTION_INCOMING, opcode, payload);

  assert_taken_text (wsi_payload_to_preview (frame, 10), expected);
}

static void
test_payload_has_a_preview_of_one_line (void)
{
  assert_preview (1, NULL, NULL);
  assert_preview (1, "", "");
  assert_preview (1, "0123456789", "0123456789");
  assert_preview (1, "0123456789a", "0123456789…");
  assert_preview (1, "a\nb\tc\xe2\x80\xae" "d", "a b c d");
  assert_preview (8, "\x03\xe9" "bye", "1001 bye");
  assert_preview (8, "\x03\xe9", "1001");
  assert_preview (8, "\x03", "");
  assert_preview (2, "\x01\xff", "01 ff");
  assert_preview (2, "\x01\xff\x7f\x20", "01 ff 7f …");
}

static void
test_tail_follows_what_is_added (void)
{
  g_autoptr (GtkAdjustment) adjustment =
    g_object_ref_sink (gtk_adjustment_new (0.0, 0.0, 100.0, 1.0, 10.0, 100.0));
  g_autoptr (WsiTail) tail = wsi_tail_new (adjustment);

  g_assert_true (wsi_tail_get_pinned (tail));
  gtk_adjustment_set_upper (adjustment, 500.0);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 400.0);
  g_assert_true (wsi_tail_get_pinned (tail));
}

static void
test_tail_stays_where_a_person_scrolled (void)
{
  g_autoptr (GtkAdjustment) adjustment =
    g_object_ref_sink (gtk_adjustment_new (400.0, 0.0, 500.0, 1.0, 10.0, 100.0));
  g_autoptr (WsiTail) tail = wsi_tail_new (adjustment);
  guint n_times = 0;

  g_signal_connect_swapped (tail, "notify::pinned", G_CALLBACK (count_cb), &n_times);

  gtk_adjustment_set_value (adjustment, 200.0);
  g_assert_false (wsi_tail_get_pinned (tail));
  gtk_adjustment_set_upper (adjustment, 900.0);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 200.0);
  g_assert_cmpuint (n_times, ==, 1);

  /* Back at the end by hand, and away and back by the button. */
  gtk_adjustment_set_value (adjustment, 799.0);
  g_assert_true (wsi_tail_get_pinned (tail));
  gtk_adjustment_set_value (adjustment, 0.0);
  g_assert_cmpuint (n_times, ==, 3);
  wsi_tail_set_pinned (tail, TRUE);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 800.0);
  wsi_tail_set_pinned (tail, TRUE);
  g_assert_cmpuint (n_times, ==, 4);
}

/* A full list keeps its length: it loses as much at its beginning as it gains, and moves. */
static void
test_tail_tells_a_full_list_from_scrolling (void)
{
  g_autoptr (GtkAdjustment) adjustment =
    g_object_ref_sink (gtk_adjustment_new (400.0, 0.0, 500.0, 1.0, 10.0, 100.0));
  g_autoptr (WsiTail) tail = wsi_tail_new (adjustment);

  wsi_tail_unsettle (tail);
  gtk_adjustment_configure (adjustment, 300.0, 0.0, 500.0, 1.0, 10.0, 100.0);
  wsi_tail_settle (tail);
  g_assert_true (wsi_tail_get_pinned (tail));
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 400.0);

  gtk_adjustment_set_value (adjustment, 300.0);
  g_assert_false (wsi_tail_get_pinned (tail));
  wsi_tail_unsettle (tail);
  gtk_adjustment_configure (adjustment, 250.0, 0.0, 500.0, 1.0, 10.0, 100.0);
  wsi_tail_settle (tail);
  g_assert_false (wsi_tail_get_pinned (tail));
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), ==, 250.0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/frame-filter/wants-everything-at-first",
                   test_filter_wants_everything_at_first);
  g_test_add_func ("/frame-filter/finds-a-text-without-regard-to-case",
                   test_filter_finds_a_text_without_regard_to_case);
  g_test_add_func ("/frame-filter/takes-a-regular-expression",
                   test_filter_takes_a_regular_expression);
  g_test_add_func ("/frame-filter/keeps-the-last-good-expression",
                   test_filter_keeps_the_last_good_expression);
  g_test_add_func ("/frame-filter/chooses-direction-and-opcodes",
                   test_filter_chooses_direction_and_opcodes);
  g_test_add_func ("/frame-filter/does-not-notify-when-nothing-changes",
                   test_filter_does_not_notify_when_nothing_changes);
  g_test_add_func ("/payload/is-always-a-text", test_payload_is_always_a_text);
  g_test_add_func ("/payload/is-indented-as-json", test_payload_is_indented_as_json);
  g_test_add_func ("/payload/survives-deep-json", test_payload_survives_deep_json);
  g_test_add_func ("/payload/is-shown-in-hex", test_payload_is_shown_in_hex);
  g_test_add_func ("/payload/in-hex-has-an-end", test_payload_in_hex_has_an_end);
  g_test_add_func ("/payload/has-a-preview-of-one-line", test_payload_has_a_preview_of_one_line);
  g_test_add_func ("/tail/follows-what-is-added", test_tail_follows_what_is_added);
  g_test_add_func ("/tail/stays-where-a-person-scrolled",
                   test_tail_stays_where_a_person_scrolled);
  g_test_add_func ("/tail/tells-a-full-list-from-scrolling",
                   test_tail_tells_a_full_list_from_scrolling);

  return g_test_run ();
}
