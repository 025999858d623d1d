"""A key is lost and there is no copy: the command of the runbook, given once, and all is well again."""

from __future__ import annotations

import json
import re
import shlex
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from pipeline.commands import journal, keys, status
from pipeline.commands.journal_keeping.journal_sealing import seal_head
from pipeline.commands.journal_keeping.journal_verifying import verify_journal
from pipeline.commands.journal_keeping.kept_head import is_key_lost
from pipeline.commands.key_keeping import key_making
from pipeline.commands.key_keeping.key_making import (
    ADMISSION,
    BACKUP,
    CASE,
    JOURNAL,
    MUNICIPAL_SIGNING,
    OPENING,
    STORE,
    keys_of,
    new_municipal_key,
)
from pipeline.commands.key_keeping.key_numbers import read_numbers
from pipeline.commands.key_keeping.key_rotation import rotate_municipal_key
from pipeline.commands.retire import retire
from pipeline.commands.wiring import Home, open_run, open_store
from pipeline.store import tables
from pipeline.vault.keyring import KeyFile
from pipeline.vault.signing import fingerprint, public_of_signing
from pipeline.vocabulary.faults import Refused
from tests.builders.ceremony import GEMEENTE, Region, admits, copy_region, make_region
from tests.builders.openings import report
from tests.builders.stewardship import put_line

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
DAY = date(2026, 10, 6)
NOVEMBER = date(2026, 11, 3)
KINDS = (
    (OPENING, "2026-11"),
    (ADMISSION, None),
    (STORE, "2026-11"),
    (CASE, None),
    (JOURNAL, None),
    (BACKUP, None),
)
ALL_KINDS = pytest.mark.parametrize(("kind", "month"), KINDS, ids=[kind for kind, _ in KINDS])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Region:
    region = make_region(tmp_path_factory.mktemp("region"))
    teams = [{"team_id": "noord", "name": "Wijkteam Noord", "wijken": ["WK990101"], "counsellors": []}]
    (region.home / "teams.json").write_text(json.dumps({"format": "samenloop/teams/1", "teams": teams}))
    Home(region.home).make_folders()
    return region


