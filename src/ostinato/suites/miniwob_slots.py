"""More tasks on MiniWoB++ pages whose values all stand in the page's words: a fixed script does them.

Rules can be learnt from two recordings of any of them, as of `miniwob.TASKS`.
"""

from __future__ import annotations

from ostinato.agent.script import on
from ostinato.suites.miniwob import page_task

_SUBMIT = on("tap", "button", "Submit")

MORE_SLOT_TASKS = (
    page_task(
        "click-tab",
        r"Click on (?P<tab>Tab #\d)\.",
        lambda v: [on("tap", "link", v["tab"])],
    ),
    page_task(
        "click-checkboxes-transfer",
        r"Select (?P<first>\w+), (?P<second>\w+) and click Submit\.",
        lambda v: [on("tap", "checkbox", v["first"]), on("tap", "checkbox", v["second"]), _SUBMIT],
    ),
    page_task(
        "use-spinner",
        r"Select (?P<number>-?\d+) with the spinner and hit Submit\.",
        lambda v: [on("type", "spinbutton", id="spinner", text=v["number"]), _SUBMIT],
    ),
)
