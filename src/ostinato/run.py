"""Composition: app, phone, experiences, store and judge in one call."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ostinato.agent.decider import Decider
from ostinato.agent.guards.interruption import Interruptions
from ostinato.agent.guards.mandate import Mandate
from ostinato.agent.guards.permission import May, Permissions, order
from ostinato.agent.guards.popup import Popups
from ostinato.agent.guards.repetition import Repetition
from ostinato.agent.guards.waiting import Waiting
from ostinato.agent.loop import Limits, Loop
from ostinato.agent.memory import Recalled
from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.plans.onlooker import Onlooker
from ostinato.agent.recollection import Recollection, recollected
from ostinato.agent.resumption import AllDone, Return, counting, in_doubt, moved, place_after, renumbered, settled
from ostinato.agent.wording import Wording
from ostinato.agent.words.lexical import LexicalDecider
from ostinato.errors import AmbiguousTask, AppError, CommitRefused, MatchError, StoreError, UsageError
from ostinato.judge.change import changes, compare, fits
from ostinato.judge.check import DataChange
from ostinato.judge.judge import judge
from ostinato.judge.substate import Rules, Substate
from ostinato.model.embed import embedder_at_hand
from ostinato.phone.apps.app import App, InPage, get_app
from ostinato.phone.apps.gnome import Gnome, open_linux_phone
from ostinato.phone.border import Border, Bounded, border_of
from ostinato.phone.choice import CHROMIUM, Choice, open_phone
from ostinato.phone.phone import AppPhone, Phone
from ostinato.phone.web.chromium import ChromiumPhone
from ostinato.replay.experience import Experience
from ostinato.replay.learn import learn
from ostinato.replay.match import Match, completed, match
from ostinato.replay.memory import Memories
from ostinato.replay.replayer import Replayer
from ostinato.replay.repository import Repository
from ostinato.settings import Settings, secret
from ostinato.trace.action import Action, Select
from ostinato.trace.claim import claim
from ostinato.trace.data import AppData
from ostinato.trace.record import TEMPORARY, Cost, Step, Tokens, Trace, Verdict, doing_of
from ostinato.trace.screen import Screen
from ostinato.trace.store import Store
from ostinato.trace.values import normal

# How long an app may take to write what was done, in seconds (TiddlyWiki saves up to two seconds later).
DATA_TIMEOUT = 5.0
# The same for a recording, which does not say what to wait for.
RECORDED_TIMEOUT = 2.0
# How long the data must stay as expected to be taken for the end: a second save may follow the first.
STEADY = 0.4
# After so many seconds nothing that a run sent is still under way, and the app's data tell what became of it.
SETTLED = 60.0


@dataclass(frozen=True)
class Finished:
    """A run that ended: its trace as stored, the match it played, and the verdict if there was evidence for one."""

    trace: Trace
    match: Match | None
    verdict: Verdict | None

    def __repr__(self) -> str:
        """In a line: a whole trace would fill a notebook."""
        said = f", {self.trace.outcome.reason}" if self.trace.outcome is not None and self.trace.outcome.reason else ""
        judged = self.verdict.value if self.verdict is not None else "not judged"
        return f"<Finished {self.trace.id}: {self.trace.status}, verdict {judged}{said}>"

    def told(self) -> dict[str, Any]:
        """What became of it, for other programs: plain values that are JSON."""
        trace, verdict = self.trace, self.verdict
        return {
            "trace": trace.id,
            "task": trace.task,
            "status": trace.status,
            "reason": trace.outcome.reason if trace.outcome else "",
            "answer": trace.outcome.answer if trace.outcome else None,
            "steps": trace.acts,
            "replayed": self.replayed,
            "seconds": trace.seconds,
            "model_calls": trace.cost.calls,
            "slots": trace.slots,
            "preferences": trace.meta.get("preferences", "").split(),
            "verdict": verdict.value if verdict else None,
            "changes": list(verdict.changes) if verdict else [],
            "reasons": list(verdict.reasons) if verdict else [],
        }

    @property
    def succeeded(self) -> bool:
        """Whether the run says that it is done, and the verdict is yes."""
        return self.trace.status == "done" and self.verdict is not None and self.verdict.value == "yes"

    @property
    def replayed(self) -> int:
        return sum(1 for s in self.trace.steps if s.decision.source == "replay" and s.action.kind != "done")


@dataclass(frozen=True)
class Resumed:
    """What counts of a run that was cut off: it and those that it went on with, oldest first; their steps; the address
    on which it stopped; the app's data before the first of them, by their blob. `done` says that all was done, and the
    app's data show it: what the screens said at its end is gone, and asked for no more."""

    runs: tuple[str, ...]
    steps: tuple[Step, ...]
    url: str | None
    data: str | None
    done: bool = False


