"""Calls in an agent's words: read as BrowserGym reads them where it reads them, and never run."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.envs.calls import MOST_CALLS, MOST_CHARACTERS, Call, calls
from ostinato.errors import UsageError

KNOWN = frozenset({"click", "fill", "scroll", "noop", "select_option", "send_msg_to_user"})


def read(text: str) -> list[tuple[str, tuple[Any, ...], dict[str, Any]]]:
    return [(call.name, call.arguments, call.named) for call in calls(text, KNOWN)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("click('12')", [("click", ("12",), {})]),
        ("fill('a51', \"it's (here) # now\")", [("fill", ("a51", "it's (here) # now"), {})]),
        ("scroll(0, -200.5)", [("scroll", (0, -200.5), {})]),
        ("select_option('48', ['red', \"green\",])", [("select_option", ("48", ["red", "green"]), {})]),
        ("click('b22', button='right', modifiers=[])", [("click", ("b22",), {"button": "right", "modifiers": []})]),
        ("noop()", [("noop", (), {})]),
        ("fill('1', '''two\nlines''', True)", [("fill", ("1", "two\nlines", True), {})]),
        ("As seen (above):\n```\nclick('1')\n```\nthen noop(None)", [("click", ("1",), {}), ("noop", (None,), {})]),
        ("# click('9')\nclick('1') # click('2')", [("click", ("1",), {})]),
        ("click('1')click('2')", [("click", ("1",), {}), ("click", ("2",), {})]),
        ("I think (click('1'))", [("click", ("1",), {})]),
        ("fill('1',\n  'x'  # why\n)", [("fill", ("1", "x"), {})]),
        ("fill('דנה', '寿司 🍣')", [("fill", ("דנה", "寿司 🍣"), {})]),
    ],
)  # fmt: skip
def test_what_stands_there_is_read(text: str, expected: list[tuple[str, tuple[Any, ...], dict[str, Any]]]) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "click(__import__('os').system('id'))",
        "click(f'{open(\"x\")}')",
        "click([x for x in '12'])",
        "click(*['1'])",
        "click(**{'bid': '1'})",
        "click(b'12')",
        "click(lambda: 0)",
        "click('1' if True else '2')",
        "click('1' + '2')",
        "click(bid='1', bid='2')",
        "click(x := '1')",
        "click(-True)",
        "click({**{}})",
        "click('1'",
        "click('1]",
        "click(" + "[" * 5000,
        "click(" + "-" * 5000 + "1)",
        "fill('1', 'a\x00b', y)",
        "click(1j)",
        "click(...)",
    ],
)
def test_what_is_no_literal_is_refused_and_not_run(text: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read(text)


def test_unknown_names_no_action_and_too_much_are_said() -> None:
    with pytest.raises(UsageError, match="no action 'system'; there are click, fill"):
        read("import os; system('id')")
    for text in ("", "nothing to do", "click", "see (above)", "# click('1')"):
        with pytest.raises(UsageError, match="there is no action in"):
            read(text)
    with pytest.raises(UsageError, match="too long"):
        read("click('1')" + " " * MOST_CHARACTERS)
    with pytest.raises(UsageError, match=f"more than {MOST_CALLS} actions"):
        read("noop()" * (MOST_CALLS + 1))


literals = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(KNOWN)),
            st.lists(literals, max_size=3),
            st.dictionaries(st.sampled_from(["bid", "value", "text"]), literals, max_size=2),
        ),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from(["\n", " ", "; ", "\n# well, click('3')\n", " and then (as said) "]),
)
def test_every_call_written_as_python_writes_it_is_read_back(
    wanted: list[tuple[str, list[Any], dict[str, Any]]], between: str
) -> None:
    written = [
        f"{name}({', '.join([*map(repr, given), *(f'{key}={value!r}' for key, value in named.items())])})"
        for name, given, named in wanted
    ]
    assert read(between.join(written)) == [(name, tuple(given), named) for name, given, named in wanted]


pieces = st.sampled_from(
    ["click", "fill", "rm", "(", ")", "[", "]", "{", "}", "'", '"', "'''", "\\", "#", "\n", ",", "=", "*", "1", "x",
     "'a'", "__import__", ".", ":", "f'", "\x00", "é", "-", " "]
)  # fmt: skip


@given(st.lists(pieces, max_size=40).map("".join) | st.text(max_size=60))
def test_any_text_is_calls_of_literals_or_a_clear_error(text: str) -> None:
    try:
        found = calls(text, KNOWN)
    except UsageError:
        return
    assert found and all(isinstance(call, Call) and call.name in KNOWN and _plain(call.arguments) for call in found)


def _plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_plain(one) for one in value)
    if isinstance(value, dict):
        return all(_plain(one) for pair in value.items() for one in pair)
    return value is None or type(value) in (str, int, float, bool)
