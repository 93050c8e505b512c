"""Dates with slashes in exports: what comes first is told by the rows that can be read one way only."""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from reading import read_paths

from corpus.article import Article
from corpus.cleaning.written_dates import ROWS, date_order, in_order
from corpus.errors import ReadError
from corpus.scan.read import Overrides

TEXT = "The council closed the old bridge on Monday, and the mayor said that it would stay so for two years."


def written(tmp_path: Path, kind: str, dates: Sequence[str], column: str = "date") -> list[Article]:
    """Return the articles of a file of that kind with these dates."""
    file = tmp_path / f"export.{kind.partition('.')[0]}"
    rows = [{"id": n, "title": f"Report {n}", column: date, "text": f"{TEXT} No. {n}."} for n, date in enumerate(dates)]
    if kind == "jsonl":
        content = "\n".join(map(json.dumps, rows)) + "\n"
    elif kind == "json":
        content = json.dumps({"feed": {"articles": rows}})
    elif kind == "json.keyed":
        content = json.dumps({f"report-{row['id']}": row for row in rows})
    else:
        out = io.StringIO()
        table = csv.DictWriter(out, list(rows[0]), delimiter=";" if kind == "csv" else "\t")
        table.writeheader()
        table.writerows(rows)
        content = out.getvalue()
    file.write_text(content, "utf-8")
    bad: list[ReadError] = []
    mapped = (("published", column),) if column == "when" else ()
    found = list(read_paths([file], overrides=Overrides(mapped=mapped), on_bad=bad.append))
    assert bad == []
    assert len(found) == len(dates)
    return found


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl", "json", "json.keyed"])
def test_one_row_tells_the_order_of_all(tmp_path: Path, kind: str) -> None:
    day_first = written(tmp_path, kind, ["06/03/2023", "13/03/2023", "1/12/2022", "05-04-2023"])
    assert [a.published for a in day_first] == ["2023-03-06", "2023-03-13", "2022-12-01", "2023-04-05"]
    month_first = written(tmp_path, kind, ["06/03/2023", "1/12/2022", "03/13/2023 4:05 PM EST", "7/4/2023 09:30"])
    assert [a.published for a in month_first] == [
        "2023-06-03",
        "2022-01-12",
        "2023-03-13T16:05:00-05:00",
        "2023-07-04",
    ]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "json"])
def test_without_such_a_row_or_with_both_kinds_what_could_be_two_days_is_none(tmp_path: Path, kind: str) -> None:
    assert [a.published for a in written(tmp_path, kind, ["06/03/2023", "07/03/2023"])] == [None, None]
    both = written(tmp_path, kind, ["06/03/2023", "13/03/2023", "03/13/2023"])
    assert [a.published for a in both] == [None, "2023-03-13", "2023-03-13"]


def test_a_column_that_is_mapped_tells_too_and_others_do_not(tmp_path: Path) -> None:
    assert [a.published for a in written(tmp_path, "csv", ["06/03/2023", "13/03/2023"], "when")] == [
        "2023-03-06",
        "2023-03-13",
    ]
    records = [{"date": "06/03/2023", "match": "13/03/2023"}]
    assert date_order(records, {}) is None
    assert in_order(records[0], "day", {}) == {"date": "2023-03-06", "match": "13/03/2023"}


def test_what_is_no_day_and_what_comes_late_tells_nothing() -> None:
    assert date_order([{"date": "45/03/2023"}, {"date": "13/13/2023"}, {"date": 7}, {"date": "13/03"}], {}) is None
    late = [{"date": "06/03/2023"}] * ROWS + [{"date": "13/03/2023"}]
    assert date_order(late, {}) is None
    assert date_order(late[1:], {}) == "day"


def test_rows_that_are_broken_do_not_hide_what_the_others_tell(tmp_path: Path) -> None:
    file = tmp_path / "export.jsonl"
    rows = [{"id": n, "date": d, "text": f"{TEXT} {n}"} for n, d in enumerate(["06/03/2023", "31/01/2023"])]
    file.write_text(f"{json.dumps(rows[0])}\n{{broken\n[1, 2]\n\n{json.dumps(rows[1])}\n", "utf-8")
    bad: list[ReadError] = []
    found = list(read_paths([file], overrides=Overrides(), on_bad=bad.append))
    assert [a.published for a in found] == ["2023-03-06", "2023-01-31"]
    assert len(bad) == 2
