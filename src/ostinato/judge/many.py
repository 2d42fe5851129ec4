"""Judge many stored traces: side by side, and none again whose evidence, rules and judge are as they were."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from ostinato.errors import OstinatoError
from ostinato.judge.evidence import Asking, Eyes
from ostinato.judge.judge import judge, judge_name
from ostinato.judge.substate import Rules
from ostinato.trace.record import Verdict
from ostinato.trace.store import Store

_FEW = 16  # a process of its own takes as long to start as these take to judge
_CHUNK = 8


@dataclass(frozen=True)
class Order:
    """A trace to be judged, and the rules for it."""

    trace: str
    rules: Rules


@dataclass(frozen=True)
class Judged:
    """What became of an order: a verdict (`again` is False when it was known), or the error that prevented it."""

    trace: str
    verdict: Verdict | None
    again: bool = True
    error: str = ""


def judge_many(
    store: Store,
    orders: Sequence[Order],
    *,
    jobs: int | None = None,
    again: bool = False,
    eyes: Callable[[Order], Eyes | None] = lambda order: None,
    model: Asking | None = None,
) -> Iterator[Judged]:
    """Judge and store every order; each comes as soon as it is known, in any order. A trace that cannot be judged is
    told as such and the others go on. `again` judges also what is known. Those that a model or eyes are needed for are
    judged last and one after another: both use all processors."""
    left: list[Order] = []
    for order in orders:
        try:
            known = None if again else _known(store, order, eyes(order), model)
        except OstinatoError as error:
            yield Judged(order.trace, None, error=str(error))
            continue
        if known is not None:
            yield Judged(order.trace, known, again=False)
        else:
            left.append(order)
    quick = [order for order in left if model is None and eyes(order) is None]
    slow = [order for order in left if model is not None or eyes(order) is not None]
    workers = min(jobs or os.cpu_count() or 1, -(-len(quick) // _CHUNK))
    if workers < 2 or len(quick) <= _FEW:
        quick, slow = [], left
    if quick:
        for chunk in _side_by_side(store, quick, workers):
            yield from _stored(store, chunk)
    for order in slow:
        yield from _stored(store, [_one(store, order, eyes(order), model)])


def _stored(store: Store, chunk: Sequence[Judged]) -> Sequence[Judged]:
    store.add_verdicts([judged.verdict for judged in chunk if judged.verdict is not None])
    return chunk


def _known(store: Store, order: Order, eyes: Eyes | None, model: Asking | None) -> Verdict | None:
    """The verdict that would come out again: the same rules, the same judge, the same evidence."""
    verdict = store.verdict(order.trace, order.rules.digest)
    if verdict is None or verdict.judge != judge_name(eyes, model):
        return None
    if verdict.value == "uncertain" and (eyes is not None or model is not None):
        return None  # who helps may have been out of reach, and may not be now
    return verdict if verdict.evidence == store.fingerprint(order.trace) else None


def _one(store: Store, order: Order, eyes: Eyes | None, model: Asking | None) -> Judged:
    try:
        fingerprint = store.fingerprint(order.trace)
        verdict = judge(store.load(order.trace), order.rules, store.data, eyes, model)
    except OstinatoError as error:
        return Judged(order.trace, None, error=str(error))
    return Judged(order.trace, verdict.model_copy(update={"evidence": fingerprint}))


def _side_by_side(store: Store, orders: Sequence[Order], workers: int) -> Iterator[list[Judged]]:
    chunks = [orders[n : n + _CHUNK] for n in range(0, len(orders), _CHUNK)]
    context = multiprocessing.get_context("spawn")  # a fork would share the open index
    with ProcessPoolExecutor(workers, context, _open, (store.folder,)) as pool:
        waiting = [pool.submit(_chunk, chunk) for chunk in chunks]
        try:
            for done in as_completed(waiting):
                yield done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # Ctrl-C: what is judged is stored
            raise


_STORE: list[Store] = []


def _open(folder: Path) -> None:
    _STORE[:] = [Store(folder)]  # for journals and blobs alone: its index is not asked


def _chunk(orders: Sequence[Order]) -> list[Judged]:
    return [_one(_STORE[0], order, None, None) for order in orders]
