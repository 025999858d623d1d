"""A resident's rights: what is held and who saw it, kept out, corrected; and nobody else's."""

from __future__ import annotations

import json
import stat
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.commands import opener, subject
from pipeline.commands.main import make_app
from pipeline.commands.match import match
from pipeline.commands.opener import serve
from pipeline.commands.wiring import Run, utc_text
from pipeline.store import tables
from pipeline.vault.keyring import NamedSecret, PartnerKeys, Secret
from pipeline.vault.tokens import signal_ids
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.processing import subject_id
from tests.builders.deliveries import GEMEENTE, MONTH, NOW, Municipality, key_bytes, signal_id
from tests.builders.kept import Begin
from tests.builders.openings import TUESDAY, keep, report, reveal_here, rows_in, worklist, write_opening_key
from tests.builders.stewardship import put, rows_of_table
from tests.builders.subjects import (
    DECEMBER,
    MINE,
    NEIGHBOUR,
    NOVEMBER,
    PAIR,
    make_reported,
    reported_again,
)


def letter(outcome: Any) -> str:
    return Path(outcome.paths["letter"]).read_text("utf-8")


def name_of(row: dict[str, Any]) -> tuple[str, str, str]:
    return (row["partner_id"], row["month"], row["signal_id"])


def test_the_letter_holds_what_is_held_and_who_saw_it(place: Municipality) -> None:
    """Named by one partner's signal, it tells of both signals of the case, the team, and each use."""
    with place.run(TUESDAY, actor="p.devries") as run:
        outcome = subject.access(run, MINE)
        text, mode = letter(outcome), stat.S_IMODE(Path(outcome.paths["letter"]).stat().st_mode)
        (case,) = rows_in(run, "cases")
    assert 0o640 == mode
    wanted = ("klant-a", "klant-b", case["case_id"], "Wijkteam Noord", "geopend", "oktober 2026", "31 mei 1950")
    assert [] == [word for word in wanted if word not in text]
    assert [] == [word for word in ("klant-c", "Jansen") if word in text]


def test_opening_on_ground_subject_is_written_down_first(place: Municipality) -> None:
    """The journal says who asked and that contacts were opened; each contact has its processing line."""
    with place.run(TUESDAY, actor="p.devries") as run:
        subject.access(run, MINE)
        journal = [row for row in rows_in(run, "journal") if row["ground"] == "subject"]
        lines = [row for row in rows_of_table(run, tables.processings) if row["name"] == "access"]
        (request,) = rows_of_table(run, tables.subject_requests)
    assert ["file_subject", "open_contacts", "answer_subject"] == [row["action"] for row in journal]
    assert ["p.devries", "opener", "opener"] == [row["actor"] for row in journal]
    assert {subject_id(row["partner_id"], MONTH, row["signal_id"]) for row in PAIR} == {
        row["data_subject_id"] for row in lines
    }
    assert ("done", "LETTER", None) == (request["state"], request["reason_code"], request["document"])


def test_one_letter_is_about_one_person(place: Municipality) -> None:
    """Signals of two persons give no letter at all."""
    with place.run(TUESDAY) as run:
        with pytest.raises(Refused, match="SUBJECT_DIFFERS"):
            subject.access(run, MINE | {("water-a", MONTH, signal_id("c"))})
        assert not list(run.home.path.rglob("inzage.html"))


def test_who_never_became_a_case_reads_that_nobody_saw_it(place: Municipality) -> None:
    """A signal of no case, named by its partner, gives a letter too; an unknown one says that nothing is held."""
    with place.run(TUESDAY) as run:
        alone = letter(subject.access(run, {("water-a", MONTH, signal_id("c"))}))
        nothing = letter(subject.access(run, {("water-a", MONTH, signal_id("nobody"))}))
    assert (True, True) == ("Jansen" in alone, "niet geopend voor een wijkteam" in alone)
    assert "Bij deze melding hebben wij niets (meer) van u" in nothing
    assert [] == [word for word in ("geen gegevens van u", "60 maanden") if word in nothing]
    assert [] == [word for word in ("Regels in ons logboek", "Wij bewaren ze 5 jaar.") if word not in nothing]


