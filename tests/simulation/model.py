"""The product told plainly, in memory: what was sent, what of it counts, who meets the rule, who was shown.

Nothing here is taken from the pipeline: whoever reads this page knows what a municipality may expect. A person is
a letter; each partner has at most one contract with each.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta

MIN_PARTNERS, MIN_MONTHS, LATE_MONTHS, SIGNALS_TERM = 2, 2, 2, 6


def months_after(month: str, count: int) -> str:
    """The month so many months later, as YYYY-MM."""
    year, number = divmod(int(month[:4]) * 12 + int(month[5:]) - 1 + count, 12)
    return f"{year:04}-{number + 1:02}"


@dataclass(frozen=True)
class Sent:
    """A delivery that a partner made: per person the months of arrears; a retraction has nothing but persons."""

    partner: str
    month: str
    sequence: int
    kind: str
    rows: dict[str, int]
    made_on: date


@dataclass
class Model:
    """What is true of one municipality."""

    today: date
    sent: list[Sent] = field(default_factory=list)
    admitted: set[int] = field(default_factory=set)
    erased: set[tuple[str, str, str]] = field(default_factory=set)
    lapsed: set[tuple[str, str, str]] = field(default_factory=set)
    matched: dict[str, set[str]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    attempts: set[str] = field(default_factory=set)

    def is_open(self, month: str) -> bool:
        """Whether a delivery for this month may arrive today."""
        now = self.today.isoformat()[:7]
        return months_after(now, -LATE_MONTHS) <= month <= now

    def is_over(self, month: str) -> bool:
        """Whether the term of this month's signals has ended."""
        return months_after(month, SIGNALS_TERM) < self.today.isoformat()[:7]

    def counting(self, partner: str, month: str) -> dict[str, int]:
        """In sequence order: signals begin anew, corrections overwrite, retractions take back."""
        rows: dict[str, int] = {}
        ours = [
            self.sent[at]
            for at in self.admitted
            if (self.sent[at].partner, self.sent[at].month) == (partner, month)
        ]
        for one in sorted(ours, key=lambda one: one.sequence):
            if one.kind == "signals":
                rows = {}
            for person, arrears in one.rows.items():
                if one.kind == "retraction":
                    rows.pop(person, None)
                else:
                    rows[person] = arrears
        gone = self.erased | self.lapsed
        return {person: arrears for person, arrears in rows.items() if (partner, month, person) not in gone}

    def meeting(self, month: str) -> set[str]:
        """Persons whom enough partners report with enough months."""
        partners: dict[str, set[str]] = {}
        for partner in {one.partner for one in self.sent}:
            for person, arrears in self.counting(partner, month).items():
                if arrears >= MIN_MONTHS:
                    partners.setdefault(person, set()).add(partner)
        return {person for person, of in partners.items() if len(of) >= MIN_PARTNERS}

    def meeting_anywhere(self) -> list[tuple[str, str, str]]:
        """Partner, month and person of each word that helps somebody to meet the rule."""
        return sorted(
            (partner, month, person)
            for month in self.months
            for person in self.meeting(month)
            for partner in {one.partner for one in self.sent}
            if self.counting(partner, month).get(person, 0) >= MIN_MONTHS
        )

    @property
    def months(self) -> list[str]:
        """Every month that anything was sent for."""
        return sorted({one.month for one in self.sent})

    def match(self) -> None:
        """Cases follow what counts now."""
        self.matched = {month: self.meeting(month) for month in self.months}

    def must_be_listed(self) -> set[str]:
        """Whoever meets the rule, then and now, and whom no team is done with."""
        met = {
            p
            for month in self.months
            if not self.is_over(month)
            for p in self.matched.get(month, set()) & self.meeting(month)
        }
        return met - self.closed

    def may_be_listed(self) -> set[str]:
        """Whoever meets the rule now, or was shown before."""
        return self.shown | {person for month in self.months for person in self.meeting(month)}

    def later(self, days: int) -> None:
        """Time goes by."""
        self.today += timedelta(days=days)

    def retire(self, held: set[tuple[str, str, str]]) -> None:
        """What is over is gone, but for what a team still works on."""
        over = {
            (one.partner, one.month, person) for one in self.sent if self.is_over(one.month) for person in one.rows
        }
        self.lapsed |= over - held

    def may_be_held(self) -> set[str]:
        """Persons whose signals may outlive their term: a team saw them and is not done."""
        return self.shown - self.closed

    def erase(self, person: str) -> None:
        """Everything that is held about a person now."""
        self.erased |= {
            (one.partner, one.month, person)
            for one in self.sent
            if person in self.counting(one.partner, one.month)
        }
        self.shown.discard(person)
        self.closed.discard(person)
        self.attempts = {name for name in self.attempts if not name.startswith(f"{person}-")}
        for of in self.matched.values():
            of.discard(person)

    def kept(self) -> Model:
        """What a backup keeps of it."""
        return deepcopy(self)

    def put_back(self, kept: Model) -> Model:
        """After a restore: the state of then, on today's date. What was sent and what was erased stays so."""
        back = deepcopy(kept)
        back.today, back.sent = self.today, self.sent
        for person in {person for _, _, person in self.erased - kept.erased}:
            back.erase(person)
        back.erased |= self.erased
        return back
