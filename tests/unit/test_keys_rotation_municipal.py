"""Each of the municipality's keys, changed: what was made with the former, and what is made with the newest."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.commands.documents import read_agreement
from pipeline.commands.key_keeping import agreement_outcomes, key_rotation, keys_directory
from pipeline.commands.key_keeping.agreement_making import renew_agreement, revoke_agreement
from pipeline.commands.key_keeping.directory_keeping import (
    open_directory,
    read_trusted_directory,
    revoke_key,
    sign_directory,
)
from pipeline.commands.key_keeping.document_writing import write_json
from pipeline.commands.key_keeping.key_making import keys_of, municipal_fingerprint
from pipeline.commands.key_keeping.key_rotation import (
    add_months_of_keys,
    revoke_former_signing,
    rotate_municipal_key,
)
from pipeline.commands.key_keeping.keys_rotate import rotate_municipality
from pipeline.pseudonymous.accept_delivery import key_named, store_key_of
from pipeline.vault.contact import ContactBinding, contact_opener, contact_sealer
from pipeline.vault.keyring import Secret
from pipeline.vault.sealing import open_sealed, seal
from pipeline.vault.signing import new_signing_key, sign_document
from pipeline.vault.tokens import rekey_column
from pipeline.vocabulary.faults import Refused
from tests.builders.ceremony import (
    AGREEMENT_ID,
    GEMEENTE,
    TODAY,
    Region,
    admits,
    copy_region,
    make_region,
)
from tests.builders.rights import small_files

LATER = TODAY + timedelta(days=14)
MONTH = "2026-10"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return make_region(tmp_path_factory.mktemp("region"))


@pytest.fixture
def region(made: Region, tmp_path: Path) -> Region:
    return copy_region(made, tmp_path)


def rotate(region: Region, kind: str, today: date = LATER, **options: Any) -> str:
    return rotate_municipal_key(region.home, kind, today, **options).key.key_id


def test_municipal_signing(region: Region) -> None:
    """Who pinned the former key believes what the newest signs, and earlier documents keep their signature."""
    assert "municipal-signing-GM9901-2" == rotate(region, "municipal-signing")
    renew_agreement(region.home, {}, LATER)
    document = region.document()
    assert "municipal-signing-GM9901-2" == document["signature"]["key_id"]
    for pinned in (region.fingerprint, municipal_fingerprint(region.home)):
        directory = read_trusted_directory(region.directory_file, pinned)
        assert 1 == read_agreement(region.home / "agreements" / "agreement-1.json", directory).version
        assert 2 == read_agreement(region.home / "agreement.json", directory).version
    rotate(region, "municipal-signing", LATER + timedelta(days=400))
    assert GEMEENTE == read_trusted_directory(region.directory_file, region.fingerprint).gemeentecode


def test_a_signing_key_with_another_secret_signs_nothing(region: Region) -> None:
    """Nothing is written that nobody could check: with the good key back, all goes on as before."""
    (path,) = (region.home / "keys").glob("municipal-signing-*.json")
    good = path.read_bytes()
    path.write_text(json.dumps(json.loads(good) | {"secret_b64": Secret(new_signing_key()).b64()}))
    before = contents(region.home)
    for change in (
        lambda: rotate(region, "admission"),
        lambda: rotate(region, "municipal-signing"),
        lambda: add_months_of_keys(region.home, ("2027-05",), LATER),
        lambda: renew_agreement(region.home, {}, LATER),
        lambda: revoke_agreement(region.home, 1, LATER, LATER),
        lambda: keys_directory.revoke(region.home, "admission-GM9901-1", LATER, LATER),
    ):
        with pytest.raises(Refused, match="KEY_WRONG") as refused:
            change()
        assert path.stem == refused.value.column
        assert before == contents(region.home)
    path.write_bytes(good)
    assert "admission-GM9901-2" == rotate(region, "admission")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_nobody_vouches_for_himself(region: Region) -> None:
    """A directory signed by a key that the pinned one did not vouch for is not believed, whatever it claims."""
    rotate(region, "municipal-signing")
    document = region.document()
    key = keys_of(region.home, "municipal-signing")[-1]
    endorsement = document["endorsements"][0]
    forged = {**endorsement, "value_b64": document["signature"]["value_b64"]}
    by_itself = {**endorsement, "endorsed_by": key.key_id}
    for claim in ([], {}, ["x"], [forged], [by_itself]):
        claimed = sign_document({**document, "endorsements": claim}, key.secret.value, key.key_id)
        write_json(region.directory_file, claimed)
        with pytest.raises(Refused, match="FINGERPRINT_MISMATCH"):
            read_trusted_directory(region.directory_file, region.fingerprint)


def test_municipal_signing_emergency(region: Region) -> None:
    """The former key is believed no more, every version is signed anew, and everybody pins anew."""
    renew_agreement(region.home, {}, TODAY)
    rotate(region, "municipal-signing", is_emergency=True)
    with pytest.raises(Refused, match="FINGERPRINT_MISMATCH"):
        read_trusted_directory(region.directory_file, region.fingerprint)
    directory = read_trusted_directory(region.directory_file, municipal_fingerprint(region.home))
    files = (region.home / "agreements" / "agreement-1.json", region.home / "agreement.json")
    assert [1, 2] == [read_agreement(file, directory).version for file in files]
    signers = {json.loads(file.read_text())["signature"]["key_id"] for file in files}
    assert {"municipal-signing-GM9901-2"} == signers


def test_a_former_municipal_key_that_is_revoked(region: Region) -> None:
    """It vouches for nobody any more and no document rests on it; the key that signs today cannot be revoked."""
    renew_agreement(region.home, {}, TODAY)
    rotate(region, "municipal-signing")
    revoke_former_signing(region.home, "municipal-signing-GM9901-1", LATER, LATER)
    with pytest.raises(Refused, match="FINGERPRINT_MISMATCH"):
        read_trusted_directory(region.directory_file, region.fingerprint)
    directory = read_trusted_directory(region.directory_file, municipal_fingerprint(region.home))
    files = (region.home / "agreements" / "agreement-1.json", region.home / "agreement.json")
    assert [1, 2] == [read_agreement(file, directory).version for file in files]
    with pytest.raises(Refused, match="NOT_ALLOWED_NOW"):
        revoke_former_signing(region.home, "municipal-signing-GM9901-2", LATER, LATER)


def test_nothing_is_revoked_as_of_a_day_to_come(region: Region) -> None:
    """A revocation is believed at once wherever it is read, so it is not written down ahead of its day."""
    before = region.document()
    for revoke in (
        lambda: keys_directory.revoke(region.home, "admission-GM9901-1", LATER + timedelta(days=1), LATER),
        lambda: agreement_outcomes.revoke(region.home, 1, LATER + timedelta(days=1), LATER),
    ):
        with pytest.raises(Refused, match="DAY_AHEAD"):
            revoke()
    assert before == region.document()
    keys_directory.revoke(region.home, "admission-GM9901-1", LATER, LATER)
    assert before != region.document()


def test_an_emergency_signs_no_tampered_agreement(region: Region) -> None:
    """Signing every version anew begins with checking each: a changed one stops it before anything is made."""
    file = region.home / "agreement.json"
    file.write_text(file.read_text().replace('"min_partners": 2', '"min_partners": 1'))
    with pytest.raises(Refused, match="AGREEMENT_SIGNATURE"):
        rotate(region, "municipal-signing", is_emergency=True)
    assert 1 == len(keys_of(region.home, "municipal-signing"))


def test_admission(region: Region) -> None:
    """What was encrypted to the former key is admitted and opens; partners find the newest one."""
    signer = region.partner_keys("woonpunt").signing[0]
    sealed = {key_id: seal(public, b"file", b"i") for key_id, public in admission_publics(region).items()}
    assert "admission-GM9901-2" == rotate(region, "admission")
    sealed |= {key_id: seal(public, b"file", b"i") for key_id, public in admission_publics(region).items()}
    for key_id, blob in sealed.items():
        key = key_named(keys_of(region.home, "admission"), key_id)
        assert b"file" == open_sealed(key.secret.value, blob, b"i")
        assert "OK" == admits(region, signer, LATER, admission_key_id=key_id)
    assert 2 == len(sealed)


@pytest.mark.parametrize("kind", ["admission", "opening", "municipal-signing"])
def test_an_emergency_revokes_every_former_key_in_term(region: Region, kind: str) -> None:
    """Also one that a rotation left its overlap, and none of another kind or month; which ones is said."""
    month = MONTH if kind == "opening" else None
    rotate(region, kind, month=month)
    done = rotate_municipal_key(region.home, kind, LATER, month, is_emergency=True)
    stem = f"{kind}-{GEMEENTE}-{MONTH}" if month else f"{kind}-{GEMEENTE}"
    assert (f"{stem}-1", f"{stem}-2") == done.revoked
    revoked = {key.key_id for key in region.directory().keys if key.revoked_on is not None}
    assert set(done.revoked) == revoked
    said = " ".join(rotate_municipality(region.home, kind, month, None, LATER, is_emergency=True).lines)
    assert f"{stem}-3 (ingetrokken)" in said


def test_an_emergency_of_admission_refuses_what_any_former_key_was_used_for(region: Region) -> None:
    """A delivery under the key before the last is refused too, though its overlap has not ended."""
    signer = region.partner_keys("woonpunt").signing[0]
    rotate(region, "admission")
    said = " ".join(rotate_municipality(region.home, "admission", None, None, LATER, is_emergency=True).lines)
    assert "Ook ingetrokken: admission-GM9901-1." in said
    for number in (1, 2):
        assert "KEY_EXPIRED" == admits(region, signer, LATER, admission_key_id=f"admission-GM9901-{number}")


def admission_publics(region: Region) -> dict[str, bytes]:
    """The key that a partner would encrypt to now."""
    key = region.directory().current("admission", "municipality", LATER)
    assert key is not None
    return {key.key_id: key.public}


def test_opening(region: Region) -> None:
    """Contacts sealed to the former and to the newest key of one month both open, each under its own name."""
    signing = region.partner_keys("woonpunt").signing[0]
    signer = region.directory().by_id(signing.key_id)
    assert signer is not None
    blobs: dict[str, bytes] = {}
    for _ in range(2):
        key = region.directory().opening_key(MONTH)
        assert key is not None
        sealer = contact_sealer(key.public, signing.secret.value)
        blobs[key.key_id] = sealer(binding(key.key_id), {"surname": "Bakker"}, {}, 1)
        rotate(region, "opening", month=MONTH)
    assert {f"opening-GM9901-{MONTH}-1", f"opening-GM9901-{MONTH}-2"} == set(blobs)
    for key_id, blob in blobs.items():
        private = key_named(keys_of(region.home, "opening"), key_id).secret.value
        assert "Bakker" == contact_opener(private)(binding(key_id), blob, signer.public).contact["surname"]


def binding(key_id: str) -> ContactBinding:
    return ContactBinding(AGREEMENT_ID, GEMEENTE, "woonpunt", MONTH, "0" * 32, key_id)


def test_months_to_come(region: Region) -> None:
    """A month that lacks its keys gets them, listed at once; a month that has them keeps them."""
    made = add_months_of_keys(region.home, ("2026-11", "2026-12"), LATER)
    assert {"opening-GM9901-2026-12-1", "store-GM9901-2026-12-1"} == {key.key_id for key in made}
    opening = region.directory().opening_key("2026-12")
    assert opening is not None
    assert "opening-GM9901-2026-12-1" == opening.key_id
    assert () == add_months_of_keys(region.home, ("2026-11", "2026-12"), LATER)


def test_store(region: Region) -> None:
    """A store key changes before its month begins; after that only in an emergency, and then nothing is equal."""
    former = store_key_of(keys_of(region.home, "store"), MONTH)
    assert "store-GM9901-2026-11-2" == rotate(region, "store", month="2026-11")
    for month in (MONTH, "2026-09"):
        if month == "2026-09":
            rotate(region, "store", month=month)
        with pytest.raises(Refused, match="NOT_ALLOWED_NOW"):
            rotate(region, "store", month=month)
    done = rotate_municipal_key(region.home, "store", LATER, MONTH, is_emergency=True)
    newest = store_key_of(keys_of(region.home, "store"), MONTH)
    assert (True, done.key) == (done.must_deliver_again, newest)
    tokens = pl.Series([b"0" * 16, b"1" * 16])
    again = [set(rekey_column(key.secret.value, "name_email", tokens)) for key in (former, newest)]
    assert not again[0] & again[1]


def test_a_key_that_a_wrong_clock_made_is_not_the_newest(region: Region) -> None:
    """After an emergency nothing is stored under the former key, though that says to be of a later day."""
    (path,) = (region.home / "keys").glob(f"store-*-{MONTH}-1.json")
    path.write_text(path.read_text().replace(f'"valid_from": "{TODAY}"', '"valid_from": "2027-01-01"'))
    done = rotate_municipal_key(region.home, "store", LATER, MONTH, is_emergency=True)
    assert done.key == store_key_of(keys_of(region.home, "store"), MONTH)


def test_a_revocation_is_not_undone_by_a_command_beside_it(region: Region) -> None:
    """Whoever read the directory before another changed it is refused, and nothing is written."""
    before, revoked_id = open_directory(region.home), f"admission-{GEMEENTE}-1"
    sign_directory(region.home, revoke_key(open_directory(region.home), revoked_id, LATER), LATER)
    with pytest.raises(Refused, match="DIRECTORY_CHANGED"):
        sign_directory(region.home, before, LATER)
    revoked = region.directory().by_id(revoked_id)
    assert revoked is not None
    assert LATER == revoked.revoked_on


@pytest.mark.parametrize("kind", ["case", "backup"])
def test_standing_secrets(region: Region, kind: str) -> None:
    """The newest one is made with its own term; the former stays to read with."""
    former = keys_of(region.home, kind)[-1]
    rotate(region, kind)
    both = keys_of(region.home, kind)
    assert (former, f"{kind}-GM9901-2") == (both[0], both[-1].key_id)
    assert both[-1].valid_until is not None
    assert both[-1].secret != former.secret


def test_a_directory_version_counts_on(region: Region) -> None:
    """Every change is one version further, and nothing that stood in it is gone."""
    before = region.directory()
    rotate(region, "admission")
    after = region.directory()
    assert before.version + 1 == after.version
    assert {key.key_id for key in before.keys} < {key.key_id for key in after.keys}


def interrupt(region: Region, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a rotation be killed between the key and the directory."""

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(key_rotation, "sign_directory", killed)
        with pytest.raises(KeyboardInterrupt):
            rotate(region, kind)


