"""A plant's own template on each kind of database: checked, proposed, published by another person, gone back from."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from compliance.adapters.docx.pdf import drawable, picture_of
from compliance.adapters.fsck import fsck
from compliance.core.accounts import BY_RECOVERY, NewUser, Role, Session, SignedIn, add_user, revoke
from compliance.core.acts import PULSE, Act
from compliance.core.cases import SignatureRefused
from compliance.core.documents import MEDIA_TYPE, NotRendered, TemplateRefused
from compliance.core.documents.plan import Choice, Loop, Node, Place
from compliance.core.documents.sections import wanted_by
from compliance.core.permissions import MayNot
from compliance.core.proposals import NeedsReason
from compliance.core.templates import (
    NoSuchTemplate,
    OtherFile,
    OwnTemplate,
    SameTemplate,
    Templates,
    TemplateVersion,
    TemplateWaits,
    demanded,
    unfit,
)
from compliance.kernel.canonical import digest
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Section, SectionKind, Strength
from tests.adapters.test_cases import TICKET, WALKS, World, rules, walk, world
from tests.adapters.test_documents import FIRST, TEMPLATES, House, desk_of
from tests.docx_files import InProcess, docx, edited, inserted, paragraph
from tests.fakes import Meanwhile
from tests.judging import shipped
from tests.web.world import ACTOR, PASSWORD, PlainPasswords

__all__ = ["rules", "world"]

RULE = "nonconformity-report"
SHIPPED = (TEMPLATES / "nonconformity_report.docx").read_bytes()
OWN = edited(SHIPPED, {"word/document.xml": inserted(paragraph("本厂自有版式"))})
NOW = datetime(2026, 2, 27, 4, tzinfo=UTC)


@dataclass
class Office:
    """Who proposes and publishes in a world."""

    house: House
    doing: Templates
    people: dict[str, SignedIn]

    def propose(self, data: bytes = OWN, who: str = "author", reason: str = "本厂版式") -> TemplateVersion:
        plant, rule = self.house.world.plant, self.doing.type_named(RULE)
        return self.doing.propose(plant, self.people[who], rule, data, name="own.docx", reason=reason)

    def publish(self, number: int = 1, who: str = "second", seen: str = digest(OWN), **how: str) -> TemplateVersion:
        return self.doing.publish(self.house.world.plant, self.people[who], RULE, number, seen=seen, **how)

    def used(self) -> str | None:
        with self.house.world.register.read() as reads:
            return reads.template_in_use(self.house.world.plant, RULE)

    def states(self) -> list[str]:
        with self.house.world.register.read() as reads:
            return [one.state for one in reads.templates(self.house.world.plant)][::-1]

    def leaves(self) -> list[str]:
        with self.house.world.register.read() as reads:
            return [e.action for e in reads.trail(self.house.world.plant, "template", limit=100)][::-1]

    def text(self, data: bytes) -> str:
        return self.doing.desk.renderer.read(data, ["word/document.xml"])["word/document.xml"]

    def faults(self) -> list[str]:
        report = fsck(self.house.world.register.database, self.house.world.vault)
        return [c.detail.en for c in report.checks if c.code == "templates" and not c.ok]


@pytest.fixture
def office(world: World) -> Office:
    walk(world, TICKET, WALKS["closed"][1])
    desk = desk_of(world)
    house = House(world, desk)
    people = {}
    for login, account, role in (
        ("author", "U3", Role.DOCUMENT_CONTROLLER),
        ("second", "U2", Role.COMPLIANCE_OFFICER),
        ("again", "U3", Role.DOCUMENT_CONTROLLER),  # the author's other sign-in
        ("looker", "U6", Role.AUDITOR),
    ):
        new = NewUser(login, login, account, world.plant.key, role, PASSWORD)
        user = add_user(world.register, PlainPasswords(), new, actor=ACTOR, now=NOW)
        with world.register.read() as reads:
            held = tuple(reads.memberships(user.id))
        people[login] = SignedIn(user, held, Session(login * 16, user.id, NOW, NOW, NOW))
    return Office(house, Templates(world.register, desk, NOW.isoformat), people)


def test_two_persons_put_a_template_into_use_and_what_was_drafted_before_keeps_its_own(office: Office) -> None:
    house = office.house
    house.draft()
    before = house.at().version
    made = office.propose()
    assert (made.number, made.file, made.state) == (1, digest(OWN), "open")
    assert (
        "本厂自有版式" in house.desk.renderer.read(house.file(made.sample), ["word/document.xml"])["word/document.xml"]
    )
    assert made.pdf is not None
    assert office.used() is None
    published = office.publish()
    assert (published.state, published.decided_login, office.used()) == ("published", "second", digest(OWN))
    house.signed()
    house.issue()
    version = house.at().version
    assert version.template == before.template == digest(SHIPPED)
    assert "本厂自有版式" not in house.text()
    with house.world.register.read() as reads:
        rule = office.doing.type_named(RULE)
        assert house.desk.template_of(reads, house.world.plant, rule) == OWN
    _, now = house.desk.preview(house.world.plant, rule, TICKET.object_id)
    assert "本厂自有版式" in office.text(now)
    assert office.leaves() == ["template:propose", "template:publish"]
    assert office.faults() == []


def test_a_draft_made_anew_names_the_template_that_made_it(office: Office) -> None:
    office.house.draft()
    office.propose()
    office.publish()
    office.house.desk.draft(office.house.world.plant, FIRST, PULSE, again=True)
    assert office.house.at().version.template == digest(OWN)
    looked = office.doing.look(office.house.world.plant, office.people["second"], RULE, 1)
    assert looked.made == (FIRST,)


def test_nobody_publishes_what_the_same_person_proposed(office: Office) -> None:
    office.propose()
    for who in ("author", "again"):
        with pytest.raises(OwnTemplate):
            office.publish(who=who)
    with pytest.raises(MayNot):
        office.publish(who="looker")
    for method in ("", BY_RECOVERY):
        with pytest.raises(SignatureRefused):
            office.publish(method=method)
    with pytest.raises(OtherFile):
        office.publish(seen=digest(SHIPPED))
    with pytest.raises(NoSuchTemplate):
        office.publish(2)
    assert (office.used(), office.states()) == (None, ["open"])
    assert office.leaves() == ["template:propose", *["template:refused"] * 5]
    looked = office.doing.look(office.house.world.plant, office.people["author"], RULE, 1)
    assert isinstance(looked.refused, OwnTemplate)
    assert [user.login for user in looked.others] == ["second"]


def test_what_others_do_between_a_look_and_the_act_counts(office: Office) -> None:
    plant, register = office.house.world.plant, office.house.world.register

    def late(other: Callable[[], object]) -> Office:
        return replace(office, doing=replace(office.doing, register=Meanwhile(register, other)))

    other = edited(OWN, {"word/document.xml": inserted(paragraph("另一版"))})
    with pytest.raises(TemplateWaits):
        late(lambda: office.propose(other, who="second")).propose()
    assert office.states() == ["open"]
    with pytest.raises(NoSuchTemplate):
        late(lambda: office.doing.reject(plant, office.people["second"], RULE, 1, "撤回")).publish(
            who="author", seen=digest(other)
        )
    office.propose()
    held = {"plant": plant.key, "role": Role.COMPLIANCE_OFFICER, "actor": ACTOR, "now": NOW}
    with pytest.raises(MayNot):
        late(lambda: revoke(register, "second", reason="调岗", **held)).publish(2)  # type: ignore[arg-type] # of many kinds
    assert (office.used(), office.states()) == (None, ["withdrawn", "open"])


def test_a_template_that_the_rules_of_today_would_not_admit_is_not_published(office: Office) -> None:
    """They may be others than when it was proposed."""
    office.propose()
    desk, rule = office.doing.desk, office.doing.type_named(RULE)
    more = Section(id="training", title=Text("培训", "Training"), kind=SectionKind.FREE, strength=Strength.SHALL)
    demanding = replace(rule, sections=(*rule.sections, more), digest="0" * 64)
    base = desk.casework.rulebase
    base = replace(base, rules=tuple(demanding if one is rule else one for one in base.rules))
    now = replace(office.doing, desk=replace(desk, casework=replace(desk.casework, rulebase=base)))
    with pytest.raises(TemplateRefused) as refused:
        replace(office, doing=now).publish()
    assert "培训" in refused.value.message.zh
    assert (office.used(), office.states()) == (None, ["open"])


def test_going_back_is_proposed_and_published_the_same_way(office: Office) -> None:
    plant, rule = office.house.world.plant, office.doing.type_named(RULE)
    office.propose()
    office.publish()
    other = edited(OWN, {"word/document.xml": inserted(paragraph("第二版"))})
    office.propose(other)
    office.publish(2, seen=digest(other))
    assert office.states() == ["superseded", "published"]
    back = office.doing.go_back(plant, office.people["second"], rule, 1, "第二版有误")
    assert (back.number, back.file, back.file_name) == (3, digest(OWN), "own.docx")
    office.publish(3, who="author")
    assert office.used() == digest(OWN)
    office.doing.go_back(plant, office.people["author"], rule, None, "改用随附模板")
    with pytest.raises(OwnTemplate):
        office.publish(4, who="author", seen="")
    office.publish(4, seen="")
    assert office.used() is None
    assert office.states() == ["superseded", "superseded", "superseded", "published"]
    with pytest.raises(SameTemplate):
        office.doing.go_back(plant, office.people["author"], rule, None, "又一次")
    assert office.faults() == []


def test_a_template_is_sent_back_or_taken_back_with_a_reason(office: Office) -> None:
    plant = office.house.world.plant
    office.propose()
    with pytest.raises(TemplateWaits):
        office.propose(edited(OWN, {"word/document.xml": inserted(paragraph("x"))}))
    with pytest.raises(NeedsReason):
        office.doing.reject(plant, office.people["second"], RULE, 1, " ")
    assert office.doing.reject(plant, office.people["second"], RULE, 1, "缺页眉").state == "rejected"
    with pytest.raises(NoSuchTemplate):
        office.publish()
    office.propose()
    assert office.doing.reject(plant, office.people["again"], RULE, 2, "自己撤回").state == "withdrawn"
    assert office.states() == ["rejected", "withdrawn"]
    with pytest.raises(MayNot):
        office.propose(who="looker")
    with pytest.raises(NeedsReason):
        office.propose(reason="")
    with pytest.raises(SameTemplate):
        office.propose(SHIPPED)


def everywhere(old: bytes, new: bytes) -> bytes:
    """The shipped template with a word changed in every part."""
    with ZipFile(BytesIO(SHIPPED)) as archive:
        parts = [name for name in archive.namelist() if name.endswith(".xml")]
    return edited(SHIPPED, dict.fromkeys(parts, lambda part: part.replace(old, new)))


SPOILT = [
    (everywhere(b"control.version", b"control.versoin"), "'control.versoin'"),
    (everywhere(b"control.number", b"report.title"), "control.number"),
    (everywhere(b"report.mark", b"report.title"), "report.mark"),
    (everywhere(b"approver.name", b"report.title"), "approver.name"),
    (edited(SHIPPED, {"word/document.xml": inserted(paragraph("{{ report.title.upper() }}"))}), "Call"),
    (edited(SHIPPED, {"word/document.xml": inserted('<w:altChunk r:id="rId1"/>')}), "embeds"),
]


def test_what_is_wrong_with_a_template_is_named_and_nothing_is_kept(office: Office) -> None:
    for spoilt, word in SPOILT:
        with pytest.raises(TemplateRefused) as refused:
            office.propose(spoilt)
        assert word in refused.value.message.en
    assert (office.states(), office.leaves()) == ([], ["template:refused"] * len(SPOILT))


POLICY = next(rule for rule in shipped().of(Document) if rule.id == "carbon-policy")


def test_a_template_that_drops_what_the_standard_demands_is_refused_by_name() -> None:
    whole = InProcess().inspect((TEMPLATES / POLICY.template).read_bytes()).parts
    assert demanded(POLICY, whole) == ((), ())
    names = [name for section in POLICY.sections for name in wanted_by(section)]
    assert names
    for section in POLICY.sections:
        wanted = {tuple(name.split(".")) for name in wanted_by(section)}
        less = {part: without(nodes, wanted) for part, nodes in whole.items()}
        problems, lacks = demanded(POLICY, less)
        if section.strength is Strength.SHALL:
            assert [section.title.zh in p.text.zh for p in problems] == [True]
        else:
            assert problems == ()
            assert lacks == ((section,) if section.strength is Strength.SHOULD else ())


def without(nodes: Sequence[Node], names: set[tuple[str, ...]]) -> list[Node]:
    """The nodes without the places and loops of some names."""
    found: list[Node] = []
    for node in nodes:
        match node:
            case Place(path) | Loop(_, path, _) if path in names:
                continue
            case Loop(name, path, body):
                found.append(Loop(name, path, tuple(without(body, names))))
            case Choice(test, then, other):
                found.append(Choice(test, tuple(without(then, names)), tuple(without(other, names))))
            case _:
                found.append(node)
    return found


def test_an_unknown_variable_is_named_with_part_paragraph_and_text(office: Office) -> None:
    given = docx("甲", "乙", "编号：{{ control.numbr }}，完")
    checked = office.doing.check(office.house.world.plant, office.doing.type_named(RULE), given)
    (problem,) = checked.problems
    assert (problem.place, problem.paragraph) == ("word/document.xml", 3)
    assert problem.around == "编号：{{ control.numbr }}"
    assert "'control.number'" in problem.text.en


def test_a_template_is_never_deleted_and_a_spoilt_row_is_found(office: Office) -> None:
    office.propose()
    office.publish()
    database = office.house.world.register.database
    with pytest.raises(DatabaseError, match="a template is kept"), database.work() as connection:
        connection.execute(text("DELETE FROM document_template"))
    with database.work() as connection:
        connection.execute(text("UPDATE document_template SET decided_login = login, number = 2"))
    assert "one person proposed and published it" in office.faults()[0]
    assert "a template is missing" in office.faults()[0]


def test_a_deep_check_reads_every_template_and_names_the_damaged_one(office: Office) -> None:
    office.propose()
    office.publish()
    world = office.house.world

    def faults() -> str:
        report = fsck(world.register.database, world.vault, deep=True)
        return "; ".join(c.detail.en for c in report.checks if c.code == "templates" and not c.ok)

    assert faults() == ""
    # A file of the right digest that the program would not read as a template.
    spoilt = world.vault.put(BytesIO(docx("甲", "{{ report.title.upper() }}")), name="x.docx", media_type=MEDIA_TYPE)
    with world.register.work() as work:
        work.record(Act(actor=ACTOR, action="x:y", object_type="x", object_id="y", objects=(spoilt,)), None)
    with world.register.database.work() as connection:
        connection.execute(text("UPDATE document_template SET file = :file"), {"file": spoilt.sha256})
    assert f"{world.plant.key} {RULE}/1 (file {spoilt.sha256}: word/document.xml, paragraph 2" in faults()
    path = world.vault.path(spoilt.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    assert f"{RULE}/1 (file {spoilt.sha256} cannot be read" in faults()


def test_a_template_that_other_rules_would_not_admit_is_found_before_they_are_used(office: Office) -> None:
    plant, desk, rule = office.house.world.plant, office.doing.desk, office.doing.type_named(RULE)
    before, today = desk.casework.rulebase, desk.casework.today()

    def under(changed: Document, base: RuleBase = before) -> list[tuple[str, str]]:
        after = replace(base, rules=tuple(changed if one is rule else one for one in base.rules))
        with office.house.world.register.read() as reads:
            found = unfit(reads, desk, plant, before, after, today)
        return [(one.document, text.en) for one in found for _where, text in one.problems]

    more = Section(id="training", title=Text("培训", "Training"), kind=SectionKind.FREE, strength=Strength.SHALL)
    demanding = replace(rule, sections=(*rule.sections, more), digest="0" * 64)
    assert under(demanding) == []  # the plant has no template of its own
    office.propose()
    assert under(demanding) == []  # nor is one that waits in use
    office.publish()
    assert under(rule) == []
    ((name, problem),) = under(demanding)
    assert name == RULE
    assert "'Training' is left out" in problem
    advised = replace(demanding, sections=(*rule.sections, replace(more, strength=Strength.SHOULD)))
    assert under(advised) == []
    unknown = under(replace(rule, data=(), digest="0" * 64))
    assert unknown
    assert all(name == RULE for name, _problem in unknown)
    over = replace(demanding, in_force=replace(rule.in_force, until=today - timedelta(days=1)))
    assert under(over) == []
    ahead = replace(demanding, in_force=replace(rule.in_force, start=today + timedelta(days=30)))
    assert len(under(ahead)) == 1


def _pdf(pages: int) -> bytes:
    """A file of empty pages."""
    kids = " ".join(f"{n} 0 R" for n in range(3, 3 + pages))
    sheets = "".join(f"{n} 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n" for n in range(3, 3 + pages))
    tree = f"2 0 obj<</Type/Pages/Kids[{kids}]/Count {pages}>>endobj\n"
    return f"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n{tree}{sheets}trailer<</Root 1 0 R>>\n%%EOF".encode()


@pytest.mark.skipif(not drawable(), reason="pdftoppm draws pages")
def test_a_page_becomes_a_picture() -> None:
    width, height = struct.unpack(">2I", picture_of(_pdf(2), 2)[16:24])
    assert (width, height) == (620, 878)
    with pytest.raises(NotRendered):
        picture_of(_pdf(2), 3)
    with pytest.raises(NotRendered):
        picture_of(b"no pages", 1)
