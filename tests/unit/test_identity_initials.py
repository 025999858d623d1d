"""Initials: letters in order, whichever column they stand in and however they are written."""

from __future__ import annotations

import pytest

from pipeline.vocabulary.identity.normalise import normalise_people
from tests.builders.people import key_lists, keys_of, people

INITIALS = [
    ("J.P.", "jp"),
    ("JP", "jp"),
    ("J P", "jp"),
    ("j.p", "jp"),
    ("Jan", "j"),
    ("JAN", "j"),
    ("jan", "j"),
    ("Jan Piet", "jp"),
    ("Jean-Pierre", "jp"),
    ("Th.", "t"),
    ("TH.M.", "tm"),
    ("Th", "t"),
    ("Chr.J.", "cj"),
    ("IJ.", "y"),
    ("IJsbrand", "y"),
    ("Ysbrand", "y"),
    ("Ö.", "o"),
    ("Łukasz", "l"),
    ("Å\x81ukasz", "l"),
    ("A.M. (Annie)", "am"),
    ("dhr. J.", "j"),
    ("M'hamed", "m"),
    ("JPM", "jpm"),
    ("MR", "mr"),
    ("EN", "en"),
    *[
        ("MEJ", "mej"),
        ("mej.", None),
        ("Mej. J.", "j"),
        ("De heer P", "p"),
        ("DE HEER G.A.", "ga"),
        ("de hr. Jan", "j"),
    ],
    ("mr.", None),
    ("dhr.", None),
    ("de heer", None),
    *[("L.P.A. en A.J.M.", "lpa"), ("L P A EN A J M", "lpa"), ("N. en M.", "n"), ("J.P. e/o M.", "jp")],
    *[("Jan en Marie", "j"), ("JP/MA", "jp"), ("J. & M.", "j"), ("J.P. e/v", "jp"), ("dhr. en mevr.", None)],
    ("onbekend", None),
    ("-", None),
    ("", None),
    (None, None),
]


def test_initials_are_letters_in_order() -> None:
    """Dots, spaces, several-letter initials and calling names come down to letters."""
    frame = people(*({"initials": written, "surname": "Jansen"} for written, _ in INITIALS))
    assert [expected for _, expected in INITIALS] == normalise_people(frame)["initials"].to_list()


def test_the_initial_is_the_first_of_the_initials() -> None:
    """Tokens use one letter, whatever else was written."""
    assert "j" == keys_of(initials="J.P.M.", surname="Jansen")["initial"]


INSIDE_SURNAME = [
    ("Jansen, P.J.", "pj"),
    ("P.J. Jansen", "pj"),
    ("Berg, van der, P.", "p"),
    ("Jansen, Pieter", "p"),
    ("Yilmaz, A. t.h.o.d.n. Taxi", "a"),
    ("J.P. Jansen h/o Taxi P. de Vries", "jp"),
    ("Kapsalon J.P. Jansen", "jp"),
    ("Jansen, P. p/a Stichting A.B. Huis", "p"),
    ("Berg, v.d.", None),
    ("v.d. Berg", None),
    ("V.D. BERG", None),
    ("'t Hart", None),
    ("Vries, de", None),
    *[("Dhr. J. de Vries", "j"), ("Mevr. A.B. Jansen", "ab"), ("DHR J DE VRIES", "j"), ("DE HR. J. VOS", "j")],
    *[("De heer G.M.J. de Jong", "gmj"), ("mevr J.HAZELAAR", "j"), ("Erven van P DIEPENDAAL", "p")],
    *[("J de Vries", "j"), ("J P DE VRIES", "jp"), ("J.-P. Jansen", "jp"), ("j. de vries", "j")],
    *[("Jansen J.P.", "jp"), ("VERMEULEN A.", "a"), ("HENDRIKS G A C", "gac"), ("jansen j.p.", "jp")],
    *[("Berg, van der J.P.", "jp"), ("El Amrani A.", "a"), ("J. Jansen jr.", "j"), ("Vries J. (overl.)", "j")],
    *[("Th. Jansen", "t"), ("N.v.d. Berg", "n"), ("B. v. Dijk", "b"), ("J. de Heer", "j")],
    *[("A.J. Martens e/o M.A. Haverveld", "aj"), ("Jansen A.B. e/o de Vries C.D.", "ab")],
    *[("N. en M. Smit", "n"), ("J.P. de Vries en M. Jansen", "jp"), ("J.P. Smit e.a.", "jp"), ("Smit e.a.", None)],
]
# What may be a particle, a part of the name or a note is never taken for a letter.
NOTHING_INSIDE = [
    *[
        "'T HART",
        "T HART",
        "HART T",
        "Hart, 't",
        "Hof, van 't",
        "in 't Veld",
        "S GRAVESANDE",
        "V. DIJK",
        "v. Dijk",
    ],
    *["Dijk, v.", "DIJK V", "d. Boer", "D HONDT", "d'Hondt", "Hondt, d'", "L AMI", "O BRIEN", "N'Ait Bahmane"],
    *["Tjon A Fat", "TJON A FAT", "SOUZA E SILVA", "van der A", "A", "Ó", "de Heer", "El Amrani", "Thi Le"],
    *["Jansen, geb. de Vries", "Jansen, e.v. de Vries", "JANSEN C.S.", "JANSEN E.V.", "Jansen, Taxi", "Fam. Vos"],
]


def test_initials_inside_the_surname_serve_when_there_are_no_others() -> None:
    """A particle is never taken for initials."""
    written = [surname for surname, _ in INSIDE_SURNAME]
    assert [expected for _, expected in INSIDE_SURNAME] == key_lists("surname", "initials", list(written))


def test_what_may_be_a_part_of_the_name_is_no_initial() -> None:
    """Particles that lost their marks, names of one letter, maiden names, notes and trades make no letter."""
    assert [] == [
        (surname, letters)
        for surname, letters in zip(
            NOTHING_INSIDE, key_lists("surname", "initials", list(NOTHING_INSIDE)), strict=True
        )
        if letters is not None
    ]


def test_a_title_among_the_initials_leaves_those_inside_the_surname() -> None:
    """`Dhr.` in the column of initials says nothing, so the letters beside the name serve."""
    assert "jp" == keys_of(initials="Dhr.", surname="J.P. Jansen")["initials"]


@pytest.mark.parametrize(
    ("written", "letters"), [("?ükrü", None), ("A. ?ükrü", "a"), ("A.?.", "a"), ("Ay?e", "a")]
)
def test_a_given_name_without_its_first_letter_tells_no_initial(written: str, letters: str | None) -> None:
    """What is cut may still agree, what is made up may not: ?ükrü is no U."""
    assert letters == keys_of(surname="Polat", initials=written)["initials"]
