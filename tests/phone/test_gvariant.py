"""GVariant's text form, as `dconf dump` prints it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import AppError
from ostinato.phone.apps.gvariant import read_variant

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
PLAIN = st.one_of(st.booleans(), st.integers(-(2**40), 2**40), WORDS, st.floats(allow_nan=False, allow_infinity=False))
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=12
)


def printed(value: Any) -> str:
    """The value as GVariant prints it, every value of a dictionary in a variant."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "[" + ", ".join(printed(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{printed(k)}: <{printed(v)}>" for k, v in value.items()) + "}"
    if isinstance(value, str):
        quoted = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{quoted}'"
    return repr(value)


@given(VALUES)
def test_what_is_printed_is_read_back(value: Any) -> None:
    assert read_variant(printed(value)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("@aa{sv} []", []),
        ("uint32 7", 7),
        ("(int64 -3, 0x1f, 2.5e1)", (-3, 31, 25.0)),
        (r"'\u00e9\n\'\\'", "é\n'\\"),
        ("\"it's\"", "it's"),
        ("[{'location': <(uint32 2, <('Paris', 'LFPB', true, [(0.8, 0.04)], @a(dd) [])>)>}]",
         [{"location": (2, ("Paris", "LFPB", True, [(0.8, 0.04)], []))}]),
        ("just 5", 5),
        ("@ms nothing", None),
    ],
)  # fmt: skip
def test_forms_that_gnome_writes(text: str, value: Any) -> None:
    assert read_variant(text) == value


@pytest.mark.parametrize("text", ["", "[1", "{'a'}", "'open", "1 2", "<1", "nonsense", "[" * 500, r"'\u12"])
def test_what_is_none_is_an_error_with_its_place(text: str) -> None:
    with pytest.raises(AppError, match="expected"):
        read_variant(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(AppError):
        read_variant(text)
