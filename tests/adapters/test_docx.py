"""Documents rendered in a process with limits: text in is text out, equal input is equal bytes, failures stay there."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import os
import select
import signal
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar
from zipfile import ZipFile

import pytest
from docx import Document
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compliance.adapters.docx import package
from compliance.adapters.docx.nursery import nursery
from compliance.adapters.docx.pdf import available, pdf_of
from compliance.adapters.docx.prepared import Prepared
from compliance.adapters.docx.reading import HasDtd, text_of
from compliance.adapters.docx.renderer import DocxRenderer, _Known
from compliance.adapters.docx.worker import environment, rendered
from compliance.core.documents import (
    Context,
    IllegalText,
    Inspected,
    Names,
    NotRendered,
    Rows,
    TextDiffers,
    names_in,
    render_checked,
)
from compliance.kernel.text import Text, illegal
from tests.conftest import ROOT
from tests.docx_files import InProcess, docx, edited, inserted, with_footnotes

TEMPLATES = ROOT / "doc_templates"
TEMPLATE = TEMPLATES / "nonconformity_report.docx"
NAMES: Names = {"v": {"text": None}, "rows": Rows({"a": None})}
NASTY = [
    "x < 5 mm", "R&D 部", "<b>1</b>", "]]>", "&amp;", "&#10;", "\"'", "{{ v.text }}", "{% for %}", "{# x #}", "😀𠮷",
    "\u202eعربي", "e\u0301", " \u3000 ", "  two  ", "\n", "a\n\nb", "\t", "a\tb\t", "\u2028", "\x85", "\u200b", "",
    "长" * 4000, "”“‘’", "\\n", "%}", "}}", "<w:t>", "</w:t>", "<w:tab/>", "</w:p>", "\xa0", "\ufeff", "0", "None",
]  # fmt: skip
REFUSED = ["\x00", "a\x0bb", "\x07", "\x0c", "\x1b", "\r", "a\r\nb", "\ud800", "x\udfff", "\ufffe", "\uffff"]


@pytest.fixture(scope="module")
def sample() -> dict[str, Any]:
    path = TEMPLATES / "samples" / "nonconformity_report.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def everywhere() -> bytes:
    """A template that shows a value in every kind of place."""
    return docx(
        "前{{ v.text }}后",
        "{{ v.text }}",
        header="{{ v.text }}|{{ v.text }}",
        footer="尾 {{ v.text }}",
        rows=[["{%tr for r in rows %}", ""], ["{{ r.a }}", "x {{ r.a }}"], ["{%tr endfor %}", ""]],
    )


EVERYWHERE = everywhere()


class Inspecting(InProcess):
    """Inspects the one template once."""

    _found = InProcess().inspect(EVERYWHERE)

    def inspect(self, template: bytes) -> Inspected:
        assert template == EVERYWHERE
        return self._found


def shown(text: str) -> bytes:
    context: Context = {"v": {"text": text}, "rows": [{"a": text}, {"a": "1"}]}
    return render_checked(Inspecting(), EVERYWHERE, context, NAMES)


def check_shown(text: str) -> None:
    """Text in is text out, by the reckoning of another reader; or it was refused."""
    try:
        made = Document(io.BytesIO(shown(text)))
    except IllegalText:
        assert illegal(text) is not None
    except TextDiffers:
        assert any(mark in text for mark in ("{_{", "}_}", "{_%", "%_}"))  # what the library rewrites in silence
    else:
        assert illegal(text) is None
        assert [p.text for p in made.paragraphs] == [f"前{text}后", text]
        assert made.sections[0].header.paragraphs[0].text == f"{text}|{text}"
        assert made.sections[0].footer.paragraphs[0].text == f"尾 {text}"
        (table,) = made.tables
        assert [[c.text for c in row.cells] for row in table.rows] == [[text, f"x {text}"], ["1", "x 1"]]


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_comes_out_as_it_went_in(text: str) -> None:
    assert illegal(text) is None
    check_shown(text)


@pytest.mark.parametrize("text", REFUSED)
def test_text_that_a_document_cannot_carry_is_refused(text: str) -> None:
    with pytest.raises(IllegalText, match=r"v\.text.*U\+[0-9A-F]{4}"):
        shown(text)


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.characters(codec=None, exclude_categories=()), max_size=60)
    | st.lists(st.sampled_from(NASTY[:-6] + REFUSED + ["{_{", "%_}"]), max_size=4).map("".join)
)
@example("{_{")
@example("\ud83d")
def test_any_text_comes_out_as_it_went_in_or_is_refused(text: str) -> None:
    check_shown(text)


def test_footnotes_are_filled_once_however_many_sections_there_are() -> None:
    section = "<w:p><w:pPr><w:sectPr/></w:pPr></w:p>"
    two = edited(with_footnotes("注 {{ v.text }}"), {"word/document.xml": inserted(section)})
    assert len(Document(io.BytesIO(two)).sections) == 2
    made = render_checked(InProcess(), two, {"v": {"text": "{{ v.text }}{{ 1 + 1 }}"}}, {"v": {"text": None}})
    assert InProcess().read(made, ["word/footnotes.xml"]) == {
        "word/footnotes.xml": "注 {{ v.text }}{{ 1 + 1 }}\n",
    }


def test_pages_are_made_where_they_can_be() -> None:
    document = docx("一页")
    if available():
        assert pdf_of(document).startswith(b"%PDF-")
    else:
        with pytest.raises(NotRendered, match="LibreOffice"):
            pdf_of(document)


def test_without_libreoffice_no_pages_are_promised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not available()
    with pytest.raises(NotRendered, match="LibreOffice"):
        pdf_of(docx("x"))
    broken = tmp_path / "soffice"
    broken.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    broken.chmod(0o755)
    with pytest.raises(NotRendered, match="made no PDF"):  # it ends with 0 and has made nothing
        pdf_of(docx("x"))


def test_footnotes_and_properties_are_filled() -> None:
    names = {"v": {"text": None}}
    context = {"v": {"text": "R&D <1>"}}
    made = render_checked(InProcess(), with_footnotes("注 {{ v.text }}"), context, names)
    assert InProcess().read(made, ["word/footnotes.xml"]) == {"word/footnotes.xml": "注 R&D <1>\n"}
    titled = render_checked(InProcess(), docx("x", title="题 {{ v.text }}"), context, names)
    assert Document(io.BytesIO(titled)).core_properties.title == "题 R&D <1>"


# -------------------------------------------------------------------------- the shipped template


def test_the_shipped_template_is_filled_with_the_sample(sample: dict[str, Any]) -> None:
    made = render_checked(DocxRenderer(), TEMPLATE.read_bytes(), sample, names_in(sample))
    text = InProcess().read(made, ["word/document.xml"])["word/document.xml"]
    for value in ("NCR-2026-0007", "R&D 试验段数据 x < 5 t 未标注", "【草稿】", "同意关闭", "新证书已取得"):
        assert value in text
    assert "{{" not in text
    with ZipFile(io.BytesIO(made)) as archive:
        assert "草稿" in archive.read("word/header1.xml").decode()


def test_the_shipped_template_shows_every_name_but_few(sample: dict[str, Any]) -> None:
    """A value that the template forgot is noticed here."""
    marked = {k: {n: f"〔{k}.{n}〕" for n in v} for k, v in sample.items() if isinstance(v, dict) and k != "told"}
    lists = {k: [{n: f"〔{k}.{n}〕" for n in v[0]}] for k, v in sample.items() if isinstance(v, list)}
    told = {f: [{n: f"〔told.{f}.{n}〕" for n in ("at", "name", "text")}] for f in sample["told"]}
    context: Context = {**marked, **lists, "told": told}
    made = render_checked(InProcess(), TEMPLATE.read_bytes(), context, names_in(context))
    parts = ("word/document.xml", "word/header1.xml", "docProps/core.xml")
    text = "".join(InProcess().read(made, parts).values())
    left_out = {
        f"{k}.{n}"
        for k, v in {**marked, **{k: v[0] for k, v in lists.items()}}.items()
        for n in v
        if f"〔{k}.{n}〕" not in text
    }
    assert left_out == {
        "case.title",  # the fact says it
        "fields.grade",  # the case's own grade is shown
        "fields.new_due",  # an extension is in the steps
        "fields.evidence",  # files are listed by name
        "fields.progress",  # every report of progress is listed
        "fields.verification",  # every verification is listed
        "findings.withdrawn",
        "author.post",  # as long as nobody has signed; then the posts of the signer
        "reviewer.post",
        "approver.post",
    }
    assert "〔told.progress.text〕" in text
    assert "〔told.verification.name〕" in text


def test_a_template_without_draft_has_no_watermark(sample: dict[str, Any]) -> None:
    context = {**sample, "report": {**sample["report"], "mark": ""}}
    made = render_checked(InProcess(), TEMPLATE.read_bytes(), context, names_in(context))
    with ZipFile(io.BytesIO(made)) as archive:
        assert "watermark" not in archive.read("word/header1.xml").decode()
        assert "【" not in archive.read("word/document.xml").decode()


@pytest.mark.parametrize("mark", ["草稿", "已作废", "已被替代"])
def test_every_mark_has_its_watermark_in_the_process_of_its_own(sample: dict[str, Any], mark: str) -> None:
    context = {**sample, "report": {**sample["report"], "mark": mark}}
    made = render_checked(DocxRenderer(), TEMPLATE.read_bytes(), context, names_in(context))
    with ZipFile(io.BytesIO(made)) as archive:
        header = archive.read("word/header1.xml").decode()
        assert header.count("watermark") == 1
        assert f'string="{mark}"' in header


def test_the_shipped_template_is_what_its_script_makes() -> None:
    script = load_script()
    made, shipped = script.nonconformity_report(), TEMPLATE.read_bytes()
    with ZipFile(io.BytesIO(made)) as one, ZipFile(io.BytesIO(shipped)) as other:
        assert one.namelist() == other.namelist()
        for name in one.namelist():
            assert one.read(name) == other.read(name), name


def load_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_templates", TEMPLATES / "make_templates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# ------------------------------------------------------------------------------ bytes and limits

_SEEDED = """
import hashlib, sys, tomllib
from pathlib import Path
from compliance.adapters.docx.worker import rendered
data = tomllib.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
print(hash("seed"), hashlib.sha256(rendered(Path(sys.argv[1]).read_bytes(), data)).hexdigest())
"""


def test_equal_input_gives_equal_bytes_whatever_the_hash_seed(sample: dict[str, Any]) -> None:
    own = hashlib.sha256(DocxRenderer().render(TEMPLATE.read_bytes(), sample)).hexdigest()
    seeds, digests = set(), {own}
    for seed in ("0", "1", "4242"):
        sample_file = TEMPLATES / "samples" / "nonconformity_report.toml"
        command = [sys.executable, "-c", _SEEDED, str(TEMPLATE), str(sample_file)]
        env = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        said = subprocess.run(command, env=env, capture_output=True, text=True, check=True, timeout=60).stdout.split()
        seeds.add(said[0])
        digests.add(said[1])
    assert len(seeds) == 3
    assert digests == {own}


def test_other_input_gives_other_bytes(sample: dict[str, Any]) -> None:
    other = {**sample, "report": {**sample["report"], "printed": "2026-07-21"}}
    template = TEMPLATE.read_bytes()
    assert InProcess().render(template, sample) != InProcess().render(template, other)


#: Loops in loops over the same rows: the grammar admits it, the limits end it.
_DEEP = "{% for a in rows %}" * 5 + "{{ v.text }}" + "{% endfor %}" * 5
_MANY: Context = {"v": {"text": "x" * 50}, "rows": [{"a": "1"}] * 200}


@pytest.mark.slow
@pytest.mark.parametrize(
    "renderer",
    [
        DocxRenderer(memory=200 << 20),
        DocxRenderer(memory=8 << 30, processor=1),
        DocxRenderer(memory=8 << 30, seconds=1),
        DocxRenderer(output=10_000),
    ],
    ids=["memory", "processor", "time", "output"],
)
def test_a_document_beyond_the_limits_is_refused_and_the_next_one_is_made(
    renderer: DocxRenderer, sample: dict[str, Any]
) -> None:
    big = docx(_DEEP) if renderer.output > 10_000 else TEMPLATE.read_bytes()
    with pytest.raises(NotRendered):
        renderer.render(big, _MANY if renderer.output > 10_000 else sample)
    assert DocxRenderer().render(docx("{{ v.text }}"), {"v": {"text": "x"}})


_CONFINED = """
import os, socket, sys
from compliance.adapters.docx.worker import confine
confine(1 << 30, 5)
tried = [lambda: socket.socket(), lambda: open("/etc/hostname"), lambda: os.pipe(), lambda: open("/tmp/x", "w")]
for one in tried:
    try:
        one()
    except OSError as error:
        print(error.errno)
    else:
        print("opened")
