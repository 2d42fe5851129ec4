"""Rules of MobiFlow (IPADS-SAI/MobiAgent), read as substates.

Its milestones keep their meaning, each on a later frame than those before it, without seven faults of the original
judge: every feasible frame is kept; a milestone without a condition is reached as soon as what comes before it is; of
`escalate` everything that is configured is asked; of `juxtaposition` nothing is dropped, so that what cannot be asked
makes the answer uncertain; words are looked for on the screen, never in what the agent says; ids that nobody knows are
refused. Of words, `all` and `any` both count where both are given, as the files themselves explain them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ostinato.errors import FormatError
from ostinato.judge.check import AllOf, AnyOf, Asked, Check, Did, Icon, OcrHas
from ostinato.judge.subject import TASK
from ostinato.judge.substate import Rules, Substate, check_rules, read_yaml

_SCORE = 10.0  # of a node that names none
_FILE = {"task_id", "app_id", "task_type", "description", "nodes", "success"}
_NODE = {"id", "name", "score", "deps", "next", "condition"}
_WORDS = {"any", "all", "pattern", "ignore_case"}
_DYNAMIC = {"extract_from", "condition_patterns", "verification_fields", "fallback_llm"}
# How prompts name the words of the task, in braces or without; and how they speak of it without naming them.
_NAMED = re.compile(rf"\{{*\b{TASK}\b\}}*", re.ASCII)
_SPEAKS = re.compile(r"任务|指令|指定|\btasks?\b|\binstructions?\b", re.IGNORECASE)
# What an action of ours is called there.
_ACTIONS = {
    "click": "tap",
    "tap": "tap",
    "input": "type",
    "type": "type",
    "swipe": "swipe",
    "scroll": "scroll",
    "long_press": "long_press",
    "back": "back",
    "home": "home",
    "done": "done",
}
# The names of a condition of its own, and of a part of `escalate` or `juxtaposition`.
_KINDS = {
    "text_match": "text",
    "regex_match": "regex",
    "xml_text_match": "text",
    "ui_flag": "ui",
    "action_match": "action",
    "dynamic_match": "dynamic",
    "icons_match": "icons",
    "ocr_match": "ocr",
    "llm": "llm",
    "text": "text",
    "regex": "regex",
    "xml": "text",
    "ui": "ui",
    "action": "action",
    "dynamic": "dynamic",
    "icons": "icons",
    "ocr": "ocr",
}


@dataclass(frozen=True)
class _Task:
    """The words of the task; `told` says that they were given and are not the file's own description."""

    words: str
    told: bool


def import_rules(path: Path, task: str | None = None) -> Rules:
    """The rules of a MobiFlow file, for a task in words (without one, its description). Raises FormatError that names
    the field and the fault, StoreError when the file cannot be read."""
    found = read_yaml(path)
    if not isinstance(found, dict) or not isinstance(found.get("nodes"), list) or not found["nodes"]:
        raise FormatError(path, "nodes", "is missing or empty; a MobiFlow file lists its milestones there")
    _no_other(path, "", found, _FILE, "a MobiFlow file")
    words = task or str(found.get("description") or found.get("task_id") or "")
    asked = _Task(words, told=task is not None)
    nodes = [_node(path, number, node) for number, node in enumerate(found["nodes"])]
    ids = [str(node["id"]) for node in nodes]
    for number, node in enumerate(nodes):
        for field in ("deps", "next"):
            _known(path, f"nodes.{number}.{field}", _names(path, f"nodes.{number}.{field}", node.get(field)), ids)
    before = {str(node["id"]): _before(node, nodes) for node in nodes}
    substates = []
    for number, node in enumerate(nodes):
        place = f"nodes.{number}"
        condition = node.get("condition")
        checks = [_condition(path, f"{place}.condition", condition, asked)] if condition else []
        substates.append(
            Substate(
                id=str(node["id"]),
                kind="page",
                text=str(node.get("name") or node["id"]),
                requires=before[str(node["id"])],
                weight=_score(path, f"{place}.score", node.get("score", _SCORE)),
                checks=tuple(check for check in checks if check is not None),
                later=True,
                source="mobiflow",
            )
        )
    rules = Rules(
        task="{" + TASK + "}",
        app=found.get("app_id") if isinstance(found.get("app_id"), str) else None,
        values={TASK: words},
        substates=tuple(substates),
        success=_success(path, found.get("success"), ids, before),
    )
    for field, fault in check_rules(rules):
        raise FormatError(path, field.replace("substates", "nodes"), fault)
    return rules


def _node(path: Path, number: int, node: Any) -> dict[str, Any]:
    place = f"nodes.{number}"
    if not isinstance(node, dict) or not node.get("id"):
        raise FormatError(path, place, "has no id")
    _no_other(path, f"{place}.", node, _NODE, "a node")
    return node


