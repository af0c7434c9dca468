"""The same hostile strings in rows of every table, in names, mails, calendars and workbooks.

The columns follow from the declarations of the tables, so a new one is tried by itself.
"""

from __future__ import annotations

import email
import io
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from email.policy import SMTP
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from flask import Flask
from openpyxl import load_workbook

from compliance.adapters.mail import SmtpMailer
from compliance.bootstrap.installation import OPERATOR
from compliance.bootstrap.usecases import admission, enter_post
from compliance.bootstrap.web import web_app
from compliance.core.calendar_feed import LINE, feed_text
from compliance.core.imports import ENTERABLE, Admission, Entry, ImportReport, enter
from compliance.core.model import Cell, CompanyItem, PersonPeriod, Refers, Row
from compliance.core.notices.kept import Mail
from compliance.kernel.config import Config
from compliance.kernel.errors import ComplianceError
from compliance.kernel.quantity import from_micro
from compliance.kernel.text import Text
from compliance.web import exports
from tests.sheets import NoGuard
from tests.wall.test_hostile import STRINGS, UNSHOWN, Texts, _plain
from tests.web.conftest import Browser
from tests.web.house import open_house
from tests.web.test_pages import Page
from tests.web.world import PASSWORD, TODAY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.web.house import House

pytestmark = pytest.mark.slow

