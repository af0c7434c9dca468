"""Why a template is not proposed, not published, not sent back."""

from __future__ import annotations

from typing import ClassVar

from compliance.kernel.errors import Refused, WrongUse
from compliance.kernel.text import Text


class OwnTemplate(Refused):
    """Nobody publishes a template that they proposed."""

    code = "own-template"
    text: ClassVar[Text] = Text(
        zh="模板的提出人与发布人须为不同的人（规则 {rule}）",
        en="Whoever proposed a template does not publish it (rule {rule})",
    )


class NotGroupTemplates(Refused):
    """The person may not publish templates everywhere that one of the group holds."""

    code = "not-group-templates"
    text: ClassVar[Text] = Text(
        zh="集团模板适用于所有企业：须在每个企业（或集团）具有“合规专员”或“文件管理员”权限（规则 {rule}）",
        en="The group's templates are for every plant: this needs the role compliance officer or document controller "
        "in each of them, or in the group (rule {rule})",
    )


class TemplateWaits(Refused):
    """Another template of the type waits: it is published or sent back first."""

    code = "template-waits"
    text: ClassVar[Text] = Text(
        zh="模板 {name} 尚待发布，请先发布或退回", en="Template {name} waits: publish it or send it back first"
    )


class SameTemplate(Refused):
    """The template is in use already."""

    code = "same-template"
    text: ClassVar[Text] = Text(zh="与使用中的模板相同", en="This is the template in use")


class NoSuchTemplate(WrongUse):
    """There is no such template, or it does not wait any more."""

    code = "no-such-template"
    text: ClassVar[Text] = Text(zh="没有模板 {name}，或已办结", en="There is no template {name}, or it is settled")


class OtherFile(Refused):
    """What would be published is not what was looked at."""

    code = "other-file"
    text: ClassVar[Text] = Text(
        zh="签署的不是该模板的文件（应为 {digest}）", en="What was signed is not the file of this template ({digest})"
    )
