"""Words that mean the same in a task: `memo` and `note`, `remove` and `delete`, `cart` and `basket`.

Only what is listed here counts as alike, besides forms of one word. How near two words are in a model's space does not
tell `mute` from `unmute` or `debit` from `credit`, so no such nearness is ever taken for a meaning. What is not listed
is not understood, and a task that holds it is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ostinato.agent.likeness import stem


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What is done. Opposites, and what is done less or more lastingly (archive, hide, cancel), have groups of their own or
# none: a word in no group means itself alone.
_DEEDS: dict[str, str] = {
    "add": "add adds added adding append include create creates created creating insert inserted record recorded "
    "recording log logged logging enter entered entering register registered registering note noted noting make made "
    "making put putting place placing",
    "write": "write writes writing written create creating make add adding record jot",
    "delete": "delete deletes deleted deleting remove removes removed removing erase erased erasing scrap scrapping",
    "take": "take taking remove removed removing delete deleting",
    "change": "change changes changed changing set setting update updated updating edit edited editing modify modified "
    "modifying correct corrected correcting adjust adjusted adjusting alter altered altering amend amended fix fixed "
    "fixing",
    "replace": "replace replaced replacing change changed set update rewrite rewriting overwrite overwriting "
    "substitute exchange",
    "rename": "rename renames renamed renaming retitle retitled",
    "tag": "tag tags tagged tagging label labels labelled labeled labelling labeling",
    "copy": "copy copies copied copying duplicate duplicated duplicating clone cloned cloning",
    "search": "search searching find finding seek",
    "tap": "click clicking tap tapping press pressing hit",
    "select": "select selecting choose choosing pick picking",
    "type": "enter entering type typing fill input",
    "order": "order ordering buy buying purchase purchasing",
    "send": "send sending sent ship shipped shipping deliver delivered delivering",
    "save": "save saving keep keeping",
    "use": "use using apply applying redeem redeeming",
    "pay": "pay pays paid paying",
    "say": "say says saying said read reads reading",
    "call": "call called calling name named naming title titled titling entitled",
    "join": "join joins joined joining",
    "give": "give giving assign assigning",
    "open": "open opening launch launching start starting",
    "submit": "submit submitting",
}
# What it is done to.
_THINGS: dict[str, str] = {
    "expense": "expense bill expenditure spending outlay",
    "note": "note memo jotting",
    "basket": "basket cart trolley",
    "wishlist": "wishlist wishes",
    "list": "list",
    "person": "person member participant people",
    "group": "group",
    "amount": "amount sum price cost total",
    "quantity": "quantity number count",
    "title": "title name heading",
    "text": "text content contents body wording",
    "tag": "tag label keyword",
    "voucher": "voucher coupon",
    "shop": "shop store",
    "receipt": "receipt",
    "date": "date day",
    "review": "review rating appraisal",
    "product": "product item article",
    "photo": "photo photograph picture pic image",
    "movie": "movie film",
    "song": "song track",
    "mail": "mail email e-mail",
    "meeting": "meeting appointment",
    "holiday": "holiday vacation",
    "password": "password passcode passphrase",
    "username": "username login",
    "button": "button",
    "field": "field box textbox",
    "debt": "debt debts",
    "settlement": "settlement",
    "address": "address",
    "account": "account",
    "flight": "flight",
    "parcel": "parcel package",
    "folder": "folder directory",
    "later": "later",
    "alone": "alone only",
    "end": "end bottom",
    "first": "first",
    "last": "last",
    "cost": "cost costs",
}
# Words that only introduce a name.
INTRODUCING = _words("called named titled entitled")
# A word that another lets one expect: who says who paid speaks of an expense.
IMPLIED: dict[str, frozenset[str]] = {"expense": frozenset({"pay"}), "title": frozenset({"rename"})}

# Several words that are said for one, read in this order.
_PHRASES = (
    (r"mak(?:e|ing) a (?:copy|duplicate) of\b", "copy"),
    (r"give (?=[^.;]*\bthe (?:tag|label)\b)", "tag "),
    (r"give (?=[^.;]*\bthe (?:new )?(?:name|title)\b)", "rename "),
    (r"get(?:ting)? rid of\b", "delete"),
    (r"throw(?:ing)? away\b", "delete"),
    (r"wish[ -]list\b", "wishlist"),
    (r"e-mail\b", "email"),
    (r"user name\b", "username"),
    (r"(?:shopping|my) (?=(?:cart|basket|trolley)\b)", ""),
    (r"(?:discount|promo|promotion|promotional) code\b", "voucher"),
    (r"(?:write|note|jot|put) down\b", "record"),
    (r"change the (?:name|title) of\b", "rename"),
    (r"look(?:ing)? for\b", "search"),
)
PHRASES = tuple((re.compile(rf"\b{words}", re.IGNORECASE), said) for words, said in _PHRASES)

# How people ask politely; a task means the same without it.
POLITE = (
    re.compile(
        r"^(?:(?:hi|hello|hey|please|kindly|ok|okay|so)\b[ ,!.]*)*"
        r"(?:(?:can|could|would|will) (?:you|we) (?:please |kindly )?|(?:i|we)(?:['’]d| would) like (?:you )?to |"
        r"(?:i|we) (?:want|need) (?:you )?to |i['’]d like |let['’]?s )?",
        re.IGNORECASE,
    ),
    re.compile(r"[ ,.]*\b(?:please|thanks|thank you|many thanks)[ .!?]*$", re.IGNORECASE),
)
# Words that only hold a sentence together.
FILLERS = _words(
    "please kindly to my our the a an this that it its it's is are was were be been has have had who which whom "
    "what new as of and"
)
# What says how a value belongs to the rest. `to` of the fillers (“I want to”) is told apart by what stands after it.
RELATIONS: dict[str, str] = {
    **dict.fromkeys(("to", "in", "into", "onto", "on", "at", "inside"), "to"),
    **dict.fromkeys(("from", "out", "off"), "from"),
    "by": "by",
    "for": "for",
    "with": "with",
    "under": "under",
    "about": "about",
    "of": "of",
}
# Words that turn a task into another one, or add one. None may be taken for a part of a value that is not quoted.
TURNING = _words(
    "not no never don't dont doesn't didn't isn't hasn't won't can't cannot without except excluding excepting "
    "unless if when whenever while until till instead rather but however only every each all any both either "
    "neither nor or and then after before afterwards again twice once thrice also too additionally plus minus "
    "less more other another next previous first last second third half double same today tomorrow yesterday now "
    "later daily weekly monthly yearly annually everything everyone everybody nothing none nobody anybody else "
    "back undo stop cancel restore revert permanently temporarily should must may might shall ought could would "
    "can will how why where whether pretend refuse how's what's whose anything something someone somebody about "
    "like tonight soon asap already still yet anyway together right away newest latest oldest cheapest"
)
_VERBS = frozenset(word for words in _DEEDS.values() for word in words.split()) - {
    "note", "label", "title", "name", "call", "box", "order", "place", "log", "record", "tag", "copy", "fix", "set",
    "pick", "hit", "press", "read", "input", "ship", "start",
}  # fmt: skip
_MORE_VERBS = _words(
    "mute unmute hide show archive unarchive block unblock follow unfollow subscribe unsubscribe enable disable "
    "activate deactivate increase decrease raise lower reduce import export upload download install uninstall "
    "lock unlock pin unpin share unshare mark unmark move transfer forward reply refund return reserve reject "
    "accept decline approve deny invite pause resume close reopen sort merge split count check uncheck clear "
    "discard reset tell ask remind notify call print rent sell pay"
)
VERBS = _VERBS | _MORE_VERBS


@lru_cache(maxsize=1 << 15)
def senses(word: str) -> frozenset[str]:
    """What a word in small letters may mean: the groups that it stands in; its own stem where it stands in none."""
    found = {f"do {name}" for name, words in _DEEDS_IN.items() if word in words}
    forms = {word, stem(word), word.removesuffix("s")}
    found |= {name for name, words in _THINGS_IN.items() if forms & words}
    return frozenset(found or {stem(word)})


def alike(one: str, other: str) -> bool:
    """Whether two words, in small letters, may mean the same."""
    return one == other or bool(senses(one) & senses(other))


_DEEDS_IN = {name: frozenset(words.split()) for name, words in _DEEDS.items()}
_THINGS_IN = {name: frozenset(words.split()) for name, words in _THINGS.items()}
