"""`samenloop status` and `samenloop journal`: what the data steward and the auditor read."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline.commands import journal, status
from pipeline.commands.log_listing import period_of
from pipeline.store import tables
from pipeline.store.journal import JournalQuestion
from pipeline.vocabulary.case import DOUBTFUL, EXCLUDED, IN_PROGRESS, LANE_CRISIS, MARK_RETRACTED, OPENED, REVEALED
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import TODAY, Municipality
from tests.builders.stewardship import WHEN, make_stewarded, put, put_case, put_line, put_signals, stored_signal

MONTH = "2026-10"


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """One partner delivered, one was refused, one is held; cases in four states; things in the inbox."""
    return make_busy(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    """The same, where the kind of database makes no difference."""
    return make_busy(tmp_path)


def make_busy(path: Path) -> Municipality:
    place = make_stewarded(path)
    with place.run() as run:
        for case_id, state, changes in (
            ("Z-late", REVEALED, {"due_on": "2026-11-02"}),
            ("Z-in-time", REVEALED, {"due_on": "2026-12-01"}),
            ("Z-taken", IN_PROGRESS, {"due_on": "2026-11-02"}),
            ("Z-wrote", IN_PROGRESS, {"due_on": "2026-11-02"}),
            ("Z-again", IN_PROGRESS, {"due_on": "2026-11-02", "term_from_on": "2026-10-05"}),
            ("Z-doubt", DOUBTFUL, {"reason_code": "PERSON_UNCERTAIN"}),
            ("Z-lost", OPENED, {"reason_code": "no_team", "wijkcode": "WK990199", "team_id": None}),
        ):
            signals = [stored_signal("huur-a", case_id), stored_signal("energie-a", case_id)]
            put_signals(run, signals)
            put_case(run, case_id, state, signals, **changes)
        put_signals(run, [stored_signal("huur-a", "single", is_crisis=True)])
        put(run, tables.attempts, **attempt("Z-taken", "Huisbezoek", "2026-10-20"))
        put(run, tables.attempts, **attempt("Z-wrote", "Brief", "2026-10-20"))
        put(run, tables.attempts, **attempt("Z-again", "Huisbezoek", "2026-10-01"))
        put(run, tables.deliveries, **delivery("huur-a", "warned", refused_count=2, refused_rows=ROWS))
        put(run, tables.deliveries, **delivery("energie-a", "refused", fault_code="SIGNATURE_WRONG"))
        put(run, tables.deliveries, **delivery("water-a", "held", warnings=["5 keer zoveel als anders."]))
        put(run, tables.worklist_orders, **order("W-1", "2026-10-30", "done"))
        put(run, tables.worklist_orders, **order("W-2", "2026-11-03", "filed"))
        put(run, tables.opening_requests, **request("W-1", "Z-doubt"))
        put(run, tables.disclosures, **disclosure("W-1", "Z-late"))
        put_line(run, **line("open_contacts", "Z-late", "opener", ground="rule"))
        put_line(run, **line("disclose_case", "Z-late", "opener", at="2026-11-03T23:30:00Z"))
    (place.inbox / "water-a_2026-10_0002").mkdir()
    (place.inbox / "Lijst van Wilhelmina.xlsx").write_text("x")
    (place.home.inbox_follow_up / "werklijst.xlsx").write_text("x")
    return place


ROWS = [{"code": "VALUE_MISSING", "column": "wijkcode", "row": row} for row in (3, 9)]


def delivery(partner_id: str, state: str, **changes: Any) -> dict[str, Any]:
    row = {
        "delivery_id": f"{partner_id}_{MONTH}_0001",
        "manifest_hash": "ab" * 32,
        "partner_id": partner_id,
        "month": MONTH,
        "sequence": 1,
        "kind": "signals",
        "state": state,
        "response_code": changes.get("fault_code", "OK"),
        "row_count": 11,
        "received_at": WHEN,
        "decided_at": WHEN,
        "decided_by": "samenloop",
    }
    return {**row, **changes}


def attempt(case_id: str, contact_type: str, on: str) -> dict[str, Any]:
    row = {"attempt_id": f"A-{case_id}", "case_id": case_id, "contact_type": contact_type, "attempted_on": on}
    return {**row, "is_reached": False, "recorded_at": WHEN}


def order(order_id: str, day: str, state: str) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "worklist_on": day,
        "revision": 1,
        "state": state,
        "fingerprint": "x",
        "filed_at": WHEN,
    }


def request(order_id: str, case_id: str) -> dict[str, Any]:
    row = {
        "request_id": f"R-{case_id}",
        "order_id": order_id,
        "case_id": case_id,
        "ground": "rule",
        "case_revision": 1,
    }
    return {**row, "state": "answered", "filed_at": WHEN, "filed_by": "samenloop"}


def disclosure(order_id: str, case_id: str) -> dict[str, Any]:
    row = {"order_id": order_id, "case_id": case_id, "worklist_on": "2026-10-30", "team_id": "noord"}
    return {**row, "ground": "rule", "is_new": True, "disclosed_at": WHEN}


def line(action: str, object_: str, actor: str, at: str = WHEN, ground: str | None = None) -> dict[str, Any]:
    row = {"at": at, "actor": actor, "action": action, "object": object_, "ground": ground}
    return {**row, "result": "begun", "counts": {"contacts": 2}, "transaction_name": "t"}


def counts_of(place: Municipality, today: date = TODAY) -> dict[str, int]:
    with place.run(today) as run:
        return dict(status.status(run).counts)


def text_of(place: Municipality, today: date = TODAY) -> str:
    with place.run(today) as run:
        return "\n".join(status.status(run).lines)


def test_status_counts_what_is_there_and_what_is_not(municipality: Municipality) -> None:
    """Admitted, refused by code, held, missing, incoming; cases per state, overdue, doubtful, without a team."""
    wanted = {
        "deliveries_admitted": 1,
        "deliveries_held": 1,
        "deliveries_refused": 1,
        "refused_SIGNATURE_WRONG": 1,
        "deliveries_missing": 2,
        "deliveries_incoming": 1,
        "rows_refused": 2,
        "follow_up_waiting": 1,
        "signals": 15,
        "signals_in_seen_cases": 10,
        "crisis_signals": 1,
        "cases_revealed": 2,
        "cases_in_progress": 3,
        "cases_doubtful": 1,
        "cases_opened": 1,
        "cases_overdue": 3,
        "cases_unroutable": 1,
        "doubtful_oldest_working_days": 2,
        "orders_waiting": 1,
        "is_opener_alive": 0,
    }
    counts = counts_of(municipality)
    assert wanted == {name: counts[name] for name in wanted}


def test_status_says_in_plain_words_what_to_do(local: Municipality) -> None:
    """Each thing that waits for somebody stands on top with its next step; no odd file name is repeated."""
    text = text_of(local, date(2026, 11, 10))
    for words in (
        "samenloop deliveries release water-a_2026-10_0001",
        "Vraag om de aanlevering: energie-a (2026-10)",
        "samenloop opener",
        "werklijst van 03-11-2026 wacht",
        "1 zaak is twijfelachtig",
        "1 zaak in WK990199: geen wijkteam",
        "SIGNATURE_WRONG",
        "2 van 11 rijen geweigerd",
        "alleen geteld",
        "Wijkteam Noord",
        "01-05-2027",
    ):
        assert words in " ".join(text.split()), words
    assert "Wilhelmina" not in text


def test_cases_are_counted_by_the_lane_they_came_by(municipality: Municipality) -> None:
    """A crisis that is shown counts as a crisis; what was taken back or has no team is on no list as a lane."""
    with municipality.run() as run:
        put_case(run, "Z-crisis", REVEALED, lane=LANE_CRISIS)
        put_case(run, "Z-back", REVEALED, lane=LANE_CRISIS, mark=MARK_RETRACTED)
        put_case(run, "Z-nobody", REVEALED, team_id=None, reason_code="no_team", wijkcode="WK990199")
    counts = counts_of(municipality)
    assert (5, 1, 1, 1) == tuple(
        counts[f"cases_{name}"] for name in ("shown_matched", "shown_crisis", "shown_without_team", "retracted")
    )


def test_a_remark_stands_under_the_state_it_is_about(local: Municipality) -> None:
    """Taken back and without a team are said of the cases that are shown, not of those on the exclusion list."""
    with local.run() as run:
        put_case(run, "Z-back", IN_PROGRESS, mark=MARK_RETRACTED)
        put_case(run, "Z-excluded", EXCLUDED, reason_code="overleden")
        put_case(run, "Z-nobody", REVEALED, team_id=None, reason_code="no_team", wijkcode="WK990199")
    lines = [" ".join(line.split()) for line in text_of(local, date(2026, 11, 2)).splitlines()]
    tried = next(number for number, line in enumerate(lines) if "contact gezocht" in line)
    shown = next(number for number, line in enumerate(lines) if "nog geen contact" in line)
    assert lines[tried + 1].startswith("daarvan ingetrokken 1")
    assert lines[shown + 1].startswith("daarvan zonder wijkteam 1")
    assert any(line.endswith("oudste: 1 werkdag") for line in lines)
    assert any(line.endswith("1 zonder wijkteam") for line in lines if line.startswith("wacht op een wijkteam"))


def test_a_team_of_which_nobody_is_there_is_something_to_do(local: Municipality) -> None:
    """Everybody away on a working day stands on top; on a Sunday it is no news."""
    teams = json.loads(local.home.teams_file.read_text())
    away = {"from_on": "2026-11-01", "until_on": "2026-11-06"}
    one = {"counsellor_id": "c-1", "name": "K. Peterlant", "capacity": 3, "absences": [away]}
    teams["teams"][0]["counsellors"] = [one]
    local.home.teams_file.write_text(json.dumps(teams))
    said = "Wijkteam Noord: vandaag is er niemand."
    days = (date(2026, 11, 1), date(2026, 11, 3), date(2026, 11, 9))
    assert [False, True, False] == [said in text_of(local, day) for day in days]


def test_a_partner_is_missing_only_where_it_takes_part(local: Municipality) -> None:
    """Not before its term began, not after it ended, and not for a month in which nobody delivered yet."""
    partners = local.agreement["partners"]
    partners[1]["valid_until"] = "2026-09-30"
    local.write_documents()
    assert 1 == counts_of(local)["deliveries_missing"]
    partners[2]["valid_from"] = "2026-11-01"
    local.write_documents()
    assert 0 == counts_of(local)["deliveries_missing"]
    partners[1]["valid_until"] = None
    local.write_documents()
    assert 4 == counts_of(local, date(2026, 12, 3))["deliveries_missing"]


def test_a_live_opener_is_seen(local: Municipality) -> None:
    """A heartbeat of this moment counts, an old one is shown with its time."""
    with local.run() as run:
        put(run, tables.opener_heartbeats, opener_id="o-1", seen_at="2026-11-01T06:00:00Z", is_practice=True)
    assert (0, True) == (
        counts_of(local)["is_opener_alive"],
        "2026-11-01 06:00 (UTC)" in text_of(local),
    )
    with local.run() as run:
        put(run, tables.opener_heartbeats, opener_id="o-2", seen_at=WHEN, is_practice=True)
    assert 1 == counts_of(local)["is_opener_alive"]


def test_an_empty_home_has_nothing_to_do(tmp_path: Path) -> None:
    """A new municipality reads that nothing waits, before the first day on which deliveries are due."""
    place = make_stewarded(tmp_path)
    text = text_of(place)
    assert "Niets. Alles loopt." in text
    assert "ontbreekt (uiterlijk" in text


def test_a_key_that_ends_is_told(tmp_path: Path) -> None:
    """A month that comes without its keys, and a standing key in its last 30 days, are things to do."""
    place = make_stewarded(tmp_path)
    assert "samenloop keys check" not in text_of(place)
    text, counts = text_of(place, date(2031, 12, 15)), counts_of(place, date(2031, 12, 15))
    assert ("samenloop keys check" in text, "journal-GM9901-1" in text) == (True, True)
    assert counts["keys_ending"] > 2


def invoke(module: Any, *arguments: str) -> Any:
    app = typer.Typer()
    module.register(app)
    app.command("other")(lambda: None)
    return CliRunner().invoke(app, list(arguments))


def test_status_as_json_is_the_promised_object(tmp_path: Path) -> None:
    """One object on stdout: command, counts, refused, paths; exit 0, for looking refuses nothing."""
    place = make_stewarded(tmp_path)
    result = invoke(status, "status", "--home", str(place.path), "--date", "2026-11-03", "--json")
    answer = json.loads(result.stdout)
    assert (0, ["command", "counts", "refused", "paths"]) == (result.exit_code, list(answer))
    assert all(isinstance(count, int) for count in answer["counts"].values())
    human = invoke(status, "status", "--home", str(place.path), "--date", "2026-11-03")
    assert (0, True) == (human.exit_code, "Oefenstad (GM9901)" in human.stdout)


def test_a_delivery_is_named_whole_however_long_its_name_is(
    municipality: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks for a delivery in what was printed finds it, on one line with what to do."""
    long = "huur-a-met-een-heel-lange-naam"
    row = delivery(long, "refused", delivery_id=f"{long}_{MONTH}_0001", fault_code="SIGNATURE_WRONG")
    with municipality.run() as run:
        put(run, tables.deliveries, **row)
    monkeypatch.setenv("COLUMNS", "80")
    told = invoke(status, "status", "--home", str(municipality.path), "--date", "2026-11-04").stdout
    (line,) = (line for line in told.splitlines() if f"{long}_{MONTH}_0001" in line)
    assert "SIGNATURE_WRONG" in line


