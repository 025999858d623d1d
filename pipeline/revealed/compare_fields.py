"""Two identities compared field by field: equal, similar, conflict or missing, and nothing else leaves here.

Works on normalised fields, so spelling, particles and notations are already one; what is left are typing
errors, swapped dates, cut initials, double names, additions and moves. Text is similar by the edit distance of
rapidfuzz (swapped neighbours count once): one edit from 4 characters on, two from 8 on; surnames also by their
sound, and from 2 characters on where the first is the same. Of what is equal it also says whether that is much:
a rare surname, two initials, a birth date at which twins no longer share a home.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from rapidfuzz.distance import OSA

from pipeline.revealed.given_names import GivenNames, contradict, names_in, stand_in
from pipeline.revealed.near_names import are_alike, is_near
from pipeline.vocabulary.identity.common_surnames import common_surname_keys
from pipeline.vocabulary.identity.dates import DAY_ZERO, OLDEST_BIRTH_YEAR

EQUAL = "equal"
SIMILAR = "similar"
CONFLICT = "conflict"
BOTH_CONFLICT = "both conflict"
CROSSED = "crossed"
WHOLE_WORDS = "crossed in whole words"
OTHER_NAMES = "other first names"
WHOLE = "whole"
LATER = "a later letter"
FIRST = "the first letter"
BY_PHONE = "by phone"
YEAR_ONLY = "the year alone"
NAMED = "in the other's e-mail"
MISSING = "missing"
OUTCOMES = (EQUAL, SIMILAR, MISSING, CONFLICT)

GENERATION_YEARS = 14
DECADE = 10
WHOLE_FROM = 2
ONE_LETTER_FROM = 3
NAMED_FROM = 4
LONG_NUMBER_FROM = 2
TWINS_APART_FROM = 30
"""Years of age from which twins seldom live at one address; before it, other initials may be a twin."""

_NO_LETTERS = re.compile("[^a-z]+")
_DOUBLED = re.compile(r"([b-df-hj-np-tv-xz])\1")
_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})$")


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """The normalised identity inside one contact; `birth` is (year, month, day), 0 where unknown.

    `given` are first names that are written in full, which are read for the opener alone and make no token.
    """

    surnames: tuple[str, ...]
    initials: str
    birth: tuple[int, int, int]
    postcode: str
    number: str
    addition: str
    email: str
    phone: str
    has_hyphen: bool = False
    given: GivenNames = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome per field. It holds no value of a person, so the data steward may see it."""

    surname: str
    initials: str
    birth: str
    address: str
    email: str
    phone: str
    has_whole_initials: bool = False
    has_rare_surname: bool = False
    is_past_sharing: bool = False
    has_crossed_names: bool = False
    has_later_letter: bool = False
    has_year_alone: bool = False
    is_named_by_mail: bool = False
    has_first_letter: bool = False
    has_crossed_words: bool = False
    has_other_names: bool = False

    @property
    def name(self) -> str:
        """The surname; `whole` when it is equal and none of the common ones, of which a city has many bearers.

        `in the other's e-mail` when they differ, and one is in the e-mail address that the other's partner knows.
        """
        if self.is_named_by_mail and self.surname == CONFLICT:
            return NAMED
        return WHOLE if self.has_rare_surname and self.surname == EQUAL else self.surname

    @property
    def letters(self) -> str:
        """The initials; `whole` when both partners know the same two or more, which two people seldom have.

        `both conflict` when both know two or more: then neither of them is the letter of a calling name; `the
        first letter` when that one is the same; `crossed` when each is the letter of the other's surname, which
        stands in the place of a given name then, `in whole words` when both given names are written in full; `a
        later letter` when one partner knows a single letter and it is not the first of the other's; `other first
        names` when both are written in full and contradict each other, which the whole birth date outweighs at an
        age at which twins no longer share a home.
        """
        if self.has_other_names and self.born != WHOLE and self.initials in (EQUAL, SIMILAR):
            return OTHER_NAMES
        if self.has_later_letter and self.initials == SIMILAR:
            return LATER
        if self.has_crossed_names:
            return WHOLE_WORDS if self.has_crossed_words else CROSSED
        if not self.has_whole_initials:
            return self.initials
        if self.has_first_letter and self.initials == CONFLICT:
            return FIRST
        return {EQUAL: WHOLE, CONFLICT: BOTH_CONFLICT}.get(self.initials, self.initials)

    @property
    def born(self) -> str:
        """The birth date; `whole` when it is equal and so long ago that twins seldom still share an address.

        `the year alone` when that is all that both partners know, as of somebody who was born on 1 January.
        """
        if self.has_year_alone and self.birth == SIMILAR:
            return YEAR_ONLY
        return WHOLE if self.is_past_sharing and self.birth == EQUAL else self.birth

    @property
    def reach(self) -> str:
        """E-mail and phone together: the best agreement; `both conflict` when both are known and both differ."""
        both = (self.email, self.phone)
        if both == (CONFLICT, CONFLICT):
            return BOTH_CONFLICT
        return next((outcome for outcome in (EQUAL, SIMILAR, CONFLICT) if outcome in both), MISSING)

    @property
    def way(self) -> str:
        """The reach; `by phone` when only the phone is equal, which more people of a home share than an e-mail."""
        return BY_PHONE if self.phone == EQUAL != self.email else self.reach


