// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// What a program in Vala does with the library, against the echo server.

const uint DEADLINE_MS = 10000;

delegate bool Condition ();
delegate void Attempt () throws GLib.Error;
delegate void Story () throws GLib.Error;
delegate void Begin (GLib.AsyncReadyCallback ready);
delegate void End (GLib.AsyncResult result) throws GLib.Error;

/* Runs the main loop until the condition holds. */
void until (Condition condition)
{
  var context = GLib.MainContext.default ();
  var late = false;
  var source = GLib.Timeout.add (DEADLINE_MS, () => {
    late = true;
    return GLib.Source.CONTINUE;
  });

  while (!condition ())
    {
      assert_false (late);
      context.iteration (true);
    }
  GLib.Source.remove (source);
}

void assert_throws (GLib.Error expected, Attempt attempt)
{
  try
    {
      attempt ();
    }
  catch (GLib.Error error)
    {
      assert_error (error, expected.domain, expected.code);
      return;
    }
  assert_not_reached ();
}

int count_open_files ()
{
  int count = 0;

  try
    {
      var folder = GLib.Dir.open ("/proc/self/fd");
      while (folder.read_name () != null)
        count++;
    }
  catch (GLib.FileError error)
    {
      assert_no_error (error);
    }
  return count;
}

/* A server with one path, and a pool that is quick to try again. */
class World
{
  public WsmEcho.Server server = new WsmEcho.Server ();
  public WsmEcho.Path path;
  public string uri;
  public Wsm.Pool? pool = new Wsm.Pool ();

  public World ()
  {
    path = server.add_path ("/feed");
    try
      {
        server.start ();
      }
    catch (GLib.Error error)
      {
        assert_no_error (error);
      }
    uri = server.dup_uri ("/feed");
    pool.heartbeat = new Wsm.Heartbeat ().with_mode (Wsm.HeartbeatMode.OFF);
    pool.backoff = new Wsm.Backoff ().with_initial (1).with_max (100);
  }

  public Wsm.Connection add ()
  {
    try
      {
        return pool.add (uri);
      }
    catch (GLib.Error error)
      {
        assert_no_error (error);
        assert_not_reached ();
      }
  }

  public Wsm.Connection open ()
  {
    var feed = add ();

    until (() => feed.state == Wsm.State.OPEN);
    return feed;
  }
}

void add_story (string name, owned Story story)
{
  GLib.Test.add_data_func ("/bindings/vala/" + name, () => {
    try
      {
        story ();
      }
    catch (GLib.Error error)
      {
        assert_no_error (error);
      }
  });
}

void add_async (string name, owned Begin begin, owned End end)
{
  add_story (name, () => {
    GLib.AsyncResult? outcome = null;

    begin ((object, result) => outcome = result);
    until (() => outcome != null);
    end (outcome);
  });
}

void test_list_model () throws GLib.Error
{
  var world = new World ();
  var changes = new GLib.StringBuilder ();
  var n_notified = 0;

  world.pool.items_changed.connect ((position, removed, added) => {
    changes.append (@"$position-$removed+$added ");
  });
  var first = world.add ();
  var second = world.add ();
  assert_true (world.pool is GLib.ListModel);
  assert_true (world.pool.get_item_type () == typeof (Wsm.Connection));
  assert_cmpuint (world.pool.get_n_items (), GLib.CompareOperator.EQ, 2);
  assert_cmpuint (world.pool.n_items, GLib.CompareOperator.EQ, 2);
  assert_true (world.pool.get_item (0) == first && world.pool.get_item (1) == second);
  assert_null (world.pool.get_item (2));
  assert_cmpstr (second.name, GLib.CompareOperator.EQ, first.name + " #2");
  assert_true (world.pool.lookup (second.name) == second);
  assert_null (world.pool.lookup ("nobody"));
  world.pool.notify["n-open"].connect (() => n_notified++);
  until (() => world.pool.n_open == 2);
  assert_cmpint (n_notified, GLib.CompareOperator.GT, 0);
  assert_true (world.pool.remove (first));
  assert_false (world.pool.remove (first));
  assert_true (world.pool.watch_environment && !world.pool.saves_power);
  world.pool.watch_environment = false;
  assert_false (world.pool.watch_environment);
  assert_cmpstr (changes.str, GLib.CompareOperator.EQ, "0-0+1 1-0+1 0-1+0 ");
}

