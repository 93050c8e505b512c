"""The documents name what there is."""

import argparse

import pytest
from repository import ROOT

from app import parser


def _commands() -> dict[str, argparse.ArgumentParser]:
    action = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


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


def test_the_changelog_has_this_version() -> None:
    from corpus import __version__

    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_every_guarantee_names_tests_that_there_are() -> None:
    import re

    lines = (ROOT / "docs" / "guarantees.md").read_text("utf-8").split("## What was tried")[0].splitlines()
    rows = [line for line in lines if line.startswith("| ") and not line.startswith("| property")]
    assert len(rows) > 10
    files = {file.name: file for file in (ROOT / "tests").rglob("test_*.py")}
    for row in rows:
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in files[file].read_text("utf-8"), f"{file} has no {test}"
