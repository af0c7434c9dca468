"""The group's template on each kind of database: between a plant's own and the shipped one, for every plant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from io import BytesIO
from itertools import count

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from compliance.adapters.fsck import fsck
from compliance.core.accounts import NewUser, Role, Session, SignedIn, add_user, grant
from compliance.core.acts import PULSE, Act
from compliance.core.cases import SignatureRefused
from compliance.core.documents import MEDIA_TYPE, TemplateRefused
from compliance.core.plants import Plant
from compliance.core.proposals import NeedsReason
from compliance.core.templates import (
    NoSuchTemplate,
    NotGroupTemplates,
    OtherFile,
    OwnTemplate,
    SameTemplate,
    Source,
    Templates,
    TemplateVersion,
    TemplateWaits,
    origins,
    unfit,
)
from compliance.core.tokens import ApiToken, Bearer
from compliance.kernel.canonical import digest
from compliance.kernel.text import Text
from compliance.rulebase.schema import Section, SectionKind, Strength
from tests.adapters.conftest import add_plant
from tests.adapters.test_cases import TICKET, WALKS, World, rules, walk, world
from tests.adapters.test_documents import FIRST, House, desk_of
from tests.adapters.test_own_templates import NOW, OWN, RULE, SHIPPED
from tests.docx_files import docx, edited, inserted, paragraph
from tests.web.world import ACTOR, PASSWORD, PlainPasswords

__all__ = ["rules", "world"]

GROUP = edited(SHIPPED, {"word/document.xml": inserted(paragraph("集团统一版式"))})
OTHER_KEY = "91110000600009876B"


@dataclass
class Group:
    """Two plants, and who proposes and publishes for both."""

    house: House
    doing: Templates
    people: dict[str, SignedIn]
    other: Plant

    @property
    def plant(self) -> Plant:
        return self.house.world.plant

    def propose(self, data: bytes = GROUP, who: str = "author", plant: Plant | None = None) -> TemplateVersion:
        rule = self.doing.type_named(RULE)
        return self.doing.propose(plant, self.people[who], rule, data, name="group.docx", reason="统一版式")

    def publish(
        self, number: int = 1, who: str = "second", seen: str = digest(GROUP), plant: Plant | None = None, **how: str
    ) -> TemplateVersion:
        return self.doing.publish(plant, self.people[who], RULE, number, seen=seen, **how)

    def give_up(self, plant: Plant | None = None, who: str = "author") -> TemplateVersion:
        return self.doing.go_back(plant, self.people[who], self.doing.type_named(RULE), None, "不再使用")

    def used(self) -> list[str | None]:
        with self.house.world.register.read() as reads:
            return [reads.template_in_use(plant, RULE) for plant in (self.plant, self.other)]

    def filled(self) -> list[bytes]:
        """The template that a draft of each plant would be made with."""
        rule, at = self.doing.type_named(RULE), self.doing.desk
        with self.house.world.register.read() as reads:
            return [at.template_of(reads, plant, rule) for plant in (self.plant, self.other)]

    def states(self) -> list[str]:
        with self.house.world.register.read() as reads:
            return [one.state for one in reads.templates(None)][::-1]

    def leaves(self, plant: Plant | None = None) -> list[str]:
        with self.house.world.register.read() as reads:
            return [e.action for e in reads.trail(plant, limit=200) if "template" in e.action][::-1]

    def faults(self, *, deep: bool = False) -> str:
        report = fsck(self.house.world.register.database, self.house.world.vault, deep=deep)
        return "; ".join(c.detail.en for c in report.checks if c.code in {"templates", "guards"} and not c.ok)

    def signed_in(self, login: str, account: str | None, *places: tuple[str | None, Role]) -> SignedIn:
        register = self.house.world.register
        (first, role), *more = places
        user = add_user(
            register, PlainPasswords(), NewUser(login, login, account, first, role, PASSWORD), actor=ACTOR, now=NOW
        )
        for place, another in more:
            grant(register, login, plant=place, role=another, actor=ACTOR, now=NOW)
        return self.again(SignedIn(user, (), Session(login * 16, user.id, NOW, NOW, NOW)))

    def again(self, person: SignedIn) -> SignedIn:
        """The same person with the roles of now."""
        with self.house.world.register.read() as reads:
            return replace(person, memberships=tuple(reads.memberships(person.user.id)))


@pytest.fixture
def group(world: World) -> Group:
    walk(world, TICKET, WALKS["closed"][1])
    desk = desk_of(world)
    seconds = count()

    def later() -> str:
        return (NOW + timedelta(seconds=next(seconds))).isoformat()

    made = Group(House(world, desk), Templates(world.register, desk, later), {}, add_plant(world.register, OTHER_KEY))
    keys = (world.plant.key, OTHER_KEY)
    controller, officer = Role.DOCUMENT_CONTROLLER, Role.COMPLIANCE_OFFICER
    made.people = {
        "author": made.signed_in("author", "U3", (None, controller)),
        "second": made.signed_in("second", "U2", (None, officer)),
        "again": made.signed_in("again", "U3", (None, officer)),  # the author's other sign-in
        "both": made.signed_in("both", None, *((key, controller) for key in keys)),
        "here": made.signed_in("here", "U1", (world.plant.key, officer)),
        "here2": made.signed_in("here2", "U4", (world.plant.key, controller)),
        "looker": made.signed_in("looker", "U6", (None, Role.AUDITOR)),
    }
    return made


def test_the_plants_own_goes_before_the_groups_and_that_before_the_shipped_one(group: Group) -> None:
    assert group.filled() == [SHIPPED, SHIPPED]
    group.propose()
    assert group.filled() == [SHIPPED, SHIPPED]  # it waits
    group.publish()
    assert (group.filled(), group.used()) == ([GROUP, GROUP], [digest(GROUP)] * 2)
    group.propose(OWN, "here", group.plant)
    group.publish(1, "here2", digest(OWN), group.plant)
    assert group.filled() == [OWN, GROUP]
    group.give_up()
    group.publish(2, seen="")
    assert group.filled() == [OWN, SHIPPED]
    group.doing.go_back(None, group.people["author"], group.doing.type_named(RULE), 1, "恢复")
    group.publish(3)
    assert group.filled() == [OWN, GROUP]
    group.give_up(group.plant, "here")
    group.publish(2, "here2", "", group.plant)
    assert group.filled() == [GROUP, GROUP]
    assert group.states() == ["superseded", "superseded", "published"]
    assert group.leaves() == ["group-template:propose", "group-template:publish"] * 3
    assert group.leaves(group.plant) == ["template:propose", "template:publish"] * 2
    assert group.leaves(group.other) == []
    assert group.faults(deep=True) == ""


def test_other_persons_than_its_author_publish_and_roles_in_one_plant_do_not_suffice(group: Group) -> None:
    for who in ("here", "looker"):
        with pytest.raises(NotGroupTemplates):
            group.propose(who=who)
    group.propose()
    for who, why in (
        ("author", OwnTemplate),
        ("again", OwnTemplate),
        ("here", NotGroupTemplates),
        ("looker", NotGroupTemplates),
    ):
        with pytest.raises(why):
            group.publish(who=who)
        looked = group.doing.look(None, group.people[who], RULE, 1)
        assert isinstance(looked.refused, why)
        assert [user.login for user in looked.others] == ["both", "second"]
    for who in ("here", "looker"):
        with pytest.raises(NotGroupTemplates):
            group.doing.reject(None, group.people[who], RULE, 1, "不妥")
    with pytest.raises(SignatureRefused):
        group.publish(method="")
    with pytest.raises(OtherFile):
        group.publish(seen=digest(OWN))
    with pytest.raises(NoSuchTemplate):
        group.publish(2)
    assert (group.used(), group.states()) == ([None, None], ["open"])
    assert group.leaves().count("group-template:refused") == 10
    assert group.leaves(group.plant) == []
    assert group.publish(who="both").decided_login == "both"


def test_who_has_the_role_in_every_plant_loses_it_with_a_new_one_and_a_narrowed_token_never_suffices(
    group: Group,
) -> None:
    group.propose(who="both")
    token = ApiToken(
        id_hash="t" * 64, user_id=group.people["second"].user.id, name="t", made_at=NOW, until=NOW, plant=OTHER_KEY
    )
    second = group.people["second"]
    narrow = tuple(replace(m, plant=OTHER_KEY) for m in second.memberships)
    group.people["token"] = Bearer(second.user, narrow, second.session, token)
    with pytest.raises(NotGroupTemplates):
        group.publish(who="token")
    add_plant(group.house.world.register, "91110000600005555C")
    group.publish()
    with pytest.raises(NotGroupTemplates):
        group.propose(OWN, "both")


def test_a_right_that_was_taken_away_meanwhile_counts_no_more(group: Group) -> None:
    group.propose()
    with group.house.world.register.database.work() as connection:
        connection.execute(text("DELETE FROM membership WHERE user_id = :id"), {"id": group.people["second"].user.id})
    with pytest.raises(NotGroupTemplates):  # the session still says so
        group.publish()


def test_a_template_of_the_group_is_checked_sent_back_and_taken_back_like_a_plants(group: Group) -> None:
    with pytest.raises(TemplateRefused, match="typo"):
        group.propose(edited(SHIPPED, {"word/document.xml": inserted(paragraph("{{ control.typo }}"))}))
    with pytest.raises(SameTemplate):
        group.propose(SHIPPED)
    with pytest.raises(SameTemplate):
        group.give_up()
    group.propose()
    with pytest.raises(TemplateWaits):
        group.propose(OWN)
    group.propose(OWN, "here", group.plant)  # a plant's does not wait for the group's
    with pytest.raises(NeedsReason):
        group.doing.reject(None, group.people["second"], RULE, 1, " ")
    assert group.doing.reject(None, group.people["second"], RULE, 1, "缺页眉").state == "rejected"
    group.propose()
    assert group.doing.reject(None, group.people["again"], RULE, 2, "自己撤回").state == "withdrawn"
    assert group.states() == ["rejected", "withdrawn"]
    assert group.used() == [None, None]


def test_a_plant_may_have_the_shipped_one_though_the_group_has_another(group: Group) -> None:
    group.propose()
    group.publish()
    with pytest.raises(SameTemplate):  # it has the group's already
        group.propose(GROUP, "here", group.plant)
    with pytest.raises(SameTemplate):  # and none of its own to leave
        group.give_up(group.plant, "here")
    group.propose(SHIPPED, "here", group.plant)
    group.publish(1, "here2", digest(SHIPPED), group.plant)
    assert group.filled() == [SHIPPED, GROUP]
    looked = group.doing.look(None, group.people["second"], RULE, 1)
    assert [plant.key for plant in looked.apart] == [group.plant.key]
    only = replace(group.people["both"], memberships=group.people["both"].memberships[1:])
    assert [m.plant for m in only.memberships] == [OTHER_KEY]
    assert group.doing.look(None, only, RULE, 1).apart == ()  # another's plant is not named


def test_the_sample_says_nothing_of_any_plant(group: Group) -> None:
    group.house.draft()  # the plant has a report to make a sample of
    made = group.propose()
    own = group.propose(OWN, "here", group.plant)

    def text_of(one: TemplateVersion) -> str:
        file = group.house.file(one.sample)
        return group.doing.desk.renderer.read(file, ["word/document.xml"])["word/document.xml"]

    assert "集团统一版式" in text_of(made)
    assert made.pdf is not None
    assert "〔report.title〕" in text_of(made) or "〔control.number〕" in text_of(made)
    for word in (group.plant.name, TICKET.object_id):
        assert word in text_of(own)
        assert word not in text_of(made)


def test_a_version_names_the_template_of_the_group_that_made_it(group: Group) -> None:
    house, desk = group.house, group.house.desk
    group.propose()
    group.publish()
    house.draft()
    assert house.at().version.template == digest(GROUP)

    def origin() -> tuple[str, int | None, str, bool]:
        one = origins(house.world.register, desk, group.plant, house.at())[0]
        return one.source.value, one.number, one.published_by, one.in_use

    assert origin() == (Source.GROUP, 1, "second", True)
    assert group.doing.look(None, group.people["author"], RULE, 1, group.plant).made == (FIRST,)
    assert group.doing.look(None, group.people["author"], RULE, 1, group.other).made == ()
    house.signed()
    house.issue()
    group.propose(OWN)
    group.publish(2, seen=digest(OWN))
    assert origin() == (Source.GROUP, 1, "second", False)
    assert "集团统一版式" in house.text()  # what was issued stays what it was


def test_the_plants_own_with_the_same_bytes_is_named_while_it_is_in_use(group: Group) -> None:
    house = group.house
    group.propose(OWN, "here", group.plant)
    group.publish(1, "here2", digest(OWN), group.plant)
    group.propose(OWN)
    group.publish(seen=digest(OWN))
    house.draft()
    house.desk.draft(group.plant, FIRST, PULSE, again=True)

    def source() -> Source:
        return origins(house.world.register, house.desk, group.plant, house.at())[0].source

    assert source() is Source.PLANT
    group.give_up(group.plant, "here")
    group.publish(2, "here2", "", group.plant)
    assert source() is Source.GROUP
    assert group.used() == [digest(OWN)] * 2


def test_rules_that_would_not_admit_it_name_it_once_and_not_with_the_plants(group: Group) -> None:
    desk, rule = group.doing.desk, group.doing.type_named(RULE)
    before, today = desk.casework.rulebase, desk.casework.today()
    more = Section(id="training", title=Text("培训", "Training"), kind=SectionKind.FREE, strength=Strength.SHALL)
    demanding = replace(rule, sections=(*rule.sections, more), digest="0" * 64)
    after = replace(before, rules=tuple(demanding if one is rule else one for one in before.rules))

    def found(plant: Plant | None) -> list[str]:
        with group.house.world.register.read() as reads:
            return [one.file for one in unfit(reads, desk, plant, before, after, today)]

    assert found(None) == []
    group.propose()
    assert found(None) == []
    group.publish()
    assert (found(None), found(group.plant), found(group.other)) == ([digest(GROUP)], [], [])
    group.propose(OWN, "here", group.plant)
    group.publish(1, "here2", digest(OWN), group.plant)
    assert (found(None), found(group.plant), found(group.other)) == ([digest(GROUP)], [digest(OWN)], [])


def test_it_is_never_deleted_and_a_spoilt_one_is_found(group: Group) -> None:
    group.propose()
    group.publish()
    store, database = group.house.world, group.house.world.register.database
    with pytest.raises(DatabaseError, match="a template is kept"), database.work() as connection:
        connection.execute(text("DELETE FROM group_template"))
    spoilt = store.vault.put(BytesIO(docx("甲", "{{ report.title.upper() }}")), name="x.docx", media_type=MEDIA_TYPE)
    with store.register.work() as work:
        work.record(Act(actor=ACTOR, action="x:y", object_type="x", object_id="y", objects=(spoilt,)), None)
    with database.work() as connection:
        connection.execute(text("UPDATE group_template SET file = :file"), {"file": spoilt.sha256})
    assert group.faults() == ""
    assert f"group {RULE}/1 (file {spoilt.sha256}: word/document.xml, paragraph 2" in group.faults(deep=True)
    path = store.vault.path(spoilt.sha256)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:-1])
    assert f"group {RULE}/1 (file {spoilt.sha256} cannot be read" in group.faults(deep=True)
    with database.work() as connection:
        connection.execute(text("UPDATE group_template SET decided_login = login, number = 2"))
    assert f"group {RULE}/2 (one person proposed and published it)" in group.faults()
    assert f"group {RULE} (a template is missing)" in group.faults()
    guard = "keep_group_template_delete"
    with database.work() as connection:
        postgresql = connection.dialect.name == "postgresql"
        says = (
            f"SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = '{guard}'"
            if postgresql
            else f"SELECT sql FROM sqlite_master WHERE name = '{guard}'"
        )
        as_made = connection.scalar(text(says))
        connection.execute(text(f"DROP TRIGGER {guard}{' ON group_template' if postgresql else ''}"))
    faults = group.faults()
    with database.work() as connection:  # the session's PostgreSQL is used again
        connection.execute(text(as_made))
    assert guard in faults
