"""Reading the words of a picture with PP-OCR (the package rapidocr, extra `ocr`); its models lie in the package itself.

What wrapped within a column is put together again: in a table, `2026-` above `11-22` is one cell.
"""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from PIL import Image, UnidentifiedImageError

from ostinato.errors import ModelError, SetupError

INSTALL = "reading pictures needs an extra: pip install 'ostinato-agents[ocr]' (about 300 MB)"
MOST_PIXELS = 40_000_000
_DETECTOR = "PP-OCRv6_det_small.onnx"
_RECOGNIZER = "PP-OCRv6_rec_small.onnx"
_SETTINGS: dict[str, Any] = {
    "Global.log_level": "critical",
    "Global.use_cls": False,  # no text on a phone stands upside down
    "Global.max_side_len": 4000,
}
Side = tuple[Literal["max", "min"], int]
# How the detector is shown a picture: the longer side at most, or the shorter at least, so many pixels.
DETECTOR: Side = ("max", 960)
_TURN = threading.Lock()
_NEAR = 0.6  # of a line's height: how far below it the rest of a wrapped text begins
_ALIKE = 0.65  # how much of the higher line's height the lower one of a wrapped text has
_ALIGNED = 0.5  # of a line's height: how far the edges (or the middles) of a wrapped text's lines may differ


@dataclass(frozen=True)
class Line:
    """Words read on one line: `box` is left, top, width, height in pixels of the picture, `score` how sure the
    engine is, 0..1."""

    text: str
    box: tuple[float, float, float, float]
    score: float

    @property
    def bottom(self) -> float:
        return self.box[1] + self.box[3]

    @property
    def middle(self) -> float:
        return self.box[1] + self.box[3] / 2


def can_read() -> bool:
    """Whether the extra is installed."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


def engine_version() -> str:
    """What read, for records and caches: another one may read another thing. SetupError without the extra."""
    try:
        told = f"rapidocr {version('rapidocr')}, onnxruntime {version('onnxruntime')}"
    except PackageNotFoundError:
        raise SetupError(INSTALL) from None
    return f"{told}, {_DETECTOR}, {_RECOGNIZER}, " + ", ".join(f"{k}={v}" for k, v in (*_SETTINGS.items(), DETECTOR))


def read_lines(picture: bytes, *, threads: int | None = None, detector: Side = DETECTOR) -> tuple[Line, ...]:
    """The lines of text in a PNG or JPEG file, row by row from the left. One picture is read at a time, by as many
    threads as OMP_NUM_THREADS says, without it by all processors that this process may use.

    Raises SetupError without the extra, ModelError for what is no picture or has more than 40 million pixels."""
    pixels = _pixels(picture)
    with _TURN:
        found = _engine(threads or _threads(), detector)(pixels)
    if found.boxes is None or found.txts is None or found.scores is None:
        return ()
    lines = [
        Line(text=text.strip(), box=_around(corners), score=float(score))
        for corners, text, score in zip(found.boxes, found.txts, found.scores, strict=True)
        if text.strip()
    ]
    return tuple(line for row in _rows(lines) for line in row)


def joined(lines: Sequence[Line]) -> tuple[str, ...]:
    """The texts in reading order, each text that wrapped put together: its lines stand close below one another, are
    about as high, and begin (or end, or have their middle) at one place."""
    rows = [line for row in _rows(lines) for line in row]
    goes_on = {}  # by place, the place of the line that a line goes on with
    begun = set()
    for place, line in enumerate(rows):
        below = [n for n in range(place + 1, len(rows)) if n not in begun and _wraps(line, rows[n])]
        if below:
            goes_on[place] = min(below, key=lambda n: rows[n].box[1])
            begun.add(goes_on[place])
    texts = []
    for place in range(len(rows)):
        if place in begun:
            continue
        text = rows[place].text
        while place in goes_on:
            place = goes_on[place]
            text += ("" if text.endswith("-") else " ") + rows[place].text
        texts.append(text)
    return tuple(texts)


def _wraps(line: Line, below: Line) -> bool:
    """Whether a line may be the rest of another."""
    (left, top, width, height), (left_below, top_below, width_below, height_below) = line.box, below.box
    low, high = sorted((height, height_below))
    if low < _ALIKE * high or top_below < top + 0.5 * height or top_below - line.bottom > _NEAR * low:
        return False
    off = (left - left_below, left + width - left_below - width_below, left + width / 2 - left_below - width_below / 2)
    return min(map(abs, off)) <= _ALIGNED * high


def _rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Lines side by side, from the top; each row from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.middle, line.box[0])):
        if rows and rows[-1][0].box[1] <= line.middle <= rows[-1][0].bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [sorted(row, key=lambda line: line.box[0]) for row in rows]


def _around(corners: Any) -> tuple[float, float, float, float]:
    across, down = [float(x) for x, _ in corners], [float(y) for _, y in corners]
    return min(across), min(down), max(across) - min(across), max(down) - min(down)


def _pixels(picture: bytes) -> Any:
    """The picture as rows of blue, green, red."""
    try:
        import numpy

        with Image.open(io.BytesIO(picture), formats=("PNG", "JPEG")) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ModelError(f"the picture of {image.width} x {image.height} pixels is too large to be read")
            rgb = image.convert("RGB")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ModelError(f"the picture cannot be read, a PNG or JPEG file is needed: {error}") from None
    return numpy.ascontiguousarray(numpy.asarray(rgb)[:, :, ::-1])


def _threads() -> int:
    told = os.environ.get("OMP_NUM_THREADS", "")
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(int(told), allowed) if told.isdecimal() and int(told) > 0 else allowed


@cache
def _engine(threads: int, detector: Side) -> Any:
    """The engine, loaded once. The models are named by their files, so that none is looked for elsewhere."""
    try:
        import rapidocr
    except ImportError:
        raise SetupError(INSTALL) from None
    folder = Path(rapidocr.__file__).parent / "models"
    files = {"Det.model_path": folder / _DETECTOR, "Rec.model_path": folder / _RECOGNIZER}
    for file in files.values():
        if not file.is_file():
            raise SetupError(f"{file} is missing; install it again: pip install --force-reinstall rapidocr==3.10.0")
    count = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": n for kind, n in (("intra", threads), ("inter", 1))}
    side = dict(zip(("Det.limit_type", "Det.limit_side_len"), detector, strict=True))
    return rapidocr.RapidOCR(params={**_SETTINGS, **side, **count, **{key: str(file) for key, file in files.items()}})
