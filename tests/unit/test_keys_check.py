"""What `keys check` and `agreement check` find, each finding made by breaking one thing."""

from __future__ import annotations

import shutil
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from pipeline.commands.documents import read_agreement
from pipeline.commands.key_keeping.agreement_describing import judged_terms
from pipeline.commands.key_keeping.agreement_making import renew_agreement
from pipeline.commands.key_keeping.directory_keeping import open_directory, revoke_key, sign_directory
from pipeline.commands.key_keeping.key_making import new_municipal_key, write_trust
from pipeline.commands.key_keeping.key_rotation import (
    add_months_of_keys,
    enter_own_keys,
    rotate_municipal_key,
)
from pipeline.commands.key_keeping.keys_check import check_holder, check_municipality, check_partner
from pipeline.commands.key_keeping.partner_parts import rotate_partner_key
from pipeline.commands.key_keeping.token_issuing import issue_token_keys
from pipeline.commands.keys import check, show
from pipeline.commands.wiring import Home, open_store
from pipeline.store import tables
from pipeline.store.retirement_ledger import Retirement, note_months_over
from pipeline.vocabulary.faults import Refused
from tests.builders.ceremony import (
    GEMEENTE,
    TODAY,
    Region,
    agreement_document,
    copy_region,
    make_region,
)
from tests.builders.openings import report
from tests.builders.rights import rights

NEXT_MONTH = date(2026, 11, 2)
FALSE = "0000 1111 2222 3333 4444 5555 6666 7777"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return make_region(tmp_path_factory.mktemp("region"))


@pytest.fixture
def region(made: Region, tmp_path: Path) -> Region:
    return copy_region(made, tmp_path)


def municipality(region: Region, today: date = TODAY) -> set[tuple[str, str | None]]:
    return {(fault.code, fault.column) for fault in check_municipality(region.home, today)}


def partner(region: Region, today: date = TODAY) -> set[tuple[str, str | None]]:
    faults = check_partner(region.keys_file("woonpunt"), region.directory_file, today)
    return {(fault.code, fault.column) for fault in faults}


def holder(region: Region, today: date = TODAY) -> set[tuple[str, str | None]]:
    return {(fault.code, fault.column) for fault in check_holder(region.holder, today)}


def test_after_the_ceremony_all_is_well(region: Region) -> None:
    """Nobody has a finding on the day of the ceremony."""
    assert (set(), set(), set()) == (municipality(region), partner(region), holder(region))


def test_a_month_needs_its_keys_before_it_begins(region: Region) -> None:
    """In November the keys of December are missing, at each holder."""
    assert {("MONTH_KEYS_MISSING", "opening 2026-12"), ("MONTH_KEYS_MISSING", "store 2026-12")} == municipality(
        region, NEXT_MONTH
    )
    assert {("TOKEN_KEY_MISSING", "GM9901 2026-12")} == partner(region, NEXT_MONTH)
    expected = {("TOKEN_KEY_NOT_ISSUED", f"{name} GM9901 2026-12") for name in ("woonpunt", "waterkring")}
    assert expected == holder(region, NEXT_MONTH)


def test_a_key_that_others_can_read(region: Region) -> None:
    """A key file with a wider mode than 0600 is found, at each holder."""
    files = (
        region.home / "opener-keys" / "case-GM9901-1.json",
        region.keys_file("woonpunt"),
        region.holder / "token-root-1.json",
    )
    for file in files:
        file.chmod(0o640)
    found = (municipality(region), partner(region), holder(region))
    assert tuple({("KEY_MODE", file.name)} for file in files) == found


@pytest.mark.parametrize(("days", "code"), [(-1, "KEY_ENDS_SOON"), (-30, "KEY_ENDS_SOON"), (1, "KEY_EXPIRED")])
def test_terms(region: Region, days: int, code: str) -> None:
    """A key whose term ends within 30 days is announced, and one that ended is said to have ended."""
    today = date(2027, 10, 31) + timedelta(days=days)
    assert (code, "case-GM9901-1") in municipality(region, today)
    assert ("KEY_ENDS_SOON", "case-GM9901-1") not in municipality(region, date(2027, 9, 30))


