"""Tasks from a Python program: an app or a site on a phone, opened when it is needed and closed for certain."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from pydantic import ValidationError

from ostinato.agent.budget import Bounds
from ostinato.agent.decider import Decider
from ostinato.agent.roles import open_agent, open_words
from ostinato.errors import AmbiguousTask, FormatError, MatchError, RunStopped, UsageError
from ostinato.house import Finished, House
from ostinato.model import open_chat
from ostinato.model.chat import Chat
from ostinato.phone.apps.app import App, get_app
from ostinato.phone.choice import Choice, read_choice
from ostinato.phone.phone import Phone
from ostinato.replay.match import Match
from ostinato.settings import Settings, load_settings
from ostinato.trace.action import Action
from ostinato.trace.privacy import Mode
from ostinato.trace.record import TEMPORARY, Step
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store
from ostinato.trace.values import address

Commits = Literal["refuse", "allow"] | Callable[[Action, Screen], bool]
Agent = Decider | Literal["words"]


class Session:
    """One place (`app=` a named app, or `url=`) on one phone, for one task after the other.

    Nothing is started before the first `run`; use it in a `with`, or `close` it. Settings come from the configuration
    and the environment as for the commands; what is given here goes before them.

    * `app`, `url`, `folder`, `login`: as the options of `ostinato run`: a named app, or any address; where the app's
      data are kept (without it they last as long as the session); a stored login for `url` (a file, or what is in it).
    * `phone`: `"chromium"`, `"android[:SERIAL]"`, …; on a phone with apps of its own `app` is a package.
    * `model`: who decides where no experience fits, or one cannot go on: a model by its name in the settings' sense, an
      open `Chat`, or True for the model of the settings. None: the model of the settings, where no experience fits.
    * `agent`: a decider of your own in its place, or `"words"` for the one that does what the words say, without a
      model. With `replay=False` experiences are left aside, and it (or the model) decides alone.
    * `commits`: before what cannot be taken back: `"refuse"` (the default), `"allow"`, or a function of the action and
      the screen that says True.
    * `allow_domains`, `allow_apps`: all that may be visited and used beside where a task begins.
    * `privacy`: what is kept of a run and shown to a model: `"full"` (all), `"redacted"` or `"structure"` (see
      docs/safety.md).
    * `budget`: what a model may cost for one task; `max_steps`, `max_seconds`: how long a task may take. Where both
      bound the steps the smaller number holds.

    Raises UsageError for what does not go together. Not to be used from two threads at once."""

    def __init__(
        self,
        *,
        app: str | None = None,
        url: str | None = None,
        phone: str | None = None,
        folder: str | Path | None = None,
        login: str | Path | Mapping[str, Any] | None = None,
        model: str | Chat | bool | None = None,
        agent: Agent | None = None,
        replay: bool = True,
        commits: Commits | None = None,
        allow_domains: Sequence[str] | None = None,
        allow_apps: Sequence[str] | None = None,
        privacy: Mode | None = None,
        budget: Bounds | None = None,
        max_steps: int | None = None,
        max_seconds: float | None = None,
        headless: bool = True,
        settings: Settings | None = None,
    ) -> None:
        if agent is not None and model is not None:
            raise UsageError("give an agent or a model, not both: either decides where no experience can")
        if agent is None and not replay and model is None:
            model = True
        given: dict[str, Any] = {
            "max_steps": _least(max_steps, budget.steps if budget is not None else None),
            "max_seconds": max_seconds,
            "allow_domains": None if allow_domains is None else tuple(allow_domains),
            "allow_apps": None if allow_apps is None else tuple(allow_apps),
            "privacy": privacy,
            "model": model if isinstance(model, str) else None,
            **_bounds(budget),
        }
        self._settings = changed(settings or load_settings(), given)
        if agent is not None:  # as for a model: it stays where it begins
            unset = [name for name in ("allow_domains", "allow_apps") if getattr(self._settings, name) is None]
            self._settings = changed(self._settings, dict.fromkeys(unset, ()))
        self._on = read_choice(phone or self._settings.phone)
        self._folder = Path(folder) if folder is not None else None
        if self._on.kind == "linux":
            if app is not None or url is not None:
                raise UsageError("a Linux phone is named with its app: phone='linux:APP', without app= and url=")
        elif (app is None) == (url is None):
            raise UsageError("say where: app='ihatemoney' or url='https://…' (one of them)")
        elif folder is not None and app is None:
            raise UsageError("folder keeps the data of a named app; it goes with app=")
        if not self._on.is_chromium and (login is not None or not headless):
            raise UsageError(f"login and headless are for Chromium; they do not go with phone={str(self._on)!r}")
        if self._on.kind in ("android", "harmony") and folder is not None:
            raise UsageError(f"folder keeps the data of a named app; it does not go with phone={str(self._on)!r}")
        self._named, self._url = self._on.places(app, url and address(url))
        self._app_name = get_app(self._named, self._settings.cache).name if self._named is not None else None
        self._login = dict(login) if isinstance(login, Mapping) else read_login(Path(login)) if login else None
        self.approve = _approver(commits, self._settings.commits)
        self._model, self._agent, self._replay, self._headless = model, agent, replay, headless
        self._house: House | None = None
        self._stack = contextlib.ExitStack()
        self._shown: tuple[App | None, Phone] | None = None
        self._chat: Chat | None = model if not isinstance(model, str | bool | None) else None
        self._last: Finished | None = None

    @property
    def store(self) -> Store:
        """Where traces, screenshots and verdicts are kept."""
        return self.house.store

    @property
    def house(self) -> House:
        """The rooms behind: store, experiences, settings."""
        if self._house is None:
            self._house = House(self._settings)
        return self._house

    @property
    def phone(self) -> Phone | None:
        """The phone, once it is open."""
        return self._shown[1] if self._shown is not None else None

    def run(
        self,
        task: str,
        *,
        again: bool = False,
        watch: Callable[[Step], None] | None = None,
        stop: Callable[[], bool] | None = None,
        meta: Mapping[str, str] | None = None,
    ) -> Finished:
        """Do one task; gives the run that ended, whether well or not: look at its `trace.outcome` and its `verdict`.
        `watch` is called after each step, `stop` before each: when it says True the run ends as stopped, and nothing
        more is touched. The second task of a session begins on the first screen again.

        Raises MatchError when no experience fits and nobody else can decide, AmbiguousTask for words of two readings,
        CommitRefused when an earlier run may have done it already (`again=True` does it all the same), SetupError,
        AppError and PhoneError when the place cannot be opened. Ctrl-C ends the run, whose trace is kept as
        interrupted, and is raised again."""
        if not task.strip():
            raise UsageError("the task is empty; say it in words, with its values")
        found = self._find(task)
        if found is not None:
            self.house.need_secrets(found)
        decider, known = self._decider(task, found)
        app, phone = self._open()
        self.house.at = None if stop is None else lambda point, step: _leave(point, stop)
        self._last = self.house.replay(
            task,
            phone=phone,
            app=app,
            app_name=self._app_name or self._url,
            approve=self.approve,
            place=place_of(self._app_name, self._url, self._folder, self._on),
            chosen=found,
            agent=decider,
            again=again,
            meta={**known, **(meta or {})},
            watch=watch or (lambda step: None),
        )
        if self._last.trace.status == "interrupted":
            raise KeyboardInterrupt
        return self._last

    def look(self) -> Screen:
        """What the phone shows now, with a screenshot (`store.blobs.get(screen.screenshot)`), once it is at rest; at
        first that is the first screen. With `privacy` it is what may be kept of it. Raises as `run` does where the
        place cannot be opened."""
        _, phone = self._shown or self._open()
        phone.quiet(self._settings.step_timeout)
        return self.house.kept(phone.observe())

    def close(self) -> None:
        """End the phone and the app. May be called twice; a later `run` opens them anew."""
        self._shown = self._last = None
        if isinstance(self._model, str | bool | None):  # a model of the session's own goes with it
            self._chat = None
        self._stack.close()
        if self._house is not None:
            self._house.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _find(self, task: str) -> Match | None:
        """The experience to play; None where another decider does the task alone."""
        if not self._replay:
            return None
        a_model = self._settings.model is not None or self._settings.model_url is not None
        try:
            return self.house.find(task, self._app_name or self._url, self._on)
        except AmbiguousTask:
            raise
        except MatchError:
            if not (self._model or a_model or self._agent is not None):
                raise
            return None

    def _decider(self, task: str, found: Match | None) -> tuple[Decider | None, dict[str, str]]:
        """Who decides where the experience cannot, or there is none; and what its trace tells of it."""
        if self._agent is not None:
            if self._agent != "words":
                return self._agent, {}
            return open_words(self._settings, task, self.house.blobs.get), {}
        if found is not None and not self._model:
            return None, {}
        self._chat = self._chat or open_chat(self._settings)
        told = self.house.recollect(task, self._app_name or self._url)
        agent = open_agent(self._settings, self.store.blobs.get, task=task, remembered=told.shown(), chat=self._chat)
        return agent, {"model": self._chat.name, "format": agent.format.name, **told.meta()}

    def _open(self) -> tuple[App | None, Phone]:
        """The app and the phone, on their first screen."""
        if self._shown is not None:
            app, phone = self._shown
            if self._last is not None:
                self.house.begin_again(phone, app, self._url, self._login)
            return self._shown
        with contextlib.ExitStack() as stack:
            on = self._on.settled()
            named = self._named
            app = stack.enter_context(self.house.app(named, self._folder)) if named is not None else None
            opened = self.house.phone(app, self._url, self._login, self._headless, on=on, folder=self._folder)
            phone = stack.enter_context(opened)
            self._on, self._shown = on, (app, phone)
            self._stack = stack.pop_all()
        return self._shown


def run(
    task: str,
    *,
    app: str | None = None,
    url: str | None = None,
    phone: str | None = None,
    folder: str | Path | None = None,
    login: str | Path | Mapping[str, Any] | None = None,
    model: str | Chat | bool | None = None,
    agent: Agent | None = None,
    replay: bool = True,
    commits: Commits | None = None,
    allow_domains: Sequence[str] | None = None,
    allow_apps: Sequence[str] | None = None,
    privacy: Mode | None = None,
    budget: Bounds | None = None,
    max_steps: int | None = None,
    max_seconds: float | None = None,
    headless: bool = True,
    again: bool = False,
    watch: Callable[[Step], None] | None = None,
    settings: Settings | None = None,
) -> Finished:
    """Do one task on a phone and end it: `ostinato.run("Add an expense: Tea, 3, paid by Bob", app="ihatemoney")`.

    Arguments, errors and what Ctrl-C does are those of `Session` and `Session.run`. Nothing is printed. The run is kept
    in the store: its trace, its screenshots, and its verdict when an experience says how the end must look."""
    with Session(
        app=app,
        url=url,
        phone=phone,
        folder=folder,
        login=login,
        model=model,
        agent=agent,
        replay=replay,
        commits=commits,
        allow_domains=allow_domains,
        allow_apps=allow_apps,
        privacy=privacy,
        budget=budget,
        max_steps=max_steps,
        max_seconds=max_seconds,
        headless=headless,
        settings=settings,
    ) as session:
        return session.run(task, again=again, watch=watch)


def open_store(settings: Settings | None = None) -> Store:
    """The store of the settings: `load(id)` and `load("last")` give traces, `list()` what there is, `verdicts(id)`,
    `blobs.get(sha)` a screenshot as JPEG. Raises StoreError."""
    known = settings or load_settings()
    return Store(known.home / "store", known.store_url)


def place_of(app: str | None, url: str | None, folder: Path | None, on: Choice) -> str | None:
    """Where the data live that is worked on (see `Trace.place`)."""
    if on.kind in ("android", "harmony"):
        return str(on)
    if on.kind == "linux":
        return str(folder.resolve()) if folder is not None else TEMPORARY
    return url if app is None else str(folder.resolve()) if folder is not None else TEMPORARY


def read_login(path: Path) -> dict[str, Any]:
    """A stored login: a Playwright storage state. Raises FormatError."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise FormatError(path, "file", f"is not a stored login: {error}") from error
    if not isinstance(found, dict) or "cookies" not in found:
        raise FormatError(path, "cookies", "is missing; a stored login is a Playwright storage state")
    return found


