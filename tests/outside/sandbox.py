# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Flatpak makes of a program's view of the world, without Flatpak.

The session bus and the accessibility bus go through xdg-dbus-proxy, with the rules that Flatpak
gives an app that has asked for nothing; the files go through bubblewrap, where that can be had.
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

from person import accessibility_address, wait_for
from stage import BUILD, Program

TOP = pathlib.Path(__file__).resolve().parent.parent.parent

REGISTRY = "--call=org.a11y.atspi.Registry=org.a11y.atspi."
ROOT = "@/org/a11y/atspi/accessible/root"
CONTROLLER = "@/org/a11y/atspi/registry/deviceeventcontroller"

# As flatpak_run_add_a11y_dbus_args () has them.
ACCESSIBILITY_RULES = (
    "--filter",
    "--sloppy-names",
    REGISTRY + "Socket.Embed" + ROOT,
    REGISTRY + "Socket.Unembed" + ROOT,
    REGISTRY + "Registry.GetRegisteredEvents@/org/a11y/atspi/registry",
    REGISTRY + "DeviceEventController.GetKeystrokeListeners" + CONTROLLER,
    REGISTRY + "DeviceEventController.GetDeviceEventListeners" + CONTROLLER,
    REGISTRY + "DeviceEventController.NotifyListenersSync" + CONTROLLER,
    REGISTRY + "DeviceEventController.NotifyListenersAsync" + CONTROLLER,
)


def session_rules(application_id, talk):
    """As flatpak_context_add_bus_filters () has them, and --talk-name for each of talk."""
    return (
        "--filter",
        f"--own={application_id}",
        f"--own={application_id}.*",
        f"--own=org.mpris.MediaPlayer2.{application_id}",
        f"--own=org.mpris.MediaPlayer2.{application_id}.*",
        "--call=org.freedesktop.portal.*=*",
        "--broadcast=org.freedesktop.portal.*=@/org/freedesktop/portal/*",
        *(f"--talk={name}" for name in talk),
    )


def can_wrap():
    """Whether bubblewrap is there and may do what it does."""
    if shutil.which("bwrap") is None:
        return False
    return subprocess.run(["bwrap", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev",
                           "--unshare-pid", "true"], capture_output=True).returncode == 0


class Sandbox:
    """Where one program lives."""

    def __init__(self, application_id, talk=(), wrapped=False):
        self.application_id = application_id
        self.wrapped = wrapped
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="sandbox-"))
        self.session = self.folder / "bus"
        self.accessibility = self.folder / "at-spi-bus"
        self.proxy = Program("xdg-dbus-proxy",
                             os.environ["DBUS_SESSION_BUS_ADDRESS"], self.session,
                             *session_rules(application_id, talk),
                             accessibility_address(), self.accessibility, *ACCESSIBILITY_RULES)
        wait_for("the proxy", lambda: self.session.exists() and self.accessibility.exists())

    def environment(self, runtime):
        return {
            "AT_SPI_BUS_ADDRESS": f"unix:path={runtime / self.accessibility.name}",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={runtime / self.session.name}",
            "FLATPAK_ID": self.application_id,
            "XDG_RUNTIME_DIR": str(runtime),
        }

    def wrap(self, runtime):
        """Programs and libraries as they are; of what runs beside it only the screen."""
        info = self.folder / "flatpak-info"
        info.write_text(f"[Application]\nname={self.application_id}\n")
        home = os.environ["HOME"]
        return [
            "bwrap", "--die-with-parent", "--unshare-pid", "--unshare-ipc",
            "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
            "--ro-bind", "/usr", "/usr", "--ro-bind", "/etc", "/etc",
            "--symlink", "usr/bin", "/bin",
            "--symlink", "usr/lib", "/lib",
            "--symlink", "usr/lib64", "/lib64",
            "--ro-bind", str(TOP), str(TOP), "--ro-bind", str(BUILD), str(BUILD),
            "--bind", "/tmp/.X11-unix", "/tmp/.X11-unix",
            "--ro-bind", os.environ["XAUTHORITY"], os.environ["XAUTHORITY"],
            "--perms", "0700", "--dir", str(runtime), "--dir", home,
            "--bind", str(self.session), str(runtime / self.session.name),
            "--bind", str(self.accessibility), str(runtime / self.accessibility.name),
            "--ro-bind", str(info), "/.flatpak-info",
        ]

    def start(self, *command, environment=None):
        runtime = pathlib.Path("/run/user/wsmulti") if self.wrapped else self.folder
        prefix = self.wrap(runtime) if self.wrapped else []
        return Program(*prefix, *command,
                       environment={**self.environment(runtime), **(environment or {})})

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.proxy.kill()
        shutil.rmtree(self.folder)
