// SPDX-FileCopyrightText: The libwsmulti authors
// SPDX-License-Identifier: LGPL-2.1-or-later

/*
 * What only Vala has. It stands in the binding, and is compiled into the program that uses it.
 *
 * Object.new () does not look at what it is given; the compiler looks at the arguments of these.
 */

namespace Wsm
{
  /* Another object like this one, but for one property. */
  public static GLib.Object vary (GLib.Object original, string name, GLib.Value value)
  {
    string[] names = {};
    GLib.Value[] values = {};

    foreach (unowned var spec in original.get_class ().list_properties ())
      {
        GLib.Value kept = GLib.Value (spec.value_type);

        original.get_property (spec.name, ref kept);
        if (spec.name == name)
          kept = value;
        names += spec.name;
        values += kept;
      }

    return GLib.Object.new_with_properties (original.get_type (), names, values);
  }

  /* What never changes is varied: new Wsm.Backoff ().with_max (5000). */
  public sealed class Backoff : GLib.Object
  {
    public Wsm.Backoff with_initial (uint initial)
    {
      return (Wsm.Backoff) Wsm.vary (this, "initial", initial);
    }

    public Wsm.Backoff with_max (uint max)
    {
      return (Wsm.Backoff) Wsm.vary (this, "max", max);
    }

    public Wsm.Backoff with_factor (double factor)
    {
      return (Wsm.Backoff) Wsm.vary (this, "factor", factor);
    }

    public Wsm.Backoff with_max_attempts (uint max_attempts)
    {
      return (Wsm.Backoff) Wsm.vary (this, "max-attempts", max_attempts);
    }

    public Wsm.Backoff with_max_elapsed (uint max_elapsed)
    {
      return (Wsm.Backoff) Wsm.vary (this, "max-elapsed", max_elapsed);
    }

    public Wsm.Backoff with_stable_after (uint stable_after)
    {
      return (Wsm.Backoff) Wsm.vary (this, "stable-after", stable_after);
    }
  }

  /* What never changes is varied: new Wsm.Heartbeat ().with_interval (5000). */
  public sealed class Heartbeat : GLib.Object
  {
    public Wsm.Heartbeat with_mode (Wsm.HeartbeatMode mode)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "mode", mode);
    }

    public Wsm.Heartbeat with_interval (uint interval)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "interval", interval);
    }

    public Wsm.Heartbeat with_timeout (uint timeout)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "timeout", timeout);
    }

    public Wsm.Heartbeat with_max_missed (uint max_missed)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "max-missed", max_missed);
    }

    public Wsm.Heartbeat with_jitter (double jitter)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "jitter", jitter);
    }

    public Wsm.Heartbeat with_idle_only (bool idle_only)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "idle-only", idle_only);
    }

    public Wsm.Heartbeat with_payload (string? payload)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "payload", payload);
    }

    public Wsm.Heartbeat with_payload_bytes (GLib.Bytes? payload_bytes)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "payload-bytes", payload_bytes);
    }

    public Wsm.Heartbeat with_reply_match (Wsm.ReplyMatch reply_match)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "reply-match", reply_match);
    }

    public Wsm.Heartbeat with_reply (string? reply)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "reply", reply);
    }

    public Wsm.Heartbeat with_hide_reply (bool hide_reply)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "hide-reply", hide_reply);
    }

    public Wsm.Heartbeat with_liveness (Wsm.Liveness liveness)
    {
      return (Wsm.Heartbeat) Wsm.vary (this, "liveness", liveness);
    }
  }

  public sealed class Connection : GLib.Object
  {
    /* What a connection is called and what it asks for stays; all else can be set later. */
    public static Wsm.Connection create (string uri, string? name = null, string? origin = null,
                                         string[]? protocols = null)
    {
      string[] names = { "uri", "name", "origin", "protocols" };
      GLib.Value[] values = { uri, name, origin, protocols };

      return (Wsm.Connection) GLib.Object.new_with_properties (typeof (Wsm.Connection), names,
                                                               values);
    }
  }

  public sealed class Exporter : GLib.Object
  {
    public static Wsm.Exporter create (Wsm.Pool pool, string? name = null, bool announce = true,
                                       bool allow_control = false, uint payload_capture = 0)
    {
      string[] names = { "pool", "name", "announce", "allow-control", "payload-capture" };
      GLib.Value[] values = { pool, name, announce, allow_control, payload_capture };

      return (Wsm.Exporter) GLib.Object.new_with_properties (typeof (Wsm.Exporter), names, values);
    }
  }
}
