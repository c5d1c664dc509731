// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: GPL-3.0-or-later

int main (string[] args)
{
  string[] uris = { "wss://api1.example.com", "wss://api2.example.com" };
  if (args.length > 1)
    uris = args[1:];

  var pool = new Wsm.Pool () {
    heartbeat = new Wsm.Heartbeat ()
      .with_mode (Wsm.HeartbeatMode.TEXT)
      .with_payload ("ping")
      .with_interval (5000)
      .with_idle_only (false)
  };
  pool.message.connect ((feed, type, data) => {
    print ("%s %.*s\n", feed.name, data.length, data.get_data ());
  });
  pool.connection_state_changed.connect ((feed) => print (@"$(feed.name) $(feed.reason)\n"));
  try
    {
      foreach (unowned var uri in uris)
        pool.add (uri);
    }
  catch (Error error)
    {
      printerr (@"$(error.message)\n");
      return 2;
    }
  new MainLoop ().run ();
  return 0;
}
