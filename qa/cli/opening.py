"""Opening what a command works on: the library it names, else the one here, else the bundled collection."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.article import Article
from corpus.errors import UsageError
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.encoder.openvino_network import Precision
from embeddings.library.library import Library, create_library
from embeddings.milvus.address import is_milvus
from embeddings.opening import open_place
from qa.assistant import Assistant
from qa.cli.bundled import bundled_library
from qa.reader.model import DEFAULT_READER
from qa.reader.reader import NetworkReader, open_reader

LIBRARY_FOLDER = ".citewire"


def place_to_change(options: argparse.Namespace) -> str:
    """Return the library that the command or $CITEWIRE_LIBRARY names, else `.citewire` in the current folder."""
    return str(options.library or os.environ.get("CITEWIRE_LIBRARY") or LIBRARY_FOLDER)


def folder_to_change(options: argparse.Namespace) -> Path:
    """Return that library's folder. Raises UsageError for a library that is in none."""
    place = place_to_change(options)
    if is_milvus(place):
        raise UsageError(f'"citewire {options.command}" works on folders: "citewire copy {place} FOLDER" makes one')
    return Path(place)


def encoder_of(options: argparse.Namespace) -> Encoder:
    """Return the embedding model that the command names, else the bundled one. Raises ModelError."""
    return load_encoder(options.model or DEFAULT_MODEL, precision=options.precision)


def reader_of(options: argparse.Namespace) -> NetworkReader:
    """Return the reader that the command names, else Citewire's own. Raises ModelError."""
    return open_reader(options.reader or DEFAULT_READER, precision=options.precision)


@contextmanager
def opened_library(options: argparse.Namespace) -> Iterator[Library]:
    """Give the library of a command that changes nothing; where none is named or here the bundled one, and say so.

    Raises LibraryMissing, LibraryDamaged, LibraryError, ModelError or ModelMismatch.
    """
    place = place_to_change(options)
    if not options.library and not os.environ.get("CITEWIRE_LIBRARY") and not Path(place).exists():
        print("citewire: no library is named or here; this is the bundled collection", file=sys.stderr)
        place = str(bundled_library(DEFAULT_MODEL, load_encoder))
    precision: Precision = getattr(options, "precision", "auto")
    chosen = getattr(options, "model", None) or precision != "auto"
    with open_place(place, encoder=encoder_of(options) if chosen else None, precision=precision) as library:
        yield library


@contextmanager
def opened_assistant(options: argparse.Namespace) -> Iterator[Assistant]:
    """Give an assistant over the library of a command."""
    with opened_library(options) as library:
        yield Assistant(library, reader_of(options))


@contextmanager
def temporary_assistant(options: argparse.Namespace, articles: Sequence[Article]) -> Iterator[Assistant]:
    """Give an assistant over a library that holds just these articles and is gone afterwards."""
    encoder = encoder_of(options)
    with (
        tempfile.TemporaryDirectory(prefix="citewire-") as folder,
        create_library(Path(folder) / "library", encoder=encoder) as library,
    ):
        library.add(articles)
        yield Assistant(library, reader_of(options))