@dataclass
class House:
    """The store, the experiences and the settings that commands share. `at(point, step)` is called at every named
    point of a run (`ostinato.agent.loop.POINTS`), for the fault harness; `ask` puts a question to the user, where
    there is one."""

    settings: Settings
    at: Callable[[str, int], None] | None = None
    ask: Callable[[str], bool] | None = None

    def __post_init__(self) -> None:
        self.store = Store(self.settings.home / "store", self.settings.store_url)
        self.repository = Repository(self.settings.home / "experiences")
        self.memories = Memories(self.settings.home, store=self.store)

    @contextlib.contextmanager
    def app(self, name: str, folder: Path | None = None) -> Iterator[App]:
        """An installed app, started and ended here; a folder is worked in by one command at a time."""
        app = get_app(name, self.settings.cache)
        if not app.is_installed():
            raise AppError(f"{name} is not installed; install it with: ostinato app install {name}")

        def busy() -> None:
            raise AppError(f"another command works in {folder}; wait for it, or take another folder")

        with contextlib.ExitStack() as stack:
            if folder is not None:
                stack.enter_context(claim(folder, "app", busy))
            app.start(folder)
            stack.callback(app.stop)
            yield app

    @contextlib.contextmanager
    def phone(
        self,
        app: App | None = None,
        url: str | None = None,
        login: dict[str, Any] | None = None,
        headless: bool = True,
        secrets: Callable[[str], str] = secret,
        on: Choice = CHROMIUM,
        folder: Path | None = None,
    ) -> Iterator[Phone]:
        """Any phone: Chromium as of `chromium`, or one with apps of its own, on which `url` is an app (a package) or
        an address to begin with. An app that runs on a Linux phone brings its own; another keeps its home in `folder`.
        Raises SetupError when it is not there."""
        if on.is_chromium and not isinstance(app, Gnome):
            with self.chromium(app, url, login, headless, secrets) as shown:
                yield shown
            return
        with contextlib.ExitStack() as stack:
            phone = self._app_phone(stack, app, secrets, on, folder)
            if url is not None:
                phone.begin(url)
            yield phone

    def _app_phone(
        self,
        stack: contextlib.ExitStack,
        app: App | None,
        secrets: Callable[[str], str],
        on: Choice,
        folder: Path | None,
    ) -> AppPhone:
        """A phone with apps of its own, ended with the stack."""
        size, seconds = (self.settings.width, self.settings.height), self.settings.step_timeout
        phone: AppPhone
        if isinstance(app, Gnome):
            width, height = size
            phone = open_linux_phone(
                app, self.store.blobs, width=width, height=height, secrets=secrets, answer_seconds=seconds
            )
        else:
            home = folder
            if on.kind == "linux" and home is None:
                home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ostinato-linux-")))
            phone = open_phone(on, self.store.blobs, home=home, size=size, secrets=secrets, answer_seconds=seconds)
        stack.callback(phone.close)
        return phone

    @contextlib.contextmanager
    def chromium(
        self,
        app: App | None,
        url: str | None = None,
        login: dict[str, Any] | None = None,
        headless: bool = True,
        secrets: Callable[[str], str] = secret,
    ) -> Iterator[ChromiumPhone]:
        """A Chromium phone that shows an app or an address. `secrets` gives the value of a named password."""
        if isinstance(app, Gnome):
            raise UsageError(
                f"{app.name} runs on a Linux phone, not in a browser: --phone linux:{app.first or 'clocks'}"
            )
        phone = ChromiumPhone(
            self.store.blobs,
            width=self.settings.width,
            height=self.settings.height,
            scale=self.settings.scale,
            executable=self.settings.chromium,
            headless=headless,
            login=app.login if app else login,
            start_url=app.url if app else url,
            init_script=app.init_script if app else None,
            secrets=secrets,
            downloads=self.settings.home / "downloads",
            may=self.may() if self.settings.permissions != "refuse" else None,
        )
        if isinstance(app, InPage):
            app.shown_on(phone)
        try:
            yield phone
        finally:
            phone.close()

    def begin_again(self, phone: Phone, app: App | None, url: str | None, login: dict[str, Any] | None) -> None:
        """Bring a phone of `phone` back to where it began, for the next task."""
        if isinstance(phone, ChromiumPhone):
            phone.new_episode(
                login=app.login if app else login,
                start_url=app.url if app else url,
                init_script=app.init_script if app else None,
            )
        elif isinstance(phone, AppPhone) and (app is not None or url is not None):
            phone.begin(app.url if app is not None else url or "")

    def learn(self, trace_ids: list[str]) -> Experience:
        """Learn from recordings in the store and keep what was learnt."""
        return self.repository.save(learn([self.store.load(i) for i in trace_ids], self.store.data))

    def played(self, trace: Trace) -> Match:
        """What a trace played: the version of the experience and the values that it recorded; for other traces, and
        where that version is gone, what fits its task now. Raises MatchError."""
        step = next((s.experience for s in trace.steps if s.experience is not None), None)
        found = self.repository.version(step.id, step.version) if step is not None else None
        return Match(found, trace.slots) if found is not None else self.find(trace.task, trace.app)

    def need_secrets(self, chosen: Match) -> None:
        """Raise SetupError, before anything is begun, when a password that the experience types is not set."""
        for node in chosen.experience.nodes:
            if node.secret is not None:
                secret(node.secret)

    def find(self, task: str, app: str | None, on: Choice = CHROMIUM) -> Match:
        """The experience that fits a task, also where preferences fill what its words leave out. Raises MatchError that
        names the ways out, as commands for this phone."""
        try:
            return match(task, self.repository.newest(), app)
        except AmbiguousTask:
            raise
        except MatchError as error:
            known = self.memories.profile.all()
            filled = completed(task, app, self.memories, self.repository.newest()) if known else None
            if filled is not None:
                return filled
            where = "--url …" if app is None else f"--url {app}" if ":" in app else f"--app {app}"
            where = where if on.is_chromium else f"--phone {on}" + (f" {where}" if on.kind != "linux" else "")
            broken = "".join(f"\nnot looked at: {problem}" for problem in self.repository.damaged())
            raise MatchError(
                f"{error}{broken}\nThe ways out: record it twice with different values and learn from that "
                f"(ostinato record {where} {shlex.quote(task)}; ostinato learn ID ID), "
                "or let another decide: --model, a model; --words, the words of the task alone (docs/agent.md)."
            ) from error

    def recollect(self, task: str, app: str | None, steps: Sequence[str] = ()) -> Recollection:
        """What a model that decides is told of memories; `steps` are those of a plan."""
        newest = {e.id: e for e in self.repository.newest()}
        memory = Memories(self.settings.home, embedder_at_hand(self.settings.cache), self.store)

        def way(found: Recalled) -> list[str]:
            known = newest.get(found.experience)
            return [node.primitive for node in known.nodes if node.primitive] if known is not None else []

        return recollected(task, app, memory, way, steps)

    def refuse_twice(
        self,
        task: str,
        app: str | None,
        place: str | None,
        chosen: Match | None,
        now: AppData | None,
        but: Sequence[str] = (),
    ) -> None:
        """Raise CommitRefused when an earlier run that did this there was cut off after it sent something, unless the
        data now show that nothing came of it. `but` are runs that are looked at elsewhere."""
        if place == TEMPORARY:
            return
        doing = doing_of(chosen.experience.id, chosen.values) if chosen is not None else None
        for trace in self.store.open_commits(task, app, place, doing):
            made = self._made_since(trace, chosen, now) if place is not None else None
            if made == () or trace.id in but:
                continue
            became = f"and since then {'; '.join(made)}" if made else "it may have happened; look at the app"
            raise CommitRefused(
                f"run {trace.id} of this task {trace.unsettled}: {became}. Use --again to do it all the same."
            )

    def _made_since(self, trace: Trace, chosen: Match | None, now: AppData | None) -> tuple[str, ...] | None:
        """The changes since a doubtful run began that are what its task makes; None when it cannot be known."""
        expected = chosen.experience.data if chosen is not None else None
        if chosen is None or not expected or now is None or trace.data.before is None:
            return None
        days = {moment.astimezone().date().isoformat() for moment in (trace.started, datetime.now(UTC))}
        bound = [{"today": day, **chosen.values} for day in days]
        try:
            before = self.store.data(trace.data.before)
            made = changes(before, now)
        except StoreError:  # what was before is lost
            return None
        fitting = tuple(
            c.words() for c in made if any(fits(e, c, values, before) for e in expected for values in bound)
        )
        settled = (datetime.now(UTC) - trace.started).total_seconds() - trace.seconds >= SETTLED
        return fitting if fitting or settled else None

    def resumed(
        self,
        trace: Trace,
        chosen: Match | None,
        app: App | None,
        keeps_its_place: bool,
        say: Callable[[str], None] = lambda text: None,
    ) -> Resumed:
        """What of a run that was cut off counts for one that goes on with it. Where it is in doubt whether something
        that cannot be taken back was done, the app's data decide, as soon as they can; `say` is told of the wait.

        Raises UsageError for a run that is done, CommitRefused where nobody can know."""
        if trace.status == "done":
            raise UsageError(f"run {trace.id} ended as done: there is nothing to go on with")
        runs = [trace]
        while (before := runs[0].meta.get("resumes")) is not None:
            runs.insert(0, self.store.load(before))
        steps = settled(renumbered([run.steps for run in runs]))
        doubt = next((run.unsettled for run in reversed(runs) if run.unsettled is not None), "was cut off")
        happened = None
        if in_doubt(steps):
            happened = self._happened(runs[0], trace, steps, chosen, app, say)
            if happened is None and chosen is not None:
                raise CommitRefused(
                    f"run {trace.id} {doubt}, and the app's data do not tell whether it happened. Look at "
                    "the app; with --again the task is begun anew, as if it had not"
                )
        if any(run.hides_commit for run in runs):
            raise CommitRefused(f"run {trace.id} {doubt}; look at the app")
        kept = counting(steps, happened, keeps_its_place)
        url = place_after(steps, kept)
        if app is not None:
            here = Screen(url=app.url, width=1, height=1, taken=trace.started).origin
            old = next((step.before.origin for step in steps if step.before.url), here)
            kept = moved(kept, here)
            url = url.replace(old, here, 1) if url is not None else None
        done = chosen is not None and self._all_done(runs[0], kept, chosen, _data(app))
        return Resumed(tuple(run.id for run in runs), kept, url, runs[0].data.before, done)

    def _all_done(self, first: Trace, kept: Sequence[Step], chosen: Match, now: AppData | None) -> bool:
        """Whether every node was played and the app's data are as the experience expects."""
        expected = chosen.experience.data
        played = kept[-1].experience.node if kept and kept[-1].experience is not None else -1
        if any(not node.optional for node in chosen.experience.nodes[played + 1 :]):
            return False
        if not expected or now is None or first.data.before is None:
            return False
        return compare(self.store.data(first.data.before), now, expected, as_chosen(chosen, kept))[0] == "true"

    def _happened(
        self,
        first: Trace,
        last: Trace,
        steps: Sequence[Step],
        chosen: Match | None,
        app: App | None,
        say: Callable[[str], None],
    ) -> bool | None:
        """Whether what is in doubt was done, by the app's data; None where they do not tell."""
        made = self._made_since(first, chosen, _data(app))
        since = (datetime.now(UTC) - last.started).total_seconds() - last.seconds
        if made is None and chosen is not None and app is not None and since < SETTLED:
            say(f"wait {SETTLED - since:.0f} s until nothing of the run that was cut off can be under way any more")
            time.sleep(SETTLED - since)
            made = self._made_since(first, chosen, _data(app))
        if made is None or made == ():
            return None if made is None else False
        expected = chosen.experience.data if chosen is not None else None
        sent = [s for s in steps if s.risk == "commit" and (s.result is None or s.result.touched)]
        return True if len(sent) == 1 or len(made) >= len(expected or ()) else None

    def perform(
        self,
        task: str,
        *,
        phone: Phone,
        deciders: list[Decider],
        app: App | None,
        app_name: str | None,
        approve: Callable[[Action, Screen], bool],
        place: str | None = None,
        batch: str | None = None,
        chosen: Match | None = None,
        meta: dict[str, str] | None = None,
        seed: int | None = None,
        watch: Callable[[Step], None] = lambda step: None,
        limits: Limits | None = None,
        resumed: Resumed | None = None,
        wording: Wording | None = None,
        agents: bool = False,
    ) -> Finished:
        """One task on an open phone: run, read the app's data, judge, store. `place` is where those data live (see
        `Trace.place`); `resumed` is what counts of a run that this one goes on with; `wording` says which words of the
        task are not the user's (otherwise all are); `agents` that the way is cleared for any decider (`_guarded`)."""
        before, wording = _data(app), wording or Wording(task)
        meta = {**(meta or {}), **wording.told()}
        if resumed is not None:  # what the whole task changed is what counts
            before = self.store.data(resumed.data) if resumed.data is not None else None
            meta = {**(meta or {}), "resumes": resumed.runs[-1]}
        writer = self.store.begin(
            task=task,
            app=app_name,
            place=place,
            batch=batch,
            phone=phone.name,
            agent=", ".join(d.name for d in deciders),
            seed=seed,
            data_before=before,
            slots=chosen.values if chosen else None,
            meta=meta,
        )
        try:
            bounds = limits or Limits(self.settings.max_steps, self.settings.max_seconds, self.settings.step_timeout)
            border = self._border(wording.own, app, app_name, deciders)
            guarded = self._guarded(deciders, border, agents)
            if resumed is not None and resumed.done:
                guarded.insert(0, AllDone())
            elif resumed is not None and resumed.url is not None:
                guarded.insert(0, Return(resumed.url, len(resumed.steps)))
            loop = Loop(phone, guarded, writer, approve, bounds, at=self.at or _fault_point(), watch=watch)
            if not self.settings.beyond_task:
                loop.objection = self._objection(wording, meta)
            if isinstance(phone, Bounded):
                phone.keep_within(border)
            loop.past = resumed.steps if resumed is not None else ()
            ended = loop.run(task)
            cost = _with_all_calls(ended.cost, deciders)
            after = self._data_after(app, before, chosen, ended.steps)
            trace = writer.end(outcome=ended.outcome, final=ended.final, cost=cost, data_after=after)
        finally:
            writer.close()
        return Finished(trace, chosen, self.judge(trace, chosen, screens=resumed is None or not resumed.done))

    def replay(
        self,
        task: str,
        *,
        phone: Phone,
        app: App | None,
        app_name: str | None,
        approve: Callable[[Action, Screen], bool],
        place: str | None = None,
        batch: str | None = None,
        chosen: Match | None = None,
        first: Sequence[Decider] = (),
        agent: Decider | None = None,
        again: bool = False,
        ready: Callable[[], None] = lambda: None,
        meta: dict[str, str] | None = None,
        seed: int | None = None,
        watch: Callable[[Step], None] = lambda step: None,
        resume: Trace | None = None,
        say: Callable[[str], None] = lambda text: None,
        wording: Wording | None = None,
    ) -> Finished:
        """Do a task by the experience that fits it, while nobody else with this store does the same at this place.
        Where a check stops it the `agent` goes on, if there is one; without `chosen` it does the task alone. Those of
        `first` are asked before both.

        `ready` is called when it is our turn, and may raise to leave it. `resume` is a run that was cut off, to go on
        with (see `resumed`). Raises CommitRefused when an earlier run may
        have done it, unless `again`."""
        if chosen is None and agent is None and not first:
            chosen = self.find(task, app_name)
        if chosen is not None and chosen.preferences:
            say(f"filled from memory: {chosen.filled}")
            used = " ".join(dict.fromkeys(kept.id for kept in chosen.preferences.values()))
            meta = {**(meta or {}), "preferences": used}
        deciders = [*first, *([Replayer(chosen.experience, chosen.values)] if chosen is not None else [])]
        deciders += [agent] if agent is not None else []
        with contextlib.ExitStack() as stack:
            if place != TEMPORARY:
                doing = doing_of(chosen.experience.id, chosen.values) if chosen is not None else normal(task)
                stack.enter_context(claim(self.settings.home / "claims", f"{place or app_name} {doing}"))
            ready()
            resumed = None
            if resume is not None:
                resumed = self.resumed(resume, chosen, app, not isinstance(phone, ChromiumPhone), say)
            if not again:
                self.refuse_twice(
                    task, app_name, place, chosen, _data(app), resumed.runs if resumed is not None else ()
                )
            return self.perform(
                task,
                phone=phone,
                deciders=deciders,
                app=app,
                app_name=app_name,
                approve=approve,
                place=place,
                batch=batch,
                chosen=chosen,
                meta=meta,
                seed=seed,
                watch=watch,
                resumed=resumed,
                agents=True,
                wording=wording or (Wording.of_run(task, resume.meta) if resume is not None else None),
            )

    def _objection(
        self, wording: Wording, meta: Mapping[str, str]
    ) -> Callable[[Action, Screen, Sequence[Step]], str | None]:
        """What a model may not send, by the task's own words and the preferences that were used or told for it; the
        user is asked where there is one."""
        used = {*meta.get("preferences", "").split(), *meta.get("told preferences", "").split()}
        prefers = [kept.value for kept in self.memories.profile.all() if kept.id in used] if used else []
        mandate, ask = Mandate(wording.own, (*wording.read, *prefers)), self.ask

        def objection(action: Action, screen: Screen, history: Sequence[Step]) -> str | None:
            why = mandate.objection(action, screen, history)
            return None if why is None or (ask is not None and ask(f"{why}. Do it all the same?")) else why

        return objection

    def may(self) -> May:
        """What becomes of a wish for a permission. Raises UsageError where nobody can be asked."""
        return order(self.settings.permissions, self.ask is not None, self.ask or (lambda question: False))

    def _guarded(self, deciders: Sequence[Decider], border: Border | None, agents: bool) -> list[Decider]:
        """The deciders, with those who clear the way: after a replay, which is asked first where it can go on, and
        before whoever decides then. With `agents` that is anybody, else a model or the words of the task: who records,
        an environment and the script of a benchmark see the screen as it is, and are helped where they give up."""
        clear: list[Decider] = [Permissions(self.may()), Popups(), Interruptions(border)]
        known = (ModelDecider, LexicalDecider)
        for place, one in enumerate(deciders):
            if isinstance(one, known):
                return [*deciders[:place], *clear, Repetition(), Waiting(), *deciders[place:]]
            if agents and not isinstance(one, Replayer | Onlooker):
                return [*deciders[:place], *clear, Waiting(), *deciders[place:]]
        return [*deciders, *clear]

    def _border(self, task: str, app: App | None, name: str | None, deciders: Sequence[Decider]) -> Border | None:
        """Where a run of these deciders may go."""
        places = [app.url, *app.origins] if app is not None else [name] if name is not None else []
        by_model = any(isinstance(decider, ModelDecider) for decider in deciders)
        return border_of(task, places, self.settings.allow_domains, self.settings.allow_apps, by_model)

    def judge(self, trace: Trace, chosen: Match | None, *, screens: bool = True) -> Verdict | None:
        """The verdict by what the experience expects of the data and the last screen (unless `screens` are not asked);
        None without an experience."""
        rules = rules_of(chosen, trace.steps, screens=screens) if chosen else None
        if rules is None:
            return None
        verdict = judge(trace, rules, self.store.data)
        self.store.add_verdict(verdict)
        return verdict

    def _data_after(
        self, app: App | None, before: AppData | None, chosen: Match | None, steps: tuple[Step, ...]
    ) -> AppData | None:
        """The app's data once they show what is expected (without an experience: anything new), or when the time for
        that is over. A run that sent nothing is not waited for."""
        sent = any(s.risk != "read" and (s.result is None or s.result.touched) for s in steps)
        expected = chosen.experience.data if chosen is not None else None
        give_up = time.monotonic() + (DATA_TIMEOUT if expected else RECORDED_TIMEOUT)
        while True:
            after = _data(app)
            if before is None or after is None or not sent or (chosen is not None and not expected):
                return after
            if expected and chosen is not None:
                settled = compare(before, after, expected, as_chosen(chosen, steps))[0] == "true"
            else:
                settled = bool(changes(before, after)) or not any(s.risk == "commit" for s in steps)
            if settled:
                time.sleep(STEADY)
                if _data(app) == after:
                    return after
            if time.monotonic() > give_up:
                return _data(app)
            time.sleep(0.05)


