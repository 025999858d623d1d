"""The table by which the opener compares two contacts, as a chapter with an example of each row."""

from __future__ import annotations

from importlib import resources

from tests.spec.tables import Chapter

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
    I16 | Jacob, Berg, 2003-01-01, 9901AB 12, | Berg, Jacob, 2003-01-01, 9901AB 12, | same person
    I17 | J, Berg, 2003-01-01, 9901AB 12, | B, Jacob, 2003-01-01, 9901AB 12, | doubtful
    I10 | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | B, Jacob, 1980-05-31, 9944CD 8, a@post.nl | same person
    I12 | J, Berg, 2003-05-31, 9901AB 12, | H, Berg, 2003-05-31, 9901AB 12, | likely one person
    I14 | JP, Berg, 1980-05-31, 9901AB 12, | JM, Berg, 1980-05-31, 9901AB 12, | same person
    I15 | JP, Berg, 2003-05-31, 9901AB 1, a@post.nl | JM, Berg, 2003-05-31, 9901AB 1, a@post.nl | likely one person
    I1 | JP, Berg, 2003-05-31, 9901AB 12, | HM, Berg, 2003-05-31, 9901AB 12, | doubtful
    I13 | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | H, Bos, 1980-05-31, 9901AB 12, a@post.nl | likely one person
    I2 | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | H, Visser, 1980-05-31, 9944CD 8, a@post.nl | doubtful
    I8 | J, Berg, 1980-05-31, 9901AB 12, | H, Visser, 1980-05-31, 9901AB 12, | doubtful
    I11 | J, Berg, , 9901AB 12, a@post.nl | M, Berg, 1980-05-31, 9901AB 12, a@post.nl | doubtful
    I3 | J, Berg, 1980-05-31, 9901AB 12, | M, Berg, , 9901AB 12, | same household
    I4 | J, Berg, , 9901AB 12, a@post.nl | M, Visser, , 9901AB 12, a@post.nl | same household
    I5 | J, Berg, , 9901AB 12, a@post.nl | M, Visser, , 9944CD 8, a@post.nl | different
    F1 | Jeroen, Berg, , 9901AB 12, | Johannes, Berg, 1980-05-31, 9901AB 12, | doubtful
    F2 | Jeroen, Berg, , 9901AB 12, a@post.nl | Johannes, Berg, 1980-05-31, 9944CD 8, a@post.nl | doubtful
    F3 | Jeroen, Berg, 2003-05-31, 9901AB 12, | Johannes, Berg, 2003-05-31, 9944CD 8, | doubtful
    S1 | M, Berg, 1980-05-31, 9901AB 12, | M, Visser, 1980-05-31, 9901AB 12, | same person
    S2 | M, Berg, 1980-05-31, 9901AB 12, a@post.nl | M, Visser, 1980-05-31, 9944CD 8, a@post.nl | same person
    S0 | M, Berg, 1980-05-31, 9901AB 12, a@post.nl | M, Visser, 1980-05-13, 9901AB 12, a@post.nl | same person
    S8 | MA, Berg, , 9901AB 12, | MA, Visser, 1980-05-31, 9901AB 12, | likely one person
    S10 | A, Berg, , 9901AB 12, mvisser@post.nl | MA, Visser, 1980-05-31, 9901AB 12, | doubtful
    S11 | M, Berg, , 9901AB 12, mvisser@post.nl | M, Visser, 1980-05-31, 9901AB 12, b@mail.nl | doubtful
    S9 | M, Berg, , 9901AB 12, mvisser@post.nl | M, Visser, 1980-05-31, 9901AB 12, | likely one person
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
    P13 | J, Kwint, 1980-01-01, 9901AB 12, a@post.nl | J, Kwint, 1980-01-01, 9944CD 8, b@mail.nl | doubtful
    P14 | J, Kwint, 1980-01-01, 9901AB 12, | J, Kwint, 1980-01-01, 9944CD 8, | doubtful
    P11 | J, Kwint, 1980-05-06, 9901AB 12, | J, Kwint, 1980-06-05, 9944CD 8, | same person
    P5 | J, Berg, 1980-05-06, 9901AB 12, | J, Berg, 1980-06-05, 9944CD 8, | doubtful
    P6 | , Berg, 1980-05-31, 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | same person
    P7 | , Berg, 1980-05-31, 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9944CD 8, a@post.nl | same person
    P12 | , Berg, 1980-01-01, 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | same person
    P8 | , Berg, 1980-01-01, 9901AB 12, | J, Berg-Visser, 1980-05-31, 9901AB 12, | likely one person
    M14 | A, Berg, 1980-05-31, 9901AB 12, , 0612349876 | HA, Berg, , 9901AB 12, , 0612349876 | doubtful
    M15 | A, Berg, 1980-05-31, 9901AB 12, , 0612349876 | HA, Berg, , 9944CD 8, , 0612349876 | doubtful
    M1 | J, Berg, , 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9944CD 8, a@post.nl | same person
    M7 | JP, Berg, , 9901AB 12, | JP, Berg-Visser, 1980-05-31, 9901AB 12, | same person
    M2 | J, Berg, , 9901AB 12, a@post.nl, 0612349876 | JP, Berg, , 9901AB 12, b@mail.nl, 0687654123 | doubtful
    M11 | J, Berg, , 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | same person
    M3 | J, Berg, , 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12-A, | same person
    M16 | J, Berg, , 9901AB 12, | JP, Berg, 1980-05-31, 9901AB 12, | likely one person
    M8 | M, Berg, , 9901AB 12, | M, Berg-Visser, 1980-05-31, 9901AB 12, | likely one person
    M9 | M, Berg, , 9901AB 12, | MA, Berg-Visser, 1980-05-31, 9901AB 12, | likely one person
    M4 | M, Berg, , 9901AB 12, a@post.nl | MA, Berg-Visser, 1980-05-31, 9901AB 12, b@mail.nl | likely one person
    M10 | , Berg, , 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9901AB 12, a@post.nl | same person
    M17 | , Berg, , 9901AB 12, a@post.nl | J, Berg-Visser, 1980-05-31, 9901AB 12, a@post.nl | likely one person
    M5 | , Berg, , 9901AB 12, a@post.nl | J, Berg-Visser, 1980-05-31, 9901AB 12-A, a@post.nl | doubtful
    M13 | , Berg, , 9901AB 12, | J, Berg, 1980-05-31, 9901AB 12, | likely one person
    M6 | , Berg, , 9901AB 12, | J, Berg-Visser, 1980-05-31, 9901AB 12, | same household
    M12 | , Berg, , 9901AB 12, a@post.nl | J, Berg, 1980-05-31, 9944CD 8, a@post.nl | doubtful
    N1 | J, Berg, , 9901AB 12, | J, Berg, 1980-05-31, 9944CD 8, | different
