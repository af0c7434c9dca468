"""The child process that reads and renders one template, then ends. It has no files, no network and little memory.

A request (JSON on standard input) is plain data, the answer (JSON on standard output) too. What was opened before
stays, nothing can be opened any more: no file, no socket.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import importlib
import io
import json
import os
import resource
import signal
import sys
from typing import Any

from docx.opc.exceptions import PackageNotFoundError
from docxtpl import DocxTemplate
from jinja2 import Environment, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from compliance.adapters.docx import package
from compliance.adapters.docx.placing import drawn

#: What the libraries would import late, when nothing can be opened any more.
for _late in (
    "encodings.cp437",
    "encodings.idna",
    "encodings.unicode_escape",
    "encodings.utf_16",
    "encodings.utf_16_le",
    "jinja2.debug",
):
    importlib.import_module(_late)

#: Standard input, output and error: open already, and all that will ever be.
_STREAMS = 3
_PDEATHSIG, _NO_NEW_PRIVILEGES = 1, 38


class Filled(DocxTemplate):  # type: ignore[misc] # the library has no types
    """A template whose properties are filled as plain text (the library escapes those itself), footnotes once."""

    def render_properties(self, context: dict[str, Any], jinja_env: Environment | None = None) -> None:
        """Fill the properties."""
        super().render_properties(context, environment(autoescape=False) if jinja_env else None)

    def render_footnotes(self, context: dict[str, Any], jinja_env: Environment | None = None) -> None:
        """Fill the footnotes once; the library does it once a section, so that values would be read as marks."""
        for part in self.docx.part.package.parts:
            if part.content_type == package.FOOTNOTES:
                xml = self.patch_xml(part.blob.decode("utf-8"))
                filled = self.render_xml_part(xml, part, context, jinja_env)
                part._blob = filled.encode("utf-8")  # noqa: SLF001 - the library has no other way


class _Language(ImmutableSandboxedEnvironment):
    """A dot leads to a name of the data, whatever Python calls by that name (``keys``, ``items``)."""

    def getattr(self, obj: Any, attribute: str) -> Any:  # noqa: ANN401 - as in the library
        """The value of a name."""
        return self.getitem(obj, attribute)


def environment(*, autoescape: bool = True) -> Environment:
    """The template language: sandboxed, escaping, and strict about names."""
    env = _Language(autoescape=autoescape, undefined=StrictUndefined, keep_trailing_newline=True)
    env.globals.clear()
    return env


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked: ``inspect`` (of one file or of each of several), ``render`` or ``read``."""
    if request["do"] == "inspect-each":
        return {"each": [package.inspect(base64.b64decode(file), environment()) for file in request["files"]]}
    data = base64.b64decode(request["file"])
    match request["do"]:
        case "inspect":
            return package.inspect(data, environment())
        case "render":
            return {"file": base64.b64encode(rendered(data, request["context"])).decode()}
        case "read":
            return {"texts": package.texts(data, request["parts"])}
        case other:
            return {"failure": f"unknown request {other}"}


def rendered(data: bytes, context: dict[str, Any]) -> bytes:
    """The filled document in its fixed form."""
    template, out = Filled(io.BytesIO(data)), io.BytesIO()
    template.init_docx()
    template.render(drawn(template, context), environment())
    template.save(out)
    return package.normalised(out.getvalue())


def confine(memory: int, seconds: int) -> None:
    """Bound memory and time, open nothing any more, end with the parent."""
    for limit, value in [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_NOFILE, _STREAMS),
    ]:
        with contextlib.suppress(ValueError, OSError):  # a lower limit is set already
            resource.setrlimit(limit, (value, value))
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.prctl(_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def main() -> None:
    """Answer one request; arguments: limits of memory (bytes), processor time (seconds) and output (bytes)."""
    memory, seconds, output = (int(n) for n in sys.argv[2:5])
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    confine(memory, seconds)
    request = json.load(sys.stdin)
    try:
        reply = answer(request)
    except MemoryError:
        os._exit(3)
    except PackageNotFoundError:
        reply = {"failure": "not a document"}
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no document
        reply = {"failure": f"{type(error).__name__}: {error}"[:500]}
    sys.stdout.write(json.dumps(reply))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
