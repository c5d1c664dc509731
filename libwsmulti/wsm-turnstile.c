/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-turnstile.h"

#include "wsm-stream-source.h"

/*
 * WsmTurnstile:
 *
 * Lets so many sockets have their readers called in one turn of a main loop.
 *
 * A server that dies ends thousands of streams in one moment, and GLib calls all whose sockets
 * are ready before it looks at a timer again. The sources made here are ready only while there
 * is room in the present turn. Those that had to stay behind come next: until each of them was
 * let through, nobody is for a second time.
 */
struct _WsmTurnstile
{
  gatomicrefcount ref_count; /* TLS says good-bye in a thread, the last to let go perhaps */

  guint64 round;     /* the present one; it ends when nobody stays behind */
  guint n_passed;    /* in the present turn */
  guint n_behind;    /* likewise */
  gboolean is_over;  /* the present turn, once its sources are prepared anew */
};

typedef struct
{
  WsmStreamSource source; /* of the reader, who keeps its socket */

  WsmTurnstile *turnstile; /* (owned) */
  WsmTurnstilePass *pass;  /* (unowned): of the reader */
  GPollFD poll_fd; /* one that is not GLib's own, which is ready whatever the source says */
} WsmTurnstileSource;

static void
wsm_turnstile_begin_turn (WsmTurnstile *self)
{
  if (!self->is_over)
    return;

  self->is_over = FALSE;
  if (self->n_behind == 0)
    self->round++;
  self->n_passed = 0;
  self->n_behind = 0;
}

static gboolean
wsm_turnstile_source_prepare (GSource *source,
                              int     *timeout_ms)
{
  *timeout_ms = -1;
  wsm_turnstile_begin_turn (((WsmTurnstileSource *) source)->turnstile);

  return FALSE;
}

static gboolean
wsm_turnstile_source_check (GSource *source)
{
  WsmTurnstileSource *self = (WsmTurnstileSource *) source;
  WsmTurnstile *turnstile = self->turnstile;

  turnstile->is_over = TRUE;
  if (self->poll_fd.revents == 0 || *self->pass == turnstile->round)
    return FALSE;
  if (turnstile->n_passed == WSM_TURNSTILE_MAX_PER_TURN)
    {
      turnstile->n_behind++;
      return FALSE;
    }

  turnstile->n_passed++;
  *self->pass = turnstile->round;

  return TRUE;
}

static void
wsm_turnstile_source_finalize (GSource *source)
{
  WsmTurnstileSource *self = (WsmTurnstileSource *) source;

  g_clear_pointer (&self->turnstile, wsm_turnstile_unref);
  wsm_stream_source_clear (source);
}

static GSourceFuncs wsm_turnstile_source_funcs = {
  .prepare = wsm_turnstile_source_prepare,
  .check = wsm_turnstile_source_check,
  .dispatch = wsm_stream_source_dispatch,
  .finalize = wsm_turnstile_source_finalize,
  .closure_callback = G_SOURCE_FUNC (wsm_stream_source_closure_cb),
};

WsmTurnstile *
wsm_turnstile_new (void)
{
  WsmTurnstile *self = g_new0 (WsmTurnstile, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->round = 1;

  return self;
}

WsmTurnstile *
wsm_turnstile_ref (WsmTurnstile *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
wsm_turnstile_unref (WsmTurnstile *self)
{
  g_return_if_fail (self != NULL);

  if (g_atomic_ref_count_dec (&self->ref_count))
    g_free (self);
}

/*
 * wsm_turnstile_create_source:
 * @reader: (transfer none): a stream, with which the source's callback is called
 * @pass: of the reader
 * @socket: without a time-out; the reader keeps it
 *
 * Makes a pollable source: ready when there is something to read, or an end, and room in the
 * turn. Its sources may be in several main contexts; a turn is one of any of them.
 */
GSource *
wsm_turnstile_create_source (WsmTurnstile     *self,
                             GObject          *reader,
                             WsmTurnstilePass *pass,
                             GSocket          *socket)
{
  GSource *source = wsm_stream_source_new (&wsm_turnstile_source_funcs,
                                           sizeof (WsmTurnstileSource), reader);
  WsmTurnstileSource *turnstile_source = (WsmTurnstileSource *) source;

  g_source_set_static_name (source, "[wsm] turnstile");
  turnstile_source->turnstile = wsm_turnstile_ref (self);
  turnstile_source->pass = pass;
  turnstile_source->poll_fd.fd = g_socket_get_fd (socket);
  turnstile_source->poll_fd.events = G_IO_IN | G_IO_HUP | G_IO_ERR;
  g_source_add_poll (source, &turnstile_source->poll_fd);

  return source;
}
