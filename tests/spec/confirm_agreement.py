"""The agreement on what was confirmed: partners, months, and households where it matches on them."""

from __future__ import annotations

from tests.spec.contacts import HEADER, STRANGERS, UNCERTAIN, pair
from tests.spec.tables import Chapter, Spec

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
        Spec(
            "A crisis with too few months is shown with its person",
            "Where the agreement shows them. A month without a crisis, and somebody else's crisis, stay closed.",
            setting="crisis reveal",
            given="""
                partner | client | months | initials | name | born | address | crisis
                huur    | 1 | 9 | J. | Berg   | 1950-05-31 | 9901AB 12 | no
                energie | 7 | 2 | J. | Berg   | 1950-05-31 | 9901AB 12 | no
                water   | 4 | 1 | J. | Berg   | 1950-05-31 | 9901AB 12 | yes
                zorg    | 2 | 1 | J. | Berg   | 1950-05-31 | 9901AB 12 | no
                water   | 5 | 1 | K. | Yilmaz | 1991-02-03 | 9901AB 14 | yes
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7, water 4",
        ),
        Spec(
            "The crisis of father or son is not shown with the other",
            "It is like the signal that knows no birth date, and unlike the one that does.",
            setting="crisis reveal",
            given="""
                partner | client | months | initials | name | born | address | crisis
                huur    | 1 | 9 | J. | Berg | 1950-05-31 | 9901AB 12 | no
                energie | 7 | 2 | J. | Berg |            | 9901AB 12 | no
                water   | 4 | 1 | J. | Berg | 1980-05-31 | 9901AB 12 | yes
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7",
        ),
        Spec(
            "The crisis of a household is shown with nobody who is one of two",
            "Surname and address are likely the husband's, and as likely his wife's.",
            setting="crisis reveal",
            given="""
                partner | client | months | initials | name | born | address | crisis
                huur    | 1 | 9 | J. | Berg | 1950-05-31 | 9901AB 12 | no
                energie | 7 | 2 | J. | Berg | 1950-05-31 | 9901AB 12 | no
                zorg    | 3 | 4 | M. | Berg | 1952-02-03 | 9901AB 12 | no
                water   | 4 | 1 |    | Berg |            | 9901AB 12 | yes
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7",
        ),
        Spec(
            "The crisis of a household of one is shown",
            "The only person of the case that it can be about, is who it is likely about.",
            setting="crisis reveal",
            given="""
                partner | client | months | initials | name | born | address | crisis
                huur    | 1 | 9 | J. | Berg | 1950-05-31 | 9901AB 12 | no
                energie | 7 | 2 | J. | Berg | 1950-05-31 | 9901AB 12 | no
                water   | 4 | 1 |    | Berg |            | 9901AB 12 | yes
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON_LIKELY | huur 1, energie 7, water 4",
        ),
        Spec(
            "A crisis with too few months does not make the rule met",
            "It is shown with a case, and makes none of two partners.",
            setting="crisis reveal",
            given="""
                partner | client | months | initials | name | born | address | crisis
                huur    | 1 | 9 | J. | Berg | 1950-05-31 | 9901AB 12 | no
                water   | 4 | 1 | J. | Berg | 1950-05-31 | 9901AB 12 | yes
            """,
            expected="verdict | reason | shown\nwithheld | MONTHS_NOT_MET |",
        ),
        Spec(
            "Where crisis signals are counted, one with too few months stays closed",
            "Whatever brought it into the case.",
            given="""
                partner | client | months | initials | name | born | address | crisis
                huur    | 1 | 9 | J. | Berg | 1950-05-31 | 9901AB 12 | no
                energie | 7 | 2 | J. | Berg | 1950-05-31 | 9901AB 12 | no
                water   | 4 | 1 | J. | Berg | 1950-05-31 | 9901AB 12 | yes
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7",
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
            "J.P. | Jansen | 2003-05-31 | 9901AB 5 | |",
            "H.M. | Jansen | 2003-05-31 | 9901AB 5 | |",
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
            "Perhaps one person, at two addresses",
            "A doubt at two doors is no household: only who has one door may be shown with another.",
            "J. | de Jong | 1980-05-31 | 9901AB 5 | j@post.nl | 0612349876",
            "J. | de Jong | 1980-05-31 | 9944CD 8 | dejong@mail.nl | 0687654123",
            UNCERTAIN,
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
