"""Pictures that documents carry: drawn here from data as a list of plain marks, in hundredths of a millimetre.

A picture in a document's data is ``{"$picture": [[width, height, title], mark, …]}``; what may stand in it is checked
here, and only the program that fills the template turns it into a file. So equal data are equal pictures, sharp at
any size, and nothing from outside is ever taken for one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby

#: The one key of a picture among the values of a document.
PICTURE = "$picture"
#: A mark: its kind, then numbers and texts as :data:`KINDS` says.
Mark = list[int | str]
#: A picture as a value of a document.
Picture = Mapping[str, Sequence[Sequence[int | str]]]
#: What each kind of mark holds: "i" a number, "s" a text.
KINDS: Mapping[str, str] = {
    "box": "iiiiii",  # x, y, width, height, fill (0 none), line width
    "line": "iiiii",  # x1, y1, x2, y2, line width
    "arrow": "iiii",  # x1, y1, x2, y2
    "text": "iiiis",  # x (middle), y (middle), size in points, colour (0 black, 1 grey, 2 white), text
    "left": "iiiis",  # the same, from the left
}
#: The largest picture, the most marks, and the longest text in one.
LARGEST, MOST, LONGEST = 30_000, 4_000, 200
#: The fills by number, as red, green and blue.
FILLS: Sequence[tuple[int, int, int]] = (
    (255, 255, 255),
    (242, 242, 242),
    (31, 111, 92),
    (214, 232, 226),
    (250, 236, 214),
)
_POINT = 35
_LINE = 25


@dataclass
class Canvas:
    """Collects the marks of one picture."""

    width: int
    height: int
    title: str
    marks: list[Mark] = field(default_factory=list)

    def box(self, x: int, y: int, width: int, height: int, fill: int = 0, line: int = _LINE) -> None:
        """A rectangle."""
        self.marks.append(["box", x, y, width, height, fill, line])

    def line(self, x1: int, y1: int, x2: int, y2: int, width: int = _LINE) -> None:
        """A line."""
        self.marks.append(["line", x1, y1, x2, y2, width])

    def arrow(self, x1: int, y1: int, x2: int, y2: int) -> None:
        """A line with a head at its end."""
        self.marks.append(["arrow", x1, y1, x2, y2])

    def text(self, x: int, y: int, said: str, size: int = 9, colour: int = 0) -> None:
        """A text about its middle."""
        self.marks.append(["text", x, y, size, colour, said[:LONGEST]])

    def left(self, x: int, y: int, said: str, size: int = 9, colour: int = 0) -> None:
        """A text from its left end."""
        self.marks.append(["left", x, y, size, colour, said[:LONGEST]])

    def labelled(self, at: tuple[int, int, int, int], lines: Sequence[str], fill: int = 1, size: int = 9) -> None:
        """A box with lines of text about its middle, each cut to its width."""
        x, y, width, height = at
        self.box(x, y, width, height, fill)
        shown = [fitting(line, width - 200, size) for line in lines if line]
        step = size * _POINT * 3 // 2
        top = y + height // 2 - step * (len(shown) - 1) // 2
        for n, line in enumerate(shown):
            self.text(x + width // 2, top + n * step, line, size, 2 if fill == _DARK else 0)

    def done(self) -> Picture:
        """The picture as a value of a document."""
        head: Mark = [self.width, self.height, self.title]
        return {PICTURE: [head, *self.marks]}


_DARK = 2


def is_picture(value: object) -> bool:
    """Whether a value of a document is a picture."""
    return isinstance(value, Mapping) and set(value) == {PICTURE}


def wrong_in(value: object) -> str:
    """What is wrong with a picture; empty if nothing is."""
    marks = value.get(PICTURE) if isinstance(value, Mapping) else None
    if not isinstance(marks, Sequence) or isinstance(marks, str) or not 1 <= len(marks) <= MOST:
        return "marks"
    if not _fits(marks[0], "iis") or min(marks[0][:2]) < 1:
        return "size"
    bad = next(
        (n for n, mark in enumerate(marks[1:], 1) if not mark or not _fits(mark[1:], KINDS.get(str(mark[0]), "?"))), 0
    )
    return f"mark {bad}" if bad else ""


def _fits(given: object, form: str) -> bool:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) != len(form):
        return False
    return all(
        isinstance(one, str) and len(one) <= LONGEST and one.isprintable()
        if kind == "s"
        else type(one) is int and abs(one) <= LARGEST
        for one, kind in zip(given, form, strict=True)
    )


def width_of(said: str, size: int) -> int:
    """How wide a text is: a Chinese letter is square, a Latin one as wide as in the face that Latin ones are set in."""
    return sum(size * _POINT * _ADVANCES.get(c, _EM) // _EM for c in said)


def runs_of(said: str) -> list[tuple[bool, str]]:
    """A text in runs that are set in one face: whether it is the Latin one, and the letters."""
    return [(latin, "".join(letters)) for latin, letters in groupby(said, key=_ADVANCES.__contains__)]


#: How far the letters of the Latin face (Times New Roman, and every face made to its measure) advance, by width in
#: thousandths of the size; every other letter is square.
_WIDTHS: Mapping[int, str] = {
    180: "'",
    200: "|",
    250: " ,.",
    278: "/:;\\ijlt",
    300: "²³",
    333: "!()-I[]`fr",
    349: "₀₁₂₃₄₅₆₇₈₉",
    389: "Js",
    400: "°",
    408: '"',
    444: "?acez",
    469: "^",
    480: "{}",
    500: "#$*0123456789_bdghknopquvxy–",
    541: "~",
    549: "±÷≤≥",
    556: "FPS",
    564: "+<=>×",
    611: "ELTZ",
    667: "BCR",
    722: "ADGHKNOQUVXYw",
    778: "&m",
    833: "%",
    889: "M",
    921: "@",
    944: "W",
}
_EM = 1000
_ADVANCES: Mapping[str, int] = {letter: width for width, letters in _WIDTHS.items() for letter in letters}


def fitting(said: str, width: int, size: int) -> str:
    """As much of a text as fits, with a sign that more follows."""
    line = " ".join(said.split())
    if width_of(line, size) <= width:
        return line
    while line and width_of(line + "…", size) > width:
        line = line[:-1]
    return line + "…"


# --- what is drawn -------------------------------------------------------------------------------------

#: The width of a page's text.
_PAGE = 16_600
#: What is left free at its edges, so that no line is cut.
_EDGE = 60


def tree(
    title: str,
    levels: Sequence[Sequence[str]],
    leaves: Sequence[Sequence[str]],
    across: int = 5,
    strong: Collection[int] = (),
) -> Picture:
    """One box below the other, and under the last a row of leaves (or several); ``strong`` leaves stand out."""
    height, gap, wide_box = 1300, 600, 5200
    rows = [leaves[n : n + across] for n in range(0, len(leaves), across)]
    canvas = Canvas(_PAGE, (len(levels) + len(rows)) * (height + gap) - gap + 200, title)
    middle, y = _PAGE // 2, 100
    for n, lines in enumerate(levels):
        canvas.labelled((middle - wide_box // 2, y, wide_box, height), lines, 2 if n == 0 else 3)
        if n:
            canvas.line(middle, y - gap, middle, y)
        y += height + gap
    step = (_PAGE - 2 * _EDGE) // min(across, max(len(leaves), 1))
    for n, row in enumerate(rows):
        middles = [_EDGE + step * k + step // 2 for k in range(len(row))]
        if levels:
            _hung(canvas, middles, (y, gap), (n > 0, height + gap if len(rows) > 1 else 0))
        for k, (at, lines) in enumerate(zip(middles, row, strict=True), n * across):
            canvas.labelled((at - step // 2 + 150, y, step - 300, height), lines, 3 if k in strong else 1, 8)
        y += height + gap
    return canvas.done()


def _hung(canvas: Canvas, middles: Sequence[int], at: tuple[int, int], below: tuple[bool, int]) -> None:
    """A line above a row of leaves and one down to each; of several rows those below hang on a line down the edge."""
    (y, gap), (lower, apart) = at, below
    bus, stem = y - gap // 2, _PAGE // 2
    if lower:
        canvas.line(_EDGE, bus - apart, _EDGE, bus)
    else:
        canvas.line(stem, y - gap, stem, bus)
    from_, to = _EDGE if apart else middles[0], middles[-1]
    canvas.line(from_ if lower else min(from_, stem), bus, to if lower else max(to, stem), bus)
    for middle in middles:
        canvas.line(middle, bus, middle, y)


def nested(title: str, rings: Sequence[tuple[str, Sequence[str]]], across: int = 4) -> Picture:
    """Boxes in boxes, the widest first; in each what belongs to it and to no narrower one."""
    cell, head, margin = 700, 800, 300
    rows = [-(-len(items) // across) for _, items in rings]
    height = sum(head + cell * n + margin for n in rows) + margin * len(rings) + 2 * _EDGE
    canvas = Canvas(_PAGE, height, title)
    x, y, width, left = _EDGE, _EDGE, _PAGE - 2 * _EDGE, height - 2 * _EDGE
    for n, (name, items) in enumerate(rings):
        canvas.box(x, y, width, left, (0, 4, 3)[n % 3], 35)
        canvas.left(x + 250, y + head // 2, name, 10)
        step = (width - 2 * margin) // across
        for k, item in enumerate(items):
            at = (x + margin + k % across * step + 60, y + head + k // across * cell, step - 120, cell - 120)
            canvas.labelled(at, [item], 1 if n == 0 else 0, 8)
        used = head + cell * rows[n] + margin
        x, y, width, left = x + margin, y + used, width - 2 * margin, left - used - margin
    return canvas.done()


def flow(title: str, steps: Sequence[str], across: int = 4) -> Picture:
    """Steps one after the other, row by row to and fro, joined by arrows."""
    box, height, gap = 3400, 1000, 700
    step = (_PAGE - box - 2 * _EDGE) // max(across - 1, 1)
    rows = -(-len(steps) // across)
    canvas = Canvas(_PAGE, max(rows, 1) * (height + gap) - gap + 100, title)
    places = []
    for n in range(len(steps)):
        row, at = divmod(n, across)
        places.append(((at if row % 2 == 0 else across - 1 - at) * step + _EDGE, row * (height + gap) + 50))
    for n, (x, y) in enumerate(places):
        canvas.labelled((x, y, box, height), [steps[n]], 3)
        if n:
            _join(canvas, places[n - 1], (x, y), box, height)
    return canvas.done()


def _join(canvas: Canvas, one: tuple[int, int], other: tuple[int, int], box: int, height: int) -> None:
    if one[1] != other[1]:
        canvas.arrow(one[0] + box // 2, one[1] + height, other[0] + box // 2, other[1])
    elif one[0] < other[0]:
        canvas.arrow(one[0] + box, one[1] + height // 2, other[0], other[1] + height // 2)
    else:
        canvas.arrow(one[0], one[1] + height // 2, other[0] + box, other[1] + height // 2)


def cycle(title: str, steps: Sequence[str]) -> Picture:
    """Steps that begin anew: two rows, to the right above and back below."""
    half = -(-len(steps) // 2)
    box, height, gap = 3600, 1200, 1500
    canvas = Canvas(_PAGE, 2 * height + gap + 100, title)
    step = (_PAGE - box - 2 * _EDGE) // max(half - 1, 1)
    places = [(n * step + _EDGE, 50) for n in range(half)]
    places += [((half - 1 - n) * step + _EDGE, 50 + height + gap) for n in range(len(steps) - half)]
    for n, (x, y) in enumerate(places):
        canvas.labelled((x, y, box, height), [steps[n]], 3)
        if n:
            _join(canvas, places[n - 1], (x, y), box, height)
    if len(places) > half:
        x, y = places[-1]
        canvas.arrow(x + box // 2, y, places[0][0] + box // 2, places[0][1] + height)
    return canvas.done()


def bars(title: str, unit: str, given: Iterable[tuple[str, Decimal]]) -> Picture:
    """A column a label, with its value above it and lines of the scale behind."""
    rows = list(given)
    left, top, bottom, height = 1500, 900, 900, 7000
    canvas = Canvas(_PAGE, height, title)
    most = _TICKS * _step(max((value for _, value in rows), default=Decimal(0)) * 11 / 10 / _TICKS)
    floor = height - bottom
    canvas.left(0, top // 2, unit, 8, 1)
    for n in range(_TICKS + 1):
        y = floor - (floor - top) * n // _TICKS
        canvas.line(left, y, _PAGE, y, 25 if n == 0 else 8)
        canvas.text(left // 2, y, f"{most * n / _TICKS:,.4g}" if most < _SMALL else f"{most * n / _TICKS:,.0f}", 7, 1)
    step = (_PAGE - left) // max(len(rows), 1)
    for n, (label, value) in enumerate(rows):
        tall = int((floor - top) * value / most) if most and value > 0 else 0
        x = left + n * step
        canvas.box(x + step // 5, floor - tall, step * 3 // 5, tall, 2, 8)
        shown = f"{value:,.4g}" if most < _SMALL else f"{value:,.0f}"
        canvas.text(x + step // 2, floor - tall - 250, shown, 7)
        canvas.text(x + step // 2, floor + bottom // 2, label, 8)
    return canvas.done()


_TICKS, _SMALL = 4, 100


def _step(least: Decimal) -> Decimal:
    """The next step of a scale that people count in: 1, 2, 2.5 or 5 with noughts."""
    if least <= 0:
        return Decimal(1) / _TICKS
    power = Decimal(10) ** least.adjusted()
    return next(step * power for step in _STEPS if step * power >= least)


_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))
