"""The little that a template may say, read from its source; everything else is a problem. Runs in the child process.

A plan is plain JSON: ``["text", t]``, ``["value", path, filters]``, ``["for", name, path, body]``,
``["if", path, equals, negated, then, other]``.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from jinja2 import Environment, TemplateSyntaxError, nodes

#: Filters without arguments that a template may use; what they do is said in the core.
FILTERS = frozenset({"trim", "upper", "lower"})
DEEPEST = 8
#: How much of the text before what is refused is told.
AROUND = 40
_TAG = re.compile(r"<[^>]*>")
_NAME = re.compile(r"</?([\w:.-]+)")
Plan = list[Any]
_LONGEST_PATH = 2


class NotAllowed(Exception):
    """The template says something that templates may not say."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en
        self.paragraph, self.around = 0, ""


class Scanner:
    """Takes the text out of markup that comes in stretches; knows whether a value may stand here."""

    def __init__(self, *, plain: bool = False) -> None:
        self._plain, self.inside, self._open = plain, plain, ""
        self.paragraph, self.around = 1, ""

    def feed(self, data: str) -> str:
        """The text in the next stretch of markup."""
        text = self._text(data)
        *ended, rest = text.split("\n")
        self.paragraph += len(ended)
        self.around = (rest if ended else self.around + rest)[-AROUND:]
        return text

    def _text(self, data: str) -> str:
        if self._plain:
            return data
        data, self._open = self._open + data, ""
        cut = data.rfind("<")
        if cut > data.rfind(">"):
            data, self._open = data[:cut], data[cut:]
        text, at = [], 0
        for tag in _TAG.finditer(data):
            text.append(unescape(data[at : tag.start()]) if self.inside else "")
            text.append(self._tag(tag.group()))
            at = tag.end()
        text.append(unescape(data[at:]) if self.inside else "")
        return "".join(text)

    @property
    def ready(self) -> bool:
        """Whether a value may stand here: inside text, not inside a tag."""
        return self.inside and not self._open

    @property
    def state(self) -> tuple[bool, bool]:
        """Where this stands: a block must end as it began."""
        return self.inside, bool(self._open)

    def _tag(self, tag: str) -> str:
        name = _NAME.match(tag)
        closing, single = tag.startswith("</"), tag.endswith("/>")
        match name and name.group(1):
            case "w:t":
                self.inside = not closing and not single
            case "w:p" if closing or single:
                return "\n"
            case "w:br" | "w:cr" if not closing:
                return "\n"
            case "w:tab" if tag.rstrip("/> ") == "<w:tab":
                return "\t"
            case _:
                pass
        return ""


def plan_of(source: str, env: Environment, *, plain: bool = False) -> Plan:
    """The plan of a source; raises :class:`NotAllowed`."""
    scanner = Scanner(plain=plain)
    try:
        tree = env.parse(source)
        return _Reader(scanner).body(tree.body, 0)
    except NotAllowed as error:
        error.paragraph, error.around = scanner.paragraph, scanner.around
        raise
    except TemplateSyntaxError as error:
        raise NotAllowed(f"模板语法错误：{error.message}", f"wrong syntax: {error.message}") from error
    except RecursionError as error:
        raise NotAllowed("嵌套过深", "nested too deeply") from error


class _Reader:
    def __init__(self, scanner: Scanner) -> None:
        self._scanner = scanner

    def body(self, given: list[nodes.Node], depth: int) -> Plan:
        """The plan of a body; it must end in the state of markup in which it began."""
        if depth > DEEPEST:
            raise NotAllowed("嵌套过深", "nested too deeply")
        plan: Plan = []
        for node in given:
            match node:
                case nodes.Output():
                    plan += [self._printed(inner) for inner in node.nodes]
                case nodes.For():
                    plan.append(self._loop(node, depth))
                case nodes.If():
                    plan.append(self._choice(node, depth))
                case _:
                    raise _refused(node)
        return plan

    def _printed(self, node: nodes.Node) -> Plan:
        if isinstance(node, nodes.TemplateData):
            return ["text", self._scanner.feed(node.data)]
        if not self._scanner.ready:
            raise NotAllowed("变量只能放在文字中", "a value may stand in text alone")
        filters: list[str] = []
        while isinstance(node, nodes.Filter):
            if node.name not in FILTERS or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
                raise NotAllowed(f"不允许的过滤器“{node.name}”", f"the filter {node.name!r} is not allowed")
            if node.node is None:
                raise _refused(node)
            filters.insert(0, node.name)
            node = node.node
        return ["value", _path(node), filters]

    def _loop(self, node: nodes.For, depth: int) -> Plan:
        if node.test is not None or node.else_ or node.recursive or not isinstance(node.target, nodes.Name):
            raise NotAllowed("循环只可写作 for x in 列表", "a loop is written: for x in list")
        name = node.target.name
        if name.startswith("_") or name == "loop":
            raise NotAllowed(f"不允许的名称“{name}”", f"the name {name!r} is not allowed")
        return ["for", name, _path(node.iter), self._block(node.body, depth)]

    def _choice(self, node: nodes.If, depth: int) -> Plan:
        test = _test(node.test)
        then = self._block(node.body, depth)
        rest: list[nodes.Node] = list(node.else_)
        if node.elif_:
            first = node.elif_[0]
            rest = [nodes.If(first.test, first.body, node.elif_[1:], node.else_)]
        return ["if", *test, then, self._block(rest, depth)]

    def _block(self, body: list[nodes.Node], depth: int) -> Plan:
        before = self._scanner.state
        plan = self.body(body, depth + 1)
        if self._scanner.state != before:
            raise NotAllowed(
                "循环或条件须整段、整行或在同一段文字之内", "a block must hold whole paragraphs, rows or text"
            )
        return plan


def _test(node: nodes.Node) -> Plan:
    """Path, the word that it must equal (None: it must be there), and whether that is turned."""
    if isinstance(node, nodes.Not):
        path, equals, negated = _test(node.node)
        return [path, equals, not negated]
    if isinstance(node, nodes.Compare) and len(node.ops) == 1:
        (right,) = node.ops
        if right.op in {"eq", "ne"} and isinstance(right.expr, nodes.Const) and isinstance(right.expr.value, str):
            return [_path(node.expr), right.expr.value, right.op == "ne"]
    return [_path(node), None, False]


def _path(node: nodes.Node | None) -> list[str]:
    path: list[str] = []
    if isinstance(node, nodes.Getattr):
        path, node = [node.attr], node.node
    if not isinstance(node, nodes.Name):
        raise _refused(node)
    path.insert(0, node.name)
    for name in path:
        if name.startswith("_") or len(path) > _LONGEST_PATH:
            raise NotAllowed(f"不允许的名称“{name}”", f"the name {name!r} is not allowed")
    return path


def _refused(node: nodes.Node | None) -> NotAllowed:
    what = type(node).__name__
    return NotAllowed(f"模板中不允许使用 {what}", f"{what} is not allowed in a template")
