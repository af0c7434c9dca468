"""Templates of documents: by which one a version was made; those of a plant and of the group, and what is done to them.

Every operation on a plant's own templates is there a second time, on the group's: its name and address say so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from compliance.core.controlled import DocumentAtHand
from compliance.core.documents import NoSuchDocument, TemplateProblem
from compliance.core.permissions import Permission
from compliance.core.templates import OPEN, Looked, Source, Templates, TemplateVersion
from compliance.kernel.canonical import digest
from compliance.kernel.text import Text
from compliance.rulebase.schema import Document
from compliance.web import access
from compliance.web.api.errors import WrongValues
from compliance.web.api.files import handed_in, mark
from compliance.web.api.operations import Asked, Operation, Query, Upload, View, operation
from compliance.web.api.shapes import NAME, SAID, SHA256, ListOf, Maybe, Moment, Record, Truth, Whole, Word, Wrong
from compliance.web.api.telling import here, moment, said
from compliance.web.api.template_shapes import CHECKED, DETAIL, OWN
from compliance.web.files import clean_name
from compliance.web.own_templates import GROUP, file_of, look, origins_of, owner, shipped_file, used_of
from compliance.web.proving import proves

_PARTS = {"plant": NAME, "document": NAME, "number": Whole()}
_REASON = Word(1000, 1, like="本厂版式")
_TYPE = Query(NAME, Text("文件类别的标识或代码", "id or code of the type of document"))


def _both(given: Operation) -> Callable[[View], View]:
    """Serve an operation on a plant's templates, and the same one on the group's."""
    of_group = replace(
        given,
        name=given.name.replace(_OF_PLANT, GROUP),
        path=given.path.replace("/templates", "/group-templates"),
        title=Text(f"集团模板：{given.title.zh}", f"of the group: {given.title.en}"),
    )

    def declare(view: View) -> View:
        return operation(of_group)(operation(given)(view))

    return declare


_OF_PLANT = "template"
VERSION_TEMPLATE = Record(
    "VersionTemplate",
    {
        "place": Whole(),
        "label": NAME,
        "sha256": SHA256,
        "source": Word(words=tuple(Source)),
        "name": NAME,
        "in_use": Truth(),
        "number": Maybe(Whole()),
        "published_by": Word(),
        "published_at": Maybe(Moment()),
    },
)


def made_with(about: DocumentAtHand) -> list[dict[str, Any]]:
    """By which template each version was made; one that was never drafted by none yet."""
    found = origins_of(about)
    return [
        {
            "place": v.place,
            "label": v.label,
            "sha256": made.sha256,
            "source": made.source.value,
            "name": made.name,
            "in_use": made.in_use,
            "number": made.number,
            "published_by": made.published_by,
            "published_at": moment(made.published_at) if made.published_at else None,
        }
        for v in about.versions
        if (made := found.get(v.place))
    ]


@_both(
    Operation(
        name="templates",
        method="GET",
        path="/plants/{plant}/templates",
        title=Text(
            "文件类别与自有模板", "types of documents with the template in use, and every template of the plant"
        ),
        parts={"plant": NAME},
        query={"type": _TYPE},
        answer=Record(
            "Templates",
            {
                "types": ListOf(
                    Record(
                        "TemplateType",
                        {
                            "document": NAME,
                            "code": Word(),
                            "title": SAID,
                            "shipped": NAME,
                            "in_use": Maybe(Whole()),
                            "of_group": Maybe(Whole()),
                        },
                    )
                ),
                "rows": ListOf(Record("Template", OWN)),
            },
        ),
    )
)
def listing(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Every type with the numbers of the own template in use and the group's (null: none); templates, newest first.

    The plant's own goes before the group's, and that before the shipped one.
    """
    doing, whose = _doing(), owner()
    types = doing.types(whose)
    if name := asked.query.get("type"):
        types = [_type(name)]
    with doing.register.read() as reads:
        known = reads.templates(whose, types[0].id if name else "")
        of_group = reads.templates(None, types[0].id if name else "") if whose else known
    used, used_by_group = used_of(known), used_of(of_group)
    return {
        "types": [
            {
                "document": rule.id,
                "code": rule.code,
                "title": said(rule.title),
                "shipped": rule.template,
                "in_use": used[rule.id].number if rule.id in used else None,
                "of_group": used_by_group[rule.id].number if rule.id in used_by_group else None,
            }
            for rule in types
        ],
        "rows": [_told(one) for one in known],
    }


