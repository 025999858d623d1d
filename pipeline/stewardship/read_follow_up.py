"""One returned row becomes a follow-up, or is refused with a code and a column; never with its value.

JSON lines are read strictly: every field of its own type and no other field. A sheet is read as people fill it in:
ja/nee in any case, dates as dates, as text or as a bare number, choices without regard to case and spaces. Days
come before months, unless the row's date probe (31 December) came back as 12/31 and the date is written alike. An
attempt in a sheet has no id of its own; it gets one of the case and what was recorded, so that a sheet that comes
back twice, or from two colleagues, counts once, and a mistake is taken back by saying it again, as a mistake.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar

from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.outcome import (
    CONTACT_TYPES,
    PARTS_OF_DAY,
    RESULT_CHOICES,
    WITHDRAWN_NOT_REACHED,
    WITHDRAWN_REACHED,
)

LINE_FIELDS = (
    "case_id",
    "sheet_version",
    "attempts",
    "withdrawn_attempts",
    "next_appointment_on",
    "is_unsafe",
    "result",
    "result_on",
    "has_consent_for_feedback",
)
ATTEMPT_FIELDS = ("attempt_id", "type", "is_reached", "on", "part_of_day", "by")
MOST_ATTEMPTS_IN_ROW = 100
SHEET_ATTEMPT = "sheet-"
"""How the id begins of an attempt that was written down on a sheet."""

_T = TypeVar("_T")

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_MOST_BY = 40
_SERIAL_DAY_ZERO = date(1899, 12, 30)
_SERIALS = range(36526, 73051)  # 2000 to 2099, as a spreadsheet counts days
_NUMBERS = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})")
_DECEMBER_31 = (12, 31)
_NAMED_MONTH = re.compile(r"(?:[a-z]{2,9}\.?,? )?(\d{1,2})[-/. ]+([a-z]{3,9})\.?[-/. ]+(\d{4}|\d{2})")
_MIDNIGHT = re.compile(r"[T ]0?0:00(:00(\.0+)?)?\Z")
_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_OTHER_MONTHS = {"maa": "mrt", "mar": "mrt", "may": "mei", "oct": "okt"}
_YES = frozenset({"ja", "j", "waar", "true", "yes", "x"})
_NO = frozenset({"nee", "n", "onwaar", "false", "no"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One contact attempt (contactpoging). Once kept, with the newest sheet that spoke of it."""

    attempt_id: str
    contact_type: str
    is_reached: bool
    attempted_on: date
    part_of_day: str | None
    attempted_by: str | None
    is_withdrawn: bool = False
    sheet_version: str | None = None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What a team says about one case. None is "not said", which leaves what was said before as it is.

    `withdrawn` are ids of attempts that were written down by mistake; `mistake` is the one that a sheet's row says
    again, whose id is made of it and of the case that the row is about.
    """

    row: int
    case_id: str
    sheet_version: str | None = None
    attempts: tuple[Attempt, ...] = ()
    withdrawn: tuple[str, ...] = ()
    mistake: Attempt | None = None
    next_appointment_on: date | None = None
    is_unsafe: bool | None = None
    result: str | None = None
    result_on: date | None = None
    has_consent: bool | None = None

    @property
    def is_blank(self) -> bool:
        """A row that nobody filled in."""
        said = (self.next_appointment_on, self.is_unsafe, self.result, self.result_on, self.has_consent)
        return not self.attempts and not self.withdrawn and all(value is None for value in said)


def read_line(line: Any, row: int) -> FollowUp:
    """Read one decoded JSON line.

    Raises:
        Refused: LINE_INVALID, VALUE_MISSING, CHOICE_UNKNOWN, DATE_INVALID, RESULT_MISSING, TEXT_TOO_LONG.
    """
    if not isinstance(line, Mapping) or not set(line) <= set(LINE_FIELDS):
        raise Refused("LINE_INVALID", row=row)
    try:
        follow_up = FollowUp(
            row=row,
            case_id=_identifier(line.get("case_id"), "case_id"),
            sheet_version=_text(line.get("sheet_version"), "sheet_version", 64),
            attempts=tuple(_read_attempt(attempt) for attempt in _several(line, "attempts")),
            withdrawn=tuple(_identifier(one, "attempt_id") for one in _several(line, "withdrawn_attempts")),
            next_appointment_on=_iso_day(line.get("next_appointment_on"), "next_appointment_on"),
            is_unsafe=_boolean(line.get("is_unsafe"), "is_unsafe"),
            result=_exact(line.get("result"), RESULT_CHOICES, "result"),
            result_on=_iso_day(line.get("result_on"), "result_on"),
            has_consent=_boolean(line.get("has_consent_for_feedback"), "has_consent_for_feedback"),
        )
    except Refused as refusal:
        raise Refused(refusal.code, refusal.column, row) from None
    return _checked(follow_up)


def read_sheet_row(cells: Mapping[str, Any], row: int) -> FollowUp:
    """Read one row of a returned sheet.

    Args:
        cells: field of the follow-up format → text, number, boolean, date, None, or FORMULA.
        row: counted from 1 below the headings.

    Raises:
        Refused: as read_line, and FORMULA_FOUND.
    """
    try:
        for field, cell in cells.items():
            if cell is FORMULA:
                raise Refused("FORMULA_FOUND", field)
        case_id = _identifier(_trimmed(cells.get("case_id")), "case_id")
        month_first = _month_first(cells.get("date_probe"))
        attempt, mistake = _sheet_attempt(cells, case_id, month_first)
        follow_up = FollowUp(
            row=row,
            case_id=case_id,
            sheet_version=_text(_trimmed(cells.get("sheet_version")), "sheet_version", 64),
            attempts=() if attempt is None else (attempt,),
            withdrawn=() if mistake is None else (mistake.attempt_id,),
            mistake=mistake,
            next_appointment_on=_any_day(cells.get("next_appointment_on"), "next_appointment_on", month_first),
            is_unsafe=_yes_or_no(cells.get("is_unsafe"), "is_unsafe"),
            result=_choice(cells.get("result"), RESULT_CHOICES, "result"),
            result_on=_any_day(cells.get("result_on"), "result_on", month_first),
            has_consent=_yes_or_no(cells.get("has_consent_for_feedback"), "has_consent_for_feedback"),
        )
    except Refused as refusal:
        raise Refused(refusal.code, refusal.column, row) from None
    return _checked(follow_up)


class _Formula:
    """The cell held a formula: whatever it would give, it is not taken."""

    def __repr__(self) -> str:
        return "FORMULA"


FORMULA = _Formula()


def _checked(follow_up: FollowUp) -> FollowUp:
    if follow_up.result is None and follow_up.result_on is not None:
        raise Refused("RESULT_MISSING", "result", follow_up.row)
    return follow_up


def _several(line: Mapping[str, Any], field: str) -> Sequence[Any]:
    values = line.get(field) or []
    if not isinstance(values, Sequence) or isinstance(values, str) or len(values) > MOST_ATTEMPTS_IN_ROW:
        raise Refused("LINE_INVALID", field)
    return values


def _read_attempt(attempt: Any) -> Attempt:
    if not isinstance(attempt, Mapping) or not set(attempt) <= set(ATTEMPT_FIELDS):
        raise Refused("LINE_INVALID", "attempts")
    return Attempt(
        attempt_id=_identifier(attempt.get("attempt_id"), "attempt_id"),
        contact_type=_needed(_exact(attempt.get("type"), CONTACT_TYPES, "type"), "type"),
        is_reached=_needed(_boolean(attempt.get("is_reached"), "is_reached"), "is_reached"),
        attempted_on=_needed(_iso_day(attempt.get("on"), "on"), "on"),
        part_of_day=_exact(attempt.get("part_of_day"), PARTS_OF_DAY, "part_of_day"),
        attempted_by=_text(attempt.get("by"), "by", _MOST_BY),
    )


def _sheet_attempt(
    cells: Mapping[str, Any], case_id: str, month_first: str | None
) -> tuple[Attempt | None, Attempt | None]:
    """The attempt of a row, or the one that the row takes back."""
    contact_type = _choice(cells.get("type"), CONTACT_TYPES, "type")
    is_reached, is_withdrawal = _reached(cells.get("is_reached"))
    attempted_on = _any_day(cells.get("on"), "on", month_first)
    part_of_day = _choice(cells.get("part_of_day"), PARTS_OF_DAY, "part_of_day")
    attempted_by = _text(_trimmed(cells.get("by")), "by", _MOST_BY)
    # "Door wie" alone is no attempt: teams fill it in to divide the work.
    if contact_type is None and is_reached is None and attempted_on is None and part_of_day is None:
        return None, None
    said = Attempt(
        "",
        _needed(contact_type, "type"),
        _needed(is_reached, "is_reached"),
        _needed(attempted_on, "on"),
        part_of_day,
        attempted_by,
    )
    attempt = replace(said, attempt_id=sheet_attempt_id(case_id, said))
    return (None, attempt) if is_withdrawal else (attempt, None)


def sheet_attempt_id(case_id: str, attempt: Attempt) -> str:
    """The id of an attempt on a case's row of a sheet, made of the case and of what was recorded."""
    on, part = attempt.attempted_on.isoformat(), attempt.part_of_day or ""
    recorded = (case_id, attempt.contact_type, str(attempt.is_reached), on, part)
    return SHEET_ATTEMPT + hashlib.sha256("\x1f".join(recorded).encode()).hexdigest()[:32]


