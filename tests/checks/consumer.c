/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

/* What somebody else's program looks like: it is compiled against the installed files only. */

#include <libwsmulti.h>

int
main (void)
{
  g_autoptr (WsmPool) pool = wsm_pool_new ();
  g_autoptr (WsmHeartbeat) heartbeat = wsm_heartbeat_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (wsm_heartbeat_validate (heartbeat, &error));
  g_assert_no_error (error);
  g_assert_null (wsm_pool_add (pool, "no address", &error));
  g_assert_error (error, WSM_ERROR, WSM_ERROR_INVALID_URI);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (pool)), ==, 0);
  g_print ("a dead peer is noticed after %u ms at most\n",
           wsm_heartbeat_worst_case_detection (heartbeat));

  return 0;
}
