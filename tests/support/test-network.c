/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "test-transport.h"

static void
wsm_test_peer_free (WsmTestPeer *peer)
{
  g_assert_cmpuint (peer->transports->len, ==, 0);
  g_ptr_array_unref (peer->transports);
  g_ptr_array_unref (peer->received);
  g_free (peer->path);
  g_free (peer);
}

WsmTestNetwork *
wsm_test_network_new (GMainContext *context,
                      WsmClock     *clock)
{
  WsmTestNetwork *self = g_new0 (WsmTestNetwork, 1);

  self->scheduler = wsm_scheduler_ref_for_context (context, clock);
  self->peers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                       (GDestroyNotify) wsm_test_peer_free);
  self->shaking = g_ptr_array_new ();
  self->ghosts = g_ptr_array_new_with_free_func (g_object_unref);
  self->random = g_rand_new_with_seed (1);

  return self;
}

void
wsm_test_network_free (WsmTestNetwork *self)
{
  g_ptr_array_unref (self->ghosts);
  g_assert_cmpuint (self->shaking->len, ==, 0);
  g_ptr_array_unref (self->shaking);
  g_hash_table_unref (self->peers);
  g_rand_free (self->random);
  g_object_unref (self->scheduler);
  g_free (self);
}

WsmTestPeer *
wsm_test_network_get_peer (WsmTestNetwork *self,
                           const char     *path)
{
  WsmTestPeer *peer = g_hash_table_lookup (self->peers, path);

  if (peer == NULL)
    {
      peer = g_new0 (WsmTestPeer, 1);
      peer->network = self;
      peer->path = g_strdup (path);
      peer->latency_us = 1000;
      peer->echo = TRUE;
      peer->transports = g_ptr_array_new ();
      peer->received = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (self->peers, peer->path, peer);
    }

  return peer;
}

WsmTransport *
wsm_test_network_make (WsmDelivery *delivery,
                       gpointer     network)
{
  WsmTestTransport *self = g_object_new (WSM_TYPE_TEST_TRANSPORT, NULL);

  self->network = network;
  wsm_transport_set_delivery (WSM_TRANSPORT (self), delivery);

  return WSM_TRANSPORT (self);
}

/* How many shake hands now, with that host or with any, and have not done so for long. */
guint
wsm_test_network_count_shaking (WsmTestNetwork *self,
                                const char     *host,
                                gint64          younger_us)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->scheduler);
  guint n = 0;

  for (guint i = 0; i < self->shaking->len; i++)
    {
      WsmTestTransport *transport = g_ptr_array_index (self->shaking, i);

      if (now_us - transport->shaking_us < younger_us &&
          (host == NULL || strcmp (host, transport->host) == 0))
        n++;
    }

  return n;
}

/* Since when the slowest of them does; the present if there is none. */
gint64
wsm_test_network_find_oldest_shaking (WsmTestNetwork *self)
{
  gint64 oldest_us = wsm_scheduler_get_time_us (self->scheduler);

  for (guint i = 0; i < self->shaking->len; i++)
    {
      WsmTestTransport *transport = g_ptr_array_index (self->shaking, i);

      oldest_us = MIN (oldest_us, transport->shaking_us);
    }

  return oldest_us;
}

static void
wsm_test_peer_post (WsmTestPeer       *peer,
                    WsmTestParcelKind  kind,
                    GBytes            *bytes,
                    WsmReasonCode      code,
                    guint              number)
{
  for (guint i = 0; i < peer->transports->len; i++)
    wsm_test_transport_post (g_ptr_array_index (peer->transports, i), kind, peer->latency_us,
                             bytes, code, number);
}

/* Sends a text on each of its open sockets. No NUL follows it, so that who reads on is found. */
void
wsm_test_peer_say (WsmTestPeer *peer,
                   const char  *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  wsm_test_peer_post (peer, WSM_TEST_PARCEL_TEXT, bytes, WSM_REASON_CODE_NONE, 0);
}

void
wsm_test_peer_pong (WsmTestPeer *peer,
                    const char  *payload)
{
  g_autoptr (GBytes) bytes = g_bytes_new (payload, strlen (payload));

  wsm_test_peer_post (peer, WSM_TEST_PARCEL_PONG, bytes, WSM_REASON_CODE_NONE, 0);
}

