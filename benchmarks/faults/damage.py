"""Damage: every file of a library in turn truncated, emptied, flipped, deleted, made unreadable, or another library's.

Indexes must heal by themselves; damage to the truth must be named, by the hashes or by SQLite, and never answered from;
a repair must then give a sound library that holds nothing but what was added.

    python -m benchmarks.faults damage --rounds 5
"""

import contextlib
import multiprocessing
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from small_library import WordEncoder, make_article, paragraphs

from benchmarks.faults.space import warm_up
from corpus.errors import CitewireError
from corpus.store.activity import ACTIVITY, Feedback, add_feedback, all_feedback
from corpus.store.connection import DATABASE, REACHED, VECTORS, WORDS
from embeddings.library.library import create_library, open_library
from embeddings.library.maintenance import check_library, repair_library

NOBODY = 65534
WORD_FILES = tuple(
    f"{WORDS}/{name}"
    for name in ("meta.json", ".managed.json", "checksums.json", "*.idx", "*.term", "*.fast", "*.fieldnorm", "*.store")
)
INDEX_FILES = (VECTORS, *WORD_FILES)  # of each the first
FILES = (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", *INDEX_FILES, ACTIVITY, REACHED, "writer.lock")
_NAMES = [f"n{i}" for i in range(8)]


@dataclass(slots=True)
class Damages:
    """What was tried, by file and outcome."""

    tried: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    articles_kept: int = 0
    articles_at_stake: int = 0

    def __str__(self) -> str:
        by_file = {
            name: [f"{n} {o}" for (f, o), n in sorted(self.outcomes.items()) if f == name] for name in self.tried
        }
        kept = f"repairs kept {self.articles_kept} of {self.articles_at_stake} articles"
        return f"{self.tried.total()} damages; {kept}\n" + "\n".join(
            f"  {f}: {', '.join(o)}" for f, o in by_file.items()
        )


def damage(place: Path, *, rounds: int, seed: int = 5) -> Damages:
    """Damage a library in every way so many times; raises AssertionError where one is neither named nor healed."""
    drawn, done = random.Random(seed), Damages()
    whole, other = _make(place / "whole", "n"), _make(place / "other", "m")
    expected = _texts(shutil.copytree(whole, place / "asked"))
    for _ in range(rounds):
        for name in FILES:
            for how, spoil in _WAYS.items():
                file, others = _first(whole, name), _first(other, name)
                if file is None or others is None:
                    continue
                folder = shutil.copytree(whole, place / "damaged")
                spoil(folder / file.relative_to(whole), others, drawn)
                if how == "unreadable":
                    outcome = _as_nobody(folder, expected)
                else:
                    outcome = _outcome(folder, name, expected, done)
                done.tried[name] += 1
                done.outcomes[name, outcome] += 1
                shutil.rmtree(folder)
    return done


def _first(folder: Path, name: str) -> Path | None:
    """Return the first file of this name, or pattern of names."""
    return min(folder.glob(name), default=None)


def _make(folder: Path, letter: str) -> Path:
    """Make a library as a process leaves it that is killed: part of it only in the write-ahead log."""
    beside = folder.with_name(folder.name + "-open")
    with create_library(beside, encoder=WordEncoder()) as library:
        library.add(
            make_article(name.replace("n", letter), paragraphs(name.replace("n", letter), 5)) for name in _NAMES
        )
    add_feedback(beside, Feedback("2026-01-02", "right", "thanks", "[]", "{}"))
    with open_library(beside, encoder=WordEncoder()) as library:
        library.add([make_article(letter + "0", paragraphs(letter + "new", 5))])
        library.remove([make_article(letter + "1").id])
        library.add([make_article(letter + "2", paragraphs(letter + "newer", 5))])
        shutil.copytree(beside, folder)
    return folder


def _texts(folder: Path) -> dict[str, str]:
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        texts = {info.id: snapshot.article(info.id).text for info in snapshot.articles()}
        for article, text in texts.items():  # each is found by its own words, from indexes that are right
            hits = snapshot.search(text.split()[0], dense=3, lexical=3)
            assert article in [hit.article for hit in hits if hit.lexical > 0], article
        return texts


def _outcome(folder: Path, name: str, expected: Mapping[str, str], done: Damages) -> str:
    """Return what became of one damage; raises AssertionError when it went unnoticed."""
    try:
        named = [f"{fault.where}: {fault.what}" for fault in check_library(folder)]
    except CitewireError as error:
        named = [str(error)]
    try:
        answered = _texts(folder)
    except CitewireError:
        answered = None
    if answered == expected:
        if not named or name in INDEX_FILES:
            assert list(check_library(folder)) == []
            return "named and healed by itself" if named else "harmless"
        if name == ACTIVITY:
            return _without_activity(folder)
    assert named, f"{name}: damaged, and check names nothing"
    return "named, " + _repaired(folder, expected, done)


def _without_activity(folder: Path) -> str:
    with contextlib.suppress(CitewireError):
        all_feedback(folder)
    repair_library(folder, lambda _: WordEncoder())
    assert list(check_library(folder)) == []
    return "named, set aside by repair"


def _repaired(folder: Path, expected: Mapping[str, str], done: Damages) -> str:
    try:
        repair_library(folder, lambda _: WordEncoder())
    except CitewireError:
        return "only a backup helps"
    assert list(check_library(folder)) == []
    left = _texts(folder)
    done.articles_at_stake += len(expected)
    done.articles_kept += sum(left.get(article) == text for article, text in expected.items())
    return "repaired whole" if left == expected else "repaired in part"


def _as_nobody(folder: Path, expected: Mapping[str, str]) -> str:
    """Return what a user without rights on the file gets: the right texts, or one clear error."""
    if os.name != "posix" or os.geteuid() != 0:
        return "not tried: only root can become another user"
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="citewire-nobody-") as place:
        copy = shutil.copytree(folder, Path(place) / "library")
        for path in (Path(place), copy, *copy.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["benchmarks.faults.damage", "tantivy", "faiss", "filelock", "numpy.linalg"])
        heard, said = context.Pipe(duplex=False)
        child = context.Process(target=_read_as_nobody, args=(copy, dict(expected), said))
        child.start()
        said.close()
        outcome = heard.recv()
        child.join()
    assert not outcome.startswith("!"), outcome
    return str(outcome)


