/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-environment.h"

/*
 * WsmEnvironment:
 *
 * What happens to the machine, and what follows from it for the connections of one pool.
 *
 * After a sleep, and when the network has changed, every one of them is put in doubt: open ones
 * ask for a sign of life, waiting ones try again. They take turns over a second, so that neither
 * the machine nor the servers see all of them at once. That the network is there is a hint and
 * never a condition: where it is said to be gone, nothing is done and nothing is left undone.
 * While the machine saves power, beats are further apart.
 *
 * Monitors belong to the process and may speak in any thread. They only make a source of the
 * pool's own context ready, and what they say is asked for there.
 */
struct _WsmEnvironment
{
  GObject parent_instance;

  WsmScheduler *scheduler; /* (owned) (nullable): NULL when closed */
  WsmDelivery *delivery;   /* (owned) */
  const WsmEnvironmentOwner *owner_funcs;
  gpointer owner; /* (unowned) */

  WsmSleepListener sleeper;
  GNetworkMonitor *network;    /* (owned) (nullable) */
  GPowerProfileMonitor *power; /* (owned) (nullable) */
  gulong network_handler;
  gulong power_handler;
  GSource *news; /* (owned) (nullable): NULL while nothing is watched */

  WsmTimer settle_timer;
  gint64 changed_us; /* when the network did, first of those that are not settled; 0 = settled */
  gboolean saves_power;

  /* Those who take turns. By their ids, because nobody is kept alive for this. */
  GArray *turns; /* (owned) (element-type guint64) */
  guint n_done;
  guint n_steps;
  gint64 began_us;
  WsmDoubt doubt;
  gint64 slept_us;
  WsmTimer turns_timer;
  guint turns_posted : 1;
};

typedef enum
{
  WSM_NEWS_NETWORK = 1 << 0,
  WSM_NEWS_POWER = 1 << 1,
} WsmNews;

typedef struct
{
  GSource source;
  WsmEnvironment *environment; /* (unowned) */
  guint news; /* (atomic): WsmNews */
} WsmNewsSource;

G_DEFINE_FINAL_TYPE (WsmEnvironment, wsm_environment, G_TYPE_OBJECT)

/* Turns. */

static void
wsm_environment_forget_turns (WsmEnvironment *self)
{
  g_array_set_size (self->turns, 0);
  self->n_done = 0;
  self->doubt = WSM_DOUBT_NONE;
  if (self->scheduler != NULL)
    wsm_scheduler_disarm (self->scheduler, &self->turns_timer);
}

/* How many should have had their turn by now; the first step is due at once. */
static guint
wsm_environment_count_due (WsmEnvironment *self)
{
  gint64 step_us = WSM_ENVIRONMENT_SPREAD_US / self->n_steps;
  gint64 n_steps = (wsm_scheduler_get_time_us (self->scheduler) - self->began_us) / step_us + 1;

  return (guint) (self->turns->len * MIN (n_steps, self->n_steps) / self->n_steps);
}

static void
wsm_environment_plan_step (WsmEnvironment *self)
{
  gint64 step_us = WSM_ENVIRONMENT_SPREAD_US / self->n_steps;
  gint64 n_steps = (wsm_scheduler_get_time_us (self->scheduler) - self->began_us) / step_us + 1;

  wsm_scheduler_arm (self->scheduler, &self->turns_timer, self->began_us + n_steps * step_us);
}

/* A handler may run the loop, in which others have their turn or all begin anew, or end the
 * pool. */
static void
wsm_environment_turns_cb (GObject         *target,
                          WsmDeliveryItem *item)
{
  WsmEnvironment *self = WSM_ENVIRONMENT (target);

  self->turns_posted = FALSE;
  while (self->scheduler != NULL && self->n_done < self->turns->len &&
         self->n_done < wsm_environment_count_due (self))
    {
      guint64 id = g_array_index (self->turns, guint64, self->n_done);
      WsmConnection *connection = self->owner_funcs->find (self->owner, id);

      self->n_done++;
      if (connection != NULL)
        wsm_connection_doubt (connection, self->doubt, self->slept_us);
    }

  if (self->scheduler == NULL || self->turns->len == 0)
    return;
  if (self->n_done < self->turns->len)
    wsm_environment_plan_step (self);
  else
    wsm_environment_forget_turns (self);
}

static void
wsm_environment_post_turns (WsmEnvironment *self)
{
  if (!self->turns_posted)
    wsm_delivery_post_call (self->delivery, G_OBJECT (self), wsm_environment_turns_cb);
  self->turns_posted = TRUE;
}

static void
wsm_environment_turns_timer_cb (WsmTimer *timer,
                                gpointer  user_data)
{
  wsm_environment_post_turns (user_data);
}

