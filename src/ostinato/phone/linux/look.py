"""One look at a Linux phone's screen: the elements of the window in front."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from PIL import Image

from ostinato.errors import ActionFailed, Covered
from ostinato.phone.linux.accessible import HOLDERS, Accessible
from ostinato.phone.look import called, same
from ostinato.phone.veil import BULLET, veiled
from ostinato.trace.screen import Box, Element, Point

__all__ = ["LinuxLook", "read_windows"]

# AT-SPI's numbers of roles, as roles of the web.
_ROLES = {
    2: "alert", 7: "checkbox", 8: "menuitemcheckbox", 11: "combobox", 14: "gridcell", 16: "dialog", 26: "button",
    27: "img", 29: "text", 30: "listbox", 31: "list", 32: "listitem", 33: "menu", 34: "menubar", 35: "menuitem",
    37: "tab", 38: "tabpanel", 40: "textbox", 42: "progressbar", 43: "button", 44: "radio", 45: "menuitemradio",
    48: "scrollbar", 49: "group", 50: "separator", 51: "slider", 52: "spinbutton", 54: "status", 55: "table",
    56: "cell", 57: "columnheader", 58: "rowheader", 60: "terminal", 61: "textbox", 62: "button", 63: "toolbar",
    64: "tooltip", 65: "tree", 66: "treegrid", 69: "window", 73: "paragraph", 79: "textbox", 81: "caption",
    83: "heading", 88: "link", 90: "grid", 91: "treeitem", 98: "list", 107: "text", 116: "text", 130: "switch",
    132: "math",
}  # fmt: skip
_TABLIST, _PASSWORD, _SCROLLER, _DIALOG = 38, 40, 49, 16
_PLAIN = HOLDERS | {23, 69}  # and windows
_LABEL_GAP = 32  # pixels between a field and the words above it
_MOST_OFF = 24  # pixels that the size of a menu may differ from that of its surface
_LEAST_CONTRAST = 24  # of 255: below it a box holds nothing
_TOUCHED = frozenset({
    "button", "checkbox", "combobox", "link", "menuitem", "menuitemcheckbox", "menuitemradio", "option", "radio",
    "slider", "spinbutton", "switch", "tab", "textbox", "treeitem", "listitem", "gridcell",
})  # fmt: skip
_NAMED_BY_CONTENT = frozenset({
    "button", "checkbox", "link", "listitem", "menuitem", "menuitemcheckbox", "menuitemradio", "option", "radio", "tab",
})  # fmt: skip
_MULTI_LINE = 17
_ENABLED, _CHECKED, _FOCUSED, _PRESSED, _SELECTED = 24, 4, 12, 20, 23
_EDITABLE, _CHECKABLE, _SELECTABLE, _SENSITIVE = 7, 41, 22, 24
_TYPE_NAME = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]*)+")  # GTK calls a thing without a name by its type
_ACCELERATOR = re.compile(r"(?:(?:Ctrl|Alt|Shift|Super)\+)+\S+")  # beside an entry of a menu
_SHORTCUT = re.compile(r"\s*\[[^\]]+\]$")  # at the end of a tooltip


@dataclass(frozen=True)
class LinuxLook:
    """What was seen. `scrollers` are the boxes of what scrolls, by the path of the element or of what holds it; `popup`
    says that a menu or list is open over the window; `of_lines` are the paths of the fields that take several lines."""

    width: int
    height: int
    elements: tuple[Element, ...]
    scrollers: tuple[tuple[str, Box], ...] = ()
    popup: bool = False
    title: str = ""
    package: str = ""
    dialog: bool = False
    of_lines: frozenset[str] = frozenset()

    def find(self, wanted: Element, seen: LinuxLook | None = None) -> Element:
        """What an element of an earlier look is now; ActionFailed when it is gone or cannot be told from others."""
        alike = [e for e in self.elements if same(e, wanted)]
        if len(alike) > 1 and seen is not None and wanted in seen.elements:
            alike = [e for e in alike if self._beside(e) == seen._beside(wanted)] or alike
        for element in alike:
            if element.path == wanted.path:
                return element
        if len(alike) == 1 and (wanted.name or wanted.placeholder):
            return alike[0]
        if len(alike) > 1:
            raise ActionFailed(f"{called(wanted)} moved, and {len(alike)} things are called so")
        raise ActionFailed(f"{called(wanted)} is not on the screen any more")

    def _beside(self, element: Element) -> list[str]:
        around = element.path.rpartition("/")[0]
        return [e.name for e in self.elements if e.is_inside(around)]

    def place(self, point: Point, wanted: Element, seen: LinuxLook | None = None) -> tuple[float, float]:
        """Where to touch for a point of an element of an earlier look. ActionFailed when it is gone or out of view,
        Covered when something lies over it."""
        now = self.find(wanted, seen)
        if not self.in_view(now):
            raise ActionFailed(f"{called(wanted)} is not in view")
        if not now.reachable:
            raise Covered(f"{called(wanted)} is covered; nothing was touched")
        old, box = wanted.box, now.box
        across = down = 0.5
        if old.contains(point) and old.width and old.height:
            across, down = (point.x - old.left) / old.width, (point.y - old.top) / old.height
        x, y = box.left + box.width * across, box.top + box.height * down
        return min(max(x, 0), self.width - 1), min(max(y, 0), self.height - 1)

    def in_view(self, element: Element) -> bool:
        """Whether its middle is within the screen and within what scrolls around it."""
        middle = element.box.center
        if not (0 <= middle.x < self.width and 0 <= middle.y < self.height):
            return False
        return all(box.contains(middle) for path, box in self.scrollers if element.is_inside(path))

    def scroller(self, wanted: Element | None) -> Box:
        """The box of what scrolls: around an element, otherwise the largest. ActionFailed when nothing scrolls."""
        boxes = list(self.scrollers)
        if wanted is not None:
            now = self.find(wanted)
            within = [b for b in boxes if b[0].startswith(now.path + "/")]
            boxes = [b for b in boxes if now.is_inside(b[0])][-1:] or within[:1]
        if not boxes:
            raise ActionFailed("there is nothing to scroll")
        return max((box for _, box in boxes), key=lambda box: box.area)


def read_windows(
    tree: Accessible,
    origin: Box,
    *,
    size: tuple[int, int],
    popups: Sequence[Box] = (),
    title: str = "",
    package: str = "",
    spoken: Collection[str] = frozenset(),
    entered: str | None = None,
    picture: Callable[[], Image.Image] | None = None,
) -> LinuxLook:
    """The look at a window whose tree is `tree` and whose place on the display is `origin`. `popups` are the places of
    the open menus: the tree tells their size, and not where they lie. `spoken` are secrets that were typed,
    `entered` the path of a field that has the focus if no other says that it has.
    `picture` is asked for where picking cannot tell whether something is drawn: then something must be seen in its
    place."""
    unsure = [n for n in tree.walk() if n.drawn is None and n.role not in HOLDERS]
    if unsure:
        _look_at(unsure, origin, picture() if picture is not None else None)
    reader = _Reader(size, popups)
    reader.read(tree, "", origin.left, origin.top, over=False)
    elements = list(reader.finished())
    if entered is not None and not any(e.focused and e.editable for e in elements):
        elements = [e.model_copy(update={"focused": True}) if e.path == entered and e.editable else e for e in elements]
    return LinuxLook(
        *size, tuple(veiled(e, spoken) for e in elements), tuple(reader.scrollers), reader.popup, title, package,
        dialog=tree.role == _DIALOG, of_lines=frozenset(reader.of_lines),
    )  # fmt: skip


class _Reader:
    def __init__(self, size: tuple[int, int], popups: Sequence[Box]) -> None:
        self.width, self.height = size
        self.popups = list(popups)
        self.popup = False
        self.found: list[tuple[Element, bool]] = []
        self.scrollers: list[tuple[str, Box]] = []
        self.of_lines: list[str] = []
        self.counts: Counter[tuple[str, str]] = Counter()

    def read(self, node: Accessible, under: str, left: float, top: float, over: bool, said: str = "") -> None:
        """`over`: it lies in a menu that is open over the window; `said`: the name of the control that it is in."""
        assert node.box is not None
        if node.is_popup:
            place = self._popup_of(node)
            if place is None:
                return  # it is closed
            left, top, over = place.left - node.box[0], place.top - node.box[1], True
            self.popup = True
        role = self._role(node)
        path = under
        inner = node.children
        if role == "text" and " ".join(node.name.split()) in said:
            return
        if role is not None:
            path = self._path(under, role)
            element = self._element(node, role, path, left, top)
            if role == "combobox":
                inner = [n for n in node.walk() if n.is_popup]  # what is chosen is its value
            if element is not None:
                self.found.append((element, over))
                if any(_is(n, _MULTI_LINE) for n in _own(node)):
                    self.of_lines.append(path)
                if (role in _NAMED_BY_CONTENT and role != "listitem") or element.editable:
                    said = element.name
        elif node.role == _SCROLLER and _any_drawn(node):
            path = self._path(under, "group")
            box = self._box(node, left, top)
            self.scrollers.append((path, _clipped(box, self.width, self.height)))
        for child in inner:
            self.read(child, path, left, top, over, said)

    def _popup_of(self, node: Accessible) -> Box | None:
        assert node.box is not None
        if not _any_drawn(node):
            return None
        width, height = node.box[2:]

        def off(box: Box) -> float:
            return abs(box.width - width) + abs(box.height - height)

        near = min(self.popups, key=off, default=None)
        if near is None or off(near) > _MOST_OFF:
            return None
        self.popups.remove(near)
        return near

    def _role(self, node: Accessible) -> str | None:
        if node.role in _PLAIN or node.role not in _ROLES:
            return None
        if node.drawn is False:
            return None
        role = _ROLES[node.role]
        if node.role == _TABLIST:
            return "tablist"
        if role in ("list", "listbox") and not node.children:
            return None
        if role == "listitem" and _is(node, _SELECTABLE) and not node.children:
            return "option"
        if node.role == 43 and _holds_button(node):
            return None  # a menu's button is told of twice
        return role

    def _path(self, under: str, role: str) -> str:
        self.counts[under, role] += 1
        number = self.counts[under, role]
        step = role if number == 1 else f"{role}[{number}]"
        return f"{under}/{step}" if under else step

    def _box(self, node: Accessible, left: float, top: float) -> Box:
        assert node.box is not None
        return Box(left=node.box[0] + left, top=node.box[1] + top, width=node.box[2], height=node.box[3])

    def _element(self, node: Accessible, role: str, path: str, left: float, top: float) -> Element | None:
        name = _name(node, role)
        if role in ("text", "img", "separator", "scrollbar", "menu") and not name:
            return None
        value: str | None = None
        if node.text is not None and "EditableText" in node.interfaces:
            value = node.text
        elif role == "combobox":
            value = " ".join(_words(node, besides=name))
        elif node.value is not None:
            value = f"{node.value:g}"
        editable = "EditableText" in node.interfaces and _is(node, _EDITABLE)
        password = node.role == _PASSWORD
        if password and value is not None:
            value = BULLET * len(value)
        box = self._box(node, left, top)
        return Element(
            role=role, name=name, value=value, placeholder=_placeholder(node, role, name), path=path,
            box=_clipped(box, self.width, self.height), enabled=_is(node, _SENSITIVE) or role in ("text", "img"),
            checked=_checked(node, role), focused=any(_is(n, _FOCUSED) for n in _own(node)), editable=editable,
            password=password, reachable=bool(node.hit),
        )  # fmt: skip

    def finished(self) -> Iterator[Element]:
        """What lies under an open menu cannot be touched: a touch there closes it. A field without a name is called by
        the words before it."""
        before: Element | None = None
        for element, over in self.found:
            if element.editable and not element.name and before is not None and _heads(before, element):
                element = element.model_copy(update={"name": before.name})
            before = element
            if self.popup and not over:
                element = element.model_copy(update={"reachable": False})
            inside = element.box.area > 0
            yield element if inside or not element.reachable else element.model_copy(update={"reachable": False})


def _heads(label: Element, field: Element) -> bool:
    """Whether words stand right above a field, or to the left of it."""
    a, b = label.box, field.box
    above = 0 <= b.top - (a.top + a.height) <= _LABEL_GAP and a.left < b.left + b.width and b.left < a.left + a.width
    beside = a.left + a.width <= b.left and a.top < b.top + b.height and b.top < a.top + a.height
    same = label.path.rpartition("/")[0] == field.path.rpartition("/")[0]
    return label.role == "text" and same and (above or beside) and any(letter.isalnum() for letter in label.name)


def _look_at(nodes: Iterable[Accessible], origin: Box, picture: Image.Image | None) -> None:
    """Take for drawn what has more than one colour within its box."""
    for node in nodes:
        assert node.box is not None
        left, top, width, height = node.box
        seen = True
        if picture is not None:
            x, y = round(left + origin.left), round(top + origin.top)
            right, bottom = min(x + width, picture.width), min(y + height, picture.height)
            seen = False
            if right > max(x, 0) and bottom > max(y, 0):
                darkest, lightest = picture.crop((max(x, 0), max(y, 0), right, bottom)).convert("L").getextrema()
                seen = lightest - darkest >= _LEAST_CONTRAST  # type: ignore[operator]
        node.drawn = node.hit = seen


def _is(node: Accessible, state: int) -> bool:
    return bool(node.states >> state & 1)


def _own(node: Accessible) -> Iterable[Accessible]:
    """A field and the parts that are told of apart, such as the text within an entry."""
    return node.walk() if "EditableText" in node.interfaces else (node,)


def _any_drawn(node: Accessible) -> bool:
    return any(n.drawn for n in node.walk())


def _holds_button(node: Accessible) -> bool:
    return any(child.role in (43, 62) for child in node.children)


def _checked(node: Accessible, role: str) -> bool | None:
    if role in ("checkbox", "switch", "radio", "menuitemcheckbox", "menuitemradio") or _is(node, _CHECKABLE):
        return _is(node, _CHECKED)
    if role in ("tab", "option") or (role == "listitem" and _is(node, _SELECTED)):
        return _is(node, _SELECTED)
    if node.role == 62 or (role == "button" and _is(node, _PRESSED)):  # a button that stays down
        return _is(node, _PRESSED) or _is(node, _CHECKED)
    return None


def _told(node: Accessible) -> str:
    """The name that somebody gave it; the name of its type is none."""
    words = " ".join(node.name.split())
    if _TYPE_NAME.fullmatch(words) and node.role != 29:
        return ""
    for space in (k for k, letter in enumerate(words) if letter == " "):
        if (
            words[:space].replace("_", "") == words[space + 1 :]
        ):  # “Add A_larm Add Alarm”: with its mnemonic, and as read
            return words[space + 1 :]
    return words


def _without_popups(node: Accessible) -> Iterator[Accessible]:
    yield node
    for child in node.children:
        if not child.is_popup:
            yield from _without_popups(child)


def _words(node: Accessible, besides: str = "") -> list[str]:
    """The texts that are drawn within, but for those of a menu over it, each once."""
    found: list[str] = []
    for inner in _without_popups(node):
        if inner is not node and inner.role in (29, 116) and inner.drawn:
            words = " ".join(inner.name.split())
            if words in ("", "GtkLabel", besides) or words in found[-1:] or _ACCELERATOR.fullmatch(words):
                continue
            found.append(words)
    return found


def _name(node: Accessible, role: str) -> str:
    hint = _SHORTCUT.sub("", " ".join(node.description.split()))
    if role == "text":
        words = " ".join(node.name.split())
        return "" if words in ("GtkLabel", "GtkInscription") else words
    if role in _NAMED_BY_CONTENT:
        words = " ".join(_words(node)) or _told(node)
        if len(words) <= 2 and words.isalpha() and len(hint) > len(words):
            return hint  # S and M of Sunday and Monday
        return words or hint
    return _told(node) or hint


def _placeholder(node: Accessible, role: str, name: str) -> str | None:
    if role != "textbox":
        return None
    drawn = _words(node, besides=name)
    return node.placeholder or (drawn[0] if drawn and not node.text else None)


def _clipped(box: Box, width: int, height: int) -> Box:
    left, top = min(max(box.left, 0), width), min(max(box.top, 0), height)
    right, bottom = min(max(box.left + box.width, left), width), min(max(box.top + box.height, top), height)
    return Box(left=left, top=top, width=right - left, height=bottom - top)
