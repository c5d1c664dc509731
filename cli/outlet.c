/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * WsmCliOutlet:
 *
 * Writes texts to a pipe, a terminal or a file, and never waits for whoever reads them.
 *
 * What cannot be written at once waits, up to a bound; above that the oldest lines are dropped,
 * and a line in their place says how many. So beats go on while a pager shows its first page.
 */

/* Ten thousand connections that all change their state at once are a tenth of it. */
#define MAX_WAITING_BYTES (16 * 1024 * 1024)

struct _WsmCliOutlet
{
  GObject parent_instance;

  WsmCliOutletNotice notice;
  gpointer user_data; /* (unowned) */

  int descriptor;
  gboolean owns_descriptor;
  gboolean is_socket;
  gboolean is_careful; /* a write may block, so ask first, and write no more than a pipe takes */

  GQueue waiting; /* (owned) (element-type utf8, owned): the oldest first */
  gsize n_waiting_bytes;
  guint64 n_dropped; /* lines, between what was begun and what waits */

  char *begun;         /* (owned) (nullable): the text that is being written */
  gsize n_begun_bytes; /* in it; they may be many, and are counted once */
  gsize position;      /* how much of it is written */

  GSource *room;    /* (owned) (nullable): there can be written again; while something waits */
  GSource *hang_up; /* (owned) (nullable): nobody can read any more */

  gboolean keeps_all;
  gboolean is_lost;
};

typedef enum
{
  SIGNAL_LOST,
} WsmCliOutletSignal;

static guint signals[SIGNAL_LOST + 1];

G_DEFINE_FINAL_TYPE (WsmCliOutlet, wsm_cli_outlet, G_TYPE_OBJECT)

static guint64
wsm_cli_outlet_count_lines (const char *text)
{
  guint64 n_lines = 0;

  for (const char *end = strchr (text, '\n'); end != NULL; end = strchr (end + 1, '\n'))
    n_lines++;

  return n_lines;
}

static void
wsm_cli_outlet_clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
wsm_cli_outlet_forget (WsmCliOutlet *self)
{
  g_queue_clear_full (&self->waiting, g_free);
  self->n_waiting_bytes = 0;
  self->n_dropped = 0;
  g_clear_pointer (&self->begun, g_free);
}

static void
wsm_cli_outlet_lose (WsmCliOutlet *self)
{
  if (self->is_lost)
    return;

  self->is_lost = TRUE;
  wsm_cli_outlet_clear_source (&self->room);
  wsm_cli_outlet_clear_source (&self->hang_up);
  wsm_cli_outlet_forget (self);
  g_signal_emit (self, signals[SIGNAL_LOST], 0);
}

static gboolean
wsm_cli_outlet_has_room (WsmCliOutlet *self)
{
  struct pollfd asked = { .fd = self->descriptor, .events = POLLOUT };

  return poll (&asked, 1, 0) > 0;
}

/* GIO has the process ignore SIGPIPE, so that it is an error that tells of a broken pipe. */
static gssize
wsm_cli_outlet_write_some (WsmCliOutlet *self,
                           const char   *text,
                           gsize         size)
{
  if (self->is_socket)
    return send (self->descriptor, text, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!self->is_careful)
    return write (self->descriptor, text, size);

  if (wsm_cli_outlet_has_room (self))
    return write (self->descriptor, text, MIN (size, (gsize) _POSIX_PIPE_BUF));

  errno = EAGAIN;
  return -1;
}

/* The gap comes before what waits, because it was the oldest that had to go. */
static gboolean
wsm_cli_outlet_begin_next (WsmCliOutlet *self)
{
  self->position = 0;
  g_clear_pointer (&self->begun, g_free);

  if (self->n_dropped > 0)
    {
      self->begun = self->notice (self->n_dropped, self->user_data);
      self->n_dropped = 0;
      self->n_begun_bytes = strlen (self->begun);
      return TRUE;
    }

  self->begun = g_queue_pop_head (&self->waiting);
  if (self->begun == NULL)
    return FALSE;

  self->n_begun_bytes = strlen (self->begun);
  self->n_waiting_bytes -= self->n_begun_bytes;

  return TRUE;
}