def compare(one: Identity, other: Identity, year: int = 0) -> Comparison:
    """Compare two identities; the order does not matter.

    Args:
        one: an identity.
        other: another.
        year: in which the signals were given, to know an age; 0 when it does not matter: two first names are then
            no ground against a whole birth date that is equal.
    """
    one, other = _without_given_name(one, other), _without_given_name(other, one)
    birth, crossed = compare_births(one.birth, other.birth), _crosswise(one, other)
    return Comparison(
        surname=compare_surnames(one.surnames, other.surnames),
        initials=compare_initials(one.initials, other.initials),
        birth=birth,
        address=_addresses(one, other),
        email=_emails(one.email, other.email),
        phone=_phones(one.phone, other.phone),
        has_whole_initials=min(len(one.initials), len(other.initials)) >= WHOLE_FROM,
        has_rare_surname=not {*one.surnames, *other.surnames} & common_surname_keys(),
        is_past_sharing=0 < min(one.birth[0], other.birth[0]) <= year - TWINS_APART_FROM,
        has_crossed_names=crossed != MISSING,
        has_year_alone=one.birth == other.birth and not one.birth[1],
        is_named_by_mail=_names(one, other.surnames) or _names(other, one.surnames),
        has_first_letter=one.initials[:1] == other.initials[:1] != "",
        has_later_letter=_is_later_letter(*sorted((one.initials, other.initials), key=len)),
        has_crossed_words=crossed == EQUAL,
        has_other_names=contradict(one.given, other.given) and (year > 0 or birth != EQUAL),
    )


def _without_given_name(one: Identity, other: Identity) -> Identity:
    """The first identity, where a given name or capitals before its surname are the initials that it lacks.

    `Niels van den Berg`, `JMN Berg`: a column of surnames does not say which word is the name. The other does: it
    has the last word as its surname, and the first is its initials, or begins with the first of them. With a
    hyphen both are surnames, and a word that many bear as a surname is one.
    """
    has_two_words = len(one.surnames) > 1 and not _is_one_part(one.surnames)
    if one.initials or not other.initials or one.has_hyphen or not has_two_words:
        return one
    given, surname = one.surnames[0], one.surnames[-1]
    if surname not in other.surnames or given in other.surnames or given in common_surname_keys():
        return one
    capitals = _DOUBLED.sub(r"\1", other.initials)
    letters, names = (other.initials, ()) if given == capitals else (given[0], names_in(given))
    if letters[0] != other.initials[0]:
        return one
    return replace(one, surnames=(surname,), initials=letters, given=names)