async void test_properties () throws GLib.Error
{
  var world = new World ();
  string[] protocols = { "one", "two" };
  string[] greetings = { "hello" };
  var notified = new GLib.StringBuilder ();
  var feed = Wsm.Connection.create (world.uri, "feed", "https://example.com", protocols);

  feed.greetings = greetings;
  assert_cmpstr (feed.origin, GLib.CompareOperator.EQ, "https://example.com");
  assert_cmpstr (feed.uri, GLib.CompareOperator.EQ, world.uri);
  assert_cmpstr (feed.name, GLib.CompareOperator.EQ, "feed");
  assert_cmpint (feed.protocols.length, GLib.CompareOperator.EQ, 2);
  assert_cmpstr (feed.protocols[1], GLib.CompareOperator.EQ, "two");
  assert_cmpstr (feed.greetings[0], GLib.CompareOperator.EQ, "hello");
  assert_true (feed.state == Wsm.State.IDLE && feed.error == null && feed.heartbeat == null);
  assert_true (feed.reason.get_code () == Wsm.ReasonCode.NONE);

  feed.notify.connect ((spec) => notified.append (spec.name + " "));
  feed.set_greetings (null);
  feed.outbox_limit = (uint64) 1 << 33;
  feed.connect_timeout = 1234;
  feed.set_connect_timeout (1234);
  assert_cmpstr (notified.str, GLib.CompareOperator.EQ,
                 "greetings outbox-limit connect-timeout ");
  world.pool.add_connection (feed);
  assert_true (feed.heartbeat == world.pool.heartbeat);
  yield feed.open_async ();
  assert_true (feed.state == Wsm.State.OPEN);
  assert_true (feed.opened_at > 0);
  assert_cmpuint (feed.attempt, GLib.CompareOperator.EQ, 1);
  assert_true (feed.remote_address.has_prefix ("127.0.0.1"));
  assert_true (Wsm.LivenessSource.MESSAGES in feed.liveness_source);
  assert_true (feed.limits_enforced);
  assert_cmpuint ((uint) feed.latency.count, GLib.CompareOperator.EQ, 0);
}

void test_signals () throws GLib.Error
{
  var world = new World ();
  var feed = world.add ();
  var story = new GLib.StringBuilder ();
  var n_closed = 0;

  feed.opened.connect ((reconnected) => story.append (@"opened $reconnected\n"));
  feed.message.connect ((type, data) => {
    unowned var bytes = data.get_data ();
    story.append (@"$type $(data.length) $(bytes[0])\n");
  });
  world.pool.message.connect ((connection, type, data) => {
    assert_true (connection == feed);
    story.append (@"pool $(data.length)\n");
  });
  feed.disconnected.connect ((reason, will_retry) => {
    assert_true (will_retry == @"$(reason)".contains ("trying again in"));
    assert_true (reason.to_string () != "" && reason.get_delay () <= reason.get_delay_bound ());
    story.append (@"disconnected $will_retry\n");
  });
  feed.closed.connect (() => n_closed++);

  until (() => feed.state == Wsm.State.OPEN);
  feed.send_text ("hello");
  feed.send_bytes (new GLib.Bytes ({ 255, 0 }));
  until (() => feed.n_messages_received == 2);
  world.path.drop_all ();
  until (() => feed.n_reconnects == 1);
  feed.close (1000, "enough");
  until (() => n_closed == 1);
  assert_cmpstr (story.str, GLib.CompareOperator.EQ, """opened false
SOUP_WEBSOCKET_DATA_TEXT 5 104
pool 5
SOUP_WEBSOCKET_DATA_BINARY 2 255
pool 2
disconnected true
opened true
disconnected false
""");
}

