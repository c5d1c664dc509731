/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-policy-draft.h"

#include <glib/gi18n-lib.h>
#include <libwsmulti.h>
#include <string.h>

/**
 * WsiPolicyDraft:
 *
 * A heartbeat or a back-off that a person is changing.
 *
 * The rules are the library's own: a draft is judged by the object that would be made of it.
 */

typedef enum
{
  PROP_CHANGED = 1,
  PROP_VALID,
  PROP_ERROR,
  PROP_ERROR_KEY,
} WsiPolicyDraftProperty;

#define PROP_LAST_ONE PROP_ERROR_KEY

typedef enum
{
  SIGNAL_EDITED,
} WsiPolicyDraftSignal;

#define N_SIGNALS (SIGNAL_EDITED + 1)

typedef struct
{
  const char *name; /* (unowned) */
  const char *type; /* (unowned): of a GVariant */
  guint offset;     /* how much more the number on the bus is than that of the library */
} WsiPolicyKey;

#define MAX_KEYS 9

struct _WsiPolicyDraft
{
  GObject parent_instance;

  const WsiPolicyKey *keys; /* (unowned) */
  guint n_keys;
  WsiPolicyKind kind;

  double present[MAX_KEYS];
  double wanted[MAX_KEYS];

  WsmHeartbeat *heartbeat; /* (owned) (nullable): made of what is wanted */
  WsmBackoff *backoff;     /* (owned) (nullable): likewise */
  char *error;             /* (owned) (nullable) */
  const char *error_key;   /* (unowned) (nullable) */

  guint changed : 1;
  guint known : 1;
};

static const WsiPolicyKey heartbeat_keys[] = {
  { "mode", "u", 1 },
  { "interval", "u", 0 },
  { "timeout", "u", 0 },
  { "max-missed", "u", 0 },
  { "jitter", "d", 0 },
  { "idle-only", "b", 0 },
  { "reply-match", "u", 1 },
  { "hide-reply", "b", 0 },
  { "liveness", "u", 1 },
};

static const WsiPolicyKey backoff_keys[] = {
  { "initial", "u", 0 },
  { "max", "u", 0 },
  { "factor", "d", 0 },
  { "max-attempts", "u", 0 },
  { "max-elapsed", "u", 0 },
  { "stable-after", "u", 0 },
};

G_STATIC_ASSERT (G_N_ELEMENTS (heartbeat_keys) <= MAX_KEYS);
G_STATIC_ASSERT (G_N_ELEMENTS (backoff_keys) <= MAX_KEYS);

static GParamSpec *properties[PROP_LAST_ONE + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiPolicyDraft, wsi_policy_draft, G_TYPE_OBJECT)

static int
wsi_policy_draft_find (WsiPolicyDraft *self,
                       const char     *key)
{
  for (guint i = 0; i < self->n_keys; i++)
    {
      if (strcmp (self->keys[i].name, key) == 0)
        return (int) i;
    }

  return -1;
}

static double
wsi_policy_draft_get_wanted (WsiPolicyDraft *self,
                             const char     *key)
{
  int position = wsi_policy_draft_find (self, key);

  g_assert (position >= 0);

  return self->wanted[position];
}

static guint
wsi_policy_draft_get_uint (WsiPolicyDraft *self,
                           const char     *key)
{
  return (guint) CLAMP (wsi_policy_draft_get_wanted (self, key), 0.0, (double) G_MAXUINT);
}

/* GObject's own check of an enumeration would complain about what a newer program says. */
static int
wsi_policy_draft_get_enum (WsiPolicyDraft *self,
                           const char     *key,
                           GType           type)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);
  int value = (int) wsi_policy_draft_get_uint (self, key) - 1;

  return g_enum_get_value (values, value) != NULL ? value : values->minimum;
}

/* What a beat says is no business of an inspector, so something stands in for it. */
static void
wsi_policy_draft_make_heartbeat (WsiPolicyDraft  *self,
                                 GError         **error)
{
  static const char placeholder[] = "-";
  g_autoptr (GBytes) payload_bytes = g_bytes_new_static (placeholder, sizeof placeholder - 1);
  int mode = wsi_policy_draft_get_enum (self, "mode", WSM_TYPE_HEARTBEAT_MODE);
  int match = wsi_policy_draft_get_enum (self, "reply-match", WSM_TYPE_REPLY_MATCH);

  self->heartbeat =
    g_object_new (WSM_TYPE_HEARTBEAT,
                  "mode", mode,
                  "interval", wsi_policy_draft_get_uint (self, "interval"),
                  "timeout", wsi_policy_draft_get_uint (self, "timeout"),
                  "max-missed", wsi_policy_draft_get_uint (self, "max-missed"),
                  "jitter", wsi_policy_draft_get_wanted (self, "jitter"),
                  "idle-only", wsi_policy_draft_get_wanted (self, "idle-only") != 0.0,
                  "payload", mode == WSM_HEARTBEAT_MODE_TEXT ? placeholder : NULL,
                  "payload-bytes", mode == WSM_HEARTBEAT_MODE_BINARY ? payload_bytes : NULL,
                  "reply-match", match,
                  "reply", match == WSM_REPLY_MATCH_REGEX ? placeholder : NULL,
                  "hide-reply", wsi_policy_draft_get_wanted (self, "hide-reply") != 0.0,
                  "liveness",
                  wsi_policy_draft_get_enum (self, "liveness", WSM_TYPE_LIVENESS),
                  NULL);

  wsm_heartbeat_validate (self->heartbeat, error);
}

