/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-policy-row.h"

#include "wsi-format.h"
#include "wsi-milliseconds.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/**
 * WsiPolicyRow:
 *
 * One number of a draft.
 *
 * What a person types is not corrected: the draft says what is wrong with it, and the row shows
 * that.
 */

#define PERCENT 100.0

typedef enum
{
  PROP_KEY = 1,
  PROP_TITLE,
  PROP_SUBTITLE,
  PROP_ZERO_TEXT,
  PROP_KIND,
  PROP_CHOICES,
  PROP_DRAFT,
  PROP_EDITABLE,
} WsiPolicyRowProperty;

#define PROP_LAST_TEXT PROP_ZERO_TEXT
#define PROP_LAST_ONE PROP_EDITABLE

struct _WsiPolicyRow
{
  GtkListBoxRow parent_instance;

  char *texts[PROP_LAST_TEXT + 1]; /* (owned) (nullable), by property id */
  GtkStringList *choices;          /* (owned) (nullable) */
  WsiPolicyDraft *draft;           /* (owned) (nullable) */
  GSignalGroup *draft_group;       /* (owned) */
  WsiPolicyRowKind kind;

  GtkLabel *title_label;
  GtkLabel *subtitle_label;
  GtkLabel *error_label;
  GtkLabel *value_label;
  GtkSpinButton *spin_button;
  GtkAdjustment *adjustment;
  GtkDropDown *drop_down;
  GtkSwitch *toggle;

  guint editable : 1;
  guint updating : 1;
};

static GParamSpec *properties[PROP_LAST_ONE + 1];

G_DEFINE_ENUM_TYPE (WsiPolicyRowKind, wsi_policy_row_kind,
                    G_DEFINE_ENUM_VALUE (WSI_POLICY_ROW_KIND_DURATION, "duration"),
                    G_DEFINE_ENUM_VALUE (WSI_POLICY_ROW_KIND_COUNT, "count"),
                    G_DEFINE_ENUM_VALUE (WSI_POLICY_ROW_KIND_FACTOR, "factor"),
                    G_DEFINE_ENUM_VALUE (WSI_POLICY_ROW_KIND_RATIO, "ratio"),
                    G_DEFINE_ENUM_VALUE (WSI_POLICY_ROW_KIND_CHOICE, "choice"),
                    G_DEFINE_ENUM_VALUE (WSI_POLICY_ROW_KIND_SWITCH, "switch"))

G_DEFINE_FINAL_TYPE (WsiPolicyRow, wsi_policy_row, GTK_TYPE_LIST_BOX_ROW)

static char *
wsi_policy_row_format (WsiPolicyRow *self,
                       double        value)
{
  const char *choice = NULL;

  if (value == 0.0 && self->texts[PROP_ZERO_TEXT] != NULL)
    return g_strdup (self->texts[PROP_ZERO_TEXT]);

  switch (self->kind)
    {
    case WSI_POLICY_ROW_KIND_DURATION:
      return wsi_milliseconds_format ((guint) CLAMP (value, 0.0, (double) G_MAXUINT));
    case WSI_POLICY_ROW_KIND_COUNT:
      return wsi_format_count ((guint64) MAX (value, 0.0));
    case WSI_POLICY_ROW_KIND_FACTOR:
      return g_strdup_printf ("%.4g", value);
    case WSI_POLICY_ROW_KIND_RATIO:
      /* Translators: a percentage; keep the no-break space if your language has one there. */
      return g_strdup_printf (_("%.4g %%"), value * PERCENT);
    case WSI_POLICY_ROW_KIND_CHOICE:
      if (self->choices != NULL && value >= 1.0)
        choice = gtk_string_list_get_string (self->choices, (guint) value - 1);
      return g_strdup (choice != NULL ? choice : _("Unknown"));
    case WSI_POLICY_ROW_KIND_SWITCH:
      return g_strdup (value != 0.0 ? C_("switch", "On") : C_("switch", "Off"));
    default:
      g_return_val_if_reached (NULL);
    }
}

static gboolean
wsi_policy_row_spins (WsiPolicyRow *self)
{
  return self->kind <= WSI_POLICY_ROW_KIND_RATIO;
}

/* The number in the spin button for one of the draft. */
static double
wsi_policy_row_get_shown (WsiPolicyRow *self,
                          double        value)
{
  return self->kind == WSI_POLICY_ROW_KIND_RATIO ? value * PERCENT : value;
}

static void
wsi_policy_row_set_step (WsiPolicyRow *self,
                         double        value)
{
  double step = 1.0;

  if (self->kind == WSI_POLICY_ROW_KIND_DURATION)
    step = wsi_milliseconds_step ((guint) CLAMP (value, 0.0, (double) G_MAXUINT));
  else if (self->kind == WSI_POLICY_ROW_KIND_FACTOR)
    step = 0.1;

  gtk_adjustment_set_step_increment (self->adjustment, step);
}

