"""Which signals make a case: every rule as a table, on the reference matcher and on the fast one."""

from __future__ import annotations

import pytest

from pipeline.vocabulary.agreement import Rule
from tests.reference import engines
from tests.spec.persons import signal
from tests.spec.tables import Chapter, Spec, rows

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

CROWD = Spec(
    "What very many signals share is nobody",
    "A value that more than 24 signals of a month have is a placeholder, an administrator or a reception.",
    given="partner | client | name | phone\n"
    + "\n".join(
        f"{partner} | {client} | Jansen | 0800-1234" for client in range(13) for partner in ("huur", "zorg")
    ),
    expected="signals | evidence",
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
    no case; *reveal* makes a case of each person with one, whatever the rule says.
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
    ),
)

CHAPTERS = (
    THE_RULE,
    SAME_PERSON,
    Chapter(OTHER_PERSON.title, OTHER_PERSON.text, (*OTHER_PERSON.specs, CONFLICT_AND_MORE, TWO_CASES, CROWD)),
    HOUSEHOLD,
    CRISIS,
)


@pytest.mark.parametrize("match", [engines.naive, engines.fast])
@pytest.mark.parametrize("spec", [spec for chapter in CHAPTERS for spec in chapter.specs], ids=str)
def test_match_rule(spec: Spec, match: engines.Engine) -> None:
    """The signals that are given make exactly the cases that are expected."""
    rule, reveals_crisis = read_setting(spec.setting)
    expected = {
        (
            row.get("lane", "matched"),
            row["evidence"],
            frozenset(tuple(name.split()) for name in row["signals"].split(", ")),
        )
        for row in rows(spec.expected)
    }
    assert expected == match([signal(row) for row in rows(spec.given)], rule, reveals_crisis)


def read_setting(setting: str) -> tuple[Rule, bool]:
    """What a spec says of the agreement; silence is the rule of the practice region."""
    said = dict(part.split(" ", 1) for part in setting.split(", ") if part)
    rule = Rule(
        min_partners=int(said.get("min_partners", 2)),
        min_months=int(said.get("min_months", 2)),
        match_on=tuple(said.get("match_on", "person").split(" and ")),
    )
    return rule, said.get("crisis") == "reveal"
