"""Plants of the group: who they are, and how far their data and their judgement reach."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from compliance.kernel.errors import WrongUse
from compliance.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant. ``key`` is the 统一社会信用代码; ``mark`` the last day that a pulse has judged (None = never)."""

    id: int
    key: str
    short: str | None
    name: str
    data_start: date
    data_end: date
    onboarded: date
    mark: date | None = None


class NoSuchPlant(WrongUse):
    """No plant of that key, or none that this person may see (the same answer for both)."""

    code = "no-such-plant"
    text: ClassVar[Text] = Text(zh="没有编号为“{plant}”的企业", en="There is no plant {plant!r}")


class NoPlantYet(NoSuchPlant):
    """None was named and there is none."""

    code = "no-plant-yet"
    text: ClassVar[Text] = Text(
        zh="还没有企业，请先导入工作簿（compliance import）",
        en="There is no plant yet: import a workbook first (compliance import)",
    )


class NamePlant(WrongUse):
    """Several plants are there and none was named."""

    code = "name-a-plant"
    text: ClassVar[Text] = Text(
        zh="有多个企业，请用 --plant 指明：{plants}", en="There are several plants; name one with --plant: {plants}"
    )
