/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-source-private.h"

#include "wsi-connection-private.h"
#include "wsi-enum-types.h"
#include "wsi-text.h"

#include <glib/gi18n-lib.h>

/**
 * WsiSource:
 *
 * One pool as it was last heard of; it keeps that when the pool is gone.
 */
struct _WsiSource
{
  GObject parent_instance;

  WsiSourceKind kind;
  char *title;          /* (owned) */
  char *icon_name;      /* (owned) (nullable) */
  char *application_id; /* (owned) (nullable) */
  char *error;          /* (owned) (nullable) */
  guint pid;
  guint payload_capture;
  guint counts[WSI_SOURCE_N_COUNTS]; /* all, open, late, waiting, failed */
  gboolean attached;
  gboolean loading;
  gboolean can_control;

  gint64 offset_us;   /* from the clock of the pool to ours */
  gint64 ended_at_us; /* when it was last heard of; 0 = it is still heard of */

  WsiTable *connections;   /* (owned) */
  WsiConnection *followed; /* (owned) (nullable) */
};

/* The counts stand in the order of the protocol. */
typedef enum
{
  PROP_N_CONNECTIONS = 1,
  PROP_N_OPEN,
  PROP_N_LATE,
  PROP_N_WAITING,
  PROP_N_FAILED,
  PROP_KIND,
  PROP_TITLE,
  PROP_ICON_NAME,
  PROP_APPLICATION_ID,
  PROP_PID,
  PROP_ATTACHED,
  PROP_LOADING,
  PROP_CAN_CONTROL,
  PROP_PAYLOAD_CAPTURE,
  PROP_CONNECTIONS,
  PROP_FOLLOWED,
  PROP_ERROR,
} WsiSourceProperty;

#define PROP_LAST_COUNT PROP_N_FAILED
#define PROP_LAST_ONE PROP_ERROR

static GParamSpec *properties[PROP_LAST_ONE + 1];

static const char *const count_names[PROP_LAST_COUNT + 1] =
{
  [PROP_N_CONNECTIONS] = "n-connections",
  [PROP_N_OPEN] = "n-open",
  [PROP_N_LATE] = "n-late",
  [PROP_N_WAITING] = "n-waiting",
  [PROP_N_FAILED] = "n-failed",
};

G_DEFINE_FINAL_TYPE (WsiSource, wsi_source, G_TYPE_OBJECT)

static void
wsi_source_notify (WsiSource         *self,
                   WsiSourceProperty  prop_id)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);
}

static void
wsi_source_set_text (WsiSource          *self,
                     char              **field,
                     const char         *text,
                     WsiSourceProperty   prop_id)
{
  g_autofree char *clean = text != NULL ? wsi_text_clean (text, WSI_TEXT_MAX_NAME) : NULL;

  if (g_strcmp0 (*field, clean) == 0)
    return;

  g_free (*field);
  *field = g_steal_pointer (&clean);
  wsi_source_notify (self, prop_id);
}

/* The best name that is told, if it is a name at all. */
static char *
wsi_source_dup_title (GVariant *about)
{
  static const char *const keys[] = { "name", "program", "application-id", "sandbox" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *title = NULL;
      const char *said;

      if (!g_variant_lookup (about, keys[i], "&s", &said))
        continue;

      title = g_strstrip (wsi_text_clean (said, WSI_TEXT_MAX_NAME));
      if (*title != '\0')
        return g_steal_pointer (&title);
    }

  /* Translators: stands for the name of a program that does not tell it. */
  return g_strdup (_("Unknown Program"));
}

/* NULL if what is told is none: it also names an icon. */
static const char *
wsi_source_get_told_application_id (GVariant *about)
{
  static const char *const keys[] = { "application-id", "sandbox" };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *said;

      if (g_variant_lookup (about, keys[i], "&s", &said) && g_application_id_is_valid (said))
        return said;
    }

  return NULL;
}

