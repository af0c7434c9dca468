"""The commands of rules with their arguments."""

from __future__ import annotations

from argparse import ArgumentParser, _SubParsersAction
from pathlib import Path

from compliance.cli import changing, covering, keeping, linting, schema, standards
from compliance.cli.arguments import command, day, judged_day, signer
from compliance.rulebase.rulebase import KINDS


def declare(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the commands with their arguments."""
    rules = commands.add_parser("rules", help="规则库 / the rule base").add_subparsers(required=True, metavar="COMMAND")
    command(rules, "check", keeping.rules_check, "加载并检查 / load and check")
    lint = command(rules, "lint", linting.rules_lint, "审查规则库 / read the rule base for what cannot be meant")
    lint.add_argument("--plant", metavar="P", help="并查某企业人手是否够 / and what a plant's persons cannot do")
    lint.add_argument("--as-of", type=judged_day, metavar="D", help="企业人员以某日计 / its persons as of a day")
    met = command(rules, "coverage", covering.rules_coverage, "标准各条由哪些规则满足 / what meets each clause")
    met.add_argument(
        "--as-of", type=judged_day, metavar="D", help="以某日有效的规则计 / by the rules in force on a day"
    )
    met.add_argument("--plant", metavar="P", help="某企业做到哪一步 / where a plant stands")
    met.add_argument("--standard", metavar="S", help="标准编号，默认主标准 / of which standard (default: the main one)")
    kept = command(rules, "standards", standards.rules_standards, "列出标准 / the standards of the rule base")
    kept.add_argument("--plant", metavar="P", help="某企业采用哪些 / which of them a plant follows")
    shape = command(rules, "schema", schema.rules_schema, "规则语言的成员 / the members of the rule language")
    shape.add_argument("kind", nargs="?", choices=tuple(KINDS), help="规则种类 / of one kind of rule")
    plan = command(rules, "plan", changing.rules_plan, "变更前的计划 / what a changed rule base would do")
    plan.add_argument("directory", metavar="NEWDIR", help="目录或快照摘要 / a directory, or a snapshot's digest")
    plan.add_argument("--from", dest="since", type=day, metavar="D", help="到期日自 / of due days from")
    plan.add_argument("--to", dest="until", type=day, metavar="D", help="到期日至 / of due days until")
    plan.add_argument("--plant", metavar="P", help="企业 / plant")
    new = command(rules, "propose", changing.rules_propose, "提出规则变更 / propose a changed rule base")
    new.add_argument("directory", metavar="NEWDIR")
    new.add_argument("--reason", required=True, metavar="TEXT", help="理由 / why")
    signer(new)
    use = command(
        rules, "activate", changing.rules_activate, "启用规则，由他人签署 / put rules into use, signed by another"
    )
    use.add_argument("directory", nargs="?", type=Path, metavar="DIR", help="无人可登录时 / while nobody can sign in")
    use.add_argument("--proposal", metavar="DIGEST", help="他人提出的规则库 / what another person proposed")
    use.add_argument("--plan", default="", metavar="DIGEST", help="所见计划的摘要 / digest of the plan that was seen")
    signer(use, required=False)
    back = command(rules, "withdraw", changing.rules_withdraw, "撤回提议 / take a proposal back")
    back.add_argument("proposal", metavar="DIGEST")
    back.add_argument("--reason", required=True, metavar="TEXT", help="理由 / why")
    signer(back)
    command(rules, "proposals", changing.rules_proposals, "列出提议 / list proposals")