def _names(one: Identity, surnames: tuple[str, ...]) -> bool:
    """Whether what stands before the @ of one ends with a surname of the other, spelt as the normaliser does.

    Its own surname is taken away first: `lindenberg` names no Berg.
    """
    letters = _DOUBLED.sub(r"\1", _NO_LETTERS.sub("", one.email.partition("@")[0]).replace("ij", "y"))
    for own in one.surnames:
        letters = letters.replace(own, " ")
    return any(len(name) >= NAMED_FROM and letters.endswith(name) for name in surnames)


def _crosswise(one: Identity, other: Identity) -> str:
    """Whether given name and surname stand in each other's place: nothing agrees, and the letters do crosswise.

    Equal when they do in whole words on both sides; similar by letters, where no given name that is written in
    full is another than the surname that should be the same; else missing.
    """
    is_crossed = (
        compare_surnames(one.surnames, other.surnames) == CONFLICT
        and compare_initials(one.initials, other.initials) == CONFLICT
        and any(name[0] in other.initials for name in one.surnames)
        and any(name[0] in one.initials for name in other.surnames)
    )
    words = (stand_in(one.given, other.surnames), stand_in(other.given, one.surnames))
    if not is_crossed or False in words:
        return MISSING
    return EQUAL if words == (True, True) else SIMILAR


def compare_surnames(one: tuple[str, ...], other: tuple[str, ...]) -> str:
    """Surnames as sets of their parts: a shared part of a double or married name makes them similar.

    Two parts that are the other's one part with a space in it (Gebre Ghi, Gebreghi) are equal.
    """
    if not one or not other:
        return MISSING
    if _is_one_part(one) and _is_one_part(other) and set(one) & set(other):
        return EQUAL
    if set(one) == set(other) or _is_joined(one, other) or _is_joined(other, one):
        return EQUAL
    if set(one) & set(other):
        return SIMILAR
    return SIMILAR if any(are_alike(name, name_too) for name in one for name_too in other) else CONFLICT


