"""What must not be kept: passwords and typed secrets, hidden in the tree and in the picture."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Collection, Iterable
from urllib.parse import unquote_to_bytes

from PIL import Image, ImageDraw

from ostinato.errors import UsageError
from ostinato.trace.action import Type
from ostinato.trace.screen import Element

BULLET = "•"
_UNIT = re.compile(rb"%[0-9A-Fa-f]{2}|.", re.DOTALL)  # what an address writes for one byte
_SITE = re.compile(r"[a-z+.-]+://[^/?#]*", re.IGNORECASE)


def words_of(action: Type, secrets: Callable[[str], str] | None, spoken: set[str]) -> str:
    """What is to be typed. A secret's value is looked up by its name, and noted in `spoken`, so that it is veiled from
    then on. Raises UsageError where the phone has no secrets; SetupError when `secrets` does not know the name."""
    if action.secret is None:
        return action.text
    if secrets is None:
        raise UsageError(f"the secret “{action.secret}” is asked for, but this phone has no secrets")
    text = secrets(action.secret)
    if text:
        spoken.add(text)
    return text


def hidden(text: str, spoken: Collection[str]) -> str:
    """The text with bullets where one of the secrets stands, as it is or as an address writes it (`a%20b`, `a+b`)."""
    for secret in sorted(filter(None, spoken), key=len, reverse=True):
        text = text.replace(secret, BULLET * len(secret))
    units = [bytes(found[0]) for found in _UNIT.finditer(text.encode("utf-8", "surrogatepass"))] if spoken else []
    covered = set[int]()
    for space in (b"+", b" "):
        read = b"".join(space if one == b"+" else unquote_to_bytes(one) for one in units)
        for wanted in (secret.encode("utf-8", "surrogatepass") for secret in spoken if secret):
            at = read.find(wanted)
            while at >= 0:
                covered.update(range(at, at + len(wanted)))
                at = read.find(wanted, at + 1)
    if not covered:
        return text
    for at in covered:
        starts = units[at] if len(units[at]) == 1 else unquote_to_bytes(units[at])
        units[at] = b"" if starts[0] & 0xC0 == 0x80 else BULLET.encode()  # one for each letter
    return b"".join(units).decode("utf-8", "replace")


def hidden_in_address(url: str, spoken: Collection[str]) -> str:
    """The same of an address, whose site stays as it is: a border asks for it."""
    site = _SITE.match(url)
    start = site.end() if site is not None else 0
    return url[:start] + hidden(url[start:], spoken)


def hush(error: BaseException, spoken: Collection[str]) -> None:
    """Take the secrets out of the words of an error: they are kept in the trace."""
    if spoken:
        error.args = tuple(hidden(part, spoken) if isinstance(part, str) else part for part in error.args)


def veiled(element: Element, spoken: Collection[str]) -> Element:
    """The element; as a password when one of the secrets that were typed stands in it."""
    told = {name: getattr(element, name) or "" for name in ("name", "value", "placeholder", "id", "hint")}
    if not any(secret in said for secret in spoken for said in (*told.values(), *element.options)):
        return element
    update: dict[str, object] = {
        **{name: hidden(told[name], spoken) or None for name in ("placeholder", "id", "hint")},
        "options": tuple(hidden(option, spoken) for option in element.options),
    }
    if any(secret in told[name] for secret in spoken for name in ("name", "value", "placeholder")):
        update |= {"value": BULLET * len(told["value"] or told["name"] or told["placeholder"]), "password": True}
        update["name"] = hidden(element.name, spoken) if element.editable else ""
    return element.model_copy(update=update)


def masked(picture: bytes, size: tuple[int, int], elements: Iterable[Element]) -> bytes:
    """A screenshot as JPEG in its right size, with a grey box where a password stands."""
    hidden = [e.box for e in elements if e.password and e.value]
    image: Image.Image = Image.open(io.BytesIO(picture))
    if not hidden and image.size == size and image.format == "JPEG":
        return picture
    image = image.convert("RGB")
    if image.size != size:
        image = image.resize(size)
    draw = ImageDraw.Draw(image)
    for box in hidden:
        draw.rectangle((box.left, box.top, box.left + box.width, box.top + box.height), fill="#9aa0a6")
    return jpeg(image)


def jpeg(image: Image.Image) -> bytes:
    """A picture as it is kept."""
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()
