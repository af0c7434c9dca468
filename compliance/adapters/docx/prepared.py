"""What reading a template works out and filling it would work out again: sources set right, and their programs.

It comes from the template alone, never from data; who keeps it looks at none of it, and hands it to the child that
fills the same template. There it is found by the digest of what it was made from; what is not found is made anew.
"""

from __future__ import annotations

import base64
import hashlib
import marshal
import re
from types import CodeType
from typing import Any

from docxtpl import DocxTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment

#: As the library does before it compiles a part.
_PARAGRAPH = re.compile(r"<w:p([ >])")


class Prepared:
    """Sources and programs by digest."""

    def __init__(self, kept: dict[str, dict[str, str]] | None = None) -> None:
        """Take what was kept, plain data; nothing at first."""
        given = kept or {}
        self.sources: dict[str, str] = dict(given.get("sources", {}))
        self.programs: dict[str, str] = dict(given.get("programs", {}))

    def plain(self) -> dict[str, dict[str, str]]:
        """All of it as plain data."""
        return {"sources": self.sources, "programs": self.programs}


class Sourced(DocxTemplate):  # type: ignore[misc] # the library has no types
    """A template whose sources are set right once."""

    def __init__(self, file: Any, prepared: Prepared) -> None:  # noqa: ANN401 - as in the library
        """Open a file."""
        super().__init__(file)
        self.prepared = prepared

    def patch_xml(self, src_xml: str) -> str:
        """The source of a part as the template language reads it."""
        key = _digest(src_xml)
        if key not in self.prepared.sources:
            self.prepared.sources[key] = str(super().patch_xml(src_xml))
        return self.prepared.sources[key]


class Language(ImmutableSandboxedEnvironment):
    """A dot leads to a name of the data, whatever Python calls by that name (``keys``, ``items``)."""

    prepared: Prepared

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - as in the library
        """The value of a name."""
        return self.getitem(obj, attribute)

    def compile(self, source: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - as in the library
        """The program of a source, compiled once."""
        key = _digest(f"{self.autoescape}\0{source}")
        kept = self.prepared.programs.get(key)
        if kept is not None:
            return marshal.loads(base64.b64decode(kept))  # noqa: S302 - of this template, run as confined as itself
        made = super().compile(source, *rest, **named)
        if isinstance(made, CodeType):
            self.prepared.programs[key] = base64.b64encode(marshal.dumps(made)).decode()
        return made


def prepare(source: str, env: Language, *, plain: bool) -> None:
    """Compile a source as filling will ask for it."""
    env.compile(source if plain else _PARAGRAPH.sub(r"\n<w:p\1", source))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
