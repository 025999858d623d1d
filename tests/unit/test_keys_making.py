from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from pipeline.commands import agreement as agreement_command
from pipeline.commands.documents import read_agreement
from pipeline.commands.key_keeping.agreement_making import make_agreement, renew_agreement, revoke_agreement
from pipeline.commands.key_keeping.directory_keeping import make_directory, open_directory, read_trusted_directory
from pipeline.commands.key_keeping.key_making import (
    keys_of,
    make_month_keys,
    make_municipality_keys,
    new_municipal_key,
    normal_fingerprint,
    read_trust,
)
from pipeline.commands.key_keeping.partner_parts import check_public_part, make_partner_keys, read_public_parts
from pipeline.commands.key_keeping.token_issuing import (
    issue_token_keys,
    make_key_holder,
    pinned_holder,
    receive_token_keys,
)
from pipeline.vault.keyring import read_keys
from pipeline.vault.signing import sign_document
from pipeline.vault.tokens import derive_token_key
from pipeline.vocabulary.faults import Refused
from tests.builders.ceremony import (
    AGREEMENT_ID,
    GEMEENTE,
    MONTHS,
    TODAY,
    Region,
    agreement_document,
    copy_region,
    forms,
    make_region,
    secrets_under,
)

OTHER_FINGERPRINT = "0000 1111 2222 3333 4444 5555 6666 7777"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Region:
    return make_region(tmp_path_factory.mktemp("region"))


@pytest.fixture
def region(made: Region, tmp_path: Path) -> Region:
    return copy_region(made, tmp_path)


def test_every_secret_file_is_its_owners_alone(region: Region) -> None:
    """What holds a secret, a pin, a ledger or used numbers has mode 0600; what is meant for others has not."""
    secret = {file for file in region.path.rglob("*.json") if file.stat().st_mode & 0o777 == 0o600}
    with_secret = {file for file in region.path.rglob("*.json") if "secret_b64" in file.read_text()}
    pins = {*region.path.rglob("trust.json"), *region.path.rglob("keys.holder.json")}
    numbers = set(region.path.rglob("numbers.json"))
    assert with_secret | pins | numbers | {region.holder / "issued.json"} == secret
    assert 0o700 == (region.home / "opener-keys").stat().st_mode & 0o777


def test_no_secret_in_what_travels_or_is_shown(region: Region) -> None:
    """Agreement, directory, public parts, issues and every repr hold no form of any secret."""
    shown = [
        (region.home / "agreement.json").read_bytes(),
        region.directory_file.read_bytes(),
        (region.holder / "issued.json").read_bytes(),
        *(file.read_bytes() for file in region.parts.glob("*.json")),
        *(file.read_bytes() for file in (region.holder / "issued").glob("*.json")),
        repr(region.partner_keys("woonpunt")).encode(),
        repr(keys_of(region.home, "store") + keys_of(region.home, "case")).encode(),
    ]
    secrets = secrets_under(region.path)
    assert 17 == len(secrets)
    assert not [
        place for place, secret in secrets.items() for form in forms(secret) for text in shown if form in text
    ]


def test_ids_are_readable_and_each_key_is_its_own(region: Region) -> None:
    """An id names kind, municipality, month and number; no two secrets in a region are equal."""
    ids = [key.key_id for kind in ("opening", "store") for key in keys_of(region.home, kind)]
    expected = [f"{kind}-GM9901-{month}-1" for kind in ("opening", "store") for month in MONTHS]
    assert expected == ids
    secrets = list(secrets_under(region.path).values())
    assert len(secrets) == len(set(secrets))


def test_opener_keys_lie_apart(region: Region) -> None:
    """Opening, case and journal keys lie in opener-keys/ and nowhere else; both folders pin the municipal key."""
    kinds = {file.name.split("-GM")[0] for file in (region.home / "opener-keys").glob("*-*.json")}
    assert {"opening", "case", "journal"} == kinds
    assert not list((region.home / "keys").glob("opening*"))
    assert (GEMEENTE, region.fingerprint) == read_trust(region.home / "opener-keys")
    assert (GEMEENTE, region.fingerprint) == read_trust(region.home / "keys")


def test_keys_are_never_overwritten(region: Region) -> None:
    """A second ceremony on the same place is refused for every holder and changes nothing."""
    before = {file: file.read_bytes() for file in region.path.rglob("*.json")}
    attempts = (
        lambda: make_municipality_keys(region.home, GEMEENTE, MONTHS, TODAY),
        lambda: make_partner_keys(region.keys_file("woonpunt"), "woonpunt", {}, TODAY),
        lambda: make_key_holder(region.holder, TODAY),
        lambda: make_directory(region.home, GEMEENTE, AGREEMENT_ID, (), TODAY),
    )
    for attempt in attempts:
        with pytest.raises(Refused) as refusal:
            attempt()
        assert "NOT_ALLOWED_NOW" == refusal.value.code
    assert () == make_month_keys(region.home, GEMEENTE, MONTHS[0], TODAY)
    assert before == {file: file.read_bytes() for file in region.path.rglob("*.json")}


