"""The picture of a screen as a model is shown it: smaller, as JPEG."""

from __future__ import annotations

import io

from PIL import Image, UnidentifiedImageError

from ostinato.errors import ModelError

_QUALITY = 85


def shrunk(picture: bytes, factor: float) -> bytes:
    """A PNG or JPEG file with its sides times `factor`, as a JPEG file. Raises ModelError for what is no picture."""
    try:
        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as image:
            size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
            smaller = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ModelError(f"the screenshot cannot be read: {error}") from None
    written = io.BytesIO()
    smaller.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()