async void test_errors () throws GLib.Error
{
  var world = new World ();
  var feed = Wsm.Connection.create (world.uri, "feed");
  var same = Wsm.Connection.create (world.uri, "feed");

  try
    {
      world.pool.add ("https://example.com");
      assert_not_reached ();
    }
  catch (Wsm.Error.INVALID_URI error)
    {
      assert_true (error.message.contains ("ws"));
    }
  assert_throws (new Wsm.Error.NOT_IN_POOL (""), () => feed.open ());
  world.pool.add_connection (feed);
  assert_throws (new Wsm.Error.NAME_TAKEN (""), () => world.pool.add_connection (same));
  assert_throws (new Wsm.Error.NOT_OPEN (""), () => feed.send_text ("too early"));
  assert_throws (new Wsm.Error.NOT_OPEN (""), () => feed.send_bytes (new GLib.Bytes ({ 1 })));
  yield feed.open_async ();
  assert_throws (new Wsm.Error.INVALID_CLOSE (""), () => feed.close (7, null));
  feed.outbox_limit = 10;
  assert_throws (new Wsm.Error.TOO_BIG (""), () => feed.send_text ("more than fits"));
  assert_throws (new Wsm.Error.OUTBOX_FULL (""), () => {
    for (var count = 0; count < 1000; count++)
      feed.send_text ("fits");
  });
  assert_throws (new Wsm.Error.INVALID_SETTING (""), () => {
    new Wsm.Heartbeat ().with_interval (1).validate ();
  });
  assert_throws (new Wsm.Error.INVALID_SETTING (""), () => {
    new Wsm.Backoff ().with_initial (200).with_max (100).validate ();
  });
}

/* What they are made of stays, and what differs is of its own type. */
void test_variants () throws GLib.Error
{
  var plain = new Wsm.Heartbeat ();
  var other = plain.with_payload_bytes (new GLib.Bytes ({ 1, 2, 3 })).with_jitter (1);
  var backoff = new Wsm.Backoff ().with_factor (3);
  var pool = new Wsm.Pool ();
  var exporter = Wsm.Exporter.create (pool, "kitchen", false, true, 7);

  assert_null (plain.payload_bytes);
  assert_cmpuint (other.payload_bytes.length, GLib.CompareOperator.EQ, 3);
  assert_cmpfloat (other.jitter, GLib.CompareOperator.EQ, 1);
  assert_cmpuint (other.interval, GLib.CompareOperator.EQ, plain.interval);
  assert_null (other.with_payload_bytes (null).payload_bytes);
  assert_cmpfloat (backoff.factor, GLib.CompareOperator.EQ, 3);
  assert_cmpuint (backoff.with_max_elapsed (9).max_elapsed, GLib.CompareOperator.EQ, 9);
  assert_cmpuint (backoff.with_stable_after (8).stable_after, GLib.CompareOperator.EQ, 8);

  assert_true (exporter.pool == pool);
  assert_cmpstr (exporter.name, GLib.CompareOperator.EQ, "kitchen");
  assert_false (exporter.announce);
  assert_true (exporter.allow_control);
  assert_cmpuint (exporter.payload_capture, GLib.CompareOperator.EQ, 7);
}

void test_failed () throws GLib.Error
{
  var world = new World ();
  GLib.Error? failure = null;
  GLib.Error wanted = new Wsm.Error.HTTP_STATUS ("");

  world.path.refuse = 404;
  var feed = world.add ();
  feed.failed.connect ((error) => failure = error);
  until (() => failure != null);
  assert_error (failure, wanted.domain, wanted.code);
  assert_error (feed.error, wanted.domain, wanted.code);
  assert_cmpuint (feed.reason.get_http_status (), GLib.CompareOperator.EQ, 404);
  assert_cmpuint (world.pool.n_failed, GLib.CompareOperator.EQ, 1);
  assert_true (world.pool.lateness == world.pool.get_lateness ());
}

