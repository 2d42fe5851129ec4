"""What may be taken from others, and given to them: bounds, addresses, checks that cannot hang or reach for files, no
secrets. And what an experience would do, for the person who decides whether to take it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from ostinato.agent.confidential import secret_in
from ostinato.judge.change import Expectation
from ostinato.judge.check import AllOf, AnyOf, Check, DataChange, UrlLike, Was
from ostinato.replay.experience import Experience, Node, all_slots
from ostinato.replay.goals import goals_of
from ostinato.trace.values import slots_in

MOST = {"templates": 50, "slots": 50, "nodes": 300, "checks": 3000, "examples": 500, "origins": 50, "rows": 200}
_MOST_IN_A_TEMPLATE = 10  # slots: each may end in many places of a task
_ID = re.compile(r"[0-9a-f]{12}")
_NAME = re.compile(r"[A-Za-z][\w-]*(?:[./][A-Za-z0-9_][\w-]*)*")  # ihatemoney, gnome/clocks, com.example.app
_HOST = re.compile(r"https?://[^/?#{}@\\\s]+(?:[/?#]|$)")
# Others look at files (an image, the app's own), ask a model in words of their own, or take their time: a regular
# expression, a query. Nothing that was learnt from recordings has them.
_TAKEN = frozenset(
    {"exists", "absent", "enabled", "value_equals", "checked_is", "text_has", "text_lacks", "url_like", "together"}
    | {"count", "kept", "changed", "did", "was", "sent", "delta", "rows", "any_of", "all_of", "data_change"}
)


def objections(experience: Experience) -> list[str]:
    """Why an experience is not taken from others, nor given to them; empty where nothing speaks against it."""
    checks = list(_all_checks(_checks(experience)))
    return [*_bounds(experience, checks), *_templates(experience), *_steps(experience), *_loops(experience),
            *_addresses(experience), *_asked(checks), *_secrets(experience, checks)]  # fmt: skip


def effects(experience: Experience) -> list[str]:
    """What it would do that one should know before one takes it, in words."""
    said = [f"opens {node.text}" for node in experience.nodes if node.kind == "open"]
    said += [f"goes to {origin}" for origin in experience.origins]
    said += [
        f"types your secret “{node.secret}” into {node.target.words() if node.target else 'a field'}"
        for node in experience.nodes
        if node.secret is not None
    ]
    said += [f"cannot be taken back: {operation(node)}" for node in experience.nodes if node.risk == "commit"]
    return list(dict.fromkeys(said))


def operation(node: Node) -> str:
    """What a step does, in words made from what is done: `primitive` may say something else."""
    target = node.target.words() if node.target is not None else "what has the focus"
    match node.kind:
        case "type":
            what = f"the secret “{node.secret}”" if node.secret is not None else f"“{node.text or ''}”"
            return f"type {what} into {target}" + (" and press Enter" if node.enter else "")
        case "select":
            return f"select “{node.text or ''}” in {target}"
        case "drag":
            return f"drag {target} to {node.destination.words() if node.destination is not None else 'nowhere'}"
        case "key":
            return f"press {node.text or ''}"
        case "open":
            return f"open {node.text or ''}"
        case "back" | "home" | "done":
            return node.kind
        case _:
            return f"{node.kind.replace('_', ' ')} {target}"


def _bounds(experience: Experience, checks: list[Check]) -> Iterator[str]:
    expected = list(_expected(experience, checks))
    found = {
        "templates": len(experience.templates),
        "slots": len(all_slots(experience)),
        "nodes": len(experience.nodes),
        "checks": len(checks),
        "examples": max((len(slot.examples) + len(slot.options) for slot in all_slots(experience)), default=0),
        "origins": len(experience.origins),
        "rows": len(expected),
    }
    for what, count in found.items():
        if count > MOST[what]:
            yield f"it has {count} {what}; at most {MOST[what]} are taken"
    if not _ID.fullmatch(experience.id):
        yield f"its id {experience.id!r} is not 12 hex digits"
    if experience.version < 1:
        yield f"its version is {experience.version}"
    if [node.index for node in experience.nodes] != list(range(len(experience.nodes))):
        yield "its steps are not numbered from 0 in order"
    learnt = experience.learnt if experience.learnt.tzinfo else experience.learnt.replace(tzinfo=UTC)
    if learnt > datetime.now(UTC) + timedelta(days=1):
        yield f"it says that it was learnt in the future ({learnt:%Y-%m-%d})"


def _templates(experience: Experience) -> Iterator[str]:
    names = [slot.name for slot in experience.slots]
    if len(set(names)) != len(names):
        yield "two of its slots have one name"
    if not experience.templates:
        yield "it has no template"
    for template in experience.templates:
        parts = re.split(r"\{[^\W\d]\w*\}", template)
        if set(slots_in(template)) != set(names):
            yield f"the template “{template}” has other slots than the experience ({', '.join(names) or 'none'})"
        if len(parts) - 1 > _MOST_IN_A_TEMPLATE:
            yield f"the template “{template}” has {len(parts) - 1} slots; at most {_MOST_IN_A_TEMPLATE} are taken"
        if any(not between.strip() for between in parts[1:-1]):
            yield f"nothing stands between two slots of the template “{template}”"
        if sum(c.isalpha() for part in parts for c in part) < 2:
            yield f"the template “{template}” has no words of its own: it would fit any task"


def _steps(experience: Experience) -> Iterator[str]:
    if experience.goals and experience.goals != goals_of(experience.nodes):  # they may be told to a model
        yield "its sub-goals say something else than its steps"
    for node in experience.nodes:
        said = f"step {node.index + 1}, {node.kind},"
        if node.kind == "done":
            yield f"{said} is no step of an experience"
        if node.kind in ("tap", "double_tap", "long_press", "select", "drag") and node.target is None:
            yield f"{said} has no target"
        if node.kind == "drag" and node.destination is None:
            yield f"{said} has no place to go to"


def _loops(experience: Experience) -> Iterator[str]:
    for slot in all_slots(experience):
        if re.search(r"__\d+$", slot.name):
            yield f"its slot {slot.name} is called as the slots of the turns of a loop are"
    lists = [slot.name for slot in experience.slots if slot.kind == "list"]
    if len(experience.loops) > 1 or lists != [loop.slot for loop in experience.loops if loop.every is None]:
        yield "its loops are not those of its lists, one at most"
    for loop in experience.loops:
        names = [slot.name for slot in loop.slots]
        if not 0 <= loop.first <= loop.last < len(experience.nodes) or not 0 <= loop.tail <= loop.last - loop.first:
            yield f"its loop goes over the steps {loop.first + 1} to {loop.last + 1}, which it has not"
        elif any(node.risk != "read" for node in experience.nodes[loop.last + 1 - loop.tail : loop.last + 1]):
            yield "what leads from one turn of its loop to the next does more than that"
        if sorted(slots_in(loop.phrase)) != sorted(names) or not names or len(names) > _MOST_IN_A_TEMPLATE:
            yield f"the items “{loop.phrase}” of its loop have other slots than it says ({', '.join(names) or 'none'})"
        if loop.every is not None and (loop.slot or len(names) != 1):
            yield "its loop is over every row, and has a list or several slots as well"
        if {*names} & {slot.name for slot in experience.slots} or any(slot.kind == "list" for slot in loop.slots):
            yield "the slots of its loop are not its own, or lists themselves"


def _addresses(experience: Experience) -> Iterator[str]:
    app = experience.app
    if app is None or not (_NAME.fullmatch(app) or _is_site(app)):
        yield f"its app {app!r} is neither the name of an app nor an address (http, https)"
    for origin in experience.origins:
        if not _is_site(origin):
            yield f"the site {origin!r} is no address (http, https)"
    for node in experience.nodes:
        if node.kind == "open" and not (_NAME.fullmatch(node.text or "") or _is_site(node.text or "")):
            yield f"step {node.index + 1} opens {node.text!r}, which is no address (http, https) with a host of its own"


def _is_site(text: str) -> bool:
    """Whether a text (with slots behind its host) is an address of the web."""
    if not _HOST.match(text):
        return False
    try:
        parts = urlsplit(text)
        return bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _asked(checks: Iterable[Check]) -> Iterator[str]:
    for check in checks:
        if check.kind not in _TAKEN:
            yield f"it has a check of the kind {check.kind}, which is not taken from others"
        if isinstance(check, UrlLike) and any(part.count("*") > 1 for part in check.pattern.split("/")):
            yield f"the address {check.pattern!r} has two * in one part"


def _secrets(experience: Experience, checks: Iterable[Check]) -> Iterator[str]:
    said: list[tuple[str, str, str]] = []  # where, the name of the value, the value
    for slot in all_slots(experience):
        said += [(f"slot {slot.name}", slot.name, value) for value in slot.examples or ("",)]
    said += [(f"step {node.index + 1}", "", node.text or "") for node in experience.nodes]
    said += [("a template", "", template) for template in experience.templates]
    for row in _expected(experience, checks):
        cells = (row.cells, row.was, row.holds, row.gains, row.loses, row.copies)
        said += [(f"{row.table}.{column}", column, value) for known in cells for column, value in known.items()]
    for where, name, value in said:
        if (kind := secret_in(name, value)) is not None:
            yield f"{where} looks like {kind}; secrets are not shared"
    for node in experience.nodes:
        if node.secret is not None and node.text:
            yield f"step {node.index + 1} types a secret and holds a text; secrets are not shared"


def _expected(experience: Experience, checks: Iterable[Check]) -> Iterator[Expectation]:
    yield from experience.data or ()
    for check in checks:
        if isinstance(check, DataChange):
            yield from check.expected


def _checks(experience: Experience) -> Iterator[Check]:
    for node in experience.nodes:
        yield from (*node.pre, *node.commit, *node.post)
    yield from (*experience.forbidden, *experience.success)


def _all_checks(checks: Iterable[Check]) -> Iterator[Check]:
    """With those that they are made of."""
    for check in checks:
        yield check
        if isinstance(check, AnyOf | AllOf | Was):
            yield from _all_checks(check.checks)
