"""An experience as a Playwright script: readable Python, slots as arguments, checks as `expect`."""

from __future__ import annotations

from ostinato.judge.check import Check, TextHas, Together, ValueEquals
from ostinato.replay.experience import Experience, Node
from ostinato.trace.locator import Locator
from ostinato.trace.values import slots_in


def to_playwright(experience: Experience, values: dict[str, str] | None, url: str) -> str:
    """A script that compiles and runs: `python script.py` does the task with `values`, or the first examples."""
    names = [slot.name for slot in experience.slots]
    given = values or {slot.name: slot.examples[0] for slot in experience.slots if slot.examples}
    arguments = ", ".join(["page: Page", *(f"{name}: str" for name in names)])
    lines = [
        f'"""{_one_line(experience.templates[0])}"""',
        "",
        "import os",
        "",
        "from playwright.sync_api import Page, expect, sync_playwright",
        "",
        "",
    ]
    lines.append(f"def play({arguments}) -> None:")
    for node in experience.nodes:
        lines.append(f"    # {_one_line(node.primitive)}")
        lines += [f"    {line}" for line in _step(node)]
        lines += [f"    {line}" for check in node.post for line in _expect(check)]
    for check in experience.success:
        lines += [f"    {line}" for line in _expect(check)]
    call = ", ".join(["page", *(f"{name}={given.get(name, '')!r}" for name in names)])
    lines += [
        "",
        "",
        'if __name__ == "__main__":',
        "    with sync_playwright() as playwright:",
        "        browser = playwright.chromium.launch(",
        '            executable_path=os.environ.get("CHROMIUM"), args=os.environ.get("CHROMIUM_ARGS", "").split()',
        "        )",
        '        context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)',
        "        page = context.new_page()",
        f"        page.goto(os.environ.get('START_URL', {url!r}))",
        f"        play({call})",
        "        browser.close()",
    ]
    return "\n".join(lines) + "\n"


def _step(node: Node) -> list[str]:
    place = _locator(node.target) if node.target else "page"
    text = _text(node.text or "")
    match node.kind:
        case "type" if node.secret:
            done = [f"{place}.fill(os.environ[{'OSTINATO_SECRET_' + node.secret!r}])"]
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
            done = ["page.goto(os.environ['START_URL'])"]
        case "double_tap":
            done = [f"{place}.dblclick()"]
        case "long_press":
            done = [f"{place}.click(delay=800)"]
        case "drag" if node.destination is not None:
            done = [f"{place}.drag_to({_locator(node.destination)})"]
        case _:
            done = [f"{place}.tap()"]
    if node.kind == "type" and node.enter:
        done.append(f'{place}.press("Enter")')
    if node.optional:
        return [f"if {place}.is_visible():", *(f"    {line}" for line in done)]
    return done


def _expect(check: Check) -> list[str]:
    match check:
        case TextHas(target=None):
            return [f"expect(page.get_by_text({_text(check.text)}).first).to_be_visible()"]
        case ValueEquals() if check.target.role != "combobox":
            return [f"expect({_locator(check.target)}).to_have_value({_text(check.value)})"]
        case Together():
            filters = "".join(f".filter(has_text={_text(t)})" for t in check.texts)
            return [f"expect(page.get_by_role({check.role!r}){filters}.first).to_be_visible()"]
        case _:
            return []


def _locator(target: Locator) -> str:
    inside = "page"
    if target.container is not None and target.container.texts:
        filters = "".join(f".filter(has_text={_text(t)})" for t in target.container.texts)
        inside = f"page.get_by_role({target.container.role!r}){filters}.first"
    role = {"Date": "textbox", "text": "generic"}.get(target.role, target.role)
    if target.name:
        return f"{inside}.get_by_role({role!r}, name={_text(target.name)}, exact=True)"
    if target.id:
        return f"{inside}.locator({'[id=' + repr(target.id) + ']'!r})"
    if target.placeholder:
        return f"{inside}.get_by_placeholder({_text(target.placeholder)}, exact=True)"
    return f"{inside}.get_by_role({role!r}).first"


def _text(pattern: str) -> str:
    """A Python expression for a pattern: a slot alone is its argument, a mix is an f-string."""
    slots = slots_in(pattern)
    if not slots:
        return repr(pattern)
    if pattern == "{" + slots[0] + "}":
        return slots[0]
    return "f" + repr(pattern)


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace('"""', "'''").replace("\\", "\\\\")
