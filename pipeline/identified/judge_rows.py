"""Which rows of an export may go along, which stay with the partner, and which must be mended first.

A client who objected stays out with all rows, whatever else is wrong with them, and so does one whose objection
may stand in a line that could not be read. An objection of nobody knows whom stops the file. Legal persons stay
out; a faulty row is refused with every fault it has, and a row of totals with that alone. Dates are judged against
the end of the delivery's month; only the date on which supply or tenancy ends may lie ahead.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

import polars as pl

from pipeline.identified import parse_dates, parse_values
from pipeline.identified.raw_table import ROW
from pipeline.identified.read_export import Export
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import Refused, RowFault
from pipeline.vocabulary.identity.addresses import house_numbers
from pipeline.vocabulary.identity.dates import is_no_birth_date
from pipeline.vocabulary.identity.normalise import KEY_COLUMNS, normalise_people

WRITTEN_AS = {
    "initials": "voorletters",
    "particles": "voorvoegsels",
    "surname": "achternaam",
    "birth_on": "geboortedatum",
    "postcode": "postcode",
    "house_number": "huisnummer",
    "house_letter": "huisletter",
    "house_addition": "huisnummertoevoeging",
    "email": "email",
    "phone": "telefoon",
}
MOST_MONTHS = 240
LONGEST_TEXT = 200
LONGEST = {"klantnummer": 64, "email": 254, "huisletter": 20, "huisnummertoevoeging": 20, "huisnummer": 40}
MOST_DAYS_AHEAD = 366
ROWS_NAMED = 10
_WHO_AND_WHERE = ("achternaam", "postcode", "huisnummer")
_TOTAL = r"(?i)^(?:(?:sub|eind)[ -]?)?(?:totaal|totalen|total|totals|som|aantal)(?:\s|[:=.]|$)"
_OPTIONAL = ("voorletters", "voorvoegsels", "huisletter", "huisnummertoevoeging", "email", "telefoon")
_DATES = {"since_on": "ontstaansdatum", "signalled_on": "signaaldatum", "crisis_on": "crisisdatum"}
_YES_NO = {"has_objection": "bezwaar", "says_crisis": "crisissignaal", "has_warm_handover": "warme_overdracht"}
_MAY_BE_NONE = (*_OPTIONAL, "geboortedatum", *_DATES.values())
_STAND_INS = (*_MAY_BE_NONE, "crisissignaal", "warme_overdracht")


@dataclass(frozen=True, slots=True)
class Judged:
    """`rows` may go along: typed values per contract, and the normalised person as the struct `keys`.

    `remarks` are of rows that are not refused, and of which the partner must know all the same. `partly_left` are
    clients of whom a row is refused or stays as a firm's; others of their rows may go along.
    """

    rows: pl.DataFrame
    faults: tuple[RowFault, ...]
    objection_count: int
    legal_person_count: int
    remarks: tuple[RowFault, ...] = ()
    partly_left: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))

    def __repr__(self) -> str:
        return f"Judged({self.rows.height} rows, {len(self.faults)} faults)"


def judge_rows(export: Export, mapping: ExportMapping, last_day: date) -> Judged:
    """Judge the rows of an export of signals or corrections.

    Args:
        export: as read.
        mapping: the partner's notations.
        last_day: the end of the month of the delivery.

    Raises:
        Refused: OBJECTION_OF_NOBODY.
    """
    parsed = _parsed(export.rows, mapping, last_day)
    unreadable = pl.col("bezwaar").is_not_null() & pl.col("has_objection").is_null()
    objected = pl.col("has_objection").fill_null(value=False) | unreadable
    _refuse_objection_of_nobody(parsed.filter(objected & (pl.col("klantnummer").is_null() | _is_rounded()))[ROW])
    clients = parsed.filter(objected)["klantnummer"]
    if export.has_objections:
        clients = pl.concat([clients, export.unread_clients])
    clients = clients.unique()
    parsed = parsed.with_columns(
        is_objection=~unreadable & (objected | pl.col("klantnummer").is_in(clients.implode()))
    )
    parsed = parsed.with_columns(is_objection=pl.col("is_objection").fill_null(value=False))
    willing = parsed.filter(~pl.col("is_objection"))
    people = willing.filter(~pl.col("is_legal_person"))
    faults = [*_totals(people), *_faults(people.filter(~_is_total()), last_day)]
    firms = willing.filter("is_legal_person")[ROW]
    faulty = pl.Series([fault.row for fault in faults], dtype=pl.UInt32).unique()
    good = people.filter(~pl.col(ROW).is_in(faulty.implode()))
    left = willing.filter(~pl.col(ROW).is_in(good[ROW].implode()))["klantnummer"]
    return Judged(
        rows=_values(good),
        faults=tuple(sorted(faults, key=lambda fault: fault.row or 0)),
        objection_count=parsed.height - willing.height,
        legal_person_count=firms.len(),
        remarks=(
            *(RowFault("LEGAL_PERSON", "achternaam", row) for row in firms),
            *(
                RowFault("BIRTH_YEAR_UNCLEAR", "geboortedatum", row)
                for row in good.filter("is_of_two_centuries")[ROW]
            ),
        ),
        partly_left=pl.concat([left, export.unread_clients]).drop_nulls().unique(),
    )


def _refuse_objection_of_nobody(rows: pl.Series) -> None:
    """Any other row may be of whoever objected there, so that not one may go along."""
    if rows.len():
        named = ", ".join(str(row) for row in rows.head(ROWS_NAMED))
        more = f" en {rows.len() - ROWS_NAMED} andere" if rows.len() > ROWS_NAMED else ""
        hint = f"{'Rij' if rows.len() == 1 else 'Rijen'} {named}{more}; rij 1 is de eerste rij onder de kop."
        raise Refused("OBJECTION_OF_NOBODY", "klantnummer", rows[0], hint=hint)


def judge_retractions(export: Export) -> Judged:
    """Judge the rows of a list of clients to retract: the client number counts alone; totals are none."""
    rows = export.rows.select(ROW, "klantnummer")
    faults = (
        *_totals(export.rows),
        *(
            RowFault(code, "klantnummer", row)
            for code, broken in _client_checks()
            for row in rows.filter(broken.fill_null(value=False))[ROW]
        ),
    )
    faulty = pl.Series([fault.row for fault in faults], dtype=pl.UInt32)
    return Judged(rows.filter(~pl.col(ROW).is_in(faulty.implode())), faults, 0, 0)


def _parsed(rows: pl.DataFrame, mapping: ExportMapping, last_day: date) -> pl.DataFrame:
    """The texts, the values they stand for (null where unreadable), and the normalised person."""
    texts = parse_values.without_stand_ins(rows, _STAND_INS)
    texts = parse_values.without_words_for_none(
        texts, _MAY_BE_NONE, objection="bezwaar", crisis_kind="crisissoort"
    )
    texts = texts.with_columns(
        parse_values.postcode(pl.col("postcode")), parse_values.house_number(pl.col("huisnummer"))
    )
    texts = parse_dates.without_stand_in_dates(texts, ("geboortedatum", *_DATES.values()))
    births = parse_dates.births(texts["geboortedatum"], last_day, is_month_first=mapping.is_month_first)
    people = texts.select(pl.col(ours).alias(name) for name, ours in WRITTEN_AS.items())
    keys = normalise_people(people.with_columns(births["birth_on"]))
    return texts.with_columns(
        *births,
        *(
            parse_dates.days(texts[ours], last_day, is_month_first=mapping.is_month_first).alias(name)
            for name, ours in _DATES.items()
        ),
        *(parse_values.yes_no(pl.col(ours)).alias(name) for name, ours in _YES_NO.items()),
        cents=parse_values.cents(pl.col("bedrag"), has_decimal_point=mapping.has_decimal_point),
        arrears_months=parse_values.whole_number(pl.col("maanden_achterstand")),
        crisis_kind=pl.col("crisissoort").str.to_lowercase(),
        written_addition=house_numbers(people)["written_addition"],
        keys=keys.select(pl.struct(KEY_COLUMNS)).to_series(),
        is_legal_person=keys["is_legal_person"],
    )


def _is_total() -> pl.Expr:
    """A word for a sum where the client number belongs, and nobody in the row; TOTAAL-01 may be a client."""
    says_total = pl.col("klantnummer").str.contains(_TOTAL).fill_null(value=False)
    return says_total & pl.all_horizontal(pl.col(name).is_null() for name in _WHO_AND_WHERE)


def _totals(rows: pl.DataFrame) -> Iterator[RowFault]:
    for row in rows.filter(_is_total())[ROW]:
        yield RowFault("ROW_IS_TOTAL", "klantnummer", row)


def _faults(parsed: pl.DataFrame, last_day: date) -> Iterator[RowFault]:
    checks = [(code, "klantnummer", broken) for code, broken in _client_checks()]
    checks += [*_text_checks(), *_number_checks(), *_date_checks(last_day), *_choice_checks()]
    found = parsed.select(
        ROW, *(broken.fill_null(value=False).alias(str(i)) for i, (_, _, broken) in enumerate(checks))
    )
    for place, (code, column, _) in enumerate(checks):
        for row in found.filter(pl.col(str(place)))[ROW]:
            yield RowFault(code, column, row)


def _is_rounded() -> pl.Expr:
    """A number that a spreadsheet rounded (1,23E+11) would throw clients together; see also `read_xlsx`."""
    return pl.col("klantnummer").str.contains(r"^\d+(?:[.,]\d+)?[eE]\+\d+$").fill_null(value=False)


def _client_checks() -> list[tuple[str, pl.Expr]]:
    client = pl.col("klantnummer")
    return [
        ("VALUE_MISSING", client.is_null()),
        ("VALUE_INVALID", _is_rounded()),
        ("TEXT_TOO_LONG", client.str.len_chars() > LONGEST["klantnummer"]),
    ]


def _text_checks() -> Iterator[tuple[str, str, pl.Expr]]:
    for column in WRITTEN_AS.values():
        yield "TEXT_TOO_LONG", column, pl.col(column).str.len_chars() > LONGEST.get(column, LONGEST_TEXT)
    for column in ("achternaam", "postcode", "huisnummer", "bedrag", "maanden_achterstand"):
        yield "VALUE_MISSING", column, pl.col(column).is_null()
    yield "VALUE_INVALID", "achternaam", ~pl.col("achternaam").str.contains(r"\p{L}")
    yield "POSTCODE_INVALID", "postcode", _is_unread("postcode", pl.col("keys").struct.field("postcode_key"))
    yield "HOUSE_NUMBER_INVALID", "huisnummer", _is_unread("huisnummer", pl.col("keys").struct.field("number_key"))


def _number_checks() -> Iterator[tuple[str, str, pl.Expr]]:
    yield "AMOUNT_INVALID", "bedrag", _is_unread("bedrag", pl.col("cents"))
    yield "OUT_OF_RANGE", "bedrag", pl.col("cents") > parse_values.MOST_CENTS
    yield "MONTHS_INVALID", "maanden_achterstand", _is_unread("maanden_achterstand", pl.col("arrears_months"))
    yield "OUT_OF_RANGE", "maanden_achterstand", pl.col("arrears_months") > MOST_MONTHS


def _date_checks(last_day: date) -> Iterator[tuple[str, str, pl.Expr]]:
    last, furthest = last_day.isoformat(), (last_day + timedelta(days=MOST_DAYS_AHEAD)).isoformat()
    for name, column in (("birth_on", "geboortedatum"), *_DATES.items()):
        is_left_out = pl.col("is_of_two_centuries") if name == "birth_on" else pl.lit(value=False)
        yield "DATE_INVALID", column, _is_unread(column, pl.col(name)) & ~is_left_out
        yield "DATE_IN_FUTURE", column, pl.col(name) > (furthest if name == "crisis_on" else last)


def _choice_checks() -> Iterator[tuple[str, str, pl.Expr]]:
    for name, column in _YES_NO.items():
        yield "YES_NO_INVALID", column, _is_unread(column, pl.col(name))
    kinds = list(parse_values.CRISIS_KINDS)
    yield "CRISIS_KIND_INVALID", "crisissoort", ~pl.col("crisis_kind").is_in(kinds)


def _is_unread(column: str, value: pl.Expr) -> pl.Expr:
    return pl.col(column).is_not_null() & value.is_null()


def _values(good: pl.DataFrame) -> pl.DataFrame:
    """The values under their English names; dates before any debt of today are stand-ins and tell nothing."""
    addition = pl.col("written_addition")
    is_letter = addition.str.contains(r"^\p{L}$")
    birth = pl.col("birth_on")
    return good.select(
        ROW,
        "klantnummer",
        *(
            pl.col(ours).alias(name)
            for name, ours in WRITTEN_AS.items()
            if name in ("initials", "particles", "surname")
        ),
        pl.when(~is_no_birth_date(birth)).then(birth).alias("birth_on"),
        pl.col("keys").struct.field("postcode_key").alias("postcode"),
        pl.col("keys").struct.field("number_key").alias("house_number"),
        pl.when(is_letter).then(addition).alias("house_letter"),
        pl.when(~is_letter).then(addition).alias("house_addition"),
        "email",
        pl.col("telefoon").alias("phone"),
        "cents",
        pl.col("arrears_months").cast(pl.Int32),
        *(pl.when(pl.col(name) >= str(parse_dates.EARLIEST_YEAR)).then(name).alias(name) for name in _DATES),
        pl.coalesce("says_crisis", pl.col("crisis_kind").is_not_null()).alias("is_crisis"),
        "crisis_kind",
        pl.col("has_warm_handover").fill_null(value=False),
        "keys",
    )
