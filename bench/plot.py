# SPDX-FileCopyrightText: The libwsmulti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines on two logarithmic axes, as SVG, for light and dark pages."""

import html
import math

WIDTH, HEIGHT = 860, 480
LEFT, RIGHT, TOP, BOTTOM = 70, 300, 40, 60
LABEL_HEIGHT = 18

# Told apart on white and on black, and by who sees no red and green.
COLORS = ["#3584e4", "#e66100", "#26a269", "#c061cb", "#d4a017", "#1c9fb0", "#e01b4c", "#986a44",
          "#7d8a2e", "#8a7fd6", "#77767b", "#5b9a8b"]

STYLE = """
  text { font: 13px sans-serif; fill: #3d3846; }
  .axis { stroke: #77767b; }
  .grid { stroke: #77767b; stroke-opacity: 0.25; }
  .line { fill: none; stroke-width: 2; }
  .ours { stroke-width: 4; }
  .bold { font-weight: bold; }
  @media (prefers-color-scheme: dark) { text { fill: #deddda; } }
"""


class Axis:
    """From a number to where it is, by its logarithm."""

    def __init__(self, numbers, start, end):
        self.low, self.high = min(numbers), max(numbers)
        self.start, self.end = start, end

    def place(self, number):
        width = math.log(self.high) - math.log(self.low)
        part = (math.log(number) - math.log(self.low)) / width if width else 0.5
        return self.start + part * (self.end - self.start)


def find_marks(low, high):
    """1, 2, 5, 10, … with one outside at each end."""
    marks = [step * 10 ** power for power in range(-4, 8) for step in (1, 2, 5)]
    return [mark for i, mark in enumerate(marks)
            if marks[min(i + 1, len(marks) - 1)] > low and marks[max(i - 1, 0)] < high]


def spread_labels(places):
    """So that none lies on another, in the same order, and within the picture."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    found = list(places)
    for before, after in zip(order, order[1:]):
        found[after] = max(found[after], found[before] + LABEL_HEIGHT)
    most = HEIGHT - BOTTOM
    for i in reversed(order):
        found[i] = min(found[i], most)
        most = found[i] - LABEL_HEIGHT
    return found


def text(x, y, words, anchor="start", name=""):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{name}">'
            f"{html.escape(words)}</text>")


def line(x1, y1, x2, y2, name):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{name}"/>'


def draw_axes(xs, ys, numbers, marks):
    for mark in marks:
        y = ys.place(mark)
        yield line(LEFT, y, WIDTH - RIGHT, y, "grid")
        yield text(LEFT - 8, y + 4, f"{mark:,g}", "end")
    for number in numbers:
        x = xs.place(number)
        yield line(x, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 5, "axis")
        yield text(x, HEIGHT - BOTTOM + 22, f"{number:,}", "middle")
    yield line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "axis")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 14, "connections", "middle")
    yield text(LEFT - 50, TOP - 18, "CPU for 1,000 beats, ms")


def draw_lines(xs, ys, series):
    ends = [ys.place(points[-1][1]) for _, points, _ in series]
    for i, (label, points, is_ours) in enumerate(series):
        color = COLORS[i % len(COLORS)]
        name = "line ours" if is_ours else "line"
        places = [(xs.place(n), ys.place(value)) for n, value in points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        yield f'<polyline points="{path}" class="{name}" stroke="{color}"/>'
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{5 if is_ours else 3}" fill="{color}"/>'
        x, y = WIDTH - RIGHT + 30, spread_labels(ends)[i]
        yield (f'<polyline points="{places[-1][0] + 6:.1f},{places[-1][1]:.1f} {x - 6},{y:.1f}" '
               f'fill="none" stroke="{color}" stroke-opacity="0.5"/>')
        yield text(x, y + 4, label, name="bold" if is_ours else "")


def draw(series):
    """SERIES is a list of label, points, and whether it is the one that matters."""
    numbers = sorted({n for _, points, _ in series for n, _ in points})
    values = [value for _, points, _ in series for _, value in points]
    marks = find_marks(min(values), max(values)) if values else []
    parts = []
    if values:
        xs = Axis(numbers, LEFT + 20, WIDTH - RIGHT - 10)
        ys = Axis(marks, HEIGHT - BOTTOM, TOP)
        parts = [*draw_axes(xs, ys, numbers, marks), *draw_lines(xs, ys, series)]
    return "\n".join([
        "<!-- SPDX-FileCopyrightText: The libwsmulti authors -->",
        "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'role="img" aria-label="CPU for 1,000 beats by the number of connections">',
        f"<style>{STYLE}</style>", *parts, "</svg>", ""])
