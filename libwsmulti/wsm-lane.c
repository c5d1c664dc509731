/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-lane.h"

struct _WsmLane
{
  gatomicrefcount ref_count;

  GMainContext *context; /* (owned) (nullable): NULL is the global default context */
  GPtrArray *emitters;   /* (owned) (element-type GObject): unowned elements */
};

WsmLane *
wsm_lane_new (GMainContext *context)
{
  WsmLane *self = g_new0 (WsmLane, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->emitters = g_ptr_array_new ();

  return self;
}

WsmLane *
wsm_lane_ref (WsmLane *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
wsm_lane_unref (WsmLane *self)
{
  g_return_if_fail (self != NULL);

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->context, g_main_context_unref);
  g_clear_pointer (&self->emitters, g_ptr_array_unref);
  g_free (self);
}

/* Makes the lane's context the thread's default until wsm_lane_leave(); may nest. libsoup puts
 * each source into the context that is the default when it makes that source. */
void
wsm_lane_enter (WsmLane *self)
{
  g_return_if_fail (self != NULL);

  g_main_context_push_thread_default (self->context);
}

void
wsm_lane_leave (WsmLane *self)
{
  g_return_if_fail (self != NULL);

  g_main_context_pop_thread_default (self->context);
}

void
wsm_lane_attach (WsmLane *self,
                 GSource *source)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (source != NULL);

  g_source_attach (source, self->context);
}

void
wsm_lane_add (WsmLane *self,
              GObject *emitter)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (G_IS_OBJECT (emitter));

  g_ptr_array_add (self->emitters, emitter);
}

void
wsm_lane_remove (WsmLane *self,
                 GObject *emitter)
{
  g_return_if_fail (self != NULL);

  g_ptr_array_remove_fast (self->emitters, emitter);
}

/* An emission that is under way is seen from its emitter. */
static gboolean
wsm_lane_is_inside (WsmLane *self)
{
  for (guint i = 0; i < self->emitters->len; i++)
    {
      if (g_signal_get_invocation_hint (g_ptr_array_index (self->emitters, i)) != NULL)
        return TRUE;
    }

  return FALSE;
}

gboolean
wsm_caller_check (GThread    *owner,
                  WsmLane    *lane,
                  const char *function)
{
  if (owner != g_thread_self ())
    {
      g_critical ("%s: called from another thread than the one that made the object", function);
      return FALSE;
    }
  if (lane != NULL && wsm_lane_is_inside (lane))
    {
      g_critical ("%s: called from a handler of a SoupMessage, in the middle of libsoup; do it "
                  "from a source of your own", function);
      return FALSE;
    }

  return TRUE;
}