void test_should_retry () throws GLib.Error
{
  var world = new World ();
  var n_asked = 0;

  world.path.refuse = 404;
  var feed = world.add ();
  feed.should_retry.connect ((reason) => {
    assert_cmpuint (reason.get_http_status (), GLib.CompareOperator.EQ, 404);
    return ++n_asked < 3 ? Wsm.RetryDecision.RETRY : Wsm.RetryDecision.DEFAULT;
  });
  until (() => feed.state == Wsm.State.FAILED);
  assert_cmpint (n_asked, GLib.CompareOperator.EQ, 3);
  assert_cmpuint (world.path.n_handshakes, GLib.CompareOperator.EQ, 3);

  world.path.refuse = 503;
  var stopped = world.add ();
  stopped.should_retry.connect (() => Wsm.RetryDecision.STOP);
  until (() => stopped.state == Wsm.State.FAILED);
  assert_cmpuint (world.path.n_handshakes, GLib.CompareOperator.EQ, 4);
}

void test_prepare () throws GLib.Error
{
  var world = new World ();
  var feed = world.add ();
  Soup.Message? waiting = null;

  feed.prepare.connect ((message) => {
    waiting = message;
    return true;
  });
  until (() => waiting != null);
  assert_true (feed.state == Wsm.State.CONNECTING && world.path.n_handshakes == 0);
  feed.fail_attempt (waiting, new GLib.IOError.PERMISSION_DENIED ("no token today"));
  waiting = null;
  until (() => feed.state != Wsm.State.CONNECTING);
  assert_true (feed.reason.get_code () == Wsm.ReasonCode.PREPARE_FAILED);
  assert_true (feed.reason.to_string ().contains ("no token today"));
  feed.retry_now ();
  until (() => waiting != null);
  waiting.request_headers.append ("Authorization", "Bearer 1");
  feed.proceed (waiting);
  until (() => feed.state == Wsm.State.OPEN);
}

async void test_async () throws GLib.Error
{
  var world = new World ();
  var feed = new Wsm.Connection (world.uri);

  world.pool.add_connection (feed);
  assert_true (yield feed.open_async ());
  var round_trip = yield feed.ping_async ();
  assert_true (0 < round_trip < 1000);
  assert_cmpuint (world.path.n_pings, GLib.CompareOperator.EQ, 1);
  try
    {
      yield feed.close_async (7, null);
      assert_not_reached ();
    }
  catch (Wsm.Error.INVALID_CLOSE error)
    {
    }
  assert_true (yield feed.close_async (1000, "done"));
  assert_true (feed.state == Wsm.State.CLOSED);
  try
    {
      yield feed.ping_async ();
      assert_not_reached ();
    }
  catch (Wsm.Error.NOT_OPEN error)
    {
    }
  assert_true (yield feed.open_async ());
  assert_true (yield feed.close_async ());
  assert_true (yield feed.open_async ());
  assert_true (yield world.pool.close_async (1000));
  assert_true (yield world.pool.close_async ());
}

/* The binding says of which domains the errors are. What it says of more than is caught here is a
 * warning, and warnings are errors. */
async void test_domains ()
{
  var world = new World ();
  var feed = new Wsm.Connection (world.uri);
  var n_caught = 0;

  try
    {
      world.pool.heartbeat.validate ();
      world.pool.backoff.validate ();
      world.pool.add_connection (feed);
      feed.open ();
      feed.close ();
      world.pool.broadcast_text ("to nobody");
      world.pool.remove (feed);
      feed = world.pool.add (world.uri);
      feed.send_bytes (new GLib.Bytes ({ 1 }));
    }
  catch (Wsm.Error error)
    {
      assert_true (error is Wsm.Error.NOT_OPEN);
      n_caught++;
    }
  try
    {
      feed.send_text ("too early");
    }
  catch (Wsm.Error error)
    {
      n_caught++;
    }
  try
    {
      yield feed.ping_async ();
    }
  catch (GLib.IOError error)
    {
      assert_no_error (error);
    }
  catch (Wsm.Error error)
    {
      n_caught++;
    }
  try
    {
      yield feed.close_async ();
      yield world.pool.close_async ();
    }
  catch (GLib.IOError error)
    {
      assert_no_error (error);
    }
  catch (Wsm.Error error)
    {
      assert_no_error (error);
    }
  assert_cmpint (n_caught, GLib.CompareOperator.EQ, 3);
}

