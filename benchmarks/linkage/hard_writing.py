"""How the four partners of the hard set write a person: names, initials, dates, addresses, ways to reach.

Energy and water know least: a fifth has no birth date, addresses are old, initials are cut. Slips hit every field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from benchmarks.linkage import hard_notations as notations
from benchmarks.linkage.hard_names import surnames as surname_list

if TYPE_CHECKING:
    from benchmarks.linkage.hard_data import Population

# Per partner: huur, energie, water, zorg.
SURNAME_SLIP = (0.03, 0.05, 0.05, 0.015)
OTHER_SPELLING = (0.02, 0.04, 0.045, 0.01)
NO_MARKS = (0.1, 0.5, 0.95, 0.1)
NAMES_EXCHANGED = (0.01, 0.04, 0.03, 0.005)  # of names that are not Dutch
WORD_BESIDE_NAME = (0.01, 0.02, 0.02, 0.005)
AS_TRADER = (0.0, 0.6, 0.6, 0.0)
TRADER_WITHOUT_BIRTH = 0.4
OTHER_NAME_FORM = (0.2, 0.35, 0.35, 0.15)
FIRST_INITIAL_ONLY = (0.2, 0.45, 0.3, 0.1)
CALLING_INITIAL = (0.04, 0.09, 0.07, 0.01)
WHOLE_FIRST_NAME = (0.06, 0.05, 0.01, 0.005)
NO_INITIALS = (0.01, 0.02, 0.03, 0.0)
BIRTH_MISSING = (0.03, 0.17, 0.17, 0.005)
BIRTH_STAND_IN = (0.01, 0.03, 0.03, 0.003)
BIRTH_SWAPPED = (0.03, 0.06, 0.06, 0.01)
BIRTH_SLIP = (0.01, 0.02, 0.02, 0.004)
OLD_ADDRESS = (0.04, 0.4, 0.4, 0.25)
NUMBER_SLIP = (0.005, 0.012, 0.015, 0.008)
POSTCODE_SLIP = (0.008, 0.012, 0.015, 0.008)
NO_ADDITION = (0.1, 0.2, 0.25, 0.1)
OTHER_ADDITION = (0.1, 0.25, 0.25, 0.1)
NO_EMAIL = (0.3, 0.25, 0.5, 0.35)
NO_PHONE = (0.25, 0.25, 0.45, 0.35)
OTHER_EMAIL = (0.2, 0.2, 0.2, 0.2)
OTHER_PHONE = (0.22, 0.22, 0.22, 0.22)
_LETTERS = "aeinorstlkdmbghuvpwjcfz"
_ADDITIONS = (*("",) * 8, *("A", "B", "C", "a", "2", "1", "hs", "II", "bov", "bis"))
_FLATS_OF = 8
_UNITS = (
    tuple("ABCDEFGHIJKLMNOPQRST"),
    tuple(str(unit) for unit in range(1, 21)),
    tuple(str(unit) for unit in range(101, 141, 2)),
    ("hs", *(str(unit) for unit in range(1, 20))),
)
_PAIRS = [a + b for a in "ABCDEGHJKLMNPRSTVWXZ" for b in "ABCDEGHJKLMNPRTVWXZ" if a + b not in ("SA", "SD", "SS")]


def write(
    chance: np.random.Generator, people: Population, person: np.ndarray, partner: np.ndarray
) -> pl.DataFrame:
    """The written fields of each signal."""
    count = len(person)

    def happens(rates: tuple[float, ...]) -> np.ndarray:
        return chance.random(count) < np.array(rates)[partner]

    particles, surnames = _surnames(chance, people, person, happens)
    old = happens(OLD_ADDRESS)
    door = np.where(old, people.former_door[person], people.door[person])
    postcode, number, letter, addition = _addresses(chance, door, happens)
    initials = _initials(chance, people, person, happens)
    births = _births(chance, people, person, happens)
    names = [*zip(particles, surnames, initials, births, strict=True)]
    names = _as_systems_do(chance, people, person, happens, names)
    particles, surnames, initials, births = zip(*names, strict=True)
    return pl.DataFrame(
        {
            "initials": initials,
            "particles": particles,
            "surname": surnames,
            "birth_on": births,
            "postcode": postcode,
            "house_number": number,
            "house_letter": letter,
            "house_addition": addition,
            "email": _emails(chance, people, person, happens),
            "phone": _phones(chance, people, person, happens),
        }
    )


def _as_systems_do(chance, people, person, happens, names):  # type: ignore[no-untyped-def]
    """Trades, words beside the name, given name and surname exchanged, diacritics dropped."""
    is_trader = people.is_trader[person] & happens(AS_TRADER)
    has_no_birth = chance.random(len(person)) < TRADER_WITHOUT_BIRTH
    is_exchanged = happens(NAMES_EXCHANGED) & ~surname_list().is_dutch[people.surname[person]]
    has_word, has_no_marks = happens(WORD_BESIDE_NAME), happens(NO_MARKS)
    where = chance.random(len(person))
    written = []
    for at, (field, name, initials, birth) in enumerate(names):
        letters = people.initials[person[at]]
        if is_trader[at]:
            whole = notations.as_trader(f"{field} {name}".strip(), letters, where[at])
            field, name, initials = "", whole, initials if where[at] * 7 % 1 < 0.4 else ""
            birth = "" if has_no_birth[at] else birth
        elif is_exchanged[at]:
            field, name, initials = (
                "",
                people.calling[person[at]].title(),
                name if where[at] < 0.5 else f"{name[0]}.",
            )
        elif has_word[at]:
            name, initials = notations.with_a_word_beside(name, letters, where[at])
        if has_no_marks[at]:
            name, initials = (notations.without_marks(text, where[at]) for text in (name, initials))
        written.append((field, name, initials, birth))
    return written


def _surnames(chance, people, person, happens):  # type: ignore[no-untyped-def]
    """Own, partner's or double name; the particle in its field, in front, behind a comma, glued on or dropped."""
    particle, core = surname_list().particles, surname_list().cores
    spells = happens(OTHER_SPELLING)
    own, other = people.surname[person], people.partner_surname[person]
    form = np.where(happens(OTHER_NAME_FORM), chance.integers(0, 4, len(person)), person % 4)
    style = chance.choice(6, len(person), p=[0.45, 0.25, 0.12, 0.06, 0.06, 0.06])
    slips, where = happens(SURNAME_SLIP), chance.random(len(person))
    kind, letter = chance.integers(0, 4, len(person)), chance.choice(list(_LETTERS), len(person))
    is_upper = chance.random(len(person)) < 0.15
    fields, names = [], []
    for at in range(len(person)):
        first, second = _order(own[at], other[at], form[at])
        name = core[first]
        if slips[at]:
            name = slipped(name, where[at], kind[at], letter[at])
        elif spells[at]:
            name = notations.spelt_otherwise(name, where[at])
        front = particle[first]
        if second >= 0:
            behind = f"{particle[second]} {core[second]}".strip()
            name = f"{name}{'-' if where[at] < 0.7 else ' '}{behind}"
        field, written = _with_particle(front, name, style[at])
        fields.append(field)
        names.append(written.upper() if is_upper[at] else written)
    return fields, names