static void
wsm_environment_begin_turns (WsmEnvironment *self,
                             WsmDoubt        doubt,
                             gint64          slept_us)
{
  g_autoptr (GArray) turns = self->owner_funcs->list (self->owner);
  WsmDoubt earlier = self->doubt;

  /* Whoever did not have its turn yet has it for the stronger reason. */
  wsm_environment_forget_turns (self);
  if (earlier < doubt || slept_us > 0)
    self->slept_us = slept_us;
  self->doubt = MAX (doubt, earlier);
  g_array_append_vals (self->turns, turns->data, turns->len);
  self->n_steps = 1;
  if (turns->len >= WSM_ENVIRONMENT_MAX_TOGETHER)
    self->n_steps = MIN (turns->len, WSM_ENVIRONMENT_SPREAD_US / WSM_ENVIRONMENT_STEP_US);
  self->began_us = wsm_scheduler_get_time_us (self->scheduler);
  wsm_environment_post_turns (self);
}

/* What happens. */

static void
wsm_environment_slept_cb (gint64   slept_us,
                          gpointer user_data)
{
  WsmEnvironment *self = user_data;

  g_debug ("The machine slept for %" G_GINT64_FORMAT " s", slept_us / G_USEC_PER_SEC);
  wsm_environment_begin_turns (self, WSM_DOUBT_SLEEP, slept_us);
}

static void
wsm_environment_settled_cb (WsmTimer *timer,
                            gpointer  user_data)
{
  WsmEnvironment *self = user_data;
  gboolean is_available = g_network_monitor_get_network_available (self->network);

  self->changed_us = 0;
  g_debug ("The network changed, and is %s", is_available ? "there" : "said to be gone");
  if (is_available)
    wsm_environment_begin_turns (self, WSM_DOUBT_NETWORK, 0);
}

static void
wsm_environment_network_changed (WsmEnvironment *self)
{
  gint64 now_us = wsm_scheduler_get_time_us (self->scheduler);

  if (self->changed_us == 0)
    self->changed_us = now_us;
  wsm_scheduler_arm (self->scheduler, &self->settle_timer,
                     MIN (now_us + WSM_ENVIRONMENT_SETTLE_US,
                          self->changed_us + WSM_ENVIRONMENT_MAX_SETTLE_US));
}

static void
wsm_environment_tell_power_cb (GObject         *target,
                               WsmDeliveryItem *item)
{
  WsmEnvironment *self = WSM_ENVIRONMENT (target);

  if (self->scheduler != NULL)
    self->owner_funcs->power_changed (self->owner);
}

static void
wsm_environment_set_saves_power (WsmEnvironment *self,
                                 gboolean        saves_power)
{
  if (self->saves_power == saves_power)
    return;

  self->saves_power = saves_power;
  g_debug ("The machine %s power", saves_power ? "saves" : "no longer saves");
  wsm_delivery_post_call (self->delivery, G_OBJECT (self), wsm_environment_tell_power_cb);
}

/* In whatever thread the monitor lives. */
static void
wsm_environment_publish (WsmNewsSource *source,
                         WsmNews        news)
{
  g_atomic_int_or (&source->news, (guint) news);
  g_source_set_ready_time ((GSource *) source, 0);
}

static void
wsm_environment_network_changed_cb (GNetworkMonitor *monitor,
                                    gboolean         is_available,
                                    gpointer         source)
{
  wsm_environment_publish (source, WSM_NEWS_NETWORK);
}

static void
wsm_environment_notify_power_cb (GPowerProfileMonitor *monitor,
                                 GParamSpec           *pspec,
                                 gpointer              source)
{
  wsm_environment_publish (source, WSM_NEWS_POWER);
}

static gboolean
wsm_environment_news_dispatch (GSource     *source,
                               GSourceFunc  callback,
                               gpointer     user_data)
{
  WsmNewsSource *self = (WsmNewsSource *) source;
  WsmEnvironment *environment = self->environment;
  guint news;

  g_source_set_ready_time (source, -1);
  news = g_atomic_int_and (&self->news, 0u);
  if (news & WSM_NEWS_NETWORK)
    wsm_environment_network_changed (environment);
  if (news & WSM_NEWS_POWER)
    wsm_environment_set_saves_power (
      environment, g_power_profile_monitor_get_power_saver_enabled (environment->power));

  return G_SOURCE_CONTINUE;
}

static GSourceFuncs wsm_environment_news_funcs = {
  .dispatch = wsm_environment_news_dispatch,
};

static void
wsm_environment_unref_source (gpointer  source,
                              GClosure *closure)
{
  g_source_unref (source);
}

