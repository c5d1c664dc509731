/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "wsi-connection-internal.h"

#include "wsi-link.h"
#include "wsi-source-private.h"
#include "wsi-text.h"

#include <glib/gi18n-lib.h>

#define USUAL_CLOSE_CODE 1000

typedef struct
{
  const char *method;
  const char *parameters; /* (nullable): none */
  const char *reply;
} WsiMethod;

static const WsiMethod methods[] =
{
  [WSI_COMMAND_PING] = { "Ping", NULL, "(d)" },
  [WSI_COMMAND_RETRY_NOW] = { "RetryNow", NULL, "()" },
  [WSI_COMMAND_PAUSE] = { "Pause", NULL, "()" },
  [WSI_COMMAND_RESUME] = { "Resume", NULL, "()" },
  [WSI_COMMAND_CLOSE] = { "Close", "(us)", "()" },
  [WSI_COMMAND_ABORT] = { "Abort", NULL, "()" },
  [WSI_COMMAND_SEND_TEXT] = { "SendText", "(s)", "()" },
  [WSI_COMMAND_SET_HEARTBEAT] = { "SetHeartbeat", "(a{sv})", "()" },
  [WSI_COMMAND_SET_BACKOFF] = { "SetBackoff", "(a{sv})", "()" },
};

static GError *
wsi_connection_make_refusal (WsiSource *source)
{
  /* Translators: %s is the name of a program. */
  return g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                      _("%s lets its connections be watched, not changed. It has to export its "
                        "pool with control to allow more."),
                      wsi_source_get_title (source));
}

/* Why nothing can be done to it, and what would help; NULL if something can. */
static GError *
wsi_connection_find_obstacle (WsiConnection *self)
{
  if (self->source != NULL && wsi_source_get_kind (self->source) == WSI_SOURCE_KIND_RECORDING)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_READ_ONLY,
                                _("This is a recording. Choose the program itself to act on its "
                                  "connections."));

  if (self->source != NULL && !wsi_source_get_attached (self->source))
    /* Translators: %s is the name of a program. */
    return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                        _("%s is gone. Start it again to act on its connections."),
                        wsi_source_get_title (self->source));

  if (self->source == NULL)
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                                _("The program has removed this connection. Choose another one."));

  if (wsi_source_get_link (self->source) == NULL)
    return g_error_new (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                        _("%s is gone. Start it again to act on its connections."),
                        wsi_source_get_title (self->source));

  if (!wsi_source_get_can_control (self->source))
    return wsi_connection_make_refusal (self->source);

  return NULL;
}

/* The id, then what belongs to the command. */
static GVariant *
wsi_connection_make_parameters (WsiConnection *self,
                                WsiCommand     command,
                                GVariant      *given)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_TUPLE);
  g_variant_builder_add (&builder, "t", self->figures.id);
  if (given == NULL && command == WSI_COMMAND_CLOSE)
    {
      g_variant_builder_add (&builder, "u", USUAL_CLOSE_CODE);
      g_variant_builder_add (&builder, "s", "");
    }
  for (gsize i = 0; given != NULL && i < g_variant_n_children (given); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (given, i);

      g_variant_builder_add_value (&builder, child);
    }

  return g_variant_builder_end (&builder);
}

/* What the program says is said to the person, as a sentence. */
static GError *
wsi_connection_translate_error (WsiConnection *self,
                                GError        *error)
{
  g_autoptr (GError) said = error;
  g_autofree char *sentence = NULL;

  if ((g_error_matches (said, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
       g_error_matches (said, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE)) &&
      self->source != NULL)
    return wsi_connection_make_refusal (self->source);

  if (g_error_matches (said, G_IO_ERROR, G_IO_ERROR_CLOSED))
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_CONNECTED,
                                _("The program went away before it answered."));

  if (g_error_matches (said, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
      g_error_matches (said, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY))
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                                _("The program does not answer."));

  g_dbus_error_strip_remote_error (said);
  sentence = wsi_text_clean (said->message, WSI_TEXT_MAX_SENTENCE);

  return g_error_new_literal (said->domain, said->code, sentence);
}

static void
wsi_connection_command_cb (GObject      *link,
                           GAsyncResult *result,
                           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  WsiConnection *self = g_task_get_source_object (task);
  GError *error = NULL;
  GVariant *reply = wsi_link_command_finish (WSI_LINK (link), result, &error);

  if (reply != NULL)
    g_task_return_pointer (task, reply, (GDestroyNotify) g_variant_unref);
  else
    g_task_return_error (task, wsi_connection_translate_error (self, error));
}

void
wsi_connection_command_async (WsiConnection       *self,
                              WsiCommand           command,
                              GVariant            *parameters,
                              GCancellable        *cancellable,
                              GAsyncReadyCallback  callback,
                              gpointer             user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (GVariant) given = NULL;
  const WsiMethod *method;
  GError *error;

  g_return_if_fail (WSI_IS_CONNECTION (self));
  g_return_if_fail (command < G_N_ELEMENTS (methods));

  method = &methods[command];
  given = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;
  g_return_if_fail (given == NULL ||
                    g_variant_is_of_type (given, G_VARIANT_TYPE (method->parameters != NULL
                                                                 ? method->parameters
                                                                 : "()")));
  g_return_if_fail (given != NULL || method->parameters == NULL || command == WSI_COMMAND_CLOSE);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, wsi_connection_command_async);

  error = wsi_connection_find_obstacle (self);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  wsi_link_command_async (wsi_source_get_link (self->source), method->method,
                          wsi_connection_make_parameters (self, command, given),
                          method->reply, cancellable,
                          wsi_connection_command_cb, g_steal_pointer (&task));
}

GVariant *
wsi_connection_command_finish (WsiConnection  *self,
                               GAsyncResult   *result,
                               GError        **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
