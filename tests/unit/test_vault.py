"""Keys, tokens, sealing and signatures: committed answers, and what must fail to open."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipeline.vault import contact, keyring, sealing, signing, tokens
from pipeline.vocabulary.faults import Refused

VECTORS: dict[str, Any] = json.loads(Path(__file__).parents[1].joinpath("vectors/vault-1.json").read_text("utf-8"))


def unb64(section: str, name: str) -> bytes:
    return base64.b64decode(VECTORS[section][name])


def columns(*values: str | None) -> list[pl.Series]:
    return [pl.Series([value], dtype=pl.String) for value in values]


def test_a_blob_sealed_by_an_earlier_version_still_opens() -> None:
    """The committed blob opens with the committed key and binding."""
    opened = sealing.open_sealed(unb64("sealing", "private_b64"), unb64("sealing", "blob_b64"), b"samenloop")
    assert VECTORS["sealing"]["plaintext"].encode() == opened


@pytest.mark.parametrize(
    ("key", "info", "change"),
    [
        (bytes(32), b"samenloop", None),
        (None, b"another place", None),
        (None, b"samenloop", 0),
        (None, b"samenloop", 40),
    ],
    ids=["another key", "another place", "another suite", "a changed byte"],
)
def test_a_blob_opens_nowhere_else(key: bytes | None, info: bytes, change: int | None) -> None:
    """Another key, another binding or a changed byte: SEAL_BROKEN, never a wrong plaintext."""
    blob = bytearray(unb64("sealing", "blob_b64"))
    if change is not None:
        blob[change] ^= 1
    with pytest.raises(Refused) as refusal:
        sealing.open_sealed(key or unb64("sealing", "private_b64"), bytes(blob), info)
    assert "SEAL_BROKEN" == refusal.value.code


@pytest.mark.parametrize("blob", [b"", b"\x01", b"\x01" + bytes(31), b"\x01" + bytes(60)])
def test_what_is_no_sealed_blob_is_refused_as_one_that_does_not_open(blob: bytes) -> None:
    """A blob that was cut short or made up says SEAL_BROKEN, and is never a fault of the program."""
    with pytest.raises(Refused) as refusal:
        sealing.open_sealed(unb64("sealing", "private_b64"), blob, b"samenloop")
    assert "SEAL_BROKEN" == refusal.value.code


def test_nothing_is_sealed_to_what_is_no_key() -> None:
    """A public key of another length is refused before anything is sealed."""
    with pytest.raises(Refused) as refusal:
        sealing.seal(bytes(31), b"plaintext", b"samenloop")
    assert "KEY_INVALID" == refusal.value.code


def committed_binding() -> contact.ContactBinding:
    return contact.ContactBinding(**VECTORS["contact"]["binding"])


def open_contact(
    binding: contact.ContactBinding, blob: bytes, public: bytes | None = None
) -> contact.OpenedContact:
    opener = contact.contact_opener(unb64("contact", "opening_private_b64"))
    return opener(binding, blob, public or unb64("contact", "signing_public_b64"))


def test_a_contact_sealed_by_an_earlier_version_still_opens() -> None:
    """The committed contact opens, and its signature holds."""
    opened = open_contact(committed_binding(), unb64("contact", "blob_b64"))
    assert VECTORS["contact"]["contact"] == opened.contact
    assert VECTORS["contact"]["clear"] == opened.clear


@pytest.mark.parametrize("field", ["agreement_id", "gemeentecode", "partner_id", "month", "signal_id", "key_id"])
def test_a_contact_opens_only_where_it_belongs(field: str) -> None:
    """A contact that is moved to another partner, month, signal, key, municipality or agreement does not open."""
    with pytest.raises(Refused) as refusal:
        open_contact(replace(committed_binding(), **{field: "other"}), unb64("contact", "blob_b64"))
    assert "SEAL_BROKEN" == refusal.value.code


def test_a_contact_that_somebody_else_made_is_refused() -> None:
    """Whoever knows the public opening key can seal, but not sign as the partner."""
    opening = sealing.public_of_box(unb64("contact", "opening_private_b64"))
    forged = contact.contact_sealer(opening, signing.new_signing_key())(committed_binding(), {}, {}, 1)
    with pytest.raises(Refused) as refusal:
        open_contact(committed_binding(), forged)
    assert "SIGNATURE_WRONG" == refusal.value.code


def test_a_signing_key_that_is_none_confirms_no_contact() -> None:
    """A damaged public key in the directory refuses the contact; it is not taken for a fault of the program."""
    with pytest.raises(Refused) as refusal:
        open_contact(committed_binding(), unb64("contact", "blob_b64"), b"too short")
    assert "SIGNATURE_WRONG" == refusal.value.code


def test_an_opened_contact_does_not_print_itself() -> None:
    """Whoever is in it stands in no traceback or log that shows the value."""
    opened = open_contact(committed_binding(), unb64("contact", "blob_b64"))
    assert "OpenedContact(…)" == repr(opened) == str(opened)


def test_the_length_of_a_contact_tells_only_its_step() -> None:
    """Contacts of different content within one padding step are equally long."""
    seal = contact.contact_sealer(sealing.public_of_box(bytes(range(32))), bytes(range(32, 64)))
    lengths = {len(seal(committed_binding(), {"surname": "x" * size}, {}, 1)) for size in range(1, 100, 9)}
    assert 1 == len(lengths)


def test_tokens_have_the_committed_values() -> None:
    """Root, token key, token and stored token are what they were when the recipe was fixed."""
    row = VECTORS["tokens"]
    key = tokens.derive_token_key(unb64("tokens", "root_b64"), row["gemeentecode"], row["month"])
    assert unb64("tokens", "token_key_b64") == key
    token = tokens.hmac_column(key, row["kind"], columns(*row["fields"]))
    assert row["token_hex"] == token[0].hex()
    assert row["stored_hex"] == tokens.rekey_column(unb64("tokens", "store_key_b64"), row["kind"], token)[0].hex()


def test_a_token_is_the_hmac_that_the_recipe_says() -> None:
    """An independent computation from the written recipe gives the same token."""
    message = b""
    for part in ("tokens/4", "name_initial_birth", "jansen", "a", "1980-05-31"):
        message += len(part).to_bytes(2, "big") + part.encode()
    expected = hmac.new(unb64("tokens", "token_key_b64"), message, hashlib.sha256).digest()[:16]
    assert VECTORS["tokens"]["token_hex"] == expected.hex()


def test_a_missing_field_makes_no_token() -> None:
    """No token is made of a combination of which one field is unknown."""
    assert [None] == tokens.hmac_column(bytes(32), "kind", columns("a", None)).to_list()


def test_tokens_differ_by_kind_key_and_where_fields_end() -> None:
    """Equal text under another kind, key or division into fields is another token."""
    made = {
        tokens.hmac_column(key, kind, columns(*fields))[0]
        for key in (bytes(32), bytes([1] * 32))
        for kind in ("a", "b")
        for fields in (("xy", "z"), ("x", "yz"))
    }
    assert 8 == len(made)


def test_months_and_municipalities_have_token_keys_of_their_own() -> None:
    """A leaked token key exposes one month of one municipality."""
    keys = {
        tokens.derive_token_key(bytes(32), code, month)
        for code in ("GM1", "GM2")
        for month in ("2026-10", "2026-11")
    }
    assert 4 == len(keys)


def test_signal_ids_have_the_committed_value() -> None:
    """The same client has the same id in every delivery of a month, in every version."""
    row = VECTORS["signal_id"]
    secret = unb64("signal_id", "secret_b64")
    made = tokens.signal_ids(secret, row["gemeentecode"], row["month"], pl.Series([row["klantnummer"]]))
    assert [row["signal_id"]] == made.to_list()


def test_signing_has_the_committed_values() -> None:
    """Canonical form, signature and fingerprint are what other versions make of them."""
    row = VECTORS["signing"]
    private = unb64("signing", "private_b64")
    assert row["canonical"].encode() == signing.canonical_json(row["document"])
    assert unb64("signing", "signature_b64") == signing.sign(private, signing.canonical_json(row["document"]))
    assert row["fingerprint"] == signing.fingerprint(signing.public_of_signing(private))


def test_a_changed_document_loses_its_signature() -> None:
    """A signed document verifies as it is and not with any field changed."""
    private = unb64("signing", "private_b64")
    document = signing.sign_document({"rule": 2}, private, "key-1")
    public = signing.public_of_signing(private)
    assert signing.verify_document(document, public)
    assert not signing.verify_document({**document, "rule": 1}, public)
    assert not signing.verify_document({"rule": 2}, public)
    assert not signing.verify_document({**document, "signature": {"value_b64": "%%"}}, public)


@pytest.mark.parametrize(
    "change",
    [
        {"rule": float("nan")},
        {"rule": "\ud800"},
        {"signature": None},
        {"signature": {}},
        {"signature": {"value_b64": None}},
    ],
)
def test_what_nobody_can_have_signed_does_not_verify(change: dict[str, Any]) -> None:
    """A document without one byte form, or without a signature, is not signed; it stops nothing."""
    private = unb64("signing", "private_b64")
    document = {**signing.sign_document({"rule": 2}, private, "key-1"), **change}
    assert not signing.verify_document(document, signing.public_of_signing(private))


def test_what_has_no_one_byte_form_cannot_be_signed_nor_verified() -> None:
    """What is no number can be written in more ways than one; what is nested without end in none."""
    private = unb64("signing", "private_b64")
    with pytest.raises(ValueError, match="float"):
        signing.sign_document({"rule": float("nan")}, private, "key-1")
    nested: list[Any] = []
    for _ in range(50_000):
        nested = [nested]
    document = {**signing.sign_document({"rule": 2}, private, "key-1"), "rule": nested}
    assert not signing.verify_document(document, signing.public_of_signing(private))


def test_a_signature_is_written_in_one_way() -> None:
    """The same signature with anything added to its text is another document, and is not signed."""
    private = unb64("signing", "private_b64")
    document = signing.sign_document({"rule": 2}, private, "key-1")
    signature = {**document["signature"], "value_b64": document["signature"]["value_b64"] + " "}
    assert not signing.verify_document({**document, "signature": signature}, signing.public_of_signing(private))


def test_a_document_that_is_signed_again_verifies_under_the_new_key() -> None:
    """The earlier signature is replaced and is no part of what is signed."""
    former, present = signing.new_signing_key(), signing.new_signing_key()
    document = signing.sign_document(signing.sign_document({"rule": 2}, former, "key-1"), present, "key-2")
    assert signing.verify_document(document, signing.public_of_signing(present))
    assert not signing.verify_document(document, signing.public_of_signing(former))


def test_a_malformed_key_or_signature_verifies_nothing() -> None:
    """What partners send as a key or a signature may be anything."""
    private = unb64("signing", "private_b64")
    public, signature = signing.public_of_signing(private), signing.sign(private, b"message")
    assert signing.verify(public, signature, b"message")
    assert not signing.verify(public[:-1], signature, b"message")
    assert not signing.verify(public, signature[:-1], b"message")
    assert not signing.verify(public, b"", b"message")


@pytest.mark.parametrize("length", [126, 127, 128, 129, 300])
def test_tokens_of_long_fields_follow_the_recipe_too(length: int) -> None:
    """Where a whole column is not prefixed at once, the token is the same one that the recipe says."""
    for text in ("x" * length, "\u00e9" * (length // 2)):
        message = tokens.token_message("name_email", (text, "b"))
        expected = hmac.new(bytes(32), message, hashlib.sha256).digest()[:16]
        made = tokens.hmac_column(
            bytes(32), "name_email", [pl.Series([text, text, None, "a"]), pl.Series(["b", None, "b", "b"])]
        )
        short = tokens.hmac_column(bytes(32), "name_email", columns("a", "b"))
        assert [expected, None, None, short[0]] == made.to_list()


def test_secrets_do_not_print_themselves() -> None:
    """Neither a secret nor what holds one shows its bytes in a repr."""
    secret = keyring.Secret(b"\xab" * 32)
    keys = keyring.PartnerKeys(
        "water", {}, (keyring.NamedSecret("k", secret),), (), keyring.NamedSecret("s", secret)
    )
    for shown in (repr(secret), repr(keys), str(keys)):
        assert secret.b64() not in shown
        assert "abab" not in shown
        assert "\\xab" not in shown
