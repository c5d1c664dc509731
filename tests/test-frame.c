/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsm-frame-private.h"

static void
test_frame_tells_what_passed (void)
{
  static const char payload[] = "hello";
  g_autoptr (WsmFrame) frame = wsm_frame_new ();

  g_assert_null (wsm_frame_get_payload (frame));

  frame->time_us = 1234;
  frame->direction = WSM_DIRECTION_OUTGOING;
  frame->opcode = 9;
  frame->final = TRUE;
  frame->compressed = TRUE;
  frame->length = G_MAXUINT64;
  frame->wire_length = 11;
  frame->payload = g_bytes_new_static (payload, sizeof payload);

  g_assert_cmpint (wsm_frame_get_time (frame), ==, 1234);
  g_assert_cmpint (wsm_frame_get_direction (frame), ==, WSM_DIRECTION_OUTGOING);
  g_assert_cmpuint (wsm_frame_get_opcode (frame), ==, 9);
  g_assert_true (wsm_frame_is_final (frame));
  g_assert_true (wsm_frame_is_compressed (frame));
  g_assert_cmpuint (wsm_frame_get_length (frame), ==, G_MAXUINT64);
  g_assert_cmpuint (wsm_frame_get_wire_length (frame), ==, 11);
  g_assert_true (g_bytes_get_data (wsm_frame_get_payload (frame), NULL) == payload);
}

/* A copy is the same memory, and outlives the original. */
static void
test_frame_is_shared_by_its_copies (void)
{
  WsmFrame *frame = wsm_frame_new ();
  g_auto (GValue) value = G_VALUE_INIT;
  WsmFrame *copy;

  frame->opcode = 2;
  frame->payload = g_bytes_new ("x", 1);

  g_value_init (&value, WSM_TYPE_FRAME);
  g_value_set_boxed (&value, frame);
  copy = g_value_get_boxed (&value);
  g_assert_true (copy == frame);

  wsm_frame_free (frame);
  g_assert_cmpuint (wsm_frame_get_opcode (copy), ==, 2);
  g_assert_cmpuint (g_bytes_get_size (wsm_frame_get_payload (copy)), ==, 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/frame/tells-what-passed", test_frame_tells_what_passed);
  g_test_add_func ("/frame/is-shared-by-its-copies", test_frame_is_shared_by_its_copies);

  return g_test_run ();
}
