"""Values that nobody should find in a memory: passwords, keys, cards, one-time codes.

A filter of forms and names, no proof: what it lets through may still be secret."""

from __future__ import annotations

import math
import re
from collections import Counter

from ostinato.trace.values import normal

_NAMED = re.compile(
    r"\b(pass ?(?:word|phrase|code|wd)s?|pwd|pins?|cvv|cvc|secrets?|tokens?|api ?keys?|private ?keys?|access ?keys?|"
    r"credentials?|(?:one ?time|security|verification|recovery|backup) ?codes?|otp|tan|2fa|seed ?phrase|"
    r"social ?security|ssn|kennwort|passwort|geheimzahl|mot de passe|contraseñas?|senhas?|пароль)\b"
)
_CJK = ("密码", "密碼", "口令", "パスワード", "暗証", "비밀번호")
_FORMS = (
    (re.compile(r"-----BEGIN [A-Z ]+-----"), "a key file"),
    (re.compile(r"\beyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*"), "a token"),
    (re.compile(r"\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abpr]|AKIA|ASIA|AIza|hf|npm|pypi)[-_]?[A-Za-z0-9_-]{14,}"),
     "a key"),
    (re.compile(r"(?i)\b(?:bearer|basic)\s+[a-z0-9+/=_.-]{12,}"), "a token"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "an address with a password"),
    (re.compile(r"(?i)\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b"), "the number of an account"),
)  # fmt: skip
_DIGITS = re.compile(r"(?<!\d)(?:\d[ -]?){12,18}\d(?!\d)")
_RUN = re.compile(r"[A-Za-z0-9+/=_\-.~!@#$%^&*]{16,}")
_SCATTERED = 3.6  # bits a character: words have less


def secret_in(key: str, value: str) -> str | None:
    """What kind of secret a memory would hold, in words; None where nothing looks like one."""
    said = normal(re.sub(r"[_-]", " ", key))
    if _NAMED.search(said) or any(word in said for word in _CJK):
        return "a password or code, by its name"
    if _NAMED.search(normal(value)) and re.search(r"\d|[:=]\s*\S", value):
        return "a password or code, by its words"
    for pattern, name in _FORMS:
        if pattern.search(value):
            return name
    if any(_is_card(found.group()) for found in _DIGITS.finditer(value)):
        return "the number of a card"
    if any(_is_scattered(found.group()) for found in _RUN.finditer(value)):
        return "a key, by its letters"
    if re.fullmatch(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[^\w\s])\S{8,}", value.strip()):
        return "a password, by its letters"
    return None


def _is_card(text: str) -> bool:
    """Whether digits have the check digit of a card (Luhn)."""
    digits = [int(c) for c in text if c.isdigit()]
    doubled = [d if n % 2 == 0 else (2 * d - 9 if d > 4 else 2 * d) for n, d in enumerate(reversed(digits))]
    return len(set(digits)) > 1 and sum(doubled) % 10 == 0


def _is_scattered(text: str) -> bool:
    """Whether letters and figures are mixed as chance mixes them: no address, no words with signs between."""
    kinds = sum(any(test(c) for c in text) for test in (str.islower, str.isupper, str.isdigit))
    if kinds < 2 or not any(c.isdigit() for c in text) or re.search(r"https?:|www\.|@[\w-]+\.\w|/[\w-]+/", text):
        return False
    counts = Counter(text)
    bits = -sum(n / len(text) * math.log2(n / len(text)) for n in counts.values())
    return bits >= _SCATTERED
