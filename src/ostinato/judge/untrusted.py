"""What a page shows, before a model reads it: made harmless, fenced off, and searched for words to the judge.

A page can say anything, also to whoever judges it. Its words reach a model on numbered lines, in quotation marks that
they cannot close, between marks that they cannot know. Lines that read like an instruction are not shown at all. That
search is a filter and no proof; what holds without it is in `reasoner.py`.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from collections.abc import Callable, Sequence

_RUNS = re.compile(r"([-=_~#*|/\\+^:%])\1{2,}")
_TAG = re.compile(r"\[\s*(/?\s*\w{2,20})\s*\]")
_HARMLESS = str.maketrans({"<": "‹", ">": "›", '"': "'", "`": "'", "“": "'", "”": "'", "„": "'"})
# Letters of other alphabets that look like Latin ones, and figures that are read as letters.
_LOOKALIKE = str.maketrans("аеорсухіјѕԁһոɡαεορτυνικвкмнт", "aeopcyxijsdhngaeoptuvikbkmht")
_FIGURES = str.maketrans("013457@$", "oieastas")


def _plain(text: str) -> str:
    """Case, width and accents folded, invisible characters gone."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = (c for c in folded if c.isspace() or unicodedata.category(c)[0] not in "CM")
    return unicodedata.normalize("NFC", "".join(kept))


# Matched against letters and figures alone, over the borders of lines: spacing and punctuation hide nothing.
_SQUEEZED = [
    re.compile(_plain(pattern))
    for pattern in (
        r"(ignore|disregard|forget|overrid(e|ing)|bypass)(all|any|the|your|every|these|those|of|my|what)*"
        r"(previous|prior|above|earlier|preceding|instruction|rule|prompt|evidence|system|wassaid|youweretold)",
        r"(previous|prior|above|earlier|new|following)(instructions|prompts?)",
        r"systemprompt|promptinjection|jailbreak",
        r"(mark|count|treat|regard|accept|consider|judge|grade|score|rate|record|classify|label)"
        r"(this|it|the|task|test|run|that|a|state|substate|step|claim|screen|everything|all|current|check){1,4}"
        r"(as|isa?|to)?(a|been|being)?(success|succeeded|passed|passing|correct|true|yes|fulfilled|reached|satisfied)",
        r"(consider|treat|judge|regard|count)(this|it|the|task|test|run|that|claim|check|everything){1,3}"
        r"(as|is)?(done|complete|finished)",
        r"(test|goal|claim|substate|objective|statement|question|check|criterion|criteria)(is|was|hasbeen|are|were)"
        r"(now|already|fully|hereby)?(complete|done|successful|fulfilled|reached|satisfied|achieved|passed|true|verified)",
        r"(begin|end|start|close)(of)?(the)?(evidence|untrusted|instructions|systemmessage|prompt|pagecontent)",
        r"you(must|should|shall|haveto|needto|areto)(now|only|always)?"
        r"(answer|say|return|output|respond|reply|mark|conclude|report)",
        r"(languagemodel|llm|aimodel|evaluator|grader|judge|assistant)s?(readingthis|mustanswer|should|please|mustsay)",
        r"(dear|attention|noteto|messageto|instructionsfor)(the|all|any)?"
        r"(judge|evaluator|grader|ai|assistant|model|llm|reviewer|reasoner|verifier)",
        r"(忽略|无视|無視).{0,8}(之前|以上|上面|先前|前面|所有|指令|说明|提示|規則|规则)",
        r"(标记|判定|视为|判断|认定|標記|判為).{0,8}(成功|完成|通过|通過|正确)",
        r"(回答|输出|返回|請答|请答|答案).{0,4}(是|yes|成功|true)|(系统|系統)(提示|消息|指令)",
        r"(指示|命令|指令).{0,6}(無視|忘れ)|(成功|完了|合格)と(して|みなし|判定|マーク)|はいと(答|回答)",
        r"(이전|위의|앞의|모든).{0,8}(지시|명령|규칙).{0,8}무시|성공.{0,6}(표시|간주|판정)|예라고",
        r"(ignorier|missacht|vergiss|vergesst).{0,24}(anweisung|bisherig|vorherig|vorig|obig|regel)",
        r"(werte|bewerte|markiere|betrachte|gilt).{0,24}als(erfolg|erfolgreich|bestanden|erfullt|erfuellt|wahr)",
        r"antworte.{0,12}(mit)?ja",
        r"(ignore|oublie).{0,24}(instruction|precedent|consigne)|repond(s|ez|re).{0,12}oui",
        r"(marque|considere|compte).{0,24}comme(un|une)?(reussi|succes|valide|vrai)",
        r"(ignora|ignore|olvida|desestima|esqueca|dimentica).{0,24}(instruccion|instruc|istruzion|anterior|preceden)",
        r"(marca|considera|marque|considere|segna).{0,24}(como|come)(un|una)?"
        r"(exito|completad|correct|sucesso|riuscit|success|verdader)",
        r"(responde|responda|rispondi).{0,12}(si|sim)",
        r"(игнорируй|проигнорируй|забудь).{0,24}(предыдущ|инструкц|указан|правил)|ответь.{0,12}да",
        r"(отметь|считай|пометь|засчитай|оцени).{0,24}(успе|выполнен|пройден|верн)",
        r"تجاهل.{0,24}(تعليمات|السابقة)|निर्देश.{0,16}(अनदेख|नजरअंदाज)",
        r"negeer.{0,24}(instructie|vorige)|zignoruj.{0,24}(instrukcj|poprzedni)|talimat.{0,24}(yoksay|unut)",
    )
]
# Matched against the words of one line: short words mean nothing across lines (a label `Answer`, a choice `Yes`).
_SPOKEN = [
    re.compile(pattern)
    for pattern in (
        r"\b(answer|reply|respond|say|return|output|print|write|verdict|choose|conclude)\b( \w+){0,4}"
        r" (yes|true|no|false|shown|success|uncertain)\b",
        r"\b(verdict|substate|ground truth)\b.{0,60}\b(is|yes|no|true|false|reached|shown)\b",
        r"\bas an? (ai|assistant|judge|language model|evaluator|grader)\b",
    )
]
_SPEAKER = re.compile(
    r"(?<!\w)(?:important )?(system|assistant|developer|judge|evaluator|grader|ai|llm|model|administrator)"
    r"(?: \w+)?\s*[:：]",
    re.IGNORECASE,
)


