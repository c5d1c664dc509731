/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-details.h"

#include "wsi-text.h"

#include <math.h>

#define MAX_HEADERS 500

/**
 * WsiDetails:
 *
 * What one connection was like at one moment; it is not changed any more.
 */
struct _WsiDetails
{
  GObject parent_instance;

  GVariant *variant;   /* (owned) */
  GHashTable *values;  /* (owned) (element-type utf8 GVariant): by group/key */
  GArray *request;     /* (owned) (element-type WsiHeader) */
  GArray *response;    /* (owned) (element-type WsiHeader) */
  GStringChunk *texts; /* (owned): of the headers */
};

G_DEFINE_FINAL_TYPE (WsiDetails, wsi_details, G_TYPE_OBJECT)

static char *
wsi_details_make_path (const char *group,
                       const char *key)
{
  return g_strconcat (group != NULL ? group : "", "/", key, NULL);
}

static GVariant *
wsi_details_find (WsiDetails         *self,
                  const char         *group,
                  const char         *key,
                  const GVariantType *type)
{
  g_autofree char *path = wsi_details_make_path (group, key);
  GVariant *value = g_hash_table_lookup (self->values, path);

  if (value == NULL || !g_variant_is_of_type (value, type))
    return NULL;

  return value;
}

/* Texts are kept as they may be shown. */
static void
wsi_details_store (WsiDetails *self,
                   const char *group,
                   const char *key,
                   GVariant   *value)
{
  GVariant *kept;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    {
      g_autofree char *text = wsi_text_clean (g_variant_get_string (value, NULL),
                                              WSI_TEXT_MAX_LONG);

      kept = g_variant_ref_sink (g_variant_new_string (text));
    }
  else
    {
      kept = g_variant_ref (value);
    }

  g_hash_table_replace (self->values, wsi_details_make_path (group, key), kept);
}

static void
wsi_details_read_group (WsiDetails *self,
                        const char *group,
                        GVariant   *dictionary)
{
  GVariantIter iter;
  const char *key;
  GVariant *value;

  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_loop (&iter, "{&sv}", &key, &value))
    {
      wsi_details_store (self, group, key, value);

      if (group == NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT))
        wsi_details_read_group (self, key, value);
    }
}

static GArray *
wsi_details_read_headers (WsiDetails *self,
                          const char *direction)
{
  GArray *headers = g_array_new (FALSE, FALSE, sizeof (WsiHeader));
  GVariant *list = wsi_details_find (self, "handshake", direction, G_VARIANT_TYPE ("a(ssb)"));
  gsize n = list != NULL ? MIN (g_variant_n_children (list), MAX_HEADERS) : 0;

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;
      const char *name_said;
      const char *value_said;
      gboolean is_hidden;
      WsiHeader header = { NULL, NULL };

      g_variant_get_child (list, i, "(&s&sb)", &name_said, &value_said, &is_hidden);
      name = wsi_text_clean (name_said, WSI_TEXT_MAX_NAME);
      value = wsi_text_clean (value_said, WSI_TEXT_MAX_LONG);

      header.name = g_string_chunk_insert (self->texts, name);
      header.value = is_hidden ? NULL : g_string_chunk_insert (self->texts, value);
      g_array_append_val (headers, header);
    }

  return headers;
}

static void
wsi_details_finalize (GObject *object)
{
  WsiDetails *self = WSI_DETAILS (object);

  g_clear_pointer (&self->variant, g_variant_unref);
  g_hash_table_unref (self->values);
  g_clear_pointer (&self->request, g_array_unref);
  g_clear_pointer (&self->response, g_array_unref);
  g_string_chunk_free (self->texts);

  G_OBJECT_CLASS (wsi_details_parent_class)->finalize (object);
}

static void
wsi_details_class_init (WsiDetailsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = wsi_details_finalize;
}

static void
wsi_details_init (WsiDetails *self)
{
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal,
                                        g_free, (GDestroyNotify) g_variant_unref);
  self->texts = g_string_chunk_new (1024);
}

/* A floating variant is taken; one of another type than a{sv} tells nothing. */
WsiDetails *
wsi_details_new (GVariant *details)
{
  g_autoptr (GVariant) given = NULL;
  WsiDetails *self;

  g_return_val_if_fail (details != NULL, NULL);

  given = g_variant_ref_sink (details);
  self = g_object_new (WSI_TYPE_DETAILS, NULL);
  if (g_variant_is_of_type (given, G_VARIANT_TYPE_VARDICT))
    self->variant = g_steal_pointer (&given);
  else
    self->variant = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));

  wsi_details_read_group (self, NULL, self->variant);
  self->request = wsi_details_read_headers (self, "request");
  self->response = wsi_details_read_headers (self, "response");

  return self;
}

