"""Templates that would act, fetch, leak or starve are refused before anything of them runs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from compliance.adapters.docx.renderer import DocxRenderer, check_template
from compliance.core.documents import Context, Names, NotRendered, Rows, TemplateRefused, TextDiffers, render_checked
from tests.docx_files import (
    InProcess,
    docx,
    edited,
    inserted,
    paragraph,
    with_body,
    with_footnotes,
    with_relation,
)

NAMES: Names = {"report": {"title": None}, "rows": Rows({"a": None}), "list": {"of": Rows({"b": None})}}
CONTEXT: Context = {"report": {"title": "标题"}, "rows": [{"a": "1"}], "list": {"of": [{"b": "2"}]}}

BOX = "<w:txbxContent>%s</w:txbxContent>"

#: What a template may not say, whatever it is filled with.
EXPRESSIONS = [
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['os'].system('id') }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ report.__class__ }}",
    "{{ report['__class__'] }}",
    "{{ report|attr('__class__') }}",
    "{{ report|map(attribute='__class__')|list }}",
    "{{ report.title.format(report) }}",
    "{{ '{0:>999999999}'.format(1) }}",
    "{{ 'a' * 1000000000 }}",
    "{{ 'a'|center(1000000000) }}",
    "{{ lipsum(n=100000) }}",
    "{{ range(100000)|list }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}x{% endfor %}{% endfor %}",
    "{{ namespace(a=1) }}",
    "{{ dict(a=1) }}",
    "{{ joiner() }}",
    "{{ self._TemplateReference__context }}",
    "{{ self.__init__ }}",
    "{{ rows.append('x') }}",
    "{{ report.delete() }}",
    "{{ report.title.upper() }}",
    "{{ rows[0] }}",
    "{{ rows[:1] }}",
    "{{ 1 + 1 }}",
    "{{ 2 ** 99999999 }}",
    "{{ -1 }}",
    "{{ report.title ~ report.title }}",
    "{{ [1, 2] }}",
    "{{ {'a': 1} }}",
    "{{ 'word' }}",
    "{{ report.title|safe }}",
    "{{ report.title|e }}",
    "{{ report.title|pprint }}",
    "{{ report.title|replace('a', 'b') }}",
    "{{ report.title|default('x') }}",
    "{{ report.title if report.title else report.title }}",
    "{{ list.of.append }}",
    "{{ rows is defined }}",
    "{{ report.title == 'x' }}",
    "{% set x = 1 %}",
    "{% set x %}y{% endset %}",
    "{% macro m() %}x{% endmacro %}",
    "{% import 'x' as y %}",
    "{% from 'x' import y %}",
    "{% include '/etc/passwd' %}",
    "{% extends 'x' %}",
    "{% block b %}x{% endblock %}",
    "{% filter upper %}x{% endfilter %}",
    "{% call report.title() %}x{% endcall %}",
    "{% autoescape false %}{{ report.title }}{% endautoescape %}",
    "{% with a = 1 %}x{% endwith %}",
    "{% do rows.append(1) %}",
    "{% for a, b in rows %}x{% endfor %}",
    "{% for a in rows if a.a %}x{% endfor %}",
    "{% for a in rows recursive %}x{% endfor %}",
    "{% for a in rows %}x{% else %}y{% endfor %}",
    "{% for _a in rows %}x{% endfor %}",
    "{% if report.title > 'a' %}x{% endif %}",
    "{% if report.title and rows %}x{% endif %}",
    "{% for a in rows %}",
    "{{ report.title",
    "{{ loop.index }}",
    "{% for a in rows %}" * 12 + "x" + "{% endfor %}" * 12,
    "{{r report.title }}{{ report.titel }}",
]

#: What a package may not hold, and a word of the problem.
PACKAGES: dict[str, tuple[bytes, str]] = {
    "no zip": (b"hello", "no .docx"),
    "empty": (b"", "no .docx"),
    "cut off": (docx("x")[:-200], "damaged"),
    "no document": (edited(docx("x"), {})[:4] + b"\0" * 40, "damaged"),
    "macro": (edited(docx("x"), {"word/vbaProject.bin": b"x"}), "macros"),
    "control": (edited(docx("x"), {"word/activeX/activeX1.xml": b"<a/>"}), "macros"),
    "embedded": (edited(docx("x"), {"word/embeddings/oleObject1.bin": b"x"}), "macros"),
    "chunk": (edited(docx("x"), {"word/afchunk.htm": b"<b>x</b>"}), "macros"),
    "parent folder": (edited(docx("x"), {"../../etc/cron.d/x": b"x"}), "part names"),
    "absolute": (edited(docx("x"), {"/etc/passwd": b"x"}), "part names"),
    "back slashes": (edited(docx("x"), {"word\\x.xml": b"x"}), "part names"),
    "bomb": (edited(docx("x"), {"word/media/x.bin": b"\0" * 30_000_000}), "too large"),
    "many parts": (edited(docx("x"), {f"word/p{n}.bin": b"" for n in range(600)}), "too large"),
    "picture from outside": (with_relation("image", "http://192.0.2.1/x.png"), "links outside"),
    "template from outside": (with_relation("attachedTemplate", "http://192.0.2.1/x.dotm"), "links outside"),
    "file link": (with_relation("hyperlink", "file:///etc/passwd"), "links outside"),
    "altChunk": (with_body('<w:altChunk r:id="rId7"/>'), "embeds"),
    "object": (with_body("<w:p><w:r><w:object/></w:r></w:p>"), "embeds"),
    "DDE": (with_body("<w:p><w:r><w:instrText>DDEAUTO c:\\\\cmd.exe</w:instrText></w:r></w:p>"), "field 'DDEAUTO'"),
    "include": (with_body('<w:p><w:fldSimple w:instr=" INCLUDETEXT x"/></w:p>'), "field 'INCLUDETEXT'"),
    "split field": (with_body("<w:p><w:r><w:instrText>INCLU</w:instrText></w:r></w:p>"), "field 'INCLU'"),
    "DTD": (
        edited(docx("x"), {"word/styles.xml": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'}),
        "DTD",
    ),
    "laughs": (
        edited(docx("x"), {"word/styles.xml": b'<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><a>&y;</a>'}),
        "DTD",
    ),
    "broken XML": (edited(docx("x"), {"word/styles.xml": b"<a>"}), "broken"),
    "in an attribute": (with_body('<w:p><w:pPr><w:pStyle w:val="{{ report.title }}"/></w:pPr></w:p>'), "text alone"),
    "between elements": (with_body("<w:p>{{ report.title }}</w:p>"), "text alone"),
    "cell colour": (with_body(paragraph("{%p if rows %}") + paragraph("x")), "syntax"),
    "half a paragraph": (
        with_body(paragraph("{% for a in rows %}x") + paragraph("{%p endfor %}")),
        "whole paragraphs",
    ),
    "not filled": (edited(docx("x"), {"docProps/app.xml": b"<a>{{ report.title }}</a>"}), "filled in"),
    "macro document": (
        edited(
            docx("x"),
            {
                "[Content_Types].xml": lambda old: old.replace(
                    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
                    b"application/vnd.ms-word.document.macroEnabled.main+xml",
                )
            },
        ),
        "",
    ),
}


@pytest.mark.parametrize("said", EXPRESSIONS)
def test_a_template_that_says_more_than_it_may_is_refused(said: str) -> None:
    with pytest.raises(TemplateRefused) as refused:
        render_checked(InProcess(), docx(said), CONTEXT, NAMES)
    assert {p.place for p in refused.value.problems} == {"word/document.xml"}


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("{{ report.title|upper('x') }}", "'upper'"),
        ("{{ report.title|trim(chars='x') }}", "'trim'"),
        ("{{ report.title|replace('a', 'b') }}", "'replace'"),
        ("{{ _report }}", "'_report'"),
        ("{{ report.__class__ }}", "'__class__'"),
        ("{% for _x in rows %}{% endfor %}", "'_x'"),
        ("{% for x in rows recursive %}{% endfor %}", "a loop is written"),
    ],
)
def test_the_grammar_refuses_by_itself_whatever_names_there_are(said: str, word: str) -> None:
    (problem,) = InProcess().inspect(docx(said)).problems
    assert word in problem.text.en


@pytest.mark.parametrize("place", ["header", "footer", "title"])
def test_the_same_holds_outside_the_body(place: str) -> None:
    for said in EXPRESSIONS[:12]:
        with pytest.raises(TemplateRefused) as refused:
            render_checked(InProcess(), docx("x", **{place: said}), CONTEXT, NAMES)
        assert "word/document.xml" not in {p.place for p in refused.value.problems}


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_that_brings_something_in_is_refused(name: str) -> None:
    data, word = PACKAGES[name]
    try:
        inspected = InProcess().inspect(data)
    except NotRendered:
        assert not word
    else:
        assert any(word in p.text.en for p in inspected.problems), inspected.problems
        assert inspected.problems


def test_an_archive_with_one_name_twice_is_refused() -> None:
    out = BytesIO(docx("x"))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("word/document.xml", b"<a/>")
    assert InProcess().inspect(out.getvalue()).problems


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (docx("{{ report.titel }}"), "word/document.xml"),
        (docx("x", header="{{ report.titel }}"), "word/header1.xml"),
        (docx("x", footer="{{ report.titel }}"), "word/footer1.xml"),
        (docx("x", title="{{ report.titel }}"), "docProps/core.xml"),
        (with_footnotes("{{ report.titel }}"), "word/footnotes.xml"),
        (
            with_body(f"<w:p><w:r><w:pict>{BOX % paragraph('{{ report.titel }}')}</w:pict></w:r></w:p>"),
            "word/document.xml",
        ),
    ],
)
def test_an_unknown_variable_is_named_with_its_place(tmp_path: Path, data: bytes, place: str) -> None:
    path = tmp_path / "t.docx"
    path.write_bytes(data)
    (problem,) = check_template(path, NAMES, InProcess())
    assert problem.place == place
    assert "'report.titel'" in problem.text.en
    assert "'report.title'" in problem.text.en


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("{{ rows }}", "no text"),
        ("{{ report }}", "no text"),
        ("{% for x in report.title %}y{% endfor %}", "no list"),
        ("{% for x in rows %}{{ x.b }}{% endfor %}", "x.b"),
        ("{% for x in rows %}{% endfor %}{{ x.a }}", "x.a"),
        ("{% if reprot %}x{% endif %}", "reprot"),
    ],
)
def test_a_name_used_as_something_else_is_a_problem(said: str, word: str) -> None:
    with pytest.raises(TemplateRefused, match=word):
        render_checked(InProcess(), docx(said), CONTEXT, NAMES)


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("{{ report.title }}", "标题\n"),
        ("<{{ report.title|trim }}>", "<标题>\n"),
        ("{% for x in rows %}{{ x.a }}，{% endfor %}", "1，\n"),
        ("{% for x in list.of %}{{ x.b }}{% endfor %}", "2\n"),
        ("{% if not rows %}a{% elif report.title == '标题' %}b{% else %}c{% endif %}", "b\n"),
        ("{% if report.title != '标题' %}a{% elif rows %}b{% else %}c{% endif %}", "b\n"),
        ("{# 注 #}x", "x\n"),
    ],
)
def test_what_a_template_may_say_is_filled(said: str, read: str) -> None:
    made = render_checked(InProcess(), docx(said), CONTEXT, NAMES)
    assert InProcess().read(made, ["word/document.xml"]) == {"word/document.xml": read}


# ------------------------------------------------------------------------------ positive controls


def unguarded(template: bytes, folder: Path) -> str:
    """What the library does by itself, in a process of its own."""
    path = folder / "t.docx"
    path.write_bytes(template)
    script = (
        "import sys, docx, docxtpl; t = docxtpl.DocxTemplate(sys.argv[1]); "
        "t.render({'v': 'a<b & c', 'report': {'title': 'x'}}); t.save(sys.argv[1]); "
        "print(docx.Document(sys.argv[1]).paragraphs[0].text)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    return done.stdout.strip()


def test_without_the_guards_a_template_runs_commands(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    said = "{{ cycler.__init__.__globals__.os.popen('touch " + str(mark) + "').read() }}"
    unguarded(docx(said), tmp_path)
    assert mark.exists()
    mark.unlink()
    with pytest.raises(TemplateRefused):
        render_checked(DocxRenderer(), docx(said), CONTEXT, NAMES)
    with pytest.raises(NotRendered):  # the sandbox and the missing globals hold by themselves too
        DocxRenderer().render(docx(said), CONTEXT)
    assert not mark.exists()


def test_without_escaping_text_is_lost(tmp_path: Path) -> None:
    assert unguarded(docx("{{ v }}"), tmp_path) == "a"


class Careless(InProcess):
    """Makes files as the library does by itself."""

    def render(self, template: bytes, context: object) -> bytes:
        from docxtpl import DocxTemplate

        made, out = DocxTemplate(BytesIO(template)), BytesIO()
        made.render(context)
        made.save(out)
        return out.getvalue()


def test_reading_back_notices_lost_text_by_itself() -> None:
    context: Context = {"report": {"title": "a<b & c"}}
    with pytest.raises(TextDiffers, match=r"report\.title"):
        render_checked(Careless(), docx("一 {{ report.title }} 二"), context, NAMES)
    assert render_checked(InProcess(), docx("一 {{ report.title }} 二"), context, NAMES)


def test_a_value_cannot_bring_markup_in() -> None:
    value = "</w:t></w:r></w:p><w:p><w:r><w:t>INJECTED{{ rows }}{% for %}"
    made = render_checked(InProcess(), docx("{{ report.title }}"), {"report": {"title": value}}, NAMES)
    assert InProcess().read(made, ["word/document.xml"])["word/document.xml"] == value + "\n"


def test_a_document_of_empty_paragraphs_is_refused_unread() -> None:
    many = edited(docx("x"), {"word/document.xml": inserted("<w:p/>" * 3_000_000)})
    (problem,) = DocxRenderer(seconds=0).inspect(many).problems  # no process is started for it
    assert "too large" in problem.text.en
