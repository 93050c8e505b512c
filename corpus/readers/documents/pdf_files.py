"""PDF files: the words of their pages as paragraphs, without headers, footers, page numbers and divided words.

Outlet and day of a page's margins count where the article itself says none.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

from corpus.article import Article
from corpus.cleaning.fields import known_fields
from corpus.cleaning.text_tables import in_columns, is_table, row_of
from corpus.errors import ReadError
from corpus.readers.documents.pdf_lines import Line, Page, read_document
from corpus.readers.documents.pdf_margins import head_fields, without_margins
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.text_files import document_article

_FEWEST_LETTERS = 20  # of all pages; what has fewer is a picture of a page
# Titles that programs give: names of files, and of the program that printed.
_NO_TITLE = re.compile(
    r"(?:microsoft word|powerpoint|untitled|document\d*|print|layout|slide)\b.*|.*\.\w{2,5}|\S+", re.IGNORECASE
)
_TITLE_SIZE = 1.2  # times the size of most letters
_MOST_TITLE_LINES = 4
_SENTENCE_END = re.compile(r"[.!?:…][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[•▪‣◦●·–—*-]|\(?\d{1,2}[.)])\s+\S")
_WORD = re.compile(r"\w+(?:[-’']\w+)*")


def _read(file: OpenFile) -> Iterator[Article]:
    """Yield the one article of the file. Raises ReadError for a locked or damaged file and for pictures of pages."""
    pages, properties = read_document(file.stream, where=file.where)
    letters = sum(c.isalnum() for page in pages for line in page.lines for c in line.text)
    if letters < _FEWEST_LETTERS:
        why = "its pages are pictures, or empty: run text recognition (OCR) over it and add the result"
        raise ReadError(file.where, f"the PDF file has no text; {why}")
    title, paragraphs, margins = pdf_text(pages)
    own = {name: properties.get(name, "") for name in ("title", "author")}
    if _NO_TITLE.fullmatch(own["title"].strip()):
        del own["title"]
    yield document_article(file, "\n\n".join(paragraphs), title, margins | known_fields(own))


def pdf_text(pages: Sequence[Page]) -> tuple[str, list[str], dict[str, str]]:
    """Return the title ("" where the first page has none in larger letters), the paragraphs, what the margins tell."""
    fields, heads = head_fields(pages)
    kept = without_margins(pages, heads)
    lines = [line for page in kept for line in page]
    if not lines:
        return "", [], fields
    sizes = Counter(round(line.size, 1) for line in lines for _ in line.text)
    title, first = _title(kept[0], sizes.most_common(1)[0][0])
    words = Counter(word.lower() for line in lines for word in _WORD.findall(line.text))
    body = [line for page in [first, *kept[1:]] for line in page]
    return title, list(_blocks(body, words)), fields


def _title(lines: list[Line], usual: float) -> tuple[str, list[Line]]:
    """Return the largest words among the first lines of the first page, and the lines without them.

    usual: the size of most letters.
    """
    top = lines[:12]
    largest = max((line.size for line in top), default=0.0)
    if largest < _TITLE_SIZE * usual:
        return "", lines
    start = next(number for number, line in enumerate(top) if line.size == largest)
    end = start
    while end < len(lines) and end - start < _MOST_TITLE_LINES and abs(lines[end].size - largest) < 0.5:
        end += 1
    words = _joined(lines[start:end], Counter())
    if not 2 <= len(words.split()) <= 40:
        return "", lines
    return words, lines[:start] + lines[end:]


def _blocks(lines: Sequence[Line], words: Counter[str]) -> Iterator[str]:
    """Yield the paragraphs and the rows of tables: several lines beside each other, and that several times below."""
    rows: list[list[Line]] = []
    for line in lines:
        last = rows[-1][-1] if rows else None
        if last and abs(last.bottom - line.bottom) < 0.3 * line.size and line.left > last.right:
            rows[-1].append(line)
        else:
            rows.append([line])
    waiting: list[Line] = []
    for several, group in groupby(rows, key=lambda row: len(row) > 1):
        beside = list(group)
        cells = in_columns([[(cell.left, cell.right, cell.text) for cell in row] for row in beside]) if several else []
        if is_table(cells):
            yield from _paragraphs(waiting, words)
            yield from map(row_of, cells)
            waiting = []
        else:
            waiting += [line for row in beside for line in row]
    yield from _paragraphs(waiting, words)


def _paragraphs(lines: Sequence[Line], words: Counter[str]) -> Iterator[str]:
    if not lines:
        return
    gaps = [a.bottom - b.bottom for a, b in pairwise(lines) if 0 < a.bottom - b.bottom < 4 * a.size]
    leading = median(gaps) if gaps else 0.0
    gathered = [lines[0]]
    for number, (above, line) in enumerate(pairwise(lines), start=1):
        if _begins(gathered, above, line, leading, lines[number + 1] if number + 1 < len(lines) else None):
            yield _joined(gathered, words)
            gathered = []
        gathered.append(line)
    yield _joined(gathered, words)


def _begins(gathered: Sequence[Line], above: Line, line: Line, leading: float, below: Line | None) -> bool:
    """Return whether a line begins a paragraph, by its letters, the space above it, its indent and the end above it."""
    if above.hyphen:
        return False
    if abs(above.size - line.size) > 0.15 * max(above.size, line.size):
        return True
    if _BULLET.match(line.text) and _SENTENCE_END.search(above.text):
        return True
    drop = above.bottom - line.bottom
    ended = _SENTENCE_END.search(above.text) is not None
    if abs(drop) < 0.3 * line.size:  # beside it, as the cells of a table
        return False
    if drop < 0 or drop > 4 * line.size:  # the next column or page
        return ended and not line.text[:1].islower()
    if leading and drop > 1.35 * leading:
        return True
    right = max(g.right for g in gathered)
    width = right - min(g.left for g in gathered)
    indented = line.left > above.left + 0.8 * line.size and (below is None or below.left < line.left - 0.5 * line.size)
    if indented and line.left < right:
        return ended or above.right < right - 0.1 * width
    short = len(gathered) > 1 and above.right < right - 0.2 * max(width, 1.0)
    return short and ended


def _joined(lines: Sequence[Line], words: Counter[str]) -> str:
    """Return the words of lines as one line, divided words whole again; `words` counts those of the document."""
    text = lines[0].text
    for line in lines[1:]:
        head = re.search(r"([^\W\d_]+)-$", text)
        tail = re.match(r"[^\W\d_]+", line.text)
        if head is None or tail is None:
            text = f"{text}{'' if re.search(r'[0-9A-Za-z]-$', text) else ' '}{line.text}"
            continue
        whole, compound = f"{head[1]}{tail[0]}".lower(), f"{head[1]}-{tail[0]}".lower()
        divided = tail[0][0].islower() and not (words[compound] and not words[whole])
        text = f"{text[:-1] if divided else text}{line.text}"
    return text


# Some have other bytes before their mark.
PDF = Format("PDF", frozenset((".pdf",)), _read, lambda head: b"%PDF-" in head[:1024], isolated=True)
