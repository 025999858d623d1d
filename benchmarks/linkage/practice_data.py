"""Signals of one month of the practice region, at a chosen size, straight from its generator.

The arrears are drawn as the practice region draws them, but the share that falls together in one household stays
at the national figure however many signals are asked for: otherwise a dense region would flatter every method.
Inhabitants are as many as make the wanted rate, so namesakes are as many as such a population has.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.linkage.records import as_records
from pipeline.practice.arrears import NATIONAL_OVERLAP, Density, month_arrears
from pipeline.practice.chance import Chance
from pipeline.practice.contracts import build_contracts
from pipeline.practice.draws import Draws
from pipeline.practice.exports import client_numbers
from pipeline.practice.habits import HABITS
from pipeline.practice.names import name_book
from pipeline.practice.partners import PARTNERS
from pipeline.practice.people import build_households, build_people, count_addresses
from pipeline.practice.places import build_places
from pipeline.practice.records import Region, true_records
from pipeline.practice.texts import encodable
from pipeline.practice.writing import written_records
from pipeline.vocabulary.identity.dates import iso_dates

MONTH = "2026-10"
SIGNALS_PER_HOUSEHOLD = 0.09
"""Forty signals per thousand inhabitants: ten times the national rate, so that a large size needs no country."""
WRITTEN = {
    "initials": "voorletters",
    "particles": "voorvoegsels",
    "surname": "achternaam",
    "birth_on": "geboortedatum",
    "postcode": "postcode",
    "house_number": "huisnummer",
    "house_letter": "huisletter",
    "house_addition": "huisnummertoevoeging",
    "email": "email",
    "phone": "telefoon",
}


def practice_records(signals: int, seed: int) -> pl.DataFrame:
    """About so many signals with the person, household and doors behind each."""
    region = practice_people(signals, seed)
    contracts = build_contracts(region.chance, region.households, region.people)
    rows = month_arrears(region.chance, contracts, Density(signals, NATIONAL_OVERLAP), MONTH, region.businesses)
    rows = rows.filter(~pl.col("has_objection"))
    return pl.concat([_partner_records(region, place, rows) for place in range(len(PARTNERS))])


def practice_people(signals: int, seed: int) -> Region:
    """The inhabitants behind so many signals; `person` of a record is a place in them, below zero a business."""
    chance, count = Chance(seed), max(500, round(signals / SIGNALS_PER_HOUSEHOLD))
    municipalities = max(1, min(20, count // 60_000))
    places = build_places(chance, count_addresses(chance, count), municipalities)
    households = build_households(chance, count, places.addresses["municipality"].to_numpy())
    people = build_people(chance, households, name_book())
    return Region(chance, places, households, people, name_book(), max(36, count // 40))


def _partner_records(region: Region, place: int, rows: pl.DataFrame) -> pl.DataFrame:
    """What one partner has of its clients, read back as its own export tool reads it."""
    partner_id = PARTNERS[place].partner_id
    habit = HABITS[partner_id]
    rows = rows.filter(pl.col("partner") == place)
    rows = rows.with_columns(klantnummer=client_numbers(region, rows)).sort("is_business", "klantnummer")
    who = rows["holder"].to_numpy() * 2 + rows["is_second"].to_numpy()
    who = who + np.where(rows["is_business"].to_numpy(), 10**12, 0)
    truth = true_records(region, rows)
    written = written_records(habit, Draws(region.chance, partner_id, who), truth, region.places.addresses)
    written = written.with_columns(_stored(written[name], habit.encoding) for name in written.columns)
    written = written.with_columns(
        pl.lit("").alias(name) for name in ("huisletter", "huisnummertoevoeging") if name not in habit.columns
    )
    people = written.select(pl.col(ours).alias(name) for name, ours in WRITTEN.items())
    people = people.with_columns(iso_dates(people["birth_on"], is_birth=True).alias("birth_on"))
    return as_records(
        people,
        partner_id=pl.lit(partner_id),
        signal_id=rows["klantnummer"],
        arrears_months=rows["months"],
        person=pl.select(
            pl.when(rows["is_business"]).then(-1 - rows["holder"]).otherwise(rows["holder"])
        ).to_series(),
        household=pl.select(
            pl.when(rows["is_business"]).then(-1 - rows["holder"]).otherwise(rows["household"])
        ).to_series(),
        door=truth["address"],
        former_door=truth["former_address"],
    )


def _stored(texts: pl.Series, encoding: str) -> pl.Series:
    """A column in the letters that the partner's file can hold."""
    return pl.Series(texts.name, encodable("\n".join(texts.to_list()), encoding).split("\n"), dtype=pl.String)
