"""A doubtful case in words for the data steward: what is equal, what is not, and what either decision does.

Made of outcomes per field and of what stands in the clear (partner type, months, wijk). No value of a person, no
client number and no signal id comes in, so none can go out. Signals are called A, B, C in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from string import ascii_uppercase
from typing import Any

from pipeline.revealed.texts import TEXTS, joined, long_date, long_month, months_text, sentence
from pipeline.vocabulary.review import REVIEW_REASONS

LATER = "later"
OPTIONS: dict[str, str] = {
    **{
        sentence("review_options", decision, reason=TEXTS["review_reasons"][code]): f"{decision}:{code}"
        for decision, codes in REVIEW_REASONS.items()
        for code in codes
    },
    sentence("review_options", LATER): LATER,
}
"""What the steward can choose in Airflow, with what it stands for: `decision:reason_code`, or `later`."""

FIELDS = ("surname", "initials", "birth", "address", "email", "phone")

ASKED = ("doubtful", "likely one person")
"""Verdicts of confirm_rules that a steward may be asked about. A DAG that is parsed must not load that module."""

SignalKey = tuple[str, str]
"""(partner_id, signal_id)."""


@dataclass(frozen=True, slots=True)
class ClearSignal:
    """What the steward may see of one signal."""

    letter: str
    partner_type: str
    arrears_months: int
    area: str

    @property
    def text(self) -> str:
        """A: Huur, 3 maanden."""
        return f"{self.letter}: {self.partner_type}, {months_text(self.arrears_months)}"


@dataclass(frozen=True, slots=True)
class ComparedPair:
    """Two signals by letter, the outcome per field, and the row of the table that judged them."""

    one: str
    other: str
    outcomes: Mapping[str, str]
    rule_id: str
    verdict: str

    @property
    def because(self) -> str:
        """Why, in Dutch."""
        return str(TEXTS["pair_rules"].get(self.rule_id, TEXTS["review_pairs"][self.verdict]))


@dataclass(frozen=True, slots=True)
class Doubt:
    """A case that the opener compared, as the steward sees it."""

    case_id: str
    revision: int
    month: str
    state: str
    state_label: str
    area: str
    team: str
    asked_on: str
    waiting_days: int | None
    reason_code: str
    is_of_former_evidence: bool
    signals: tuple[ClearSignal, ...]
    pairs: tuple[ComparedPair, ...]

    @property
    def reference(self) -> str:
        """The case with the evidence that is shown here: a decision on it counts for this evidence only."""
        return f"{self.case_id}@{self.revision}"

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        pairs = [{**asdict(pair), "because": pair.because} for pair in self.pairs]
        return {
            **asdict(self),
            "reference": self.reference,
            "reason": reason_text(self.reason_code),
            "pairs": pairs,
        }


def clear_signals(
    rows: Sequence[Mapping[str, Any]], partner_types: Mapping[str, str]
) -> dict[SignalKey, ClearSignal]:
    """Signals by key, each with its letter.

    Args:
        rows: partner_id, signal_id, arrears_months, wijkcode, postcode4.
        partner_types: per partner_id.
    """
    ordered = sorted(rows, key=lambda row: (row["partner_id"], row["signal_id"]))
    return {
        (row["partner_id"], row["signal_id"]): ClearSignal(
            _letter(number),
            partner_types.get(row["partner_id"], "Overige"),
            int(row["arrears_months"]),
            area_text(row),
        )
        for number, row in enumerate(ordered)
    }


def compared_pairs(
    fields: Mapping[str, Any], signals: Mapping[SignalKey, ClearSignal]
) -> tuple[ComparedPair, ...]:
    """The pairs of a comparison whose signals are still there, doubtful ones first."""
    pairs = [
        ComparedPair(
            signals[one].letter,
            signals[other].letter,
            {name: str(pair[name]) for name in FIELDS},
            str(pair["rule"]),
            str(pair["verdict"]),
        )
        for pair in fields.get("pairs", ())
        if (one := _key(pair["one"])) in signals and (other := _key(pair["other"])) in signals
    ]
    return tuple(sorted(pairs, key=lambda pair: (pair.verdict not in ASKED, pair.one, pair.other)))


def area_text(row: Mapping[str, Any]) -> str:
    """The wijk, else the four digits of the postcode."""
    return str(row["wijkcode"] or row["postcode4"] or "onbekend")


def reason_text(reason_code: str) -> str:
    """Why the opener, or the steward, judged a case as it did."""
    sections = ("verdicts", "review_reasons", "opener_reasons")
    return next((str(TEXTS[name][reason_code]) for name in sections if reason_code in TEXTS[name]), reason_code)


def heading_lines(doubt: Doubt) -> list[str]:
    """What the case is, what was found, how long it waits."""
    lines = [
        sentence("review", "heading", case=doubt.case_id, month=long_month(doubt.month), state=doubt.state_label),
        sentence("review", "area", area=doubt.area, team=doubt.team),
        sentence("review", "verdict", date=long_date(doubt.asked_on), reason=reason_text(doubt.reason_code)),
    ]
    if doubt.waiting_days is not None:
        which = "waiting_one" if doubt.waiting_days == 1 else "waiting_many"
        lines.append(sentence("review", which, days=doubt.waiting_days))
    if doubt.is_of_former_evidence:
        lines.append(sentence("review", "old"))
    return [*lines, "Meldingen: " + joined([signal.text for signal in doubt.signals]) + "."]


def pair_cells(pair: ComparedPair) -> tuple[str, ...]:
    """One row of the table: pair, outcome per field, verdict."""
    outcomes = (str(TEXTS["review_outcomes"][pair.outcomes[name]]) for name in FIELDS)
    return f"{pair.one} en {pair.other}", *outcomes, str(TEXTS["review_pairs"][pair.verdict])


def pair_headings() -> tuple[str, ...]:
    """Above the rows of `pair_cells`."""
    return "paar", *(str(TEXTS["review_fields"][name]) for name in FIELDS), "oordeel"


def because_lines(doubt: Doubt) -> list[str]:
    """Per rule of the published table that judged a pair: which pairs, and why."""
    pairs_of: dict[str, list[ComparedPair]] = {}
    for pair in doubt.pairs:
        pairs_of.setdefault(pair.rule_id, []).append(pair)
    return [
        f"{joined([f'{pair.one}-{pair.other}' for pair in pairs])} ({rule_id}): {pairs[0].because}"
        for rule_id, pairs in pairs_of.items()
    ]


def choice_lines(doubt: Doubt) -> list[str]:
    """What either decision does."""
    accept = "accept_two_persons" if doubt.reason_code == "TWO_PERSONS" else "accept"
    return [
        sentence("review", accept, team=doubt.team),
        sentence("review", "reject"),
        sentence("review", "again"),
        sentence("review", "doubt"),
    ]


def as_markdown(doubt: Doubt) -> str:
    """The whole page, for Airflow."""
    headings = pair_headings()
    table = [headings, ("---",) * len(headings), *(pair_cells(pair) for pair in doubt.pairs)]
    parts = (
        heading_lines(doubt)[1:],
        ["| " + " | ".join(cells) + " |" for cells in table],
        [f"- {line}" for line in because_lines(doubt)],
        [sentence("review", "fields")],
        [f"- {line}" for line in choice_lines(doubt)],
    )
    return "\n\n".join("\n".join(part) if part[0][:1] in "|-" else "\n\n".join(part) for part in parts if part)


def _key(pair: Sequence[str]) -> SignalKey:
    return pair[0], pair[1]


def _letter(number: int) -> str:
    """A to Z, then A2 to Z2."""
    turn, place = divmod(number, len(ascii_uppercase))
    return ascii_uppercase[place] + (str(turn + 1) if turn else "")
