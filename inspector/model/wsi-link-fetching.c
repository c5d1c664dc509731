/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-link-internal.h"

#include "wsi-connection-private.h"
#include "wsi-source-private.h"

/* The most that the protocol allows. */
#define PAGE_SIZE 500
/* Full pages that bring few rows do not go on for ever. */
#define MAX_PAGES (WSI_TABLE_CAPACITY / PAGE_SIZE)

static void
wsi_link_set_loading (WsiLink  *self,
                      gboolean  is_loading)
{
  self->is_loading = is_loading;
  wsi_source_set_loading (self->source, is_loading);
}

/* The highest id on a page; 0 if there is none. */
static guint64
wsi_link_get_last_id (GVariant *rows)
{
  gsize n = g_variant_n_children (rows);
  guint64 last = 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      guint64 id;

      if (g_variant_lookup (row, "id", "t", &id))
        last = MAX (last, id);
    }

  return last;
}

/* Goes on, as long as there is something to go on to: ids that differ span that many. */
static void
wsi_link_turn_page (WsiLink  *self,
                    GVariant *rows)
{
  guint64 last = wsi_link_get_last_id (rows);

  self->n_pages++;
  if (g_variant_n_children (rows) < PAGE_SIZE ||
      last < self->next_page || last - self->next_page < PAGE_SIZE - 1 ||
      last == G_MAXUINT64 || self->n_pages >= MAX_PAGES ||
      wsi_table_is_full (wsi_source_get_table (self->source)))
    wsi_link_set_loading (self, FALSE);
  else
    self->next_page = last + 1;
}

static int
wsi_link_compare_ids (gconstpointer first,
                      gconstpointer second)
{
  guint64 first_id = *(const guint64 *) first;
  guint64 second_id = *(const guint64 *) second;

  return first_id < second_id ? -1 : first_id > second_id;
}

/* What the page had to show is not missing any more, whether it was there or not. */
static void
wsi_link_forget_missing (WsiLink  *self,
                         GVariant *rows,
                         guint64   first,
                         guint     count)
{
  guint64 last = wsi_link_get_last_id (rows);
  guint n_done = 0;

  if (g_variant_n_children (rows) < count)
    last = G_MAXUINT64;
  last = MAX (last, first);

  while (n_done < self->missing->len &&
         g_array_index (self->missing, guint64, n_done) <= last)
    n_done++;
  g_array_remove_range (self->missing, 0, n_done);
}

static void
wsi_link_page_cb (GObject      *bus,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  g_autoptr (WsiCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = wsi_link_call_finish (call->link, bus, result, &error);
  WsiLink *self = call->link;
  g_autoptr (GVariant) rows = NULL;

  self->is_fetching = FALSE;
  if (self->source == NULL)
    return;

  if (reply == NULL)
    {
      /* A program that is busy is asked again; one that refuses is not. */
      g_debug ("GetConnections: %s", error->message);
      g_array_set_size (self->missing, 0);
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
        wsi_link_set_loading (self, FALSE);
      wsi_link_fetch (self);
      return;
    }

  rows = g_variant_get_child_value (reply, 0);
  wsi_source_apply_rows (self->source, rows);
  if (self->source == NULL)
    return;

  if (self->is_loading)
    wsi_link_turn_page (self, rows);
  else
    wsi_link_forget_missing (self, rows, call->window.first, call->window.count);
  wsi_link_fetch (self);
}

static void
wsi_link_fetch_rows (WsiLink *self,
                     guint64  first,
                     guint    count)
{
  WsiCall *call = wsi_call_new (self, NULL);

  self->is_fetching = TRUE;
  call->window.first = first;
  call->window.count = count;
  wsi_link_call (self, "GetConnections", g_variant_new ("(tu)", first, count),
                 "(aa{sv})", WSI_LINK_TIMEOUT_MS, wsi_link_page_cb, call);
}

/* How many rows there are from the first missing one to the last one that fits on its page. */
static guint
wsi_link_count_missing (WsiLink *self)
{
  WsiTable *table = wsi_source_get_table (self->source);
  guint first_position;
  guint count = 1;

  wsi_table_find (table, g_array_index (self->missing, guint64, 0), &first_position);
  for (guint i = 1; i < self->missing->len; i++)
    {
      guint position;
      guint n_unknown = i;

      wsi_table_find (table, g_array_index (self->missing, guint64, i), &position);
      if (position - first_position + n_unknown >= PAGE_SIZE)
        break;
      count = position - first_position + n_unknown + 1;
    }

  return count;
}

/* One page at a time: first all of them, then those that turn out to be missing. */
void
wsi_link_fetch (WsiLink *self)
{
  if (self->source == NULL || !self->is_greeted || self->is_fetching)
    return;

  if (self->is_loading)
    {
      wsi_link_fetch_rows (self, self->next_page, PAGE_SIZE);
    }
  else if (self->missing->len > 0)
    {
      g_array_sort (self->missing, wsi_link_compare_ids);
      wsi_link_fetch_rows (self, g_array_index (self->missing, guint64, 0),
                           wsi_link_count_missing (self));
    }
}

static void
wsi_link_journal_cb (GObject      *bus,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr (WsiCall) call = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = wsi_link_call_finish (call->link, bus, result, &error);
  WsiLink *self = call->link;

  self->is_fetching_journal = FALSE;
  if (error != NULL)
    g_debug ("GetJournal: %s", error->message);
  if (reply != NULL)
    {
      g_autoptr (GVariant) entries = g_variant_get_child_value (reply, 0);

      wsi_connection_apply_events (call->connection, entries,
                                   wsi_source_get_offset (self->source), TRUE);
    }

  if (self->needs_journal)
    wsi_link_fetch_journal (self);
}

/* Events that come meanwhile are in the answer too. */
void
wsi_link_fetch_journal (WsiLink *self)
{
  self->needs_journal = self->is_fetching_journal;
  if (self->source == NULL || !self->is_greeted || self->is_fetching_journal ||
      self->followed == NULL)
    return;

  self->is_fetching_journal = TRUE;
  wsi_link_call (self, "GetJournal",
                 g_variant_new ("(tt)",
                                wsi_connection_get_id (self->followed),
                                wsi_connection_get_last_event_number (self->followed)),
                 "(a(txuuds))", WSI_LINK_TIMEOUT_MS,
                 wsi_link_journal_cb, wsi_call_new (self, self->followed));
}

static void
wsi_link_details_cb (GObject      *bus,
                     GAsyncResult *result,
                     gpointer      user_data)
{
  g_autoptr (WsiCall) call = user_data;
  g_autoptr (GVariant) reply = wsi_link_call_finish (call->link, bus, result, NULL);
  g_autoptr (GVariant) said = NULL;
  g_autoptr (WsiDetails) details = NULL;
  WsiDetails *before;

  call->link->is_fetching_details = FALSE;
  if (reply == NULL)
    return;

  said = g_variant_get_child_value (reply, 0);
  before = wsi_connection_get_details (call->connection);
  if (before != NULL && g_variant_equal (wsi_details_get_variant (before), said))
    return;

  details = wsi_details_new (said);
  wsi_connection_set_details (call->connection, details);
}

void
wsi_link_fetch_details (WsiLink *self)
{
  if (self->source == NULL || !self->is_greeted || self->is_fetching_details ||
      self->followed == NULL)
    return;

  self->is_fetching_details = TRUE;
  wsi_link_call (self, "GetDetails",
                 g_variant_new ("(t)", wsi_connection_get_id (self->followed)),
                 "(a{sv})", WSI_LINK_TIMEOUT_MS,
                 wsi_link_details_cb, wsi_call_new (self, self->followed));
}
