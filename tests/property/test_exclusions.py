"""Whoever a row of the exclusion list means is found by it, however the two are written."""

from __future__ import annotations

from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.revealed.compare_fields import Identity
from pipeline.revealed.exclusions import ExclusionList, ExclusionRow, is_meant, is_usable
from pipeline.vocabulary.exclusion import OBJECTION

TODAY = date(2026, 11, 3)

SURNAMES = st.sampled_from(
    [(), ("janzen",), ("jansen",), ("hoekstra",), ("hoeksta",), ("devries", "vries"), ("vries", "bakker")]
)
BIRTHS = st.tuples(
    st.sampled_from([0, 1980, 1981]), st.sampled_from([0, 2, 5]), st.sampled_from([0, 2, 5, 12])
).map(lambda parts: parts if parts[0] else (0, 0, 0))
IDENTITIES = st.builds(
    Identity,
    surnames=SURNAMES,
    initials=st.sampled_from(["", "J", "JP", "PJ"]),
    birth=BIRTHS,
    postcode=st.sampled_from(["", "9901AB", "9901AC", "9901BA", "9910AB", "9902AB"]),
    number=st.sampled_from(["", "12", "13"]),
    addition=st.sampled_from(["", "a"]),
    email=st.just(""),
    phone=st.just(""),
)


def known(surname: str, birth: tuple[int, int, int], postcode: str = "", number: str = "") -> Identity:
    return Identity((surname,), "JP", birth, postcode, number, "", "", "")


@settings(max_examples=1500)
@given(listed=IDENTITIES.filter(is_usable), person=IDENTITIES)
@example(known("janzen", (1980, 5, 12), "9901AB", "12"), known("jansen", (1980, 5, 12), "9902CD", "3"))
@example(known("quastenberg", (1980, 5, 12)), known("quastenberg", (1981, 5, 12), "9902CD", "3"))
@example(known("jansen", (1980, 5, 12), "9901AB", "12"), known("jansen", (1981, 5, 12), "9910AB", "12"))
def test_whoever_is_meant_is_found(listed: Identity, person: Identity) -> None:
    """A row that means somebody keeps this person out, and a row that does not, does not."""
    found = ExclusionList([ExclusionRow(listed, OBJECTION, None)], TODAY).reason_for([person])
    assert (OBJECTION if is_meant(listed, person) else None) == found
