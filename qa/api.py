"""Citewire for Python programs: open a library, add articles, ask, search, show and evaluate.

>>> from qa.api import open_bundled
>>> with open_bundled() as news:
...     result = news.ask("How many houses were damaged?")
>>> [answer.text for answer in result.answers]
['400', '612', '587']

Every error that is raised on purpose is a `CitewireError`: one sentence of what is wrong, where, and what to do.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path

from corpus.article import Article
from corpus.errors import CitewireError, ReadError
from corpus.scan.read import ReadOptions
from corpus.store.records import ArticleInfo, Filters, StoredArticle
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.encoder.precision import Precision
from embeddings.library.library import CurrentOrigins, Library
from embeddings.library.protocol import AddProgress
from embeddings.opening import open_library_at, open_or_create_library_at
from qa.assistant import Assistant
from qa.cli.opening import bundled_library
from qa.cli.sources import FileSource, Problems
from qa.evaluation.evaluate import Evaluation, evaluate
from qa.evaluation.gold_questions import read_gold
from qa.filters import meant_filters
from qa.reader.protocol import Reader
from qa.reader.reader import open_reader
from qa.result import Answer, Citation, Result
from qa.retrieval import retrieve_on_days

__all__ = [
    "AddedFiles",
    "Answer",
    "Article",
    "ArticleInfo",
    "Citation",
    "CitewireError",
    "Evaluation",
    "FoundPassage",
    "News",
    "ReadError",
    "Result",
    "StoredArticle",
    "open_bundled",
    "open_library",
    "open_reader",
]


@dataclass(frozen=True, slots=True)
class AddedFiles:
    """What adding did: numbers of articles added, replaced and unchanged, files that had not changed, and failures."""

    added: int
    replaced: int
    unchanged: int
    files_unchanged: int
    unread: tuple[ReadError, ...]


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage that was searched for: `text == article.text[start:end]`. Scores compare only within one search."""

    article: ArticleInfo
    start: int
    end: int
    text: str
    score: float


class News(AbstractContextManager["News"]):
    """An open library with a reader: `open_library` and `open_bundled` make it. Several threads may use it at once.

    library, assistant: the parts below it, for what this class does not offer.
    """

    def __init__(self, library: Library, *, reader: Reader | None = None, precision: Precision = "auto") -> None:
        self.library = library
        self._reader = reader
        self._precision = precision

    @property
    def assistant(self) -> Assistant:
        """The library's assistant. Its reader is loaded at the first use."""
        if self._reader is None:
            self._reader = open_reader(precision=self._precision)
        return Assistant(self.library, self._reader)

    def add(self, *paths: str | PathLike[str], progress: Callable[[AddProgress], None] | None = None) -> AddedFiles:
        """Add the articles of files and folders. Files that have not changed since they were added are not read.

        A file that cannot be read is named in `unread`; the rest is added. Raises LibraryError where the library
        cannot be written.
        """
        options, problems, known = ReadOptions(), Problems(), CurrentOrigins(self.library)
        sources = [FileSource(Path(path), options) for path in paths]
        surveys = [source.survey(known, problems) for source in sources]
        scanned = (each for source in sources for each in source.scan(known, problems))
        report = self.library.add_from(scanned, progress=progress)
        before = problems.same + sum(survey.as_before for survey in surveys)
        return AddedFiles(report.added, report.replaced, report.unchanged, before, tuple(problems.bad))

    def add_articles(self, articles: Iterable[Article]) -> AddedFiles:
        """Add articles that the program has made: `Article(text, title=..., source=..., published="2023-03-06")`."""
        report = self.library.add(articles)
        return AddedFiles(report.added, report.replaced, report.unchanged, 0, ())

    def remove(self, *articles: str) -> tuple[str, ...]:
        """Remove articles by id, with all their versions. Return the ids that were in the library."""
        return self.library.remove(articles).removed

    def ask(
        self,
        question: str,
        *,
        turns: Sequence[str] = (),
        sources: Sequence[str] = (),
        after: date | None = None,
        before: date | None = None,
    ) -> Result:
        """Answer a question in quoted words.

        turns: earlier questions of the conversation, oldest first. sources: only these outlets. after, before: only
        articles of these days, both inclusive. Raises UsageError for an empty question and for days that exclude
        each other.

        >>> result = news.ask("How many houses were damaged?", after=date(2024, 4, 24))
        >>> result.status, result.citations[0].quote, result.citations[0].source
        ('answered', '587', 'The Kessing Ledger')
        >>> cited = result.citations[0]
        >>> news.show(cited.article, version=cited.version).text[cited.start : cited.end]
        '587'
        """
        return self.assistant.ask(question, turns=turns, filters=Filters(tuple(sources), after, before))

    def search(
        self,
        words: str,
        *,
        limit: int = 10,
        sources: Sequence[str] = (),
        after: date | None = None,
        before: date | None = None,
    ) -> list[FoundPassage]:
        """Return the best passages for words or a question, best first, at most `limit`.

        >>> [passage.article.source for passage in news.search("damaged houses", limit=1)]
        ['The Kessing Ledger']
        """
        filters = Filters(tuple(sources), after, before)
        with self.library.snapshot() as snapshot:
            filters = meant_filters(filters, snapshot)
            found = retrieve_on_days(snapshot, words, filters=filters, k=limit)[:limit]
        return [FoundPassage(r.hit.info, r.hit.start, r.hit.end, r.hit.text, r.score) for r in found]

    def articles(
        self, *, sources: Sequence[str] = (), after: date | None = None, before: date | None = None
    ) -> list[ArticleInfo]:
        """Return what is known of the articles, without their texts, newest first.

        >>> len(news.articles(sources=["The Kessing Ledger"])) > 1
        True
        """
        filters = Filters(tuple(sources), after, before)
        with self.library.snapshot() as snapshot:
            filters = meant_filters(filters, snapshot)
            return snapshot.articles(filters)

    def show(self, article: str, *, version: str | None = None) -> StoredArticle:
        """Return an article with its text: the current version, or the one named. Raises UsageError if unknown."""
        with self.library.snapshot() as snapshot:
            return snapshot.article(article, version)

    def evaluate(self, gold: str | PathLike[str]) -> Evaluation:
        """Ask the gold questions of a file and judge the answers. `.to_json()` has all figures."""
        return evaluate(self.assistant, read_gold(Path(gold)))

    def close(self) -> None:
        """Close the library's files."""
        self.library.close()

    def __exit__(self, *_: object) -> None:
        """Close the library."""
        self.close()


def open_library(
    address: str | PathLike[str],
    *,
    create: bool = False,
    model: str | None = None,
    reader: Reader | None = None,
    precision: Precision = "auto",
) -> News:
    """Open the library in a folder, or at an address of Milvus.

    create: make an empty library where there is none. model: the embedding model, by name or folder; by default the
    library's own. reader: who reads instead of the built-in reader, such as `open_reader("NAME")`. Raises
    LibraryMissing, LibraryDamaged, LibraryError, ModelError or ModelMismatch.
    """
    if create:
        library = open_or_create_library_at(
            str(address), encoder=lambda: load_encoder(model or DEFAULT_MODEL, precision=precision)
        )
    else:
        encoder = load_encoder(model, precision=precision) if model else None
        library = open_library_at(str(address), encoder=encoder, precision=precision)
    return News(library, reader=reader, precision=precision)


def open_bundled() -> News:
    """Open the bundled collection. Its library is made in the user's cache folder at the first use."""
    return open_library(bundled_library())