static void
wsi_source_apply_about (WsiSource *self,
                        GVariant  *about)
{
  g_autofree char *title = wsi_source_dup_title (about);
  const char *application_id = wsi_source_get_told_application_id (about);
  guint32 pid = 0;

  wsi_source_set_text (self, &self->title, title, PROP_TITLE);
  wsi_source_set_text (self, &self->application_id, application_id, PROP_APPLICATION_ID);
  wsi_source_set_text (self, &self->icon_name, application_id, PROP_ICON_NAME);
  g_variant_lookup (about, "pid", "u", &pid);
  if (self->pid != pid)
    {
      self->pid = pid;
      wsi_source_notify (self, PROP_PID);
    }
}

static void
wsi_source_dispose (GObject *object)
{
  WsiSource *self = WSI_SOURCE (object);

  for (guint i = 0; i < wsi_table_get_n (self->connections); i++)
    wsi_connection_set_source (wsi_table_get (self->connections, i), NULL);
  g_clear_object (&self->followed);

  G_OBJECT_CLASS (wsi_source_parent_class)->dispose (object);
}

static void
wsi_source_finalize (GObject *object)
{
  WsiSource *self = WSI_SOURCE (object);

  g_object_unref (self->connections);
  g_free (self->title);
  g_free (self->icon_name);
  g_free (self->application_id);
  g_free (self->error);

  G_OBJECT_CLASS (wsi_source_parent_class)->finalize (object);
}

static void
wsi_source_get_property (GObject    *object,
                         guint       prop_id,
                         GValue     *value,
                         GParamSpec *pspec)
{
  WsiSource *self = WSI_SOURCE (object);

  switch ((WsiSourceProperty) prop_id)
    {
    case PROP_N_CONNECTIONS:
    case PROP_N_OPEN:
    case PROP_N_LATE:
    case PROP_N_WAITING:
    case PROP_N_FAILED:
      g_value_set_uint (value, self->counts[prop_id - PROP_N_CONNECTIONS]);
      break;
    case PROP_KIND:
      g_value_set_enum (value, (int) self->kind);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_ICON_NAME:
      g_value_set_string (value, self->icon_name);
      break;
    case PROP_APPLICATION_ID:
      g_value_set_string (value, self->application_id);
      break;
    case PROP_PID:
      g_value_set_uint (value, self->pid);
      break;
    case PROP_ATTACHED:
      g_value_set_boolean (value, self->attached);
      break;
    case PROP_LOADING:
      g_value_set_boolean (value, self->loading);
      break;
    case PROP_CAN_CONTROL:
      g_value_set_boolean (value, self->can_control);
      break;
    case PROP_PAYLOAD_CAPTURE:
      g_value_set_uint (value, self->payload_capture);
      break;
    case PROP_CONNECTIONS:
      g_value_set_object (value, self->connections);
      break;
    case PROP_FOLLOWED:
      g_value_set_object (value, self->followed);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_source_class_init (WsiSourceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = wsi_source_dispose;
  object_class->finalize = wsi_source_finalize;
  object_class->get_property = wsi_source_get_property;

  for (guint prop_id = 1; prop_id <= PROP_LAST_COUNT; prop_id++)
    properties[prop_id] =
      g_param_spec_uint (count_names[prop_id], NULL, NULL, 0, G_MAXUINT, 0, flags);

  properties[PROP_KIND] =
    g_param_spec_enum ("kind", NULL, NULL,
                       WSI_TYPE_SOURCE_KIND, WSI_SOURCE_KIND_OWN, flags);
  properties[PROP_TITLE] =
    g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_ICON_NAME] =
    g_param_spec_string ("icon-name", NULL, NULL, NULL, flags);
  properties[PROP_APPLICATION_ID] =
    g_param_spec_string ("application-id", NULL, NULL, NULL, flags);
  properties[PROP_PID] =
    g_param_spec_uint ("pid", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_ATTACHED] =
    g_param_spec_boolean ("attached", NULL, NULL, FALSE, flags);
  properties[PROP_LOADING] =
    g_param_spec_boolean ("loading", NULL, NULL, FALSE, flags);
  properties[PROP_CAN_CONTROL] =
    g_param_spec_boolean ("can-control", NULL, NULL, FALSE, flags);
  properties[PROP_PAYLOAD_CAPTURE] =
    g_param_spec_uint ("payload-capture", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_CONNECTIONS] =
    g_param_spec_object ("connections", NULL, NULL, G_TYPE_LIST_MODEL, flags);
  properties[PROP_FOLLOWED] =
    g_param_spec_object ("followed", NULL, NULL, WSI_TYPE_CONNECTION, flags);
  properties[PROP_ERROR] =
    g_param_spec_string ("error", NULL, NULL, NULL, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_source_init (WsiSource *self)
{
  self->connections = wsi_table_new ();
}

/* about (nullable) is as in Inspector1.Attach; a floating one is taken. A recording is not
 * attached, anything else is. */
WsiSource *
wsi_source_new (WsiSourceKind  kind,
                GVariant      *about)
{
  WsiSource *self = g_object_new (WSI_TYPE_SOURCE, NULL);
  g_autoptr (GVariant) said = g_variant_ref_sink (about != NULL
                                                  ? about
                                                  : g_variant_new ("a{sv}", NULL));

  self->kind = kind;
  self->attached = kind != WSI_SOURCE_KIND_RECORDING;
  if (g_variant_is_of_type (said, G_VARIANT_TYPE_VARDICT))
    wsi_source_apply_about (self, said);
  else
    {
      g_autoptr (GVariant) nothing = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

      wsi_source_apply_about (self, nothing);
    }

  return self;
}

WsiTable *
wsi_source_get_table (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->connections;
}

gint64
wsi_source_get_offset (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->offset_us;
}

/* Before the first row. */
void
wsi_source_set_offset (WsiSource *self,
                       gint64     offset_us)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  self->offset_us = offset_us;
}

void
wsi_source_set_loading (WsiSource *self,
                        gboolean   loading)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  loading = !!loading;
  if (self->loading == loading)
    return;

  self->loading = loading;
  wsi_source_notify (self, PROP_LOADING);
}

void
wsi_source_set_followed (WsiSource     *self,
                         WsiConnection *followed)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  if (g_set_object (&self->followed, followed))
    wsi_source_notify (self, PROP_FOLLOWED);
}

