"""What counsellors and the steward do in a practice year: read the lists, go out, write down what happened.

Reach is of the order of the national figures: by letter and card almost nobody, by phone one in five, at the door
one in four of the attempts; a third of who is reached accepts help. After four attempts without an answer a case
is ended. Some lists come back days later, some twice. The steward decides on a doubtful case within a few days.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.commands.doubtful_cases import decide, list_doubts
from pipeline.commands.wiring import Run
from pipeline.vocabulary.case import GROUND_WITHDRAWAL
from pipeline.vocabulary.outcome import PARTS_OF_DAY
from pipeline.vocabulary.period import add_working_days
from pipeline.vocabulary.review import ACCEPTED, REJECTED, REVIEW_REASONS

ATTEMPTS = (("Huisbezoek", 0.5, 0.26), ("Telefoon", 0.3, 0.2), ("Kaartje", 0.12, 0.03), ("Brief", 0.08, 0.03))
"""Contact type, how often it is chosen, and how often somebody is reached by it."""
MOST_ATTEMPTS = 4
ACCEPTS, CONSENTS, IS_UNSAFE = 0.35, 0.7, 0.01
RETURNED_LATE, RETURNED_TWICE = 0.15, 0.1
ACCEPTED_HELP = ("Vervolghulp en/of verwijzing financieel", "(Budget)advies en/of quick fix")
NO_HELP = (
    "Inwoner regelt het zelf/hoeft geen hulp vanuit vroegsignalering",
    "Inwoner heeft zelf al betaald/betalingsregeling getroffen",
    "Inwoner heeft al een ander lopend traject",
)
NOT_REACHED = "Definitief geen contact kunnen krijgen"
SILENT_NOW = "Geen reactie na eerder contact"


@dataclass
class _Visit:
    """Where a counsellor is with one case; `was_reached` also before it was taken up again."""

    next_on: date
    attempts: int = 0
    ended_on: date | None = None
    was_reached: bool = False


@dataclass
class Counsellors:
    """All teams of the municipality. `told` are the attempts that they wrote down, by id."""

    inbox: Path
    chance: np.random.Generator
    visits: dict[str, _Visit] = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    waiting: list[tuple[date, str, str]] = field(default_factory=list)

    def work(self, worklists: Path, today: date) -> None:
        """One working day: every team goes through its list and returns what it did."""
        for page in sorted(worklists.glob(f"*/{today.isoformat()}/werklijst.json")):
            worklist = json.loads(page.read_text(encoding="utf-8"))
            lines = [line for case in worklist["cases"] if (line := self._visit(case, today))]
            if not lines:
                continue
            text = "".join(
                json.dumps({**line, "sheet_version": worklist["sheet_version"]}) + "\n" for line in lines
            )
            name = f"{worklist['team']}-{today.isoformat()}"
            late = int(self.chance.integers(1, 4)) if self.chance.random() < RETURNED_LATE else 0
            self.waiting.append((add_working_days(today, late), f"{name}.jsonl", text))
            if self.chance.random() < RETURNED_TWICE:
                self.waiting.append((add_working_days(today, late + 1), f"{name}-nogmaals.jsonl", text))
        self.hand_in(today)

    def hand_in(self, today: date) -> None:
        """Put what is returned by this day into the inbox."""
        for on, name, text in [one for one in self.waiting if one[0] <= today]:
            (self.inbox / name).write_text(text, encoding="utf-8")
            self.waiting.remove((on, name, text))

    def _visit(self, case: dict[str, Any], today: date) -> dict[str, Any] | None:
        """What is written down about one case today, if anything."""
        if case["ground"] == GROUND_WITHDRAWAL:
            return None
        case_id = str(case["case_id"])
        is_crisis = case["urgency"] == "spoed"
        first = add_working_days(today, int(self.chance.integers(0, 2 if is_crisis else 6)))
        visit = self.visits.setdefault(case_id, _Visit(first))
        if visit.ended_on is not None:  # the result is on its way, or the case was taken up again
            if (today - visit.ended_on).days < 14:
                return None
            visit = self.visits[case_id] = _Visit(first, visit.attempts, was_reached=visit.was_reached)
        if visit.next_on > today:
            return None
        kind = int(self.chance.choice(len(ATTEMPTS), p=[share for _, share, _ in ATTEMPTS]))
        is_reached = bool(self.chance.random() < ATTEMPTS[kind][2])
        visit.attempts += 1
        visit.was_reached |= is_reached
        visit.next_on = add_working_days(today, int(self.chance.integers(2, 8)))
        attempt_id = f"jaar-{case_id[2:18]}-{visit.attempts}"
        self.told[attempt_id] = case_id
        attempt = {
            "attempt_id": attempt_id,
            "type": ATTEMPTS[kind][0],
            "is_reached": is_reached,
            "on": today.isoformat(),
            "part_of_day": PARTS_OF_DAY[int(self.chance.integers(0, 3))],
            "by": (case.get("case_holder") or {}).get("counsellor_id"),
        }
        line: dict[str, Any] = {"case_id": case_id, "attempts": [attempt]}
        if self.chance.random() < IS_UNSAFE:
            line["is_unsafe"] = True
        return line | self._result(case_id, visit, today, is_reached=is_reached)

    def _result(self, case_id: str, visit: _Visit, today: date, *, is_reached: bool) -> dict[str, Any]:
        if not is_reached and visit.attempts % MOST_ATTEMPTS:
            return {}
        has_accepted = is_reached and bool(self.chance.random() < ACCEPTS)
        unanswered = (SILENT_NOW if visit.was_reached else NOT_REACHED,)
        results = ACCEPTED_HELP if has_accepted else NO_HELP if is_reached else unanswered
        visit.ended_on = today
        self.ended.add(case_id)
        said: dict[str, Any] = {
            "result": results[int(self.chance.integers(0, len(results)))],
            "result_on": today.isoformat(),
        }
        if has_accepted:
            said["has_consent_for_feedback"] = bool(self.chance.random() < CONSENTS)
        return said


def decide_doubts(run: Run, chance: np.random.Generator) -> int:
    """The steward looks at the doubtful cases; two in three are decided on the day."""
    decided = 0
    for doubt in list_doubts(run):
        if chance.random() < 2 / 3:
            decision = ACCEPTED if chance.random() < 0.5 else REJECTED
            decide(run, doubt.reference, decision, REVIEW_REASONS[decision][0])
            decided += 1
    return decided
