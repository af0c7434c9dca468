"""What the record of a document refers to: the payments for its trade, the sample and the laboratory of its slip."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from compliance.core.documents.control import EMPTY
from compliance.core.documents.sets.base import Asked, DataSet, money, numbered, texts
from compliance.core.documents.sets.sheets import columns_of
from compliance.core.documents.values import Names, Rows, Value
from compliance.core.model import (
    CashTransfer,
    CoalSample,
    Laboratory,
    PaymentVoucher,
    PersonPeriod,
    Row,
    SampleSlip,
    Trade,
)
from compliance.kernel.money import capitals
from compliance.rulebase.rulebase import RuleBase

_VOUCHER = texts("no", "number", "funded", "money", "total")
_MONEY = texts("approved", "paid", "left")


def _payment_names(_rulebase: RuleBase, _per: str) -> Names:
    return {"trade_vouchers": Rows(_VOUCHER), "trade_money": _MONEY, "record_money": texts("capitals")}


def _payments(asked: Asked) -> Mapping[str, Value]:
    """The vouchers of the record's trade, on a voucher those up to it, and what is left of the money approved."""
    trade = _trade(asked.record)
    vouchers = list(_vouchers(asked, trade)) if trade else []
    paid = sum(v.money or 0 for v in vouchers)
    approved = next((t.approved_money for t in asked.data.rows(Trade) if t.number == trade), None)
    sums = {
        "approved": approved,
        "paid": paid if trade else None,
        "left": None if approved is None else approved - paid,
    }
    return {
        "trade_vouchers": numbered(_summed(vouchers)),
        "trade_money": {name: "" if value is None else money(value) for name, value in sums.items()},
        "record_money": {"capitals": "" if (own := _money(asked.record)) is None else capitals(own)},
    }


def _money(record: Row | None) -> int | None:
    """The money of the record itself."""
    return record.money if isinstance(record, Trade | CashTransfer | PaymentVoucher) else None


def _trade(record: Row | None) -> str | None:
    if isinstance(record, Trade):
        return record.number
    return record.trade if isinstance(record, CashTransfer | PaymentVoucher) else None


def _vouchers(asked: Asked, trade: str) -> Iterator[PaymentVoucher]:
    """The vouchers of a trade in their order; none after the one that the document is on."""
    here = [v for v in asked.data.rows(PaymentVoucher) if v.trade == trade]
    for voucher in sorted(here, key=lambda v: (v.funded or date.max, v.number)):
        yield voucher
        if voucher == asked.record:
            return


def _summed(vouchers: list[PaymentVoucher]) -> Iterator[Mapping[str, Value]]:
    total = 0
    for one in vouchers:
        total += one.money or 0
        yield {
            "number": one.number,
            "funded": one.funded.isoformat() if one.funded else EMPTY,
            "money": money(one.money) if one.money is not None else EMPTY,
            "total": money(total),
        }


def _handed_names(_rulebase: RuleBase, _per: str) -> Names:
    return {"sample": columns_of(CoalSample), "laboratory": columns_of(Laboratory)}


def _handed_over(asked: Asked) -> Mapping[str, Value]:
    slip = asked.record if isinstance(asked.record, SampleSlip) else None
    wanted = {
        "sample": (CoalSample, slip.sample if slip else None),
        "laboratory": (Laboratory, slip.laboratory if slip else None),
    }
    return {name: _shown(asked, kind, number) for name, (kind, number) in wanted.items()}


def _shown(asked: Asked, kind: type[Row], number: str | None) -> Mapping[str, Value]:
    """The row of a number; blanks where there is none."""
    found = next((row for row in asked.data.rows(kind) if row.key() == (number,)), None)
    return asked.row(found) if found else dict.fromkeys(columns_of(kind), "")


JOINED_SETS: Mapping[str, DataSet] = {
    "payments": DataSet(_payment_names, _payments, (Trade, PaymentVoucher)),
    "handed_over": DataSet(_handed_names, _handed_over, (CoalSample, Laboratory, PersonPeriod)),
}