static void
wsm_environment_dispose (GObject *object)
{
  wsm_environment_close (WSM_ENVIRONMENT (object));

  G_OBJECT_CLASS (wsm_environment_parent_class)->dispose (object);
}

static void
wsm_environment_finalize (GObject *object)
{
  WsmEnvironment *self = WSM_ENVIRONMENT (object);

  g_clear_pointer (&self->delivery, wsm_delivery_unref);
  g_clear_pointer (&self->turns, g_array_unref);

  G_OBJECT_CLASS (wsm_environment_parent_class)->finalize (object);
}

static void
wsm_environment_class_init (WsmEnvironmentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsm_environment_dispose;
  object_class->finalize = wsm_environment_finalize;
}

static void
wsm_environment_init (WsmEnvironment *self)
{
  self->turns = g_array_new (FALSE, FALSE, sizeof (guint64));
  self->sleeper.func = wsm_environment_slept_cb;
  self->sleeper.user_data = self;
  wsm_timer_init (&self->settle_timer, wsm_environment_settled_cb, self);
  wsm_timer_init (&self->turns_timer, wsm_environment_turns_timer_cb, self);
}

WsmEnvironment *
wsm_environment_new (WsmScheduler              *scheduler,
                     WsmDelivery               *delivery,
                     const WsmEnvironmentOwner *owner_funcs,
                     gpointer                   owner)
{
  WsmEnvironment *self = g_object_new (WSM_TYPE_ENVIRONMENT, NULL);

  self->scheduler = g_object_ref (scheduler);
  self->delivery = wsm_delivery_ref (delivery);
  self->owner_funcs = owner_funcs;
  self->owner = owner;

  return self;
}

/*
 * wsm_environment_close:
 *
 * Forgets its owner; nothing happens any more.
 */
void
wsm_environment_close (WsmEnvironment *self)
{
  self->saves_power = FALSE;
  wsm_environment_stop (self);
  g_clear_object (&self->scheduler);
}

/*
 * wsm_environment_watch:
 * @context: (nullable): of the pool; %NULL for the global default one
 * @network: (nullable): what tells of the network; %NULL for nothing
 * @power: (nullable): what tells of power; %NULL for nothing
 *
 * Begins to watch these, and for sleep.
 */
void
wsm_environment_watch (WsmEnvironment       *self,
                       GMainContext         *context,
                       GNetworkMonitor      *network,
                       GPowerProfileMonitor *power)
{
  g_return_if_fail (self->scheduler != NULL);

  wsm_environment_stop (self);
  self->news = g_source_new (&wsm_environment_news_funcs, sizeof (WsmNewsSource));
  ((WsmNewsSource *) self->news)->environment = self;
  g_source_set_static_name (self->news, "[wsm] environment");
  g_source_attach (self->news, context);
  wsm_scheduler_listen (self->scheduler, &self->sleeper);

  if (network != NULL)
    {
      self->network = g_object_ref (network);
      self->network_handler =
        g_signal_connect_data (network, "network-changed",
                               G_CALLBACK (wsm_environment_network_changed_cb),
                               g_source_ref (self->news), wsm_environment_unref_source, 0);
    }
  if (power != NULL)
    {
      self->power = g_object_ref (power);
      self->power_handler =
        g_signal_connect_data (power, "notify::power-saver-enabled",
                               G_CALLBACK (wsm_environment_notify_power_cb),
                               g_source_ref (self->news), wsm_environment_unref_source, 0);
      wsm_environment_set_saves_power (self,
                                       g_power_profile_monitor_get_power_saver_enabled (power));
    }
}

/*
 * wsm_environment_stop:
 *
 * Watches nothing any more, and drops what is under way.
 */
void
wsm_environment_stop (WsmEnvironment *self)
{
  if (self->news == NULL)
    return;

  wsm_environment_forget_turns (self);
  wsm_scheduler_disarm (self->scheduler, &self->settle_timer);
  self->changed_us = 0;
  wsm_scheduler_stop_listening (self->scheduler, &self->sleeper);
  g_clear_signal_handler (&self->network_handler, self->network);
  g_clear_signal_handler (&self->power_handler, self->power);
  g_clear_object (&self->network);
  g_clear_object (&self->power);
  g_source_destroy (self->news);
  g_clear_pointer (&self->news, g_source_unref);
  wsm_environment_set_saves_power (self, FALSE);
}

gboolean
wsm_environment_is_watching (WsmEnvironment *self)
{
  return self->news != NULL;
}

/*
 * wsm_environment_saves_power:
 *
 * Returns: whether the machine saves power, so that beats should be further apart
 */
gboolean
wsm_environment_saves_power (WsmEnvironment *self)
{
  return self->saves_power;
}
