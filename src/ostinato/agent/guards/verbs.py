"""How people ask for things: the verbs of a task, in English and the common ones in German, French, Spanish, Italian.

They count as whole words with the endings that they really take. A stem with any ending would read `page` as the
Spanish `pagar`, and `ordinary` as the Italian `ordinare`.
"""

from __future__ import annotations

import re

from ostinato.trace.risk import Deed

NO_NOUN = r"(?<!\bthe )(?<!\ban )(?<!\ba )(?<!\bmy )(?<!\bthis )(?<!\bno )(?<!['’]s )"
# Where a word that may be a noun as well can only be what is to be done.
_HERE = (
    r"(?:^|(?<=[.;,:!?] )|(?<=[-–] )|(?<=\band )|(?<=\bthen )|(?<=\bto )|(?<=\bplease )|(?<=\balso )|(?<=\byou )|"
    r"(?<=\bor )|(?<=\bnow )|(?<=\bfirst )|(?<=\bjust )|(?<=\bwe )|(?<=\bi )|(?<=\bund )|(?<=\bdann )|(?<=\bbitte )|"
    r"(?<=\bet )|(?<=\bpuis ))"
)
_DE = r"(?:e|en|est|st|et|t|te|ten)"
_FR = r"(?:e|es|er|ez|ons|é|ée|és|ées)"
_ES = r"(?:a|ar|ad|as|e|en|es|o|é|ó|ado|ada|ando|amos)"
_IT = r"(?:a|are|ate|i|o|ato|ata|ati|ando|iamo)"
_SOLD = r"list (?:my|our|an?|this) (?:\S+ ){1,8}for (?:sale|[€$£¥]?\d+)"