print(len(os.environ))
"""


def test_the_process_can_open_neither_files_nor_sockets() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _CONFINED],
        env={"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split()[:4] == ["24"] * 4


def test_a_process_that_answers_nonsense_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("compliance.adapters.docx.renderer._START", "print('{')")
    with pytest.raises(NotRendered):
        DocxRenderer().read(docx("x"), [])
    monkeypatch.setattr("compliance.adapters.docx.renderer._START", "import os; os.abort()")
    with pytest.raises(NotRendered):
        DocxRenderer().read(docx("x"), [])


def test_something_that_is_no_document_is_an_error() -> None:
    with pytest.raises(NotRendered):
        DocxRenderer().render(b"hello", {})


# ------------------------------------------------------------------------------ several at once


class Counted(InProcess):
    """Counts its requests; some fail."""

    asked: ClassVar[list[str]] = []
    fails: ClassVar[frozenset[str]] = frozenset()

    def _ask(self, request: Mapping[str, Any]) -> dict[str, Any]:
        self.asked.append(request["do"])
        if request["do"] in self.fails:
            raise NotRendered(reason=Text("内存不足", "out of memory"))
        return super()._ask(request)


@pytest.mark.parametrize("fails", [frozenset(), frozenset({"inspect-each"})])
def test_several_templates_are_read_as_each_alone(monkeypatch: pytest.MonkeyPatch, fails: frozenset[str]) -> None:
    monkeypatch.setattr(Counted, "fails", fails)
    monkeypatch.setattr("compliance.adapters.docx.renderer._SAID", _Known(128))
    files = [TEMPLATE.read_bytes(), docx("{{ report.title }}"), b"no archive", docx("{{ a.b.c.d }}"), *[docx("x")] * 9]
    assert Counted().inspect_each(files) == [InProcess().inspect(one) for one in files]


def test_tame_templates_share_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counted, "asked", [])
    assert len(Counted().inspect_each([docx(f"{{{{ a{n} }}}}") for n in range(20)])) == 20
    assert Counted.asked == ["inspect-each"] * 3


def test_a_template_that_was_read_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither beside itself nor beside others: a rule base and its packs share most of their templates."""
    monkeypatch.setattr(Counted, "asked", [])
    shared, other = docx("{{ shared }}"), docx("{{ other }}")
    first = Counted().inspect_each([shared, shared])
    again = Counted().inspect_each([other, shared])
    assert (first[0], first[0], again[0]) == (first[1], again[1], InProcess().inspect(other))
    assert Counted.asked == ["inspect-each"] * 2
    assert Counted(processor=9).inspect_each([shared]) == first[:1]  # under other limits the answer may be another
    assert len(Counted.asked) == 3