@_both(
    Operation(
        name="template",
        method="GET",
        path="/plants/{plant}/templates/{document}/{number}",
        title=Text("一个模板：样张、办理、可发布的人", "one template: its files, who did what, who may publish it"),
        parts=_PARTS,
        answer=DETAIL,
    )
)
def template(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """One template."""
    return _detail(look(asked.path["document"], asked.path["number"]))


@_both(
    Operation(
        name="template_file",
        method="GET",
        path="/plants/{plant}/templates/{document}/{number}/files/{kind}",
        title=Text("模板、样张或样张的 PDF", "the template, its sample, or the sample's pages"),
        parts={**_PARTS, "kind": Word(words=("template", "sample", "pdf"))},
    )
)
def file(asked: Asked) -> Any:  # noqa: ANN401 - a file
    """A file of a template."""
    return file_of(look(asked.path["document"], asked.path["number"]), asked.path["kind"])


@operation(
    Operation(
        name="template_shipped_file",
        method="GET",
        path="/plants/{plant}/templates/{document}/shipped",
        title=Text("随附模板", "the template that every plant has"),
        parts={"plant": NAME, "document": NAME},
    )
)
def shipped(asked: Asked) -> Any:  # noqa: ANN401 - a file
    """The shipped template, to be changed and proposed."""
    return shipped_file(asked.path["document"])


@_both(
    Operation(
        name="template_check",
        method="POST",
        path="/plants/{plant}/templates/check",
        title=Text("检查上传的模板；不保存", "check an uploaded template; nothing is kept"),
        parts={"plant": NAME},
        query={"type": _TYPE, "name": Query(NAME, Text("文件名", "name of the file"))},
        upload=Upload(mark),
        answer=CHECKED,
        permission=Permission.TEMPLATES,
    )
)
def check(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Everything that is wrong with a template, and the advised sections that it leaves out. No act, so no leaf."""
    rule, (_name, data) = _type(asked.query.get("type", "")), _uploaded()
    found = _doing().check(owner(), rule, data)
    return {
        "sha256": digest(data),
        "problems": [_problem(one) for one in found.problems[:_MOST]],
        "lacks": [{"section": s.id, "title": said(s.title), "requirements": list(s.requirements)} for s in found.lacks],
    }


@_both(
    Operation(
        name="template_propose",
        method="POST",
        path="/plants/{plant}/templates",
        title=Text("提出模板，由另一人发布", "propose a template for another person to publish"),
        parts={"plant": NAME},
        query={
            "type": _TYPE,
            "reason": Query(_REASON, Text("理由", "why")),
            "name": Query(NAME, Text("文件名", "name of the file")),
        },
        upload=Upload(mark),
        answer=DETAIL,
        status=201,
        permission=Permission.TEMPLATES,
    )
)
def propose(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Keep a checked template with its sample; what is wrong with it is named with its places."""
    rule, (name, data) = _type(asked.query.get("type", "")), _uploaded()
    reason = asked.query.get("reason", "")
    made = _doing().propose(owner(), access.signed_in(), rule, data, name=name, reason=reason)
    return _detail(look(made.document, made.number))


@_both(
    Operation(
        name="template_return",
        method="POST",
        path="/plants/{plant}/templates/{document}/returns",
        title=Text(
            "提出回退到某一模板，不给编号则为随附模板",
            "propose going back to a template; without a number the shipped one",
        ),
        parts={"plant": NAME, "document": NAME},
        body=Record("TemplateReturn", {"number": Whole(1), "reason": _REASON}, frozenset({"number"})),
        answer=DETAIL,
        status=201,
        permission=Permission.TEMPLATES,
    )
)
def go_back(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Propose an earlier template again, or the shipped one."""
    rule, body = _type(asked.path["document"]), asked.body
    made = _doing().go_back(owner(), access.signed_in(), rule, body.get("number"), body["reason"])
    return _detail(look(made.document, made.number))


@_both(
    Operation(
        name="template_publish",
        method="POST",
        path="/plants/{plant}/templates/{document}/{number}/publish",
        title=Text(
            "签署并发布；seen 为所见文件的哈希（随附模板为空）",
            "sign and publish; seen is the digest of the file you saw (empty: the shipped one)",
        ),
        parts=_PARTS,
        body=Record(
            "TemplateSigned",
            {"seen": Word(64), "password": Word(1024, secret=True), "code": Word(64, secret=True)},
            frozenset({"code"}),
        ),
        answer=DETAIL,
        permission=Permission.TEMPLATES,
    )
)
def publish(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Put a template into use, as another person than its author."""
    found, body = look(asked.path["document"], asked.path["number"]), asked.body
    # No password is tried for what would be refused anyway.
    method = proves(body) if found.refused is None and found.template.state == OPEN else ""
    one = found.template
    _doing().publish(owner(), access.signed_in(), one.document, one.number, seen=body["seen"], method=method)
    return template(asked)


@_both(
    Operation(
        name="template_reject",
        method="POST",
        path="/plants/{plant}/templates/{document}/{number}/reject",
        title=Text("退回；提出人则为撤回", "send a template back; its author takes it back"),
        parts=_PARTS,
        body=Record("TemplateRejected", {"reason": _REASON}),
        answer=DETAIL,
        permission=Permission.TEMPLATES,
    )
)
def reject(asked: Asked) -> Any:  # noqa: ANN401 - JSON
    """Send a template back with the reason."""
    one = look(asked.path["document"], asked.path["number"]).template
    _doing().reject(owner(), access.signed_in(), one.document, one.number, asked.body["reason"])
    return template(asked)


#: How many problems of a template are told.
_MOST = 200


def _doing() -> Templates:
    return access.services().templates()


def _type(name: str) -> Document:
    """The type of an id or code; a name that means none is a wrong value."""
    try:
        return _doing().type_named(name)
    except NoSuchDocument as error:
        raise WrongValues([Wrong("?type", error.message)]) from error


def _uploaded() -> tuple[str, bytes]:
    """Name and bytes of the one file of the request."""
    files = [one for one in handed_in() if one.filename]
    if len(files) != 1:
        raise WrongValues([Wrong("#", Text("须为一个 .docx 文件", "is one .docx file"))])
    return clean_name(files[0].filename or ""), files[0].stream.read()


def _problem(one: TemplateProblem) -> dict[str, Any]:
    told = {"part": one.place, "paragraph": one.paragraph or None, "around": one.around[:1000]}
    return {**told, "message": said(one.text)}


def _told(one: TemplateVersion) -> dict[str, Any]:
    return {
        "document": one.document,
        "number": one.number,
        "state": one.state,
        "sha256": one.file,
        "name": one.file_name,
        "reason": one.reason,
        "login": one.login,
        "by": one.name,
        "at": moment(one.at),
        "lacks": one.lacks.split(),
        "decided_by": one.decided_login,
        "decided_name": one.decided_name,
        "decided_at": moment(one.decided_at) if one.decided_at else None,
        "decided_why": one.decided_why,
        "href": here("templates" if owner() else "group-templates", one.document, one.number),
    }


def _detail(found: Looked) -> dict[str, Any]:
    one, refused = found.template, found.refused
    kept = {"template": one.file, "sample": one.sample, "pdf": _doing().pdf_of(one)}
    return {
        **_told(one),
        "files": [{"kind": kind, "sha256": sha256} for kind, sha256 in kept.items() if sha256],
        "pages": _doing().page_count(one),
        "rule": found.rule,
        "refused": {"code": refused.code, "reason": said(refused.message)} if refused else None,
        "may_publish": [user.login for user in found.others] if one.state == OPEN else [],
        "made": list(found.made),
        "apart": [plant.key for plant in found.apart],
    }
