"""Matching and routing on a store: what is written, when, and that twice is once. On both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipeline.commands.match import match, match_month, touched_months
from pipeline.commands.route import route
from pipeline.commands.wiring import Run
from pipeline.store import cases as store_cases
from pipeline.store import tables
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.teams import Teams
from tests.builders.matching import MONTH, NOW, agreement, cases, deliver, everything, later, make_run

TWO = """
    partner | client | name   | initial | born
    huur    | 1      | Jansen | A       | 1980-05-31
    energie | 7      | Jansen | A       | 1980-05-31
"""
THREE = f"{TWO.rstrip()}\n    water   | 4      | Jansen | A       | 1980-05-31\n"
ONE = """
    partner | client | name   | initial | born
    huur    | 1      | Jansen | A       | 1980-05-31
"""
NOBODY = "partner | client"


@pytest.fixture
def run(database: str, tmp_path: Path) -> Run:
    return make_run(database, tmp_path)


def reveal_all(run: Run) -> None:
    with run.store.transaction("reveal", **NOW) as transaction:
        shown = {"state": "revealed", "first_revealed_on": "2026-10-12"}
        transaction.update(tables.cases, tables.cases.c.state == "routed", shown)


def test_two_partners_open_a_case(run: Run) -> None:
    """A matched month holds one case with its signals, area, rule and first revision."""
    deliver(run, TWO)
    outcome = match(run)
    (case,) = cases(run)
    assert {"opened": 1, "sets": 1, "signals": 2, "months": 1}.items() <= outcome.counts.items()
    assert ["energie 7", "huur 1"] == case["members"]
    assert ("opened", "matched", "person", "WK990101", 2, 2, 1, 1) == tuple(
        case[name]
        for name in (
            "state",
            "lane",
            "evidence",
            "wijkcode",
            "partner_count",
            "months_max",
            "revision",
            "agreement_version",
        )
    )


def test_matching_twice_writes_nothing_more(run: Run) -> None:
    """A month that did not change is not touched; matching it all the same leaves every row as it was."""
    deliver(run, TWO)
    match(run)
    route(run)
    before = everything(run)
    assert [] == touched_months(run)
    match_month(later(run, 5), MONTH)
    route(later(run, 6))
    assert before["cases"] == everything(run)["cases"]
    assert before == everything(run)


def test_a_late_delivery_extends_the_case(run: Run) -> None:
    """The id stays, the revision rises, and the case is routed again."""
    deliver(run, TWO)
    match(run)
    route(run)
    (before,) = cases(run)
    deliver(run, THREE)
    assert [MONTH] == touched_months(run)
    match(later(run, 5))
    (after,) = cases(run)
    assert (before["case_id"], "opened", 2, 3) == tuple(
        after[name] for name in ("case_id", "state", "revision", "partner_count")
    )
    assert ["energie 7", "huur 1", "water 4"] == after["members"]


def test_a_retraction_withdraws_what_nobody_saw(run: Run) -> None:
    """The case has no active signal any more, and returns with its id when the rule is met again."""
    deliver(run, TWO)
    match(run)
    (opened,) = cases(run)
    deliver(run, ONE)
    match(later(run, 5))
    (withdrawn,) = cases(run)
    assert ("withdrawn", []) == (withdrawn["state"], withdrawn["members"])
    deliver(run, TWO)
    match(later(run, 10))
    (returned,) = cases(run)
    assert (opened["case_id"], "opened", opened["members"]) == (
        returned["case_id"],
        returned["state"],
        returned["members"],
    )


def test_a_retraction_marks_what_a_team_saw(run: Run) -> None:
    """A revealed case stays revealed, with its signals and a mark."""
    deliver(run, TWO)
    match(run)
    route(run)
    reveal_all(run)
    deliver(run, NOBODY)
    match(later(run, 5))
    (case,) = cases(run)
    assert ("revealed", "retracted", 2) == (case["state"], case["mark"], len(case["members"]))


def test_a_revealed_case_that_grows_stays_revealed(run: Run) -> None:
    """The team sees it grown, with a new revision; what was confirmed stays confirmed."""
    deliver(run, TWO)
    match(run)
    route(run)
    reveal_all(run)
    with run.store.transaction("reveal", **NOW) as transaction:
        transaction.update(tables.case_signals, sa.true(), {"is_confirmed": True})
    deliver(run, THREE)
    match(later(run, 5))
    (case,) = cases(run)
    assert ("revealed", 2, "2026-10-12") == (case["state"], case["revision"], case["first_revealed_on"])
    confirmed = run.store.all(sa.select(tables.case_signals).order_by(tables.case_signals.c.partner_id))
    assert [True, True, None] == [row["is_confirmed"] for row in confirmed]


def test_two_cases_merge_into_the_first(run: Run) -> None:
    """The first-opened id goes on, the other points to it and holds nothing."""
    deliver(run, TWO)
    match(run)
    separate = """
        partner | client | name   | initial | born       | e-mail
        huur    | 1      | Jansen | A       | 1980-05-31 |
        energie | 7      | Jansen | A       | 1980-05-31 |
        water   | 4      | Visser | A       | 1980-05-31 | a@example.nl
        zorg    | 3      | Visser | A       | 1980-05-31 | a@example.nl
    """
    deliver(run, separate)
    match(later(run, 5))
    first, second = cases(run)
    deliver(run, separate.replace("zorg    | 3      | Visser", "zorg    | 3      | Jansen/Visser"))
    match(later(run, 10))
    survivor, merged = cases(run)
    assert (first["case_id"], 4, None) == (survivor["case_id"], len(survivor["members"]), survivor["merged_into"])
    assert (second["case_id"], "merged", first["case_id"], []) == tuple(
        merged[name] for name in ("case_id", "state", "merged_into", "members")
    )
    assert 1 == len(run.store.all(sa.select(tables.journal).where(tables.journal.c.action == "merge_case")))


def test_a_new_rule_matches_open_months_again(run: Run) -> None:
    """A new version of the agreement makes open months be matched under it, and closed months not."""
    for month in ("2026-07", MONTH):
        deliver(run, TWO, month)
    match(run)
    stricter = replace(run, agreements=(*run.agreements, agreement(2, Rule(min_partners=3))))
    assert [MONTH] == touched_months(stricter)
    match(stricter)
    assert {("2026-07", "opened"), (MONTH, "withdrawn")} == {(case["month"], case["state"]) for case in cases(run)}
    assert [] == touched_months(stricter)


def test_a_partner_that_left_the_agreement_does_not_count(run: Run) -> None:
    """Signals of a partner that is not in the version for the month make no case."""
    deliver(run, TWO)
    match(run)
    match(replace(run, agreements=(*run.agreements, agreement(2, without="energie"))))
    assert ["withdrawn"] == [case["state"] for case in cases(run)]


def test_months_never_meet(run: Run) -> None:
    """Signals of one person in two months make no case, and each month has its own."""
    deliver(run, ONE, "2026-09")
    deliver(run, TWO.replace("huur    | 1", "water   | 1"), MONTH)
    match(run)
    assert [MONTH] == [case["month"] for case in cases(run)]


def test_a_delivery_during_matching_is_not_lost(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark goes up to what was read, not to what arrived meanwhile."""
    deliver(run, ONE)
    describe = "pipeline.commands.match.describe_sets"
    original = match.__globals__["describe_sets"]

    def describe_while_somebody_delivers(*given: object) -> object:
        deliver(run, TWO)
        return original(*given)

    monkeypatch.setattr(describe, describe_while_somebody_delivers)
    match(run)
    monkeypatch.setattr(describe, original)
    assert ([], [MONTH]) == (cases(run), touched_months(run))
    match(run)
    assert 1 == len(cases(run))


