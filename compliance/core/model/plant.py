"""The plant itself: company, lines, departments, persons, emission sources."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from compliance.core.model.base import Cell, Refers, Row, column, day, quantity, sheet


@sheet("企业信息", "company_item", ("item",))
@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyItem(Row):
    """One line of the company's master data; days stand as ISO text, numbers as decimal text."""

    item: str = column("项目", words="company-item")
    content: str | None = column("内容", Cell.ANY)


@sheet("生产线", "production_line", ("line",))
@dataclass(frozen=True, slots=True, kw_only=True)
class ProductionLine(Row):
    """A kiln line; capacity in t clinker a day (10⁻⁶ units)."""

    line: str = column("生产线编号")
    name: str | None = column("名称", Cell.FREE)
    capacity: int | None = quantity("设计熟料产能（吨/日）")
    started: date | None = day("投产日期")
    clinker_class: str | None = column("熟料类别")


@sheet("部门", "department", ("number",))
@dataclass(frozen=True, slots=True, kw_only=True)
class Department(Row):
    """A department, and the time in which it leads carbon management."""

    number: str = column("部门编号")
    name: str | None = column("部门名称")
    leads: str | None = column("碳管理牵头部门", words="yes-no")
    leads_from: date | None = day("牵头起")
    leads_until: date | None = day("牵头止", ends="leads_from")


@sheet("人员", "person_period", ("account", "since"))
@dataclass(frozen=True, slots=True, kw_only=True)
class PersonPeriod(Row):
    """One period of a person in a department with posts (words joined by 、)."""

    account: str = column("账号")
    name: str | None = column("姓名", Cell.FREE)
    department: str | None = column("部门", refers=Refers.DEPARTMENT)
    posts: str | None = column("角色")
    since: date = day("任职起")
    until: date | None = day("任职止", ends="since")


@sheet("排放源清单", "emission_source", ("number",))
@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionSource(Row):
    """An emission source and the boundaries that count it."""

    number: str = column("排放源编号")
    system: str | None = column("系统", words="source-system")
    directness: str | None = column("排放类型", words="source-directness")
    category: str | None = column("排放源类别", words="source-category")
    facility: str | None = column("设施", Cell.FREE)
    line: str | None = column("生产线", refers=Refers.LINE_OR_PLANT)
    material: str | None = column("燃料/物料")
    department: str | None = column("责任部门", refers=Refers.DEPARTMENT)
    in_management: str | None = column("管理边界", words="yes-no")
    in_enterprise: str | None = column("企业层级边界", words="yes-no")
    in_ets: str | None = column("全国碳市场边界", words="yes-no")
    state: str | None = column("状态", words="source-state")
