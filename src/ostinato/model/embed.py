"""Texts as points: near in meaning is near in direction. For likeness of words, not for answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ostinato.errors import ModelError, SetupError
from ostinato.model.catalogue import entry, path_of
from ostinato.model.wordpiece import END, START, UNKNOWN, WordPiece

NAME = "minilm"
MOST_PIECES = 256  # what the model was trained with; of a longer text the beginning counts
_KEPT = 20_000


class Embedder(Protocol):
    @property
    def name(self) -> str: ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length 1 for each text, (n, dimensions): the product of two rows is how near they are, -1..1."""
        ...


def embedder_at_hand(cache: Path | None = None) -> Embedder | None:
    """The embedder, where it is installed with what runs it; None otherwise. Raises ModelError when it is damaged."""
    try:
        return MiniLM(cache)
    except SetupError:
        return None


class MiniLM:
    """all-MiniLM-L6-v2 with int8 weights, run by onnxruntime; rows of 384 numbers.

    A text is worked out by itself: its row is the same whatever other texts are asked for beside it. Rows are kept,
    so that the words of a screen cost their time once (about 3 ms each).

    Raises SetupError where the model or the extra `ocr`, which brings onnxruntime, is not installed; ModelError when
    the model's files are damaged."""

    name = NAME

    def __init__(self, cache: Path | None = None, *, threads: int = 1) -> None:
        file = path_of(NAME, cache)
        if file is None:
            raise SetupError(f"{NAME} is not installed; install it with: ostinato model install {NAME}")
        try:
            import onnxruntime
        except ImportError:
            raise SetupError("embeddings need an extra: pip install 'ostinato-agents[ocr]'") from None
        again = f"remove and install it again: ostinato model remove {NAME}; ostinato model install {NAME}"
        vocabulary = file.with_name(entry(NAME).files[1].name)
        try:
            self._pieces = WordPiece(vocabulary.read_text("utf-8").split("\n"))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
            options.log_severity_level = 4
            self._session: Any = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors have no class in common
            raise ModelError(f"{file} cannot be loaded ({str(error)[:200]}); {again}") from None
        if not all(mark in self._pieces.numbers for mark in (START, END, UNKNOWN)):
            raise ModelError(f"{vocabulary} is no vocabulary of this model; {again}")
        self._rows: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, 384), each row of length 1."""
        if not texts:
            return np.zeros((0, 384), np.float32)
        rows = [self._row(text) for text in texts]
        return np.stack(rows)

    def _row(self, text: str) -> NDArray[np.float32]:
        """(384,). One text at a time: the engine scales its numbers by the greatest in a batch, so that a row would
        depend on those beside it."""
        if text not in self._rows:
            ids_1L = np.array([self._pieces.encode(text, MOST_PIECES)], np.int64)
            given = {
                "input_ids": ids_1L,
                "attention_mask": np.ones_like(ids_1L),
                "token_type_ids": np.zeros_like(ids_1L),
            }
            [states_1LD] = self._session.run(None, given)
            row_D = states_1LD[0].mean(axis=0, dtype=np.float64)
            if len(self._rows) >= _KEPT:
                self._rows.clear()
            self._rows[text] = (row_D / np.linalg.norm(row_D)).astype(np.float32)
        return self._rows[text]
