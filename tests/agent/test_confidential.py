"""What looks like a secret is named as one, and what people really prefer is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.agent.confidential import secret_in

SECRETS = [
    ("password", "x"),
    ("wifi password", "sunshine"),
    ("PIN", "1234"),
    ("card_pin", "0000"),
    ("API key", "abc"),
    ("recovery code", "11-22-33"),
    ("Passwort", "hallo"),
    ("银行密码", "abc"),
    ("login", "my password is hunter2"),
    ("note", "token: abcd"),
    ("card", "4111 1111 1111 1111"),
    ("card", "5500-0000-0000-0004"),
    ("account", "DE89 3704 0044 0532 0130 00"),
    ("account", "GB29NWBK60161331926819"),
    ("x", "sk-proj-abcdefghijklmnop1234"),
    ("x", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
    ("x", "AKIAIOSFODNN7EXAMPLE"),
    ("x", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"),
    ("x", "-----BEGIN OPENSSH PRIVATE KEY-----"),
    ("x", "Bearer abcdef0123456789"),
    ("server", "https://anna:tulip@shop.example/"),
    ("x", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    ("x", "Tr0ub4dor&3"),
]
PLAIN = [
    ("who_paid", "Alice"),
    ("payer", "Bob O'Neill"),
    ("seat", "window, row 12"),
    ("home", "12 Harbour Street, 20457 Hamburg"),
    ("phone", "+49 40 1234567"),
    ("email", "alice@mail.example"),
    ("site", "https://shop.example/catalogue/books_2024/"),
    ("birthday", "1990-01-31"),
    ("amount", "1,234.50"),
    ("pineapple", "on pizza"),
    ("spin", "no"),
    ("key signature", "A minor"),
    ("order", "2024-01-15 9:00"),
    ("loyalty number", "1234 5678 9012 3456"),
    ("team", "Tokenizers United"),
    ("language", "中文"),
    ("size", "EU 42 / US 9"),
]


@pytest.mark.parametrize(("key", "value"), SECRETS)
def test_a_secret_is_named(key: str, value: str) -> None:
    assert secret_in(key, value) is not None


@pytest.mark.parametrize(("key", "value"), PLAIN)
def test_a_preference_is_none(key: str, value: str) -> None:
    assert secret_in(key, value) is None


@given(st.text(max_size=40), st.text(max_size=200))
def test_anything_can_be_asked(key: str, value: str) -> None:
    found = secret_in(key, value)
    assert found is None or found
