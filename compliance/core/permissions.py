"""Who may do what: permission sets over acts. Posts and the separation of duties join with the people's acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from compliance.kernel.errors import Refused
from compliance.kernel.text import Text


class Permission(StrEnum):
    """One thing that a person may be allowed to do in a plant."""

    VIEW = "view"
    IMPORT = "import"
    ENTER = "enter"
    RECONCILE = "reconcile"
    RULES = "rules"
    CHANGE_RULES = "change-rules"
    TEMPLATES = "templates"
    ADMINISTRATOR = "administrator"


_READ = frozenset({Permission.VIEW, Permission.RULES})
_ENTER = _READ | {Permission.ENTER}
_WORK = _ENTER | {Permission.IMPORT, Permission.RECONCILE}

#: What each role of a membership may do. An unknown role may do nothing.
SETS: Mapping[str, frozenset[Permission]] = {
    "compliance-officer": _WORK | {Permission.CHANGE_RULES, Permission.TEMPLATES},
    "auditor": _READ,
    "document-controller": _READ | {Permission.CHANGE_RULES, Permission.TEMPLATES},
    "department": _ENTER,
    "verifier": _READ,
    "records": _READ,
    "administrator": _WORK | {Permission.ADMINISTRATOR},
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """The person may."""


@dataclass(frozen=True, slots=True)
class Denied:
    """The person may not, and why."""

    reason: Text


class MayNot(Refused):
    """The act needs a permission that the person does not hold in this plant."""

    code = "may-not"
    text: ClassVar[Text] = Text(zh="{reason}", en="{reason}")


_NEEDS: Mapping[Permission, Text] = {
    Permission.VIEW: Text(zh="您没有查看该企业的权限", en="You may not see this plant"),
    Permission.IMPORT: Text(
        zh="导入数据需要“合规专员”或“系统管理员”权限",
        en="Importing data needs the role compliance officer or administrator",
    ),
    Permission.ENTER: Text(
        zh="逐条填写数据需要“责任部门”“合规专员”或“系统管理员”权限",
        en="Entering data needs the role department, compliance officer or administrator",
    ),
    Permission.RECONCILE: Text(
        zh="对账需要“合规专员”或“系统管理员”权限",
        en="Reconciling needs the role compliance officer or administrator",
    ),
    Permission.RULES: Text(zh="您没有查看规则库的权限", en="You may not read the rule base"),
    Permission.CHANGE_RULES: Text(
        zh="修改规则需要“合规专员”或“文件管理员”权限",
        en="Changing rules needs the role compliance officer or document controller",
    ),
    Permission.TEMPLATES: Text(
        zh="提出或发布文件模板需要“合规专员”或“文件管理员”权限",
        en="Proposing or publishing templates needs the role compliance officer or document controller",
    ),
    Permission.ADMINISTRATOR: Text(zh="此操作需要“系统管理员”权限", en="This needs the role administrator"),
}


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything that the roles of a membership allow."""
    return frozenset().union(*(SETS.get(role, frozenset()) for role in roles))


def may(roles: Iterable[str], act: Permission) -> Allowed | Denied:
    """Whether a person with these roles in a plant may do something there."""
    return Allowed() if act in permissions_of(roles) else Denied(_NEEDS[act])
