"""The pages with an inbox: find a mail by its sender, then delete it, mark it, answer it or send it on.

The icons of a mail have no names; the first beside it is the bin, the second the star.
"""

from __future__ import annotations

from ostinato.suites.miniwob_screen import enter, one, tap
from ostinato.suites.miniwob_solver import Steps, solved_task
from ostinato.suites.task import Values
from ostinato.trace.screen import Element, Screen

_ICON_WORDS = 3  # the sender, the subject and the first words stand before the icons of a mail


def mails(screen: Screen) -> list[tuple[Element, Element, Element]]:
    """The sender, the bin and the star of each mail in the inbox, from the top."""
    icons = [place for place, e in enumerate(screen.elements) if e.role == "img" and e.id != "open-search"]
    return [
        (screen.elements[bin_ - _ICON_WORDS], screen.elements[bin_], screen.elements[star])
        for bin_, star in zip(icons[::2], icons[1::2], strict=True)
    ]


def _from(screen: Screen, sender: str) -> tuple[Element, Element, Element]:
    one(screen, "heading", "Primary")
    found = [mail for mail in mails(screen) if mail[0].name == sender]
    if not found:
        raise LookupError(f"there is no mail from {sender}")
    if len(found) > 1:
        raise LookupError(f"there are {len(found)} mails from {sender}; the words do not tell them apart")
    return found[0]


def _delete(screen: Screen, values: Values) -> Steps:
    yield tap(_from(screen, values["sender"])[1], among=[bin_ for _, bin_, _ in mails(screen)])


def _mark(screen: Screen, values: Values) -> Steps:
    yield tap(_from(screen, values["sender"])[2], among=[star for _, _, star in mails(screen)])


def _reply(screen: Screen, values: Values) -> Steps:
    screen = yield tap(_from(screen, values["sender"])[0], among=[sender for sender, _, _ in mails(screen)])
    screen = yield tap(one(screen, "generic", "Reply"))
    screen = yield enter(one(screen, "textbox", id="reply-text"), values["text"])
    yield tap(one(screen, "img", id="send-reply"))


def _forward(screen: Screen, values: Values) -> Steps:
    senders = [sender for sender, _, _ in mails(screen)]
    screen = yield tap(_from(screen, values["sender"])[0], among=senders)
    screen = yield tap(one(screen, "generic", "Forward"))
    screen = yield enter(one(screen, "textbox"), values["to"], [sender.name for sender in senders])
    yield tap(one(screen, "img", id="send-forward"))


def _any(screen: Screen, values: Values) -> Steps:
    """Whatever the words ask for, by the value that they give."""
    if values.get("to"):
        return _forward(screen, values)
    if values.get("text"):
        return _reply(screen, values)
    return _delete(screen, values) if values.get("delete") else _mark(screen, values)


_DELETE = r"Find the email by (?P<sender>[\w-]+) and click the trash icon to delete it\."
_MARK = r"Find the email by (?P<sender>[\w-]+) and click the star icon to mark it as important\."
_REPLY = r'Find the email by (?P<sender>[\w-]+) and reply to them with the text "(?P<text>.+)"\.'
_FORWARD = r"Find the email by (?P<sender>[\w-]+) and forward that email to (?P<to>[\w-]+)\."
_ALL_FOUR = (
    r"Find the email by (?P<sender>[\w-]+) and (?:click the (?P<delete>trash) icon to delete it|"
    r"click the (?P<mark>star) icon to mark it as important|"
    r'reply to them with the text "(?P<text>.+)"|forward that email to (?P<to>[\w-]+))\.'
)
_MARK_OR_REPLY = (
    r"Find the email by (?P<sender>[\w-]+) and (?:click the (?P<mark>star) icon to mark it as important|"
    r'reply to them with the text "(?P<text>.+)")\.'
)
# The pages in plain language say it in a hundred ways; these are the forms that tell the two names apart. What was sent
# yesterday, and other words that turn the names about, are left out.
_NAMED = r"(?<![\w-])(?P<sender>[A-Z][\w-]+)'s (?:\w+ )?(?:e-?mail|message)\b"
_TWO_WORDS = r"[A-Z][\w-]* [A-Z][\w-]*'s"
_WHOLE = r"(?![\w-]| [A-Z])"  # a name of two words would be cut
_FORWARD_FROM_TO = rf"(?=.*\b(?:by|from) (?P<sender>[A-Z][\w-]+){_WHOLE})(?=.*\bto (?P<to>[A-Z][\w-]+){_WHOLE}).+"
_FORWARD_NAMED = rf"(?!.*yesterday)(?!.* {_TWO_WORDS}).*?{_NAMED}.* to (?P<to>[A-Z][\w-]+)[.?]?"
_DELETE_OR_MARK_NAMED = (
    rf"(?!.*\b[Ff]orward)(?!.* {_TWO_WORDS})"
    r"(?:(?=.*\b(?P<delete>[Dd]elete)\b)|(?=.*\b(?P<mark>[Ii]mportant|[Ss]tar|[Ff]lag)\b))"
    rf".*?{_NAMED}[^\"]*"
)

MAIL_TASKS = (
    solved_task("email-inbox", _ALL_FOUR, _any, ("wrong_choice", "unfinished")),
    solved_task("email-inbox-noscroll", _ALL_FOUR, _any, ("wrong_choice", "unfinished")),
    solved_task("email-inbox-delete", _DELETE, _delete, ("wrong_choice", "unfinished")),
    solved_task("email-inbox-important", _MARK, _mark, ("wrong_choice", "unfinished")),
    solved_task("email-inbox-reply", _REPLY, _reply, ("wrong_choice", "wrong_value", "unsaved")),
    solved_task("email-inbox-forward", _FORWARD, _forward, ("wrong_choice", "wrong_value", "unsaved")),
    solved_task("email-inbox-star-reply", _MARK_OR_REPLY, _any, ("wrong_choice", "unfinished")),
    solved_task("email-inbox-forward-nl", _FORWARD_FROM_TO, _forward, ("wrong_choice", "wrong_value", "unsaved")),
    solved_task("email-inbox-forward-nl-turk", _FORWARD_NAMED, _forward, ("wrong_choice", "wrong_value", "unsaved")),
    solved_task("email-inbox-nl-turk", _DELETE_OR_MARK_NAMED, _any, ("wrong_choice", "unfinished")),
)
