"""From a matched case to a wijkteam's list: what is opened, on which ground, shown to whom, and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands.doubtful_cases import decide
from pipeline.commands.wiring import Run
from pipeline.revealed.disclose_case import ContactDesk
from pipeline.store import tables
from pipeline.store.connect import Transaction
from tests.builders.deliveries import NOW, Municipality
from tests.builders.openings import (
    TUESDAY,
    keep,
    make_municipality_with_opener,
    report,
    reveal_here,
    rows_in,
    worklist,
    write_opening_key,
)

WEDNESDAY = TUESDAY + timedelta(days=1)
SON = {"birth_on": "1980-02-11", "klantnummer": "klant-son"}
PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
OTHER_TWIN = {"initials": "H.M.", "email": None, "phone": None}


@pytest.fixture
def place(database: str, tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


@pytest.fixture
def run(place: Municipality) -> Iterator[Run]:
    with place.run(TUESDAY) as opened:
        yield opened


def one(run: Run, table: str) -> dict[str, Any]:
    (row,) = rows_in(run, table)
    return row


def actions(run: Run) -> list[tuple[str, str | None, str]]:
    """The opener's lines in the journal on what it opens, in order."""
    return [
        (row["action"], row["ground"], row["result"])
        for row in rows_in(run, "journal")
        if row["actor"] == "opener" and row["action"] != "know_agreement"
    ]


def change_cases(run: Run, **values: Any) -> None:
    """What matching, a steward or follow-up would have done."""
    with run.store.transaction("test", at=run.now, actor="test") as transaction:
        transaction.update(tables.cases, sa.true(), values)


def shown(place: Municipality, on: date = TUESDAY, team_id: str = "noord") -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = worklist(place, team_id, on)["cases"]
    return cases


def files(place: Municipality) -> dict[str, bytes]:
    """Every file in the worklists, with its content."""
    return {
        str(path.relative_to(place.home.worklists)): path.read_bytes()
        for path in sorted(place.home.worklists.rglob("*"))
        if path.is_file()
    }


def test_confirmed_case_is_shown_to_its_team_alone(place: Municipality, run: Run) -> None:
    """Case, signals and person stand on the list of the team that serves the area; the other list is empty."""
    keep(run, PAIR)
    reveal_here(run)
    (case,) = shown(place)
    assert {("huur-a", "klant-a"), ("energie-a", "klant-b")} == {
        (signal["partner_id"], signal["klantnummer"]) for signal in case["signals"]
    }
    assert ("person", True, 1) == (case["evidence"], case["is_new"], case["priority"])
    assert [] == shown(place, team_id="zuid")
    stored = one(run, "cases")
    assert ("revealed", "2026-11-03", "2026-12-01", 1) == (
        stored["state"],
        stored["first_revealed_on"],
        stored["due_on"],
        stored["revealed_revision"],
    )
    assert [True, True] == [row["is_confirmed"] for row in rows_in(run, "case_signals")]
    assert {"werklijst.html", "werklijst.xlsx", "werklijst.json"} == {Path(name).name for name in files(place)}


def test_everything_that_was_opened_stands_in_the_journal(place: Municipality, run: Run) -> None:
    """Begun, judged and disclosed, each with its ground; another person's case is judged and not disclosed."""
    keep(run, [*PAIR, report("huur-a", "c", "y"), report("water-a", "d", "y", **SON)])
    reveal_here(run)
    assert [
        ("disclose_case", "rule", "team noord"),
        ("hand_over_worklists", None, "done"),
        ("judge_case", "rule", "confirmed PERSON"),
        ("judge_case", "rule", "withheld ONE_HOUSEHOLD_ONLY"),
        ("open_contacts", "rule", "begun"),
        ("open_contacts", "rule", "begun"),
    ] == sorted(actions(run), key=str)
    assert 1 == len(rows_in(run, "disclosures"))
    assert ["revealed", "withheld"] == sorted(row["state"] for row in rows_in(run, "cases"))


