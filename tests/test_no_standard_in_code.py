"""Nothing of the standard stands in the program: its words and numbers come from rules/ alone.

What the standard says is collected from rules/ itself: the admitted words, the words of posts, the
classes of approvals and retention, situation and obligation codes, ids of rules, and every number a
rule gives. Then every string, comment and number under compliance/ is searched for it. What remains
is in the two short lists below, each entry with its reason.
"""

from __future__ import annotations

import io
import re
import tokenize
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from compliance.core.model import SHEETS
from tests.conftest import ROOT

RULES = ROOT / "rules"
PACKAGE = ROOT / "compliance"
#: The one room that may write the headings of the workbook, and nothing else of it.
HEADINGS_ROOM = PACKAGE / "core" / "model"

#: (path or folder, word) → why it may stand there.
WORDS_ALLOWED: dict[tuple[str, str], str] = {
    ("compliance/", "统一社会信用代码"): "every company of the country has this code; it is a plant's key",
    ("compliance/", "企业"): "the everyday word for a company; one finding is about the company as a whole",
    ("compliance/", "不符合项"): "the thing itself, a word of the glossary, no class of it",
    ("compliance/rulebase/", "数据起始日"): "a due day in words says which cell of the workbook it starts from",
    ("compliance/web/facts.py", "部门"): "the label of a fact's property",
    ("compliance/web/templates/base.html", "关闭"): "the button that closes a dialog",
    ("compliance/web/templates/overview.html", "检定"): "a heading over certificates that people read",
    ("compliance/web/templates/overview.html", "有效"): "a legend: the certificate is valid",
}
#: (path or folder, number) → why it may stand there.
NUMBERS_ALLOWED: dict[tuple[str, str], str] = {
    ("compliance/rulebase/", "12"): "a year has 12 months",
    ("compliance/rulebase/periods.py", "3"): "a quarter has 3 months",
    ("compliance/rulebase/parse/obligations.py", "31"): "no month has more than 31 days",
    ("compliance/core/model/data.py", "12"): "a year ends in month 12",
    ("compliance/core/model/data.py", "31"): "a year ends on day 31",
    ("compliance/adapters/workbook/parts.py", "12"): "day zero of the workbook format is 1899-12-30",
    ("compliance/adapters/workbook/parts.py", "30"): "day zero of the workbook format is 1899-12-30",
    ("compliance/adapters/tallies.py", "7"): "a week: how a list of what is coming is cut; it judges nothing",
    ("compliance/adapters/tallies.py", "30"): "a month: how a list of what is coming is cut; it judges nothing",
    ("compliance/adapters/pictures.py", "12"): "a year has 12 months",
    ("compliance/adapters/pictures.py", "31"): "a year ends on day 31",
    ("compliance/web/", "12"): "a year has 12 months: how far the pages look back",
    ("compliance/cli/main.py", "12"): "a year has 12 months: how far a command looks ahead",
    ("compliance/web/charts.py", "3"): "pixels, and a tick each quarter on the axis",
    ("compliance/web/charts.py", "30"): "pixels of the timeline's frame",
    ("compliance/web/charts.py", "40"): "pixels under the columns for the names of months",
    ("compliance/web/work.py", "3"): "months that a page looks ahead",
    ("compliance/web/grouped.py", "7"): "a week: how a list of what is coming is cut; it judges nothing",
    ("compliance/kernel/config.py", "90"): "days that a token of the API lives where nobody says otherwise",
    ("compliance/web/services.py", "90"): "days that a token of the API lives where nobody says otherwise",
    ("compliance/web/templates/base.html", "5"): "how many ways the bar of a phone shows",
    ("compliance/web/templates/work.html", "5"): "how many of a list one line names",
    ("compliance/web/imports.py", "10"): "imports listed on the page",
    ("compliance/web/templates/", "7"): "a week: how a list of what is coming is cut; it judges nothing",
    ("compliance/web/templates/", "30"): "a month: how a list of what is coming is cut; it judges nothing",
}
#: Invented data of the example plant: it judges nothing, and its size is nobody's limit.
NO_NUMBERS_SEARCHED = ("compliance/adapters/example/",)

CJK = re.compile(r"[㐀-䶿一-鿿]+")
CODE = re.compile(r"\b(?:L-\d{1,2}[a-z]?|OB-[A-Z0-9]+)\b")
#: A number beside a word of time or threshold: "40日", "12 months", "0.5%".
SAID = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)\s*(?:个)?(?:工作日|日|天|月|年|days?\b|months?\b|years?\b|%|％)")
#: Numbers that count nothing of the standard: positions, halves, emptiness.
PLAIN = {Decimal(n) for n in (0, 1, 2)}
#: A line of code speaks of time or of a threshold when it holds one of these words.
JUDGING = re.compile(
    r"day|month|year|due|period|deadline|limit|ratio|toleranc|retention|within|percent|threshold|share|rate|late",
    re.IGNORECASE,
)
#: Words of a rule whose numbers are of the file format, of history or of how a figure is shown, not of the standard.
NOT_NUMBERS = {"schema", "examples", "in_force", "known_from", "year", "off", "work", "decimals", "scale", "sections"}


