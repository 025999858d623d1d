"""Somebody who writes to the store cuts the journal and takes the seals along: the opener remembers its head."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.backup import backup
from pipeline.commands.journal_keeping import restore_proofs
from pipeline.commands.journal_keeping.journal_sealing import export_head, retire_old_lines, seal_head
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.journal_keeping.kept_head import distrust, held, open_working_run, read_head
from pipeline.commands.key_keeping.key_making import MUNICIPAL_SIGNING, keys_of, read_trust
from pipeline.commands.key_keeping.key_rotation import rotate_municipal_key
from pipeline.commands.opener import serve
from pipeline.commands.restore import confirm_restore, restore
from pipeline.commands.retire import retire
from pipeline.commands.reveal import order_worklists, reveal
from pipeline.commands.status import status
from pipeline.commands.wiring import Run, open_run
from pipeline.store.journal_chain import head, lines_in_order, lines_of, seals
from pipeline.vault.signing import sign_document
from pipeline.vocabulary.faults import Refused
from tests.builders.deliveries import GEMEENTE, NOW, Municipality, key_bytes
from tests.builders.openings import keep, make_municipality_with_opener, report, reveal_here, rows_in, worklist
from tests.builders.stewardship import write_journal_key
from tests.integration.test_backup import NOVEMBER, lose_database, make_backup, make_home
from tests.integration.test_journal_chain import add_lines, behind_the_back, faults_of, rewritten, with_lines

CUT = {
    "all": ("DELETE FROM journal", "DELETE FROM journal_seals"),
    "since-a-day": ("DELETE FROM journal WHERE seq > 6", "DELETE FROM journal_seals"),
}


@pytest.fixture
def municipality(tmp_path: Path, database: str) -> Municipality:
    return with_lines(tmp_path)


@pytest.fixture
def local(tmp_path: Path) -> Municipality:
    return with_lines(tmp_path)


def forget_heads(run: Run) -> None:
    for path in run.home.reports.glob("journaal-*"):
        path.unlink()


@pytest.mark.parametrize("statements", CUT.values(), ids=CUT)
def test_what_is_cut_with_its_seals_is_found_and_never_sealed(
    municipality: Municipality, statements: tuple[str, ...]
) -> None:
    """Neither lines nor seals nor exported heads are left: verifying finds it, and the opener does not seal."""
    with municipality.run() as run:
        behind_the_back(run, *statements)
        forget_heads(run)
        assert {"JOURNAL_TRUNCATED", "JOURNAL_UNSEALED"} == {code for code, _ in faults_of(run)}
        assert (False, []) == (seal_head(run), seals(run.store))


def test_a_chain_made_anew_without_its_seals_is_found_and_never_sealed(local: Municipality) -> None:
    """Every hash fits, and no seal says otherwise; the head that the opener remembers does."""
    with local.run() as run:
        rewritten(run)
        behind_the_back(run, "DELETE FROM journal_seals")
        assert [("JOURNAL_UNSEALED", None), ("JOURNAL_REWRITTEN", 10)] == faults_of(run)
        assert not seal_head(run)


def test_a_line_that_does_not_follow_on_is_never_sealed(local: Municipality) -> None:
    """Lines after the remembered head are walked one by one before the last of them is sealed."""
    with local.run() as run:
        add_lines(run, 11, 13)
        behind_the_back(run, "UPDATE journal SET actor = 'somebody' WHERE seq = 12")
        assert not seal_head(run)
        assert [10] == [seal["seq"] for seal in seals(run.store)]


def test_refusing_is_said_once_in_the_journal_and_each_time_to_the_steward(
    local: Municipality, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line however often it is tried; the screen, `retire`, `status` and `verify` say it; no head is made."""
    with local.run() as run:
        behind_the_back(run, *CUT["since-a-day"])
        for _ in range(3):
            seal_head(run)
        assert ["JOURNAL_NOT_HELD"] == [line["result"] for line in lines_of(run.store, "refuse_seal")]
        assert 3 == capsys.readouterr().err.count("HET JOURNAAL IS NIET TE VERTROUWEN")
        assert "JOURNAL_NOT_HELD" in {fault.code for fault in retire(run).refused}
        assert [] == list(run.home.reports.glob("journaal-*"))
        assert any("NIET te vertrouwen" in line for line in status(run).lines)
        assert "JOURNAL_NOT_HELD" in {code for code, _ in faults_of(run)}