def harmless(text: str) -> str:
    """The text on one line: control and invisible characters are gone, quotation marks and angle brackets are others,
    what could pass for a fence is shortened."""
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(" " if c.isspace() else c for c in folded if c.isspace() or unicodedata.category(c)[0] != "C")
    bare = " ".join(kept.translate(_HARMLESS).split())
    return _TAG.sub(r"(\1)", _RUNS.sub(r"\1\1", bare))


def fenced(text: str, token: Callable[[], str] = lambda: secrets.token_hex(8)) -> str:
    """The text between two marks which are new each time and do not stand in it."""
    mark = token()
    while mark in text:
        mark = token()
    return f"[{mark} begins]\n{text}\n[{mark} ends]"


def instructions_in(lines: Sequence[str]) -> frozenset[int]:
    """Which of these lines (from 0) read like words to whoever judges the page, alone or together."""
    found = {n for n, line in enumerate(lines) if _SPEAKER.search(harmless(line)) or _is_spoken(line)}
    for fold in (_letters, _latin, _figured):
        parts = [fold(line) for line in lines]
        starts = [0]
        for part in parts:
            starts.append(starts[-1] + len(part))
        body = "".join(parts)
        for pattern in _SQUEEZED:
            for match in pattern.finditer(body):
                begin, end = match.span()
                found |= {n for n in range(len(parts)) if starts[n] < end and begin < starts[n + 1]}
    return frozenset(found)


def _is_spoken(line: str) -> bool:
    folded = " ".join(re.findall(r"[^\W_]+", _plain(line)))
    return any(pattern.search(folded) for pattern in _SPOKEN)


def _letters(text: str) -> str:
    return "".join(c for c in _plain(text) if c.isalnum())


def _latin(text: str) -> str:
    return _letters(text).translate(_LOOKALIKE)


def _figured(text: str) -> str:
    return "".join(c for c in _plain(text).translate(_FIGURES) if c.isalnum()).translate(_LOOKALIKE)
