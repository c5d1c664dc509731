/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* A program whose beats leave that many milliseconds late has better things to do than to keep
 * connections alive. */
#define WSI_BUSY_LATENESS_MS 50.0

/* The numbers of the protocol (data/dbus/io.github.wsmulti.Pool1.xml); 0 is unknown, and so is
 * what a newer program says. */

typedef enum
{
  WSI_STATE_UNKNOWN,
  WSI_STATE_IDLE,
  WSI_STATE_CONNECTING,
  WSI_STATE_OPEN,
  WSI_STATE_SUSPECT,
  WSI_STATE_WAITING,
  WSI_STATE_CLOSING,
  WSI_STATE_CLOSED,
  WSI_STATE_FAILED,
} WsiState;

typedef enum
{
  WSI_EVENT_KIND_UNKNOWN,
  WSI_EVENT_KIND_STATE,
  WSI_EVENT_KIND_BEAT_ANSWERED,
  WSI_EVENT_KIND_BEAT_MISSED,
} WsiEventKind;

typedef enum
{
  WSI_DIRECTION_UNKNOWN,
  WSI_DIRECTION_INCOMING,
  WSI_DIRECTION_OUTGOING,
} WsiDirection;

typedef enum
{
  WSI_SOURCE_KIND_OWN,       /* the pool of this very program */
  WSI_SOURCE_KIND_APP,       /* another program, attached over the bus */
  WSI_SOURCE_KIND_PROCESS,   /* a pool of the process that the page was loaded into */
  WSI_SOURCE_KIND_RECORDING, /* a file */
} WsiSourceKind;

typedef enum
{
  WSI_COMMAND_PING,          /* no parameters; returns (d): the round trip in ms */
  WSI_COMMAND_RETRY_NOW,
  WSI_COMMAND_PAUSE,
  WSI_COMMAND_RESUME,
  WSI_COMMAND_CLOSE,         /* (us): code, reason */
  WSI_COMMAND_ABORT,
  WSI_COMMAND_SEND_TEXT,     /* (s) */
  WSI_COMMAND_SET_HEARTBEAT, /* (a{sv}) */
  WSI_COMMAND_SET_BACKOFF,   /* (a{sv}) */
} WsiCommand;

G_END_DECLS
