"""Keys by their DOM names as HarmonyOS's key codes (the numbers of OpenHarmony's `KeyCode`)."""

from __future__ import annotations

from ostinato.errors import ActionFailed

_MOST = 3  # keys that uitest presses at once
_CODES = {
    "Enter": 2054, "Tab": 2049, "Escape": 2070, "Backspace": 2055, "Delete": 2071, "Insert": 2083, "Home": 2081,
    "End": 2082, "PageUp": 2068, "PageDown": 2069, "ArrowUp": 2012, "ArrowDown": 2013, "ArrowLeft": 2014,
    "ArrowRight": 2015, " ": 2050, "Space": 2050, "ContextMenu": 2067, "GoBack": 2, "BrowserBack": 2, "GoHome": 1,
    "AppSwitch": 2210, "Power": 18, "AudioVolumeUp": 16, "AudioVolumeDown": 17, "AudioVolumeMute": 22,
    "MediaPlayPause": 10, "MediaTrackNext": 12, "MediaTrackPrevious": 13, "MediaStop": 11, "CapsLock": 2074,
    ",": 2043, ".": 2044, "`": 2056, "-": 2057, "=": 2058, "[": 2059, "]": 2060, "\\": 2061, ";": 2062, "'": 2063,
    "/": 2064, "@": 2065, "+": 2066, "*": 2010, "#": 2011,
}  # fmt: skip
_HELD = {"Shift": 2047, "Alt": 2045, "Control": 2072, "Meta": 2076}


def key_codes(key: str) -> tuple[int, ...]:
    """The codes to press at once for a key such as `Enter`, `a` or `Control+A`. ActionFailed when there is no such key,
    or when they are more than three."""
    *held, name = ("+",) if key == "+" else key.split("+") if not key.endswith("++") else [*key[:-2].split("+"), "+"]
    if any(modifier not in _HELD for modifier in held):
        raise _unknown(key)
    codes = [_HELD[modifier] for modifier in held]
    if len(name) == 1 and name.isascii() and name.isalpha():
        codes += [_HELD["Shift"]] * (name.isupper() and not held)
        codes.append(2017 + ord(name.lower()) - ord("a"))
    elif len(name) == 1 and name.isascii() and name.isdigit():
        codes.append(2000 + int(name))
    elif name[:1] == "F" and name[1:].isascii() and name[1:].isdigit() and 1 <= int(name[1:]) <= 12:
        codes.append(2089 + int(name[1:]))
    elif name in _CODES:
        codes.append(_CODES[name])
    else:
        raise _unknown(key)
    if len(codes) > _MOST:
        raise ActionFailed(f"“{key}” presses {len(codes)} keys at once; this phone can be made to press {_MOST}")
    return tuple(codes)


def _unknown(key: str) -> ActionFailed:
    return ActionFailed(f"there is no key “{key}”; use DOM names such as Enter or ArrowDown")
