"""What press databases give to download as text: Nexis, Factiva and ProQuest put many articles into one file.

Each article comes with labelled lines around it. The labels are those of the databases' own help pages
and files. A file of which no part looks so is an ordinary text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from corpus.cleaning.byline import is_name
from corpus.cleaning.written_dates import DATE

Record = dict[str, object]

_BLANK_LINES = re.compile(r"\n[ \t]*\n")
_NUMBERED = re.compile(r"(?m)^[ \t]*(?:Document )?\d{1,5} of \d{1,5} (?:DOCUMENTS?|results?)[ \t]*$", re.IGNORECASE)
_END = re.compile(r"(?m)^[ \t]*End of Document[ \t]*$")
_BODY = re.compile(r"(?mi)^[ \t]*body:?[ \t]*$")
_DATE_LINE = re.compile(rf"(?P<date>{DATE})(?: [A-Z][a-z]+day)?(?: .{{0,60}})?", re.IGNORECASE)
_NEXIS_LABEL = re.compile(r"(?P<label>[A-Za-z-]{3,16}):[ \t]*(?P<value>.*)", re.DOTALL)
_NEXIS_FIELDS = {
    "byline": "author", "section": "section", "headline": "title", "dateline": "place", "language": "language",
    "url": "url",
}  # fmt: skip
_AFTER_BODY = frozenset(
    "url graphic load-date language publication-type journal-code subject organization company ticker industry person "
    "city state country geographic notes correction type document-type acc-no terms".split()
)
_ABOVE_BODY = frozenset("byline section length dateline headline highlight series column".split())
_LONGEST_FIELD = 200  # characters below a text; a longer paragraph that begins like one is the text's
_CLASSIFICATION = re.compile(
    r"classification|graphics?|notes|load-date|link to (?:image|pdf)|copyright (?:\(c\) |© )?\d{4} .{0,200}",
    re.IGNORECASE,
)
_IN_CONTENTS = re.compile(r"\d{1,4}\. ")  # a line of the list of contents that names the title too
_RIGHTS = re.compile(r"(?:copyright|\(c\)|©|all rights reserved).{0,200}", re.IGNORECASE)

_FACTIVA_END = re.compile(r"(?m)^[ \t]*(?:AN[ \t]+)?Document [A-Za-z0-9]{18,32}[ \t]*$")
_FACTIVA_FIELD = re.compile(r"(?m)^[ \t]*(?P<code>[A-Z]{2,3})(?:[ \t]{1,8}(?P<value>\S.*))?[ \t]*$")
_FACTIVA_CODES = frozenset(
    "SE HD BY CR WC PD ET SN SC ED PG VOL LA CY LP TD ART CT RF CO IN NS RE IPC IPD PUB AN".split()
)
_FACTIVA_FIELDS = {
    "HD": "title", "BY": "author", "PD": "published", "SN": "source", "SE": "section", "LA": "language",
}  # fmt: skip
_FACTIVA_LINES = re.compile(  # below title and writer: words, day, time, outlet
    rf"(?mi)^[ \t]*\d[\d,.]* words[ \t]*\n[ \t]*(?P<date>{DATE})[ \t]*\n(?:[ \t]*\d{{1,2}}:\d\d(?: [A-Z]{{2,4}})?\n)?"
    r"[ \t]*(?P<source>\S.*)$"
)
_MOST_SECTION_WORDS = 5

_RULE = re.compile(r"(?m)^[ \t]*_{20,}[ \t]*$")
_FULL_TEXT = re.compile(r"(?m)^[ \t]*Full text(?::[ \t]*|[ \t]*$)", re.IGNORECASE)
_DETAILS = re.compile(r"\n[ \t]*DETAILS[ \t]*$")
_PROQUEST_FIELDS = {
    "Title": "title", "Author": "author", "Publication title": "source", "Publication date": "published",
    "Section": "section", "Language of publication": "language", "ProQuest document ID": "id", "Document URL": "url",
}  # fmt: skip
_PROQUEST_LABEL = re.compile(
    rf"(?m)^[ \t]*(?P<label>{'|'.join(_PROQUEST_FIELDS)}|Pages|Publication year|Publisher|Source type|Subject|Location|"
    r"Abstract|Links|First page|Volume|Issue|Document type|Place of publication|Country of publication|ISSN|Copyright|"
    r"Credit|Publication subject|Database|Last updated|Company ?/ ?organization|People|Dateline):[ \t]*(?P<value>.*)$"
)
_OWN_LABELS = frozenset(("Publication title", "ProQuest document ID"))


def press_records(text: str) -> list[Record]:
    """Return the fields of each article of a database's download; empty for another text.

    A record without a `text` is an article that has none, or whose text was not found.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for found in (_nexis(text), _factiva(text), _proquest(text)):
        records = list(found)
        if any(record.get("text") for record in records):
            return records
    return []


def _nexis(text: str) -> Iterator[Record]:
    """Yield the articles of LexisNexis ("1 of 50 DOCUMENTS ... BODY:") and Nexis Uni ("Body ... End of Document")."""
    for part in _END.split(text) if _END.search(text) else _NUMBERED.split(text)[1:]:
        head, *body = _BODY.split(part, maxsplit=1)
        if body:
            paragraphs = [paragraph.strip("\n") for paragraph in _BLANK_LINES.split(body[0])]
            end = next((n for n, p in enumerate(paragraphs) if _ends_text(p.strip())), len(paragraphs))
            below = _nexis_fields(line for paragraph in paragraphs[end:] for line in paragraph.split("\n"))
            yield {**below, **_nexis_head(head), "text": "\n\n".join(paragraphs[:end]).strip()}