def test_journal_is_committed_before_a_contact_is_opened(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the first opening the line can be read over another connection."""
    keep(run, PAIR)
    seen: list[list[tuple[str, str | None, str]]] = []
    really = ContactDesk.open

    def look_and_open(desk: ContactDesk, row: Any) -> Any:
        seen.append(actions(run))
        return really(desk, row)

    monkeypatch.setattr(ContactDesk, "open", look_and_open)
    reveal_here(run)
    assert [("open_contacts", "rule", "begun")] == seen[0]


def test_case_is_new_once_and_stays_until_it_is_closed(place: Municipality, run: Run) -> None:
    """On the next working day it runs; once closed it is gone."""
    keep(run, PAIR)
    reveal_here(run)
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
        (case,) = shown(place, WEDNESDAY)
        assert (False, "running", "2026-11-03") == (case["is_new"], case["ground"], case["first_shown_on"])
        change_cases(next_run, state="closed")
    with place.run(WEDNESDAY + timedelta(days=1)) as last_run:
        reveal_here(last_run)
        assert [] == shown(place, WEDNESDAY + timedelta(days=1))
    assert [True, False] == [
        row["is_new"] for row in sorted(rows_in(run, "disclosures"), key=lambda r: r["worklist_on"])
    ]


def test_third_partner_joins_the_running_case(place: Municipality, run: Run) -> None:
    """Its signal is shown in the same case, which is not new again; a house-mate's signal is not shown."""
    keep(run, PAIR)
    reveal_here(run)
    (before,) = shown(place)
    keep(run, [*PAIR, report("water-a", "c", "x"), report("water-a", "d", "x", **SON)])
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
    (case,) = shown(place, WEDNESDAY)
    assert (before["case_id"], False) == (case["case_id"], case["is_new"])
    assert ["klant-a", "klant-b", "klant-c"] == sorted(signal["klantnummer"] for signal in case["signals"])


def test_retracted_case_is_told_once(place: Municipality, run: Run) -> None:
    """The next list says that no visit is needed; the day after it is gone, and nothing closed silently."""
    keep(run, PAIR)
    reveal_here(run)
    keep(run, PAIR[:1])
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
        (case,) = shown(place, WEDNESDAY)
        assert ("withdrawal", [], "J.P. van der Berg") == (
            case["ground"],
            case["signals"],
            case["household"]["persons"][0]["name"],
        )
        before = files(place)
        assert reveal_here(next_run) is None
        assert before == files(place)
    with place.run(WEDNESDAY + timedelta(days=1)) as last_run:
        reveal_here(last_run)
    assert [] == shown(place, WEDNESDAY + timedelta(days=1))
    assert "retracted" == one(run, "cases")["mark"]


def test_to_tell_that_a_case_was_taken_back_only_who_was_shown_is_opened(place: Municipality, run: Run) -> None:
    """A house-mate's signal was in it and was not shown: it is not opened to say that no visit is needed."""
    housemate = report("huur-a", "d", "x", **SON)
    keep(run, [*PAIR, housemate])
    reveal_here(run)
    keep(run, [PAIR[0], housemate])
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
        lines = [row for row in rows_in(next_run, "journal") if row["action"] == "open_contacts"]
    assert [("rule", 3), ("withdrawal", 1)] == [(row["ground"], row["counts"]["contacts"]) for row in lines]


def test_each_time_that_a_case_is_taken_back_is_told(place: Municipality, run: Run) -> None:
    """Told, reported and shown again, and taken back again, at once or days later: the team hears it each time."""
    keep(run, PAIR)
    reveal_here(run)
    told = []
    back = PAIR[:1]
    for days, reported in ((1, [back]), (2, [PAIR]), (3, [back]), (6, [back]), (7, [PAIR, back]), (8, [back])):
        with place.run(TUESDAY + timedelta(days=days)) as next_run:
            for rows in reported:
                keep(next_run, rows)
                reveal_here(next_run)
            told.append([case["ground"] for case in shown(place, next_run.today)])
    assert [["withdrawal"], ["running"], ["withdrawal"], [], ["withdrawal"], []] == told


def test_doubtful_case_goes_to_the_steward_without_values(place: Municipality, run: Run) -> None:
    """Nothing on a list; the answer says which fields agree and holds nothing of the persons."""
    keep(run, [report("huur-a", "a", "x"), report("energie-a", "b", "x", **OTHER_TWIN)])
    reveal_here(run)
    assert [] == shown(place)
    assert ("doubtful", "PERSON_UNCERTAIN") == (one(run, "cases")["state"], one(run, "cases")["reason_code"])
    answer = one(run, "opening_requests")
    (pair,) = answer["fields"]["pairs"]
    assert ("equal", "conflict", "I1") == (pair["birth"], pair["initials"], pair["rule"])
    text = json.dumps(answer).lower()
    assert not [word for word in ("berg", "9901ab", "1950", "klant", "post.nl", "0612") if word in text]
    assert [] == rows_in(run, "disclosures")


@pytest.mark.parametrize(
    ("certainty", "state", "reason", "list_count"),
    [("likely", "revealed", None, 1), ("certain", "doubtful", "PERSON_UNCERTAIN", 0)],
)
def test_who_is_likely_one_person_is_shown_as_the_agreement_says(
    tmp_path: Path, certainty: str, state: str, reason: str | None, list_count: int
) -> None:
    """Shown with a word of caution that stays on the next list, or asked first."""
    rule = {"min_partners": 2, "min_months": 2, "late_months": 2, "match_on": ["person"], "certainty": certainty}
    place = make_municipality_with_opener(tmp_path, rule=rule)
    no_more_than_a_name = {"initials": None, "birth_on": None, "email": None, "phone": None}
    with place.run(TUESDAY) as run:
        keep(run, [report("huur-a", "a", "x"), report("energie-a", "b", "x", **no_more_than_a_name)])
        reveal_here(run)
        case = one(run, "cases")
        assert (state, reason) == (case["state"], case["reason_code"])
        assert list_count == len(shown(place))
        assert (None, True)[list_count] == case["is_likely"]
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
    told = [(case["is_likely"], "het is niet zeker" in case["reasons"][-1]) for case in shown(place, WEDNESDAY)]
    assert [(True, True)] * list_count == told


def test_case_that_the_steward_accepted_is_shown(place: Municipality, run: Run) -> None:
    """What was reviewed is not called doubtful again."""
    keep(run, [report("huur-a", "a", "x"), report("energie-a", "b", "x", **OTHER_TWIN)])
    reveal_here(run)
    decide(run, one(run, "cases")["case_id"], "accepted", "CALLING_NAME")
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
    (case,) = shown(place, WEDNESDAY)
    assert ("reviewed", True, 2) == (case["evidence"], case["is_new"], len(case["signals"]))


def test_follow_up_stands_with_the_case(place: Municipality, run: Run) -> None:
    """What was tried, the appointment and the safety mark are on the next list."""
    keep(run, PAIR)
    reveal_here(run)
    case_id = one(run, "cases")["case_id"]
    stamp = {"case_id": case_id, "recorded_at": run.now}
    with run.store.transaction("settle_follow_up", at=run.now, actor="test") as transaction:
        add_attempt(transaction, **stamp)
        said = {"has_consent_for_feedback": False, "next_appointment_on": "2026-11-10", "is_unsafe": True}
        transaction.insert(tables.results, [{**stamp, **said}])
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
    (case,) = shown(place, WEDNESDAY)
    assert [
        {
            "attempt_id": "A-1",
            "type": "Huisbezoek",
            "is_reached": False,
            "on": "2026-11-03",
            "part_of_day": "Avond",
            "by": "LS",
        }
    ] == case["attempts"]
    assert ("2026-11-10", True) == (case["next_appointment_on"], case["is_unsafe"])


@pytest.mark.parametrize(("said", "told"), [("c-1", "K. Peterlant"), ("c-9", "c-9"), (None, None)])
def test_who_tried_is_told_by_name(place: Municipality, run: Run, said: str | None, told: str | None) -> None:
    """A system returns the id of a counsellor; who is not in teams.json stands there as returned."""
    team: dict[str, Any] = {"team_id": "noord", "name": "Noord", "wijken": ["WK990101"]}
    team["counsellors"] = [{"counsellor_id": "c-1", "name": "K. Peterlant"}]
    (place.path / "teams.json").write_text(json.dumps({"format": "samenloop/teams/1", "teams": [team]}))
    keep(run, PAIR)
    reveal_here(run)
    case_id = one(run, "cases")["case_id"]
    with run.store.transaction("settle_follow_up", at=run.now, actor="test") as transaction:
        add_attempt(transaction, case_id=case_id, recorded_at=run.now, attempted_by=said)
    with place.run(WEDNESDAY) as next_run:
        reveal_here(next_run)
    assert [[told]] == [[attempt["by"] for attempt in case["attempts"]] for case in shown(place, WEDNESDAY)]


def add_attempt(transaction: Transaction, **stamp: Any) -> None:
    transaction.insert(
        tables.attempts,
        [
            {
                "attempt_id": "A-1",
                "contact_type": "Huisbezoek",
                "is_reached": False,
                "attempted_on": "2026-11-03",
                "part_of_day": "Avond",
                "attempted_by": "LS",
                **stamp,
            }
        ],
    )


def test_case_closed_during_the_day_stays_on_that_mornings_list(place: Municipality, run: Run) -> None:
    """Run the day again after the follow-up came in: the list of the morning is what it was."""
    keep(run, PAIR)
    reveal_here(run)
    before = files(place)
    change_cases(run, state="closed")
    assert reveal_here(run) is None
    assert before == files(place)


def test_crisis_signal_alone_is_shown_where_the_agreement_says_so(database: str, tmp_path: Path) -> None:
    """One partner and one month are enough in the crisis lane, and the case comes with three working days."""
    place = make_municipality_with_opener(tmp_path / "crisis", lanes={"crisis": "reveal"})
    crisis = {"is_crisis": True, "crisis_kind": "eindelevering", "crisis_on": "2026-12-01", "arrears_months": 1}
    with place.run(TUESDAY) as run:
        keep(run, [report("energie-a", "a", "x", **crisis)])
        reveal_here(run)
    (case,) = shown(place)
    assert ("crisis", "spoed", "2026-11-06") == (case["lane"], case["urgency"], case["due_on"])


CRISIS = {"is_crisis": True, "crisis_kind": "afsluiting", "crisis_on": "2026-12-01", "arrears_months": 1}
CRISIS_ALONE = report("water-a", "c", "x", **CRISIS)


def test_a_crisis_with_too_few_months_is_told_in_the_case_of_its_person(database: str, tmp_path: Path) -> None:
    """One entry that says the crisis, and none beside it about the same person; somebody else's has its own."""
    place = make_municipality_with_opener(tmp_path, lanes={"crisis": "reveal"})
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, CRISIS_ALONE, report("water-a", "d", "y", **SON, **CRISIS)])
        reveal_here(run)
    cases = {case["lane"]: case for case in shown(place)}
    assert {"matched": ["klant-a", "klant-b", "klant-c"], "crisis": ["klant-son"]} == {
        lane: sorted(signal["klantnummer"] for signal in case["signals"]) for lane, case in cases.items()
    }
    assert ("spoed", 1) == (cases["matched"]["urgency"], len(cases["matched"]["household"]["persons"]))


