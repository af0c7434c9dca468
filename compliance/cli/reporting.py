"""Commands about controlled documents: list, look, draft, act, issue, download, and a preview of a report."""

from __future__ import annotations

from argparse import Namespace

from compliance.adapters.document_lists import SqlDocumentLists
from compliance.bootstrap.documents import desk, document_rule
from compliance.bootstrap.installation import OPERATOR, Installation, opened
from compliance.bootstrap.usecases import casework
from compliance.cli.acting import Acting, answered, case_told, named_values, password_of, signed
from compliance.cli.output import DONE, PROBLEMS, print_json, print_table, say
from compliance.core.cases import CaseKey, NoSuchCase, Wish
from compliance.core.controlled import DOCUMENT, ControlledDocument, DocumentAtHand, DocumentVersion, at_hand
from compliance.core.documents import NONCONFORMITY_REPORT, DocumentQuery, NotIssued
from compliance.core.lists import LARGEST_EXPORT
from compliance.core.looking import choose_plant
from compliance.core.plants import Plant
from compliance.kernel.canonical import digest
from compliance.kernel.text import Text

#: The step that `document issue` takes.
_ISSUE = "issue"


def report(args: Namespace) -> int:
    """Write a preview of the report on a nonconformity as it stands: marked as a draft, and kept nowhere."""
    with opened(args.data) as installation:
        plant = _plant(installation, args.plant)
        rule = document_rule(installation, NONCONFORMITY_REPORT)
        number, made = desk(installation).preview(plant, rule, args.number)
        args.out.write_bytes(made)
    if args.json:
        print_json({"number": number, "file": str(args.out), "sha256": digest(made)})
    else:
        say(Text(f"已写出预览（未存档）：{args.out}", f"Wrote a preview, kept nowhere: {args.out}"))
    return DONE


def document_list(args: Namespace) -> int:
    """Every document, newest first."""
    with opened(args.data) as installation:
        plant = _plant(installation, args.plant)
        query = DocumentQuery(state=args.state or "", limit=LARGEST_EXPORT, on=installation.clock.today())
        rows = SqlDocumentLists(installation.register.database).documents(plant, query).rows
    if args.json:
        print_json([{**_version(r.version), **_entry(r.document)} for r in rows])
    else:
        heading = ("编号 number", "版本 version", "状态 state", "对象 about", "生效 effective", "保存至 keep until")
        print_table(
            heading,
            (
                (d.number, v.label, v.state, d.about, v.effective or "", d.retain_until or "")
                for d, v in ((r.document, r.version) for r in rows)
            ),
        )
    return DONE


def document_show(args: Namespace) -> int:
    """One version: its register entry, all versions, steps and what may follow."""
    with opened(args.data) as installation:
        plant = _plant(installation, args.plant)
        about = _at_hand(installation, plant, args.number)
        with installation.register.read() as reads:
            looked = casework(installation).look(reads, plant, CaseKey(DOCUMENT, about.version.object_id))
    known = about.document
    if args.json:
        entry = {"about": known.about, "retention": known.retention, "retain_until": known.retain_until}
        print_json({**case_told(looked), **entry, "versions": [_version(v) for v in about.versions]})
        return DONE
    print_table(("", ""), [("编号 number", known.number), ("标题 title", known.title), ("对象 about", known.about)])
    heading = ("版本 version", "状态 state", "生效 effective", "缘由 why", "终止 ended")
    print_table(heading, ((v.label, v.state, v.effective or "", v.why, v.ended_why) for v in about.versions))
    return DONE


def document_draft(args: Namespace) -> int:
    """Draft what has no draft yet; 1 where something could not be drafted, with the reason."""
    with opened(args.data) as installation:
        plant = _plant(installation, args.plant)
        drafts = desk(installation).draft_missing(plant, OPERATOR)
    if args.json:
        failed = [{"document": name, "code": e.code, "message": e.message} for name, e in drafts.failed.items()]
        print_json({"drafted": list(drafts.done), "failed": failed})
    else:
        for name in drafts.done:
            say(Text(f"已起草 {name}", f"Drafted {name}"))
        for name, error in drafts.failed.items():
            say(f"{name}: {error.code}: {error.message}")
    return PROBLEMS if drafts.failed else DONE


