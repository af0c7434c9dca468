"""Acts that the rules refuse: a locked month, reductions used twice, a programme with a hole; each with one leaf."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from compliance.adapters.example import example_plant, write
from compliance.bootstrap.installation import OPERATOR, Installation
from compliance.bootstrap.usecases import import_file, pulse
from compliance.core.imports import ImportRefused, ImportReport, RowsRefused
from compliance.core.model import CoalSample, Department, LedgerApproval, Reading, Row
from tests.system.conftest import TODAY
from tests.system.test_entries import entered, leaves, rows
from tests.system.test_reconcile import stored, the_plant

#: A month whose ledgers are approved, and one that is still open.
LOCKED, OPEN = date(2026, 3, 9), date(2026, 6, 9)


def reading(installation: Installation, day: date) -> Reading:
    found = (r for r in rows(installation, Reading) if isinstance(r, Reading) and r.on == day and r.amount)
    return next(found)


def corrected(installation: Installation, day: date, **others: str) -> ImportReport | ImportRefused:
    one = reading(installation, day)
    values = _values(one) | {"amount": "1.5"} | others
    return entered(installation, Reading.SHEET.table, values, reason="抄表错误")


def amended(installation: Installation, day: date, **others: str) -> ImportReport | ImportRefused:
    values = {
        "number": "TZ-R1",
        "ledger": "碳排放数据台账",
        "month": day.isoformat()[:7],
        "preparer": str(next(iter(approvals(installation))).preparer),
        "prepared_on": TODAY.isoformat(),
    }
    return entered(installation, "ledger_approval", values | others)


def approvals(installation: Installation) -> list[LedgerApproval]:
    return [r for r in rows(installation, LedgerApproval) if isinstance(r, LedgerApproval) and r.preparer]


def test_a_locked_month_takes_no_correction_without_an_amended_ledger(installation: Installation) -> None:
    before, was = leaves(installation), reading(installation, LOCKED)
    refused = corrected(installation, LOCKED)
    assert isinstance(refused, RowsRefused)
    (problem,) = refused.problems
    assert (problem.sheet, problem.row) == ("每日数据", 2)
    for said in ("2026-03", "数量", "finding.corrected-after-lock", "7.2 a)", "修订版"):
        assert said in problem.message.zh
    assert "locked" in problem.message.en
    assert reading(installation, LOCKED) == was
    assert leaves(installation) == before + 1  # the refusal

    assert isinstance(amended(installation, LOCKED), ImportReport)
    assert isinstance(corrected(installation, LOCKED), ImportReport)
    assert reading(installation, LOCKED).amount == 1_500_000


def test_an_open_month_and_a_remark_are_corrected_as_ever(installation: Installation) -> None:
    assert isinstance(corrected(installation, OPEN), ImportReport)
    amount = reading(installation, LOCKED).amount
    assert amount is not None
    remark = corrected(installation, LOCKED, amount=f"{amount / 1_000_000:.6f}", remark="补充说明")
    assert isinstance(remark, ImportReport)
    assert remark.sheets["每日数据"].changed == 1


def test_the_amended_ledger_locks_again_once_it_is_approved(installation: Installation) -> None:
    assert isinstance(amended(installation, LOCKED), ImportReport)
    (row,) = [r for r in approvals(installation) if r.number == "TZ-R1"]
    first = next(r for r in approvals(installation) if r.approver and r.checker)
    done = {
        "checker": str(first.checker),
        "checked_on": TODAY.isoformat(),
        "approver": str(first.approver),
        "approved_on": TODAY.isoformat(),
        "preparer": str(row.preparer),
    }
    assert isinstance(entered(installation, "ledger_approval", _values(row) | done, reason="修订批准"), ImportReport)
    assert isinstance(corrected(installation, LOCKED), RowsRefused)


def test_taking_the_approval_back_in_the_same_file_opens_nothing(installation: Installation, tmp_path: Path) -> None:
    """A workbook that corrects a value and empties the approval of its month is refused all the same."""
    book = example_plant(TODAY)
    head, *readings = book[Reading.SHEET.heading]
    of_day = next(row for row in readings if row[head.index("日期")] == LOCKED and row[head.index("数量")])
    of_day[head.index("数量")] = 7
    head, *ledgers = book[LedgerApproval.SHEET.heading]
    for row in (row for row in ledgers if row[head.index("所属月份")] == "2026-03"):
        row[head.index("批准日期")] = row[head.index("批准人")] = None
    write(book, tmp_path / "corrected.xlsx")
    refused = import_file(installation, tmp_path / "corrected.xlsx", OPERATOR, "更正", lambda *_: None)
    assert isinstance(refused, RowsRefused)
    assert refused.as_json()["problems"]


def test_an_approval_is_not_taken_back_by_a_correction(installation: Installation) -> None:
    """A month is opened by an amended ledger alone; other fields of the approved row are corrected as ever."""
    row = next(r for r in approvals(installation) if r.month == "2026-03" and r.ledger == "碳排放数据台账")
    assert row.approved_on is not None
    plain = _values(row)
    undone = (
        {name: value for name, value in plain.items() if name != "approved_on"} | {"approved_on": ""},
        {name: value for name, value in plain.items() if name != "approver"} | {"approver": ""},
        plain | {"month": "2026-02"},
        plain | {"ledger": "月度碳资产台账"},
    )
    for values in undone:
        before = leaves(installation)
        refused = entered(installation, LedgerApproval.SHEET.table, values, reason="批准有误")
        assert isinstance(refused, RowsRefused), values
        said = refused.problems[0].message
        assert "finding.approval-taken-back" in said.zh
        assert "修订版" in said.zh
        assert "amended" in said.en
        assert leaves(installation) == before + 1
    assert row in approvals(installation)
    assert isinstance(corrected(installation, LOCKED), RowsRefused)
    later = plain | {"approved_on": TODAY.isoformat()}
    assert isinstance(entered(installation, LedgerApproval.SHEET.table, later, reason="日期誊写错误"), ImportReport)
    assert isinstance(corrected(installation, LOCKED), RowsRefused)


def _values(row: Row) -> dict[str, str]:
    said = {c.name: getattr(row, c.name) for c in type(row).SHEET.columns}
    return {name: str(value) for name, value in said.items() if value}


def spent(
    installation: Installation, number: str, what: str, amount: str, on: str, reason: str = ""
) -> ImportReport | ImportRefused:
    values = {"number": number, "project": "余热改造", "what": what, "amount": amount, "on": on, "proof": "凭证"}
    return entered(installation, "reduction_entry", values, reason=reason)


def test_no_reduction_is_sold_and_used(installation: Installation) -> None:
    assert isinstance(spent(installation, "JPL-1", "签发登记", "100", "2026-02-01"), ImportReport)
    assert isinstance(spent(installation, "JPL-2", "对外交易", "60", "2026-03-01"), ImportReport)
    refused = spent(installation, "JPL-3", "抵销使用", "40.000001", "2026-04-01")
    assert isinstance(refused, RowsRefused)
    assert "0.000001" in refused.problems[0].message.zh
    assert isinstance(spent(installation, "JPL-3", "抵销使用", "40", "2026-04-01"), ImportReport)
    before_issue = spent(installation, "JPL-0", "抵销使用", "1", "2026-01-31")
    assert isinstance(before_issue, RowsRefused), "nothing had been issued by then"


def test_nothing_else_becomes_wrong_through_a_row(installation: Installation) -> None:
    """Another row than the one that is entered would be one too many: it is refused all the same."""
    for number, what, amount, on in (
        ("JPL-1", "签发登记", "100", "2026-02-01"),
        ("JPL-2", "签发登记", "50", "2026-04-01"),
        ("JPL-3", "对外交易", "90", "2026-03-01"),
        ("JPL-4", "抵销使用", "60", "2026-05-01"),
    ):
        assert isinstance(spent(installation, number, what, amount, on), ImportReport)
    lowered = spent(installation, "JPL-2", "签发登记", "49", "2026-04-01", reason="更正")
    earlier = spent(installation, "JPL-5", "抵销使用", "10", "2026-03-15")
    for refused in (lowered, earlier):
        assert isinstance(refused, RowsRefused)
        assert {p.sheet for p in refused.problems} == {"减排量"}
        assert "JPL-4" in refused.problems[0].message.zh
    assert isinstance(spent(installation, "JPL-2", "签发登记", "51", "2026-04-01", reason="更正"), ImportReport)


def sample(installation: Installation, **others: str) -> ImportReport | ImportRefused:
    found = (r for r in rows(installation, CoalSample) if isinstance(r, CoalSample) and r.month == "2026-03")
    values = _values(next(r for r in found if r.coal and not r.disposed))
    amounts = {n: f"{int(values[n]) / 1_000_000:.6f}" for n in ("coal", "carbon", "mass") if n in values}
    return entered(installation, "coal_sample", values | amounts | others, reason="补充")


def test_what_no_figure_rests_on_is_told_of_a_locked_month_as_ever(installation: Installation) -> None:
    who = str(approvals(installation)[0].preparer)
    assert isinstance(sample(installation, coal="1"), RowsRefused)
    assert isinstance(sample(installation, place="新样品柜"), ImportReport)
    assert isinstance(sample(installation, disposed="2026-06-14", disposal_approver=who), ImportReport)


def test_a_result_that_comes_late_is_filled_in(installation: Installation) -> None:
    """Day 40 is after the ledger of day 10: an empty cell is filled, and then stands."""
    assert isinstance(amended(installation, LOCKED), ImportReport)
    assert isinstance(sample(installation, carbon=""), ImportReport)
    (row,) = [r for r in approvals(installation) if r.number == "TZ-R1"]
    done = _values(row) | {"checker": str(row.preparer), "checked_on": TODAY.isoformat()}
    done |= {"approver": str(row.preparer), "approved_on": TODAY.isoformat()}
    assert isinstance(entered(installation, "ledger_approval", done, reason="批准"), ImportReport)
    assert isinstance(sample(installation, carbon="0.61"), ImportReport)
    assert isinstance(sample(installation, carbon="0.62"), RowsRefused)


PROGRAMME = {
    "number": "JP-1",
    "name": "窑炉能效提升",
    "path": "分解炉改造",
    "finish": "2026-12-31",
    "reduction": "1200",
    "budget": "3000000",
    "submitted": "2026-06-01",
}


def test_a_programme_with_a_hole_is_not_taken(installation: Installation) -> None:
    refused = entered(installation, "reduction_programme", PROGRAMME)
    assert isinstance(refused, RowsRefused)
    assert "责任主体" in refused.problems[0].message.zh
    (department, *_) = [r.name for r in rows(installation, Department) if isinstance(r, Department)]
    whole = entered(installation, "reduction_programme", PROGRAMME | {"department": str(department)})
    assert isinstance(whole, ImportReport)
    assert found(installation, "L-34") == set()


def found(installation: Installation, situation: str) -> set[str]:
    pulse(installation).reconcile(the_plant(installation), TODAY)
    return {f.found.subject for f in stored(installation) if f.found.situation == situation and f.withdrawn is None}


def test_targets_and_proceeds_are_judged(installation: Installation) -> None:
    target = {"horizon": "年度目标", "indicator": "单位熟料排放", "year": "2026", "value": "0.82", "unit": "tCO2/t"}
    owner = str(approvals(installation)[0].preparer)
    day = {"approved": "2026-01-05"}
    assert isinstance(entered(installation, "reduction_target", target | day | {"number": "MB-1"}), ImportReport)
    assert found(installation, "L-35a") == found(installation, "L-35b") == {"MB-1"}
    part = target | day | {"number": "MB-1-1", "part_of": "MB-1", "owner": owner}
    assert isinstance(entered(installation, "reduction_target", part), ImportReport)
    assert found(installation, "L-35a") == set()
    assert found(installation, "L-35b") == {"MB-1"}
    use = {"number": "ZJ-1", "deal": "碳质押贷款", "money": "500000", "purpose": "其他", "on": "2026-05-01"}
    assert isinstance(entered(installation, "finance_use", use), ImportReport)
    assert found(installation, "L-36") == {"ZJ-1"}
    assert isinstance(entered(installation, "finance_use", use | {"purpose": "低碳技改"}, reason="更正"), ImportReport)
    assert found(installation, "L-36") == set()