/* Returns whether something has to wait. */
static gboolean
wsm_cli_outlet_push (WsmCliOutlet *self)
{
  while (!self->is_lost && (self->begun != NULL || wsm_cli_outlet_begin_next (self)))
    {
      gsize size = self->n_begun_bytes - self->position;
      gssize n_written = size > 0 ? wsm_cli_outlet_write_some (self, self->begun + self->position,
                                                               size)
                                  : 0;

      if (n_written < 0 && errno == EINTR)
        continue;
      if (n_written < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        return TRUE;
      if (n_written < 0)
        wsm_cli_outlet_lose (self);
      else if ((gsize) n_written == size)
        g_clear_pointer (&self->begun, g_free);
      else
        self->position += (gsize) n_written;
    }

  return FALSE;
}

static gboolean
wsm_cli_outlet_room_cb (int          descriptor,
                        GIOCondition condition,
                        gpointer     user_data)
{
  WsmCliOutlet *self = user_data;

  if (wsm_cli_outlet_push (self))
    return G_SOURCE_CONTINUE;

  wsm_cli_outlet_clear_source (&self->room);

  return G_SOURCE_REMOVE;
}

static gboolean
wsm_cli_outlet_hang_up_cb (int          descriptor,
                           GIOCondition condition,
                           gpointer     user_data)
{
  wsm_cli_outlet_lose (user_data);

  return G_SOURCE_REMOVE;
}

static GSource *
wsm_cli_outlet_add_source (WsmCliOutlet      *self,
                           GIOCondition       condition,
                           const char        *name,
                           GUnixFDSourceFunc  callback)
{
  GSource *source = g_unix_fd_source_new (self->descriptor, condition);

  g_source_set_static_name (source, name);
  g_source_set_callback (source, G_SOURCE_FUNC (callback), self, NULL);
  g_source_attach (source, NULL);

  return source;
}

/*
 * Whether a write blocks is told of an open file, which others may have in common with us: the
 * shell has the terminal. So it is opened once more, and only ours does not block. What cannot be
 * opened once more is a socket, or belongs to somebody else.
 */
static void
wsm_cli_outlet_open (WsmCliOutlet *self,
                     int           descriptor)
{
  g_autofree char *path = g_strdup_printf ("/proc/self/fd/%d", descriptor);
  struct stat facts;
  int opened;

  self->descriptor = descriptor;
  /* A file takes whatever the disk takes. */
  if (fstat (descriptor, &facts) != 0 || S_ISREG (facts.st_mode))
    return;

  self->is_socket = S_ISSOCK (facts.st_mode);
  if (!self->is_socket)
    {
      opened = open (path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
      self->is_careful = opened < 0;
      self->owns_descriptor = opened >= 0;
      if (opened >= 0)
        self->descriptor = opened;
    }

  self->hang_up = wsm_cli_outlet_add_source (self, G_IO_ERR | G_IO_HUP, "[wsmulti] hang-up",
                                             wsm_cli_outlet_hang_up_cb);
}

static void
wsm_cli_outlet_finalize (GObject *object)
{
  WsmCliOutlet *self = WSM_CLI_OUTLET (object);

  wsm_cli_outlet_clear_source (&self->room);
  wsm_cli_outlet_clear_source (&self->hang_up);
  wsm_cli_outlet_forget (self);
  if (self->owns_descriptor)
    close (self->descriptor);

  G_OBJECT_CLASS (wsm_cli_outlet_parent_class)->finalize (object);
}

static void
wsm_cli_outlet_class_init (WsmCliOutletClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = wsm_cli_outlet_finalize;

  /**
   * WsmCliOutlet::lost:
   * @self: the outlet
   *
   * Emitted once, when nobody can read any more. It is not the moment to let go of the outlet.
   */
  signals[SIGNAL_LOST] =
    g_signal_new ("lost", WSM_CLI_TYPE_OUTLET, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);
}

static void
wsm_cli_outlet_init (WsmCliOutlet *self)
{
  g_queue_init (&self->waiting);
}

/**
 * wsm_cli_outlet_new:
 * @descriptor: where to write; it stays open, and whether others block there stays as it is
 * @notice: (scope notified): says that lines were dropped
 * @user_data: for @notice
 *
 * Makes an outlet, for the default main context.
 *
 * Returns: (transfer full): an outlet
 */
WsmCliOutlet *
wsm_cli_outlet_new (int                 descriptor,
                    WsmCliOutletNotice  notice,
                    gpointer            user_data)
{
  WsmCliOutlet *self = g_object_new (WSM_CLI_TYPE_OUTLET, NULL);

  self->notice = notice;
  self->user_data = user_data;
  wsm_cli_outlet_open (self, descriptor);

  return self;
}

/**
 * wsm_cli_outlet_write:
 * @self: an outlet
 * @text: whole lines, UTF-8
 *
 * Writes at once, if that is possible, and otherwise as soon as it is.
 */
void
wsm_cli_outlet_write (WsmCliOutlet *self,
                      const char   *text)
{
  if (self->is_lost)
    return;

  g_queue_push_tail (&self->waiting, g_strdup (text));
  self->n_waiting_bytes += strlen (text);

  while (!self->keeps_all && self->n_waiting_bytes > MAX_WAITING_BYTES &&
         self->waiting.length > 1)
    {
      g_autofree char *oldest = g_queue_pop_head (&self->waiting);

      self->n_waiting_bytes -= strlen (oldest);
      self->n_dropped += wsm_cli_outlet_count_lines (oldest);
    }

  if (self->room == NULL && wsm_cli_outlet_push (self))
    self->room = wsm_cli_outlet_add_source (self, G_IO_OUT, "[wsmulti] output",
                                            wsm_cli_outlet_room_cb);
}

/**
 * wsm_cli_outlet_keep_all:
 * @self: an outlet
 *
 * Drops nothing from now on: what comes are the last words, however many there are.
 */
void
wsm_cli_outlet_keep_all (WsmCliOutlet *self)
{
  self->keeps_all = TRUE;
}

/**
 * wsm_cli_outlet_is_clear:
 * @self: an outlet
 *
 * Tells whether all that was written is on its way, or never will be.
 *
 * Returns: `TRUE` if nothing waits
 */
gboolean
wsm_cli_outlet_is_clear (WsmCliOutlet *self)
{
  return self->begun == NULL && self->waiting.length == 0 && self->n_dropped == 0;
}

static gboolean
wsm_cli_outlet_patience_over_cb (gpointer user_data)
{
  gboolean *is_over = user_data;

  *is_over = TRUE;

  return G_SOURCE_REMOVE;
}

static char *
wsm_cli_outlet_say_nothing (guint64  n_lines,
                            gpointer user_data)
{
  return g_strdup ("");
}

/* Standard error may be the very pipe that nobody reads. */
static void
wsm_cli_outlet_complain (WsmCliOutlet *self)
{
  g_autoptr (WsmCliOutlet) errors = NULL;
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  guint64 n_lines = self->n_dropped;

  if (self->begun != NULL)
    n_lines += wsm_cli_outlet_count_lines (self->begun);
  for (GList *item = self->waiting.head; item != NULL; item = item->next)
    n_lines += wsm_cli_outlet_count_lines (item->data);

  /* Translators: lines that a program wrote, but nobody has read. */
  text = g_strdup_printf (ngettext ("%lu line is lost, because nobody read it",
                                    "%lu lines are lost, because nobody read them",
                                    (gulong) n_lines),
                          (gulong) n_lines);
  line = g_strdup_printf ("%s: %s\n", g_get_prgname (), text);
  errors = wsm_cli_outlet_new (STDERR_FILENO, wsm_cli_outlet_say_nothing, NULL);
  wsm_cli_outlet_write (errors, line);
}

/**
 * wsm_cli_outlet_drain:
 * @self: an outlet
 * @patience_ms: how long to wait, in milliseconds; 0 is without end
 * @cancellable: ends it earlier
 *
 * Waits until all is written, running the main loop meanwhile. What has to be left says so on
 * standard error.
 */
void
wsm_cli_outlet_drain (WsmCliOutlet *self,
                      guint         patience_ms,
                      GCancellable *cancellable)
{
  gboolean is_over = FALSE;
  guint patience_id = 0;

  if (patience_ms > 0)
    patience_id = g_timeout_add (patience_ms, wsm_cli_outlet_patience_over_cb, &is_over);

  /* A cancellable that a signal cancels is seen because the signal ends the iteration. */
  while (!wsm_cli_outlet_is_clear (self) && !is_over && !g_cancellable_is_cancelled (cancellable))
    g_main_context_iteration (NULL, TRUE);

  if (!is_over && patience_id > 0)
    g_source_remove (patience_id);
  if (!wsm_cli_outlet_is_clear (self))
    {
      wsm_cli_outlet_complain (self);
      wsm_cli_outlet_forget (self);
    }
}
