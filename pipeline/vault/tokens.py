"""Keyed pseudonyms: tokens of normalised fields, the store's second pass over them, and signal ids.

HMAC-SHA256, 16 bytes; the message is the recipe version, the token kind and the fields, each length-prefixed.
The key changes every month, so tokens give nobody who never becomes a case a history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from pipeline.vocabulary.frames import TOKEN_BYTES
from pipeline.vocabulary.manifest import RECIPE

SIGNAL_ID_VERSION = "tokens/1"
"""Of signal ids, which outlive a recipe: a correction replaces, and feedback names, what was sent before it."""


def derive_token_key(root: bytes, gemeentecode: str, month: str) -> bytes:
    """The token key of one municipality and month, from the key holder's root; 32 bytes."""
    return _derive(root, "token", gemeentecode, month)


def _derive(root: bytes, *labels: str) -> bytes:
    info = b"".join(_prefixed(label.encode()) for label in ("samenloop", *labels))
    return HKDF(SHA256(), 32, salt=None, info=info).derive(root)


def token_message(kind: str, fields: Iterable[str]) -> bytes:
    """What is hashed for one token."""
    return _message(RECIPE, kind, *fields)


def _message(*parts: str) -> bytes:
    return b"".join(_prefixed(part.encode()) for part in parts)


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
    return _keyed_column(_keyed(key, token_message(kind, ())), _messages(fields))


def _messages(fields: Sequence[pl.Series]) -> pl.Series:
    """The fields of each row, length-prefixed, as one Binary value; null where one of them is."""
    columns = pl.DataFrame([field.alias(str(place)) for place, field in enumerate(fields)])
    longest = columns.select(pl.max_horizontal(pl.all().str.len_bytes().max())).item() or 0
    if longest < len(_SHORT_PREFIXES):
        return (
            columns.select(message=pl.concat_str(_prefixed_text(name) for name in columns.columns))
            .to_series()
            .cast(pl.Binary)
        )
    rows = columns.iter_rows()
    told = [None if None in row else b"".join(_prefixed(value.encode()) for value in row) for row in rows]
    return pl.Series(values=told, dtype=pl.Binary)


_SHORT_PREFIXES = pl.Series([_prefixed(bytes(size))[:2].decode() for size in range(128)])
"""Length prefixes that are text too, so that whole columns are prefixed at once."""


def _prefixed_text(name: str) -> pl.Expr:
    text = pl.col(name)
    return pl.concat_str(pl.lit(_SHORT_PREFIXES).gather(text.str.len_bytes()), text)


def _keyed(key: bytes, begin: bytes) -> HMAC:
    """A keyed hash that has its key and the beginning of each message; copied for each row.

    A copy of this library's costs half of a copy of the standard library's `hmac`, and most of a token's time goes
    there: `python -m benchmarks.bench_tokens` has both.
    """
    keyed = HMAC(key, SHA256())
    keyed.update(begin)
    return keyed


def _keyed_column(keyed: HMAC, messages: pl.Series) -> pl.Series:
    """The first bytes of the keyed hash of each message; null where there is none."""
    copy = keyed.copy
    tokens: list[bytes] = []
    for message in messages.drop_nulls().to_list():
        digest = copy()
        digest.update(message)
        tokens.append(digest.finalize()[:TOKEN_BYTES])
    place = messages.is_not_null().cum_sum() - 1
    made = pl.Series(values=tokens, dtype=pl.Binary)
    return made.gather(pl.select(pl.when(messages.is_not_null()).then(place)).to_series())


def rekey_column(store_key: bytes, kind: str, tokens: pl.Series) -> pl.Series:
    """The second keyed pass before tokens are stored: a stolen store plus a leaked token key guess nothing."""
    return _keyed_column(_keyed(store_key, token_message(f"store/{kind}", ())), tokens)


def signal_ids(secret: bytes, gemeentecode: str, month: str, klantnummers: pl.Series) -> pl.Series:
    """Signal ids: 32 hexadecimal digits; the same client has the same id in every delivery of a month."""
    keyed = _keyed(secret, _message(SIGNAL_ID_VERSION, "signal", gemeentecode, month))

    def one(klantnummer: str) -> str:
        digest = keyed.copy()
        digest.update(_prefixed(klantnummer.encode()))
        return digest.finalize()[:TOKEN_BYTES].hex()

    return pl.Series(values=[one(number) for number in klantnummers.to_list()], dtype=pl.String)
