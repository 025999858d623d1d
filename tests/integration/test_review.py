"""The data steward decides on doubtful matches: what is seen, what a decision does, and for how long it holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline.commands import review
from pipeline.commands.doubtful_cases import answer, decide, doubt_references, list_doubts, question, show_doubt
from pipeline.commands.match import match, match_month
from pipeline.commands.status import status
from pipeline.commands.wiring import Run
from pipeline.revealed.describe_doubt import LATER, OPTIONS
from pipeline.store import tables
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.review import ACCEPTED, REJECTED
from tests.builders.deliveries import MONTH, Municipality
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
)

FRIDAY = date(2026, 11, 6)
WEDNESDAY = TUESDAY + timedelta(days=1)
OTHER_TWIN: dict[str, Any] = {"initials": "H.M.", "email": "h.vanderberg@post.nl", "phone": None}
TWINS = [report("huur-a", "a", "x"), report("energie-a", "b", "x", arrears_months=4, **OTHER_TWIN)]
CHANGED = [report("huur-a", "a", "x", arrears_months=5), *TWINS[1:]]
OF_A_PERSON = ("berg", "9901ab", "1950", "klant-", "post.nl", "0612")


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    """The morning on which a case turned out doubtful."""
    with place.run(TUESDAY, "s.jansen") as opened:
        keep(opened, TWINS)
        reveal_here(opened)
        yield opened


def case_id(run: Run) -> str:
    (row,) = rows_in(run, "cases")
    return str(row["case_id"])


def stored(run: Run) -> tuple[str, str, str | None]:
    (row,) = rows_in(run, "cases")
    return row["state"], row["evidence"], row["reason_code"]


def shown(place: Municipality, on: date = TUESDAY) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = worklist(place, on=on)["cases"]
    return cases


def said(place: Municipality, *arguments: str) -> tuple[int, str]:
    """Exit code, and what the command printed on stdout."""
    app = typer.Typer()
    review.register(app)
    where = ["--home", str(place.path), "--date", TUESDAY.isoformat()]
    result = CliRunner().invoke(app, ["review", *arguments, *where])
    return result.exit_code, result.stdout


def keep_again(run: Run, rows: Sequence[dict[str, Any]]) -> None:
    keep(run, rows)
    reveal_here(run)


def refused_code(run: Run, reference: str, decision: str = ACCEPTED, code: str = "SPELLING") -> str:
    with pytest.raises(Refused) as caught:
        decide(run, reference, decision, code)
    return caught.value.code


def test_the_queue_shows_what_may_be_seen(run: Run) -> None:
    """Partner types, months, wijk, reason and age in working days, of every case that waits."""
    friday = replace(run, today=FRIDAY)
    (doubt,) = list_doubts(friday)
    assert [("A", "Energie", 4), ("B", "Huur", 3)] == [
        (signal.letter, signal.partner_type, signal.arrears_months) for signal in doubt.signals
    ]
    assert ("WK990101", MONTH, "PERSON_UNCERTAIN", 3) == (
        doubt.area,
        doubt.month,
        doubt.reason_code,
        doubt.waiting_days,
    )
    assert 3 == status(friday).counts["doubtful_oldest_working_days"]
    assert 4 == list_doubts(replace(run, today=FRIDAY + timedelta(days=3)))[0].waiting_days


def test_the_oldest_comes_first(run: Run) -> None:
    """Who waits longest is asked first, whatever the number of the case."""
    first = doubt_references(run)
    later = replace(run, today=WEDNESDAY)
    keep_again(later, [*TWINS, report("huur-a", "c", "y"), report("water-a", "d", "y", **OTHER_TWIN)])
    second = [reference for reference in doubt_references(later) if reference not in first]
    assert [*first, *second] == doubt_references(later)
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        on_tuesday = tables.worklist_orders.c.worklist_on == TUESDAY.isoformat()
        transaction.update(tables.worklist_orders, on_tuesday, {"worklist_on": FRIDAY.isoformat()})
    assert [*second, *first] == doubt_references(later)


def test_show_tells_per_field_whether_it_agrees(run: Run) -> None:
    """Every field of a pair has its outcome, and the row of the table that made it doubtful is explained."""
    (pair,) = show_doubt(run, case_id(run)).pairs
    assert {
        "surname": "equal",
        "initials": "conflict",
        "birth": "equal",
        "address": "equal",
        "email": "conflict",
        "phone": "missing",
    } == pair.outcomes
    assert "doubtful" == pair.verdict
    assert pair.because.startswith("De voorletters verschillen")


def test_nothing_of_a_person_is_shown(place: Municipality, run: Run) -> None:
    """Not in the list, not on the page, not in the object for machines, not in Airflow's question."""
    pages = [
        "".join(question(run, doubt_references(run)[0]) or ()),
        *(
            said(place, *arguments)[1]
            for arguments in (
                ("list",),
                ("list", "--json"),
                ("show", case_id(run)),
                ("show", case_id(run), "--json"),
            )
        ),
    ]
    signal_ids = [row["signal_id"] for row in rows_in(run, "signals")]
    for page in pages:
        assert "Energie" in page
        assert [] == [word for word in (*OF_A_PERSON, *signal_ids) if word in page.lower()]


