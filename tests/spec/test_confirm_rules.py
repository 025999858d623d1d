"""What the opener makes of a proposed case, when it sees who the contacts are: every rule as a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib import resources
from itertools import permutations, product
from typing import Any

import pytest

from pipeline.revealed.compare_fields import CONFLICT, EQUAL, OUTCOMES, SIMILAR, Comparison, compare
from pipeline.revealed.confirm_match import KnownSignal, confirm
from pipeline.revealed.confirm_rules import (
    DIFFERENT,
    PAIR_RULES,
    PAIR_VERDICTS,
    SAME_HOUSEHOLD,
    SAME_PERSON,
    SIGNS,
    VERDICT_OF_REASON,
    judge_pair,
)
from pipeline.revealed.disclose_case import identities_of
from pipeline.revealed.texts import TEXTS
from pipeline.vocabulary.case import VERDICT_CONFIRMED
from tests.spec.tables import Chapter, Row, Spec, rows
from tests.spec.test_match_rules import read_setting

TABLE = resources.files("pipeline.revealed").joinpath("confirm_rules.csv").read_text(encoding="utf-8")


def whole(table: str) -> str:
    """A table for a page with all of its rows, indented as the text of a chapter is."""
    header, *body = ([cell.strip() for cell in line.split("|")] for line in table.strip().splitlines())
    lines = (header, ["---"] * len(header), *body)
    return "\n    ".join("| " + " | ".join(line) + " |" for line in lines)


EXAMPLES = """
    row | one | other | verdict
    B1 | J, Berg, 1950-05-31, 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | same household
    B2 | J, Berg, 1950-05-31, 9901AB 12, a@post.nl | M, Visser, 1980-03-11, 9901AB 12, a@post.nl | same household
    B3 | J, Berg, 1950-05-31, 9901AB 12, | J, Berg, 1980-05-31, 9944CD 8, | different
    I0 | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | H, Berg, 1980-05-31, 9901AB 12, a@post.nl | same person
    I6 | JP, Berg, 1980-05-31, 9901AB 12, | H, Berg, 1980-05-31, 9901AB 12, | same person
    I7 | JP, Berg, 1980-05-31, 9901AB 12, a@post.nl | H, Berg, 1980-05-31, 9944CD 8, a@post.nl | same person
    I9 | J, Berg, 2003-05-31, 9901AB 12, | B, Jacob, 2003-05-31, 9901AB 12, | same person
    I10 | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | B, Jacob, 1980-05-31, 9944CD 8, a@post.nl | same person
    I1 | J, Berg, 2003-05-31, 9901AB 12, | H, Berg, 2003-05-31, 9901AB 12, | doubtful
    I2 | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | H, Visser, 1980-05-31, 9944CD 8, a@post.nl | doubtful
    I8 | J, Berg, 1980-05-31, 9901AB 12, | H, Visser, 1980-05-31, 9901AB 12, | doubtful
    I11 | J, Berg, , 9901AB 12, a@post.nl | M, Berg, 1980-05-31, 9901AB 12, a@post.nl | doubtful
    I3 | J, Berg, 1980-05-31, 9901AB 12, | M, Berg, , 9901AB 12, | same household
    I4 | J, Berg, , 9901AB 12, a@post.nl | M, Visser, , 9901AB 12, a@post.nl | same household
    I5 | J, Berg, , 9901AB 12, a@post.nl | M, Visser, , 9944CD 8, a@post.nl | different
    S1 | M, Berg, 1980-05-31, 9901AB 12, | M, Visser, 1980-05-31, 9901AB 12, | same person
    S2 | M, Berg, 1980-05-31, 9901AB 12, a@post.nl | M, Visser, 1980-05-31, 9944CD 8, a@post.nl | same person
    S0 | M, Berg, 1980-05-31, 9901AB 12, a@post.nl | M, Visser, 1980-05-13, 9901AB 12, a@post.nl | same person
    S8 | MA, Berg, , 9901AB 12, | MA, Visser, 1980-05-31, 9901AB 12, | same person
    S3 | M, Berg, 1980-05-31, 9901AB 12, | M, Visser, 1980-05-13, 9901AB 12, | doubtful
    S4 | , Berg, 1980-05-31, 9901AB 12, a@post.nl | M, Visser, 1980-05-31, 9944CD 8, a@post.nl | doubtful
    S5 | M, Berg, , 9901AB 12, a@post.nl | M, Visser, 1980-05-31, 9901AB 12, a@post.nl | doubtful
    S6 | , Berg, , 9901AB 12, a@post.nl | M, Visser, 1980-05-31, 9901AB 12, a@post.nl | same household
    S7 | M, Berg, , 9901AB 12, | M, Visser, , 9901AB 12, | different
    P1 | J, Berg, 1980-05-31, 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | same person
    P2 | J, Berg, 1980-05-06, 9901AB 12, a@post.nl | J, Berg, 1980-06-05, 9944CD 8, a@post.nl | same person
    P9 | JP, Berg, 1980-05-31, 9901AB 12, a@post.nl | JP, Berg, 1980-05-31, 9944CD 8, b@mail.nl | same person
    P10 | J, Kwint, 1980-05-31, 9901AB 12, a@post.nl | J, Kwint, 1980-05-31, 9944CD 8, b@mail.nl | same person
    P3 | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9944CD 8, b@mail.nl | doubtful
    P4 | J, Berg, 1980-05-31, 9901AB 12, | J, Berg, 1980-05-31, 9944CD 8, | same person
    P11 | J, Kwint, 1980-05-06, 9901AB 12, | J, Kwint, 1980-06-05, 9944CD 8, | same person
    P5 | J, Berg, 1980-05-06, 9901AB 12, | J, Berg, 1980-06-05, 9944CD 8, | doubtful
    P6 | , Berg, 1980-05-31, 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | same person
    P7 | , Berg, 1980-05-31, 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9944CD 8, a@post.nl | same person
    P12 | , Berg, 1980-01-01, 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | same person
    P8 | , Berg, 1980-01-01, 9901AB 12, | J, Berg-Visser, 1980-05-31, 9901AB 12, | doubtful
    M1 | J, Berg, , 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9944CD 8, a@post.nl | same person
    M7 | JP, Berg, , 9901AB 12, | JP, Berg-Visser, 1980-05-31, 9901AB 12, | same person
    M11 | J, Berg, , 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | same person
    M2 | J, Berg, , 9901AB 12, a@post.nl, 0612349876 | JP, Berg, , 9901AB 12, b@mail.nl, 0687654123 | doubtful
    M3 | J, Berg, , 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12-A, | same person
    M8 | M, Berg, , 9901AB 12, | M, Berg-Visser, 1980-05-31, 9901AB 12, | same person
    M9 | M, Berg, , 9901AB 12, | MA, Berg-Visser, 1980-05-31, 9901AB 12, | same person
    M4 | M, Berg, , 9901AB 12, a@post.nl | MA, Berg-Visser, 1980-05-31, 9901AB 12, b@mail.nl | doubtful
    M10 | , Berg, , 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | same person
    M5 | , Berg, , 9901AB 12, a@post.nl | J, Berg-Visser, 1980-05-31, 9901AB 12, a@post.nl | doubtful
    M13 | , Berg, , 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | doubtful
    M6 | , Berg, , 9901AB 12, | J, Berg-Visser, 1980-05-31, 9901AB 12, | same household
    M12 | , Berg, , 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9944CD 8, a@post.nl | doubtful
    N1 | J, Berg, , 9901AB 12, | J, Berg, 1980-05-31, 9944CD 8, | different
