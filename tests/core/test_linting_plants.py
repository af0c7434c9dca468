"""What the persons of a plant cannot do: which duties stick, and who is there for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from compliance.core.absences import SignIn
from compliance.core.accounts import Membership, Role, User
from compliance.core.linting.plant_checks import CHAIN, FLOW, POSTS, Case, PlantCheck, PlantRemark
from compliance.core.linting.plants import PLANT_CHECKS, lint_plant
from compliance.core.linting.staff import PlantSetting, staff_of
from compliance.core.model import PersonPeriod
from compliance.core.people import Absence
from compliance.core.roster import Member
from compliance.rulebase.linting.examples import FILE, obligation, rule
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Post
from tests.core.world import KEY, row, shipped
from tests.rule_texts import unchecked

DAY = date(2026, 3, 2)


def member(account: str, *posts: str, until: date | None = None, **more: object) -> Member:
    period = row(
        PersonPeriod, account=account, name=account.title(), posts="、".join(posts), since=date(2025, 1, 1), until=until
    )
    return Member(account, account.title(), (period,), **more)  # type: ignore[arg-type] # as a member has them


def signed_in(login: str, *roles: Role, active: bool = True, person: str | None = None) -> SignIn:
    user = User(1, login, person, login, active)
    return SignIn(user, tuple(Membership(KEY, role) for role in roles))


def away(account: str, deputy: str) -> Absence:
    first, last = date(2026, 3, 1), date(2026, 3, 9)
    return Absence(
        id=1, absent=account, deputy=deputy, since=first, until=last, reason="x", set_by="a", set_at="2026-03-01"
    )


def said(base: RuleBase, *members: Member, profile: Mapping[str, str] | None = None) -> Sequence[PlantRemark]:
    return lint_plant(members, profile or {}, base, DAY)


@pytest.mark.parametrize("check", PLANT_CHECKS, ids=lambda check: check.id)
def test_a_check_speaks_in_its_firing_examples_alone(check: PlantCheck) -> None:
    def run(case: Case) -> list[PlantRemark]:
        base = unchecked(case.rules)
        members = [member(account, *posts) for account, posts in case.persons.items()]
        return list(check.run(check, PlantSetting(base, DAY, staff_of(members, base, DAY))))

    assert check.firing
    assert check.silent
    assert all(run(case) for case in check.firing)
    assert not any(run(case) for case in check.silent)


def test_the_bottleneck_is_named_with_duties_posts_and_persons() -> None:
    base = unchecked(FILE + POSTS + CHAIN)
    (found,) = said(base, member("li", "clerk", "boss"), member("wang"), member("zhao"))
    assert (found.check, found.names) == ("approval-stuck", ("approval.payment",))
    assert [duty.title.en for duty in found.duties] == ["look", "sign"]
    assert found.persons == ("Li",)
    assert found.message.en == "“look” (A), “sign” (A): 2 different persons are needed, and only 1 may do any of it: Li"


def test_who_has_left_or_is_not_there_yet_does_not_count() -> None:
    base = unchecked(FILE + POSTS + CHAIN)
    here = [member("li", "clerk"), member("wang", "boss")]
    assert said(base, *here, member("zhao"))[:1] == ()
    (found,) = said(base, *here, member("zhao", until=date(2026, 3, 1)))
    assert found.persons == ("Li", "Wang")


def test_a_deputy_holds_the_posts_of_who_is_away() -> None:
    base = unchecked(FILE + POSTS + CHAIN)
    absence = away("wang", "sun")
    crew = [member("li", "clerk"), member("wang", "boss", absences=(absence,)), member("zhao")]
    assert [r.check for r in said(base, *crew)] == ["approval-stuck", "post-vacant"]
    assert said(base, *crew, member("sun", stands_in=(absence,))) == ()


def test_posts_kept_apart_need_two_persons_although_the_steps_do_not() -> None:
    steps = 'steps = [{ do = "look", post = "clerk" }, { do = "sign", post = "boss" }]'
    together = rule("approval.pay", f'applies_to = ["payment"]\n{steps}')
    apart = rule("approval.pay", f'applies_to = ["payment"]\n{steps}\nnever_both = [["clerk", "boss"]]')
    both = member("li", "clerk", "boss")
    assert said(unchecked(FILE + POSTS + together), both) == ()
    assert [r.check for r in said(unchecked(FILE + POSTS + apart), both)] == ["approval-stuck"]


def test_permissions_of_sign_ins_take_steps_of_cases() -> None:
    flow = FLOW.replace('by = ["rule:owner"]', 'by = ["rule:owner", "role:department"]')
    base = unchecked(FILE + POSTS + flow + obligation("report", '{ kind = "period-end" }', more='approver = "boss"'))
    both = member("li", "clerk", "boss")
    department = Member("login:x", "X", sign_ins=(signed_in("x", Role.DEPARTMENT),))
    ended = Member("login:x", "X", sign_ins=(signed_in("x", Role.DEPARTMENT, active=False),))
    other = Member("login:x", "X", sign_ins=(signed_in("x", Role.AUDITOR),))
    assert said(base, both, department) == ()
    for nobody in (ended, other):
        (found,) = said(base, both, nobody)
        assert (found.check, found.persons) == ("case-stuck", ("Li",))
        assert "a sign-in with the permission" in found.message.en


def test_a_case_that_one_way_leads_through_is_not_stuck() -> None:
    """The step that nobody may take is passed by on another way to the same end."""
    other = '{ id = "short", zh = "捷", en = "short", from = ["asked"], to = "done", by = ["post:clerk"] },\n]"""'
    flow = FLOW.rstrip().removesuffix("]") + other.removesuffix('"""')
    base = unchecked(FILE + POSTS + flow + obligation("report", '{ kind = "period-end" }', more='approver = "boss"'))
    assert {r.check for r in said(base, member("li", "clerk"))} == {"post-vacant"}


def test_duties_that_do_not_apply_ask_for_nobody() -> None:
    text = FILE + POSTS + rule("vocabulary.company-item", 'words = [{ id = "kiln", zh = "窑", en = "kiln" }]')
    text += obligation("report", '{ kind = "period-end" }', more='applies_if = { kiln = "是" }')
    base = unchecked(text)
    assert said(base, profile={"窑": "否"}) == ()
    assert [r.check for r in said(base, profile={"窑": "是"})] == ["post-vacant"]


def test_nobody_holding_anything_sticks_everywhere_and_everybody_holding_all_nowhere() -> None:
    base = shipped()
    words = [post.words[0] for post in base.of(Post)]
    none = said(base, member("li"))
    assert {"approval-stuck", "case-stuck", "post-vacant"} == {r.check for r in none}
    assert all(r.message.zh and r.message.en and r.rules for r in none)
    # Ten persons who each hold one copy of every post that may be joined: nothing sticks but what keeps posts apart.
    apart = {name for post in base.of(Post) for name in (post.id, *post.never_with) if post.never_with}
    plain = [word for word, post in zip(words, base.of(Post), strict=True) if post.id not in apart]
    single = [member(f"s{n}", post.words[0]) for n, post in enumerate(base.of(Post)) if post.id in apart]
    assert said(base, *(member(f"p{n}", *plain) for n in range(10)), *single) == ()
