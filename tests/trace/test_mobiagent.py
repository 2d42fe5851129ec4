from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
import trace_strategies as some
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from ostinato.errors import FormatError, UsageError
from ostinato.trace import action as act
from ostinato.trace.hierarchy import read_hierarchy, write_hierarchy
from ostinato.trace.mobiagent import export_mobiagent, import_mobiagent
from ostinato.trace.record import Decision, Outcome, Result, Step, Trace
from ostinato.trace.screen import Box, Point
from ostinato.trace.store import Store, new_id

XML = """<?xml version='1.0' encoding='UTF-8'?>
<hierarchy rotation="0">
 <node class="android.widget.FrameLayout" bounds="[0,0][100,200]">
  <node class="android.widget.EditText" text="milk" content-desc="Search" resource-id="app:id/q"
        focused="true" password="false" bounds="[0,0][100,20]" />
  <node class="android.widget.EditText" text="hunter2" password="true" bounds="[0,20][100,40]" />
  <node class="android.widget.CheckBox" text="Fresh" checkable="true" checked="true" bounds="[0,40][50,60]" />
  <node class="android.widget.TextView" text="Buy" clickable="true" enabled="false"
        bounds="[50,40][100,60]" />
  <node class="com.shop.Fancy" bounds="[0,60][0,60]" />
 </node>
</hierarchy>"""
ACTIONS: list[dict[str, Any]] = [
    {"type": "click", "position_x": 30, "position_y": 10, "bounds": [0, 0, 100, 20], "action_index": 1},
    {"type": "input", "text": "bread", "action_index": 2},
    {"type": "swipe", "press_position_x": 50, "press_position_y": 150, "release_position_x": 50,
     "release_position_y": 20, "direction": "up", "action_index": 3},
    {"type": "long_press", "position_x": 75, "position_y": 50},
    {"type": "wait"},
    {"type": "done", "status": "success"},
]  # fmt: skip


def jpeg(width: int = 100, height: int = 200) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(file, "JPEG")
    return file.getvalue()


def folder_of(folder: Path, **changed: Any) -> Path:
    folder.mkdir(parents=True)
    head = {"app_name": "shop", "task_type": "type1", "task_description": ["buy bread", "get bread"],
            "action_count": len(ACTIONS), "actions": ACTIONS, **changed}  # fmt: skip
    (folder / "actions.json").write_text(json.dumps(head))
    react = [{"reasoning": f"because {n}", "function": {"name": "x", "parameters": {}}}
             for n, _ in enumerate(head["actions"])] if isinstance(head["actions"], list) else []  # fmt: skip
    (folder / "react.json").write_text(json.dumps(react))
    for number in range(1, 7):
        (folder / f"{number}.jpg").write_bytes(jpeg())
        (folder / f"{number}.xml").write_text(XML)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_a_folder_of_mobiagent_becomes_a_trace(store: Store, tmp_path: Path) -> None:
    [trace_id] = import_mobiagent(store, folder_of(tmp_path / "data"))
    trace = store.load(trace_id)
    assert (trace.task, trace.app, trace.meta["task_type"], trace.status) == (
        "buy bread",
        "shop",
        "type1",
        "done",
    )
    assert json.loads(trace.meta["other_wordings"]) == ["get bread"]
    click, typed, swipe, press, wait, done = (step.action for step in trace.steps)
    assert isinstance(click, act.Tap) and click.element is not None and click.element.id == "app:id/q"
    assert isinstance(typed, act.Type) and typed.text == "bread" and typed.element == click.element
    assert swipe == act.Swipe(start=Point(x=50, y=150), end=Point(x=50, y=20))
    assert isinstance(press, act.LongPress) and press.element is not None and press.element.name == "Buy"
    assert (wait, done) == (act.Wait(), act.Done(success=True))
    assert [step.decision.text for step in trace.steps][:2] == ["because 0", "because 1"]
    assert store.blobs.get(str(trace.steps[0].before.screenshot)) == jpeg()
    assert (trace.steps[0].before.width, trace.steps[0].before.height) == (100, 200)


def test_screenshots_without_a_hierarchy_stay_pictures_only(store: Store, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "data")
    for number in (1, 2):
        (folder / f"{number}.xml").unlink()
    [trace_id] = import_mobiagent(store, folder)
    screens = [step.before for step in store.load(trace_id).steps]
    assert [screen.tree is None for screen in screens] == [True, True, False, False, False, False]
    assert not screens[0].elements and screens[2].elements


