"""Tasks on pages of MiniWoB++: the page makes up the words, the value in them decides what is touched or typed.

A task is one page and one form of its words; seeds whose words have another form belong to another task.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ostinato.agent.decider import Decider
from ostinato.agent.script import Do, ScriptDecider, on
from ostinato.errors import AppError
from ostinato.phone.apps.miniwob import MiniWoB
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.suites.task import Task, Values, only
from ostinato.suites.truth import Difference
from ostinato.trace.locator import Container, Locator

_MOST_SEEDS = 100


@dataclass(frozen=True)
class PageTask(Task):
    """A task whose page makes up the values: `generate` gives a seed alone, `pattern` reads the values in the words."""

    pattern: str = ""

    def decider(self, values: Values) -> Decider:
        """What does the task as it should be done."""
        return ScriptDecider(self.script(values))

    def begin(self, app: MiniWoB, phone: ChromiumPhone, seed: int) -> Values:
        """Open the page at this seed, or at the next one whose words have this task's form; gives the values.

        AppError when none of many seeds has words of this form."""
        page = self.app.removeprefix("miniwob/")
        for tried in range(seed, seed + _MOST_SEEDS):
            app.choose(page, tried)
            phone.new_episode(login=app.login, start_url=app.url, init_script=app.init_script)
            words = app.words()
            found = re.fullmatch(self.pattern, words)
            if found is not None:
                return {"seed": str(tried), "words": words, **found.groupdict(default="")}
        raise AppError(f"{self.app}: no words like {self.pattern!r} from seed {seed} on; the last were {words!r}")


def page_task(page: str, pattern: str, script: Callable[[Values], Sequence[Do]]) -> PageTask:
    """A task whose values all stand in the page's words, done by a fixed script."""
    return PageTask(
        name=page,
        app=f"miniwob/{page}",
        template="{words}",
        generate=lambda rng: {"seed": str(rng.randrange(1_000_000))},
        script=script,
        oracle=solved,
        pattern=pattern,
    )


def solved(found: list[Difference], values: Values) -> list[str]:
    """A raw reward of 1: some pages give a little for a wrong answer, and the other reward falls with the time."""
    return only(found, "episode", "changed", utterance=values["words"], done=True, raw_reward=1.0)


def _in_row(label: str, text: str) -> Do:
    return Do("type", Locator(role="textbox", container=Container(role="row", texts=(label,))), text)


_SUBMIT = on("tap", "button", "Submit")
_NAME = r"[\w.,' ()-]+"

TASKS = (
    page_task(
        "enter-text",
        rf'Enter "(?P<text>{_NAME})" into the text field and press Submit\.',
        lambda v: [on("type", "textbox", id="tt", text=v["text"]), _SUBMIT],
    ),
    page_task(
        "enter-text-dynamic",
        rf'Enter "(?P<text>{_NAME})" into the text field and press Submit\.',
        lambda v: [on("type", "textbox", id="tt", text=v["text"]), _SUBMIT],
    ),
    page_task(
        "enter-password",
        r'Enter the password "(?P<password>\w+)" into both text fields and press submit\.',
        lambda v: [
            on("type", "textbox", id="password", text=v["password"]),
            on("type", "textbox", id="verify", text=v["password"]),
            _SUBMIT,
        ],
    ),
    page_task(
        "login-user",
        r'Enter the username "(?P<user>\w+)" and the password "(?P<password>\w+)" '
        r"into the text fields and press login\.",
        lambda v: [
            on("type", "textbox", id="username", text=v["user"]),
            on("type", "textbox", id="password", text=v["password"]),
            on("tap", "button", "Login"),
        ],
    ),
    page_task(
        "choose-list",
        rf"Select (?P<item>{_NAME}) from the list and click Submit\.",
        lambda v: [on("select", "combobox", id="options", text=v["item"]), _SUBMIT],
    ),
    page_task(
        "click-link",
        rf'Click on the link "(?P<link>{_NAME})"\.',
        lambda v: [on("tap", "generic", v["link"])],
    ),
    page_task(
        "click-dialog-2",
        r'Click the button in the dialog box labeled "(?P<button>OK|Cancel)"\.',
        lambda v: [on("tap", "button", v["button"])],
    ),
    page_task(
        "click-option",
        r"Select (?P<option>\w+) and click Submit\.",
        lambda v: [on("tap", "radio", v["option"]), _SUBMIT],
    ),
    page_task(
        "click-checkboxes",
        r"Select (?P<first>\w+), (?P<second>\w+) and click Submit\.",
        lambda v: [on("tap", "checkbox", v["first"]), on("tap", "checkbox", v["second"]), _SUBMIT],
    ),
    page_task(
        "click-scroll-list",
        r"Select (?P<item>[\w.' ()-]+) from the scroll list and click Submit\.",
        lambda v: [on("select", "listbox", id="options", text=v["item"]), _SUBMIT],
    ),
    page_task(
        "click-menu-2",
        r'Click the "Menu" button, and then find and click on the item labeled "(?P<item>Save|Zoom In|Zoom Out)"\.',
        lambda v: [on("tap", "button", "Menu"), on("tap", "menuitem", v["item"])],
    ),
    page_task(
        "multi-orderings",
        r"Search for (?P<genre>\w+) movies directed by (?P<director>\w+) from year (?P<year>\d+)\.",
        lambda v: [
            _in_row("Genre", v["genre"]),
            _in_row("Director", v["director"]),
            _in_row("Year", v["year"]),
            on("tap", "generic", "Submit"),
        ],
    ),
    page_task(
        "form-sequence-3",
        rf'Choose (?P<size>{_NAME}) from the dropdown, then click the button labeled "(?P<button>\w+)"\.',
        lambda v: [on("tap", "generic", "▾"), on("tap", "text", v["size"]), on("tap", "button", v["button"])],
    ),
    page_task(
        "choose-date-easy",
        r"Select 12/(?P<day>\d\d)/2016 as the date and hit submit\.",
        lambda v: [on("tap", "textbox", id="datepicker"), on("tap", "link", v["day"].lstrip("0")), _SUBMIT],
    ),
    page_task(
        "click-pie-nodelay",
        r'Expand the pie menu below and click on the item labeled "(?P<item>\w)"\.',
        lambda v: [on("tap", "generic", "+"), on("tap", "generic", v["item"])],
    ),
)
# Pages that now and then show two controls with the same words. Neither a script nor a replay that knows controls by
# their words can tell these apart: some episodes end with a clear stop.
AMBIGUOUS_TASKS = (
    page_task(
        "click-button",
        rf'Click on the "(?P<button>{_NAME})" button\.',
        lambda v: [on("tap", "button", v["button"])],
    ),
    page_task(
        "unicode-test",
        r'Click on the "(?P<button>.+)" button\.',
        lambda v: [on("tap", "button", v["button"])],
    ),
)
