"""The Dockerfile names what there is. No Docker runs here, so that the image itself is not built by a test."""

import re

from repository import ROOT

from app import parser

LINES = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text("utf-8")).splitlines()


def arguments(instruction: str) -> list[str]:
    return [line.removeprefix(f"{instruction} ") for line in LINES if line.startswith(f"{instruction} ")]


def test_every_file_that_is_copied_is_there_and_let_through() -> None:
    let_through = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[0] == "!"}
    copied = [copy.split()[:-1] for copy in arguments("COPY") if not copy.startswith("--from")]
    names = {name for sources in copied for name in sources}
    assert names == let_through
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert {"corpus", "embeddings", "qa", "app.py", "pyproject.toml"} <= names


def test_what_the_second_stage_takes_over_is_where_the_first_stage_puts_it() -> None:
    first = " ".join(LINES[: LINES.index("FROM python:3.11-slim")])
    taken = [copy.split() for copy in arguments("COPY") if copy.startswith("--from=build")]
    assert len(taken) == 2
    for *_, source, target in taken:
        assert source == target
        assert source in first


def test_it_serves_without_rights_with_a_volume_for_the_library_and_is_asked_whether_it_is_well() -> None:
    second = LINES[LINES.index("FROM python:3.11-slim") :]
    assert "USER citewire" in second
    assert second.index("USER citewire") > max(n for n, line in enumerate(second) if line.startswith("RUN"))
    assert arguments("VOLUME") == ["/library"]
    assert any("CITEWIRE_LIBRARY=/library" in line for line in second)
    (check,) = arguments("HEALTHCHECK")
    assert "http://127.0.0.1:7860/health" in check
    assert '"/health"' in (ROOT / "qa" / "page" / "routes.py").read_text("utf-8")
    (command,) = arguments("CMD")
    options = parser().parse_args(re.findall(r'"([^"]+)"', command))
    assert (options.command, options.host, options.port) == ("serve", "0.0.0.0", 7860)
