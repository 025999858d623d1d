"""The agreement: who delivers, under which rule, in which lanes, kept how long.

Source of the fields: the data format promised to partners (agreement.json). The rule has defaults, the crisis
lane has none: whoever makes an agreement must choose.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pipeline.vocabulary.faults import Refused
from pipeline.vocabulary.period import month_end, month_start

FORMAT = "samenloop/agreement/1"
PARTNER_ID = re.compile(r"^[a-z0-9-]{2,32}\Z")
GEMEENTECODE = re.compile(r"^GM[0-9]{4}\Z")
PARTNER_TYPES = (
    "Huur",
    "Energie",
    "Water",
    "Zorg",
    "CAK Zorgverzekeringen",
    "CAK Eigen bijdrage",
    "Belastingdienst",
    "Dienst Toeslagen",
    "DUO",
    "Hypotheek",
    "Overige",
)
CRISIS_LANES = ("count", "reveal")
MATCH_ON = ("person", "household")
LIKELY = "likely"
CERTAIN = "certain"
CERTAINTIES = (LIKELY, CERTAIN)
"""Whether what is likely one person is shown, with a word of caution, or waits for the data steward first."""

THRESHOLD_LIMITS: dict[str, tuple[int, int]] = {
    "first_contact_days": (1, 366),
    "crisis_working_days": (0, 60),
    "repeat_months": (0, 60),
    "suspension_days": (0, 366),
    "delivery_working_day": (1, 23),
    "openings_per_day": (1, 1_000_000),
    "untouched_months": (1, 60),
}
"""Settings that are whole numbers, with the least and the most that makes sense."""

OPENINGS_PER_DAY = 1000
FACTORS = ("volume_warning_factor", "volume_held_factor")
HIGH_AMOUNT = "high_amount_eur"

RETENTION_DEFAULTS_MONTHS = {
    "signals": 6,
    "cases": 24,
    "deliveries": 24,
    "quarantine": 1,
    "worklists": 1,
    "receipts": 12,
    "journal": 60,
    "analytics": 12,
}


@dataclass(frozen=True, slots=True)
class Partner:
    """A signal partner (signaalpartner) and the term of its part in the agreement."""

    partner_id: str
    partner_type: str
    name: str
    valid_from: date
    valid_until: date | None

    def is_valid_for(self, month: str) -> bool:
        """Whether any day of the month lies within the partner's term."""
        return self.valid_from <= month_end(month) and (
            self.valid_until is None or month_start(month) <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """When a case surfaces: so many partners, each with so many months, in one month, on this evidence."""

    min_partners: int = 2
    min_months: int = 2
    late_months: int = 2
    match_on: tuple[str, ...] = ("person",)
    certainty: str = LIKELY


@dataclass(frozen=True, slots=True)
class Agreement:
    """One signed version of the agreement of one municipality."""

    agreement_id: str
    version: int
    gemeentecode: str
    municipality: str
    valid_from: date
    valid_until: date | None
    partners: tuple[Partner, ...]
    rule: Rule
    lanes: Mapping[str, str]
    thresholds: Mapping[str, Any]
    retention: Mapping[str, int]
    revoked_on: date | None = None

    def partner(self, partner_id: str) -> Partner | None:
        """The partner with this id, if it takes part."""
        return next((partner for partner in self.partners if partner.partner_id == partner_id), None)

    def is_valid_for(self, month: str) -> bool:
        """Whether any day of the month lies within this version's term and it was not revoked."""
        return (
            self.revoked_on is None
            and self.valid_from <= month_end(month)
            and (self.valid_until is None or month_start(month) <= self.valid_until)
        )

    def retention_months(self, kind: str) -> int:
        """The term of a class of data, in months after the month it belongs to."""
        return int(self.retention.get(kind, RETENTION_DEFAULTS_MONTHS[kind]))

    @property
    def openings_per_day(self) -> int:
        """More openings of cases on one day than this raises an alarm."""
        return int(self.thresholds.get("openings_per_day", OPENINGS_PER_DAY))

    @staticmethod
    def from_dict(document: Mapping[str, Any]) -> Agreement:
        """Read an agreement document; its signature is checked elsewhere.

        Raises:
            Refused: AGREEMENT_INVALID with the field as column, or AGREEMENT_LANE_MISSING.
        """
        return _Reader(document).agreement()


class _Reader:
    """Reads one agreement document strictly, naming the field that is wrong and never its value."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        if not isinstance(document, Mapping) or document.get("format") != FORMAT:
            raise Refused("AGREEMENT_INVALID", "format")
        self.document = document

    def agreement(self) -> Agreement:
        document = self.document
        lanes = self._mapping(document, "lanes")
        if lanes.get("crisis") not in CRISIS_LANES:
            raise Refused("AGREEMENT_LANE_MISSING", "lanes.crisis")
        gemeentecode = self._text(document, "gemeentecode")
        if not GEMEENTECODE.match(gemeentecode):
            raise Refused("AGREEMENT_INVALID", "gemeentecode")
        return Agreement(
            agreement_id=self._text(document, "agreement_id"),
            version=self._whole(document, "version", 1),
            gemeentecode=gemeentecode,
            municipality=self._text(document, "municipality"),
            valid_from=self._day(document, "valid_from"),
            valid_until=self._day_or_none(document, "valid_until"),
            partners=self._partners(),
            rule=self._rule(),
            lanes=dict(lanes),
            thresholds=self._thresholds(),
            retention=self._retention(),
            revoked_on=self._day_or_none(document, "revoked_on"),
        )

    def _partners(self) -> tuple[Partner, ...]:
        rows = self.document.get("partners")
        if not isinstance(rows, list) or not rows:
            raise Refused("AGREEMENT_INVALID", "partners")
        partners = tuple(self._partner(row) for row in rows)
        if len({partner.partner_id for partner in partners}) != len(partners):
            raise Refused("AGREEMENT_INVALID", "partners.partner_id")
        return partners

    def _partner(self, row: Any) -> Partner:
        if not isinstance(row, Mapping):
            raise Refused("AGREEMENT_INVALID", "partners")
        partner_id = self._text(row, "partner_id")
        if not PARTNER_ID.match(partner_id):
            raise Refused("AGREEMENT_INVALID", "partners.partner_id")
        if row.get("partner_type") not in PARTNER_TYPES:
            raise Refused("AGREEMENT_INVALID", "partners.partner_type")
        return Partner(
            partner_id,
            str(row["partner_type"]),
            self._text(row, "name"),
            self._day(row, "valid_from"),
            self._day_or_none(row, "valid_until"),
        )

    def _rule(self) -> Rule:
        row = self._mapping(self.document, "rule")
        match_on = row.get("match_on", ["person"])
        is_known = isinstance(match_on, list) and all(name in MATCH_ON for name in match_on)
        if not is_known or "person" not in match_on:
            raise Refused("AGREEMENT_INVALID", "rule.match_on")
        certainty = row.get("certainty", LIKELY)
        if certainty not in CERTAINTIES:
            raise Refused("AGREEMENT_INVALID", "rule.certainty")
        return Rule(
            min_partners=self._whole(row, "min_partners", 1, 2),
            min_months=self._whole(row, "min_months", 0, 2),
            late_months=self._whole(row, "late_months", 0, 2),
            match_on=tuple(name for name in MATCH_ON if name in match_on),
            certainty=certainty,
        )

    def _thresholds(self) -> dict[str, Any]:
        """The settings; a name that is not known is left to a later version."""
        row = self._mapping(self.document, "thresholds")
        for name, (least, most) in THRESHOLD_LIMITS.items():
            if name in row and not least <= self._whole(row, name, least, column=f"thresholds.{name}") <= most:
                raise Refused("AGREEMENT_INVALID", f"thresholds.{name}")
        for name in FACTORS:
            value = row.get(name, 1)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
                raise Refused("AGREEMENT_INVALID", f"thresholds.{name}")
        amounts = row.get(HIGH_AMOUNT, {})
        if not isinstance(amounts, Mapping) or not set(amounts) <= set(PARTNER_TYPES):
            raise Refused("AGREEMENT_INVALID", f"thresholds.{HIGH_AMOUNT}")
        for partner_type in amounts:
            self._whole(amounts, partner_type, 0, column=f"thresholds.{HIGH_AMOUNT}.{partner_type}")
        return dict(row)

    def _retention(self) -> dict[str, int]:
        row = self._mapping(self.document, "retention")
        for kind in row:
            self._whole(row, kind, 0, column=kind if kind in RETENTION_DEFAULTS_MONTHS else "retention")
        return dict(row)

    @staticmethod
    def _mapping(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        value = row.get(name, {})
        if not isinstance(value, Mapping):
            raise Refused("AGREEMENT_INVALID", name)
        return value

    @staticmethod
    def _text(row: Mapping[str, Any], name: str) -> str:
        value = row.get(name)
        if not isinstance(value, str) or not value.strip():
            raise Refused("AGREEMENT_INVALID", name)
        return value

    @staticmethod
    def _whole(
        row: Mapping[str, Any], name: str, least: int, default: int | None = None, column: str | None = None
    ) -> int:
        value = row.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise Refused("AGREEMENT_INVALID", column or name)
        return value

    @classmethod
    def _day(cls, row: Mapping[str, Any], name: str) -> date:
        value = cls._day_or_none(row, name)
        if value is None:
            raise Refused("AGREEMENT_INVALID", name)
        return value

    @staticmethod
    def _day_or_none(row: Mapping[str, Any], name: str) -> date | None:
        value = row.get(name)
        if value is None:
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            raise Refused("AGREEMENT_INVALID", name) from None


def version_for(versions: tuple[Agreement, ...], month: str) -> Agreement | None:
    """The newest version that is valid for a month: matching and cases of that month follow its rule."""
    valid = [version for version in versions if version.is_valid_for(month)]
    return max(valid, key=lambda version: version.version, default=None)
