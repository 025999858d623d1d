"""Committed answers of normaliser/5 and tokens/4: whoever changes one changes the version too."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import polars as pl

from pipeline.identified.derive_tokens import derive_tokens
from pipeline.vault.tokens import signal_ids
from pipeline.vocabulary.frames import TOKEN_KINDS
from pipeline.vocabulary.identity import NORMALISER
from pipeline.vocabulary.identity.normalise import KEY_COLUMNS, normalise_people
from pipeline.vocabulary.identity.recipe import FIELDS_OF_KIND, fields_of
from pipeline.vocabulary.manifest import RECIPE
from tests.builders.people import people

VECTORS = Path(__file__).parents[1] / "vectors"


def read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(VECTORS.joinpath(name).read_text("utf-8"))
    return document


PEOPLE = read("normaliser-5.json")
TOKENS = read("tokens-4.json")


def keys() -> pl.DataFrame:
    return normalise_people(people(*(person["written"] for person in PEOPLE["people"])))


def test_the_normaliser_gives_the_committed_keys() -> None:
    """normaliser/5 never changes under its name."""
    assert NORMALISER == PEOPLE["normaliser"]
    assert [person["keys"] for person in PEOPLE["people"]] == keys().to_dicts()


def test_the_recipe_gives_the_committed_tokens() -> None:
    """tokens/4 never changes under its name: kinds, order of fields, prefixes, length."""
    assert RECIPE == TOKENS["recipe"]
    made = derive_tokens(keys(), base64.b64decode(TOKENS["token_key_b64"])).to_dicts()
    hexadecimal = [{name: value and value.hex() for name, value in row.items()} for row in made]
    assert TOKENS["tokens_of_the_people_in_normaliser_5"] == hexadecimal


def test_signal_ids_are_the_committed_ones() -> None:
    """The same client has the same id in every delivery of a month, with every version of the program."""
    expected = TOKENS["signal_ids"]
    secret = base64.b64decode(TOKENS["partner_secret_b64"])
    made = signal_ids(secret, TOKENS["gemeentecode"], TOKENS["month"], pl.Series(list(expected)))
    assert list(expected.values()) == made.to_list()


def test_every_token_column_has_a_recipe_of_normalised_fields() -> None:
    """The columns of a delivery and the recipe name the same kinds; `_alt` differs in the surname alone."""
    assert set(FIELDS_OF_KIND) == set(TOKEN_KINDS)
    for kind, columns in TOKEN_KINDS.items():
        first, *second = (fields_of(kind, column) for column in columns)
        assert set(first) <= set(KEY_COLUMNS)
        assert ["surname_sound" in first] * len(second) == [fields[0] == "surname_sound_alt" for fields in second]
        assert all(fields[1:] == first[1:] for fields in second)