# ----------------------------------------------------------------------- what the standard says


def documents() -> Iterator[Mapping[str, Any]]:
    for path in sorted(RULES.rglob("*.toml")):
        yield tomllib.loads(path.read_text(encoding="utf-8"))


def blocks() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Every wording of every rule: its kind, its id, what it says."""
    for document in documents():
        for kind, rules in document.items():
            if kind in {"schema", "defaults"}:
                continue
            for name, given in rules.items():
                for block in given if isinstance(given, list) else [given]:
                    yield kind, name, block


def chinese(value: object) -> Iterator[str]:
    """Every Chinese word that stands as a value of its own (texts that people read are sentences)."""
    match value:
        case str() if CJK.search(value):
            yield value
        case Mapping() if set(value) == {"zh", "en"}:
            return  # a text that people read
        case Mapping():
            for key, inner in value.items():
                if key not in {"en", "title", "message", "remedy", "asks", "source", "sections"}:
                    yield from chinese(inner)
        case list():
            for inner in value:
                yield from chinese(inner)


def programs_own_names() -> set[str]:
    """Names of derivations and readers: the program's words, which rules use."""
    readers = {block["evidence"]["by"] for kind, _, block in blocks() if kind == "obligation"}
    return readers | {block["derivation"] for kind, _, block in blocks() if kind == "fact"}


#: Vocabularies that say what documents call states and kinds of the program's own; its screens call them so too.
_OWN = {"duty-state", "strength", "instrument-state"}
#: Kinds whose ids are numbers of statements, which no program would name, or words of their own.
_NUMBERED = {"vocabulary", "requirement", "slip"}


@cache
def words() -> frozenset[str]:
    """The standard's words: vocabularies, posts, classes, ledgers, and the codes of its catalogue."""
    # What a workflow calls its states, fields and steps are labels of the screens, not words of the standard.
    own = {("vocabulary", name) for name in _OWN}
    ours = [block for kind, name, block in blocks() if kind != "workflow" and (kind, name) not in own]
    found = {word for block in ours for word in chinese(block)}
    found |= {block["title"]["zh"] for kind, _, block in blocks() if kind == "post"}
    found |= {block["code"] for kind, _, block in blocks() if kind == "obligation"}
    found |= {block["situation"] for kind, _, block in blocks() if kind == "finding"}
    found |= {name for kind, name, _ in blocks() if kind not in _NUMBERED and "-" in name}
    return frozenset(found) - programs_own_names()


@cache
def chinese_words() -> frozenset[str]:
    return frozenset(word for word in words() if CJK.search(word))


@cache
def other_words() -> re.Pattern[str]:
    """One pattern for all the others: each for itself would be compiled anew for every string."""
    longest_first = sorted(words() - chinese_words(), key=lambda word: (-len(word), word))
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, longest_first))})(?![\w-])")


@cache
def plain_posts() -> frozenset[str]:
    """Posts whose id is one plain English word: it may not stand as a string, but for a column's field."""
    fields = {column.name for row in SHEETS for column in row.SHEET.columns}
    return frozenset(name for kind, name, _ in blocks() if kind == "post" and "-" not in name) - fields


def given_numbers(value: object, key: str = "") -> Iterator[Decimal]:
    match value:
        case bool():
            return
        case int() | float():
            yield Decimal(str(value))
        case str() if key == "default" and re.fullmatch(r"-?\d+(\.\d+)?", value):
            yield Decimal(value)
        case Mapping():
            for inner_key, inner in value.items():
                if inner_key not in NOT_NUMBERS:
                    yield from given_numbers(inner, inner_key)
        case list():
            for inner in value:
                yield from given_numbers(inner, key)


@cache
def numbers() -> frozenset[Decimal]:
    """Every number that a rule gives, but the plainest."""
    return frozenset(number for _, _, block in blocks() for number in given_numbers(block)) - PLAIN


# ------------------------------------------------------------------------ what the program says


@dataclass(frozen=True)
class Found:
    """Something of the standard in the program: where, and what."""

    path: str
    line: int
    what: str

    def allowed(self, reasons: Mapping[tuple[str, str], str]) -> bool:
        return any(self.what == what and self.path.startswith(path) for path, what in reasons)


def words_in(text: str) -> Iterator[str]:
    """Words of the standard in one string or comment: whole runs of characters, long words anywhere."""
    runs = set(CJK.findall(text))
    for word in chinese_words() if runs else ():
        if (word in runs and len(word) > 1) or word == text.strip() or (len(word) >= 4 and word in text):
            yield word
    yield from dict.fromkeys(other_words().findall(text))
    yield from (code for code in CODE.findall(text) if code not in words())
    if text in plain_posts():
        yield text