def _leave(point: str, stop: Callable[[], bool]) -> None:
    """Between two steps, while nothing is under way."""
    if point in ("observed", "decided") and stop():
        raise RunStopped("stopped by the program that began it")


def _approver(commits: object, known: str | None) -> Callable[[Action, Screen], bool]:
    """What `commits` means; a program has no terminal to ask at."""
    chosen = commits if commits is not None else known if known == "allow" else "refuse"
    if chosen in ("allow", "refuse"):
        return lambda action, screen: chosen == "allow"
    if callable(chosen):
        ask: Callable[[Action, Screen], bool] = chosen
        return lambda action, screen: ask(action, screen) is True
    raise UsageError(f"commits={chosen!r} is 'refuse', 'allow' or a function of the action and the screen")


def _least(*bounds: int | None) -> int | None:
    return min((bound for bound in bounds if bound is not None), default=None)


def _bounds(budget: Bounds | None) -> dict[str, Any]:
    if budget is None:
        return {}
    return {
        "model_max_calls": budget.calls,
        "model_max_tokens": budget.tokens,
        "model_max_seconds": budget.seconds,
        "model_max_money": budget.money,
    }


def changed(settings: Settings, given: Mapping[str, Any]) -> Settings:
    """The settings with what was given; None leaves a setting as it is. Raises UsageError."""
    known = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings.model_validate({**settings.model_dump(), **known})
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
        raise UsageError(f"{name}={known.get(name)!r} cannot be: {error.errors()[0]['msg']}") from None
