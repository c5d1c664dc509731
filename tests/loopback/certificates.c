/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "certificates.h"

static gboolean
accept_certificate_cb (SoupMessage          *message,
                       GTlsCertificate      *certificate,
                       GTlsCertificateFlags  errors,
                       gpointer              user_data)
{
  return TRUE;
}

static gboolean
prepare_cb (WsmConnection *connection,
            SoupMessage   *message,
            gpointer       user_data)
{
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), NULL);

  return FALSE;
}

void
certificates_serve (RawServer *server)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_file (path, &error);

  g_assert_no_error (error);
  raw_server_use_tls (server, certificate);
}

void
certificates_take_any (WsmConnection *connection)
{
  g_signal_connect (connection, "prepare", G_CALLBACK (prepare_cb), NULL);
}