def document_act(args: Namespace) -> int:
    """Take a step of a document, signed by password."""
    return _acted(args, args.step)


def document_issue(args: Namespace) -> int:
    """Issue a version: render the final file, keep it, and put it in force."""
    args.field = [("effective", args.effective.isoformat())]
    args.reason = None
    return _acted(args, _ISSUE)


def document_download(args: Namespace) -> int:
    """Write the file of a version: what was issued (an ended version as a marked copy), else its draft."""
    with opened(args.data) as installation:
        plant = _plant(installation, args.plant)
        about = _at_hand(installation, plant, args.number)
        made = (
            _pages(installation, plant, about, stored=args.stored)
            if args.pdf
            else _file(installation, about, stored=args.stored)
        )
        args.out.write_bytes(made)
    if args.json:
        print_json({"document": about.version.object_id, "file": str(args.out), "sha256": digest(made)})
    else:
        say(Text(f"已写出 {about.version.object_id}：{args.out}", f"Wrote {about.version.object_id}: {args.out}"))
    return DONE


def _acted(args: Namespace, step: str) -> int:
    password = password_of(args)
    with opened(args.data) as installation, signed(installation, args, password) as acting:
        return answered(args, acting, lambda who: _take(who, args, step))


def _take(who: Acting, args: Namespace, step: str) -> dict[str, object]:
    at = who.installation
    about = _at_hand(at, who.plant, args.number)
    work = desk(at)
    with at.register.read() as reads:
        looked = work.casework.look(reads, who.plant, CaseKey(DOCUMENT, about.version.object_id))
    known = looked.thing.workflow.step(step)
    if known is None:
        raise NoSuchCase(name=step)
    values = named_values(looked, known, args, ())
    wish = Wish(looked.thing.key, step, values, (), looked.view.state, len(looked.steps))
    row = work.take(who.plant, who.person, wish, signed=True)
    version = _at_hand(at, who.plant, about.version.object_id).version
    return {"case": row.key.object_id, "state": row.state, "step": step, "issued": version.issued}


def _file(installation: Installation, about: DocumentAtHand, *, stored: bool) -> bytes:
    version = about.version
    if version.marked(installation.clock.today()) and not stored:
        return desk(installation).marked_copy(about)
    name = version.issued or version.draft
    if name is None:
        raise NotIssued(name=version.object_id)
    with installation.vault.open(name) as file:
        return file.read()


def _pages(installation: Installation, plant: Plant, about: DocumentAtHand, *, stored: bool) -> bytes:
    if about.version.marked(installation.clock.today()) and not stored:
        return desk(installation).marked_pages(about)
    version = desk(installation).make_pages(plant, about.version.object_id, OPERATOR)
    with installation.vault.open(str(version.pdf)) as file:
        return file.read()


def _plant(installation: Installation, key: str | None) -> Plant:
    with installation.register.read() as reads:
        return choose_plant(reads, key)


def _at_hand(installation: Installation, plant: Plant, name: str) -> DocumentAtHand:
    with installation.register.read() as reads:
        found = at_hand(reads, plant, name)
    if found is None:
        raise NoSuchCase(name=name)
    return found


def _entry(known: ControlledDocument) -> dict[str, object]:
    return {"document": known.rule, "about": known.about, "title": known.title}


def _version(version: DocumentVersion) -> dict[str, object]:
    return {
        "number": version.number,
        "version": version.label,
        "state": version.state,
        "why": version.why,
        "effective": version.effective,
        "issued_at": version.issued_at,
        "ended_at": version.ended_at,
        "ended_why": version.ended_why,
        "superseded_by": version.superseded_by,
        "files": {
            name: getattr(version, name) for name in ("draft", "data", "template", "issued", "issued_data", "pdf")
        },
    }
