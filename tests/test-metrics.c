/* SPDX-FileCopyrightText: The libwsmulti authors
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "config.h"

#include "metrics.h"

#include <string.h>

#include "golden.h"
#include "metrics-accept.h"
#include "metrics-address.h"
#include "test-world.h"

/* The version, times of the day, and what the process costs. */
#define VERSION "version=\"" PACKAGE_VERSION "\""
#define BY_CHANCE \
  "(?m)^((?:\\S*(?:timestamp_seconds|_created)|process_\\w+)(?:\\{.*\\})?) [0-9.]+$"

static void
assert_golden (const char *name,
               const char *text)
{
  g_autoptr (GRegex) by_chance = g_regex_new (BY_CHANCE, 0, 0, NULL);
  g_autofree char *without_times = g_regex_replace (by_chance, text, -1, 0, "\\1 N", 0, NULL);
  g_autoptr (GString) stable = g_string_new (without_times);

  g_assert_cmpuint (g_string_replace (stable, VERSION, "version=\"N\"", 0), ==, 1);
  golden_assert (name, stable->str);
}

static char *
tell (WsmCliLedger *ledger,
      WsmCliFormat  format,
      guint         max_connections,
      gsize         piece_size)
{
  g_autoptr (WsmCliMetrics) metrics = wsm_cli_metrics_new (ledger, format, max_connections);
  GString *text = g_string_new (NULL);
  GBytes *piece;

  while ((piece = wsm_cli_metrics_next (metrics, piece_size)) != NULL)
    {
      gsize size;
      const char *data = g_bytes_get_data (piece, &size);

      g_assert_cmpuint (size, >, 0);
      g_string_append_len (text, data, (gssize) size);
      g_bytes_unref (piece);
    }
  g_assert_null (wsm_cli_metrics_next (metrics, piece_size));

  return g_string_free (text, FALSE);
}

static void
add (WsmTestWorld *world,
     const char   *uri,
     const char   *name)
{
  wsm_test_world_add_named (world, uri, name, 1000, 800);
}

/* One that works, one whose peer does not answer, one that waits. */
static WsmTestWorld *
make_world (WsmCliLedger **ledger)
{
  WsmTestWorld *world = wsm_test_world_new (7);

  add (world, "wss://user:s3cr3t@feed.example.com:8443/open?token=s3cr3t", "p\"ri\\ces");
  add (world, "ws://[2001:db8::7]/suspect", "株価");
  add (world, "ws://127.0.0.1/waiting/s3cr3ts3cr3ts3cr3t1234567890?key=s3cr3t", NULL);
  *ledger = wsm_cli_ledger_new (world->pool);
  wsm_test_world_get_peer (world, "/open")->latency_us = 12345;
  wsm_test_world_get_peer (world, "/suspect")->latency_us = 200 * 1000;
  wsm_test_world_get_peer (world, "/waiting/s3cr3ts3cr3ts3cr3t1234567890")->refusal =
    WSM_REASON_CODE_REFUSED;

  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (WsmConnection) connection = g_list_model_get_item (G_LIST_MODEL (world->pool), i);

      g_assert_true (wsm_connection_open (connection, NULL));
    }
  wsm_test_world_run_ms (world, 3500);
  wsm_test_peer_say (wsm_test_world_get_peer (world, "/open"), "hello");
  wsm_test_world_get_peer (world, "/suspect")->mute = TRUE;
  wsm_test_world_run_ms (world, 1800);

  return world;
}

