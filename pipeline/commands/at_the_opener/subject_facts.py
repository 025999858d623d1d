"""What a resident's letter tells beside the contacts: cases, lists, attempts, uses, terms. It names nobody.

In a case where somebody else stands too, nothing is told that may be about that other: not why it is shown no
more, and not that the other used a right. Contacts that were opened to see whose they are (COMPARE) are left out
for the same reason; the letter says that this happens, and that it is written down. When no contact is left to
tell the persons of a household apart, what partners were told and who used a right is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.commands.wiring import Run
from pipeline.stewardship.feed_back import MEANINGS
from pipeline.stewardship.monitor_flow import STATE_LABELS
from pipeline.stewardship.retire_records import CASES, SIGNALS, Terms
from pipeline.store import processings, subjects
from pipeline.store.processings import ProcessingQuestion
from pipeline.store.subjects import SignalName
from pipeline.vocabulary.case import EXCLUDED, WITHHELD
from pipeline.vocabulary.processing import ACCESS, COMPARE, CORRECT, ERASE, LABELS, OBJECT, subject_id, trace_id
from pipeline.vocabulary.review import ACCEPTED

NEUTRAL = "wordt niet meer getoond"
NEVER_SHOWN = "niet getoond"
_RIGHTS = (COMPARE, ACCESS, OBJECT, CORRECT, ERASE)
_SAYS_OF_ANOTHER = (EXCLUDED, WITHHELD)
_MOST_LINES = 10_000


@dataclass(frozen=True, slots=True)
class Unread:
    """How many contacts are held and not in the letter: `named` do not open; whose `others` are nobody knows."""

    named: int
    others: int


def facts_of(
    run: Run,
    request_id: str,
    names: Collection[SignalName],
    cases: Sequence[Mapping[str, Any]],
    unread: Unread,
    *,
    has_contacts: bool,
    is_use: bool,
) -> dict[str, Any]:
    """The letter without its contacts.

    Args:
        run: the home.
        request_id: of the request.
        names: the signals of the person.
        cases: the cases that are about the person.
        unread: contacts that are held and are not in the letter.
        has_contacts: whether any contact of the person opened.
        is_use: whether this letter is itself a use; its line is written once the letter lies there.
    """
    partners = {one.partner_id: one.name for version in run.agreements for one in version.partners}
    is_one = has_contacts or len(names) == 1 or not _may_be_a_household(run, cases)
    return {
        "municipality": run.agreement.municipality,
        "on": run.today.isoformat(),
        "request_id": request_id,
        "partners": partners,
        "unread": {"named": unread.named, "others": unread.others},
        "cases": [_case(run, case, names, {str(one["case_id"]) for one in cases}) for case in cases],
        "feedback": [
            {"on": row["sent_on"], "partner": partners.get(row["partner_id"], row["partner_id"])}
            | {"meaning": MEANINGS.get(row["code"], row["code"])}
            for row in (subjects.feedback_on(run.store, names) if is_one else ())
        ],
        "processings": _processings(run, names, (COMPARE,) if is_one else _RIGHTS, request_id if is_use else None),
        "terms": _terms(run, names if has_contacts else (), cases),
    }


def _may_be_a_household(run: Run, cases: Sequence[Mapping[str, Any]]) -> bool:
    """Whether signals of these cases may be about several persons, of whom no contact tells any more."""
    versions = {case["agreement_version"] for case in cases}
    rules = [version.rule for version in run.agreements if version.version in versions]
    return len(rules) < len(versions) or any("household" in rule.match_on for rule in rules)


def _case(
    run: Run, case: Mapping[str, Any], names: Collection[SignalName], told: Collection[str]
) -> dict[str, Any]:
    case_id = str(case["case_id"])
    history = subjects.history_of(run.store, case_id)
    teams = {team.team_id: team.name for team in run.teams.teams}
    shown = Counter((row["worklist_on"], row["team_id"]) for row in history["disclosures"])
    own = subjects.names_in_cases(run.store, [case_id]) & set(names)
    said = history["results"][0] if history["results"] else {}
    return {
        "case_id": case_id,
        "month": case["month"],
        "signal_count": len(own),
        "state": _state(run, case, names),
        "rule": f"overeenkomst versie {case['agreement_version']}",
        "disclosures": [{"on": on, "team": teams.get(team_id, team_id)} for on, team_id in sorted(shown)],
        "shown_with": _shown_with(run, case, own, told),
        "attempts": [
            {
                "on": row["attempted_on"],
                "type": row["contact_type"],
                "part_of_day": str(row["part_of_day"] or "").lower(),
                "is_reached": row["is_reached"],
                "is_withdrawn": row["is_withdrawn"],
            }
            for row in history["attempts"]
        ],
        "result": said.get("result"),
        "earlier_result": said.get("earlier_result"),
        "has_consent": said.get("has_consent_for_feedback"),
        "next_appointment_on": said.get("next_appointment_on"),
        "is_unsafe": bool(said.get("is_unsafe")),
        "reviews": [
            {"on": str(row["decided_at"])[:10], "is_accepted": row["decision"] == ACCEPTED}
            for row in history["reviews"]
        ],
    }


def _state(run: Run, case: Mapping[str, Any], names: Collection[SignalName]) -> str:
    """How the case stands; without a reason that may be about somebody else in it."""
    state = str(case["state"])
    if state in _SAYS_OF_ANOTHER and subjects.names_in_cases(run.store, [str(case["case_id"])]) - set(names):
        return NEUTRAL if case["first_revealed_on"] else NEVER_SHOWN
    return STATE_LABELS.get(state, state)


def _shown_with(
    run: Run, case: Mapping[str, Any], own: Collection[SignalName], told: Collection[str]
) -> str | None:
    """The case of another month with which a list showed these signals; None when no list did."""
    other = case["joined_to"] or case["merged_into"]
    return str(other) if other in told and other in subjects.shown_in(run.store, own) else None


def _processings(
    run: Run, names: Collection[SignalName], left_out: Collection[str], letter_of: str | None
) -> list[dict[str, Any]]:
    """Uses per day and kind: what had one cause is one use, of however many signals; the letter itself is one."""
    question = ProcessingQuestion(tuple(sorted(subject_id(*name) for name in names)))
    lines = processings.newest_lines(run.store, question, _MOST_LINES)
    uses = {
        (str(line["started_at"])[:10], LABELS.get(line["name"], line["name"]), line["trace_id"])
        for line in lines
        if line["name"] not in left_out
    }
    if letter_of is not None and ACCESS not in left_out:
        uses.add((run.now[:10], LABELS[ACCESS], trace_id(letter_of)))
    counted = Counter((at, what) for at, what, _ in uses)
    return [{"at": at, "what": what, "count": count} for (at, what), count in sorted(counted.items())]


def _terms(run: Run, names: Collection[SignalName], cases: Sequence[Mapping[str, Any]]) -> list[str]:
    terms = Terms(run.agreements, run.today)
    lines = [
        f"De melding van {month}: tot {terms.next_due_on(SIGNALS, month):%d-%m-%Y}, tenzij een team nog bezig is."
        for month in sorted({month for _, month, _ in names})
    ]
    lines += [
        f"De zaak van {month}: tot {terms.next_due_on(CASES, month):%d-%m-%Y}, geteld vanaf het einde ervan."
        for month in sorted({str(case["month"]) for case in cases})
    ]
    return lines