async void test_cancel () throws GLib.Error
{
  var world = new World ();
  var cancellable = new GLib.Cancellable ();

  world.path.stall = true;
  var feed = world.add ();
  GLib.Idle.add (() => {
    cancellable.cancel ();
    return GLib.Source.REMOVE;
  });
  try
    {
      yield feed.open_async (cancellable);
      assert_not_reached ();
    }
  catch (GLib.IOError.CANCELLED error)
    {
    }
  assert_true (feed.state == Wsm.State.CONNECTING);
  world.path.stall = false;
  feed.abort ();
  yield feed.open_async ();

  world.path.mute = true;
  cancellable = new GLib.Cancellable ();
  GLib.Idle.add (() => {
    cancellable.cancel ();
    return GLib.Source.REMOVE;
  });
  try
    {
      yield feed.ping_async (cancellable);
      assert_not_reached ();
    }
  catch (GLib.IOError.CANCELLED error)
    {
    }
  assert_true (feed.state == Wsm.State.OPEN);
}

void test_beats () throws GLib.Error
{
  var world = new World ();
  uint64 sequence = 0;
  double round_trip = 0;
  Wsm.Reason? kept = null;

  world.path.reply_to = "ping 1";
  world.path.reply = "pong 1";
  world.path.late = 20;
  world.pool.heartbeat = new Wsm.Heartbeat ()
    .with_mode (Wsm.HeartbeatMode.TEXT)
    .with_payload ("ping %{seq}")
    .with_interval (100)
    .with_timeout (80)
    .with_max_missed (2)
    .with_jitter (0)
    .with_idle_only (false)
    .with_reply_match (Wsm.ReplyMatch.EXACT)
    .with_reply ("pong %{seq}")
    .with_hide_reply (true)
    .with_liveness (Wsm.Liveness.STRICT);
  assert_true (world.pool.heartbeat.validate ());
  assert_cmpuint (world.pool.heartbeat.worst_case_detection (), GLib.CompareOperator.GE, 180);
  var feed = world.add ();
  feed.beat.connect ((number, milliseconds) => {
    sequence = number;
    round_trip = milliseconds;
  });
  feed.message.connect (() => assert_not_reached ());
  feed.disconnected.connect ((reason) => kept = reason.copy ());
  until (() => sequence == 1);
  assert_true (20 <= round_trip < 80 && feed.latency.last == round_trip);
  world.path.mute = true;
  until (() => kept != null);
  assert_true (kept.get_code () == Wsm.ReasonCode.HEARTBEAT_LOST);
  assert_true (kept.to_string ().has_prefix ("heartbeat-lost: 2 of 2 beats unanswered"));
}

void test_faults () throws GLib.Error
{
  var closing = new World ();
  var stalling = new World ();
  var refusing = new World ();

  closing.path.close_code = 4000;
  var feed = closing.add ();
  until (() => feed.state == Wsm.State.FAILED);
  assert_true (feed.close_code == 4000 && feed.error is Wsm.Error.PEER_CLOSED);

  stalling.path.stall = true;
  feed = stalling.add ();
  feed.connect_timeout = 50;
  feed.backoff = new Wsm.Backoff ().with_max_attempts (1);
  until (() => feed.state == Wsm.State.FAILED);
  assert_true (feed.error is Wsm.Error.GAVE_UP);

  refusing.path.refuse = 503;
  refusing.path.retry_after = "3600";
  feed = refusing.add ();
  until (() => feed.state == Wsm.State.WAITING);
  assert_cmpuint (feed.reason.get_retry_after (), GLib.CompareOperator.EQ, 3600 * 1000);

  /* One a second: the other one waits for its turn. */
  refusing.pool.max_retries_per_second = 1;
  var other = refusing.add ();
  until (() => other.state == Wsm.State.WAITING);
  refusing.pool.retry_now ();
  assert_true (feed.state == Wsm.State.CONNECTING);
  assert_true (other.reason.get_turn_delay () > 0 && other.reason.get_turn_delay () <= 1020);
}

