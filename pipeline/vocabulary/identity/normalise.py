"""The normaliser: a frame of people as partners write them becomes a frame of keys (version normaliser/1).

One row in, one row out, in the same order. A key is null where a value is missing, a stand-in or unusable; a
null never equals anything.
"""

from __future__ import annotations

import polars as pl

from pipeline.vocabulary.identity.addresses import addition_key, number_key, postcode_key
from pipeline.vocabulary.identity.dates import birth_key, iso_date
from pipeline.vocabulary.identity.initials import initial_letters
from pipeline.vocabulary.identity.legal_persons import is_legal_person
from pipeline.vocabulary.identity.letters import one_line
from pipeline.vocabulary.identity.names import surname_keys
from pipeline.vocabulary.identity.reach import email_key, phone_key

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
KEY_COLUMNS = (
    "surname_key",
    "surname_key_alt",
    "initial",
    "initials",
    "birth_key",
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
    column = {name: pl.col(name) for name in WRITTEN_COLUMNS}
    surname_key, surname_key_alt = surname_keys(column["particles"], column["surname"])
    address = (column["house_number"], column["house_letter"], column["house_addition"])
    letters = initial_letters(column["initials"], column["surname"])
    keys = written.select(
        surname_key.alias("surname_key"),
        surname_key_alt.alias("surname_key_alt"),
        letters.str.head(1).alias("initial"),
        letters.alias("initials"),
        birth_key(iso_date(one_line(column["birth_on"]), is_birth=True)).alias("birth_key"),
        postcode_key(column["postcode"]).alias("postcode_key"),
        number_key(column["house_number"]).alias("number_key"),
        addition_key(*address).alias("addition_key"),
        email_key(column["email"]).alias("email_key"),
        phone_key(column["phone"]).alias("phone_key"),
    )
    legal = written.select(
        is_legal_person(column["initials"], column["particles"], column["surname"], keys["birth_key"].pipe(pl.lit))
    )
    return keys.with_columns(legal.to_series().alias("is_legal_person"))
