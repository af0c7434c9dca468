"""Rules are not put into use while a template in use, a plant's own or the group's, would not do under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.core.proposals.refusals import TemplatesDoNotFit
from compliance.kernel.text import Text

_GROUP = Text("集团", "the group")


def insist_on_templates(rows: Sequence[Mapping[str, Any]]) -> None:
    """Raise :class:`TemplatesDoNotFit`, naming them, where a plan tells of templates that would not be admitted."""
    if rows:
        zh = "；".join(f"{r['plant'] or _GROUP.zh} {r['document']}：{r['problems'][0]['zh']}" for r in rows)
        en = "; ".join(f"{r['plant'] or _GROUP.en} {r['document']}: {r['problems'][0]['en']}" for r in rows)
        raise TemplatesDoNotFit(templates=Text(zh, en))