def _ends_text(paragraph: str) -> bool:
    """Tell whether a paragraph opens what Nexis adds below a text."""
    match = _NEXIS_LABEL.match(paragraph)
    is_field = match is not None and match["label"].lower() in _AFTER_BODY
    is_short = match is not None and (match["label"].isupper() or len(paragraph) < _LONGEST_FIELD)
    return (is_field and is_short) or _CLASSIFICATION.fullmatch(paragraph.split("\n")[0].strip()) is not None


def _nexis_fields(lines: Iterable[str]) -> Record:
    """Return the fields of labelled lines."""
    record: Record = {}
    for match in filter(None, (_NEXIS_LABEL.fullmatch(line.strip()) for line in lines)):
        label, value = match["label"].lower(), match["value"].strip()
        if label == "dateline":
            value = value.split(",")[0].title() if value.split(",")[0].isupper() else value.split(",")[0]
        if label in _NEXIS_FIELDS and value:
            record.setdefault(_NEXIS_FIELDS[label], value.split(";")[0] if label == "section" else value)
    return record


def _nexis_head(head: str) -> Record:
    """Return what stands above the text: outlet, day and title by their places, the rest by its labels."""
    lines = [line.strip() for line in head.split("\n") if line.strip()]
    days = [(place, match["date"]) for place, line in enumerate(lines) if (match := _DATE_LINE.fullmatch(line))]
    day, date = days[-1] if days else (0, "")  # what stands above may be a cover page or a list of contents
    record = _nexis_fields(lines[day:])
    if days:
        record["published"] = date
    if day:
        record["source"] = lines[day - 1]
    if days and "title" not in record:
        above = lines[day - 2] if day > 1 else ""
        paragraphs = (" ".join(paragraph.split()) for paragraph in _BLANK_LINES.split(head))
        titles = (p for p in paragraphs if above and p.endswith(above) and not _IN_CONTENTS.match(p))
        labelled = (n for n in range(day, len(lines)) if lines[n].split(":")[0].lower() in _ABOVE_BODY)
        below = [line for line in lines[day + 1 : next(labelled, len(lines))] if not _RIGHTS.match(line)]
        record["title"] = next(titles, above) or next(reversed(below), "")
    return record


def _factiva(text: str) -> Iterator[Record]:
    """Yield the articles of Factiva, by its two-letter codes or, without them, by the lines above each text."""
    start = 0
    for end in _FACTIVA_END.finditer(text):
        part, start = text[start : end.start()], end.end()
        fields = [m for m in _FACTIVA_FIELD.finditer(part) if m["code"] in _FACTIVA_CODES]
        codes = {m["code"] for m in fields}
        record = _by_codes(part, fields) if {"HD", "LP"} <= codes else _by_lines(part)
        yield {**record, "id": end[0].split()[-1]}


def _by_codes(part: str, fields: Sequence[re.Match[str]]) -> Record:
    values: dict[str, str] = {}
    for field, following in zip(fields, [*fields[1:], None], strict=True):
        end = following.start() if following else len(part)
        values.setdefault(field["code"], f"{field['value'] or ''}{part[field.end() : end]}".strip())
    record: Record = {name: " ".join(values[c].split()) for c, name in _FACTIVA_FIELDS.items() if values.get(c)}
    return record | {"text": "\n\n".join(values[code] for code in ("LP", "TD") if values.get(code))}


def _by_lines(part: str) -> Record:
    """Return the fields of lines in a fixed order: section, title, writer, words, day, time, outlet, code, page."""
    match = _FACTIVA_LINES.search(part)
    before = [line.strip() for line in part[: match.start()].split("\n") if line.strip()] if match else []
    if match is None or not before:
        return {}
    author = before.pop() if len(before) > 1 and (before[-1].lower().startswith("by ") or is_name(before[-1])) else ""
    section = ""
    if len(before) > 1 and len(before[0].split()) <= _MOST_SECTION_WORDS:
        going_on = f"{before[0]} {before[1].split()[0]}"  # a wrapped title would have gone on so in its first line
        section = before.pop(0) if len(going_on) <= max(map(len, before)) else ""
    fields = {"title": " ".join(before), "author": author, "section": section, "source": match["source"]}
    return {**fields, "published": match["date"], "text": part[match.end() :].partition("\n\n")[2].strip()}


def _proquest(text: str) -> Iterator[Record]:
    """Yield the articles of ProQuest: rules between them, "Full text:", and labelled lines below it."""
    for part in _RULE.split(text):
        labels = list(_PROQUEST_LABEL.finditer(part))
        full = _FULL_TEXT.search(part) or next((label for label in labels if label["label"] == "Abstract"), None)
        if full is None or _OWN_LABELS.isdisjoint(label["label"] for label in labels):
            continue
        begin = full.end() if full.re is _FULL_TEXT else full.start("value")
        end = next((label.start() for label in labels if label.start() >= begin), len(part))
        found = {label["label"]: label["value"].strip() for label in reversed(labels) if label["value"].strip()}
        record: Record = {field: found[label] for label, field in _PROQUEST_FIELDS.items() if label in found}
        record["source"] = found.get("Publication title", "").split(";")[0]
        names = found.get("Author", "").split("; ")
        record["author"] = "; ".join(" ".join(reversed(name.split(", ", 1))) for name in names)
        yield record | {"text": _DETAILS.sub("", part[begin:end].rstrip()).strip()}
