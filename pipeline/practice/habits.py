"""How each partner writes: its file, its notations, and how often its records are wrong.

The list of slips follows the causes of failed matches that are known from the field: particles, diacritics,
double and maiden names, initials, house-number additions, missing or wrong birth dates, recent moves,
placeholders. Rates are chosen for realism, before and apart from any matcher.
"""

from __future__ import annotations

from dataclasses import dataclass

COLUMNS = (
    "klantnummer",
    "voorletters",
    "voorvoegsels",
    "achternaam",
    "geboortedatum",
    "postcode",
    "huisnummer",
    "huisletter",
    "huisnummertoevoeging",
    "email",
    "telefoon",
    "bedrag",
    "maanden_achterstand",
    "ontstaansdatum",
    "signaaldatum",
    "crisissignaal",
    "crisissoort",
    "crisisdatum",
    "warme_overdracht",
    "bezwaar",
)
_NAME_FIRST = ("achternaam", "voorvoegsels", "voorletters", "geboortedatum")
_MONEY_FIRST = ("klantnummer", "maanden_achterstand", "bedrag", "ontstaansdatum", "signaaldatum")

IN_FIELD, IN_SURNAME, BEHIND_COMMA, DROPPED, ABBREVIATED, GLUED_ON = range(6)
DOTTED, PLAIN, SPACED, FIRST_ONLY, FIRST_NAME = range(5)
APART, GLUED, LETTER_IN_ADDITION = range(3)


@dataclass(frozen=True)
class Habit:
    """One partner's way of writing. Weights follow the order of the constants above; rates are per record."""

    client_number: tuple[str, int]  # prefix, digits
    encoding: str
    delimiter: str
    newline: str
    quotes_all: bool
    header: str  # lower, upper, title
    columns: tuple[str, ...]
    date: str
    amount: str
    says_no: bool  # writes nee, or leaves the field empty
    particles: tuple[float, ...]
    used_name: tuple[float, ...]  # birth name, the name in use, any other form
    initials: tuple[float, ...]
    number: int
    postcode_space: float
    phone: str
    upper_case: bool = False
    lower_case: float = 0.0
    blanks_behind: float = 0.0
    diacritics_dropped: float = 0.02
    surname_slip: float = 0.02
    calling_initial: float = 0.02
    initials_swapped: float = 0.01
    initials_missing: float = 0.005
    birth_missing: float = 0.005
    birth_1900: float = 0.001
    birth_first_january: float = 0.003
    birth_swapped: float = 0.025  # where the day could be a month
    birth_slip: float = 0.008
    former_address: float = 0.1
    addition_missing: float = 0.04
    neighbours_number: float = 0.004
    email_missing: float = 0.2
    email_placeholder: float = 0.02
    email_other: float = 0.1
    email_slip: float = 0.01
    phone_missing: float = 0.2
    phone_placeholder: float = 0.02
    phone_other: float = 0.2
    trade_name: float = 0.0


def _ordered(first: tuple[str, ...], without: tuple[str, ...] = ()) -> tuple[str, ...]:
    rest = tuple(name for name in COLUMNS if name not in first)
    return tuple(name for name in (*first, *rest) if name not in without)