# Beside the words on controls (`risk.DEEDS`), how people ask for the same.
_ASKED: dict[Deed, str] = {
    "pay": rf"pays?|paying|repay|buys?|buying|bought|{_HERE}orders?|ordering|ordered|check ?out|checking out|"
    rf"transfers?|transferring|transferred|donates?|donating|donated|settle[sd]?|settling|settlements?|{_HERE}book|{NO_NOUN}booking|"
    rf"booked|reserve[sd]?|reserving|(?:make|place) (?:\w+ ){{0,3}}(?:reservation|booking|order)s?|"
    rf"{_HERE}(?:bid|rent|tip)|hire|delivers?|delivered|ships?|shipped|sent? (?:\w+ ){{0,3}}to|"
    rf"kauf{_DE}|{_HERE}kauf|bestell{_DE}|{_HERE}bestell|bezahl{_DE}|{_HERE}bezahl|zahl{_DE}|überweis{_DE}|"
    rf"buch{_DE}|reservier{_DE}|spend(?:e|en|et)|achet{_FR}|achèt(?:e|es)|command(?:e|es|er|ez|ée|ées|ons)|"
    rf"réserv{_FR}|{_HERE}payer|payez|paie|compr{_ES}|comprare|reserv{_ES}|acquist{_IT}|ordin{_IT}|prenot{_IT}|"
    r"pag(?:a|ar|o|ue|ué|ado|ada|amos|ando|are|hi|ato|ata|ate)",
    "delete": r"deletes?|deleting|deleted|deletion|removes?|removing|removed|removal|take \S.* (?:out|off)|"
    r"take (?:out|off)|throw|drop|get rid|clear|empty|erase|cancel(?:s|l?ed|l?ing)?|cancellation|undo|discard|"
    rf"wipe|clean up|uninstall|leave \S+ out|lösch{_DE}|{_HERE}lösch|gelöscht|entfern{_DE}|entfernt|"
    rf"stornier{_DE}|kündig{_DE}|supprim{_FR}|effac{_FR}|annul{_FR}|elimin{_ES}|elimin{_IT}|borr{_ES}|"
    r"cancell(?:a|are|ate)|rimuov(?:i|ere|e|ete|o)",
    "send": r"sends?|sending|sent|tells?|telling|writes?|writing|reply|replying|respond|responding|publish|"
    r"publishing|tweet|forward|invite|inviting|ask|let \w+ know|say|"
    rf"{_SOLD}|"
    rf"{NO_NOUN}(?:mail|email|e-mail|text|message|answer|post|share|comment|review)|schick{_DE}|{_HERE}schick|"
    rf"sende[nt]?|schreib{_DE}|{_HERE}schreib|teil(?:e|en|t|te)|antwort(?:e|en|et|ete)|veröffentlich{_DE}|"
    rf"envo(?:ie|ies|yer|yez|yé|yée|yons)|écri(?:re|s|t|vez|ve|vons)|partag{_FR}|répond(?:re|s|ez|ons)|"
    rf"invit{_FR}|publi{_FR}|env(?:ía|íe|iar|iado|iada|íen)|escrib(?:e|ir|a|o|ió|an)|compart(?:e|ir|a|o|ido)|"
    rf"respond(?:e|er|a)|invit{_ES}|public(?:a|ar|o|ado|are|ate|ato)|publiqu(?:e|en)|"
    r"invi(?:a|are|ate|o|ato|ata)|scriv(?:i|ere|e|ete|o|a)|condivid(?:i|ere|e|ete|o)|rispond(?:i|ere|e|ete|o)",
    "grant": rf"allow|grant|permit|permission|give \w+ access|let \w+ (?:use|see|read)|approve|erlaub{_DE}|"
    rf"autoris{_FR}|autoriz{_ES}|permet(?:s|tre|tez)|permit(?:e|ir|a|o)|consent(?:i|ire|ite)",
    "install": rf"installs?|installing|installed|download|get the app|installier{_DE}|install{_FR}|instal{_ES}|"
    rf"install{_IT}",
    "account": r"sign (?:\w+ )?up|register|subscribes?|subscribing|subscribed|subscriptions?|unsubscribes?|"
    r"unsubscribing|account|password|log ?(?:in|out|off)|sign ?(?:in|out)|deactivate|"
    rf"registrier{_DE}|abonnier{_DE}|abonn{_FR}|inscri(?:s|re|vez)|registr{_ES}|suscrib(?:e|ir|a|o)|"
    r"iscriv(?:i|ere|iti)",
    "save": r"adds?|adding|added|creates?|make|new|write|put|set|change|rename|correct|edit|update|tag|label|"
    r"register|note|record|save|give|let|call|replace|join|mark|enter|fill|type|use|move|copy|sort|log|track|"
    r"schedule|plan|remind|pick|choose|select|turn|switch|enable|disable|assign|fix|was|were|has|have|is|apply|"
    r"submit|confirm|include|leave|split|ask|insert|append|attach|upload|complete|"
    rf"hinzu\w*|füg{_DE}|erstell{_DE}|schreib{_DE}|änder{_DE}|ändre|leg(?:e|en|t|st)|setz{_DE}|trag(?:e|en|t)|"
    rf"{_HERE}(?:füg|erstell|änder|trag|leg|setz|schreib)|ajout{_FR}|cré(?:e|es|er|ez|é|ée)|écri(?:re|s|vez)|"
    rf"chang{_FR}|mets|mettre|mettez|modifi{_FR}|añad(?:e|ir|a|o|ido)|crea|crear|creare|escrib(?:e|ir|a)|"
    rf"cambi{_ES}|pon|poner|ponga|aggiung(?:i|ere|e|ete|o)|cambi{_IT}|scriv(?:i|ere|e|ete)|modific{_IT}|"
    rf"modific{_ES}|metti|mettere",
}
ASKED = {deed: re.compile(rf"\b(?:{words})\b") for deed, words in _ASKED.items()}
NEW = re.compile(
    r"\b(?:adds?|create|new|write|register|record|note that|log|enter|insert|post|schedule|make an?|join|"
    rf"füg{_DE}|{_HERE}füg|erstell{_DE}|schreib{_DE}|{_HERE}schreib|ajout{_FR}|cré(?:e|es|er|ez)|écri(?:re|s|vez)|"
    r"añad(?:e|ir|a|o)|crea|crear|creare|escrib(?:e|ir|a)|aggiung(?:i|ere|e|ete)|scriv(?:i|ere|e|ete))\b",
    re.IGNORECASE,
)
OTHERWISE = re.compile(
    r"\b(?:copy|copies|duplicate|clone)\b|"
    rf"{NO_NOUN}\b(?:change|set|correct|rename|replace|edit|update|modify|fix|move|tag|mark|give|let|was|were|is|has|"
    r"append|increase|decrease|raise|lower|instead|again|turn|switch|assign|swap|adjust|"
    rf"änder{_DE}|ändre|setz{_DE}|korrigier{_DE}|ersetz{_DE}|chang{_FR}|remplac{_FR}|modifi{_FR}|corrig{_FR}|"
    rf"cambi{_ES}|reemplaz{_ES}|modific{_ES}|modific{_IT}|cambi{_IT}|sostitu(?:isci|ire|ite))\b",
    re.IGNORECASE,
)
REPLACING = re.compile(
    r"\b(?:renam\w+|call(?:ed|s)?|names?|named|naming|titles?|titled|retitle|label|change[sd]?|changing|replac\w+|"
    r"correct\w*|edit\w*|update[sd]?|updating|modif\w+|fix\w*|swap\w*|convert\w*|translat\w+|turn|was|were|is|are|"
    r"instead|from|into|adjust\w*|move[sd]?|moving|switch\w*|exchange|shorten|spell\w*|reword|rewrite|remove|delete|"
    r"clear|empty|capitali[sz]e|"
    rf"nenn{_DE}|{_HERE}nenn|umbenenn{_DE}|benenn{_DE}|änder{_DE}|ändre|ersetz{_DE}|korrigier{_DE}|chang{_FR}|"
    rf"renomm{_FR}|remplac{_FR}|corrig{_FR}|modifi{_FR}|cambi{_ES}|reemplaz{_ES}|modific{_ES}|renombr{_ES}|"
    rf"corrig{_ES}|modific{_IT}|rinomin{_IT}|cambi{_IT}|sostitu(?:isci|ire|ite)|corregg(?:i|ere|e|ete))\b",
    re.IGNORECASE,
)
PRESS = re.compile(
    r"\b(?:clicks?|press|tap|hit|push|choose|select|touch|drück(?:e|en|t)?|klick(?:e|en|t)?|appu(?:ie|yer|yez)|"
    r"clique[rz]?|pulsar?|premi|premere)\b"
)
# The beginning of a question, and of those the ones that order a look.
QUESTION = re.compile(
    r"(?:what|which|who|whose|whom|when|where|why|how|is|are|was|were|does|do|did|has|have|can|could|find out|look up|"
    r"look at|"
    rf"check (?:if|whether|what|how|who)|read|show|tell me|(?!{_SOLD})list|count|wie|was|wer|wann|wo|quel\w*|qui|"
    r"combien|où|qué|quién|cuánto|dónde|quanto|chi|dove)\b",
)
LOOK = re.compile(r"(?:find out|look up|look at|check|read|show|tell me|list|count)\b")
REQUEST = re.compile(
    r"(?:(?:hi|hello|hey|please)\b[ ,!]*)*(?:(?:can|could|would|will) (?:you|we)|kannst du|könntest du|können sie|"
    r"könnten sie|peux-tu|pouvez-vous|pourrais-tu|pourriez-vous|puedes|podrías|puede|puoi|potresti|può)\b,? *"
    r"(?:please |kindly |bitte |por favor |per favore )?"
)
THANKS = re.compile(r"\W*(?:please|thanks|thank you|many thanks|cheers|danke|merci|gracias|grazie)\b[\w ]{0,20}\W*")
# What a question may go on to, as it is told. What only comes back in words is none.
_TOLD_BACK = (
    r"(?:tell|show|give|send|text|mail|e-?mail|message|ask) (?:me|us)\b|let me know|answer|say\b|"
    r"write (?:it |them )?(?:to me|back)"
)
_ORDER = (
    rf"(?!{_TOLD_BACK})(?:pay|repay|buy|order|check ?out|transfer|donate|settle|book|reserve|bid|rent|hire|ship|"
    r"deliver|purchase|delete|remove|take|throw|drop|get rid|clear|empty|erase|cancel|undo|discard|wipe|uninstall|"
    r"archive|send|tell|write|reply|respond|publish|post|tweet|forward|invite|ask|share|mail|e-?mail|text|message|"
    r"comment|allow|grant|permit|approve|install|download|sign|register|subscribe|unsubscribe|log|deactivate|add|"
    r"create|make|put|set|give|change|rename|correct|edit|update|tag|label|note|record|save|replace|join|mark|enter|fill|"
    r"type|use|move|copy|sort|schedule|plan|remind|pick|choose|select|turn|switch|enable|disable|assign|fix|apply|"
    r"submit|confirm|include|split|insert|append|upload|kaufe?|bestelle?|bezahle?|zahle?|lösche?|entferne?|schicke?|"
    r"sende|schreibe?|trage?|ändere?|setze?|füge?|erstelle?|supprime[rz]?|efface[rz]?|achète|achete[rz]|paie|payer|"
    r"envoie|envoye[rz]|écris|écri(?:re|vez)|ajoute[rz]?|change[rz]?|mets|borrar?|eliminar?|elimini|comprar?|pagar?|"
    r"paga|envía|enviar|escribir?|escribe|añadir?|añade|cambiar?|rimuovi|compra|acquista|invia|scrivi|aggiungi|cambia"
    r")\b"
)
_AND = (
    r"(?:\b(?:and|then|und|dann|et|puis|y|luego|e|poi)|[,;])\s+"
    r"(?:(?:then|please|also|dann|bitte|puis|luego|poi) )?"
)
THEN = re.compile(_AND + _ORDER)
# After who, what and how another verb is most often a part of the question; an order says what it is about.
THEN_IT = re.compile(
    _AND + _ORDER + r" (?:it|them|that|this|these|those|the|an?|my|our|his|her|their|all|both|…|\d|es|sie|le|la|lo)\b"
)
QUOTED = re.compile(
    r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*’|‹[^›]*›|「[^」]*」|(?<!\w)'[^']*'(?!\w)|(?<!\w)`[^`]*`"
)
