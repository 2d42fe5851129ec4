"""The words of a text as pieces of a vocabulary (WordPiece, as BERT's uncased models were trained with).

Small letters without accents; every punctuation mark and every Chinese character is a word of its own; a word is cut
into the longest pieces that the vocabulary has, from the left. No text is taken for a mark such as `[SEP]`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

UNKNOWN, START, END = "[UNK]", "[CLS]", "[SEP]"
_LONGEST_WORD = 100
_MOST_LETTERS = 100_000  # far more than what a model is given fills
_CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)


@dataclass(frozen=True)
class WordPiece:
    """`pieces` are the vocabulary, by number; a piece that goes on within a word begins with `##`."""

    pieces: Sequence[str]

    @cached_property
    def numbers(self) -> dict[str, int]:
        return {piece: number for number, piece in enumerate(self.pieces)}

    def encode(self, text: str, most: int) -> list[int]:
        """The numbers of the pieces, between the marks of start and end, `most` of them at most."""
        found: list[int] = []
        for word in words(text[:_MOST_LETTERS]):
            found += self._word(word)
            if len(found) >= most - 2:
                break
        return [self.numbers[START], *found[: most - 2], self.numbers[END]]

    def _word(self, word: str) -> list[int]:
        if len(word) > _LONGEST_WORD:
            return [self.numbers[UNKNOWN]]
        found: list[int] = []
        start = 0
        while start < len(word):
            for end in range(len(word), start, -1):
                number = self.numbers.get(("##" if start else "") + word[start:end])
                if number is not None:
                    break
            else:
                return [self.numbers[UNKNOWN]]
            found.append(number)
            start = end
        return found


def words(text: str) -> Iterator[str]:
    """The words as they are looked up, punctuation marks and Chinese characters each by itself."""
    bare = "".join(letter.lower() for letter in unicodedata.normalize("NFD", "".join(map(_clean, text))))
    word = ""
    for letter in bare:
        if unicodedata.category(letter) == "Mn":
            continue
        if not letter.isspace() and not _stands_alone(letter):
            word += letter
            continue
        if word:
            yield word
            word = ""
        if not letter.isspace():
            yield letter
    if word:
        yield word


def _clean(letter: str) -> str:
    """White space as a space; control characters as nothing."""
    if letter in "\t\n\r" or letter.isspace():
        return " "
    if letter in "\0\ufffd" or unicodedata.category(letter) in ("Cc", "Cf", "Co"):
        return ""
    return letter


def _stands_alone(letter: str) -> bool:
    signs = "!" <= letter <= "/" or ":" <= letter <= "@" or "[" <= letter <= "`" or "{" <= letter <= "~"
    return signs or unicodedata.category(letter).startswith("P") or _is_chinese(letter)


def _is_chinese(letter: str) -> bool:
    return any(first <= ord(letter) <= last for first, last in _CHINESE)
