/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include <glib.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/*
 * A machine on which nothing depends on how busy it is: these calls of the program end here, its
 * libraries' too.
 *
 * No time passes, so nobody has worked long enough, or waited too long. And all that was written is
 * acknowledged; the kernel does that when it likes, at once or up to 40 ms later, and the library
 * looks more often in one case than in the other.
 */

#define NOW_S 1000

int
clock_gettime (clockid_t        clock,
               struct timespec *time)
{
  if (clock != CLOCK_MONOTONIC)
    return (int) syscall (SYS_clock_gettime, clock, time);

  *time = (struct timespec) { .tv_sec = NOW_S };
  return 0;
}

static int
get_unacknowledged (int fd)
{
  int n_bytes = 0;

  syscall (SYS_ioctl, fd, SIOCOUTQ, &n_bytes);
  return n_bytes;
}

int
ioctl (int           fd,
       unsigned long request,
       ...)
{
  va_list arguments;
  void *argument;
  long result;

  va_start (arguments, request);
  argument = va_arg (arguments, void *);
  va_end (arguments);
  result = syscall (SYS_ioctl, fd, request, argument);
  if (result == 0 && request == SIOCOUTQ)
    *(int *) argument = 0;
  return (int) result;
}

int
getsockopt (int        fd,
            int        level,
            int        name,
            void      *value,
            socklen_t *size)
{
  long result = syscall (SYS_getsockopt, fd, level, name, value, size);

  if (result == 0 && level == IPPROTO_TCP && name == TCP_INFO)
    ((struct tcp_info *) value)->tcpi_bytes_acked += (guint64) get_unacknowledged (fd);
  return (int) result;
}
