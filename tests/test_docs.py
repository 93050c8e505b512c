"""The documents name what there is."""

import argparse
from pathlib import Path

import pytest
from markdown_prose import prose_sentences, word_count
from repository import ROOT

from app import parser

PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md")] + sorted((ROOT / "docs").glob("*.md"))


def _commands() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    commands: dict[str, argparse.ArgumentParser] = dict(action.choices)
    for name, command in action.choices.items():
        for inner in command._actions:
            if isinstance(inner, argparse._SubParsersAction):
                commands |= {f"{name} {below}": made for below, made in inner.choices.items()}
    return commands


@pytest.mark.parametrize("command", _commands())
def test_every_command_and_option_stands_in_the_docs(command: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert f"`citewire {command}" in text
    options = [o for a in _commands()[command]._actions for o in a.option_strings if o.startswith("--")]
    rows = [line for line in text.splitlines() if line.startswith("| `--")]
    for option in set(options) - {"--help"}:
        assert any(option in row.split("|")[1] and (f"`{command}`" in row or "| all |" in row) for row in rows), option


def test_every_page_named_in_the_readme_and_docs_is_there() -> None:
    import re

    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
            if "://" not in link:
                assert (page.parent / link).exists(), f"{page.name} names {link}"


def test_every_heading_that_a_link_names_is_there() -> None:
    import re

    for page in PAGES:
        for target, anchor in re.findall(r"\]\(([\w./-]*\.md)#([^)]+)\)", page.read_text("utf-8")):
            headings = re.findall(r"(?m)^#+ (.+)$", (page.parent / target).read_text("utf-8"))
            slugs = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor in slugs, f"{page.name} names {target}#{anchor}"


def test_the_readme_is_read_in_a_minute() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 100


def test_the_changelog_has_this_version() -> None:
    from corpus import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_guarantee_names_tests_that_there_are() -> None:
    import re

    text = (ROOT / "docs" / "guarantees.md").read_text("utf-8").split("## What was tried")[0]
    sections = text.split("\n### ")[1:]
    assert len(sections) > 10
    files = {file.name: file for file in (ROOT / "tests").rglob("test_*.py")}
    for section in sections:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", section)
        assert named, section
        assert "**Guaranteed**: " in section
        for file, test in named:
            assert f"def {test}(" in files[file].read_text("utf-8"), f"{file} has no {test}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_have_short_lines_and_short_sentences(page: Path) -> None:
    text = page.read_text("utf-8")
    assert [line for line in text.splitlines() if len(line) > 120] == []
    assert [sentence for sentence in prose_sentences(text) if word_count(sentence) > 35] == []


def test_prose_is_what_a_page_says_outside_of_code_and_tables() -> None:
    page = "# A title\n\nOne `a b` [link here](x.md). **Two**\ngoes on.\n\n- An item.\n\n    code \n\n| a | table |\n"
    assert prose_sentences(page) == ["A title", "One Code link here.", "Two goes on.", "An item."]
    assert [word_count(sentence) for sentence in prose_sentences(page)] == [2, 4, 3, 2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_and_module_that_a_page_names_is_there(page: Path) -> None:
    import re

    text = page.read_text("utf-8")
    if page.name == "CHANGELOG.md":  # tells of earlier releases
        text = text.split("## 0.1.0")[0]
    paths = set(re.findall(r"`((?:corpus|embeddings|qa|benchmarks|tests|deploy|docs)/[\w/.-]+)`", text))
    modules = {name.replace(".", "/") for name in re.findall(r"python -m ((?:benchmarks|qa)[\w.]*\w)", text)}
    missing = {path for path in paths if not (ROOT / path).exists()}
    missing |= {m for m in modules if not (ROOT / f"{m}.py").exists() and not (ROOT / m / "__main__.py").exists()}
    assert missing == set()
