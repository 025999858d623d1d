"""From a team's result to a list per client number at the partner: sealed, signed, once."""

from __future__ import annotations

import csv
import json
import stat
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from pipeline.commands.at_the_partner import partner_feedback
from pipeline.commands.at_the_partner.partner_feedback import list_feedback
from pipeline.commands.settle import settle
from pipeline.store import tables
from pipeline.vault.keyring import Secret
from pipeline.vault.tokens import signal_ids
from pipeline.vocabulary.case import CLOSED, IN_PROGRESS, OPENED, REVEALED
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.outcome import REOPEN
from tests.builders.deliveries import GEMEENTE, MONTH, Municipality, key_bytes
from tests.builders.stewardship import (
    make_stewarded,
    partner_keys,
    put,
    put_case,
    put_signals,
    rows_of_table,
    stored_signal,
)

TODAY = date(2026, 11, 10)
HELP = "Vervolghulp en/of verwijzing"
UNJUST = {"result": "Niet opgepakt: onterecht signaal", "result_on": "2026-11-05"}
MONTH_HAS_ENDED = date(2027, 1, 1)
EXPORT = "klantnummer;achternaam;postcode;huisnummer;bedrag;maanden_achterstand\r\n" + "".join(
    f"K-{number};Oefenstein;9901 AB;{number};100;3\r\n" for number in range(1, 6)
)


def client(partner_id: str, klantnummer: str, **changes: Any) -> dict[str, Any]:
    """A stored signal with the id that the partner's own secret gives its client."""
    secret = partner_keys(partner_id).secret.secret.value
    (identifier,) = signal_ids(secret, GEMEENTE, MONTH, pl.Series([klantnummer]))
    return stored_signal(partner_id, f"{partner_id}/{klantnummer}", **{"signal_id": identifier, **changes})


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    """Two shown cases of two partners, one of whose signals was about somebody else, and a single."""
    return make_two_cases(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    """The same, where the kind of database makes no difference."""
    return make_two_cases(tmp_path)


def make_two_cases(path: Path) -> Municipality:
    place = make_stewarded(path)
    (path / "export.csv").write_text(EXPORT)
    with place.run(TODAY) as run:
        for case_id, number in (("Z-1", "K-1"), ("Z-2", "K-2")):
            rows = [client(partner, number) for partner in ("huur-a", "energie-a")]
            put_signals(run, rows)
            put_case(run, case_id, REVEALED, rows)
        put_signals(run, [client("huur-a", "K-3"), client("huur-a", "K-4")])
        stranger = {
            "case_id": "Z-1",
            "is_active": True,
            "is_confirmed": False,
            "month": MONTH,
            "partner_id": "huur-a",
        }
        with run.store.transaction("test", at="x", actor="x") as transaction:
            signal_id = client("huur-a", "K-4")["signal_id"]
            transaction.insert(tables.case_signals, [{**stranger, "signal_id": signal_id}])
    return place


def settled(place: Municipality, *lines: dict[str, Any], today: date = TODAY) -> Any:
    if lines:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (place.home.inbox_follow_up / "opvolging.jsonl").write_text(text)
    with place.run(today) as run:
        return settle(run)


def visit(case_id: str = "Z-1", **changes: Any) -> dict[str, Any]:
    attempt = {"attempt_id": f"a-{case_id}", "type": "Huisbezoek", "is_reached": True, "on": "2026-11-04"}
    return {"case_id": case_id, "attempts": [attempt], **changes}


def listed(place: Municipality, partner_id: str = "huur-a") -> list[tuple[str, str, str]]:
    """What the partner reads: client number, code, suspended until."""
    outcome = list_feedback(
        place.home.feedback / partner_id, partner_keys(partner_id), [place.path.parent / "export.csv"]
    )
    text = Path(outcome.paths["list"]).read_text(encoding="utf-8-sig")
    rows = csv.DictReader(text.splitlines(), delimiter=";")
    return [(row["klantnummer"], row["code"], row["opschorten_tot"]) for row in rows]


def test_from_result_to_client_number(municipality: Municipality) -> None:
    """Not due, and help accepted with consent: each partner reads it of its own client and of no other."""
    outcome = settled(
        municipality,
        visit(**UNJUST),
        visit("Z-2", result=HELP, result_on="2026-11-05", has_consent_for_feedback=True),
    )
    assert (2, 4) == (outcome.counts["feedback_packages"], outcome.counts["feedback_codes"])
    expected = [("K-1", "onterecht", ""), ("K-2", "hulp_aanvaard", "2026-12-05")]
    assert expected == listed(municipality) == listed(municipality, "energie-a")
    assert not (municipality.home.feedback / "water-a").exists()
    path = municipality.home.feedback / "huur-a" / partner_feedback.LIST_NAME
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)