def _needed(value: _T | None, field: str) -> _T:
    if value is None:
        raise Refused("VALUE_MISSING", field)
    return value


def _identifier(value: Any, field: str) -> str:
    if value is None or value == "":
        raise Refused("VALUE_MISSING", field)
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Refused("CASE_UNKNOWN" if field == "case_id" else "VALUE_INVALID", field)
    return value


def _text(value: Any, field: str, most: int) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or not value.isprintable():
        raise Refused("VALUE_INVALID", field)
    if len(value) > most:
        raise Refused("TEXT_TOO_LONG", field)
    return value


def _boolean(value: Any, field: str) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise Refused("YES_NO_INVALID", field)
    return value


def _exact(value: Any, choices: Sequence[str], field: str) -> str | None:
    if value is not None and (not isinstance(value, str) or value not in choices):
        raise Refused("CHOICE_UNKNOWN", field)
    return value


def _iso_day(value: Any, field: str) -> date | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) != 10:
        raise Refused("DATE_INVALID", field)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Refused("DATE_INVALID", field) from None


def _trimmed(cell: Any) -> Any:
    """Text without spaces around it; a whole number as its digits; nothing as None."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, str):
        return " ".join(cell.split()) or None
    return cell


def _choice(cell: Any, choices: Sequence[str], field: str) -> str | None:
    text = _trimmed(cell)
    if text is None:
        return None
    plain = {choice.casefold(): choice for choice in choices}
    found = plain.get(text.casefold()) if isinstance(text, str) else None
    if found is None:
        raise Refused("CHOICE_UNKNOWN", field)
    return found


def _yes_or_no(cell: Any, field: str) -> bool | None:
    if cell is None or isinstance(cell, bool):
        return cell
    text = _trimmed(cell)
    if text is None:
        return None
    word = text.casefold() if isinstance(text, str) else ""
    if word not in _YES | _NO:
        raise Refused("YES_NO_INVALID", field)
    return word in _YES


def _reached(cell: Any) -> tuple[bool | None, bool]:
    """Whether somebody was reached, and whether saying so was a mistake."""
    text = _trimmed(cell)
    mistakes = {WITHDRAWN_REACHED.casefold(): True, WITHDRAWN_NOT_REACHED.casefold(): False}
    if isinstance(text, str) and text.casefold() in mistakes:
        return mistakes[text.casefold()], True
    return _yes_or_no(cell, "is_reached"), False


def _month_first(probe: Any) -> str | None:
    """The sign between the numbers where this office writes the month first, told by how it wrote 31 December."""
    found = _NUMBERS.fullmatch(_MIDNIGHT.sub("", probe.strip())) if isinstance(probe, str) else None
    return found[2] if found and (int(found[1]), int(found[3])) == _DECEMBER_31 else None


def _any_day(cell: Any, field: str, month_first: str | None = None) -> date | None:
    """A day as a spreadsheet holds it: a date, text with the day first, ISO text, or days since 1900."""
    if cell is None or isinstance(cell, date):
        return cell
    text = _trimmed(cell)
    if text is None:
        return None
    if isinstance(text, str):
        if text.isdecimal() and len(text) < 10 and int(text) in _SERIALS:
            return _SERIAL_DAY_ZERO + timedelta(days=int(text))
        text = _MIDNIGHT.sub("", text)
        if found := _NUMBERS.fullmatch(text):
            first, second = int(found[1]), int(found[3])
            day, month = (second, first) if found[2] == month_first else (first, second)
            return _day(int(found[4]), month, day, field)
        if found := _NAMED_MONTH.fullmatch(text.casefold()):
            return _day(int(found[3]), _month(found[2], field), int(found[1]), field)
        return _iso_day(text, field)
    raise Refused("DATE_INVALID", field)


def _month(word: str, field: str) -> int:
    short = _OTHER_MONTHS.get(word[:3], word[:3])
    if short not in _MONTHS:
        raise Refused("DATE_INVALID", field)
    return _MONTHS.index(short) + 1


def _day(year: int, month: int, day: int, field: str) -> date:
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise Refused("DATE_INVALID", field) from None