def _no_other(path: Path, place: str, found: Mapping[Any, Any], known: set[str], what: str) -> None:
    """Refuse a field that is not known: it may be a condition, misspelt or in the wrong place."""
    for name in found:
        if name not in known:
            raise FormatError(path, f"{place}{name}", f"is no field of {what}; known: {', '.join(sorted(known))}")


def _names(path: Path, place: str, names: Any) -> list[str]:
    if names is None:
        return []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise FormatError(path, place, "is no list of ids")
    return names


def _known(path: Path, place: str, names: Sequence[str], ids: Sequence[str]) -> None:
    for name in names:
        if name not in ids:
            raise FormatError(path, place, f"there is no node {name!r}; known: {', '.join(ids)}")


def _score(path: Path, place: str, score: Any) -> float:
    if isinstance(score, bool) or not isinstance(score, int | float) or score < 0:
        raise FormatError(path, place, f"{score!r} is no score")
    return float(score)


def _before(node: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
    """What comes before a node, as an OR of ANDs: all of its `deps`; else any node whose `next` names it."""
    if node.get("deps"):
        return (tuple(node["deps"]),)
    return tuple((str(other["id"]),) for other in nodes if node["id"] in (other.get("next") or ()))


def _success(
    path: Path, success: Any, ids: Sequence[str], before: Mapping[str, tuple[tuple[str, ...], ...]]
) -> tuple[tuple[str, ...], ...]:
    """`any_of`, `all_of`, or any node that nothing comes after."""
    if success is None:
        followed = {name for groups in before.values() for group in groups for name in group}
        return tuple((name,) for name in ids if name not in followed)
    if not isinstance(success, dict) or len(success) != 1 or next(iter(success)) not in ("any_of", "all_of"):
        raise FormatError(path, "success", "must be any_of or all_of with a list of ids")
    kind, names = next(iter(success.items()))
    named = _names(path, f"success.{kind}", names)
    _known(path, f"success.{kind}", named, ids)
    if not named:
        raise FormatError(path, f"success.{kind}", "is empty")
    return (tuple(named),) if kind == "all_of" else tuple((name,) for name in named)


# ------------------------------------------------------------------------------------------------ conditions
def _condition(path: Path, place: str, condition: Any, task: _Task) -> Check | None:
    """What a condition asks; None where it asks nothing of this task."""
    if not isinstance(condition, dict):
        raise FormatError(path, place, "needs a type and params")
    _no_other(path, f"{place}.", condition, {"type", "params"}, "a condition")
    if not isinstance(condition.get("params"), dict) or not condition["params"]:
        raise FormatError(path, place, "needs a type and params")
    kind, params = condition.get("type"), condition["params"]
    if kind in ("escalate", "juxtaposition"):
        parts = [
            check
            for name, inner in params.items()
            if (check := _part(path, f"{place}.params.{name}", name, inner, task)) is not None
        ]
        if len(parts) < 2:
            return parts[0] if parts else None
        return AnyOf(checks=tuple(parts)) if kind == "escalate" else AllOf(checks=tuple(parts))
    if kind not in _KINDS:
        raise FormatError(path, f"{place}.type", f"{kind!r} is no type of condition that is known")
    return _part(path, f"{place}.params", str(kind), params, task)


def _part(path: Path, place: str, name: str, params: Any, task: _Task) -> Check | None:
    if name not in _KINDS:
        raise FormatError(path, place, f"{name!r} is no check that is known; known: {', '.join(sorted(_KINDS))}")
    if not isinstance(params, dict):
        raise FormatError(path, place, "is no table of params")
    match _KINDS[name]:
        case "text" | "ocr" | "regex":
            return _words(path, place, params)
        case "icons":
            return _icons(path, place, params)
        case "llm":
            return _asked(path, place, params)
        case "action":
            return _action(path, place, params)
        case "dynamic":
            return _dynamic(path, place, params, task)
    raise FormatError(
        path, place, "asks flags of elements; what they are called is not published, so it is not guessed"
    )


def _only(path: Path, place: str, params: Mapping[str, Any], known: set[str]) -> None:
    unknown = [name for name in params if name not in known]
    if unknown:
        raise FormatError(path, f"{place}.{unknown[0]}", f"is not known here; known: {', '.join(sorted(known))}")
    if not params:
        raise FormatError(path, place, "is empty")


def _texts(path: Path, place: str, texts: Any) -> tuple[str, ...]:
    listed = [texts] if isinstance(texts, str) else texts
    if not isinstance(listed, list) or not listed or not all(isinstance(text, str) and text for text in listed):
        raise FormatError(path, place, "is no list of words")
    return tuple(listed)


def _words(path: Path, place: str, params: Mapping[str, Any]) -> Check:
    _only(path, place, params, _WORDS)
    pattern = params.get("pattern")
    if pattern is not None and not isinstance(pattern, str):
        raise FormatError(path, f"{place}.pattern", "is no regular expression")
    if "ignore_case" in params and (pattern is None or not isinstance(params["ignore_case"], bool)):
        raise FormatError(path, f"{place}.ignore_case", "is true or false, beside a pattern")
    if pattern is not None and params.get("ignore_case"):
        pattern = f"(?i){pattern}"
    if not params.keys() & {"any", "all", "pattern"}:
        raise FormatError(path, place, "names no words")
    try:
        return OcrHas(
            all=_texts(path, f"{place}.all", params["all"]) if "all" in params else (),
            any=_texts(path, f"{place}.any", params["any"]) if "any" in params else (),
            pattern=pattern,
        )
    except ValidationError as error:
        raise FormatError(path, f"{place}.pattern", error.errors()[0]["msg"]) from error


def _icons(path: Path, place: str, params: Mapping[str, Any]) -> Check:
    _only(path, place, params, {"any", "all", "threshold"})
    more = {"threshold": params["threshold"]} if "threshold" in params else {}
    asked: list[Check] = []
    for field in ("all", "any"):
        if field in params:
            try:
                icons = tuple(
                    Icon.model_validate({"image": name, **more})
                    for name in _texts(path, f"{place}.{field}", params[field])
                )
            except ValidationError as error:
                raise FormatError(path, place, error.errors()[0]["msg"]) from error
            asked.append(AllOf(checks=icons) if field == "all" else AnyOf(checks=icons))
    if not asked:
        raise FormatError(path, place, "names no icon")
    return asked[0] if len(asked) == 1 else AllOf(checks=tuple(asked))


def _asked(path: Path, place: str, params: Mapping[str, Any]) -> Check:
    _only(path, place, params, {"prompt", "expected_true"})
    prompt, expected = params.get("prompt"), params.get("expected_true", True)
    if not isinstance(prompt, str) or not prompt.strip() or not isinstance(expected, bool):
        raise FormatError(path, place, "needs a prompt in words, and expected_true as true or false")
    return Asked(question=_question(prompt), expected=expected)


def _question(prompt: str) -> str:
    """A prompt with the words of the task where it means them. There, a model is told the task beside each prompt;
    here it sees the question alone."""
    named = _NAMED.sub("{" + TASK + "}", prompt)
    if "{" + TASK + "}" not in named and _SPEAKS.search(prompt):
        return f"{prompt} (task: {{{TASK}}})"
    return named


def _action(path: Path, place: str, params: Mapping[str, Any]) -> Check:
    if params.get("type") == "action_match":  # a condition in a condition, as `escalate` may have it
        _no_other(path, f"{place}.", params, {"type", "params"}, "a condition")
        if not isinstance(params.get("params"), dict):
            raise FormatError(path, place, "needs a type and params")
        params, place = params["params"], f"{place}.params"
    _only(path, place, params, {"type", "text", "contains"})
    kind = params.get("type")
    if kind not in _ACTIONS:
        raise FormatError(path, f"{place}.type", f"{kind!r} is no action; known: {', '.join(_ACTIONS)}")
    inside = params.get("contains", {})
    if not isinstance(inside, dict):
        raise FormatError(path, f"{place}.contains", "is no table")
    _no_other(path, f"{place}.contains.", inside, {"text"}, "an action that can be asked")
    text = params.get("text", inside.get("text"))
    return Did(action=_ACTIONS[kind], text=str(text) if text is not None else None)


def _dynamic(path: Path, place: str, params: Mapping[str, Any], task: _Task) -> Check | None:
    """The words that must be shown by the first pattern whose trigger the task holds: one of them. None for a task
    that holds no trigger."""
    _only(path, place, params, _DYNAMIC)
    patterns = params.get("condition_patterns")
    if params.get("extract_from", TASK) != TASK:
        raise FormatError(path, f"{place}.extract_from", f"only {TASK} can be read; what an agent says is no evidence")
    if not isinstance(patterns, dict) or not patterns:
        raise FormatError(path, f"{place}.condition_patterns", "is missing or empty")
    found: list[Check] = []
    for name, pattern in patterns.items():
        where = f"{place}.condition_patterns.{name}"
        if not isinstance(pattern, dict):
            raise FormatError(path, where, "is no table")
        _only(path, where, pattern, {"trigger_keywords", "verify_keywords", "llm_prompt"})
        triggers = _texts(path, f"{where}.trigger_keywords", pattern.get("trigger_keywords"))
        shown: Check = OcrHas(any=_texts(path, f"{where}.verify_keywords", pattern.get("verify_keywords")))
        if params.get("fallback_llm"):
            shown = AnyOf(checks=(shown, _asked(path, where, {"prompt": pattern.get("llm_prompt")})))
        if any(word.casefold() in task.words.casefold() for word in triggers):
            found.append(shown)
    if not found and not task.told:
        raise FormatError(
            path, place, f"depends on the task's words, and “{task.words}” brings up nothing; name a task"
        )
    return found[0] if found else None
