"""The page about the language cannot go stale: all its examples together are a sound rule base."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from compliance.rulebase.loader import load
from compliance.rulebase.schema import FactType, PropType
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'schema = 1\n[defaults]\nsource.document = "Example"\nin_force = { from = 2020-01-01 }\n\n'
DEALS = FactType(
    "deals",
    {
        "deal": PropType.TEXT,
        "signed": PropType.FLAG,
        "amount": PropType.NUMBER,
        "done": PropType.DAY,
        "limit": PropType.DAY,
    },
    parameters=("approval", "most_days"),
)


def test_every_example_of_the_page_is_sound_and_every_kind_has_one(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    snippets = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "page.toml").write_text(HEAD + "\n".join(snippets), encoding="utf-8")
    base, problems = load(tmp_path, {"deals": DEALS}, {"filing", "review"})
    assert [f"{p.line} {p.rule} {p.message.en}" for p in problems] == []
    assert base is not None
    assert all(base.counts().values()), base.counts()