@pytest.fixture
def region(made: Region, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Region:
    """A region of which the home is `gemeente`, as in the runbook, with a line in its journal and a seal on it."""
    monkeypatch.chdir(tmp_path)
    region = copy_region(made, tmp_path)
    write_sealed(region, 1)
    return region


def write_sealed(region: Region, number: int) -> bool:
    with open_run(region.home, DAY, "opener") as run:
        at = "2026-10-06T06:00:00Z"
        row = {"at": at, "actor": "a", "action": "probe", "object": f"o{number}", "result": "done"}
        put_line(run, **row, transaction_name="t")
        return seal_head(run)


def samenloop(command: str, day: date | None = DAY) -> Result:
    dated = shlex.split(command) + ([] if day is None else ["--date", day.isoformat()])
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    for named in (keys, journal):
        named.register(app)
    return CliRunner().invoke(app, dated)


def commands() -> dict[str, str]:
    """The command of the runbook's table for each kind."""
    table = RUNBOOK.read_text(encoding="utf-8").partition("### Een sleutel is kwijt\n")[2].partition("\n## ")[0]
    return {one.split()[2]: one for one in re.findall(r"`samenloop (keys rotate [^`]+)`", table)}


def lose(region: Region, kind: str, month: str | None) -> KeyFile:
    (key,) = keys_of(region.home, kind, month)
    next(region.home.glob(f"*keys/{key.key_id}.json")).unlink()
    return key


def print_of(key: KeyFile) -> str:
    return fingerprint(public_of_signing(key.secret.value))


def faults(region: Region, *pinned: str) -> list[tuple[str, Any]]:
    with open_run(region.home, DAY) as run:
        return [(fault.code, fault.column) for fault in verify_journal(run, (), pinned).refused]


def files(region: Region) -> set[str]:
    return {str(path.relative_to(region.home)) for path in region.home.glob("*keys/*.json")}


@ALL_KINDS
def test_the_command_of_the_runbook_works_the_first_time(region: Region, kind: str, month: str | None) -> None:
    """One key is made, under an id that was never used; the check is content and the journal whole."""
    before = files(region)
    lost = lose(region, kind, month)
    assert 1 == samenloop("keys check --home gemeente").exit_code
    done = samenloop(commands()[kind])
    assert 0 == done.exit_code, done.output
    (key,) = keys_of(region.home, kind, month)
    assert lost.key_id.removesuffix("1") + "2" == key.key_id
    folder = "opener-keys" if kind in (OPENING, CASE, JOURNAL) else "keys"
    assert before ^ files(region) == {f"{folder}/{key.key_id}.json", f"{folder}/{lost.key_id}.json"}
    checked = samenloop("keys check --home gemeente")
    assert (0, "Alles in orde." in checked.output) == (0, True), checked.output
    assert write_sealed(region, 2)
    pins = (print_of(lost), print_of(key)) if kind == JOURNAL else ()
    assert [] == faults(region, *pins)


@ALL_KINDS
def test_the_check_names_that_command(region: Region, kind: str, month: str | None) -> None:
    """It is the command of the runbook, and is said once; making the months' keys makes nothing in its place."""
    lost = lose(region, kind, month)
    command = commands()[kind].replace(" --home gemeente", "")
    assert 1 == samenloop("keys check --home gemeente").output.count(f"samenloop {command}\n")
    refused = samenloop("keys municipality --home gemeente --month 2026-10 --month 2026-11")
    assert (1, True) == (refused.exit_code, lost.key_id in refused.output)
    assert f"samenloop {command}\n" in refused.output
    assert () == keys_of(region.home, kind, month)


@ALL_KINDS
def test_an_old_copy_overwrites_nothing(region: Region, kind: str, month: str | None) -> None:
    """Found in the vault after the next key was made, it lies beside it under its own name."""
    path = next(region.home.glob(f"*keys/{keys_of(region.home, kind, month)[0].key_id}.json"))
    copy = path.read_bytes()
    path.unlink()
    made = new_municipal_key(region.home, kind, GEMEENTE, DAY, month)
    assert not path.exists()
    path.write_bytes(copy)
    path.chmod(0o600)
    assert 2 == len(keys_of(region.home, kind, month))
    assert made == keys_of(region.home, kind, month)[-1]


@pytest.mark.parametrize("kind", [ADMISSION, OPENING, JOURNAL])
def test_ids_of_a_home_that_remembers_no_numbers(region: Region, kind: str) -> None:
    """The key directory and the list of journal keys tell which ids were used, where numbers.json is not there."""
    for path in region.home.glob("*keys/numbers.json"):
        path.unlink()
    month = "2026-11" if kind == OPENING else None
    lost = lose(region, kind, month)
    assert 0 == samenloop(commands()[kind]).exit_code
    assert lost.key_id.removesuffix("1") + "2" == keys_of(region.home, kind, month)[0].key_id


def test_numbers_are_remembered_of_keys_that_were_there_before(region: Region) -> None:
    """A home of an earlier version remembers them with the first key that is made beside them."""
    for path in region.home.glob("*keys/numbers.json"):
        path.unlink()
    assert 0 == samenloop("keys municipality --home gemeente --month 2026-12").exit_code
    for kind, month in ((STORE, "2026-10"), (CASE, None), (BACKUP, None)):
        lost = lose(region, kind, month)
        made = new_municipal_key(region.home, kind, GEMEENTE, DAY, month)
        assert lost.key_id.removesuffix("1") + "2" == made.key_id


@pytest.mark.parametrize("kind", [ADMISSION, MUNICIPAL_SIGNING])
def test_numbers_are_remembered_of_a_rotation_that_was_killed(
    region: Region, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Struck between the key and its number, it leaves after the second time what it leaves undisturbed."""

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(key_making, "note_numbers", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate_municipal_key(region.home, kind, DAY)
    assert f"{kind}-{GEMEENTE}-2" == rotate_municipal_key(region.home, kind, DAY).key.key_id
    assert 2 == read_numbers(region.home / "keys")[f"{kind}-{GEMEENTE}"]


def test_a_broken_list_of_numbers_is_named(region: Region) -> None:
    """Nothing is made beside it, for an id might be given twice."""
    (region.home / "keys" / "numbers.json").write_text("{}")
    assert "KEY_INVALID (kolom numbers.json)" in samenloop("keys check --home gemeente").output
    before = files(region)
    assert 2 == samenloop("keys rotate backup --home gemeente").exit_code
    assert before == files(region)


def test_partners_deliver_under_the_next_admission_key(region: Region) -> None:
    """What names the lost key is refused, what names the next one is admitted."""
    lose(region, ADMISSION, None)
    samenloop(commands()[ADMISSION])
    key = region.partner_keys("woonpunt").signing[-1]
    assert "OK" == admits(region, key, DAY, admission_key_id="admission-GM9901-2")
    assert "OK" != admits(region, key, DAY)


def test_an_opening_key_of_an_earlier_month(region: Region) -> None:
    """The check names the command, then that partners deliver again, and is content when they did."""
    lost = lose(region, OPENING, "2026-10")
    samenloop("keys municipality --home gemeente --month 2026-12", NOVEMBER)
    row = report("huur-a", "a", "x") | {"month": "2026-10", "opening_key_id": lost.key_id}
    with closing(open_store(Home(region.home), GEMEENTE)) as store:
        with store.transaction("admit_delivery", at="2026-10-06T06:00:00Z", actor="test") as transaction:
            transaction.insert(tables.signals, [row])
        command = "samenloop keys rotate opening --month 2026-10 --emergency"
        assert f"{command}\n" in samenloop("keys check --home gemeente", NOVEMBER).output
        done = samenloop(commands()[OPENING].replace("2026-11", "2026-10"), NOVEMBER)
        assert (0, True) == (done.exit_code, "opening-GM9901-2026-10-2" in done.output)
        said = samenloop("keys check --home gemeente", NOVEMBER).output
        assert (False, True) == (command in said, "leveren 2026-10 opnieuw aan" in said)
        with store.transaction("admit_delivery", at="2026-11-03T06:00:00Z", actor="test") as transaction:
            changed = {"opening_key_id": "opening-GM9901-2026-10-2"}
            transaction.update(tables.signals, tables.signals.c.opening_key_id == lost.key_id, changed)
    assert "Alles in orde." in samenloop("keys check --home gemeente", NOVEMBER).output


def test_a_lost_store_key_of_a_month_that_began_is_an_emergency(region: Region) -> None:
    """Without saying so none is made: what is stored under the next finds nothing of before."""
    lose(region, STORE, "2026-10")
    command = "keys rotate store --month 2026-10 --home gemeente"
    assert 2 == samenloop(command).exit_code
    assert () == keys_of(region.home, STORE, "2026-10")
    assert "elke partner levert 2026-10 opnieuw aan" in samenloop(f"{command} --emergency").output


def test_a_journal_is_whole_with_both_fingerprints(region: Region) -> None:
    """Each is on paper; one of both, or none, does not do for the seals of the other; nor does another one."""
    lost = lose(region, JOURNAL, None)
    made = samenloop(commands()[JOURNAL])
    (key,) = keys_of(region.home, JOURNAL)
    old, new = print_of(lost), print_of(key)
    assert f"Vingerafdruk van het journaal: {new}\n" in made.output
    assert new in samenloop("keys show --home gemeente", None).output
    assert write_sealed(region, 2)
    unvouched = [("JOURNAL_KEY_UNVOUCHED", key.key_id)]
    assert (unvouched, unvouched) == (faults(region), faults(region, old))
    assert [("JOURNAL_KEY_UNVOUCHED", lost.key_id)] == faults(region, new)
    with pytest.raises(Refused, match="JOURNAL_FINGERPRINT_MISMATCH"):
        faults(region, old, "0000 " * 7 + "0000")
    both = f'journal verify --home gemeente --fingerprint "{old}" --fingerprint "{new}"'
    verified = samenloop(both, None)
    assert (0, True) == (verified.exit_code, "Het journaal is heel" in verified.output)
    samenloop(commands()[JOURNAL])
    assert write_sealed(region, 3)
    assert [] == faults(region, old, new)


def test_the_lines_without_a_key_are_sealed_by_the_next(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """The journal says once that nothing is sealed; the next key seals what goes on from the remembered head."""
    lost = lose(region, JOURNAL, None)
    assert [False, False] == [write_sealed(region, number) for number in (2, 3)]
    with open_run(region.home, DAY) as run:
        lines = run.store.all(tables.journal.select().where(tables.journal.c.action == "refuse_seal"))
        assert ["JOURNAL_KEY_MISSING"] == [line["result"] for line in lines]
        assert any("zegelsleutel ontbreekt" in line for line in verify_journal(run).lines)
        assert any("Het journaal wordt niet verzegeld" in line for line in status.status(run).lines)
        assert ["JOURNAL_KEY_MISSING"] == [fault.code for fault in retire(run).refused]
        with monkeypatch.context() as context:  # as for whoever may not look into the opener's folder
            context.setattr("os.access", lambda *_: False)
            assert is_key_lost(run)
    samenloop(commands()[JOURNAL])
    assert write_sealed(region, 4)
    with open_run(region.home, DAY) as run:
        assert not any("niet verzegeld" in line for line in status.status(run).lines)
        assert [] == retire(run).refused
    assert [] == faults(region, print_of(lost), print_of(keys_of(region.home, JOURNAL)[0]))
