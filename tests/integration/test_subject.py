"""A resident's rights: what is held and who saw it, kept out, corrected, erased; and nobody else's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipeline.analytics.periods import parse_period
from pipeline.channels import folder
from pipeline.commands import export, subject
from pipeline.commands.at_the_opener.answer_subject import today_of
from pipeline.commands.ddas_inputs import SETTINGS_FILE
from pipeline.commands.erasing.erasure_ledger import ledger_file, read_ledger
from pipeline.commands.main import make_app
from pipeline.commands.match import match, match_month
from pipeline.commands.opener import serve
from pipeline.commands.wiring import SCHEMAS, Run, utc_text
from pipeline.store import tables
from pipeline.vault.keyring import NamedSecret, PartnerKeys, Secret
from pipeline.vault.tokens import signal_ids
from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.processing import subject_id
from tests.builders.deliveries import GEMEENTE, NOW, Municipality, key_bytes, signal_id, write_secret
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
from tests.builders.returned import Returned
from tests.builders.stewardship import put_case, put_signals, rows_of_table

MONTH = "2026-10"
PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]
NEIGHBOUR = report(
    "water-a", "c", "y", surname="Jansen", initials="K", birth_on="1990-03-04", email=None, phone=None
)
MINE = {("huur-a", MONTH, signal_id("a"))}


@pytest.fixture
def place(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Municipality:
    """A municipality with a case on a worklist and somebody else; the opener answers in this process."""
    made = make_municipality_with_opener(tmp_path)
    write_secret(made, "municipal-signing-1", "municipal-signing", "municipal-signing")

    def alive(run: Run, *_: object) -> bool:
        serve(run.home.path, once=True, now=NOW)
        return True

    monkeypatch.setattr(subject, "is_alive", lambda _store, _now: alive(opened[-1]))
    opened: list[Run] = []
    real: Callable[..., Any] = subject._wait

    def wait(run: Run, request_id: str) -> Any:
        opened.append(run)
        return real(run, request_id)

    monkeypatch.setattr(subject, "_wait", wait)
    with made.run(TUESDAY) as run:
        keep(run, [*PAIR, NEIGHBOUR])
        reveal_here(run)
    return made


def letter(outcome: Any) -> str:
    return Path(outcome.paths["letter"]).read_text("utf-8")


def test_the_letter_holds_what_is_held_and_who_saw_it(place: Municipality) -> None:
    """Named by one partner's signal, it tells of both signals of the case, the team, and each use."""
    with place.run(TUESDAY, actor="p.devries") as run:
        text = letter(subject.access(run, MINE))
        (case,) = rows_in(run, "cases")
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
    assert "Wij hebben geen gegevens van u" in nothing


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


def test_erased_is_gone_here_and_stays_gone(place: Municipality) -> None:
    """Rows, worklists and bytes go; the register keeps them gone when the partner delivers the same again."""
    with place.run(TUESDAY, actor="p.devries") as run:
        assert worklist(place)["cases"]
        outcome = subject.erase(run, MINE)
        assert (2, 1, 1) == tuple(outcome.counts[name] for name in ("signals", "cases", "worklists"))
        left = [rows_in(run, name) for name in ("cases", "case_signals", "disclosures", "case_pseudonyms")]
        assert [[], [], [], []] == left
        assert ["water-a"] == [row["partner_id"] for row in rows_in(run, "signals")]
        erased = {row["object"] for row in rows_in(run, "journal") if row["action"] == "erase_signal"}
        assert {subject_id(row["partner_id"], MONTH, row["signal_id"]) for row in PAIR} == erased
        put_signals(run, [dict(PAIR[0], sequence=2), dict(PAIR[1], sequence=2)])
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            marks = tables.month_marks
            transaction.update(marks, marks.c.month == MONTH, {"changed_revision": 99})
        match(run)
        assert ([], 1) == (rows_in(run, "cases"), len(rows_in(run, "signals")))
        assert 0 == subject.erase(run, MINE).counts["signals"]
    assert 3 == len(read_ledger(ledger_file(place.home)))


NOVEMBER = "2026-11"
DECEMBER = date(2026, 12, 1)
LATER = [
    report("huur-a", "a2", "x", month=NOVEMBER, klantnummer="klant-a", arrears_months=4),
    report("water-a", "w2", "x", month=NOVEMBER, klantnummer="klant-w", arrears_months=2),
]


def reported_again(place: Municipality) -> None:
    """The household was reported in November too, and that case joined the one of October."""
    write_opening_key(place, NOVEMBER)
    with place.run(DECEMBER) as run:
        keep(run, [*PAIR, NEIGHBOUR, *LATER])
        reveal_here(run)
        assert ["joined", "revealed"] == sorted(row["state"] for row in rows_in(run, "cases"))


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


@pytest.mark.parametrize("name", [MINE, {("water-a", NOVEMBER, signal_id("w2"))}])
def test_erasing_follows_the_household_through_the_months(
    place: Municipality, name: set[tuple[str, str, str]]
) -> None:
    """Named by a signal of either month, both months' signals and both cases go; the neighbour stays."""
    reported_again(place)
    with place.run(DECEMBER) as run:
        outcome = subject.erase(run, name)
        assert (4, 2) == (outcome.counts["signals"], outcome.counts["cases"])
        assert [] == rows_in(run, "cases") + rows_in(run, "case_signals")
        assert ["water-a"] == [row["partner_id"] for row in rows_in(run, "signals")]


