"""The folder tree tells the story: each folder imports only the ones before it, each engine in one place."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from repository import ROOT

LAYERS = ["corpus", "embeddings", "qa", "app"]
ENGINES = {
    "faiss": ["embeddings/index/indexes.py"],
    "tantivy": ["embeddings/index/word_index.py"],
    "pymilvus": ["embeddings/milvus/tables.py"],
    "milvus_lite": ["embeddings/milvus/tables.py"],
    "openvino": ["embeddings/encoder/openvino_network.py", "embeddings/encoder/conversion.py"],
    "ray": ["embeddings/ray/cluster.py", "embeddings/ray/encoder.py"],
    "sentence_transformers": ["embeddings/encoder/sentence_transformer.py"],
    "sqlite3": ["corpus/"],
    "trafilatura": ["corpus/readers/web_pages/html_pages.py"],
    "httpcore": ["corpus/web/safe_connection.py", "corpus/web/client.py"],
    "watchfiles": ["qa/cli/changed_files.py"],
    "gradio": ["qa/page/", "app.py"],
}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} uses a relative import"
            names.add(node.module or "")
    return {name.split(".")[0] for name in names}


def _sources() -> list[Path]:
    return [p for layer in LAYERS[:-1] for p in sorted((ROOT / layer).rglob("*.py"))] + [ROOT / "app.py"]


@pytest.mark.parametrize("path", _sources(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_folder_imports_only_the_ones_before_it(path: Path) -> None:
    layer = LAYERS.index(path.relative_to(ROOT).parts[0].removesuffix(".py"))
    assert not _imports(path) & set(LAYERS[layer + 1 :])


@pytest.mark.parametrize("engine", ENGINES)
def test_an_engine_is_imported_in_one_place(engine: str) -> None:
    users = {str(p.relative_to(ROOT)) for p in _sources() if engine in _imports(p)}
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