def test_a_signal_that_is_gone_is_no_answer_while_its_case_holds_more(place: Municipality) -> None:
    """A partner took its signal back: neither "nothing is held" nor "kept out" is said, but what to name."""
    gone = {("energie-a", MONTH, signal_id("b"))}
    with place.run(TUESDAY) as run:
        keep(run, [PAIR[0], NEIGHBOUR])
        for ask in (subject.access, subject.object_):
            with pytest.raises(Refused, match="SUBJECT_ROW_GONE"):
                ask(run, gone)
        assert "klant-a" in letter(subject.access(run, gone | MINE))
        assert not list(run.home.opener_lists_dir.glob("*"))


@pytest.mark.parametrize("change", ["unsigned", "other signals", "other request", "other kind"])
def test_whoever_writes_to_the_database_cannot_ask(place: Municipality, change: str) -> None:
    """A request that the municipality did not sign as it stands opens nothing."""
    with place.run(TUESDAY) as run:
        filed: dict[str, Any] = {}

        def forge(_run: Run, request_id: str) -> str:
            (row,) = (
                row for row in rows_of_table(_run, tables.subject_requests) if row["request_id"] == request_id
            )
            filed.update(row)
            raise KeyboardInterrupt

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subject, "_wait", forge)
            with pytest.raises(KeyboardInterrupt):
                subject.access(run, MINE)
        document = dict(filed["document"])
        values: dict[str, Any] = {"document": document}
        if change == "unsigned":
            del document["signature"]
        elif change == "other signals":
            document["signals"] = [["water-a", MONTH, signal_id("c")]]
        elif change == "other request":
            values["request_id"] = "S-other"
        else:
            values["kind"] = "objection"
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            transaction.update(tables.subject_requests, tables.subject_requests.c.state == "filed", values)
        serve(place.path, once=True, now=NOW)
        (request,) = rows_of_table(run, tables.subject_requests)
        opened = [
            row
            for row in rows_in(run, "journal")
            if row["action"] == "open_contacts" and row["ground"] == "subject"
        ]
    assert ("refused", "SUBJECT_UNSIGNED", []) == (request["state"], request["reason_code"], opened)


def copied_request(run: Run) -> dict[str, Any]:
    """The row of a request as it was filed, copied by somebody before it was answered."""
    copied: list[dict[str, Any]] = []
    real = subject._wait

    def copy(_run: Run, request_id: str) -> Any:
        copied.extend(rows_of_table(_run, tables.subject_requests))
        return real(_run, request_id)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subject, "_wait", copy)
        subject.access(run, MINE)
    return copied[0]


def opened_for_subjects(run: Run) -> int:
    return sum(row["action"] == "open_contacts" and row["ground"] == "subject" for row in rows_in(run, "journal"))


def test_a_request_is_answered_once(place: Municipality) -> None:
    """Copied and filed again, or set back to filed, it opens nothing more."""
    with place.run(TUESDAY) as run:
        row = copied_request(run)
        for _ in range(2):
            with run.store.transaction("intruder", at=run.now, actor="intruder") as transaction:
                transaction.upsert(tables.subject_requests, row)
            serve(place.path, once=True, now=NOW)
        (request,) = rows_of_table(run, tables.subject_requests)
        assert 1 == opened_for_subjects(run)
    assert ("refused", "SUBJECT_REPLAYED", None) == (
        request["state"],
        request["reason_code"],
        request["document"],
    )


@pytest.mark.parametrize("hours", [-2, 21, 24 * 400])
def test_a_request_of_another_day_is_not_answered(place: Municipality, hours: int) -> None:
    """The instant that was signed counts, not the one that the store gives it."""
    with place.run(TUESDAY) as run, pytest.MonkeyPatch.context() as patch:
        signed = subject.sign_document
        filed_at = utc_text(NOW - timedelta(hours=hours))
        patch.setattr(subject, "sign_document", lambda said, *key: signed({**said, "filed_at": filed_at}, *key))
        with pytest.raises(Refused, match="SUBJECT_REPLAYED"):
            subject.access(run, MINE)
        assert 0 == opened_for_subjects(run)


@pytest.mark.parametrize(
    "change",
    [{"gemeentecode": "GM9902"}, {"format": "samenloop/subject-request/2"}, {"request_id": "S-1"}, {"kind": "x"}],
    ids=["municipality", "format", "request", "kind"],
)
def test_a_request_that_was_signed_for_something_else_is_not_answered(
    place: Municipality, change: dict[str, str]
) -> None:
    """The signature is good, and is of another municipality, form, request or question."""
    with place.run(TUESDAY) as run, pytest.MonkeyPatch.context() as patch:
        signed = subject.sign_document
        patch.setattr(subject, "sign_document", lambda said, *key: signed({**said, **change}, *key))
        with pytest.raises(Refused, match="SUBJECT_UNSIGNED"):
            subject.access(run, MINE)
        assert 0 == opened_for_subjects(run)


