"""Normalised people become keyed tokens, by the recipe and under the month's token key.

A token exists only where all its fields do; a second surname key that equals the first makes no second token.
"""

from __future__ import annotations

import polars as pl

from pipeline.vault.tokens import hmac_column
from pipeline.vocabulary.frames import TOKEN_KINDS
from pipeline.vocabulary.identity.recipe import fields_of


def derive_tokens(keys: pl.DataFrame, token_key: bytes) -> pl.DataFrame:
    """The token columns (Binary, 16 bytes or null) of normalised people, in the order of a delivery."""
    return pl.DataFrame(
        [
            hmac_column(token_key, kind, [keys[field] for field in fields_of(kind, column)]).alias(column)
            for kind, columns in TOKEN_KINDS.items()
            for column in columns
        ]
    )
