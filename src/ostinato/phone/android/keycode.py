"""Keys by their DOM names as Android's key codes."""

from __future__ import annotations

from ostinato.errors import ActionFailed

ENTER, BACK, HOME = 66, 4, 3
_CODES = {
    "Enter": ENTER, "Tab": 61, "Escape": 111, "Backspace": 67, "Delete": 112, "Insert": 124, "Home": 122, "End": 123,
    "PageUp": 92, "PageDown": 93, "ArrowUp": 19, "ArrowDown": 20, "ArrowLeft": 21, "ArrowRight": 22, " ": 62,
    "Space": 62, "ContextMenu": 82, "GoBack": BACK, "BrowserBack": BACK, "GoHome": HOME, "AppSwitch": 187, "Power": 26,
    "AudioVolumeUp": 24, "AudioVolumeDown": 25, "AudioVolumeMute": 164, "MediaPlayPause": 85, "MediaTrackNext": 87,
    "MediaTrackPrevious": 88, "MediaStop": 86, "Search": 84, "BrowserSearch": 84, "CapsLock": 115,
    ",": 55, ".": 56, "`": 68, "-": 69, "=": 70, "[": 71, "]": 72, "\\": 73, ";": 74, "'": 75, "/": 76, "@": 77,
    "+": 81, "*": 17, "#": 18,
}  # fmt: skip
_HELD = {"Shift": 0x41, "Alt": 0x12, "Control": 0x3000, "Meta": 0x30000}


def key_code(key: str) -> tuple[int, int]:
    """The code of a key such as `Enter`, `a` or `Control+A`, and what is held with it (Android's meta state).
    ActionFailed when there is no such key."""
    *held, name = ("+",) if key == "+" else key.split("+") if not key.endswith("++") else [*key[:-2].split("+"), "+"]
    meta = 0
    for modifier in held:
        if modifier not in _HELD:
            raise _unknown(key)
        meta |= _HELD[modifier]
    if len(name) == 1 and name.isascii() and name.isalpha():
        shift = _HELD["Shift"] if name.isupper() and not held else 0
        return 29 + ord(name.lower()) - ord("a"), meta | shift
    if len(name) == 1 and name.isascii() and name.isdigit():
        return 7 + int(name), meta
    if name[:1] == "F" and name[1:].isascii() and name[1:].isdigit() and 1 <= int(name[1:]) <= 12:
        return 130 + int(name[1:]), meta
    if name not in _CODES:
        raise _unknown(key)
    return _CODES[name], meta


def _unknown(key: str) -> ActionFailed:
    return ActionFailed(f"there is no key “{key}”; use DOM names such as Enter or ArrowDown")