def test_a_failure_leaves_the_month_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases, signals, journal and mark are one transaction."""
    deliver(run, TWO)
    before = everything(run)
    with monkeypatch.context() as patch:
        patch.setattr(store_cases, "mark_matched", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            match(run)
    assert before == everything(run)
    match(run)
    assert 1 == len(cases(run))


def test_crisis_signals_without_a_case_are_counted(run: Run) -> None:
    """Count: each crisis signal that stands in no case, per month; reveal: it is a case of its own lane."""
    crisis = """
        partner | client | months | name   | initial | born       | crisis
        huur    | 1      | 4      | Jansen | A       | 1980-05-31 | no
        energie | 7      | 4      | Jansen | A       | 1980-05-31 | yes
        energie | 8      | 1      | Yilmaz | E       | 1991-02-03 | yes
    """
    deliver(run, crisis)
    match(run)
    assert {MONTH: 1} == store_cases.count_crisis_without_case(run.store)
    match(later(replace(run, agreements=(agreement(2, crisis="reveal"),)), 5))
    assert {} == store_cases.count_crisis_without_case(run.store)
    assert [("matched", True), ("crisis", True)] == [(case["lane"], case["is_crisis"]) for case in cases(run)]


def test_what_nobody_serves_waits_with_a_reason(run: Run) -> None:
    """An area without a team leaves the case opened; when a team begins to serve it, it is routed."""
    deliver(run, TWO)
    match(run)
    nobody = replace(run, teams=Teams((), None, ()))
    assert {"routed": 0, "unroutable": 1} == route(nobody).counts
    assert [("opened", "no_team")] == [(case["state"], case["reason_code"]) for case in cases(run)]
    assert {"routed": 1, "unroutable": 0} == route(run).counts
    assert [("routed", "noord", "n1", None)] == [
        (case["state"], case["team_id"], case["counsellor_id"], case["reason_code"]) for case in cases(run)
    ]


def test_the_journal_names_cases_and_no_signal(run: Run) -> None:
    """One line per case and one per month, in the transaction that wrote them."""
    deliver(run, TWO)
    match(run)
    lines = run.store.all(sa.select(tables.journal).order_by(tables.journal.c.seq))
    (case,) = cases(run)
    assert [("open_case", case["case_id"], "opened"), ("match_month", MONTH, "done")] == [
        (line["action"], line["object"], line["result"]) for line in lines
    ]
    assert {"match_month"} == {line["transaction_name"] for line in lines} | {case["written_by"]}
