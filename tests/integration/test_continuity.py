"""A household that comes again: one case goes on, a repeat makes no new visit, a rise reopens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands.status import status
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.store.feedback import signals_with_outcome
from pipeline.vocabulary.period import add_working_days
from tests.builders.deliveries import Municipality
from tests.builders.kept import Begin
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
    write_case_key,
    write_opening_key,
)

LATER = date(2026, 12, 1)
NOVEMBER = "2026-11"
OCTOBER = [
    report("huur-a", "a", "x", arrears_months=3),
    report("energie-a", "b", "x", arrears_months=2),
]


def november(huur: int = 4, energie: int = 3, **contact: Any) -> list[dict[str, Any]]:
    """The same household a month later."""
    return [
        report("huur-a", "a2", "y", month=NOVEMBER, klantnummer="klant-a", arrears_months=huur, **contact),
        report("energie-a", "b2", "y", month=NOVEMBER, klantnummer="klant-b", arrears_months=energie, **contact),
    ]


def make_both_months(path: Path) -> Municipality:
    made = make_municipality_with_opener(path)
    write_opening_key(made, NOVEMBER)
    return made


def make_october(path: Path) -> Municipality:
    made = make_both_months(path)
    with made.run(TUESDAY) as run:
        keep(run, OCTOBER)
        reveal_here(run)
    return made


@pytest.fixture
def empty(begin: Begin) -> Municipality:
    return begin(make_both_months)


@pytest.fixture
def place(begin: Begin) -> Municipality:
    """After the list of October was handed over."""
    return begin(make_october)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        yield opened


def next_month(place: Municipality, rows: list[dict[str, Any]], on: date = LATER) -> list[dict[str, Any]]:
    """The list of a day in December, after these signals of November came in."""
    with place.run(on) as later:
        keep(later, [*OCTOBER, *rows])
        reveal_here(later)
    cases: list[dict[str, Any]] = worklist(place, on=on)["cases"]
    return cases


def states(run: Run) -> dict[str, tuple[str, str | None, bool]]:
    """Per month: state, reason, and whether the case joined another."""
    return {
        row["month"]: (row["state"], row["reason_code"], row["joined_to"] is not None)
        for row in rows_in(run, "cases")
    }


def close(run: Run) -> None:
    """What a returned end result does."""
    (case,) = rows_in(run, "cases")
    with run.store.transaction("settle_follow_up", at=run.now, actor="test") as transaction:
        transaction.update(tables.cases, sa.true(), {"state": "closed"})
        transaction.insert(
            tables.results,
            [
                {
                    "case_id": case["case_id"],
                    "result": "Geen reactie na eerder contact",
                    "result_on": "2026-11-10",
                    "has_consent_for_feedback": True,
                    "is_unsafe": True,
                    "recorded_at": run.now,
                }
            ],
        )


def test_repeat_joins_the_running_case_on_the_same_list(place: Municipality, run: Run) -> None:
    """One entry, under the first number, with what was reported last and both months; nobody is visited anew."""
    (entry,) = next_month(place, november())
    first = next(row for row in rows_in(run, "cases") if row["month"] == "2026-10")
    assert (first["case_id"], False, "running") == (entry["case_id"], entry["is_new"], entry["ground"])
    assert (["2026-10", NOVEMBER], "repeat") == (entry["months"], entry["lane"])
    assert [("klant-a", 4, NOVEMBER), ("klant-b", 3, NOVEMBER)] == sorted(
        (signal["klantnummer"], signal["arrears_months"], signal["month"]) for signal in entry["signals"]
    )
    assert "Dit huishouden is in november 2026 opnieuw gemeld." == entry["reasons"][0]
    assert ("joined", "RUNNING_CASE", True) == states(run)[NOVEMBER]
    assert [False, True] == sorted(row["is_new"] for row in rows_in(run, "disclosures"))


def test_a_partner_that_reports_no_more_stays_with_its_month(place: Municipality, run: Run) -> None:
    """Who reported in October alone is shown with that month, so the counsellor sees what is old."""
    rows = [*november()[:1], report("water-a", "c2", "y", month=NOVEMBER, arrears_months=2)]
    (entry,) = next_month(place, rows)
    assert [("energie-a", "2026-10"), ("huur-a", NOVEMBER), ("water-a", NOVEMBER)] == sorted(
        (signal["partner_id"], signal["month"]) for signal in entry["signals"]
    )


def test_run_again_nothing_changes(place: Municipality, run: Run) -> None:
    """The day after, and a second time on one day, the same case stands there once."""
    next_month(place, november())
    before = states(run)
    assert [False] == [case["is_new"] for case in next_month(place, november())]
    assert 1 == len(next_month(place, november(), LATER + timedelta(days=1)))
    assert before == states(run)
    assert 2 == sum(row["action"] == "open_case" for row in rows_in(run, "journal"))


def test_rise_reopens_a_closed_case(place: Municipality, run: Run) -> None:
    """More months than before: the case runs again without end result or consent, and its safety mark stays."""
    close(run)
    (entry,) = next_month(place, november())
    assert ["2026-10", NOVEMBER] == entry["months"]
    assert {"2026-10": ("in_progress", None, False), NOVEMBER: ("joined", "ARREARS_ROSE", True)} == states(run)
    (result,) = rows_in(run, "results")
    assert (None, "2026-12-01", False, True) == (
        result["result"],
        result["result_on"],
        result["has_consent_for_feedback"],
        result["is_unsafe"],
    )
    assert entry["is_unsafe"]
    assert ("2026-12-29", "2026-12-01", True) == (entry["due_on"], entry["term_from_on"], entry["is_contact_due"])
    assert ("2026-11-10", "2026-11-10") == (entry["earlier_result_on"], result["earlier_result_on"])
    first = next(row for row in rows_in(run, "cases") if row["month"] == "2026-10")
    assert ("2026-12-29", "2026-12-01") == (first["due_on"], first["term_from_on"])
    orders = len(rows_in(run, "worklist_orders"))
    assert 1 == len(next_month(place, november()))
    assert orders == len(rows_in(run, "worklist_orders"))


def test_a_case_that_is_taken_up_again_counts_as_opened(empty: Municipality) -> None:
    """The new month and the closed case are two openings: where one a day is expected, that raises the alarm."""
    empty.agreement["thresholds"] = {"openings_per_day": 1}
    empty.write_documents()
    with empty.run(TUESDAY) as first:
        keep(first, OCTOBER)
        reveal_here(first)
        close(first)
    next_month(empty, november())
    with empty.run(LATER) as later:
        passed = [row for row in rows_in(later, "journal") if row["action"] == "opening_ceiling"]
        told = status(later)
    assert [("2026-12-01", {"opened": 2, "ceiling": 1})] == [(row["object"], row["counts"]) for row in passed]
    assert 1 == told.counts["days_over_opening_ceiling"]
    assert any("Op 01-12-2026 zijn 2 zaken geopend, meer dan de grens van 1" in text for text in told.lines)


def test_a_case_that_is_taken_up_again_and_stays_sealed_does_not_count_as_opened(empty: Municipality) -> None:
    """Its team is gone: one case was opened that day, and one a day is expected; nobody need look into that."""
    empty.agreement["thresholds"] = {"openings_per_day": 1}
    empty.write_documents()
    with empty.run(TUESDAY) as first:
        keep(first, OCTOBER)
        reveal_here(first)
        close(first)
    only = {"team_id": "zuid", "name": "Wijkteam Zuid", "wijken": ["WK990101", "WK990102"]}
    empty.home.teams_file.write_text(json.dumps({"format": "samenloop/teams/1", "teams": [only]}))
    with empty.run(LATER) as later:
        keep(later, [*OCTOBER, *november()])
        reveal_here(later)
        told = [row["result"] for row in rows_in(later, "journal") if row["action"] == "judge_case"]
        passed = [row["counts"] for row in rows_in(later, "journal") if row["action"] == "opening_ceiling"]
        assert ["confirmed ARREARS_ROSE", "withheld GROUND_NOT_MET"] == told[1:]
        assert (0, []) == (status(later).counts["days_over_opening_ceiling"], passed)


def test_a_case_that_may_not_be_taken_up_is_not_called_running(place: Municipality, run: Run) -> None:
    """The old month names a door that must not be visited: its row says so, and its end result stays."""
    close(run)
    lists = place.home.opener_lists_dir
    lists.mkdir(mode=0o700)
    (lists / "lijst.csv").write_text("postcode;huisnummer;huisletter;reden\n9901AB;12;A;onveilig\n")
    next_month(place, november(6, 6, house_letter=None))
    (old,) = (row for row in rows_in(run, "cases") if row["month"] == "2026-10")
    asked = [row for row in rows_in(run, "opening_requests") if row["case_id"] == old["case_id"]]
    told = [(row["action"], row["result"]) for row in rows_in(run, "journal") if row["object"] == old["case_id"]]
    assert {"confirmed PERSON", "excluded UNSAFE"} == {f"{row['verdict']} {row['reason_code']}" for row in asked}
    assert ("judge_case", "excluded UNSAFE") in told
    assert ("move_case", "in_progress") not in told
    assert ["excluded"] == [row["state"] for row in rows_in(run, "cases") if row["case_id"] == old["case_id"]]
    assert ["Geen reactie na eerder contact"] == [row["result"] for row in rows_in(run, "results")]


def call(run: Run, on: str) -> None:
    """What a returned sheet with a call does."""
    case = next(row for row in rows_in(run, "cases") if row["month"] == "2026-10")
    kept = {"attempt_id": f"A-{on}", "case_id": case["case_id"], "contact_type": "Telefoon", "is_reached": True}
    with run.store.transaction("settle_follow_up", at=run.now, actor="test") as transaction:
        transaction.update(tables.cases, tables.cases.c.case_id == case["case_id"], {"state": "in_progress"})
        transaction.insert(tables.attempts, [{**kept, "attempted_on": on, "recorded_at": run.now}])


def test_crisis_of_a_later_month_gives_a_running_case_a_term(place: Municipality, run: Run) -> None:
    """Called in October, in crisis in December: three working days, until somebody calls again."""
    call(run, "2026-10-20")
    rows = november(is_crisis=True, crisis_kind="ontruiming", crisis_on="2026-12-20")
    days = [LATER, LATER, LATER + timedelta(days=1)]
    told = [next_month(place, rows, on=day)[0] for day in days]
    assert [("2026-12-04", "2026-12-01", True)] * 3 == [
        (entry["due_on"], entry["term_from_on"], entry["is_contact_due"]) for entry in told
    ]
    call(run, "2026-12-02")
    (entry,) = next_month(place, rows, on=LATER + timedelta(days=2))
    assert not entry["is_contact_due"]


def test_crisis_that_comes_later_in_the_month_is_not_late_the_day_it_comes(place: Municipality, run: Run) -> None:
    """Opened in October without one: the three working days begin when the crisis comes in."""
    rows = [report("huur-a", "a", "x", sequence=2, arrears_months=3, is_crisis=True, crisis_kind="ontruiming")]
    day = TUESDAY + timedelta(days=6)
    with place.run(day) as later:
        keep(later, [*rows, OCTOBER[1]])
        reveal_here(later)
    (entry,) = worklist(place, on=day)["cases"]
    expected = add_working_days(day, 3).isoformat()
    assert ((expected, True), day.isoformat()) == (
        (entry["due_on"], entry["is_contact_due"]),
        rows_in(run, "cases")[0]["crisis_from_on"],
    )


def test_repeat_without_a_rise_is_counted_told_and_not_visited(place: Municipality, run: Run) -> None:
    """The same arrears after a closed case: on no list, and its partners read that it is a repeat."""
    close(run)
    assert [] == next_month(place, november(huur=3, energie=2))
    assert {"2026-10": ("closed", None, False), NOVEMBER: ("joined", "REPEAT", True)} == states(run)
    told = signals_with_outcome(run.store)
    assert {("2026-10", None), (NOVEMBER, "REPEAT")} == set(told.select("month", "reason_code").rows())


def test_a_case_that_grows_moves_up_and_says_so_on_one_list(place: Municipality, run: Run) -> None:
    """A third partner puts it above its equals; the day after, the growth is no news any more."""
    grown = report("water-a", "c", "x", arrears_months=2)
    other = {"initials": "K.", "birth_on": "1971-07-09", "email": None, "phone": None, "arrears_eur": 990}
    equal = [report("huur-a", "d", "z", **other), report("energie-a", "e", "z", **other)]
    days = [TUESDAY + timedelta(days=number) for number in (1, 2, 3)]
    for day, rows in zip(
        days, ([*OCTOBER, *equal], [*OCTOBER, *equal, grown], [*OCTOBER, *equal, grown]), strict=True
    ):
        with place.run(day) as later:
            keep(later, rows)
            reveal_here(later)
    lists = [worklist(place, on=day)["cases"] for day in days]
    assert [2, 3, 3] == [len({s["partner_id"] for s in cases[0]["signals"]}) for cases in lists]
    assert [False, True, False] == [cases[0]["is_grown"] for cases in lists]
    assert lists[1][0]["reasons"][0].startswith("Sinds uw vorige lijst")


def test_another_household_does_not_join(place: Municipality, run: Run) -> None:
    """A namesake with another birth date is a case of its own."""
    cases = next_month(place, november(birth_on="1980-02-11", email=None, phone=None))
    assert [True, False] == sorted((case["is_new"] for case in cases), reverse=True)
    assert "revealed" == states(run)[NOVEMBER][0]


def test_household_is_known_again_after_the_case_key_changed(place: Municipality, run: Run) -> None:
    """What was written under the former key is still found."""
    write_case_key(place, 2)
    assert 1 == len(next_month(place, november()))
    assert {"case-GM9901-1", "case-GM9901-2"} == {row["key_id"] for row in rows_in(run, "case_pseudonyms")}


MOVED = {"initials": "J.K.", "postcode": "9901ZZ", "house_number": "99", "email": None, "phone": None}


def test_what_joined_by_name_and_birth_date_stays_in_the_entry(place: Municipality, run: Run) -> None:
    """Field by field they are two: both are shown on the first day, the next, and after the case key changed."""
    rows = [report(partner, f"{partner}-2", "y", month=NOVEMBER, **MOVED) for partner in ("huur-a", "water-a")]
    shown = [("energie-a", "2026-10"), ("huur-a", "2026-10"), ("huur-a", NOVEMBER), ("water-a", NOVEMBER)]
    for number in (0, 1, 2):
        if number == 2:
            write_case_key(place, 2)
        (entry,) = next_month(place, rows, LATER + timedelta(days=number))
        assert shown == sorted((signal["partner_id"], signal["month"]) for signal in entry["signals"])
        assert 2 == len(entry["household"]["persons"])


def test_first_month_taken_back_the_second_goes_on(place: Municipality, run: Run) -> None:
    """No "hoeft niet meer" while a later month stands; with that taken back too the team is told once."""
    next_month(place, november())
    wednesday, thursday = LATER + timedelta(days=1), LATER + timedelta(days=2)
    with place.run(wednesday) as later:
        keep(later, november())
        reveal_here(later)
    (entry,) = worklist(place, on=wednesday)["cases"]
    assert ("running", {NOVEMBER}) == (entry["ground"], {signal["month"] for signal in entry["signals"]})
    with place.run(thursday) as later:
        keep(later, [])
        reveal_here(later)
    assert ["withdrawal"] == [case["ground"] for case in worklist(place, on=thursday)["cases"]]
    assert ["revealed", "withdrawn"] == sorted(state for state, _, _ in states(run).values())


def test_two_months_at_once_make_one_visit(empty: Municipality, tmp_path: Path) -> None:
    """When both months come in on one day the first is shown, and the second joins it on the next."""
    with empty.run(LATER) as later:
        keep(later, [*OCTOBER, *november()])
        reveal_here(later)
        assert 1 == len(worklist(empty, on=LATER)["cases"])
        assert ("routed", None, False) == states(later)[NOVEMBER]
    with empty.run(LATER + timedelta(days=1)) as later:
        reveal_here(later)
        (entry,) = worklist(empty, on=LATER + timedelta(days=1))["cases"]
        assert ["2026-10", NOVEMBER] == entry["months"]
        assert ("joined", "RUNNING_CASE", True) == states(later)[NOVEMBER]


TWICE = [
    *OCTOBER,
    report("water-a", "c", "z", arrears_months=2),
    report("huur-a", "d", "z", klantnummer="klant-d", arrears_months=5),
]


def test_two_cases_of_one_month_on_one_day_are_each_shown(empty: Municipality) -> None:
    """Matching did not see that they are one household: neither waits for the other, and neither joins it."""
    with empty.run(TUESDAY) as first:
        keep(first, TWICE)
        reveal_here(first)
        told = [(row["state"], row["reason_code"], row["joined_to"]) for row in rows_in(first, "cases")]
        asked = [(row["verdict"], row["reason_code"]) for row in rows_in(first, "opening_requests")]
    assert [("revealed", None, None)] * 2 == told
    assert [("confirmed", "PERSON")] * 2 == asked
    assert [["klant-a", "klant-b"], ["klant-c", "klant-d"]] == sorted(
        sorted(signal["klantnummer"] for signal in case["signals"]) for case in worklist(empty)["cases"]
    )


def test_two_cases_of_one_month_both_wait_for_an_earlier_month(empty: Municipality) -> None:
    """The first month alone is shown; on the next day both join it, and there is one visit."""
    rows = [*november(), report("water-a", "c2", "z", month=NOVEMBER), report("huur-a", "d2", "z", month=NOVEMBER)]
    (entry,) = next_month(empty, rows)
    assert ["2026-10"] == entry["months"]
    (entry,) = next_month(empty, rows, LATER + timedelta(days=1))
    assert ["2026-10", NOVEMBER] == entry["months"]
    with empty.run(LATER) as later:
        reasons = sorted(row["reason_code"] or "" for row in rows_in(later, "cases"))
    assert ["", "RUNNING_CASE", "RUNNING_CASE"] == reasons


@pytest.mark.parametrize("is_closed", [False, True])
def test_power_cut_while_a_case_goes_on_changes_nothing(place: Municipality, run: Run, is_closed: bool) -> None:
    """Cut between writing the lists and keeping what follows: the next opener ends where it would have ended."""
    if is_closed:
        close(run)
    cut = pytest.MonkeyPatch()
    cut.setattr("pipeline.store.openings.finish_order", lambda *_, **__: (_ for _ in ()).throw(OSError("power")))
    with pytest.raises(OSError, match="power"):
        next_month(place, november())
    cut.undo()
    assert "routed" == states(run)[NOVEMBER][0]
    (entry,) = next_month(place, november())
    assert ["2026-10", NOVEMBER] == entry["months"]
    assert ("in_progress" if is_closed else "revealed", None, False) == states(run)["2026-10"]
    assert "joined" == states(run)[NOVEMBER][0]
    assert 1 == sum(row["is_new"] for row in rows_in(run, "disclosures"))
    requests = [row["case_id"] for row in rows_in(run, "opening_requests") if row["filed_at"]]
    assert 3 == len(requests)
