"""Sign-ins for tests that act: made at once, without a password and without a leaf."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from compliance.adapters.tables import membership, user_account

if TYPE_CHECKING:
    from compliance.adapters.register import SqlRegister
    from compliance.core.plants import Plant


def sign_in(register: SqlRegister, plant: Plant, login: str, account: str | None, *roles: str) -> None:
    """Make the sign-in of an account with roles in a plant, unless there is one of that login."""
    with register.database.work() as connection:
        if connection.execute(select(user_account.c.id).where(user_account.c.login == login)).first():
            return
        values = {"login": login, "person": account, "name": account or login, "password_hash": "", "active": True}
        new = insert(user_account).values(**values, created="2026-01-01T00:00:00.000+00:00")
        number = connection.execute(new.returning(user_account.c.id)).scalar_one()
        for role in roles:
            connection.execute(insert(membership).values(user_id=number, plant_id=plant.id, role=role))