def searched(source: str, *, headings: frozenset[str] = frozenset()) -> Iterator[tuple[int, str, str]]:
    """(line, "word" or "number", what) of everything of the standard in a module."""
    lines = source.splitlines()
    tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    for index, token in enumerate(tokens):
        line = token.start[0]
        if token.type in {tokenize.STRING, tokenize.COMMENT} or token.type in FSTRING:
            text = unquoted(token.string)
            if text not in headings:
                yield from ((line, "word", word) for word in words_in(text))
                yield from ((line, "number", n) for n in SAID.findall(text) if Decimal(n) in numbers())
        elif token.type == tokenize.NUMBER and is_ours(token.string) and JUDGING.search(lines[line - 1]):
            around = tokens[index - 1].string, tokens[index + 1].string
            if around not in {(":", "]"), ("[", ":")}:  # text[:7] and text[5:] count characters
                yield line, "number", token.string


FSTRING = {getattr(tokenize, name) for name in ("FSTRING_MIDDLE",) if hasattr(tokenize, name)}


def is_ours(literal: str) -> bool:
    try:
        return Decimal(literal.replace("_", "")) in numbers()
    except ArithmeticError:  # 0x…, 1j
        return False


def unquoted(token: str) -> str:
    body = re.sub(r"^[rbfuRBFU]*", "", token) if token[-1:] in {'"', "'"} else token.lstrip("# ")
    return body.strip("\"'")


def headings() -> frozenset[str]:
    sheets = [row.SHEET for row in SHEETS]
    return frozenset(c.heading for sheet in sheets for c in sheet.columns) | {sheet.heading for sheet in sheets}


@cache
def everything() -> tuple[tuple[Found, str], ...]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        exempt = headings() if HEADINGS_ROOM in path.parents else frozenset()
        name = path.relative_to(ROOT).as_posix()
        source = path.read_text(encoding="utf-8")
        searches = list(searched(source, headings=exempt))
        if name.startswith(NO_NUMBERS_SEARCHED):
            searches = [w for w in searches if w[1] != "number"]
        found += [(Found(name, line, what), sort) for line, sort, what in searches]
    for path in sorted((PACKAGE / "web" / "templates").rglob("*.html")):
        name = path.relative_to(ROOT).as_posix()
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found += [(Found(name, line, word), "word") for word in words_in(text)]
            found += [(Found(name, line, n), "number") for n in SAID.findall(text) if Decimal(n) in numbers()]
    return tuple(found)


def test_the_standard_is_known() -> None:
    assert {"最高管理者", "管理者代表", "management-representative", "OB-M10"} <= words()
    assert {Decimal(10), Decimal(12), Decimal(40)} <= numbers()


def test_no_word_of_the_standard_stands_in_the_program() -> None:
    assert not sorted(
        f"{f.path}:{f.line}: {f.what}" for f, sort in everything() if sort == "word" and not f.allowed(WORDS_ALLOWED)
    )


def test_no_number_of_the_standard_stands_in_the_program() -> None:
    assert not sorted(
        f"{f.path}:{f.line}: {f.what}"
        for f, sort in everything()
        if sort == "number" and not f.allowed(NUMBERS_ALLOWED)
    )


@pytest.mark.parametrize(
    ("reasons", "sort"), [(WORDS_ALLOWED, "word"), (NUMBERS_ALLOWED, "number")], ids=["words", "numbers"]
)
def test_every_exception_is_needed_and_explained(reasons: Mapping[tuple[str, str], str], sort: str) -> None:
    mine = [found for found, kind in everything() if kind == sort]
    idle = [key for key in reasons if not any(found.allowed({key: ""}) for found in mine)]
    assert not idle
    assert all(len(reason.split()) >= 3 for reason in reasons.values())


@pytest.mark.parametrize(
    "line",
    [
        'if "管理者代表" in roles:',
        'post = "management-representative"',
        '"""Judge OB-M10 of a month."""',
        "# L-20a: the certificate ran out",
        "if due_day > 10:",
        'message = "应在次月 10 日前填报"',
        "within = timedelta(days=40)",
        'limits = {"days": 40}',
        '"""Late after 40 days."""',
        'ledgers = ["碳排放数据台账"]',
    ],
)
def test_the_search_would_notice(line: str) -> None:
    assert list(searched(f"{line}\n" if not line.startswith("if") else f"{line}\n    pass\n"))


@pytest.mark.parametrize("line", ["x = rows[2]", 'title = "页面"', "# why: a reader sees the oldest first"])
def test_the_search_leaves_the_rest_alone(line: str) -> None:
    assert not list(searched(f"{line}\n"))
