"""The columns of frames that cross a boundary: the rows of a delivery and of the store's signals.

In the clear beside the tokens stands only what rule, routing and statistics need: area, months (capped),
arrears in bands, crisis flag.
"""

from __future__ import annotations

import polars as pl

TOKEN_KINDS = {
    "initial_address": ("t_initial_address",),
    "initial_year_address": ("t_initial_year_address",),
    "initial_day_address": ("t_initial_day_address",),
    "birth_postcode": ("t_birth_postcode",),
    "name_initial_birth": ("t_name_initial_birth", "t_name_initial_birth_alt"),
    "name_email": ("t_name_email", "t_name_email_alt"),
    "name_phone": ("t_name_phone", "t_name_phone_alt"),
    "birth_email": ("t_birth_email",),
    "birth_phone": ("t_birth_phone",),
    "name_address": ("t_name_address", "t_name_address_alt"),
}
TOKEN_COLUMNS: tuple[str, ...] = tuple(column for columns in TOKEN_KINDS.values() for column in columns)
TOKEN_BYTES = 16

MONTHS_CAP = 12
ARREARS_BANDS: tuple[tuple[int, str], ...] = (
    (0, "0-249"),
    (250, "250-499"),
    (500, "500-999"),
    (1000, "1000-2499"),
    (2500, "2500+"),
)
BAND_CODES: tuple[str, ...] = tuple(code for _, code in ARREARS_BANDS)

DELIVERY_SCHEMA: dict[str, pl.DataType] = {
    "signal_id": pl.String(),
    **{column: pl.Binary() for column in TOKEN_COLUMNS},
    "sealed_contact": pl.Binary(),
    "wijkcode": pl.String(),
    "postcode4": pl.String(),
    "arrears_months": pl.Int16(),
    "arrears_band": pl.String(),
    "is_crisis": pl.Boolean(),
}
RETRACTION_SCHEMA: dict[str, pl.DataType] = {"signal_id": pl.String()}


def band_of(euros: pl.Expr) -> pl.Expr:
    """The band code of whole euros."""
    expression: pl.Expr = pl.lit(None, pl.String)
    for least, code in ARREARS_BANDS:
        expression = pl.when(euros >= least).then(pl.lit(code)).otherwise(expression)
    return expression


def schema_of(kind: str) -> dict[str, pl.DataType]:
    """The columns of a delivery of this kind, in order."""
    return RETRACTION_SCHEMA if kind == "retraction" else DELIVERY_SCHEMA