"""

THE_TABLE = Chapter(
    "How the opener compares two contacts",
    """
    Tokens propose a case; the opener sees the fields themselves and confirms it. Per field two contacts are
    equal (`=`), similar (`~`), unknown on a side (`?`) or in conflict (`!`); `*` is anything. `#` is equal
    and more than that: a surname that is none of the hundred or so commonest, two initials or more, a birth
    date of somebody who is thirty or older in that year. *Reach* is e-mail and phone together: `=` one of
    them is equal, `!` what both partners know differs, `x` both are known and both differ. Of initials `x`
    says that they differ and that both partners know two or more, so that neither is the letter of a calling
    name; `%` that surname and initials both differ and each initial is the letter of the other's surname. The
    first row that fits decides.

    Similar is: one typing error (two in a name of eight letters or more; in one of two or three the first
    letter is right), two surnames with one sound or with oe for ö, half of a double name, initials cut or
    swapped, one wrong letter of three initials or more, day and month swapped, another day or another month
    in one year, one wrong digit or ten years in the birth year, a birth date of which only the year is known
    (1 January counts as such), an address whose addition one partner lacks.

    The rows were weighed on made-up regions of which the truth is known, never on what happened to people: see
    [what each row is worth](linkage.md#what-each-row-of-the-opener-is-worth).

    """
    + whole(TABLE.replace(";", " | "))
    + """

    An example of each row, as initials, surname, birth date, address, e-mail, phone:

    """
    + whole(EXAMPLES),
    (),
)

YEAR = 2026
HEADER = "partner | client | initials | name | born | address | e-mail | phone"


def pair(title: str, why: str, one: str, other: str, expected: str, setting: str = "") -> Spec:
    """Two partners that report, and what the opener decides."""
    return Spec(
        title,
        why,
        given=f"{HEADER}\nhuur | 1 | {one}\nenergie | 7 | {other}",
        expected=f"verdict | reason | shown\n{expected}",
        setting=setting,
    )


CONFIRMED = "confirmed | PERSON | huur 1, energie 7"
UNCERTAIN = "doubtful | PERSON_UNCERTAIN |"
STRANGERS = "withheld | DIFFERENT_PERSONS |"
HOUSEMATES = "withheld | ONE_HOUSEHOLD_ONLY |"

SAME = Chapter(
    "The same person, written in two ways",
    "Each of these is shown to the wijkteam.",
    (
        pair(
            "Particles, diacritics and notations",
            "The normaliser makes them one before anything is compared.",
            "J.P. | van der Bérg | 1980-05-31 | 9901AB 12-A | J.Berg@post.nl | 06 1234 9876",
            "JP | Berg, v.d. | 1980-05-31 | 9901AB 12 a | j.berg@post.nl | +31612349876",
            CONFIRMED,
        ),
        pair(
            "No birth date at the energy company",
            "Surname, initials and address agree.",
            "A.M. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "A. | Jansen | | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "A placeholder is no birth date",
            "1 January 1900 says nothing; it is no conflict.",
            "A. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "A. | Jansen | 1900-01-01 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "Day and month swapped",
            "One of the two partners exported dates the other way round.",
            "A. | Jansen | 1980-05-06 | 9901AB 5 | |",
            "A. | Jansen | 1980-06-05 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "One wrong digit in the birth date",
            "Everything else agrees.",
            "A. | Jansen | 1980-05-31 | 9901AB 5 | a@post.nl |",
            "A. | Jansen | 1980-05-21 | 9901AB 5 | a@post.nl |",
            CONFIRMED,
        ),
        pair(
            "A typing error in the surname",
            "Birth date and address agree.",
            "A. | Kuijpers | 1980-05-31 | 9901AB 5 | |",
            "A. | Kuipesr | 1980-05-31 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "One sound, spelt in two ways",
            "More than a typing error, but the letters are taken for one another.",
            "A. | Brinkhuisen | 1980-05-31 | 9901AB 5 | |",
            "A. | Brenkhuyzen | 1980-05-31 | 9944CD 8 | |",
            CONFIRMED,
        ),
        pair(
            "A slip in a short name",
            "The first letter and all else agree.",
            "A. | Bos | 1980-05-31 | 9901AB 5 | |",
            "A. | Bosz | | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "Married name at one partner, maiden name at the other",
            "Initials, the whole birth date and the address agree.",
            "M. | de Vries | 1980-05-31 | 9901AB 5 | |",
            "M. | Jansen | 1980-05-31 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "Half of a double name after a move",
            "Initials and the whole birth date agree.",
            "M. | de Vries-Jansen | 1980-05-31 | 9901AB 5 | |",
            "M. | Jansen | 1980-05-31 | 9944CD 8 | |",
            CONFIRMED,
        ),
        pair(
            "A move, no birth date, the same phone",
            "Name, initials and phone agree.",
            "E. | Yılmaz | 1991-02-03 | 9901AB 5 | | 0651729988",
            "E. | Yilmaz | | 9944CD 8 | | 0651729988",
            CONFIRMED,
        ),
        pair(
            "Another day in the same month",
            "A slip that changes two digits; everything else agrees.",
            "A. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "A. | Jansen | 1980-05-28 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "A calling name, at an age at which twins seldom share an address",
            "Surname, the whole birth date and address agree; one partner has a single other letter.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "H. | Jansen | 1980-05-31 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "A move, with a rare name",
            "Two bearers of a rare name with one initial and one birth date are one.",
            "J. | Wolfswinkel | 1980-05-31 | 9901AB 5 | j@post.nl | 0612349876",
            "J. | Wolfswinkel | 1980-05-31 | 9944CD 8 | w@mail.nl | 0687654123",
            CONFIRMED,
        ),
        Spec(
            "One birth date, misspelt twice",
            "Two of the dates conflict, and each is one slip away from the third.",
            given="""
                partner | client | initials | name | born | address
                huur    | 1 | J. | Berg | 1980-05-31 | 9901AB 12
                energie | 7 | J. | Berg | 1981-05-21 | 9901AB 12
                zorg    | 3 | J. | Berg | 1980-05-21 | 9901AB 12
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7, zorg 3",
        ),
        pair(
            "No initials and no birth date, one way to reach",
            "Surname, address and e-mail agree.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | j@post.nl |",
            "| Jansen | | 9901AB 5 | j@post.nl |",
            CONFIRMED,
        ),
        pair(
            "A calling name, and one way to reach",
            "Name, birth date, address and e-mail agree; one landlord knows only the calling name.",
            "H.T. | Berg | 1980-05-31 | 9901AB 5 | ht@post.nl |",
            "Dirk | Berg | 1980-05-31 | 9901AB 5 | ht@post.nl |",
            CONFIRMED,
        ),
        pair(
            "Half of a double name, no birth date, two initials",
            "Two people at one address seldom have the same two initials.",
            "M.A. | de Vries-Jansen | 1980-05-31 | 9901AB 5 | |",
            "M.A. | Jansen | | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "A sole trader's particle that may be part of the name",
            "Lammers may be la Mmers or Lammers; a reading that agrees is the name.",
            "G.D. | Eenmanszaak Lammers | | 9901AB 5 | |",
            "G.D. | Lammers | 1980-05-31 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "Initials swapped",
            "The letters are the same.",
            "J.P. | Berg | 1980-05-31 | 9901AB 5 | |",
            "P.J. | Berg | 1980-05-31 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "Given name and surname in each other's place",
            "Each initial is the letter of the other's surname; birth date and address agree.",
            "Wei | Chen | 1998-05-31 | 9901AB 5 | |",
            "C. | Wei | 1998-05-31 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "One wrong letter among three initials",
            "The others agree, in their places.",
            "N.L.T. | Berg | 2003-05-31 | 9901AB 5 | |",
            "J.L.T. | Berg | 2003-05-31 | 9901AB 5 | |",
            CONFIRMED,
        ),
    ),
)