def test_a_partner_whose_keys_end(region: Region) -> None:
    """The term of a partner's listed key is judged at the municipality and at the partner."""
    today = date(2029, 10, 20)
    for kind in ("signing", "box"):
        assert ("KEY_ENDS_SOON", f"partner-{kind}-woonpunt-1") in municipality(region, today) & partner(
            region, today
        )
    later = date(2029, 11, 1)
    assert ("PARTNER_WITHOUT_KEYS", "woonpunt partner-box") in municipality(region, later)
    assert ("KEY_EXPIRED", "partner-box-woonpunt-1") in partner(region, later)


def test_a_revoked_key_is_no_key(region: Region) -> None:
    """A partner whose only signing key is revoked counts as one without keys."""
    changed = revoke_key(open_directory(region.home), "partner-signing-woonpunt-1", TODAY)
    sign_directory(region.home, changed, TODAY)
    assert {("PARTNER_WITHOUT_KEYS", "woonpunt partner-signing")} == municipality(region)
    assert {("KEY_EXPIRED", "partner-signing-woonpunt-1")} == partner(region)


def test_a_key_that_is_not_listed(region: Region) -> None:
    """A key file that the directory does not know is found, and `directory sign` mends it."""
    new_municipal_key(region.home, "admission", GEMEENTE, TODAY)
    assert {("KEY_UNLISTED", "admission-GM9901-2")} == municipality(region)
    enter_own_keys(region.home, TODAY)
    assert set() == municipality(region)
    rotate_partner_key(region.keys_file("woonpunt"), "partner-box", TODAY)
    assert {("KEY_UNLISTED", "partner-box-woonpunt-2")} == partner(region)


def test_a_listed_key_whose_file_is_gone(region: Region) -> None:
    """A key in force without its file is lost, and not one to be made; one of a month long past may be gone."""
    (region.home / "opener-keys" / "opening-GM9901-2026-11-1.json").unlink()
    assert {("KEY_MISSING", "opening-GM9901-2026-11-1")} == municipality(region)
    assert ("KEY_MISSING", "opening-GM9901-2026-11-1") not in municipality(region, date(2026, 12, 1))
    rotate_municipal_key(region.home, "admission", TODAY)
    (region.home / "keys" / "admission-GM9901-2.json").unlink()
    assert ("KEY_MISSING", "admission-GM9901-2") in municipality(region)


def test_a_past_months_opening_key_that_signals_still_need(region: Region) -> None:
    """It is named as long as the store holds contacts that it opens, until it was destroyed on purpose."""
    later, key_id = date(2027, 2, 2), "opening-GM9901-2026-11-1"
    add_months_of_keys(region.home, ("2027-02", "2027-03"), later)
    row = report("huur-a", "a", "x") | {"month": "2026-11", "opening_key_id": key_id}
    with closing(open_store(Home(region.home), GEMEENTE)) as store:
        with store.transaction("admit_delivery", at="2026-11-03T06:00:00Z", actor="test") as transaction:
            transaction.insert(tables.signals, [row])

        def missing() -> list[str | None]:
            found = check(region.home, None, None, None, later).refused
            return [fault.column for fault in found if fault.code == "KEY_MISSING"]

        assert [] == missing()
        (region.home / "opener-keys" / f"{key_id}.json").unlink()
        assert [key_id] == missing()
        note_months_over(store, Retirement("2027-02-02", "2027-02-02T06:00:00Z", "test"), (), {key_id: "2026-11"})
        assert [] == missing()


def test_another_secret_under_a_listed_id(region: Region) -> None:
    """A key file that was exchanged for another does not match the directory: the good one lies in the vault."""
    file, other = (region.home / "opener-keys" / f"opening-GM9901-2026-1{n}-1.json" for n in (0, 1))
    file.write_text(other.read_text().replace("2026-11", "2026-10"))
    assert {("KEY_WRONG", "opening-GM9901-2026-10-1")} == municipality(region)


