// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// One life of a connection, as a program in Vala sees it: journeys.py runs it.

const string GREETING = "grüezi 💓";

/* What a connection tells, for who waits for it. */
class Listener : Object
{
  private Queue<string> heard = new Queue<string> ();
  private SourceFunc? waiting;

  public Listener (Wsm.Connection feed)
  {
    feed.message.connect ((type, data) => add (describe (type, data)));
    feed.disconnected.connect ((reason, will_retry) => add (@"lost $will_retry $reason"));
    feed.closed.connect (() => add ("closed"));
  }

  private static string describe (Soup.WebsocketDataType type, Bytes data)
  {
    if (type == Soup.WebsocketDataType.TEXT)
      return "heard %.*s".printf (data.length, data.get_data ());
    var numbers = new StringBuilder ();
    foreach (var number in data.get_data ())
      numbers.append (@" $number");
    return @"heard [$(numbers.str.strip ())]";
  }

  private void add (string text)
  {
    heard.push_tail (text);
    if (waiting != null)
      waiting ();
  }

  public async string next ()
  {
    while (heard.is_empty ())
      {
        waiting = next.callback;
        yield;
        waiting = null;
      }
    return heard.pop_head ();
  }
}

void say (string line)
{
  stdout.puts (@"$line\n");
  stdout.flush ();
}

async void travel (string uri) throws Error
{
  var pool = new Wsm.Pool () {
    backoff = new Wsm.Backoff ().with_initial (100).with_max (100)
  };
  var feed = pool.add (uri);
  var listener = new Listener (feed);

  yield feed.open_async ();
  say ("open");
  feed.send_text (GREETING);
  feed.send_bytes (new Bytes ({ 0, 127, 255 }));
  say (yield listener.next ());
  say (yield listener.next ());
  var round_trip = yield feed.ping_async ();
  say (@"round trip $round_trip");

  say ("kill me");
  say (yield listener.next ());
  yield feed.open_async ();
  say (@"open $(feed.n_reconnects)");
  feed.send_text (GREETING);
  say (yield listener.next ());

  yield feed.close_async (1000, "done");
  say (yield listener.next ());
  var last = yield listener.next ();
  say (@"$last true $(feed.state == Wsm.State.CLOSED)");
}

int main (string[] args)
{
  var loop = new MainLoop ();
  var status = 0;

  travel.begin (args[1], (object, result) => {
    try
      {
        travel.end (result);
      }
    catch (Error error)
      {
        printerr ("%s\n", error.message);
        status = 1;
      }
    loop.quit ();
  });
  loop.run ();
  return status;
}
