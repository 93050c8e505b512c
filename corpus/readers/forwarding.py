"""Who wrote the words of a mail, when, and which are theirs: senders, mails passed on, and what an answer quotes."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import getaddresses, parsedate_to_datetime

from corpus.cleaning.byline import is_name, is_outlet
from corpus.cleaning.written_dates import iso_date

REPLY = re.compile(r"(?:(?:fwd?|fw|re|aw|antw|wg|tr|rv|rif|sv|vb|vs|i|r)\s?(?:\[\d\])?:\s?)+", re.IGNORECASE)
"""What mail programs put before the subject of an answer or of a mail that is passed on."""

_ANSWER = re.compile(r"(?:re|aw|antw|sv|r)\s?(?:\[\d\])?:", re.IGNORECASE)
_FORWARDED = re.compile(
    r"[ >*]*(?:-{2,} ?(?:forwarded|original|weitergeleitete|urspr\w+|message transf\w+) ?(?:message|nachricht|\w+)? ?"
    r"-{2,}|begin forwarded message:|anfang der weitergeleiteten nachricht:|-{5,} ?forwarded by .{1,80})[ *]*",
    re.IGNORECASE,
)
_LABELS = {
    "from": "from von de da van från fra od",
    "date": "date sent datum gesendet envoyé inviato enviado data fecha verzonden skickat sendt le",
    "subject": "subject betreff objet oggetto asunto assunto onderwerp ämne emne",
    "to": "to an à para a aan till til cc bcc kopie copie reply-to reply antwort",
}
_LABEL_OF = {name: field for field, names in _LABELS.items() for name in names.split()}
_LINE_OF_HEAD = re.compile(r"[ >*|]*\*?(?P<label>[^\W\d_][\w-]{0,11})\*? ?:\*?[* ]*(?P<value>.{0,500})")
_BLOCK_LINES = 10  # from the first to the last line of the head of a mail that is quoted without a line above it
_WROTE = re.compile(
    r"(?:On|Am|Le|El|Il|Op|Den) .{6,200} (?:wrote|schrieb .{0,80}|a écrit|escribió|ha scritto|schreef .{0,80}):"
)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_MOST_SIGNATURE_LINES = 12  # more below "-- " are part of the text
_MOST_CHAIN = 8  # mails passed on within each other
_OUTLET = re.compile(
    r"\b(?:the|press|office|desk|editors?|team|department|ministry|council|city|police|university|institute|service|"
    r"newsroom|communications?|relations|secretariat|association|union|foundation|society|agency|pr)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PassedOn:
    """A mail within the text of another: its words, who wrote it when, and what stands above it."""

    words: str
    known: dict[str, str]
    note: str


def passed_on(text: str, subject: str) -> PassedOn | None:
    """Return the innermost mail that the text of a mail passes on; None where it passes none on, or answers one."""
    found: PassedOn | None = None
    for _ in range(_MOST_CHAIN):
        inner = _next(text, subject if found is None else "")
        if inner is None:
            break
        found = PassedOn(inner.words, inner.known, inner.note if found is None else found.note)
        text = inner.words
    return found


def unquoted(text: str) -> str:
    """Return a text part without signature, what it answers to, and the marks of a text that is quoted as a whole."""
    lines = text.splitlines()
    marked = next((number for number, line in enumerate(lines) if _FORWARDED.fullmatch(line)), None)
    if marked is not None:  # what is passed on may be quoted as a whole
        return "\n".join([*lines[: marked + 1], *(re.sub(r"^(?:> ?)+", "", line) for line in lines[marked + 1 :])])
    written = [line for line in lines if line.strip()]
    if written and sum(line.startswith(">") for line in written) > 0.5 * len(written):
        return "\n".join(re.sub(r"^(?:> ?)+", "", line) for line in lines if not _WROTE.fullmatch(line.strip()))
    text = "\n".join(line for line in lines if not line.startswith(">") and not _WROTE.fullmatch(line.strip()))
    signature = _SIGNATURE.search(text)
    if signature and signature.start() and text.count("\n", signature.end()) <= _MOST_SIGNATURE_LINES:
        return text[: signature.start()]
    return text


def without_answered(text: str, subject: str) -> str:
    """Return the words of an answer without the mail below it that it answers to, as Outlook quotes it."""
    lines = text.splitlines()
    start = _block(lines) if _ANSWER.match(subject) else None
    above = "\n".join(lines[:start]) if start else ""
    return above if above.strip() else text


def sender(written: str) -> dict[str, str]:
    """Return the sender's name as writer where it is a person's, else as outlet."""
    try:
        name = next((name for name, _ in getaddresses([written]) if name), "")
    except (ValueError, IndexError, RecursionError):
        return {}
    name = name or ("" if "@" in written else written)  # Outlook names no address of a colleague
    name = re.sub(r"\s*\[mailto:.*", "", name).strip("\"'* ")
    writer, at, outlet = (part.strip() for part in re.sub(r"\s(?:at|from|via|\|)\s", "\x00", name).partition("\x00"))
    if at and is_name(writer):
        return {"author": writer, "source": outlet}
    if not name or "@" in name:
        return {}
    if "," in name and is_name(turned := " ".join(reversed(name.split(", ", 1)))):  # Lund, Eva
        name = turned
    return {"author": name} if is_name(name) and not is_outlet(name) and not _OUTLET.search(name) else {"source": name}


def day(written: str) -> str:
    """Return a mail's date and time with zone; the day alone where it has no zone."""
    try:
        moment: datetime = parsedate_to_datetime(written)
        return moment.isoformat() if moment.tzinfo else moment.date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return iso_date(re.sub(r"^\w{2,10}\.?, ", "", written)) or iso_date(written) or ""


def _next(text: str, subject: str) -> PassedOn | None:
    """Return the mail that a text passes on, whatever it passes on itself."""
    lines = text.splitlines()
    marked = next((number for number, line in enumerate(lines) if _FORWARDED.fullmatch(line)), None)
    start = marked + 1 if marked is not None else None if _ANSWER.match(subject) else _block(lines)
    if start is None:
        return None
    at, found = start, dict[str, str]()
    while at < len(lines):
        line = lines[at].strip(" >*|")
        field, value = _head_line(lines[at])
        if field:
            found.setdefault(field, value)
        elif line or ("subject" in found and not any(_head_line(later)[0] for later in lines[at + 1 : at + 2])):
            break
        at += 1
    words = "\n".join(lines[at:])
    if not words.strip() or "from" not in found:
        return None
    known = sender(found["from"]) | {"title": REPLY.sub("", found.get("subject", ""), count=1)}
    known["published"] = day(found.get("date", ""))
    above = lines[: marked if marked is not None else start]
    return PassedOn(words, {name: value for name, value in known.items() if value}, "\n".join(above).strip())


def _block(lines: list[str]) -> int | None:
    """Return the line at which the head of a mail begins that is quoted without a line above it, as Outlook does."""
    for number, line in enumerate(lines):
        if _head_line(line)[0] != "from":
            continue
        fields = [field for field, _ in map(_head_line, lines[number : number + _BLOCK_LINES]) if field]
        if "date" in fields and "subject" in fields:
            return number
    return None


def _head_line(line: str) -> tuple[str, str]:
    """Return what a line of a mail's head names and its value; "" for another line."""
    match = _LINE_OF_HEAD.fullmatch(line)
    field = _LABEL_OF.get(match["label"].lower(), "") if match else ""
    return (field, match["value"].strip(" *")) if match and field else ("", "")
