"""One person written in two ways, as the opener confirms it."""

from __future__ import annotations

from tests.spec.contacts import CONFIRMED, HEADER, LIKELY, UNCERTAIN, pair
from tests.spec.tables import Chapter, Spec

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
            "A. | Jansen | 1980-05-31 | 9901AB 5 | |",
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
            "The maiden name in the e-mail address",
            "Another surname and no birth date, but the e-mail address holds the name that the other partner has.",
            "A. | Roggeing | | 9901AB 5 | awildlaan@post.nl |",
            "A.M. | Wildlaan | 1980-05-31 | 9901AB 5 | |",
            LIKELY,
        ),
        pair(
            "A given name before the surname",
            "The other partner's initial says which word it is.",
            " | Niels Berg | | 9901AB 5 | |",
            "N.J. | van den Berg | 1980-05-31 | 9901AB 5 | |",
            LIKELY,
        ),
        pair(
            "Capitals before the surname",
            "All of them agree with the initials that the other partner has.",
            " | JMN Berg | | 9901AB 5 | |",
            "J.M.N. | van den Berg | 1980-05-31 | 9901AB 5 | |",
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
            "A. | Bosz | 1980-05-31 | 9901AB 5 | |",
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
            "A later letter without a birth date, and one e-mail",
            "A home shares its phone more often than an e-mail address.",
            "H.A. | Jansen | | 9901AB 5 | a@post.nl | 0612349876",
            "A. | Jansen | 1980-05-31 | 9901AB 5 | a@post.nl | 0612349876",
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
            "Given name and surname in each other's place, born on 1 January",
            "For many that is how an unknown birthday is written. Both partners know the year, and no more.",
            "Tsega | Ogbazghi | 1967-01-01 | 9901AB 5 | |",
            "Ogbazghi | Tsega | 1967-01-01 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "Given name and surname in each other's place, born on 1 January, with a space",
            "Whole words are equal, whether written in two parts or in one.",
            "Xiu Ying | Wu | 1988-01-01 | 9901AB 5 | |",
            "Wu | Xiuying | 1988-01-01 | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "A usual name for the official one, and no birth date",
            "Both first names are written in full, and Jan is in use for Johannes.",
            "Johannes | Jansen | 1952-10-10 | 9901AB 5 | |",
            "Jan | Jansen | | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "A first name of which a letter is known elsewhere",
            "A letter contradicts no name.",
            "J. | Jansen | 1952-10-10 | 9901AB 5 | |",
            "Jeroen | Jansen | | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "One first name, spelt in two ways",
            "Names that came from another script are written as the clerk hears them.",
            "Youssef | Haddou | 1966-03-02 | 9901AB 5 | |",
            "Yusuf | Haddou | | 9901AB 5 | |",
            CONFIRMED,
        ),
        pair(
            "A calling name that nobody can know, on one birth date",
            "At an age at which twins seldom share an address, the whole birth date outweighs it.",
            "Johannes | Jansen | 1952-10-10 | 9901AB 5 | |",
            "Joost | Jansen | 1952-10-10 | 9901AB 5 | |",
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
PROBABLE = Chapter(
    "Likely one person",
    """
    What is sure is one person in at least 96 of 100 pairs. What is likely is so in five of six or more, always at
    one address. The data steward would see no more than the table does, so the agreement decides: they are shown,
    with a word of caution on the worklist, or, with `certainty: certain`, asked first.
    """,
    (
        pair(
            "A calling name, now and then twins",
            "Everything agrees but one letter, at an age at which twins may live at home.",
            "J. | Jansen | 2003-05-31 | 9901AB 5 | |",
            "H. | Jansen | 2003-05-31 | 9901AB 5 | |",
            LIKELY,
        ),
        pair(
            "The same where the agreement asks for certainty",
            "The data steward decides.",
            "J. | Jansen | 2003-05-31 | 9901AB 5 | |",
            "H. | Jansen | 2003-05-31 | 9901AB 5 | |",
            UNCERTAIN,
            "certainty certain",
        ),
        pair(
            "No birth date at the energy company, and one initial",
            "A. may be the first letter of A.M., or her son.",
            "A.M. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "A. | Jansen | | 9901AB 5 | |",
            LIKELY,
        ),
        pair(
            "A slip in a short name, and no birth date",
            "Another name may be another household at that door.",
            "A. | Bos | 1980-05-31 | 9901AB 5 | |",
            "A. | Bosz | | 9901AB 5 | |",
            LIKELY,
        ),
        pair(
            "Another name altogether",
            "Two people at one address with one phone seldom have one birth date.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | | 0612349876",
            "H. | Kwint | 1980-05-31 | 9901AB 5 | | 0612349876",
            LIKELY,
        ),
        pair(
            "Only surname and address are known",
            "More than five in six are one person; the sixth is the partner. Nothing speaks against it.",
            "J. | Jansen | 1980-05-31 | 9901AB 5 | |",
            "| Jansen | | 9901AB 5 | |",
            LIKELY,
        ),
        pair(
            "No initials, and a year with half of a double name",
            "Nothing differs that both partners know.",
            "| Jansen | 1980-01-01 | 9901AB 5 | |",
            "J. | Jansen-Kwint | 1980-05-31 | 9901AB 5 | |",
            LIKELY,
        ),
        pair(
            "Half of a double name with another phone",
            "No birth date; initials and address agree.",
            "M. | Berg | | 9901AB 5 | | 0612349876",
            "M.A. | Berg-Visser | 1980-05-31 | 9901AB 5 | | 0687654123",
            LIKELY,
        ),
        Spec(
            "A signal of surname and address between husband and wife",
            "Likely his, and as likely hers: it joins neither.",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Jansen | 1980-05-31 | 9901AB 5 | |
                energie | 7 |    | Jansen |            | 9901AB 5 | |
                zorg    | 3 | M. | Jansen |            | 9901AB 5 | |
            """,
            expected=f"verdict | reason | shown\n{UNCERTAIN}",
        ),
        Spec(
            "A third signal of which it is sure",
            "The case is shown on what is sure, and is called likely for the one that is added.",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Jansen | 1980-05-31 | 9901AB 5 | |
                energie | 7 | J. | Jansen | 1980-05-31 | 9901AB 5 | |
                zorg    | 3 |    | Jansen |            | 9901AB 5 | |
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON_LIKELY | huur 1, energie 7, zorg 3",
        ),
        Spec(
            "The same where the agreement asks for certainty, with one who is not sure",
            "The case is shown without it.",
            setting="certainty certain",
            given=f"""
                {HEADER}
                huur    | 1 | J. | Jansen | 1980-05-31 | 9901AB 5 | |
                energie | 7 | J. | Jansen | 1980-05-31 | 9901AB 5 | |
                zorg    | 3 |    | Jansen |            | 9901AB 5 | |
            """,
            expected="verdict | reason | shown\nconfirmed | PERSON | huur 1, energie 7",
        ),
    ),
)
