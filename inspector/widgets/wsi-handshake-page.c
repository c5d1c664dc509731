/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-handshake-page.h"

#include "wsi-advice.h"
#include "wsi-fact-row.h"
#include "wsi-format.h"

#include <glib/gi18n-lib.h>

/**
 * WsiHandshakePage:
 *
 * How the last attempt that was answered went.
 */

/* Time enough to get a new certificate. */
#define EXPIRY_WARNING_S ((gint64) 14 * 86400)

#define STATUS_SWITCHING_PROTOCOLS 101

struct _WsiHandshakePage
{
  WsiDetailsPage parent_instance;

  GVariant *shown; /* (owned) (nullable): the details that the rows are of */

  GtkStack *stack;
  GtkLabel *status_label;
  GtkWidget *facts_box;
  GtkListBox *facts_list;
  GtkWidget *tls_box;
  GtkListBox *tls_list;
  GtkWidget *request_box;
  GtkListBox *request_list;
  GtkWidget *response_box;
  GtkListBox *response_list;
};

G_DEFINE_FINAL_TYPE (WsiHandshakePage, wsi_handshake_page, WSI_TYPE_DETAILS_PAGE)

static WsiDetails *
wsi_handshake_page_get_details (WsiHandshakePage *self)
{
  WsiConnection *connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));
  WsiDetails *details = connection != NULL ? wsi_connection_get_details (connection) : NULL;

  return details != NULL && wsi_details_has (details, "handshake") ? details : NULL;
}

static char *
wsi_handshake_page_format_status (WsiDetails *details)
{
  guint status = wsi_details_get_uint (details, "handshake", "status");
  const char *phrase = wsi_details_get_string (details, "handshake", "reason-phrase");

  /* Translators: stands for an HTTP status that is not known. */
  if (status == 0)
    return g_strdup (_("No status"));

  return g_strchomp (g_strdup_printf ("%u %s", status, phrase != NULL ? phrase : ""));
}

static char *
wsi_handshake_page_format_date (gint64 seconds)
{
  g_autoptr (GDateTime) utc = seconds != 0 ? g_date_time_new_from_unix_utc (seconds) : NULL;
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%x") : NULL;
}

static char *
wsi_handshake_page_warn_of_end (gint64 not_after_s)
{
  gint64 remaining_s = not_after_s - g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *duration = NULL;

  if (not_after_s == 0 || remaining_s > EXPIRY_WARNING_S)
    return NULL;

  duration = wsi_format_duration (ABS (remaining_s) * G_USEC_PER_SEC);
  if (remaining_s < 0)
    /* Translators: of a certificate; the placeholder is a duration such as “3 d 4 h”. */
    return g_strdup_printf (_("It expired %s ago."), duration);

  /* Translators: of a certificate; the placeholder is a duration such as “3 d 4 h”. */
  return g_strdup_printf (_("It expires in %s."), duration);
}

static char *
wsi_handshake_page_warn_of_begin (gint64 not_before_s)
{
  if (not_before_s == 0 || not_before_s <= g_get_real_time () / G_USEC_PER_SEC)
    return NULL;

  return g_strdup (_("It is not valid yet."));
}

static void
wsi_handshake_page_add (GtkListBox *list,
                        const char *title,
                        const char *value)
{
  if (value != NULL && *value != '\0')
    gtk_list_box_append (list, wsi_fact_row_new (title, value, FALSE, NULL));
}

static void
wsi_handshake_page_clear (GtkListBox *list)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (row));
}

static void
wsi_handshake_page_show_facts (WsiHandshakePage *self,
                               WsiDetails       *details)
{
  guint status = wsi_details_get_uint (details, "handshake", "status");
  gint64 time_us = wsi_details_get_int64 (details, "handshake", "time");
  g_autofree char *time = time_us != 0 ? wsi_format_time (time_us) : NULL;
  const char *protocol = wsi_details_get_string (details, NULL, "protocol");
  const char *extensions = wsi_details_get_string (details, NULL, "extensions");
  /* Translators: where there is no subprotocol or extension. */
  const char *none = C_("protocol", "none");

  wsi_handshake_page_clear (self->facts_list);

  if (status != STATUS_SWITCHING_PROTOCOLS && wsi_advice_for_http_status (status) != NULL)
    wsi_handshake_page_add (self->facts_list, _("Advice"), wsi_advice_for_http_status (status));
  wsi_handshake_page_add (self->facts_list, _("Answered At"), time);
  wsi_handshake_page_add (self->facts_list, _("Subprotocol"),
                          protocol != NULL && *protocol != '\0' ? protocol : none);
  wsi_handshake_page_add (self->facts_list, _("Extensions"),
                          extensions != NULL && *extensions != '\0' ? extensions : none);
  wsi_handshake_page_add (self->facts_list, _("Remote Address"),
                          wsi_details_get_string (details, NULL, "remote-address"));
}