def test_a_hierarchy_becomes_elements(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_text(XML)
    frame, search, secret, fresh, buy, fancy = read_hierarchy(tmp_path / "1.xml")
    assert (search.role, search.name, search.value, search.id) == ("textbox", "Search", "milk", "app:id/q")
    assert search.box == Box(left=0, top=0, width=100, height=20) and search.focused and search.editable
    assert (secret.value, secret.password) == (None, True)
    assert (fresh.role, fresh.name, fresh.checked) == ("checkbox", "Fresh", True)
    assert (buy.role, buy.name, buy.enabled, buy.checked) == ("button", "Buy", False, None)
    assert (frame.role, fancy.role, fancy.reachable) == ("generic", "generic", False)
    paths = [
        "generic",
        "generic/textbox",
        "generic/textbox[2]",
        "generic/checkbox",
        "generic/button",
        "generic/generic",
    ]
    assert [e.path for e in (frame, search, secret, fresh, buy, fancy)] == paths


def test_a_written_hierarchy_is_read_with_the_same_elements(tmp_path: Path) -> None:
    (tmp_path / "1.xml").write_text(XML)
    elements = read_hierarchy(tmp_path / "1.xml")
    (tmp_path / "2.xml").write_bytes(write_hierarchy(some.SCREEN.model_copy(update={"elements": elements})))
    assert read_hierarchy(tmp_path / "2.xml") == elements


@settings(max_examples=15, deadline=None)
@given(st.lists(some.action, max_size=4), st.lists(some.screen, min_size=4, max_size=4))
def test_exported_actions_are_imported_equal(
    tmp_path_factory: pytest.TempPathFactory, actions: list[act.Action], screens: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    store = Store(folder / "store")
    steps = tuple(
        Step(index=n, before=screen.model_copy(update={"elements": (some.BUTTON,)}), action=action,
             risk="edit", started=some.NOW,
             decision=Decision(source="model", text=f"thought {n}"), result=Result(ok=True))
        for n, (action, screen) in enumerate(zip(actions, screens, strict=False))
    )  # fmt: skip
    trace = Trace(id=new_id(), task="t", app="a", started=some.NOW, steps=steps, meta={"task_type": "x"},
                  outcome=Outcome(claimed="done"))  # fmt: skip
    export_mobiagent(store, [store.add(trace, {})], folder / "out")
    [back_id] = import_mobiagent(store, folder / "out")
    back = store.load(back_id)
    assert [step.action for step in back.steps] == actions
    assert [step.decision.text for step in back.steps] == [step.decision.text for step in steps]
    assert (back.task, back.app, back.meta["task_type"]) == ("t", "a", "x")


def test_a_real_folder_survives_export_and_import(store: Store, tmp_path: Path) -> None:
    [first] = import_mobiagent(store, folder_of(tmp_path / "data"))
    [target] = export_mobiagent(store, [first], tmp_path / "out")
    [second] = import_mobiagent(store, target)
    one, two = store.load(first), store.load(second)
    assert [s.action for s in one.steps] == [s.action for s in two.steps]
    assert [s.before.elements for s in one.steps] == [s.before.elements for s in two.steps]
    assert [s.before.screenshot for s in one.steps] == [s.before.screenshot for s in two.steps]
    with pytest.raises(UsageError, match="is there already"):
        export_mobiagent(store, [first], tmp_path / "out")


def test_an_edited_field_wins_over_our_own_copy(store: Store, tmp_path: Path) -> None:
    [first] = import_mobiagent(store, folder_of(tmp_path / "data"))
    [target] = export_mobiagent(store, [first], tmp_path / "out")
    head = json.loads((target / "actions.json").read_text())
    head["actions"][1]["text"] = "butter"
    (target / "actions.json").write_text(json.dumps(head))
    [second] = import_mobiagent(store, target)
    typed = store.load(second).steps[1].action
    assert isinstance(typed, act.Type) and typed.text == "butter"


def test_a_secret_is_not_exported(store: Store, tmp_path: Path) -> None:
    step = some.tap().model_copy(update={"action": act.Type(text="", secret="bank", element=some.BUTTON)})
    trace = Trace(id=new_id(), task="t", started=some.NOW, steps=(step,))
    [target] = export_mobiagent(store, [store.add(trace, {})], tmp_path / "out")
    assert json.loads((target / "actions.json").read_text())["actions"][0]["text"] == ""


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"actions": {}}, "actions.json: actions: expected a list"),
        ({"action_count": 9}, "actions.json: action_count"),
        ({"task_description": 3}, "actions.json: task_description"),
        ({"task_description": []}, "actions.json: task_description"),
        ({"actions": [3], "action_count": 1}, r"actions.json: actions\[0\]: expected an object"),
        ({"actions": [{"type": "fly"}], "action_count": 1}, r"actions.json: actions\[0\].type: 'fly'"),
        ({"actions": [{"type": "click", "position_x": "1"}], "action_count": 1}, r"actions\[0\].position_x"),
        (
            {"actions": [{"type": "click", "position_x": float("nan")}], "action_count": 1},
            r"actions\[0\].position_x",
        ),
        ({"actions": [{"type": "input"}], "action_count": 1}, r"actions\[0\].text"),
        ({"actions": [{**ACTIONS[0], "bounds": [1, 2]}], "action_count": 1}, r"actions\[0\].bounds"),
        *(
            ({"actions": [{**ACTIONS[0], "bounds": [0, 0, edge, 5]}], "action_count": 1}, r"actions\[0\].bounds: exp")
            for edge in (10**400, -(10**400), float("nan"), float("inf"), True)
        ),
        ({"task_description": "\ud83d"}, r"actions.json: task_description: '\\ud83d' holds half of a character"),
        ({"task_description": ["buy bread", "get \udc00"]}, "actions.json: task_description: 'get .*half"),
        ({"app_name": "\ud83d"}, "actions.json: app_name: .*half"),
        (
            {"actions": [{"type": "wait", "ostinato": {"kind": "fly"}}], "action_count": 1},
            r"actions\[0\].ostinato",
        ),
    ],
)
def test_a_corrupt_actions_file_is_told_by_field(store: Store, tmp_path: Path, changed: Any, told: str) -> None:
    folder_of(tmp_path / "data" / "1")
    folder_of(tmp_path / "data" / "2", **changed)
    with pytest.raises(FormatError, match=told):
        import_mobiagent(store, tmp_path / "data")
    assert store.ids() == []


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    '<hierarchy><node text="&b;" bounds="[0,0][1,1]"/></hierarchy>'
)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("actions.json", "{", "actions.json: JSON"),
        ("actions.json", "[" * 100_000, "actions.json: JSON"),
        ("actions.json", "3", "actions.json: JSON: expected an object"),
        ("react.json", "[]", "react.json: list: expected 6"),
        ("react.json", "{}", "react.json: list"),
        ("react.json", json.dumps([{"reasoning": 3}] * 6), r"react.json: \[0\].reasoning"),
        ("2.jpg", "not a picture", "2.jpg: picture"),
        ("2.jpg", None, "2.jpg: file: the screenshot is missing"),
        ("2.xml", "<hierarchy>", "2.xml: XML"),
        ("2.xml", BOMB, "2.xml: .*refused"),
        ("2.xml", '<hierarchy><node bounds="x"/></hierarchy>', "2.xml: line 1: bounds"),
        ("2.xml", '<node bounds="[0,0][1,1]">' * 5000, "2.xml: line 1: nested deeper"),
    ],
)
def test_a_corrupt_file_is_told_and_nothing_is_imported(
    store: Store, tmp_path: Path, name: str, content: str | None, told: str
) -> None:
    folder = folder_of(tmp_path / "data")
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_text(content)
    with pytest.raises(FormatError, match=told):
        import_mobiagent(store, folder)
    assert store.ids() == [] and list(store.blobs.all()) == []


def test_a_truncated_screenshot_is_told(store: Store, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "data")
    (folder / "3.jpg").write_bytes(jpeg(400, 800)[:-200])
    with pytest.raises(FormatError, match=r"3\.jpg: picture"):
        import_mobiagent(store, folder)


def test_a_folder_without_traces_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder, error in ((tmp_path / "empty", FormatError), (tmp_path / "none", UsageError)):
        with pytest.raises(error):
            import_mobiagent(store, folder)


def test_without_react_and_hierarchy_it_reads_as_a_person_did_it(store: Store, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "data", actions=ACTIONS[:1], action_count=1, task_description="tap")
    for path in [folder / "react.json", *folder.glob("*.xml")]:
        path.unlink()
    [trace_id] = import_mobiagent(store, folder)
    trace = store.load(trace_id)
    assert (trace.task, trace.steps[0].decision.source, trace.status) == ("tap", "human", "stopped")
    assert trace.steps[0].action == act.Tap(point=Point(x=30, y=10))