static void
wsi_policy_draft_make_backoff (WsiPolicyDraft  *self,
                               GError         **error)
{
  self->backoff =
    g_object_new (WSM_TYPE_BACKOFF,
                  "initial", wsi_policy_draft_get_uint (self, "initial"),
                  "max", wsi_policy_draft_get_uint (self, "max"),
                  "factor", wsi_policy_draft_get_wanted (self, "factor"),
                  "max-attempts", wsi_policy_draft_get_uint (self, "max-attempts"),
                  "max-elapsed", wsi_policy_draft_get_uint (self, "max-elapsed"),
                  "stable-after", wsi_policy_draft_get_uint (self, "stable-after"),
                  NULL);

  wsm_backoff_validate (self->backoff, error);
}

/* The library's sentences are "Heartbeat: KEY …". */
static const char *
wsi_policy_draft_read_error (WsiPolicyDraft  *self,
                             const char      *message,
                             const char     **key)
{
  const char *rest = strstr (message, ": ");

  *key = NULL;
  if (rest == NULL)
    return message;

  rest += 2;
  for (guint i = 0; i < self->n_keys; i++)
    {
      gsize length = strlen (self->keys[i].name);

      if (strncmp (rest, self->keys[i].name, length) == 0 && rest[length] == ' ')
        *key = self->keys[i].name;
    }

  return rest;
}

/* A text, bytes or an expression are never told, and cannot be given from here. */
static const char *
wsi_policy_draft_find_secret (WsiPolicyDraft  *self,
                              const char     **key)
{
  int mode = wsi_policy_draft_find (self, "mode");
  int match = wsi_policy_draft_find (self, "reply-match");

  if (mode < 0 || match < 0)
    return NULL;

  if (self->wanted[mode] != self->present[mode] &&
      (self->wanted[mode] == WSM_HEARTBEAT_MODE_TEXT + 1 ||
       self->wanted[mode] == WSM_HEARTBEAT_MODE_BINARY + 1))
    {
      *key = self->keys[mode].name;
      return _("Only the program itself can set what such a beat says.");
    }

  if (self->wanted[match] != self->present[match] &&
      self->wanted[match] == WSM_REPLY_MATCH_REGEX + 1)
    {
      *key = self->keys[match].name;
      return _("Only the program itself can set a regular expression.");
    }

  return NULL;
}

/* Everything is judged before anybody hears of it. */
static void
wsi_policy_draft_judge (WsiPolicyDraft *self)
{
  g_autoptr (GError) error = NULL;
  const char *error_key = NULL;
  const char *message = NULL;
  gboolean was_valid = self->error == NULL;
  gboolean changed = FALSE;

  g_clear_object (&self->heartbeat);
  g_clear_object (&self->backoff);

  if (self->known && self->kind == WSI_POLICY_KIND_HEARTBEAT)
    wsi_policy_draft_make_heartbeat (self, &error);
  else if (self->known)
    wsi_policy_draft_make_backoff (self, &error);

  for (guint i = 0; i < self->n_keys; i++)
    changed = changed || self->wanted[i] != self->present[i];

  if (error != NULL)
    message = wsi_policy_draft_read_error (self, error->message, &error_key);
  else if (self->known)
    message = wsi_policy_draft_find_secret (self, &error_key);

  g_object_freeze_notify (G_OBJECT (self));

  if (self->changed != changed)
    {
      self->changed = changed;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHANGED]);
    }

  if (g_strcmp0 (self->error, message) != 0)
    {
      g_free (self->error);
      self->error = g_strdup (message);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
    }

  if (self->error_key != error_key)
    {
      self->error_key = error_key;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR_KEY]);
    }

  if (was_valid != (self->error == NULL))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_VALID]);

  g_object_thaw_notify (G_OBJECT (self));
}

