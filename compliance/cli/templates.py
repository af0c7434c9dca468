"""Commands about templates of plants and the group: check one, propose it, publish it as another person, list."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from compliance.bootstrap.installation import Installation, opened
from compliance.bootstrap.templates import templates
from compliance.cli.acting import NoSuchFileHere, password_of, proved
from compliance.cli.arguments import command, signer
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, say
from compliance.core.accounts import Entered
from compliance.core.documents import TemplateProblem
from compliance.core.looking import choose_plant
from compliance.core.plants import NoSuchPlant, Plant
from compliance.core.templates import Templates, TemplateVersion
from compliance.kernel.canonical import digest
from compliance.kernel.errors import Refused
from compliance.kernel.text import Text


def declare(commands: _SubParsersAction[ArgumentParser]) -> None:
    """Add the commands with their arguments."""
    text = "企业自有与集团文件模板 / templates of a plant, or of the group"
    below = commands.add_parser("templates", help=text).add_subparsers(required=True, metavar="COMMAND")
    look = command(below, "check", check, "检查模板并出样张，不保存 / check a template and make a sample, kept nowhere")
    look.add_argument("file", type=Path, metavar="FILE")
    look.add_argument("--out", type=Path, metavar="SAMPLE", help="样张写入 / where to write the sample")
    new = command(below, "propose", propose, "提出模板 / propose a template")
    new.add_argument("file", type=Path, metavar="FILE")
    back = command(below, "return", go_back, "提出回退 / propose going back")
    back.add_argument(
        "--to", type=int, metavar="N", help="第几号，不给则停用 / its number; else none of one's own any more"
    )
    use = command(below, "publish", publish, "由他人签署并发布 / sign and publish, as another person")
    text = "所见文件的摘要（停用则不填） / digest of the file that was seen; none where there is none"
    use.add_argument("--seen", default="", metavar="DIGEST", help=text)
    no = command(below, "reject", reject, "退回或撤回 / send back or take back")
    listing = command(below, "list", list_all, "列出模板 / list the templates")
    listing.add_argument("--type", metavar="T", help="文件类别 / type of document")
    for one in (look, new, back):
        one.add_argument("--type", required=True, metavar="T", help="文件类别，如 DOC-POL / type, such as DOC-POL")
    for one in (use, no):
        one.add_argument("type", metavar="T", help="文件类别 / type of document")
        one.add_argument("number", type=int, metavar="N", help="模板号 / number of the template")
    for one in (new, back, no):
        one.add_argument("--reason", required=True, metavar="TEXT", help="理由 / why")
    for one in (new, back, use, no):
        signer(one)
    for one in (look, new, back, use, no, listing):
        whose = one.add_mutually_exclusive_group()
        whose.add_argument("--plant", metavar="P", help="统一社会信用代码或短代码 / credit code or short code")
        text = "集团模板，适用于没有自有模板的企业 / of the group, for plants without one of their own"
        whose.add_argument("--group", action="store_true", help=text)


def check(args: Namespace) -> int:
    """Say everything that is wrong with a template; without problems a sample is made. Nothing is kept.

    The sample of one of the group is made of made-up data.
    """
    data = _bytes(args.file)
    with opened(args.data, args.rules) as installation:
        doing = templates(installation)
        found = doing.check(_owner(installation, args), doing.type_named(args.type), data)
    if args.out and found.sample:
        args.out.write_bytes(found.sample)
    if args.json:
        lacks = [{"section": s.id, "title": s.title, "requirements": list(s.requirements)} for s in found.lacks]
        problems = [_told_problem(p) for p in found.problems]
        print_json({"sha256": digest(data), "problems": problems, "lacks": lacks})
    else:
        print_table(("位置 place", "问题 problem"), ((p.where, p.text) for p in found.problems))
        heading = ("建议有而未列 advised", "条款 clauses")
        print_table(heading, ((s.title, "、".join(s.requirements)) for s in found.lacks))
        say(_BAD if found.problems else Text(f"模板可用（{digest(data)}）", f"The template is sound ({digest(data)})"))
    return PROBLEMS if found.problems else DONE


def propose(args: Namespace) -> int:
    """Propose a template for another person to publish."""
    data = _bytes(args.file)

    def act(doing: Templates, plant: Plant | None, who: Entered) -> TemplateVersion:
        rule = doing.type_named(args.type)
        return doing.propose(plant, who.signed_in, rule, data, name=args.file.name, reason=args.reason)

    return _acted(args, act)


def go_back(args: Namespace) -> int:
    """Propose an earlier template again, or to have none of one's own any more."""

    def act(doing: Templates, plant: Plant | None, who: Entered) -> TemplateVersion:
        return doing.go_back(plant, who.signed_in, doing.type_named(args.type), args.to, args.reason)

    return _acted(args, act)


def publish(args: Namespace) -> int:
    """Publish a template that another person proposed."""

    def act(doing: Templates, plant: Plant | None, who: Entered) -> TemplateVersion:
        name = doing.type_named(args.type).id
        return doing.publish(plant, who.signed_in, name, args.number, seen=args.seen, method=who.method)

    return _acted(args, act)


def reject(args: Namespace) -> int:
    """Send a template back; its author takes it back so."""

    def act(doing: Templates, plant: Plant | None, who: Entered) -> TemplateVersion:
        return doing.reject(plant, who.signed_in, doing.type_named(args.type).id, args.number, args.reason)

    return _acted(args, act)


def list_all(args: Namespace) -> int:
    """Every template of a plant, or of the group, with who proposed and published it."""
    with opened(args.data) as installation:
        name = templates(installation).type_named(args.type).id if args.type else ""
        with installation.register.read() as reads:
            found = reads.templates(None if args.group else choose_plant(reads, args.plant), name)
    if args.json:
        print_json([asdict(one) for one in found])
    else:
        print_table(
            ("模板 template", "状态 state", "文件 file", "提出 by", "时间 at", "办理 decided by", "理由 reason"),
            ((t.object_id, t.state, t.file or "", t.name, t.at, t.decided_name or "", t.reason) for t in found),
        )
    return DONE


_BAD = Text("模板不可用", "The template may not be used")


def _acted(args: Namespace, act: Callable[[Templates, Plant | None, Entered], TemplateVersion]) -> int:
    """Take one act as the person of a login; what is refused exits with 1 and is on the trail."""
    password = password_of(args)
    with opened(args.data) as installation, proved(installation, args, password) as who:
        try:
            if isinstance(who, Refused):
                raise who
            plant = _owner(installation, args)
            if plant is not None and not who.signed_in.roles_in(plant.key):
                raise NoSuchPlant(plant=args.plant or plant.key)
            done = act(templates(installation), plant, who)
        except Refused as refusal:
            say(f"{refusal.code}: {refusal.message}")
            if args.json:
                print_json({"refused": {"code": refusal.code, "message": refusal.message}})
            return PROBLEMS
    if args.json:
        print_json(asdict(done))
    else:
        print_table(("", ""), [("模板 template", done.object_id), ("状态 state", done.state), ("", done.file or "")])
    return DONE


def _owner(installation: Installation, args: Namespace) -> Plant | None:
    """The plant that is named, or None for the group."""
    if args.group:
        return None
    with installation.register.read() as reads:
        return choose_plant(reads, args.plant)


def _bytes(path: Path) -> bytes:
    if not path.is_file():
        raise NoSuchFileHere(path=str(path))
    return path.read_bytes()


def _told_problem(problem: TemplateProblem) -> dict[str, object]:
    return {
        "part": problem.place,
        "paragraph": problem.paragraph or None,
        "around": problem.around,
        "message": problem.text,
    }
