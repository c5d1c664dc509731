/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-wait-list.h"

/*
 * WsmWaitList:
 *
 * Tasks that wait for the same thing.
 */
struct _WsmWaitList
{
  WsmWaitList *next; /* (owned) (nullable) */
  GTask *task;       /* (owned) */
  GSource *source;   /* (owned) (nullable): told when the task is cancelled */
  WsmWaitList **list; /* (unowned): that it is in */
};

static GTask *
wsm_wait_list_take (WsmWaitList **link)
{
  WsmWaitList *waiter = *link;
  GTask *task = waiter->task;

  *link = waiter->next;
  if (waiter->source != NULL)
    {
      g_source_destroy (waiter->source);
      g_source_unref (waiter->source);
    }
  g_free (waiter);

  return task;
}

static gboolean
wsm_wait_list_cancelled_cb (GCancellable *cancellable,
                            gpointer      user_data)
{
  WsmWaitList *waiter = user_data;
  WsmWaitList **link = waiter->list;
  g_autoptr (GTask) task = NULL;

  while (*link != waiter)
    link = &(*link)->next;
  task = wsm_wait_list_take (link);
  g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

/*
 * wsm_wait_list_add:
 * @list: the list's own place, which does not move while it has members
 * @task: (transfer full): a task
 */
void
wsm_wait_list_add (WsmWaitList **list,
                   GTask        *task)
{
  WsmWaitList *waiter = g_new0 (WsmWaitList, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);
  WsmWaitList **last = list;

  waiter->task = task;
  waiter->list = list;
  if (cancellable != NULL)
    {
      waiter->source = g_cancellable_source_new (cancellable);
      g_source_set_static_name (waiter->source, "[wsm] wait cancelled");
      g_source_set_callback (waiter->source, G_SOURCE_FUNC (wsm_wait_list_cancelled_cb), waiter,
                             NULL);
      g_source_attach (waiter->source, g_task_get_context (task));
    }

  while (*last != NULL)
    last = &(*last)->next;
  *last = waiter;
}

/* How a task ends. */
typedef struct
{
  GTask *task;   /* (owned) */
  GError *error; /* (owned) (nullable) */
  double number; /* what it yields, if that is a number */
} WsmWaitEnd;

static void
wsm_wait_end_free (WsmWaitEnd *self)
{
  g_object_unref (self->task);
  g_clear_error (&self->error);
  g_free (self);
}

static gboolean
wsm_wait_end_cb (gpointer user_data)
{
  WsmWaitEnd *self = user_data;

  if (self->error != NULL)
    g_task_return_error (self->task, g_steal_pointer (&self->error));
  else if (self->number >= 0)
    g_task_return_pointer (self->task, g_memdup2 (&self->number, sizeof self->number), g_free);
  else
    g_task_return_boolean (self->task, TRUE);

  return G_SOURCE_REMOVE;
}

/* A task may call back while it returns. Whoever ends a wait is in the middle of its own work, so
 * the task returns from a source of its own. */
static void
wsm_wait_list_end (WsmWaitList  **list,
                   const GError  *error,
                   double         number)
{
  while (*list != NULL)
    {
      g_autoptr (GSource) source = g_idle_source_new ();
      WsmWaitEnd *end = g_new0 (WsmWaitEnd, 1);

      end->task = wsm_wait_list_take (list);
      end->error = error != NULL ? g_error_copy (error) : NULL;
      end->number = number;
      g_source_set_static_name (source, "[wsm] wait over");
      g_source_set_priority (source, g_task_get_priority (end->task));
      g_source_set_callback (source, wsm_wait_end_cb, end, (GDestroyNotify) wsm_wait_end_free);
      g_source_attach (source, g_task_get_context (end->task));
    }
}

/*
 * wsm_wait_list_return:
 * @error: (nullable): what they fail with; `NULL` = they return TRUE
 *
 * Ends all waits, soon; the list is empty now.
 */
void
wsm_wait_list_return (WsmWaitList  **list,
                      const GError  *error)
{
  wsm_wait_list_end (list, error, -1);
}

/*
 * wsm_wait_list_return_number:
 * @number: a number, 0 or more; each task gets a copy as its pointer
 *
 * Ends all waits, soon; the list is empty now.
 */
void
wsm_wait_list_return_number (WsmWaitList **list,
                             double        number)
{
  g_return_if_fail (number >= 0);

  wsm_wait_list_end (list, NULL, number);
}