static void
wsi_policy_draft_tell (WsiPolicyDraft *self)
{
  g_autoptr (WsiPolicyDraft) held = g_object_ref (self);

  wsi_policy_draft_judge (held);
  g_signal_emit (held, signals[SIGNAL_EDITED], 0);
}

static double
wsi_policy_draft_read_value (GVariant           *dictionary,
                             const WsiPolicyKey *key)
{
  g_autoptr (GVariant) value =
    g_variant_lookup_value (dictionary, key->name, G_VARIANT_TYPE (key->type));

  /* Of an enumeration the first value is better than none. */
  if (value == NULL)
    return key->offset;

  switch (key->type[0])
    {
    case 'u':
      return g_variant_get_uint32 (value);
    case 'd':
      return g_variant_get_double (value);
    default:
      return g_variant_get_boolean (value) ? 1.0 : 0.0;
    }
}

static GVariant *
wsi_policy_draft_make_value (const WsiPolicyKey *key,
                             double              value)
{
  switch (key->type[0])
    {
    case 'u':
      return g_variant_new_uint32 ((guint32) CLAMP (value, 0.0, (double) G_MAXUINT32));
    case 'd':
      return g_variant_new_double (value);
    default:
      return g_variant_new_boolean (value != 0.0);
    }
}

static void
wsi_policy_draft_dispose (GObject *object)
{
  WsiPolicyDraft *self = WSI_POLICY_DRAFT (object);

  g_clear_object (&self->heartbeat);
  g_clear_object (&self->backoff);

  G_OBJECT_CLASS (wsi_policy_draft_parent_class)->dispose (object);
}

static void
wsi_policy_draft_finalize (GObject *object)
{
  WsiPolicyDraft *self = WSI_POLICY_DRAFT (object);

  g_clear_pointer (&self->error, g_free);

  G_OBJECT_CLASS (wsi_policy_draft_parent_class)->finalize (object);
}