void test_dropped () throws GLib.Error
{
  var world = new World ();
  var feed = new Wsm.Connection (world.uri);
  var told = "";

  world.path.refuse = 503;
  feed.queue_while_closed = true;
  world.pool.add_connection (feed);
  feed.dropped.connect ((n_messages, n_bytes, why) => {
    told = @"$n_messages $n_bytes $(why.get_http_status ())";
  });
  feed.should_retry.connect (() => Wsm.RetryDecision.STOP);
  feed.open ();
  feed.send_text ("12345");
  feed.send_text ("123");
  until (() => told != "");
  assert_cmpstr (told, GLib.CompareOperator.EQ, "2 8 503");
}

void test_unconfirmed () throws GLib.Error
{
  var world = new World ();
  var feed = world.open ();
  var told = "";

  feed.unconfirmed.connect ((n_messages, n_bytes) => told += @"$n_messages $n_bytes ");
  feed.send_text ("12345");
  feed.send_text ("123");
  feed.abort ();
  assert_cmpstr (told, GLib.CompareOperator.EQ, "2 8 ");
}

void test_writable () throws GLib.Error
{
  var world = new World ();
  var feed = world.open ();
  var n_notified = 0u;

  feed.outbox_limit = 100000;
  feed.notify["writable"].connect (() => n_notified++);
  assert_true (feed.writable && feed.get_writable ());
  feed.send_text (string.nfill (70000, 'x'));
  assert_true (!feed.writable && n_notified == 1);
  until (() => feed.writable);
  assert_cmpuint (n_notified, GLib.CompareOperator.EQ, 2);
  world.path.drop_all ();
  until (() => !feed.writable);
}

void test_pool_beats () throws GLib.Error
{
  var world = new World ();
  var n_answered = 0u;
  var n_missed = 0u;
  Wsm.Beats? kept = null;

  world.pool.heartbeat = Object.new (typeof (Wsm.Heartbeat), interval: 60000, timeout: 100)
    as Wsm.Heartbeat;
  for (var number = 0; number < 5; number++)
    world.add ();
  until (() => world.pool.n_open == 5);
  world.pool.beats.connect ((beats) => {
    unowned var round_trips = beats.get_round_trips ();
    unowned var connections = beats.get_connections ();

    assert_true (round_trips.length == connections.length);
    for (var i = 0; i < round_trips.length; i++)
      assert_true (round_trips[i] < 0 || round_trips[i] == connections[i].latency.last);
    assert_true (beats.get_connection (0) == connections[0]);
    assert_null (beats.get_connection (round_trips.length));
    n_answered += beats.get_n_answered ();
    n_missed += beats.get_n_missed ();
    kept = beats.copy ();
  });
  world.pool.probe ();
  until (() => n_answered == 5);
  assert_cmpuint (n_missed, GLib.CompareOperator.EQ, 0);
  world.path.mute = true;
  world.pool.probe ();
  until (() => n_missed == 5);
  assert_cmpuint (n_answered, GLib.CompareOperator.EQ, 5);
  world.pool = null;
  assert_true (kept.get_connections ()[0].state == Wsm.State.CLOSED);
}

void test_frames () throws GLib.Error
{
  var world = new World ();
  var feed = world.open ();
  var frames = new GLib.GenericArray<Wsm.Frame> ();

  feed.frame.connect ((frame) => frames.add (frame.copy ()));
  feed.send_text ("first");
  until (() => feed.n_messages_received == 1);
  feed.send_text ("hello");
  until (() => feed.n_messages_received == 2 && frames.length >= 2 &&
               frames[frames.length - 1].get_direction () == Wsm.Direction.INCOMING);
  unowned var sent = frames[frames.length - 2];
  unowned var received = frames[frames.length - 1];
  assert_true (sent.get_direction () == Wsm.Direction.OUTGOING);
  assert_true (sent.get_opcode () == 1 && sent.get_length () == 5 && sent.is_final ());
  assert_true (sent.get_wire_length () == 11 && received.get_wire_length () == 7);
  assert_true (!sent.is_compressed () && sent.get_time () <= received.get_time ());
}

