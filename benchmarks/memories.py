"""Looking things up among ten thousand memories, and planning tasks over two apps from words alone.

    python -m benchmarks.memories [--quick] [--json FILE]

Experiences of made-up templates (and among them those of the suites' tasks) and preferences are kept as they always
are: files, and an index beside them. Each look-up opens the index as a command does. For `match_…` all are of one app,
and the finder that `ostinato run` uses is asked once its index is made. Plans are those of the suite of two apps, with
generated values; what they should be was written by hand, and the planner knows the templates of the tasks in one app
only. Its words were looked at while the planner was written.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figures
from benchmarks.parts import Parts, progress
from ostinato.agent.formats.planner import Place
from ostinato.agent.plans.planner import Planner
from ostinato.agent.plans.subtasks import Plan
from ostinato.errors import MatchError, SetupError
from ostinato.model.embed import MiniLM
from ostinato.phone.apps.about import described
from ostinato.replay.experience import Experience, Slot
from ostinato.replay.finding import Finder
from ostinato.replay.memory import Memories
from ostinato.replay.repository import Repository
from ostinato.suites import cross, ihatemoney, ihatemoney_more, oscar, oscar_more, tiddlywiki
from ostinato.suites.task import Task, Values
from ostinato.trace.values import fill, kind_of, slots_in

SINGLE = (
    *ihatemoney.TASKS, *ihatemoney_more.MORE_TASKS, *tiddlywiki.TASKS, *tiddlywiki.MORE_TASKS, *oscar.TASKS,
    *oscar_more.MORE_TASKS,
)  # fmt: skip
# What the parts of each task are: the app, and the words in which a task of one app says it, if one does.
PARTS: dict[str, list[tuple[str, str | None]]] = {
    "cost_to_note": [("ihatemoney", None), ("tiddlywiki", None)],
    "expense_and_note": [("ihatemoney", None), ("tiddlywiki", None)],
    "person_and_tag": [
        ("ihatemoney", "Add {name} to the group"),
        ("tiddlywiki", 'Tag the note {note} with "{tag}"'),
    ],
    "delete_both": [("ihatemoney", "Delete the expense {bill}"), ("tiddlywiki", "Delete the note {note}")],
    "payer_to_title": [("ihatemoney", None), ("tiddlywiki", None)],
    "rename_both": [
        ("ihatemoney", "Rename the expense {bill} to {what}"),
        ("tiddlywiki", 'Rename the note {note} to "{title}"'),
    ],
}
_VERBS = (
    "add remove change rename delete order book pay send note write read list tag open close share invite move copy "
    "set plan find show buy sell rent call mail print sort merge split check mark star hide mute follow save load scan"
)
_NOUNS = (
    "expense note bill person group album song photo video ticket flight hotel table parcel event meeting contact "
    "recipe book paper page folder file invoice budget goal habit timer alarm map route station course lesson team"
)


# Verbs of the made-up templates, and others that mean the same.
_SAME = {
    "Add": "Record", "Remove": "Erase", "Change": "Update", "Delete": "Remove", "Rename": "Retitle", "Tag": "Label",
    "Copy": "Duplicate", "Order": "Buy", "Buy": "Order", "Save": "Keep",
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer look-ups and plans")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()
    started = time.monotonic()
    figures = Figures("memories", options.quick)
    times = 100 if options.quick else 1000
    with tempfile.TemporaryDirectory() as folder:
        look_up(figures, Path(folder), 10_000, times)
    with tempfile.TemporaryDirectory() as folder:
        matches(figures, Path(folder), 1_000 if options.quick else 10_000, 50 if options.quick else 300)
    with tempfile.TemporaryDirectory() as folder:
        plans(figures, Path(folder), 5 if options.quick else 50)
    figures.commits = {Parts(None).commit}
    figures.seconds = time.monotonic() - started
    figures.show()
    if options.json:
        figures.write(options.json)


def look_up(figures: Figures, home: Path, count: int, times: int) -> None:
    """How long a look-up takes among so many memories, and whether it finds the right one."""
    rng = random.Random("memories")
    progress(f"writing {count} experiences")
    made = [_experience(*one) for one in _templates(rng, count)]
    (home / "experiences").mkdir()
    for one in made:
        (home / "experiences" / f"{one.id}.v1.json").write_text(one.model_dump_json(), encoding="utf-8")
    memories = Memories(home)
    for number in range(count):
        verb, noun = rng.choice(_VERBS.split()), rng.choice(_NOUNS.split())
        memories.profile.add(f"{verb} {noun} {number}", f"choice {number}", consent="command") if number < 200 else None
    time.sleep(2.1)  # a folder that was just written is looked at again
    begun = time.perf_counter()
    memories.templates.count()
    figures.add("memory_index_seconds", time.perf_counter() - begun, "s", note="the first time; then only what changed")
    asked = [(one, _words(one, rng)) for one in rng.choices(made, k=times)]
    found: dict[str, list[float]] = {}
    busy: list[float] = []
    right = {"fitting": 0, "like": 0}
    for one, words in asked:
        for name, call in _ways(memories, words, one).items():
            begun, worked = time.perf_counter(), time.thread_time()
            answer = call()
            found.setdefault(name, []).append(1000 * (time.perf_counter() - begun))
            if name == "fitting":
                busy.append(1000 * (time.thread_time() - worked))
            if name in right:
                right[name] += one.id in answer
    for name, note in (
        ("fitting", f"the experience that explains a task, among {count}"),
        ("like", "the five nearest"),
        ("nearly", "one that explains a task which leaves a value out, in one app"),
        ("preference", "a preference by the name of a slot, among 200"),
    ):
        key = "memory_lookup_ms" if name == "fitting" else f"memory_{name}_ms"
        figures.middle(key, found[name], "ms", note=note)
    slowest = sorted(found["fitting"])[int(0.95 * times)]
    figures.add("memory_lookup_ms_p95", slowest, "ms", n=times)
    figures.middle("memory_lookup_cpu_ms", busy, "ms", "the processor's time of it, whatever else the machine does")
    figures.share("memory_found", right["fitting"], times, "the experience that the words were made from is found")
    figures.share("memory_found_without_values", right["like"], times, "among the five nearest, its values left out")


def matches(figures: Figures, home: Path, count: int, times: int) -> None:
    """How long it takes to find the experience for a task among so many in one app, and how much memory that needs."""
    start = _resident()
    try:
        embedder = MiniLM()
        embedder.embed(["a text"])
    except SetupError as error:
        progress(f"matching by meaning is not measured: {error}")
        return
    rng = random.Random("matches")
    made = {template: _experience(name, "shop", template) for name, _, template in _templates(rng, count)}
    (home / "experiences").mkdir()
    for one in made.values():
        (home / "experiences" / f"{one.id}.v1.json").write_text(one.model_dump_json(), encoding="utf-8")
    time.sleep(2.1)
    before = _resident()
    finder = Finder(Memories(home), Repository.at(home), lambda: embedder)
    progress(f"comparing {len(made)} templates")
    finder.prepare()
    known = rng.choices([one for one in made.values() if one.templates[0].split()[0] in _SAME], k=times)
    spent: dict[str, list[float]] = {"words": [], "meaning": []}
    right = {"words": 0, "meaning": 0}
    for one in known:
        words = _words(one, rng)
        first, rest = words.split(" ", 1)
        for way, said in (("words", words), ("meaning", f"{_SAME[first]} {rest}")):
            begun = time.perf_counter()
            try:
                found = finder.find(said, "shop") if way == "words" else finder.by_meaning(said, "shop")
                right[way] += found.experience.id == one.id
            except MatchError:
                pass
            spent[way].append(1000 * (time.perf_counter() - begun))
    size = "10k" if count == 10_000 else "quick"
    figures.middle(f"match_ms_{size}", spent["words"], "ms", f"a template explains the words, among {len(made)}")
    figures.middle(f"match_meaning_ms_{size}", spent["meaning"], "ms", "other words for it, whether taken or refused")
    rows, model = _resident() - before, before - start
    figures.add(f"match_mb_{size}", rows + model, "MB", note="what it adds to a process, with the model that compares")
    figures.add(f"match_index_mb_{size}", rows, "MB", note="of these, what grows with the experiences")
    figures.share("match_found", right["words"], times, "the experience that the words were made from")
    figures.share("match_meaning_found", right["meaning"], times, "the same, another verb; values are not quoted")


def _resident() -> float:
    """The memory of this process, MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _ways(memories: Memories, words: str, one: Experience) -> dict[str, Callable[[], set[str]]]:
    app = [one.app or ""]
    bare = " ".join(part for part in one.templates[0].split() if "{" not in part)
    short = words.rpartition(", for ")[0] or words
    return {
        "fitting": lambda: {found.experience for found in memories.fitting(words)},
        "like": lambda: {found.experience for found in memories.like(bare, app)},
        "nearly": lambda: {found.experience for found in memories.nearly(short, app)},
        "preference": lambda: {found.id for found in [memories.preference("add expense 7", one.app)] if found},
    }