OTHER = Chapter(
    "Other persons",
    "None of these is shown. The danger is always the same: telling somebody about another's debts.",
    (
        pair(
            "Father and son with one initial",
            "One name, initial and address; the birth dates are a generation apart.",
            "J. | van der Berg | 1950-05-31 | 9901AB 12 | berg@post.nl | 0612349876",
            "J. | van der Berg | 1980-05-31 | 9901AB 12 | berg@post.nl | 0612349876",
            HOUSEMATES,
        ),
        pair(
            "Partners of one name",
            "Other initials, and a birth date is missing.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "M. | Jansen | | 9901AB 5 | |",
            HOUSEMATES,
        ),
        pair(
            "Partners of whom one has letters that the other has too",
            "Initials that were cut keep their order.",
            "N.L.M.P. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "M.L. | Jansen | | 9901AB 5 | |",
            HOUSEMATES,
        ),
        pair(
            "House-mates with one initial",
            "Another surname at one address, nothing else in common.",
            "S. | Bakker | 2003-05-31 | 9901AB 5 | s1@post.nl |",
            "S. | Visser | 2004-07-11 | 9901AB 5 | s2@post.nl |",
            STRANGERS,
        ),
        pair(
            "Namesakes",
            "Name and initial agree, birth date and address do not.",
            "J. | de Jong | 1980-05-31 | 9901AB 5 | |",
            "J. | de Jong | 1961-09-12 | 9944CD 8 | |",
            STRANGERS,
        ),
        pair(
            "Partners that share a mailbox",
            "Other surname, other initials, one address and one e-mail.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | wij@post.nl |",
            "M. | de Vries | 1982-02-03 | 9901AB 5 | wij@post.nl |",
            HOUSEMATES,
        ),
    ),
)

