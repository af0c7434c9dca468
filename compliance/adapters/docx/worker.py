"""The child process that reads and renders one template, then ends. It has no files, no network and little memory.

It is forked by a process that has the libraries ready and does nothing else (:mod:`compliance.adapters.docx.nursery`).
A request (JSON on standard input) is plain data, the answer (JSON on standard output) too. What was opened before
stays, nothing can be opened any more: no file, no socket.
"""

from __future__ import annotations

import base64
import contextlib
import ctypes
import gc
import importlib
import io
import json
import os
import resource
import signal
import socket
from typing import Any, NoReturn
from zipfile import ZIP_STORED

from docx import Document
from docx.opc import phys_pkg
from docx.opc.exceptions import PackageNotFoundError
from jinja2 import Environment, StrictUndefined

from compliance.adapters.docx import package
from compliance.adapters.docx.nursery import READY
from compliance.adapters.docx.placing import drawn
from compliance.adapters.docx.prepared import Language, Prepared, Sourced
from compliance.adapters.docx.redline import redline
from compliance.core.documents.pictures import flow

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

# Parts are packed once, by ``package.normalised``.
phys_pkg.ZIP_DEFLATED = ZIP_STORED  # type: ignore[attr-defined] # a name that it imported

#: Standard input, output and error: open already, and all that will ever be.
_STREAMS = 3
_PDEATHSIG, _NO_NEW_PRIVILEGES = 1, 38


class Filled(Sourced):
    """A template whose properties are filled as plain text (the library escapes those itself), footnotes once."""

    def render_properties(self, context: dict[str, Any], jinja_env: Environment | None = None) -> None:
        """Fill the properties."""
        env = environment(autoescape=False, prepared=self.prepared) if jinja_env else None
        super().render_properties(context, env)

    def render_footnotes(self, context: dict[str, Any], jinja_env: Environment | None = None) -> None:
        """Fill the footnotes once; the library does it once a section, so that values would be read as marks."""
        for part in self.docx.part.package.parts:
            if part.content_type == package.FOOTNOTES:
                xml = self.patch_xml(part.blob.decode("utf-8"))
                filled = self.render_xml_part(xml, part, context, jinja_env)
                part._blob = filled.encode("utf-8")  # noqa: SLF001 - the library has no other way


def environment(*, autoescape: bool = True, prepared: Prepared | None = None) -> Language:
    """The template language: sandboxed, escaping, and strict about names."""
    env = Language(autoescape=autoescape, undefined=StrictUndefined, keep_trailing_newline=True)
    env.globals.clear()
    env.prepared = prepared or Prepared()
    return env


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked: ``inspect`` (of one file or of each of several), ``render`` or ``read``."""
    if request["do"] == "inspect-each":
        return {"each": [package.inspect(base64.b64decode(file), environment()) for file in request["files"]]}
    data = base64.b64decode(request["file"])
    match request["do"]:
        case "inspect":
            prepared = Prepared()
            found = package.inspect(data, environment(prepared=prepared), filling=True)
            return {**found, "prepared": prepared.plain()} if not found["problems"] else found
        case "render":
            made = rendered(data, request["context"], Prepared(request.get("prepared")))
            return {"file": base64.b64encode(made).decode()}
        case "redline":
            old = base64.b64decode(request["old"])
            made, told = redline(old, data, request["author"], request["at"])
            return {"file": base64.b64encode(made).decode(), "blocks": told}
        case "read":
            return {"texts": package.texts(data, request["parts"])}
        case other:
            return {"failure": f"unknown request {other}"}


def rendered(data: bytes, context: dict[str, Any], prepared: Prepared | None = None) -> bytes:
    """The filled document in its fixed form."""
    known = prepared or Prepared()
    template, out = Filled(io.BytesIO(data), known), io.BytesIO()
    template.init_docx()
    template.render(drawn(template, context), environment(prepared=known))
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
    """Wait for requests; each is answered by a child of its own. Ends with whoever asks."""
    control = socket.socket(fileno=0)
    _practise()
    gc.collect()
    gc.freeze()  # what is loaded stays as it is, and is shared with the children
    control.sendall(READY)
    while True:
        said, files, _, _ = socket.recv_fds(control, 1024, 2)
        if not said:
            return
        child = os.fork()
        if child == 0:
            _live(json.loads(said), *files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        control.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def _practise() -> None:
    """Do everything once with a document of our own: patterns, lexers and caches are then there for every child."""
    document, made = Document(), io.BytesIO()
    document.add_paragraph("{{ v.a }}{% for r in v.rows %}{{ r|trim }}{% endfor %}{{ v.p }}")
    document.add_table(1, 1).cell(0, 0).text = "{% if v.a %}x{% else %}y{% endif %}"
    document.sections[0].header.paragraphs[0].text = document.core_properties.title = "{{ v.a }}"
    document.sections[0].footer.paragraphs[0].text = "x"
    document.save(made)
    parts = list(package.inspect(made.getvalue(), environment())["parts"])
    picture = flow("x", ["a", "b"])
    package.texts(rendered(made.getvalue(), {"v": {"a": "&", "rows": ["1"], "p": picture}}), parts)


def _live(limits: dict[str, int], asked: int, answered: int) -> NoReturn:
    """A child's whole life: one request read, one answer written; it never returns to what waited."""
    code = 1
    gc.disable()  # it lives shortly, and its memory has a limit
    try:
        os.dup2(asked, 0)
        os.dup2(answered, 1)
        os.closerange(_STREAMS, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        signal.setitimer(signal.ITIMER_REAL, limits["seconds"])  # should nobody be left to kill it
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limits["output"], limits["output"]))
        confine(limits["memory"], limits["processor"])
        _answer_one()
        code = 0
    except MemoryError:
        code = 3
    finally:
        os._exit(code)


def _answer_one() -> None:
    with open(0, "rb", closefd=False) as asked:
        request = json.load(asked)
    try:
        reply = answer(request)
    except MemoryError:
        raise
    except PackageNotFoundError:
        reply = {"failure": "not a document"}
    except Exception as error:  # noqa: BLE001 - whatever it is, there is no document
        reply = {"failure": f"{type(error).__name__}: {error}"[:500]}
    with open(1, "wb", closefd=False) as answered:
        answered.write(json.dumps(reply).encode())


if __name__ == "__main__":
    main()