def plans(figures: Figures, home: Path, each: int) -> None:
    """How many tasks over two apps are taken apart rightly, by words alone."""
    for number, task in enumerate(SINGLE):
        Repository(home / "experiences").save(_learnt(task, f"{number:012x}"))
    places = [Place(name, words) for name, words in described().items()]
    planner = Planner(Memories(home), places)
    apps = known = knowable = silent = whole = 0
    seconds: list[float] = []
    for task in cross.TASKS:
        rng = random.Random(f"plan-{task.name}")
        for _ in range(each):
            values = task.generate(rng)
            begun = time.perf_counter()
            try:
                plan: Plan | None = planner.plan(task.words(values))
            except MatchError:
                plan = None
            seconds.append(1000 * (time.perf_counter() - begun))
            wanted = PARTS[task.name]
            are_known = all(words is not None for _, words in wanted)
            whole += 1
            knowable += are_known
            if plan is None:
                continue
            right = [part.app for part in plan.subtasks] == [app for app, _ in wanted]
            apps += right
            known += are_known and right and _said(plan) == [fill(words or "", values) for _, words in wanted]
            silent += any(part.experience is not None for part in plan.subtasks) and not _sound(plan, wanted, values)
    figures.share("plan_apps_right", apps, whole, "tasks over two apps: both apps are named, in their order")
    figures.share(
        "plan_known_right", known, knowable, "of tasks whose parts are known: words and values are right, too"
    )
    figures.add("plan_wrong_way", silent, "plans", n=whole, note="a known way is taken for what it does not do")
    figures.middle("plan_ms", seconds, "ms", note="a plan by words alone")