static void
wsi_policy_row_update_error (WsiPolicyRow *self)
{
  const char *key = self->texts[PROP_KEY];
  gboolean is_wrong = self->draft != NULL && key != NULL &&
                      g_strcmp0 (wsi_policy_draft_get_error_key (self->draft), key) == 0;

  gtk_label_set_label (self->error_label,
                       is_wrong ? wsi_policy_draft_get_error (self->draft) : "");
  gtk_widget_set_visible (GTK_WIDGET (self->error_label), is_wrong);

  if (is_wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->spin_button), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->spin_button), "error");

  gtk_accessible_update_state (GTK_ACCESSIBLE (self->spin_button),
                               GTK_ACCESSIBLE_STATE_INVALID,
                               is_wrong ? GTK_ACCESSIBLE_INVALID_TRUE
                                        : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static void
wsi_policy_row_update (WsiPolicyRow *self)
{
  g_autofree char *text = NULL;
  double value;

  if (self->draft == NULL || self->texts[PROP_KEY] == NULL)
    return;

  value = wsi_policy_draft_get_value (self->draft, self->texts[PROP_KEY]);
  text = wsi_policy_row_format (self, value);

  self->updating = TRUE;
  gtk_label_set_label (self->value_label, text);
  if (wsi_policy_row_spins (self))
    {
      wsi_policy_row_set_step (self, value);
      gtk_spin_button_set_value (self->spin_button, wsi_policy_row_get_shown (self, value));
    }
  else if (self->kind == WSI_POLICY_ROW_KIND_CHOICE)
    {
      gtk_drop_down_set_selected (self->drop_down,
                                  value >= 1.0 ? (guint) value - 1 : GTK_INVALID_LIST_POSITION);
    }
  else
    {
      gtk_switch_set_active (self->toggle, value != 0.0);
    }
  self->updating = FALSE;

  wsi_policy_row_update_error (self);
}

static void
wsi_policy_row_update_visible (WsiPolicyRow *self)
{
  const char *subtitle = self->texts[PROP_SUBTITLE];

  gtk_widget_set_visible (GTK_WIDGET (self->subtitle_label),
                          subtitle != NULL && *subtitle != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->value_label), !self->editable);
  /* Where there is nothing to change, the keyboard still has to get there, to read. */
  gtk_widget_set_focusable (GTK_WIDGET (self), !self->editable);
  gtk_widget_set_visible (GTK_WIDGET (self->spin_button),
                          self->editable && wsi_policy_row_spins (self));
  gtk_widget_set_visible (GTK_WIDGET (self->drop_down),
                          self->editable && self->kind == WSI_POLICY_ROW_KIND_CHOICE);
  gtk_widget_set_visible (GTK_WIDGET (self->toggle),
                          self->editable && self->kind == WSI_POLICY_ROW_KIND_SWITCH);
}

static void
wsi_policy_row_store (WsiPolicyRow *self,
                      double        value)
{
  if (!self->updating && self->draft != NULL && self->texts[PROP_KEY] != NULL)
    wsi_policy_draft_set_value (self->draft, self->texts[PROP_KEY], value);
}

static int
wsi_policy_row_input_cb (GtkSpinButton *spin_button,
                         double        *value,
                         gpointer       user_data)
{
  WsiPolicyRow *self = WSI_POLICY_ROW (gtk_widget_get_ancestor (GTK_WIDGET (spin_button),
                                                                WSI_TYPE_POLICY_ROW));
  const char *text = gtk_editable_get_text (GTK_EDITABLE (spin_button));
  guint milliseconds;

  if (self == NULL)
    return FALSE;

  if (g_strcmp0 (text, self->texts[PROP_ZERO_TEXT]) == 0)
    {
      *value = 0.0;
      return TRUE;
    }

  if (self->kind != WSI_POLICY_ROW_KIND_DURATION)
    return FALSE;

  if (!wsi_milliseconds_parse (text, (guint) gtk_spin_button_get_value (spin_button),
                               &milliseconds))
    return GTK_INPUT_ERROR;

  *value = milliseconds;
  return TRUE;
}

static gboolean
wsi_policy_row_output_cb (GtkSpinButton *spin_button,
                          gpointer       user_data)
{
  WsiPolicyRow *self = WSI_POLICY_ROW (gtk_widget_get_ancestor (GTK_WIDGET (spin_button),
                                                                WSI_TYPE_POLICY_ROW));
  g_autofree char *text = NULL;
  double value = gtk_spin_button_get_value (spin_button);

  if (self == NULL)
    return FALSE;

  if (self->kind == WSI_POLICY_ROW_KIND_RATIO)
    value /= PERCENT;

  text = wsi_policy_row_format (self, value);
  if (strcmp (gtk_editable_get_text (GTK_EDITABLE (spin_button)), text) != 0)
    gtk_editable_set_text (GTK_EDITABLE (spin_button), text);

  return TRUE;
}

