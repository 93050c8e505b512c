"""Reading files: each format becomes a clean article, and a bad one costs no other."""

import json
import os
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import read_paths

from corpus.article import MAX_BYTES, Article
from corpus.errors import ReadError, UsageError
from corpus.scan.read import Overrides, read_bytes

BODY = "The river rose above its banks on Monday night and the water reached the old market of the town by dawn."
SECOND = "The mayor, who had asked for sandbags in March, said that nobody had been hurt."

# The shapes of exported articles, in invented words.
EXPORTED = f"""River talks with neighbours from today

Water minister says the drought upstream could become a drought downstream


Jane Doe March 06, 2023
REPRESENTATIONAL IMAGE

MULTAN:

{BODY}

"{SECOND}" read a statement issued here on Sunday.

COMMENTS

Replying to X

Comments are moderated and generally will be posted if they are on-topic and not abusive.

For more information, please see our Comments FAQ"""
SHORTCODES = f"""[vc_row][vc_column][vc_column_text dp_text_size=”size-4″]MULTAN: {BODY}
{SECOND}
“[The ministry] will act,” he said [sic].[/vc_column_text][/vc_column][/vc_row]"""

PAGE = f"""<!DOCTYPE html><html lang="en-GB"><head><title>Old market under water - The Daily Gazette</title>
<meta property="og:site_name" content="The Daily Gazette"><link rel="canonical" href="https://gazette.example/flood">
<script type="application/ld+json">{{"@context": "https://schema.org", "@type": "NewsArticle",
"headline": "Old market under water", "author": [{{"@type": "Person", "name": "Jane Doe"}}, {{"name": "John Roe"}}],
"datePublished": "2023-03-06T10:00:00+05:00", "dateModified": "2023-03-07", "articleSection": "Weather"}}</script>
<script>document.write("no words of the article")</script></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav><article><h1>Old market under water</h1>
<p>By Jane Doe and John Roe</p><p>MULTAN: {BODY}</p><div>Advertisement</div><p>{SECOND}</p>
<p>Share this article</p></article><footer>© 2023 The Daily Gazette</footer></body></html>"""


def read_all(paths: Sequence[Path], overrides: Overrides | None = None) -> tuple[list[Article], list[str]]:
    errors: list[ReadError] = []
    articles = list(read_paths(paths, overrides=overrides or Overrides(), on_bad=errors.append))
    return articles, [str(error) for error in errors]


def read_one(folder: Path, name: str, content: str | bytes) -> Article:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    articles, errors = read_all([path])
    assert errors == []
    assert len(articles) == 1
    assert articles[0].path == path.as_posix()
    return articles[0]