def test_who_objects_is_kept_out(place: Municipality) -> None:
    """The next list says that no visit is needed, and names nobody; the name is in the opener's list alone."""
    with place.run(TUESDAY) as run:
        subject.object_(run, MINE)
    day = TUESDAY + timedelta(days=1)
    with place.run(day) as run:
        match(run)
        reveal_here(run)
        (case,) = rows_in(run, "cases")
    (entry,) = worklist(place, on=day)["cases"]
    assert ("excluded", "withdrawal", []) == (case["state"], entry["ground"], entry["household"]["persons"])
    holders = [path for path in place.path.rglob("*") if path.is_file() and b"1950-05-31" in path.read_bytes()]
    lists = place.home.opener_lists_dir
    assert {lists} == {path.parent for path in holders}


def test_nobody_is_told_to_be_kept_out_of_whom_nothing_is_known(place: Municipality) -> None:
    """Without a signal there is no name to put on the list, and that is said."""
    with place.run(TUESDAY) as run:
        with pytest.raises(Refused, match="SUBJECT_UNKNOWN"):
            subject.object_(run, {("water-a", MONTH, signal_id("nobody"))})
        assert not list(run.home.opener_lists_dir.glob("*"))


def test_a_letter_that_would_not_be_whole_is_not_written(place: Municipality) -> None:
    """A named signal whose contact does not open is said; the letter is not made without it."""
    with place.run(TUESDAY) as run:
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            damaged = tables.signals.c.signal_id == PAIR[0]["signal_id"]
            transaction.update(tables.signals, damaged, {"sealed_contact": b"damaged"})
        for ask in (subject.access, subject.object_):
            with pytest.raises(Refused, match="SEAL_BROKEN"):
                ask(run, MINE | {("energie-a", MONTH, signal_id("b"))})
        assert not list(run.home.path.rglob("inzage.html"))
        assert not list(run.home.opener_lists_dir.glob("*"))


@pytest.mark.parametrize("name", [MINE, {("water-a", NOVEMBER, signal_id("w2"))}])
def test_a_letter_follows_the_household_through_the_months(
    place: Municipality, name: set[tuple[str, str, str]]
) -> None:
    """Named by a signal of either month, the letter holds both months and both cases."""
    reported_again(place)
    with place.run(DECEMBER) as run:
        text = letter(subject.access(run, name))
        numbers = [row["case_id"] for row in rows_in(run, "cases")]
    wanted = ("klant-b", "klant-w", "oktober 2026", "november 2026", *numbers)
    assert [] == [word for word in wanted if word not in text]


def test_a_letter_tells_nothing_of_a_month_that_is_only_about_a_housemate(begin_here: Begin) -> None:
    """His wife was reported with him, and alone a month later: her second case is not in his letter."""
    rule = {"min_partners": 2, "min_months": 2, "late_months": 2, "match_on": ["person", "household"]}
    place = begin_here(make_reported, rule=rule)
    wife = {"initials": "Z", "birth_on": "1951-09-09", "email": None, "phone": None}
    together = [*PAIR, *(report(partner, "w1", "x", **wife) for partner in ("huur-a", "water-a"))]
    alone = [report(partner, "w2", "x", month=NOVEMBER, **wife) for partner in ("huur-a", "water-a")]
    with place.run(TUESDAY) as run:
        keep(run, together)
        reveal_here(run)
    write_opening_key(place, NOVEMBER)
    with place.run(DECEMBER) as run:
        keep(run, [*together, *alone])
        reveal_here(run)
        case_of = {row["month"]: row["case_id"] for row in rows_in(run, "cases")}
        assert {case_of[MONTH]} == {row["joined_to"] for row in rows_in(run, "cases")} - {None}
        told = {"partner_id": "huur-a", "month": MONTH, "code": "overleden", "sent_on": "2026-11-20"}
        put(run, tables.feedback_sent, signal_id=signal_id("w1"), **told)
        his, hers = letter(subject.access(run, MINE)), letter(subject.access(run, {name_of(alone[0])}))
    assert (True, False) == (case_of[MONTH] in his, case_of[NOVEMBER] in his)
    assert (True, True) == (case_of[MONTH] in hers, case_of[NOVEMBER] in hers)
    assert (False, False) == ("klant-w1" in his, "klant-a" in hers)
    assert (False, True) == ("overleden" in his, "overleden" in hers)