def test_accepted_case_is_on_the_next_list(place: Municipality, run: Run) -> None:
    """The same day still: reviewed, new, on the ground of the rule, and the list says who judged."""
    assert [] == shown(place)
    decide(run, case_id(run), ACCEPTED, "CALLING_NAME")
    assert ("routed", "reviewed", None) == stored(run)
    reveal_here(run)
    (case,) = shown(place)
    assert ("reviewed", True, 2) == (case["evidence"], case["is_new"], len(case["signals"]))
    assert "volgens de gegevensbeheerder samen één zaak" in case["reasons"][0]
    assert "rule" == rows_in(run, "disclosures")[0]["ground"]
    assert ("revealed", "reviewed", None) == stored(run)


def test_rejected_case_is_shown_to_nobody(place: Municipality, run: Run) -> None:
    """Neither today nor on a later day, and it does not wait any more."""
    decide(run, case_id(run), REJECTED, "RELATIVES")
    for day in (TUESDAY, WEDNESDAY):
        with place.run(day) as later:
            reveal_here(later)
        assert [] == shown(place, day)
    assert ("withheld", "person", "REVIEW_REJECTED") == stored(run)
    assert [] == doubt_references(run)


@pytest.mark.parametrize(
    ("decision", "code", "action", "state"),
    [(ACCEPTED, "MOVED", "accept_match", "routed"), (REJECTED, "NAMESAKES", "reject_match", "withheld")],
)
def test_decision_is_journalled(run: Run, decision: str, code: str, action: str, state: str) -> None:
    """Who, on which ground, with what result, in one named transaction with the case and the decision."""
    decide(run, case_id(run), decision, code)
    line = rows_in(run, "journal")[-1]
    assert ("s.jansen", action, case_id(run), code, state, "review_case") == (
        line["actor"],
        line["action"],
        line["object"],
        line["ground"],
        line["result"],
        line["transaction_name"],
    )
    (kept,) = rows_in(run, "reviews")
    assert (decision, code, "s.jansen", "review_case") == (
        kept["decision"],
        kept["reason_code"],
        kept["decided_by"],
        kept["written_by"],
    )
    assert "review_case" == rows_in(run, "cases")[0]["written_by"]


@pytest.mark.parametrize(
    ("decision", "code", "expected"),
    [
        (ACCEPTED, "SPELLING", ("revealed", "reviewed", None)),
        (REJECTED, "RELATIVES", ("withheld", "person", "REVIEW_REJECTED")),
    ],
)
def test_decision_survives_doing_it_all_again(
    run: Run, decision: str, code: str, expected: tuple[str, str, str | None]
) -> None:
    """Matching and revealing again, with nothing new or with the same delivered once more, asks nothing."""
    decide(run, case_id(run), decision, code)
    reveal_here(run)
    match_month(run, MONTH)
    match(run)
    reveal_here(run)
    keep_again(run, TWINS)
    assert expected == stored(run)
    assert [] == doubt_references(run)


@pytest.mark.parametrize(("decision", "code"), [(ACCEPTED, "SPELLING"), (REJECTED, "RELATIVES")])
def test_correction_undoes_a_decision(place: Municipality, run: Run, decision: str, code: str) -> None:
    """Other evidence is asked about again, and nothing was shown in between."""
    decide(run, case_id(run), decision, code)
    keep_again(run, CHANGED)
    assert ("doubtful", "person", "PERSON_UNCERTAIN") == stored(run)
    assert [] == shown(place)
    assert 1 == len(doubt_references(run))


