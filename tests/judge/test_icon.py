"""Icons found by their shape: smaller, larger, on a dark ground; and not where they are not."""

from __future__ import annotations

import io
import sys

import pytest
from PIL import Image, ImageDraw

from ostinato.errors import ModelError, SetupError
from ostinato.judge.check import UNSURE, Icon
from ostinato.judge.icon import likeness, seeker_version
from ostinato.model.ocr import can_read

pytestmark = pytest.mark.skipif(not can_read(), reason="needs the extra `ocr`: make test installs it")
THRESHOLD = Icon(image="x").threshold


def file_of(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def cross(colour: int, opaque: bool = True, size: int = 24) -> Image.Image:
    image = Image.new("LA", (size, size), (255 - colour, 255 if opaque else 0))
    draw = ImageDraw.Draw(image)
    draw.line((3, 3, size - 4, size - 4), (colour, 255), 4)
    draw.line((3, size - 4, size - 4, 3), (colour, 255), 4)
    return image


@pytest.mark.parametrize("page", ["star 16", "star 32", "star 46", "star 64", "dark"])
def test_an_icon_is_found_from_half_to_twice_its_size_and_on_a_dark_ground(page: str, drawn: dict[str, bytes]) -> None:
    assert likeness(drawn["star"], drawn[page]) >= THRESHOLD


@pytest.mark.parametrize("page", ["none", "bills"])
def test_an_icon_is_not_found_among_others_or_words(page: str, drawn: dict[str, bytes]) -> None:
    assert likeness(drawn["star"], drawn[page]) < THRESHOLD - UNSURE


def test_nothing_is_found_where_nothing_is_drawn() -> None:
    faint = Image.effect_noise((200, 200), 3.0)  # what a JPEG makes of a plain ground
    assert likeness(file_of(cross(0)), file_of(faint)) == 0.0


@pytest.mark.parametrize("colour", [0, 255], ids=["dark", "light"])
def test_what_is_transparent_lies_on_the_other_colour(colour: int) -> None:
    ground = Image.new("L", (120, 90), 255 - colour)
    ground.paste(cross(colour).convert("L"), (40, 30))
    assert likeness(file_of(cross(colour, opaque=False)), file_of(ground)) > 0.95


def test_an_icon_larger_than_the_picture_is_not_seen() -> None:
    assert likeness(file_of(cross(0, size=400)), file_of(Image.new("L", (100, 100), 255))) == 0.0


def test_what_cannot_be_looked_for_is_said(drawn: dict[str, bytes]) -> None:
    for size in (7, 513):
        with pytest.raises(ModelError, match=f"the icon has {size} x {size} pixels; 8 to 512 are needed"):
            likeness(file_of(cross(0).resize((size, size))), drawn["none"])
    for plain in (Image.new("L", (24, 24), 90), Image.new("LA", (24, 24), (0, 0))):
        with pytest.raises(ModelError, match="the icon shows nothing"):
            likeness(file_of(plain), drawn["none"])
    with pytest.raises(ModelError, match="the icon cannot be read, a PNG or JPEG file is needed"):
        likeness(b"<svg/>", drawn["none"])
    with pytest.raises(ModelError, match="the picture cannot be read"):
        likeness(drawn["star"], drawn["none"][:200])
    with pytest.raises(ModelError, match="the picture has 9000 x 9000 pixels"):
        likeness(drawn["star"], file_of(Image.new("1", (9000, 9000))))


def test_without_the_extra_it_is_said_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, drawn: dict[str, bytes]
) -> None:
    assert "opencv" in seeker_version()
    monkeypatch.setitem(sys.modules, "cv2", None)
    with pytest.raises(SetupError, match=r"pip install 'ostinato-agents\[ocr\]'"):
        likeness(drawn["star"], drawn["none"])
