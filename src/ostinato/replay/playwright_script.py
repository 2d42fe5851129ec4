"""An experience as a Playwright script: readable Python, slots as arguments, checks as `expect`.

Whatever a page or a task says is written as a Python literal, so that no text can be anything but a text.
"""

from __future__ import annotations

import keyword
import re

from ostinato.errors import UsageError
from ostinato.judge.check import Check, TextHas, Together, ValueEquals
from ostinato.replay.experience import Experience, Loop, Node, all_slots
from ostinato.replay.loops import turns
from ostinato.settings import SECRET
from ostinato.trace.locator import Locator
from ostinato.trace.values import slots_in

_ENVIRONMENT = """\
# Read from the environment: START_URL, CHROMIUM (a program) and CHROMIUM_ARGS, STORAGE_STATE (a stored login).
"""
_TAKEN = frozenset({"page", "os", "expect", "sync_playwright", "Page", "play", "str", "print", "turn", "list", "dict"})


def to_playwright(experience: Experience, values: dict[str, str] | None, url: str) -> str:
    """A script that compiles and runs: `python script.py` does the task with `values`, or the first examples."""
    return _Writer(experience, url).script(values or {})


class _Writer:
    """Writes one experience. `names` are the arguments that stand for its slots."""

    def __init__(self, experience: Experience, url: str) -> None:
        self._experience = experience
        self._start = f'os.environ.get("START_URL", {url!r})'
        self._names = {slot.name: _argument(slot.name) for slot in all_slots(experience)}
        self._loops = {loop.slot: loop for loop in experience.loops}

    def script(self, values: dict[str, str]) -> str:
        given = {slot.name: slot.examples[0] for slot in self._experience.slots if slot.examples} | values
        names = {slot.name: self._names[slot.name] for slot in self._experience.slots}
        kinds = {slot: "list[dict[str, str]]" if slot in self._loops else "str" for slot in names}
        said = {
            slot: turns(self._loops[slot], given[slot])
            if slot in self._loops and slot in given
            else given.get(slot, "")
            for slot in names
        }
        arguments = ", ".join(["page: Page", *(f"{name}: {kinds[slot]}" for slot, name in names.items())])
        call = ", ".join(["page", *(f"{name}={said[slot]!r}" for slot, name in names.items())])
        lines = [
            repr(_one_line(self._experience.templates[0])),
            "",
            "import os",
            "",
            "from playwright.sync_api import Page, expect, sync_playwright",
            "",
            "",
            f"def play({arguments}) -> None:",
        ]
        lines += [f"    {line}" for line in self._body()]
        lines = [line for n, line in enumerate(lines) if not (line.startswith("    expect(") and line == lines[n - 1])]
        lines += [
            "",
            "",
            'if __name__ == "__main__":',
            *(f"    {line}" for line in _ENVIRONMENT.splitlines()),
            "    with sync_playwright() as playwright:",
            "        browser = playwright.chromium.launch(",
            '            executable_path=os.environ.get("CHROMIUM"), args=os.environ.get("CHROMIUM_ARGS", "").split()',
            "        )",
            "        context = browser.new_context(",
            '            viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True,',
            '            storage_state=os.environ.get("STORAGE_STATE"),',
            "        )",
            "        page = context.new_page()",
            f"        page.goto({self._start})",
            f"        play({call})",
            "        browser.close()",
        ]
        return "\n".join(lines) + "\n"

    def _body(self) -> list[str]:
        lines: list[str] = []
        if said := [loop.words() for loop in self._experience.loops if loop.every is not None]:
            raise UsageError(f"{said[0]}: a script does not read the rows of a list; name them in the task")
        for node in self._experience.nodes:
            done = [f"# {_one_line(node.primitive)}", *self._step(node)]
            done += [line for check in node.post for line in self._expect(check)]
            for loop in self._experience.loops:
                if node.index == loop.first:
                    lines += self._turn(loop)
                if loop.first <= node.index <= loop.last:
                    leads = node.index > loop.last - loop.tail
                    between = [f"if turn is not {self._names[loop.slot]}[-1]:"] if leads else []
                    done = [f"    {line}" for line in (*between, *(f"    {line}" if leads else line for line in done))]
            lines += done
        for check in self._experience.success:
            turns = [loop for loop in self._experience.loops if {*check.slots} & {slot.name for slot in loop.slots}]
            expected = self._expect(check)
            if turns and expected:
                lines += [*self._turn(turns[0]), *(f"    {line}" for line in expected)]
            else:
                lines += expected
        return lines

    def _turn(self, loop: Loop) -> list[str]:
        """The head of a Python loop over what a list says."""
        named = [f"    {self._names[slot.name]} = turn[{slot.name!r}]" for slot in loop.slots]
        return [f"for turn in {self._names[loop.slot]}:", *named]

    def _step(self, node: Node) -> list[str]:
        place = self._locator(node.target) if node.target else "page"
        text = self._text(node.text or "")
        match node.kind:
            case "type" if node.secret:
                variable = SECRET + re.sub(r"\W", "_", node.secret).upper()
                done = [f"{place}.fill(os.environ[{variable!r}])"]
            case "type":
                done = [f"{place}.fill({text})"]
            case "select":
                done = [f"{place}.select_option(label={text})"]
            case "key":
                done = [f"page.keyboard.press({text})"]
            case "open":
                done = [f"page.goto({text})"]
            case "back":
                done = ["page.go_back()"]
            case "home":
                done = [f"page.goto({self._start})"]
            case "double_tap":
                done = [f"{place}.dblclick()"]
            case "long_press":
                done = [f"{place}.click(delay=800)"]
            case "drag" if node.destination is not None:
                done = [f"{place}.drag_to({self._locator(node.destination)})"]
            case _:
                done = [f"{place}.tap()"]
        if node.kind == "type" and node.enter:
            done.append(f'{place}.press("Enter")')
        if node.optional:
            return [f"if {place}.is_visible():", *(f"    {line}" for line in done)]
        return done

    def _expect(self, check: Check) -> list[str]:
        match check:
            case TextHas(target=None):
                shown = f'page.get_by_text({self._text(check.text)}).locator("visible=true").first'
                return [f"expect({shown}).to_be_visible()"]
            case ValueEquals() if check.target.role != "combobox":
                return [f"expect({self._locator(check.target)}).to_have_value({self._text(check.value)})"]
            case Together():
                filters = "".join(f".filter(has_text={self._text(t)})" for t in check.texts)
                return [f"expect(page.get_by_role({check.role!r}){filters}.first).to_be_visible()"]
            case _:
                return []

    def _locator(self, target: Locator) -> str:
        """By role and name; where an id is known, the name may be a part of Playwright's own (which adds the words of
        other labels) and the id decides. Never the first of several: Playwright then stops."""
        if target.pick is not None:
            raise UsageError(
                f"{target.words()}: a script does not compare rows; name the row in the task, or run it here"
            )
        inside = "page"
        if target.container is not None and target.container.texts:
            filters = "".join(f".filter(has_text={self._text(t)})" for t in target.container.texts)
            inside = f"page.get_by_role({target.container.role!r}){filters}"
        if target.role == "text" and target.name:
            return f"{inside}.get_by_text({self._text(target.name)}, exact=True)"
        role = target.role
        by_id = f"page.locator({_by_id(target.id)!r})" if target.id else ""
        if target.name and target.id:
            return f"{inside}.get_by_role({role!r}, name={self._text(target.name)}).and_({by_id})"
        if target.name:
            return f"{inside}.get_by_role({role!r}, name={self._text(target.name)}, exact=True)"
        if target.id:
            return f"{inside}.locator({_by_id(target.id)!r})"
        if target.placeholder:
            return f"{inside}.get_by_placeholder({self._text(target.placeholder)}, exact=True)"
        return f"{inside}.get_by_role({role!r}).first"

    def _text(self, pattern: str) -> str:
        """A Python expression for a pattern: a slot alone is its argument, a mix is an f-string."""
        slots = [slot for slot in slots_in(pattern) if slot in self._names]
        if not slots:
            return repr(pattern)
        if pattern == "{" + slots[0] + "}":
            return self._names[slots[0]]
        parts = re.split(r"\{(" + "|".join(map(re.escape, slots)) + r")\}", pattern)
        written = [
            "{" + self._names[part] + "}" if k % 2 else part.replace("{", "{{").replace("}", "}}")
            for k, part in enumerate(parts)
        ]
        return "f" + repr("".join(written))


def _argument(slot: str) -> str:
    return slot + "_" if keyword.iskeyword(slot) or slot in _TAKEN else slot


def _by_id(value: str) -> str:
    """A CSS selector for what an element's `id` may have come from."""
    quoted = "".join(f"\\{ord(c):x} " if c in '"\\' or not c.isprintable() else c for c in value)
    return ", ".join(f'[{name}="{quoted}"]' for name in ("data-testid", "id", "name"))


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
