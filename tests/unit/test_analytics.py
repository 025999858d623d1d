"""The analysts' database: what stands in it, that it explains itself, and that nobody ever finds half of it."""

from __future__ import annotations

import stat
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.analytics import snapshot
from pipeline.analytics.described_tables import described_schemas
from pipeline.analytics.work_tables import work_tables
from tests.builders.analytics import FACTS, Town, attempt, case, frames, held, result, signal


def sources(**changes: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Two partners report one household, which is being visited; a third signal stands alone."""
    given = frames(
        signals=[signal("huur", 1), signal("energie", 2), signal("energie", 3)],
        cases=[case("Z-first", state="in_progress"), case("Z-gone", state="merged", merged_into="Z-first")],
        case_signals=[held("Z-first", "huur", 1), held("Z-first", "energie", 2)],
        disclosures=[
            {"case_id": "Z-first", "worklist_on": day, "team_id": "noord", "ground": ground, "is_new": is_new}
            for day, ground, is_new in (
                ("2026-10-06", "rule", True),
                ("2026-10-06", "rule", True),
                ("2026-10-07", "running", False),
            )
        ],
        attempts=[
            attempt("Z-gone", 1, contact_type="Huisbezoek"),
            attempt("Z-first", 2, is_reached=True, attempted_on="2026-10-06", part_of_day="Avond"),
        ],
        feedback=[
            {
                "partner_id": "huur",
                "month": "2026-10",
                "signal_id": f"{1:032x}",
                "code": "opgepakt",
                "sent_on": "2026-10-08",
            }
        ],
        deliveries=[
            {
                "delivery_id": "huur_2026-10_0001",
                "manifest_hash": "aa",
                "partner_id": "huur",
                "month": "2026-10",
                "sequence": 1,
                "kind": "signals",
                "state": "admitted",
                "response_code": "OK",
                "fault_code": None,
                "row_count": 3,
                "admitted_count": 1,
                "refused_count": 2,
                "received_at": "2026-10-02T05:00:00Z",
            }
        ],
        refusals=[
            {
                "delivery_id": "huur_2026-10_0001",
                "manifest_hash": "aa",
                "fault_code": "OUT_OF_RANGE",
                "column": "arrears_months",
                "row_count": 2,
            }
        ],
    )
    return {**given, **changes}


def publish(path: Path, **changes: pl.DataFrame) -> None:
    Town(path).publish(sources(**changes))


def ask(path: Path, question: str) -> list[tuple[Any, ...]]:
    return Town(path).ask(question)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "analytics.duckdb"


def test_every_table_and_column_explains_itself(file: Path) -> None:
    """The file holds exactly the described tables and columns, each with its comment."""
    publish(file)
    described = {
        (schema.name, table.name, column.name, column.kind, column.comment)
        for schema in described_schemas()
        for table in schema.tables
        for column in table.columns
    }
    columns = "schema_name, table_name, column_name, data_type, comment"
    assert described == set(ask(file, f"SELECT {columns} FROM duckdb_columns() WHERE NOT internal"))
    tables = {(table.name, table.comment) for schema in described_schemas() for table in schema.tables}
    every = (
        "SELECT table_name, comment FROM duckdb_tables() UNION ALL SELECT view_name, comment FROM duckdb_views()"
    )
    assert tables == set(ask(file, f"{every} WHERE NOT internal"))


def test_descriptions_say_something() -> None:
    """Every table says how it may mislead; every number of things says of what."""
    for table in (table for schema in described_schemas() for table in schema.tables):
        assert table.misleads.endswith(".")
        for column in table.columns:
            assert column.meaning.endswith("."), column.name
            assert column.unit or not column.name.endswith("_count"), column.name


def test_signals_stand_with_their_case_and_status(file: Path) -> None:
    """A signal in a visited case is taken up; one without a case is there too, without a case number."""
    publish(file)
    rows = ask(
        file, "SELECT partner_type, case_no IS NOT NULL, status, admitted_on FROM work.signals ORDER BY 1, 2"
    )
    day = date(2026, 10, 2)
    assert [
        ("Energie", False, "Nog niet opgepakt", day),
        ("Energie", True, "Opgepakt", day),
        ("Huur", True, "Opgepakt", day),
    ] == rows


@pytest.mark.parametrize(
    ("state", "text", "status"),
    [
        ("revealed", None, "Nog niet opgepakt"),
        ("in_progress", None, "Opgepakt"),
        ("closed", "Vervolghulp en/of verwijzing", "Opgepakt"),
        ("closed", "Inwoner is overleden", "Inwoner is overleden"),
        ("closed", "Niet opgepakt: herhaalde melding", "Niet opgepakt: herhaalde melding"),
    ],
)
def test_status_follows_state_and_result(file: Path, state: str, text: str | None, status: str) -> None:
    """The status of a signal is a term of DDAS, by what came of its case."""
    said = [result("Z-first", text)] if text else []
    given = frames(cases=[case("Z-first", state=state)], results=said)
    publish(file, cases=given["cases"], results=given["results"])
    assert [(status,)] == ask(file, "SELECT DISTINCT status FROM work.signals WHERE case_no IS NOT NULL")


def test_cases_carry_what_was_tried(file: Path) -> None:
    """Signals, attempts and reach are counted per case; a merged case points to the one that goes on."""
    publish(file)
    columns = "signal_count, attempt_count, first_attempt_on, is_reached, is_retracted"
    living = ask(file, f"SELECT {columns} FROM work.cases WHERE state = 'in_progress'")
    assert [(2, 2, date(2026, 10, 6), True, False)] == living
    merged = "SELECT count(*) FROM work.cases m JOIN work.cases l ON m.merged_into_case_no = l.case_no"
    assert [(1,)] == ask(file, f"{merged} WHERE m.state = 'merged' AND l.state = 'in_progress'")


def test_worklist_counts_count_a_case_once_a_day(file: Path) -> None:
    """A list that was made anew the same day does not count its cases twice."""
    publish(file)
    days = [(date(2026, 10, 6), 1, 1), (date(2026, 10, 7), 1, 0)]
    assert [(day, kind, *counts) for day, *counts in days for kind in ("Energie", "Huur")] == ask(
        file, "SELECT worklist_on, partner_type, case_count, new_case_count FROM work.worklist_counts ORDER BY ALL"
    )


def test_refusals_belong_to_their_delivery(file: Path) -> None:
    """Refused rows are counted per fault and column beside the delivery that they were in."""
    publish(file)
    columns = "month, refused_count, r.fault_code, column_name, r.row_count"
    question = f"SELECT {columns} FROM work.deliveries JOIN work.refusals r USING (delivery_no)"
    assert [("2026-10", 2, "OUT_OF_RANGE", "arrears_months", 2)] == ask(file, question)


def test_signals_of_a_joined_case_share_the_outcome_of_the_earlier_one(file: Path) -> None:
    """A repeat is a repeat, what a running case took in is taken up, and a stranger's signal is in no case."""
    publish(
        file,
        signals=frames(signals=[signal("huur", number) for number in (1, 2, 3)])["signals"],
        cases=frames(
            cases=[
                case("Z-first", month="2026-09", state="in_progress"),
                case("Z-over", month="2026-08", state="closed"),
                case("Z-more", state="joined", joined_to="Z-first", reason_code="RUNNING_CASE"),
                case("Z-same", state="joined", joined_to="Z-over", reason_code="REPEAT"),
            ]
        )["cases"],
        case_signals=frames(
            case_signals=[
                held("Z-more", "huur", 1),
                held("Z-same", "huur", 2),
                {**held("Z-more", "huur", 3), "is_confirmed": False},
            ]
        )["case_signals"],
    )
    assert [
        ("Niet opgepakt: herhaalde melding", True),
        ("Nog niet opgepakt", False),
        ("Opgepakt", True),
    ] == ask(file, "SELECT status, case_no IS NOT NULL FROM work.signals ORDER BY status")


def test_a_retracted_case_no_longer_holds_its_signals(file: Path) -> None:
    """The case stays visible with its mark; signals that returned elsewhere are not counted in it."""
    publish(file, cases=frames(cases=[case("Z-first", mark="retracted")])["cases"])
    assert [(True, 0)] == ask(
        file, "SELECT is_retracted, (SELECT count(case_no) FROM work.signals)::INT FROM work.cases"
    )


def test_an_empty_store_gives_empty_tables(file: Path) -> None:
    """Before the first delivery every table is there, without rows."""
    publish(file, **{name: frame.clear() for name, frame in sources().items()})
    assert [(0, 0)] == ask(file, "SELECT (SELECT count(*) FROM work.signals), (SELECT count(*) FROM work.cases)")
    assert [("GM9901",)] == ask(file, "SELECT gemeentecode FROM work.snapshot")


def test_numbers_are_drawn_anew_for_every_snapshot() -> None:
    """Two snapshots of one state number signals and cases differently, and no id of the store is in either."""
    given = frames(
        signals=[signal("huur", number) for number in range(200)],
        cases=[case(f"Z-{number}") for number in range(200)],
    )
    first, second = work_tables(given, FACTS), work_tables(given, replace(FACTS, seed=2))
    for name, key, number in (("signals", "signal_id", "signal_no"), ("cases", "case_id", "case_no")):
        assert first[name].sort(key)[number].to_list() != second[name].sort(key)[number].to_list()
        assert list(range(1, 201)) == first[name][number].to_list()


def test_no_id_of_the_store_is_in_the_file(file: Path) -> None:
    """Signal ids and case ids stay behind; a snapshot cannot be joined with the store or another snapshot."""
    publish(file)
    content = file.read_bytes()
    assert b"Oefenstad" in content
    assert [] == [key for key in ("Z-first", "Z-gone", f"{2:032x}") if key.encode() in content]


def test_a_reader_goes_on_with_the_file_it_opened(file: Path) -> None:
    """A process that has the former file open reads it to the end; the next one finds the new file."""
    publish(file)
    count = "SELECT count(*) FROM work.signals"
    script = f"""
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
input()
print(connection.execute({count!r}).fetchone()[0])
"""
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert reader.stdout is not None
    assert "open" == reader.stdout.readline().strip()
    publish(file, signals=sources()["signals"].head(1))
    assert "3" == reader.communicate("go\n", timeout=20)[0].strip()
    assert [(1,)] == ask(file, count)


def test_the_file_is_not_for_everybody_on_the_machine(file: Path) -> None:
    """Rows without names are still personal data: owner and group read, others do not."""
    publish(file)
    assert 0o640 == stat.S_IMODE(file.stat().st_mode)


def test_a_failure_leaves_the_former_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Publishing that stops half-way changes nothing and leaves nothing behind."""
    publish(file)
    before = file.read_bytes()
    monkeypatch.setattr(snapshot, "_sync", lambda _path: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        publish(file)
    assert (before, [file]) == (file.read_bytes(), list(file.parent.iterdir()))


def test_what_a_killed_run_left_is_swept(file: Path) -> None:
    """A partial file and its log beside the database are removed by the next run."""
    for suffix in ("", ".wal"):
        file.with_name(f".{file.name}.partial{suffix}").write_bytes(b"half")
    publish(file)
    assert [file] == list(file.parent.iterdir())


def test_a_team_without_cases_stands_in_the_workload(file: Path) -> None:
    """Every team is there, with what it can bear, also when nothing is on its list."""
    publish(file)
    question = "SELECT team_id, open_case_count, untouched_case_count, capacity_count FROM work.workload"
    assert [("noord", 1, 0, 20), ("zuid", 0, 0, 20)] == ask(file, question)


def test_attempts_of_a_merged_case_count_for_the_one_that_goes_on(file: Path) -> None:
    """What was tried under either number is told of the living case, with the kinds of contact."""
    publish(file)
    assert [("met huisbezoek", "2", "Avond", "bereikt", 4)] == ask(
        file,
        "SELECT contact_mix, attempt_group, first_part_of_day, reach, days_to_contact FROM work.cases "
        "WHERE approach = 'benaderd'",
    )


@pytest.mark.parametrize(
    ("changes", "is_due"),
    [
        ({"state": "revealed"}, True),
        ({"state": "in_progress"}, True),
        ({"state": "revealed", "mark": "retracted"}, False),
        ({"state": "closed"}, False),
        ({"state": "joined"}, False),
    ],
)
def test_contact_is_due_in_a_term_that_runs(changes: dict[str, Any], is_due: bool) -> None:
    """Of a case that is closed, joined another or was taken back no term runs."""
    given = frames(cases=[case("Z-1", **changes)], case_signals=[held("Z-1", "huur", 1)])
    assert [is_due] == work_tables(given, FACTS)["cases"]["is_contact_due"].to_list()


def test_a_signal_about_somebody_else_begins_no_case() -> None:
    """What the opener found to be of another person is not counted, and its day is not the first of the case."""
    others = {**held("Z-1", "water", 3), "is_confirmed": False}
    days = {"huur": "2026-10-05", "energie": "2026-10-06", "water": "2026-10-01"}
    given = frames(
        signals=[signal(name, number, admitted_on=day) for number, (name, day) in enumerate(days.items(), 1)],
        cases=[case("Z-1", state="in_progress", opened_on="2026-10-06")],
        case_signals=[held("Z-1", "huur", 1), held("Z-1", "energie", 2), others],
        attempts=[attempt("Z-1", 1, attempted_on="2026-10-12")],
    )
    row = work_tables(given, FACTS)["cases"].row(0, named=True)
    assert (2, 7, "0-7 dagen") == (row["signal_count"], row["days_to_contact"], row["contact_group"])


@pytest.mark.parametrize("is_turned", [False, True])
def test_the_first_attempt_of_a_day_is_that_of_its_earliest_part(*, is_turned: bool) -> None:
    """Two attempts of one day, and one of which the part is not known: the order of the rows does not decide."""
    parts = ("Avond", "Ochtend", None)
    tried = [attempt("Z-1", number, part_of_day=part) for number, part in enumerate(parts)]
    given = frames(cases=[case("Z-1", state="in_progress")], attempts=tried[::-1] if is_turned else tried)
    assert ["Ochtend"] == work_tables(given, FACTS)["cases"]["first_part_of_day"].to_list()


def test_rows_of_every_step_are_there(file: Path) -> None:
    """Evidence, worklist items, attempts, feedback, partners, areas and days, each with its case or signal."""
    publish(file)
    tables = ("evidence", "worklist_items", "attempts", "feedback", "partners", "areas", "teams")
    counts = {name: ask(file, f"SELECT count(*) FROM work.{name}")[0][0] for name in tables}
    assert {
        "evidence": 2,
        "worklist_items": 2,
        "attempts": 2,
        "feedback": 1,
        "partners": 4,
        "areas": 2,
        "teams": 2,
    } == counts
    question = "SELECT min(day)::VARCHAR, max(day)::VARCHAR, count(*) FILTER (is_working_day) FROM work.calendar"
    assert [("2026-09-01", "2026-10-12", 30)] == ask(file, question)


@pytest.mark.parametrize(
    ("came", "reason"),
    [
        ([("correction", "2027-01-04")], "correctie"),
        ([("signals", "2027-01-04"), ("retraction", "2027-01-05")], "intrekking"),
        ([("signals", "2027-01-03")], "opvolging"),
    ],
)
def test_a_change_has_the_reason_that_came_after_the_former_edition(
    tmp_path: Path, came: list[tuple[str, str]], reason: str
) -> None:
    """What came on the day of publication is the reason too, when nothing came later."""
    town = Town(tmp_path / "analytics.duckdb")
    for day, count in ((4, 30), (6, 50)):
        rows = [
            signal(partner, 100 * part + one)
            for part, partner in enumerate(("huur", "zorg"))
            for one in range(count)
        ]
        deliveries = [("2026-10", kind, on) for kind, on in came]
        town.publish(frames(signals=rows), date(2027, 1, day), deliveries)
    asked = "SELECT revision, reason FROM publish.releases WHERE subject = 'signals' AND moment = 'deliveries'"
    assert [(2, reason)] == town.ask(asked)