def test_only_changes_are_sent(local: Municipality) -> None:
    """Nothing new, no package; a result on a later day tells only that; the list shows the last word."""
    settled(local, visit(**UNJUST))
    assert 0 == settled(local, today=date(2026, 11, 11)).counts["feedback_packages"]
    outcome = settled(
        local, visit(result="Inwoner is overleden", result_on="2026-11-12"), today=date(2026, 11, 12)
    )
    assert 2 == outcome.counts["feedback_codes"]
    days = sorted(path.name for path in (local.home.feedback / "huur-a").iterdir())
    assert ["2026-11-10", "2026-11-12"] == days
    assert [("K-1", "overleden", "")] == listed(local)


def test_a_second_settle_on_a_day_tells_all_of_that_day(local: Municipality) -> None:
    """The package of a day is replaced by one that holds what was told before and what is new, once per signal."""
    settled(local, visit(**UNJUST))
    settled(local, visit("Z-2", **UNJUST))
    assert [("K-1", "onterecht", ""), ("K-2", "onterecht", "")] == listed(local)
    settled(local, visit(result="Inwoner is overleden", result_on="2026-11-09"))
    assert [("K-1", "overleden", ""), ("K-2", "onterecht", "")] == listed(local)
    with local.run(TODAY) as run:
        told = [row for row in rows_of_table(run, tables.feedback_sent) if row["partner_id"] == "huur-a"]
    assert ["onterecht", "overleden"] == sorted(row["code"] for row in told)


def test_back_and_forth_is_told_each_time(municipality: Municipality) -> None:
    """Help accepted, reopened, help accepted again: the partner hears the last word, whatever it heard before."""
    consent = {"result": HELP, "has_consent_for_feedback": True}
    settled(municipality, visit(**consent, result_on="2026-11-05"))
    set_state(municipality, IN_PROGRESS)
    settled(municipality, today=date(2026, 11, 11))
    assert [("K-1", "opgepakt", "")] == listed(municipality)
    set_state(municipality, CLOSED)
    settled(municipality, today=date(2026, 11, 12))
    assert [("K-1", "hulp_aanvaard", "2026-12-05")] == listed(municipality)
    assert 0 == settled(municipality, today=date(2026, 11, 13)).counts["feedback_codes"]


def set_state(place: Municipality, state: str) -> None:
    with place.run(TODAY) as run, run.store.transaction("test", at="x", actor="x") as transaction:
        transaction.update(tables.cases, tables.cases.c.case_id == "Z-1", {"state": state})


def test_what_needs_no_haste_is_told_of_all_signals_of_a_month_on_one_day(local: Municipality) -> None:
    """Taken up, not yet tried and alone: no word of any of them before the day on which all of them are told."""
    settled(local, visit())
    for day in (date(2026, 11, 11), date(2026, 12, 31)):
        assert 0 == settled(local, today=day).counts["feedback_codes"]
    assert not (local.home.feedback / "huur-a").exists()
    settled(local, today=MONTH_HAS_ENDED)
    expected = [("K-1", "opgepakt"), *((f"K-{number}", "niet_opgepakt") for number in (2, 3, 4))]
    assert expected == [row[:2] for row in listed(local)]
    assert ["2027-01-01"] == [path.name for path in (local.home.feedback / "huur-a").glob("2*")]


