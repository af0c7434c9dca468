"""Makes the .docx templates anew: ``python doc_templates/make_templates.py [FOLDER] [NAME…]``.

Each layout in ``layouts/`` becomes the template of its name; a name that ends with .toml is a layout of one's own. The
templates may as well be edited in a word processor.
"""

# ruff: noqa: INP001 - a script beside the templates, no package

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))  # the building blocks lie beside this script

from building.layout import template  # noqa: E402 - found only now
from building.nonconformity import nonconformity_report  # noqa: E402

#: Templates that are written out instead of laid out.
WRITTEN: Mapping[str, Callable[[], bytes]] = {"nonconformity_report": nonconformity_report}


def made() -> dict[str, Callable[[], bytes]]:
    """Every template by its name, and how it is made."""
    layouts = {path.stem: path for path in sorted((HERE / "layouts").glob("*.toml"))}
    return {**WRITTEN, **{name: lambda path=path: template(path) for name, path in layouts.items()}}


def main(folder: Path, names: list[str]) -> None:
    """Write templates into a folder: those named, else all."""
    for path in (Path(name) for name in names if name.endswith(".toml")):
        (folder / f"{path.stem}.docx").write_bytes(template(path))
    for name, make in made().items():
        if not names or name in names:
            (folder / f"{name}.docx").write_bytes(make())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE, sys.argv[2:])
