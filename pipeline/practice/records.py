"""The true particulars of a contract's holder, in writing: what a faultless partner would have.

Only holders who are reported get a written name, so a region of a million households costs little more than its
arrears. E-mail addresses lie on domains reserved for examples, phone numbers in ranges that are not handed out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from pipeline.practice.chance import Chance, Flags, Ids
from pipeline.practice.names import NameBook
from pipeline.practice.people import MOST_FIRST_NAMES, REFERENCE_YEAR, Households, People
from pipeline.practice.places import Places
from pipeline.practice.texts import without_diacritics

EMAIL_DOMAINS = ("example.nl", "example.com", "example.org", "example.net", "mail.example", "post.example")
EMAIL_DOMAIN_WEIGHTS = (36, 24, 18, 8, 8, 6)
NICKNAMES = (
    "zonnetje",
    "familie",
    "voetbal",
    "tuinkabouter",
    "moeders",
    "biker",
    "muziek",
    "thuis",
    "prinses",
    "sterretje",
)
SHARES_EMAIL, SHARES_PHONE = 0.3, 0.25
USES_LANDLINE, USES_LANDLINE_OLDER = 0.04, 0.35
TRADES = (
    "Klussenbedrijf",
    "Schildersbedrijf",
    "Kapsalon",
    "Taxibedrijf",
    "Schoonmaak",
    "Webdesign",
    "Eetcafé",
    "Nagelstudio",
    "Hoveniersbedrijf",
    "Autobedrijf",
    "Bezorgdienst",
    "Fotografie",
)
BUSINESS_SORTS = (
    "Bakkerij",
    "Garage",
    "Restaurant",
    "Bouw",
    "Transport",
    "Slagerij",
    "Apotheek",
    "Drukkerij",
    "Vastgoed",
    "Horeca",
)
BUSINESS_NAMES = (
    "De Korenbloem",
    "Het Anker",
    "De Gouden Leeuw",
    "Waardland",
    "Noorderlicht",
    "De Vriendschap",
    "Zonneschijn",
    "Oud-Hollandse Degelijkheid",
    "De Ooievaar",
    "Klavertje Vier",
    "Het Groene Hart",
    "De Zwaluw",
)
BUSINESS_FORMS = (
    "{sort} {name} B.V.",
    "{sort} {name} BV",
    "Stichting {name}",
    "{sort} {name} V.O.F.",
    "VOF {sort} {name}",
    "{name} Holding B.V.",
    "Vereniging {name}",
    "{sort} {name} N.V.",
)
_PRIMES = (9_973, 99_991, 999_983, 9_999_991, 99_999_989)


@dataclass(frozen=True)
class Region:
    """Everybody and everywhere, before anybody reports anything."""

    chance: Chance
    places: Places
    households: Households
    people: People
    book: NameBook
    businesses: int


def scattered(number: Ids, room: int, start: int = 0) -> Ids:
    """Numbers below a prime, each of them once, in no visible order; numbers must be less than the prime."""
    prime = max(prime for prime in _PRIMES if prime <= room)
    return (number * 7_368_787 + start) % prime


def true_records(region: Region, contracts: pl.DataFrame) -> pl.DataFrame:
    """Particulars per contract (partner, holder, is_business, is_second, household).

    Adds names, initials, birth parts, both addresses, contact data; texts are empty where there is nothing.
    Persons come first, then legal persons, each in the order given.
    """
    persons = contracts.filter(~pl.col("is_business"))
    firms = contracts.filter("is_business")
    return pl.concat([_persons(region, persons), _firms(region, firms)], how="diagonal")


def _persons(region: Region, contracts: pl.DataFrame) -> pl.DataFrame:
    people, holder = region.people, contracts["holder"].to_numpy()
    household = people.household[holder]
    address = region.households.address[household]
    former = region.households.former_address[household]
    return (
        contracts.with_columns(
            *_name_columns(region, holder),
            pl.Series("used_name", people.used_name[holder]),
            pl.Series("birth_year", people.birth_year[holder]),
            pl.Series("birth_month", people.birth_month[holder]),
            pl.Series("birth_day", people.birth_day[holder]),
            pl.Series("address", address),
            pl.Series("former_address", former),
            pl.Series("neighbours_address", region.places.neighbours[address]),
            _trade_names(region, holder),
            pl.lit("").alias("business_name"),
        )
        .with_columns(
            _email(region, holder, "email", 0),
            _email(region, holder, "email_other", 1),
            _phone(region, holder, "phone", 0),
            _phone(region, holder, "phone_other", 1),
        )
        .drop("calling_plain", "core_plain")
    )


def _name_columns(region: Region, holder: Ids) -> list[pl.Series]:
    people, book = region.people, region.book
    own, partners = people.surname[holder], people.partner_surname[holder]
    particles, cores, cores_of_women = (book.surnames[name] for name in ("particle", "core", "core_woman"))
    is_woman = pl.Series(people.sex[holder] == 0)
    has_partner = pl.Series(partners >= 0)
    core = cores[own].zip_with(~is_woman, cores_of_women[own])
    partner_core = cores[np.maximum(partners, 0)].zip_with(~is_woman, cores_of_women[np.maximum(partners, 0)])
    none = pl.repeat("", len(holder), eager=True)
    calling = book.first["calling"][people.first_names[holder, 0]]
    return [
        particles[own].alias("particle"),
        core.alias("core"),
        particles[np.maximum(partners, 0)].zip_with(has_partner, none).alias("partner_particle"),
        partner_core.zip_with(has_partner, none).alias("partner_core"),
        _initials(region, holder),
        calling.alias("calling"),
        _plain(calling).alias("calling_plain"),
        _plain(core).alias("core_plain"),
    ]


def _plain(names: pl.Series) -> pl.Series:
    """Lower-case letters alone, as in an e-mail address."""
    frame = names.to_frame("name").select(without_diacritics(pl.col("name")).str.to_lowercase())
    return frame.select(pl.col("name").str.replace_all("[^a-z]", ""))["name"]


def _initials(region: Region, holder: Ids) -> pl.Series:
    """The initials with a blank between them: `J P`; IJ is one letter."""
    register = region.book.first["register"]
    frame = pl.DataFrame(
        {str(place): register[np.maximum(region.people.first_names[holder, place], 0)] for place in range(4)}
    )
    has = pl.DataFrame(
        {str(place): region.people.first_names[holder, place] >= 0 for place in range(MOST_FIRST_NAMES)}
    )
    letters = frame.select(pl.all().str.extract(r"^(IJ|.)"))
    parts = [
        letters[str(place)].zip_with(has[str(place)], pl.repeat("", len(holder), eager=True)) for place in range(4)
    ]
    joined = pl.DataFrame({str(place): part for place, part in enumerate(parts)})
    return joined.select(pl.concat_str(pl.all(), separator=" ").str.strip_chars_end())["0"].alias("initials")


def _trade_names(region: Region, holder: Ids) -> pl.Series:
    trade = region.chance.whole("trade", 0, len(TRADES) - 1, holder)
    names = pl.Series(TRADES)[trade]
    none = pl.repeat("", len(holder), eager=True)
    return names.zip_with(pl.Series(region.people.is_sole_trader[holder]), none).alias("trade")


def _lead(region: Region, holder: Ids, name: str, rate: float) -> Ids:
    """The person whose e-mail address or phone somebody uses: their own, or that of the head of the household."""
    shares = region.chance.happens(f"shares {name}", rate, holder)
    return np.where(shares, region.people.household[holder], holder)


def _email(region: Region, holder: Ids, name: str, variant: int) -> pl.Expr:
    """Somebody's address; it stands for one person or one household and for nobody else."""
    chance, people = region.chance, region.people
    owner = _lead(region, holder, "email", SHARES_EMAIL)
    owner_calling = _plain(region.book.first["calling"][people.first_names[owner, 0]])
    owner_core = _plain(region.book.surnames["core"][people.surname[owner]])
    number = pl.Series(scattered(owner * 2 + variant, _room(2 * len(people)), 4_321)).cast(pl.String)
    nickname = pl.Series(NICKNAMES)[chance.whole(f"nickname/{variant}", 0, len(NICKNAMES) - 1, owner)]
    form = pl.Series(chance.pick(f"form of address/{variant}", (45, 35, 20), owner))
    domain = pl.Series(EMAIL_DOMAINS)[chance.pick(f"domain/{variant}", EMAIL_DOMAIN_WEIGHTS, owner)]
    local = (
        pl.when(form == 0)
        .then(owner_calling + "." + owner_core)
        .when(form == 1)
        .then(owner_calling.str.slice(0, 1) + "." + owner_core)
        .otherwise(nickname)
    )
    return (local + number + "@" + domain).alias(name)


