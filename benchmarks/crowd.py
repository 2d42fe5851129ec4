"""Finding the experience of a task among ten thousand: how long it takes, and how much memory."""

from __future__ import annotations

import gc
import random
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from benchmarks import memories
from benchmarks.parts import progress
from ostinato.errors import OstinatoError
from ostinato.model.embed import Embedder, embedder_at_hand
from ostinato.replay.finding import Finder
from ostinato.replay.memory import Memories
from ostinato.replay.repository import Repository
from ostinato.settings import load_settings


def matched(home: Path, count: int, times: int) -> dict[str, Any]:
    """Milliseconds of each look-up by the words of a template and by others, and the megabytes that came with both."""
    rng = random.Random("crowd")
    progress(f"writing {count} experiences")
    made = [memories._experience(*one) for one in memories._templates(rng, count)]
    folder = home / "experiences"
    folder.mkdir(parents=True)
    for one in made:
        (folder / f"{one.id}.v1.json").write_text(one.model_dump_json(), encoding="utf-8")
    asked = [(one.app, memories._words(one, rng)) for one in rng.choices(made, k=times)]
    del made
    time.sleep(2.1)  # a folder that was just written is looked at again
    gc.collect()
    process = psutil.Process()
    before = process.memory_info().rss
    kept: list[Embedder | None] = []

    def embedder() -> Embedder | None:
        if not kept:
            kept.append(embedder_at_hand(load_settings().cache))
        return kept[0]

    finder = Finder(Memories(home), Repository.at(home), embedder)
    found: dict[str, list[float]] = {"words": [], "meaning": []}
    right = 0
    for app, words in asked[:1]:  # the first one makes the index
        with suppress(OstinatoError):
            finder.find(words, app)
        with suppress(OstinatoError):
            finder.find(f"Would you please see to it: {words}", app)
    for app, words in asked:
        begun = time.perf_counter()
        with suppress(OstinatoError):
            finder.find(words, app)
            right += 1
        found["words"].append(1000 * (time.perf_counter() - begun))
    for app, words in asked[: max(1, times // 20)]:
        begun = time.perf_counter()
        with suppress(OstinatoError):
            finder.find(f"Would you please see to it: {words}", app)
        found["meaning"].append(1000 * (time.perf_counter() - begun))
    return {**found, "right": right, "mb": (process.memory_info().rss - before) / 1e6}
