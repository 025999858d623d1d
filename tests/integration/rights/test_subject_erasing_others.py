"""A resident is erased, and nobody else: strangers and members of the household keep what is theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest
import sqlalchemy as sa

from pipeline.commands import subject
from pipeline.commands.erasing import subject_erasing
from pipeline.commands.erasing.erasure_ledger import SIGNAL, ledger_file, read_ledger
from pipeline.commands.match import match, match_month
from pipeline.commands.wiring import Run
from pipeline.store import erasing, tables
from pipeline.vault.keyring import Secret
from pipeline.vocabulary.case import JOINED_ROSE
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import MONTH, Municipality, key_bytes
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, keep, report, reveal_here, rows_in
from tests.builders.stewardship import put, put_case, put_signals, stored_signal
from tests.builders.subjects import MINE, NOVEMBER, PAIR, make_reported

HOUSEHOLD = {"rule": {"min_partners": 2, "min_months": 2, "late_months": 2, "match_on": ["person", "household"]}}
WILLEMS = {"surname": "Willems", "initials": "Z", "birth_on": "1991-09-09", "email": None, "phone": None}
STRANGER = report("water-a", "s", "z", postcode="9901ZZ", house_number="99", **WILLEMS)
NEWCOMER = report("water-a", "s", "x", postcode="9901ZZ", house_number="99", **WILLEMS)
UNSEEN = [report("huur-a", "u1", "z"), report("energie-a", "u2", "z")]
WIFE = [
    report("water-a", "wife-w", "x", klantnummer="klant-w", **{**WILLEMS, "surname": "Berg"}),
    report("energie-a", "wife-e", "x", klantnummer="klant-e", **{**WILLEMS, "surname": "Berg"}),
]


@pytest.fixture
def place(begin: Begin) -> Municipality:
    """A municipality that matches on household; the opener answers in this process."""
    return begin(make_reported, **HOUSEHOLD)


def held(run: Run, table: str = "signals") -> set[tuple[str, str]]:
    return {(row["partner_id"], row["signal_id"]) for row in rows_in(run, table)}


def keys(rows: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(row["partner_id"], row["signal_id"]) for row in rows}


def registered(place: Municipality) -> set[tuple[str, str]]:
    rows = read_ledger(ledger_file(place.home))
    return {(str(row.partner_id), row.name) for row in rows if row.kind == SIGNAL}


def live_together(run: Run) -> str:
    """The wife was reported too and confirmed in the case; a team tried. Returns the case."""
    keep(run, [*PAIR, *WIFE])
    reveal_here(run)
    (case,) = rows_in(run, "cases")
    assert {True} == {row["is_confirmed"] for row in rows_in(run, "case_signals")}
    line = {
        "case_id": case["case_id"],
        "attempts": [
            {"attempt_id": "p-1", "type": "Huisbezoek", "is_reached": True, "on": str(TUESDAY), "by": "mv"}
        ],
    }
    (run.home.inbox_follow_up / "terug.jsonl").write_text(json.dumps(line) + "\n")
    return str(case["case_id"])


@pytest.mark.parametrize("mine", [UNSEEN, UNSEEN[:1]])
def test_who_shares_only_a_token_stays(place: Municipality, mine: list[dict[str, Any]]) -> None:
    """In a case that nobody opened yet the opener tells whose the signals are; the stranger is in no register."""
    with place.run(TUESDAY) as run:
        keep(run, [*mine, STRANGER])
        named = {("huur-a", MONTH, UNSEEN[0]["signal_id"])}
        outcome = subject.erase(run, named)
        assert (len(mine), 1, keys([STRANGER])) == (outcome.counts["signals"], outcome.counts["cases"], held(run))
        assert any("over een ander" in line and line.endswith("1.") for line in outcome.lines)
        match(run)
        assert keys([STRANGER]) == held(run)
    assert keys(mine) == registered(place)


def test_a_stranger_who_came_later_keeps_the_signal_and_not_the_case(place: Municipality) -> None:
    """Of a case on a worklist that a stranger was put into since, the case goes; the stranger is matched anew."""
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, NEWCOMER])
        assert 3 == len([row for row in rows_in(run, "case_signals") if row["is_active"]])
        (case,) = rows_in(run, "cases")
        subject.erase(run, subject.named(run, None, case["case_id"]), case["case_id"])
        assert (keys([NEWCOMER]), []) == (held(run), rows_in(run, "cases"))
        (mark,) = rows_in(run, "month_marks")
        assert mark["changed_revision"] > mark["matched_revision"]


@pytest.mark.parametrize("is_killed", [False, True])
def test_who_was_confirmed_in_the_same_household_keeps_the_case(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    """Her signals and what a team recorded stay; the list goes whole, and nothing knows him again."""

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with place.run(TUESDAY) as run:
        case_id = live_together(run)
        if is_killed:
            with monkeypatch.context() as patch:
                patch.setattr(subject_erasing, "remove_files", die)
                with pytest.raises(KeyboardInterrupt):
                    subject.erase(run, MINE)
            match_month(run, MONTH)
        else:
            outcome = subject.erase(run, MINE)
            assert (2, 0, 1) == tuple(outcome.counts[name] for name in ("signals", "cases", "worklists"))
            assert any("blijven" in line for line in outcome.lines)
        assert keys(WIFE) == held(run) == held(run, "case_signals")
        assert ([case_id], ["p-1"]) == (
            [row["case_id"] for row in rows_in(run, "cases")],
            [row["attempt_id"] for row in rows_in(run, "attempts")],
        )
        assert ([], []) == (
            rows_in(run, "case_pseudonyms"),
            list((place.home.worklists / "noord").rglob("werklijst.*")),
        )
        match(run)
        reveal_here(run)
        assert list((place.home.worklists / "noord").rglob("werklijst.json"))
        assert keys(WIFE) == held(run, "case_signals")
    assert keys(PAIR) == registered(place)


def test_a_killed_erasure_needs_no_second_answer_of_the_opener(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the register is written it tells whose the signals are; what the opener told is not kept."""

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with place.run(TUESDAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(subject_erasing, "remove_files", die)
            with pytest.raises(KeyboardInterrupt):
                subject.erase(run, MINE)
        with monkeypatch.context() as patch:
            patch.setattr(subject, "_asked", die)
            assert 2 == subject.erase(run, MINE).counts["signals"]
        assert [] == rows_in(run, "subject_requests")


@pytest.mark.parametrize("trouble", ["silent", "two persons"])
def test_nothing_is_erased_before_the_opener_told_whose_it_is(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    """An opener that is silent, or signals of two persons, leave everything as it was."""

    def silent(*_args: object) -> None:
        raise Refused("OPENER_NOT_RUNNING")

    with place.run(TUESDAY) as run:
        names = MINE | ({("water-a", MONTH, NEWCOMER["signal_id"])} if trouble == "two persons" else set())
        keep(run, [*PAIR, NEWCOMER])
        if trouble == "silent":
            monkeypatch.setattr(subject, "_wait", silent)
        with pytest.raises(Refused, match="OPENER_NOT_RUNNING" if trouble == "silent" else "SUBJECT_DIFFERS"):
            subject.erase(run, names)
        assert keys([*PAIR, NEWCOMER]) == held(run)
    assert set() == registered(place)


def test_a_damaged_contact_is_erased_by_its_number(place: Municipality) -> None:
    """What the opener cannot open is named and goes; what it cannot compare with it stays."""
    with place.run(TUESDAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            damaged = tables.signals.c.signal_id == PAIR[0]["signal_id"]
            transaction.update(tables.signals, damaged, {"sealed_contact": b"damaged"})
        assert 1 == subject.erase(run, MINE).counts["signals"]


def test_nothing_is_erased_while_the_key_of_a_named_signal_is_away(place: Municipality) -> None:
    """A key that is put back tomorrow is no damage, gone or wrong: whose the other signals are is asked then."""
    key = place.home.opener_keys_dir / f"opening-{MONTH}-1.json"
    content = key.read_bytes()
    with place.run(TUESDAY) as run:
        key.unlink()
        with pytest.raises(Refused, match="KEY_MISSING"):
            subject.erase(run, MINE)
        assert keys(PAIR) <= held(run)
        key.write_text(json.dumps(json.loads(content) | {"secret_b64": Secret(key_bytes("another")).b64()}))
        with pytest.raises(Refused, match="KEY_WRONG"):
            subject.erase(run, MINE)
        assert keys(PAIR) <= held(run)
        key.write_bytes(content)
        assert 2 == subject.erase(run, MINE).counts["signals"]


def test_what_joined_the_case_of_who_is_erased_is_opened_anew(place: Municipality) -> None:
    """Somebody else's later case that had joined it goes on by itself; a number that merged into it goes along."""
    with place.run(TUESDAY) as run:
        (first,) = rows_in(run, "cases")
        later = [stored_signal("huur-a", "n1", month=NOVEMBER), stored_signal("water-a", "n2", month=NOVEMBER)]
        put_signals(run, later)
        why = {"joined_to": first["case_id"], "reason_code": JOINED_ROSE}
        put_case(run, "Z-later", "joined", later, month=NOVEMBER, **why)
        put_case(run, "Z-merged", "merged", merged_into=first["case_id"])
        names = {(row["partner_id"], MONTH, row["signal_id"]) for row in PAIR}
        going, staying = erasing.cases_of(run.store, names)
        assert ({first["case_id"], "Z-merged"}, set()) == (set(going), staying)
        subject_erasing.erase(run, names)
        (case,) = rows_in(run, "cases")
        assert ("Z-later", "opened", None, None, 2) == tuple(
            case[name] for name in ("case_id", "state", "joined_to", "reason_code", "revision")
        )


@pytest.mark.parametrize("place_in_it", ["one", "other", "refused"])
def test_no_comparison_keeps_who_was_erased_on_whichever_side(place: Municipality, place_in_it: str) -> None:
    """Compared as the first, as the second, or not at all: the row of the request says nothing of it any more."""
    his, hers = ["huur-a", PAIR[0]["signal_id"]], ["water-a", WIFE[0]["signal_id"]]
    pair = {"one": his if place_in_it == "one" else hers, "other": his if place_in_it == "other" else hers}
    fields = {"pairs": [pair], "refused": [{"signal": his}] if place_in_it == "refused" else []}
    kept = {"pairs": [{"one": hers, "other": hers}], "refused": []}
    row = {"order_id": "O-1", "case_id": "Z-1", "ground": "rule", "case_revision": 1, "state": "answered"}
    with place.run(TUESDAY) as run:
        for request_id, found in (("R-his", fields), ("R-hers", kept)):
            asked = {**row, "request_id": request_id, "filed_at": run.now, "filed_by": "test"}
            put(run, tables.opening_requests, **asked, fields=found)
        erasing.erase(run.store, {(his[0], MONTH, his[1])}, (), at=run.now, actor="test", ground="test")
        left = {row["request_id"]: row["fields"] for row in rows_in(run, "opening_requests")}
    assert ({}, kept) == (left["R-his"], left["R-hers"])


@pytest.mark.parametrize("what", ["about somebody else", "no longer of it"])
def test_a_case_that_is_not_about_who_is_erased_is_left_as_it_is(place: Municipality, what: str) -> None:
    """The opener found another person, or the signal left the case: it neither goes nor forgets whom it knows."""
    changes = {"is_confirmed": False} if what == "about somebody else" else {"is_active": False}
    with place.run(TUESDAY) as run:
        others = [stored_signal("huur-a", "n1"), stored_signal("water-a", "n2"), stored_signal("energie-a", "n3")]
        put_case(run, "Z-others", "revealed", others)
        mine = tables.case_signals.c.signal_id == others[2]["signal_id"]
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(tables.case_signals, mine, changes)
        assert ({}, set()) == erasing.cases_of(run.store, {("energie-a", MONTH, others[2]["signal_id"])})


def everything(run: Run) -> str:
    return str([run.store.all(sa.select(table)) for table in tables.metadata.sorted_tables])


def test_no_id_of_a_refused_contact_stays_in_the_store(place: Municipality) -> None:
    """The journal line about a contact that the opener refused leads back to nobody."""
    refused = report("water-a", "bad", "x", signed_by="signing/huur-a")
    with place.run(TUESDAY) as run:
        keep(run, [*PAIR, refused])
        reveal_here(run)
        assert "refuse_contact" in {row["action"] for row in rows_in(run, "journal")}
        subject.erase(run, {("water-a", MONTH, refused["signal_id"])})
        assert refused["signal_id"] not in everything(run)


def test_no_comparison_in_a_case_that_stays_names_who_was_erased(place: Municipality) -> None:
    """His signals were compared with hers; the case is hers now, is asked anew, and tells of no signal of his."""
    with place.run(TUESDAY) as run:
        case_id = live_together(run)
        assert PAIR[0]["signal_id"] in str([row["fields"] for row in rows_in(run, "opening_requests")])
        (before,) = rows_in(run, "cases")
        subject.erase(run, MINE)
        assert [(case_id, before["revision"] + 1)] == [
            (row["case_id"], row["revision"]) for row in rows_in(run, "cases")
        ]
        assert [] == [row["partner_id"] for row in PAIR if row["signal_id"] in everything(run)]
