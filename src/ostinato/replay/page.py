"""A page about one experience: its states as a picture, what is checked, its slots, its versions and their record."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from ostinato.errors import StoreError
from ostinato.judge.check import Check, words
from ostinato.replay.admission import operation
from ostinato.replay.experience import Experience, Node, all_slots
from ostinato.replay.standing import Change, Played

WIDTH = 380  # of the picture, in its own units: about the pixels of a phone
_LEFT, _RIGHT = 8, 44  # margins beside the boxes; ways past optional steps go on the right
_GAP = 26
_LINE = 17
_LETTERS = 35  # in a line of a box
_MOST_LINES = 4
_SLOT = re.compile(r"(\{[^\W\d]\w*\})")


@dataclass(frozen=True)
class Box:
    """A state in the picture: where it is, and its words in lines of pieces, each with whether it is a slot."""

    top: float
    height: float
    lines: tuple[tuple[tuple[str, bool], ...], ...]
    small: str
    kind: str  # read, edit, commit, end
    number: str
    link: str
    optional: bool = False
    leads: bool = True  # to the box below it

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


@dataclass(frozen=True)
class Picture:
    """The states from top to bottom; `past` are the ways past optional steps, `back` those to the next turn of a loop,
    as paths, with where to say so."""

    boxes: tuple[Box, ...]
    past: tuple[tuple[str, float], ...]
    back: tuple[tuple[str, float], ...]
    height: float
    width: float = WIDTH
    left: float = _LEFT
    inner: float = WIDTH - _LEFT - _RIGHT
    line: float = _LINE


@dataclass(frozen=True)
class Version:
    """A row of the table of versions."""

    experience: Experience
    played: Played
    changes: tuple[Change, ...]


def write_page(
    experience: Experience,
    versions: Sequence[Experience],
    played: Mapping[tuple[str, int], Played],
    changes: Sequence[Change],
    path: Path,
) -> Path:
    """Write the page of one version and return its path. `versions` are all that there are, `changes` what became of
    them. Raises StoreError when the file cannot be written."""
    loader = ChoiceLoader([PackageLoader("ostinato.replay", ""), PackageLoader("ostinato.trace")])
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters.update(words=words, day=lambda moment: f"{moment:%Y-%m-%d %H:%M}")
    rows = [
        Version(one, played.get((one.id, one.version), Played()), tuple(c for c in changes if c.version == one.version))
        for one in reversed(versions)
    ]
    page = environment.get_template("page.html").render(
        experience=experience,
        picture=picture(experience),
        slots=all_slots(experience),
        rows=rows,
        record=played.get((experience.id, experience.version), Played()),
        groups=[_groups(node) for node in experience.nodes],
        pieces=_pieces,
        operation=operation,
    )
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(page, "utf-8", errors="replace")
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink()
        raise StoreError(f"{path}: the page cannot be written: {error.strerror}; name another file") from error
    return path


def picture(experience: Experience) -> Picture:
    """The states of an experience: where it begins, each step, the end."""
    boxes = [_box(0, f"Begins at {experience.app or 'any place'}", "", "end", "▸", "#top")]
    for node in experience.nodes:
        turns = [loop.words() for loop in experience.loops if node.index == loop.first]
        before, after = len(node.pre) + len(node.commit), len(node.post)
        small = " · ".join(
            [*(f"for {said}" for said in turns), node.kind.replace("_", " "),
             *([node.condition] if node.condition else []),
             *([f"{before} checked before"] if before and not turns else []),
             *([f"{after} after"] if after and not turns else [])]
        )  # fmt: skip
        boxes.append(
            _box(_below(boxes), node.primitive, small, node.risk, str(node.index + 1), f"#step-{node.index + 1}",
                 node.optional, leads=not _ends_a_way(node, experience.nodes))
        )  # fmt: skip
    signs = len(experience.success) + len(experience.data or ())
    end = f"{signs} {'sign' if signs == 1 else 'signs'} of the end" if signs else "no sign of the end"
    boxes.append(_box(_below(boxes), "Done", end, "end", "✓", "#end"))
    past = [
        _way_past(boxes[n - 1], boxes[n + 1], boxes[n])
        for n, node in enumerate(experience.nodes, start=1)
        if node.optional and node.branch is None
    ]
    past += _ways(experience.nodes, boxes)
    back = [_way_back(boxes[loop.last + 1], boxes[loop.first + 1]) for loop in experience.loops]
    return Picture(tuple(boxes), tuple(past), tuple(back), boxes[-1].top + boxes[-1].height + 2)


def _ends_a_way(node: Node, nodes: Sequence[Node]) -> bool:
    """Whether what stands below a step is another way than its own."""
    below = nodes[node.index + 1] if node.index + 1 < len(nodes) else None
    if node.branch is None or below is None or below.branch is None:
        return False
    return below.branch.group == node.branch.group and below.branch != node.branch


def _ways(nodes: Sequence[Node], boxes: Sequence[Box]) -> list[tuple[str, float]]:
    """The ways that exclude each other: to the first step of each, and from the last one to where they meet again."""
    found: list[tuple[str, float]] = []
    for group in dict.fromkeys(node.branch.group for node in nodes if node.branch is not None):
        own = [node.index for node in nodes if node.branch is not None and node.branch.group == group]
        before, behind = boxes[own[0]], boxes[own[-1] + 2]
        for number in own:
            if number != own[0] and _ends_a_way(nodes[number - 1], nodes):
                found.append(_way_past(before, boxes[number + 1], boxes[number]))
                found.append(_way_past(boxes[number], behind, boxes[number + 1]))
    return found


def _below(boxes: Sequence[Box]) -> float:
    return boxes[-1].top + boxes[-1].height + _GAP


def _box(
    top: float, said: str, small: str, kind: str, number: str, link: str, optional: bool = False, leads: bool = True
) -> Box:
    lines = _wrapped(said)
    height = 14 + _LINE * len(lines) + (15 if small else 0)
    return Box(top, height, tuple(tuple(_pieces(line)) for line in lines), small, kind, number, link, optional, leads)


def _way_past(start: Box, end: Box, passed: Box) -> tuple[str, float]:
    """From the side of one box to that of the next but one; it leaves lower than another one arrives."""
    return _beside_the_boxes(start.middle + 6, end.middle - 6, WIDTH - 8, 14), passed.middle


def _way_back(start: Box, end: Box) -> tuple[str, float]:
    """From the side of one box up to that of one above it, or of the same."""
    return _beside_the_boxes(start.middle + 12, end.middle - 12, WIDTH - 18, -10), end.middle


def _beside_the_boxes(first: float, last: float, far: float, bend: float) -> str:
    """A path from the right side of the boxes out to `far` and back, with round corners of `bend` (less than 0: up)."""
    x = WIDTH - _RIGHT
    return (
        f"M {x} {first:g} C {far} {first:g} {far} {first:g} {far} {first + bend:g} L {far} {last - bend:g} "
        f"C {far} {last:g} {far} {last:g} {x + 7} {last:g}"
    )


def _wrapped(text: str) -> list[str]:
    """Lines of about the same width, wide letters (of Chinese, say) counted twice; the last is cut (…)."""
    lines, width = [""], 0
    for word in re.findall(r"\S+\s*", " ".join(text.split())) or [text]:
        pieces = [word] if _width(word.strip()) <= _LETTERS else list(word)
        for piece in pieces:
            if width and width + _width(piece.rstrip()) > _LETTERS:
                lines.append("")
                width = 0
            lines[-1] += piece
            width += _width(piece)
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1].rstrip()[: _LETTERS - 1] + "…"]
    return [line.rstrip() for line in lines]


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _pieces(text: str) -> list[tuple[str, bool]]:
    """A text in pieces: words, and the slots in it."""
    return [(piece, _SLOT.fullmatch(piece) is not None) for piece in _SLOT.split(text) if piece]


def _groups(node: Node) -> list[tuple[str, tuple[Check, ...]]]:
    found = [("Before it", node.pre), ("Before it is sent", node.commit), ("After it", node.post)]
    return [(name, checks) for name, checks in found if checks]