#: Columns whose text must equal what another table says.
_TIED = frozenset({("reading", "unit")})
_TEXTS = frozenset({Cell.TEXT, Cell.FREE, Cell.ANY})


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from open_house(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(scope="module")
def browser(house: House) -> Browser:
    found = Browser(web_app(house.installation))
    assert found.sign_in("wangmin", PASSWORD).status_code == 302
    return found


def _open_columns(kind: type[Row]) -> list[str]:
    """The columns that take any text: no key, no reference, no word of a vocabulary."""
    sheet = kind.SHEET
    return [
        c.name
        for c in sheet.columns
        if c.cell in _TEXTS
        and not c.vocabulary
        and c.refers is Refers.NOTHING
        and c.name not in sheet.key
        and (sheet.table, c.name) not in _TIED
    ]


#: The plant's own items come by workbook, but for the few that no workbook has.
TABLES = [kind for kind in ENTERABLE if _open_columns(kind) and kind is not CompanyItem]


def _written(value: object) -> str:
    if isinstance(value, int):
        return str(from_micro(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _enter(house: House, kind: type[Row], row: Row, key: tuple[Any, ...], said: str) -> bool:
    """Correct a row by a string in each of its open texts; whether it was taken."""
    values = {f.name: _written(v) for f in fields(row) if (v := getattr(row, f.name)) is not None}  # type: ignore[arg-type] # a dataclass
    values |= dict.fromkeys(_open_columns(kind), said)
    inner = house.installation
    try:
        done = enter(
            Entry(kind.SHEET.table, values, "试"),
            house.of,
            register=inner.register,
            vault=inner.vault,
            admits=Admission(admission(inner).vocabularies, NoGuard()),  # locked months are another matter
            actor=OPERATOR,
            today=TODAY,
        )
    except ComplianceError:
        return False
    if isinstance(done, ImportReport):
        return True
    assert {p.column for p in done.problems} <= {kind.SHEET.column(n).heading for n in _open_columns(kind)}, key
    return False


def _first(house: House, kind: type[Row]) -> tuple[str, ...]:
    """The key of a first row, entered where the example plant has none."""
    (name,) = kind.SHEET.key
    blank = kind(**{c.name: None for c in kind.SHEET.columns} | {name: "X-1"})
    assert _enter(house, kind, blank, ("X-1",), "plain")
    return ("X-1",)


def _stored(house: House, kind: type[Row], key: tuple[Any, ...]) -> Row:
    with house.installation.register.read() as reads:
        return next(row for row in reads.tables(house.of, [kind])[kind] if row.key() == key)


@pytest.mark.parametrize("kind", TABLES, ids=lambda kind: kind.SHEET.table)
def test_rows_keep_what_was_written_or_take_nothing(house: House, browser: Browser, kind: type[Row]) -> None:
    with house.installation.register.read() as reads:
        rows = reads.tables(house.of, [kind])[kind]
    assert rows or kind.SHEET.optional, f"the example plant has no {kind.SHEET.heading}"
    key = rows[0].key() if rows else _first(house, kind)
    address = f"/p/{house.plant}/data/{kind.SHEET.table}/" + quote("|".join(map(_written, key)), safe="")
    refused, columns = set(), _open_columns(kind)
    plain: dict[str, int] | None = None
    for name, said in STRINGS.items():
        before = _stored(house, kind, key)
        if not _enter(house, kind, before, key, said):
            refused.add(name)
            assert _stored(house, kind, key) == before
            continue
        after = _stored(house, kind, key)
        kept = {c: getattr(after, c) for c in columns}
        for column, value in kept.items():
            free = kind.SHEET.column(column).cell is not Cell.TEXT
            assert not free or value == said.replace("\r\n", "\n").strip(), (column, name)
        answer = browser.get(address)
        assert answer.status_code == 200
        page = Page(answer.text)
        assert page.problems() == [], (name, page.problems())
        tags = {tag: n for tag, n in page.tags.items() if tag not in {"br", "p", "span", "li", "a"}}
        plain = plain or tags
        assert tags.keys() == plain.keys(), name
        shown = _plain(" ".join(Texts(answer.text).said))
        assert all(_plain(str(value)) in shown for value in kept.values()), name
    assert refused <= UNSHOWN | {"crlf", "combining"}, refused
    assert {"nul", "surrogate"} <= refused


def test_names_of_persons_are_shown_as_text(house: House, browser: Browser) -> None:
    taken = []
    for number, (name, said) in enumerate(STRINGS.items()):
        account = f"H{number:03}"
        values = {"account": account, "name": said, "department": "", "since": TODAY.isoformat()}
        values = {k: v for k, v in values.items() if v}
        with house.installation.register.read() as reads:
            sample = reads.tables(house.of, [PersonPeriod])[PersonPeriod][0]
        values["department"] = str(sample.department)  # type: ignore[attr-defined] # a period of a person
        try:
            enter_post(house.installation, house.of, Entry(PersonPeriod.SHEET.table, values), OPERATOR)
        except ComplianceError:
            assert name in UNSHOWN | {"crlf", "combining"}, name
            continue
        taken.append((account, said))
    assert len(taken) >= 28
    for page in ("people", "rights", "people.xlsx"):
        answer = browser.get(f"/p/{house.plant}/{page}")
        if page.endswith("xlsx"):
            if answer.status_code == 404:
                continue
            sheets = load_workbook(io.BytesIO(answer.get_data())).worksheets
            assert all(cell.data_type != "f" for s in sheets for row in s.iter_rows() for cell in row)
            continue
        assert answer.status_code == 200
        assert Page(answer.text).problems() == [], page
        assert "<script>alert" not in answer.text
    shown = _plain(" ".join(Texts(browser.get(f"/p/{house.plant}/people").text).said))
    assert all(_plain(said) in shown for _account, said in taken)
    for account, said in taken:
        answer = browser.get(f"/p/{house.plant}/people/{account}")
        assert Page(answer.text).problems() == []
        assert _plain(said) in _plain(" ".join(Texts(answer.text).said))


def test_mails_carry_them_in_one_subject_and_the_text() -> None:
    sender = replace(Config().mail, sender="plant@example.invalid", host="127.0.0.1")
    mailer = SmtpMailer(sender)
    at = datetime(2026, 6, 8, tzinfo=UTC)
    for name, said in STRINGS.items():
        if name in {"nul", "vertical-tab", "surrogate", "noncharacter"}:
            continue  # no text of the register holds them
        mail = Mail(
            id=1,
            to="li@example.invalid",
            subject=said,
            text=f"第一行\n{said}",
            message_id="<1@compliance>",
            attempt=1,
        )
        raw = mailer._message(mail, at)
        found = email.message_from_bytes(raw, policy=SMTP)
        assert sorted(found.keys()) == sorted(set(found.keys())), name
        assert set(found.keys()) == _HEADERS, name
        assert _plain(str(found["Subject"])) == _plain(said), name
        body = found.get_content().replace("\r\n", "\n")
        assert body.strip() == f"第一行\n{said}".replace("\r\n", "\n").strip(), name


_HEADERS = {
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip
_PROPERTIES = frozenset(
    {
        "BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD", "X-WR-CALNAME", "UID", "DTSTAMP", "DTSTART", "DTEND",
        "SUMMARY", "DESCRIPTION", "SEQUENCE", "STATUS", "TRANSP", "ACTION", "TRIGGER", "CATEGORIES", "LAST-MODIFIED",
        "CLASS", "URL",
    }
)  # fmt: skip


def test_calendars_fold_and_escape_them(house: House) -> None:
    with house.installation.register.read() as reads:
        occurrences = reads.occurrences(house.of)
    some = next(o for o in occurrences if o.state.value in {"open", "upcoming", "overdue"})
    for name, said in STRINGS.items():
        if name == "surrogate":
            continue  # no text of the register holds it
        hostile = replace(some, title=Text(said, said), subject=said, clause=said)
        plant = replace(house.of, name=said)
        text = feed_text(plant, [hostile], house.installation.rulebase, TODAY, 1)
        assert text.endswith("\r\n")
        assert all(len(line.encode()) <= LINE for line in text.split("\r\n")), name
        lines = text.replace("\r\n ", "").split("\r\n")[:-1]
        assert not any(c in line for line in lines for c in "\r\n\x00\x0b"), name
        properties = {line.split(":", 1)[0].split(";")[0] for line in lines}
        assert properties <= _PROPERTIES, (name, properties - _PROPERTIES)
        assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1, name


def test_workbooks_hold_them_as_text() -> None:
    app = Flask(__name__)
    rows = [(said,) for name, said in STRINGS.items() if name != "surrogate"]
    with app.test_request_context():
        data = exports.workbook("x.xlsx", "表", ("文字",), rows).get_data()
    cells = [row[0] for row in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(min_row=2)]
    assert len(cells) == len(rows)
    assert {cell.data_type for cell in cells} == {"s"}
    kept = [row[0] for row in rows]
    for cell, said in zip(cells, kept, strict=True):
        if not any(ord(c) < 0x20 or ord(c) == 0xFFFF for c in said):
            assert cell.value == said