def _order(own: int, other: int, form: int) -> tuple[int, int]:
    if other < 0 or form == 0:
        return own, -1
    return ((other, -1), (other, own), (own, other))[form - 1]


def _with_particle(front: str, name: str, style: int) -> tuple[str, str]:
    if not front or style == 5:
        return "", name
    short = front.replace("van der", "v.d.").replace("van den", "v.d.").replace("van de", "v.d.")
    return (
        (front, name),
        ("", f"{front} {name}"),
        ("", f"{name}, {front}"),
        ("", f"{front.replace(' ', '')}{name.lower()}"),
        (short, name),
    )[style]


def slipped(name: str, where: float, kind: int, letter: str) -> str:
    """One letter left out, put in, replaced, or swapped with the next; the first letter too, now and then."""
    at = int(where * len(name))
    if kind == 0:
        return name[:at] + name[at + 1 :] if len(name) > 2 else name
    if kind == 1:
        return name[:at] + letter + name[at:]
    if kind == 2:
        return name[:at] + letter + name[at + 1 :]
    return name[:at] + name[at + 1 : at + 2] + name[at : at + 1] + name[at + 2 :]


def _initials(chance, people, person, happens):  # type: ignore[no-untyped-def]
    cut, called, missing = happens(FIRST_INITIAL_ONLY), happens(CALLING_INITIAL), happens(NO_INITIALS)
    is_whole = happens(WHOLE_FIRST_NAME)
    swapped, style = chance.random(len(person)) < 0.02, chance.integers(0, 4, len(person))
    written = []
    for at, who in enumerate(person):
        letters = people.initials[who]
        if called[at]:
            letters = people.calling[who][:1]
        elif swapped[at] and len(letters) > 1:
            letters = letters[1] + letters[0] + letters[2:]
        elif cut[at]:
            letters = letters[:1]
        forms = (".".join(letters) + ".", letters, " ".join(letters), letters)
        text = people.calling[who].title() if is_whole[at] else forms[style[at]]
        written.append("" if missing[at] else text)
    return written


