"""Embeddings on the real model, and the pieces that it is given."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ostinato.errors import ModelError, SetupError
from ostinato.model.catalogue import entry, path_of
from ostinato.model.embed import MOST_PIECES, MiniLM
from ostinato.model.wordpiece import WordPiece, words

PIECES = WordPiece(
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "play", "##ing", "##s", "un", "##play", "!", "日", "a", "[", "]"]
)


def shown(text: str, most: int = 50) -> list[str]:
    return [PIECES.pieces[number] for number in PIECES.encode(text, most)]


def test_a_word_is_cut_into_the_longest_pieces() -> None:
    assert shown("Playing UNPLAYS!") == ["[CLS]", "play", "##ing", "un", "##play", "##s", "!", "[SEP]"]


def test_a_word_without_pieces_is_unknown_and_marks_in_a_text_are_no_marks() -> None:
    assert shown("plays zebra") == ["[CLS]", "play", "##s", "[UNK]", "[SEP]"]
    assert shown("[SEP]") == ["[CLS]", "[", "[UNK]", "]", "[SEP]"]
    assert shown("a" * 101) == ["[CLS]", "[UNK]", "[SEP]"]


def test_accents_fall_away_and_chinese_characters_stand_alone() -> None:
    assert shown("plàys\u200b a日a") == ["[CLS]", "play", "##s", "a", "日", "a", "[SEP]"]


def test_what_is_too_long_is_cut_between_the_marks() -> None:
    assert shown("a " * 40, most=5) == ["[CLS]", "a", "a", "a", "[SEP]"]


@given(st.text(max_size=60))
def test_words_have_no_space_no_accents_no_control_characters_and_no_capitals(text: str) -> None:
    kept = "".join(words(text))
    assert not any(letter.isspace() or unicodedata.category(letter) in ("Mn", "Cc", "Cf", "Co") for letter in kept)
    assert all(word == "".join(letter.lower() for letter in word) for word in words(text))
    assert kept == "" or text.strip()


@given(st.text("playinguns! ", max_size=40), st.integers(2, 20))
def test_the_pieces_are_the_words_again(text: str, most: int) -> None:
    numbers = PIECES.encode(text, most)
    assert len(numbers) <= most and numbers[0] == 2 and numbers[-1] == 3
    cut = len(numbers) == most
    if not cut and PIECES.numbers["[UNK]"] not in numbers:
        joined = "".join(PIECES.pieces[number].removeprefix("##") for number in numbers[1:-1])
        assert joined == "".join(text.split())


def test_near_words_are_nearer_than_far_ones(minilm: MiniLM) -> None:
    for one, near, far in (
        ("remove the item", "delete this entry", "choose a colour"),
        ("shopping cart", "basket", "password"),
        ("sign in", "log in", "price"),
        ("email address", "e-mail", "quantity"),
    ):
        rows = minilm.embed([one, near, far])
        assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.1, (one, near, far)


def test_a_row_is_the_same_in_any_company(minilm: MiniLM) -> None:
    texts = ["Save", "a much longer text with many more words in it than the others have", "", "保存", "Save"]
    rows = minilm.embed(texts)
    fresh = MiniLM()
    assert rows.shape == (5, 384) and rows.dtype == np.float32
    for number, text in reversed(list(enumerate(texts))):
        assert np.array_equal(fresh.embed([text])[0], rows[number])


def test_of_ten_thousand_characters_the_beginning_counts(minilm: MiniLM) -> None:
    long = "the quick brown fox " * 500
    rows = minilm.embed([long, long + "and the lazy dog", "word " * (MOST_PIECES - 2), "word " * (MOST_PIECES - 3)])
    assert np.array_equal(rows[0], rows[1]) and not np.array_equal(rows[2], rows[3])


def test_no_texts_are_no_rows(minilm: MiniLM) -> None:
    assert minilm.embed([]).shape == (0, 384)


@given(st.text(max_size=40) | st.text(st.characters(codec=None), max_size=6))
def test_any_text_has_a_row_of_length_one(minilm: MiniLM, text: str) -> None:
    assert np.linalg.norm(minilm.embed([text])[0]) == pytest.approx(1, abs=1e-5)


def test_without_the_model_the_error_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="ostinato model install minilm"):
        MiniLM(tmp_path)


def test_damaged_files_are_said_with_the_way_out(
    minilm: MiniLM, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = path_of("minilm")
    assert whole is not None
    (tmp_path / "model.onnx").write_bytes(b"nothing of the kind")
    vocabulary = tmp_path / entry("minilm").files[1].name
    vocabulary.write_text(whole.with_name(vocabulary.name).read_text("utf-8"), encoding="utf-8")
    monkeypatch.setattr("ostinato.model.embed.path_of", lambda name, cache: tmp_path / "model.onnx")
    with pytest.raises(ModelError, match=r"cannot be loaded.*ostinato model remove minilm"):
        MiniLM()
    (tmp_path / "model.onnx").unlink()
    (tmp_path / "model.onnx").symlink_to(whole)
    vocabulary.write_text("a\nb\n", encoding="utf-8")
    with pytest.raises(ModelError, match="no vocabulary of this model"):
        MiniLM()
