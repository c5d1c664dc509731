// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Prices from an exchange that has a heartbeat of its own, in JSON, and forgets whoever reconnects.
//
// market URI SECONDS SYMBOL…       SECONDS: how often the exchange wants to hear of us
//
// A line at the standard input is one more symbol.

/* What an exchange tells of the symbols that were asked for. */
class Market : Object
{
  private GenericArray<string> symbols = new GenericArray<string> ();
  private Wsm.Connection feed;

  public signal void priced (string symbol, double price);
  public signal void changed (string what);

  public Market (Wsm.Connection feed, double seconds)
  {
    var interval = (uint) (seconds * 1000);

    this.feed = feed;
    /* Prices are signs of life as well, so that idle-only would save the pings; but the exchange
     * wants them. Its pongs are not among the messages. */
    feed.heartbeat = new Wsm.Heartbeat ()
      .with_mode (Wsm.HeartbeatMode.TEXT)
      .with_interval (interval)
      .with_timeout (interval)
      .with_idle_only (false)
      .with_payload ("""{"op":"ping","id":%{seq}}""")
      .with_reply ("""{"op":"pong","id":%{seq}}""")
      .with_reply_match (Wsm.ReplyMatch.EXACT)
      .with_hide_reply (true);
    feed.message.connect ((type, data) => read (data));
    feed.notify["state"].connect (() => changed (feed.reason.to_string ()));
  }

  public void subscribe (string symbol)
  {
    symbols.add (symbol);
    /* Each time it opens all are asked for, before anything else is sent. */
    feed.greetings = { make_request (symbols.data) };
    try
      {
        if (feed.state == Wsm.State.OPEN || feed.state == Wsm.State.SUSPECT)
          feed.send_text (make_request ({ symbol }));
      }
    catch (Wsm.Error error)
      {
        warning ("%s will be asked for when it opens again: %s", symbol, error.message);
      }
  }

  private string make_request (string[] symbols)
  {
    var builder = new Json.Builder ();

    builder.begin_object ();
    builder.set_member_name ("op").add_string_value ("subscribe");
    builder.set_member_name ("symbols").begin_array ();
    foreach (unowned var symbol in symbols)
      builder.add_string_value (symbol);
    builder.end_array ().end_object ();
    return Json.to_string (builder.get_root (), false);
  }

  private void read (Bytes data)
  {
    var parser = new Json.Parser ();

    try
      {
        parser.load_from_data ((string) data.get_data (), data.length);
        var root = parser.get_root ();
        if (root != null && root.get_node_type () == Json.NodeType.OBJECT)
          obey (root.get_object ());
      }
    catch (Error error)
      {
        warning ("The exchange sends what is no JSON: %s", error.message);
      }
  }

  private void obey (Json.Object told)
  {
    unowned var op = told.get_string_member_with_default ("op", "");

    switch (op)
      {
      case "price":
        priced (told.get_string_member_with_default ("symbol", "?"),
                told.get_double_member_with_default ("price", 0));
        break;

      case "subscribed":
        changed ("subscribed");
        break;

      default:
        warning ("The exchange says what nobody asked for: %s", op);
        break;
      }
  }
}

void say (string line)
{
  stdout.puts (@"$line\n");
  stdout.flush ();
}

bool read_symbol (IOChannel input, Market market)
{
  string line;

  try
    {
      if (input.read_line (out line, null, null) != IOStatus.NORMAL)
        return Source.REMOVE;
    }
  catch (Error error)
    {
      printerr ("%s\n", error.message);
      return Source.REMOVE;
    }
  market.subscribe (line.strip ());
  return Source.CONTINUE;
}

int main (string[] args)
{
  Intl.setlocale ();
  if (args.length < 4)
    {
      printerr ("Usage: %s URI SECONDS SYMBOL…\n", args[0]);
      return 2;
    }

  var pool = new Wsm.Pool ();
  var input = new IOChannel.unix_new (stdin.fileno ());
  try
    {
      var market = new Market (pool.add (args[1]), double.parse (args[2]));

      market.changed.connect ((what) => say (what));
      market.priced.connect ((symbol, price) => say ("%s %.2f".printf (symbol, price)));
      foreach (unowned var symbol in args[3:])
        market.subscribe (symbol);
      input.add_watch (IOCondition.IN, () => read_symbol (input, market));
      new MainLoop ().run ();
    }
  catch (Wsm.Error error)
    {
      printerr ("%s\n", error.message);
      return 1;
    }
  return 0;
}
