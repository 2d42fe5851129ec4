"""Planted secrets: typed into a real login as named secrets, then searched in all that was kept or would be told.

Each recording types its secrets one after the other, half into the field for a private code, half into one that shows
what is typed, and sends the form, so that they also meet an answer of the server. They are searched as they are and in
the usual other writings, in every file of the home (traces, blobs, index, experiences), in the bundle that would be
shared, and in the messages that a model would be sent. A text that is typed and is no secret must be found there."""

from __future__ import annotations

import base64
import gzip
import os
import random
import tempfile
import urllib.parse
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from benchmarks.parts import progress
from ostinato.agent.decider import Choice, Handover
from ostinato.agent.formats import format_named
from ostinato.errors import OstinatoError
from ostinato.house import House
from ostinato.replay.bundle import write_bundle
from ostinato.replay.standing import Played
from ostinato.settings import load_settings, secret_variable
from ostinato.trace.action import Done, Tap, Type
from ostinato.trace.record import Decision, Step
from ostinato.trace.screen import Screen

CONTROL = "NoSecretOfMine"
_IN_A_RUN = 10
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True)
class Typing:
    """Types named secrets into the fields of a login, sends it, says done."""

    names: tuple[str, ...]
    name: str = "script"

    def decide(self, screen: Screen, goal: str, history: tuple[Step, ...]) -> Choice | Handover | None:
        number = len(history) - 1
        if number > len(self.names):
            return Choice(Done(), Decision(source="script", text="done"))
        fields = [e for e in screen.elements if e.editable]
        if number == len(self.names):
            send = next((e for e in screen.elements if e.submits), None)
            if send is None:
                return Handover("operation", goal, "there is nothing to send it with")
            return Choice(Tap(point=send.box.center, element=send), Decision(source="script", text="log in"))
        if len(fields) < 2:
            return Handover("operation", goal, "the login has no two fields")
        wanted = fields[-1] if number % 2 == 0 else fields[0]  # the private code, or the name of the project
        if number < 0:
            return Choice(Type(text=CONTROL, element=wanted), Decision(source="script", text="type what is no secret"))
        action = Type(text="", secret=self.names[number], element=wanted)
        return Choice(action, Decision(source="script", text=f"type the secret {self.names[number]}"))


def leaks(count: int) -> dict[str, Any]:
    """How many of so many planted secrets are found again, and where."""
    rng = random.Random("canaries")
    planted = {f"canary {n}": "".join(rng.choices(_LETTERS, k=20)) for n in range(count)}
    where: dict[str, set[str]] = {}
    with tempfile.TemporaryDirectory(prefix="ostinato-canaries-") as folder:
        house = House(load_settings().in_folder(Path(folder)))
        variables = {secret_variable(name): value for name, value in planted.items()}
        with mock.patch.dict(os.environ, variables):
            typed = _record(house, planted)
        control = False
        for place, data in _kept(house, Path(folder)):
            control = control or CONTROL.encode() in data
            for name, value in planted.items():
                if any(form in data for form in _writings(value)):
                    where.setdefault(name, set()).add(place)
        house.store.close()
    for name, places in where.items():
        progress(f"{name} is found in {', '.join(sorted(places))}")
    kinds: dict[str, int] = {}
    for places in where.values():
        for place in {place.partition(" ")[0] for place in places}:
            kinds[place] = kinds.get(place, 0) + 1
    return {"planted": typed, "leaked": len(where), "places": kinds, "control": control}


def _record(house: House, planted: dict[str, str]) -> int:
    """Recordings that type all of them; how many were typed."""
    names = list(planted)
    typed = 0
    with house.app("ihatemoney") as app, house.chromium(app) as phone:
        for first in range(0, len(names), _IN_A_RUN):
            phone.new_episode(login=None, start_url=app.url)
            some = tuple(names[first : first + _IN_A_RUN])
            done = house.perform(
                f"Log in with secrets {first}", phone=phone, deciders=[Typing(some)], app=app, app_name=app.name,
                approve=lambda action, screen: True,
            )  # fmt: skip
            sent = [
                s for s in done.trace.steps if isinstance(s.action, Type) and s.action.secret and s.result is not None
            ]
            typed += len(sent)
            if done.trace.status != "done":
                progress(f"the recording of secrets ended otherwise: {done.trace.outcome}")
    return typed


def _kept(house: House, home: Path) -> Iterator[tuple[str, bytes]]:
    """Everything that is kept or would be told, by place."""
    traces = [house.store.load(id) for id in house.store.ids()]
    for pair in zip(traces[::2], traces[1::2], strict=False):
        with suppress(OstinatoError):
            experience = house.learn([trace.id for trace in pair])
            bundle = home / f"{experience.id}.bundle"
            write_bundle(experience, Played(), bundle, None)
    for path in home.rglob("*"):
        if path.is_file():
            kind = "bundle" if path.suffix == ".bundle" else path.relative_to(home).parts[0]
            for data in _unpacked(path.read_bytes()):
                yield f"{kind} {path.name}", data
    asked = format_named("element_index")
    for trace in traces:
        for number, step in enumerate(trace.steps):
            said = asked.messages(trace.task, step.before, trace.steps[:number])
            yield f"prompt {trace.id}", repr(said).encode()


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    for unpack in (gzip.decompress, zlib.decompress):
        with suppress(OSError, zlib.error, EOFError):
            yield unpack(data)


def _writings(value: str) -> list[bytes]:
    plain = value.encode()
    return [
        plain, base64.b64encode(plain).rstrip(b"="), plain.hex().encode(), urllib.parse.quote(value).encode(),
        value[::-1].encode(), value.lower().encode(), value.encode("utf-16-le"),
    ]  # fmt: skip
