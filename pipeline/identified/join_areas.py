"""Which wijk an address lies in, from the CBS table of postcode and house number, before pseudonymising.

Columns are found by prefix, codes may lack their leading zeros. A row outside the agreement's municipality is
skipped. What the table does not know is judged by what lies around it: an address by its postcode, a postcode by
its four digits. They lie outside where all that is known of them does, and where nothing is known of them and the
table holds this municipality alone, unless they are one slip away from its own. Else the row goes along with the
digits: a street may be newer than the table, and a mistyped postcode of a resident is no other place.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

import polars as pl

from pipeline.vocabulary.faults import Refused

_COLUMNS = {
    "postcode": r"PC6|POSTCODE",
    "number": r"HUISNUMMER|HUISNR",
    "wijk": "WIJK",
    "gemeente": "GEMEENTE|GEM",
}
_WIDTHS = {"wijk": 6, "gemeente": 4}


@dataclass(frozen=True, slots=True)
class Located:
    """`rows` with `wijkcode` and `postcode4`, of which one is filled; counts of the others."""

    rows: pl.DataFrame
    outside_count: int
    without_wijk_count: int

    def __repr__(self) -> str:
        return f"Located({self.rows.height} rows)"


def without_areas(rows: pl.DataFrame) -> Located:
    """Rows of a partner that has no table: the digits of the postcode only, and nothing to warn about."""
    return Located(_with_area(rows, pl.lit(None, dtype=pl.String)), 0, 0)


def join_areas(rows: pl.DataFrame, table: bytes, gemeentecode: str | None) -> Located:
    """Find the wijk of each row.

    Args:
        rows: with `postcode` (1234AB) and `house_number` (digits).
        table: the CBS file.
        gemeentecode: GM and four digits; rows elsewhere are skipped. None: it is not known, nothing is skipped.

    Raises:
        Refused: AREAS_INVALID; also where the table has no address of the municipality: all would be outside.
    """
    areas, around_digits = _areas_of(table, rows, gemeentecode)
    if gemeentecode is not None and not around_digits["is_own"].any():
        raise Refused("AREAS_INVALID", hint=f"(geen adres van {gemeentecode})")
    homes = rows.join(
        areas.unique(["postcode", "number"], keep="first", maintain_order=True),
        left_on=["postcode", "house_number"],
        right_on=["postcode", "number"],
        how="left",
        maintain_order="left",
    )
    around = areas.group_by("postcode").agg(
        (pl.col("gemeente") != pl.lit(gemeentecode, pl.String)).all(ignore_nulls=False).alias("is_elsewhere")
    )
    homes = homes.join(around, on="postcode", how="left", maintain_order="left").with_columns(
        digits=pl.col("postcode").str.head(4)
    )
    homes = homes.join(around_digits, on="digits", how="left", maintain_order="left")
    own = pl.lit(gemeentecode, pl.String)  # without it no comparison is true
    is_alone = gemeentecode is not None and not around_digits["is_others"].any()
    is_far = pl.lit(is_alone) & ~pl.col("digits").is_in(_one_slip_from(around_digits))
    is_outside = pl.coalesce(pl.col("gemeente") != own, "is_elsewhere", ~pl.col("is_own"), is_far)
    inside = homes.filter(~is_outside)
    located = _with_area(
        inside.drop("gemeente", "is_elsewhere", "digits", "is_own", "is_others"), pl.col("wijk")
    ).drop("wijk")
    return Located(located, homes.height - inside.height, located["wijkcode"].null_count())


def _one_slip_from(around_digits: pl.DataFrame) -> list[str]:
    """The municipality's own digits with one of them mistyped, or two neighbours swapped."""
    found: set[str] = set()
    for digits in around_digits.filter("is_own")["digits"]:
        for at in range(len(digits)):
            found.update(digits[:at] + other + digits[at + 1 :] for other in "0123456789")
            found.add(digits[:at] + digits[at : at + 2][::-1] + digits[at + 2 :])
    return sorted(found)


def _with_area(rows: pl.DataFrame, wijk: pl.Expr) -> pl.DataFrame:
    digits = pl.when(wijk.is_null()).then(pl.col("postcode").str.head(4))
    return rows.with_columns(wijkcode=wijk, postcode4=digits)


def _areas_of(table: bytes, rows: pl.DataFrame, gemeentecode: str | None) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the table says of the postcodes in the rows and of all four digits; the real one has 9 million rows.

    Returns:
        `postcode`, `number`, `wijk`, `gemeente` of each address; `digits` and whether they hold an address of the
        municipality (`is_own`) and of others (`is_others`). Without a municipality nothing is either.
    """
    header = table[: 64 << 10].split(b"\n", 1)[0].decode("utf-8-sig", errors="replace")
    separator = max(";,\t", key=header.count)
    cells = [cell.strip().strip('"') for cell in header.strip().split(separator)]
    names = {name: _find(cells, pattern) for name, pattern in _COLUMNS.items()}
    wanted = rows.select(pl.col("postcode").unique())
    try:
        known = (
            pl.scan_csv(io.BytesIO(table), separator=separator, infer_schema=False, encoding="utf8-lossy")
            .select(pl.col(place).str.strip_chars(' "').alias(name) for name, place in names.items())
            .with_columns(pl.col("postcode").str.replace_all(" ", "").str.to_uppercase())
        )
        addresses = known.join(wanted.lazy(), on="postcode", how="semi").with_columns(
            pl.col("number").str.extract(r"^0*(\d+)"), _code("wijk", "WK"), _code("gemeente", "GM")
        )
        # First the few pairs that there are, then what their codes are: that is quicker on millions of rows.
        pairs = (
            known.select("gemeente", digits=pl.col("postcode").str.head(4))
            .unique()
            .with_columns(_code("gemeente", "GM"))
        )
        found, places = pl.collect_all([addresses, pairs])
    except pl.exceptions.PolarsError:
        raise Refused("AREAS_INVALID") from None
    is_own = pl.col("gemeente") == pl.lit(gemeentecode, pl.String)
    around = places.drop_nulls().group_by("digits").agg(is_own=is_own.any(), is_others=(~is_own).any())
    if gemeentecode is None:
        around = around.clear()
    return found.filter(pl.col("wijk").is_not_null() & pl.col("gemeente").is_not_null()), around


def _find(cells: list[str], pattern: str) -> str:
    for cell in cells:
        if re.match(pattern, cell, re.IGNORECASE):
            return cell
    raise Refused("AREAS_INVALID")


def _code(name: str, prefix: str) -> pl.Expr:
    digits = pl.col(name).str.extract(rf"^(?i:{prefix})?0*(\d+)(?:\.0+)?$").str.zfill(_WIDTHS[name])
    return pl.when(digits.str.len_bytes() == _WIDTHS[name]).then(pl.lit(prefix) + digits).alias(name)