DOUBT = Chapter(
    "What a person must decide",
    "The data steward sees which fields agree, never their values, and asks the partners where needed.",
    (
        pair(
            "Twins, or a calling name",
            "Everything agrees but the initial, at an age at which twins may live at home.",
            "J. | Jansen | 2003-05-31 | 9901AB 5 | |",
            "H. | Jansen | 2003-05-31 | 9901AB 5 | |",
            UNCERTAIN,
        ),
        pair(
            "Twins, whatever their age",
            "Both partners know two initials, so none of them is the letter of a calling name.",
            "J.P. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "H.M. | Jansen | 1980-05-31 | 9901AB 5 | |",
            UNCERTAIN,
        ),
        pair(
            "Another name, one birth date and one address",
            "Two people at one address seldom have one birth date. One letter crosswise is no exchange of names.",
            "J. | Berg | 1980-05-31 | 9901AB 5 | |",
            "B. | Visser | 1980-05-31 | 9901AB 5 | |",
            UNCERTAIN,
        ),
        pair(
            "A calling name without a birth date, or partners who share a mailbox",
            "Another letter; surname, address and e-mail agree.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | j@post.nl |",
            "H. | Jansen | | 9901AB 5 | j@post.nl |",
            UNCERTAIN,
        ),
        pair(
            "Only surname and address are known",
            "Five in six are one person; the sixth is the partner. Nothing speaks against it, so it is asked.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "| Jansen | | 9901AB 5 | |",
            UNCERTAIN,
        ),
        pair(
            "A move of somebody of whom little is known",
            "Surname and e-mail agree; no initials and no birth date.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | j@post.nl |",
            "| Jansen | | 9944CD 8 | j@post.nl |",
            UNCERTAIN,
        ),
        pair(
            "Father and son, or somebody with two of everything",
            "No birth date, more initials, another phone and another e-mail. Another phone alone is no doubt.",
            "J. | van der Berg | 1950-05-31 | 9901AB 12 | j@post.nl | 0612349876",
            "J.P. | van der Berg | | 9901AB 12 | berg@mail.nl | 0687654123",
            UNCERTAIN,
        ),
        pair(
            "Namesakes born on one day, or a move",
            "In a large city there are such namesakes; the address, phone and e-mail differ.",
            "J. | de Jong | 1980-05-31 | 9901AB 5 | j@post.nl | 0612349876",
            "J. | de Jong | 1980-05-31 | 9944CD 8 | dejong@mail.nl | 0687654123",
            UNCERTAIN,
        ),
        pair(
            "A married name, or partners with one initial",
            "No birth date, another surname, one e-mail.",
            "M. | de Vries | 1980-05-31 | 9901AB 5 | m@post.nl |",
            "M. | Jansen | | 9901AB 5 | m@post.nl |",
            UNCERTAIN,
        ),
        Spec(
            "A signal between father and son",
            "Without a birth date it may belong to either, so it joins neither.",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Berg | 1950-05-31 | 9901AB 12 | |
                energie | 7 | J. | Berg |            | 9901AB 12 | |
                zorg    | 3 | J. | Berg | 1980-05-31 | 9901AB 12 | |
            """,
            expected="verdict | reason | shown\ndoubtful | TWO_BIRTH_DATES |",
        ),
        Spec(
            "A signal between father and son that shares a phone with one of them",
            "It is about the one whose phone it is.",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Berg | 1950-05-31 | 9901AB 12 | | 0612349876
                energie | 7 | J. | Berg |            | 9901AB 12 | | 0612349876
                zorg    | 3 | J. | Berg | 1980-05-31 | 9901AB 12 | | 0687654123
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7",
        ),
        Spec(
            "Two persons who are a case each",
            "They are no household, so one visit will not do.",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Berg   | 1950-05-31 | 9901AB 12 |           |
                energie | 7 | J. | Berg   | 1950-05-31 | 9901AB 12 |           |
                zorg    | 3 | M. | Visser | 1980-05-31 | 9944CD 8  |           |
                water   | 4 | M. | Visser | 1980-05-31 | 9944CD 8  |           |
            """,
            expected="verdict | reason | shown\ndoubtful | TWO_PERSONS |",
        ),
    ),
)