/* The rows stay as they are. */
void
wsi_source_set_gone (WsiSource  *self,
                     const char *error)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  if (!self->attached)
    return;

  g_object_freeze_notify (G_OBJECT (self));
  self->attached = FALSE;
  self->ended_at_us = g_get_monotonic_time ();
  wsi_source_notify (self, PROP_ATTACHED);
  wsi_source_set_text (self, &self->error, error, PROP_ERROR);
  wsi_source_set_loading (self, FALSE);
  if (self->can_control)
    {
      self->can_control = FALSE;
      wsi_source_notify (self, PROP_CAN_CONTROL);
    }
  g_object_thaw_notify (G_OBJECT (self));

  for (guint i = 0; i < wsi_table_get_n (self->connections); i++)
    wsi_connection_set_attached (wsi_table_get (self->connections, i), FALSE);
}

/* Of a recording, in this process's clock. */
void
wsi_source_set_ended_at (WsiSource *self,
                         gint64     time_us)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  self->ended_at_us = time_us;
}

void
wsi_source_apply_summary (WsiSource *self,
                          GVariant  *summary)
{
  guint32 payload_capture = 0;
  gboolean can_control = FALSE;
  guint32 counts[WSI_SOURCE_N_COUNTS];

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (summary, G_VARIANT_TYPE_VARDICT));

  g_variant_lookup (summary, "control", "b", &can_control);
  g_variant_lookup (summary, "payload-capture", "u", &payload_capture);

  g_object_freeze_notify (G_OBJECT (self));
  /* Who attached it knows better what it is: the summary is of the same program. */
  if (self->kind == WSI_SOURCE_KIND_APP)
    wsi_source_apply_about (self, summary);
  if (self->can_control != can_control)
    {
      self->can_control = can_control;
      wsi_source_notify (self, PROP_CAN_CONTROL);
    }
  if (self->payload_capture != payload_capture)
    {
      self->payload_capture = payload_capture;
      wsi_source_notify (self, PROP_PAYLOAD_CAPTURE);
    }
  if (g_variant_lookup (summary, "counts", "(uuuuu)",
                        &counts[0], &counts[1], &counts[2], &counts[3], &counts[4]))
    wsi_source_apply_counts (self, counts);
  g_object_thaw_notify (G_OBJECT (self));
}