"""
THE_TABLE = Chapter(
    "How the opener compares two contacts",
    """
    Tokens propose a case; the opener sees the fields themselves and confirms it. Per field two contacts are
    equal (`=`), similar (`~`), unknown on a side (`?`) or in conflict (`!`); `*` is anything. `#` is equal and
    more than that: a surname that is none of the hundred or so commonest, two initials or more, a birth date
    of somebody who is thirty or older in that year. *Reach* is e-mail and phone together: `=` one of them is
    equal, `t` only the phone is, `!` what both partners know differs, `x` both are known and both differ. Of
    surnames `@` says that they differ and that one stands in the e-mail address that the other partner knows:
    a maiden name, or a mailbox of two. Of initials `x` says that they differ and that both partners know two
    or more, so that neither is the letter of a calling name, `1` that the first of these is the same; `%` that
    surname and initials both differ and each initial is the letter of the other's surname, and no given name
    that is written in full is another, `w` that both given names are written in full and are the other's
    surname; `n` that both partners wrote a first name in full (Johannes, Jeroen) and that the two contradict
    each other: neither is the beginning of the other, a typing error away, or a usual name for it, as Jan is
    for Johannes, and no birth date of somebody of thirty or older is equal besides. Such first names fit no
    `=`, `~` or `#`; `<` that one partner knows a single letter, which the other knows too but not as the
    first: a later given name, or somebody else. Of birth dates `y` says that both partners know the same year
    and nothing more. The first row that fits decides.

    Similar is: one typing error (two in a name of eight letters or more; in one of two or three the first
    letter is right), two surnames with one sound or with oe for ö, half of a double name, initials cut or
    swapped, one wrong letter of three initials or more, day and month swapped, another day or another month
    in one year, one wrong digit or ten years in the birth year, a birth date of which only the year is known
    (1 January counts as such), an address whose addition one partner lacks, one typing error in the postcode, or
    in a house number of two digits or more where name, initials and the whole birth date agree.

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