/* As it came, for a recording: nothing in it was checked. */
GVariant *
wsi_details_get_variant (WsiDetails *self)
{
  g_return_val_if_fail (WSI_IS_DETAILS (self), NULL);

  return self->variant;
}

gboolean
wsi_details_has (WsiDetails *self,
                 const char *group)
{
  g_return_val_if_fail (WSI_IS_DETAILS (self), FALSE);
  g_return_val_if_fail (group != NULL, FALSE);

  return wsi_details_find (self, NULL, group, G_VARIANT_TYPE_VARDICT) != NULL;
}

/* Whether a key is there, of whatever type. */
gboolean
wsi_details_has_key (WsiDetails *self,
                     const char *group,
                     const char *key)
{
  g_return_val_if_fail (WSI_IS_DETAILS (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  return wsi_details_find (self, group, key, G_VARIANT_TYPE_ANY) != NULL;
}

guint
wsi_details_get_uint (WsiDetails *self,
                      const char *group,
                      const char *key)
{
  GVariant *value;

  g_return_val_if_fail (WSI_IS_DETAILS (self), 0);
  g_return_val_if_fail (key != NULL, 0);

  value = wsi_details_find (self, group, key, G_VARIANT_TYPE_UINT32);

  return value != NULL ? g_variant_get_uint32 (value) : 0;
}

guint64
wsi_details_get_uint64 (WsiDetails *self,
                        const char *group,
                        const char *key)
{
  GVariant *value;

  g_return_val_if_fail (WSI_IS_DETAILS (self), 0);
  g_return_val_if_fail (key != NULL, 0);

  value = wsi_details_find (self, group, key, G_VARIANT_TYPE_UINT64);

  return value != NULL ? g_variant_get_uint64 (value) : 0;
}

gint64
wsi_details_get_int64 (WsiDetails *self,
                       const char *group,
                       const char *key)
{
  GVariant *value;

  g_return_val_if_fail (WSI_IS_DETAILS (self), 0);
  g_return_val_if_fail (key != NULL, 0);

  value = wsi_details_find (self, group, key, G_VARIANT_TYPE_INT64);

  return value != NULL ? g_variant_get_int64 (value) : 0;
}

double
wsi_details_get_double (WsiDetails *self,
                        const char *group,
                        const char *key)
{
  GVariant *value;

  g_return_val_if_fail (WSI_IS_DETAILS (self), -1.0);
  g_return_val_if_fail (key != NULL, -1.0);

  value = wsi_details_find (self, group, key, G_VARIANT_TYPE_DOUBLE);
  if (value == NULL || !isfinite (g_variant_get_double (value)))
    return -1.0;

  return g_variant_get_double (value);
}

gboolean
wsi_details_get_boolean (WsiDetails *self,
                         const char *group,
                         const char *key)
{
  GVariant *value;

  g_return_val_if_fail (WSI_IS_DETAILS (self), FALSE);
  g_return_val_if_fail (key != NULL, FALSE);

  value = wsi_details_find (self, group, key, G_VARIANT_TYPE_BOOLEAN);

  return value != NULL && g_variant_get_boolean (value);
}

const char *
wsi_details_get_string (WsiDetails *self,
                        const char *group,
                        const char *key)
{
  GVariant *value;

  g_return_val_if_fail (WSI_IS_DETAILS (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  value = wsi_details_find (self, group, key, G_VARIANT_TYPE_STRING);

  return value != NULL ? g_variant_get_string (value, NULL) : NULL;
}

/* NULL if it is not there. */
GStrv
wsi_details_dup_strv (WsiDetails *self,
                      const char *group,
                      const char *key)
{
  g_autoptr (GStrvBuilder) builder = NULL;
  GVariant *value;
  gsize n;

  g_return_val_if_fail (WSI_IS_DETAILS (self), NULL);
  g_return_val_if_fail (key != NULL, NULL);

  value = wsi_details_find (self, group, key, G_VARIANT_TYPE_STRING_ARRAY);
  if (value == NULL)
    return NULL;

  builder = g_strv_builder_new ();
  n = MIN (g_variant_n_children (value), MAX_HEADERS);
  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *text = NULL;
      const char *said;

      g_variant_get_child (value, i, "&s", &said);
      text = wsi_text_clean (said, WSI_TEXT_MAX_SENTENCE);
      g_strv_builder_add (builder, text);
    }

  return g_strv_builder_end (builder);
}

GArray *
wsi_details_get_headers (WsiDetails *self,
                         const char *direction)
{
  g_return_val_if_fail (WSI_IS_DETAILS (self), NULL);
  g_return_val_if_fail (direction != NULL, NULL);

  return g_array_ref (g_str_equal (direction, "request") ? self->request : self->response);
}