def error_of(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    articles, errors = read_all([path])
    assert articles == []
    assert len(errors) == 1
    assert errors[0].startswith(f"{path}")
    return errors[0].removeprefix(str(path)).removeprefix(": ")


def test_an_exported_text_comes_out_clean_with_all_that_it_says(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.txt", EXPORTED)
    assert article == Article(
        text="Water minister says the drought upstream could become a drought downstream"
        f"\n\nMULTAN: {BODY}\n\n"
        f'"{SECOND}" read a statement issued here on Sunday.',
        title="River talks with neighbours from today",
        author="Jane Doe",
        published="2023-03-06",
        place="Multan",
        language="en",
        path=article.path,
    )


def test_a_text_in_shortcodes_comes_out_clean_and_nothing_is_made_up(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.txt", SHORTCODES)
    text = f"MULTAN: {BODY}\n\n{SECOND}\n\n“[The ministry] will act,” he said [sic]."
    assert article == Article(text=text, place="Multan", language="en", path=article.path)


@pytest.mark.skipif("CITEWIRE_DATA" not in os.environ, reason="CITEWIRE_DATA is not set")
def test_the_sample_articles_come_out_clean() -> None:
    folder = Path(os.environ["CITEWIRE_DATA"]).parent / "articles"
    if not folder.is_dir():
        pytest.skip(f"no sample articles in {folder}")
    articles, errors = read_all([folder])
    assert errors == []
    facts = [(a.title, a.author, a.published, a.place, a.source, a.url) for a in articles]
    assert facts == [
        ("Counter-terror dialogue with US from today", "Kamran Yousaf", "2023-03-06", "Islamabad", None, None),
        (None, None, None, "Islamabad", None, None),
    ]
    assert [len(a.text.split("\n\n")) for a in articles] == [9, 14]
    for article in articles:
        text = article.text.lower()
        for furniture in ("[", "replying to", "moderated", "comments", "representational", "kamran"):
            assert furniture not in text
    assert articles[0].text.startswith("US State Department spokesperson says")
    assert "\n\nISLAMABAD: Pakistan and the United States will" in articles[0].text
    assert articles[1].text.startswith("ISLAMABAD: The United States hinted on Tuesday")
    assert articles[1].text.endswith("a deeper grasp of the terrorism danger.")


def test_labelled_lines_above_a_text_are_its_fields(tmp_path: Path) -> None:
    head = "Title: River talks\nBy-line: By Jane Doe\nDate: 6 March 2023\nSource: The Daily Gazette\n\n"
    article = read_one(tmp_path, "a.txt", head + BODY)
    assert (article.title, article.author, article.published, article.source, article.text) == (
        "River talks",
        "Jane Doe",
        "2023-03-06",
        "The Daily Gazette",
        BODY,
    )
    below_title = read_one(tmp_path, "c.txt", f"River talks\nSource: The Daily Gazette\n\n{BODY}")
    assert (below_title.title, below_title.source, below_title.text) == ("River talks", "The Daily Gazette", BODY)
    talk = read_one(tmp_path, "d.txt", f"River talks\nReporter: How long will it last?\nMayor: Two years.\n\n{BODY}")
    assert (talk.author, "How long" in talk.text) == (None, True)
    assert (
        read_one(tmp_path, "b.txt", f"Place: the final frontier.\n{BODY}").text
        == f"Place: the final frontier.\n\n{BODY}"
    )


MARKDOWN = """---
Headline: "River talks: today"
byline: [Jane Doe, John Roe]
outlet: The Daily Gazette
pubDate: 2023-03-06
updated: 2023-03-07T09:00:00+05:00
link: https://gazette.example/river
dateline: Multan
section: Weather
lang: en
---

# River talks: today

The **river** rose, the [mayor](https://gazette.example/mayor) said. ![a picture](x.jpg)
It *fell* on `Tuesday` &amp; stopped.

## What next

> “We wait,” he said.

- sand
- water

1. One

| dam | level |
| --- | --- |
| old | 3 m |

---

<div class="ad">Advertisement</div>

    indented words
"""


def test_markdown_gives_fields_and_plain_words(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.md", MARKDOWN)
    assert article.text.split("\n\n") == [
        "The river rose, the mayor said. It fell on Tuesday & stopped.",
        "What next",
        "“We wait,” he said.",
        "sand",
        "water",
        "One",
        "dam | level",
        "old | 3 m",
        "indented words",
    ]
    assert article == Article(
        text=article.text,
        title="River talks: today",
        source="The Daily Gazette",
        author="Jane Doe, John Roe",
        published="2023-03-06",
        modified="2023-03-07T09:00:00+05:00",
        url="https://gazette.example/river",
        place="Multan",
        section="Weather",
        language="en",
        path=article.path,
    )


def test_markdown_without_front_matter_has_its_heading_as_title(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.md", f"# River talks\n\nBy Jane Doe\n\n{BODY}\n\n---\n\n{SECOND}")
    assert (article.title, article.author, article.text) == ("River talks", "Jane Doe", f"{BODY}\n\n{SECOND}")
    assert read_one(tmp_path, "b.md", f"---\n\n{BODY}\n").text == BODY


def test_a_day_that_could_be_two_is_left_out(tmp_path: Path) -> None:
    assert read_one(tmp_path, "a.md", f"---\ntitle: River\ndate: 06/03/2023\n---\n{BODY}").published is None
    assert read_one(tmp_path, "b.md", f"---\ntitle: River\ndate: 13/03/2023\n---\n{BODY}").published == "2023-03-13"


def test_a_web_page_gives_its_article_and_its_own_data(tmp_path: Path) -> None:
    article = read_one(tmp_path, "a.html", PAGE)
    assert article == Article(
        text=f"MULTAN: {BODY}\n\n{SECOND}",
        title="Old market under water",
        source="The Daily Gazette",
        author="Jane Doe, John Roe",
        published="2023-03-06T10:00:00+05:00",
        modified="2023-03-07",
        url="https://gazette.example/flood",
        place="Multan",
        section="Weather",
        language="en",
        path=article.path,
    )


def test_the_text_of_a_page_without_markup_for_it_is_taken_from_its_data(tmp_path: Path) -> None:
    record = {"@type": "NewsArticle", "headline": "River talks", "articleBody": f"{BODY}\n\n{SECOND}"}
    page = f'<html><head><script type="application/ld+json">{json.dumps(record)}</script></head><body></body></html>'
    article = read_one(tmp_path, "a.html", page)
    assert (article.title, article.text) == ("River talks", f"{BODY}\n\n{SECOND}")


def test_a_page_is_read_in_the_encoding_that_it_declares(tmp_path: Path) -> None:
    page = f'<html><head><meta charset="iso-8859-2"></head><body><p>Řeka stoupla. {BODY}</p></body></html>'
    assert read_one(tmp_path, "a.html", page.encode("iso8859_2")).text == f"Řeka stoupla. {BODY}"


def test_parts_of_an_article_between_advertisements_are_all_read(tmp_path: Path) -> None:
    paragraphs = [f"{i}. {BODY} {SECOND}" for i in range(9)]
    boxes = [
        f'<div class="body__inner">{"".join(f"<p>{p}</p>" for p in paragraphs[i : i + 3])}</div>' for i in (0, 3, 6)
    ]
    page = f"<html><body><article><div>{'<aside>Advertisement</aside>'.join(boxes)}</div></article></body></html>"
    assert read_one(tmp_path, "a.html", page).text == "\n\n".join(paragraphs)


def test_a_page_laid_out_by_tables_gives_its_paragraphs_and_keeps_a_table_of_figures(tmp_path: Path) -> None:
    figures = "<table><tr><th>Town</th><th>Dead</th></tr><tr><td>Multan</td><td>12</td></tr></table>"
    page = (
        '<html><head><title>Old market under water</title></head><body><table><tr><td width="120"><a href="/">Home</a>'
        '<br><a href="/sport">Sport</a></td><td><font size="5"><b>Old market under water</b></font><br>'
        f"<i>By Jane Doe, staff writer</i><br>Posted: Monday, March 6, 2023<p>{BODY} {BODY}<br><br>{SECOND} {SECOND}"
        f"<br><br>{figures}The count <b>goes on</b>, the board said. {SECOND}<p><font size=1>Copyright 2023 The Daily "
        "Gazette. All rights reserved.</font></td></tr></table></body></html>"
    )
    article = read_one(tmp_path, "a.html", page)
    assert (article.title, article.author, article.published) == ("Old market under water", "Jane Doe", "2023-03-06")
    paragraphs = article.text.split("\n\n")
    assert paragraphs[:2] == [f"{BODY} {BODY}", f"{SECOND} {SECOND}"]
    assert paragraphs[-1] == f"The count goes on, the board said. {SECOND}"
    assert "Multan | 12" in article.text
    assert "Sport" not in article.text
    assert "Copyright" not in article.text


def test_a_page_of_typed_lines_is_read_as_they_would_be(tmp_path: Path) -> None:
    wrapped = "\n\n".join("\n".join(textwrap.wrap(f"{BODY} {SECOND}", 64)) for _ in range(3))
    typed = f"Old market under water\nBy JANE DOE\n\n{wrapped}\n"
    article = read_one(tmp_path, "a.html", f"<html><body><pre>{typed}</pre></body></html>")
    assert article == replace(read_one(tmp_path, "a.txt", typed), path=article.path)
    assert article.text == "\n\n".join([f"{BODY} {SECOND}"] * 3)


@pytest.mark.parametrize(
    ("title", "source"),
    [
        ("Old market under water | The Daily Gazette", "The Daily Gazette"),
        ("Old market under water - Weather - The Daily Gazette", "The Daily Gazette"),
        ("Old market under water | Weather", None),
        ("Old market under water", None),
        ("The Daily Gazette", None),
    ],
)
def test_the_outlet_is_taken_from_the_pages_name_where_its_data_has_none(
    tmp_path: Path, title: str, source: str | None
) -> None:
    page = f"<html><head><title>{title}</title></head><body><article><h1>Old market under water</h1><p>{BODY}</p>"
    assert read_one(tmp_path, "a.html", page).source == source


@pytest.mark.parametrize(
    "head",
    [
        '<link rel="canonical" href="https://gazette.example/flood">',
        '<meta property="og:url" content="https://gazette.example/flood">',
        '<meta property="og:site_name" content="gazette.example">',
    ],
)
def test_the_name_on_the_page_comes_before_the_hosts(tmp_path: Path, head: str) -> None:
    page = f"<html><head><title>Old market under water | The Daily Gazette</title>{head}</head><body><article>"
    page += f"<h1>Old market under water</h1><p>{BODY}</p>"
    assert read_one(tmp_path, "a.html", page).source == "The Daily Gazette"


def test_where_a_page_shows_the_beginning_alone_the_rest_comes_from_its_data(tmp_path: Path) -> None:
    rest = [f"{number}. {SECOND}" for number in range(5)]
    record = {"@type": "NewsArticle", "headline": "River talks", "articleBody": "\n\n".join([BODY, *rest])}
    page = (
        f'<html><head><script type="application/ld+json">{json.dumps(record)}</script></head><body><article>'
        f"<h1>River talks</h1><p>{BODY}</p><div>Subscribe to read the full story. Already a subscriber? Log in.</div>"
    )
    assert read_one(tmp_path, "a.html", page).text == "\n\n".join([BODY, *rest])
    other = "".join(f"<p>{SECOND} But {number} said otherwise.</p>" for number in range(9))
    assert "said otherwise" in read_one(tmp_path, "b.html", page + other).text  # more than its data has


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ('<p>By <span itemprop="name">Jane Doe</span></p>', "Jane Doe"),
        (
            "<div><p class=meta>Von Jana Muster und Max Beispiel · 5. März 2024, 10:15 Uhr</p></div>",
            "Jana Muster, Max Beispiel",
        ),
        ("<p>Par Jeanne Dupont</p>", "Jeanne Dupont"),
        ("<p>By car, a sea of houses</p><p>Von der Leyen</p><p>Di Maio e Salvini</p>", None),
        ("", None),
    ],
)
def test_the_writer_is_taken_from_a_line_below_the_title_where_the_pages_data_has_none(
    tmp_path: Path, line: str, author: str | None
) -> None:
    others = f"<aside><p>By John Roe</p></aside><p>{SECOND} {SECOND}</p>"  # below the text: of something else
    text = f"<p>{BODY} {BODY}</p><p>{BODY} {SECOND}</p>{others}"
    page = f"<html><body><h1>Market under water</h1><header>{line}</header>{text}"
    assert read_one(tmp_path, "a.html", page).author == author


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("(Reporting by Jane Doe and John Roe; Editing by Ann Other)", "Jane Doe, John Roe"),
        ("Reporting by Jane Doe in Paris", "Jane Doe"),
        ("Additional reporting by Jane Doe", None),
        ("Reporting by the committee is due in May.", None),
    ],
)
def test_the_writer_is_taken_from_below_the_text_where_an_agency_names_them(
    tmp_path: Path, line: str, author: str | None
) -> None:
    article = read_one(tmp_path, "a.txt", f"Old market under water\n\n{BODY}\n\n{SECOND}\n\n{line}\n")
    assert (article.author, article.text.endswith(line)) == (author, True)


def test_what_a_page_says_twice_or_for_its_editors_is_read_once(tmp_path: Path) -> None:
    page = (
        f"<html><body><article><h1>Old market under water</h1><p>{BODY} {BODY}</p><aside class='pull-quote'>“the water "
        f"reached the old market”</aside><blockquote class=pullquote>Nobody said this elsewhere</blockquote>"
        f"<h2>The mayor<span class=mw-editsection>[edit]</span></h2><p>{SECOND} {BODY}</p></article>"
        "<div class=author-bio>Jane Doe covers rivers. She has won two awards.</div>"
    )
    article = read_one(tmp_path, "a.html", page)
    parts = [f"{BODY} {BODY}", "Nobody said this elsewhere", "The mayor", f"{SECOND} {BODY}"]
    assert article.text == "\n\n".join(parts)
    assert article.author is None


def test_a_series_of_pictures_gives_their_captions(tmp_path: Path) -> None:
    captions = [BODY, SECOND, f"{SECOND} {BODY}"]
    figures = "".join(f"<figure><img src=a.jpg><figcaption>{words}</figcaption></figure>" for words in captions)
    page = f"<html><body><article><h1>In pictures: the market under water</h1>{figures}</article></body></html>"
    assert read_one(tmp_path, "a.html", page).text == "\n\n".join(captions)
    above = page.replace("</h1>", f"</h1><p>{SECOND[:40]}.</p>")
    assert read_one(tmp_path, "b.html", above).text == "\n\n".join([f"{SECOND[:40]}.", *captions])


@pytest.mark.parametrize("title", ["River talks", "Something else"])
def test_a_page_that_a_program_would_fill_is_read_from_its_data(tmp_path: Path, title: str) -> None:
    nodes = [{"type": "p", "content": words} for words in (BODY, SECOND)]
    story = {"headline": "River talks", "body": nodes, "published": "2023-03-06", "author": "Jane Doe"}
    others = [{"headline": f"No {n}", "body": [{"type": "p", "content": BODY * 3}]} for n in range(2)]
    state = json.dumps({"props": {"pageProps": {"stories": [story, *others]}}})
    page = (
        f"<html><head><title>{title} | The Post</title></head><body><div id=root></div>"
        f"<script id=__NEXT_DATA__ type=application/json>{state}</script></body></html>"
    )
    (tmp_path / "a.html").write_text(page)
    articles, errors = read_all([tmp_path / "a.html"])
    if title == "River talks":
        assert [(a.title, a.text, a.author, a.published) for a in articles] == [
            ("River talks", f"{BODY}\n\n{SECOND}", "Jane Doe", "2023-03-06")
        ]
    else:
        assert articles == []
        assert "no article was found" in str(errors[0])


def test_each_line_of_json_lines_is_an_article(tmp_path: Path) -> None:
    lines = [
        {"title": "One", "text": BODY, "date": "2023-03-06T10:00:00Z", "authors": [{"name": "Jane Doe"}, "John Roe"]},
        {"Headline": "Two", "articleBody": f"<p>{BODY}</p><p>{SECOND}</p>", "publisher": {"name": "The Daily Gazette"}},
        {"id": 7, "paragraphs": [BODY, SECOND], "pub_date": 1678060800, "web_url": "https://gazette.example/3"},
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines) + "\n\n", encoding="utf-8")
    articles, errors = read_all([path])
    assert errors == []
    assert [(a.title, a.author, a.published, a.source, a.url) for a in articles] == [
        ("One", "Jane Doe, John Roe", "2023-03-06T10:00:00+00:00", None, None),
        ("Two", None, None, "The Daily Gazette", None),
        (None, None, "2023-03-06T00:00:00+00:00", None, "https://gazette.example/3"),
    ]
    assert [a.text for a in articles] == [BODY, f"{BODY}\n\n{SECOND}", f"{BODY}\n\n{SECOND}"]
    assert len({a.id for a in articles}) == 3
    assert articles[2].path == f"{path.as_posix()}#7"


