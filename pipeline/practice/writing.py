"""A client's record as one partner has it: written in its way, with its slips.

Only the true particulars come in, and the partner's own draws; what another partner wrote plays no part.
"""

from __future__ import annotations

import re

import polars as pl

from pipeline.practice.draws import Draws
from pipeline.practice.habits import APART, GLUED, Habit
from pipeline.practice.name_writing import written_names

PLACEHOLDER_EMAILS = ("onbekend@example.nl", "geen@example.nl", "noreply@example.nl")
PLACEHOLDER_PHONES = ("0600000000", "0000000000", "0699999999")


def written_records(habit: Habit, draws: Draws, records: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """The name, birth, address and contact columns of an export, as text, one row per record."""
    return pl.concat(
        [
            written_names(habit, draws, records),
            _births(habit, draws, records),
            _addresses(habit, draws, records, addresses),
            _contacts(habit, draws, records),
        ],
        how="horizontal",
    )


def _births(habit: Habit, draws: Draws, records: pl.DataFrame) -> pl.DataFrame:
    year, month, day = pl.col("birth_year"), pl.col("birth_month"), pl.col("birth_day")
    is_swapped = draws.happens("birth swapped", habit.birth_swapped) & (records["birth_day"] <= 12)
    slip = draws.uniform("birth slip")
    is_slip = slip < habit.birth_slip
    year = pl.when(is_slip & (slip < habit.birth_slip / 2)).then(year - 1).otherwise(year)
    slipped_day = (
        pl.when(pl.col("birth_day") > 10).then(pl.col("birth_day") - 10).otherwise(pl.col("birth_day") + 10)
    )
    day = pl.when(is_slip & (slip >= habit.birth_slip / 2)).then(slipped_day).otherwise(day)
    month, day = pl.when(is_swapped).then(day).otherwise(month), pl.when(is_swapped).then(month).otherwise(day)
    is_1900 = draws.happens("1900", habit.birth_1900)
    is_january = is_1900 | draws.happens("first of January", habit.birth_first_january)
    frame = records.select(
        y=pl.when(is_1900).then(pl.lit(1900)).otherwise(year),
        m=pl.when(is_january).then(pl.lit(1)).otherwise(month),
        d=pl.when(is_january).then(pl.lit(1)).otherwise(day),
    )
    parts = {"%Y": _digits("y", 4), "%m": _digits("m", 2), "%d": _digits("d", 2)}
    pieces = [piece for piece in re.split(r"(%[Ymd])", habit.date) if piece]
    text = pl.concat_str([parts.get(piece, pl.lit(piece)) for piece in pieces])
    is_missing = draws.happens("birth missing", habit.birth_missing) | (records["birth_year"] == 0)
    return frame.select(geboortedatum=pl.when(is_missing).then(pl.lit("")).otherwise(text))


def _digits(name: str, width: int) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.zfill(width)


def _addresses(habit: Habit, draws: Draws, records: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    is_former = draws.happens("former address", habit.former_address) | records["is_second"]
    is_neighbour = draws.happens("neighbour's number", habit.neighbours_number)
    place = records.select(
        pl.when(is_neighbour)
        .then("neighbours_address")
        .when(is_former)
        .then("former_address")
        .otherwise("address")
    ).to_series()
    frame = addresses[place].select("postcode", "number", "letter", "addition")
    drops = draws.happens("addition missing", habit.addition_missing)
    frame = frame.with_columns(
        pl.when(drops).then(pl.lit("")).otherwise(name).alias(name) for name in ("letter", "addition")
    ).with_columns(pl.col("number").cast(pl.String))
    postcode = pl.col("postcode")
    spaced = postcode.str.slice(0, 4) + " " + postcode.str.slice(4)
    has_space = draws.happens("blank in postcode", habit.postcode_space)
    return frame.with_columns(postcode=pl.when(has_space).then(spaced).otherwise(postcode)).select(
        "postcode", *_number_columns(habit, draws)
    )


def _number_columns(habit: Habit, draws: Draws) -> list[pl.Expr]:
    number, letter, addition = pl.col("number"), pl.col("letter"), pl.col("addition")
    if habit.number == APART:
        return [
            number.alias("huisnummer"),
            letter.alias("huisletter"),
            addition.alias("huisnummertoevoeging"),
        ]
    if habit.number != GLUED:
        lower = letter.str.to_lowercase()
        return [
            number.alias("huisnummer"),
            pl.lit("").alias("huisletter"),
            pl.when(letter != "").then(lower).otherwise(addition).alias("huisnummertoevoeging"),
        ]
    rest = pl.when(letter != "").then(letter).otherwise(addition)
    is_digits = addition.str.contains(r"^\d")
    form = draws.pick("glued number", (40, 30, 30))
    glued = (
        pl.when(rest == "")
        .then(number)
        .when(is_digits | pl.lit(form == 1))
        .then(number + "-" + rest)
        .when(pl.lit(form == 2))
        .then(number + " " + pl.when(letter != "").then(letter.str.to_lowercase()).otherwise(addition))
        .otherwise(number + rest)
    )
    return [glued.alias("huisnummer"), pl.lit("").alias("huisletter"), pl.lit("").alias("huisnummertoevoeging")]


def _contacts(habit: Habit, draws: Draws, records: pl.DataFrame) -> pl.DataFrame:
    way = draws.pick("email", _ways(habit.email_missing, habit.email_placeholder, habit.email_other))
    email = (
        pl.when(way == 0)
        .then(pl.lit(""))
        .when(way == 1)
        .then(pl.lit(draws.one_of("which placeholder", PLACEHOLDER_EMAILS)))
        .when(way == 2)
        .then("email_other")
        .otherwise("email")
    )
    is_slip = draws.happens("email slip", habit.email_slip)
    email = pl.when(is_slip).then(email.str.replace(r"^(..).", "$1")).otherwise(email)
    way = draws.pick("phone", _ways(habit.phone_missing, habit.phone_placeholder, habit.phone_other))
    phone = (
        pl.when(way == 0)
        .then(pl.lit(""))
        .when(way == 1)
        .then(pl.lit(draws.one_of("which number", PLACEHOLDER_PHONES)))
        .when(way == 2)
        .then("phone_other")
        .otherwise("phone")
    )
    frame = records.select(email=email, telefoon=phone)
    return frame.with_columns(
        telefoon=pl.when(pl.col("telefoon") == "").then("telefoon").otherwise(_phone_form(habit))
    )


def _ways(missing: float, placeholder: float, other: float) -> tuple[float, ...]:
    return missing, placeholder, other, 1 - missing - placeholder - other


def _phone_form(habit: Habit) -> pl.Expr:
    phone = pl.col("telefoon")
    if habit.phone == "dashed":
        return phone.str.slice(0, 2) + "-" + phone.str.slice(2)
    if habit.phone == "spaced":
        return phone.str.slice(0, 4) + " " + phone.str.slice(4, 3) + " " + phone.str.slice(7)
    if habit.phone == "international":
        return pl.lit("+31 ") + phone.str.slice(1, 1) + " " + phone.str.slice(2)
    return phone