def test_what_was_told_and_is_otherwise_is_told_at_once(local: Municipality) -> None:
    """A partner that heard of a death which was a mistake need not wait for the end of the month."""
    settled(local, visit(result="Inwoner is overleden", result_on="2026-11-09"))
    settled(local, {"case_id": "Z-1", "result": REOPEN}, today=date(2026, 11, 11))
    assert [("K-1", "opgepakt", "")] == listed(local)


def test_nothing_readable_lies_in_the_outbox(tmp_path: Path) -> None:
    """No signal id, no code, no client number stands in a package; the journal holds counts."""
    place = make_two_cases(tmp_path)
    settled(place, visit(**UNJUST))
    packages = [path for path in place.home.feedback.rglob("*") if path.is_file()]
    content = b"".join(path.read_bytes() for path in packages)
    assert 4 == len(packages)
    words = [b"onterecht", b"K-1", client("huur-a", "K-1")["signal_id"].encode()]
    assert [] == [word for word in words if word in content]
    with place.run(TODAY) as run:
        lines = [row for row in rows_of_table(run, tables.journal) if row["action"] == "send_feedback"]
    assert [("energie-a", {"onterecht": 1}), ("huur-a", {"onterecht": 1})] == [
        (row["object"], row["counts"]) for row in lines
    ]


