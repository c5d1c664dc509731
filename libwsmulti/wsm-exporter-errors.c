/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-exporter-errors.h"

#include <gio/gio.h>

#include "wsm-error.h"

#define PREFIX "io.github.wsmulti.Error."

/* Names that others rely on, so they are written down and not made from anything. */
static const GDBusErrorEntry entries[] = {
  { WSM_ERROR_INVALID_URI, PREFIX "InvalidUri" },
  { WSM_ERROR_INVALID_SETTING, PREFIX "InvalidSetting" },
  { WSM_ERROR_INVALID_HEADER, PREFIX "InvalidHeader" },
  { WSM_ERROR_INVALID_TEXT, PREFIX "InvalidText" },
  { WSM_ERROR_INVALID_CLOSE, PREFIX "InvalidClose" },
  { WSM_ERROR_NAME_TAKEN, PREFIX "NameTaken" },
  { WSM_ERROR_NOT_IN_POOL, PREFIX "NotInPool" },
  { WSM_ERROR_NOT_OPEN, PREFIX "NotOpen" },
  { WSM_ERROR_OUTBOX_FULL, PREFIX "OutboxFull" },
  { WSM_ERROR_TOO_BIG, PREFIX "TooBig" },
  { WSM_ERROR_TIMED_OUT, PREFIX "TimedOut" },
  { WSM_ERROR_HEARTBEAT_LOST, PREFIX "HeartbeatLost" },
  { WSM_ERROR_HTTP_STATUS, PREFIX "HttpStatus" },
  { WSM_ERROR_REDIRECT, PREFIX "Redirect" },
  { WSM_ERROR_HANDSHAKE, PREFIX "Handshake" },
  { WSM_ERROR_PROTOCOL, PREFIX "Protocol" },
  { WSM_ERROR_PEER_CLOSED, PREFIX "PeerClosed" },
  { WSM_ERROR_GAVE_UP, PREFIX "GaveUp" },
  { WSM_ERROR_ABORTED, PREFIX "Aborted" },
};

G_STATIC_ASSERT (G_N_ELEMENTS (entries) == WSM_ERROR_ABORTED + 1);

void
wsm_exporter_register_errors (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    g_dbus_error_register_error (WSM_ERROR, entries[i].error_code, entries[i].dbus_error_name);
}
