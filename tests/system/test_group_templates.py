"""The group's templates on an installation: drift, the plan of changed rules, putting them into use."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import pytest

from compliance.bootstrap.installation import OPERATOR, Installation, read_rules
from compliance.bootstrap.jobs import runner
from compliance.bootstrap.proposing import plan_of, planned_proposals, proposals
from compliance.bootstrap.templates import templates
from compliance.cli.main import main
from compliance.core.acts import Act
from compliance.core.documents import MEDIA_TYPE
from compliance.core.planning import narrowed
from compliance.core.proposals import PLANNING, PlanIsStale, TemplatesDoNotFit
from compliance.core.templates import PUBLISHED, SUPERSEDED, TemplateVersion
from compliance.kernel.canonical import digest
from tests.adapters.test_group_templates import GROUP
from tests.adapters.test_own_templates import OWN, RULE
from tests.docx_files import edited as docx_edited
from tests.docx_files import inserted, paragraph
from tests.system.test_drift import LEDGER, ONLY, PLAN, Place, made, place, rest, template_with_a_word
from tests.system.test_plan import copied as copy_of
from tests.system.test_plan import edited, person, prepared

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from compliance.core.plants import Plant
    from compliance.rulebase.rulebase import RuleBase

__all__ = ["made", "place", "prepared"]

pytestmark = pytest.mark.slow

#: A section that a template has to show from then on.
LAST = 'versions  = { form = "{edition}/{revision}", editions = "ABCDEFGHJKLMNPQRSTUVWXYZ", revisions = 10 }\n'
MORE = """
[[document.nonconformity-report.sections]]
id           = "training"
title        = { zh = "培训", en = "Training" }
requirements = ["R-8.2-a"]
strength     = "shall"
default      = "已培训"
"""
DEMANDED = ("documents.toml", LAST, LAST + MORE)
FITS = docx_edited(
    GROUP, {"word/document.xml": inserted(paragraph("{% for l in text.training %}{{ l.line }}{% endfor %}"))}
)


@pytest.fixture
def at(prepared: Path, tmp_path: Path) -> Iterator[Installation]:
    """The prepared workspace with a template of the group in use."""
    with copy_of(prepared, tmp_path) as found:
        doing = replace(templates(found), desk=replace(templates(found).desk, pages=None))
        rule = doing.type_named(RULE)
        doing.propose(None, person(found, "author"), rule, GROUP, name="group.docx", reason="统一版式")
        doing.publish(None, person(found, "second"), RULE, 1, seen=digest(GROUP))
        yield found


def after_of(folder: Path) -> RuleBase:
    return read_rules(edited(folder, [DEMANDED]))


def give_up(at: Installation) -> None:
    doing = templates(at)
    with at.register.read() as reads:
        number = reads.templates(None, RULE)[0].number + 1
    doing.go_back(None, person(at, "author"), doing.type_named(RULE), None, "新规则")
    doing.publish(None, person(at, "second"), RULE, number, seen="")


def test_rules_that_would_not_admit_the_groups_template_are_planned_and_not_put_into_use(
    at: Installation, tmp_path: Path
) -> None:
    after, doing = after_of(tmp_path), proposals(at)
    _made, plan = doing.propose(after, person(at, "author"), "新规")
    (row,) = cast("list[Any]", plan.shape["templates"])
    assert (row["plant"], row["document"], row["file"]) == (None, RULE, digest(GROUP))
    assert "“培训”" in row["problems"][0]["zh"]
    key = plan.plants[0].plant.key
    for plant in (key, "another"):  # the group's are everybody's
        assert narrowed(plan.shape, plant, lambda _key: True)["templates"] == [row]
    with pytest.raises(TemplatesDoNotFit, match="the group nonconformity-report: the required section 'Training'"):
        doing.activate(after, person(at, "second"), seen=plan.digest)
    assert at.current_rules(surely=True).digest == plan.before
    give_up(at)
    _found, anew = doing.replan(after, person(at, "author"))
    assert anew.shape["templates"] == []
    doing.activate(after, person(at, "second"), seen=anew.digest)
    assert at.current_rules(surely=True).digest == after.digest


def test_a_job_plans_the_groups_templates_too(at: Installation, tmp_path: Path) -> None:
    after = after_of(tmp_path)
    doing = replace(planned_proposals(at), at_once=0)
    doing.put_forward(after, person(at, "author"), "新规")
    hands = replace(runner(at, "test"), kinds={PLANNING: doing})
    while hands.step():
        pass
    plan = plan_of(at, after)
    assert [one.file for one in plan.templates] == [digest(GROUP)]
    with at.register.read() as reads:
        assert [one.plan for one in reads.proposals()] == [plan.digest]
        (plant,) = reads.plants()
    assert doing.plan_here(after, plant).shape == plan.shape
    with pytest.raises(TemplatesDoNotFit):
        doing.activate(after, person(at, "second"), seen=plan.digest)


def test_a_template_of_the_group_published_while_rules_are_put_into_use_makes_the_plan_stale(
    at: Installation, tmp_path: Path
) -> None:
    give_up(at)
    after, doing = after_of(tmp_path), proposals(at)
    _made, plan = doing.propose(after, person(at, "author"), "新规")

    def meanwhile(rules: RuleBase) -> object:
        found = plan_of(at, rules)
        publish(at, None, digest(GROUP))
        return found

    with pytest.raises(PlanIsStale):
        replace(doing, plan_of=meanwhile).activate(after, person(at, "second"), seen=plan.digest)  # type: ignore[arg-type] # a plan
    assert at.current_rules(surely=True).digest == plan.before


def test_the_commands_name_it_as_the_groups_and_the_operator_is_refused_too(
    at: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after, before = after_of(tmp_path), at.current_rules().digest
    sample = at.workspace.templates / "samples" / "nonconformity_report.toml"
    sample.parent.mkdir(parents=True)
    sample.write_text('[text]\ntraining = "已培训"\n', "utf-8")
    (at.workspace.templates / "nonconformity_report.docx").write_bytes(FITS)  # the installation's own shows it
    give_up(at)
    with at.register.read() as reads:
        (plant,) = reads.plants()
    publish(at, None, digest(GROUP))
    publish(at, plant, digest(GROUP))

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["--data", str(at.workspace.root), "rules", *words, str(tmp_path / "rules")])
        said = capsys.readouterr()
        return code, said.out, said.err

    code, out, err = run("plan", "--json")
    assert code == 1, err
    assert [row["plant"] for row in json.loads(out)["templates"]] == [None, plant.key]
    code, _out, err = run("plan")
    assert code == 1
    assert f"集团 group {RULE}" in err
    code, _out, err = run("activate")  # in a demo workspace the operator may, whoever else could
    assert code == 2
    assert f"集团 {RULE}：" in err
    assert f"{plant.key} {RULE}：" in err
    assert at.current_rules(surely=True).digest == before
    give_up(at)
    code, _out, err = run("activate")
    assert code == 2
    assert f"集团 {RULE}：" not in err  # the plant's own alone is left
    assert f"{plant.key} {RULE}：" in err
    publish(at, plant, None)
    assert run("activate")[0] == 0
    assert at.current_rules(surely=True).digest == after.digest


def publish(at: Installation, plant: Plant | None, sha256: str | None, document: str = RULE) -> None:
    """Let a template be in use, whoever published it."""
    moment = at.clock.now().isoformat()
    with at.register.work() as work:
        known = work.templates(plant, document)
        for one in known:
            if one.state == PUBLISHED:
                work.decide_template(plant, replace(one, state=SUPERSEDED))
        number = 1 + max((one.number for one in known), default=0)
        new = TemplateVersion(
            document=document, number=number, file=sha256, file_name="x.docx", login="a", account=None, name="甲",
            reason="x", at=moment, state=PUBLISHED, decided_login="b", decided_name="乙", decided_at=moment,
        )  # fmt: skip
        work.add_template(plant, new)
        work.record(Act(actor=OPERATOR, action="x:y", object_type="x", object_id="y"), plant)


def kept(at: Installation, data: bytes) -> str:
    """A file that an act names."""
    found = at.vault.put(io.BytesIO(data), name="x.docx", media_type=MEDIA_TYPE)
    with at.register.work() as work:
        work.record(Act(actor=OPERATOR, action="x:y", object_type="x", object_id="y", objects=(found,)), None)
    return found.sha256


def test_another_template_of_the_group_makes_what_is_kept_current_stale_even_while_the_plant_rests(
    place: Place,
) -> None:
    at, rule = place.at, ONLY[0]
    assert place.reasons(PLAN) == []
    rest(place, wakes_on=at.clock.today() + timedelta(days=9))
    publish(at, None, kept(at, template_with_a_word()), rule)
    name = "quality_control_plan.docx"
    assert place.reasons(PLAN) == [("template", name, f"模板 {name} 已更换")]
    assert place.reasons(LEDGER) == []
    # The plant's own, the same as the document was made with, goes before the group's: it is as it would be drawn up.
    with at.register.read() as reads:
        used = reads.drift(place.plant, PLAN)
    assert used is not None
    publish(at, place.plant, kept(at, shipped(place)), rule)
    assert place.reasons(PLAN) == []


def shipped(place: Place) -> bytes:
    found = templates(place.at).desk
    return found.shipped_template(found.rule(ONLY[0]))


def test_what_fits_the_new_rules_hinders_nobody(at: Installation, tmp_path: Path) -> None:
    after = after_of(tmp_path)
    publish(at, None, kept(at, FITS))
    plan = plan_of(at, after)
    assert plan.templates == ()
    publish(at, None, kept(at, OWN))
    assert [one.file for one in plan_of(at, after).templates] == [digest(OWN)]
