"""What a task's own words ask for: the kinds of deeds, the values, the things they name.

It is what a user gives leave to, read without a model and without a screen, so that no page has a say in it. Verbs are
known in English, and the common ones in German, French, Spanish and Italian; names and values in any language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from ostinato.agent.guards import verbs
from ostinato.agent.likeness import SMALL, stem, tokens
from ostinato.trace.risk import DEEDS, Deed
from ostinato.trace.values import as_date, as_number, holds_value, normal, numbers_in, same_value

_DESCRIBED = re.compile(
    r"\b(?:first|last|second|third|newest|latest|oldest|cheapest|cheaper|dearest|most|least|largest|biggest|smallest|"
    r"highest|lowest|longest|shortest|top|bottom|next|previous|every|all|each|any|unread|expired)\b",
    re.IGNORECASE,
)
_LOOKED_UP = re.compile(
    r"\b(?:look(?:ing)? up|find|find out|read|copy|copies|take over|the same|from the|according to|as (?:in|on|it|"
    r"shown)|see|"
    r"check|what|which|who|how much|how many|whose|the (?:\w+ )?(?:value|price|amount|cost|total|name|date|number|"
    r"address|"
    r"phone|email|code|title|text|result|answer)s? (?:of|in|on|from|for|that))\b",
    re.IGNORECASE,
)
_WORDED = re.compile(
    r"\b(?:write|draft|compose|reply|respond|summar\w+|translat\w+|describ\w+|explain\w*|thank\w*|tell|apolog\w+|"
    r"invent|"
    r"suggest|congratulat\w+|comment|review|schreib\w*|écri\w*|escrib\w*|scriv\w*)\b",
    re.IGNORECASE,
)
_MEANT = re.compile(
    r"\b(?:similar|synonyms?|alike|related|matching|match(?:es)?|belongs?|correct|fitting|suitable|except|other than|"
    r"different|category)\b",
    re.IGNORECASE,
)
_TO_SOMEBODY = re.compile(
    r"\b(?:messages?|mails?|e-?mails?|reply|answer|comments?|chat|sms|review|nachricht|antwort|kommentar|mensaje|"
    r"comentario|messaggio|commento|commentaire)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(
    r"\b(?:word|sentence|line|paragraph|text|number|code|letter|result)s? (?:\w+ )?(?:in|of|on|from|below|above|"
    r"shown)\b|"
    r"\b(?:below|above|shown|displayed|on the screen|on the page)\b",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"\b(?:solve|calculat\w+|comput\w+|math|sum|total|split|share|half|halve|third|double|average|mean|each|percent|"
    r"per cent|convert|difference|"
    r"add up|plus|minus|times|more|less|increase|decrease|raise|lower|count|number of|how many|reduce)\b|%",
    re.IGNORECASE,
)
_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKS_AHEAD = 15  # days in which “Friday” may be meant
_DAY_IN_FIGURES = re.compile(
    r"(?<![\d/.-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\d/-])|(?<!\d)(\d{4})-(\d\d)-(\d\d)(?!\d)"
)
_A_DAY = re.compile(  # and nothing more
    r"(?:\d{1,4}(?:st|nd|rd|th)?|of|[/.,-]|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*|\s)+"
)
_WORDED_DAY = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)?\.? (?:of )?([a-z]{3,9})|([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?)\b"
)


@dataclass(frozen=True)
class Errand:
    """A task in the user's words. `read` are values in it that are not the user's: a screen showed them. Each counts
    as a value, whole, and for nothing else."""

    words: str
    read: tuple[str, ...] = ()

    @cached_property
    def tokens(self) -> frozenset[str]:
        """The words that can name something, and their stems."""
        found = [word for word in tokens(self.words) if word not in SMALL]
        return frozenset(found) | frozenset(map(stem, found))

    @cached_property
    def _bare(self) -> str:
        """The task without what stands in quotation marks: that is a value, and asks for nothing."""
        bare = verbs.QUOTED.sub(" … ", self.words)
        told = bare if re.search(r"[^\W_]", bare) else self.words.strip().strip("\"'“”„«»‘’`")
        return " ".join(told.split())

    @cached_property
    def deeds(self) -> frozenset[Deed]:
        """The kinds of deeds that are asked for. A task whose verbs are not known at all asks for `save`."""
        bare = normal(self._bare)
        found = {deed for deed, pattern in DEEDS.items() if pattern.search(bare) or verbs.ASKED[deed].search(bare)}
        return frozenset(found or ({"save"} if not self.asks_only else ()))

    @cached_property
    def asks_only(self) -> bool:
        """Whether it is a question: something is to be looked at, nothing done."""
        said = [normal(part) for part in re.split(r"(?<=[.;?!])(?<!\b[DMS][rst]\.)\s+", self._bare)]
        said = [part for part in said if part and not verbs.THANKS.fullmatch(part)]
        return bool(said) and all(map(_asks, said))

    def names_control(self, name: str) -> bool:
        """Whether the task says to press what has this name."""
        return bool(name.strip()) and bool(verbs.PRESS.search(normal(self._bare))) and holds_value(self.words, name)

    @property
    def only_adds(self) -> bool:
        """Whether something new is to be made, and nothing that is there to be made otherwise."""
        return bool(verbs.NEW.search(self._bare)) and not verbs.OTHERWISE.search(self._bare)

    @property
    def replaces(self) -> bool:
        """Whether something that the task says may give way to something else that it says."""
        return bool(verbs.REPLACING.search(self._bare))

    @property
    def describes(self) -> bool:
        """Whether things may be meant without their names: the cheapest, all, the last."""
        return bool(_DESCRIBED.search(self._bare))

    @property
    def looks_up(self) -> bool:
        """Whether something that a screen shows is to be used."""
        return bool(_LOOKED_UP.search(self._bare))

    @property
    def quotes(self) -> bool:
        """Whether a few words out of something longer are to be used: the last word of a text, the text below."""
        return bool(_QUOTED.search(self._bare))

    @property
    def leaves_words_open(self) -> bool:
        """Whether the wording of a text is left to whoever does it."""
        return bool(_WORDED.search(self._bare))

    @property
    def leaves_choice_open(self) -> bool:
        """Whether it is left to whoever does it which of some are meant."""
        return bool(_MEANT.search(self._bare))

    @property
    def speaks_of_messages(self) -> bool:
        """Whether something is to be written to somebody."""
        return "send" in self.deeds or bool(_TO_SOMEBODY.search(self._bare))

    @property
    def leaves_sums_open(self) -> bool:
        """Whether a number is to be worked out."""
        return bool(_COUNTED.search(self._bare))

    @cached_property
    def _days(self) -> frozenset[date]:
        today, bare = date.today(), normal(self.words)
        words = set(tokens(bare))
        found = {today + timedelta(days=far) for word, far in _DAYS.items() if word in words}
        ahead = (today + timedelta(days=far) for far in range(_WEEKS_AHEAD))
        found |= {day for day in ahead if _WEEK[day.weekday()] in words}
        return frozenset(found | _days_in(bare, today))

    def says(self, value: str) -> bool:
        """Whether a value stands in the task: as it is, as a number or a day in another writing, or all its words."""
        if not normal(value) or holds_value(self.words, value) or self.has_read(value):
            return True
        day = as_date(value)
        if day is not None:
            return day in self._days
        if _A_DAY.fullmatch(normal(value)) and _days_in(normal(value), date.today()) & self._days:
            return True
        number = as_number(value)
        if number is not None:
            return any(as_number(known) == number for known in numbers_in(self.words))
        return self.says_words(tokens(value))

    def says_words(self, words: tuple[str, ...]) -> bool:
        """Whether all these words stand in the task, in any form and order; small ones may."""
        telling = [word for word in words if word not in SMALL]
        whole = {word for one in self.read if set(said := tokens(one)) <= set(words) for word in said}
        return bool(telling) and all(word in whole or self.knows(word) for word in telling)

    def has_read(self, value: str) -> bool:
        """Whether a value is the whole of something that was read."""
        return any(same_value(one, value) for one in self.read)

    def knows(self, word: str) -> bool:
        return word in self.tokens or (not word.isdigit() and stem(word) in self.tokens)


def _asks(said: str) -> bool:
    """Whether a folded sentence only asks to look at something."""
    asked = verbs.REQUEST.sub("", said, count=1) if verbs.REQUEST.match(said) else said
    if not verbs.QUESTION.match(asked):
        return False
    return not (verbs.THEN if verbs.LOOK.match(asked) else verbs.THEN_IT).search(asked)


def _days_in(bare: str, today: date) -> set[date]:
    """The days that a folded text writes out. One in figures, and one without a year, may be several."""
    written: list[tuple[int, int, int]] = []
    for one in _WORDED_DAY.finditer(bare):
        day, month = (one[1], one[2]) if one[1] else (one[4], one[3])
        if month[:3] in _MONTHS:
            years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", bare)] or [today.year, today.year + 1]
            written += [(year, _MONTHS.index(month[:3]) + 1, int(day)) for year in years]
    for one in _DAY_IN_FIGURES.finditer(bare):
        if one[5]:
            written.append((int(one[5]), int(one[6]), int(one[7])))
        else:
            written += [(int(one[4]), int(one[3]), int(one[1])), (int(one[4]), int(one[1]), int(one[3]))]
    found = set()
    for year, number, day_of in written:
        try:
            found.add(date(year, number, day_of))
        except ValueError:
            continue
    return found
