"""Opening what a command works on: the library it names, else the one here, else the bundled collection."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.article import Article
from embeddings.encoder import Encoder, load_encoder
from embeddings.library import LocalLibrary, create_library, open_library
from embeddings.models import DEFAULT_MODEL
from qa.assistant import Assistant
from qa.bundled import bundled_library
from qa.sentence_reader import SentenceReader

LIBRARY_FOLDER = ".citewire"


def folder_to_change(options: argparse.Namespace) -> Path:
    """Return the folder that the command or $CITEWIRE_LIBRARY names, else `.citewire` in the current folder."""
    return Path(options.library or os.environ.get("CITEWIRE_LIBRARY") or LIBRARY_FOLDER)


def encoder_of(options: argparse.Namespace) -> Encoder:
    """Return the embedding model that the command names, else the bundled one. Raises ModelError."""
    return load_encoder(options.model or DEFAULT_MODEL, precision=options.precision)


@contextmanager
def opened_library(options: argparse.Namespace) -> Iterator[LocalLibrary]:
    """Give the library of a command that changes nothing; where none is named or here the bundled one, and say so.

    Raises LibraryMissing, LibraryDamaged, LibraryError, ModelError or ModelMismatch.
    """
    folder = folder_to_change(options)
    if not options.library and not os.environ.get("CITEWIRE_LIBRARY") and not folder.exists():
        print("citewire: no library is named or here; this is the bundled collection", file=sys.stderr)
        folder = bundled_library(DEFAULT_MODEL, load_encoder)
    chosen = getattr(options, "model", None) or getattr(options, "precision", "auto") != "auto"
    with open_library(folder, encoder=encoder_of(options) if chosen else None) as library:
        yield library


@contextmanager
def opened_assistant(options: argparse.Namespace) -> Iterator[Assistant]:
    """Give an assistant over the library of a command."""
    with opened_library(options) as library:
        yield Assistant(library, SentenceReader(library.encoder))


@contextmanager
def temporary_assistant(options: argparse.Namespace, articles: Sequence[Article]) -> Iterator[Assistant]:
    """Give an assistant over a library that holds just these articles and is gone afterwards."""
    encoder = encoder_of(options)
    with (
        tempfile.TemporaryDirectory(prefix="citewire-") as folder,
        create_library(Path(folder) / "library", encoder=encoder) as library,
    ):
        library.add(articles)
        yield Assistant(library, SentenceReader(encoder))
