"""When tokens say that two signals are about one person, and when they do not."""

from __future__ import annotations

from tests.spec.tables import Chapter, Spec

SAME_PERSON = Chapter(
    "When two signals are about the same person",
    """
    Partners never write a name the same way twice, so any of these combinations is enough. No combination has few
    values: a birth date, a postcode or a surname alone never counts. These rules look at keyed tokens of the
    combinations; nobody at the municipality sees the fields.
    """,
    tuple(
        Spec(
            title,
            why,
            given=f"""
                partner | client | {header}
                huur    | 1      | {mine}
                energie | 7      | {theirs}
            """,
            expected="""
                signals           | evidence
                energie 7, huur 1 | person
            """,
        )
        for title, why, header, mine, theirs in (
            (
                "Surname, initial and birth date",
                "Holds after a move.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Jansen | A | 1980-05-31 | 3822CD 8",
            ),
            (
                "Initial, birth date and address",
                "Holds when the surname is written in another way, or is that of a partner.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Janssens | A | 1980-05-31 | 3811AB 5",
            ),
            (
                "Birth date and postcode, one initial missing",
                "Holds when an addition makes the address differ.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Jansen |   | 1980-05-31 | 3811AB 5-2",
            ),
            (
                "Birth date and postcode, another name",
                "A married name, a calling name or twins: tokens cannot tell, so the opener looks.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "de Vries | B | 1980-05-31 | 3811AB 9",
            ),
            (
                "One slip in the birth date, at one address",
                "The birthday agrees, the year is one off; a father and his son differ in both.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Jansen | A | 1981-05-31 | 3811AB 5",
            ),
            (
                "Initial and address, another surname, one birth date missing",
                "A typing error, or a married name: the opener compares the names.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Jansem | A |            | 3811AB 5",
            ),
            (
                "Surname and address, one birth date missing",
                "Energy and water companies often have no birth date.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Jansen | A |            | 3811AB 5",
            ),
            (
                "Surname and address, one initial missing too",
                "Tokens cannot tell; the opener looks for another way to know.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Jansen |   |            | 3811AB 5",
            ),
            (
                "One half of a double name",
                "One partner has the maiden name, another both.",
                "name | initial | born",
                "de Vries/Jansen | A | 1980-05-31",
                "Jansen | A | 1980-05-31",
            ),
            (
                "Surname and e-mail",
                "Holds after a move, when one partner has no birth date.",
                "name | initial | born | address | e-mail",
                "Jansen | A | 1980-05-31 | 3811AB 5 | a@example.nl",
                "Jansen | A | | 3822CD 8 | a@example.nl",
            ),
            (
                "Surname and telephone",
                "As with e-mail, also without an initial.",
                "name | initial | born | address | phone",
                "Jansen | A | 1980-05-31 | 3811AB 5 | 0612345678",
                "Jansen | | | 3822CD 8 | 0612345678",
            ),
            (
                "Birth date and e-mail",
                "A married name, another initial, and moved: the opener compares the rest.",
                "name | initial | born | address | e-mail",
                "Jansen | A | 1980-05-31 | 3811AB 5 | a@example.nl",
                "de Vries | J | 1980-05-31 | 3822CD 8 | a@example.nl",
            ),
            (
                "Birth date and telephone",
                "As with e-mail.",
                "name | initial | born | address | phone",
                "Jansen | A | 1980-05-31 | 3811AB 5 | 0612345678",
                "de Vries | | 1980-05-31 | 3822CD 8 | 0612345678",
            ),
        )
    ),
)
OTHER_PERSON = Chapter(
    "When they are not",
    """
    Two visits to the wrong door, and trust is gone. A general combination counts for nothing when the field that
    it leaves open is known on both sides and differs.
    """,
    tuple(
        Spec(
            title,
            why,
            given=f"""
                partner | client | {header}
                huur    | 1      | {mine}
                energie | 7      | {theirs}
            """,
            expected="signals | evidence",
        )
        for title, why, header, mine, theirs in (
            (
                "Father and son with one initial",
                "Surname, initial and address agree, birth year and birthday do not.",
                "name | initial | born | address",
                "Jansen | A | 1955-01-02 | 3811AB 5",
                "Jansen | A | 1980-05-31 | 3811AB 5",
            ),
            (
                "A couple, one birth date unknown",
                "Surname and address agree, the initials do not.",
                "name | initial | born | address",
                "Jansen | A | 1955-01-02 | 3811AB 5",
                "Jansen | M | | 3811AB 5",
            ),
            (
                "One family, an initial unknown",
                "Surname and address agree, the birth dates do not.",
                "name | initial | born | address",
                "Jansen | A | 1955-01-02 | 3811AB 5",
                "Jansen | | 1980-05-31 | 3811AB 5",
            ),
            (
                "House-mates with one initial",
                "Initial and address agree, birth year and birthday do not.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Yilmaz | A | 1991-02-03 | 3811AB 5",
            ),
            (
                "Namesakes in one postcode",
                "Surname, initial and postcode agree, the birth dates do not.",
                "name | initial | born | address",
                "Jansen | A | 1955-01-02 | 3811AB 5",
                "Jansen | A | 1980-05-31 | 3811AB 9",
            ),
            (
                "A shared mailbox",
                "Surname and e-mail agree, initials and birth dates do not.",
                "name | initial | born | address | e-mail",
                "Jansen | A | 1955-01-02 | 3811AB 5 | a@example.nl",
                "Jansen | B | 1980-05-31 | 3822CD 8 | a@example.nl",
            ),
            (
                "A shared telephone",
                "Surname, initial and telephone agree, the birth dates do not.",
                "name | initial | born | address | phone",
                "Jansen | A | 1955-01-02 | 3811AB 5 | 0612345678",
                "Jansen | A | 1980-05-31 | 3822CD 8 | 0612345678",
            ),
            (
                "House-mates",
                "One address says nothing about who lives there.",
                "name | initial | born | address",
                "Jansen | A | 1980-05-31 | 3811AB 5",
                "Yilmaz | E | 1991-02-03 | 3811AB 5",
            ),
            (
                "Namesakes",
                "Surname and initial are no combination at all.",
                "name | initial | born | address",
                "Jansen | A | 1955-01-02 | 3811AB 5",
                "Jansen | A | 1980-05-31 | 3822CD 8",
            ),
        )
    ),
)
CONFLICT_AND_MORE = Spec(
    "A conflict takes away one piece of evidence, not all",
    "The birth dates of father and son differ, so the address does not count; birth date and postcode still do.",
    given="""
        partner | client | name   | initial | born       | address
        huur    | 1      | Jansen | A       | 1955-01-02 | 3811AB 5
        energie | 7      | Jansen | A       | 1980-05-31 | 3811AB 5
        zorg    | 3      | Jansen | J       | 1980-05-31 | 3811AB 9
    """,
    expected="""
        signals           | evidence
        energie 7, zorg 3 | person
    """,
)
TWO_CASES = Spec(
    "House-mates with one initial who each are a case",
    "Initial and address join signals into a case, and never two cases into one.",
    given="""
        partner | client | name   | initial | born       | address
        huur    | 1      | Jansen | A       | 1980-05-31 | 3811AB 5
        energie | 7      | Jansen | A       |            | 3811AB 5
        zorg    | 3      | Yilmaz | A       | 1991-02-03 | 3811AB 5
        water   | 4      | Yilmaz | A       |            | 3811AB 5
    """,
    expected="""
        signals           | evidence
        energie 7, huur 1 | person
        water 4, zorg 3   | person
    """,
)
NO_BRIDGE = Spec(
    "A house-mate between two cases joins neither",
    "Who shares an initial and an address with two cases, and nothing more with either, may be anybody there.",
    given="""
        partner | client | name   | initial | born       | address
        huur    | 1      | Jansen | A       | 1980-05-31 | 3811AB 5
        energie | 7      | Jansen | A       |            | 3811AB 5
        zorg    | 3      | Yilmaz | A       | 1991-02-03 | 3811AB 5
        water   | 4      | Yilmaz | A       |            | 3811AB 5
        bank    | 5      | Bakker | A       |            | 3811AB 5
    """,
    expected="""
        signals           | evidence
        energie 7, huur 1 | person
        water 4, zorg 3   | person
    """,
)
CROWD = Spec(
    "What very many signals share is nobody",
    "A value that more than 24 signals of a month have is a placeholder, an administrator or a reception.",
    given="partner | client | name | phone\n"
    + "\n".join(
        f"{partner} | {client} | Jansen | 0800-1234" for client in range(13) for partner in ("huur", "zorg")
    ),
    expected="signals | evidence",
)