def _births(chance, people, person, happens):  # type: ignore[no-untyped-def]
    year, month, day = people.birth[person].T.copy()
    slip, which = happens(BIRTH_SLIP), chance.integers(0, 3, len(person))
    year = np.where(slip & (which == 0), year + chance.choice([-10, -1, 1, 10], len(person)), year)
    month = np.where(slip & (which == 1), month % 12 + 1, month)
    day = np.where(slip & (which == 2), (day + chance.choice([1, 10], len(person)) - 1) % 28 + 1, day)
    swap = happens(BIRTH_SWAPPED) & (day <= 12)
    month, day = np.where(swap, day, month), np.where(swap, month, day)
    stand_in, missing = happens(BIRTH_STAND_IN), happens(BIRTH_MISSING)
    month, day = np.where(stand_in, 1, month), np.where(stand_in, 1, day)
    year = np.where(stand_in & (chance.random(len(person)) < 0.25), 1900, year)
    texts = [f"{y:04}-{m:02}-{d:02}" for y, m, d in zip(year, month, day, strict=True)]
    return ["" if gone else text for gone, text in zip(missing, texts, strict=True)]


def _addresses(chance, door, happens):  # type: ignore[no-untyped-def]
    """Twenty doors to a postcode, each with its own addition; in some they are all units of one building."""
    block, count = door // 20, len(door)
    digits, pair = 1000 + (block // len(_PAIRS)) % 9000, block % len(_PAIRS)
    wrong, which = happens(POSTCODE_SLIP), chance.integers(0, 2, count)
    digits = np.where(wrong & (which == 0), np.minimum(9999, digits + chance.choice([1, 10, 100], count)), digits)
    pair = np.where(wrong & (which == 1), (pair + 1) % len(_PAIRS), pair)
    is_flat = (block * 7_919) % 1_009 % _FLATS_OF == 0
    number = 1 + np.where(is_flat, 0, door % 20) * 2 + (block * 37) % 200
    number = np.where(happens(NUMBER_SLIP), number + chance.choice([-1, 1, 2, 10], count), number)
    number = np.maximum(1, number)
    additions = np.array(_ADDITIONS)[(door * 7_919 + block) % len(_ADDITIONS)]
    units = np.array(_UNITS)[block % len(_UNITS), door % 20]
    additions = np.where(is_flat, units, additions)
    additions = np.where(happens(NO_ADDITION), "", additions)
    is_otherwise, way = happens(OTHER_ADDITION) & (additions != ""), chance.random(count)
    additions = np.array(
        [
            notations.addition_otherwise(text, where) if other else text
            for text, other, where in zip(additions.tolist(), is_otherwise, way, strict=True)
        ]
    )
    style, space = chance.integers(0, 4, count), chance.random(count) < 0.4
    postcodes = [f"{d}{' ' if s else ''}{_PAIRS[p]}" for d, s, p in zip(digits, space, pair, strict=True)]
    begins_with_digit = np.array([text[:1].isdigit() for text in additions.tolist()])
    style = np.where((style == 1) & begins_with_digit, 2, style)
    numbers = [
        f"{n}{('', '-', ' ')[s - 1]}{a}" if s and a else str(n)
        for n, s, a in zip(number, style, additions, strict=True)
    ]
    apart = [a if s == 0 else "" for s, a in zip(style, additions.tolist(), strict=True)]
    letters = [a if len(a) == 1 and a.isalpha() else "" for a in apart]
    twice = chance.random(count) < 0.1
    rest = ["" if letter and not again else a for a, letter, again in zip(apart, letters, twice, strict=True)]
    return postcodes, numbers, letters, rest


def _emails(chance, people, person, happens):  # type: ignore[no-untyped-def]
    own, other, missing = people.mailbox[person], happens(OTHER_EMAIL), happens(NO_EMAIL)
    style, stand_in, slip = (
        chance.random(len(person)),
        chance.random(len(person)) < 0.03,
        chance.random(len(person)),
    )
    texts = []
    for at, who in enumerate(own):
        text = f"m{who * 2 + other[at]}.{people.calling[who].lower()}@mail{who % 5}.example"
        if slip[at] < 0.015:
            text = slipped(text[:-13], style[at], 0, "x") + text[-13:]
        texts.append("" if missing[at] else "onbekend@onbekend.nl" if stand_in[at] else text)
    return texts


def _phones(chance, people, person, happens):  # type: ignore[no-untyped-def]
    own, other, missing = people.telephone[person], happens(OTHER_PHONE), happens(NO_PHONE)
    number = 600_000_000 + ((own * 2 + other) * 7_368_787 + 1_234_567) % 99_999_989
    slip = chance.random(len(person)) < 0.012
    number = np.where(slip, number + chance.choice([1, 10, 1000], len(person)), number)
    stand_in, style = chance.random(len(person)) < 0.03, chance.integers(0, 3, len(person))
    forms = ("0{}", "+31 {}", "0031{}")
    return [
        "" if gone else "0600000000" if fake else forms[s].format(n)
        for gone, fake, s, n in zip(missing, stand_in, style, number, strict=True)
    ]
