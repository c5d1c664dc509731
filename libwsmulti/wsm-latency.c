/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-latency-private.h"

/**
 * WsmLatency:
 *
 * How long the answers to the beats of one connection take, or how late the beats of a pool leave.
 *
 * [property@Wsm.Connection:latency] hands it out; it follows the connection and notifies each
 * figure that changes. All figures are about the logical connection, reconnections included.
 * The percentiles weigh recent round trips more than old ones.
 *
 * [property@Wsm.Pool:lateness] has the same figures of something else: what is called a round trip
 * here is how long after its time a beat left, and nothing is lost.
 *
 * A round trip begins when the beat is written to the socket and ends when the answer arrives
 * there, where that can be known: what the program does meanwhile is not in it.
 *
 * ```c
 * static void
 * on_smoothed_changed (WsmLatency *latency,
 *                      GParamSpec *pspec,
 *                      gpointer    user_data)
 * {
 *   g_print ("%.1f ms, 99 of 100 within %.1f ms, %.1f %% lost\n",
 *            wsm_latency_get_smoothed (latency),
 *            wsm_latency_get_p99 (latency),
 *            100.0 * wsm_latency_get_loss (latency));
 * }
 *
 * g_signal_connect (wsm_connection_get_latency (connection), "notify::smoothed",
 *                   G_CALLBACK (on_smoothed_changed), NULL);
 * ```
 *
 * More in the book: [Heartbeats](heartbeats.html#measure-round-trips).
 *
 * Since: 0.1
 */

#define US_PER_MS 1000.0

typedef enum
{
  PROP_LAST = 1,
  PROP_SMOOTHED,
  PROP_VARIATION,
  PROP_MIN,
  PROP_MAX,
  PROP_P50,
  PROP_P95,
  PROP_P99,
  PROP_LOSS,
  PROP_COUNT,
} WsmLatencyProperty;

#define PROP_LAST_FIGURE PROP_LOSS
#define PROP_LAST_ONE PROP_COUNT

struct _WsmLatency
{
  GObject parent_instance;

  /* What it shows, while that is there. */
  const WsmLatencyHistogram *histogram; /* (unowned) (nullable) */