@pytest.mark.parametrize("kind", ["admission", "municipal-signing"])
def test_an_interrupted_rotation_is_finished(region: Region, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that was made and not entered in the directory is entered by the next rotation: no other is made."""
    interrupt(region, kind, monkeypatch)
    assert f"{kind}-GM9901-2" == rotate(region, kind)
    listed = [key["key_id"] for key in region.document()["keys"] if key["kind"] == kind]
    assert [f"{kind}-GM9901-1", f"{kind}-GM9901-2"] == listed == [key.key_id for key in keys_of(region.home, kind)]


def test_a_second_name_of_a_key_does_not_stay(region: Region, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that was killed just after it gave a key its name left the name it wrote it under."""
    interrupt(region, "admission", monkeypatch)
    (key,) = (region.home / "keys").glob("admission-*-2.json")
    killed = subprocess.Popen([sys.executable, "-c", ""])
    killed.wait()
    left = key.with_name(f".{key.name}.{killed.pid}")
    left.hardlink_to(key)
    assert ("admission-GM9901-2", False) == (rotate(region, "admission"), left.exists())


def test_an_emergency_trusts_no_key_of_an_interrupted_rotation(
    region: Region, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reached the former key may have reached the one beside it, so another is made."""
    interrupt(region, "admission", monkeypatch)
    assert "admission-GM9901-3" == rotate(region, "admission", is_emergency=True)


def test_a_key_is_there_whole_or_not_at_all(region: Region) -> None:
    """A disk that fills while a key is written leaves no half key, which would stop everything that reads keys."""
    with small_files(100), pytest.raises(OSError, match="too large"):
        rotate(region, "backup")
    assert ["backup-GM9901-1"] == [key.key_id for key in keys_of(region.home, "backup")]
    left = region.home / "keys" / ".backup-GM9901-2.json.1"
    left.write_text("of a process that was killed")
    assert ("backup-GM9901-2", False) == (rotate(region, "backup"), left.exists())
