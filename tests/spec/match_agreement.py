"""The rule that the partners agreed on, households where they match on them, and crisis signals."""

from __future__ import annotations

from tests.spec.tables import Chapter, Spec

THE_RULE = Chapter(
    "The rule",
    """
    A case surfaces when two or more different partners report two or more months of arrears for the same person in
    the same month. Both numbers stand in the agreement. Each line below is one signal; a column that does not
    matter is left out (then: two months, no crisis).
    """,
    (
        Spec(
            "Two partners, two months each",
            "This is the rule that the partners agreed on.",
            given="""
                partner | client | months | name   | initial | born
                huur    | 1      | 2      | Jansen | A       | 1980-05-31
                energie | 7      | 3      | Jansen | A       | 1980-05-31
                water   | 4      | 5      | Yilmaz | E       | 1991-02-03
            """,
            expected="""
                signals          | evidence
                huur 1, energie 7 | person
            """,
        ),
        Spec(
            "One month is not enough",
            "The months hold for each of the partners that make the case, not for their sum.",
            given="""
                partner | client | months | name   | initial | born
                huur    | 1      | 9      | Jansen | A       | 1980-05-31
                energie | 7      | 1      | Jansen | A       | 1980-05-31
            """,
            expected="signals | evidence",
        ),
        Spec(
            "A signal with too few months does not ride along",
            "Only what meets the rule is opened; the third partner's signal stays closed.",
            given="""
                partner | client | months | name   | initial | born
                huur    | 1      | 2      | Jansen | A       | 1980-05-31
                energie | 7      | 2      | Jansen | A       | 1980-05-31
                water   | 4      | 1      | Jansen | A       | 1980-05-31
            """,
            expected="""
                signals           | evidence
                huur 1, energie 7 | person
            """,
        ),
        Spec(
            "One partner never makes a case alone",
            "Two contracts at one partner are one partner that reports.",
            given="""
                partner | client | months | name   | initial | born
                huur    | 1      | 4      | Jansen | A       | 1980-05-31
                huur    | 2      | 4      | Jansen | A       | 1980-05-31
            """,
            expected="signals | evidence",
        ),
        Spec(
            "Two contracts at one partner connect, and count once",
            "Both client numbers stand on the worklist; perhaps only one of them leads to the other partner.",
            given="""
                partner | client | name   | initial | born       | address   | phone
                huur    | 1      | Jansen | A       | 1980-05-31 | 3811AB 5  |
                huur    | 2      | Jansen | A       | 1980-05-31 | 3811AB 5G | 0612345678
                energie | 7      | Jansen |         |            | 3811XX 9  | 0612345678
            """,
            expected="""
                signals                   | evidence
                huur 1, huur 2, energie 7 | person
            """,
        ),
        Spec(
            "Three partners where the agreement asks for three",
            "Two of them are not enough then.",
            setting="min_partners 3",
            given="""
                partner | client | name   | initial | born
                huur    | 1      | Jansen | A       | 1980-05-31
                energie | 7      | Jansen | A       | 1980-05-31
                water   | 4      | Jansen | A       | 1980-05-31
                huur    | 2      | Yilmaz | E       | 1991-02-03
                energie | 8      | Yilmaz | E       | 1991-02-03
            """,
            expected="""
                signals                    | evidence
                huur 1, energie 7, water 4 | person
            """,
        ),
        Spec(
            "One missed rent where the agreement says so",
            "An agreement may ask for one partner and one month, as for people who leave shelter.",
            setting="min_partners 1, min_months 1",
            given="""
                partner | client | months | name   | initial | born
                huur    | 1      | 1      | Jansen | A       | 1980-05-31
                huur    | 2      | 0      | Yilmaz | E       | 1991-02-03
            """,
            expected="""
                signals | evidence
                huur 1  | person
            """,
        ),
        Spec(
            "Partners are linked through a third",
            "What the first shares with the second, and the second with the third, makes one case.",
            given="""
                partner | client | name   | initial | born       | address  | e-mail
                huur    | 1      | Jansen | A       | 1980-05-31 | 3811AB 5 |
                zorg    | 3      | Jansen | A       | 1980-05-31 | 3822CD 8 | a@example.nl
                energie | 7      | Jansen |         | 1980-05-31 |          | a@example.nl
            """,
            expected="""
                signals                   | evidence
                energie 7, huur 1, zorg 3 | person
            """,
        ),
    ),
)
HOUSEHOLD = Chapter(
    "Where the agreement also matches on household",
    """
    Then the same surname at the same address joins too. The case says on what evidence it stands: `person` when
    one of its persons would be a case alone, else `household`.
    """,
    (
        Spec(
            "Two partners, two persons, one household",
            "Without household in the agreement this is no case.",
            setting="match_on person and household",
            given="""
                partner | client | name   | initial | born       | address
                huur    | 1      | Jansen | A       | 1955-01-02 | 3811AB 5
                energie | 7      | Jansen | B       | 1980-05-31 | 3811AB 5
            """,
            expected="""
                signals           | evidence
                energie 7, huur 1 | household
            """,
        ),
        Spec(
            "A person who is a case, and somebody of the same household",
            "One door, one visit: the whole household is one case, on the stronger evidence.",
            setting="match_on person and household",
            given="""
                partner | client | name   | initial | born       | address
                huur    | 1      | Jansen | A       | 1955-01-02 | 3811AB 5
                energie | 7      | Jansen | A       | 1955-01-02 | 3811AB 5
                zorg    | 3      | Jansen | B       | 1980-05-31 | 3811AB 5
            """,
            expected="""
                signals                   | evidence
                energie 7, huur 1, zorg 3 | person
            """,
        ),
        Spec(
            "Two persons of one household who each are a case",
            "One initial and one address: two cases of a person, and one of their household.",
            setting="match_on person and household",
            given="""
                partner | client | name   | initial | born       | address
                huur    | 1      | Jansen | A       | 1955-01-02 | 3811AB 5
                energie | 7      | Jansen | A       | 1955-01-02 | 3811AB 5
                zorg    | 3      | Yilmaz | A       |            | 3811AB 5
                water   | 4      | Yilmaz | A       |            | 3811AB 5
            """,
            expected="""
                signals                            | evidence
                energie 7, huur 1, water 4, zorg 3 | person
            """,
        ),
        Spec(
            "House-mates stay apart",
            "Another surname at the address is another household.",
            setting="match_on person and household",
            given="""
                partner | client | name   | initial | born       | address
                huur    | 1      | Jansen | A       | 1955-01-02 | 3811AB 5
                energie | 7      | Yilmaz | E       | 1991-02-03 | 3811AB 5
            """,
            expected="signals | evidence",
        ),
    ),
)
CRISIS = Chapter(
    "Crisis signals",
    """
    A notice of eviction or shut-off. The agreement chooses: *count* shows the steward how many there are that make
    no case; *reveal* shows each person with one, whatever the rule says: in the case that the person is in, or in
    one of its own.
    """,
    (
        Spec(
            "Counted",
            "The default of nobody: an agreement must choose.",
            given="""
                partner | client | months | name   | initial | born       | crisis
                energie | 7      | 6      | Jansen | A       | 1980-05-31 | yes
            """,
            expected="signals | evidence",
        ),
        Spec(
            "Revealed",
            "A single signal, also with few months, is a case of the lane `crisis`.",
            setting="crisis reveal",
            given="""
                partner | client | months | name   | initial | born       | crisis
                energie | 7      | 1      | Jansen | A       | 1980-05-31 | yes
                water   | 4      | 1      | Jansen | A       | 1980-05-31 | yes
                huur    | 1      | 4      | Jansen | A       | 1980-05-31 | no
            """,
            expected="""
                signals            | evidence | lane
                energie 7, water 4 | person   | crisis
            """,
        ),
        Spec(
            "A crisis signal that is in a matched case makes no second one",
            "The case it is in says that there is a crisis.",
            setting="crisis reveal",
            given="""
                partner | client | months | name   | initial | born       | crisis
                energie | 7      | 3      | Jansen | A       | 1980-05-31 | yes
                huur    | 1      | 4      | Jansen | A       | 1980-05-31 | no
            """,
            expected="""
                signals           | evidence | lane
                energie 7, huur 1 | person   | matched
            """,
        ),
        Spec(
            "A crisis signal with too few months goes with its person's case",
            "One household stands on a list once; the months hold for the others, who make the case.",
            setting="crisis reveal",
            given="""
                partner | client | months | name   | initial | born       | crisis
                energie | 7      | 3      | Jansen | A       | 1980-05-31 | no
                huur    | 1      | 4      | Jansen | A       | 1980-05-31 | no
                water   | 4      | 1      | Jansen | A       | 1980-05-31 | yes
                zorg    | 2      | 1      | Jansen | A       | 1980-05-31 | no
                water   | 5      | 1      | Yilmaz | E       | 1991-02-03 | yes
            """,
            expected="""
                signals                    | evidence | lane
                energie 7, huur 1, water 4 | person   | matched
                water 5                    | person   | crisis
            """,
        ),
        Spec(
            "Where crisis signals are counted, one with too few months stays out",
            "Then nobody agreed that it may be opened.",
            given="""
                partner | client | months | name   | initial | born       | crisis
                energie | 7      | 3      | Jansen | A       | 1980-05-31 | no
                huur    | 1      | 4      | Jansen | A       | 1980-05-31 | no
                water   | 4      | 1      | Jansen | A       | 1980-05-31 | yes
            """,
            expected="""
                signals           | evidence | lane
                energie 7, huur 1 | person   | matched
            """,
        ),
        Spec(
            "One initial at one address does not make it the same person's",
            "It may be a house-mate, whose crisis would be shown to nobody.",
            setting="crisis reveal",
            given="""
                partner | client | months | name   | initial | born       | address  | crisis
                energie | 7      | 3      | Jansen | A       | 1980-05-31 | 3811AB 5 | no
                huur    | 1      | 4      | Jansen | A       | 1980-05-31 | 3811AB 5 | no
                water   | 4      | 1      | Yilmaz | A       |            | 3811AB 5 | yes
            """,
            expected="""
                signals           | evidence | lane
                energie 7, huur 1 | person   | matched
                water 4           | person   | crisis
            """,
        ),
    ),
)
