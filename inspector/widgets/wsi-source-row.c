/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-source-row.h"

#include "wsi-format.h"

#include <glib/gi18n-lib.h>

/* The look of one that is gone. */
#define GONE_CLASS "wsi-gone"

/**
 * WsiSourceRow:
 *
 * A source in the sidebar: who it is, and how its connections are.
 */
struct _WsiSourceRow
{
  GtkListBoxRow parent_instance;

  WsiSource *source; /* (owned) */
};

typedef enum
{
  PROP_SOURCE = 1,
} WsiSourceRowProperty;

#define PROP_LAST_ONE PROP_SOURCE

enum
{
  SIGNAL_DISMISSED,
  N_SIGNALS,
};

static GParamSpec *properties[PROP_LAST_ONE + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WsiSourceRow, wsi_source_row, GTK_TYPE_LIST_BOX_ROW)

static gboolean
wsi_source_row_is_recording (WsiSource *source)
{
  return wsi_source_get_kind (source) == WSI_SOURCE_KIND_RECORDING;
}

/* The functions of the template: each gets what its text is made of. */

static char *
wsi_source_row_choose_icon_name (WsiSourceRow *self,
                                 WsiSource    *source,
                                 const char   *icon_name)
{
  GtkIconTheme *theme = gtk_icon_theme_get_for_display (gtk_widget_get_display (GTK_WIDGET (self)));

  if (wsi_source_row_is_recording (source))
    return g_strdup ("wsi-recording-symbolic");
  if (wsi_source_get_kind (source) == WSI_SOURCE_KIND_OWN)
    return g_strdup ("wsi-heartbeat-symbolic");
  /* Programs tell names that not every theme has. */
  if (icon_name != NULL && gtk_icon_theme_has_icon (theme, icon_name))
    return g_strdup (icon_name);
  return g_strdup ("application-x-executable-symbolic");
}

static char *
wsi_source_row_choose_title (WsiSourceRow *self,
                             WsiSource    *source,
                             const char   *title)
{
  if (wsi_source_get_kind (source) == WSI_SOURCE_KIND_OWN)
    /* Translators: the program itself, in a list of programs. */
    return g_strdup (_("This Inspector"));
  if (title == NULL || *title == '\0')
    /* Translators: stands for the name of a program that does not tell it. */
    return g_strdup (_("Unknown Program"));
  return g_strdup (title);
}

static char *
wsi_source_row_format_process (WsiSourceRow *self,
                               WsiSource    *source,
                               guint         pid,
                               gboolean      attached)
{
  if (wsi_source_row_is_recording (source) || wsi_source_get_kind (source) == WSI_SOURCE_KIND_OWN)
    return g_strdup ("");
  if (!attached)
    /* Translators: a program that does not run any more, or let go of the Inspector. */
    return g_strdup (C_ ("source", "gone"));
  /* No separators: it is a name that looks like a number. */
  return pid != 0 ? g_strdup_printf ("%u", pid) : g_strdup ("");
}

static char *
wsi_source_row_format_counts (WsiSourceRow *self,
                              guint         n_open,
                              guint         n_late,
                              guint         n_failed)
{
  g_autofree char *open_number = wsi_format_count (n_open);
  g_autofree char *late_number = wsi_format_count (n_late);
  g_autofree char *failed_number = wsi_format_count (n_failed);
  g_autofree char *open_text = NULL;
  g_autofree char *late_text = NULL;
  g_autofree char *failed_text = NULL;

  /* Translators: how many connections are open. */
  open_text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s open", "%s open", n_open),
                               open_number);
  /* Translators: how many connections wait for the answer to a heartbeat. */
  late_text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s late", "%s late", n_late),
                               late_number);
  /* Translators: how many connections have failed for good. */
  failed_text = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s failed", "%s failed", n_failed),
                                 failed_number);
  /* Translators: a list of three: “12 open · 1 late · 0 failed”. */
  return g_strdup_printf (C_ ("source", "%s · %s · %s"), open_text, late_text, failed_text);
}