static void
wsi_handshake_page_show_tls (WsiHandshakePage *self,
                             WsiDetails       *details)
{
  g_auto (GStrv) names = wsi_details_dup_strv (details, "tls", "dns-names");
  g_autofree char *joined = names != NULL ? g_strjoinv (", ", names) : NULL;
  gint64 not_before_s = wsi_details_get_int64 (details, "tls", "not-before");
  gint64 not_after_s = wsi_details_get_int64 (details, "tls", "not-after");
  g_autofree char *begin = wsi_handshake_page_format_date (not_before_s);
  g_autofree char *end = wsi_handshake_page_format_date (not_after_s);
  g_autofree char *begin_warning = wsi_handshake_page_warn_of_begin (not_before_s);
  g_autofree char *end_warning = wsi_handshake_page_warn_of_end (not_after_s);

  gtk_widget_set_visible (self->tls_box, wsi_details_has (details, "tls"));
  wsi_handshake_page_clear (self->tls_list);
  if (!wsi_details_has (details, "tls"))
    return;

  wsi_handshake_page_add (self->tls_list, _("Subject"),
                          wsi_details_get_string (details, "tls", "subject"));
  wsi_handshake_page_add (self->tls_list, _("Issuer"),
                          wsi_details_get_string (details, "tls", "issuer"));
  wsi_handshake_page_add (self->tls_list, _("Host Names"), joined);
  if (begin != NULL)
    gtk_list_box_append (self->tls_list,
                         wsi_fact_row_new (_("Valid From"), begin, FALSE, begin_warning));
  if (end != NULL)
    gtk_list_box_append (self->tls_list,
                         wsi_fact_row_new (_("Valid Until"), end, FALSE, end_warning));
  wsi_handshake_page_add (self->tls_list, _("SHA-256 Fingerprint"),
                          wsi_details_get_string (details, "tls", "sha256"));
}

static void
wsi_handshake_page_show_headers (GtkWidget  *box,
                                 GtkListBox *list,
                                 WsiDetails *details,
                                 const char *direction)
{
  g_autoptr (GArray) headers = wsi_details_get_headers (details, direction);

  wsi_handshake_page_clear (list);
  for (guint i = 0; headers != NULL && i < headers->len; i++)
    {
      WsiHeader *header = &g_array_index (headers, WsiHeader, i);

      gtk_list_box_append (list, wsi_fact_row_new (header->name, header->value,
                                                   header->value == NULL, NULL));
    }

  gtk_widget_set_visible (box, headers != NULL && headers->len > 0);
}

/* What the rows are of; the rest changes each second. */
static GVariant *
wsi_handshake_page_pick (WsiDetails *details)
{
  static const char *const keys[] = {
    "handshake", "tls", "protocol", "extensions", "remote-address",
  };
  g_auto (GVariantDict) picked = G_VARIANT_DICT_INIT (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GVariant) value =
        g_variant_lookup_value (wsi_details_get_variant (details), keys[i], NULL);

      if (value != NULL)
        g_variant_dict_insert_value (&picked, keys[i], value);
    }

  return g_variant_ref_sink (g_variant_dict_end (&picked));
}

static void
wsi_handshake_page_refresh (WsiDetailsPage *page)
{
  WsiHandshakePage *self = WSI_HANDSHAKE_PAGE (page);
  WsiDetails *details = wsi_handshake_page_get_details (self);
  g_autoptr (GVariant) picked = NULL;
  g_autofree char *status = NULL;

  gtk_stack_set_visible_child_name (self->stack, details != NULL ? "handshake" : "empty");
  if (details == NULL)
    return;

  picked = wsi_handshake_page_pick (details);
  if (self->shown != NULL && g_variant_equal (self->shown, picked))
    return;

  g_clear_pointer (&self->shown, g_variant_unref);
  self->shown = g_steal_pointer (&picked);

  status = wsi_handshake_page_format_status (details);
  gtk_label_set_label (self->status_label, status);
  wsi_handshake_page_show_facts (self, details);
  wsi_handshake_page_show_tls (self, details);
  wsi_handshake_page_show_headers (self->request_box, self->request_list, details, "request");
  wsi_handshake_page_show_headers (self->response_box, self->response_list, details, "response");
}

