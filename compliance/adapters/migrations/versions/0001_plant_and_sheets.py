"""The plant and a table for each sheet of the workbook."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0001"
down_revision = None

#: Ordered by code point on both databases.
WORD = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

#: (table, its key): its columns as they were at this step; w = word, d = day, a = amount in 10⁻⁶ units.
SHEETS: dict[tuple[str, str], str] = {
    ("monthly_asset", "month asset"): ("month:w asset:w opening:a increase:a decrease:a closing:a registry:a"),
    ("trading_strategy", "number"): (
        "number:w year:w asset:w direction:w window_from:d window_until:d lowest_price:a highest_price:a "
        "quantity_cap:a year_quantity_cap:a year_money_cap:a approver:w approved:d"
    ),
    ("trade", "number"): (
        "number:w asset:w direction:w on:d price:a amount:a money:a approved_money:a applicant:w applied_on:d "
        "risk_reviewer:w risk_reviewed_on:d funds_approver:w funds_approved_on:d order_giver:w ordered_on:d "
        "confirmer:w confirmed_on:d ledger_keeper:w ledger_updated_on:d"
    ),
    ("cash_transfer", "number"): (
        "number:w direction:w trade:w money:a applicant:w applied_on:d guardian:w guardian_approved_on:d "
        "finance_reviewer:w finance_reviewed_on:d account_owner:w account_owner_approved_on:d transferred:d"
    ),
    ("payment_voucher", "number"): ("number:w trade:w money:a funded:d writer:w finance_clerk:w"),
    ("account_power", "number since"): ("number:w type:w operator:w reviewer:w supervisor:w since:d until:d"),
    ("surrender", "number"): (
        "number:w year:w due_amount:a allocated:a carried_over:a bought:a sold:a pledged:a ccer_held:a "
        "allowances_surrendered:a ccer_surrendered:a deadline:d completed:d allowance_table_on:d "
        "ccer_table_on:d"
    ),
    ("plant_factor", "code"): ("code:w name:w value:a unit:w origin:w"),
    ("filing", "obligation period"): ("obligation:w period:w filed:d receipt:w attachments:w filer:w"),
    ("ledger_approval", "number"): (
        "number:w ledger:w month:w preparer:w prepared_on:d checker:w checked_on:d approver:w approved_on:d"
    ),
    ("review", "number"): (
        "number:w type:w planned:d started:d completed:d chair:w auditors:w department:w input_a:w input_b:w "
        "input_c:w input_d:w input_e:w input_f:w input_g:w input_h:w input_i:w output_a:w output_b:w "
        "output_c:w output_d:w"
    ),
    ("controlled_document", "number version"): (
        "number:w name:w document_class:w version:w author:w reviewer:w approver:w approved:d effective:d "
        "readers:a confirmed:a"
    ),
    ("event", "number"): (
        "number:w type:w on:d description:w context_reviewed:d compliance_evaluated:d special_audit:d"
    ),
    ("imported_nonconformity", "number"): (
        "number:w origin:w category:w grade:w recorded:d fact:w cause:w cause_code:w action:w owner:w due:d "
        "completed:d criterion:w verifier:w verified:d verdict:w state:w closed:d"
    ),
    ("collection_item", "line item"): ("line:w item:w item_class:w unit:w frequency:w since:d until:d department:w"),
    ("instrument", "number"): (
        "number:w name:w model:w accuracy:w place:w purpose:w cycle:a keeper:w department:w key_instrument:w "
        "commissioned:d stopped_from:d stopped_until:d"
    ),
    ("instrument_check", "number"): (
        "number:w instrument:w type:w on:d valid_until:d result:w error:a body:w certificate:w"
    ),
    ("laboratory", "number"): ("number:w name:w cma:w cma_from:d cma_until:d cnas:w cnas_from:d cnas_until:d scope:w"),
    ("test_report", "number"): (
        "number:w sample:w line:w month:w parameter:w result:a unit:w basis:w method:w laboratory:w tested:d issued:d"
    ),
    ("reading", "on line item"): ("on:d line:w item:w amount:a unit:w instrument:w recorder:w checker:w remark:w"),
    ("coal_sample", "number"): (
        "number:w type:w line:w sampled:d month:w coal:a carbon:a mass:a sampler:w preparer:w place:w "
        "disposed:d disposal_approver:w"
    ),
    ("sample_slip", "number"): ("number:w sample:w on:d parts:a giver:w receiver:w laboratory:w"),
    ("alternative_fuel", "month line fuel"): (
        "month:w line:w fuel:w origin:w amount:a calorific_value:a carbon:a biomass:a"
    ),
    ("missing_data", "number"): (
        "number:w line:w item:w since:d until:d reason:w method:w effect:w substitute:a candidate1:a "
        "candidate2:a candidate3:a proof:w approver:w"
    ),
    ("cross_check", "month item"): ("month:w item:w unit:w production:a voucher:a invoice:a meter:a explanation:w"),
    ("company_item", "item"): ("item:w content:w"),
    ("production_line", "line"): ("line:w name:w capacity:a started:d clinker_class:w"),
    ("department", "number"): ("number:w name:w leads:w leads_from:d leads_until:d"),
    ("person_period", "account since"): ("account:w name:w department:w posts:w since:d until:d"),
    ("emission_source", "number"): (
        "number:w system:w directness:w category:w facility:w line:w material:w department:w in_management:w "
        "in_enterprise:w in_ets:w state:w"
    ),
}
TYPES: dict[str, TypeEngine[Any]] = {"w": WORD, "d": sa.Date(), "a": sa.BigInteger()}


def upgrade() -> None:
    """Make the tables."""
    _plant()
    for (table, key), columns in SHEETS.items():
        _sheet(table, key.split(), [c.split(":") for c in columns.split()])


def _plant() -> None:
    op.create_table(
        "plant",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("key", WORD, nullable=False),
        sa.Column("short", WORD, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("data_start", sa.Date(), nullable=False),
        sa.Column("data_end", sa.Date(), nullable=False),
        sa.Column("onboarded", sa.Date(), nullable=False),
        sa.Column("mark", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_plant"),
        sa.UniqueConstraint("key", name="uq_plant_key"),
        sa.UniqueConstraint("short", name="uq_plant_short"),
    )


def _sheet(table: str, key: list[str], columns: list[list[str]]) -> None:
    op.create_table(
        table,
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("plant_id", NUMBER, nullable=False),
        *(sa.Column(name, TYPES[kind], nullable=name not in key) for name, kind in columns),
        sa.ForeignKeyConstraint(["plant_id"], ["plant.id"], name=f"fk_{table}_plant_id"),
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.UniqueConstraint("plant_id", *key, name="_".join(("uq", table, "plant_id", *key))),
    )