# --------------------------------------------------------------------- what waits, and what is kept


def test_each_request_has_a_process_of_its_own_that_begins_with_nothing_of_another(sample: dict[str, Any]) -> None:
    """Whatever a child does to itself is gone with it: the same answer before and after one that was killed."""
    renderer = DocxRenderer(memory=2 << 30, processor=1)
    first = renderer.render(TEMPLATE.read_bytes(), sample)
    with pytest.raises(NotRendered):
        renderer.render(docx(_DEEP), _MANY)
    assert renderer.render(TEMPLATE.read_bytes(), sample) == first


def test_a_process_that_died_while_it_waited_is_replaced() -> None:
    plain = docx("{{ v.text }}")
    DocxRenderer().render(plain, {"v": {"text": "x"}})
    for waiting in [one for several in nursery()._idle.values() for one in several]:
        os.kill(waiting._process.pid, signal.SIGKILL)
        waiting._process.wait()
    assert DocxRenderer().render(plain, {"v": {"text": "x"}})


def test_what_waits_ends_with_the_process_that_asks() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _ASKS], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True
    ).stdout
    try:
        waits = os.pidfd_open(int(said))
    except ProcessLookupError:
        return  # gone already
    try:
        assert select.select([waits], [], [], 30)[0], "it waits for nobody"
    finally:
        os.close(waits)


