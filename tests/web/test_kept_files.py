"""Files of a refused step are offered again, and files that the plant keeps serve without another upload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.web.test_acting import Office, _text, office, world

if TYPE_CHECKING:
    from compliance.core.acts import ObjectRef

__all__ = ["office", "world"]


def _files(office: Office, page: str) -> list[tuple[ObjectRef, ...]]:
    with office.world.register.read() as reads:
        return [s.files for s in office.world.casework.look(reads, office.world.plants[0], office.key(page)).steps]


def _ticked(text: str) -> list[str]:
    return re.findall(r'name="existing" value="([0-9a-f]{64})" checked', text)


def test_a_refused_step_keeps_its_files_and_the_next_try_needs_no_upload(office: Office) -> None:
    page = office.find(approver=True)
    refused = office.take("recorder", page, "submit", files=2, evidence_day="2999-01-01")
    assert refused.status_code == 400
    waiting = _ticked(refused.text)
    assert len(waiting) == 2
    assert "您此前上传，尚未提交" in _text(refused)
    assert _ticked(office.at("recorder").get(page).text) == waiting
    done = office.take("recorder", page, "submit", existing=waiting, evidence_day="2026-11-20")
    assert done.status_code == 303
    ((first, second),) = _files(office, page)
    assert {first.sha256, second.sha256} == set(waiting)
    assert {first.name, second.name} == {"报告 0.pdf", "报告 1.pdf"}


def test_what_was_unticked_is_not_handed_in(office: Office) -> None:
    page = office.find(approver=True)
    waiting = _ticked(office.take("recorder", page, "submit", files=2, evidence_day="x").text)
    again = office.take("recorder", page, "submit", existing=waiting[:1], offered=waiting, evidence_day="y")
    assert _ticked(again.text) == waiting[:1]
    assert office.take("recorder", page, "submit", existing=waiting[:1], evidence_day="2026-11-20").status_code == 303
    assert [f.sha256 for f in _files(office, page)[0]] == waiting[:1]


def test_a_returned_case_is_handed_in_again_with_the_files_it_had(office: Office) -> None:
    page = office.find(approver=True)
    office.take("recorder", page, "submit", files=1, evidence_day="2026-11-20")
    office.take("checker", page, "return", reason="缺少盖章页")
    assert office.take("recorder", page, "submit", evidence_day="2026-11-21").status_code == 403
    text = _text(office.at("recorder").get(page))
    had = _files(office, page)[0][0]
    assert f'value="{had.sha256}"' in text
    assert "本件以前提交" in text
    again = office.take("recorder", page, "submit", existing=[had.sha256], evidence_day="2026-11-21")
    assert again.status_code == 303
    assert _files(office, page)[-1] == (had,)


def test_a_file_that_this_plant_does_not_keep_is_refused_and_named(office: Office) -> None:
    page = office.find(approver=True)
    answer = office.take("recorder", page, "submit", existing=["f" * 64], evidence_day="2026-11-20")
    assert answer.status_code == 400
    assert "本企业没有文件" in _text(answer)
    assert office.state(page) == "open"
