"""Follow a Playwright script from its first statement, through the few forms that codegen writes.

The script is a syntax tree and nothing of it is executed: names stand for values, pages and locators, and a call on
one of these is a step.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from ostinato.collect.codegen_steps import Environment, Keyboard, NotUnderstood, Page, Place, Steps
from ostinato.errors import FormatError
from ostinato.phone.web.named import Call

_PROPERTIES = frozenset({"first", "last", "content_frame"})
_LINKS = frozenset({
    "locator", "frame_locator", "get_by_role", "get_by_label", "get_by_placeholder", "get_by_text", "get_by_test_id",
    "get_by_alt_text", "get_by_title", "filter", "nth", "and_", "or_",
})  # fmt: skip
_GIVEN = ("re", "os", "asyncio", "pytest", "expect", "sync_playwright", "async_playwright", "print")
_MOST_DEPTH = 20
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Scope = dict[str, Any]


@dataclass(frozen=True)
class _Thing:
    """Something that is no page: the browser, its context, a module. What is done with it is passed over."""

    what: str


@dataclass
class _Coming:
    """What `expect_popup` or `expect_download` gives after their block."""

    popup: bool
    value: object = _Thing("download")


@dataclass
class Reader:
    """Reads one module into `steps`. Raises FormatError with the line that is not understood."""

    file: str
    steps: Steps = field(default_factory=Steps)
    _depth: int = 0

    def module(self, module: ast.Module) -> None:
        scope: _Scope = {name: _Thing(name) for name in _GIVEN}
        self._block(module.body, scope)
        tests = [f for f in scope.values() if isinstance(f, _Function) and f.name.startswith("test")]
        if self.steps.opened or not tests:
            return
        if len(tests) > 1:
            raise self._error(tests[1], f"is one of {len(tests)} tests; one recording is one task")
        names = [a.arg for a in tests[0].args.args]
        given = {name: self.steps.open() if name == "page" else _Thing(name) for name in names}
        self._block(tests[0].body, {**scope, **given})

    def _error(self, node: ast.AST, problem: str) -> FormatError:
        return FormatError(self.file, f"line {getattr(node, 'lineno', 1)}", problem)

    def _strange(self, node: ast.AST) -> FormatError:
        shown = " ".join(ast.unparse(node).split())
        shown = shown if len(shown) <= 80 else shown[:79] + "…"
        return self._error(node, f"“{shown}” is nothing that codegen writes; nothing was imported")

    # ---- statements -----------------------------------------------------------------------------------

    def _block(self, body: list[ast.stmt], scope: _Scope) -> None:
        for statement in body:
            self._statement(statement, scope)

    def _statement(self, node: ast.stmt, scope: _Scope) -> None:
        match node:
            case ast.Import() | ast.ImportFrom() | ast.Pass() | ast.Expr(value=ast.Constant()):
                pass
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope[node.name] = node
            case ast.Expr():
                self._value(node.value, scope)
            case ast.Assign(targets=[ast.Name(id=name)]):
                scope[name] = self._value(node.value, scope)
            case ast.With() | ast.AsyncWith():
                self._with(node, scope)
            case ast.If(orelse=[]):
                self._if(node, scope)
            case _:
                raise self._strange(node)

    def _with(self, node: ast.With | ast.AsyncWith, scope: _Scope) -> None:
        coming: list[_Coming] = []
        for item in node.items:
            made = self._value(item.context_expr, scope)
            if isinstance(made, _Coming):
                coming.append(made)
            elif not isinstance(made, _Thing):
                raise self._strange(item.context_expr)
            if isinstance(item.optional_vars, ast.Name):
                scope[item.optional_vars.id] = made
        self._block(node.body, scope)
        for one in coming:
            if one.popup:
                one.value = self.steps.open()

    def _if(self, node: ast.If, scope: _Scope) -> None:
        match node.test:
            case ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()]):
                self._block(node.body, scope)
                return
            case ast.Call(func=ast.Attribute(value=place, attr="is_visible"), args=[], keywords=[]):
                if isinstance(self._value(place, scope), Place) and not self.steps.optional:
                    self.steps.optional = True
                    self._block(node.body, scope)
                    self.steps.optional = False
                    return
        raise self._strange(node)

    # ---- expressions ----------------------------------------------------------------------------------

    def _value(self, node: ast.expr, scope: _Scope) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Await():
                return self._value(node.value, scope)
            case ast.Name() if node.id in scope:
                return scope[node.id]
            case ast.JoinedStr():
                return "".join(self._text(part, scope) for part in node.values)
            case ast.FormattedValue(format_spec=None, conversion=-1):
                return self._text(node.value, scope)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
                return -number
            case ast.List():
                return [self._value(part, scope) for part in node.elts]
            case ast.Dict():
                return {ast.unparse(k): self._value(v, scope) for k, v in zip(node.keys, node.values, strict=True) if k}
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id="os"), attr="environ")):
                return Environment(self._text(node.slice, scope), None)
            case ast.Attribute():
                return self._attribute(node, scope)
            case ast.Call():
                return self._call(node, scope)
        raise self._strange(node)

    def _text(self, node: ast.expr, scope: _Scope) -> str:
        found = self._value(node, scope)
        if not isinstance(found, str):
            raise self._error(node, f"“{ast.unparse(node)}” is not a text; nothing was imported")
        return found

    def _attribute(self, node: ast.Attribute, scope: _Scope) -> Any:
        owner = self._value(node.value, scope)
        match owner:
            case Place() if node.attr in _PROPERTIES:
                return Place(owner.page, (*owner.chain, Call(node.attr)))
            case Page() if node.attr == "keyboard":
                return Keyboard(owner)
            case _Coming() if node.attr == "value":
                return owner.value
            case _Thing():
                return _Thing(f"{owner.what}.{node.attr}")
        raise self._strange(node)

    def _call(self, node: ast.Call, scope: _Scope) -> Any:
        if isinstance(node.func, ast.Name):
            return self._run(node, node.func.id, scope)
        if not isinstance(node.func, ast.Attribute):
            raise self._strange(node)
        name, owner = node.func.attr, self._value(node.func.value, scope)
        match owner:
            case _Thing():
                return self._on_thing(node, f"{owner.what}.{name}", scope)
            case Page() if name == "once":
                self.steps.answer = self._dialog(node)
                return None
            case Page() if name == "on":
                if owner in self.steps.answers:
                    raise self._error(node, "answers the page's dialogs a second time; nothing was imported")
                self.steps.answers[owner] = self._dialog(node)
                return None
            case Page() if name in ("expect_popup", "expect_download"):
                return _Coming(name == "expect_popup")
        given = [self._value(argument, scope) for argument in node.args]
        options = {k.arg: self._value(k.value, scope) for k in node.keywords if k.arg}
        match owner:
            case Page() | Place() if name in _LINKS:
                return self._link(node, name, given, options, owner)
            case Page() | Place() | Keyboard():
                try:
                    self.steps.do(node.lineno, name, owner, given, options)
                except NotUnderstood as problem:
                    raise self._error(node, str(problem)) from None
                return None
        raise self._strange(node)

    def _link(self, node: ast.Call, name: str, given: list[Any], options: dict[str, Any], owner: Page | Place) -> Place:
        """One more call of a chain; a locator among its arguments is a chain itself."""
        if any(not isinstance(value, str | int | re.Pattern | Place) for value in (*given, *options.values())):
            raise self._strange(node)
        arguments = tuple(value.chain if isinstance(value, Place) else value for value in given)
        named = tuple((key, value.chain if isinstance(value, Place) else value) for key, value in options.items())
        link = Call(name, arguments, named)
        page, chain = (owner, ()) if isinstance(owner, Page) else (owner.page, owner.chain)
        return Place(page, (*chain, link))

    def _dialog(self, node: ast.Call) -> str:
        match node.args:
            case [ast.Constant(value="dialog"), ast.Lambda(body=ast.Call(func=ast.Attribute(attr=said), args=[]))]:
                if said in ("accept", "dismiss"):
                    return said
        raise self._strange(node)

    def _on_thing(self, node: ast.Call, what: str, scope: _Scope) -> Any:
        """A call on something that is no page: of no account, but for the few that give a value."""
        match what:
            case "re.compile":
                return self._pattern(node, scope)
            case "os.environ.get":
                named = [self._text(argument, scope) for argument in node.args]
                return Environment(named[0] if named else "", named[1] if len(named) > 1 else None)
            case "asyncio.run" if node.args:
                return self._value(node.args[0], scope)
        if what.startswith("expect()"):
            self.steps.note(node.lineno, "expect() is not imported: checks are learnt from the recordings")
        if what.endswith(".new_page"):
            if self.steps.pages:
                raise self._error(node, "opens a second page by itself; a phone shows one. Nothing was imported")
            return self.steps.open()
        return _Thing(f"{what}()")

    def _pattern(self, node: ast.Call, scope: _Scope) -> re.Pattern[str]:
        flags = 0
        for part in (part for argument in node.args[1:] for part in ast.walk(argument)):
            if isinstance(part, ast.Attribute):
                flags |= int(getattr(re, part.attr, 0))
        try:
            return re.compile(self._text(node.args[0], scope), flags)
        except (re.error, IndexError, ValueError) as error:
            raise self._error(node, f"{ast.unparse(node)} is no pattern: {error}; nothing was imported") from error

    def _run(self, node: ast.Call, name: str, scope: _Scope) -> Any:
        """A call by a bare name: one of the script's own functions is followed."""
        function = scope.get(name)
        if isinstance(function, _Thing):
            return _Thing(f"{function.what}()")
        if not isinstance(function, _Function):
            raise self._strange(node)
        if self._depth == _MOST_DEPTH:
            raise self._error(node, f"{name}() calls itself; nothing was imported")
        names = [a.arg for a in function.args.args]
        given = dict(zip(names, (self._value(a, scope) for a in node.args), strict=False))
        given |= {k.arg: self._value(k.value, scope) for k in node.keywords if k.arg}
        if set(given) != set(names) or len(node.args) > len(names):
            raise self._error(node, f"{name}() takes {', '.join(names) or 'nothing'}; nothing was imported")
        self._depth += 1
        self._block(function.body, {**scope, **given})
        self._depth -= 1
        return None