static void
wsi_handshake_page_copy_cb (WsiHandshakePage *self)
{
  g_autofree char *text = wsi_handshake_page_dup_text (self);

  if (text != NULL)
    gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
wsi_handshake_page_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), WSI_TYPE_HANDSHAKE_PAGE);

  G_OBJECT_CLASS (wsi_handshake_page_parent_class)->dispose (object);
}

static void
wsi_handshake_page_finalize (GObject *object)
{
  WsiHandshakePage *self = WSI_HANDSHAKE_PAGE (object);

  g_clear_pointer (&self->shown, g_variant_unref);

  G_OBJECT_CLASS (wsi_handshake_page_parent_class)->finalize (object);
}

static void
wsi_handshake_page_class_init (WsiHandshakePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  WsiDetailsPageClass *page_class = WSI_DETAILS_PAGE_CLASS (klass);

  object_class->dispose = wsi_handshake_page_dispose;
  object_class->finalize = wsi_handshake_page_finalize;

  page_class->refresh = wsi_handshake_page_refresh;

  gtk_widget_class_set_template_from_resource (
    widget_class, "/io/github/wsmulti/Inspector/ui/wsi-handshake-page.ui");
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, stack);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, status_label);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, facts_box);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, facts_list);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, tls_box);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, tls_list);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, request_box);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, request_list);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, response_box);
  gtk_widget_class_bind_template_child (widget_class, WsiHandshakePage, response_list);
  gtk_widget_class_bind_template_callback (widget_class, wsi_handshake_page_copy_cb);
}

static void
wsi_handshake_page_init (WsiHandshakePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
wsi_handshake_page_print_headers (GString    *text,
                                  WsiDetails *details,
                                  const char *direction,
                                  const char *title)
{
  g_autoptr (GArray) headers = wsi_details_get_headers (details, direction);

  if (headers == NULL || headers->len == 0)
    return;

  g_string_append_printf (text, "\n%s\n", title);
  for (guint i = 0; i < headers->len; i++)
    {
      WsiHeader *header = &g_array_index (headers, WsiHeader, i);

      if (header->value != NULL)
        g_string_append_printf (text, "%s: %s\n", header->name, header->value);
      else
        /* Translators: a line of a copied handshake; the placeholder is the name of a header. */
        g_string_append_printf (text, _("%s: (hidden)\n"), header->name);
    }
}

static void
wsi_handshake_page_print_fact (GString    *text,
                               const char *title,
                               const char *value)
{
  if (value != NULL && *value != '\0')
    g_string_append_printf (text, "%s: %s\n", title, value);
}

char *
wsi_handshake_page_dup_text (WsiHandshakePage *self)
{
  WsiConnection *connection;
  WsiDetails *details;
  GString *text = NULL;
  g_autofree char *status = NULL;

  g_return_val_if_fail (WSI_IS_HANDSHAKE_PAGE (self), NULL);

  details = wsi_handshake_page_get_details (self);
  if (details == NULL)
    return NULL;

  connection = wsi_details_page_get_connection (WSI_DETAILS_PAGE (self));
  status = wsi_handshake_page_format_status (details);
  text = g_string_new (NULL);
  g_string_append_printf (text, "%s\n%s\n", wsi_connection_get_uri (connection), status);
  wsi_handshake_page_print_fact (text, _("Subprotocol"),
                                 wsi_details_get_string (details, NULL, "protocol"));
  wsi_handshake_page_print_fact (text, _("Extensions"),
                                 wsi_details_get_string (details, NULL, "extensions"));
  wsi_handshake_page_print_fact (text, _("Remote Address"),
                                 wsi_details_get_string (details, NULL, "remote-address"));
  wsi_handshake_page_print_headers (text, details, "request", _("Request Headers"));
  wsi_handshake_page_print_headers (text, details, "response", _("Response Headers"));

  return g_string_free (text, FALSE);
}
