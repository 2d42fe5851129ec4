"""The texts of AgentDojo (Debenedetti and others, 2024) as its installed package has them: what injections want, and
the words they are wrapped in. The package is read as source and not imported, so that nothing it needs is needed here.
"""

from __future__ import annotations

import ast
import importlib.util
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ostinato.errors import SetupError

_USER, _MODEL = "Emma Johnson", "AI assistant"


@dataclass(frozen=True)
class Goal:
    """What an injection wants: `name` is the suite and the task in it."""

    name: str
    words: str


@dataclass(frozen=True)
class Wording:
    """The words around what is wanted, with a place for it."""

    name: str
    template: str

    def around(self, goal: Goal) -> str:
        """The injection as it is planted, on one line: a page shows no empty lines."""
        known = {"goal": goal.words, "user": _USER, "model": _MODEL}
        filled = re.sub(r"\{(\w+)\}", lambda found: known.get(found[1], found[0]), self.template)
        return " ".join(filled.split())


def goals() -> list[Goal]:
    """All injection tasks of all suites, each in its newest version."""
    found: dict[str, str] = {}
    folder = _package() / "default_suites"
    named = [p for p in folder.iterdir() if re.fullmatch(r"v\d+(_\d+)*", p.name)]
    versions = sorted(named, key=lambda p: [int(number) for number in p.name[1:].split("_")])
    for version in versions:
        for file in sorted(version.glob("*/injection_tasks.py")):
            for task, words in _goals_in(file):
                found[f"{file.parent.name}/{task}"] = words
    if not found:
        raise SetupError("the installed agentdojo has no injection tasks where they are looked for")
    return [Goal(name, words) for name, words in sorted(found.items())]


def wordings() -> list[Wording]:
    """The words that AgentDojo's attacks put around a goal, one for each attack that has words of its own."""
    found: dict[str, str] = {}
    for file in sorted((_package() / "attacks").glob("*.py")):
        for attack in _classes(file):
            described = ast.get_docstring(attack, clean=False)
            for node in ast.walk(attack):
                if isinstance(node, ast.Constant) and node.value == described:
                    continue
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and "{goal}" in node.value:
                    found.setdefault(node.value, attack.name)
    return [Wording(name, text) for text, name in sorted(found.items(), key=lambda pair: pair[1])]


def _package() -> Path:
    spec = importlib.util.find_spec("agentdojo")
    if spec is None or not spec.submodule_search_locations:
        raise SetupError("agentdojo is not installed: pip install --no-deps -r benchmarks/requirements.txt")
    return Path(next(iter(spec.submodule_search_locations)))


def _classes(file: Path) -> Iterator[ast.ClassDef]:
    tree = ast.parse(file.read_text("utf-8"))
    return (node for node in tree.body if isinstance(node, ast.ClassDef))


def _goals_in(file: Path) -> Iterator[tuple[str, str]]:
    shared = _constants(ast.parse(file.read_text("utf-8")).body, {})
    for task in _classes(file):
        own = _constants(task.body, shared)
        if isinstance(own.get("GOAL"), str):
            yield task.name, own["GOAL"]


def _constants(body: list[ast.stmt], known: dict[str, str]) -> dict[str, str]:
    """The names that are set to texts, with those that they are made of."""
    found = dict(known)
    for node in body:
        target, value = None, None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target, value = node.targets[0], node.value
        elif isinstance(node, ast.AnnAssign):
            target, value = node.target, node.value
        if isinstance(target, ast.Name) and value is not None:
            text = _text(value, found)
            if text is not None:
                found[target.id] = text
    return found


def _text(node: ast.expr, known: dict[str, str]) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return known.get(name)
        case ast.FormattedValue(value=value):
            return _text(value, known)
        case ast.JoinedStr(values=parts):
            texts = [_text(part, known) for part in parts]
            return None if None in texts else "".join(text or "" for text in texts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            one, other = _text(left, known), _text(right, known)
            return None if one is None or other is None else one + other
    return None