  /* As they were when somebody last looked, or was told. */
  double figures[PROP_LAST_FIGURE + 1]; /* by property id; milliseconds but for the loss */
  guint64 count;
  guint is_outdated : 1;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_FINAL_TYPE (WsmLatency, wsm_latency, G_TYPE_OBJECT)

static void
wsm_latency_read (const WsmLatencyHistogram *histogram,
                  double                    *figures)
{
  double n_answered = (double) wsm_latency_histogram_get_count (histogram);
  double n_missed = (double) wsm_latency_histogram_get_n_missed (histogram);

  figures[PROP_LAST] = (double) wsm_latency_histogram_get_last (histogram) / US_PER_MS;
  figures[PROP_SMOOTHED] = wsm_latency_histogram_get_smoothed (histogram) / US_PER_MS;
  figures[PROP_VARIATION] = wsm_latency_histogram_get_variation (histogram) / US_PER_MS;
  figures[PROP_MIN] = (double) wsm_latency_histogram_get_min (histogram) / US_PER_MS;
  figures[PROP_MAX] = (double) wsm_latency_histogram_get_max (histogram) / US_PER_MS;
  figures[PROP_P50] = wsm_latency_histogram_get_quantile (histogram, 0.50) / US_PER_MS;
  figures[PROP_P95] = wsm_latency_histogram_get_quantile (histogram, 0.95) / US_PER_MS;
  figures[PROP_P99] = wsm_latency_histogram_get_quantile (histogram, 0.99) / US_PER_MS;
  figures[PROP_LOSS] = n_missed > 0.0 ? n_missed / (n_missed + n_answered) : 0.0;
}

/* Percentiles are not for nothing, and most beats pass without anybody who asks for them. */
static void
wsm_latency_refresh (WsmLatency *self)
{
  if (!self->is_outdated)
    return;

  self->is_outdated = FALSE;
  wsm_latency_read (self->histogram, self->figures);
  self->count = wsm_latency_histogram_get_count (self->histogram);
}

static double
wsm_latency_get_figure (WsmLatency         *self,
                        WsmLatencyProperty  prop_id)
{
  wsm_latency_refresh (self);

  return self->figures[prop_id];
}

static void
wsm_latency_get_property (GObject    *object,
                          guint       prop_id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  WsmLatency *self = WSM_LATENCY (object);

  switch ((WsmLatencyProperty) prop_id)
    {
    case PROP_LAST:
    case PROP_SMOOTHED:
    case PROP_VARIATION:
    case PROP_MIN:
    case PROP_MAX:
    case PROP_P50:
    case PROP_P95:
    case PROP_P99:
    case PROP_LOSS:
      g_value_set_double (value, wsm_latency_get_figure (self, (WsmLatencyProperty) prop_id));
      break;
    case PROP_COUNT:
      g_value_set_uint64 (value, wsm_latency_get_count (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsm_latency_define_figure (WsmLatencyProperty  prop_id,
                           const char         *name,
                           double              maximum)
{
  properties[prop_id] =
    g_param_spec_double (name, NULL, NULL,
                         0.0, maximum, 0.0,
                         (G_PARAM_READABLE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
}

static void
wsm_latency_class_init (WsmLatencyClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = wsm_latency_get_property;

  /**
   * WsmLatency:last: (getter get_last)
   *
   * The last round trip, in milliseconds.
   *
   * 0 while no beat was answered.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_LAST, "last", G_MAXDOUBLE);

  /**
   * WsmLatency:smoothed: (getter get_smoothed)
   *
   * The smoothed round trip, in milliseconds.
   *
   * Each answer moves it by one eighth of the difference, as RFC 6298 has it.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_SMOOTHED, "smoothed", G_MAXDOUBLE);

  /**
   * WsmLatency:variation: (getter get_variation)
   *
   * The mean deviation from the smoothed round trip, in milliseconds.
   *
   * Each answer moves it by one quarter of the difference, as RFC 6298 has it.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_VARIATION, "variation", G_MAXDOUBLE);

  /**
   * WsmLatency:min: (getter get_min)
   *
   * The shortest round trip, in milliseconds.
   *
   * 0 while no beat was answered.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_MIN, "min", G_MAXDOUBLE);

  /**
   * WsmLatency:max: (getter get_max)
   *
   * The longest round trip, in milliseconds.
   *
   * 0 while no beat was answered.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_MAX, "max", G_MAXDOUBLE);

  /**
   * WsmLatency:p50: (getter get_p50)
   *
   * The median of the round trips, in milliseconds.
   *
   * It is off by at most 5 % of itself.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_P50, "p50", G_MAXDOUBLE);

  /**
   * WsmLatency:p95: (getter get_p95)
   *
   * The time that 95 % of the round trips did not exceed, in milliseconds.
   *
   * It is off by at most 5 % of itself.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_P95, "p95", G_MAXDOUBLE);

  /**
   * WsmLatency:p99: (getter get_p99)
   *
   * The time that 99 % of the round trips did not exceed, in milliseconds.
   *
   * It is off by at most 5 % of itself.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_P99, "p99", G_MAXDOUBLE);

  /**
   * WsmLatency:loss: (getter get_loss)
   *
   * The fraction of the beats that was not answered in time, from 0 to 1.
   *
   * 0 while nothing is known.
   *
   * Since: 0.1
   */
  wsm_latency_define_figure (PROP_LOSS, "loss", 1.0);

  /**
   * WsmLatency:count: (getter get_count)
   *
   * The number of beats that were answered.
   *
   * Since: 0.1
   */
  properties[PROP_COUNT] =
    g_param_spec_uint64 ("count", NULL, NULL,
                         0, G_MAXUINT64, 0,
                         (G_PARAM_READABLE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsm_latency_init (WsmLatency *self)
{
}

/*
 * wsm_latency_new:
 * @histogram: what to show; to live until wsm_latency_detach()
 */
WsmLatency *
wsm_latency_new (const WsmLatencyHistogram *histogram)
{
  WsmLatency *self = g_object_new (WSM_TYPE_LATENCY, NULL);

  self->histogram = histogram;
  self->is_outdated = TRUE;
  wsm_latency_refresh (self);

  return self;
}

/*
 * wsm_latency_detach:
 *
 * Keeps the figures as they are now: what it shows will be gone.
 */
void
wsm_latency_detach (WsmLatency *self)
{
  g_return_if_fail (WSM_IS_LATENCY (self));

  wsm_latency_refresh (self);
  self->histogram = NULL;
}

/**
 * wsm_latency_get_last: (get-property last)
 * @self: a latency
 *
 * Gets the last round trip, in milliseconds.
 *
 * Returns: the time, or 0 while no beat was answered
 *
 * Since: 0.1
 */
double
wsm_latency_get_last (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_LAST);
}

/**
 * wsm_latency_get_smoothed: (get-property smoothed)
 * @self: a latency
 *
 * Gets the smoothed round trip, in milliseconds.
 *
 * Returns: the time, or 0 while no beat was answered
 *
 * Since: 0.1
 */
double
wsm_latency_get_smoothed (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_SMOOTHED);
}

/**
 * wsm_latency_get_variation: (get-property variation)
 * @self: a latency
 *
 * Gets the variation of the round trip, in milliseconds.
 *
 * Returns: the time, or 0 while no beat was answered
 *
 * Since: 0.1
 */
double
wsm_latency_get_variation (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_VARIATION);
}

/**
 * wsm_latency_get_min: (get-property min)
 * @self: a latency
 *
 * Gets the shortest round trip, in milliseconds.
 *
 * Returns: the time, or 0 while no beat was answered
 *
 * Since: 0.1
 */
double
wsm_latency_get_min (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_MIN);
}

/**
 * wsm_latency_get_max: (get-property max)
 * @self: a latency
 *
 * Gets the longest round trip, in milliseconds.
 *
 * Returns: the time, or 0 while no beat was answered
 *
 * Since: 0.1
 */
double
wsm_latency_get_max (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_MAX);
}

/**
 * wsm_latency_get_p50: (get-property p50)
 * @self: a latency
 *
 * Gets the median, in milliseconds.
 *
 * Returns: the time, or 0 while no beat was answered
 *
 * Since: 0.1
 */
double
wsm_latency_get_p50 (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_P50);
}

/**
 * wsm_latency_get_p95: (get-property p95)
 * @self: a latency
 *
 * Gets the 95th percentile, in milliseconds.
 *
 * Returns: the time, or 0 while no beat was answered
 *
 * Since: 0.1
 */
double
wsm_latency_get_p95 (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_P95);
}

/**
 * wsm_latency_get_p99: (get-property p99)
 * @self: a latency
 *
 * Gets the 99th percentile, in milliseconds.
 *
 * Returns: the time, or 0 while no beat was answered
 *
 * Since: 0.1
 */
double
wsm_latency_get_p99 (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_P99);
}

/**
 * wsm_latency_get_loss: (get-property loss)
 * @self: a latency
 *
 * Gets the fraction of lost beats.
 *
 * Returns: a number from 0 to 1
 *
 * Since: 0.1
 */
double
wsm_latency_get_loss (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0.0);

  return wsm_latency_get_figure (self, PROP_LOSS);
}

/**
 * wsm_latency_get_count: (get-property count)
 * @self: a latency
 *
 * Gets the number of beats that were answered.
 *
 * Returns: the number of beats
 *
 * Since: 0.1
 */
guint64
wsm_latency_get_count (WsmLatency *self)
{
  g_return_val_if_fail (WSM_IS_LATENCY (self), 0);

  wsm_latency_refresh (self);

  return self->count;
}

static gboolean
wsm_latency_is_followed (WsmLatency *self)
{
  return g_signal_handler_find (self, G_SIGNAL_MATCH_ID,
                                g_signal_lookup ("notify", G_TYPE_OBJECT),
                                0, NULL, NULL, NULL) != 0;
}

/*
 * wsm_latency_update:
 *
 * What it shows is something else now.
 *
 * Everything is stored before anything is notified, so that a listener sees one moment. If nobody
 * listens, it waits for somebody who looks.
 */
void
wsm_latency_update (WsmLatency *self)
{
  double figures[PROP_LAST_FIGURE + 1];
  guint64 count;

  g_return_if_fail (WSM_IS_LATENCY (self));
  g_return_if_fail (self->histogram != NULL);

  self->is_outdated = TRUE;
  if (!wsm_latency_is_followed (self))
    return;

  memcpy (figures, self->figures, sizeof figures);
  count = self->count;
  wsm_latency_refresh (self);

  g_object_freeze_notify (G_OBJECT (self));
  for (guint prop_id = PROP_LAST; prop_id <= PROP_LAST_FIGURE; prop_id++)
    if (self->figures[prop_id] != figures[prop_id])
      g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
  if (self->count != count)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_COUNT]);
  g_object_thaw_notify (G_OBJECT (self));
}
