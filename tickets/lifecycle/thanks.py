"""Is a message nothing but a "thank you"? (T3: it offers to stay closed.)"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 160
QUOTED = re.compile(
    r"^(?:>|on .{5,120} wrote:|am .{5,120} schrieb|le .{5,120} a écrit|-{2,}\s*$|_{5,}|from:|von:|de :)", re.I
)

# A message is a bare thank-you when, said without punctuation and emoji, nothing is left once these are taken away.
# A question, a number or any other word means that the customer said more.
THANKS = (
    "thank you so very much|thank you so much|thank you very much|thank you|thanks a lot|thanks a million|many thanks|"
    "thanks so much|thanks again|thanks|thx|ty|cheers|much appreciated|"
    "vielen lieben dank|vielen dank|herzlichen dank|besten dank|danke schon|danke schön|dankeschon|dankeschön|"
    "danke sehr|danke|"
    "merci beaucoup|mille mercis|un grand merci|merci bien|merci|"
    "muchas gracias|muchisimas gracias|mil gracias|gracias|"
    "grazie mille|molte grazie|tante grazie|grazie|"
    "muito obrigado|muito obrigada|obrigado|obrigada|"
    "hartelijk dank|heel erg bedankt|dank je wel|dank u wel|dankjewel|dank u|bedankt|"
    "tusen takk|mange takk|takk skal du ha|takk|mange tak|tak|tack så mycket|tack sa mycket|tack|kiitos paljon|kiitos|"
    "bardzo dziękuję|bardzo dziekuje|dziękuję|dziekuje|dzięki|dzieki|"
    "большое спасибо|спасибо большое|спасибо|дякую|"
    "תודה רבה|תודה|شكرا جزيلا|شكرا|ขอบคุณมากครับ|ขอบคุณมากค่ะ|ขอบคุณครับ|ขอบคุณค่ะ|ขอบคุณ|"
    "ありがとうございます|ありがとうございました|ありがとう|谢谢|謝謝|감사합니다"
)
AROUND = (
    "hello|hi|dear all|dear team|hallo|bonjour|hola|ciao|hei|hej|"
    "all good now|all good|it works now|works now|it works|that works|works|that worked|it worked|perfect|great|"
    "excellent|"
    "wonderful|super|awesome|brilliant|ok|okay|solved|it is solved|its solved|problem solved|for your help|"
    "for the help|"
    "for your quick help|for your reply|for the quick reply|for your support|for everything|again|so much|very much|"
    "best regards|kind regards|regards|best wishes|have a nice day|have a great day|you too|"
    "für die hilfe|für ihre hilfe|fur die hilfe|fur ihre hilfe|es funktioniert|funktioniert jetzt|funktioniert|"
    "perfekt|prima|"
    "alles gut|mit freundlichen grüßen|mit freundlichen grussen|viele grüße|viele grusse|"
    "pour votre aide|parfait|ça marche|ca marche|cordialement|por su ayuda|por la ayuda|perfecto|saludos|"
    "per il vostro aiuto|per l aiuto|perfetto|cordiali saluti|"
    "for hjelpen|for hjelpa|det fungerer|det virker|flott|supert|mvh|for hjælpen|för hjälpen|за помощь|все работает"
)
_SAYS = [sorted(group.casefold().split("|"), key=len, reverse=True) for group in (THANKS, AROUND)]
_THANKED = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _SAYS[0]))})(?!\w)")
_ELSE = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _SAYS[1]))})(?!\w)")


def is_bare_thanks(text: str) -> bool:
    """Nothing but thanks and courtesies, in a few languages. In doubt no: a need that is missed costs more (T3).

    Quoted text below is left out; a name on a line of its own after the thanks counts as a signature.
    """
    lines = _own_lines(text)
    if not lines or sum(map(len, lines)) > LONGEST or "?" in "".join(lines):
        return False
    thanked, signed = False, False
    for line in lines:
        rest, found = _strip(line)
        thanked = thanked or found
        if not rest:
            continue
        if not thanked or signed or found or not _is_name(line):
            return False
        signed = True
    return thanked


def _own_lines(text: str) -> list[str]:
    own: list[str] = []
    for line in text.strip().splitlines():
        if QUOTED.match(line.strip()):
            break
        if line.strip():
            own.append(line.strip())
    return own


def _strip(line: str) -> tuple[str, bool]:
    line = unicodedata.normalize("NFC", line).casefold()
    plain = "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in line)
    plain = " ".join(plain.split())
    rest, count = _THANKED.subn(" ", plain)
    return _ELSE.sub(" ", rest).strip(), bool(count)


def _is_name(line: str) -> bool:
    words = line.replace("-", "").replace(".", "").strip(" ,!").split()
    return 1 <= len(words) <= 3 and all(word[:1].isupper() and word.isalpha() for word in words)
