"""Keyed pseudonyms: tokens of normalised fields, the store's second pass over them, and signal ids.

HMAC-SHA256, 16 bytes; the message is the recipe version, the token kind and the fields, each length-prefixed.
The key changes every month, so tokens give nobody who never becomes a case a history.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Sequence
from hashlib import sha256

import polars as pl
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.vocabulary.frames import TOKEN_BYTES
from pipeline.vocabulary.manifest import RECIPE


def derive_token_key(root: bytes, gemeentecode: str, month: str) -> bytes:
    """The token key of one municipality and month, from the key holder's root; 32 bytes."""
    return _derive(root, "token", gemeentecode, month)


def _derive(root: bytes, *labels: str) -> bytes:
    info = b"".join(_prefixed(label.encode()) for label in ("samenloop", *labels))
    return HKDF(SHA256(), 32, salt=None, info=info).derive(root)


def token_message(kind: str, fields: Iterable[str]) -> bytes:
    """What is hashed for one token."""
    return b"".join(_prefixed(part.encode()) for part in (RECIPE, kind, *fields))


def _prefixed(part: bytes) -> bytes:
    return len(part).to_bytes(2, "big") + part


def hmac_column(key: bytes, kind: str, fields: Sequence[pl.Series]) -> pl.Series:
    """Tokens of one kind.

    Args:
        key: the month's token key.
        kind: the token kind, part of the message, so that kinds never collide.
        fields: String columns of equal height; a null in any of them makes no token.

    Returns:
        A Binary column, 16 bytes or null.
    """
    prefix = token_message(kind, ())
    keyed = hmac.new(key, prefix, sha256)
    tokens: list[bytes | None] = []
    for values in zip(*(column.to_list() for column in fields), strict=True):
        if None in values:
            tokens.append(None)
            continue
        digest = keyed.copy()
        for value in values:
            encoded = value.encode()
            digest.update(len(encoded).to_bytes(2, "big") + encoded)
        tokens.append(digest.digest()[:TOKEN_BYTES])
    return pl.Series(values=tokens, dtype=pl.Binary)


def rekey_column(store_key: bytes, kind: str, tokens: pl.Series) -> pl.Series:
    """The second keyed pass before tokens are stored: a stolen store plus a leaked token key guess nothing."""
    keyed = hmac.new(store_key, token_message(f"store/{kind}", ()), sha256)

    def again(token: bytes | None) -> bytes | None:
        if token is None:
            return None
        digest = keyed.copy()
        digest.update(token)
        return digest.digest()[:TOKEN_BYTES]

    return pl.Series(values=[again(token) for token in tokens.to_list()], dtype=pl.Binary)


def signal_ids(secret: bytes, gemeentecode: str, month: str, klantnummers: pl.Series) -> pl.Series:
    """Signal ids: 32 hexadecimal digits; the same client has the same id in every delivery of a month."""
    keyed = hmac.new(secret, token_message("signal", (gemeentecode, month)), sha256)

    def one(klantnummer: str) -> str:
        digest = keyed.copy()
        digest.update(_prefixed(klantnummer.encode()))
        return digest.hexdigest()[: 2 * TOKEN_BYTES]

    return pl.Series(values=[one(number) for number in klantnummers.to_list()], dtype=pl.String)
