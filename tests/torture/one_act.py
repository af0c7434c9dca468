"""One act on a prepared store: a file into the vault, rows, import and leaf in one work; then its word.

``one_act.py FOLDER`` prints ``ACK`` when the act is acknowledged; ``--prepare`` makes the store instead.
"""

from __future__ import annotations

import io
import sys
from datetime import date, timedelta
from pathlib import Path

from compliance.adapters.register import SqlRegister, open_register
from compliance.adapters.vault import FileVault
from compliance.core.acts import Act, Actor
from compliance.core.model import Department
from compliance.core.plants import Plant
from compliance.kernel.canonical import canonical
from compliance.kernel.clock import Clock

ACTOR = Actor("a", "A", "operator", "local")
KEY = "91110000600001234A"


def prepare(register: SqlRegister, vault: FileVault) -> None:
    """Store a plant and a first import."""
    with register.work() as work:
        day = date(2024, 1, 1)
        plant = work.add_plant(Plant(0, KEY, None, "厂", day, day + timedelta(days=700), day))
        work.record(Act(actor=ACTOR, action="plant:add", object_type="plant", object_id=KEY), plant)
    bring(register, vault, "1")


def bring(register: SqlRegister, vault: FileVault, name: str) -> None:
    """Import a department by the order of steps that every import takes."""
    with register.read() as look:
        plant = look.plant(KEY)
    assert plant is not None
    row = Department(number=name, name="部", leads=None, leads_from=None, leads_until=None)
    cells = {c.name: getattr(row, c.name) for c in row.SHEET.columns}
    workbook = vault.put(io.BytesIO(name.encode() * 1000), name="w.xlsx", media_type="x/xlsx")
    head = {"v": 1, "plant": KEY, "workbook": workbook.sha256}
    line = {"t": row.SHEET.table, "k": [name], "old": None, "new": cells}
    lines = canonical(head) + b"\n" + canonical(line) + b"\n"
    manifest = vault.put(io.BytesIO(lines), name="m.jsonl", media_type="x/jsonl")
    with register.work() as work:
        work.insert_rows(plant, {Department: [row]})
        batch = str(work.record_import(plant, workbook, manifest, {}))
        files = (workbook, manifest)
        work.record(Act(actor=ACTOR, action="import", object_type="import", object_id=batch, objects=files), plant)


def main() -> None:
    """Run from the command line."""
    folder = Path(sys.argv[1])
    register, vault = open_register(folder, None, Clock()), FileVault(folder / "vault")
    if "--prepare" in sys.argv:
        prepare(register, vault)
    else:
        bring(register, vault, "2")
        print("ACK", flush=True)
    register.close()


if __name__ == "__main__":
    main()