void
wsi_source_apply_counts (WsiSource     *self,
                         const guint32 *counts)
{
  guint before[WSI_SOURCE_N_COUNTS];

  g_return_if_fail (WSI_IS_SOURCE (self));

  for (guint i = 0; i < WSI_SOURCE_N_COUNTS; i++)
    {
      before[i] = self->counts[i];
      self->counts[i] = counts[i];
    }

  g_object_freeze_notify (G_OBJECT (self));
  for (guint i = 0; i < WSI_SOURCE_N_COUNTS; i++)
    if (before[i] != self->counts[i])
      wsi_source_notify (self, PROP_N_CONNECTIONS + i);
  g_object_thaw_notify (G_OBJECT (self));
}

/* Rows that are there are updated, others added. */
void
wsi_source_apply_rows (WsiSource *self,
                       GVariant  *rows)
{
  g_autoptr (GPtrArray) added = NULL;
  g_autoptr (GHashTable) seen = NULL;
  gsize n;

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (rows, G_VARIANT_TYPE ("aa{sv}")));

  added = g_ptr_array_new_with_free_func (g_object_unref);
  seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  n = MIN (g_variant_n_children (rows), WSI_TABLE_CAPACITY);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) row = g_variant_get_child_value (rows, i);
      WsiConnection *connection;
      guint64 id;

      if (!g_variant_lookup (row, "id", "t", &id) || id == 0)
        continue;

      connection = wsi_table_find (self->connections, id, NULL);
      if (connection == NULL)
        connection = g_hash_table_lookup (seen, &id);
      if (connection == NULL)
        {
          connection = wsi_connection_new (id);
          wsi_connection_set_source (connection, self);
          wsi_connection_set_attached (connection, self->attached);
          g_ptr_array_add (added, connection);
          g_hash_table_insert (seen, g_memdup2 (&id, sizeof id), connection);
        }
      wsi_connection_apply_row (connection, row, self->offset_us);
    }

  wsi_table_add_many (self->connections, added);
}

/* Takes over a(txxxtttttttdduuuuuuuu). */
void
wsi_source_apply_figures (WsiSource *self,
                          GVariant  *figures,
                          GArray    *missing)
{
  const WsiFigures *rows;
  gsize n;

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (figures, G_VARIANT_TYPE ("a" WSI_FIGURES_TYPE)));

  rows = g_variant_get_fixed_array (figures, &n, sizeof (WsiFigures));
  for (gsize i = 0; i < n; i++)
    {
      WsiConnection *connection = wsi_table_find (self->connections, rows[i].id, NULL);

      if ((connection == NULL ||
           !wsi_connection_apply_figures (connection, &rows[i], self->offset_us)) &&
          missing != NULL && missing->len < WSI_TABLE_CAPACITY)
        g_array_append_val (missing, rows[i].id);
    }
}

/* Takes over a(ts). */
void
wsi_source_apply_reasons (WsiSource *self,
                          GVariant  *reasons)
{
  GVariantIter iter;
  guint64 id;
  const char *reason;

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (reasons, G_VARIANT_TYPE ("a(ts)")));

  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(t&s)", &id, &reason))
    {
      WsiConnection *connection = wsi_table_find (self->connections, id, NULL);

      if (connection != NULL)
        wsi_connection_set_reason (connection, reason);
    }
}