AGAIN = Chapter(
    "The rule once more",
    "On what was confirmed, with the months that the partners signed.",
    (
        Spec(
            "Who does not belong to the person stays closed",
            "The son's signal was proposed by the shared phone; it is not shown.",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Berg | 1950-05-31 | 9901AB 12 | | 0612349876
                energie | 7 | J. | Berg | 1950-05-31 | 9901AB 12 | | 0612349876
                zorg    | 3 | J. | Berg | 1980-05-31 | 9901AB 12 | | 0612349876
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7",
        ),
        Spec(
            "Three partners where the agreement asks for three",
            "Two that are confirmed are not enough.",
            setting="min_partners 3",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Berg | 1950-05-31 | 9901AB 12 | |
                energie | 7 | J. | Berg | 1950-05-31 | 9901AB 12 | |
                zorg    | 3 | K. | Berg | 1980-05-31 | 9901AB 12 | |
            """,
            expected="verdict | reason | shown\nwithheld | ONE_HOUSEHOLD_ONLY |",
        ),
        Spec(
            "One partner with two client numbers",
            "Counts once.",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Berg | 1950-05-31 | 9901AB 12 | |
                huur    | 2 | J. | Berg | 1950-05-31 | 9901AB 12 | |
            """,
            expected="verdict | reason | shown\nwithheld | PARTNERS_NOT_MET |",
        ),
        Spec(
            "Too few months at one of two partners",
            "The months hold for each of them.",
            given="""
                partner | client | months | initials | name | born | address
                huur    | 1 | 9 | J. | Berg | 1950-05-31 | 9901AB 12
                energie | 7 | 1 | J. | Berg | 1950-05-31 | 9901AB 12
            """,
            expected="verdict | reason | shown\nwithheld | MONTHS_NOT_MET |",
        ),
    ),
)