def test_a_correction_is_the_partners(place: Municipality) -> None:
    """What was asked is in the journal as a kind of field, never a value, and the partner's command is said."""
    with place.run(TUESDAY) as run:
        outcome = subject.correct(run, MINE, "bedrag")
        (line,) = [row for row in rows_in(run, "journal") if row["action"] == "correct_subject"]
        assert ("bedrag", subject_id("huur-a", MONTH, signal_id("a"))) == (line["result"], line["object"])
        assert any("--kind correction" in text for text in outcome.lines)
        for wrong, code in ((MINE, "CHOICE_UNKNOWN"), ({("huur-a", MONTH, "x")}, "NOT_FOUND")):
            with pytest.raises(Refused, match=code):
                subject.correct(run, wrong, "schoenmaat" if wrong is MINE else "bedrag")


def test_the_partner_tells_its_own_ids_and_nothing_is_typed_on_the_command_line(tmp_path: Path) -> None:
    """From a client number that is asked for, the ids of the months come as `subject` takes them."""
    secret = key_bytes("secret/huur-a")
    named = (NamedSecret("signing-1", Secret(secret)),)
    keys = PartnerKeys("huur-a", {GEMEENTE: "0"}, named, named, NamedSecret("secret-1", Secret(secret)))
    keys.write(tmp_path / "keys.json")
    arguments = ["partner", "signal-id", "--keys", str(tmp_path / "keys.json"), "--month", MONTH]
    result = CliRunner().invoke(make_app(arguments), arguments, input="klant-9\n")
    import polars as pl

    expected = signal_ids(secret, GEMEENTE, MONTH, pl.Series(["klant-9"]))[0]
    assert (0, f"huur-a/{MONTH}/{expected}") == (result.exit_code, result.stdout.strip().splitlines()[-1])
    assert 2 == CliRunner().invoke(make_app(arguments), arguments, input="\n").exit_code


def test_neither_signal_nor_case_is_a_usage_error(place: Municipality) -> None:
    """Without a name of a signal, or with one of another form, nothing is asked."""
    with place.run(TUESDAY) as run:
        for given in (None, ["huur-a"], ["huur-a//x"]):
            with pytest.raises(Refused, match="USAGE"):
                subject.named(run, given, None)
        (case,) = rows_in(run, "cases")
        assert 2 == len(subject.named(run, None, case["case_id"]))
        assert "document" not in json.dumps([row["action"] for row in rows_in(run, "journal")])


def test_the_service_outlives_a_file_that_is_being_replaced(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that waits while teams.json is half written is answered once the file is whole again."""
    good = place.home.teams_file.read_bytes()
    stop, waits = threading.Event(), []

    def wait(seconds: float | None = None) -> bool:
        waits.append(seconds)
        place.home.teams_file.write_bytes(good)
        if seconds == opener.POLL_SECONDS:
            stop.set()
        return stop.is_set()

    real = opener._next_order

    def half_written(run: Run) -> Any:
        if not waits:
            place.home.teams_file.write_bytes(good[:20])
        return real(run)

    monkeypatch.setattr(stop, "wait", wait)
    monkeypatch.setattr(opener, "_next_order", half_written)
    monkeypatch.setattr(subject, "_wait", lambda *_: "KEPT_OUT")
    with place.run(TUESDAY) as run:
        subject.object_(run, MINE)
        serve(place.path, is_service=True, stop=stop, now=NOW)
        (request,) = rows_of_table(run, tables.subject_requests)
    assert [opener.RETRY_SECONDS, opener.POLL_SECONDS] == waits
    assert "done" == request["state"]


def test_a_key_whose_term_ended_asks_nothing(place: Municipality) -> None:
    """Whoever kept an old signing key of the municipality reads nothing about anybody."""

    def stop(_run: Run, _request_id: str) -> None:
        raise KeyboardInterrupt

    with place.run(TUESDAY) as run:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subject, "_wait", stop)
            with pytest.raises(KeyboardInterrupt):
                subject.access(run, MINE)
        key = next(one for one in place.directory["keys"] if one["key_id"] == "municipal-signing-1")
        key["valid_until"] = "2026-11-02"
        place.write_documents()
        serve(place.path, once=True, now=NOW)
        (request,) = rows_of_table(run, tables.subject_requests)
        opened = opened_for_subjects(run)
    assert ("refused", "SUBJECT_UNSIGNED", 0) == (request["state"], request["reason_code"], opened)
