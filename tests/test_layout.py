"""The folder tree tells the story: each package imports only those before it, and each engine has one place."""

import ast
import functools
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

LAYERS = (
    ("corpus",),
    ("corpus.errors",),
    ("corpus.article", "corpus.articles", "corpus.sentences", "corpus.dates"),
    ("corpus.language", "corpus.near_copies", "corpus.passages", "corpus.speakers"),
    ("corpus.identity",),
    ("corpus.cleaning", "corpus.store"),
    ("corpus.readers",),
    ("corpus.scan",),
    ("corpus.web",),
    ("embeddings.index",),
    ("embeddings.encoder",),
    ("embeddings.library",),
    ("embeddings.milvus",),
    ("embeddings.opening", "embeddings.ray"),
    ("qa.result", "qa.question"),
    ("qa.filters",),
    ("qa.status",),
    ("qa.reader", "qa.ranking"),
    ("qa.retrieval", "qa.disagreement"),
    ("qa.compose",),
    ("qa.assistant",),
    ("qa.evaluation", "qa.output"),
    ("qa.service", "qa.train"),
    ("qa.batch",),
    ("qa.page.limits",),
    ("qa.page.site",),
    ("qa.page.collection", "qa.page.user_data"),
    ("qa.page.views",),
    ("qa.page.security",),
    ("qa.page",),
    ("qa.cli",),
    ("qa.api",),
    ("app",),
)
"""Packages, and modules beside them, in the order in which they may import each other: what stands in one line is
independent of each other. A package holds the packages in it, where these have no line of their own."""

PLACES = {name: number for number, layer in enumerate(LAYERS) for name in layer}
LONGEST_LIST = 22
"""Modules of a folder, of which a person can still see at a glance what each is for."""

ENGINES = {
    "faiss": ["embeddings/index/vector_index.py"],
    "tantivy": ["embeddings/index/word_index.py", "embeddings/index/tokens.py"],
    "pymilvus": ["embeddings/milvus/tables.py"],
    "milvus_lite": ["embeddings/milvus/tables.py"],
    "openvino": ["embeddings/encoder/openvino_network.py", "embeddings/encoder/conversion.py"],
    "ray": ["embeddings/ray/"],
    "sentence_transformers": ["embeddings/encoder/sentence_transformer.py"],
    "sqlite3": ["corpus/store/"],
    "trafilatura": ["corpus/readers/web_pages/html_pages.py"],
    "httpcore": ["corpus/web/"],
    "watchfiles": ["qa/cli/watch.py"],
    "docx": ["qa/output/files.py"],
    "openai": ["qa/reader/llm/chat.py", "qa/reader/llm/endpoint.py"],
    "httpx2": ["qa/reader/llm/endpoint.py"],
    "openpyxl": ["qa/output/files.py"],
    "gradio": ["qa/page/", "app.py"],
}


def _sources() -> list[Path]:
    return [p for top in ("corpus", "embeddings", "qa") for p in sorted((ROOT / top).rglob("*.py"))] + [ROOT / "app.py"]


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_name(path): path for path in _sources()}


@functools.cache
def _imports(path: Path) -> frozenset[str]:
    """Return the modules that a module imports anywhere in it, by full name."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            inside = {f"{node.module}.{alias.name}" for alias in node.names}
            names.update(inside & MODULES.keys() or {node.module or ""})
    return frozenset(names)


def _unit(module: str) -> str | None:
    """Return the package or module of LAYERS that a module belongs to, None where it has no place."""
    parts = module.split(".")
    if module not in PLACES and MODULES[module].parent.name == parts[0] and len(parts) > 1:
        return None  # a module beside the packages is not in any of them
    return next(
        (n for end in range(len(parts), 0, -1) if (n := ".".join(parts[:end])) in PLACES and n != "corpus"), None
    )


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_packages_that_stand_before_its_own(module: str) -> None:
    if module in ("corpus", "embeddings", "qa"):
        assert not _imports(MODULES[module])
        return
    unit = _unit(module)
    assert unit is not None, f"{module} has no place in LAYERS: write its package, or itself, where it belongs"
    for other in _imports(MODULES[module]) & (MODULES.keys() - {"corpus"}):
        imported = _unit(other)
        assert imported is not None, other
        assert imported == unit or PLACES[imported] < PLACES[unit], f"{module} imports {other}"


def test_no_folder_holds_more_modules_than_a_person_can_see_at_a_glance() -> None:
    paths = (path for top in ("corpus", "embeddings", "qa") for path in (ROOT / top).rglob("*"))
    folders = {path.parent for path in paths if path.suffix != ".pyc"}
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]


def test_training_is_not_needed_to_answer() -> None:
    users = {name for name, path in MODULES.items() if any(i.startswith("qa.train") for i in _imports(path))}
    assert users
    assert all(user.startswith("qa.train") for user in users)


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_is_imported_in_one_place(engine: str) -> None:
    users = {
        str(path.relative_to(ROOT))
        for path in _sources()
        if any(name.split(".")[0] == engine for name in _imports(path))
    }
    assert users, f"nothing imports {engine}"
    assert all(any(user.startswith(place) for place in ENGINES[engine]) for user in users), users


def test_help_loads_no_heavy_library() -> None:
    heavy = ["numpy", "torch", "transformers", "gradio", "faiss", "tantivy", "openvino", "trafilatura"]
    code = (
        "import sys, app\n"
        "try:\n    app.main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr.strip() == "[]"
    assert "ask" in done.stdout