@pytest.mark.parametrize("first", [PAIR, [CRISIS_ALONE]], ids=["the case", "the crisis"])
def test_crisis_and_case_of_one_person_are_one_whichever_came_first(
    database: str, tmp_path: Path, first: list[dict[str, Any]]
) -> None:
    """What a team saw goes on under its number, with all three signals and the crisis."""
    place = make_municipality_with_opener(tmp_path, lanes={"crisis": "reveal"})
    for day, rows in ((TUESDAY, first), (WEDNESDAY, [*PAIR, CRISIS_ALONE])):
        with place.run(day) as run:
            keep(run, rows)
            reveal_here(run)
    (before,), (case,) = shown(place), shown(place, WEDNESDAY)
    assert (before["case_id"], "spoed", 3) == (case["case_id"], case["urgency"], len(case["signals"]))


def test_case_without_a_team_waits_and_is_counted(place: Municipality, run: Run) -> None:
    """It stands on no list, nobody opens it, and the outcome says so."""
    keep(
        run, [report("huur-a", "a", "x", wijkcode="WK990199"), report("energie-a", "b", "x", wijkcode="WK990199")]
    )
    reveal_here(run)
    assert ("opened", "no_team") == (one(run, "cases")["state"], one(run, "cases")["reason_code"])
    assert "open_contacts" not in {action for action, _, _ in actions(run)}


def test_without_the_months_key_nothing_opens_and_nothing_is_lost(place: Municipality, run: Run) -> None:
    """The case waits in its state; when the key is there, the same day shows it."""
    keep(run, PAIR)
    (key,) = place.home.opener_keys_dir.glob("opening-*.json")
    key.unlink()
    reveal_here(run)
    assert ("routed", "KEY_MISSING") == (one(run, "cases")["state"], one(run, "opening_requests")["reason_code"])
    assert [] == shown(place)
    write_opening_key(place, "2026-10")
    reveal_here(run)
    assert 1 == len(shown(place))


def test_instant_of_the_run_is_stamped(run: Run) -> None:
    """Rows carry the instant of the run, not of the machine."""
    keep(run, PAIR)
    reveal_here(run)
    assert NOW.strftime("%Y-%m-%dT%H:%M:%SZ") == one(run, "disclosures")["disclosed_at"]
