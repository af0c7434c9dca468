"""Pictures of documents: plain marks, checked before anything is drawn, equal for equal data, inside their frame."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from compliance.adapters.docx.emf import emf_of
from compliance.core.documents import IllegalText, NotPlain, check_names, check_values, names_in
from compliance.core.documents.pictures import (
    PICTURE,
    Picture,
    bars,
    cycle,
    fitting,
    flow,
    is_picture,
    nested,
    tree,
    width_of,
    wrong_in,
)
from compliance.core.documents.plan import Loop, Place, expected
from compliance.core.documents.values import DRAWN

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


def test_long_labels_are_cut_to_their_box() -> None:
    assert fitting("短", 5000, 9) == "短"
    cut = fitting("很长很长的一段文字" * 9, 3000, 9)
    assert cut.endswith("…")
    assert width_of(cut, 9) <= 3000
