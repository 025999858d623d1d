"""A client's name as one partner has it: which surname, particles, initials, diacritics, trade name, slips."""

from __future__ import annotations

import polars as pl

from pipeline.practice.draws import Draws
from pipeline.practice.habits import (
    ABBREVIATED,
    BEHIND_COMMA,
    DOTTED,
    DROPPED,
    FIRST_NAME,
    FIRST_ONLY,
    GLUED_ON,
    IN_FIELD,
    SPACED,
    Habit,
)
from pipeline.practice.people import OWN_NAME, OWN_THEN_PARTNER, PARTNER_THEN_OWN, PARTNERS_NAME
from pipeline.practice.texts import SPELLINGS, abbreviated, misspelt, mistyped, spaced_before, without_diacritics


def written_names(habit: Habit, draws: Draws, records: pl.DataFrame) -> pl.DataFrame:
    """The columns voorletters, voorvoegsels and achternaam, one row per record."""
    parts = _name_in_use(habit, draws, records)
    slip = draws.uniform("surname slip")
    core = pl.col("core")
    core = (
        pl.when(slip < habit.surname_slip * 0.55)
        .then(misspelt(core, pl.lit(draws.pick("spelling", [1] * len(SPELLINGS)))))
        .when(slip < habit.surname_slip)
        .then(mistyped(core, pl.lit(draws.pick("typing", [1, 1, 1, 1])), pl.lit(draws.uniform("where"))))
        .otherwise(core)
    )
    parts = parts.with_columns(core=core, style=draws.pick("particle style", habit.particles))
    frame = parts.select(
        voorletters=pl.Series(_initials(habit, draws, records)),
        voorvoegsels=_particle_field(),
        achternaam=_surname(),
    )
    frame = _as_trader(habit, draws, records, frame)
    has_no_marks = draws.happens("diacritics", habit.diacritics_dropped)
    frame = frame.with_columns(
        pl.when(has_no_marks).then(without_diacritics(pl.col(name))).otherwise(name).alias(name)
        for name in frame.columns
    )
    if habit.upper_case:
        frame = frame.with_columns(pl.all().str.to_uppercase())
    is_lower = draws.happens("lower case", habit.lower_case)
    frame = frame.with_columns(
        pl.when(is_lower).then(pl.col(name).str.to_lowercase()).otherwise(name).alias(name)
        for name in frame.columns
    )
    blank = pl.Series([" "]).new_from_index(0, len(frame))
    has_blank = draws.happens("blank behind", habit.blanks_behind)
    return frame.with_columns(
        achternaam=pl.when(has_blank).then(pl.col("achternaam") + blank).otherwise("achternaam")
    )


def _name_in_use(habit: Habit, draws: Draws, records: pl.DataFrame) -> pl.DataFrame:
    """First particle and the rest of the name: birth name, partner's name, or both in either order."""
    way = draws.pick("which name", habit.used_name)
    other = draws.pick("other name", (1, 1, 1, 1))
    used = (
        pl.when(way == 0).then(pl.lit(OWN_NAME)).when(way == 1).then(pl.col("used_name")).otherwise(pl.lit(other))
    )
    joint = draws.pick("between two names", (80, 8, 12)).replace_strict({0: "-", 1: " - ", 2: " "})
    own, partner = (
        spaced_before(pl.col("particle")) + pl.col("core"),
        spaced_before(pl.col("partner_particle")) + pl.col("partner_core"),
    )
    used = pl.when(pl.col("partner_core") == "").then(pl.lit(OWN_NAME)).otherwise(used)
    frame = records.with_columns(used=used, joint=joint, whole_own=own, whole_partner=partner)
    partner_first = pl.col("used").is_in([PARTNERS_NAME, PARTNER_THEN_OWN])
    behind = (
        pl.when(pl.col("used") == PARTNER_THEN_OWN)
        .then(pl.col("joint") + pl.col("whole_own"))
        .when(pl.col("used") == OWN_THEN_PARTNER)
        .then(pl.col("joint") + pl.col("whole_partner"))
        .otherwise(pl.lit(""))
    )
    return frame.select(
        particle=pl.when(partner_first).then("partner_particle").otherwise("particle"),
        core=pl.when(partner_first).then("partner_core").otherwise("core"),
        behind=behind,
    )


def _particle_field() -> pl.Expr:
    return pl.when(pl.col("style") == IN_FIELD).then("particle").otherwise(pl.lit(""))


def _surname() -> pl.Expr:
    style, particle = pl.col("style"), pl.col("particle")
    core = pl.col("core") + pl.col("behind")
    has_particle = particle != ""
    short = abbreviated(particle)
    glued = particle.str.replace_all(" ", "") + core.str.to_lowercase()
    capital = glued.str.slice(0, 1).str.to_uppercase() + glued.str.slice(1)
    in_front = particle + " " + core
    return (
        pl.when(~has_particle | style.is_in([IN_FIELD, DROPPED]))
        .then(core)
        .when(style == BEHIND_COMMA)
        .then(core + ", " + particle)
        .when(style == ABBREVIATED)
        .then(pl.when(short.str.ends_with(".")).then(short + core).otherwise(short + " " + core))
        .when(style == GLUED_ON)
        .then(capital)
        .otherwise(in_front)
    )


def _initials(habit: Habit, draws: Draws, records: pl.DataFrame) -> pl.Series:
    style = draws.pick("initials style", habit.initials)
    letters = pl.col("initials")
    first = letters.str.extract(r"^(\S+)").fill_null("")
    calling = pl.col("calling").str.slice(0, 1)
    is_calling = draws.happens("calling initial", habit.calling_initial)
    letters = pl.when(is_calling).then(calling).otherwise(letters)
    swapped = letters.str.replace(r"^(\S+) (\S+)", "$2 $1")
    letters = pl.when(draws.happens("initials swapped", habit.initials_swapped)).then(swapped).otherwise(letters)
    text = (
        pl.when(style == DOTTED)
        .then(letters.str.replace_all(" ", ".") + ".")
        .when(style == SPACED)
        .then(letters)
        .when(style == FIRST_ONLY)
        .then(pl.when(is_calling).then(calling).otherwise(first))
        .when(style == FIRST_NAME)
        .then(pl.col("calling"))
        .otherwise(letters.str.replace_all(" ", ""))
    )
    is_missing = (records["initials"] == "") | draws.happens("no initials", habit.initials_missing)
    return records.select(pl.when(is_missing).then(pl.lit("")).otherwise(text).alias("initials"))["initials"]


def _as_trader(habit: Habit, draws: Draws, records: pl.DataFrame, frame: pl.DataFrame) -> pl.DataFrame:
    """A sole trader may be known by the trade, a legal person always is."""
    by_trade = (records["trade"] != "") & draws.happens("trade name", habit.trade_name)
    form = draws.pick("form of trade name", (50, 30, 20))
    surname, trade = pl.col("achternaam"), pl.lit(records["trade"])
    written = (
        pl.when(form == 0)
        .then(trade + " " + surname)
        .when(form == 1)
        .then(surname + " h.o.d.n. " + trade + " " + surname)
        .otherwise(pl.lit("Eenmanszaak ") + surname)
    )
    business = records["business_name"]
    return frame.with_columns(
        achternaam=pl.when(business != "").then(pl.lit(business)).when(by_trade).then(written).otherwise(surname)
    )
