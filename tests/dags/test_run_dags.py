"""The DAGs run by Airflow itself, for two municipalities at once, in one process."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.opener import start_child
from pipeline.commands.partner import seal_export
from pipeline.commands.sample import make_sample
from pipeline.practice.partners import PARTNERS
from pipeline.practice.region import Plan

pytestmark = pytest.mark.airflow

MONTH, DAY = "2026-10", date(2026, 11, 3)
SATURDAY = date(2026, 11, 7)
SECRET = "Fatima Yilmaz"


def drop(region: Path, home: Path, *partner_ids: str) -> None:
    """Seal lists for one municipality and put them into its inbox."""
    for partner_id in partner_ids:
        seal_export(
            region / "partners" / partner_id / f"export-{MONTH}.csv",
            agreement_file=home / "agreement.json",
            keys_file=region / "partners" / partner_id / "keys.json",
            month=MONTH,
            out=home / "inbox" / "deliveries",
            areas_file=region / "areas.csv",
        )


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dags") / "region"
    make_sample(folder, Plan(400, 5, (MONTH,), municipalities=2))
    for home in folder.glob("municipality-*"):
        drop(folder, home, *(partner.partner_id for partner in PARTNERS[:3]))
    return folder


@pytest.fixture(scope="module")
def homes(region: Path) -> Iterator[list[Path]]:
    """Both homes, each with an opener beside it, known to the DAGs."""
    import samenloop_flow

    found = sorted(region.glob("municipality-*"))
    before, samenloop_flow.HOMES = samenloop_flow.HOMES, [str(home) for home in found]
    with ExitStack() as stack:
        for home in found:
            stack.enter_context(start_child(home))
        yield found
    samenloop_flow.HOMES = before


def run(day: date, *dag_ids: str) -> dict[str, dict[str, Any]]:
    """Run DAGs for a day; per DAG its state and how many tasks ended how."""
    from samenloop_rehearsal import run_dags

    events: list[dict[str, Any]] = []
    run_dags(day, dag_ids, events.append)
    return {event["dag"]: event for event in events if event["event"] == "done"}


def lists_of(home: Path, day: date = DAY) -> dict[str, Any]:
    pages = (home / "outbox" / "worklists").glob(f"*/{day}/werklijst.json")
    return {page.parent.parent.name: json.loads(page.read_text(encoding="utf-8")) for page in pages}


@pytest.fixture(scope="module")
def morning(homes: list[Path]) -> dict[str, dict[str, Any]]:
    """The first morning, all six."""
    from samenloop_rehearsal import ORDER

    return run(DAY, *ORDER)


def test_a_morning_for_two_municipalities(morning: dict[str, dict[str, Any]], homes: list[Path]) -> None:
    """All six succeed, a delivery and a municipality each have a task of their own, both get worklists."""
    assert {"success"} == {event["state"] for event in morning.values()}
    assert {"success": 9} == morning["admit_deliveries"]["tasks"]  # find, wait, six deliveries, tell
    for home in homes:
        assert 3 == len(list((home / "outbox" / "receipts").glob("*/receipt.json")))
        assert lists_of(home)
        assert (home / "analytics.duckdb").is_file()
    assert any(page["cases"] for home in homes for page in lists_of(home).values())


def test_a_second_run_changes_nothing_and_wakes_nobody(morning: dict[str, Any], homes: list[Path]) -> None:
    """The same morning again: no delivery, no month, no order; the telling tasks are skipped, the lists stay."""
    before = [lists_of(home) for home in homes]
    again = run(DAY, "admit_deliveries", "match_signals", "reveal_cases")
    assert {"success"} == {event["state"] for event in again.values()}
    for event in again.values():
        assert event["tasks"]["skipped"] >= 2, event["dag"]
    assert before == [lists_of(home) for home in homes]


def test_xcom_holds_ids_and_counts(morning: dict[str, Any]) -> None:
    """What tasks hand to each other are short words and numbers: ids, months, counts."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    with create_session() as session:
        values = [row.value for row in session.query(XComModel).all()]
    assert values
    for value in values:
        assert words_and_numbers(value if not isinstance(value, str) else json.loads(value)), value


