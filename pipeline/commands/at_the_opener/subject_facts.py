"""What a resident's letter tells beside the contacts: cases, lists, attempts, uses, terms. It names nobody.

In a case where somebody else stands too, nothing is told that may be about that other: not why it is shown no
more, and not that the other used a right. Contacts that were opened to see whose they are (COMPARE) are left out
for the same reason; the letter says that this happens, and that it is written down. When no contact is left to
tell the persons of a household apart, what partners were told and who used a right is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.commands.at_the_opener.subject_contacts import read_contacts
from pipeline.commands.at_the_opener.subject_terms import terms_of
from pipeline.commands.wiring import Run
from pipeline.revealed.describe_subject import compared_rows, state_sentence, version_rows, why_sentences
from pipeline.stewardship.feed_back import MEANINGS
from pipeline.store import processings, subjects
from pipeline.store.processings import ProcessingQuestion
from pipeline.store.subjects import SignalName
from pipeline.vocabulary.case import EXCLUDED, MARK_RETRACTED, WITHHELD
from pipeline.vocabulary.period import day_of
from pipeline.vocabulary.processing import (
    ACCESS,
    COMPARE,
    CORRECT,
    ERASE,
    LABELS,
    OBJECT,
    OPEN,
    subject_id,
    trace_id,
)
from pipeline.vocabulary.review import ACCEPTED

_HIDDEN = "hidden"
_NEVER_SHOWN = "never_shown"
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
    partners = partner_names(run)
    told = {str(case["case_id"]) for case in cases}
    is_one = has_contacts or len(names) == 1 or not _may_be_a_household(run, cases)
    question = ProcessingQuestion(tuple(sorted(subject_id(*name) for name in names)))
    lines = processings.newest_lines(run.store, question, _MOST_LINES)
    return {
        "municipality": run.agreement.municipality,
        "on": run.today.isoformat(),
        "request_id": request_id,
        "partners": partners,
        "unread": {"named": unread.named, "others": unread.others},
        "cases": [_case(run, case, names, told, is_one=is_one) for case in cases],
        "feedback": [
            {"on": row["sent_on"], "partner": partners.get(row["partner_id"], row["partner_id"])}
            | {"meaning": MEANINGS.get(row["code"], row["code"]), "until": row["suspended_until_on"]}
            for row in (subjects.feedback_on(run.store, names) if is_one else ())
        ],
        "notes": {name: version_rows(rows) for name, rows in subjects.versions_of(run.store, names).items()},
        "contact": read_contacts(run.home),
        "has_history": any(case["first_revealed_on"] for case in cases),
        "report_count": len(names),
        "is_compared": any(line["name"] == OPEN for line in lines),
        "processings": _processings(run, lines, (COMPARE,) if is_one else _RIGHTS, request_id if is_use else None),
        "terms": terms_of(run, names if has_contacts else (), cases),
    }


def partner_names(run: Run) -> dict[str, str]:
    """The name of each partner of any version of the agreement."""
    return {one.partner_id: one.name for version in run.agreements for one in version.partners}


def _may_be_a_household(run: Run, cases: Sequence[Mapping[str, Any]]) -> bool:
    """Whether signals of these cases may be about several persons, of whom no contact tells any more."""
    versions = {case["agreement_version"] for case in cases}
    rules = [version.rule for version in run.agreements if version.version in versions]
    return len(rules) < len(versions) or any("household" in rule.match_on for rule in rules)


def _case(
    run: Run, case: Mapping[str, Any], names: Collection[SignalName], told: Collection[str], *, is_one: bool
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
        "why": _why(run, case, own if is_one else ()),
        "disclosures": [{"on": on, "team": teams.get(team_id, team_id)} for on, team_id in sorted(shown)],
        "shown_with": _shown_with(run, case, own, told),
        "compared": list(_compared(run, history, own if is_one else ())),
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
            {"on": day_of(str(row["decided_at"])).isoformat(), "is_accepted": row["decision"] == ACCEPTED}
            for row in history["reviews"]
        ],
    }


def _compared(
    run: Run, history: Mapping[str, Sequence[Mapping[str, Any]]], own: Collection[SignalName]
) -> Iterator[tuple[str, str]]:
    """The comparisons of the person's own reports; one with somebody else's is told to neither."""
    fields = [row["fields"] or {} for row in history["comparisons"]]
    return compared_rows(fields, {(partner_id, signal_id) for partner_id, _, signal_id in own}, partner_names(run))


def _why(run: Run, case: Mapping[str, Any], own: Collection[SignalName]) -> list[str]:
    """Why there is a case, by the reports that are the person's."""
    version = int(case["agreement_version"])
    rule = next((one.rule for one in run.agreements if one.version == version), None)
    partners = partner_names(run)
    names = sorted({partners.get(partner_id, partner_id) for partner_id, _, _ in own})
    return why_sentences(str(case["month"]), names, rule, str(case["lane"]), version)


def _state(run: Run, case: Mapping[str, Any], names: Collection[SignalName]) -> str:
    """How the case stands; without a reason that may be about somebody else in it."""
    state = str(case["state"])
    if state in _SAYS_OF_ANOTHER and subjects.names_in_cases(run.store, [str(case["case_id"])]) - set(names):
        state = _HIDDEN if case["first_revealed_on"] else _NEVER_SHOWN
    return state_sentence(state if case["mark"] != MARK_RETRACTED else _HIDDEN)


def _shown_with(
    run: Run, case: Mapping[str, Any], own: Collection[SignalName], told: Collection[str]
) -> str | None:
    """The case of another month with which a list showed these signals; None when no list did."""
    other = case["joined_to"] or case["merged_into"]
    return str(other) if other in told and other in subjects.shown_in(run.store, own) else None


def _processings(
    run: Run, lines: Sequence[Mapping[str, Any]], left_out: Collection[str], letter_of: str | None
) -> list[dict[str, Any]]:
    """Uses per day and kind, in the order of the clock; the letter itself is the last.

    What had one cause is one use, of however many signals.
    """
    uses = dict.fromkeys(
        (day_of(line["started_at"]).isoformat(), LABELS.get(line["name"], line["name"]), line["trace_id"])
        for line in lines
        if line["name"] not in left_out
    )
    if letter_of is not None and ACCESS not in left_out:
        uses[day_of(run.now).isoformat(), LABELS[ACCESS], trace_id(letter_of)] = None
    counted = Counter((at, what) for at, what, _ in uses)
    return [{"at": at, "what": what, "count": count} for (at, what), count in counted.items()]
