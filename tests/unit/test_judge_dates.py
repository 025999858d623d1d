"""Dates of an export: what a person reads is read, what says nothing is nothing, a typing error is refused."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.identified.judge_rows import Judged, judge_rows
from pipeline.identified.read_export import read_export
from pipeline.identified.read_mapping import ExportMapping
from pipeline.vocabulary.faults import step_of_row
from tests.builders.partners import csv_of, row

LAST_DAY = date(2026, 10, 31)


def judge(column: str, *texts: str, is_month_first: bool = False) -> Judged:
    mapping = ExportMapping(is_month_first=is_month_first)
    rows = [
        row(place, **{"ontstaansdatum": "", "signaaldatum": "", column: text}) for place, text in enumerate(texts)
    ]
    return judge_rows(read_export(csv_of(rows).encode(), mapping), mapping, LAST_DAY)


READ = [
    "31-05-1980 0:00:00",
    "31/05/1980 0:00",
    "1980-05-31T00:00:00+02:00",
    "31-5-80",
    "31/05/80 0:00:00",
    "31 mei 1980",
    "31-mei-80",
    "31 MEI 1980",
]


def test_a_birth_date_is_read_as_a_person_reads_it() -> None:
    """Midnight as Excel writes it, a year of two digits, the month as a word."""
    judged = judge("geboortedatum", *READ)
    assert ((), ()) == (judged.faults, judged.remarks)
    assert ["1980-05-31"] * len(READ) == judged.rows["birth_on"].to_list()


def test_a_month_as_a_word_is_read_also_where_months_come_first() -> None:
    """And Excel's midnight of that part of the world."""
    judged = judge("geboortedatum", "31 mei 1980", "5/31/1980 12:00:00 AM", "05/31/80", is_month_first=True)
    assert ["1980-05-31"] * 3 == judged.rows["birth_on"].to_list()


STAND_INS = [
    *("9999-12-31", "31-12-9999", "99991231", "9999-12-31 00:00:00", "99-99-9999", "99999999", "00-00-0000"),
    *("00-00-00", "01-01-1900", "1-1-0001", "1900", "31-12-2099", "2999-12-31", "0"),
]


@pytest.mark.parametrize("column", ["geboortedatum", "ontstaansdatum", "signaaldatum", "crisisdatum"])
def test_what_systems_write_for_no_date_is_no_date(column: str) -> None:
    """The row goes along without it and nothing is said: an unknown date is allowed."""
    texts = [text for text in STAND_INS if column == "geboortedatum" or text != "1900"]
    judged = judge(column, *texts)
    assert ((), ()) == (judged.faults, judged.remarks)
    name = {"geboortedatum": "birth_on", "ontstaansdatum": "since_on", "signaaldatum": "signalled_on"}
    assert [None] * len(texts) == judged.rows[name.get(column, "crisis_on")].to_list()


def test_of_a_birth_date_the_year_or_the_month_alone_is_kept() -> None:
    """The rest is 00, as in the population register; a keyed birth year comes of it."""
    judged = judge("geboortedatum", "1952", "1952.0", "05-1952", "1952-05")
    assert ["1952-00-00", "1952-00-00", "1952-05-00", "1952-05-00"] == judged.rows["birth_on"].to_list()
    assert ["1952"] * 4 == judged.rows["keys"].struct.field("birth_year_key").to_list()


@pytest.mark.parametrize(
    ("text", "expected"), [("3-4-27", "1927-04-03"), ("3-4-99", "1999-04-03"), ("3-4-05", "2005-04-03")]
)
def test_a_short_year_is_of_the_century_in_which_one_can_be_born(text: str, expected: str) -> None:
    """Nobody is born in the future or is older than the oldest."""
    assert [expected] == judge("geboortedatum", text).rows["birth_on"].to_list()


@pytest.mark.parametrize("text", ["3-4-12", "3-4-26", "3 apr 15"])
def test_a_short_year_of_two_centuries_is_left_out_and_said(text: str) -> None:
    """A child and somebody of a hundred cannot be told apart; the row goes along without a birth date."""
    judged = judge("geboortedatum", "31-05-1980", text)
    assert ["1980-05-31", None] == judged.rows["birth_on"].to_list()
    assert [("BIRTH_YEAR_UNCLEAR", "geboortedatum", 2)] == [
        (remark.code, remark.column, remark.row) for remark in judged.remarks
    ]
    assert () == judged.faults


ERRORS = ["31-31-1980", "gisteren", "31-31-15", "80-05-31", "310580", "29372", "31 foo 1980", "31-05-1980 13:45"]


def test_a_birth_date_with_a_typing_error_is_refused() -> None:
    """The partner sees the row and can mend it, which finds more than leaving the date out would."""
    judged = judge("geboortedatum", *ERRORS)
    assert [("DATE_INVALID", place) for place in range(1, len(ERRORS) + 1)] == [
        (fault.code, fault.row) for fault in judged.faults
    ]


def test_who_wrote_a_day_that_does_not_exist_as_asked_hears_that_it_does_not() -> None:
    """The notation is right, so that a step about the notation alone mends nothing."""
    judged = judge("geboortedatum", "30-02-1975", "29-02-1981")
    assert ["DATE_INVALID"] * 2 == [fault.code for fault in judged.faults]
    assert all("bestaan niet" in step_of_row(fault) for fault in judged.faults)


def test_other_dates_are_read_with_a_short_year_and_a_time_of_day() -> None:
    """A debt is of now, and when on the day it was signalled tells nothing more."""
    judged = judge("signaaldatum", "15-10-26", "15-10-2026 13:45", "2026-10-15T13:45:12", "15 okt 2026")
    assert ["2026-10-15"] * 4 == judged.rows["signalled_on"].to_list()
    assert ["DATE_INVALID"] == [fault.code for fault in judge("signaaldatum", "1-7-40").faults]
