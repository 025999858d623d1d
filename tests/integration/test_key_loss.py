"""A lost key, and a partner's key in other hands: what stops, what becomes unreadable, what returns."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from pipeline.commands.admit import admit
from pipeline.commands.console import print_outcome
from pipeline.commands.journal_keeping.journal_sealing import retire_lines, seal_head
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.key_keeping.key_making import JOURNAL, new_municipal_key
from pipeline.commands.keys import municipality
from pipeline.commands.opener import serve
from pipeline.commands.reveal import _outcome
from pipeline.commands.status import status
from pipeline.commands.wiring import Run
from pipeline.store import tables
from pipeline.store.deliveries import ask_again
from pipeline.store.journal_chain import seals
from pipeline.store.retirement_ledger import Retirement
from pipeline.vault.keyring import Secret
from pipeline.vault.signing import public_of_signing
from pipeline.vocabulary.faults import FAULTS, KeyFault, Refused
from tests.builders.deliveries import (
    GEMEENTE,
    NOW,
    Municipality,
    _public,
    key_bytes,
    make_delivery,
    rows_of,
    with_key,
    write_secret,
)
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
from tests.builders.stewardship import make_stewarded, rows_of_table

MONTH = "2026-10"
WEDNESDAY = TUESDAY + timedelta(days=1)
PAIR = [report("huur-a", "a", "x"), report("energie-a", "b", "x")]


@pytest.fixture
def place(tmp_path: Path) -> Municipality:
    return make_municipality_with_opener(tmp_path)


def state(run: Run) -> tuple[str, str | None]:
    (case,) = rows_in(run, "cases")
    (*_, request) = sorted(rows_in(run, "opening_requests"), key=lambda row: str(row["answered_at"]))
    return case["state"], request["reason_code"]


def test_a_lost_opening_key_shows_nobody_until_it_is_back(place: Municipality) -> None:
    """Its month's cases wait, are not judged and not lost; with the key from the safe they are shown."""
    path = next(place.home.opener_keys_dir.glob(f"opening-{MONTH}-*.json"))
    path.unlink()
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        assert ("routed", "KEY_MISSING") == state(run)
        assert [] == worklist(place)["cases"]
        write_opening_key(place, MONTH)
        reveal_here(run)
        assert 1 == len(worklist(place)["cases"])


def test_a_running_case_whose_key_is_lost_runs_on_and_its_team_is_told(place: Municipality) -> None:
    """Page and sheet never say that there is nothing to do; `reveal` and `status` call it what it is."""
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
    path = next(place.home.opener_keys_dir.glob(f"opening-{MONTH}-*.json"))
    kept = path.read_bytes()
    path.unlink()
    with place.run(WEDNESDAY) as run:
        reveal_here(run)
        assert "revealed" == state(run)[0]
        assert (1, 0) == tuple(_outcome(run).counts[name] for name in ("unread", "withheld"))
        said = " ".join(status(run).lines)
        assert "1 zaak stond niet op de laatste werklijst" in said
        assert "(opening-2026-10-1)" in said
        assert 1 == status(run).counts["cases_unread"]
    assert ([], 1) == tuple(worklist(place, on=WEDNESDAY)[name] for name in ("cases", "unread_count"))
    assert "unread_count" not in worklist(place, "zuid", on=WEDNESDAY)
    for text in texts_of(place, "noord", WEDNESDAY):
        assert "1 zaak kan vandaag niet worden getoond." in text
        assert "U hoeft niets te doen" not in text
        assert "Vandaag geen zaken" not in text
    assert all("U hoeft niets te doen" in text for text in texts_of(place, "zuid", WEDNESDAY))
    path.write_bytes(kept)
    with place.run(WEDNESDAY) as run:
        reveal_here(run)
        assert [] == [line for line in status(run).lines if "niet op de laatste werklijst" in line]
    assert 1 == len(worklist(place, on=WEDNESDAY)["cases"])


def texts_of(place: Municipality, team_id: str, on: date) -> list[str]:
    """What a team reads on its page and on its sheet."""
    folder = place.home.worklists / team_id / on.isoformat()
    sheet = load_workbook(folder / "werklijst.xlsx")["Werklijst"]
    return [(folder / "werklijst.html").read_text("utf-8"), str(sheet["A2"].value)]


def test_which_key_is_lost_is_said_once(place: Municipality, capsys: pytest.CaptureFixture[str]) -> None:
    """The step names the key and counts the contacts, on the screen and for programs."""
    next(place.home.opener_keys_dir.glob(f"opening-{MONTH}-*.json")).unlink()
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        told = _outcome(run)
    assert [KeyFault("KEY_MISSING", "opening-2026-10-1", None, 2)] == told.refused
    said = {"code": "KEY_MISSING", "column": "opening-2026-10-1", "row": None, "count": 2}
    assert [said] == json.loads(told.as_json())["refused"]
    print_outcome(told)
    assert "geweigerd KEY_MISSING (sleutel opening-2026-10-1, 2 keer): " in capsys.readouterr().out


