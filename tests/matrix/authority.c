/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "authority.h"

char *
authority_make_path (const char *name)
{
  return g_strdup_printf ("%s/%s.pem", g_getenv ("TEST_CERTIFICATES"), name);
}

GTlsCertificate *
authority_load (const char *name)
{
  g_autofree char *path = authority_make_path (name);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate = g_tls_certificate_new_from_file (path, &error);

  g_assert_no_error (error);

  return certificate;
}

/* From then on the pool knows this authority and no other. */
GTlsDatabase *
authority_trust (WsmPool *pool)
{
  g_autofree char *path = authority_make_path ("authority");
  g_autoptr (GError) error = NULL;
  GTlsDatabase *database = g_tls_file_database_new (path, &error);

  g_assert_no_error (error);
  soup_session_set_tls_database (wsm_pool_get_session (pool), database);

  return database;
}
