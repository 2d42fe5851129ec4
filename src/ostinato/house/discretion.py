"""What may be kept of a run and shown to a model, as the settings want it."""

from __future__ import annotations

import re

from ostinato.agent.decider import Decider
from ostinato.agent.model_decider import ModelDecider
from ostinato.agent.shown import ShownWhatIsKept
from ostinato.replay.experience import Experience
from ostinato.replay.match import Match
from ostinato.settings import Settings, secrets_set
from ostinato.trace.index import storable
from ostinato.trace.privacy import Privacy, sizes_up
from ostinato.trace.record import doing_of
from ostinato.trace.store import Store
from ostinato.trace.values import fill, normal, slots_in
from ostinato.trace.writer import PrivateWriter, TraceWriter

_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


def privacy_of(settings: Settings, store: Store, task: str = "", chosen: Match | None = None) -> Privacy | None:
    """What may be kept of a run of this task; None for all. Without an experience whatever its words say beside plain
    ones is taken for a value."""
    mode = settings.privacy
    marks = store.marks(make=True) if mode != "full" else None
    if marks is None:
        return None
    secrets = secrets_set()
    if chosen is None:
        return Privacy(mode, marks, sizes_up((*secrets, *Privacy(mode, marks).unplain(task))))
    known = chosen.experience
    own = [fill(text, dict.fromkeys(slots_in(text), " ")) for text in _app_words(known)]
    values = sizes_up((*secrets, *chosen.values.values()))
    return Privacy(mode, marks, values, own, known.templates[0], chosen.values)


def private_meta(privacy: Privacy, task: str, chosen: Match | None) -> dict[str, str]:
    """What tells later whether a task is the one of this run: marks of its words, and of what it does."""
    told = {"privacy": privacy.mode, "said": privacy.mark(normal(storable(task))), "to the letter": privacy.mark(task)}
    if chosen is not None:
        told["doing"] = privacy.mark(doing_of(chosen.experience.id, chosen.values))
    return told


def bounded(decider: Decider, writer: TraceWriter, past: int) -> Decider:
    """A decider, which sees what is kept and no more where it is a model. `past` is how many steps of earlier runs it
    is shown before its own."""
    if not isinstance(decider, ModelDecider) or not isinstance(writer, PrivateWriter):
        return decider
    return ShownWhatIsKept(decider, writer.privacy, writer.kept, past)


def tells(mended: Experience, chosen: Match | None, privacy: Privacy | None) -> bool:
    """Whether a repaired experience says something that the one which was played does not, and that may not be kept."""
    if privacy is None:
        return False
    known = set(_TEXT.findall(chosen.experience.model_dump_json())) if chosen is not None else set()
    new = [text for text in _TEXT.findall(mended.model_dump_json()) if text not in known]
    return any(privacy.words(text) != text and not privacy.keeps(text) for text in new)


def _app_words(experience: Experience) -> list[str]:
    """What recordings with different values have shown to be the app's own words, with slots in them."""
    aims = [aim for node in experience.nodes for aim in (node.target, node.destination) if aim is not None]
    named = [text for aim in aims for text in (aim.name, aim.placeholder) if text is not None]
    return [*named, *(node.primitive for node in experience.nodes if node.text is None), *experience.templates]
