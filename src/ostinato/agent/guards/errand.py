"""What a task's own words ask for: the kinds of deeds, the values, the things they name.

It is what a user gives leave to, read without a model and without a screen, so that no page has a say in it. Verbs are
known in English, and the common ones in German, French, Spanish and Italian; names and values in any language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from ostinato.agent.likeness import SMALL, stem, tokens
from ostinato.trace.risk import DEEDS, Deed
from ostinato.trace.values import as_date, as_number, holds_value, normal, numbers_in, same_value

_NO_NOUN = r"(?<!\bthe )(?<!\ban )(?<!\ba )(?<!\bmy )(?<!\bthis )(?<!\bno )"
# Beside the words on controls (`risk.DEEDS`), how people ask for the same.
_ASKED: dict[Deed, str] = {
    "pay": r"pays?|bought|orders?|checkout|checking out|transfers?|donat\w*|settle\w*|bookings?|reserv\w+|bid|rent|"
    r"hire|"
    r"deliver\w*|ship\w*|sent? (?:\w+ ){0,3}to|repay|tip|kauf\w*|bestell\w*|zahl\w*|überweis\w*|buch\w*|achet\w*|"
    r"command\w*|réserv\w*|compr\w*|pag\w+|reserv\w*|acquist\w*|ordin\w*|prenot\w*",
    "delete": r"delet\w+|remov\w+|take \S.* (?:out|off)|take (?:out|off)|throw|drop|get rid|clear|empty|erase|"
    r"cancel\w*|"
    r"undo|discard|wipe|clean up|uninstall|leave \S+ out|lösch\w*|entfern\w*|supprim\w*|effac\w*|elimin\w*|borr\w*|"
    r"rimuov\w*",
    "send": r"send|sends|sent|tell|write|reply|respond|publish|tweet|forward|invite|ask|let \w+ know|say|"
    rf"{_NO_NOUN}(?:mail|email|e-mail|text|message|answer|post|share|comment|review)|schick\w*|send\w*|schreib\w*|"
    rf"teil\w*|antwort\w*|envo\w*|"
    r"écri\w*|partag\w*|répond\w*|invit\w*|publi\w*|envi\w*|escrib\w*|compart\w*|respond\w*|invi\w*|scriv\w*|"
    r"condivid\w*",
    "grant": r"allow|grant|permit|permission|give \w+ access|let \w+ (?:use|see|read)|erlaub\w*|autoris\w*|permit\w*",
    "install": r"install\w*|download|get the app|instal\w*",
    "account": r"sign (?:\w+ )?up|register|subscri\w+|unsubscri\w+|account|password|log ?in|sign ?in|deactivate|"
    r"registr\w*|abonn\w*|inscri\w*|suscri\w*|iscriv\w*",
    "save": r"adds?|create|make|new|write|put|set|change|rename|correct|edit|update|tag|label|register|note|record|"
    r"save|"
    r"give|let|call|replace|join|mark|enter|fill|type|use|move|copy|sort|log|track|schedule|plan|remind|pick|choose|"
    r"select|turn|switch|enable|disable|assign|fix|was|were|has|have|is|apply|submit|confirm|include|leave|split|ask|"
    r"hinzu\w*|füg\w*|erstell\w*|schreib\w*|änder\w*|leg\w*|setz\w*|trag\w*|ajout\w*|cré\w*|écri\w*|chang\w*|mets?|"
    r"modifi\w*|añad\w*|crea\w*|escrib\w*|cambi\w*|pon\w*|aggiung\w*|scriv\w*|modific\w*|metti",
}
_NEW = re.compile(
    r"\b(?:adds?|create|new|write|register|record|note that|log|enter|insert|post|schedule|make an?|join|füg\w*|"
    r"erstell\w*|schreib\w*|ajout\w*|cré\w*|écri\w*|añad\w*|crea\w*|escrib\w*|aggiung\w*|scriv\w*)\b",
    re.IGNORECASE,
)
_OTHERWISE = re.compile(
    r"\b(?:copy|copies|duplicate|clone)\b|"
    rf"{_NO_NOUN}\b(?:change|set|correct|rename|replace|edit|update|modify|fix|move|tag|mark|give|"
    r"let|was|were|is|has|append|"
    r"increase|decrease|raise|lower|instead|again|turn|switch|assign|swap|adjust|änder\w*|setz\w*|korrigier\w*|"
    r"ersetz\w*|chang\w*|remplac\w*|modifi\w*|corrig\w*|cambi\w*|reemplaz\w*|modific\w*|sostitu\w*)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:what|which|who|whose|whom|when|where|why|how|is|are|was|were|does|do|did|has|have|can|find out|look up|"
    r"look at|"
    r"check (?:if|whether|what|how|who)|read|show|tell me|list|count|wie|was|wer|wann|wo|quel\w*|qui|combien|où|qué|"
    r"quién|cuánto|dónde|quanto|chi|dove)\b",
    re.IGNORECASE,
)
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
    def deeds(self) -> frozenset[Deed]:
        """The kinds of deeds that are asked for. A task whose verbs are not known at all asks for `save`."""
        bare = normal(self.words)
        found = {
            deed
            for deed, pattern in DEEDS.items()
            if pattern.search(bare) or re.search(rf"\b(?:{_ASKED[deed]})\b", bare)
        }
        return frozenset(found or ({"save"} if not self.asks_only else ()))

    @cached_property
    def asks_only(self) -> bool:
        """Whether it is a question: something is to be looked at, nothing done."""
        bare = self.words.strip()
        then = re.search(r"\b(?:and|then)\s+(?:" + _ASKED["save"] + "|" + _ASKED["send"] + r")\b", normal(bare))
        return bool(_QUESTION.match(bare)) and not (then or re.search(r"[;.]\s+\w", bare.rstrip(" .?!")))

    @property
    def only_adds(self) -> bool:
        """Whether something new is to be made, and nothing that is there to be made otherwise."""
        return bool(_NEW.search(self.words)) and not _OTHERWISE.search(self.words)

    @property
    def describes(self) -> bool:
        """Whether things may be meant without their names: the cheapest, all, the last."""
        return bool(_DESCRIBED.search(self.words))

    @property
    def looks_up(self) -> bool:
        """Whether something that a screen shows is to be used."""
        return bool(_LOOKED_UP.search(self.words))

    @property
    def quotes(self) -> bool:
        """Whether a few words out of something longer are to be used: the last word of a text, the text below."""
        return bool(_QUOTED.search(self.words))

    @property
    def leaves_words_open(self) -> bool:
        """Whether the wording of a text is left to whoever does it."""
        return bool(_WORDED.search(self.words))

    @property
    def leaves_sums_open(self) -> bool:
        """Whether a number is to be worked out."""
        return bool(_COUNTED.search(self.words))

    @cached_property
    def _days(self) -> frozenset[date]:
        today, bare = date.today(), normal(self.words)
        found = {today + timedelta(days=far) for word, far in _DAYS.items() if word in bare.split()}
        for one in _WORDED_DAY.finditer(bare):
            day, month = (one[1], one[2]) if one[1] else (one[4], one[3])
            if month[:3] in _MONTHS:
                years = [int(year) for year in re.findall(r"\b(?:19|20)\d\d\b", bare)] or [today.year, today.year + 1]
                for year in years:
                    try:
                        found.add(date(year, _MONTHS.index(month[:3]) + 1, int(day)))
                    except ValueError:
                        continue
        return frozenset(found)

    def says(self, value: str) -> bool:
        """Whether a value stands in the task: as it is, as a number or a day in another writing, or all its words."""
        if not normal(value) or holds_value(self.words, value) or self.has_read(value):
            return True
        day = as_date(value)
        if day is not None:
            return day in self._days
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
