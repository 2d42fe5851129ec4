"""One look at a screen with apps of its own: its elements, and what of them a touch would reach."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from functools import cached_property

from ostinato.errors import ActionFailed, Covered, FormatError, PhoneError
from ostinato.phone.veil import BULLET, veiled
from ostinato.trace.hierarchy import Hierarchy, Node, read_nodes
from ostinato.trace.screen import Box, Element, Point

ASKING = frozenset({
    "com.android.permissioncontroller", "com.google.android.permissioncontroller", "com.android.packageinstaller",
    "com.google.android.packageinstaller", "com.samsung.android.permissioncontroller", "com.lbe.security.miui",
    "com.ohos.permissionmanager", "com.huawei.hmos.permissionmanager",
})  # fmt: skip
_BARS = frozenset({"com.android.systemui", "com.ohos.sceneboard"})
_BAR_HEIGHT = 0.1  # of the screen: what is higher is no bar but the shade with the notifications
_NAMED_BY_CONTENT = frozenset({"button", "option", "checkbox", "radio", "switch"})


@dataclass
class Windows:
    """Which windows are left out: the bars of the system, with their clock; the keyboard, whose place is kept."""

    is_keyboard: Callable[[str], bool]
    height: int
    keyboard: Box | None = None

    def skip(self, package: str, box: Box) -> bool:
        if package in _BARS:
            return box.height < _BAR_HEIGHT * self.height
        if package and self.is_keyboard(package):
            self.keyboard = box
            return True
        return False


@dataclass(frozen=True)
class Look:
    """What was seen, in pixels of the display as it is turned now. `keyboard` is where the keyboard lies."""

    width: int
    height: int
    elements: tuple[Element, ...]
    nodes: dict[str, Node] = field(repr=False)
    keyboard: Box | None = None

    @property
    def packages(self) -> list[str]:
        """Whose windows are shown, in the order of the hierarchy."""
        return list(dict.fromkeys(node.package for node in self.nodes.values()))

    @property
    def asked(self) -> str | None:
        """The words of a permission dialog, when one is shown."""
        words = [e.name for e in self.elements if e.role == "text" and self.nodes[e.path].package in ASKING]
        return " ".join(word for word in words if word) or None if words else None

    def find(self, wanted: Element, seen: Look | None = None) -> Element:
        """What an element of an earlier look is now; ActionFailed when it is gone or cannot be told from others. Of
        several that are called so it is the one with the same words beside it; `seen` is the look it came from."""
        alike = [e for e in self.elements if same(e, wanted)]
        if len(alike) > 1 and seen is not None and seen.elements_by_path.get(wanted.path) == wanted:
            alike = [e for e in alike if self._beside(e) == seen._beside(wanted)]
        for element in alike:
            if element.path == wanted.path:
                return element
        if len(alike) == 1 and (wanted.name or wanted.id or wanted.placeholder):
            return alike[0]
        if len(alike) > 1:
            raise ActionFailed(f"{called(wanted)} moved, and {len(alike)} things are called so")
        asked = self.asked
        raise ActionFailed(
            f"{called(wanted)} is not on the screen any more" + (f"; a permission is asked: “{asked}”" if asked else "")
        )

    @cached_property
    def elements_by_path(self) -> dict[str, Element]:
        return {element.path: element for element in self.elements}

    def _beside(self, element: Element) -> list[str]:
        around = element.path.rpartition("/")[0]
        return [e.name for e in self.elements if e.is_inside(around)]

    def place(self, point: Point, wanted: Element, seen: Look | None = None) -> tuple[int, int]:
        """Where to touch for a point of an element of an earlier look. ActionFailed when it is gone, Covered when
        something lies over it."""
        now = self.find(wanted, seen)
        old, box = wanted.box, now.box
        across = down = 0.5
        if old.contains(point) and old.width and old.height:
            across, down = (point.x - old.left) / old.width, (point.y - old.top) / old.height
        x, y = box.left + box.width * across, box.top + box.height * down
        x, y = min(x, box.left + box.width - 1), min(y, box.top + box.height - 1)
        if not (box.width and box.height and 0 <= x < self.width and 0 <= y < self.height):
            raise ActionFailed(f"{called(wanted)} has no place on the screen")
        over = self._over(self.nodes[now.path], Point(x=x, y=y))
        if over is not None:
            raise Covered(f"{called(wanted)} is covered by {over}; nothing was touched")
        return int(x), int(y)

    def scroller(self, wanted: Element | None) -> Box:
        """The box of what scrolls: around an element, otherwise the largest on the screen."""
        boxes = [node.element for node in self.nodes.values() if node.scrollable]
        if wanted is not None:
            now = self.find(wanted)
            boxes = [e for e in boxes if now.is_inside(e.path)][-1:] or [e for e in boxes if e.is_inside(now.path)][:1]
        if not boxes:
            raise ActionFailed("there is nothing to scroll")
        box = max((e.box for e in boxes), key=lambda b: b.area)
        if self.keyboard is not None and self.keyboard.top > box.top:
            box = box.model_copy(update={"height": min(box.height, self.keyboard.top - box.top)})
        return box

    def _over(self, node: Node, point: Point) -> str | None:
        """What takes a touch at a point instead of the node, in words."""
        if self.keyboard is not None and self.keyboard.contains(point):
            return "the keyboard"
        for other in self.nodes.values():
            e = other.element
            if (
                other.clickable and other.order > node.order and other.order[0] == node.order[0]
                and e.box.contains(point) and not e.is_inside(node.element.path) and not node.element.is_inside(e.path)
            ):  # fmt: skip
                return called(e)
        return None


def read_look(
    xml: str, *, size: tuple[int, int], keyboard_package: str = "", spoken: Collection[str] = frozenset()
) -> Look:
    """`size` is the display's width and height when it is not turned; `spoken` are secrets that were typed.
    PhoneError when the phone sent something else than a hierarchy."""
    windows = Windows(keyboard_package.__eq__, max(size))
    try:
        hierarchy = read_nodes(xml.encode("utf-8", "replace"), "the screen's hierarchy", windows.skip)
    except FormatError as error:
        raise PhoneError(f"the phone sent a hierarchy that cannot be read: {error}") from error
    return see(hierarchy, size, windows.keyboard, spoken)


def see(hierarchy: Hierarchy, size: tuple[int, int], keyboard: Box | None, spoken: Collection[str]) -> Look:
    """The look of a hierarchy; arguments as of `read_look`, `keyboard` is where the keyboard lies."""
    width, height = size if hierarchy.rotation % 2 == 0 else size[::-1]
    nodes = {node.element.path: node for node in hierarchy.nodes}
    draft = Look(width, height, (), nodes, keyboard)
    elements = tuple(veiled(e, spoken) for e in _finished(hierarchy, draft))
    return Look(width, height, elements, nodes, keyboard)


def _finished(hierarchy: Hierarchy, look: Look) -> Iterable[Element]:
    """The elements with the names that their content gives them, within the screen, and whether a touch hits them."""
    content = _content(hierarchy.nodes)
    for node in hierarchy.nodes:
        element = node.element
        update: dict[str, object] = {"box": _clipped(element.box, look.width, look.height)}
        if element.role in _NAMED_BY_CONTENT and not element.name:
            update["name"] = content.get(element.path, "")
        if element.role == "combobox" and element.value is None:
            update["value"] = content.get(element.path, "")
        if element.password:
            update["value"] = BULLET * node.filled
        element = element.model_copy(update=update)
        plain = element.role == "generic" and not (node.clickable or element.name)
        seen = element.reachable and element.box.area > 0 and not plain
        yield element.model_copy(update={"reachable": seen and look._over(node, element.box.center) is None})


def _content(nodes: Iterable[Node]) -> dict[str, str]:
    """By the path of what can be touched: the words within it that belong to nothing else that can be."""
    words: dict[str, list[str]] = {}
    holders: list[str] = []
    for node in nodes:
        element = node.element
        while holders and not element.is_inside(holders[-1]):
            holders.pop()
        if holders and element.name and not element.editable:
            words.setdefault(holders[-1], []).append(element.name)
        if node.clickable or element.role in _NAMED_BY_CONTENT or element.role == "combobox":
            holders.append(element.path)
    return {path: " ".join(said) for path, said in words.items()}


def _clipped(box: Box, width: int, height: int) -> Box:
    left, top = min(max(box.left, 0), width), min(max(box.top, 0), height)
    right, bottom = min(max(box.left + box.width, left), width), min(max(box.top + box.height, top), height)
    return Box(left=left, top=top, width=right - left, height=bottom - top)


def same(now: Element, wanted: Element) -> bool:
    """Whether two looks saw the same thing: what it is and is called; a field may hold another value by now."""
    if (now.role, now.id, now.placeholder) != (wanted.role, wanted.id, wanted.placeholder):
        return False
    if wanted.password and now.password:  # a secret may have stood there, and its name is not kept
        return True
    if now.name != wanted.name:
        return False
    size = (now.box.width, now.box.height) == (wanted.box.width, wanted.box.height)
    return bool(wanted.name or wanted.id or wanted.placeholder) or size


def called(element: Element) -> str:
    return f"{element.role} “{element.name or element.placeholder or element.id or element.path}”"
