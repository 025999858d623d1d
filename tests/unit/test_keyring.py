"""Key files: written once, whole, their owner's alone; read strictly; a token key is for one partner and month."""

from __future__ import annotations

import base64
import json
import os
from datetime import date
from pathlib import Path

import pytest

from pipeline.vault import sealing
from pipeline.vault.keyring import (
    KeyFile,
    NamedSecret,
    PartnerKeys,
    SealedTokenKey,
    Secret,
    read_key,
    read_keys,
    write_key,
)
from pipeline.vocabulary.faults import Refused
from tests.builders.rights import rights

DAY = date(2026, 10, 1)


def a_key(key_id: str = "case-1", kind: str = "case", valid_from: date = DAY, fill: int = 1) -> KeyFile:
    return KeyFile(key_id, kind, "municipality", DAY, valid_from, None, Secret(bytes([fill] * 32)))


def test_a_key_file_is_never_written_over(tmp_path: Path) -> None:
    """The second key of a name is refused, the first is read as it was, and no secret lies about."""
    path = tmp_path / "case-1.json"
    write_key(path, a_key())
    with pytest.raises(Refused) as refusal:
        write_key(path, a_key(fill=2))
    assert "NOT_ALLOWED_NOW" == refusal.value.code
    assert a_key() == read_key(path)
    assert ["case-1.json"] == [path.name for path in tmp_path.iterdir()]


def test_what_a_killed_process_left_of_a_key_goes_with_the_next(tmp_path: Path) -> None:
    """A secret that nobody uses does not stay beside the key that came after it."""
    left = tmp_path / ".case-1.json.1"
    left.write_text("{}", encoding="utf-8")
    write_key(tmp_path / "case-1.json", a_key())
    assert ["case-1.json"] == [path.name for path in tmp_path.iterdir()]


def test_a_secret_is_not_written_through_a_link(tmp_path: Path) -> None:
    """Who can make a link in the folder does not get the key where it points."""
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / f".case-1.json.{os.getpid()}").symlink_to(elsewhere)
    with pytest.raises(OSError, match=r"case-1\.json"):
        write_key(tmp_path / "case-1.json", a_key())
    assert not elsewhere.exists()


def test_keys_of_a_kind_come_oldest_first(tmp_path: Path) -> None:
    """The last one is the newest by its term, whatever it is called; a key of another kind is none of them."""
    former, present = a_key("case-9", valid_from=date(2026, 1, 1)), a_key("case-1", valid_from=date(2026, 6, 1))
    for key in (present, former, a_key("case-x", kind="casework")):
        write_key(tmp_path / f"{key.key_id}.json", key)
    assert (former, present) == read_keys(tmp_path, "case")


@pytest.mark.parametrize(
    "change",
    [
        {"secret_b64": base64.b64encode(bytes(31)).decode()},
        {"secret_b64": base64.b64encode(bytes(33)).decode()},
        {"secret_b64": base64.b64encode(bytes(32)).decode() + "\n"},
        {"secret_b64": None},
        {"format": "samenloop/key/2"},
        {"valid_from": "soon"},
        {"valid_from": "2026-02-30"},
    ],
    ids=["short", "long", "not only base64", "none", "another format", "no day", "no such day"],
)
def test_a_key_file_is_read_strictly(tmp_path: Path, change: dict[str, object]) -> None:
    """A file that is not exactly a key is said to be none: no shorter secret is made of it."""
    path = tmp_path / "case-1.json"
    path.write_text(json.dumps({**a_key().to_dict(), **change}), encoding="utf-8")
    with pytest.raises(Refused) as refusal:
        read_key(path)
    assert ("KEY_INVALID", "(case-1.json)") == (refusal.value.code, refusal.value.hint)


def test_a_key_file_that_may_not_be_read_is_not_called_damaged(tmp_path: Path) -> None:
    """The next step is about rights; a partner's keys are named too."""
    path = tmp_path / "case-1.json"
    write_key(path, a_key())
    for read in (read_key, PartnerKeys.read):
        with rights(path, 0o000), pytest.raises(Refused) as refusal:
            read(path)
        assert ("NO_PERMISSION", "(case-1.json)") == (refusal.value.code, refusal.value.hint)
    with pytest.raises(Refused) as refusal:
        PartnerKeys.read(path)
    assert ("KEY_INVALID", "(case-1.json)") == (refusal.value.code, refusal.value.hint)


BOX = NamedSecret("box-1", Secret(bytes(range(32))))
OTHER_MONTH, OTHER_MUNICIPALITY = ("GM0001", "2026-11"), ("GM0002", "2026-10")


def issued(partner_id: str, gemeentecode: str, month: str, fill: int) -> SealedTokenKey:
    bare = SealedTokenKey(f"token-{gemeentecode}-{month}", gemeentecode, month, "", BOX.key_id)
    blob = sealing.seal(sealing.public_of_box(BOX.secret.value), bytes([fill] * 32), bare.info(partner_id))
    return SealedTokenKey(bare.key_id, gemeentecode, month, base64.b64encode(blob).decode(), BOX.key_id)


def test_a_partner_of_two_municipalities_seals_for_each_with_its_own_token_key() -> None:
    """What two municipalities get of one client is never under one key, nor is what two months get."""
    wanted = ("GM0001", "2026-10")
    keys = PartnerKeys("water", {}, (), (BOX,), BOX)
    for fill, (gemeentecode, month) in enumerate((wanted, OTHER_MONTH, OTHER_MUNICIPALITY), 1):
        keys = keys.with_token_key(issued("water", gemeentecode, month, fill))
    opened = [keys.token_key(*of).secret.value[0] for of in (wanted, OTHER_MONTH, OTHER_MUNICIPALITY)]
    assert [1, 2, 3] == opened


def test_a_token_key_that_was_issued_to_another_partner_does_not_open() -> None:
    """Also where both have the same box key: the issue is bound to the partner that it was made for."""
    keys = PartnerKeys("water", {}, (), (BOX,), BOX, (issued("energie", "GM0001", "2026-10", 1),))
    with pytest.raises(Refused) as refusal:
        keys.token_key("GM0001", "2026-10")
    assert "SEAL_BROKEN" == refusal.value.code


def test_keys_of_another_format_are_not_read_as_a_partners() -> None:
    """keys.json says what it is, and a later form of it is not guessed at."""
    document = PartnerKeys("water", {}, (), (BOX,), BOX).to_dict()
    assert "water" == PartnerKeys.from_dict(document).partner_id
    with pytest.raises(Refused) as refusal:
        PartnerKeys.from_dict({**document, "format": "samenloop/partner-keys/2"})
    assert "KEY_INVALID" == refusal.value.code


def test_an_issue_that_is_received_again_is_kept_once() -> None:
    """Whoever reads the same issue twice has the keys that he had."""
    key = issued("water", "GM0001", "2026-10", 1)
    keys = PartnerKeys("water", {}, (), (BOX,), BOX).with_token_key(key)
    assert keys == keys.with_token_key(key)
