"""Eyes for stored screenshots: their words by OCR, and icons by their shapes. Each picture is looked at once.

An icon is looked for at 17 sizes from half to twice its own, as normalised cross-correlation of grey levels, whose sign
does not count: white on black correlates with black on white at -1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from ostinato.errors import OstinatoError, StoreError, UsageError
from ostinato.judge.check import AllOf, AnyOf, Asked, Check, Icon, OcrHas, TextHas, TextLacks, TextLike, Was
from ostinato.judge.evidence import has_tree
from ostinato.judge.icon import likeness, seeker_version
from ostinato.judge.substate import Rules
from ostinato.model.ocr import Line, engine_version, joined, read_lines
from ostinato.trace.blobs import Blobs, write_file
from ostinato.trace.record import Trace
from ostinato.trace.screen import Screen

MOST_BYTES = 1_000_000
_ENDINGS = ("", ".png", ".jpg", ".jpeg")  # MobiFlow names icons without one


class StoredEyes:
    """Reads the screenshots of a store. What was seen is kept in the folder `kept` (`Store.read`), by screenshot and
    version of the engine; `images` is the folder of the icons, which is that of the rules, and `icons` are those that
    will be looked for. `watch` is told when a picture is looked at that was not before."""

    def __init__(
        self,
        blobs: Blobs,
        kept: Path,
        images: Path | None = None,
        icons: Iterable[str] = (),
        watch: Callable[[], None] = lambda: None,
    ) -> None:
        self._blobs = blobs
        self._kept = kept
        self._images = images
        self._icons = tuple(sorted(set(icons)))
        self._watch = watch
        self._read: dict[str, tuple[Line, ...]] = {}
        self._seen: dict[tuple[str, str], float] = {}

    @property
    def name(self) -> str:
        """`pictures` with a hash of the engine's version and of the icons as they are now."""
        parts = [_or_why(engine_version), *(_or_why(self._icon_version, image) for image in self._icons)]
        return f"pictures {_hash(json.dumps(parts).encode())}"

    def read(self, screen: Screen) -> Sequence[str]:
        """The texts in the screenshot, what wrapped put together; nothing that stands in a password field.

        Raises StoreError when the screenshot was not kept or is lost, ModelError when it is no picture, SetupError
        without the extra `ocr`."""
        sha = _screenshot(screen)
        if sha not in self._read:
            file = self._file(engine_version(), sha, "words")
            lines = _lines(_load(file)) if self._blobs.has(sha) else None
            if lines is None:
                picture = self._blobs.get(sha)
                self._watch()
                lines = _visible(read_lines(picture), screen)
                self._keep(file, [[line.text, line.box, line.score] for line in lines])
            self._read[sha] = lines
        return joined(_visible(self._read[sha], screen))

    def find_icon(self, screen: Screen, image: str) -> float:
        """How well the icon is seen at its best place, 0..1.

        Raises StoreError when the screenshot was not kept or is lost, UsageError when there is no such icon beside the
        rules, ModelError when one of the two is no picture, SetupError without the extra `ocr`."""
        icon = self._icon(image)
        sha, key = _screenshot(screen), _hash(icon)
        if (sha, key) not in self._seen:
            file = self._file(seeker_version(), sha, key)
            found = _load(file) if self._blobs.has(sha) else None
            if not isinstance(found, float):
                picture = self._blobs.get(sha)
                self._watch()
                found = likeness(icon, picture)
                self._keep(file, found)
            self._seen[sha, key] = found
        return self._seen[sha, key]

    def _icon_version(self, image: str) -> str:
        return f"{image} {_hash(self._icon(image))} {seeker_version()}"

    def _icon(self, image: str) -> bytes:
        if self._images is None:
            raise UsageError(f"{image}: icons lie beside a file of rules, and these rules have none")
        folder = self._images.resolve()
        for path in ((folder / f"{image}{ending}").resolve() for ending in _ENDINGS):
            if not path.is_relative_to(folder):
                raise UsageError(f"{image}: an icon must lie in the folder of its rules, {folder}")
            if not path.is_file():
                continue
            try:
                if path.stat().st_size > MOST_BYTES:
                    raise UsageError(f"{path}: an icon has at most {MOST_BYTES} bytes")
                return path.read_bytes()
            except OSError as error:
                raise UsageError(f"{path}: the icon cannot be read: {error.strerror}") from None
        raise UsageError(f"{folder / image}: there is no such icon (a PNG or JPEG file beside the rules)")

    def _file(self, version: str, sha: str, what: str) -> Path:
        return self._kept / _hash(version.encode()) / sha[:2] / f"{sha}.{what}.json"

    def _keep(self, file: Path, found: Any) -> None:
        with suppress(OSError):  # it is read again then
            write_file(file, json.dumps(found).encode(), durable=False)


def icons_of(rules: Rules) -> tuple[str, ...]:
    """The icons that some rule asks for."""
    return tuple(check.image for check in _checks(rules) if isinstance(check, Icon))


def asks_pictures(rules: Rules) -> bool:
    """Whether some rule asks for what only a picture shows."""
    return any(isinstance(check, OcrHas | Icon) for check in _checks(rules))


def asks_words(rules: Rules, model: bool) -> bool:
    """Whether some rule asks for words, which are read in the picture of a screen without a tree; a `model` is asked
    in words itself."""
    if model and any(substate.text for substate in rules.substates):
        return True
    kinds = (TextHas, TextLacks, TextLike, *((Asked,) if model else ()))
    return any(isinstance(check, kinds) for check in _checks(rules))


def has_pictures_only(trace: Trace) -> bool:
    """Whether some screen of a trace has no tree. Of a damaged tree nothing is known, and its picture is not asked."""
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


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def _or_why(what: Callable[..., str], *of: str) -> str:
    """What something is, or why it is not known: that differs too, once it is there."""
    try:
        return what(*of)
    except OstinatoError as error:
        return f"none: {type(error).__name__}"


def _visible(lines: Iterable[Line], screen: Screen) -> tuple[Line, ...]:
    """The lines without those of password fields, should a picture show one. (A tree of Android's has no value of
    them.)"""
    hidden = [e.box for e in screen.elements if e.password and e.value != ""]

    def covered(line: Line) -> bool:
        left, top, width, height = line.box
        return any(
            min(left + width, box.left + box.width) > max(left, box.left)
            and min(top + height, box.top + box.height) > max(top, box.top)
            for box in hidden
        )

    return tuple(line for line in lines if not covered(line))


def _load(file: Path) -> Any:
    """What was kept before; None when nothing was, or what was kept is damaged."""
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError):
        return None


def _lines(found: Any) -> tuple[Line, ...] | None:
    try:
        return tuple(
            Line(str(text), (float(a), float(b), float(c), float(d)), float(s)) for text, (a, b, c, d), s in found
        )
    except (ValueError, TypeError):
        return None
