"""Opening what a command needs: its library (the one named, else the one here, else the bundled one) and readers."""

import argparse
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from filelock import FileLock

from corpus import __version__
from corpus.article import Article
from corpus.errors import LibraryMissing, UsageError
from corpus.store.records import Filters
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL, cache_folder, find_model
from embeddings.encoder.precision import Precision
from embeddings.library.library import Library, create_library
from embeddings.milvus.tables import is_milvus
from embeddings.opening import open_library_at, open_or_create_library_at
from qa.assistant import Assistant
from qa.output.plain_text import say
from qa.reader.llm.endpoint import NAME as LLM
from qa.reader.llm.endpoint import URL_VARIABLE, named_endpoint
from qa.reader.model import DEFAULT_READER
from qa.reader.protocol import Reader
from qa.reader.reader import BUILT_IN, LargeReader, open_reader

LIBRARY_FOLDER = ".citewire"


def bundled_library() -> Path:
    """Return the folder of the bundled articles' library. Create it if it is missing.

    Its name has a hash of the articles, the model and Citewire's version, so it is never outdated. Raises ModelError.
    """
    from corpus.scan.read import read_file

    def fail(error: Exception) -> None:
        raise error

    cache = cache_folder()
    articles = sorted(Path(str(file)) for file in files("corpus.articles").iterdir() if file.name.endswith(".md"))
    digest = hashlib.sha256(f"{__version__} {find_model(DEFAULT_MODEL, cache=cache).fingerprint}".encode())
    for path in articles:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    folder = cache / f"bundled-{digest.hexdigest()[:16]}"
    if folder.exists():
        return folder
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            new = folder.with_suffix(".new")  # renamed when it is whole
            shutil.rmtree(new, ignore_errors=True)
            with create_library(new, encoder=load_encoder()) as library:
                library.add(article for path in articles for article in read_file(path, on_bad=fail))
            new.rename(folder)
    return folder


def library_address(options: argparse.Namespace) -> str:
    """Return the address in the command or $CITEWIRE_LIBRARY, else `.citewire` in the current folder."""
    return str(options.library or os.environ.get("CITEWIRE_LIBRARY") or LIBRARY_FOLDER)


def library_folder(options: argparse.Namespace) -> Path:
    """Return the library's folder. Raises UsageError for a library in Milvus."""
    address = library_address(options)
    if is_milvus(address):
        raise UsageError(f'"citewire {options.command}" works on folders: "citewire copy {address} FOLDER" makes one')
    return Path(address)


def filters_of(options: argparse.Namespace) -> Filters:
    """Return the filters of the command. Raises UsageError where they exclude every day."""
    return Filters(tuple(options.source), options.after, options.before, getattr(options, "article", None))


def encoder_of(options: argparse.Namespace) -> Encoder:
    """Return the embedding model that the command names, else the bundled one. Raises ModelError."""
    return load_encoder(options.model or DEFAULT_MODEL, precision=options.precision)


def readers_of(options: argparse.Namespace, *, offer_llm: bool = False) -> list[Reader]:
    """Return the reader that the command names, else Citewire's own, and after it those that may be chosen instead.

    A language model is one of these with `offer_llm` and where a server is named. Raises ModelError and UsageError.
    """
    wanted = options.reader or BUILT_IN
    local = open_reader(DEFAULT_READER if wanted in (BUILT_IN, LLM) else wanted, precision=options.precision)
    networks = [local, local.first] if isinstance(local, LargeReader) else [local]
    if wanted != LLM and not offer_llm:
        if options.llm_url:
            raise UsageError("--llm-url names a server that is asked with --reader llm alone: add it")
        return [*networks]
    endpoint = named_endpoint(
        options.llm_url,
        options.llm_model,
        environment=os.environ,
        seconds=options.llm_timeout,
        passages=options.llm_passages,
    )
    if endpoint is None:
        if wanted == LLM:
            raise UsageError(f"name the language model's server: add --llm-url URL, or set {URL_VARIABLE}")
        return [*networks]
    from qa.reader.llm.reader import LlmReader  # 35 ms that other readers need not wait for

    llm = LlmReader(endpoint, networks[-1])
    if wanted == LLM:
        say(str(llm.notice))
        return [llm, local]
    return [*networks, llm]


def existing_library(options: argparse.Namespace) -> Library | None:
    """Return the library that the command changes, None if there is none yet. Its model is loaded when needed."""
    encoder = encoder_of(options) if options.model else None
    try:
        return open_library_at(library_address(options), encoder=encoder, precision=options.precision)
    except LibraryMissing:
        return None


def new_library(options: argparse.Namespace, encoder: Encoder | None = None) -> Library:
    """Create the library of the command, or open it if another process has just created it."""
    return open_or_create_library_at(library_address(options), encoder=lambda: encoder or encoder_of(options))


@contextmanager
def opened_library(options: argparse.Namespace) -> Iterator[Library]:
    """Give the library of a command that only reads. Without any, give the bundled one, and say so.

    Raises LibraryMissing, LibraryDamaged, LibraryError, ModelError or ModelMismatch.
    """
    address = library_address(options)
    if not options.library and not os.environ.get("CITEWIRE_LIBRARY") and not Path(address).exists():
        say("no library is named or here; this is the bundled collection")
        address = str(bundled_library())
    precision: Precision = getattr(options, "precision", "auto")
    chosen = getattr(options, "model", None) or precision != "auto"
    with open_library_at(address, encoder=encoder_of(options) if chosen else None, precision=precision) as library:
        yield library


def create_in_empty_folder(options: argparse.Namespace) -> None:
    """Create a library where the command names an empty folder, as a container's new volume is, and say so.

    Raises LibraryError or ModelError.
    """
    folder = Path(library_address(options))
    if not folder.is_dir() or not os.access(folder, os.R_OK) or {*folder.iterdir()} - {folder / "lost+found"}:
        return
    create_library(folder, encoder=encoder_of(options)).close()
    how = f'"citewire add --library {folder} PATH..." adds articles'
    say(f"{folder} was empty and is an empty library now; {how}")


@contextmanager
def opened_assistant(options: argparse.Namespace, *, offer_llm: bool = False) -> Iterator[Assistant]:
    """Give an assistant over the library of a command. offer_llm: see `readers_of`."""
    with opened_library(options) as library:
        library.load_in_background()
        reader, *others = readers_of(options, offer_llm=offer_llm)
        yield Assistant(library, reader, others=others)


@contextmanager
def temporary_assistant(options: argparse.Namespace, articles: Sequence[Article]) -> Iterator[Assistant]:
    """Give an assistant over a temporary library of these articles."""
    encoder = encoder_of(options)
    with (
        tempfile.TemporaryDirectory(prefix="citewire-") as folder,
        create_library(Path(folder) / "library", encoder=encoder) as library,
    ):
        library.add(articles)
        yield Assistant(library, readers_of(options)[0])
