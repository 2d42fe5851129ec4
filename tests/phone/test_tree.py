"""What read_tree makes of Chromium's raw answers, without a browser."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ostinato.phone.web.tree import STYLES, Tree, read_tree
from ostinato.trace.screen import Element

Corner = tuple[float, float, float, float]
PLAIN = dict(zip(STYLES, ["visible", "auto", "1", "visible", "visible", "static", "block"] + ["0px"] * 4, strict=True))
METRICS = {"cssVisualViewport": {"pageX": 0, "pageY": 0, "scale": 1.0}}


class Page:
    """Raw answers, written node by node: parents before children."""

    def __init__(self) -> None:
        self.strings: list[str] = ["frame"]
        self.nodes: dict[str, Any] = {
            k: [] for k in ("parentIndex", "nodeName", "nodeValue", "backendNodeId", "attributes")
        }
        self.layout: dict[str, Any] = {k: [] for k in ("nodeIndex", "styles", "bounds", "text", "paintOrders")}
        self.words: dict[str, Any] = {"layoutIndex": [], "bounds": []}
        self.rare: dict[str, dict[str, list[int]]] = {}
        self.ax: list[dict[str, Any]] = []
        self.add("BODY", (0, 0, 390, 844))

    def text(self, words: str) -> int:
        self.strings.append(words)
        return len(self.strings) - 1

    def add(
        self, tag: str, box: Corner | None, role: str = "", name: str = "", *, under: int = 0, paint: int = 1,
        attributes: dict[str, str] | None = None, said: dict[str, Any] | None = None, **style: str,
    ) -> int:  # fmt: skip
        node = len(self.nodes["nodeName"])
        self.nodes["parentIndex"].append(under if node else -1)
        self.nodes["nodeName"].append(self.text(tag))
        self.nodes["nodeValue"].append(self.text(name))
        self.nodes["backendNodeId"].append(node + 100)
        self.nodes["attributes"].append([self.text(w) for kv in (attributes or {}).items() for w in kv])
        if box is not None:
            self.layout["nodeIndex"].append(node)
            text = tag == "#text"
            look = PLAIN | {k.replace("_", "-"): v for k, v in style.items()}
            self.layout["styles"].append([] if text else [self.text(w) for w in look.values()])
            self.layout["bounds"].append(list(box))
            self.layout["text"].append(self.text(name) if text else -1)
            self.layout["paintOrders"].append(paint)
            if text:
                self.words["layoutIndex"].append(len(self.layout["nodeIndex"]) - 1)
                self.words["bounds"].append(list(box))
        if role:
            properties = [{"name": k, "value": {"value": v}} for k, v in (said or {}).items()]
            ax = {"role": {"value": role}, "name": {"value": name}, "ignored": False}
            self.ax.append(ax | {"properties": properties, "backendDOMNodeId": node + 100})
        return node

    def mark(self, kind: str, node: int, value: int | None = None) -> None:
        rare = self.rare.setdefault(kind, {"index": [], "value": []})
        rare["index"].append(node)
        if value is not None:
            rare["value"].append(value)

    def read(self, scale: float = 1.0, metrics: dict[str, Any] = METRICS) -> Tree:
        document = {
            "title": self.text("Title"), "frameId": 0, "nodes": self.nodes | self.rare, "layout": self.layout,
            "textBoxes": self.words,
        }  # fmt: skip
        answer = {"strings": self.strings, "documents": [document]}
        return read_tree(answer, self.ax, metrics, width=390, height=844, scale=scale)


def by_name(tree: Tree, name: str) -> Element:
    return next(e for e in tree.elements if e.name == name)


def test_paths_count_same_roles_among_kept_ancestors() -> None:
    page = Page()
    main = page.add("MAIN", (0, 0, 390, 400), "main")
    for k in range(2):
        div = page.add("DIV", (0, k * 50, 390, 50), "generic", under=main)
        page.add("BUTTON", (0, k * 50, 90, 40), "button", f"B{k}", under=div)
    tree = page.read()
    assert [e.path for e in tree.elements] == ["main", "main/button", "main/button[2]"]
    assert tree.nodes["main/button[2]"] == 105 and tree.title == "Title"


def test_words_that_name_their_control_are_not_repeated() -> None:
    page = Page()
    button = page.add("BUTTON", (0, 0, 90, 40), "button", "Save all")
    page.add("#text", (5, 5, 60, 20), "StaticText", "Save all", under=button)
    page.add("#text", (0, 60, 60, 20), "StaticText", "Alone")
    assert [(e.role, e.name) for e in page.read().elements] == [("button", "Save all"), ("text", "Alone")]


def test_what_paints_over_covers_unless_a_touch_passes_through() -> None:
    for style, reachable in (({}, False), ({"pointer_events": "none"}, True), ({"visibility": "hidden"}, True)):
        page = Page()
        page.add("BUTTON", (10, 10, 90, 40), "button", "Go")
        page.add("DIV", (0, 0, 390, 844), paint=2, **style)
        assert by_name(page.read(), "Go").reachable is reachable


def test_what_is_scrolled_out_of_its_box_is_not_reachable() -> None:
    page = Page()
    box = page.add("DIV", (0, 0, 200, 100), "generic", overflow_y="auto")
    page.add("BUTTON", (0, 150, 90, 40), "button", "Below", under=box)
    page.add("BUTTON", (0, 10, 90, 40), "button", "Above", under=box)
    tree = page.read()
    assert not by_name(tree, "Below").reachable and by_name(tree, "Above").reachable


def test_boxes_are_pixels_of_the_screenshot() -> None:
    page = Page()
    page.add("BUTTON", (100, 1000, 80, 40), "button", "Go")
    box = page.read(2.0, {"cssVisualViewport": {"pageX": 50, "pageY": 900, "scale": 0.5}}).elements[0].box
    assert (box.left, box.top, box.width, box.height) == (50, 100, 80, 40)


def test_what_submits_is_a_button_of_a_form_that_is_posted_or_that_the_page_itself_handles() -> None:
    for form, button, submits in (
        ({"method": "POST"}, {}, True),
        ({}, {}, True),
        ({}, {"type": "button"}, False),
        ({"onsubmit": "save()"}, {}, True),
        ({"action": "#"}, {}, True),
        ({"action": "javascript:void(0)"}, {}, True),
        ({"action": "/list"}, {}, False),
        ({"action": "/list", "onsubmit": "save()"}, {}, True),
        ({"method": "get"}, {}, False),
        ({"method": "dialog"}, {}, False),
        ({"role": "search"}, {}, False),
        ({}, {"formaction": "/list"}, False),
        ({"method": "post"}, {"type": "button"}, False),
        ({"method": "post"}, {"formmethod": "get"}, False),
        ({}, {"formmethod": "post"}, True),
    ):
        page = Page()
        inside = page.add("FORM", (0, 0, 300, 300), "form", attributes=form)
        page.add("BUTTON", (0, 0, 90, 40), "button", "Go", under=inside, attributes=button)
        assert by_name(page.read(), "Go").submits is submits, (form, button)


def test_what_a_form_waits_for_is_missing_until_it_is_filled_in() -> None:
    for tag, role, attributes, said, missing in (
        ("INPUT", "textbox", {"required": ""}, {"required": True, "invalid": "false"}, True),
        ("INPUT", "textbox", {"aria-required": "true"}, {"required": True}, True),
        ("INPUT", "textbox", {"required": "", "readonly": ""}, {"required": True}, False),
        ("INPUT", "textbox", {"required": ""}, {"required": True, "disabled": True}, False),
        ("INPUT", "textbox", {}, {}, False),
        ("INPUT", "textbox", {"aria-invalid": "true"}, {"invalid": "true"}, False),
        ("TEXTAREA", "textbox", {"required": ""}, {"required": True}, True),
        ("INPUT", "checkbox", {"type": "checkbox", "required": ""}, {"checked": "false", "invalid": "true"}, True),
        ("INPUT", "checkbox", {"type": "checkbox", "required": ""}, {"checked": "true", "invalid": "false"}, False),
        ("INPUT", "checkbox", {"type": "checkbox"}, {"checked": "false", "invalid": "false"}, False),
        ("DIV", "checkbox", {"aria-required": "true"}, {"checked": "false", "required": True}, True),
        ("INPUT", "radio", {"type": "radio"}, {"checked": "false", "invalid": "true"}, True),  # another has `required`
        ("SELECT", "combobox", {"required": ""}, {"invalid": "true"}, True),
        ("SELECT", "combobox", {"required": ""}, {"invalid": "false"}, False),  # its first entry is a real one
        ("INPUT", "button", {"type": "file", "required": ""}, {"invalid": "true"}, True),
    ):
        page = Page()
        page.add(tag, (0, 0, 90, 40), role, "One", attributes=attributes, said=said)
        assert by_name(page.read(), "One").missing is missing, (tag, attributes)


def test_a_form_that_searches_submits_nothing_and_one_that_is_posted_does_whatever_it_is_called() -> None:
    for form, field, name, submits in (
        ({}, {"type": "search"}, "Go", False),
        ({}, {"type": "text", "role": "searchbox"}, "Go", False),
        ({}, {"type": "text"}, "Find", False),
        ({}, {"type": "text"}, "Add", True),
        ({"method": "post"}, {"type": "search"}, "Find", True),
    ):
        page = Page()
        inside = page.add("FORM", (0, 0, 300, 300), "form", attributes=form)
        page.add("INPUT", (0, 50, 90, 40), "textbox", "What", under=inside, attributes=field)
        page.add("BUTTON", (0, 0, 90, 40), "button", name, under=inside)
        assert by_name(page.read(), name).submits is submits, (form, field, name)


def test_a_list_shows_its_labels_and_a_password_only_bullets() -> None:
    page = Page()
    select = page.add("SELECT", (0, 0, 90, 20), "combobox", "Fruit")
    for label in ("Apple", "Big  pear"):
        option = page.add("OPTION", None, under=select)
        page.add("#text", None, name=label, under=option)
    page.mark("optionSelected", option)
    field = page.add("INPUT", (0, 40, 90, 20), "textbox", "Secret", attributes={"type": "password"})
    page.mark("inputValue", field, page.text("hunter2"))
    empty = page.add("INPUT", (0, 80, 90, 20), "textbox", "Empty", attributes={"placeholder": "write"})
    page.mark("inputValue", empty, -1)
    tree = page.read()
    fruit, secret = by_name(tree, "Fruit"), by_name(tree, "Secret")
    assert (fruit.options, fruit.value) == (("Apple", "Big pear"), "Big pear")
    assert (secret.value, secret.password) == ("•" * 7, True)
    assert (by_name(tree, "Empty").value, by_name(tree, "Empty").placeholder) == ("", "write")


def test_a_picture_without_words_is_known_by_what_the_page_calls_it() -> None:
    page = Page()
    page.add("SPAN", (0, 0, 20, 20), "image", attributes={"class": "fa fa-trash-o"})
    page.add("IMG", (30, 0, 20, 20), "image", attributes={"src": "icons/star.png?v=3"})
    page.add("IMG", (60, 0, 20, 20), "image", "A star", attributes={"src": "star.png"})
    page.add("IMG", (90, 0, 20, 20), "image", attributes={"src": "data:image/png;base64,iVBOR"})
    button = page.add("BUTTON", (120, 0, 20, 20), "button")
    page.add("I", (120, 0, 20, 20), "", under=button, attributes={"class": "icon icon-reply"})
    assert [e.hint for e in page.read().elements] == ["trash", "star", None, None, "reply"]


def test_a_field_that_takes_one_form_only_says_which() -> None:
    page = Page()
    for number, kind in enumerate(("date", "TIME", "text", "password", "checkbox")):
        page.add("INPUT", (0, 30 * number, 200, 20), "textbox", "when", attributes={"type": kind})
    page.add("TEXTAREA", (0, 300, 200, 20), "textbox", "note")
    assert [e.hint for e in page.read().elements] == ["date", "time", None, None, None, "textarea"]


def test_a_clickable_box_without_a_role_is_kept_only_when_it_holds_no_control() -> None:
    page = Page()
    outer = page.add("DIV", (0, 0, 390, 400))
    page.mark("isClickable", outer)
    inner = page.add("DIV", (0, 0, 90, 40), under=outer)
    page.mark("isClickable", inner)
    page.add("BUTTON", (0, 100, 90, 40), "button", "Go", under=outer)
    assert [e.path for e in page.read().elements] == ["generic", "button"]


numbers = st.integers(0, 80)
rectangles = st.tuples(numbers, numbers, st.integers(2, 80), st.integers(2, 80), st.integers(1, 4))


@given(st.lists(rectangles, min_size=1, max_size=12))
def test_reachable_is_what_a_look_from_above_sees(boxes: list[tuple[int, int, int, int, int]]) -> None:
    page = Page()
    for k, (x, y, w, h, paint) in enumerate(boxes):
        page.add("BUTTON", (x, y, w, h), "button", f"b{k}", paint=paint)
    for k, element in enumerate(page.read().elements):
        x, y, w, h, _ = boxes[k]
        cx, cy = x + w / 2, y + h / 2
        over = [(b[4], j) for j, b in enumerate(boxes) if b[0] <= cx < b[0] + b[2] and b[1] <= cy < b[1] + b[3]]
        assert element.reachable is (max(over)[1] == k)
