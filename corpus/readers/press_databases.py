"""What press databases give to download as text: Nexis, Factiva and ProQuest put many articles into one file.

Each article comes with labelled lines around it. The labels are those of the databases' own help pages
and files. A file of which no part looks so is an ordinary text.
"""

import re
from collections.abc import Iterator, Sequence

from corpus.cleaning.byline import is_name
from corpus.cleaning.written_dates import DATE

Record = dict[str, object]

_DATE_LINE = re.compile(rf"(?P<date>{DATE})(?: [A-Z][a-z]+day)?(?: .{{0,60}})?", re.IGNORECASE)
_NUMBERED = re.compile(r"(?m)^[ \t]*(?:Document )?\d{1,5} of \d{1,5} (?:DOCUMENTS?|results?)[ \t]*$", re.IGNORECASE)
_END = re.compile(r"(?m)^[ \t]*End of Document[ \t]*$")
_FACTIVA_END = re.compile(r"(?m)^[ \t]*(?:AN[ \t]+)?Document [A-Za-z0-9]{18,32}[ \t]*$")
_FACTIVA_FIELD = re.compile(r"(?m)^[ \t]*(?P<code>[A-Z]{2,3})(?:[ \t]{1,8}(?P<value>\S.*))?[ \t]*$")
_FACTIVA_CODES = frozenset(
    "SE HD BY CR WC PD ET SN SC ED PG VOL LA CY LP TD ART CT RF CO IN NS RE IPC IPD PUB AN".split()
)
_MOST_SECTION_WORDS = 5
_LONGEST_FIELD = 200  # characters below a text; a longer paragraph that begins like one is the text's
_WORDS = re.compile(r"\d[\d,.]* words")
_RULE = re.compile(r"(?m)^[ \t]*_{20,}[ \t]*$")
_FULL_TEXT = re.compile(r"(?m)^[ \t]*Full text(?::[ \t]*|[ \t]*$)", re.IGNORECASE)
_DETAILS = re.compile(r"\n[ \t]*DETAILS[ \t]*$")
_PROQUEST_LABEL = re.compile(
    r"(?m)^[ \t]*(?P<label>Title|Author|Publication title|Publication date|Section|Language of publication|"
    r"ProQuest document ID|Document URL|Pages|Publication year|Publisher|Source type|Subject|Location|Abstract|Links|"
    r"First page|Volume|Issue|Document type|Place of publication|Country of publication|ISSN|Copyright|Credit|"
    r"Publication subject|Database|Last updated|Company ?/ ?organization|People|Dateline):[ \t]*(?P<value>.*)$"
)
_OWN_LABELS = frozenset(("Publication title", "ProQuest document ID"))
_NEXIS_LABEL = re.compile(
    r"(?P<label>byline|section|length|dateline|headline|highlight|series|column|url|graphic|load-date|language|"
    r"publication-type|journal-code|subject|organization|company|ticker|industry|person|city|state|country|geographic|"
    r"notes|correction|type|copyright|document-type|acc-no|terms):[ \t]*(?P<value>.*)",
    re.IGNORECASE | re.DOTALL,
)
_AFTER_BODY = frozenset(
    "url graphic load-date language publication-type journal-code subject organization company ticker industry person "
    "city state country geographic notes correction type document-type acc-no terms".split()
)
_BODY = re.compile(r"body:?", re.IGNORECASE)
_CLASSIFICATION = re.compile(
    r"classification|graphics?|notes|load-date|link to (?:image|pdf)|copyright (?:\(c\) |© )?\d{4} .{0,200}",
    re.IGNORECASE,
)
_IN_CONTENTS = re.compile(r"\d{1,4}\. ")  # a line of the list of contents that names the title too
_RIGHTS = re.compile(r"(?:copyright|\(c\)|©|all rights reserved).{0,200}", re.IGNORECASE)


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
        paragraphs = [" ".join(p.split("\n")).strip() for p in re.split(r"\n[ \t]*\n", part)]
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        body = next((place for place, line in enumerate(lines) if _BODY.fullmatch(line)), None)
        if body is None:
            continue
        record = _nexis_head(lines[:body], [p for p in paragraphs if p])
        record["text"], after = _nexis_body(part)
        yield {**after, **record}


def _nexis_head(lines: Sequence[str], paragraphs: Sequence[str]) -> Record:
    """Return what stands above the text: outlet, day and title by their places, the rest by its labels."""
    record: Record = {}
    days = [(place, match["date"]) for place, line in enumerate(lines) if (match := _DATE_LINE.fullmatch(line))]
    day, date = days[-1] if days else (0, "")  # what stands above may be a cover page or a list of contents
    label = len(lines)
    for place, line in enumerate(lines[day:], start=day):
        if (match := _NEXIS_LABEL.fullmatch(line)) and match["label"].lower() != "copyright":
            label = min(label, place)
            _note_nexis(record, match["label"].lower(), match["value"])
    if not days:
        return record
    record["published"] = date
    if day:
        record["source"] = lines[day - 1]
    below = [line for line in lines[day + 1 : label] if not _RIGHTS.match(line)]
    above = lines[: day - 1] if day > 1 else []
    if "title" not in record:
        titles = [p for p in paragraphs if above and p.endswith(above[-1]) and not _IN_CONTENTS.match(p)] or above[-1:]
        record["title"] = (below[-1] if below else "") if not titles else titles[0]
    return record


