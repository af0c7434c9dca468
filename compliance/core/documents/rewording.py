"""What another wording of a document's rule, or another state of a factor, means for the document: in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from compliance.core.documents.basis import Facts
from compliance.core.factors import Standing
from compliance.kernel.text import Text
from compliance.rulebase.rulebase import RuleBase
from compliance.rulebase.schema import Document, Post, Section, SectionKind, Strength

#: Posts of a rule by the name of the field.
_POSTS = {
    "author": Text("编制岗位", "the post that draws it up"),
    "reviewer": Text("审核岗位", "the post that reviews it"),
    "approver": Text("批准岗位", "the post that approves it"),
}
_WORDS = {
    "retention": Text("保存期限", "how long it is kept"),
    "review_months": Text("评审周期", "how often it is reviewed"),
    "distribution": Text("发放范围", "who receives it"),
    "data": Text("所用数据", "the data that fill it"),
    "title": Text("标题", "its title"),
    "aliases": Text("别名", "its other names"),
}
_STRENGTH = {Strength.SHALL: Text("应", "demanded"), Strength.SHOULD: Text("宜", "advised")}


def wording_reasons(
    old: Document | None, new: Document, rulebase: RuleBase, on: date, *, template: bool = True
) -> Iterator[Text]:
    """What the present wording asks that the one of the version did not, and what it asks no more.

    ``template``: whether it matters by which template the document is made.
    """
    name = f"{new.code or new.id}"
    if old is not None and not template:
        old = replace(old, template=new.template)
        if replace(old, digest=new.digest, file=new.file, line=new.line) == new:
            return
    found = [] if old is None else [*_sections(name, old, new), *_rest(name, old, new, rulebase, on)]
    yield from found or [
        Text(f"规则 {name} 的条文已修订", f"the wording of the rule {name} was changed"),
    ]


def _sections(name: str, old: Document, new: Document) -> Iterator[Text]:
    for section in new.sections:
        before = old.section(section.id)
        title = section.title
        if before is None:
            word = _STRENGTH.get(section.strength, Text("可", "optional"))
            yield Text(
                f"规则 {name} 新增章节“{title.zh}”（{word.zh}）",
                f"the rule {name} has a further section “{title.en}” ({word.en})",
            )
        elif before != section:
            yield _changed(name, before, section)
    for section in old.sections:
        if new.section(section.id) is None:
            yield Text(
                f"规则 {name} 不再有章节“{section.title.zh}”",
                f"the rule {name} has no section “{section.title.en}” any more",
            )


def _changed(name: str, before: Section, after: Section) -> Text:
    title = after.title
    if before.strength is not after.strength and after.strength is Strength.SHALL:
        return Text(
            f"规则 {name} 现要求必须有章节“{title.zh}”", f"the rule {name} now demands the section “{title.en}”"
        )
    if after.kind is SectionKind.TABLE and before.columns != after.columns:
        return Text(
            f"规则 {name} 的章节“{title.zh}”表头已变", f"the table “{title.en}” of the rule {name} has other columns"
        )
    return Text(f"规则 {name} 的章节“{title.zh}”已修订", f"the section “{title.en}” of the rule {name} was changed")


def _rest(name: str, old: Document, new: Document, rulebase: RuleBase, on: date) -> Iterator[Text]:
    for part, called in _POSTS.items():
        before, after = getattr(old, part), getattr(new, part)
        if before != after:
            was, now = _post(rulebase, before, on), _post(rulebase, after, on)
            yield Text(
                f"规则 {name} 的{called.zh}由“{was.zh}”改为“{now.zh}”",
                f"{called.en} was “{was.en}” and is now “{now.en}” (rule {name})",
            )
    for part, called in _WORDS.items():
        if getattr(old, part) != getattr(new, part):
            yield Text(f"规则 {name} 的{called.zh}已变", f"the rule {name} changed {called.en}")
    if old.template != new.template:
        yield Text(
            f"规则 {name} 改用模板 {new.template}（原 {old.template}）",
            f"the rule {name} uses the template {new.template} instead of {old.template}",
        )


def _post(rulebase: RuleBase, post: str | None, on: date) -> Text:
    found = rulebase.nearest(Post, post, on) if post else None
    return found.title if found else Text(post or "—", post or "—")


def factor_reasons(before: Mapping[str, Facts], after: Mapping[str, Facts]) -> Iterator[tuple[str, Text]]:
    """Each factor that is not what it was, with a sentence."""
    for code in sorted(before.keys() | after.keys()):
        old, new = before.get(code), after.get(code)
        if old != new:
            yield code, _factor(code, old, new)


def _factor(code: str, old: Facts | None, new: Facts | None) -> Text:
    name = (new or old or {}).get("name", code)
    if old is None:
        return Text(f"现在还用到因子 {name}（{code}）", f"the factor {name} ({code}) is now used too")
    if new is None:
        return Text(f"因子 {name}（{code}）不再使用", f"the factor {name} ({code}) is used no more")
    if (old["value"], old["unit"]) != (new["value"], new["unit"]):
        was, now = f"{old['value']} {old['unit']}".strip(), f"{new['value']} {new['unit']}".strip()
        return Text(
            f"因子 {name}（{code}）由 {was} 变为 {now}", f"the factor {name} ({code}) was {was} and is now {now}"
        )
    if (old["standing"], old["verified_by"], old["verified_at"]) != (
        new["standing"], new["verified_by"], new["verified_at"],
    ):  # fmt: skip
        if new["standing"] != Standing.VERIFIED:
            return Text(f"因子 {name}（{code}）不再是已核实", f"the factor {name} ({code}) is verified no more")
        day = new["verified_at"].partition("T")[0]
        return Text(
            f"因子 {name}（{code}）已重新核实（{new['verified_by']} {day}）".replace(" ）", "）"),
            f"the factor {name} ({code}) was verified anew ({new['verified_by']} {day})".replace(" )", ")"),
        )
    return Text(f"因子 {name}（{code}）的来源已变", f"the factor {name} ({code}) has another source")