_ASKS = """
import os, signal
from compliance.adapters.docx.nursery import nursery
from compliance.adapters.docx.prepared import Prepared
from compliance.adapters.docx.reading import HasDtd, text_of
from compliance.adapters.docx.renderer import DocxRenderer, _Known
from compliance.adapters.docx.worker import environment, rendered
from tests.docx_files import docx
DocxRenderer().read(docx("x"), ["word/document.xml"])
print(next(one for several in nursery()._idle.values() for one in several)._process.pid, flush=True)
os._exit(0)  # nothing is tidied up
"""


def test_what_was_prepared_changes_no_byte_and_holds_nothing_of_the_data(sample: dict[str, Any]) -> None:
    template = TEMPLATE.read_bytes()
    alone = rendered(template, sample)
    prepared = Prepared()
    package.inspect(template, environment(prepared=prepared), filling=True)
    before = (dict(prepared.sources), dict(prepared.programs))
    assert rendered(template, sample, prepared) == alone
    assert (prepared.sources, prepared.programs) == before, "filling needed something that was not prepared"


def test_nothing_is_prepared_of_a_template_that_is_refused() -> None:
    prepared = Prepared()
    assert package.inspect(docx("{{ x.__class__ }}"), environment(prepared=prepared), filling=True)["problems"]
    assert not prepared.programs


@pytest.mark.parametrize(
    ("markup", "said"),
    [
        ("<w:p><w:r><w:t> a </w:t></w:r></w:p>", "a\n"),
        ('<w:p><w:r><w:t xml:space="preserve"> a\t</w:t><w:tab/><w:br/></w:r></w:p>', " a\t\t\n\n"),
        ('<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr>between<w:r><w:t>b</w:t></w:r></w:p>', "b\n"),
        ("<w:p><w:r><w:t>c<w:t>d</w:t>e</w:t><w:cr/></w:r></w:p>", "cd\n\n"),
        ("<w:p/>", "\n"),
    ],
)
def test_a_part_is_read_as_a_word_processor_shows_it(markup: str, said: str) -> None:
    xml = f'<w:body xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">{markup}</w:body>'
    assert text_of(xml.encode()) == said


def test_a_part_that_declares_a_document_type_is_not_read() -> None:
    with pytest.raises(HasDtd):
        text_of(b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
