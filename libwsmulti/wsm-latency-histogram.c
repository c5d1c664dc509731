/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-latency-histogram.h"

#include <math.h>

/* Each bucket ends 10 % above its beginning, so that the harmonic mean of both ends is at most
 * (1.1 - 1) / (1.1 + 1) = 4.8 % away from any value inside. 194 of them reach from 1 us to
 * beyond 100 s, shorter than any scheduler and longer than any sensible timeout. */
#define BUCKET_RATIO 1.1
#define N_BUCKETS 194

/* RFC 6298, section 2.3. */
#define SMOOTHED_GAIN (1.0 / 8.0)
#define VARIATION_GAIN (1.0 / 4.0)

/* Exact where that costs nothing (last, min, max, count), estimated where it would cost memory:
 * ten thousand connections hold one of these each. */
struct _WsmLatencyHistogram
{
  guint64 n_latencies;
  guint64 n_missed;

  gint64 last_us;
  gint64 min_us;
  gint64 max_us;

  double smoothed_us;
  double variation_us;

  guint32 n_in_buckets;
  guint16 buckets[N_BUCKETS];
};

G_STATIC_ASSERT (sizeof (WsmLatencyHistogram) <= WSM_LATENCY_HISTOGRAM_MAX_SIZE);
G_STATIC_ASSERT ((guint64) N_BUCKETS * G_MAXUINT16 <= G_MAXUINT32);

/* What lies outside the range is counted at its edge; min and max know better. */
static guint
wsm_latency_histogram_find_bucket (gint64 latency_us)
{
  double bucket;

  if (latency_us <= 1)
    return 0;

  bucket = floor (log ((double) latency_us) / log (BUCKET_RATIO));

  return (guint) MIN (bucket, N_BUCKETS - 1);
}

/* Old latencies lose half their weight whenever a bucket is full. So the quantiles follow a
 * connection that lives for months, and a counter of 16 bits is enough. */
static void
wsm_latency_histogram_age (WsmLatencyHistogram *self)
{
  self->n_in_buckets = 0;

  for (guint i = 0; i < N_BUCKETS; i++)
    {
      self->buckets[i] /= 2;
      self->n_in_buckets += self->buckets[i];
    }
}

WsmLatencyHistogram *
wsm_latency_histogram_new (void)
{
  return g_new0 (WsmLatencyHistogram, 1);
}

void
wsm_latency_histogram_free (WsmLatencyHistogram *self)
{
  g_return_if_fail (self != NULL);

  g_free (self);
}

void
wsm_latency_histogram_add (WsmLatencyHistogram *self,
                           gint64               latency_us)
{
  guint bucket;

  g_return_if_fail (self != NULL);

  /* Time does not run backwards, but two clocks may disagree by a little. */
  latency_us = MAX (latency_us, 0);

  if (self->n_latencies == 0)
    {
      self->min_us = latency_us;
      self->max_us = latency_us;
      self->smoothed_us = (double) latency_us;
      self->variation_us = (double) latency_us / 2.0;
    }
  else
    {
      double deviation = (double) latency_us - self->smoothed_us;

      self->min_us = MIN (self->min_us, latency_us);
      self->max_us = MAX (self->max_us, latency_us);
      self->variation_us += VARIATION_GAIN * (fabs (deviation) - self->variation_us);
      self->smoothed_us += SMOOTHED_GAIN * deviation;
    }

  self->last_us = latency_us;
  self->n_latencies++;

  bucket = wsm_latency_histogram_find_bucket (latency_us);
  if (self->buckets[bucket] == G_MAXUINT16)
    wsm_latency_histogram_age (self);
  self->buckets[bucket]++;
  self->n_in_buckets++;
}

void
wsm_latency_histogram_add_missed (WsmLatencyHistogram *self)
{
  g_return_if_fail (self != NULL);

  self->n_missed++;
}

guint64
wsm_latency_histogram_get_count (const WsmLatencyHistogram *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_latencies;
}

guint64
wsm_latency_histogram_get_n_missed (const WsmLatencyHistogram *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_missed;
}

/* The times below are 0 while nothing was counted. */
gint64
wsm_latency_histogram_get_last (const WsmLatencyHistogram *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->last_us;
}

gint64
wsm_latency_histogram_get_min (const WsmLatencyHistogram *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->min_us;
}

gint64
wsm_latency_histogram_get_max (const WsmLatencyHistogram *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->max_us;
}

double
wsm_latency_histogram_get_smoothed (const WsmLatencyHistogram *self)
{
  g_return_val_if_fail (self != NULL, 0.0);

  return self->smoothed_us;
}

double
wsm_latency_histogram_get_variation (const WsmLatencyHistogram *self)
{
  g_return_val_if_fail (self != NULL, 0.0);

  return self->variation_us;
}

/* The shortest time that at least this fraction of the latencies did not exceed; never
 * outside what was really seen. */
double
wsm_latency_histogram_get_quantile (const WsmLatencyHistogram *self,
                                    double                     quantile)
{
  double rank;
  double begin;
  double end;
  double estimate;
  guint64 n_passed = 0;
  guint bucket = 0;

  g_return_val_if_fail (self != NULL, 0.0);
  g_return_val_if_fail (quantile >= 0.0 && quantile <= 1.0, 0.0);

  if (self->n_in_buckets == 0)
    return 0.0;

  rank = MAX (ceil (quantile * self->n_in_buckets), 1.0);

  for (bucket = 0; bucket < N_BUCKETS - 1; bucket++)
    {
      n_passed += self->buckets[bucket];
      if ((double) n_passed >= rank)
        break;
    }

  begin = pow (BUCKET_RATIO, bucket);
  end = begin * BUCKET_RATIO;
  estimate = 2.0 * begin * end / (begin + end);

  return CLAMP (estimate, (double) self->min_us, (double) self->max_us);
}