def _with_all_calls(cost: Cost, deciders: Sequence[Decider]) -> Cost:
    """The cost with what models took, also for answers that became no step."""
    budgets = [d.budget for d in deciders if isinstance(d, ModelDecider)]
    if not budgets:
        return cost
    tokens = Tokens(prompt=sum(b.tokens.prompt for b in budgets), output=sum(b.tokens.output for b in budgets))
    calls, money = sum(b.calls for b in budgets), sum(b.money for b in budgets)
    return cost.model_copy(update={"calls": calls, "tokens": tokens, "money": money})


def rules_of(chosen: Match, steps: Sequence[Step], *, screens: bool = True) -> Rules | None:
    """What an experience says must be true after a run of these steps, as rules for the judge; of the data alone
    without `screens`."""
    found = chosen.experience
    substates = [
        Substate(id=f"end_{number}", when="final", checks=(check,), source="recordings")
        for number, check in enumerate(found.success if screens else (), start=1)
    ]
    if found.data is not None:
        stored = Substate(id="stored", kind="data", checks=(DataChange(expected=found.data),), source="recordings")
        substates.insert(0, stored)
    if not substates:
        return None
    return Rules(
        task=found.templates[0],
        app=found.app,
        values=as_chosen(chosen, steps),
        substates=tuple(substates),
        steps=sum(not node.optional for node in found.nodes),
    )