def words_and_numbers(value: Any) -> bool:
    if isinstance(value, dict):
        return all(words_and_numbers(item) for item in value.values())
    if isinstance(value, list):
        return all(words_and_numbers(item) for item in value)
    return (
        value is None
        or isinstance(value, (bool, int))
        or (isinstance(value, str) and len(value) < 80 and " " not in value)
    )


def test_a_refused_delivery_is_no_failure(morning: dict[str, Any], region: Path, homes: list[Path]) -> None:
    """A delivery that was changed on its way leaves the run green; another of the same morning is admitted."""
    first = homes[0]
    drop(region, first, PARTNERS[3].partner_id, PARTNERS[4].partner_id)
    changed = first / "inbox" / "deliveries" / f"{PARTNERS[3].partner_id}_{MONTH}_0001" / "signals.sealed"
    changed.write_bytes(changed.read_bytes()[:-1])
    assert "success" == run(DAY, "admit_deliveries")["admit_deliveries"]["state"]
    codes = {
        path.parent.name: json.loads(path.read_text(encoding="utf-8"))["response_code"]
        for path in (first / "outbox" / "receipts").glob("*/receipt.json")
    }
    assert "INCORRECT_FILE_SIZE" == codes[f"{PARTNERS[3].partner_id}_{MONTH}_0001"]
    assert codes[f"{PARTNERS[4].partner_id}_{MONTH}_0001"].startswith("OK")


def test_nothing_on_a_saturday_and_nothing_lost(morning: dict[str, Any], homes: list[Path]) -> None:
    """What was admitted is matched; the order is skipped on a Saturday and made on Monday."""
    assert "success" == run(SATURDAY, "match_signals")["match_signals"]["state"]
    saturday = run(SATURDAY, "reveal_cases")["reveal_cases"]
    assert "success" == saturday["state"]
    assert 5 == saturday["tasks"]["skipped"]  # two orders, two waits, one telling
    assert [{}, {}] == [lists_of(home, SATURDAY) for home in homes]
    monday = date(2026, 11, 9)
    assert "success" == run(monday, "reveal_cases")["reveal_cases"]["state"]
    assert all(lists_of(home, monday) for home in homes)


def test_one_municipality_in_trouble_stops_no_other(
    morning: dict[str, Any], region: Path, homes: list[Path], capfd: pytest.CaptureFixture[str]
) -> None:
    """A home whose teams cannot be read fails by its code in red; the other is served and wakes what is next."""
    broken, healthy = homes
    drop(region, healthy, PARTNERS[5].partner_id)
    teams = (broken / "teams.json").read_text(encoding="utf-8")
    (broken / "teams.json").write_text("{", encoding="utf-8")
    try:
        ended = run(DAY, "admit_deliveries", "match_signals", "publish_analytics")
    finally:
        (broken / "teams.json").write_text(teams, encoding="utf-8")
    assert {"failed": 1, "success": 4} == ended["admit_deliveries"]["tasks"]  # find, wait, one delivery, tell
    assert {"failed": 1, "success": 2, "skipped": 1} == ended["match_signals"]["tasks"]  # no case changed
    # find; publish and report of the healthy one; publish of the other, and no report of it
    assert {"failed": 1, "success": 3, "upstream_failed": 1} == ended["publish_analytics"]["tasks"]
    assert {"failed"} == {event["state"] for event in ended.values()}
    assert (healthy / "outbox" / "receipts" / f"{PARTNERS[5].partner_id}_{MONTH}_0001" / "receipt.json").is_file()
    assert "TEAMS_INVALID" in "".join(capfd.readouterr())


def test_a_bug_shows_no_value(
    morning: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """When a step fails by a fault of ours, what it says stays out of Airflow's log."""

    def fail(_run: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("pipeline.commands.settle.settle", fail)
    event = run(DAY, "settle_outcomes")["settle_outcomes"]
    said = "".join(capfd.readouterr())
    assert 2 == event["tasks"]["failed"]
    assert "ValueError" in said
    assert SECRET not in said
