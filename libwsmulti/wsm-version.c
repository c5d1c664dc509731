/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config.h"

#include "wsm-version.h"

/**
 * wsm_check_version:
 * @major: a major version, such as 1 of 1.2.3
 * @minor: a minor version, such as 2 of 1.2.3
 * @micro: a micro version, such as 3 of 1.2.3
 *
 * Tells whether the library that the program runs with is at least that version.
 *
 * Returns: whether it is
 *
 * Since: 0.1
 */
gboolean
wsm_check_version (guint major,
                   guint minor,
                   guint micro)
{
  const guint own[] = { WSM_MAJOR_VERSION, WSM_MINOR_VERSION, WSM_MICRO_VERSION };
  const guint wanted[] = { major, minor, micro };

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    {
      if (own[i] != wanted[i])
        return own[i] > wanted[i];
    }

  return TRUE;
}
