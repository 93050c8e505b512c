"""A day's paper as an e-book: outlet, day, sections and addresses of its articles, without calibre's own links."""

from collections.abc import Callable

import pytest
import sample_files as s
from sample_files import BODY, SECOND

from corpus.article import Article
from corpus.errors import ReadError
from corpus.scan.read import read_bytes

SHORT = "The swimming bath opens again on the first of June, the town council said on Monday."
FOOT = (
    '<div class="calibre_navbar"><p>This article was downloaded by <strong>calibre</strong> from '
    '<a href="https://quay.example/{0}">https://quay.example/{0}</a></p><p>| <a href="x">Next</a> | '
    '<a href="x">Section Menu</a> | <a href="x">Main Menu</a> |</p></div>'
)


def point(title: str, name: str, *inner: str) -> str:
    return f'<navPoint><navLabel><text>{title}</text></navLabel><content src="{name}"/>{"".join(inner)}</navPoint>'


def line(title: str, name: str, *inner: str) -> str:
    return f'<li><a href="{name}">{title}</a>{"<ol>" + "".join(inner) + "</ol>" if inner else ""}</li>'


def listed(each: Callable[..., str]) -> str:
    gate, bath = each("Gate opened at noon", "feed_0/a.html"), each("Bath to open", "feed_0/b.html")
    town = each("Town", "feed_0/index.html", gate, bath)
    return town + each("Sport", "feed_1/index.html", each("Late goal", "feed_1/c.html"))


NCX = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{listed(point)}</navMap></ncx>'
NAV = f'<html xmlns="http://www.w3.org/1999/xhtml"><body><nav><ol>{listed(line)}</ol></nav></body></html>'


def issue(contents: str, media_type: str, metadata: str) -> bytes:
    menu = s.chapter("Town", f"Gate opened at noon. {BODY}", f"Bath to open. {SHORT} {SECOND}")
    pages = {
        "feed_0/index.html": menu,
        "feed_0/a.html": s.chapter("Gate opened at noon", "By Ines Falk", BODY, SECOND).replace(
            "</body>", FOOT.format("gate") + "</body>"
        ),
        "feed_0/b.html": s.chapter("Bath to open", SHORT).replace("</body>", FOOT.format("bath") + "</body>"),
        "feed_1/index.html": menu.replace("Town", "Sport"),
        "feed_1/c.html": s.chapter("Late goal", SECOND, BODY).replace("<body>", "<body><p>| Next | Section Menu |</p>"),
    }
    book = s.epub_of(pages | {"toc.part": contents}, spine=list(pages), metadata=metadata)
    return s.with_contents(book, "toc.part", media_type=media_type)


CALIBRE = (
    "<dc:title>The Quay [Mon, 03 May 2021]</dc:title><dc:creator>calibre</dc:creator><dc:publisher>calibre"
    "</dc:publisher><dc:date>2021-05-04T01:10:00+00:00</dc:date><dc:language>en</dc:language>"
    '<meta name="calibre:publication_type" content="periodical:newspaper:The Quay"/>'
)
UNMARKED = "<dc:title>The Quay, 3 May 2021</dc:title><dc:creator>calibre</dc:creator><dc:language>en</dc:language>"


def read(data: bytes) -> list[Article]:
    errors: list[ReadError] = []
    articles = list(read_bytes(data, name="quay.epub", on_bad=errors.append))
    assert errors == []
    return articles


@pytest.mark.parametrize("metadata", [CALIBRE, UNMARKED])
@pytest.mark.parametrize(("contents", "kind"), [(NCX, "application/x-dtbncx+xml"), (NAV, "nav")])
def test_an_issue_gives_outlet_day_sections_and_addresses(contents: str, kind: str, metadata: str) -> None:
    gate, bath, goal = read(issue(contents, kind, metadata))
    assert [a.source for a in (gate, bath, goal)] == ["The Quay"] * 3
    assert [a.published for a in (gate, bath, goal)] == ["2021-05-03"] * 3
    assert [(a.title, a.section, a.url) for a in (gate, bath, goal)] == [
        ("Gate opened at noon", "Town", "https://quay.example/gate"),
        ("Bath to open", "Town", "https://quay.example/bath"),
        ("Late goal", "Sport", None),
    ]
    assert (gate.author, gate.text) == ("Ines Falk", f"{BODY}\n\n{SECOND}")
    assert (bath.text, goal.text) == (SHORT, f"{SECOND}\n\n{BODY}")


def test_a_book_with_a_list_of_contents_stays_one_article() -> None:
    metadata = "<dc:title>The Keeper of the Weir</dc:title><dc:creator>Ines Falk</dc:creator>"
    (book,) = read(issue(NCX, "application/x-dtbncx+xml", metadata))
    assert (book.title, book.author, book.source) == ("The Keeper of the Weir", "Ines Falk", None)