/* Takes over at. */
void
wsi_source_apply_removed (WsiSource *self,
                          GVariant  *removed)
{
  g_autoptr (GPtrArray) gone = NULL;
  const guint64 *ids;
  gsize n;

  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (g_variant_is_of_type (removed, G_VARIANT_TYPE ("at")));

  gone = g_ptr_array_new_with_free_func (g_object_unref);
  ids = g_variant_get_fixed_array (removed, &n, sizeof (guint64));
  wsi_table_remove (self->connections, ids, n, gone);

  for (guint i = 0; i < gone->len; i++)
    {
      wsi_connection_set_source (gone->pdata[i], NULL);
      wsi_connection_set_attached (gone->pdata[i], FALSE);
    }
}

/* Counts the rows, where no pool does. */
void
wsi_source_count (WsiSource *self)
{
  guint32 counts[WSI_SOURCE_N_COUNTS] = { 0, };

  g_return_if_fail (WSI_IS_SOURCE (self));

  counts[0] = wsi_table_get_n (self->connections);
  for (guint i = 0; i < counts[0]; i++)
    {
      switch (wsi_connection_get_state (wsi_table_get (self->connections, i)))
        {
        case WSI_STATE_OPEN:
          counts[1]++;
          break;
        case WSI_STATE_SUSPECT:
          counts[2]++;
          break;
        case WSI_STATE_WAITING:
          counts[3]++;
          break;
        case WSI_STATE_FAILED:
          counts[4]++;
          break;
        case WSI_STATE_UNKNOWN:
        case WSI_STATE_IDLE:
        case WSI_STATE_CONNECTING:
        case WSI_STATE_CLOSING:
        case WSI_STATE_CLOSED:
        default:
          break;
        }
    }

  wsi_source_apply_counts (self, counts);
}

/* What is wanted of the followed one has changed. */
void
wsi_source_update_following (WsiSource *self)
{
  g_return_if_fail (WSI_IS_SOURCE (self));
}

WsiSourceKind
wsi_source_get_kind (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), WSI_SOURCE_KIND_OWN);

  return self->kind;
}

const char *
wsi_source_get_title (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->title;
}

const char *
wsi_source_get_icon_name (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->icon_name;
}

const char *
wsi_source_get_application_id (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->application_id;
}

guint
wsi_source_get_pid (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->pid;
}

gboolean
wsi_source_get_attached (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), FALSE);

  return self->attached;
}

gboolean
wsi_source_get_loading (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), FALSE);

  return self->loading;
}

gboolean
wsi_source_get_can_control (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), FALSE);

  return self->can_control;
}

guint
wsi_source_get_payload_capture (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->payload_capture;
}

guint
wsi_source_get_n_connections (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[0];
}

guint
wsi_source_get_n_open (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[1];
}

guint
wsi_source_get_n_late (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[2];
}

guint
wsi_source_get_n_waiting (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[3];
}

guint
wsi_source_get_n_failed (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->counts[4];
}

const char *
wsi_source_get_error (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->error;
}

GListModel *
wsi_source_get_connections (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return G_LIST_MODEL (self->connections);
}

WsiConnection *
wsi_source_get_followed (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), NULL);

  return self->followed;
}

gint64
wsi_source_get_now (WsiSource *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE (self), 0);

  return self->ended_at_us != 0 ? self->ended_at_us : g_get_monotonic_time ();
}

void
wsi_source_watch (WsiSource *self,
                  guint      interval_ms,
                  guint      position,
                  guint      n_rows)
{
  g_return_if_fail (WSI_IS_SOURCE (self));
}

void
wsi_source_follow (WsiSource     *self,
                   WsiConnection *connection)
{
  g_return_if_fail (WSI_IS_SOURCE (self));
  g_return_if_fail (connection == NULL || WSI_IS_CONNECTION (connection));

  wsi_source_set_followed (self, connection);
}

void
wsi_source_detach (WsiSource *self)
{
  g_return_if_fail (WSI_IS_SOURCE (self));

  wsi_source_set_gone (self, NULL);
}
