"""How well an icon is seen in a picture: normalised cross-correlation at many sizes, on a light or a dark ground."""

from __future__ import annotations

import io
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from PIL import Image, UnidentifiedImageError

from ostinato.errors import ModelError, SetupError
from ostinato.model.ocr import INSTALL, MOST_PIXELS

SMALLEST, LARGEST = 8, 512  # pixels of an icon's sides
_SIZES = tuple(2 ** (n / 8) for n in range(-8, 9))
_FINER = (0.97, 1.03)
_BEST = 3
_FLAT = 6.0  # grey levels: where the picture varies less, nothing is drawn
_PLAIN = 4.0  # the same of an icon
_LOOK = 1  # raised when the same icon and picture may give another number than before


def seeker_version() -> str:
    """What looks, for records and caches. SetupError without the extra."""
    try:
        return f"look {_LOOK}, opencv {version('opencv-python-headless')}"
    except PackageNotFoundError:
        raise SetupError(INSTALL) from None


def likeness(icon: bytes, picture: bytes) -> float:
    """How well an icon is seen at its best place and size, 0..1. Both are PNG or JPEG files.

    Raises ModelError for what is no picture, is too small or too large, or shows nothing; SetupError without the
    extra `ocr`."""
    try:
        import cv2
    except ImportError:
        raise SetupError(INSTALL) from None
    shape, ground = _grey(icon, "the icon"), _grey(picture, "the picture")
    height, width = shape.shape
    if not (min(height, width) >= SMALLEST and max(height, width) <= LARGEST):
        raise ModelError(f"the icon has {width} x {height} pixels; {SMALLEST} to {LARGEST} are needed")
    if shape.std() < _PLAIN:
        raise ModelError("the icon shows nothing: all of it has one colour")
    found = {size: _at(size, shape, ground, cv2) for size in _SIZES}
    for size in sorted(found, key=lambda size: -found[size])[:_BEST]:
        for finer in _FINER:
            found[size * finer] = _at(size * finer, shape, ground, cv2)
    return max(found.values())


def _at(size: float, shape: Any, ground: Any, cv2: Any) -> float:
    """The best match at one size; 0 where the icon would be too small or does not fit."""
    import numpy

    height, width = (round(side * size) for side in shape.shape)
    if min(height, width) < SMALLEST or height > ground.shape[0] or width > ground.shape[1]:
        return 0.0
    scaled = cv2.resize(shape, (width, height), interpolation=cv2.INTER_AREA if size < 1 else cv2.INTER_CUBIC)
    match = numpy.abs(cv2.matchTemplate(ground, scaled, cv2.TM_CCOEFF_NORMED))
    match[~numpy.isfinite(match)] = 0
    kernel = {"ksize": (width, height), "normalize": True, "anchor": (0, 0), "borderType": cv2.BORDER_ISOLATED}
    mean = cv2.boxFilter(ground, cv2.CV_32F, **kernel)
    square = cv2.boxFilter(ground * ground, cv2.CV_32F, **kernel)
    varies = numpy.sqrt(numpy.maximum(square - mean * mean, 0))[: match.shape[0], : match.shape[1]]
    match[varies < _FLAT] = 0
    return float(min(match.max(), 1.0))


def _grey(file: bytes, what: str) -> Any:
    """The grey levels, 0..255; what is transparent lies on black under a light icon, else on white."""
    import numpy

    try:
        with Image.open(io.BytesIO(file), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ModelError(f"{what} has {image.width} x {image.height} pixels, which is too many")
            parts = image.convert("LA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ModelError(f"{what} cannot be read, a PNG or JPEG file is needed: {error}") from None
    both = numpy.asarray(parts, dtype=numpy.float32)
    light, opaque = both[..., 0], both[..., 1] / 255
    if not opaque.any():
        return numpy.zeros_like(light)
    below = 0.0 if float((light * opaque).sum() / opaque.sum()) > 127 else 255.0
    return light * opaque + below * (1 - opaque)