static void
test_open_metrics (void)
{
  WsmCliLedger *ledger;
  WsmTestWorld *world = make_world (&ledger);
  g_autofree char *text = tell (ledger, WSM_CLI_FORMAT_OPEN_METRICS, 1000, 1 << 20);

  assert_golden ("metrics-open.txt", text);
  g_assert_null (strstr (text, "s3cr3t"));

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

static void
test_text (void)
{
  WsmCliLedger *ledger;
  WsmTestWorld *world = make_world (&ledger);
  g_autofree char *text = tell (ledger, WSM_CLI_FORMAT_TEXT, 1000, 1 << 20);

  assert_golden ("metrics-text.txt", text);
  g_assert_null (strstr (text, "s3cr3t"));

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

static void
test_pieces_are_the_whole (void)
{
  WsmCliLedger *ledger;
  WsmTestWorld *world = make_world (&ledger);

  for (gsize size = 1; size < 10000; size = size * 3 + 1)
    {
      g_autofree char *text = tell (ledger, WSM_CLI_FORMAT_OPEN_METRICS, 1000, size);

      assert_golden ("metrics-open.txt", text);
    }

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

static void
test_number_of_connections_is_bounded (void)
{
  WsmCliLedger *ledger;
  WsmTestWorld *world = make_world (&ledger);

  for (guint max_connections = 0; max_connections < 5; max_connections++)
    {
      g_autofree char *text = tell (ledger, WSM_CLI_FORMAT_OPEN_METRICS, max_connections, 4096);
      guint n_left_out = max_connections < 3 ? 3 - max_connections : 0;
      g_autofree char *left_out = g_strdup_printf ("\nwsmulti_connections_left_out %u\n",
                                                   n_left_out);
      g_auto (GStrv) parts = g_strsplit (text, "\nwsmulti_connection_up{", -1);

      g_assert_nonnull (strstr (text, left_out));
      g_assert_cmpuint (g_strv_length (parts) - 1, ==, MIN (max_connections, 3));
      g_assert_nonnull (strstr (text, "\nwsmulti_connections{state=\"suspect\"} 1\n"));
      g_assert_nonnull (strstr (text, "\nwsmulti_pool_missed_beats_total 1\n"));
      g_assert_true (g_str_has_suffix (text, "\n# EOF\n"));
    }

  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

/* While a client reads slowly the pool goes on. */
static void
test_connections_may_go_and_come_between_pieces (void)
{
  WsmCliLedger *ledger;
  WsmTestWorld *world = make_world (&ledger);
  g_autoptr (WsmCliMetrics) metrics = wsm_cli_metrics_new (ledger, WSM_CLI_FORMAT_TEXT, 1000);
  g_autoptr (GString) text = g_string_new (NULL);

  while (strstr (text->str, "wsmulti_connection_up{connection=\"株価\"}") == NULL)
    {
      g_autoptr (GBytes) piece = wsm_cli_metrics_next (metrics, 1);

      g_string_append_len (text, g_bytes_get_data (piece, NULL),
                           (gssize) g_bytes_get_size (piece));
    }
  g_assert_true (wsm_pool_remove (world->pool, wsm_pool_lookup (world->pool, "株価")));
  add (world, "ws://127.0.0.1/new", "new");
  g_string_truncate (text, 0);

  while (TRUE)
    {
      g_autoptr (GBytes) piece = wsm_cli_metrics_next (metrics, 1);

      if (piece == NULL)
        break;
      g_string_append_len (text, g_bytes_get_data (piece, NULL),
                           (gssize) g_bytes_get_size (piece));
    }
  g_assert_null (strstr (text->str, "株価"));
  g_assert_null (strstr (text->str, "\"new\""));
  g_assert_nonnull (strstr (text->str, "wsmulti_connection_beats_total{connection=\"p"));

  g_clear_pointer (&metrics, wsm_cli_metrics_free);
  g_assert_finalize_object (ledger);
  wsm_test_world_free (world);
}

static void
test_formats_are_negotiated (void)
{
  static const struct
  {
    const char *accept;
    WsmCliFormat format;
  } wishes[] =
  {
    { NULL, WSM_CLI_FORMAT_TEXT },
    { "", WSM_CLI_FORMAT_TEXT },
    { ",;,=;q", WSM_CLI_FORMAT_TEXT },
    { "*/*", WSM_CLI_FORMAT_TEXT },
    { "text/html, */*;q=0.8", WSM_CLI_FORMAT_TEXT },
    { "application/json", WSM_CLI_FORMAT_TEXT },
    { "application/openmetrics-text", WSM_CLI_FORMAT_OPEN_METRICS },
    { "Application/OpenMetrics-Text ; version=1.0.0", WSM_CLI_FORMAT_OPEN_METRICS },
    { "application/openmetrics-text; version=\"1.0.0\"", WSM_CLI_FORMAT_OPEN_METRICS },
    { "application/openmetrics-text; version=0.0.1", WSM_CLI_FORMAT_TEXT },
    { "application/openmetrics-text; version=2.0.0, */*", WSM_CLI_FORMAT_TEXT },
    { "application/openmetrics-text; q=0", WSM_CLI_FORMAT_TEXT },
    { "application/openmetrics-text; q=0.3, text/plain; q=0.5", WSM_CLI_FORMAT_TEXT },
    { "text/plain; q=0.3, application/openmetrics-text; q=0.5", WSM_CLI_FORMAT_OPEN_METRICS },
    /* Prometheus 2.42 and 3. */
    { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
      "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", WSM_CLI_FORMAT_OPEN_METRICS },
    { "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;"
      "q=0.7,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
      "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;q=0.4,"
      "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", WSM_CLI_FORMAT_OPEN_METRICS },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (wishes); i++)
    {
      g_test_message ("%s", wishes[i].accept);
      g_assert_cmpint (wsm_cli_metrics_accept_choose (wishes[i].accept), ==, wishes[i].format);
    }
}

static void
test_addresses (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } addresses[] =
  {
    { "9464", "127.0.0.1:9464 [::1]:9464 " },
    { ":9464", "127.0.0.1:9464 [::1]:9464 " },
    /* A port that is any is not shown. */
    { "0", "127.0.0.1 ::1 " },
    { "localhost:65535", "127.0.0.1:65535 [::1]:65535 " },
    { "127.0.0.2:9464", "127.0.0.2:9464 " },
    { "192.0.2.7:9464", "192.0.2.7:9464 " },
    { "0.0.0.0:9464", "0.0.0.0:9464 any " },
    { "[::]:9464", "[::]:9464 any " },
    { "[2001:db8::7]:0", "2001:db8::7 " },
    { "[fe80::1%lo]:9464", "[fe80::1%1]:9464 " },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) parsed = NULL;
      g_autoptr (GString) text = g_string_new (NULL);

      parsed = wsm_cli_metrics_address_parse ("--metrics", addresses[i].text, &error);
      g_assert_no_error (error);
      for (guint j = 0; j < parsed->len; j++)
        {
          GSocketConnectable *address = g_ptr_array_index (parsed, j);
          g_autofree char *shown = g_socket_connectable_to_string (address);

          g_string_append (text, shown);
          g_string_append_c (text, ' ');
        }
      if (wsm_cli_metrics_address_is_any (parsed))
        g_string_append (text, "any ");
      g_assert_cmpstr (text->str, ==, addresses[i].expected);
    }
}

static void
test_wrong_addresses (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } addresses[] =
  {
    { "", "has no port" },
    { "127.0.0.1", "has no port" },
    { "localhost", "has no port" },
    { "[::1]", "has no port" },
    { "65536", "“65536” is not a port" },
    { "127.0.0.1:", "“” is not a port" },
    { "127.0.0.1:x", "“x” is not a port" },
    { "127.0.0.1:-1", "“-1” is not a port" },
    { "::1:9464", "stands in brackets" },
    { "example.com:9464", "not an IP address" },
    { "*:9464", "not an IP address" },
    { "[127.0.0.1]:9464", "not an IPv6 address" },
    { "[::1:9464", "not an IPv6 address" },
    { "[::1]x:9464", "not an IPv6 address" },
    { "http://127.0.0.1:9464", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (addresses); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) parsed = NULL;

      parsed = wsm_cli_metrics_address_parse ("--metrics", addresses[i].text, &error);
      g_assert_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
      g_assert_null (parsed);
      g_assert_true (g_str_has_prefix (error->message, "--metrics: “"));
      if (strstr (error->message, addresses[i].expected) == NULL)
        g_error ("%s: %s", addresses[i].text, error->message);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/metrics/open-metrics", test_open_metrics);
  g_test_add_func ("/metrics/text", test_text);
  g_test_add_func ("/metrics/pieces-are-the-whole", test_pieces_are_the_whole);
  g_test_add_func ("/metrics/number-of-connections-is-bounded",
                   test_number_of_connections_is_bounded);
  g_test_add_func ("/metrics/connections-may-go-and-come-between-pieces",
                   test_connections_may_go_and_come_between_pieces);
  g_test_add_func ("/metrics/formats-are-negotiated", test_formats_are_negotiated);
  g_test_add_func ("/metrics/addresses", test_addresses);
  g_test_add_func ("/metrics/wrong-addresses", test_wrong_addresses);

  return g_test_run ();
}