HOUSEHOLD = Chapter(
    "Where the agreement also matches on household",
    "Then two persons of one household are a case together.",
    (
        pair(
            "Father and son",
            "One household, whoever the signals are about.",
            "J. | van der Berg | 1950-05-31 | 9901AB 12 | |",
            "J. | van der Berg | 1980-05-31 | 9901AB 12 | |",
            "confirmed | HOUSEHOLD | huur 1, energie 7",
            "match_on person and household",
        ),
        pair(
            "Twins",
            "Whether they are one person does not matter any more.",
            "J. | Jansen | 2003-05-31 | 9901AB 5 | |",
            "H. | Jansen | 2003-05-31 | 9901AB 5 | |",
            "confirmed | HOUSEHOLD | huur 1, energie 7",
            "match_on person and household",
        ),
        pair(
            "Neighbours with one name",
            "Another addition is another door.",
            "J. | Jansen | 1980-05-31 | 9901AB 5-1 | |",
            "M. | Jansen | 1955-02-03 | 9901AB 5-2 | |",
            STRANGERS,
            "match_on person and household",
        ),
        pair(
            "House-mates",
            "Another surname, and nothing to reach both by.",
            "S. | Bakker | 2003-05-31 | 9901AB 5 | |",
            "S. | Visser | 2004-07-11 | 9901AB 5 | |",
            STRANGERS,
            "match_on person and household",
        ),
    ),
)

