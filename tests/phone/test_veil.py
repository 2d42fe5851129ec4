"""What is hidden of a secret: in words, in addresses, in elements."""

from __future__ import annotations

from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import PhoneError
from ostinato.phone.veil import BULLET, hidden, hidden_in_address, hush, veiled
from ostinato.trace.screen import Box, Element

BOX = Box(left=0, top=0, width=10, height=10)
SECRETS = st.text("aZ9 +%&=/?#ü東😀.•", min_size=3, max_size=8)


@given(SECRETS, st.text("bcd -", max_size=8), st.text("bcd -", max_size=8))
def test_a_secret_is_hidden_in_whatever_writing(secret: str, before: str, after: str) -> None:
    for write in (str, quote, quote_plus, lambda text: quote(text, safe="").replace("%2B", "%2b")):
        said = hidden(f"{before}{write(secret)}{after}", {secret})
        if set(secret) <= set(BULLET):
            continue
        assert secret not in said and secret not in unquote_plus(said), (write(secret), said)
        assert said.startswith(before) and BULLET in said


@given(st.text(max_size=20))
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    assert hidden(text, ()) == text and hidden(text, {text + "!"}) == text


def test_the_site_of_an_address_stays() -> None:
    url = "http://127.0.0.1:5000/in?user=ann&password=5000&next=5%3000"
    assert hidden_in_address(url, {"5000"}) == "http://127.0.0.1:5000/in?user=ann&password=••••&next=••••"


@pytest.mark.parametrize("field", ["name", "value", "placeholder", "id", "hint", "options"])
def test_no_part_of_an_element_holds_a_secret(field: str) -> None:
    said = ("my tr0ub4dor",) if field == "options" else "my tr0ub4dor"
    element = Element(**{"role": "textbox", "editable": True, "box": BOX, "path": "a", field: said})
    assert "tr0ub4dor" not in veiled(element, {"tr0ub4dor"}).model_dump_json()
    assert veiled(element, {"other"}) == element


def test_an_error_says_no_secret() -> None:
    error = PhoneError("it does not take “tr0ub4dor”")
    hush(error, {"tr0ub4dor"})
    assert str(error) == "it does not take “•••••••••”"
