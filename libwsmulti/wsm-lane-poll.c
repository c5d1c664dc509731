/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-lane-poll.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#if HAVE_EPOLL
#include <sys/epoll.h>
#else
/* Where there is none, no lane is ever made, and the pool's own context is enough. */
#define EPOLL_CLOEXEC 0
#define EPOLL_CTL_ADD 1
#define EPOLL_CTL_DEL 2
#define EPOLL_CTL_MOD 3
#define EPOLLET 0

struct epoll_event
{
  guint32 events;
  union
  {
    int fd;
  } data;
};

static int
epoll_create1 (int flags)
{
  return -1;
}

static int
epoll_ctl (int                 poll,
           int                 operation,
           int                 fd,
           struct epoll_event *event)
{
  return -1;
}

static int
epoll_wait (int                 poll,
            struct epoll_event *events,
            int                 max_events,
            int                 timeout_ms)
{
  return -1;
}
#endif

/* So many are heard of in one call; the others come first in the next. */
#define MAX_EVENTS 256

/* What a new lane opens for itself: GLib ends the program where it cannot. With one to spare. */
#define N_FDS_OF_A_LANE 3

/* Each thing once: what has arrived, that there is room again, and the end. */
#define EVENTS_KEPT (G_IO_IN | G_IO_OUT | WSM_LANE_SOCKET_SHUT | EPOLLET)

/* So often in a row a descriptor is taken for writable that was not asked about. */
#define MAX_PRESUMED 6

/*
 * WsmLanePoll:
 *
 * An epoll descriptor, and whose each descriptor in it is.
 *
 * A descriptor belongs to whoever asked for it last. It may be closed and its number be given out
 * again before its first owner says that it is done with: then it is another's, and stays.
 *
 * That something can be written is true nearly always, and libsoup asks for it whenever it has a
 * frame. So the answer is first given without asking; only who still wants to write then, and
 * could not, is worth two calls of the system.
 *
 * A socket that is kept is in the set for as long as it is, and the system is not called for it
 * any more.
 */
struct _WsmLanePoll
{
  int fd;          /* (owned) */
  GArray *entries; /* (owned) (element-type WsmLanePollEntry): by number of the descriptor */
  guint round;     /* of setting what an owner waits for */
};

typedef struct
{
  gpointer owner;      /* (unowned) (nullable) */
  WsmLaneSocket *kept; /* (unowned) (nullable) */
  gushort wanted; /* of the system; 0 = is not in the set */
  gushort ready;  /* and not yet told */
  guint n_presumed;
  guint round;    /* in which it was wanted last */
} WsmLanePollEntry;

/* NULL where no more descriptors can be had. */
WsmLanePoll *
wsm_lane_poll_new (void)
{
  WsmLanePoll *self;
  int fd = epoll_create1 (EPOLL_CLOEXEC);

  if (fd < 0)
    return NULL;

  self = g_new0 (WsmLanePoll, 1);
  self->fd = fd;
  self->entries = g_array_new (FALSE, TRUE, sizeof (WsmLanePollEntry));

  return self;
}

void
wsm_lane_poll_free (WsmLanePoll *self)
{
  g_return_if_fail (self != NULL);

  close (self->fd);
  g_array_unref (self->entries);
  g_free (self);
}

/* Readable when something is ready. */
int
wsm_lane_poll_get_fd (WsmLanePoll *self)
{
  g_return_val_if_fail (self != NULL, -1);

  return self->fd;
}

/* Whether the process may still open what one more lane needs. */
gboolean
wsm_lane_poll_has_room (WsmLanePoll *self)
{
  int fds[N_FDS_OF_A_LANE];
  guint n_opened = 0;

  g_return_val_if_fail (self != NULL, FALSE);

  while (n_opened < N_FDS_OF_A_LANE &&
         (fds[n_opened] = fcntl (self->fd, F_DUPFD_CLOEXEC, 0)) >= 0)
    n_opened++;
  for (guint i = 0; i < n_opened; i++)
    close (fds[i]);

  return n_opened == N_FDS_OF_A_LANE;
}

