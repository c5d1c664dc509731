/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-split.h"

/*
 * Three panes: sources, connections, details. Where there is room all are seen; where there is
 * not, one.
 *
 * libadwaita has containers for that, but none that is there in its oldest and not deprecated in
 * its newest version. A GtkPaned with one visible child gives it all the room, so nothing ever
 * has to move to another parent.
 */

/* Below this the columns of the list would be cut in a sidebar's company. As all widths here that
 * text decides about, for text of the usual size. */
#define WIDE_WIDTH 720

/* Below this the details have no room for all they would say side by side. */
#define ROOMY_WIDTH 700

/* Of the screen, in what GTK counts it in, when text has its usual size. */
#define USUAL_DPI (96 * 1024)

/* Each pane can do with this much of a telephone's width. */
#define NARROW_WIDTH 340

#define DEFAULT_SIDEBAR_WIDTH 240
/* Ten connections, and below them all of a chart. */
#define DEFAULT_CONTENT_HEIGHT 300

struct _WsiSplit
{
  GtkWidget parent_instance;

  GtkPaned *outer; /* (unowned): the sidebar and the rest */
  GtkPaned *inner; /* (unowned): the connections above the details */

  WsiSplitPane pane;
  guint update_id; /* tick callback */

  guint narrow : 1;
  guint wanted_narrow : 1;
  guint tight : 1;
  guint wanted_tight : 1;
  guint sidebar_visible : 1;
  guint details_visible : 1;
};

typedef enum
{
  PROP_SIDEBAR = 1,
  PROP_CONTENT,
  PROP_DETAILS,
  PROP_NARROW,
  PROP_TIGHT,
  PROP_PANE,
  PROP_SIDEBAR_VISIBLE,
  PROP_DETAILS_VISIBLE,
  PROP_SIDEBAR_WIDTH,
  PROP_CONTENT_HEIGHT,
} WsiSplitProperty;

static GParamSpec *properties[PROP_CONTENT_HEIGHT + 1];

G_DEFINE_ENUM_TYPE (WsiSplitPane, wsi_split_pane,
                    G_DEFINE_ENUM_VALUE (WSI_SPLIT_PANE_SIDEBAR, "sidebar"),
                    G_DEFINE_ENUM_VALUE (WSI_SPLIT_PANE_CONTENT, "content"),
                    G_DEFINE_ENUM_VALUE (WSI_SPLIT_PANE_DETAILS, "details"))

G_DEFINE_FINAL_TYPE (WsiSplit, wsi_split, GTK_TYPE_WIDGET)

static void
wsi_split_show (GtkWidget *widget,
                gboolean   is_visible)
{
  if (widget != NULL)
    gtk_widget_set_visible (widget, is_visible);
}

static void
wsi_split_update (WsiSplit *self)
{
  gboolean shows_sidebar = self->sidebar_visible;
  gboolean shows_content = TRUE;
  gboolean shows_details = self->details_visible;

  if (self->narrow)
    {
      shows_sidebar = self->pane == WSI_SPLIT_PANE_SIDEBAR;
      shows_content = self->pane == WSI_SPLIT_PANE_CONTENT;
      shows_details = self->pane == WSI_SPLIT_PANE_DETAILS;
    }

  wsi_split_show (gtk_paned_get_start_child (self->outer), shows_sidebar);
  wsi_split_show (GTK_WIDGET (self->inner), shows_content || shows_details);
  wsi_split_show (gtk_paned_get_start_child (self->inner), shows_content);
  wsi_split_show (gtk_paned_get_end_child (self->inner), shows_details);
}

/* What is visible must not change while sizes are being handed out. */
static gboolean
wsi_split_tick_cb (GtkWidget     *widget,
                   GdkFrameClock *frame_clock,
                   gpointer       user_data)
{
  WsiSplit *self = WSI_SPLIT (widget);

  self->update_id = 0;
  if (self->narrow != self->wanted_narrow)
    {
      self->narrow = self->wanted_narrow;
      wsi_split_update (self);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NARROW]);
    }
  if (self->tight != self->wanted_tight)
    {
      self->tight = self->wanted_tight;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TIGHT]);
    }

  return G_SOURCE_REMOVE;
}

static void
wsi_split_measure (GtkWidget      *widget,
                   GtkOrientation  orientation,
                   int             for_size,
                   int            *minimum,
                   int            *natural,
                   int            *minimum_baseline,
                   int            *natural_baseline)
{
  WsiSplit *self = WSI_SPLIT (widget);

  gtk_widget_measure (GTK_WIDGET (self->outer), orientation, -1, minimum, natural, NULL, NULL);

  /* Wide panes become narrow ones before they are in the way. */
  if (orientation == GTK_ORIENTATION_HORIZONTAL && !self->narrow)
    *minimum = MIN (*minimum, NARROW_WIDTH);
}