def _room(least: int) -> int:
    return next(prime for prime in _PRIMES if prime > least)


def _phone(region: Region, holder: Ids, name: str, variant: int) -> pl.Series:
    """Ten digits: a mobile number from 069, or the number of the household from 0990."""
    chance, people = region.chance, region.people
    owner = _lead(region, holder, "phone", SHARES_PHONE)
    mobile = 690_000_000 + scattered(owner * 2 + variant, 10_000_000, 1_234_567)
    age = REFERENCE_YEAR - people.birth_year[holder]
    rate = np.where(age > 60, USES_LANDLINE_OLDER, USES_LANDLINE)
    at_home: Flags = chance.happens(f"landline/{variant}", rate, holder)
    landline = 990_000_000 + scattered(people.household[holder], 10_000_000)
    return pl.Series(name, np.where(at_home, landline, mobile)).cast(pl.String).str.zfill(10)


def _firms(region: Region, contracts: pl.DataFrame) -> pl.DataFrame:
    chance, firm = region.chance, contracts["holder"].to_numpy()
    sort = pl.Series(BUSINESS_SORTS)[chance.whole("business sort", 0, len(BUSINESS_SORTS) - 1, firm)]
    title = pl.Series(BUSINESS_NAMES)[chance.whole("business name", 0, len(BUSINESS_NAMES) - 1, firm)]
    form = pl.Series(BUSINESS_FORMS)[chance.whole("business form", 0, len(BUSINESS_FORMS) - 1, firm)]
    frame = pl.DataFrame({"sort": sort, "name": title, "form": form})
    written = frame.select(
        pl.col("form")
        .str.replace("{sort}", pl.col("sort"), literal=True)
        .str.replace("{name}", pl.col("name"), literal=True)
    )["form"]
    address = chance.whole("business address", 0, len(region.places.addresses) - 1, firm)
    number = scattered(firm + 10_000, 10_000_000)
    empty = ("particle", "core", "partner_particle", "partner_core", "initials", "calling", "trade")
    return contracts.with_columns(
        *[pl.lit("").alias(name) for name in empty],
        *[pl.lit(0, pl.Int64).alias(name) for name in ("used_name", "birth_year", "birth_month", "birth_day")],
        *[pl.Series(name, address) for name in ("address", "former_address", "neighbours_address")],
        written.alias("business_name"),
        *[
            ("info" + pl.Series(number).cast(pl.String) + "@bedrijf.example").alias(name)
            for name in ("email", "email_other")
        ],
        *[
            pl.Series(name, 980_000_000 + number).cast(pl.String).str.zfill(10)
            for name in ("phone", "phone_other")
        ],
    )
