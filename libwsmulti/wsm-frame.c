/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-frame-private.h"

/**
 * WsmFrame:
 *
 * One WebSocket frame as it passed by.
 *
 * A frame is made only while somebody listens to [signal@Wsm.Connection::frame]. It is never
 * changed afterwards, and copies share it.
 *
 * ```c
 * static void
 * on_frame (WsmConnection  *connection,
 *           const WsmFrame *frame,
 *           gpointer        user_data)
 * {
 *   g_print ("%s opcode %u, %" G_GUINT64_FORMAT " bytes\n",
 *            wsm_frame_get_direction (frame) == WSM_DIRECTION_INCOMING ? "<" : ">",
 *            wsm_frame_get_opcode (frame),
 *            wsm_frame_get_length (frame));
 * }
 * ```
 *
 * Since: 0.1
 */

G_DEFINE_BOXED_TYPE (WsmFrame, wsm_frame, wsm_frame_copy, wsm_frame_free)

/* The caller fills the fields before anybody else sees the frame. */
WsmFrame *
wsm_frame_new (void)
{
  WsmFrame *self = g_new0 (WsmFrame, 1);

  g_atomic_ref_count_init (&self->ref_count);

  return self;
}

/**
 * wsm_frame_copy:
 * @self: a frame
 *
 * Takes another reference to a frame.
 *
 * Returns: (transfer full): the same frame
 *
 * Since: 0.1
 */
WsmFrame *
wsm_frame_copy (const WsmFrame *self)
{
  WsmFrame *shared = (WsmFrame *) self;

  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&shared->ref_count);

  return shared;
}

/**
 * wsm_frame_free:
 * @self: (transfer full): a frame
 *
 * Drops a reference to a frame; the last one frees it.
 *
 * Since: 0.1
 */
void
wsm_frame_free (WsmFrame *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->payload, g_bytes_unref);
  g_free (self);
}

/**
 * wsm_frame_get_time:
 * @self: a frame
 *
 * Gets the monotonic time, in microseconds, at which the frame was seen.
 *
 * Returns: a time on the scale of [func@GLib.get_monotonic_time]
 *
 * Since: 0.1
 */
gint64
wsm_frame_get_time (const WsmFrame *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->time_us;
}

/**
 * wsm_frame_get_direction:
 * @self: a frame
 *
 * Gets which way the frame went.
 *
 * Returns: the direction
 *
 * Since: 0.1
 */
WsmDirection
wsm_frame_get_direction (const WsmFrame *self)
{
  g_return_val_if_fail (self != NULL, WSM_DIRECTION_INCOMING);

  return self->direction;
}

/**
 * wsm_frame_get_opcode:
 * @self: a frame
 *
 * Gets the opcode of the frame, as RFC 6455, section 5.2, numbers it.
 *
 * 0 is a continuation, 1 a text, 2 binary data, 8 a close, 9 a ping and 10 a pong.
 *
 * Returns: a number from 0 to 15
 *
 * Since: 0.1
 */
guint
wsm_frame_get_opcode (const WsmFrame *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->opcode;
}

/**
 * wsm_frame_is_final:
 * @self: a frame
 *
 * Tells whether the frame ends its message.
 *
 * Returns: `FALSE` if continuation frames follow
 *
 * Since: 0.1
 */
gboolean
wsm_frame_is_final (const WsmFrame *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->final;
}

/**
 * wsm_frame_is_compressed:
 * @self: a frame
 *
 * Tells whether the frame travels compressed.
 *
 * Returns: `TRUE` if it does
 *
 * Since: 0.1
 */
gboolean
wsm_frame_is_compressed (const WsmFrame *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->compressed;
}

/**
 * wsm_frame_get_length:
 * @self: a frame
 *
 * Gets the length of the payload in bytes, whether it was captured or not.
 *
 * Returns: the number of bytes
 *
 * Since: 0.1
 */
guint64
wsm_frame_get_length (const WsmFrame *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->length;
}

/**
 * wsm_frame_get_wire_length:
 * @self: a frame
 *
 * Gets the length of header and payload in bytes, as they travel.
 *
 * Returns: the number of bytes
 *
 * Since: 0.1
 */
guint64
wsm_frame_get_wire_length (const WsmFrame *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->wire_length;
}

/**
 * wsm_frame_get_payload:
 * @self: a frame
 *
 * Gets the captured payload.
 *
 * It may be shorter than [method@Wsm.Frame.get_length] says, because a capture has a limit.
 *
 * Returns: (transfer none) (nullable): the bytes, or `NULL` while capture is off
 *
 * Since: 0.1
 */
GBytes *
wsm_frame_get_payload (const WsmFrame *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->payload;
}