/* How wide something has to be for text that is larger, or smaller, than usual. */
static int
wsi_split_scale (WsiSplit *self,
                 int       width)
{
  int dpi = 0;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-xft-dpi", &dpi, NULL);

  /* Negative is the usual one. */
  return dpi > 0 ? (int) ((gint64) width * dpi / USUAL_DPI) : width;
}

static void
wsi_split_size_allocate (GtkWidget *widget,
                         int        width,
                         int        height,
                         int        baseline)
{
  WsiSplit *self = WSI_SPLIT (widget);
  int sidebar_width = self->sidebar_visible ? gtk_paned_get_position (self->outer) : 0;
  int minimum;

  self->wanted_narrow = width < wsi_split_scale (self, WIDE_WIDTH);
  self->wanted_tight = self->wanted_narrow ||
                       width - sidebar_width < wsi_split_scale (self, ROOMY_WIDTH);
  if ((self->wanted_narrow != self->narrow || self->wanted_tight != self->tight) &&
      self->update_id == 0)
    self->update_id = gtk_widget_add_tick_callback (widget, wsi_split_tick_cb, NULL, NULL);

  /* For the one frame until then it may be too small. */
  gtk_widget_measure (GTK_WIDGET (self->outer), GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL,
                      NULL, NULL);
  gtk_widget_allocate (GTK_WIDGET (self->outer), MAX (width, minimum), height, baseline, NULL);
}

static void
wsi_split_dispose (GObject *object)
{
  WsiSplit *self = WSI_SPLIT (object);

  if (self->outer != NULL)
    {
      gtk_widget_unparent (GTK_WIDGET (self->outer));
      self->outer = NULL;
      self->inner = NULL;
    }

  G_OBJECT_CLASS (wsi_split_parent_class)->dispose (object);
}

static void
wsi_split_get_property (GObject    *object,
                        guint       prop_id,
                        GValue     *value,
                        GParamSpec *pspec)
{
  WsiSplit *self = WSI_SPLIT (object);

  switch ((WsiSplitProperty) prop_id)
    {
    case PROP_SIDEBAR:
      g_value_set_object (value, gtk_paned_get_start_child (self->outer));
      break;
    case PROP_CONTENT:
      g_value_set_object (value, gtk_paned_get_start_child (self->inner));
      break;
    case PROP_DETAILS:
      g_value_set_object (value, gtk_paned_get_end_child (self->inner));
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    case PROP_TIGHT:
      g_value_set_boolean (value, self->tight);
      break;
    case PROP_PANE:
      g_value_set_enum (value, self->pane);
      break;
    case PROP_SIDEBAR_VISIBLE:
      g_value_set_boolean (value, self->sidebar_visible);
      break;
    case PROP_DETAILS_VISIBLE:
      g_value_set_boolean (value, self->details_visible);
      break;
    case PROP_SIDEBAR_WIDTH:
      g_value_set_int (value, gtk_paned_get_position (self->outer));
      break;
    case PROP_CONTENT_HEIGHT:
      g_value_set_int (value, gtk_paned_get_position (self->inner));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_split_set_sidebar_visible (WsiSplit *self,
                               gboolean  sidebar_visible)
{
  if (self->sidebar_visible == !!sidebar_visible)
    return;

  self->sidebar_visible = !!sidebar_visible;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SIDEBAR_VISIBLE]);
  wsi_split_update (self);
}

static void
wsi_split_set_details_visible (WsiSplit *self,
                               gboolean  details_visible)
{
  if (self->details_visible == !!details_visible)
    return;

  self->details_visible = !!details_visible;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAILS_VISIBLE]);
  wsi_split_update (self);
}

static void
wsi_split_set_property (GObject      *object,
                        guint         prop_id,
                        const GValue *value,
                        GParamSpec   *pspec)
{
  WsiSplit *self = WSI_SPLIT (object);

  switch ((WsiSplitProperty) prop_id)
    {
    case PROP_SIDEBAR:
      gtk_paned_set_start_child (self->outer, g_value_get_object (value));
      wsi_split_update (self);
      break;
    case PROP_CONTENT:
      gtk_paned_set_start_child (self->inner, g_value_get_object (value));
      wsi_split_update (self);
      break;
    case PROP_DETAILS:
      gtk_paned_set_end_child (self->inner, g_value_get_object (value));
      wsi_split_update (self);
      break;
    case PROP_PANE:
      wsi_split_set_pane (self, g_value_get_enum (value));
      break;
    case PROP_SIDEBAR_VISIBLE:
      wsi_split_set_sidebar_visible (self, g_value_get_boolean (value));
      break;
    case PROP_DETAILS_VISIBLE:
      wsi_split_set_details_visible (self, g_value_get_boolean (value));
      break;
    case PROP_SIDEBAR_WIDTH:
      gtk_paned_set_position (self->outer, g_value_get_int (value));
      break;
    case PROP_CONTENT_HEIGHT:
      gtk_paned_set_position (self->inner, g_value_get_int (value));
      break;
    case PROP_NARROW:
    case PROP_TIGHT:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
      break;
    }
}

