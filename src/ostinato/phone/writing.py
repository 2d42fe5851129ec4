"""What is typed is text and nothing else: a key that does something, such as Enter, is pressed by its own name."""

from __future__ import annotations

import re

from ostinato.errors import ActionFailed

_LINE_END = re.compile(r"\r\n|\r|\n")
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def plain_text(text: str, field: str, *, lines: bool | None, tabs: bool = True) -> str:
    """The text for a field (in words), its lines ended by a line feed. `lines` says whether the field takes several of
    them, None where the phone does not tell and a line break is text at any rate; `tabs` whether a tab is text there.
    Raises ActionFailed for what would be no text there: a line break must never send, nor a tab lead elsewhere."""
    plain = _LINE_END.sub("\n", text)
    if "\n" in plain and lines is False:
        raise ActionFailed(
            f"{field} takes one line, and the text has {plain.count(chr(10)) + 1}; write it in one line, and send it "
            "with `enter` or the key Enter"
        )
    if "\t" in plain and not tabs:
        raise ActionFailed(f"{field} takes no tab as text; write it without, or press the key Tab")
    odd = _NO_TEXT.search(plain)
    if odd is not None:
        raise ActionFailed(f"the text holds a control character (U+{ord(odd[0]):04X}), which is no text")
    return plain