def _said(plan: Plan) -> list[str]:
    return [part.task for part in plan.subtasks]


def _sound(plan: Plan, wanted: list[tuple[str, str | None]], values: Values) -> bool:
    """Whether each part that a known way is taken for is one of those that are wanted."""
    fine = {fill(words, values) for _, words in wanted if words is not None}
    return all(part.experience is None or part.task in fine for part in plan.subtasks)


def _templates(rng: random.Random, count: int) -> list[tuple[str, str, str]]:
    """Ids, apps and templates: those of the suites, and others of the same form."""
    found = [(f"{n:012x}", task.app, task.template) for n, task in enumerate(SINGLE)]
    verbs, nouns = _VERBS.split(), _NOUNS.split()
    for n in range(len(found), count):
        first, second = rng.choice(nouns), rng.choice(nouns)
        words = f"{rng.choice(verbs).capitalize()} the {first} {{what}} of my {second}, {{how_much}}, for {{who}}"
        found.append((f"{n:012x}", f"app{n % 50}", words))
    return found


def _experience(name: str, app: str, template: str) -> Experience:
    slots = tuple(
        Slot.model_validate({"name": slot, "kind": "number" if slot in ("how_much", "amount") else "text"})
        for slot in slots_in(template)
    )
    return Experience(
        id=name, app=app, templates=(template,), slots=slots, nodes=(), learnt=datetime(2026, 1, 1, tzinfo=UTC)
    )


def _learnt(task: Task, name: str) -> Experience:
    """What would be learnt of a task: its template, and slots of the kinds of its values."""
    values = task.generate(random.Random(1))
    slots = tuple(
        Slot.model_validate({"name": slot, "kind": kind_of(values[slot])}) for slot in slots_in(task.template)
    )
    return _experience(name, task.app, task.template).model_copy(update={"slots": slots})


def _words(one: Experience, rng: random.Random) -> str:
    """A task of a template, with values."""
    values = {
        slot.name: f"{rng.randrange(1, 400)}.{rng.randrange(100):02d}"
        if slot.kind == "number"
        else f"{rng.choice(_NOUNS.split())} {rng.choice('ABCDEFGH')}{rng.randrange(100)}"
        for slot in one.slots
    }
    return fill(one.templates[0], values)


if __name__ == "__main__":
    main()
