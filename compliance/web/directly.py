"""Templates call our own functions directly.

Jinja sends every call through its context, for functions that want the context, an environment or a new scope handed
in. Ours want none of it, and a list makes some five hundred calls: the detour took a fifth of the page.
"""

from __future__ import annotations

from keyword import iskeyword
from typing import Any

from flask import Flask
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame

#: Functions, and the things whose methods are called, that want nothing of Jinja.
_PLAIN = frozenset({"_", "ngettext", "url_for"})
#: Those of them whose answer is fit for a page as it is.
_SAFE = frozenset({"_", "ngettext"})
_OWNERS = frozenset({"labels", "book"})


class _Generator(CodeGenerator):
    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: FBT001, FBT002, N802 - Jinja's own signature
        if forward_caller or not _is_plain(node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for keyword in node.kwargs:
            self.write(f"{keyword.key}=")
            self.visit(keyword.value, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in _SAFE:
            self.write("str(")
            return
        super()._output_child_pre(node, frame, finalize)


def _is_plain(node: nodes.Call) -> bool:
    if node.dyn_args is not None or node.dyn_kwargs is not None:
        return False
    called: Any = node.node
    if isinstance(called, nodes.Getattr) and isinstance(called.node, nodes.Name):
        return called.node.name in _OWNERS
    # A keyword of Python as the name of a value can only be passed the long way round.
    return isinstance(called, nodes.Name) and called.name in _PLAIN and not any(iskeyword(k.key) for k in node.kwargs)


def install(app: Flask) -> None:
    """Compile this program's templates so."""
    app.jinja_env.code_generator_class = _Generator
