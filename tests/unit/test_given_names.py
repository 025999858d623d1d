"""First names in full: which a partner wrote, and which two may be of one person."""

from __future__ import annotations

import polars as pl
import pytest

from pipeline.revealed.given_names import GivenNames, contradict, given_names


@pytest.mark.parametrize(
    ("initials", "surname", "letters", "expected"),
    [
        ("Johannes", "Jansen", "j", ("johannes",)),
        ("Hüseyin", "Bayrak", "h", ("huseyin",)),
        ("Mevr. Anna", "Berg", "a", ("anna",)),
        ("Xiu Ying", "Wu", "xy", ("xiu", "ying", "xiuying")),
        ("Marie-Louise", "Berg", "ml", ("marie", "louise", "marielouise")),
        ("M'hamed", "Hamdi", "m", ("mhamed",)),
        ("IRINA", "PETROVA", "i", ("irina",)),
        ("JAN", "JANSEN", "j", ("jan",)),
        ("", "Jansen, Jeroen", "j", ("jeroen",)),
        ("J.P.", "Jansen", "jp", ()),
        ("J. Maria", "Jansen", "jm", ()),
        ("Joh.", "Jansen", "j", ()),
        ("Sj", "Veen", "s", ()),
        ("AB", "Jansen", "ab", ()),
        ("JAM", "Jansen", "j", ()),
        ("jam", "Jansen", "j", ()),
        ("onbekend", "Jansen", None, ()),
        ("FNU", "Karimullah", None, ()),
        ("", "Berg, van der", None, ()),
        (None, None, None, ()),
    ],
)
def test_a_first_name_is_read_where_it_is_written_in_full(
    initials: str | None, surname: str | None, letters: str | None, expected: GivenNames
) -> None:
    """Letters, abbreviations and short words in capitals, which may be letters, are none."""
    people = pl.DataFrame({"initials": [initials], "surname": [surname]}, dict.fromkeys(NAMES, pl.String))
    assert [expected] == given_names(people, [letters])


NAMES = ("initials", "surname")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (("johannes",), ("jeroen",), True),
        (("johannes",), ("johanna",), True),
        (("mehmet",), ("meryem",), True),
        (("piet",), ("petronella",), True),
        (("jan",), ("joanna",), True),
        (("mohammed",), ("malika",), True),
        (("hasan",), ("huseyin",), True),
        (("ivan",), ("irina",), True),
        (("johannes", "maria", "johannesmaria"), ("jeroen", "maria", "jeroenmaria"), True),
        (("johannes",), ("jan",), False),
        (("wilhelmus",), ("wim",), False),
        (("mohammed",), ("mohamed",), False),
        (("alex",), ("alexandra",), False),
        (("johannes",), ("johanes",), False),
        (("mehmet", "ali", "mehmetali"), ("ali",), False),
        (("abd", "karim", "abdelkarim"), ("abdelkarim",), False),
        (("huseyin",), ("hueseyin",), False),
        (("johannes",), (), False),
        ((), (), False),
    ],
)
def test_two_first_names_contradict_each_other(one: GivenNames, other: GivenNames, expected: bool) -> None:
    """Unless one may be the other, written or said in another way."""
    assert [expected, expected] == [contradict(one, other), contradict(other, one)]