def test_the_journal_answers_who_opened_what_under_which_rule(municipality: Municipality) -> None:
    """By object, actor, action and day; each line of a case with the rule of its agreement."""
    with municipality.run() as run:
        opened = journal.list_lines(run, JournalQuestion(action="open_contacts"))
        by_day = journal.list_lines(run, JournalQuestion(since=period_of(date(2026, 11, 4), None)[0]))
        by_actor = journal.list_lines(run, JournalQuestion(actors=("opener",)), most=1)
        nothing = journal.list_lines(run, JournalQuestion(object_="Z-late", actors=("somebody",)))
    (row,) = opened.log
    assert ("Z-late", "opener", "rule") == (row["object"], row["actor"], row["ground"])
    assert "versie 1: 2 partners, 2 maanden, op persoon" == row["rule"]
    assert ["disclose_case"] == [row["action"] for row in by_day.log]
    assert (1, 2) == (by_actor.counts["lines"], by_actor.counts["lines_in_all"])
    assert [] == nothing.log


def test_the_journal_shows_all_of_one_case(municipality: Municipality) -> None:
    """Its state, team and rule, on which worklists it stood, and every line; another id is not found."""
    with municipality.run() as run:
        shown = journal.show_object(run, "Z-late")
        by_number = journal.show_object(run, str(shown.log[0]["seq"]))
        with pytest.raises(Refused) as refusal:
            journal.show_object(run, "Z-nobody")
    assert "NOT_FOUND" == refusal.value.code
    assert ["open_contacts", "disclose_case"] == [row["action"] for row in shown.log]
    assert 1 == len(by_number.log)
    assert any("werklijst van 2026-10-30 voor Wijkteam Noord" in text for text in shown.lines)


def test_the_journal_command_prints_lines_and_json(tmp_path: Path) -> None:
    """A table for a person; for a program the promised object and the lines; a day includes its evening."""
    place = make_stewarded(tmp_path)
    with place.run() as run:
        put_line(run, **line("open_contacts", "Z-1", "opener", at="2026-11-03T22:59:59Z", ground="rule"))
    listed = ["journal", "list", "--home", str(place.path), "--since", "2026-11-03", "--until", "2026-11-03"]
    answer = json.loads(invoke(journal, *listed, "--json").stdout)
    assert ["command", "counts", "refused", "paths", "lines"] == list(answer)
    assert ("open_contacts", {"contacts": 2}) == (answer["lines"][0]["action"], answer["lines"][0]["counts"])
    human = invoke(journal, *listed)
    assert (0, True, True) == (human.exit_code, "Z-1" in human.stdout, "contacten" in human.stdout)
    assert 2 == invoke(journal, "journal", "show", "Z-2", "--home", str(place.path)).exit_code
