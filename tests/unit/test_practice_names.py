"""The name book: names as they are in the Netherlands, and as rare as they are."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.practice import surnames_dutch
from pipeline.practice.chance import Chance
from pipeline.practice.names import DUTCH, ORIGIN_SHARES, ORIGINS, _listed, name_book, split_particle


@pytest.mark.parametrize(
    ("name", "particle", "core"),
    [
        ("van den Berg", "van den", "Berg"),
        ("'t Hart", "'t", "Hart"),
        ("in 't Veld", "in 't", "Veld"),
        ("d'Hondt", "", "d'Hondt"),
        ("El Idrissi", "", "El Idrissi"),
        ("da Costa Gomez", "da", "Costa Gomez"),
        ("Groot", "", "Groot"),
    ],
)
def test_particle_is_cut_off_before_the_first_capital(name: str, particle: str, core: str) -> None:
    """Particles are the lower-case words in front."""
    assert (particle, core) == split_particle(name)


def test_at_least_250_common_dutch_surnames_stand_in_the_list() -> None:
    """The head of the distribution is not made up of compounds."""
    assert len(_listed(surnames_dutch.COMMON)) >= 250


@pytest.mark.parametrize("origin", range(len(ORIGINS)))
def test_every_origin_has_names_for_women_and_men(origin: int) -> None:
    """No origin falls back on the names of another."""
    book = name_book()
    common, rare, end = book.surname_spans[origin]
    assert common < rare < end
    assert all(end - begin >= 20 for begin, end in (book.first_spans[sex][origin] for sex in (0, 1)))


def test_particles_and_diacritics_occur() -> None:
    """Every kind of name that matching stumbles on is in the book."""
    surnames = name_book().surnames
    particles = set(surnames["particle"].unique().to_list())
    assert {"van der", "de", "van den", "'t", "ter", "ten", "in 't", "van 't", "op den"} <= particles
    letters = set("".join(surnames["core"].to_list()))
    assert set("şğıİłńóéëöü'- ") - letters <= {"İ", "-"}


def test_polish_women_bear_the_form_for_women() -> None:
    """Kowalski's sister is Kowalska."""
    surnames = name_book().surnames
    pair = surnames.filter(surnames["core"] == "Kowalski").select("core", "core_woman").row(0)
    assert ("Kowalski", "Kowalska") == pair


def test_surnames_are_many_and_skewed() -> None:
    """A million people bear tens of thousands of surnames; the most common one stays below one per cent."""
    ids = np.arange(1_000_000, dtype=np.int64)
    chance = Chance(1)
    origins = chance.pick("origin", ORIGIN_SHARES, ids)
    counts = np.bincount(name_book().draw_surnames(chance, "surname", origins, ids))
    assert (counts > 0).sum() > 40_000
    assert 0.002 < counts.max() / len(ids) < 0.01


def test_two_dutch_people_share_a_surname_about_once_in_some_thousands() -> None:
    """The chance that two people bear one name lies where that of real populations lies."""
    ids = np.arange(200_000, dtype=np.int64)
    drawn = name_book().draw_surnames(Chance(1), "surname", np.full(len(ids), DUTCH), ids)
    shares = np.bincount(drawn) / len(ids)
    assert 0.0001 < (shares**2).sum() < 0.002