@pytest.mark.parametrize("dies_in", ["kept.write_sent", "folder.write_file", "_write_package"])
def test_killed_while_sending_everything_is_told_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dies_in: str
) -> None:
    """Told twice at worst, never not at all; afterwards the store says what was told."""
    place = make_two_cases(tmp_path)

    def die(*_args: object, **_kwargs: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(f"pipeline.commands.at_the_inbox.feedback_sending.{dies_in}", die)
        with pytest.raises(KeyboardInterrupt):
            settled(place, visit(**UNJUST))
    settled(place, today=date(2026, 11, 11))
    assert [("K-1", "onterecht", "")] == listed(place) == listed(place, "energie-a")
    assert 0 == settled(place, today=date(2026, 11, 12)).counts["feedback_codes"]


def test_without_a_key_follow_up_counts_and_feedback_waits(tmp_path: Path) -> None:
    """A partner without a box key, or a home without the right signing key, holds up feedback and nothing else."""
    place = make_two_cases(tmp_path)
    keys = place.directory["keys"]
    keys[:] = [key for key in keys if key["key_id"] != "box-huur-a-1"]
    place.write_documents()
    outcome = settled(place, visit(**UNJUST))
    assert ([RowFault("PARTNER_WITHOUT_KEYS")], 1) == (outcome.refused, outcome.counts["feedback_packages"])
    path = place.home.keys_dir / "municipal-signing-1.json"
    wrong = json.loads(path.read_text()) | {"secret_b64": Secret(key_bytes("another")).b64()}
    path.unlink()
    outcome = settled(place, visit("Z-2", **UNJUST))
    assert ([RowFault("KEY_MISSING")], 1) == (outcome.refused, outcome.counts["attempts"])
    path.write_text(json.dumps(wrong))
    assert [RowFault("KEY_WRONG", "municipal-signing-1")] == settled(place).refused


def test_another_partner_cannot_open_it(tmp_path: Path) -> None:
    """A package that lands at the wrong partner is refused before anything is opened."""
    place = make_two_cases(tmp_path)
    settled(place, visit(**UNJUST))
    with pytest.raises(Refused) as refusal:
        list_feedback(place.home.feedback / "energie-a", partner_keys("huur-a"), [tmp_path / "export.csv"])
    assert "FEEDBACK_INVALID" == refusal.value.code


@pytest.mark.parametrize("is_file", [True, False])
def test_a_place_without_feedback_is_told_as_that(tmp_path: Path, is_file: bool) -> None:
    """An empty folder, or a file where a folder belongs, has nothing to do with a number."""
    place = tmp_path / "terugkoppeling"
    if is_file:
        place.touch()
    else:
        place.mkdir()
    with pytest.raises(Refused) as refusal:
        list_feedback(place, partner_keys("huur-a"), [tmp_path / "export.csv"])
    assert "FEEDBACK_MISSING" == refusal.value.code
    assert "geen terugkoppeling" in refusal.value.next_step


def test_the_command_lists_and_counts_what_the_export_does_not_explain(tmp_path: Path) -> None:
    """`samenloop partner feedback DIR --keys --export`: the promised object on stdout, the list on disk."""
    place = make_two_cases(tmp_path)
    settled(place, visit(**UNJUST), visit("Z-2", **UNJUST))
    (tmp_path / "small.csv").write_text("klantnummer\r\nK-2\r\n")
    partner_keys("huur-a").write(tmp_path / "keys.json")
    app = typer.Typer()
    partner_feedback.register(app)
    app.command("other")(lambda: None)
    package = str(place.home.feedback / "huur-a" / "2026-11-10")
    arguments = ["--keys", str(tmp_path / "keys.json"), "--export", str(tmp_path / "small.csv")]
    result = CliRunner().invoke(app, ["feedback", package, *arguments, "--json"])
    answer = json.loads(result.stdout)
    assert (1, "partner feedback", 1, 1) == (
        result.exit_code,
        answer["command"],
        answer["counts"]["clients"],
        answer["counts"]["not_in_export"],
    )
    assert "K-2" in Path(answer["paths"]["list"]).read_text()
    (tmp_path / "map").mkdir()
    CliRunner().invoke(app, ["feedback", package, *arguments, "--out", str(tmp_path / "map")])
    assert "K-2" in (tmp_path / "map" / partner_feedback.LIST_NAME).read_text()
    said = CliRunner().invoke(app, ["feedback", package, *arguments]).stdout
    assert "1 klant staat in terugkoppeling.csv.\n1 signaal hoort bij een klant buiten deze export.\n" in said


def test_what_came_in_afterwards_is_told_nothing_of_a_closed_case(tmp_path: Path) -> None:
    """The opener never compared it: it may be about a housemate, and the consent was for other partners."""
    place = make_two_cases(tmp_path)
    late = client("water-a", "K-9")
    with place.run(TODAY) as run:
        put_signals(run, [late])
        named = {name: late[name] for name in ("partner_id", "month", "signal_id")}
        put(run, tables.case_signals, case_id="Z-1", **named, is_active=True, is_confirmed=None)
    settled(place, visit(result=HELP, result_on="2026-11-05", has_consent_for_feedback=True))
    assert not (place.home.feedback / "water-a").exists()


def test_an_unseen_case_tells_nothing(tmp_path: Path) -> None:
    """Before anybody visited there is nothing to tell, whatever matching knows."""
    place = make_stewarded(tmp_path)
    with place.run(TODAY) as run:
        rows = [client(partner, "K-1") for partner in ("huur-a", "energie-a")]
        put_signals(run, rows)
        put_case(run, "Z-1", OPENED, rows)
    assert 0 == settled(place).counts["feedback_codes"]
    assert [] == list(place.home.feedback.iterdir())


def test_feedback_of_clients_in_no_export_is_refused_with_the_month_that_lacks(tmp_path: Path) -> None:
    """Who accepted help may be among them, and nobody would wait with collecting; the right export mends it."""
    place = make_two_cases(tmp_path)
    settled(
        place, visit(**UNJUST), visit("Z-2", result=HELP, result_on="2026-11-05", has_consent_for_feedback=True)
    )
    (tmp_path / "elders.csv").write_text("klantnummer\r\nK-8\r\n")
    package, keys = place.home.feedback / "huur-a" / "2026-11-10", partner_keys("huur-a")
    wrong = list_feedback(package, keys, [tmp_path / "elders.csv"])
    assert (1, [RowFault("FEEDBACK_NOT_PLACED")], 0) == (wrong.exit_code, wrong.refused, wrong.counts["clients"])
    assert [
        "0 klanten staan in terugkoppeling.csv.",
        "2 signalen horen bij klanten buiten deze export.",
        "Gebruik de export van 2026-10. U mag --export meer keren geven.",
        "Doe dit meteen: bij 1 daarvan is hulp aanvaard, dus u wacht met incasseren.",
    ] == wrong.lines
    both = list_feedback(package, keys, [tmp_path / "elders.csv", tmp_path / "export.csv"])
    assert (0, [], 2, 1) == (both.exit_code, both.refused, both.counts["clients"], len(both.lines))
