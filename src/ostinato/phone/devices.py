"""Phones that a program on this computer lists (adb, hdc): which of them to use, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ostinato.errors import SetupError

Listed = Sequence[tuple[str, str]]  # serials and states, in the program's own words


@dataclass(frozen=True)
class Devices:
    """One kind of phone. `ready` is the state of a phone that can be used, `states` says of others what is wrong and
    what to do; `look` is the command that lists them, `connect` the one that connects a phone on the network."""

    maker: str
    ready: str
    states: Mapping[str, str]
    look: str
    connect: str

    def choose(self, listed: Listed, serial: str | None) -> str:
        """The serial of the phone to use. Without `serial` the only one that is ready.

        SetupError says what to do when there is none, or more than one."""
        if serial is not None:
            states = dict(listed)
            if serial not in states:
                known = ", ".join(states) or "none"
                raise SetupError(
                    f"no {self.maker} device “{serial}” is connected (connected: {known}); see `{self.look}`"
                )
            if states[serial] != self.ready:
                raise SetupError(f"the {self.maker} device {serial} {self._state(states[serial])}")
            return serial
        ready = [name for name, state in listed if state == self.ready]
        if len(ready) == 1:
            return ready[0]
        if ready:
            raise SetupError(f"{len(ready)} {self.maker} devices are connected; name one of them: {', '.join(ready)}")
        if listed:
            raise SetupError(
                "; ".join(f"the {self.maker} device {name} {self._state(state)}" for name, state in listed)
            )
        raise SetupError(
            f"no {self.maker} device is connected: plug one in with USB debugging allowed, or run `{self.connect}`"
        )

    def told(self, listed: Listed) -> list[str]:
        """Them in words: their serials, with what is wrong with those that are not ready."""
        return [name if state == self.ready else f"{name} {self._state(state)}" for name, state in listed]

    def _state(self, state: str) -> str:
        return self.states.get(state, f"is in the state “{state}”; it must be “{self.ready}”")
