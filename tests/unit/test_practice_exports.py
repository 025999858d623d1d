"""The partners' files: promised columns, each partner's own notation, every slip that the field knows."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from datetime import date, datetime

import polars as pl
import pytest

from pipeline.practice.habits import COLUMNS, HABITS
from pipeline.practice.partners import PARTNERS
from pipeline.practice.region import Plan, Practice
from pipeline.vocabulary.agreement import PARTNER_ID
from tests.builders.practice import MONTH, dense_region, every_row, read_back, rows_of

REQUIRED = ("klantnummer", "achternaam", "postcode", "huisnummer", "bedrag", "maanden_achterstand")
RESERVED = re.compile(r"@(example\.(nl|com|org|net)|[a-z]+\.example)$")
ALL = every_row(dense_region())
CORPORATION, CORPORATION_2, ENERGY, WATER, HEALTH, LANDLORD = (partner.partner_id for partner in PARTNERS)


def digest(practice: Practice) -> str:
    """One digest over every file and table of a region."""
    total = hashlib.sha256()
    for export in practice.exports():
        total.update(f"{export.partner_id} {export.month}".encode() + export.content)
    total.update(practice.truth().write_csv().encode())
    total.update(practice.areas().write_csv().encode())
    return total.hexdigest()


PLAN = Plan(households=200, seed=4, months=("2026-09", MONTH), municipalities=2)


def test_same_plan_gives_the_same_bytes_in_another_process() -> None:
    """No byte hangs on the interpreter's hash seed or on what ran before."""
    program = (
        "from tests.unit.test_practice_exports import digest, PLAN\n"
        "from pipeline.practice.region import Practice\n"
        "print(digest(Practice(PLAN)))"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONHASHSEED": "77"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert digest(Practice(PLAN)) == other.stdout.strip()


def test_another_seed_gives_another_region() -> None:
    """The seed decides who lives there."""
    assert digest(Practice(PLAN)) != digest(Practice(Plan(200, 5, PLAN.months, 2)))


def test_export_does_not_depend_on_other_months() -> None:
    """Asking for an earlier month too changes no byte of this one."""
    both = {export.partner_id: export.content for export in Practice(PLAN).exports() if export.month == MONTH}
    alone = {export.partner_id: export.content for export in Practice(Plan(200, 4, (MONTH,), 2)).exports()}
    assert both == alone


@pytest.mark.parametrize("households", [50, 53, 1_500])
def test_every_export_has_rows_and_promised_columns(households: int) -> None:
    """Every partner has a file with the required columns, at any size."""
    for export in Practice(Plan(households, 9, (MONTH,))).exports():
        rows = read_back(export.partner_id, export.content)
        assert rows
        assert set(REQUIRED) <= set(rows[0]) <= set(COLUMNS)
        assert all(row[name].strip() for row in rows for name in REQUIRED)


def test_partner_ids_obey_the_rule_and_cover_the_sectors() -> None:
    """Two corporations, energy, water, health, a private landlord."""
    assert all(PARTNER_ID.match(partner.partner_id) for partner in PARTNERS)
    assert ["Energie", "Huur", "Huur", "Huur", "Water", "Zorg"] == sorted(
        partner.partner_type for partner in PARTNERS
    )


def test_partners_write_differently() -> None:
    """Encodings, delimiters, header cases and date notations all occur."""
    habits = HABITS.values()
    assert {"utf-8", "utf-8-sig", "cp1252", "latin-1"} == {habit.encoding for habit in habits}
    assert {";", ","} == {habit.delimiter for habit in habits}
    assert {"lower", "upper", "title"} == {habit.header for habit in habits}
    assert {"%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%Y%m%d"} == {habit.date for habit in habits}
    assert len({habit.columns for habit in habits}) >= 5


def test_truth_covers_every_client_number_once() -> None:
    """Whoever is in a file is in truth.csv, and nobody else."""
    truth = dense_region().truth()
    assert ["partner_id", "klantnummer", "person_id", "household_id"] == truth.columns
    known = set(truth.select("partner_id", "klantnummer").iter_rows())
    assert len(known) == truth.height
    assert set(ALL.select("partner_id", "klantnummer").iter_rows()) == known
    assert truth.null_count().sum_horizontal().item() == 0


def test_truth_spans_all_months() -> None:
    """A client number of any month is in it, and means one person in all of them."""
    practice = Practice(PLAN)
    seen = {
        (export.partner_id, row["klantnummer"])
        for export in practice.exports()
        for row in read_back(export.partner_id, export.content)
    }
    assert seen == set(practice.truth().select("partner_id", "klantnummer").iter_rows())


def test_client_numbers_show_no_person() -> None:
    """At least 8 characters, and no number of one partner occurs at another."""
    numbers = ALL.select("partner_id", "klantnummer").unique()
    assert numbers["klantnummer"].str.len_chars().min() >= 8
    assert numbers["klantnummer"].n_unique() == numbers.height


def test_contact_data_reach_nobody() -> None:
    """E-mail on domains reserved for examples, phone numbers in ranges that are not handed out."""
    emails = [email for email in ALL["email"] if email]
    assert all(RESERVED.search(email) for email in emails)
    digits = ALL.filter(pl.col("telefoon") != "")["telefoon"].str.replace("+31 ", "0", literal=True)
    digits = digits.str.replace_all(r"\D", "")
    assert digits.str.contains(r"^(069\d{7}|099\d{7}|098\d{7}|0600000000|0000000000)$").all()


def dates(rows: list[dict[str, str]], partner_id: str, column: str) -> list[date]:
    form = HABITS[partner_id].date
    return [datetime.strptime(row[column], form).date() for row in rows if row[column]]


@pytest.mark.parametrize("partner_id", list(HABITS))
def test_dates_are_of_the_month_or_before(partner_id: str) -> None:
    """Signals of a month are dated in it and arrears begin before; only the announced end of supply lies ahead."""
    rows = rows_of(dense_region(), partner_id)
    assert all(day.isoformat()[:7] == MONTH for day in dates(rows, partner_id, "signaaldatum"))
    assert all(day <= date(2026, 10, 31) for day in dates(rows, partner_id, "ontstaansdatum"))
    assert all(day >= date(2026, 11, 10) for day in dates(rows, partner_id, "crisisdatum"))


@pytest.mark.parametrize(
    ("partner_id", "form"),
    [
        (CORPORATION, r"^\d+\.\d\d$"),
        (CORPORATION_2, r"^€ (\d{1,3}|\d+\.\d{3}),\d\d$"),
        (ENERGY, r"^\d+,\d\d$"),
        (WATER, r"^(\d{1,3}|\d+\.\d{3}),\d\d$"),
        (HEALTH, r"^\d+\.\d\d$"),
        (LANDLORD, r"^€\d+,\d\d$"),
    ],
)
def test_amounts_are_written_as_promised(partner_id: str, form: str) -> None:
    """Each partner keeps to one of the notations that the format allows."""
    amounts = [row["bedrag"] for row in rows_of(dense_region(), partner_id)]
    assert all(re.match(form, amount) for amount in amounts)


def test_yes_and_no_and_crisis_kinds_are_the_promised_words() -> None:
    """ja, nee or nothing; eindelevering, afsluiting, ontruiming."""
    for column in ("crisissignaal", "warme_overdracht", "bezwaar"):
        assert {"ja", "nee", ""} == set(ALL[column])
    assert {"", "eindelevering", "afsluiting", "ontruiming"} == set(ALL["crisissoort"])
    assert (ALL.filter(pl.col("crisissignaal") == "ja")["crisisdatum"] != "").all()


def share(partner_id: str, column: str, pattern: str) -> float:
    own = ALL.filter(pl.col("partner_id") == partner_id)[column]
    return float(own.str.contains(pattern).mean() or 0.0)


@pytest.mark.parametrize(
    ("what", "partner_id", "column", "pattern", "least", "most"),
    [
        ("particle in its field", CORPORATION, "voorvoegsels", r"^(van|de|ter|ten|'t)", 0.1, 0.5),
        ("particle behind a comma", CORPORATION_2, "achternaam", r", (van|de|ter|ten)", 0.1, 0.5),
        ("particle in the surname", ENERGY, "achternaam", r"^(van|de|ter|ten) ", 0.08, 0.5),
        ("particle abbreviated", ENERGY, "achternaam", r"^v\.d?\.?", 0.005, 0.1),
        ("no particle field in use", WATER, "voorvoegsels", r".", 0.0, 0.0),
        ("upper case", WATER, "achternaam", r"^[A-Z]{2}", 0.7, 1.0),
        ("birth date missing at energy", ENERGY, "geboortedatum", r"^$", 0.15, 0.25),
        ("birth date missing at water", WATER, "geboortedatum", r"^$", 0.15, 0.25),
        ("no birth date missing at health", HEALTH, "geboortedatum", r"^$", 0.0, 0.0),
        ("1900", ENERGY, "geboortedatum", r"^19000101$", 0.003, 0.03),
        ("first of January", WATER, "geboortedatum", r"^01/01/19[1-9]", 0.005, 0.05),
        ("initials with dots", CORPORATION, "voorletters", r"^([A-Z]+\.)+$", 0.6, 1.0),
        ("initials run together", CORPORATION_2, "voorletters", r"^[A-Z]{2,}$", 0.2, 0.8),
        ("initials with blanks", WATER, "voorletters", r"^[A-Z] [A-Z]", 0.1, 0.6),
        ("first names for initials", LANDLORD, "voorletters", r"^[A-Z][a-z]{2,}", 0.4, 0.8),
        ("initials missing", WATER, "voorletters", r"^$", 0.02, 0.12),
        ("number and letter glued", CORPORATION_2, "huisnummer", r"^\d+[A-D]$", 0.01, 0.2),
        ("number and addition with hyphen", CORPORATION_2, "huisnummer", r"^\d+-\w+$", 0.02, 0.3),
        ("number and addition with blank", CORPORATION_2, "huisnummer", r"^\d+ \w+$", 0.02, 0.3),
        ("letter as addition", WATER, "huisnummertoevoeging", r"^[a-d]$", 0.01, 0.2),
        ("addition apart", CORPORATION, "huisnummertoevoeging", r"^(hs|II|bis)$", 0.02, 0.3),
        ("postcode with a blank", CORPORATION_2, "postcode", r"^\d{4} [A-Z]{2}$", 1.0, 1.0),
        ("placeholder address", WATER, "email", r"^(onbekend|geen|noreply)@", 0.02, 0.1),
        ("placeholder number", WATER, "telefoon", r"^0[60]00 ?000 ?000", 0.01, 0.1),
        ("e-mail missing", WATER, "email", r"^$", 0.35, 0.6),
        ("trade names", ENERGY, "achternaam", r"h\.o\.d\.n\.|Eenmanszaak|bedrijf|Kapsalon|Webdesign", 0.01, 0.06),
        ("legal persons", ENERGY, "achternaam", r"B\.?V\.?|Stichting|VOF|V\.O\.F\.", 0.005, 0.05),
        ("blank behind the name", LANDLORD, "achternaam", r" $", 0.02, 0.25),
        ("lower case", LANDLORD, "achternaam", r"^[a-z' .]+$", 0.02, 0.2),
        ("no house letter field", LANDLORD, "huisletter", r".", 0.0, 0.0),
        ("hyphenated double name", CORPORATION, "achternaam", r"\w-(van |de )?\w", 0.03, 0.4),
    ],
)
def test_every_way_of_writing_occurs(
    what: str, partner_id: str, column: str, pattern: str, least: float, most: float
) -> None:
    """The slips and notations that the field knows occur, each within its range."""
    assert least <= share(partner_id, column, pattern) <= most, what


def test_diacritics_are_kept_at_one_and_dropped_at_another() -> None:
    """Yıldız is Yildiz at the energy supplier, and where the file cannot hold the letter."""
    marks = r"[şğıłńśóëéöüİŞŁ]"
    assert share(CORPORATION, "achternaam", marks) > 0.02
    assert share(ENERGY, "achternaam", marks) < share(CORPORATION, "achternaam", marks) / 2
    assert share(CORPORATION_2, "achternaam", r"[şğıłńśŁŞ]") == 0
    assert share(CORPORATION_2, "achternaam", r"[öüéë]") > 0


def pairs() -> pl.DataFrame:
    """Persons whom two partners report, with what each wrote."""
    known = ALL.join(dense_region().truth(), on=["partner_id", "klantnummer"]).filter(
        pl.col("person_id").str.starts_with("P")
    )
    both = known.join(known, on="person_id", suffix="_other").filter(
        pl.col("partner_id") < pl.col("partner_id_other")
    )
    return both.unique(["person_id", "partner_id", "partner_id_other"])


def born(column: str) -> pl.Expr:
    """Digits of a birth date in the order year, month, day."""
    digits = pl.col(column).str.replace_all(r"\D", "")
    is_day_first = pl.col(column).str.contains(r"^\d\d\D")
    year_first = digits.str.slice(4) + digits.str.slice(2, 2) + digits.str.slice(0, 2)
    return pl.when(is_day_first).then(year_first).otherwise(digits)


def test_one_person_is_written_in_two_ways_as_often_as_in_the_field() -> None:
    """Two partners differ on surname, birth date and address of one person in believable shares."""
    both = pairs().with_columns(one=born("geboortedatum"), two=born("geboortedatum_other"))
    written = both.filter((pl.col("one") != "") & (pl.col("two") != ""))
    differs = (written["one"] != written["two"]).mean()
    assert 0.02 < differs < 0.12
    swapped = written.filter(
        (pl.col("one") != pl.col("two"))
        & (pl.col("one").str.slice(4, 2) == pl.col("two").str.slice(6, 2))
        & (pl.col("one").str.slice(6, 2) == pl.col("two").str.slice(4, 2))
    )
    assert 0.005 < swapped.height / written.height < 0.05
    moved = both["postcode"].str.replace(" ", "") != both["postcode_other"].str.replace(" ", "")
    assert 0.005 < moved.mean() < 0.06
    plain = [
        both[name].str.to_lowercase().str.replace_all(r"[^a-z]", "") for name in ("achternaam", "achternaam_other")
    ]
    assert 0.2 < (plain[0] != plain[1]).mean() < 0.7


def test_some_members_of_a_household_share_contact_data() -> None:
    """One e-mail address or phone number may stand for two persons at one address, never for two households."""
    known = ALL.join(dense_region().truth(), on=["partner_id", "klantnummer"])
    mails = known.filter(~pl.col("email").str.contains(r"^(onbekend|geen|noreply)@") & (pl.col("email") != ""))
    by_mail = mails.group_by("email").agg(pl.col("person_id").n_unique(), pl.col("household_id").n_unique())
    assert (by_mail["person_id"] == 2).sum() > 5
    assert (by_mail["household_id"] > 1).mean() < 0.002


def test_contracts_double_at_one_partner() -> None:
    """Two rows under one client number, and one person under two client numbers, both occur."""
    rows = ALL.group_by("partner_id", "klantnummer").len()
    assert (rows["len"] == 2).sum() > 20
    numbers = dense_region().truth().group_by("partner_id", "person_id").len()
    assert (numbers["len"] == 2).sum() > 5


def test_record_is_written_in_one_way_every_month() -> None:
    """A slip in a client's record stays there: the name of a klantnummer is the same in two months."""
    practice = Practice(Plan(2_000, 6, ("2026-09", MONTH)))
    before, now = (every_row(practice, month) for month in ("2026-09", MONTH))
    key = ["partner_id", "klantnummer"]
    fixed = ["voorletters", "achternaam", "geboortedatum", "postcode", "huisnummer", "email", "telefoon"]
    joined = now.select(key + fixed).unique().join(before.select(key + fixed).unique(), on=key, suffix="_before")
    assert joined.height > 100
    assert all(joined[name].equals(joined[f"{name}_before"], null_equal=True) for name in fixed)
