"""The published table by which two contacts are one person, likely so, doubtful, one household or different.

The rows stand in confirm_rules.csv; the first that fits decides. `=` equal, `~` similar, `?` missing on a side,
`!` conflict, `*` anything. `#` is equal and more: a surname that is not common, two initials or more, a birth date
at which twins no longer share a home. Of surnames `@` says that they differ and one stands in the e-mail address
of the other; of initials `x` that they differ and both are two letters or more, `1` that they do and the first is
the same, `%` that surname and initials differ and each has the other's letter, `w` that each has the other's whole
name, `<` that one is a single letter and not the first of the other's, `n` that both partners wrote a first name
in full and the two contradict each other, which no other sign but `*` takes in; of birth dates `y` that both know
the same year and no day. "Reach" is e-mail and phone together: `=` one of them is equal, `t` only the phone is,
`!` what both know differs, `x` both are known and both differ. What is likely counts as one person unless the
agreement asks for certainty. A change begins with a row in tests/spec/confirm_table.py, of which docs/rules.md is
printed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from pipeline.revealed.compare_fields import (
    BOTH_CONFLICT,
    BY_PHONE,
    CONFLICT,
    CROSSED,
    EQUAL,
    FIRST,
    LATER,
    MISSING,
    NAMED,
    OTHER_NAMES,
    SIMILAR,
    WHOLE,
    WHOLE_WORDS,
    YEAR_ONLY,
    Comparison,
)
from pipeline.vocabulary.case import VERDICT_CONFIRMED, VERDICT_DOUBTFUL, VERDICT_WITHHELD

SAME_PERSON = "same person"
LIKELY = "likely one person"
SAME_HOUSEHOLD = "same household"
DOUBTFUL = "doubtful"
DIFFERENT = "different"
PAIR_VERDICTS = (SAME_PERSON, LIKELY, DOUBTFUL, SAME_HOUSEHOLD, DIFFERENT)

SIGNS = {
    **{EQUAL: "=", SIMILAR: "~", MISSING: "?", CONFLICT: "!", BOTH_CONFLICT: "x"},
    **{WHOLE: "#", CROSSED: "%", LATER: "<", FIRST: "1", BY_PHONE: "t", YEAR_ONLY: "y", NAMED: "@"},
    **{WHOLE_WORDS: "w", OTHER_NAMES: "n"},
}
_ALSO = {
    **{WHOLE: EQUAL, CROSSED: CONFLICT, LATER: SIMILAR, FIRST: BOTH_CONFLICT},
    **{BY_PHONE: EQUAL, YEAR_ONLY: SIMILAR, NAMED: CONFLICT, WHOLE_WORDS: CONFLICT},
}
ANY = "*"


@dataclass(frozen=True, slots=True)
class PairRule:
    """One row: which outcomes it fits per field, what it decides, and why."""

    rule_id: str
    surname: str
    initials: str
    birth: str
    address: str
    reach: str
    verdict: str
    because: str

    def fits(self, comparison: Comparison) -> bool:
        """Whether every field has one of the outcomes of this row."""
        fields = (
            (self.surname, comparison.name),
            (self.initials, comparison.letters),
            (self.birth, comparison.born),
            (self.address, comparison.address),
            (self.reach, comparison.way),
        )
        return all(_fits(wanted, outcome) for wanted, outcome in fields)


def _fits(wanted: str, outcome: str) -> bool:
    """What is equal as a whole or by phone is also equal, what is crossed in conflict, a later letter similar."""
    return wanted == ANY or any(SIGNS[name] in wanted for name in (outcome, _ALSO.get(outcome, outcome)))


def _read_table() -> tuple[PairRule, ...]:
    text = resources.files(__package__).joinpath("confirm_rules.csv").read_text(encoding="utf-8")
    return tuple(PairRule(**row) for row in csv.DictReader(text.splitlines(), delimiter=";"))


PAIR_RULES: tuple[PairRule, ...] = _read_table()

VERDICT_OF_REASON: dict[str, str] = {
    "PERSON": VERDICT_CONFIRMED,
    "PERSON_LIKELY": VERDICT_CONFIRMED,
    "HOUSEHOLD": VERDICT_CONFIRMED,
    "REVIEWED": VERDICT_CONFIRMED,
    "RUNNING": VERDICT_CONFIRMED,
    "WITHDRAWAL": VERDICT_CONFIRMED,
    "PERSON_UNCERTAIN": VERDICT_DOUBTFUL,
    "TWO_BIRTH_DATES": VERDICT_DOUBTFUL,
    "TWO_PERSONS": VERDICT_DOUBTFUL,
    "DIFFERENT_PERSONS": VERDICT_WITHHELD,
    "ONE_HOUSEHOLD_ONLY": VERDICT_WITHHELD,
    "PARTNERS_NOT_MET": VERDICT_WITHHELD,
    "MONTHS_NOT_MET": VERDICT_WITHHELD,
    "SIGNAL_REFUSED": VERDICT_WITHHELD,
    "KEY_MISSING": VERDICT_WITHHELD,
    "KEY_REVOKED": VERDICT_WITHHELD,
    "GROUND_NOT_MET": VERDICT_WITHHELD,
}
"""Why the opener decided as it did; the Dutch sentence per reason stands in texts.toml."""


def is_one_person(comparison: Comparison) -> bool:
    """Whether two contacts mean one person, where no case is shown: on the municipality's list, in a letter.

    What is sure, and what is likely where both sides know an initial: a surname at a door may be anybody's there.
    """
    verdict = judge_pair(comparison).verdict
    has_initials = comparison.initials in (EQUAL, SIMILAR)
    return verdict == SAME_PERSON or (verdict == LIKELY and has_initials)


@lru_cache(maxsize=4096)
def judge_pair(comparison: Comparison) -> PairRule:
    """The first row of the table that fits; the last row fits everything."""
    return next(rule for rule in PAIR_RULES if rule.fits(comparison))
