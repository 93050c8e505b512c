"""The wheel: what is in it, and that it answers where the source tree is not to be found."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from repository import ROOT

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

ASK = """
import pathlib, qa.api, qa.cli.commands
folder = pathlib.Path("articles")
folder.mkdir()
(folder / "ferry.txt").write_text("Ferry sinks\\n\\nThe ferry Aldona sank off Marbeck with 34 people aboard, she said.")
with qa.api.open_library("library", create=True) as news:
    print(news.add(folder).added, news.ask("How many people were aboard the Aldona?").answers[0].text)
print(pathlib.Path(qa.api.__file__).is_relative_to(%r))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # A copy of what git knows: setuptools writes build folders into the tree that it builds.
    tree = folder / "tree"
    tree.mkdir()
    names = subprocess.check_output(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, text=True).splitlines()
    for name in names:
        if (ROOT / name).is_file():
            (tree / name).parent.mkdir(parents=True, exist_ok=True)
            (tree / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    build = ["wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder), str(tree)]
    subprocess.run([*pip, *build], check=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_three_packages_and_one_module_and_no_training_or_benchmarks(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert tops == {"corpus", "embeddings", "qa", "app.py"}
    assert not [name for name in names if name.startswith(("qa/train", "benchmarks", "tests"))]
    for needed in (
        "corpus/articles/",
        "qa/reader/reader.safetensors",
        "qa/evaluation/gold/",
        "qa/page/views/",
        "qa/disagreement/places.txt",
        "qa/py.typed",
    ):
        assert any(name.startswith(needed) for name in names), needed


def test_the_wheel_answers_in_an_empty_environment_without_the_source_tree(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    packages = subprocess.check_output(
        [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
    ).strip()
    # The packages that Citewire needs are found where they are installed; .pth files there are not followed, so that
    # an editable Citewire among them is not.
    (Path(packages) / "at_hand.pth").write_text(sysconfig.get_path("purelib") + "\n")
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "CITEWIRE_LIBRARY")}
    asked = [str(python), "-c", ASK % packages]
    done = subprocess.run(asked, cwd=tmp_path, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["1", "34", "True"]
    command = subprocess.run(
        [str(environment / "bin" / "citewire"), "ask", "How many people were aboard?", "--library", "library"],
        cwd=tmp_path,
        env=clean,
        capture_output=True,
        text=True,
    )
    assert command.returncode == 0, command.stderr
    assert "34" in command.stdout
