"""Pages with a long list of like things: posts of a social network, dishes of a menu, shapes and slices with letters.

The icons below a post have no names; their order is always the same.
"""

from __future__ import annotations

import re

from ostinato.suites.miniwob_screen import ended, every, first, one, press, tap
from ostinato.suites.miniwob_solver import Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.screen import Element, Screen

_ICONS = ("Reply", "Retweet", "Like", "Share")


def posts(screen: Screen) -> list[tuple[str, list[Element]]]:
    """Who wrote each post, from the top, and its four icons."""
    found: list[tuple[str, list[Element]]] = []
    user = ""
    for element in screen.elements:
        if element.name.startswith("@"):
            user = element.name
        elif element.role == "img":
            if not found or len(found[-1][1]) == len(_ICONS):
                found.append((user, []))
            found[-1][1].append(element)
    if not found:
        raise LookupError("there are no posts on the screen")
    return found


def _icons(screen: Screen, user: str) -> list[Element]:
    """The icons of the only post of a user."""
    found = [icons for writer, icons in posts(screen) if writer == user]
    if not found:
        raise LookupError(f"{user} has no post here")
    return found[0]


def _social_media(screen: Screen, values: Values) -> Steps:
    """The first touch may only light an icon up: the page then fetches its other picture, and it is touched again."""
    what = values["what"]
    place = _ICONS.index(what) if what in _ICONS[:-1] else len(_ICONS) - 1
    for _ in range(2):
        icons = _icons(screen, values["user"])
        screen = yield tap(icons[place], among=[icons[place] for _, icons in posts(screen)])
        if ended(screen):
            return
        if items := _menu(screen):
            wanted = first(items, lambda e: e.name in (what, f"{what} {values['user']}"), what)
            yield tap(wanted, among=items)
            return
    raise LookupError("the icon has not answered a touch")


def _menu(screen: Screen) -> list[Element]:
    """The open menu of a post; the page's words, which may name an item of it, stand before the first icon."""
    icon = first(screen.elements, lambda e: e.role == "img", "icon")
    return [e for e in screen.elements[screen.elements.index(icon) :] if _is_item(e.name)]


def _is_item(name: str) -> bool:
    return re.fullmatch(r"Share via DM|Copy link to Tweet|Embed Tweet|(Mute|Block) @.+|Report", name) is not None


def _several_posts(screen: Screen, values: Values) -> Steps:
    place = _ICONS.index(values["what"])
    writers = [writer for writer, _ in posts(screen)]
    wanted = [number for number, writer in enumerate(writers) if writer == values["user"]]
    others = [number for number, writer in enumerate(writers) if writer != values["user"]]
    for number in wanted[: int(values.get("count") or len(wanted))]:
        now = posts(screen)
        screen = yield tap(now[number][1][place], among=[now[other][1][place] for other in others])
    yield press(screen, "Submit")


def dishes(screen: Screen) -> dict[str, tuple[list[str], Element]]:
    """By name: what kinds a dish is, and what is touched to order one."""
    found: dict[str, tuple[list[str], Element]] = {}
    name = ""
    kinds: list[str] = []
    for element in screen.elements:
        if element.role == "text" and not element.name.isdigit():
            name, kinds = element.name, []
        elif element.role == "img":
            kinds.append(element.name)
        elif element.name == "+":
            found[name] = (kinds, element)
    return found


def _order_food(screen: Screen, values: Values) -> Steps:
    menu = dishes(screen)
    if values["names"]:
        wanted = values["names"].split(", ")
    else:
        fitting = [name for name, (kinds, _) in menu.items() if values["kind"] in kinds]
        wanted = [fitting[number % len(fitting)] for number in range(int(values["count"]))]
    others = [name for name, (kinds, _) in menu.items() if name not in wanted and values["kind"] not in kinds]
    for name in wanted:
        now = dishes(screen)
        if name not in now:
            raise LookupError(f"there is no {name} on the menu")
        screen = yield tap(now[name][1], among=[now[other][1] for other in others])
    yield press(screen, "Order!")


def _letters(screen: Screen) -> list[Element]:
    return [e for e in every(screen, "generic") if len(e.name) == 1]


def _click_shape(screen: Screen, values: Values) -> Steps:
    what = values["what"]
    letters = _letters(screen)
    fitting = {"letter": [e for e in letters if e.name.isalpha()], "digit": [e for e in letters if e.name.isdigit()]}
    found = fitting.get(what, [e for e in letters if e.name == what])
    others = [e for e in letters if e not in found]
    yield tap(first(found, lambda e: e.reachable, what), among=others)


def _click_pie(screen: Screen, values: Values) -> Steps:
    """Slices that are not shown yet have no size; some have the same letter, and any of them will do."""
    screen = yield tap(one(screen, "generic", "+"))
    slices = [e for e in _letters(screen) if e.name.isalnum()]
    if not slices or not all(e.reachable for e in slices):
        raise LookupError("the slices are not spread yet")
    yield tap(first(slices, lambda e: e.name == values["item"], values["item"]), among=slices)


_ALL_POSTS = r'Click the "(?P<what>\w+)" button on all posts by (?P<user>@\w+) and then click Submit\.'
_SOME_POSTS = r'Click the "(?P<what>\w+)" button on (?P<count>\d+) posts? by (?P<user>@\w+) and then click Submit\.'

LIST_TASKS = (
    solved_task(
        "social-media",
        r'For the user (?P<user>@\w+), click on the "(?P<what>[\w ]+)" button\.',
        _social_media,
        ("wrong_choice", "unfinished"),
    ),
    solved_task("social-media-all", _ALL_POSTS, _several_posts, ("wrong_choice", "unsaved")),
    solved_task("social-media-some", _SOME_POSTS, _several_posts, ("wrong_choice", "unsaved")),
    solved_task(
        "order-food",
        r"Order (?:one of each item: (?P<names>.+)|(?P<count>\d) items that are (?P<kind>[\w-]+))",
        _order_food,
        ("wrong_choice", "unsaved"),
    ),
    solved_task(
        "click-shape",
        r"Click on a (?P<what>letter|digit|[a-zA-Z0-9])",
        _click_shape,
        ("wrong_choice", "unfinished"),
    ),
    solved_task(
        "click-pie",
        r'Expand the pie menu below and click on the item labeled "(?P<item>\w)"\.',
        _click_pie,
        ("wrong_choice", "unfinished"),
    ),
)
