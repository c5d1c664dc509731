/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-connection-internal.h"

#include "wsm-reason-private.h"

/*
 * What becomes of a connection when it may be gone without a word: the peer is asked for a sign
 * of life, and one that waits for its next attempt need not wait any longer.
 */

static WsmReasonCode
wsm_connection_get_doubt_code (WsmDoubt doubt)
{
  return doubt == WSM_DOUBT_SLEEP ? WSM_REASON_CODE_WOKE_UP : WSM_REASON_CODE_NETWORK_CHANGED;
}

/* In numbers that people count sleep by. */
static char *
wsm_connection_describe_sleep (gint64 slept_us)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];
  double seconds = (double) slept_us / G_USEC_PER_SEC;
  const char *unit = "s";

  if (seconds >= 2 * 3600)
    {
      seconds /= 3600;
      unit = "h";
    }
  else if (seconds >= 2 * 60)
    {
      seconds /= 60;
      unit = "min";
    }
  g_ascii_formatd (number, sizeof number, "%.1f", seconds);

  return g_strdup_printf ("the machine slept for %s %s", number, unit);
}

static void
wsm_connection_set_details (WsmReason  *reason,
                            const char *text)
{
  wsm_reason_set_detail (reason, text);
  wsm_reason_set_public_detail (reason, text);
}

/*
 * wsm_connection_explain_doubt:
 * @reason: of what is said of the beats
 *
 * Adds why a beat that was missed had been sent out of turn, if it had.
 */
void
wsm_connection_explain_doubt (WsmConnection *self,
                              WsmReason     *reason)
{
  g_autofree char *cause = NULL;
  g_autofree char *text = NULL;

  if (reason->code == WSM_REASON_CODE_ALIVE)
    return;

  switch (wsm_pulse_get_doubt (self->pulse))
    {
    case WSM_DOUBT_SLEEP:
      /* The only one that was needed. */
      reason->max_missed = reason->n_missed;
      cause = wsm_connection_describe_sleep (self->slept_us);
      text = g_strconcat ("asked because ", cause, NULL);
      break;

    case WSM_DOUBT_NETWORK:
      text = g_strdup ("asked because the network changed");
      break;

    case WSM_DOUBT_NONE:
    default:
      return;
    }

  wsm_connection_set_details (reason, text);
}

static void
wsm_connection_ask (WsmConnection *self,
                    WsmDoubt       doubt,
                    gint64         slept_us)
{
  const char *request = "asking the peer for a sign of life";
  g_autofree char *cause = NULL;
  g_autofree char *text = NULL;
  WsmReason *reason;

  if (self->transport == NULL || self->pulse == NULL ||
      !wsm_pulse_probe_in_doubt (self->pulse, doubt))
    return;

  self->slept_us = slept_us;
  if (self->state != WSM_STATE_OPEN)
    return;

  reason = wsm_reason_new (wsm_connection_get_doubt_code (doubt));
  if (doubt == WSM_DOUBT_SLEEP)
    {
      cause = wsm_connection_describe_sleep (slept_us);
      text = g_strconcat (cause, "; ", request, NULL);
    }
  wsm_connection_set_details (reason, text != NULL ? text : request);
  wsm_connection_set_reason (self, reason);
}

/* A server's wish to be left alone outlives a change of the network; time asleep is part of it. */
static gboolean
wsm_connection_has_to_wait (WsmConnection *self,
                            gint64         slept_us)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->host->scheduler);

  if (self->reason->retry_after_ms == 0 || self->next_retry_us - now_us <= slept_us)
    return FALSE;

  if (slept_us > 0)
    {
      self->next_retry_us -= slept_us;
      wsm_connection_arm_at (self, self->next_retry_us);
      wsm_connection_notify (self, PROP_NEXT_RETRY_AT);
    }

  return TRUE;
}

static void
wsm_connection_wait_no_longer (WsmConnection *self,
                               WsmDoubt       doubt,
                               gint64         slept_us)
{
  g_autofree char *text = NULL;
  WsmReason *reason;

  if (wsm_connection_has_to_wait (self, slept_us))
    return;

  reason = wsm_reason_new (wsm_connection_get_doubt_code (doubt));
  reason->attempt = self->n_failures + 1;
  if (doubt == WSM_DOUBT_SLEEP)
    {
      text = wsm_connection_describe_sleep (slept_us);
      wsm_connection_set_details (reason, text);
    }
  wsm_connection_try_in_turn (self, reason);
}

/*
 * wsm_connection_doubt:
 * @doubt: why
 * @slept_us: for how long the machine slept; 0 = not at all
 *
 * Asks for a sign of life if it is open, and tries again if it waits. One that is paused does
 * neither until it is resumed. To be called from the delivery.
 */
void
wsm_connection_doubt (WsmConnection *self,
                      WsmDoubt       doubt,
                      gint64         slept_us)
{
  g_autoptr (WsmConnection) keep G_GNUC_UNUSED = g_object_ref (self);

  wsm_connection_say_farewell (self);
  if (self->host == NULL || self->paused)
    return;

  switch (self->state)
    {
    case WSM_STATE_OPEN:
    case WSM_STATE_SUSPECT:
      wsm_connection_ask (self, doubt, slept_us);
      break;

    case WSM_STATE_WAITING:
      wsm_connection_wait_no_longer (self, doubt, slept_us);
      break;

    case WSM_STATE_IDLE:
    case WSM_STATE_CONNECTING:
    case WSM_STATE_CLOSING:
    case WSM_STATE_CLOSED:
    case WSM_STATE_FAILED:
    default:
      break;
    }
}