static void
wsi_split_class_init (WsiSplitClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GParamFlags flags = (GParamFlags)
    (G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);

  object_class->dispose = wsi_split_dispose;
  object_class->get_property = wsi_split_get_property;
  object_class->set_property = wsi_split_set_property;
  widget_class->measure = wsi_split_measure;
  widget_class->size_allocate = wsi_split_size_allocate;

  properties[PROP_SIDEBAR] =
    g_param_spec_object ("sidebar", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_CONTENT] =
    g_param_spec_object ("content", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_DETAILS] =
    g_param_spec_object ("details", NULL, NULL, GTK_TYPE_WIDGET, flags);
  properties[PROP_NARROW] =
    g_param_spec_boolean ("narrow", NULL, NULL, FALSE,
                          (GParamFlags) (G_PARAM_READABLE |
                                         G_PARAM_EXPLICIT_NOTIFY |
                                         G_PARAM_STATIC_STRINGS));
  properties[PROP_TIGHT] =
    g_param_spec_boolean ("tight", NULL, NULL, FALSE,
                          (GParamFlags) (G_PARAM_READABLE |
                                         G_PARAM_EXPLICIT_NOTIFY |
                                         G_PARAM_STATIC_STRINGS));
  properties[PROP_PANE] =
    g_param_spec_enum ("pane", NULL, NULL, WSI_TYPE_SPLIT_PANE, WSI_SPLIT_PANE_CONTENT, flags);
  properties[PROP_SIDEBAR_VISIBLE] =
    g_param_spec_boolean ("sidebar-visible", NULL, NULL, TRUE, flags);
  properties[PROP_DETAILS_VISIBLE] =
    g_param_spec_boolean ("details-visible", NULL, NULL, TRUE, flags);
  properties[PROP_SIDEBAR_WIDTH] =
    g_param_spec_int ("sidebar-width", NULL, NULL, 0, G_MAXINT, DEFAULT_SIDEBAR_WIDTH, flags);
  properties[PROP_CONTENT_HEIGHT] =
    g_param_spec_int ("content-height", NULL, NULL, 0, G_MAXINT, DEFAULT_CONTENT_HEIGHT, flags);

  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
wsi_split_outer_position_cb (WsiSplit *self)
{
  gtk_widget_queue_allocate (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SIDEBAR_WIDTH]);
}

static void
wsi_split_inner_position_cb (WsiSplit *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONTENT_HEIGHT]);
}

static void
wsi_split_init (WsiSplit *self)
{
  self->pane = WSI_SPLIT_PANE_CONTENT;
  self->sidebar_visible = TRUE;
  self->details_visible = TRUE;

  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);

  self->outer = GTK_PANED (gtk_paned_new (GTK_ORIENTATION_HORIZONTAL));
  self->inner = GTK_PANED (gtk_paned_new (GTK_ORIENTATION_VERTICAL));

  gtk_paned_set_resize_start_child (self->outer, FALSE);
  gtk_paned_set_shrink_start_child (self->outer, FALSE);
  gtk_paned_set_shrink_end_child (self->outer, FALSE);
  gtk_paned_set_end_child (self->outer, GTK_WIDGET (self->inner));
  gtk_paned_set_resize_start_child (self->inner, FALSE);
  /* What stands there while nothing is known yet is higher than a list has to be, and would push
   * the details down for good. */
  gtk_paned_set_shrink_start_child (self->inner, TRUE);
  gtk_paned_set_shrink_end_child (self->inner, FALSE);
  gtk_paned_set_position (self->outer, DEFAULT_SIDEBAR_WIDTH);
  gtk_paned_set_position (self->inner, DEFAULT_CONTENT_HEIGHT);
  g_signal_connect_object (self->outer, "notify::position",
                           G_CALLBACK (wsi_split_outer_position_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->inner, "notify::position",
                           G_CALLBACK (wsi_split_inner_position_cb), self, G_CONNECT_SWAPPED);

  gtk_widget_set_parent (GTK_WIDGET (self->outer), GTK_WIDGET (self));
}

gboolean
wsi_split_get_narrow (WsiSplit *self)
{
  g_return_val_if_fail (WSI_IS_SPLIT (self), FALSE);

  return self->narrow;
}

gboolean
wsi_split_get_tight (WsiSplit *self)
{
  g_return_val_if_fail (WSI_IS_SPLIT (self), FALSE);

  return self->tight;
}

WsiSplitPane
wsi_split_get_pane (WsiSplit *self)
{
  g_return_val_if_fail (WSI_IS_SPLIT (self), WSI_SPLIT_PANE_CONTENT);

  return self->pane;
}

void
wsi_split_set_pane (WsiSplit     *self,
                    WsiSplitPane  pane)
{
  g_return_if_fail (WSI_IS_SPLIT (self));

  if (self->pane == pane)
    return;

  self->pane = pane;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PANE]);
  wsi_split_update (self);
}