HABITS: dict[str, Habit] = {
    "corporatie-waterkant": Habit(
        client_number=("", 8),
        encoding="utf-8",
        delimiter=";",
        newline="\n",
        quotes_all=False,
        header="lower",
        columns=COLUMNS,
        date="%Y-%m-%d",
        amount="1234.50",
        says_no=True,
        particles=(88, 4, 0, 3, 5, 0),
        used_name=(0.1, 0.82, 0.08),
        initials=(96, 0, 0, 4, 0),
        number=APART,
        postcode_space=0.0,
        phone="plain",
        email_missing=0.18,
        surname_slip=0.015,
        former_address=0.02,
    ),
    "corporatie-nieuwe-erven": Habit(
        client_number=("NE-", 7),
        encoding="cp1252",
        delimiter=";",
        newline="\r\n",
        quotes_all=False,
        header="upper",
        columns=_ordered(_NAME_FIRST),
        date="%d-%m-%Y",
        amount="€ 1.234,50",
        says_no=True,
        particles=(6, 2, 78, 5, 5, 4),
        used_name=(0.08, 0.8, 0.12),
        initials=(0, 90, 0, 10, 0),
        number=GLUED,
        postcode_space=1.0,
        phone="dashed",
        email_missing=0.28,
        surname_slip=0.02,
        former_address=0.03,
        birth_first_january=0.006,
    ),
    "energie-noordstroom": Habit(
        client_number=("31", 8),
        encoding="utf-8-sig",
        delimiter=",",
        newline="\r\n",
        quotes_all=False,
        header="title",
        columns=_ordered(_MONEY_FIRST),
        date="%Y%m%d",
        amount="1234,50",
        says_no=False,
        particles=(0, 76, 0, 8, 12, 4),
        used_name=(0.05, 0.72, 0.23),
        initials=(30, 20, 0, 44, 6),
        number=APART,
        postcode_space=0.1,
        phone="international",
        diacritics_dropped=0.9,
        surname_slip=0.035,
        calling_initial=0.1,
        initials_swapped=0.015,
        initials_missing=0.015,
        birth_missing=0.18,
        birth_1900=0.012,
        birth_first_january=0.012,
        birth_swapped=0.05,
        birth_slip=0.012,
        former_address=0.4,
        addition_missing=0.08,
        neighbours_number=0.006,
        email_missing=0.1,
        email_placeholder=0.03,
        email_other=0.15,
        phone_missing=0.15,
        trade_name=0.45,
    ),
    "water-wellerbron": Habit(
        client_number=("W", 8),
        encoding="latin-1",
        delimiter=";",
        newline="\r\n",
        quotes_all=False,
        header="lower",
        columns=_ordered(("klantnummer", "postcode", "huisnummer", "huisletter", "huisnummertoevoeging")),
        date="%d/%m/%Y",
        amount="1.234,50",
        says_no=True,
        particles=(0, 48, 16, 24, 12, 0),
        used_name=(0.1, 0.66, 0.24),
        initials=(10, 10, 60, 20, 0),
        number=LETTER_IN_ADDITION,
        postcode_space=0.5,
        phone="spaced",
        upper_case=True,
        diacritics_dropped=0.6,
        surname_slip=0.035,
        calling_initial=0.06,
        initials_missing=0.04,
        birth_missing=0.17,
        birth_1900=0.015,
        birth_first_january=0.015,
        birth_swapped=0.05,
        birth_slip=0.012,
        former_address=0.45,
        addition_missing=0.1,
        neighbours_number=0.006,
        email_missing=0.45,
        email_placeholder=0.05,
        email_other=0.15,
        phone_missing=0.4,
        phone_placeholder=0.04,
        trade_name=0.45,
    ),
    "zorg-samenzeker": Habit(
        client_number=("70", 8),
        encoding="utf-8",
        delimiter=";",
        newline="\n",
        quotes_all=True,
        header="title",
        columns=_ordered(("signaaldatum", "klantnummer", *_NAME_FIRST)),
        date="%Y-%m-%d",
        amount="1234.50",
        says_no=True,
        particles=(96, 2, 0, 2, 0, 0),
        used_name=(0.78, 0.2, 0.02),
        initials=(0, 100, 0, 0, 0),
        number=APART,
        postcode_space=1.0,
        phone="plain",
        diacritics_dropped=0.05,
        surname_slip=0.008,
        calling_initial=0.0,
        birth_missing=0.0,
        birth_1900=0.0,
        birth_first_january=0.001,
        birth_swapped=0.004,
        birth_slip=0.002,
        former_address=0.15,
        email_missing=0.25,
        email_other=0.12,
    ),
    "verhuurder-kamerhof": Habit(
        client_number=("KH-", 7),
        encoding="cp1252",
        delimiter=",",
        newline="\r\n",
        quotes_all=True,
        header="title",
        columns=_ordered(
            ("huisnummer", "postcode", *_NAME_FIRST),
            without=("huisletter", "huisnummertoevoeging", "ontstaansdatum", "warme_overdracht"),
        ),
        date="%d-%m-%Y",
        amount="€1234,50",
        says_no=False,
        particles=(0, 70, 10, 10, 6, 4),
        used_name=(0.3, 0.5, 0.2),
        initials=(20, 10, 0, 10, 60),
        number=GLUED,
        postcode_space=0.4,
        phone="dashed",
        lower_case=0.08,
        blanks_behind=0.1,
        diacritics_dropped=0.3,
        surname_slip=0.05,
        calling_initial=0.15,
        initials_missing=0.04,
        birth_missing=0.08,
        birth_first_january=0.02,
        birth_swapped=0.06,
        birth_slip=0.02,
        former_address=0.0,
        addition_missing=0.12,
        neighbours_number=0.01,
        email_missing=0.2,
        email_placeholder=0.05,
        phone_missing=0.1,
        trade_name=0.3,
    ),
}
"""The private landlord's list is kept by hand: columns missing, first names for initials, blanks, lower case."""
