"""PDF files: the words of their pages as paragraphs, without headers, footers, page numbers and divided words.

Outlet and day of a page's margins count where the article itself says none.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise, takewhile
from statistics import median

from corpus.article import Article
from corpus.cleaning.fields import known_fields
from corpus.cleaning.text_tables import in_columns, is_table, row_of
from corpus.errors import ReadError
from corpus.readers.documents.pdf_pages import Line, Page, read_pages, take_margins
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
    pages, properties = read_pages(file.stream, where=file.where)
    letters = sum(c.isalnum() for page in pages for line in page.lines for c in line.text)
    if letters < _FEWEST_LETTERS:
        why = "its pages are pictures, or empty: run text recognition (OCR) over it and add the result"
        raise ReadError(file.where, f"the PDF file has no text; {why}")
    title, text, margins = pdf_text(pages)
    own = {name: properties.get(name, "") for name in ("title", "author")}
    if _NO_TITLE.fullmatch(own["title"].strip()):
        del own["title"]
    yield document_article(file, text, title, margins | known_fields(own))


def pdf_text(pages: Sequence[Page]) -> tuple[str, str, dict[str, str]]:
    """Return the title ("" where the first page has none in larger letters), the paragraphs, what the margins tell."""
    kept, fields = take_margins(pages)
    lines = [line for page in kept for line in page]
    if not lines:
        return "", "", fields
    sizes = Counter(round(line.size, 1) for line in lines for _ in line.text)
    title, body = _title(lines, sizes.most_common(1)[0][0])
    words = Counter(word.lower() for line in lines for word in _WORD.findall(line.text))
    return _joined(title, words), _joined("\n\n".join(_blocks(body)), words), fields


def _title(lines: list[Line], usual: float) -> tuple[str, list[Line]]:
    """Return the largest words among the first lines, and the lines without them. usual: the size of most letters."""
    top = lines[:12]
    largest = max(line.size for line in top)
    start = next(number for number, line in enumerate(top) if line.size == largest)
    of_title = list(takewhile(lambda line: abs(line.size - largest) < 0.5, lines[start : start + _MOST_TITLE_LINES]))
    words = "\n".join(line.text for line in of_title)
    if largest < _TITLE_SIZE * usual or not 2 <= len(words.split()) <= 40:
        return "", lines
    return words, lines[:start] + lines[start + len(of_title) :]


def _blocks(lines: Sequence[Line]) -> Iterator[str]:
    """Yield the paragraphs, line by line, and the rows of tables: several lines beside each other, several times."""
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
            yield from _paragraphs(waiting)
            yield from map(row_of, cells)
            waiting = []
        else:
            waiting += [line for row in beside for line in row]
    yield from _paragraphs(waiting)


def _paragraphs(lines: Sequence[Line]) -> Iterator[str]:
    gaps = [a.bottom - b.bottom for a, b in pairwise(lines) if 0 < a.bottom - b.bottom < 4 * a.size]
    leading = median(gaps) if gaps else 0.0
    gathered: list[Line] = []
    for line in lines:
        if gathered and _begins(gathered, line, leading):
            yield "\n".join(each.text for each in gathered)
            gathered = []
        gathered.append(line)
    if gathered:
        yield "\n".join(each.text for each in gathered)


def _begins(gathered: Sequence[Line], line: Line, leading: float) -> bool:
    """Return whether a line begins a paragraph, by its letters, the space above it, its indent and the end above it."""
    above = gathered[-1]
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
    if above.left + 0.8 * line.size < line.left < right and not _BULLET.match(gathered[0].text):
        return ended or above.right < right - 0.1 * width
    short = len(gathered) > 1 and above.right < right - 0.2 * max(width, 1.0)
    return short and ended


def _joined(text: str, words: Counter[str]) -> str:
    """Return paragraphs with their lines joined, divided words whole again; `words` counts those of the document."""

    def mended(match: re.Match[str]) -> str:
        whole, compound = f"{match[1]}{match[2]}".lower(), f"{match[1]}-{match[2]}".lower()
        divided = match[2][0].islower() and not (words[compound] and not words[whole])
        return match[1] if divided else f"{match[1]}-"

    text = re.sub(r"([^\W\d_]+)-\n(?=([^\W\d_]+))", mended, text)
    return re.sub(r"(?<!\n)\n(?!\n)", " ", re.sub(r"(?<=[0-9A-Za-z]-)\n(?!\n)", "", text))


# Some have other bytes before their mark.
PDF = Format("PDF", frozenset((".pdf",)), _read, lambda head: b"%PDF-" in head[:1024], isolated=True)