static WsmLanePollEntry *
wsm_lane_poll_find (WsmLanePoll *self,
                    int          number)
{
  if ((guint) number >= self->entries->len)
    g_array_set_size (self->entries, (guint) number + 1);

  return &g_array_index (self->entries, WsmLanePollEntry, number);
}

/* One that was closed and not let go of is nobody's: the system has forgotten it by itself. */
static WsmLaneSocket *
wsm_lane_poll_entry_get_kept (WsmLanePollEntry *entry)
{
  if (entry->kept != NULL && wsm_lane_socket_is_closed (entry->kept))
    *entry = (WsmLanePollEntry) { NULL };

  return entry->kept;
}

/* Asks without waiting; the function may be called more than once for an owner. What did not fit
 * in keeps the descriptor readable. */
void
wsm_lane_poll_wait (WsmLanePoll     *self,
                    WsmLanePollFunc  func,
                    gpointer         user_data)
{
  struct epoll_event events[MAX_EVENTS];
  int n_events;

  g_return_if_fail (self != NULL);

  n_events = epoll_wait (self->fd, events, MAX_EVENTS, 0);
  for (int i = 0; i < n_events; i++)
    {
      WsmLanePollEntry *entry = wsm_lane_poll_find (self, events[i].data.fd);

      if (entry->owner == NULL)
        continue;
      /* The bits of epoll are those of poll, which are GLib's. */
      if (entry->kept != NULL)
        wsm_lane_socket_note_ready (entry->kept, events[i].events);
      else
        entry->ready |= (gushort) events[i].events;
      func (entry->owner, user_data);
    }
}

static gushort
wsm_lane_poll_get_known (WsmLaneSocket *kept)
{
  gushort known = 0;

  if (wsm_lane_socket_is_ready (kept, G_IO_IN))
    known |= G_IO_IN;
  if (wsm_lane_socket_is_ready (kept, G_IO_OUT))
    known |= G_IO_OUT;

  return known;
}

/*
 * wsm_lane_poll_answer:
 * @fds: what @owner's context asks about; filled in is what is known
 * @may_presume: whether nobody there has to know exactly if something can be written
 */
void
wsm_lane_poll_answer (WsmLanePoll *self,
                      gpointer     owner,
                      GPollFD     *fds,
                      guint        n_fds,
                      gboolean     may_presume)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < n_fds; i++)
    {
      WsmLanePollEntry *entry = wsm_lane_poll_find (self, fds[i].fd);
      WsmLaneSocket *kept = wsm_lane_poll_entry_get_kept (entry);
      gushort known = 0;

      if (kept != NULL)
        {
          known = wsm_lane_poll_get_known (kept);
        }
      else if (entry->owner == owner)
        {
          known = entry->ready;
          entry->ready = 0;
        }
      if (may_presume && (fds[i].events & G_IO_OUT) != 0 && entry->owner == owner &&
          (entry->wanted & G_IO_OUT) == 0 && entry->n_presumed < MAX_PRESUMED)
        {
          known |= G_IO_OUT;
          entry->n_presumed++;
        }
      fds[i].revents = known & (fds[i].events | G_IO_ERR | G_IO_HUP | G_IO_NVAL);
    }
}

static gboolean
wsm_lane_poll_want (WsmLanePoll      *self,
                    WsmLanePollEntry *entry,
                    int               number,
                    guint             events)
{
  struct epoll_event event = { .events = events, .data.fd = number };
  int operation = entry->wanted != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

  /* Another file may have the number now, which epoll then does not know yet. */
  if (epoll_ctl (self->fd, operation, number, &event) == 0)
    return TRUE;
  if (errno != ENOENT && errno != EEXIST)
    return FALSE;
  operation = errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;

  return epoll_ctl (self->fd, operation, number, &event) == 0;
}

