"""Who must not be shown: how the municipality's list is read, and whom its rows mean."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest

from pipeline.commands.at_the_opener.exclusion_lists import add_exclusion, read_exclusions
from pipeline.commands.at_the_opener.register_check import REGISTER_SILENT
from pipeline.revealed.compare_fields import Identity
from pipeline.revealed.describe_doubt import reason_text
from pipeline.revealed.disclose_case import identities_of
from pipeline.vocabulary.case import JOIN_REASONS, JOINS_NEXT
from pipeline.vocabulary.exclusion import DECEASED, KNOWN, MOVED, OBJECTION, REASONS, UNSAFE
from pipeline.vocabulary.faults import Refused
from tests.builders.openings import FATHER

TODAY = date(2026, 11, 3)
HEADER = "achternaam;voorvoegsels;voorletters;geboortedatum;postcode;huisnummer;huisletter;reden;tot\n"


def person(**changes: str | None) -> Identity:
    return identities_of([{**FATHER, **changes}])[0]


def reason(tmp_path: Path, row: str, who: Identity | None = None) -> str | None:
    (tmp_path / "lijst.csv").write_text(HEADER + row + "\n", encoding="utf-8")
    return read_exclusions(tmp_path, TODAY).reason_for([who or person()])


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Berg;van der;J.P.;31-05-1950;;;;overleden;", DECEASED),
        ("van der Berg;;J;1950-05-31;;;;bezwaar;", OBJECTION),
        ("Berg;van der;J;;9901 AB;12;A;bekend_bij_schuldhulp;", KNOWN),
        ("Berg;van der;;;9901AB;12;A;verhuisd;", MOVED),
        (";;;;9901AB;12;A;onveilig;", UNSAFE),
        (";;;;9901AB;14;;onveilig;", None),
        ("Bakker;;;;9901AB;12;A;verhuisd;", None),
        ("Berg;van der;K.;31-05-1950;;;;overleden;", None),
        ("Berg;van der;J.P.;01-02-1980;9901AB;12;A;bezwaar;", None),
        ("Jansen;;J.P.;31-05-1950;;;;bezwaar;", None),
        ("Berg;van der;J.P.;31-05-1950;;;;overleden;02-11-2026", None),
        ("Berg;van der;J.P.;1950-05-00;9901AB;12;A;overleden;", DECEASED),
        ("Berg;van der;J.P.;1950-00-00;9901AB;12;A;bezwaar;", OBJECTION),
        ("Bruin;de;J.P.;31-05-1950;9902CD;3;;bezwaar;", None),
        ("Bergh;van der;J.P.;31-05-1950;9902CD;3;;bezwaar;", OBJECTION),
        ("Berg;van der;J.P.;31-05-1950;;;;overleden;03-11-2026", DECEASED),
    ],
)
def test_row_means_somebody_by_name_and_birth_date_or_by_door(
    tmp_path: Path, row: str, expected: str | None
) -> None:
    """A row holds through its last day, for the person it names or for everybody behind its door; no other."""
    assert expected == reason(tmp_path, row)


def test_a_first_name_takes_nobody_off_the_list(tmp_path: Path) -> None:
    """The municipality writes the official name, a partner the calling name, and nobody can know which that is."""
    row = "Berg;van der;Johannes;;9901 AB;12;A;onveilig;"
    assert [UNSAFE, UNSAFE] == [reason(tmp_path, row, person(initials=name)) for name in ("Johannes", "Jeroen")]


def test_of_several_reasons_the_gravest_counts(tmp_path: Path) -> None:
    """Who objected and is known to debt help is excluded because of the objection, in whatever file it stands."""
    (tmp_path / "a.csv").write_text(HEADER + ";;;;9901AB;12;A;bekend_bij_schuldhulp;\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text(HEADER + "Berg;van der;J.;31-05-1950;;;;bezwaar;\n", encoding="cp1252")
    assert OBJECTION == read_exclusions(tmp_path, TODAY).reason_for([person()])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("Berg;van der;J.;31-05-1950;;;;weg;", "reden"),
        ("Berg;van der;J.;31-31-1950;;;;overleden;", "geboortedatum"),
        ("Berg;van der;J.;;99;12;;overleden;", "postcode"),
        ("Berg;van der;J.;;;;;overleden;", "achternaam"),
        (";;;31-05-1950;;;;overleden;", "achternaam"),
        ("Berg;van der;J.;01-01-1950;;;;overleden;", "achternaam"),
        ("Berg;van der;J.;31-05-1950;;;;overleden;morgen", "tot"),
        ("Berg;van der;J.;31-05-1950;9901AB;twaalf;;overleden;", "huisnummer"),
    ],
)
def test_row_that_cannot_be_understood_refuses_the_list(tmp_path: Path, row: str, column: str) -> None:
    """Column and row are named and no value: nobody is shown while an objection may stand in the row."""
    with pytest.raises(Refused) as caught:
        reason(tmp_path, row)
    assert ("EXCLUSIONS_INVALID", column, 1) == (caught.value.code, caught.value.column, caught.value.row)
    assert "Berg" not in caught.value.next_step


@pytest.mark.parametrize("content", ["", "achternaam;tot\n", HEADER.replace("reden", "waarom")])
def test_list_without_its_column_of_reasons_refuses_also_when_it_is_empty(tmp_path: Path, content: str) -> None:
    """A nightly export that failed leaves an empty file: that is not a day on which nobody objected."""
    (tmp_path / "lijst.csv").write_text(content, encoding="utf-8")
    with pytest.raises(Refused) as caught:
        read_exclusions(tmp_path, TODAY)
    assert ("EXCLUSIONS_INVALID", "reden") == (caught.value.code, caught.value.column)


def test_added_row_holds_and_is_written_once_for_the_opener_alone(tmp_path: Path) -> None:
    """An objection that is added twice stands there once, in a file that its owner alone reads."""
    lists = tmp_path / "lists"
    row = {"achternaam": "van der Berg", "voorletters": "J", "geboortedatum": "1950-05-31", "reden": "bezwaar"}
    add_exclusion(lists, row)
    add_exclusion(lists, row)
    add_exclusion(lists, {"postcode": "9901AB", "huisnummer": "14", "reden": "onveilig"})
    (place,) = lists.iterdir()
    assert 3 == len(place.read_text(encoding="utf-8").splitlines())
    assert (0o600, 0o700) == (stat.S_IMODE(place.stat().st_mode), stat.S_IMODE(lists.stat().st_mode))
    assert OBJECTION == read_exclusions(lists, TODAY).reason_for([person()])


def test_row_that_says_too_little_is_not_added(tmp_path: Path) -> None:
    """What would refuse the list tomorrow is refused today, and nothing is written."""
    with pytest.raises(Refused):
        add_exclusion(tmp_path / "lists", {"achternaam": "Berg", "reden": "bezwaar"})
    assert not (tmp_path / "lists").exists()


def test_row_with_a_column_that_the_list_does_not_have_is_not_added(tmp_path: Path) -> None:
    """A word that would be left out of the list may be the one that matters: it is refused."""
    row = {"achternaam": "Berg", "voorletters": "J", "geboortedatum": "1950-05-31", "reden": "bezwaar"}
    with pytest.raises(Refused, match="EXCLUSIONS_INVALID"):
        add_exclusion(tmp_path / "lists", row | {"geldig_tot": "2027-01-01"})
    assert not (tmp_path / "lists").exists()


def test_list_with_broken_quotes_is_refused(tmp_path: Path) -> None:
    """What stands beside its quotes would become part of a name, and somebody else would be kept out."""
    with pytest.raises(Refused, match="EXCLUSIONS_INVALID"):
        reason(tmp_path, '"Berg"k;van der;J.P.;31-05-1950;;;;bezwaar;')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ","])
def test_list_is_read_as_any_office_program_writes_it(tmp_path: Path, encoding: str, separator: str) -> None:
    """Letters with a mark are read as they are meant: of a name of two letters one may not be lost."""
    text = HEADER.upper() + "Öz;;J.P.;31-05-1950;;;;Overleden;\n"
    (tmp_path / "lijst.csv").write_bytes(text.replace(";", separator).encode(encoding))
    assert DECEASED == read_exclusions(tmp_path, TODAY).reason_for([person(surname="Öz", particles=None)])


def test_no_folder_is_an_empty_list(tmp_path: Path) -> None:
    """A municipality without a list shows everybody."""
    assert read_exclusions(tmp_path / "none", TODAY).reason_for([person()]) is None


def test_every_reason_has_a_sentence() -> None:
    """What the opener answers besides its verdict on persons is read in Dutch, not as a code."""
    for reason in (*REASONS, *JOIN_REASONS, JOINS_NEXT, REGISTER_SILENT):
        assert reason_text(reason) != reason
