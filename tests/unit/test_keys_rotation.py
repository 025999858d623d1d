"""Each key of a partner and of the key holder, changed: what was made with the former, and with the newest."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.commands.key_keeping.directory_keeping import (
    enter_partner,
    open_directory,
    revoke_key,
    sign_directory,
)
from pipeline.commands.key_keeping.key_rotation import OVERLAP, rotate_municipal_key
from pipeline.commands.key_keeping.partner_parts import check_public_part, make_partner_keys, rotate_partner_key
from pipeline.commands.key_keeping.token_issuing import (
    distrust_partner,
    holder_fingerprint,
    issue_token_keys,
    receive_token_keys,
    rotate_holder_key,
)
from pipeline.vault.keyring import PartnerKeys
from pipeline.vault.sealing import open_sealed, seal
from pipeline.vault.signing import sign_document
from pipeline.vault.tokens import signal_ids
from pipeline.vocabulary.faults import Refused
from tests.builders.ceremony import GEMEENTE, TODAY, Region, admits, copy_region, make_region

LATER = TODAY + timedelta(days=14)
MONTH = "2026-10"
SIGNING = "partner-signing-woonpunt-1"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return make_region(tmp_path_factory.mktemp("region"))


@pytest.fixture
def region(made: Region, tmp_path: Path) -> Region:
    return copy_region(made, tmp_path)


def enter(region: Region, part: dict[str, Any], today: date, *, has_compared: bool = False) -> None:
    """What `keys directory add` does."""
    changed = enter_partner(
        open_directory(region.home), check_public_part(part), today + OVERLAP, today, has_compared=has_compared
    )
    sign_directory(region.home, changed, today)


def test_partner_signing(region: Region) -> None:
    """The new key counts from its entry; the former stays good for months that had begun when its term ended."""
    part = rotate_partner_key(region.keys_file("woonpunt"), "partner-signing", LATER)
    former, newest = region.partner_keys("woonpunt").signing
    assert ("KEY_WRONG", "OK") == (admits(region, newest, LATER), admits(region, former, LATER))
    enter(region, part, LATER)
    assert ("OK", "OK") == (admits(region, newest, LATER), admits(region, former, LATER))
    assert newest.key_id == getattr(region.directory().current("partner-signing", "woonpunt", LATER), "key_id", "")
    end = LATER + OVERLAP
    assert "OK" == admits(region, former, end + timedelta(days=3), "2026-11")
    rotate_municipal_key(region.home, "opening", LATER, "2026-12")
    in_december = date(2026, 12, 1)
    assert "KEY_EXPIRED" == admits(region, former, in_december, "2026-12")
    assert "OK" == admits(region, newest, in_december, "2026-12")


def test_a_partner_signing_key_is_vouched_for(region: Region) -> None:
    """Municipality and key holder take in a new signing key that the former one signed for, and no other."""
    genuine = rotate_partner_key(region.keys_file("woonpunt"), "partner-signing", LATER)
    false_keys = region.path / "vreemde" / "keys.json"
    make_partner_keys(false_keys, "woonpunt", {}, TODAY)
    stranger = rotate_partner_key(false_keys, "partner-signing", TODAY)
    own = PartnerKeys.read(false_keys).signing[-1]
    borrowed = sign_document({**stranger, "endorsements": genuine["endorsements"]}, own.secret.value, own.key_id)
    for part in (stranger, borrowed):
        with pytest.raises(Refused, match="KEY_CHANGE_UNPROVEN"):
            enter(region, part, LATER)
        with pytest.raises(Refused, match="KEY_CHANGE_UNPROVEN"):
            issue_token_keys(region.holder, [part], GEMEENTE, [MONTH], LATER)
    enter(region, genuine, LATER)
    assert 1 == len(issue_token_keys(region.holder, [genuine], GEMEENTE, [MONTH], LATER))


def test_a_partner_that_changed_twice(region: Region) -> None:
    """Two changes of signing key and one of box key, entered at once, are still vouched for by the first key."""
    for kind in ("partner-signing", "partner-signing", "partner-box"):
        part = rotate_partner_key(region.keys_file("woonpunt"), kind, LATER)
    enter(region, part, LATER)
    assert "OK" == admits(region, region.partner_keys("woonpunt").signing[-1], LATER)


def test_a_distrusted_partner_key(region: Region) -> None:
    """The key holder issues nothing more to a partner it distrusts until somebody compared the fingerprint."""
    distrust_partner(region.holder, "woonpunt")
    part = rotate_partner_key(region.keys_file("woonpunt"), "partner-signing", LATER)
    with pytest.raises(Refused, match="KEY_CHANGE_UNPROVEN"):
        issue_token_keys(region.holder, [part], GEMEENTE, [MONTH], LATER)
    assert 1 == len(issue_token_keys(region.holder, [part], GEMEENTE, [MONTH], LATER, has_compared=True))
    assert 1 == len(issue_token_keys(region.holder, [part], GEMEENTE, [MONTH], LATER))


def test_a_revoked_partner_key(region: Region) -> None:
    """From the day of revocation its signature is refused, also for what is in flight; it vouches for nothing."""
    former = region.partner_keys("woonpunt").signing[0]
    sign_directory(region.home, revoke_key(open_directory(region.home), SIGNING, LATER), LATER)
    assert "OK" == admits(region, former, LATER - timedelta(days=1))
    assert "KEY_EXPIRED" == admits(region, former, LATER)
    part = rotate_partner_key(region.keys_file("woonpunt"), "partner-signing", LATER)
    with pytest.raises(Refused, match="KEY_CHANGE_UNPROVEN"):
        enter(region, part, LATER)
    enter(region, part, LATER, has_compared=True)
    newest = region.partner_keys("woonpunt").signing[-1]
    assert ("OK", "KEY_EXPIRED") == (admits(region, newest, LATER), admits(region, former, LATER))


def test_a_revocation_is_never_undone(region: Region) -> None:
    """A later revocation, or entering the same public part again, leaves the first day standing."""
    part = json.loads((region.parts / "woonpunt.public.json").read_text())
    document = revoke_key(open_directory(region.home), SIGNING, TODAY)
    document = revoke_key(document, SIGNING, LATER)
    document = enter_partner(document, check_public_part(part), LATER, LATER, has_compared=True)
    row = next(row for row in document["keys"] if row["key_id"] == SIGNING)
    assert TODAY.isoformat() == row["revoked_on"]


def test_partner_box(region: Region) -> None:
    """Token keys sealed to the former box key still open; the next issue is sealed to the new one."""
    keys_file = region.keys_file("woonpunt")
    before = region.partner_keys("woonpunt").token_key(GEMEENTE, MONTH)
    part = rotate_partner_key(keys_file, "partner-box", LATER)
    enter(region, part, LATER)
    assert before == region.partner_keys("woonpunt").token_key(GEMEENTE, MONTH)
    issued = issue_token_keys(region.holder, [part], GEMEENTE, [MONTH, "2026-12"], LATER)[0]
    held = receive_token_keys(keys_file, issued)
    assert before == held.token_key(GEMEENTE, MONTH)
    assert "partner-box-woonpunt-2" == held.token_keys[-1].box_key_id
    current = region.directory().current("partner-box", "woonpunt", LATER)
    assert current is not None
    assert b"x" == open_sealed(held.box[-1].secret.value, seal(current.public, b"x", b""), b"")


def test_partner_secret(region: Region) -> None:
    """Another secret gives other signal ids to the same clients; nothing else of the partner changes."""
    before = region.partner_keys("woonpunt")
    rotate_partner_key(region.keys_file("woonpunt"), "partner-secret", LATER)
    after = region.partner_keys("woonpunt")
    numbers = pl.Series(["K1", "K2"])
    former, newest = (signal_ids(keys.secret.secret.value, GEMEENTE, MONTH, numbers) for keys in (before, after))
    assert not set(former) & set(newest)
    assert before == replace(after, secret=before.secret)


def test_token_root(region: Region) -> None:
    """A month that was issued keeps its root, also for a partner that joins later; a new month gets the new."""
    before = region.partner_keys("woonpunt").token_key(GEMEENTE, MONTH)
    rotate_holder_key(region.holder, "token-root", LATER)
    held = reissue(region, ("waterkring",), [MONTH, "2026-12"])["waterkring"]
    assert before == held.token_key(GEMEENTE, MONTH)
    assert "token-GM9901-2026-12-2" == held.token_key(GEMEENTE, "2026-12").key_id


def test_token_of_a_month_emergency(region: Region) -> None:
    """Issued in an emergency, a month has another key; who joins after that gets the newest one too."""
    before = region.partner_keys("woonpunt").token_key(GEMEENTE, MONTH)
    held = reissue(region, ("woonpunt",), [MONTH], is_emergency=True)["woonpunt"]
    newest = held.token_key(GEMEENTE, MONTH)
    assert ("token-GM9901-2026-10-2", False) == (newest.key_id, newest.secret == before.secret)
    assert newest == reissue(region, ("waterkring",), [MONTH])["waterkring"].token_key(GEMEENTE, MONTH)
    assert held.token_key(GEMEENTE, "2026-11") == region.partner_keys("waterkring").token_key(GEMEENTE, "2026-11")
    third = reissue(region, ("woonpunt",), [MONTH], is_emergency=True)["woonpunt"].token_key(GEMEENTE, MONTH)
    assert "token-GM9901-2026-10-3" == third.key_id


def reissue(
    region: Region, partners: tuple[str, ...], months: list[str], **options: bool
) -> dict[str, PartnerKeys]:
    parts = [json.loads((region.parts / f"{name}.public.json").read_text()) for name in partners]
    files = issue_token_keys(region.holder, parts, GEMEENTE, months, LATER, **options)
    return {
        name: receive_token_keys(region.keys_file(name), file) for name, file in zip(partners, files, strict=True)
    }


def test_holder_signing(region: Region) -> None:
    """An issue under the holder's new key is taken in by who typed its fingerprint, and by nobody else."""
    rotate_holder_key(region.holder, "holder-signing", LATER)
    with pytest.raises(Refused, match="FINGERPRINT_MISMATCH"):
        reissue(region, ("woonpunt",), ["2026-12"])
    file = region.holder / "issued" / "woonpunt_GM9901_2026-12.tokens.json"
    held = receive_token_keys(region.keys_file("woonpunt"), file, holder_fingerprint(region.holder))
    assert "token-GM9901-2026-12-1" == held.token_key(GEMEENTE, "2026-12").key_id
    assert 3 == len(reissue(region, ("woonpunt",), [MONTH])["woonpunt"].token_keys) - 1