def test_another_secret_under_the_name_of_the_journal_key(region: Region, tmp_path: Path) -> None:
    """The key of another home under the same code seals what nobody can check."""
    other = make_region(tmp_path / "other")
    name = "journal-GM9901-1"
    shutil.copyfile(*(one.home / "opener-keys" / f"{name}.json" for one in (other, region)))
    assert {("KEY_WRONG", name)} == municipality(region)


def test_whoever_may_not_look_into_the_openers_folder(region: Region) -> None:
    """No key in it is called missing, and it is said that nobody looked."""
    with rights(region.home / "opener-keys", 0o000):
        found = check(region.home, None, None, None, TODAY)
    assert ([], 2) == (found.refused, len(found.lines))
    assert "opener-keys/" in found.lines[1]
    assert ["Alles in orde."] == check(region.home, None, None, None, TODAY).lines


def test_a_broken_key_file(region: Region) -> None:
    """A key file that is cut off is named; no other check trips over it."""
    for file in (region.home / "keys" / "backup-GM9901-1.json", region.holder / "token-root-1.json"):
        file.write_bytes(file.read_bytes()[:-20])
    assert {("KEY_INVALID", "backup-GM9901-1.json")} == municipality(region)
    assert {("KEY_INVALID", "token-root-1.json")} == holder(region)


def test_a_pin_that_does_not_fit(region: Region) -> None:
    """An opener that trusts another municipal key is found before it refuses to work."""
    write_trust(region.home / "opener-keys", GEMEENTE, FALSE)
    assert {("FINGERPRINT_MISMATCH", "opener-keys/trust.json")} == municipality(region)


def test_tampered_documents(region: Region) -> None:
    """A changed directory or agreement is found by its signature."""
    file = region.home / "agreement.json"
    file.write_text(file.read_text().replace('"late_months": 2', '"late_months": 9'))
    assert {("AGREEMENT_SIGNATURE", None)} == municipality(region)
    text = region.directory_file.read_text()
    region.directory_file.write_text(text.replace('"valid_from": "2026-10-01"', '"valid_from": "2020-10-01"', 1))
    assert {("DIRECTORY_SIGNATURE", None)} == municipality(region)


def test_a_partner_without_keys(region: Region) -> None:
    """A partner that joined the agreement and not yet the directory is found."""
    partners = agreement_document()["partners"]
    joined = {**partners[0], "partner_id": "zorgzaam", "partner_type": "Zorg"}
    renew_agreement(region.home, {"partners": [*partners, joined]}, TODAY)
    expected = {("PARTNER_WITHOUT_KEYS", f"zorgzaam partner-{kind}") for kind in ("signing", "box")}
    assert expected == municipality(region)


def test_a_partner_left_behind_in_an_emergency(region: Region) -> None:
    """A partner that still has the former token key of a month is found at the key holder."""
    part = rotate_partner_key(region.keys_file("woonpunt"), "partner-box", TODAY)
    issue_token_keys(region.holder, [part], GEMEENTE, ["2026-10"], TODAY, is_emergency=True)
    assert {("TOKEN_KEY_NOT_ISSUED", "waterkring GM9901 2026-10")} == holder(region)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2027, 11, 30), []),
        (date(2027, 12, 1), ["AGREEMENT_ENDS_SOON"]),
        (date(2027, 12, 31), ["AGREEMENT_ENDS_SOON"]),
        (date(2028, 1, 1), ["AGREEMENT_EXPIRED"]),
    ],
)
def test_the_term_of_an_agreement(region: Region, today: date, expected: list[str]) -> None:
    """An agreement is announced to end for its last 30 days, and then has ended."""
    agreement = read_agreement(region.home / "agreement.json", region.directory())
    assert expected == [fault.code for fault in judged_terms([agreement], today)]


def test_a_folder_that_is_no_home_is_said_to_be_none(tmp_path: Path) -> None:
    """`keys show` on a folder without keys and documents asks for the right folder, not for a key."""
    with pytest.raises(Refused, match="HOME_MISSING"):
        show(tmp_path, None, None)