def test_whoever_may_not_read_the_opener_goes_by_its_line(local: Municipality) -> None:
    """Without the remembered head the refusal in the journal still says that it is not to be trusted."""
    with local.run() as run:
        behind_the_back(run, *CUT["since-a-day"])
        seal_head(run)
        shutil.move(run.home.opener_keys_dir, run.home.path / "elsewhere")
        assert "JOURNAL_NOT_HELD" == getattr(distrust(run), "code", None)
        assert "JOURNAL_NOT_HELD" in {code for code, _ in faults_of(run)}


def test_worklists_go_on_without_a_seal(tmp_path: Path) -> None:
    """The opener starts and answers all the same: a household does not wait for an inquiry."""
    place = make_municipality_with_opener(tmp_path)
    write_journal_key(place)
    with place.run() as run:
        add_lines(run, 1, 10)
    serve(place.path, once=True, now=NOW)
    with place.run() as run:
        behind_the_back(run, *CUT["all"])
        assert 0 == serve(place.path, once=True, now=NOW).exit_code
        assert [] == seals(run.store)


def test_a_damaged_list_of_journal_keys_stops_no_list(tmp_path: Path) -> None:
    """It says nothing about whose the seals are; that the journal cannot be sealed by it is told elsewhere."""
    place = make_municipality_with_opener(tmp_path)
    with place.run() as run:
        keep(run, [report("huur-a", "a", "x"), report("energie-a", "b", "x")])
        reveal_here(run)
    (place.path / "journal-keys.json").write_text("{")
    with open_working_run(place.path) as run:
        assert rows_in(run, "cases")


def test_in_a_lost_database_no_list_takes_the_place_of_the_last(tmp_path: Path) -> None:
    """Neither the step nor the opener makes lists; with the backup back, or the head renamed, they go on."""
    place = make_municipality_with_opener(tmp_path)
    write_journal_key(place)
    with place.run(NOVEMBER) as run:
        keep(run, [report("huur-a", "a", "x"), report("energie-a", "b", "x")])
        reveal_here(run)
    before = worklist(place)
    assert 1 == len(before["cases"])
    lose_database(place)
    with place.run(NOVEMBER) as run:
        with pytest.raises(Refused, match="JOURNAL_NOT_HELD"):
            reveal(run, wait_seconds=2)
        assert order_worklists(run)
        with pytest.raises(Refused, match="JOURNAL_NOT_HELD"):
            serve(place.path, once=True, now=NOW)
        shutil.move(place.home.opener_keys_dir, tmp_path / "elsewhere")
        with pytest.raises(Refused, match="JOURNAL_NOT_HELD"):  # the journal says it to who may not read the head
            reveal(run, wait_seconds=2)
        shutil.move(tmp_path / "elsewhere", place.home.opener_keys_dir)
        assert before == worklist(place)
        (place.home.opener_keys_dir / "head.json").rename(tmp_path / "head.json")
        serve(place.path, once=True, now=NOW)
    assert [] == worklist(place)["cases"]


