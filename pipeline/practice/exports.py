"""A partner's export of one month, as the bytes of the file that its system writes."""

from __future__ import annotations

import io

import numpy as np
import polars as pl

from pipeline.practice.draws import Draws
from pipeline.practice.habits import HABITS, Habit
from pipeline.practice.partners import PARTNERS
from pipeline.practice.records import Region, scattered, true_records
from pipeline.practice.texts import encodable
from pipeline.practice.writing import written_records

_BUSINESS_FROM = 9_000_000
_KEY = ("partner", "holder", "is_business", "is_second")
SECOND_CONTRACT_SHARE = 0.15
"""A second row of one client number, such as a garage, is this part of the first."""


def client_numbers(region: Region, rows: pl.DataFrame) -> pl.Series:
    """The klantnummer of each row: a text in the partner's own form, that shows nothing of the person."""
    partner = rows["partner"].to_numpy()
    holder = rows["holder"].to_numpy() * 2 + rows["is_second"].to_numpy()
    number = np.where(rows["is_business"].to_numpy(), _BUSINESS_FROM + rows["holder"].to_numpy(), holder)
    parts = []
    for place, row in enumerate(PARTNERS):
        prefix, digits = HABITS[row.partner_id].client_number
        here = partner == place
        start = int(region.chance.whole("client numbers", 0, 9_000_000, np.array([place]))[0])
        text = pl.Series(scattered(number, 10**digits, start)).cast(pl.String).str.zfill(digits)
        parts.append(pl.DataFrame({"text": prefix + text, "here": here}))
    texts = pl.Series([""]).new_from_index(0, len(rows))
    for part in parts:
        texts = part["text"].zip_with(part["here"], texts)
    return texts.alias("klantnummer")


def export(region: Region, place: int, rows: pl.DataFrame) -> tuple[int, bytes]:
    """The file of one partner and month, from its arrears of that month: how many rows, and its bytes."""
    partner = PARTNERS[place]
    habit = HABITS[partner.partner_id]
    rows = rows.with_columns(klantnummer=client_numbers(region, rows)).sort("is_business", "klantnummer")
    who = (
        rows["holder"].to_numpy() * 2
        + rows["is_second"].to_numpy()
        + np.where(rows["is_business"].to_numpy(), 10**12, 0)
    )
    draws = Draws(region.chance, partner.partner_id, who)
    written = written_records(habit, draws, true_records(region, rows), region.places.addresses)
    frame = pl.concat(
        [rows.select("klantnummer"), written, _money(habit, partner.crisis_kind, rows)], how="horizontal"
    )
    twice = rows.select(is_twice=draws.happens("second contract", partner.second_contract_rate))["is_twice"]
    again = frame.filter(twice).with_columns(
        bedrag=_amount(habit, (rows.filter(twice)["cents"] * SECOND_CONTRACT_SHARE).cast(pl.Int64) + 500)
    )
    frame = pl.concat([frame, again])
    shuffled = region.chance.uniform(f"order of rows/{partner.partner_id}", np.arange(len(frame), dtype=np.int64))
    return len(frame), _file(habit, frame[np.argsort(shuffled, kind="stable")])


def _money(habit: Habit, crisis_kind: str, rows: pl.DataFrame) -> pl.DataFrame:
    is_crisis = pl.col("is_crisis")
    no = "nee" if habit.says_no else ""
    return rows.select(
        bedrag=_amount(habit, rows["cents"]),
        maanden_achterstand=pl.col("months").cast(pl.String),
        ontstaansdatum=pl.col("since_on").dt.to_string(habit.date),
        signaaldatum=pl.col("signalled_on").dt.to_string(habit.date),
        crisissignaal=_yes(is_crisis, no),
        crisissoort=pl.when(is_crisis).then(pl.lit(crisis_kind)).otherwise(pl.lit("")),
        crisisdatum=pl.when(is_crisis).then(pl.col("crisis_on").dt.to_string(habit.date)).otherwise(pl.lit("")),
        warme_overdracht=_yes(pl.col("has_warm_handover"), no),
        bezwaar=_yes(pl.col("has_objection"), no),
    )


def _yes(flag: pl.Expr, no: str) -> pl.Expr:
    return pl.when(flag).then(pl.lit("ja")).otherwise(pl.lit(no))


def _amount(habit: Habit, cents: pl.Series) -> pl.Series:
    """Cents in the partner's notation: sign, thousands, decimals."""
    point = "." if habit.amount.endswith(".50") else ","
    whole = (cents // 100).cast(pl.String)
    if "1.234" in habit.amount:
        whole = whole.str.replace(r"^(\d+)(\d{3})$", "${1}.${2}")
    sign = habit.amount[: habit.amount.index("1")]
    return (sign + whole + point + (cents % 100).cast(pl.String).str.zfill(2)).alias("bedrag")


def _file(habit: Habit, frame: pl.DataFrame) -> bytes:
    header = {"lower": str.lower, "upper": str.upper, "title": str.capitalize}[habit.header]
    stream = io.StringIO()
    texts = (
        frame.select(pl.col(habit.columns).replace("", None))
        if not habit.quotes_all
        else frame.select(habit.columns)
    )
    texts.rename(header).write_csv(
        stream,
        separator=habit.delimiter,
        line_terminator=habit.newline,
        quote_style="always" if habit.quotes_all else "necessary",
    )
    return encodable(stream.getvalue(), habit.encoding).encode(habit.encoding)


def truth(region: Region, rows: pl.DataFrame) -> pl.DataFrame:
    """Who stands behind every client number: partner_id, klantnummer, person_id, household_id."""
    frame = rows.select(*_KEY, "household").unique(["partner", "holder", "is_business", "is_second"])
    number, household = (
        pl.col("holder").cast(pl.String).str.zfill(8),
        pl.col("household").cast(pl.String).str.zfill(8),
    )
    return (
        frame.with_columns(klantnummer=client_numbers(region, frame))
        .select(
            partner_id=pl.col("partner").replace_strict(
                {place: row.partner_id for place, row in enumerate(PARTNERS)}
            ),
            klantnummer="klantnummer",
            person_id=pl.when("is_business").then("R" + number).otherwise("P" + number),
            household_id=pl.when("is_business").then("R" + number).otherwise("H" + household),
        )
        .sort("partner_id", "klantnummer")
    )
