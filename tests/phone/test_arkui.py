"""Layouts as uitest tells them, and what is made of them; anything else is an error with the place."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import FormatError
from ostinato.phone.harmony.arkui import Layout, read_layout
from ostinato.trace.screen import Element


def component(*children: dict[str, Any], **about: str) -> dict[str, Any]:
    return {"attributes": {"bounds": "[0,0][100,100]", **about}, "children": list(children)}


def screen(*children: dict[str, Any]) -> dict[str, Any]:
    return component(component(*children, bundleName="org.example", abilityName="Main", type="root"))


def only(**about: str) -> Element:
    return read_layout(screen(component(**about)), "it").nodes[-1].element


_words = st.text(max_size=6)
_kinds = st.sampled_from(["Button", "Text", "TextInput", "Select", "Toggle", "Column", "", "Unheard"])
_bounds = st.builds("[{},{}][{},{}]".format, *[st.integers(-50, 3000)] * 4)
_abouts = st.fixed_dictionaries(
    {"bounds": _bounds},
    optional={
        "type": _kinds, "text": _words, "hint": _words, "description": _words, "id": _words, "zIndex": _words,
        "clickable": st.sampled_from(["true", "false", ""]), "checkable": st.booleans(), "bundleName": _words,
    },
)  # fmt: skip
_trees = st.recursive(
    st.builds(lambda about: {"attributes": about, "children": []}, _abouts),
    lambda inner: st.builds(lambda a, c: {"attributes": a, "children": c}, _abouts, st.lists(inner, max_size=4)),
    max_leaves=25,
)


def count(tree: dict[str, Any]) -> int:
    return 1 + sum(map(count, tree["children"]))


@given(_trees)
def test_every_component_becomes_one_element_with_a_path_of_its_own(tree: dict[str, Any]) -> None:
    for told in (tree, json.dumps(tree)):
        layout = read_layout(told, "it")
        paths = [node.element.path for node in layout.nodes]
        assert len(set(paths)) == len(paths) == count(tree) - 1
        orders = [node.order for node in layout.nodes]
        assert len(set(orders)) == len(orders)
        known = set(paths)
        assert all("/" not in path or path.rpartition("/")[0] in known for path in paths)


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["attributes", "children", "bounds", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(_anything | st.binary(max_size=40))
def test_anything_else_is_an_error_that_names_the_place(told: Any) -> None:
    try:
        assert isinstance(read_layout(told, "the layout"), Layout)
    except FormatError as error:
        assert str(error).startswith("the layout: ")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("{", "JSON"),
        ([], "the root: attributes: expected a component"),
        (component(), ""),
        (component({"attributes": {}}), "window 0: bounds"),
        (screen(component(bounds="[1,2]")), r"window 0.0: bounds: expected \[left,top\]"),
        ({"attributes": {"bounds": "[0,0][1,1]"}, "children": {"a": 1}}, "children: expected a list"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(told: Any, words: str) -> None:
    if not words:
        assert read_layout(told, "it").nodes == ()
        return
    with pytest.raises(FormatError, match=words):
        read_layout(told, "it")


def test_what_is_nested_too_deep_is_refused() -> None:
    told = component()
    for _ in range(500):
        told = component(told)
    with pytest.raises(FormatError, match="nested deeper than 400"):
        read_layout(told, "it")
    with pytest.raises(FormatError):
        read_layout('{"attributes":{"bounds":"[0,0][1,1]"},"children":[' * 100_000, "it")


def test_components_become_what_they_are_on_the_web() -> None:
    assert (only(type="Button", text="Send").role, only(type="Row", clickable="true").role) == ("button", "button")
    field = only(type="TextInput", text="milk", hint="What?", description="Name", key="field")
    assert (field.role, field.value, field.placeholder, field.name, field.id) == (
        "textbox", "milk", "What?", "Name", "field",
    )  # fmt: skip
    toggle = only(type="Toggle", checkable="true", checked="true", text="Wi-Fi")
    assert (toggle.role, toggle.checked, toggle.name) == ("switch", True, "Wi-Fi")
    assert only(type="Select", text="red").value == "red" and not only(type="Text", visible="false").reachable
    assert not only(type="Text", enabled="false").enabled and only(type="Text", enabled="").enabled


def test_a_password_is_known_by_its_marks_or_its_words() -> None:
    for about in ({"text": "****"}, {"hint": "Password"}, {"id": "pin"}, {"hint": "请输入密码"}, {"text": "•••"}):
        assert only(type="TextInput", **about).password and only(type="TextInput", **about).value is None
    for about in ({"text": "2*3"}, {"hint": "Shopping"}, {"id": "spinner"}, {"hint": "Write something"}):
        assert not only(type="TextInput", **about).password
    assert not only(type="Text", text="****").password


def test_the_window_in_front_names_the_app_and_left_out_windows_are_not_told() -> None:
    bar = component(component(type="Text", text="9:41"), bundleName="com.ohos.sceneboard", bounds="[0,0][100,5]")
    app = component(bundleName="org.example", abilityName="Main", pagePath="pages/Index", type="root")
    layout = read_layout(component(bar, app), "it", lambda bundle, box: box.height < 10)
    assert (layout.bundle, layout.ability, layout.page, len(layout.nodes)) == ("org.example", "Main", "pages/Index", 1)
    assert layout.nodes[0].order[0] == -1, "of two windows the one told first is in front"


def test_a_screen_that_lies_the_other_way_is_turned() -> None:
    layout = read_layout(component(bounds="[0,0][300,200]"), "it")
    assert (layout.turned((200, 300)).rotation, layout.turned((300, 200)).rotation) == (1, 0)