def test_the_remembered_head_moves_on(local: Municipality) -> None:
    """With each seal, and over a checkpoint behind which its line was retired."""
    with local.run() as run:
        add_lines(run, 11, 12)
        seal_head(run)
        assert 12 == getattr(read_head(run.home), "seq", None)
    with open_run(local.path, date(2032, 1, 15), "opener", datetime(2032, 1, 15, tzinfo=UTC)) as run:
        add_lines(run, 13, 14, at="2031-12-01T06:00:00Z")
        run.home.opener_keys_dir.joinpath("head.json").unlink()
        seal_head(run)
        assert ["journaal"] == [line["object"] for line in lines_of(run.store, "begin_head")]
        retire_old_lines(run)
        assert 13 == next(lines_in_order(run.store))["seq"]
        assert (None, True) == (distrust(run), seal_head(run))


def test_a_first_seal_that_was_broken_off_is_not_told_as_a_lost_head(
    local: Municipality, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed before the head was kept, there is no seal either: nobody reads that a head was begun anew."""

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with local.run() as run:
        run.home.opener_keys_dir.joinpath("head.json").unlink(missing_ok=True)
        behind_the_back(run, "DELETE FROM journal_seals")
        monkeypatch.setattr("pipeline.commands.journal_keeping.journal_sealing.keep_head", killed)
        with pytest.raises(KeyboardInterrupt):
            seal_head(run)
        monkeypatch.undo()
        assert (True, []) == (seal_head(run), list(lines_of(run.store, "begin_head")))


def test_a_checkpoint_that_the_opener_did_not_make_excuses_nothing(local: Municipality) -> None:
    """A seal made a checkpoint behind the back does not explain that the lines are gone."""
    with local.run() as run:
        behind_the_back(run, "UPDATE journal_seals SET is_checkpoint = TRUE", "DELETE FROM journal")
        assert not seal_head(run)


def test_a_seal_that_is_no_checkpoint_excuses_nothing(local: Municipality) -> None:
    """The opener sealed the last line itself; that it was there once does not explain that all are gone."""
    with local.run() as run:
        behind_the_back(run, "DELETE FROM journal")
        assert (False, "JOURNAL_NOT_HELD") == (seal_head(run), getattr(distrust(run), "code", None))


def test_without_a_remembered_head_only_a_seal_of_the_opener_is_gone_on_from(local: Municipality) -> None:
    """A newer seal that somebody else made hides no line before it."""
    with local.run() as run:
        add_lines(run, 11, 13)
        behind_the_back(
            run,
            "UPDATE journal SET actor = 'somebody' WHERE seq = 12",
            "INSERT INTO journal_seals SELECT 13, (SELECT line_hash FROM journal WHERE seq = 13), is_checkpoint,"
            " sealed_at, key_id, signature_b64, written_by FROM journal_seals",
        )
        run.home.opener_keys_dir.joinpath("head.json").unlink()
        assert (False, "JOURNAL_CHANGED") == (seal_head(run), held(run).fault and held(run).fault.code)


def test_nothing_is_retired_from_a_journal_that_was_cut(local: Municipality) -> None:
    """What an inquiry will look at does not go on its term, and gets no checkpoint that would excuse the cut."""
    with local.run() as run:
        behind_the_back(run, *CUT["since-a-day"])
    with open_run(local.path, date(2032, 1, 15), "opener", datetime(2032, 1, 15, tzinfo=UTC)) as run:
        retire_old_lines(run)
        assert [1, 2, 3, 4, 5, 6] == [line["seq"] for line in lines_in_order(run.store)]
        assert [] == seals(run.store)


def test_lines_that_were_never_sealed_are_retired_with_the_remembered_head(local: Municipality) -> None:
    """Old lines came after the last seal: the checkpoint is remembered, and the opener seals on from there."""
    with local.run() as run:
        add_lines(run, 11, 12)
        add_lines(run, 13, 14, at="2031-12-01T06:00:00Z")
    with open_run(local.path, date(2032, 1, 15), "opener", datetime(2032, 1, 15, tzinfo=UTC)) as run:
        retire_old_lines(run)
        assert 13 == next(lines_in_order(run.store))["seq"]
        assert 12 == getattr(read_head(run.home), "seq", None)
        assert (None, True, []) == (distrust(run), seal_head(run), faults_of(run))


@pytest.mark.parametrize("content", ["", "{}", '{"format": "samenloop/kept-head/1", "seq": "10"}'])
def test_a_remembered_head_that_cannot_be_read_seals_nothing(local: Municipality, content: str) -> None:
    """A broken file is not taken for no file."""
    with local.run() as run:
        run.home.opener_keys_dir.joinpath("head.json").write_text(content)
        assert (False, "JOURNAL_HEAD_INVALID") == (seal_head(run), getattr(distrust(run), "code", None))


def forge_restore(run: Run, kept_until: int) -> None:
    """Cut the journal, and add a chained line that says that a backup was put back."""
    behind_the_back(
        run, f"DELETE FROM journal WHERE seq > {kept_until}", f"DELETE FROM journal_seals WHERE seq > {kept_until}"
    )
    with run.store.transaction("restore", at="2026-11-27T23:00:00Z", actor="samenloop") as transaction:
        transaction.journal("restore", "reservekopie", counts={"journal_seq": kept_until})


def test_a_forged_restore_excuses_nothing(local: Municipality, tmp_path: Path) -> None:
    """A head kept elsewhere still stands, the line is named, and the opener does not seal the forgery."""
    with local.run() as run:
        elsewhere = Path(shutil.copy(export_head(run, date(2026, 11, 3)), tmp_path / "kluis.json"))
        forget_heads(run)
        forge_restore(run, 4)
        outcome = verify_journal(run, (elsewhere,))
        assert {"RESTORE_UNPROVEN", "JOURNAL_TRUNCATED", "JOURNAL_UNSEALED"} == {
            fault.code for fault in outcome.refused
        }
        assert (1, False) == (outcome.exit_code, seal_head(run))
        run.home.opener_keys_dir.joinpath("head.json").unlink()
        assert "JOURNAL_TRUNCATED" in {code for code, _ in faults_of(run, elsewhere)}


def restored(place: Municipality) -> Path:
    """Lines after a backup, with a seal and heads in reports/; then the database is lost and put back."""
    file = make_backup(place)
    with place.run(NOVEMBER) as run:
        add_lines(run, 1, 60)
        retire(run)
        shutil.copy(export_head(run, NOVEMBER), place.path.parent / "kluis.json")
    lose_database(place)
    return file


def test_a_restore_that_was_signed_for_is_believed(tmp_path: Path) -> None:
    """The lines that it took are said to be lost, nothing is a fault, and the opener seals on from there."""
    place = make_home(tmp_path)
    file = restored(place)
    assert [] == restore(place.path, file, None, NOVEMBER, "test").refused
    with place.run(NOVEMBER) as run:
        outcome = verify_journal(run, (tmp_path / "kluis.json",))
        assert ([], True) == (outcome.refused, any("verloren" in line for line in outcome.lines))
        assert (None, 1) == (distrust(run), len(lines_of(run.store, "confirm_restore")))
        assert seals(run.store)[-1]["seq"] == head(run.store)["seq"]


def test_a_proof_explains_what_was_lost_before_it_alone(tmp_path: Path) -> None:
    """Cut to the line of a true restore, the journal lacks what came after it: the old proof excuses nothing."""
    place = make_home(tmp_path)
    restore(place.path, restored(place), None, NOVEMBER, "test")
    with place.run(NOVEMBER) as run:
        told = lines_of(run.store, "restore")[-1]["seq"]
        add_lines(run, 1, 3)
        seal_head(run)
        behind_the_back(run, f"DELETE FROM journal WHERE seq > {told}", "DELETE FROM journal_seals")
        assert (False, "JOURNAL_NOT_HELD") == (seal_head(run), getattr(distrust(run), "code", None))
        assert "JOURNAL_TRUNCATED" in {code for code, _ in faults_of(run)}


@pytest.mark.parametrize("change", ["seq", "signature", "gemeente", "form", "key", "elsewhere", "kind"])
def test_a_proof_that_was_changed_proves_nothing(tmp_path: Path, change: str) -> None:
    """Another line, municipality, signature or kind, or a form that is none: the line stands unproven."""
    place = make_home(tmp_path)
    restore(place.path, restored(place), None, NOVEMBER, "test")
    path = place.path / restore_proofs.FILE
    document: dict[str, Any] = json.loads(path.read_text())
    proof = document["restores"][0]
    if change == "form":
        document["restores"] = [3, {"signature": 4}]
    elif change == "key":
        document["restores"] = [sign_document(proof, key_bytes("intruder"), "municipal-signing-1")]
    elif change in ("elsewhere", "kind"):
        proof |= {"gemeentecode": "GM9902"} if change == "elsewhere" else {"format": "samenloop/agreement/1"}
        document["restores"] = [sign_document(proof, key_bytes("municipal-signing"), "municipal-signing-1")]
    else:
        proof |= {
            "seq": {"restore_seq": proof["restore_seq"] - 1},
            "signature": {"signature": {"key_id": "municipal-signing-1", "value_b64": "AAAA"}},
            "gemeente": {"gemeentecode": "GM9902"},
        }[change]
    path.write_text(json.dumps(document))
    with place.run(NOVEMBER) as run:
        assert "RESTORE_UNPROVEN" in {code for code, _ in faults_of(run)}


def test_a_restore_without_the_signing_key_is_signed_for_afterwards(tmp_path: Path) -> None:
    """It is put back all the same and said to be unproven; whoever has key and backup signs for it later."""
    place = make_home(tmp_path)
    file = restored(place)
    (key,) = place.home.keys_dir.glob("municipal-signing-*")
    aside = key.rename(tmp_path / "kluis-sleutel")
    outcome = restore(place.path, file, None, NOVEMBER, "test")
    assert {"KEY_MISSING", "RESTORE_UNPROVEN"} <= {fault.code for fault in outcome.refused}
    with place.run(NOVEMBER) as run:
        assert {"RESTORE_UNPROVEN", "JOURNAL_NOT_HELD"} <= {code for code, _ in faults_of(run)}
        other = Path(backup(run, tmp_path / "other").paths["backup"])
    aside.rename(key)
    with pytest.raises(Refused, match="NOT_FOUND"):
        confirm_restore(place.path, other, NOVEMBER, "test")
    file.write_bytes((content := file.read_bytes())[:-3])
    with pytest.raises(Refused, match=r"BACKUP_SEAL_BROKEN|BACKUP_INVALID"):
        confirm_restore(place.path, file, NOVEMBER, "test")
    file.write_bytes(content)
    confirm_restore(place.path, file, NOVEMBER, "test")
    with place.run(NOVEMBER) as run:
        assert (True, []) == (seal_head(run), faults_of(run))


def test_an_emergency_of_the_signing_key_keeps_the_proof(tmp_path: Path) -> None:
    """What held under the former key is signed anew with it; what did not is left out."""
    place = make_home(tmp_path)
    restore(place.path, restored(place), None, NOVEMBER, "test")
    path = place.path / restore_proofs.FILE
    document = json.loads(path.read_text())
    document["restores"].append({**document["restores"][0], "restore_seq": 1})
    path.write_text(json.dumps(document))
    rotate_municipal_key(place.path, MUNICIPAL_SIGNING, NOVEMBER, is_emergency=True)
    newest = keys_of(place.path, MUNICIPAL_SIGNING)[-1].key_id
    signed = [proof["signature"]["key_id"] for proof in json.loads(path.read_text())["restores"]]
    with place.run(NOVEMBER) as run:
        assert ([newest], []) == (signed, faults_of(run))
    assert GEMEENTE == read_trust(place.home.keys_dir)[0]
