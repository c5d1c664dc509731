# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Takes pictures of a program that was started with camera.c in it."""

import os
import pathlib
import socket
import tempfile

from person import wait_for


class Camera:
    """It is there before the program, which is told of it in its environment."""

    def __init__(self, library):
        self.path = os.path.join(tempfile.mkdtemp(prefix="camera-"), "socket")
        self.environment = {"CAMERA": self.path, "LD_PRELOAD": str(library)}
        self.stream = None

    def command(self, *words):
        if self.stream is None:
            wait_for("the camera", lambda: os.path.exists(self.path))
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(30)
            self.socket.connect(self.path)
            self.stream = self.socket.makefile("rw", encoding="utf-8")
        self.stream.write(" ".join(str(word) for word in words) + "\n")
        self.stream.flush()
        answer = []
        while True:
            line = self.stream.readline()
            assert line, f"the program went away at “{' '.join(map(str, words))}”"
            if line == ".\n":
                break
            answer.append(line.rstrip("\n").split(" ", 1))
        for kind, what in answer:
            assert kind != "error", what
        return answer

    def size(self, width, height):
        self.command("size", width, height)

    def look(self, look):
        self.command("look", look)

    def direction(self, direction):
        self.command("direction", direction)

    def shoot(self, file, title=""):
        """Returns what is wrong with the picture, and which texts end in an ellipsis."""
        pathlib.Path(file).parent.mkdir(parents=True, exist_ok=True)
        answer = self.command("shoot", file, title)
        told = dict(answer)
        wrong = [f"cut off: “{what}”" for kind, what in answer if kind == "cut"]
        if int(told["colours"]) < 8:
            wrong.append(f"blank: {told['colours']} colours")
        return wrong, [what for kind, what in answer if kind == "short"]
