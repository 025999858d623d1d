"""A resident under administration is known by the resident's name, wherever the administrator stands."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.vocabulary.identity.administration import resident_names
from pipeline.vocabulary.identity.normalise import normalise_people
from tests.builders.people import people

OF_DE_VRIES = [
    "Stichting Zeker inz. J. de Vries",
    "STICHTING ZEKER INZ J. DE VRIES",
    "Stichting Zeker (inz. J. de Vries)",
    "Stichting Zeker inzake J. de Vries (dossier 1234)",
    "Bewindvoering Zeker B.V. i.z. J. de Vries",
    "BEWINDVOERING ZEKER BV I.Z. J. DE VRIES",
    "Zeker B.V. t.n.v. J. de Vries",
    "Zeker B.V. bewindvoerder van J. de Vries",
    "mr. P. Pietersen q.q. J. de Vries",
    "Stichting Zeker (bewind: J. de Vries)",
    "J. de Vries (bewind: Zeker BV)",
    "J. de Vries (Bewindvoering Zeker B.V.)",
    "J. de Vries, bewindvoerder Zeker B.V.",
    "J. de Vries / bewindvoering Zeker B.V.",
    "J. de Vries onder bewind van Zeker B.V.",
    "J. de Vries (onder curatele)",
    "J. de Vries bewind: Stichting Zeker",
    "J. de Vries inz. Bewindvoering Zeker B.V.",
]


@pytest.mark.parametrize("surname", OF_DE_VRIES)
def test_the_residents_name_is_what_counts(surname: str) -> None:
    """A person, with the surname and the initial of the resident alone."""
    keys = normalise_people(people({"surname": surname})).row(0, named=True)
    assert (False, "vries", None, "j") == tuple(
        keys[name] for name in ("is_legal_person", "surname_key", "surname_key_alt", "initial")
    )


FIRMS = [
    "Bewindvoering Zeker B.V.",
    "Zeker Bewindvoering B.V.",
    "Zeker, bewindvoering B.V.",
    "De Vries Bewindvoering en Budgetbeheer B.V.",
    "Zeker - bewindvoering en beheer BV",
    "Stichting Beschermingsbewind Nederland",
    "Stichting Zeker (bewindvoering)",
    "mr. P. Pietersen q.q. Jansen B.V.",
    "Woonstichting Zuid inzake Dorpsstraat 12",
    "Vastgoedbeheer Jansen B.V.",
]


@pytest.mark.parametrize("surname", FIRMS)
def test_an_administrator_by_itself_stays_a_firm(surname: str) -> None:
    """A firm that administers, and one whose matter is another firm or a building, is no resident."""
    assert [True] == normalise_people(people({"surname": surname}))["is_legal_person"].to_list()


def test_initials_and_names_that_look_like_a_sign_are_left_as_they_are() -> None:
    """I.Z. and T.N.V. may be initials; a sign with nothing behind it says nothing."""
    written = pl.Series(
        ["Vries I.Z. de", "Jansen, I.Z.", "Berg T.N.V. van den", "Inzinger", "Curatolo", "Zeker inz.", None]
    )
    assert written.to_list() == resident_names(written).to_list()