/* Ends each of its open sockets without a close frame. */
void
wsm_test_peer_drop (WsmTestPeer   *peer,
                    WsmReasonCode  code)
{
  wsm_test_peer_post (peer, WSM_TEST_PARCEL_ENDED, NULL, code, 0);
}

void
wsm_test_peer_close (WsmTestPeer *peer,
                     guint        close_code)
{
  wsm_test_peer_post (peer, WSM_TEST_PARCEL_ENDED, NULL, WSM_REASON_CODE_PEER_CLOSED, close_code);
}

/* A slow peer has read what was sent. */
void
wsm_test_peer_drain (WsmTestPeer *peer)
{
  wsm_test_peer_post (peer, WSM_TEST_PARCEL_DRAINED, NULL, WSM_REASON_CODE_NONE, 0);
}

/* Sends a frame that is no message. */
void
wsm_test_peer_stir (WsmTestPeer *peer)
{
  wsm_test_peer_post (peer, WSM_TEST_PARCEL_LIFE, NULL, WSM_REASON_CODE_NONE, 0);
}

/* It says nothing more, and reads nothing more; what is on its way arrives. */
void
wsm_test_peer_fall_silent (WsmTestPeer *peer)
{
  gint64 now_us = wsm_scheduler_get_time_us (peer->network->scheduler);
  gint64 last_us = now_us + 2 * peer->latency_us;

  peer->mute = TRUE;
  if (peer->still_us == 0)
    peer->still_us = now_us;
  for (guint i = 0; i < peer->transports->len; i++)
    {
      WsmTestTransport *transport = g_ptr_array_index (peer->transports, i);
      WsmTestParcel *parcel;

      while ((parcel = g_queue_peek_tail (&transport->inbound)) != NULL &&
             parcel->due_us > last_us)
        wsm_test_parcel_free (g_queue_pop_tail (&transport->inbound));
      wsm_test_transport_update_timer (transport);
    }
}

/* For a while nothing gets through, either way; nothing is lost, as TCP promises. */
void
wsm_test_peer_cut (WsmTestPeer *peer)
{
  peer->is_cut = TRUE;
  if (peer->still_us == 0)
    peer->still_us = wsm_scheduler_get_time_us (peer->network->scheduler);
  if (peer->latest != NULL)
    wsm_test_transport_update_timer (WSM_TEST_TRANSPORT (peer->latest));
}

/* Ends silence and cut; what waited is sent again. */
void
wsm_test_peer_mend (WsmTestPeer *peer)
{
  WsmTestTransport *transport;
  gint64 now_us = wsm_scheduler_get_time_us (peer->network->scheduler);
  gboolean is_lost = peer->mute || peer->deaf || peer->slow;

  peer->mute = FALSE;
  if (peer->latest != NULL && peer->still_us > 0)
    {
      transport = WSM_TEST_TRANSPORT (peer->latest);
      if (peer->is_cut && !is_lost)
        transport->read_us += now_us - peer->still_us;
      else
        transport->read_us = MIN (transport->read_us, peer->still_us);
      for (GList *link = transport->inbound.head; peer->is_cut && link != NULL; link = link->next)
        {
          WsmTestParcel *parcel = link->data;

          parcel->due_us = MAX (parcel->due_us, now_us + 2 * peer->latency_us);
        }
      peer->is_cut = FALSE;
      wsm_test_transport_update_timer (transport);
    }
  peer->is_cut = FALSE;
  peer->still_us = 0;
}

/* It has forgotten its sockets, and says so when it hears of them. */
void
wsm_test_peer_restart (WsmTestPeer *peer)
{
  for (guint i = 0; i < peer->transports->len; i++)
    ((WsmTestTransport *) g_ptr_array_index (peer->transports, i))->forgotten = TRUE;
}

/* Until when it was seen to read what was sent before the last beat, by who looks at the
 * acknowledgements; 0 = they cannot be seen. */
gint64
wsm_test_peer_get_progress_us (WsmTestPeer *peer)
{
  WsmTestTransport *transport;
  gint64 now_us = wsm_scheduler_get_time_us (peer->network->scheduler);

  if (peer->latest == NULL)
    return peer->progress_us;
  transport = WSM_TEST_TRANSPORT (peer->latest);
  if (transport->over)
    return peer->progress_us;
  if (transport->rate == 0)
    return 0;

  return MIN (MIN (transport->ahead_us, transport->read_us),
              peer->still_us > 0 ? peer->still_us : now_us);
}
