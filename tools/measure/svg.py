"""Line charts as SVG, with nothing but text: a logarithmic axis for what varies, a linear one from zero for what was measured."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 80, 24, 56, 56
COLOURS = ("#0b6e99", "#c2410c", "#4d7c0f")
STYLE = "font-family: sans-serif; font-size: 12px"


def shown(value):
    for limit, suffix in ((1_000_000, " M"), (1_000, " k")):
        if value >= limit:
            return "%g%s" % (round(value / limit, 2), suffix)
    return "%g" % round(value, 3)


def top_of(value):
    """The next round number, so that the axis has at most eight steps."""
    if value <= 0:
        return 1, 1
    step = 10 ** math.floor(math.log10(value))
    while value / step > 8:
        step *= 2
    while value / step < 3:
        step /= 2
    return math.ceil(value / step) * step, step


class Chart:
    def __init__(self, title, note, x_label, y_label, places, lines):
        """`places`: what varied, 0 allowed; `lines`: {name: [a value for each place]}."""
        self.places, self.lines = places, lines
        self.logs = [math.log10(place) if place > 0 else None for place in places]
        known = [log for log in self.logs if log is not None] or [0]
        # Zero has no logarithm: it stands one decade before the first.
        self.low = min(known) - (1 if None in self.logs else 0)
        self.high = max(max(known), self.low + 1)
        self.top, self.step = top_of(max(value for line in lines.values() for value in line))
        self.parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" style="%s">' % (WIDTH, HEIGHT, STYLE),
                      '<rect width="100%" height="100%" fill="white"/>',
                      self.text(LEFT, 22, title, "start", "font-weight: bold; font-size: 14px"),
                      self.text(LEFT, 40, note, "start", "fill: #555"),
                      self.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label, "middle"),
                      self.text(16, TOP - 8, y_label, "start", "fill: #555")]

    def text(self, x, y, words, anchor, style=""):
        return '<text x="%.1f" y="%.1f" text-anchor="%s" style="%s">%s</text>' % (x, y, anchor, style, escape(words))

    def x(self, log):
        return LEFT + ((self.low if log is None else log) - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - value / self.top * (HEIGHT - TOP - BOTTOM)

    def draw(self):
        for number in range(round(self.top / self.step) + 1):
            value = number * self.step
            self.parts.append('<line x1="%d" y1="%.1f" x2="%d" y2="%.1f" stroke="#ddd"/>' % (LEFT, self.y(value), WIDTH - RIGHT, self.y(value)))
            self.parts.append(self.text(LEFT - 8, self.y(value) + 4, shown(value), "end"))
        for place, log in zip(self.places, self.logs):
            self.parts.append(self.text(self.x(log), HEIGHT - BOTTOM + 18, shown(place), "middle"))
        for number, (name, values) in enumerate(self.lines.items()):
            colour = COLOURS[number % len(COLOURS)]
            points = [(self.x(log), self.y(value)) for log, value in zip(self.logs, values)]
            self.parts.append('<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>' % (
                colour, " ".join("%.1f,%.1f" % point for point in points)))
            for (x, y), value in zip(points, values):
                self.parts.append('<circle cx="%.1f" cy="%.1f" r="3.5" fill="%s"><title>%s</title></circle>' % (x, y, colour, shown(value)))
            self.parts.append(self.text(WIDTH - RIGHT, 22 + 16 * number, name, "end", "fill: " + colour))
        return "\n".join([*self.parts, "</svg>", ""])
