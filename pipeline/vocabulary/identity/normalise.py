"""The normaliser: a frame of people as partners write them becomes a frame of keys (version normaliser/5).

One row in, one row out, in the same order. A key is null where a value is missing, a stand-in or unusable; a
null never equals anything.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.addresses import house_numbers, postcode_keys
from pipeline.vocabulary.identity.administration import resident_names
from pipeline.vocabulary.identity.dates import birth_day_keys, birth_keys, birth_year_keys, iso_dates
from pipeline.vocabulary.identity.initials import initial_letters
from pipeline.vocabulary.identity.legal_persons import legal_persons
from pipeline.vocabulary.identity.letters import mended, once, tidy
from pipeline.vocabulary.identity.names import surname_keys
from pipeline.vocabulary.identity.reach import email_keys, phone_keys
from pipeline.vocabulary.identity.sounds import surname_sounds

WRITTEN_COLUMNS = (
    "initials",
    "particles",
    "surname",
    "birth_on",
    "postcode",
    "house_number",
    "house_letter",
    "house_addition",
    "email",
    "phone",
)
NAME_COLUMNS = ("initials", "particles", "surname")
KEY_COLUMNS = (
    "surname_key",
    "surname_key_alt",
    "surname_sound",
    "surname_sound_alt",
    "initial",
    "initials",
    "birth_key",
    "birth_year_key",
    "birth_day_key",
    "postcode_key",
    "number_key",
    "addition_key",
    "email_key",
    "phone_key",
)


def normalise_people(people: pl.DataFrame) -> pl.DataFrame:
    """Keys of people.

    Args:
        people: WRITTEN_COLUMNS as String; other columns are left aside. The columns of a sealed contact have
            these names too.

    Returns:
        KEY_COLUMNS as String and `is_legal_person` as Boolean.
    """
    written = people.select(pl.col(name).cast(pl.String) for name in WRITTEN_COLUMNS)
    written = tidy(written.with_columns(mended(written.select(NAME_COLUMNS))))
    written = written.with_columns(resident_names(written["surname"]).alias("surname"))
    letters = initial_letters(written)
    dates = iso_dates(written["birth_on"], is_birth=True)
    births = birth_keys(dates)
    days = birth_day_keys(births)
    keys = once(written.select("particles", "surname"), _surnames).with_columns(
        days.alias("birth_day_key"),
        birth_year_keys(dates).alias("birth_year_key"),
        letters.str.head(1).alias("initial"),
        letters.alias("initials"),
        births.alias("birth_key"),
        postcode_keys(written["postcode"]).alias("postcode_key"),
        email_keys(written["email"]).alias("email_key"),
        phone_keys(written["phone"]).alias("phone_key"),
        legal_persons(written, days).alias("is_legal_person"),
    )
    numbers = once(written.select("house_number", "house_letter", "house_addition"), house_numbers)
    keys = keys.hstack(numbers.drop("written_addition"))
    return keys.select(*KEY_COLUMNS, "is_legal_person")


def _surnames(names: pl.DataFrame) -> pl.DataFrame:
    keys = surname_keys(names)
    return keys.hstack(surname_sounds(keys))