def _read_as_nobody(folder: Path, expected: dict[str, str], said: "multiprocessing.connection.Connection") -> None:
    warm_up()  # what is imported late may lie where nobody can read
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    try:
        outcome = "unreadable: answers all the same" if _texts(folder) == expected else "!wrong texts"
    except CitewireError:
        outcome = "unreadable: one clear error"
    except Exception as error:  # noqa: BLE001 - told to the parent, which fails on it
        outcome = f"!{type(error).__name__}: {error}"
    said.send(outcome)


def _truncate(file: Path, _: Path, drawn: random.Random) -> None:
    if file.exists() and file.stat().st_size:
        with file.open("r+b") as handle:
            handle.truncate(drawn.randrange(file.stat().st_size))


def _empty(file: Path, _: Path, __: random.Random) -> None:
    file.write_bytes(b"")


def _flip(file: Path, _: Path, drawn: random.Random, *, bits: int = 1) -> None:
    content = bytearray(file.read_bytes())
    for _bit in range(bits if content else 0):
        content[drawn.randrange(len(content))] ^= 1 << drawn.randrange(8)
    file.write_bytes(content)


def _flip_many(file: Path, other: Path, drawn: random.Random) -> None:
    _flip(file, other, drawn, bits=200)


def _fill(file: Path, _: Path, drawn: random.Random) -> None:
    """Write a stretch of random bytes into the file, as a bad block does."""
    content = bytearray(file.read_bytes())
    at = drawn.randrange(len(content) + 1)
    content[at : at + 4096] = drawn.randbytes(len(content[at : at + 4096]))
    file.write_bytes(content)


def _delete(file: Path, _: Path, __: random.Random) -> None:
    file.unlink(missing_ok=True)


def _replace(file: Path, other: Path, _: random.Random) -> None:
    if other.exists():
        shutil.copy(other, file)


def _make_unreadable(file: Path, _: Path, __: random.Random) -> None:
    if file.exists():
        file.chmod(0)


_WAYS: Mapping[str, Callable[[Path, Path, random.Random], None]] = {
    "truncated": _truncate,
    "emptied": _empty,
    "one bit flipped": _flip,
    "many bits flipped": _flip_many,
    "a block overwritten": _fill,
    "deleted": _delete,
    "another library's": _replace,
    "unreadable": _make_unreadable,
}