@pytest.mark.parametrize(
    ("decision", "code", "expected"),
    [
        (ACCEPTED, "SPELLING", ("revealed", "reviewed", None)),
        (REJECTED, "RELATIVES", ("withheld", "person", "REVIEW_REJECTED")),
    ],
)
@pytest.mark.parametrize("between", [CHANGED, TWINS[:1]], ids=["changed", "gone"])
def test_same_evidence_is_not_asked_twice(
    run: Run, decision: str, code: str, expected: tuple[str, str, str | None], between: list[dict[str, Any]]
) -> None:
    """When a correction is taken back, or a signal comes back, the decision on that evidence stands again."""
    decide(run, case_id(run), decision, code)
    keep_again(run, between)
    keep_again(run, TWINS)
    assert expected == stored(run)
    assert [] == doubt_references(run)


def test_only_what_waits_can_be_decided(run: Run) -> None:
    """Decided otherwise before, unknown, with a reason of the other kind: refused, and nothing is written."""
    known = case_id(run)
    assert "REVIEW_REASON_UNKNOWN" == refused_code(run, known, ACCEPTED, "RELATIVES")
    assert "NOT_FOUND" == refused_code(run, "Z-unknown")
    decide(run, known, REJECTED, "RELATIVES")
    before = (rows_in(run, "reviews"), rows_in(run, "journal"), rows_in(run, "cases"))
    assert "CASE_NOT_DOUBTFUL" == refused_code(run, known)
    assert "CASE_NOT_DOUBTFUL" == refused_code(run, known, REJECTED, "NAMESAKES")
    assert "CASE_NOT_DOUBTFUL" == refused_code(replace(run, actor="somebody else"), known, REJECTED, "RELATIVES")
    assert before == (rows_in(run, "reviews"), rows_in(run, "journal"), rows_in(run, "cases"))


@pytest.mark.parametrize(("decision", "code"), [(ACCEPTED, "SPELLING"), (REJECTED, "RELATIVES")])
def test_the_same_decision_again_changes_nothing(run: Run, decision: str, code: str) -> None:
    """A task that was cut off after it kept an answer asks again, and does not fail on what it did itself."""
    (reference,) = doubt_references(run)
    assert {decision: 1} == decide(run, reference, decision, code).counts
    before = (rows_in(run, "reviews"), rows_in(run, "journal"), rows_in(run, "cases"))
    assert {decision: 0} == decide(run, reference, decision, code).counts
    assert before == (rows_in(run, "reviews"), rows_in(run, "journal"), rows_in(run, "cases"))


def test_decision_on_what_was_not_shown_is_refused(run: Run) -> None:
    """Who looked before a correction came cannot decide on what came after it."""
    (seen,) = doubt_references(run)
    keep_again(run, CHANGED)
    (now,) = doubt_references(run)
    assert seen != now
    assert "EVIDENCE_CHANGED" == refused_code(run, seen)
    decide(run, now, ACCEPTED, "SPELLING")


def test_answer_in_airflow_is_the_same_decision(run: Run) -> None:
    """Each option stands for a decision and its reason, in the name of the user; later leaves the case waiting."""
    (reference,) = doubt_references(run)
    assert {"left": 1} == answer(run, reference, LATER, "beheerder").counts
    assert ("doubtful", "person", "PERSON_UNCERTAIN") == stored(run)
    for choice, user in (("yes", "beheerder"), ("accepted:RELATIVES", "beheerder"), ("accepted:SPELLING", "")):
        with pytest.raises(Refused):
            answer(run, reference, choice, user)
    assert "accepted:CALLING_NAME" in OPTIONS.values()
    answer(run, reference, "accepted:CALLING_NAME", "beheerder")
    assert ("airflow:beheerder", "CALLING_NAME") == (
        rows_in(run, "journal")[-1]["actor"],
        rows_in(run, "journal")[-1]["ground"],
    )


def test_command_line(place: Municipality, run: Run) -> None:
    """List, show, accept, and what is said when it is too late."""
    code, text = said(place, "list", "--json")
    listed = json.loads(text)
    assert (0, 1) == (code, listed["counts"]["doubtful"])
    reference = listed["cases"][0]["reference"]
    assert f"samenloop review accept {reference} --reason-code" in said(place, "show", case_id(run))[1]
    code, text = said(place, "accept", reference, "--reason-code", "SPELLING", "--actor", "p.devries")
    assert (0, True) == (code, "Wijkteam Noord" in text)
    assert "p.devries" == rows_in(run, "reviews")[0]["decided_by"]
    assert "p.devries besloot" in said(place, "show", case_id(run))[1]
    assert 2 == said(place, "reject", reference, "--reason-code", "RELATIVES")[0]
    assert "Geen zaak wacht" in said(place, "list")[1]