void test_kept () throws GLib.Error
{
  var world = new World ();
  var feed = world.open ();
  var kept = new GLib.GenericArray<GLib.Bytes> ();

  feed.message.connect ((type, data) => kept.add (data));
  for (var number = 0; number < 20; number++)
    feed.send_text (@"message $number");
  until (() => kept.length == 20);
  world.pool.remove (feed);
  feed = null;
  world = null;
  for (var number = 0; number < 20; number++)
    {
      var wanted = new GLib.Bytes (@"message $number".data);
      assert_true (kept[number].compare (wanted) == 0);
    }
}

void test_dropped_objects () throws GLib.Error
{
  var world = new World ();
  var over = false;
  var feed = world.open ();

  unowned var pool = world.pool;
  pool.message.connect ((connection) => pool.remove (connection));
  feed.send_text ("the last one");
  until (() => world.pool.get_n_items () == 0);
  GLib.WeakRef weak_feed = GLib.WeakRef (feed);
  feed = null;
  assert_null (weak_feed.get ());

  GLib.WeakRef weak_pool = GLib.WeakRef (world.pool);
  feed = world.add ();
  feed.opened.connect (() => {
    world.pool = null;
    over = true;
  });
  until (() => over);
  assert_null (weak_pool.get ());
  until (() => world.path.n_connections == 0);
}

void test_pools () throws GLib.Error
{
  var world = new World ();

  world.open ();
  world.pool = null;
  until (() => world.path.n_connections == 0);
  var before = count_open_files ();
  for (var round = 0; round < 10; round++)
    {
      var pools = new GLib.GenericArray<Wsm.Pool> ();
      for (var count = 0; count < 20; count++)
        {
          var pool = new Wsm.Pool ();
          pool.add (world.uri);
          pools.add ((owned) pool);
        }
      until (() => {
        var n_open = 0u;
        pools.foreach ((pool) => n_open += pool.n_open);
        return n_open == 20;
      });
      pools = null;
      until (() => world.path.n_connections == 0);
    }
  until (() => count_open_files () <= before);
  assert_cmpuint (world.path.n_opened, GLib.CompareOperator.EQ, 201);
}

int main (string[] args)
{
  GLib.Test.init (ref args);
  add_story ("the-pool-is-a-list-model", test_list_model);
  add_async ("properties-are-read-set-and-notified",
             (ready) => test_properties.begin (ready), (result) => test_properties.end (result));
  add_story ("signals-come-with-all-their-arguments", test_signals);
  add_async ("errors-come-with-their-code",
             (ready) => test_errors.begin (ready), (result) => test_errors.end (result));
  add_story ("what-never-changes-is-varied", test_variants);
  add_story ("what-cannot-get-better-fails-with-its-error", test_failed);
  add_story ("should-retry-decides", test_should_retry);
  add_story ("prepare-may-put-an-attempt-off", test_prepare);
  add_async ("open-close-and-ping-are-asynchronous",
             (ready) => test_async.begin (ready), (result) => test_async.end (result));
  add_async ("errors-are-of-the-domains-that-are-told",
             (ready) => test_domains.begin (ready), (result) => test_domains.end (result));
  add_async ("a-wait-is-cancelled",
             (ready) => test_cancel.begin (ready), (result) => test_cancel.end (result));
  add_story ("beats-are-answered-and-missed", test_beats);
  add_story ("the-peers-faults-have-codes", test_faults);
  add_story ("what-is-dropped-is-counted", test_dropped);
  add_story ("what-may-be-lost-is-unconfirmed", test_unconfirmed);
  add_story ("writable-says-when-to-send-on", test_writable);
  add_story ("the-beats-of-a-pool-come-together", test_pool_beats);
  add_story ("frames-are-seen", test_frames);
  add_story ("what-a-handler-kept-lives-on", test_kept);
  add_story ("handlers-may-drop-everything", test_dropped_objects);
  add_story ("two-hundred-pools-leave-nothing", test_pools);
  return GLib.Test.run ();
}