CHAPTERS = (THE_TABLE, SAME, OTHER, DOUBT, AGAIN, HOUSEHOLD)


def contact(row: Row) -> Mapping[str, Any]:
    """The contact of a row of a given table."""
    postcode, _, number = row["address"].partition(" ")
    return {
        "initials": row["initials"],
        "particles": None,
        "surname": row["name"],
        "birth_on": row["born"] or None,
        "postcode": postcode,
        "house_number": number,
        "email": row.get("e-mail") or None,
        "phone": row.get("phone") or None,
    }


def known(given: str) -> list[KnownSignal]:
    """The signals of a given table, opened."""
    found = rows(given)
    identities = identities_of([contact(row) for row in found])
    return [
        KnownSignal(row["partner"], row["client"], int(row.get("months") or 2), identity, YEAR)
        for row, identity in zip(found, identities, strict=True)
    ]


@pytest.mark.parametrize("spec", [spec for chapter in CHAPTERS for spec in chapter.specs], ids=str)
def test_confirm_rule(spec: Spec) -> None:
    """What is given leads to the verdict and shows the signals that are expected, in whatever order they come."""
    rule, _ = read_setting(spec.setting)
    (expected,) = rows(spec.expected)
    signals = known(spec.given)
    for ordered in permutations(signals):
        confirmation = confirm(ordered, rule)
        shown = {f"{ordered[at].partner_id} {ordered[at].signal_id}" for at in confirmation.confirmed}
        assert expected["verdict"] == confirmation.verdict
        assert expected["reason"] == confirmation.reason_code
        assert set(expected["shown"].split(", ")) - {""} == shown


@pytest.mark.parametrize("example", rows(EXAMPLES), ids=lambda row: row["row"])
def test_each_row_of_the_table_has_its_example(example: Row) -> None:
    """The two contacts are judged by this row, with this verdict, in either order."""
    names = ("initials", "name", "born", "address", "e-mail", "phone")
    people = [
        dict(zip(names, (part.strip() for part in example[side].split(",")), strict=False))
        for side in ("one", "other")
    ]
    one, other = identities_of([contact(person) for person in people])
    for left, right in ((one, other), (other, one)):
        rule = judge_pair(compare(left, right, YEAR))
        assert (example["row"], example["verdict"]) == (rule.rule_id, rule.verdict)


def test_every_row_has_an_example() -> None:
    """The examples stand in the order of the table, one for each row."""
    assert [rule.rule_id for rule in PAIR_RULES] == [example["row"] for example in rows(EXAMPLES)]


@pytest.mark.parametrize(
    ("title", "verdict"),
    [
        ("twins,-or-a-calling-name", "REVIEWED"),
        ("a-signal-between-father-and-son", "REVIEWED"),
        ("two-persons-who-are-a-case-each", "REVIEWED"),
    ],
)
def test_reviewed_case_is_confirmed(title: str, verdict: str) -> None:
    """What the data steward accepted is not called doubtful again."""
    spec = next(spec for spec in DOUBT.specs if str(spec) == title.replace(",", ""))
    rule, _ = read_setting(spec.setting)
    signals = known(spec.given)
    confirmation = confirm(signals, rule, is_reviewed=True)
    assert (VERDICT_CONFIRMED, verdict) == (confirmation.verdict, confirmation.reason_code)
    assert len(signals) == len(confirmation.confirmed)