def _is_joined(parts: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return len(parts) > 1 and "".join(parts) in name


def _is_one_part(keys: tuple[str, ...]) -> bool:
    """Whether the keys are readings of one name (devries, vries), not the two parts of a double name."""
    longest = max(keys, key=len)
    return all(longest.endswith(key) for key in keys)


def compare_initials(one: str, other: str) -> str:
    """Initials as letters in order: similar when they were cut, swapped, misspelt or taken from a later name.

    One letter may be any of the others. Of two and more the order counts: M.L. has the letters of N.L.M.P., and is
    the partner of whom those are.
    """
    if not one or not other:
        return MISSING
    if one == other:
        return EQUAL
    fewer, more = sorted((one, other), key=len)
    is_swapped = sorted(fewer) == sorted(more[: len(fewer)])
    return SIMILAR if is_swapped or _in_order(fewer, more) or _one_letter_off(one, other) else CONFLICT


def _is_later_letter(fewer: str, more: str) -> bool:
    return len(fewer) == 1 < len(more) and fewer != more[0]


def _in_order(fewer: str, more: str) -> bool:
    left = iter(more)
    return all(letter in left for letter in fewer)


def _one_letter_off(one: str, other: str) -> bool:
    """Of three and more; with two, the other letter is half of what is known."""
    return len(one) == len(other) >= ONE_LETTER_FROM and sum(map(str.__ne__, one, other)) == 1


def read_birth(text: str | None) -> tuple[int, int, int]:
    """(year, month, day) with 0 for what is unknown.

    1 January is how an unknown day is often written, so it tells the year only; years too long ago tell nothing,
    nor does the day that computers begin to count from.
    """
    found = None if text == DAY_ZERO else _ISO.match(text or "")
    if found is None:
        return (0, 0, 0)
    year, month, day = (int(part) for part in found.groups())
    if year < OLDEST_BIRTH_YEAR:
        return (0, 0, 0)
    if month == 0 or (month, day) == (1, 1):
        return (year, 0, 0)
    return (year, month, day)


def compare_births(one: tuple[int, int, int], other: tuple[int, int, int]) -> str:
    """Birth dates: swapped or partly known dates and one wrong part are similar, a generation never is."""
    if not one[0] or not other[0]:
        return MISSING
    if one == other:
        return EQUAL if one[1] and one[2] else SIMILAR
    if one[0] == other[0]:
        return _births_of_one_year(one, other)
    same_day = one[1:] == other[1:] and all(one[1:])
    return SIMILAR if same_day and _one_slip_apart(one[0], other[0]) else CONFLICT


def _births_of_one_year(one: tuple[int, int, int], other: tuple[int, int, int]) -> str:
    months_agree = one[1] == other[1] or not one[1] or not other[1]
    days_agree = one[2] == other[2] or not one[2] or not other[2]
    if months_agree and days_agree:
        return SIMILAR
    one_agrees = one[1] == other[1] or one[2] == other[2]
    swapped = (one[1], one[2]) == (other[2], other[1])
    left, right = f"{one[1]:02}{one[2]:02}", f"{other[1]:02}{other[2]:02}"
    return SIMILAR if one_agrees or swapped or OSA.distance(left, right, score_cutoff=1) <= 1 else CONFLICT


def _one_slip_apart(one: int, other: int) -> bool:
    return abs(one - other) in (0, 1, DECADE) or (
        abs(one - other) <= GENERATION_YEARS and OSA.distance(str(one), str(other), score_cutoff=1) <= 1
    )


def _addresses(one: Identity, other: Identity) -> str:
    """One door, perhaps one door (an addition is missing, one typing error in the postcode), or another."""
    if not (one.postcode and other.postcode and one.number and other.number):
        return MISSING
    if one.number != other.number:
        return SIMILAR if _is_one_slip_off(one, other) else CONFLICT
    if one.postcode != other.postcode:
        near = OSA.distance(one.postcode, other.postcode, score_cutoff=1) <= 1
        return SIMILAR if near and one.addition == other.addition else CONFLICT
    if one.addition == other.addition:
        return EQUAL
    return CONFLICT if one.addition and other.addition else SIMILAR


def _is_one_slip_off(one: Identity, other: Identity) -> bool:
    """Whether the house numbers are one door with a typing error: all the rest agrees, the whole birth date too.

    Neighbours have numbers as near, now and then one name, and never one birth date besides. Of one digit another
    digit is another house in the row.
    """
    if (one.postcode, one.addition, one.birth) != (other.postcode, other.addition, other.birth):
        return False
    agrees = (EQUAL, SIMILAR)
    is_one_name = (
        compare_surnames(one.surnames, other.surnames) in agrees
        and compare_initials(one.initials, other.initials) in agrees
    )
    is_long = max(len(one.number), len(other.number)) >= LONG_NUMBER_FROM
    has_birth = compare_births(one.birth, other.birth) == EQUAL
    return has_birth and is_one_name and is_long and OSA.distance(one.number, other.number, score_cutoff=1) <= 1


def _emails(one: str, other: str) -> str:
    """Only behind the @ is a typing error forgiven: before it, one letter is another member of the family."""
    if not one or not other:
        return MISSING
    if one == other:
        return EQUAL
    (name, _, domain), (other_name, _, other_domain) = one.partition("@"), other.partition("@")
    return SIMILAR if name == other_name and is_near(domain, other_domain) else CONFLICT


def _phones(one: str, other: str) -> str:
    if not one or not other:
        return MISSING
    if one == other:
        return EQUAL
    return SIMILAR if OSA.distance(one, other, score_cutoff=1) <= 1 else CONFLICT
