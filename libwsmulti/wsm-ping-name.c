/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-ping-name.h"

#include <string.h>

/* Nobody else's pings on the same socket have it. */
void
wsm_ping_name_choose (WsmPingName *self,
                      GRand       *random)
{
  guint32 first, second;

  g_return_if_fail (self != NULL);
  g_return_if_fail (random != NULL);

  first = g_rand_int (random);
  second = g_rand_int (random);
  g_snprintf (self->prefix, sizeof self->prefix, "wsm-%08x%08x-", first, second);
}

/*
 * wsm_ping_name_write:
 * @room: what the name may be written to
 *
 * Each beat and each pong asks for it: printf would be the dearest part of either.
 *
 * Returns: the name of the ping with this number, somewhere in @room
 */
const char *
wsm_ping_name_write (const WsmPingName *self,
                     guint64            sequence,
                     char               room[WSM_PING_NAME_SIZE])
{
  char *name = room + WSM_PING_NAME_SIZE - 1;

  g_return_val_if_fail (self != NULL, NULL);

  *name = '\0';
  do
    {
      *--name = (char) ('0' + sequence % 10);
      sequence /= 10;
    }
  while (sequence > 0);
  name -= WSM_PING_NAME_PREFIX_LENGTH;

  return memcpy (name, self->prefix, WSM_PING_NAME_PREFIX_LENGTH);
}

gboolean
wsm_ping_name_matches (const WsmPingName *self,
                       guint64            sequence,
                       const char        *payload)
{
  char room[WSM_PING_NAME_SIZE];

  g_return_val_if_fail (self != NULL, FALSE);
  g_return_val_if_fail (payload != NULL, FALSE);

  return strcmp (payload, wsm_ping_name_write (self, sequence, room)) == 0;
}