static void
wsi_policy_draft_get_property (GObject    *object,
                               guint       prop_id,
                               GValue     *value,
                               GParamSpec *pspec)
{
  WsiPolicyDraft *self = WSI_POLICY_DRAFT (object);

  switch ((WsiPolicyDraftProperty) prop_id)
    {
    case PROP_CHANGED:
      g_value_set_boolean (value, self->changed);
      break;
    case PROP_VALID:
      g_value_set_boolean (value, self->error == NULL);
      break;
    case PROP_ERROR:
      g_value_set_string (value, self->error);
      break;
    case PROP_ERROR_KEY:
      g_value_set_static_string (value, self->error_key);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_policy_draft_class_init (WsiPolicyDraftClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = wsi_policy_draft_dispose;
  object_class->finalize = wsi_policy_draft_finalize;
  object_class->get_property = wsi_policy_draft_get_property;

  /**
   * WsiPolicyDraft:changed: (getter is_changed)
   *
   * Whether something else is wanted than what holds.
   */
  properties[PROP_CHANGED] =
    g_param_spec_boolean ("changed", NULL, NULL,
                          FALSE,
                          (G_PARAM_READABLE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsiPolicyDraft:valid: (getter is_valid)
   *
   * Whether the library would take it.
   */
  properties[PROP_VALID] =
    g_param_spec_boolean ("valid", NULL, NULL,
                          TRUE,
                          (G_PARAM_READABLE |
                           G_PARAM_EXPLICIT_NOTIFY |
                           G_PARAM_STATIC_STRINGS));

  /**
   * WsiPolicyDraft:error: (getter get_error)
   *
   * Why it would not, or `NULL`.
   */
  properties[PROP_ERROR] =
    g_param_spec_string ("error", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  /**
   * WsiPolicyDraft:error-key: (getter get_error_key)
   *
   * Which value the error is about, or `NULL`.
   */
  properties[PROP_ERROR_KEY] =
    g_param_spec_string ("error-key", NULL, NULL,
                         NULL,
                         (G_PARAM_READABLE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  /**
   * WsiPolicyDraft::edited:
   * @self: the draft
   *
   * Emitted after a value has changed, whoever changed it.
   */
  signals[SIGNAL_EDITED] =
    g_signal_new ("edited",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0,
                  NULL, NULL,
                  NULL,
                  G_TYPE_NONE, 0);
}

static void
wsi_policy_draft_init (WsiPolicyDraft *self)
{
}

WsiPolicyDraft *
wsi_policy_draft_new (WsiPolicyKind kind)
{
  WsiPolicyDraft *self = g_object_new (WSI_TYPE_POLICY_DRAFT, NULL);

  self->kind = kind;
  if (kind == WSI_POLICY_KIND_HEARTBEAT)
    {
      self->keys = heartbeat_keys;
      self->n_keys = G_N_ELEMENTS (heartbeat_keys);
    }
  else
    {
      self->keys = backoff_keys;
      self->n_keys = G_N_ELEMENTS (backoff_keys);
    }

  return self;
}

void
wsi_policy_draft_set_present (WsiPolicyDraft *self,
                              GVariant       *present)
{
  gboolean was_known;
  gboolean changed = FALSE;

  g_return_if_fail (WSI_IS_POLICY_DRAFT (self));
  g_return_if_fail (present == NULL || g_variant_is_of_type (present, G_VARIANT_TYPE_VARDICT));

  was_known = self->known;
  self->known = present != NULL;
  changed = was_known != self->known;

  for (guint i = 0; i < self->n_keys; i++)
    {
      double value = present != NULL ? wsi_policy_draft_read_value (present, &self->keys[i]) : 0.0;
      gboolean edited = was_known && self->known && self->wanted[i] != self->present[i];

      if (self->present[i] == value)
        continue;

      self->present[i] = value;
      if (!edited)
        self->wanted[i] = value;
      changed = TRUE;
    }

  /* What was unknown had nothing to be changed from. */
  if (!self->known || !was_known)
    memcpy (self->wanted, self->present, sizeof self->wanted);

  if (changed)
    wsi_policy_draft_tell (self);
}

gboolean
wsi_policy_draft_is_known (WsiPolicyDraft *self)
{
  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), FALSE);

  return self->known;
}

double
wsi_policy_draft_get_value (WsiPolicyDraft *self,
                            const char     *key)
{
  int position;

  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), 0.0);
  g_return_val_if_fail (key != NULL, 0.0);

  position = wsi_policy_draft_find (self, key);
  g_return_val_if_fail (position >= 0, 0.0);

  return self->wanted[position];
}

void
wsi_policy_draft_set_value (WsiPolicyDraft *self,
                            const char     *key,
                            double          value)
{
  int position;

  g_return_if_fail (WSI_IS_POLICY_DRAFT (self));
  g_return_if_fail (key != NULL);

  position = wsi_policy_draft_find (self, key);
  g_return_if_fail (position >= 0);

  if (self->wanted[position] == value)
    return;

  self->wanted[position] = value;
  wsi_policy_draft_tell (self);
}

double
wsi_policy_draft_get_present (WsiPolicyDraft *self,
                              const char     *key)
{
  int position;

  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), 0.0);
  g_return_val_if_fail (key != NULL, 0.0);

  position = wsi_policy_draft_find (self, key);
  g_return_val_if_fail (position >= 0, 0.0);

  return self->present[position];
}

gboolean
wsi_policy_draft_is_changed (WsiPolicyDraft *self)
{
  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), FALSE);

  return self->changed;
}

gboolean
wsi_policy_draft_is_valid (WsiPolicyDraft *self)
{
  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), FALSE);

  return self->error == NULL;
}

const char *
wsi_policy_draft_get_error (WsiPolicyDraft *self)
{
  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), NULL);

  return self->error;
}

const char *
wsi_policy_draft_get_error_key (WsiPolicyDraft *self)
{
  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), NULL);

  return self->error_key;
}

void
wsi_policy_draft_revert (WsiPolicyDraft *self)
{
  g_return_if_fail (WSI_IS_POLICY_DRAFT (self));

  if (memcmp (self->wanted, self->present, sizeof self->wanted) == 0)
    return;

  memcpy (self->wanted, self->present, sizeof self->wanted);
  wsi_policy_draft_tell (self);
}

GVariant *
wsi_policy_draft_make_changes (WsiPolicyDraft *self)
{
  g_auto (GVariantDict) changes = G_VARIANT_DICT_INIT (NULL);

  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), NULL);

  for (guint i = 0; i < self->n_keys; i++)
    {
      if (self->wanted[i] != self->present[i])
        g_variant_dict_insert_value (&changes, self->keys[i].name,
                                     wsi_policy_draft_make_value (&self->keys[i],
                                                                  self->wanted[i]));
    }

  return g_variant_dict_end (&changes);
}

guint
wsi_policy_draft_get_worst_case (WsiPolicyDraft *self)
{
  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), 0);

  return self->heartbeat != NULL ? wsm_heartbeat_worst_case_detection (self->heartbeat) : 0;
}

guint
wsi_policy_draft_get_delay (WsiPolicyDraft *self,
                            guint           attempt)
{
  g_return_val_if_fail (WSI_IS_POLICY_DRAFT (self), 0);

  return self->backoff != NULL ? wsm_backoff_upper_bound (self->backoff, attempt) : 0;
}