def as_chosen(chosen: Match, steps: Sequence[Step]) -> dict[str, str]:
    """The values of a task, those that were chosen from a list as the list writes them: `bob` chose Bob."""
    values = dict(chosen.values)
    for step in steps:
        if isinstance(step.action, Select) and step.experience is not None:
            text = chosen.experience.nodes[step.experience.node].text or ""
            for slot, value in chosen.values.items():
                if text == "{" + slot + "}" and normal(value) == normal(step.action.option):
                    values[slot] = step.action.option
    return values


def approver(policy: str | None, interactive: bool, ask: Callable[[str], bool]) -> Callable[[Action, Screen], bool]:
    """What `--commits` means; without a terminal the default is to refuse."""
    from ostinato.trace.action import describe

    chosen = policy or ("ask" if interactive else "refuse")
    if chosen == "ask" and not interactive:
        raise UsageError("--commits ask needs a terminal; use --commits allow or --commits refuse")
    if chosen == "allow":
        return lambda action, screen: True
    if chosen == "ask":
        return lambda action, screen: ask(f"This cannot be taken back: {describe(action)}. Do it?")
    return lambda action, screen: False


def _data(app: App | None) -> AppData | None:
    return app.data() if app is not None else None


def _fault_point() -> Callable[[str, int], None]:
    """For the fault harness: OSTINATO_FAULT="kill:POINT:STEP" ends this process there, at once."""
    wanted = os.environ.get("OSTINATO_FAULT", "")
    if not wanted.startswith("kill:"):
        return lambda point, step: None
    _, name, number = wanted.split(":")

    def at(point: str, step: int) -> None:
        if point == name and step == int(number):
            os.kill(os.getpid(), signal.SIGKILL)

    return at