static void
wsi_policy_row_spun_cb (WsiPolicyRow *self)
{
  double value = gtk_spin_button_get_value (self->spin_button);

  wsi_policy_row_store (self, self->kind == WSI_POLICY_ROW_KIND_RATIO ? value / PERCENT : value);
}

static void
wsi_policy_row_chosen_cb (WsiPolicyRow *self)
{
  guint selected = gtk_drop_down_get_selected (self->drop_down);

  if (selected != GTK_INVALID_LIST_POSITION)
    wsi_policy_row_store (self, selected + 1);
}

static void
wsi_policy_row_switched_cb (WsiPolicyRow *self)
{
  wsi_policy_row_store (self, gtk_switch_get_active (self->toggle) ? 1.0 : 0.0);
}

static void
wsi_policy_row_set_text (WsiPolicyRow         *self,
                         WsiPolicyRowProperty  prop_id,
                         const char           *text)
{
  if (g_strcmp0 (self->texts[prop_id], text) == 0)
    return;

  g_free (self->texts[prop_id]);
  self->texts[prop_id] = g_strdup (text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[prop_id]);

  if (prop_id == PROP_TITLE)
    {
      GtkWidget *editors[] = {
        GTK_WIDGET (self->spin_button), GTK_WIDGET (self->drop_down), GTK_WIDGET (self->toggle),
      };

      for (gsize i = 0; i < G_N_ELEMENTS (editors); i++)
        gtk_accessible_update_property (GTK_ACCESSIBLE (editors[i]),
                                        GTK_ACCESSIBLE_PROPERTY_LABEL, text,
                                        -1);
    }

  wsi_policy_row_update_visible (self);
  wsi_policy_row_update (self);
}

static void
wsi_policy_row_set_kind (WsiPolicyRow     *self,
                         WsiPolicyRowKind  kind)
{
  if (self->kind == kind)
    return;

  self->kind = kind;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KIND]);
  gtk_spin_button_set_digits (self->spin_button, kind == WSI_POLICY_ROW_KIND_FACTOR ||
                                                     kind == WSI_POLICY_ROW_KIND_RATIO ? 2 : 0);
  wsi_policy_row_update_visible (self);
  wsi_policy_row_update (self);
}

static void
wsi_policy_row_set_choices (WsiPolicyRow  *self,
                            GtkStringList *choices)
{
  if (!g_set_object (&self->choices, choices))
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHOICES]);
  self->updating = TRUE;
  gtk_drop_down_set_model (self->drop_down, G_LIST_MODEL (choices));
  self->updating = FALSE;
  wsi_policy_row_update (self);
}

static void
wsi_policy_row_dispose (GObject *object)
{
  WsiPolicyRow *self = WSI_POLICY_ROW (object);

  g_clear_object (&self->draft_group);
  g_clear_object (&self->draft);
  g_clear_object (&self->choices);
  gtk_widget_dispose_template (GTK_WIDGET (self), WSI_TYPE_POLICY_ROW);

  G_OBJECT_CLASS (wsi_policy_row_parent_class)->dispose (object);
}

static void
wsi_policy_row_finalize (GObject *object)
{
  WsiPolicyRow *self = WSI_POLICY_ROW (object);

  for (guint prop_id = PROP_KEY; prop_id <= PROP_LAST_TEXT; prop_id++)
    g_clear_pointer (&self->texts[prop_id], g_free);

  G_OBJECT_CLASS (wsi_policy_row_parent_class)->finalize (object);
}

