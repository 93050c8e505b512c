"""Faults, load and limits, a few of each; `make faults` tries as many as the documents report."""

import json
import os
import pickle
import subprocess
import sys
import zipfile
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from growth import growth
from hypothesis import example, given, settings
from hypothesis import strategies as st
from repository import ROOT
from tiny_models import Tiny, save_tiny

from benchmarks.faults import damage, fuzz, guided, leaks, many, space
from corpus.article import Article, Passage, canonical_url, parse_published
from corpus.cleaning.written_dates import iso_date
from corpus.dates.resolve import days_in_question, resolve_days
from corpus.errors import ModelError, UsageError
from corpus.near_copies import bands, is_copy
from corpus.passages import split
from corpus.sentences import paragraphs, sentences
from corpus.speakers.statements import statements
from corpus.store.connection import VECTORS, WORDS
from corpus.store.records import Filters
from embeddings.encoder.encoder import load_encoder
from qa.evaluation.metrics import recall_at, reciprocal_rank, token_f1
from qa.ranking import standardised

SMALL = settings(max_examples=40, deadline=None, derandomize=True)

words = st.sampled_from(
    "the minister said on Monday March 6 2023 in Paris Mr. Smith “no” 12 per cent U.S. — last week, today. "
    "\n\n \n “Yes,” she told the Times: not! é 日本 👩‍👩‍👧 e\u0301 \u202e \u00a0".split(" ")
)
texts = st.one_of(st.text(max_size=400), st.lists(words, max_size=120).map(" ".join))
some_days = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))


# Damage, limits, load, leaks


def test_every_file_damaged_in_every_way_is_healed_or_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damage, "FILES", ("library.sqlite", "library.sqlite-wal", *INDEX_FILES))
    ways = {how: damage._WAYS[how] for how in ("truncated", "many bits flipped", "unreadable")}
    monkeypatch.setattr(damage, "_WAYS", ways)
    done = damage.damage(tmp_path, rounds=1)
    assert done.tried.total() == 12
    assert [done.outcomes[name, "named and healed by itself"] for name in INDEX_FILES] == [2, 2]
    assert done.outcomes["library.sqlite", "unreadable: one clear error"] in (0, 1)  # 0 where nobody can be another


INDEX_FILES = (VECTORS, f"{WORDS}/*.idx")