@pytest.mark.parametrize(
    ("title", "read"),
    [
        ("Pumps bought - Ledger", "Pumps bought"),
        ("Pumps bought | Ledger", "Pumps bought"),
        ("Pumps bought - Gazette", "Pumps bought - Gazette"),
        ("Ledger", "Ledger"),
        ("Pumps - bought", "Pumps - bought"),
    ],
)
def test_a_title_loses_the_outlets_name_in_every_format(tmp_path: Path, title: str, read: str) -> None:
    """News interfaces give titles as pages have them."""
    record = {"title": title, "source": {"id": None, "name": "Ledger"}, "content": f"{BODY}\r\n\r\n{SECOND}"}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    (article,), _ = read_all([path])
    assert article.title == read


def test_a_broken_line_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    lines = [json.dumps({"title": str(i), "text": BODY}) for i in range(9)]
    lines[6] = lines[6][:-20]
    lines[7] = "[1, 2]"
    lines[8] = '{"title": "no text"}'
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    articles, errors = read_all([path])
    assert [a.title for a in articles] == ["0", "1", "2", "3", "4", "5"]
    assert [error.split(":")[0] for error in errors] == [f"{path} line {i}" for i in (7, 8, 9)]


def test_a_line_in_another_encoding_costs_no_other_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is not decoded as a whole, so that its size does not matter either."""
    monkeypatch.setattr("corpus.readers.open_file.MOST_RECODED", 100)
    line = json.dumps({"title": "Café", "text": f"{BODY} Übermut."}, ensure_ascii=False) + "\n"
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + line.encode() + line.encode("latin-1") + b"\0" * 80 + b"\n" + line.encode())
    articles, errors = read_all([path])
    assert [(a.title, a.text) for a in articles] == [("Café", f"{BODY} Übermut.")] * 3
    assert len(errors) == 1
    assert errors[0].startswith(f"{path} line 3: this is binary data")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_lines_of_json_may_be_wide(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes("\n".join(json.dumps({"title": t, "text": BODY}) for t in ("One", "Two")).encode(encoding))
    articles, errors = read_all([path])
    assert (errors, [a.title for a in articles]) == ([], ["One", "Two"])


def test_lone_surrogates_and_nesting_in_json_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Rain\\ud800 fell."}\n{"text": ' + "[" * 100_000 + "\n", encoding="utf-8")
    articles, errors = read_all([path])
    assert [a.text for a in articles] == ["Rain fell."]
    assert len(errors) == 1
    assert "line 2: not a JSON object" in errors[0]


def test_a_line_that_breaks_off_is_named_with_its_character(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": BODY}) + '\n{"text": "Rain\n', encoding="utf-8")
    assert read_all([path])[1] == [
        f"{path} line 2: not a JSON object (Unterminated string starting at character 10): correct or remove the line"
    ]


def test_a_file_without_any_json_line_is_given_up(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("no JSON\n" * 10_000, encoding="utf-8")
    articles, errors = read_all([path])
    assert articles == []
    assert len(errors) == 101
    assert errors[-1].startswith(f"{path}: none of its first 100 lines is an article")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.txt", PAGE),
        ("page", PAGE),
        ("page.md", PAGE),
        ("page.html", json.dumps({"title": "Old market under water", "text": BODY})),
        ("lines.txt", json.dumps({"title": "Old market under water", "text": BODY})),
        ("front.txt", f"---\ntitle: Old market under water\n---\n{BODY}"),
    ],
)
def test_content_tells_the_format_where_the_name_misleads(tmp_path: Path, name: str, content: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    articles, errors = read_all([path])
    assert errors == []
    assert articles[0].title == "Old market under water"
    assert BODY in articles[0].text
    assert "<" not in articles[0].text


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    hidden = (".hidden.txt", ".git/x.txt", "~$a.docx", "lib/library.sqlite", "lib/words.tantivy/meta.json")
    for name in ("b/2.txt", "b/1.md", "a.txt", "c.jsonl", *hidden, "page_files/ad.html", "b/x.PNG"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(json.dumps({"text": BODY}) if name.endswith("l") else f"{BODY} {name}", encoding="utf-8")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "old.doc").write_bytes(b"\xd0\xcf\x11\xe0")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "named.txt").mkdir()
    errors: list[ReadError] = []
    skipped: list[Path] = []
    articles = list(read_paths([tmp_path], overrides=Overrides(), on_bad=errors.append, on_skipped=skipped.append))
    names = [Path(a.path.split("#")[0]).relative_to(tmp_path).as_posix() for a in articles if a.path]
    assert names == ["a.txt", "b/1.md", "b/2.txt", "c.jsonl", "page.html"]
    assert [str(error) for error in errors] == [
        f"{tmp_path / 'old.doc'}: .doc files are not read: open it and save it as .docx, .odt or .pdf, and add that"
    ]
    assert skipped == [tmp_path / "b" / "x.PNG"]


def test_the_bad_files_of_a_batch_are_named_and_the_good_ones_kept(tmp_path: Path) -> None:
    good = tmp_path / "good.txt"
    good.write_text(BODY, encoding="utf-8")
    bad = tmp_path / "bad.txt"
    bad.write_bytes(bytes(range(256)))
    ring = tmp_path / "ring.txt"
    ring.symlink_to(ring)
    articles, errors = read_all([tmp_path / "no.txt", bad, ring, good])
    assert [a.text for a in articles] == [BODY]
    assert errors == [
        f"{tmp_path / 'no.txt'}: there is no such file or folder, or a link leads nowhere: check the path",
        f"{bad}: this is binary data, not text: save the article as .txt, .md or .html and add that",
        f"{ring}: it cannot be read (Too many levels of symbolic links): check the file",
    ]


def test_links_that_lead_nowhere_are_named_and_the_rest_of_their_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(BODY, encoding="utf-8")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "no.txt")
    (tmp_path / "ring.txt").symlink_to(tmp_path / "ring.txt")
    articles, errors = read_all([tmp_path])
    assert [a.text for a in articles] == [BODY]
    assert errors == [
        f"{tmp_path / 'gone.txt'}: there is no such file or folder, or a link leads nowhere: check the path",
        f"{tmp_path / 'ring.txt'}: it cannot be read (Too many levels of symbolic links): check the file",
    ]


def test_a_file_that_may_not_be_read_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(BODY, encoding="utf-8")
    path.chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)  # root may read everything, nobody may not
    try:
        articles, errors = read_all([path])
    finally:
        os.seteuid(user)
    assert articles == []
    assert errors == [f"{path}: it may not be read (permission denied): change its permissions or copy it"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.txt", b"", "the file is empty: check that it is the right one"),
        ("a.jsonl", b"", "the file is empty: check that it is the right one"),
        ("a.jsonl", b"\n\n", "the file is empty: check that it is the right one"),
        ("a.txt", b" \n \n", "the file is empty: check that it is the right file"),
        ("a.txt", b"--- ...\n***", "it has no words of an article in it: check that it is the right file"),
        ("a.txt", b"COMMENTS\n\nShare this", "it has no words of an article in it: check that it is the right file"),
        (
            "a.html",
            b"<html><body></body></html>",
            "no article was found on the page: save its text as .txt and add that",
        ),
        (
            "a.md",
            b"---\ntitle: x\ntags: [a, b\ndate: 2023\n---\nwords",
            " line 4: its front matter is broken (expected ',' or ']', but got ':'):"
            " correct that line, or put the value in quotation marks",
        ),
        (
            "a.md",
            b"\n---\ntitle: x\n\nwords",
            " line 2: the front matter that opens here is never closed: add a line --- below its last field",
        ),
        ("a.jsonl", b"%PDF-1.7", "the PDF file is damaged or cut short: save or copy it again"),
    ],
)
def test_a_bad_file_is_said_in_one_clear_sentence(tmp_path: Path, name: str, content: bytes, why: str) -> None:
    assert error_of(tmp_path, name, content) == why


def test_a_text_too_large_for_an_article_is_refused_at_once(tmp_path: Path) -> None:
    for name in ("a.txt", "a.md", "a.html"):
        why = error_of(tmp_path, name, b"words " * (MAX_BYTES // 6 + 1))
        assert why == "it is larger than 10 MB, too large for one article: split it into one file per article"


def test_a_line_of_a_million_characters_is_read(tmp_path: Path) -> None:
    line = "word " * 200_000
    assert read_one(tmp_path, "a.txt", line).text == line.strip()


def test_deep_nesting_ends_in_an_article_or_a_sentence(tmp_path: Path) -> None:
    nested = "<html><body>" + "<div>" * 50_000 + f"<p>{BODY}</p>" + "</div>" * 50_000
    path = tmp_path / "a.html"
    path.write_text(nested, encoding="utf-8")
    articles, errors = read_all([path])
    assert len(articles) + len(errors) == 1
    assert read_one(tmp_path, "b.md", ">" * 50_000 + BODY).text.endswith(BODY)


def test_overrides_win_and_a_date_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(EXPORTED, encoding="utf-8")
    given = Overrides(source="The Daily Gazette", published="2023-03-08", title="Mine", author="Me", language="en")
    articles, _ = read_all([path], given)
    assert (articles[0].source, articles[0].published, articles[0].title) == ("The Daily Gazette", "2023-03-08", "Mine")
    assert (articles[0].author, articles[0].language, articles[0].place) == ("Me", "en", "Multan")
    with pytest.raises(UsageError, match="'yesterday' is not a date"):
        Overrides(published="yesterday")
    assert {Overrides(language=given).language for given in ("EN", "en-GB")} == {"en"}
    with pytest.raises(UsageError, match="'Klingonish!' is no language: write it in two letters"):
        Overrides(language="Klingonish!")
    with pytest.raises(UsageError, match="the source given is empty"):
        Overrides(source=" ")
    with pytest.raises(UsageError, match=r"the title given \('Caf\\udce9'\) is not written in UTF-8"):
        Overrides(title="Caf\udce9")


def test_standard_input_is_read_by_its_content() -> None:
    errors: list[ReadError] = []

    def stream(data: str | bytes, name: str = "standard input") -> list[Article]:
        raw = data.encode() if isinstance(data, str) else data
        return list(read_bytes(raw, name=name, overrides=Overrides(), on_bad=errors.append))

    assert stream(EXPORTED)[0].title == "River talks with neighbours from today"
    assert stream(PAGE)[0].title == "Old market under water"
    assert len(stream(f'{{"text": "{BODY}"}}\n{{"text": "{SECOND}"}}\n')) == 2
    assert stream(f"# River talks\n\n{BODY}", name="upload.md")[0].title == "River talks"
    assert [a.path for a in stream(f'{{"id": 1, "text": "{BODY}"}}')] == [None]
    assert errors == []
    assert stream(b"") == []
    assert [str(error) for error in errors] == ["standard input: the file is empty: check that it is the right one"]


KINDS = {
    "a.txt": EXPORTED,
    "a.md": MARKDOWN,
    "a.html": PAGE,
    "a.jsonl": f'{{"text": "{BODY}"}}\n{{"text": "{SECOND}"}}\n',
}


@given(st.sampled_from(sorted(KINDS)), st.binary(max_size=200), st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_articles_or_sentences(name: str, noise: bytes, at: float, upto: float) -> None:
    data = KINDS[name].encode()
    broken = data[: int(at * len(data))] + noise + data[int(upto * len(data)) :]
    for content in (noise, broken):
        errors: list[ReadError] = []
        articles = list(read_bytes(content, name=name, overrides=Overrides(), on_bad=errors.append))
        assert articles or errors
        assert not [e for e in errors if "could not be read (" in str(e)]  # no parser's own error got this far
        assert all("\n" not in str(e) for e in errors)
