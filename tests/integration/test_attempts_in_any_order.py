"""What several lists say of one attempt: the newest stands, whichever came first; what is left aside is told."""

from __future__ import annotations

import json
from datetime import date
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.at_the_inbox import follow_up_taking
from pipeline.commands.settle import settle
from pipeline.store import tables
from pipeline.vocabulary.case import REVEALED
from tests.builders.deliveries import Municipality
from tests.builders.stewardship import make_stewarded, put_case, rows_of_table

TODAY = date(2026, 11, 10)
SHEET_ID = f"sheet-{'0' * 31}"
Row = dict[str, Any]


def version(number: int) -> str:
    return f"2026-11-0{2 + number}.1"


def said(number: int, attempt_id: str = "a-", **changes: Any) -> Row:
    """The attempt as the n-th list has it."""
    attempt = {"attempt_id": attempt_id, "type": "Huisbezoek", "is_reached": True, "on": "2026-11-04", **changes}
    return {"attempts": [attempt], "sheet_version": version(number)}


def taken_back(number: int, attempt_id: str = "a-") -> Row:
    return {"withdrawn_attempts": [attempt_id], "sheet_version": version(number)}


def of_case(row: Row, number: int) -> Row:
    """The row about the case of this number, whose attempts have ids of their own."""
    text = json.dumps({"case_id": f"Z-{number}", **row})
    for name in ("a-", SHEET_ID):
        text = text.replace(f'"{name}"', f'"{name}{number}"')
    return json.loads(text)  # type: ignore[no-any-return]


def return_rows(place: Municipality, rows: list[Row]) -> dict[str, Any]:
    """Settle a file with these rows; its receipt."""
    (place.home.inbox_follow_up / "terug.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    with place.run(TODAY) as run:
        paths = set(follow_up_taking.receipts_folder(run).glob("*.json"))
        settle(run)
        (path,) = set(follow_up_taking.receipts_folder(run).glob("*.json")) - paths
    receipt: dict[str, Any] = json.loads(path.read_text())
    return receipt


def return_all(place: Municipality, orders: list[tuple[Row, ...]]) -> list[str]:
    """Return the rows of each case in its order, a file for each step, and what is refused once more at the end.

    Returns:
        The codes of Let op.
    """
    told, again = [], []
    for step in zip(*orders, strict=True):
        rows = [of_case(row, number) for number, row in enumerate(step)]
        receipt = return_rows(place, rows)
        told += [fault["code"] for fault in receipt["told"]]
        again += [rows[fault["row"] - 1] for fault in receipt["refused"]]
    if again:
        receipt = return_rows(place, [{**row, "is_unsafe": False} for row in again])
        told += [fault["code"] for fault in receipt["told"]]
        assert [] == receipt["refused"]
    return told


def kept(place: Municipality, number: int) -> tuple[Any, ...]:
    """Of the case's attempt: whether it counts, the list that spoke last, and if it counts what it says."""
    with place.run(TODAY) as run:
        (row,) = [row for row in rows_of_table(run, tables.attempts) if row["case_id"] == f"Z-{number}"]
    content = () if row["is_withdrawn"] else (row["is_reached"], row["attempted_on"], row["attempted_by"])
    return (not row["is_withdrawn"], row["sheet_version"], *content)


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    """A municipality of six shown cases: one for each order of three rows."""
    municipality = make_stewarded(tmp_path)
    with municipality.run(TODAY) as run:
        for number in range(6):
            put_case(run, f"Z-{number}", REVEALED)
    return municipality


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ((said(1), taken_back(2), said(3)), (True, version(3), True, "2026-11-04", None)),
        (
            (said(1, SHEET_ID, by="ab"), taken_back(2, SHEET_ID), said(3, SHEET_ID, by="cd")),
            (True, version(3), True, "2026-11-04", "cd"),
        ),
        ((said(1), taken_back(2), said(3, is_reached=False)), (True, version(3), False, "2026-11-04", None)),
        ((said(1), said(2, on="2026-11-05"), taken_back(3)), (False, version(3))),
        (
            (said(1), said(2, on="2026-11-05"), said(3, on="2026-11-06")),
            (True, version(3), True, "2026-11-06", None),
        ),
        ((said(1), taken_back(2), taken_back(3)), (False, version(3))),
    ],
    ids=["repeated", "repeated on a sheet", "corrected", "taken back last", "corrected twice", "taken back twice"],
)
def test_every_order_of_arrival_ends_in_the_same_row(
    place: Municipality, rows: tuple[Row, ...], expected: tuple[Any, ...]
) -> None:
    """Three lists of three days, in each of the six orders."""
    orders = list(permutations(rows))
    return_all(place, orders)
    for number, order in enumerate(orders):
        assert expected == kept(place, number), order


@pytest.mark.parametrize("older", [taken_back(1), said(1, is_reached=False)], ids=["taken back", "corrected"])
def test_what_an_older_list_says_otherwise_is_left_aside_and_told(place: Municipality, older: Row) -> None:
    """The attempt stands as the newer list has it; a repeat of what stands anyway is no news."""
    assert [] == return_all(place, [(said(2), said(1))])
    assert ["ATTEMPT_OVERRULED"] == return_all(place, [(older,)])
    assert (True, version(2), True, "2026-11-04", None) == kept(place, 0)


def test_a_repeat_on_a_newer_list_is_no_correction_in_the_journal(place: Municipality) -> None:
    """Systems return what they know each day: the list that spoke last is kept, and nothing else happened."""
    return_all(place, [(said(1), said(2), said(3, is_reached=False), said(4, is_reached=False))])
    assert (True, version(4), False, "2026-11-04", None) == kept(place, 0)
    with place.run(TODAY) as run:
        lines = [row["action"] for row in rows_of_table(run, tables.journal)]
    assert 1 == lines.count("correct_attempt")
