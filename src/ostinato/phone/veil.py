"""What must not be kept: passwords and typed secrets, hidden in the tree and in the picture."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable

from PIL import Image, ImageDraw

from ostinato.errors import UsageError
from ostinato.trace.action import Type
from ostinato.trace.screen import Element

BULLET = "•"


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


def veiled(element: Element, spoken: Collection[str]) -> Element:
    """The element; as a password when one of the secrets that were typed stands in it."""
    if not any(secret in (element.value or "") or secret in element.name for secret in spoken):
        return element
    hidden = BULLET * len(element.value or element.name)
    name = element.name if element.editable else ""
    return element.model_copy(update={"value": hidden, "name": name, "password": True})


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