def test_ten_comes_after_nine(region: Region) -> None:
    """Keys of one day are ordered by number, not by text."""
    for _ in range(9):
        new_municipal_key(region.home, "admission", GEMEENTE, TODAY)
    assert "admission-GM9901-10" == keys_of(region.home, "admission")[-1].key_id


def test_partners_of_a_month_hold_the_same_token_key(region: Region) -> None:
    """Every partner opens the key that the root gives for that month; no other month's, and never the root."""
    root = read_keys(region.holder, "token-root")[0].secret.value
    for month in MONTHS:
        expected = derive_token_key(root, GEMEENTE, month)
        for partner_id in ("woonpunt", "waterkring"):
            held = region.partner_keys(partner_id).token_key(GEMEENTE, month)
            assert (f"token-GM9901-{month}-1", expected) == (held.key_id, held.secret.value)
    for partner_id in ("woonpunt", "waterkring"):
        assert root not in secrets_under(region.path / partner_id).values()


def test_an_issue_is_for_one_partner(region: Region) -> None:
    """Another partner's issue is refused, and renamed to oneself it no longer carries the holder's signature."""
    issued = region.holder / "issued" / "waterkring_GM9901_2026-11.tokens.json"
    keys_file = region.keys_file("woonpunt")
    before = keys_file.read_bytes()
    with pytest.raises(Refused, match="KEY_WRONG"):
        receive_token_keys(keys_file, issued)
    issued.write_text(issued.read_text().replace('"waterkring"', '"woonpunt"'))
    with pytest.raises(Refused, match="KEY_ISSUE_INVALID"):
        receive_token_keys(keys_file, issued)
    assert before == keys_file.read_bytes()


def test_nobody_else_can_issue(region: Region, tmp_path: Path) -> None:
    """A token key that the municipality made up, sealed and signed by itself, is refused by the pinned holder."""
    make_key_holder(tmp_path / "false-holder", TODAY)
    part = read_public_parts(region.parts / "woonpunt.public.json")[0]
    false = issue_token_keys(tmp_path / "false-holder", [part.document], GEMEENTE, ["2026-12"], TODAY)[0]
    with pytest.raises(Refused, match="FINGERPRINT_MISMATCH"):
        receive_token_keys(region.keys_file("woonpunt"), false)
    assert region.holder_fingerprint == pinned_holder(region.keys_file("woonpunt"))


def test_a_first_issue_goes_by_the_fingerprint_that_was_given(region: Region) -> None:
    """With another fingerprint than the issuer's nothing is taken in and nothing is pinned."""
    keys_file = region.path / "nieuw" / "keys.json"
    part = make_partner_keys(keys_file, "nieuw", {GEMEENTE: region.fingerprint}, TODAY)
    issued = issue_token_keys(region.holder, [part], GEMEENTE, MONTHS, TODAY)[0]
    with pytest.raises(Refused, match="FINGERPRINT_MISMATCH"):
        receive_token_keys(keys_file, issued, OTHER_FINGERPRINT)
    assert None is pinned_holder(keys_file)
    held = receive_token_keys(keys_file, issued, region.holder_fingerprint)
    assert held.token_key(GEMEENTE, MONTHS[0]) == region.partner_keys("woonpunt").token_key(GEMEENTE, MONTHS[0])


def test_a_directory_under_another_fingerprint_is_not_believed(region: Region) -> None:
    """A whole directory, well signed by another municipality's key, does not pass a pin."""
    with pytest.raises(Refused, match="FINGERPRINT_MISMATCH"):
        read_trusted_directory(region.directory_file, OTHER_FINGERPRINT)
    assert GEMEENTE == read_trusted_directory(region.directory_file, region.fingerprint).gemeentecode


def test_a_public_part_of_another_is_refused(region: Region) -> None:
    """A box key that somebody put into a partner's public part breaks the partner's signature."""
    woonpunt, waterkring = (
        json.loads((region.parts / f"{name}.public.json").read_text()) for name in ("woonpunt", "waterkring")
    )
    woonpunt["keys"][1]["public_b64"] = waterkring["keys"][1]["public_b64"]
    with pytest.raises(Refused, match="PUBLIC_PART_INVALID"):
        check_public_part(woonpunt)
    own = region.partner_keys("waterkring").signing[-1]
    forged = sign_document(woonpunt, own.secret.value, own.key_id)
    with pytest.raises(Refused, match="PUBLIC_PART_INVALID"):
        check_public_part(forged)


def test_a_lane_must_be_chosen(region: Region) -> None:
    """An agreement without a crisis lane is refused and leaves the newest version where it is."""
    before = (region.home / "agreement.json").read_bytes()
    with pytest.raises(Refused, match="AGREEMENT_LANE_MISSING"):
        make_agreement(region.home, agreement_document(lanes={}), TODAY)
    assert before == (region.home / "agreement.json").read_bytes()
    assert not (region.home / "agreements").exists()