def files_of(place: Municipality, *parts: str) -> list[Path]:
    return [path for path in place.path.joinpath(*parts).rglob("*") if path.is_file()]


def returned(place: Municipality) -> None:
    """The team's sheet comes back and waits, with one row that will be refused."""
    sheet = Returned.opened((place.home.worklists / "noord" / str(TUESDAY) / "werklijst.xlsx").read_bytes())
    (case,) = worklist(place)["cases"]
    sheet.fill(case["case_id"], type="Huisbezoek", is_reached="Ja", on=date(2027, 1, 1), part_of_day="Avond")
    (place.home.inbox_follow_up / "terug.xlsx").write_bytes(sheet.xlsx())


def deliver_statistics(run: Run) -> None:
    """The opener makes a delivery to the statistics office."""
    shutil.copyfile(SCHEMAS / "ddas" / "settings.example.json", run.home.path / SETTINGS_FILE)
    export._file_order(run, parse_period("2026Q4"), "1.2")
    serve(run.home.path, once=True, now=NOW)


def test_erasing_destroys_every_file_about_the_person(place: Municipality) -> None:
    """List, letter, delivery for statistics and returned sheet go; the letter of somebody else stays."""
    with place.run(TUESDAY, actor="p.devries") as run:
        subject.access(run, MINE)
        other = Path(subject.access(run, {("water-a", MONTH, signal_id("c"))}).paths["letter"])
        deliver_statistics(run)
        returned(place)
        outcome = subject.erase(run, MINE)
    names = ("worklists", "letters", "statistics", "sheets")
    assert [1, 1, 1, 1] == [outcome.counts[name] for name in names]
    assert [other] == files_of(place, "outbox", "subjects")
    assert [] == [*files_of(place, "outbox", "worklists", "noord"), *files_of(place, "outbox", "ddas")]
    assert [] == [*files_of(place, "inbox", "follow_up"), *files_of(place, "quarantine")]
    assert any("export ddas --period 2026Q4" in line for line in outcome.lines)


def test_what_a_team_said_of_others_is_recorded_before_its_sheet_goes(place: Municipality) -> None:
    """A sheet that waits is taken first, and a list without the person stays in quarantine."""
    line = {"case_id": "Z-other", "sheet_version": "2026-11-03.1", "is_unsafe": True}
    (place.home.inbox_follow_up / "terug.jsonl").write_text(json.dumps(line))
    with place.run(TUESDAY) as run:
        assert 0 == subject.erase(run, MINE).counts["sheets"]
    assert 1 == len(list(place.home.quarantine.iterdir()))


@pytest.mark.parametrize("place_of_death", ["remove_files", "erasing.erase", "clean_pages"])
@pytest.mark.parametrize("finisher", ["erase", "match"])
def test_a_killed_erasure_is_completed(
    place: Municipality, monkeypatch: pytest.MonkeyPatch, place_of_death: str, finisher: str
) -> None:
    """Killed before files, rows, or what is made anew without them, the same command or the next match does it."""

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with place.run(TUESDAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(f"pipeline.commands.erasing.subject_erasing.{place_of_death}", die)
            with pytest.raises(KeyboardInterrupt):
                subject.erase(run, MINE)
        if finisher == "erase":
            subject.erase(run, MINE)
        else:
            match_month(run, MONTH)
        assert [] == files_of(place, "outbox", "worklists", "noord") + rows_in(run, "cases")


def test_a_file_that_may_not_be_removed_is_said_and_removed_the_next_time(
    place: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows go all the same, it is said, and the same command finishes it by the number of the case."""
    (case,) = worklist(place)["cases"]

    def forbidden(*_args: object) -> None:
        raise PermissionError

    with place.run(TUESDAY) as run:
        with monkeypatch.context() as patch:
            patch.setattr(folder, "remove", forbidden)
            outcome = subject.erase(run, MINE)
        assert (["NO_PERMISSION"], []) == ([fault.code for fault in outcome.refused], rows_in(run, "cases"))
    arguments = ["subject", "erase", "--case", case["case_id"], "--home", str(place.path), "--date", str(TUESDAY)]
    assert 0 == CliRunner().invoke(make_app(arguments), arguments).exit_code
    assert [] == files_of(place, "outbox", "worklists", "noord")
    assert 0 == CliRunner().invoke(make_app(arguments), arguments).exit_code


def test_a_number_that_merged_leads_to_the_case_that_lives(place: Municipality) -> None:
    """A number on an older list still finds the signals of the case that it became."""
    with place.run(TUESDAY) as run:
        (case,) = rows_in(run, "cases")
        put_case(run, "Z-former", "merged", merged_into=case["case_id"])
        assert {row["signal_id"] for row in PAIR} == {name[2] for name in subject.named(run, None, "Z-former")}
        assert 2 == subject.erase(run, MINE).counts["cases"]


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


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-02T22:59:59Z", "2026-11-02"),
        ("2026-11-02T23:00:00Z", "2026-11-03"),
        ("2026-07-02T22:00:00Z", "2026-07-03"),
    ],
)
def test_a_letter_bears_the_day_that_it_is_here(now: str, day: str) -> None:
    """From midnight in the Netherlands, not from midnight in UTC."""
    assert day == today_of(now).isoformat()