@pytest.mark.parametrize("name", ["full disk", "open files", "read only", "jumping clock"])
def test_a_limit_gives_one_clear_error_and_a_whole_library(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(space, "ARTICLES", 15)
    outcome = space._ATTEMPTS[name](tmp_path)
    if outcome.startswith("not tried"):
        pytest.skip(outcome)
    assert outcome


def test_readers_in_other_processes_see_one_state_each_while_two_write(tmp_path: Path) -> None:
    done = many.many(tmp_path, minutes=0.04, readers=2)
    assert done.citations > 0
    assert done.generations > 0


@pytest.mark.long
def test_neither_questions_nor_changes_leave_anything_behind(tmp_path: Path) -> None:
    done = leaks.leaks(tmp_path, questions=30, rounds=8)
    assert [len(course.levels["open_files"]) for course in done.courses] == [30, 8]


# Bad input


def test_no_reader_breaks_on_what_nobody_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = fuzz.fuzz(tmp_path, seconds=250, seed=1, most=60)
    assert done.findings == []
    assert (done.tried.total(), done.articles > 20) == (60, True)


@pytest.mark.parametrize("kind", fuzz.TARGETS)
def test_a_well_made_file_of_each_kind_is_one_article(kind: str) -> None:
    assert fuzz.TARGETS[kind](fuzz.well_made(kind).encode()) == (kind != "dates")
    assert fuzz.read_here(kind, fuzz.well_made(kind).encode()) == (kind != "dates")


@pytest.mark.long
def test_inputs_led_by_what_they_reach_reach_more_and_break_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("atheris")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(guided, "FIRST_INPUTS", 5)
    monkeypatch.setattr(guided, "TARGETS", {"dates": fuzz.TARGETS["dates"], "csv": fuzz.TARGETS["csv"]})
    done = guided.guided(tmp_path, seconds=6, kept=tmp_path / "kept")
    assert done.findings == []
    assert all(led.tried > 20 and led.reached > led.at_first > 20 for led in done.readers)


def test_what_a_reader_takes_badly_is_kept_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def broken(data: bytes) -> int:
        return 1 // (len(data) - 3)

    monkeypatch.setitem(fuzz.TARGETS, "dates", broken)
    (tmp_path / "found").mkdir()
    for number, data in enumerate([b"abc", b"xyz", b"fine"]):
        (tmp_path / "found" / f"{number}").write_bytes(data)
    (finding,) = guided._confirmed("dates", tmp_path / "found")
    assert finding.startswith("dates: ZeroDivisionError in test_faults.py:")
    assert (tmp_path / "fuzz-findings" / "dates-0").read_bytes() == b"abc"


@SMALL
@given(texts)
@example("Monday " * 300)
@example("“" * 200 + "he said." * 30)
def test_offsets_are_slices_whatever_the_text(text: str) -> None:
    found = sentences(text)
    assert all(0 <= start < end <= len(text) for start, end in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    assert all(text[start:end].strip() == text[start:end] for start, end in paragraphs(text))
    for statement in statements(text):
        assert text[statement.speaker_start : statement.speaker_end] == statement.speaker


@SMALL
@given(texts, st.integers(40, 900), st.integers(0, 900))
def test_passages_cover_every_word_once_whatever_the_text(text: str, most: int, least: int) -> None:
    passages = split(text, max_chars=most, min_chars=min(least, most))
    assert all(p.text == text[p.start : p.end] and len(p.text) <= most for p in passages)
    covered = sorted(i for p in passages for i in range(p.start, p.end))
    assert len(covered) == len(set(covered))
    missing = set(range(len(text))) - set(covered)
    assert not any(text[i].isalnum() for i in missing)


@SMALL
@given(texts, some_days)
def test_days_are_slices_and_spans_of_at_most_a_century(text: str, published: date) -> None:
    for found in resolve_days(text, published):
        assert found.text == text[found.start : found.end]
        assert (found.last - found.first).days <= 36_525
    for found in days_in_question(text, today=published):
        assert found.first <= found.last
    assert resolve_days(text, None) == []


@SMALL
@given(some_days, st.sampled_from(["%Y-%m-%d", "%d %B %Y", "%B %d, %Y", "%a, %d %b %Y 10:00:00 GMT"]))
def test_a_day_that_is_written_out_is_read_again(day: date, form: str) -> None:
    read = iso_date(day.strftime(form))
    assert read is not None
    assert parse_published(read) == day


@SMALL
@given(st.text(max_size=120))
def test_what_is_read_as_a_date_is_one(value: str) -> None:
    read = iso_date(value)
    assert read is None or parse_published(read)


@pytest.mark.long
def test_a_megabyte_of_weekdays_takes_time_in_proportion() -> None:
    assert growth(lambda count: resolve_days("Monday " * count, date(2024, 1, 2)), small=1_000, times=8) < 8**1.5


@SMALL
@given(texts, texts)
def test_near_copies_are_symmetric_and_a_text_is_its_own(a: str, b: str) -> None:
    assert is_copy(a, b) == is_copy(b, a)
    assert bands(a) == bands(a)
    assert not bands(a) or is_copy(a, a)


@SMALL
@given(texts, texts)
def test_f1_is_symmetric_and_the_best_over_what_is_expected(a: str, b: str) -> None:
    assert token_f1(a, [b]) == pytest.approx(token_f1(b, [a]))
    assert 0 <= token_f1(a, [b]) <= token_f1(a, [b, a]) == token_f1(a, [a])


@SMALL
@given(st.lists(st.one_of(st.none(), st.integers(1, 50)), min_size=1, max_size=5), st.integers(1, 50))
def test_recall_grows_with_what_is_looked_at(ranks: list[int | None], k: int) -> None:
    assert 0 <= recall_at(ranks, k) <= recall_at(ranks, k + 1) <= 1
    assert (reciprocal_rank(ranks) > 0) == any(rank is not None for rank in ranks)


@SMALL
@given(st.lists(st.integers(-400, 400).map(lambda n: n / 8), min_size=1, max_size=60))
def test_scores_are_fused_on_one_scale_and_in_their_order(scores: list[float]) -> None:
    given_scores = np.array(scores, dtype=np.float64)
    scaled = standardised(given_scores)
    assert np.isfinite(scaled).all()
    assert abs(float(scaled.mean())) < 1e-4
    assert (np.diff(scaled[np.argsort(given_scores, kind="stable")]) >= -1e-5).all()


@SMALL
@given(texts, st.one_of(st.none(), st.text(max_size=40)), st.one_of(st.none(), some_days.map(date.isoformat)))
def test_an_article_goes_through_json_unchanged(text: str, title: str | None, published: str | None) -> None:
    try:
        article = Article(text, title=title, published=published)
    except ValueError:
        return
    again = Article(**json.loads(json.dumps({"text": article.text, "title": title, "published": published})))
    assert (again.version, again.id) == (article.version, article.id)


@SMALL
@given(st.text(max_size=80))
def test_an_address_made_canonical_stays_so(path: str) -> None:
    try:
        once = canonical_url("https://News.Example/" + path)
    except ValueError:
        return
    assert canonical_url(once) == once


@SMALL
@given(st.integers(-5, 50), st.integers(-5, 50), st.text(max_size=50))
def test_a_passage_is_never_of_another_length(start: int, end: int, text: str) -> None:
    fits = 0 <= start < end and len(text) == end - start
    if fits:
        assert Passage(start, end, text).text == text
    else:
        with pytest.raises(ValueError, match="cannot span"):
            Passage(start, end, text)


def test_filters_refuse_days_in_the_wrong_order() -> None:
    with pytest.raises(UsageError, match="no day is both"):
        Filters(after=date(2024, 1, 2), before=date(2024, 1, 1))


# Poisoned models


class _Poison:
    """Unpickled, it makes a file: what a poisoned model would do."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, (f"touch {self.mark}",)


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.pth", "model.safetensors"])
def test_a_poisoned_model_is_refused_and_not_run(tmp_path: Path, name: str) -> None:
    folder, mark = save_tiny(tmp_path / "tiny", Tiny()), tmp_path / "poisoned"
    (folder / "model.safetensors").unlink()
    poison = pickle.dumps(_Poison(mark))
    with zipfile.ZipFile(folder / name, "w") as archive:  # as torch.save lays it out
        archive.writestr("archive/data.pkl", poison)
        archive.writestr("archive/version", "3\n")
    for content in ((folder / name).read_bytes(), poison):
        (folder / name).write_bytes(content)
        with pytest.raises(ModelError):
            load_encoder(str(folder), cache=tmp_path / "cache")
        assert not mark.exists()
    pickle.loads(poison)
    assert mark.exists(), "the poison would not have worked"


def test_a_model_cannot_bring_its_own_code(tmp_path: Path) -> None:
    folder, mark = save_tiny(tmp_path / "tiny", Tiny()), tmp_path / "poisoned"
    (folder / "evil.py").write_text(f"import os\nos.system('touch {mark}')\nclass Evil: pass\n")
    entries: list[tuple[str, dict[str, object]]] = [
        ("config.json", {"auto_map": {"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil"}}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["evil.Evil", None]}}),
    ]
    for settings_file, entry in entries:
        path = folder / settings_file
        path.write_text(json.dumps({**json.loads(path.read_text()), **entry}))
    modules = folder / "modules.json"
    listed = json.loads(modules.read_text())
    modules.write_text(json.dumps([*listed, {"idx": len(listed), "name": "evil", "path": "", "type": "evil.Evil"}]))
    with pytest.raises(ModelError):
        load_encoder(str(folder), cache=tmp_path / "cache")
    assert not mark.exists()


def test_nothing_of_ours_unpickles_or_evaluates() -> None:
    import ast

    forbidden = {"pickle", "cPickle", "dill", "joblib", "shelve", "marshal", "cloudpickle"}
    for path in [p for part in ("corpus", "embeddings", "qa") for p in (ROOT / part).rglob("*.py")] + [ROOT / "app.py"]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                assert not forbidden & {alias.name.split(".")[0] for alias in node.names}, path
            elif isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] not in forbidden, path
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("eval", "exec"), path
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "load":
                named = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert named.get("allow_pickle", "False") == "False", path
                assert ast.unparse(node.func.value) != "torch" or named.get("weights_only") == "True", path


# Licences


def test_the_licences_of_all_dependencies_are_listed_and_permissive() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.licences"], capture_output=True, text=True, cwd=ROOT, check=False
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert any(line.startswith("numpy ") and "BSD" in line for line in lines)
    assert any(line.startswith("tantivy ") and "MIT" in line for line in lines)
    assert not any(line.startswith("pytest ") for line in lines)
