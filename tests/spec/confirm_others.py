"""Other persons, who are not shown, and doubts that a person must decide."""

from __future__ import annotations

from tests.spec.contacts import HEADER, HOUSEMATES, STRANGERS, UNCERTAIN, pair
from tests.spec.tables import Chapter, Spec

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
            "House-mates born on 1 January, of whom the letters fit crosswise",
            "It is how an unknown birthday is written. Names that are written in full and differ are no exchange.",
            "Salma | Hosseini | 1996-01-01 | 9901AB 5 | salma@post.nl | 0612349876",
            "Hoda | Sharifi | 1996-01-01 | 9901AB 5 | hoda@mail.nl | 0687654123",
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
            "A later letter without a birth date, or the partner",
            "H.A. and A. share a home and its phone. A. may be her second name, or his first.",
            "H.A. | Jansen | | 9901AB 5 | | 0612349876",
            "A. | Jansen | 1980-05-31 | 9901AB 5 | | 0612349876",
            UNCERTAIN,
        ),
        pair(
            "Only surname and address are known, and phone and e-mail differ",
            "It may as well be the partner.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | j@post.nl | 0612349876",
            "| Jansen | | 9901AB 5 | m@post.nl | 0687654123",
            HOUSEMATES,
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
            "Father and son of one initial, where the birth date is missing",
            "Name, initial and the whole address agree, and so they do for every two who bear one letter at home.",
            "J. | van der Berg | 1950-05-31 | 9901AB 12 | j@post.nl | 0612349876",
            "J. | van der Berg | | 9901AB 12 | berg@mail.nl | 0687654123",
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
            "A move of somebody born on 1 January, or a namesake",
            "A rare name, one initial and the year agree, and no more. Many are registered on that day.",
            "W. | Halabi | 1982-01-01 | 9901AB 5 | w@post.nl |",
            "W. | Halabi | 1982-01-01 | 9944CD 8 | |",
            UNCERTAIN,
        ),
        pair(
            "Namesakes who were both registered on 1 January, or a move",
            "Only the year is known, and the e-mail differs. A name may be rare in the country and common here.",
            "M. | Halabi | 1984-01-01 | 9901AB 5 | m@post.nl |",
            "M. | Halabi | 1984-01-01 | 9944CD 8 | halabi@mail.nl |",
            UNCERTAIN,
        ),
        pair(
            "Exchanged names by their letters alone, born on 1 January",
            "House-mates may have such letters and such a birthday.",
            "A. | Rahimi | 1991-01-01 | 9901AB 5 | |",
            "R. | Amiri | 1991-01-01 | 9901AB 5 | |",
            UNCERTAIN,
        ),
        pair(
            "Two first names with one letter, and no birth date",
            "Written in full, they are those of father and son, or of husband and wife.",
            "Johannes | Jansen | 1952-10-10 | 9901AB 5 | |",
            "Jeroen | Jansen | | 9901AB 5 | |",
            UNCERTAIN,
        ),
        pair(
            "Two first names with one letter, and a way to reach that a home shares",
            "The surname is also that of the wife.",
            "Jan | Wiśniewski | 1979-02-17 | 9901AB 5 | jj@post.nl | 0612349876",
            "Joanna | Wisniewska | | 9901AB 5 | jj@post.nl | 0612349876",
            UNCERTAIN,
        ),
        pair(
            "Two first names with one letter, of people who are born on one day",
            "Twins who live at home.",
            "Hasan | Bayrak | 2005-03-09 | 9901AB 5 | |",
            "Hüseyin | Bayrak | 2005-03-09 | 9901AB 5 | |",
            UNCERTAIN,
        ),
        pair(
            "Two first names with one letter, of the same year",
            "1 January tells the year alone.",
            "Mohammed | El Idrissi | 1971-01-01 | 9901AB 5 | | 0612349876",
            "Malika | El Idrissi | 1971-01-01 | 9901AB 5 | | 0612349876",
            UNCERTAIN,
        ),
        pair(
            "A first name before the surname, and another one",
            "Niels is no Nora, whichever column he stands in.",
            " | Niels Berg | | 9901AB 5 | |",
            "Nora | van den Berg | 1980-05-31 | 9901AB 5 | |",
            UNCERTAIN,
        ),
        Spec(
            "A letter between two first names",
            "It may be the letter of either, so it joins neither, and does not join them.",
            given=f"""
                {HEADER}
                huur    | 1 | Johannes | Jansen | 1952-10-10 | 9901AB 5 | |
                energie | 7 | J.       | Jansen |            | 9901AB 5 | |
                zorg    | 3 | Jeroen   | Jansen |            | 9901AB 5 | |
            """,
            expected=f"verdict | reason | shown\n{UNCERTAIN}",
        ),
        Spec(
            "A letter between two first names that shares a phone with one of them",
            "It is about the one whose phone it is.",
            given=f"""
                {HEADER}
                huur    | 1 | Johannes | Jansen | 1952-10-10 | 9901AB 5 | | 0612349876
                energie | 7 | J.       | Jansen |            | 9901AB 5 | | 0612349876
                zorg    | 3 | Jeroen   | Jansen |            | 9901AB 5 | |
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7",
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
            "A signal between father and son with two initials in common",
            "It may belong to the son, who has one other signal, or to the father, who has two: it joins neither.",
            given=f"""
                {HEADER}
                huur    | 1 | J.M. | Bos | 1953-05-31 | 9901AB 12 | |
                energie | 7 | J.M. | Bos | 1953-05-31 | 9901AB 12 | |
                water   | 4 | J.M. | Bos |            | 9901AB 12 | |
                zorg    | 3 | J.M. | Bos | 1982-11-09 | 9901AB 12 | |
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7",
        ),
        Spec(
            "Birth dates that are alike one by one and not as a whole",
            "Each is near to the next, and the first and the last are two persons: nobody can say where one ends.",
            given=f"""
                {HEADER}
                huur    | 1 | J.M. | Bos | 1950-05-31 | 9901AB 12 | |
                energie | 7 | J.M. | Bos | 1950-05-12 | 9901AB 12 | |
                water   | 4 | J.M. | Bos | 1950-08-12 | 9901AB 12 | |
                zorg    | 3 | J.M. | Bos | 1958-08-12 | 9901AB 12 | |
            """,
            expected="verdict | reason | shown\ndoubtful | TWO_BIRTH_DATES |",
        ),
        Spec(
            "Father and son at one partner, and a stranger at another",
            "Were father and son one, it would still be one partner: there is nothing to ask.",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Berg   | 1950-05-31 | 9901AB 12 | |
                huur    | 2 | J. | Berg   |            | 9901AB 12 | |
                huur    | 3 | J. | Berg   | 1980-05-31 | 9901AB 12 | |
                energie | 7 | K. | Yilmaz | 1991-02-03 | 9944CD 8  | |
            """,
            expected=f"verdict | reason | shown\n{STRANGERS}",
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