static void
wsm_lane_poll_drop (WsmLanePoll *self,
                    gpointer     owner,
                    int          number)
{
  WsmLanePollEntry *entry = wsm_lane_poll_find (self, number);

  if (entry->owner != owner || wsm_lane_poll_entry_get_kept (entry) != NULL)
    return;

  /* Closing a descriptor has taken it out before; that is no error. */
  epoll_ctl (self->fd, EPOLL_CTL_DEL, number, NULL);
  *entry = (WsmLanePollEntry) { NULL };
}

/*
 * wsm_lane_poll_set_fds:
 * @numbers: (element-type int) (inout): of @owner, from the last time to the next
 * @fds: all that @owner waits for now
 * @may_be_new: whether a number in @fds may stand for another file than the last time
 */
void
wsm_lane_poll_set_fds (WsmLanePoll   *self,
                       gpointer       owner,
                       GArray        *numbers,
                       const GPollFD *fds,
                       guint          n_fds,
                       gboolean       may_be_new)
{
  g_return_if_fail (self != NULL);

  self->round++;
  for (guint i = 0; i < n_fds; i++)
    {
      WsmLanePollEntry *entry = wsm_lane_poll_find (self, fds[i].fd);

      if (wsm_lane_poll_entry_get_kept (entry) != NULL)
        continue;
      entry->round = self->round;
      if (entry->owner != owner)
        entry->ready = 0;
      if (may_be_new || entry->owner != owner || entry->wanted != fds[i].events)
        wsm_lane_poll_want (self, entry, fds[i].fd, fds[i].events);
      if ((fds[i].events & G_IO_OUT) == 0)
        entry->n_presumed = 0;
      entry->owner = owner;
      entry->wanted = fds[i].events;
    }

  for (guint i = 0; i < numbers->len; i++)
    {
      int number = g_array_index (numbers, int, i);

      if (wsm_lane_poll_find (self, number)->round != self->round)
        wsm_lane_poll_drop (self, owner, number);
    }

  g_array_set_size (numbers, 0);
  for (guint i = 0; i < n_fds; i++)
    g_array_append_val (numbers, fds[i].fd);
}

/* The owner goes. */
void
wsm_lane_poll_forget (WsmLanePoll *self,
                      gpointer     owner,
                      GArray      *numbers)
{
  g_return_if_fail (self != NULL);

  for (guint i = 0; i < numbers->len; i++)
    wsm_lane_poll_drop (self, owner, g_array_index (numbers, int, i));
  g_array_set_size (numbers, 0);
}

/*
 * wsm_lane_poll_keep:
 * @socket: open; stays until it is let go of
 *
 * Returns: whether the system has room for it
 */
gboolean
wsm_lane_poll_keep (WsmLanePoll   *self,
                    gpointer       owner,
                    WsmLaneSocket *socket)
{
  int number;
  WsmLanePollEntry *entry;

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (socket != NULL, FALSE);

  number = wsm_lane_socket_get_fd (socket);
  entry = wsm_lane_poll_find (self, number);
  if (!wsm_lane_poll_want (self, entry, number, EVENTS_KEPT))
    return FALSE;
  *entry = (WsmLanePollEntry) { .owner = owner, .kept = socket };

  return TRUE;
}

void
wsm_lane_poll_let_go (WsmLanePoll   *self,
                      WsmLaneSocket *socket)
{
  int number;
  WsmLanePollEntry *entry;

  g_return_if_fail (self != NULL);
  g_return_if_fail (socket != NULL);

  number = wsm_lane_socket_get_fd (socket);
  entry = wsm_lane_poll_find (self, number);
  if (entry->kept != socket)
    return;

  if (!wsm_lane_socket_is_closed (socket))
    epoll_ctl (self->fd, EPOLL_CTL_DEL, number, NULL);
  *entry = (WsmLanePollEntry) { NULL };
}

/* NULL where the number is that of something else. */
WsmLaneSocket *
wsm_lane_poll_find_kept (WsmLanePoll *self,
                         int          number)
{
  g_return_val_if_fail (self != NULL, NULL);

  return wsm_lane_poll_entry_get_kept (wsm_lane_poll_find (self, number));
}
