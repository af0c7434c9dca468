"""Pictures of documents: plain marks, checked before anything is drawn, equal for equal data, inside their frame."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from compliance.adapters.docx.emf import emf_of
from compliance.core.documents import IllegalText, NotPlain, check_names, check_values, names_in
from compliance.core.documents.pictures import (
    PICTURE,
    Canvas,
    Picture,
    bars,
    cycle,
    fitting,
    flow,
    is_picture,
    nested,
    runs_of,
    tree,
    width_of,
    wrong_in,
)
from compliance.core.documents.plan import Loop, Place, expected
from compliance.core.documents.sets import DATA_SETS, Asked
from compliance.core.documents.values import DRAWN
from compliance.core.model import Department
from tests.core.world import row

STEPS = [f"第{n}道工序" for n in range(1, 12)]
ALL: dict[str, Picture] = {
    "flow": flow("流程", STEPS),
    "cycle": cycle("循环", ["策划", "实施", "检查", "改进"]),
    "tree": tree("架构", [["甲", "张三"], ["乙", "李四"]], [[f"部门{n}"] for n in range(9)]),
    "nested": nested("边界", [("外", ["一", "二"]), ("中", []), ("内", [f"源{n}" for n in range(7)])]),
    "bars": bars("图", "tCO2", [(f"{n:02d}", Decimal(n * 1000)) for n in range(1, 13)]),
    "empty bars": bars("图", "t", []),
    "no steps": flow("流程", []),
}


@pytest.mark.parametrize("picture", ALL.values(), ids=list(ALL))
def test_a_picture_is_sound_inside_its_frame_and_always_the_same(picture: Picture) -> None:
    assert is_picture(picture)
    assert wrong_in(picture) == ""
    check_values({"p": picture})
    file, width, height, _title = emf_of(picture)
    assert emf_of(picture)[0] == file
    for kind, *given in picture[PICTURE][1:]:
        numbers = [n for n in given if isinstance(n, int)]
        xs, ys = _corners(str(kind), numbers)
        assert min(xs) >= 0, (kind, given)
        assert max(xs) <= width, (kind, given)
        assert min(ys) >= 0, (kind, given)
        assert max(ys) <= height, (kind, given)


def _corners(kind: str, n: list[int]) -> tuple[Sequence[int], Sequence[int]]:
    if kind == "box":
        return (n[0], n[0] + n[2]), (n[1], n[1] + n[3])
    return ((n[0], n[2]), (n[1], n[3])) if kind in {"line", "arrow"} else ((n[0],), (n[1],))


def test_leaves_that_stand_out_have_another_fill_also_in_a_later_row() -> None:
    leaves = [[f"部门{n}"] for n in range(7)]
    plain, marked = (tree("架构", [["甲"]], leaves, strong=strong)[PICTURE] for strong in ((), (1, 6)))
    assert [n for n, (a, b) in enumerate(zip(_boxes(plain), _boxes(marked), strict=True)) if a != b] == [2, 7]


def test_the_chart_of_the_organisation_marks_who_leads_on_the_day_and_nobody_else() -> None:
    yes, on = "是", date(2026, 7, 20)
    rows = [
        row(Department, number="A", name="碳管理部", leads=yes, leads_from=date(2025, 1, 1)),
        row(
            Department,
            number="B",
            name="安环部",
            leads=yes,
            leads_from=date(2020, 1, 1),
            leads_until=date(2024, 12, 31),
        ),
        row(Department, number="C", name="财务部", leads="否"),
    ]
    data = SimpleNamespace(rows=lambda kind: [one for one in rows if isinstance(one, kind)])
    names = SimpleNamespace(approver="", countersigner="", reviewer="", author="")
    asked = SimpleNamespace(data=data, day=on, frame=SimpleNamespace(rule=names), word=lambda _v, _w: yes)
    made: Any = DATA_SETS["organisation_chart"].gather(cast("Asked", asked))
    marks = made["organisation_chart"]["picture"][PICTURE]
    said = [mark[-1] for mark in marks[1:] if mark[0] == "text"]
    assert said == ["碳管理部", "碳管理牵头部门", "安环部", "财务部"]
    assert len({str(box[5:]) for box in _boxes(marks)}) == 2


def _boxes(marks: Sequence[Any]) -> list[Any]:
    return [mark for mark in marks[1:] if mark[0] == "box"]


def test_the_file_is_a_metafile_whose_records_fill_it() -> None:
    file = emf_of(ALL["bars"])[0]
    kinds, at = [], 0
    while at < len(file):
        kind, size = struct.unpack_from("<2I", file, at)
        assert size % 4 == 0
        kinds.append(kind)
        at += size
    assert at == len(file) == struct.unpack_from("<I", file, 48)[0]
    assert len(kinds) == struct.unpack_from("<I", file, 52)[0]
    assert (kinds[0], kinds[-1], file[40:44]) == (1, 14, b" EMF")
    assert "01".encode("utf-16-le") in file


@pytest.mark.parametrize(
    "bad",
    [
        {PICTURE: []},
        {PICTURE: "x"},
        {PICTURE: [[100, 100, "t"], ["image", "http://x"]]},
        {PICTURE: [[100, 100, "t"], ["box", 0, 0, 1, 1, 0]]},
        {PICTURE: [[100, 100, "t"], ["text", 0, 0, 9, 0, "a\x00b"]]},
        {PICTURE: [[100, 100, "t"], ["line", 0, 0, 10**9, 0, 1]]},
        {PICTURE: [[100, 100, "t"], ["line", 0.5, 0, 1, 0, 1]]},
        {PICTURE: [[0, 100, "t"]]},
        {PICTURE: [[100, 100, "t"], *[["line", 0, 0, 1, 1, 1]] * 5000]},
    ],
)
def test_what_is_no_picture_of_ours_is_refused(bad: Any) -> None:
    assert wrong_in(bad)
    with pytest.raises((NotPlain, IllegalText)):
        check_values({"p": bad})


def test_a_picture_is_shown_like_a_text_and_says_none() -> None:
    context = {"p": {"x": ALL["flow"]}}
    assert names_in(context) == {"p": {"x": DRAWN}}
    assert list(check_names("body", [Place(("p", "x"))], names_in(context))) == []
    assert [p.text for p in expected([Place(("p", "x"))], context)] == [""]
    assert list(check_names("body", [Loop("r", ("p", "x"), ())], names_in(context)))


@pytest.mark.parametrize(("most", "top"), [(63_307, 80_000), (0.83, 1), (9, 10), (450, 800), (0, 1)])
def test_a_scale_counts_in_steps_that_people_count_in(most: float, top: int) -> None:
    texts = [mark[-1] for mark in bars("图", "t", [("01", Decimal(str(most)))])[PICTURE][1:] if mark[0] == "text"]
    assert float(str(texts[_TICKS]).replace(",", "")) == top


_TICKS = 4


def test_long_labels_are_cut_to_their_box() -> None:
    assert fitting("短", 5000, 9) == "短"
    cut = fitting("很长很长的一段文字" * 9, 3000, 9)
    assert cut.endswith("…")
    assert width_of(cut, 9) <= 3000


@pytest.mark.parametrize(
    ("said", "thousandths"), [("tCO₂/t", 278 + 667 + 722 + 349 + 278 + 278), ("煤 1", 1000 + 250 + 500), ("…", 1000)]
)
def test_a_letter_is_as_wide_as_its_face_draws_it(said: str, thousandths: int) -> None:
    assert abs(width_of(said, 100) - thousandths * 35 // 10) <= len(said)


def test_chinese_and_latin_letters_are_set_in_faces_of_their_own_one_after_the_other() -> None:
    assert runs_of("图 tCO₂排放") == [(False, "图"), (True, " tCO₂"), (False, "排放")]
    canvas = Canvas(9000, 900, "x")
    canvas.left(100, 400, "图 tCO₂", 9)
    texts = [given for kind, given in records(emf_of(canvas.done())[0]) if kind == 84]
    fonts = [given for kind, given in records(emf_of(canvas.done())[0]) if kind == 82]
    faces = [given[32:96].decode("utf-16-le").rstrip("\0") for given in fonts]
    assert faces == ["SimSun", "Times New Roman"]
    starts = [struct.unpack_from("<i", given, 28)[0] for given in texts]
    assert starts == [100, 100 + width_of("图", 9)]


def records(file: bytes) -> Iterator[tuple[int, bytes]]:
    """Every record of a metafile: its kind, and what it holds."""
    at = 0
    while at < len(file):
        kind, size = struct.unpack_from("<2I", file, at)
        yield kind, file[at + 8 : at + size]
        at += size


LATIN = sorted(Path("/usr/share/fonts").rglob("LiberationSerif-Regular.ttf"))


@pytest.mark.skipif(not LATIN, reason="no face that is made to the measure of Times New Roman here")
def test_the_table_of_widths_says_what_the_face_says() -> None:
    font = LATIN[-1].read_bytes()
    tables = {font[at : at + 4].decode(): struct.unpack_from(">I", font, at + 8)[0]
              for at in range(12, 12 + 16 * struct.unpack_from(">H", font, 4)[0], 16)}  # fmt: skip
    (em,) = struct.unpack_from(">H", font, tables["head"] + 18)
    (metrics,) = struct.unpack_from(">H", font, tables["hhea"] + 34)
    glyphs = glyphs_of(font, tables["cmap"])
    letters = {chr(code) for code in (*range(0x20, 0x7F), *map(ord, "°±×÷²³–≤≥₀₁₂₃₄₅₆₇₈₉"))}
    said = {c: width_of(c, 1000) for c in letters if ord(c) in glyphs}
    assert len(said) > 100
    drawn = {c: struct.unpack_from(">H", font, tables["hmtx"] + 4 * min(glyphs[ord(c)], metrics - 1))[0] for c in said}
    assert {c: (w, drawn[c]) for c, w in said.items() if abs(w / 35 - drawn[c] * 1000 / em) > 1} == {}


def glyphs_of(font: bytes, at: int) -> dict[int, int]:
    """The glyph of each letter of a font's table of segments (format 4)."""
    places = (
        struct.unpack_from(">2HI", font, at + 4 + 8 * n) for n in range(struct.unpack_from(">H", font, at + 2)[0])
    )
    start = at + next(offset for platform, coding, offset in places if (platform, coding) == (3, 1))
    count = struct.unpack_from(">H", font, start + 6)[0] // 2
    ends, firsts, deltas, ranges = (
        struct.unpack_from(f">{count}H", font, start + 14 + 2 * count * n + (2 if n else 0)) for n in range(4)
    )
    found = {}
    for n, (end, first, delta, jump) in enumerate(zip(ends, firsts, deltas, ranges, strict=True)):
        for code in range(first, end + 1):
            place = start + 16 + 6 * count + 2 * n + jump + 2 * (code - first)
            glyph = struct.unpack_from(">H", font, place)[0] if jump and place + 2 <= len(font) else code
            found[code] = glyph if jump else (glyph + delta) % 0x10000
    return found
