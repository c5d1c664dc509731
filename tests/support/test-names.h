/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#pragma once

/* The system finds no such name, and asks nobody: a name server that answers late would have a
 * test wait. A label may have 63 characters in a question to one. */
#define TEST_UNKNOWN_HOST \
  "nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-nowhere-.invalid"