def comparisons() -> list[Comparison]:
    """Every combination of outcomes, and of what makes equal or different more than that."""
    both = (False, True)
    return [
        Comparison(*outcome, is_whole, is_rare, is_past, is_crossed)
        for outcome in product(OUTCOMES, repeat=6)
        for is_whole in (both if outcome[1] in (EQUAL, CONFLICT) else (False,))
        for is_rare in (both if outcome[0] == EQUAL else (False,))
        for is_past in (both if outcome[2] == EQUAL else (False,))
        for is_crossed in (both if outcome[:2] == (CONFLICT, CONFLICT) else (False,))
    ]


def test_every_combination_is_decided_by_a_rule_that_is_used() -> None:
    """Every combination of outcomes falls to a row, and no row stands in the table for nothing."""
    used = {judge_pair(comparison).rule_id for comparison in comparisons()}
    assert {rule.rule_id for rule in PAIR_RULES} == used


def test_table_speaks_the_known_words() -> None:
    """Every cell is a sign and every verdict one of the four."""
    signs = {*SIGNS.values(), "*"}
    for rule in PAIR_RULES:
        for cell in (rule.surname, rule.initials, rule.birth, rule.address, rule.reach):
            assert cell
            assert set(cell) <= signs
        assert rule.verdict in PAIR_VERDICTS
    assert len(PAIR_RULES) == len({rule.rule_id for rule in PAIR_RULES})


def test_conflicting_birth_dates_are_never_one_person() -> None:
    """No agreement of other fields outweighs two birth dates."""
    verdicts = {judge_pair(case).verdict for case in comparisons() if case.birth == CONFLICT}
    assert {SAME_HOUSEHOLD, DIFFERENT} == verdicts


def test_conflicting_initials_are_one_person_only_where_something_explains_them() -> None:
    """A calling name: one letter, the whole birth date, and a way to reach or an age past sharing a home.

    Or exchanged names: the letters crosswise, the whole birth date, and a way to reach or the address.
    """
    one = [case for case in comparisons() if case.initials == CONFLICT and judge_pair(case).verdict == SAME_PERSON]
    assert {False, True} == {case.has_crossed_names for case in one}
    for case in one:
        if case.has_crossed_names:
            assert EQUAL == case.birth
            assert EQUAL == case.reach or case.address in (EQUAL, SIMILAR)
            continue
        assert not case.has_whole_initials
        assert EQUAL == case.birth
        assert case.surname in (EQUAL, SIMILAR)
        assert EQUAL == case.reach or case.is_past_sharing


def test_agreement_never_makes_a_pair_less_alike() -> None:
    """Where one more field agrees, a pair that was one person stays one."""
    rank = {outcome: place for place, outcome in enumerate(OUTCOMES)}
    for case in comparisons():
        if judge_pair(case).verdict != SAME_PERSON:
            continue
        names = () if case.has_crossed_names else ("surname", "initials")  # what is crossed agrees by its conflict
        for field in (*names, "birth", "address", "email", "phone"):
            for better in OUTCOMES[: rank[getattr(case, field)]]:
                closer = replace(case, **{field: better})
                assert judge_pair(closer).verdict == SAME_PERSON, (case, closer)
        more = {"has_rare_surname": True, "is_past_sharing": True}
        more |= {"has_whole_initials": True} if case.initials == EQUAL else {}
        assert judge_pair(replace(case, **more)).verdict == SAME_PERSON


def test_every_reason_has_a_dutch_sentence() -> None:
    """The data steward reads why, for each reason code."""
    assert set(VERDICT_OF_REASON) == set(TEXTS["verdicts"])