def _note_nexis(record: Record, label: str, value: str) -> None:
    names = {"byline": "author", "section": "section", "headline": "title", "language": "language", "url": "url"}
    if label == "dateline":
        record["place"] = value.split(",")[0].title() if value.split(",")[0].isupper() else value.split(",")[0]
    elif label in names and value.strip():
        value = value.split(";")[0] if label == "section" else value
        record.setdefault(names[label], value.strip())


def _nexis_body(part: str) -> tuple[str, Record]:
    """Return the text between its label and what comes after, and the fields told there."""
    _, _, rest = re.split(r"(?mi)^([ \t]*body:?[ \t]*)$", part, maxsplit=1)
    kept: list[str] = []
    after: Record = {}
    ended = False
    for paragraph in re.split(r"\n[ \t]*\n", rest):
        words = paragraph.strip()
        match = _NEXIS_LABEL.fullmatch(words)
        if match and match["label"].lower() in _AFTER_BODY:
            ended = ended or match["label"].isupper() or len(words) < _LONGEST_FIELD
        ended = ended or _CLASSIFICATION.fullmatch(words.split("\n", 1)[0].strip()) is not None
        if not ended:
            kept.append(paragraph.strip("\n"))
            continue
        for line in words.split("\n"):
            if label := _NEXIS_LABEL.fullmatch(line.strip()):
                _note_nexis(after, label["label"].lower(), label["value"])
    return "\n\n".join(kept).strip(), after


def _factiva(text: str) -> Iterator[Record]:
    """Yield the articles of Factiva, by its two-letter codes or, without them, by the lines above each text."""
    ends = list(_FACTIVA_END.finditer(text))
    start = 0
    for end in ends:
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
    names = {"HD": "title", "BY": "author", "PD": "published", "SN": "source", "SE": "section", "LA": "language"}
    record: Record = {name: " ".join(values[code].split()) for code, name in names.items() if values.get(code)}
    record["text"] = "\n\n".join(values[code] for code in ("LP", "TD") if values.get(code))
    return record


def _by_lines(part: str) -> Record:
    """Return the fields of lines in a fixed order: section, title, writer, words, day, time, outlet, code, page."""
    above: list[str] = []
    body, count = part.lstrip(), None
    while count is None and body and len(above) < 40:  # a title may have a blank line below it
        head, _, body = body.partition("\n\n")
        above += [line.strip() for line in head.split("\n") if line.strip()]
        count = next((place for place, line in enumerate(above) if _WORDS.fullmatch(line)), None)
    if not count or len(above) < count + 3 or not _DATE_LINE.fullmatch(above[count + 1]):
        return {}
    below = [line for line in above[count + 2 :] if not re.fullmatch(r"\d{1,2}:\d\d(?: [A-Z]{2,4})?", line)]
    before = above[:count]
    author = before.pop() if len(before) > 1 and (before[-1].lower().startswith("by ") or is_name(before[-1])) else ""
    section = ""
    if len(before) > 1 and len(before[0].split()) <= _MOST_SECTION_WORDS:
        going_on = f"{before[0]} {before[1].split()[0]}"  # a wrapped title would have gone on so in its first line
        section = before.pop(0) if len(going_on) <= max(map(len, before)) else ""
    fields = {"title": " ".join(before), "author": author, "published": above[count + 1], "source": below[0]}
    fields["section"] = section
    return {**{name: value for name, value in fields.items() if value}, "text": body.strip()}


def _proquest(text: str) -> Iterator[Record]:
    """Yield the articles of ProQuest: rules between them, "Full text:", and labelled lines below it."""
    parts = _RULE.split(text)
    for part in parts:
        labels = list(_PROQUEST_LABEL.finditer(part))
        full = _FULL_TEXT.search(part) or next((label for label in labels if label["label"] == "Abstract"), None)
        if full is None or _OWN_LABELS.isdisjoint(label["label"] for label in labels):
            continue
        begin = full.end() if full.re is _FULL_TEXT else full.start("value")
        below = [label for label in labels if label.start() >= begin]
        record: Record = {}
        names = {
            "Title": "title", "Author": "author", "Publication title": "source", "Publication date": "published",
            "Section": "section", "Language of publication": "language", "ProQuest document ID": "id",
            "Document URL": "url",
        }  # fmt: skip
        for label in labels:
            if label["label"] in names and label["value"].strip():
                record.setdefault(names[label["label"]], label["value"].strip())
        if isinstance(source := record.get("source"), str):
            record["source"] = source.split(";")[0]
        if isinstance(author := record.get("author"), str):
            record["author"] = "; ".join(" ".join(reversed(name.split(", ", 1))) for name in author.split("; "))
        record["text"] = _DETAILS.sub("", part[begin : below[0].start() if below else len(part)].rstrip()).strip()
        yield record
