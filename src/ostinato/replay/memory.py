"""What is remembered, for planners: experiences by their words, preferences, and runs that did the very same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ostinato.agent.likeness import covered, tokens
from ostinato.agent.memory import Preference, Recalled, Repeated
from ostinato.model.embed import Embedder
from ostinato.replay.actions import done_before
from ostinato.replay.profile import Profile
from ostinato.replay.standing import Standing
from ostinato.replay.templates import Template, Templates
from ostinato.trace.reading import readings
from ostinato.trace.store import Store
from ostinato.trace.values import slots_in

_SLOT = re.compile(r"\{([^\W\d]\w*)\}")
_EMBEDDED = 20  # templates at most whose meaning is compared
_LEAST_LIKE = 0.3


class Memories:
    """The memories in a home. `embedder` compares meanings where words are others; `store` holds the runs."""

    def __init__(self, home: Path, embedder: Embedder | None = None, store: Store | None = None) -> None:
        self.profile = Profile(home / "memory.sqlite")
        self.templates = Templates(home / "experiences", home / "recall.sqlite", Standing(home / "standing.sqlite"))
        self._embedder, self._store = embedder, store

    def fitting(self, task: str, apps: Sequence[str] | None = None) -> list[Recalled]:
        """The experiences with a template that explains every word of a task, with each way to read it."""
        return [
            _recalled(template, values, likeness=1.0)
            for template in self.templates.holding(task, apps)
            for values in readings(task, [template.text], template.kinds)
        ]

    def nearly(self, task: str, apps: Sequence[str] | None = None) -> list[Recalled]:
        """Those that explain every word when slots are left out with the words before them, the fewest first; a
        preference of the slot's name fills it."""
        found: list[Recalled] = []
        for template in self.templates.like(task, apps):
            for shorter, left_out in _shortened(template.text):
                if set(slots_in(shorter)) | set(left_out) != set(slots_in(template.text)):
                    continue
                for values in readings(task, [shorter], template.kinds):
                    found.append(self._filled(template, values, left_out))
        best = min((len(one.missing) for one in found), default=0)
        return [one for one in found if len(one.missing) == best]

    def like(self, task: str, apps: Sequence[str] | None = None, most: int = 5) -> list[Recalled]:
        """The experiences whose templates are nearest to the words, the nearest first."""
        near = self.templates.like(task, apps, most=max(most, _EMBEDDED))
        rated = [(template, _alike(task, template.text)) for template in near]
        if self._embedder is not None and near:
            rows = self._embedder.embed([task, *(_SLOT.sub(r"\1", template.text) for template in near)])
            meant = rows[1:] @ rows[0]
            rated = [(t, max(words, float(m))) for (t, words), m in zip(rated, meant, strict=True)]
        rated.sort(key=lambda pair: -pair[1])
        return [_recalled(t, None, likeness=round(fit, 3)) for t, fit in rated[:most] if fit >= _LEAST_LIKE]

    def done(self, task: str, apps: Sequence[str] | None = None) -> list[Repeated]:
        """The runs of the very same words that ended well, the newest first."""
        if self._store is None or slots_in(task):
            return []
        return [Repeated(trace=line.id, app=line.app or "") for line in done_before(self._store, task, apps)]

    def preferences(self, words: str, app: str | None = None, most: int = 5) -> list[Preference]:
        return self.profile.find(words, app, most)

    def preference(self, key: str, app: str | None = None) -> Preference | None:
        return self.profile.about(key, app)

    def _filled(self, template: Template, values: dict[str, str], left_out: Sequence[str]) -> Recalled:
        """An experience with the values that are said and those that preferences know."""
        values, used, missing = dict(values), [], []
        for name in left_out:
            known = self.preference(name, template.app)
            if known is not None and readings(known.value, ["{" + name + "}"], template.kinds):
                values[name] = known.value
                used.append(known.id)
            else:
                missing.append(name)
        found = _recalled(template, values, likeness=0.9)
        return found.model_copy(update={"missing": tuple(missing), "preferences": tuple(used)})


def _recalled(template: Template, values: dict[str, str] | None, *, likeness: float) -> Recalled:
    return Recalled(
        experience=template.experience,
        version=template.version,
        app=template.app,
        template=template.text,
        kinds=template.kinds,
        values=values,
        likeness=likeness,
    )


def _shortened(text: str) -> Iterator[tuple[str, list[str]]]:
    """A template without one of its slots, or without the last two: each goes with the words before it."""
    parts = _SLOT.split(text)  # words, slot, words, …, words
    count = len(parts) // 2
    for gone in [[n] for n in reversed(range(count))] + ([[count - 2, count - 1]] if count > 2 else []):
        kept = [piece for n in range(count) if n not in gone for piece in (parts[2 * n], "{" + parts[2 * n + 1] + "}")]
        shorter = "".join(kept) + parts[-1]
        if shorter.strip() and any(n not in gone for n in range(count)):
            yield shorter.strip(), [parts[2 * n + 1] for n in gone]


def _alike(task: str, template: str) -> float:
    """How much of a template's own words is in a task, and how much of the task's in them."""
    words, own = tokens(task), tokens(_SLOT.sub(" ", template))
    return 0.75 * covered(own, words) + 0.25 * covered(words, own)