static gboolean
wsi_source_row_choose_dismissable (WsiSourceRow *self,
                                   WsiSource    *source,
                                   gboolean      attached)
{
  return wsi_source_row_is_recording (source) || !attached;
}

static void
wsi_source_row_attached_cb (WsiSourceRow *self)
{
  if (wsi_source_get_attached (self->source) || wsi_source_row_is_recording (self->source))
    gtk_widget_remove_css_class (GTK_WIDGET (self), GONE_CLASS);
  else
    gtk_widget_add_css_class (GTK_WIDGET (self), GONE_CLASS);
}

/* Once. Not when it is constructed: the bindings of the template would not hear of it. */
static void
wsi_source_row_set_source (WsiSourceRow *self,
                           WsiSource    *source)
{
  if (!g_set_object (&self->source, source))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SOURCE]);

  g_signal_connect_object (source, "notify::attached", G_CALLBACK (wsi_source_row_attached_cb),
                           self, G_CONNECT_SWAPPED);
  wsi_source_row_attached_cb (self);
}

static void
wsi_source_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), WSI_TYPE_SOURCE_ROW);

  G_OBJECT_CLASS (wsi_source_row_parent_class)->dispose (object);
}

static void
wsi_source_row_finalize (GObject *object)
{
  g_clear_object (&WSI_SOURCE_ROW (object)->source);

  G_OBJECT_CLASS (wsi_source_row_parent_class)->finalize (object);
}

static void
wsi_source_row_get_property (GObject    *object,
                             guint       prop_id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  switch ((WsiSourceRowProperty) prop_id)
    {
    case PROP_SOURCE:
      g_value_set_object (value, WSI_SOURCE_ROW (object)->source);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_source_row_set_property (GObject      *object,
                             guint         prop_id,
                             const GValue *value,
                             GParamSpec   *pspec)
{
  switch ((WsiSourceRowProperty) prop_id)
    {
    case PROP_SOURCE:
      wsi_source_row_set_source (WSI_SOURCE_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_source_row_class_init (WsiSourceRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = wsi_source_row_dispose;
  object_class->finalize = wsi_source_row_finalize;
  object_class->get_property = wsi_source_row_get_property;
  object_class->set_property = wsi_source_row_set_property;

  properties[PROP_SOURCE] =
    g_param_spec_object ("source", NULL, NULL,
                         WSI_TYPE_SOURCE,
                         (G_PARAM_READWRITE |
                          G_PARAM_EXPLICIT_NOTIFY |
                          G_PARAM_STATIC_STRINGS));
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_DISMISSED] =
    g_signal_new ("dismissed",
                  G_TYPE_FROM_CLASS (klass),
                  G_SIGNAL_RUN_LAST,
                  0, NULL, NULL, NULL,
                  G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/io/github/wsmulti/Inspector/ui/"
                                               "wsi-source-row.ui");
  gtk_widget_class_bind_template_callback (widget_class, wsi_source_row_choose_dismissable);
  gtk_widget_class_bind_template_callback (widget_class, wsi_source_row_choose_icon_name);
  gtk_widget_class_bind_template_callback (widget_class, wsi_source_row_choose_title);
  gtk_widget_class_bind_template_callback (widget_class, wsi_source_row_dismiss);
  gtk_widget_class_bind_template_callback (widget_class, wsi_source_row_format_counts);
  gtk_widget_class_bind_template_callback (widget_class, wsi_source_row_format_process);
}

static void
wsi_source_row_init (WsiSourceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
wsi_source_row_new (WsiSource *source)
{
  return g_object_new (WSI_TYPE_SOURCE_ROW,
                       "source", source,
                       NULL);
}

WsiSource *
wsi_source_row_get_source (WsiSourceRow *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE_ROW (self), NULL);

  return self->source;
}

gboolean
wsi_source_row_dismiss (WsiSourceRow *self)
{
  g_return_val_if_fail (WSI_IS_SOURCE_ROW (self), FALSE);

  if (!wsi_source_row_choose_dismissable (self, self->source,
                                          wsi_source_get_attached (self->source)))
    return FALSE;
  g_signal_emit (self, signals[SIGNAL_DISMISSED], 0);
  return TRUE;
}
