"""What the API says of templates: the shapes of a template, of one in detail, and of what a look at one found."""

from __future__ import annotations

from compliance.web.api.shapes import NAME, SAID, SHA256, ListOf, Maybe, Moment, Record, Whole, Word

SECTION = Record("TemplateSection", {"section": NAME, "title": SAID, "requirements": ListOf(NAME)})
OWN = {
    "document": NAME,
    "number": Whole(),
    "state": NAME,
    "sha256": Maybe(SHA256),
    "name": NAME,
    "reason": Word(1000),
    "login": NAME,
    "by": Word(),
    "at": Moment(),
    "lacks": ListOf(NAME),
    "decided_by": Maybe(NAME),
    "decided_name": Maybe(Word()),
    "decided_at": Maybe(Moment()),
    "decided_why": Word(1000),
    "href": Word(1000, like="/api/v1/…"),
}
DETAIL = Record(
    "TemplateDetail",
    {
        **OWN,
        "files": ListOf(Record("TemplateFile", {"kind": Word(words=("template", "sample", "pdf")), "sha256": SHA256})),
        "pages": Whole(),
        "rule": NAME,
        "refused": Maybe(Record("TemplateStepRefused", {"code": NAME, "reason": SAID})),
        "may_publish": ListOf(NAME),
        "made": ListOf(NAME),
        "apart": ListOf(NAME),
    },
)
CHECKED = Record(
    "TemplateChecked",
    {
        "sha256": SHA256,
        "problems": ListOf(
            Record(
                "TemplateProblem",
                {"part": Word(1000), "paragraph": Maybe(Whole()), "around": Word(1000), "message": SAID},
            )
        ),
        "lacks": ListOf(SECTION),
    },
)
