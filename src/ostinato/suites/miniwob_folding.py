"""Pages that hide what is asked for: behind tabs, in sections and folders, on the next page of a list."""

from __future__ import annotations

from ostinato.suites.miniwob_screen import ended, enter, every, first, one, ordinal, press, tap
from ostinato.suites.miniwob_solver import Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.screen import Element, Screen


def _links(screen: Screen) -> list[Element]:
    """The words of a paragraph that are links; the page does not mark them as such."""
    return [e for e in every(screen, "generic") if e.name]


def _tabs(screen: Screen, values: Values) -> Steps:
    for number in range(1, len(every(screen, "tab")) + 1):
        tab = one(screen, "tab", nth=number)
        if not tab.checked:
            screen = yield tap(one(screen, "link", tab.name))
            if ended(screen):  # a page of two tabs is done when the other one is opened
                return
            if not one(screen, "tab", nth=number).checked:
                raise LookupError(f"the tab {tab.name} has not come up")
        found = [link for link in _links(screen) if link.name == values["link"]]
        if found:
            yield tap(found[0], among=_links(screen))
            return
    raise LookupError(f"no tab shows “{values['link']}”")


def _sections(screen: Screen, values: Values) -> Steps:
    for number in range(1, len(every(screen, "tab")) + 1):
        screen = yield tap(one(screen, "tab", nth=number))
        _open(screen, number)
        found = [link for link in _links(screen) if link.name == values["link"]]
        if found:
            yield tap(found[0], among=_links(screen))
            return
    raise LookupError(f"no section shows “{values['link']}”")


def _open(screen: Screen, number: int) -> None:
    """LookupError until the section is open, and the one before it closed."""
    if not one(screen, "tab", nth=number).checked or len(every(screen, "tabpanel")) != 1:
        raise LookupError(f"section {number} is not open")


def _section(screen: Screen, values: Values) -> Steps:
    screen = yield tap(one(screen, "tab"))
    _open(screen, 1)
    yield press(screen, "Submit")


def _folders(screen: Screen) -> list[Element]:
    return [e for e in every(screen, "generic") if e.name]


def _files(screen: Screen) -> list[Element]:
    """What has a name in the tree: files are text in an item of the list, folders are not."""
    return [e for e in screen.elements if e.name and "listitem" in e.path]


def _navigate_tree(screen: Screen, values: Values) -> Steps:
    opened: set[str] = set()
    while True:
        wanted = [e for e in _files(screen) if e.name == values["name"]]
        if wanted:
            yield tap(wanted[0], among=[e for e in _files(screen) if e.role == "text"])
            return
        folder = first(_folders(screen), lambda e: e.path not in opened, "folder that is still closed")
        opened.add(folder.path)
        screen = yield tap(folder)


_CONTACT = ("phone number", "email", "address")


def _phone_book(screen: Screen, values: Values) -> Steps:
    for page in range(1, 6):
        if any(e.name == values["person"] for e in every(screen, "heading")):
            links = every(screen, "link")[:3]
            yield tap(links[_CONTACT.index(values["what"])], among=links)
            return
        screen = yield tap(one(screen, "link", ">"))
        if not any(e.name == str(page + 1) for e in every(screen, "link")):
            raise LookupError(f"page {page + 1} of the book is not shown")
    raise LookupError(f"{values['person']} is not in the book")


def _search_engine(screen: Screen, values: Values) -> Steps:
    place = ordinal(values["place"]) - 1
    screen = yield enter(one(screen, "textbox"), values["text"])
    screen = yield press(screen, "Search")
    results = _results(screen)
    if place >= 3:
        titles = [e.name for e in results]
        screen = yield tap(one(screen, "link", str(place // 3 + 1)))
        results = _results(screen)
        if [e.name for e in results] == titles:
            raise LookupError("the next results are not shown")
    yield tap(results[place % 3], among=results)


def _results(screen: Screen) -> list[Element]:
    found = [e for e in every(screen, "link") if "listitem" not in e.path]
    if len(found) != 3:
        raise LookupError("there are not three results on the screen")
    return found


def _autocomplete(screen: Screen, values: Values) -> Steps:
    screen = yield enter(one(screen, "textbox"), values["start"])
    found = [e for e in every(screen, "option", "menuitem", "listitem", "generic", "text") if _fits(e, values)]
    if not found:
        raise LookupError("no suggestion fits")
    screen = yield tap(found[0], among=[e for e in every(screen, found[0].role) if e.path.startswith("list")])
    if one(screen, "textbox").value != found[0].name:
        raise LookupError("the suggestion has not been taken")
    yield press(screen, "Submit")


def _fits(element: Element, values: Values) -> bool:
    name = element.name
    return name != values["start"] and name.startswith(values["start"]) and name.endswith(values["end"])


_TABS = r'Switch between the tabs to find and click on the link "(?P<link>.+)"\.'
_SECTIONS = r'Expand the sections below, to find and click on the link "(?P<link>.+)"\.'
_START = r'Enter an item that starts with "(?P<start>.+?)"(?: and ends with "(?P<end>.+)")?\.'

FOLDING_TASKS = (
    solved_task("click-tab-2", _TABS, _tabs, ("wrong_choice", "unfinished")),
    solved_task("click-tab-2-easy", _TABS, _tabs, ("wrong_choice", "unfinished")),
    solved_task("click-tab-2-medium", _TABS, _tabs, ("wrong_choice", "unfinished")),
    solved_task("click-tab-2-hard", _TABS, _tabs, ("wrong_choice", "unfinished")),
    solved_task("click-collapsible", r"Expand the section below and click submit\.", _section, ("unsaved",)),
    solved_task("click-collapsible-nodelay", r"Expand the section below and click submit\.", _section, ("unsaved",)),
    solved_task("click-collapsible-2", _SECTIONS, _sections, ("wrong_choice", "unfinished")),
    solved_task("click-collapsible-2-nodelay", _SECTIONS, _sections, ("wrong_choice", "unfinished")),
    solved_task(
        "navigate-tree",
        r'Navigate through the file tree\. Find and click on the folder or file named "(?P<name>\w+)"\.',
        _navigate_tree,
        ("wrong_choice", "unfinished"),
    ),
    solved_task(
        "phone-book",
        r"Find (?P<person>\w+) in the contact book and click on their (?P<what>phone number|email|address)\.",
        _phone_book,
        ("wrong_choice", "unfinished"),
    ),
    solved_task(
        "search-engine",
        r'Use the textbox to enter "(?P<text>\w+)" and press "Search", then find and click the (?P<place>\d\w\w) '
        r"search result\.",
        _search_engine,
        ("wrong_value", "wrong_choice", "unfinished"),
    ),
    solved_task("use-autocomplete", _START, _autocomplete, ("unsaved",)),
    solved_task("use-autocomplete-nodelay", _START, _autocomplete, ("unsaved",)),
)
