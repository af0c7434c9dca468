"""Pictures as enhanced metafiles: vectors and text that word processors draw sharp, equal bytes for equal marks.

One unit is a hundredth of a millimetre (MS-EMF; only the records that are needed). Runs in the child process.
"""

from __future__ import annotations

import math
import struct

from compliance.core.documents.pictures import FILLS, PICTURE, Picture, runs_of, width_of

_HEADER, _EOF, _MAP_MODE, _BK_MODE, _ALIGN, _COLOUR = 1, 14, 17, 18, 22, 24
_SELECT, _PEN, _BRUSH, _DELETE, _RECTANGLE, _POLYGON, _POLYLINE, _FONT, _TEXT = 37, 38, 39, 40, 43, 3, 4, 82, 84
_SIGNATURE, _VERSION = 0x464D4520, 0x10000
#: The size of the head, and where the letters of a text begin in its record.
_HEADER_SIZE, _STRING = 108, 76
#: The width and height of what is drawn on, in units; with 1/100 mm a unit nothing is scaled.
_DEVICE = 30_000
_POINT = 35.28
#: The faces of Chinese and of Latin letters, and the character sets that ask for them.
_FACES = {False: ("SimSun", 134), True: ("Times New Roman", 0)}
_COLOURS = ((0, 0, 0), (96, 96, 96), (255, 255, 255))
#: Lines are black, thin ones grey.
_THIN, _PENS = 10, ((0, 0, 0), (190, 190, 190))
_NULL_BRUSH = 0x80000005
_BASELINE, _TRANSPARENT, _TEXT_MODE = 24, 1, 1


def emf_of(picture: Picture) -> tuple[bytes, int, int, str]:
    """The file of a picture that was checked, its width and height, and its title."""
    (width, height, title), *marks = picture[PICTURE]
    out = _Metafile(int(width), int(height))
    for kind, *given in marks:
        getattr(out, f"draw_{kind}")(*given)
    return out.file(), int(width), int(height), str(title)


class _Metafile:
    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._records: list[bytes] = []
        self._add(_MAP_MODE, struct.pack("<I", _TEXT_MODE))
        self._add(_BK_MODE, struct.pack("<I", _TRANSPARENT))
        self._add(_ALIGN, struct.pack("<I", _BASELINE))

    def draw_box(self, x: int, y: int, width: int, height: int, fill: int, line: int) -> None:
        self._pen(line)
        self._brush(FILLS[fill % len(FILLS)])
        self._add(_RECTANGLE, struct.pack("<4i", x, y, x + width, y + height))
        self._drop(1, 2)

    def draw_line(self, x1: int, y1: int, x2: int, y2: int, width: int) -> None:
        self._pen(width)
        self._points(_POLYLINE, [(x1, y1), (x2, y2)])
        self._drop(1)

    def draw_arrow(self, x1: int, y1: int, x2: int, y2: int) -> None:
        self.draw_line(x1, y1, x2, y2, 25)
        angle = math.atan2(y2 - y1, x2 - x1)
        turns = (angle + 0.4, angle - 0.4)
        head = [(x2, y2), *((round(x2 - 260 * math.cos(t)), round(y2 - 260 * math.sin(t))) for t in turns)]
        self._pen(8)
        self._brush((0, 0, 0))
        self._points(_POLYGON, head)
        self._drop(1, 2)

    def draw_text(self, x: int, y: int, size: int, colour: int, said: str) -> None:
        self.draw_left(x - width_of(said, size) // 2, y, size, colour, said)

    def draw_left(self, x: int, y: int, size: int, colour: int, said: str) -> None:
        if not said:
            return
        self._add(_COLOUR, struct.pack("<4B", *_COLOURS[colour % len(_COLOURS)], 0))
        for latin, run in runs_of(said):
            self._font(size, *_FACES[latin])
            self._text(x, y + round(size * _POINT * 0.36), size, run)
            self._drop(3)
            x += width_of(run, size)

    def file(self) -> bytes:
        """The whole file."""
        self._add(_EOF, struct.pack("<3I", 0, 0x10, 0x14))
        width, height = self._size
        body = b"".join(self._records)
        header = struct.pack("<2I", _HEADER, _HEADER_SIZE) + struct.pack("<8i", *(0, 0, width, height) * 2)
        header += struct.pack(
            "<4I2H3I", _SIGNATURE, _VERSION, _HEADER_SIZE + len(body), len(self._records) + 1, 4, 0, *(0,) * 3
        )
        header += struct.pack(
            "<4i3I2i", _DEVICE, _DEVICE, _DEVICE // 100, _DEVICE // 100, 0, 0, 0, *(_DEVICE * 10,) * 2
        )
        return header + body

    def _add(self, kind: int, data: bytes) -> None:
        padded = data + b"\0" * (-len(data) % 4)
        self._records.append(struct.pack("<2I", kind, 8 + len(padded)) + padded)

    def _pen(self, width: int) -> None:
        self._add(_PEN, struct.pack("<IIii4B", 1, 0, width, 0, *_PENS[width < _THIN], 0))
        self._add(_SELECT, struct.pack("<I", 1))

    def _brush(self, colour: tuple[int, int, int]) -> None:
        self._add(_BRUSH, struct.pack("<II4BI", 2, 0, *colour, 0, 0))
        self._add(_SELECT, struct.pack("<I", 2))

    def _font(self, size: int, face_name: str, charset: int) -> None:
        face = face_name.encode("utf-16-le").ljust(64, b"\0")
        height = -round(size * _POINT)
        font = struct.pack("<5i8B", height, 0, 0, 0, 400, 0, 0, 0, charset, 0, 0, 0, 0) + face
        # LogFontPanose: full name, style, version and the rest stay empty.
        self._add(_FONT, struct.pack("<I", 3) + font.ljust(320, b"\0"))
        self._add(_SELECT, struct.pack("<I", 3))

    def _drop(self, *handles: int) -> None:
        """Let go of what was made; stock objects stand in for it."""
        stock = {1: 0x80000007, 2: _NULL_BRUSH, 3: 0x8000000D}
        for handle in handles:
            self._add(_SELECT, struct.pack("<I", stock[handle]))
            self._add(_DELETE, struct.pack("<I", handle))

    def _points(self, kind: int, points: list[tuple[int, int]]) -> None:
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        bounds = struct.pack("<4i", min(xs), min(ys), max(xs), max(ys))
        self._add(kind, bounds + struct.pack("<I", len(points)) + b"".join(struct.pack("<2i", *p) for p in points))

    def _text(self, x: int, y: int, size: int, said: str) -> None:
        """A run of one face with the step of every letter, so that any font stands where this one would."""
        steps: list[int] = []
        for letter in said:
            step = width_of(letter, size)
            steps += [step, 0] if ord(letter) > _BASIC else [step]
        coded = said.encode("utf-16-le")
        string = coded + b"\0" * (-len(coded) % 4)
        data = struct.pack("<4iI2f", 0, 0, *self._size, 1, 1.0, 1.0)
        data += struct.pack("<2i3I4iI", x, y, len(coded) // 2, _STRING, 0, 0, 0, -1, -1, _STRING + len(string))
        self._add(_TEXT, data + string + struct.pack(f"<{len(steps)}I", *steps))


_BASIC = 0xFFFF
