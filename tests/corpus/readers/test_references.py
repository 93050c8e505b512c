"""What reference managers export: RIS, BibTeX and CSL JSON entries as articles by their abstracts."""

import json

import pytest
from sample_files import ABSTRACT, BIBTEX, RIS

from corpus.article import Article
from corpus.errors import ReadError
from corpus.scan.read import read_bytes

CSL = json.dumps([
    {
        "id": "k1", "type": "article-newspaper", "title": "Weir keeper retires", "container-title": "The Quay",
        "author": [{"family": "Falk", "given": "Ines"}, {"family": "Brun", "given": "Ola"}],
        "issued": {"date-parts": [["2021", 5, 3]]}, "URL": "https://quay.example/keeper", "language": "en",
        "abstract": ABSTRACT,
    },
    {"id": "k2", "type": "book", "title": "A book without an abstract", "issued": {"date-parts": [[1999]]}},
])  # fmt: skip
ZOTERO = json.dumps([
    {
        "key": "k1", "itemType": "newspaperArticle", "title": "Weir keeper retires", "publicationTitle": "The Quay",
        "creators": [
            {"firstName": "Ines", "lastName": "Falk", "creatorType": "author"},
            {"firstName": "Ola", "lastName": "Brun", "creatorType": "author"},
        ],
        "date": "2021-05-03", "url": "https://quay.example/keeper", "language": "en", "abstractNote": ABSTRACT,
    }
])  # fmt: skip


def read(data: str, name: str) -> tuple[list[Article], list[str]]:
    errors: list[ReadError] = []
    return list(read_bytes(data.encode(), name=name, on_bad=errors.append)), [str(error) for error in errors]


@pytest.mark.parametrize(
    ("data", "name"),
    [(RIS, "a.ris"), (RIS, "a.txt"), (BIBTEX, "a.bib"), (BIBTEX, "a.txt"), (CSL, "a.json"), (ZOTERO, "a.json")],
)
def test_an_entry_gives_its_abstract_and_who_wrote_it_where_and_when(data: str, name: str) -> None:
    (article,), errors = read(data, name)
    assert (article.text, (article.title or "").lower(), article.author) == (
        ABSTRACT, "weir keeper retires", "Ines Falk, Ola Brun",
    )  # fmt: skip
    assert (article.source, article.published, article.language) == ("The Quay", "2021-05-03", "en")
    assert article.url == "https://quay.example/keeper"
    assert [
        error for error in errors if "A book without an abstract" not in error and "no field text" not in error
    ] == []
    assert len(errors) == (0 if data is ZOTERO else 1)


def test_a_year_alone_is_no_day() -> None:
    dated = json.dumps([{"title": "Weir", "abstract": ABSTRACT, "issued": {"date-parts": [[2021]]}}])
    for data, name in ((RIS.replace("DA  - 2021/05/03/\n", ""), "a.ris"), (dated, "a.json")):
        assert read(data, name)[0][0].published is None


@pytest.mark.parametrize("written", ["Y1  - 2021/05/03/\nPY  - 2021\nDA  - 2021 May 3", "DA  - 2021/5/3"])
def test_the_first_whole_day_of_an_entry_counts(written: str) -> None:
    assert read(RIS.replace("DA  - 2021/05/03/", written), "a.ris")[0][0].published == "2021-05-03"
    numbered = f"@article{{a, title={{Weir}}, year={{2021}}, month={{5}}, day={{3}}, abstract={{{ABSTRACT}}}}}"
    assert read(numbered, "a.bib")[0][0].published == "2021-05-03"


def test_entries_without_texts_are_told_in_one_sentence() -> None:
    _, errors = read(RIS + RIS.replace(f"AB  - {ABSTRACT}\n", ""), "a.ris")
    assert errors == [
        "a.ris: no text or abstract in 3 entries, the first 'A book without an abstract': "
        "add the pages or files of these texts themselves"
    ]


@pytest.mark.parametrize(
    "text", ["@ines wrote: the weir {is} open, he said. It was open.", "TY  - is a strange opening."]
)
def test_a_text_that_only_begins_so_is_a_text(text: str) -> None:
    (article,), errors = read(f"{text}\n\n{ABSTRACT}", "a.txt")
    assert errors == []
    assert ABSTRACT in article.text
