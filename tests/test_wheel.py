"""The wheel: what is in it, and that it answers where the source tree is not to be found."""

import os
import re
import shutil
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
        "qa/reader/large.safetensors",
        "qa/reader/reader.safetensors",
        "qa/evaluation/gold/",
        "qa/page/views/",
        "qa/disagreement/places.txt",
        "qa/py.typed",
    ):
        assert any(name.startswith(needed) for name in names), needed


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel, from which the source tree is not to be found."""
    environment = tmp_path_factory.mktemp("installed") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "--python", str(python)]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True)
    # The packages that Citewire needs are found where they are installed; .pth files there are not followed, so that
    # an editable Citewire among them is not.
    (packages(environment) / "at_hand.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment


def packages(environment: Path) -> Path:
    asked = [str(environment / "bin" / "python"), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    return Path(subprocess.check_output(asked, text=True).strip())


def printed(environment: Path, *command: str, folder: Path) -> str:
    """Run a command of the environment in a folder, without what would lead it to the source tree."""
    clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "CITEWIRE_LIBRARY")}
    program, *arguments = command
    done = subprocess.run(
        [str(environment / "bin" / program), *arguments], cwd=folder, env=clean, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_answers_in_an_empty_environment_without_the_source_tree(environment: Path, tmp_path: Path) -> None:
    code = ASK % str(packages(environment))
    assert printed(environment, "python", "-c", code, folder=tmp_path).split() == ["1", "34", "True"]
    question = ["ask", "How many people were aboard?", "--library", "library"]
    assert "34" in printed(environment, "citewire", *question, folder=tmp_path)


def test_the_wheel_runs_the_code_of_the_documentation_on_the_bundled_articles(
    environment: Path, tmp_path: Path
) -> None:
    bundled = packages(environment) / "corpus" / "articles"
    shutil.copytree(bundled, tmp_path / "articles", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (code,) = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL | re.M)
    added, *answers = printed(environment, "python", "-c", code, folder=tmp_path).splitlines()
    count = len(list(bundled.glob("*.md")))
    assert added == f"AddedFiles(added={count}, replaced=0, unchanged=0, files_unchanged=0, unread=())"
    assert answers
    for answer in answers:
        _, quote, place = answer.split(" | ")
        start, end = map(int, place.split()[-2:])
        assert end - start == len(quote)