static void
wsi_policy_row_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  WsiPolicyRow *self = WSI_POLICY_ROW (object);

  switch ((WsiPolicyRowProperty) prop_id)
    {
    case PROP_KEY:
    case PROP_TITLE:
    case PROP_SUBTITLE:
    case PROP_ZERO_TEXT:
      g_value_set_string (value, self->texts[prop_id]);
      break;
    case PROP_KIND:
      g_value_set_enum (value, self->kind);
      break;
    case PROP_CHOICES:
      g_value_set_object (value, self->choices);
      break;
    case PROP_DRAFT:
      g_value_set_object (value, self->draft);
      break;
    case PROP_EDITABLE:
      g_value_set_boolean (value, self->editable);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_policy_row_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  WsiPolicyRow *self = WSI_POLICY_ROW (object);

  switch ((WsiPolicyRowProperty) prop_id)
    {
    case PROP_KEY:
    case PROP_TITLE:
    case PROP_SUBTITLE:
    case PROP_ZERO_TEXT:
      wsi_policy_row_set_text (self, prop_id, g_value_get_string (value));
      break;
    case PROP_KIND:
      wsi_policy_row_set_kind (self, g_value_get_enum (value));
      break;
    case PROP_CHOICES:
      wsi_policy_row_set_choices (self, g_value_get_object (value));
      break;
    case PROP_DRAFT:
      wsi_policy_row_set_draft (self, g_value_get_object (value));
      break;
    case PROP_EDITABLE:
      wsi_policy_row_set_editable (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_policy_row_class_init (WsiPolicyRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  static const char *const names[] = { NULL, "key", "title", "subtitle", "zero-text" };
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->dispose = wsi_policy_row_dispose;
  object_class->finalize = wsi_policy_row_finalize;
  object_class->get_property = wsi_policy_row_get_property;
  object_class->set_property = wsi_policy_row_set_property;

  for (guint prop_id = PROP_KEY; prop_id <= PROP_LAST_TEXT; prop_id++)
    properties[prop_id] = g_param_spec_string (names[prop_id], NULL, NULL, NULL, flags);

  /**
   * WsiPolicyRow:kind:
   *
   * How the number is shown and changed.
   */
  properties[PROP_KIND] =
    g_param_spec_enum ("kind", NULL, NULL,
                       WSI_TYPE_POLICY_ROW_KIND, WSI_POLICY_ROW_KIND_DURATION, flags);

  /**
   * WsiPolicyRow:choices:
   *
   * What may be chosen from; the first one is 1.
   */
  properties[PROP_CHOICES] =
    g_param_spec_object ("choices", NULL, NULL, GTK_TYPE_STRING_LIST, flags);

  /**
   * WsiPolicyRow:draft: (setter set_draft)
   *
   * What the number is of.
   */
  properties[PROP_DRAFT] =
    g_param_spec_object ("draft", NULL, NULL, WSI_TYPE_POLICY_DRAFT, flags);

  /**
   * WsiPolicyRow:editable: (setter set_editable)
   *
   * Whether the number may be changed here.
   */
  properties[PROP_EDITABLE] =
    g_param_spec_boolean ("editable", NULL, NULL, FALSE, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-policy-row.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyRow, subtitle_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyRow, error_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyRow, value_label);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyRow, spin_button);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyRow, adjustment);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyRow, drop_down);
  gtk_widget_class_bind_template_child (widget_class, WsiPolicyRow, toggle);
  gtk_widget_class_bind_template_callback (widget_class, wsi_policy_row_chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_policy_row_input_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_policy_row_output_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_policy_row_spun_cb);
  gtk_widget_class_bind_template_callback (widget_class, wsi_policy_row_switched_cb);
}

static void
wsi_policy_row_init (WsiPolicyRow *self)
{
  self->draft_group = g_signal_group_new (WSI_TYPE_POLICY_DRAFT);
  g_signal_group_connect_swapped (self->draft_group, "edited",
                                  G_CALLBACK (wsi_policy_row_update), self);

  gtk_widget_init_template (GTK_WIDGET (self));
  wsi_policy_row_update_visible (self);
}

const char *
wsi_policy_row_get_key (WsiPolicyRow *self)
{
  g_return_val_if_fail (WSI_IS_POLICY_ROW (self), NULL);

  return self->texts[PROP_KEY];
}

void
wsi_policy_row_set_draft (WsiPolicyRow   *self,
                          WsiPolicyDraft *draft)
{
  g_return_if_fail (WSI_IS_POLICY_ROW (self));
  g_return_if_fail (draft == NULL || WSI_IS_POLICY_DRAFT (draft));

  if (!g_set_object (&self->draft, draft))
    return;

  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DRAFT]);
  g_signal_group_set_target (self->draft_group, draft);
  wsi_policy_row_update (self);
}

void
wsi_policy_row_set_editable (WsiPolicyRow *self,
                             gboolean      editable)
{
  g_return_if_fail (WSI_IS_POLICY_ROW (self));

  editable = editable != FALSE;
  if (self->editable == editable)
    return;

  self->editable = editable;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EDITABLE]);
  wsi_policy_row_update_visible (self);
}

char *
wsi_policy_row_dup_text (WsiPolicyRow *self)
{
  g_return_val_if_fail (WSI_IS_POLICY_ROW (self), NULL);

  if (self->draft == NULL || self->texts[PROP_KEY] == NULL)
    return NULL;

  return wsi_policy_row_format (self, wsi_policy_draft_get_value (self->draft,
                                                                  self->texts[PROP_KEY]));
}