def test_each_version_stays(region: Region) -> None:
    """A renewal keeps the former version readable, with its own rule, and changes only what was named."""
    renew_agreement(region.home, {"rule": {"min_months": 1}, "valid_until": "2028-12-31"}, TODAY)
    directory = region.directory()
    former = read_agreement(region.home / "agreements" / "agreement-1.json", directory)
    newest = read_agreement(region.home / "agreement.json", directory)
    assert (1, 2) == (former.version, former.rule.min_months)
    expected = replace(former, version=2, valid_until=newest.valid_until, rule=replace(former.rule, min_months=1))
    assert expected == newest


def test_a_revoked_version_is_valid_for_nothing(region: Region) -> None:
    """Revoking the former version leaves the newest one in force, and both signatures hold."""
    renew_agreement(region.home, {}, TODAY)
    revoke_agreement(region.home, 1, TODAY, TODAY)
    directory = region.directory()
    former = read_agreement(region.home / "agreements" / "agreement-1.json", directory)
    newest = read_agreement(region.home / "agreement.json", directory)
    assert (False, True) == (former.is_valid_for("2026-10"), newest.is_valid_for("2026-10"))
    with pytest.raises(Refused, match="NOT_ALLOWED_NOW"):
        revoke_agreement(region.home, 1, TODAY, TODAY)
    with pytest.raises(Refused, match="NOT_FOUND"):
        revoke_agreement(region.home, 7, TODAY, TODAY)


def test_a_revoked_version_can_be_renewed(region: Region) -> None:
    """The version after a revoked one is not revoked itself."""
    revoke_agreement(region.home, 1, TODAY, TODAY)
    renew_agreement(region.home, {}, TODAY)
    assert None is read_agreement(region.home / "agreement.json", region.directory()).revoked_on


def _said(region: Region, *words: str) -> Result:
    app = typer.Typer(pretty_exceptions_enable=False)
    agreement_command.register(app)
    return CliRunner().invoke(app, ["agreement", *words, "--home", str(region.home), "--date", f"{TODAY}"])


def test_one_partner_is_enough_only_for_who_says_so_twice(region: Region) -> None:
    """It takes away the main promise: refused without its own option, and said at signing and at each check."""
    run = partial(_said, region)
    assert "LET OP" not in run("check").output
    refused = run("renew", "--min-partners", "1")
    assert (2, True) == (refused.exit_code, "ONE_PARTNER_NOT_CHOSEN" in refused.output)
    assert 1 == read_agreement(region.home / "agreement.json", region.directory()).version
    said = run("renew", "--min-partners", "1", "--one-partner-is-enough").output
    assert ("LET OP" in said, "minstens 1 partner meldt" in said) == (True, True)
    assert "LET OP" in run("check").output


def test_certainty_is_chosen_and_said(region: Region) -> None:
    """Who is likely one person is shown unless the agreement says that the data steward is asked first."""
    run = partial(_said, region)
    shown, asked = "wordt getoond, met een waarschuwing erbij", "wacht op de gegevensbeheerder"
    assert shown in run("renew", "--valid-until", "2028-12-31").output
    assert asked in run("renew", "--certainty", "certain").output
    assert "certain" == read_agreement(region.home / "agreement.json", region.directory()).rule.certainty
    assert asked in run("renew", "--valid-until", "2029-12-31").output
    refused = run("renew", "--certainty", "sure")
    assert (2, True) == (refused.exit_code, "rule.certainty" in refused.output)


def test_nothing_is_built_on_a_tampered_document(region: Region) -> None:
    """A directory or agreement that was changed by hand is refused before it is changed and signed again."""
    agreement = region.home / "agreement.json"
    agreement.write_text(agreement.read_text().replace('"min_partners": 2', '"min_partners": 1'))
    with pytest.raises(Refused, match="AGREEMENT_SIGNATURE"):
        renew_agreement(region.home, {}, TODAY)
    with pytest.raises(Refused, match="AGREEMENT_SIGNATURE"):
        revoke_agreement(region.home, 1, TODAY, TODAY)
    text = region.directory_file.read_text()
    region.directory_file.write_text(text.replace('"revoked_on": null', '"revoked_on": "2026-10-01"', 1))
    with pytest.raises(Refused, match="DIRECTORY_SIGNATURE"):
        open_directory(region.home)


@pytest.mark.parametrize("typed", ["AB12CD34" * 4, "ab12-cd34 " * 4, " ab12 cd34\tab12 cd34 ab12cd34 ab12 CD34\n"])
def test_a_fingerprint_may_be_typed_loosely(typed: str) -> None:
    """Case, spaces and hyphens of a typed fingerprint do not matter."""
    assert " ".join(["ab12", "cd34"] * 4) == normal_fingerprint(typed)


@pytest.mark.parametrize("typed", ["", "ab12", "zz12 cd34 " * 4, "ab12 cd34 " * 5])
def test_a_half_fingerprint_is_refused(typed: str) -> None:
    """What is not eight groups of four is no fingerprint."""
    with pytest.raises(Refused, match="FINGERPRINT_INVALID"):
        normal_fingerprint(typed)
