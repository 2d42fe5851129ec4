"""ActTree stays consistent in any order of insertions, removals and questions, and plays what was done as it was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ostinato.agent.decider import Choice, Handover
from ostinato.errors import FormatError
from ostinato.model.embed import Embedder
from ostinato.replay.acttree import ActTree, ActTreeReplayer, Edge, Recorded, placed
from ostinato.trace.action import Action, Back, Done, Key, Swipe, Tap, Type
from ostinato.trace.record import Decision, Result, Step
from ostinato.trace.screen import Box, Element, Point, Screen

NOW = datetime(2026, 1, 31, tzinfo=UTC)
WIDTH, HEIGHT = 400, 800


class Letters:
    """A stand-in for the embedder, where only the tree is tested: texts of the same words are the same."""

    name = "letters"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = []
        for text in texts:
            seed = int.from_bytes(blake2b(text.split(":")[-1].encode(), digest_size=4).digest(), "big")
            row = np.random.default_rng(seed).normal(size=16)
            rows.append(row / np.linalg.norm(row))
        return np.array(rows, np.float32)


def button(name: str, top: float, *, role: str = "button") -> Element:
    box = Box(left=10, top=top, width=100, height=40)
    return Element(role=role, name=name, box=box, path=f"main/{role}[{int(top)}]")


def tap(name: str, top: float) -> Action:
    element = button(name, top)
    return Tap(point=element.box.center, element=element)


def typed(text: str) -> Action:
    return Type(text=text, element=button("Title", 300, role="textbox"))


ACTIONS: tuple[Action, ...] = (
    tap("Add", 0), tap("Edit", 100), tap("Save", 200), typed("tea"), typed("milk"), Key(key="Enter"), Back(),
    Swipe(start=Point(x=10, y=500), end=Point(x=10, y=100)), Done(),
)  # fmt: skip


def recorded(*actions: Action) -> list[Recorded]:
    return [Recorded(action, WIDTH, HEIGHT) for action in actions]


def every(edges: Sequence[Edge]) -> list[Edge]:
    return [one for edge in edges for one in (edge, *every(edge.below))]


ways = st.lists(st.sampled_from(ACTIONS), min_size=1, max_size=5)
changes = st.lists(st.tuples(st.sampled_from("abcde"), st.one_of(st.none(), ways)), max_size=14)


@settings(deadline=None, max_examples=60)
@given(changes)
def test_any_order_of_insertions_and_removals_keeps_the_tree_consistent(
    order: list[tuple[str, list[Action] | None]],
) -> None:
    tree, known = ActTree(Letters()), {}
    for task, actions in order:
        if actions is None:
            assert tree.remove(task) == (task in known)
            known.pop(task, None)
        else:
            tree.insert(task, recorded(*actions))
            known[task] = recorded(*actions)
        assert tree.tasks() == set(known)
        for name, done in known.items():
            path = tree.path(name)
            assert len(path) == len(done) and all(a.equals(b) for a, b in zip(path, done, strict=True))
            for depth in range(len(done)):  # a question never fails and changes nothing
                tree.shortcuts(done[:depth])
                first = [edge.recorded for edge in tree.candidates(name, done[:depth])]
                assert any(one.equals(done[depth]) for one in first), "a task is like itself at every depth"
        for edge in every(tree.edges):
            assert edge.tasks and len(set(edge.tasks)) == len(edge.tasks)
            for n, one in enumerate(edge.below):
                assert set(one.tasks) <= set(edge.tasks)
                assert not any(one.recorded.equals(other.recorded) for other in edge.below[:n]), "equal is merged"
    for task in list(known):
        tree.remove(task)
    assert tree.edges == []


@settings(deadline=None, max_examples=30)
@given(changes)
def test_a_tree_is_the_same_after_it_was_kept(order: list[tuple[str, list[Action] | None]]) -> None:
    import tempfile

    tree = ActTree(Letters())
    for task, actions in order:
        tree.insert(task, recorded(*(actions or ())))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tree.json"
        tree.save(path)
        assert ActTree.load(path, Letters()).edges == tree.edges


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"schema": 9, "edges": []}', '{"schema": 1, "edges": [{}]}',
     '{"schema": 1, "edges": [{"action": {"kind": "fly"}, "width": 1, "height": 1, "tasks": [], "below": []}]}'],
)  # fmt: skip
def test_a_damaged_file_is_an_error_that_names_it(text: str, tmp_path: Path) -> None:
    path = tmp_path / "tree.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FormatError, match=r"tree\.json"):
        ActTree.load(path, Letters())


def test_equal_actions_are_one_whatever_the_size_of_the_screen() -> None:
    small, large = tap("Add", 0), button("Add", 0)
    doubled = large.model_copy(update={"box": Box(left=20, top=0, width=200, height=80)})
    other = Recorded(Tap(point=doubled.box.center, element=doubled), 2 * WIDTH, 2 * HEIGHT)
    assert Recorded(small, WIDTH, HEIGHT).equals(other) and other.equals(Recorded(small, WIDTH, HEIGHT))
    assert not Recorded(small, WIDTH, HEIGHT).equals(Recorded(tap("Add", 100), WIDTH, HEIGHT))
    assert not recorded(typed("tea"))[0].equals(recorded(typed("milk"))[0])


def test_a_shortcut_joins_ways_that_differ_in_what_was_entered_and_outlives_a_removal() -> None:
    tree = ActTree(Letters())
    tree.insert("tea", recorded(tap("Add", 0), typed("tea"), tap("Save", 200), Done()))
    assert tree.shortcuts(recorded(tap("Add", 0))) == []
    tree.insert("milk", recorded(tap("Add", 0), typed("milk"), tap("Save", 200), Done()))
    [short, longer] = tree.shortcuts(recorded(tap("Add", 0)))
    assert (short.kinds, longer.kinds) == (("type", "tap"), ("type", "tap", "done"))
    new = recorded(tap("Add", 0), typed("bread"))
    [after] = tree.candidates("bread", new)
    assert after.recorded.equals(recorded(tap("Save", 200))[0])
    assert tree.remove("milk")
    assert tree.candidates("bread", new) == []
    assert [edge.recorded for edge in tree.candidates("tea", recorded(tap("Add", 0)))] == recorded(typed("tea"))


def screen(*elements: Element) -> Screen:
    return Screen(url="http://shop.example/", width=WIDTH, height=HEIGHT, elements=elements, taken=NOW)


def done(*actions: Action) -> tuple[Step, ...]:
    return tuple(
        Step(index=n, before=screen(), decision=Decision(source="replay"), action=action, risk="read", started=NOW,
             ended=NOW, result=Result(ok=True))
        for n, action in enumerate(actions)
    )  # fmt: skip


def test_a_known_task_is_played_as_it_was_while_its_targets_look_as_they_did() -> None:
    tree = ActTree(Letters())
    tree.insert("add tea", recorded(tap("Add", 0), typed("tea"), Done()))
    player = ActTreeReplayer(tree, "add tea")
    first = player.decide(screen(button("Add", 4)), "add tea", ())
    assert isinstance(first, Choice) and isinstance(first.action, Tap) and first.action.element == button("Add", 4)
    for changed in (button("Remove", 0), button("Add", 300), button("Add", 0, role="link")):
        assert isinstance(player.decide(screen(changed), "add tea", ()), Handover)
    field = button("Title", 300, role="textbox")
    second = player.decide(screen(field), "add tea", done(tap("Add", 0)))
    assert isinstance(second, Choice) and isinstance(second.action, Type) and second.action.text == "tea"
    last = player.decide(screen(), "add tea", done(tap("Add", 0), typed("tea")))
    assert isinstance(last, Choice) and last.action.kind == "done"
    assert isinstance(player.decide(screen(), "add tea", done(tap("Edit", 100))), Handover)
    assert isinstance(ActTreeReplayer(tree, "sell a horse").decide(screen(button("Add", 0)), "", ()), Handover)
    assert isinstance(ActTreeReplayer(ActTree(Letters()), "add tea").decide(screen(), "", ()), Handover)


def test_a_touch_of_nothing_keeps_its_share_of_the_screen() -> None:
    found = placed(Recorded(Tap(point=Point(x=200, y=400)), WIDTH, HEIGHT),
                   screen().model_copy(update={"width": 2 * WIDTH, "height": 2 * HEIGHT}))  # fmt: skip
    assert isinstance(found, Tap) and found.point == Point(x=400, y=800)


def test_values_are_no_slots_here_which_is_its_known_weakness(minilm: Embedder) -> None:
    tree = ActTree(minilm)
    tree.insert("Add the note tea", recorded(tap("Add", 0), typed("tea"), Done()))
    wrong = tree.candidates("Add the note tee", recorded(tap("Add", 0)))
    assert [edge.recorded for edge in wrong] in ([], recorded(typed("tea")))
    assert tree.candidates("Add the note tea", recorded(tap("Add", 0)))
    assert tree.candidates("Cancel my flight to Rome", []) == []
