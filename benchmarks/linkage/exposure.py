"""What tokens give away, in numbers: `python -m benchmarks.linkage.exposure`.

Three readers are played: one who holds tokens and no key, one with one month's leaked token key, one with a table
of how often names and birth dates occur. The signals are the practice region's; the people in them do not exist.
"""

from __future__ import annotations

import argparse
import time

import polars as pl

from benchmarks.linkage.practice_data import practice_records
from benchmarks.linkage.records import normalised
from benchmarks.linkage.samenloop_methods import TOKEN_KEY, as_signals
from benchmarks.linkage.tables import as_table
from pipeline.vault.tokens import hmac_column
from pipeline.vocabulary.frames import TOKEN_KINDS
from pipeline.vocabulary.identity.recipe import fields_of

SHARED = (
    "token",
    "signals that have it",
    "values",
    "of one person",
    "of two",
    "of three to five",
    "of more",
    "most persons on one value",
)
GUESSED = ("token", "what must be guessed", "guesses for one municipality", "time on one core")
FREQUENCY = ("token", "signals whose value occurs once", "twice", "signals in a class of fewer than ten values")
ADDRESSES, INITIALS, SURNAMES, DAYS, YEARS, PHONES = 50_000, 26, 200_000, 29_000, 80, 60_000_000
_SPACE = {
    "initial_address": ("each address with each initial", ADDRESSES * INITIALS),
    "initial_year_address": ("each address, initial and birth year", ADDRESSES * INITIALS * YEARS),
    "initial_day_address": ("each address, initial and birthday", ADDRESSES * INITIALS * 366),
    "name_address": ("each address with each surname", ADDRESSES * SURNAMES),
    "birth_postcode": ("each postcode and birth date", ADDRESSES // 17 * DAYS),
    "name_initial_birth": ("each surname, initial and birth date", SURNAMES * INITIALS * DAYS),
    "name_phone": ("each mobile number with each surname", PHONES * SURNAMES),
    "birth_phone": ("each mobile number with each birth date", PHONES * DAYS),
}
_GUESSES = 200_000


def shared_values(signals: pl.DataFrame, person: pl.Series) -> list[tuple[str, ...]]:
    """Per token how many persons stand behind one value, both surname columns together."""
    rows = []
    for kind, columns in TOKEN_KINDS.items():
        told = _values(signals.with_columns(person), columns)
        sizes = told.group_by("value").agg(persons=pl.col("person").n_unique())["persons"]
        shares = [(sizes == 1).mean(), (sizes == 2).mean(), sizes.is_between(3, 5).mean(), (sizes > 5).mean()]
        has = signals.select(pl.any_horizontal(pl.col(columns).is_not_null()).mean()).item()
        percent = [f"{share or 0:.2%}" for share in shares]
        rows.append((kind, f"{has:.0%}", f"{len(sizes):,}", *percent, str(sizes.max())))
    return rows


def guess_rate(keys: pl.DataFrame) -> float:
    """Tokens per second and core with this program, for somebody who has the month's key."""
    fields = fields_of("initial_address", "t_initial_address")
    some = keys.drop_nulls(list(fields)).sample(_GUESSES, with_replacement=True, seed=1)
    begin = time.perf_counter()
    hmac_column(TOKEN_KEY, "initial_address", [some[field] for field in fields])
    return _GUESSES / (time.perf_counter() - begin)


def guesses(rate: float) -> list[tuple[str, ...]]:
    """How long trying everything takes with the month's key, per token."""
    return [(kind, what, f"{count:,}", _duration(count / rate)) for kind, (what, count) in _SPACE.items()]


def named(keys: pl.DataFrame, signals: pl.DataFrame) -> float:
    """Share of signals of which a reader with the key and a list of addresses finds initial and address."""
    fields = fields_of("initial_address", "t_initial_address")
    every = keys.select("postcode_key", "number_key").drop_nulls().unique()
    letters = pl.DataFrame({"initial": list("abcdefghijklmnopqrstuvwxyz")})
    tried = every.join(letters, how="cross")
    table = pl.DataFrame({"token": hmac_column(TOKEN_KEY, "initial_address", [tried[name] for name in fields])})
    return signals.select(pl.col("t_initial_address").alias("token")).join(
        table, on="token", how="semi"
    ).height / len(signals)


def frequencies(signals: pl.DataFrame) -> list[tuple[str, ...]]:
    """Per token what is left to a reader with a frequency table and no key: how often values occur."""
    rows = []
    for kind, columns in TOKEN_KINDS.items():
        counts = _values(signals, columns).group_by("value").agg(count=pl.len())
        classes = counts.with_columns(alike=pl.len().over("count"))
        total = counts["count"].sum()
        once, twice = (counts.filter(pl.col("count") == n)["count"].sum() / total for n in (1, 2))
        rare = classes.filter(pl.col("alike") < 10)["count"].sum() / total
        rows.append((kind, f"{once:.2%}", f"{twice:.2%}", f"{rare:.3%}"))
    return rows


def _values(signals: pl.DataFrame, columns: tuple[str, ...]) -> pl.DataFrame:
    rest = [name for name in ("person",) if name in signals.columns]
    return pl.concat([signals.select(*rest, pl.col(column).alias("value")) for column in columns]).drop_nulls(
        "value"
    )


def _duration(seconds: float) -> str:
    for name, size in (("years", 31_557_600), ("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size:
            return f"{seconds / size:,.1f} {name}"
    return f"{seconds:.1f} seconds"


def main(arguments: list[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--signals", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=101)
    options = parser.parse_args(arguments)
    records, keys = normalised(practice_records(options.signals, options.seed))
    signals = as_signals(records, keys)
    rate = guess_rate(keys)
    print(f"{len(signals):,} signals of one month with two months of arrears or more, seed {options.seed}\n")
    print(as_table(SHARED, shared_values(signals, records["person"])), "\n")
    print(as_table(GUESSED, guesses(rate)), "\n")
    print(f"{rate:,.0f} guesses a second on one core; initial and address found for {named(keys, signals):.1%}\n")
    print(as_table(FREQUENCY, frequencies(signals)))


if __name__ == "__main__":
    main()
