"""Eyes for stored screenshots: their words by OCR (each picture read once), and icons by their shapes.

An icon is looked for at 17 sizes from half to twice its own, as normalised cross-correlation of grey levels, whose sign
does not count: white on black correlates with black on white at -1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ostinato.errors import StoreError, UsageError
from ostinato.judge.check import AllOf, AnyOf, Asked, Check, Icon, OcrHas, TextHas, TextLacks, TextLike, Was
from ostinato.judge.evidence import has_tree
from ostinato.judge.icon import likeness
from ostinato.judge.substate import Rules
from ostinato.model.ocr import Line, engine_version, joined, read_lines
from ostinato.trace.blobs import Blobs, write_file
from ostinato.trace.record import Trace
from ostinato.trace.screen import Screen

MOST_BYTES = 1_000_000


class StoredEyes:
    """Reads the screenshots of a store. What was read is kept in the folder `read`, by screenshot and version of the
    engine, until the screenshot is gone; `images` is the folder of the icons, which is that of the rules."""

    def __init__(self, blobs: Blobs, read: Path, images: Path | None = None) -> None:
        self._blobs = blobs
        self._kept = read
        self._images = images
        self._tidy = False

    def read(self, screen: Screen) -> Sequence[str]:
        """The texts in the screenshot, what wrapped put together; nothing that stands in a password field.

        Raises StoreError when the screenshot was not kept or is lost, ModelError when it is no picture, SetupError
        without the extra `ocr`."""
        sha = _screenshot(screen)
        version = engine_version()
        file = self._kept / hashlib.sha256(version.encode()).hexdigest()[:12] / sha[:2] / f"{sha}.json"
        lines = _load(file)
        if lines is None or not self._blobs.has(sha):
            lines = _visible(read_lines(self._blobs.get(sha)), screen)
            with suppress(OSError):
                self._remove_outdated()
                write_file(file, json.dumps([[line.text, line.box, line.score] for line in lines]).encode(), False)
        return joined(_visible(lines, screen))

    def find_icon(self, screen: Screen, image: str) -> float:
        """How well the icon is seen at its best place, 0..1.

        Raises StoreError when the screenshot was not kept or is lost, UsageError when there is no such icon beside the
        rules, ModelError when one of the two is no picture, SetupError without the extra `ocr`."""
        icon = self._icon(image)
        return likeness(icon, self._blobs.get(_screenshot(screen)))

    def _icon(self, image: str) -> bytes:
        if self._images is None:
            raise UsageError(f"{image}: icons lie beside a file of rules, and these rules have none")
        folder = self._images.resolve()
        path = (folder / image).resolve()
        if not path.is_relative_to(folder):
            raise UsageError(f"{image}: an icon must lie in the folder of its rules, {folder}")
        try:
            if path.stat().st_size > MOST_BYTES:
                raise UsageError(f"{path}: an icon has at most {MOST_BYTES} bytes")
            return path.read_bytes()
        except OSError as error:
            raise UsageError(f"{path}: the icon cannot be read: {error.strerror}") from None

    def _remove_outdated(self) -> None:
        """Once: what was read of pictures that are gone must go too."""
        if self._tidy:
            return
        self._tidy = True
        for file in self._kept.glob("*/??/*.json"):
            if not self._blobs.has(file.stem):
                file.unlink(missing_ok=True)


def asks_pictures(rules: Rules) -> bool:
    """Whether some rule asks for what only a picture shows."""
    return any(isinstance(check, OcrHas | Icon) for check in _checks(rules))


def asks_words(rules: Rules) -> bool:
    """Whether some rule asks for words, which are read in the picture of a screen without a tree."""
    in_words = any(substate.text for substate in rules.substates)
    return in_words or any(isinstance(check, TextHas | TextLacks | TextLike | Asked) for check in _checks(rules))


def has_pictures_only(trace: Trace) -> bool:
    """Whether some screen of a trace has no tree."""
    shown = [*(step.before for step in trace.steps), *([trace.final] if trace.final is not None else [])]
    return any(not has_tree(screen) for screen in shown)


def _checks(rules: Rules) -> Iterator[Check]:
    def all_of(checks: Iterable[Check]) -> Iterator[Check]:
        for check in checks:
            yield check
            if isinstance(check, AnyOf | AllOf | Was):
                yield from all_of(check.checks)

    return all_of(check for substate in rules.substates for check in substate.checks)


def _screenshot(screen: Screen) -> str:
    if screen.screenshot is None:
        raise StoreError("the screenshot was not kept")
    return screen.screenshot


def _visible(lines: Iterable[Line], screen: Screen) -> tuple[Line, ...]:
    """The lines without those of password fields, should a picture show one."""
    hidden = [e.box for e in screen.elements if e.password and e.value]

    def covered(line: Line) -> bool:
        left, top, width, height = line.box
        return any(
            min(left + width, box.left + box.width) > max(left, box.left)
            and min(top + height, box.top + box.height) > max(top, box.top)
            for box in hidden
        )

    return tuple(line for line in lines if not covered(line))


def _load(file: Path) -> tuple[Line, ...] | None:
    """What was read before; None when nothing was, or what was kept is damaged."""
    try:
        found: Any = json.loads(file.read_bytes())
        return tuple(
            Line(str(text), (float(a), float(b), float(c), float(d)), float(s)) for text, (a, b, c, d), s in found
        )
    except (OSError, ValueError, TypeError):
        return None