def test_an_opening_key_with_another_secret_is_called_wrong_and_waits(
    place: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    """A stale or foreign copy under the right name: the partner is not to blame, and the case is not judged."""
    path = next(place.home.opener_keys_dir.glob(f"opening-{MONTH}-*.json"))
    kept = with_other_secret(path)
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        assert ("routed", "KEY_MISSING") == state(run)
        told = _outcome(run)
        assert [KeyFault("KEY_WRONG", "opening-2026-10-1", None, 2)] == told.refused
        assert (1, 1) == (told.counts["unread"], worklist(place)["unread_count"])
        print_outcome(told)
        assert "Zet dan de goede sleutel terug uit de kluis." in capsys.readouterr().out
        assert "(opening-2026-10-1)" in " ".join(status(run).lines)
        path.write_bytes(kept)
        reveal_here(run)
    assert 1 == len(worklist(place)["cases"])


@pytest.mark.parametrize(
    "damage",
    [{"secret_b64": "AAAA"}, {"valid_from": "2026-02-30"}, {"format": "another"}],
    ids=["cut", "day", "form"],
)
def test_a_damaged_opening_key_costs_its_own_month_alone(
    place: Municipality, damage: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is named; the lists of another month are made, and its own cases wait."""
    later = write_opening_key(place, "2026-12")
    later.write_text(json.dumps(json.loads(later.read_text()) | damage))
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        assert 1 == len(worklist(place)["cases"])
        assert f"KEY_INVALID: {FAULTS['KEY_INVALID'].next_step} ({later.name})" in capsys.readouterr().err
        own = next(place.home.opener_keys_dir.glob(f"opening-{MONTH}-*.json"))
        own.write_text(json.dumps(json.loads(own.read_text()) | damage))
    with place.run(WEDNESDAY) as run:
        reveal_here(run)
        assert [KeyFault("KEY_INVALID", own.stem, None, 2)] == _outcome(run).refused
        assert 1 == worklist(place, on=WEDNESDAY)["unread_count"]


def with_other_secret(path: Path) -> bytes:
    """Let a key file hold the secret of another key under the same id. Returns what stood there."""
    kept = path.read_bytes()
    path.write_text(json.dumps(json.loads(kept) | {"secret_b64": Secret(key_bytes("another")).b64()}))
    return kept


def test_a_lost_case_key_forgets_who_came_before_and_nothing_else(place: Municipality) -> None:
    """Worklists are made; only the household is not known again, and a new key starts anew."""
    for path in place.home.opener_keys_dir.glob("case-*.json"):
        path.unlink()
    with place.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        assert 1 == len(worklist(place)["cases"])
        assert [] == rows_in(run, "case_pseudonyms")


def test_a_lost_admission_or_store_key_keeps_deliveries_waiting(tmp_path: Path) -> None:
    """Without either nothing is admitted or lost: the delivery stays in the inbox until the key is back."""
    for kind in ("admission", "store"):
        home = make_stewarded(tmp_path / kind)
        path = next(
            path for path in home.home.keys_dir.glob(f"{kind}*.json") if kind == "admission" or MONTH in path.name
        )
        kept = path.read_bytes()
        path.unlink()
        make_delivery(home, "huur-a", rows=rows_of(30))
        with home.run() as run:
            assert ["KEY_MISSING"] == [fault.code for fault in admit(run).refused]
            assert ([], 1) == (rows_of_table(run, tables.signals), len(list(home.inbox.iterdir())))
            path.write_bytes(kept)
            assert 1 == admit(run).counts["admitted"]
            assert 30 == len(rows_of_table(run, tables.signals))


def test_a_wrong_admission_key_refuses_no_delivery(tmp_path: Path) -> None:
    """It is our own fault: the delivery waits in the inbox, and no receipt blames the partner's file."""
    home = make_stewarded(tmp_path)
    path = next(home.home.keys_dir.glob("admission*.json"))
    kept = with_other_secret(path)
    make_delivery(home, "huur-a", rows=rows_of(30))
    with home.run() as run:
        assert [("KEY_WRONG", path.stem)] == [(fault.code, fault.column) for fault in admit(run).refused]
        assert 1 == len(list(home.inbox.iterdir()))
        assert not home.home.quarantine.exists() or [] == home.quarantined()
        path.write_bytes(kept)
        assert 1 == admit(run).counts["admitted"]


def test_a_lost_journal_key_stops_the_seals_and_not_the_work(tmp_path: Path) -> None:
    """Lines go on in their chain; a new key seals again, under an id of its own."""
    home = make_stewarded(tmp_path)
    for path in home.home.opener_keys_dir.glob("journal-*.json"):
        path.unlink()
    with home.run() as run:
        make_delivery(home, "huur-a", rows=rows_of(30))
        admit(run)
        assert not seal_head(run)
        new_municipal_key(home.path, JOURNAL, GEMEENTE, date(2026, 11, 3))
        assert seal_head(run)
        assert ["journal-GM9901-2"] == [seal["key_id"] for seal in seals(run.store)]


def test_a_wrong_journal_key_seals_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the head nor a checkpoint: with the good key back, the journal is whole."""
    home = make_stewarded(tmp_path)
    path = next(home.home.opener_keys_dir.glob("journal-*.json"))
    with home.run() as run:
        make_delivery(home, "huur-a", rows=rows_of(30))
        admit(run)
        assert seal_head(run)
        kept = with_other_secret(path)
        make_delivery(home, "energie-a", rows=rows_of(30))
        admit(run)
        before = seals(run.store)
        assert not seal_head(run)
        assert not retire_lines(run, Retirement("2026-11-03", run.now, "retire"), 1, "2026-11-03")
        assert before == seals(run.store)
        assert f"KEY_WRONG: {FAULTS['KEY_WRONG'].next_step} ({path.stem})" in capsys.readouterr().err
        path.write_bytes(kept)
        assert seal_head(run)
        assert [] == verify_journal(run).refused


def test_a_signing_key_that_lies_in_the_vault_is_not_made_anew(tmp_path: Path) -> None:
    """Whoever adds the keys of a month without it is told to lay it back; nothing is made beside it."""
    day = date(2026, 11, 3)
    municipality(tmp_path, GEMEENTE, ("2026-11",), day)
    (key,) = (tmp_path / "keys").glob("municipal-signing-*")
    key.rename(tmp_path / "vault")
    before = sorted(path.name for path in (tmp_path / "keys").iterdir())
    for gemeentecode in (None, GEMEENTE):
        with pytest.raises(Refused, match="KEY_MISSING"):
            municipality(tmp_path, gemeentecode, ("2026-12",), day)
    assert before == sorted(path.name for path in (tmp_path / "keys").iterdir())


@pytest.fixture
def leaked(place: Municipality) -> tuple[Municipality, dict[str, Any]]:
    """The partner's signing key was revoked in the directory, and its successor entered."""
    newest = _public("signing-huur-a-2", "partner-signing", "huur-a", public_of_signing(key_bytes("signing/new")))
    place.directory["keys"].append(newest)
    changed = with_key(place, "signing-huur-a-1", revoked_on="2026-11-03")
    again = report("huur-a", "a", "x", sequence=2, signed_by="signing/new")
    return changed, {**again, "signing_key_id": "signing-huur-a-2"}


def test_a_leaked_partner_key_makes_its_contacts_count_for_nothing(
    leaked: tuple[Municipality, dict[str, Any]],
) -> None:
    """What it signed opens for no case any more; sealed anew and delivered again, the case is shown."""
    changed, again = leaked
    with changed.run(TUESDAY) as run:
        keep(run, PAIR)
        reveal_here(run)
        assert ("withheld", "SIGNAL_REFUSED") == state(run)
        refused = [row["result"] for row in rows_in(run, "journal") if row["action"] == "refuse_contact"]
        assert ["KEY_EXPIRED"] == refused
        with run.store.transaction("test", at=run.now, actor="test") as transaction:
            ask_again(transaction, "huur-a", MONTH)
        keep(run, [again, PAIR[1]])
        reveal_here(run)
        assert 1 == len(worklist(changed)["cases"])


def test_a_leaked_partner_key_cannot_deliver(tmp_path: Path) -> None:
    """From the day of revocation a delivery with its signature is refused, whoever made it."""
    home = with_key(make_stewarded(tmp_path), "signing-huur-a-1", revoked_on="2026-11-01")
    make_delivery(home, "huur-a", rows=rows_of(30))
    with home.run() as run:
        assert 1 == admit(run).counts["refused"]
        assert [] == rows_of_table(run, tables.signals)


def test_an_opener_without_what_it_trusts_does_not_start(place: Municipality) -> None:
    """Without its pin, or with a directory that another key signed, the opener refuses to serve."""
    trust = place.home.opener_keys_dir / "trust.json"
    kept = trust.read_bytes()
    trust.unlink()
    with pytest.raises(Refused, match="KEY_MISSING"):
        serve(place.path, once=True, now=NOW)
    trust.write_bytes(
        kept.replace(b'"municipal_fingerprint": "', b'"municipal_fingerprint": "0000 ', 1)[:-7] + b'"\n}\n'
    )
    with pytest.raises(Refused):
        serve(place.path, once=True, now=NOW)


def test_secrets_are_in_no_process_list_and_no_dag() -> None:
    """No command takes a secret as an argument, and no DAG asks Airflow for a connection or a variable."""
    root = Path(__file__).resolve().parents[2]
    commands = "".join(path.read_text("utf-8") for path in (root / "pipeline/commands").rglob("*.py"))
    assert [] == [word for word in ("--secret", "--password", "--private", "--passphrase") if word in commands]
    dags = "".join(path.read_text("utf-8") for path in (root / "dags").glob("*.py"))
    assert [] == [word for word in ("BaseHook", "Variable.get", "get_connection", "opener_keys") if word in dags]


def test_a_written_secret_is_the_owners_alone(place: Municipality) -> None:
    """Every key file of the home can be read by its owner and nobody else."""
    write_secret(place, "extra-1", "extra", "extra")
    files = [*place.home.keys_dir.glob("*-*.json"), *place.home.opener_keys_dir.glob("*-*.json")]
    assert {0o600} == {path.stat().st_mode & 0o777 for path in files}
