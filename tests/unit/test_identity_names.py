"""Names: every spelling of one name meets in a key, and names that differ stay apart."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.vocabulary.identity.letters import folded, tidy
from pipeline.vocabulary.identity.names import surname_keys
from pipeline.vocabulary.identity.normalise import normalise_people
from pipeline.vocabulary.identity.sounds import sound_of
from tests.builders.people import key_lists, people

# Each row: ways of writing one name, as (voorvoegsels, achternaam).
ONE_NAME = {
    "van der": [
        *[
            ("van der", "Berg"),
            ("v.d.", "Berg"),
            ("v/d", "Berg"),
            ("vd", "Berg"),
            ("VAN DER", "BERG"),
            ("V.D.", "BERG"),
        ],
        *[(None, "van der Berg"), (None, "v.d. Berg"), (None, "v/d Berg"), (None, "vd Berg"), (None, "v d Berg")],
        *[
            (None, "Berg, van der"),
            (None, "Berg, v.d."),
            (None, "Berg van der"),
            (None, "Berg v/d"),
            (None, "BERG"),
        ],
        *[
            (None, "vanderBerg"),
            (None, "VanDerBerg"),
            (None, "Vanderberg"),
            (None, "VANDERBERG"),
            (None, "vdBerg"),
        ],
        *[
            (None, "v.d.Berg"),
            (None, "v. d. Berg"),
            (None, "v. der Berg"),
            ("van  der ", " Berg "),
            ("v.der", "Berg"),
        ],
        *[("van der", "van der Berg"), ("van", "der Berg"), (None, "van\u00a0der Berg"), (None, "Van-der-Berg")],
    ],
    "van den": [
        ("van den", "Bosch"),
        (None, "vandenBosch"),
        (None, "Vandenbosch"),
        (None, "v/d Bosch"),
        (None, "v.d.Bosch"),
    ],
    "de": [
        ("de", "Vries"),
        (None, "De Vries"),
        (None, "Vries, de"),
        (None, "DeVries"),
        (None, "deVries"),
        (None, "Vries"),
    ],
    "'t": [
        (None, "'t Hart"),
        (None, "’t Hart"),
        (None, "`t Hart"),
        (None, "t Hart"),
        ("'t", "Hart"),
        (None, "t'Hart"),
    ],
    "van 't": [
        ("van 't", "Hof"),
        (None, "van ’t Hof"),
        (None, "van't Hof"),
        (None, "vant Hof"),
        (None, "Hof, van 't"),
    ],
    "in 't": [("in 't", "Veld"), (None, "In't Veld"), (None, "in 't Veld"), ("in ’t", "VELD")],
    "'s-": [(None, "'s-Gravesande"), (None, "s Gravesande"), ("'s", "Gravesande")],
    "van IJ": [("van", "IJzeren"), (None, "van IJzeren"), (None, "vanIJzeren"), (None, "van Yzeren")],
    "ss": [(None, "Janssen"), (None, "Jansen"), (None, "JANSSEN"), (None, "jANSEN"), (None, "Janßen")],
    "ij": [(None, "Dijkstra"), (None, "Dykstra"), (None, "Dĳkstra"), (None, "DIJKSTRA")],
    "Turkish": [(None, "Yıldız"), (None, "Yildiz"), (None, "YILDIZ"), (None, "YİLDİZ")],
    "Turkish g": [(None, "Doğan"), (None, "Dogan"), (None, "DOĞAN")],
    "Polish": [(None, "Wałęsa"), (None, "Walesa"), (None, "WAŁĘSA")],
    "misread": [
        *[(None, "Kozłowski"), (None, "KozÅ‚owski"), (None, "KOZÅ\x81OWSKI"), ("Â´t", "Kozłowski")],
    ],
    "misread mark": [(None, "O’Brien"), (None, "Oâ€™Brien"), (None, "Oâ\x80\x99Brien")],
    "misread capital": [(None, "Öztürk"), (None, "Ã–ztÃ¼rk"), (None, "Ã\x96ZTÃ¼RK")],
    "misread, with an invisible half": [(None, "García"), (None, "GarcÃ\u00ada")],
    "Nordic": [(None, "Sørensen"), (None, "Sorensen")],
    "composed and decomposed": [(None, "Müller"), (None, "Mu\u0308ller"), (None, "Muller")],
    "titles": [
        (None, "Jansen"),
        (None, "Dhr. Jansen"),
        (None, "de hr. Jansen"),
        (None, "Mevrouw Jansen"),
        (None, "Jansen jr."),
        (None, "Fam. Jansen"),
    ],
    "sole trader": [
        *[(None, "Jansen"), (None, "Bakkerij Jansen"), (None, "Jansen h.o.d.n. De Gouden Aar")],
        *[(None, "Jansen h/o Taxi"), (None, "Jansen, A. t.h.o.d.n. Taxi"), (None, "Kapsalon A.B. Jansen")],
        *[
            (None, "Eethuis Jansen"),
            (None, "Jansen Fietsen"),
            (None, "Jansen Klussen"),
            (None, "Boekwinkel Jansen"),
        ],
    ],
    "whose address": [(None, "Jansen"), (None, "Jansen p/a Stichting De Hoop"), (None, "Jansen (c/o de Vries)")],
    "who looks after it": [(None, "Jansen"), (None, "Jansen (overl.)"), (None, "Jansen BEWINDVOERDER")],
    "Mc": [(None, "McDonald"), (None, "Mc Donald"), (None, "MCDONALD")],
    "invisible": [(None, "Jan\u200bsen"), (None, "\ufeffJansen"), (None, "Jansen\t")],
}


def test_every_spelling_of_a_name_has_one_key() -> None:
    """Particles, diacritics, case, apostrophes and glue make no difference to the first key."""
    rows = [(case, particles, surname) for case, spellings in ONE_NAME.items() for particles, surname in spellings]
    keys = normalise_people(people(*({"particles": row[1], "surname": row[2]} for row in rows)))["surname_key"]
    found: dict[str, set[str]] = {}
    for (case, *_), key in zip(rows, keys, strict=True):
        found.setdefault(case, set()).add(key)
    assert {} == {case: keys for case, keys in found.items() if len(keys) != 1}


# Each row: two ways of writing that meet in one of the two keys of each.
MEETING = [
    ("Jansen-de Vries", "Jansen"),
    ("Jansen-de Vries", "de Vries"),
    ("Jansen-de Vries", "de Vries-Jansen"),
    ("Jansen-de Vries", "Jansen de Vries"),
    ("Jansen - de Vries", "Vries"),
    ("Berg-Jansen, van der", "van der Berg"),
    ("Jansen e/v de Vries", "Jansen"),
    ("Jansen geb. de Vries", "de Vries"),
    ("García López", "Lopez"),
    ("DEVRIES", "de Vries"),
    ("Devries", "Vries"),
    ("El Amrani", "Elamrani"),
    ("El Amrani", "Amrani"),
    ("El-Amrani", "ELAMRANI"),
    ("Ben Ali", "Benali"),
    ("Aït Baha", "AITBAHA"),
    ("O'Brien", "OBrien"),
    ("O’Brien", "O Brien"),
    ("d'Hondt", "DHONDT"),
    ("d’Hondt", "Hondt"),
    ("Vandeursen", "van Deursen"),
    ("Dos Santos", "Dossantos"),
    ("Op den Akker", "Opdenakker"),
    ("Pieter Jansen", "Jansen"),
    ("Bloemen-Jansen", "Bloemen"),
    ("Schilder-Tol", "Schilder"),
    ("Wolfswinkel-Jansen", "van Wolfswinkel"),
    ("Erven van P DIEPEWINKEL", "Diepewinkel"),
]


def test_two_ways_of_writing_a_double_or_glued_name_meet() -> None:
    """The keys of both have one in common: first or second part, with or without article."""
    keys = normalise_people(people(*({"surname": name} for pair in MEETING for name in pair)))
    rows = [set(row) - {None} for row in keys.select("surname_key", "surname_key_alt").rows()]
    assert [] == [pair for pair, one, other in zip(MEETING, rows[::2], rows[1::2], strict=True) if not one & other]


LOST_LETTERS = [
    ("Gü?nes", "Günes"),
    ("TA?TÜRK", "TATÜRK"),
    ("Koz\ufffdowski", "Kozowski"),
    ("Kwint?Smal", "Kwint-Smal"),
    ("?ahin", "Ahin"),
    ("\ufffdAHIN", "AHIN"),
    ("H. ?ahin", "H. Ahin"),
    ("Polat, ?ükrü", "Polat"),
]


def test_a_lost_letter_does_not_make_two_names_of_one() -> None:
    """`?` and the replacement sign fall away, in and before a word; `?` before a capital may be a hyphen."""
    lost = people(*({"surname": name} for name, _ in LOST_LETTERS))
    plain = people(*({"surname": name} for _, name in LOST_LETTERS))
    assert normalise_people(plain).equals(normalise_people(lost))


APART = [
    "Bos",
    "Boos",
    "Bosch",
    "de Haan",
    "de Han",
    "Visser",
    "Vissers",
    "Yılmaz",
    "Yıldız",
    "de Boer",
    "Boerma",
    "Le",
    "de Heer",
]


def test_different_names_stay_apart() -> None:
    """Folding does not throw names together that people keep apart."""
    assert len(APART) == len(set(key_lists("surname", "surname_key", list(APART))))


NO_NAMES = [None, "", " ", "-", "?", "onbekend", "Onbekend", "n.v.t.", "N.N.", "XXX", "bewoner", "De bewoners"]


def test_a_stand_in_is_no_name() -> None:
    """A placeholder makes no key, so it matches nobody."""
    keys = normalise_people(people(*({"surname": name} for name in NO_NAMES)))
    assert {(None, None)} == set(keys.select("surname_key", "surname_key_alt").rows())


def test_a_name_that_is_a_particle_or_title_keeps_a_key() -> None:
    """What would leave nothing is not taken away."""
    names: list[str | None] = ["Le", "van", "Heer", "de Heer", "Do", "Kapsalon", "El", "Ing", "Ó"]
    assert None not in key_lists("surname", "surname_key", names)


SOUNDS = [
    "Schmidt",
    "Bruch",
    "Jacht",
    "Tsjechov",
    "Kockx",
    "Philips",
    "Thijssen",
    "Quist",
    "Koç",
    "Aa",
    "Ng",
    "Baïz",
]


def test_a_name_has_one_sound_by_itself_and_in_a_column() -> None:
    """The opener hears what the tokens hear; ch is g, also where c by itself is k."""
    keys = normalise_people(
        people(*({"surname": name} for name in [*SOUNDS, *(row[1] for row in ONE_NAME["de"])]))
    )
    assert [sound_of(key) for key in keys["surname_key"]] == keys["surname_sound"].to_list()
    assert ["brg", "jgt"] == keys["surname_sound"].to_list()[1:3]


LETTERS = st.text(st.characters(categories=["Lu", "Ll", "Lo", "Mn", "Zs", "Pd", "Po"]), max_size=30)


@given(st.lists(LETTERS, min_size=1, max_size=20))
def test_folding_twice_is_folding_once(texts: list[str]) -> None:
    """Folding letters and tidying text are idempotent."""
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    once = tidy(frame.select(folded(pl.col("text"))))
    assert once.equals(tidy(once.select(folded(pl.col("text")))))


SYLLABLES = st.sampled_from(
    ["ba", "ker", "smi", "jon", "ke", "pol", "ma", "wij", "zee", "huys", "boom", "gra", "ö", "ş"]
)
NAMES = st.lists(SYLLABLES, min_size=3, max_size=5).map(lambda parts: "".join(parts).title())
PARTICLES = st.sampled_from(["van der", "van den", "van", "de", "van de", "ter", "'t", "van 't"])


@settings(max_examples=30)
@given(NAMES, PARTICLES)
def test_particles_may_stand_anywhere(name: str, particle: str) -> None:
    """Apart, before, behind a comma, in capitals or left out: one key."""
    spellings = [(particle, name), (None, f"{particle} {name}"), (None, f"{name}, {particle}"), (None, name)]
    spellings += [(particle.upper(), name.upper()), (particle.title(), name.lower())]
    frame = people(*({"particles": before, "surname": surname} for before, surname in spellings))
    assert 1 == surname_keys(frame)["surname_key"].n_unique()


@settings(max_examples=30)
@given(NAMES, NAMES)
def test_double_names_meet_both_ways(one: str, other: str) -> None:
    """A double name shares a key with each of its parts and with its reverse."""
    frame = people(*({"surname": name} for name in (f"{one}-{other}", f"{other}-{one}", one, other)))
    keys = surname_keys(frame).rows()
    assert all(set(keys[0]) & set(row) - {None} for row in keys[1:])
