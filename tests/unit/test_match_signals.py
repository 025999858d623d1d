"""The corners of matching that a table of persons does not reach."""

from __future__ import annotations

from typing import Any

import duckdb
import polars as pl
import pytest

from pipeline.pseudonymous.match_signals import PROPOSED_SCHEMA, match_month
from pipeline.pseudonymous.match_signals.candidates import connect, find_pairs, token_rows
from pipeline.pseudonymous.match_signals.components import components
from pipeline.pseudonymous.match_signals.evidence import MOST_SHARING, PERSON_EVIDENCE
from pipeline.vocabulary.agreement import Rule
from pipeline.vocabulary.frames import TOKEN_KINDS
from pipeline.vocabulary.identity.recipe import FIELDS_OF_KIND
from tests.reference import engines
from tests.reference.naive_match import MOST_SHARING as REFERENCE_MOST_SHARING
from tests.spec.persons import frame, signal

KINDS = tuple(TOKEN_KINDS)


def signals(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    partners = ("huur", "energie")
    return [
        {**signal({"partner": partners[number % 2], "client": f"{number:03d}"}), **row}
        for number, row in enumerate(rows)
    ]


def crowd(size: int) -> list[dict[str, Any]]:
    return signals(*[{"t_birth_postcode": b"C" * 16}] * size)


@pytest.mark.parametrize("match", [engines.naive, engines.fast])
@pytest.mark.parametrize(("size", "case_count"), [(MOST_SHARING, 1), (MOST_SHARING + 1, 0)])
def test_a_value_counts_up_to_the_bound(match: engines.Engine, size: int, case_count: int) -> None:
    """A value that the most allowed signals share joins them; one more, and it joins nobody."""
    assert case_count == len(match(crowd(size), Rule(), False))


def test_both_matchers_have_the_same_bound() -> None:
    """The reference states the bound in its own words."""
    assert REFERENCE_MOST_SHARING == MOST_SHARING


def test_a_double_name_with_two_equal_halves_counts_once() -> None:
    """A signal that has one value twice is one signal towards the bound."""
    value = {"t_name_initial_birth": b"N" * 16, "t_name_initial_birth_alt": b"N" * 16}
    assert 1 == len(engines.fast(signals(*[value] * MOST_SHARING), Rule(), False))


def test_a_surname_meets_the_second_half_of_a_double_name() -> None:
    """A value in a column and the same value in its _alt column are shared."""
    rows = signals({"t_name_initial_birth": b"N" * 16}, {"t_name_initial_birth_alt": b"N" * 16})
    assert 1 == len(engines.fast(rows, Rule(), False))


@pytest.mark.parametrize("other", [b"A" * 8 + b"B" * 8, b"B" * 8 + b"A" * 8])
def test_half_a_token_is_no_token(other: bytes) -> None:
    """Values that agree in eight of their sixteen bytes join nobody, also when both occur more than once."""
    rows = [{"t_birth_postcode": value} for value in (b"A" * 16, other, b"A" * 16, other)]
    found = find_pairs(token_rows(frame(signals(*rows)), KINDS), KINDS, MOST_SHARING)
    assert {(0, 2), (1, 3)} == set(found.select("left", "right").rows())


@pytest.mark.parametrize("match", [engines.naive, engines.fast])
def test_agreeing_on_what_is_no_evidence_is_no_conflict(match: engines.Engine) -> None:
    """Two of a crowd with one name, initial and birth date do not conflict on it; their postcode joins them."""
    rows = signals(*[{"t_name_initial_birth_alt": b"N" * 16}] * (MOST_SHARING + 1))
    neighbours = [{**row, "t_birth_postcode": b"P" * 16} for row in rows[:2]]
    assert 1 == len(match([*neighbours, *rows[2:]], Rule(), False))


def test_equal_values_of_different_kinds_join_nobody() -> None:
    """A value says something within its own kind only."""
    rows = signals({"t_birth_postcode": b"A" * 16}, {"t_name_address": b"A" * 16})
    assert set() == engines.fast(rows, Rule(), False)


def test_no_signals_no_sets() -> None:
    """A month without signals proposes nothing, in the promised columns."""
    found = match_month(frame([]), Rule(match_on=("person", "household")), reveals_crisis=True)
    assert (dict(found.schema), 0) == (PROPOSED_SCHEMA, found.height)


def test_a_token_of_another_length_stops_the_run() -> None:
    """Admission lets only sixteen bytes in; anything else here is a bug and not a match."""
    with pytest.raises(AssertionError):
        match_month(frame(signals({"t_birth_postcode": b"short"})), Rule())


def test_a_long_chain_is_one_component() -> None:
    """Each linked to the next makes one set, in whatever order the links are given."""
    count = 2000
    links = pl.DataFrame(
        {"left": range(count - 1), "right": range(1, count)}, schema_overrides={"left": pl.UInt32}
    )
    shuffled = links.sample(fraction=1, shuffle=True, seed=1)
    assert [0] * count == components(pl.Series(range(count), dtype=pl.UInt32), shuffled, count).to_list()


def test_a_row_that_is_left_out_links_nobody() -> None:
    """A signal with too few months does not connect two others."""
    pairs = pl.DataFrame({"left": [0, 1], "right": [1, 2]})
    assert [0, 2] == components(pl.Series([0, 2]), pairs, 3).to_list()


def test_the_digest_follows_tokens_and_clear_fields_only() -> None:
    """Another token or wijk is another digest; the same signal in another month of rows is the same."""
    pair = signals({"t_birth_postcode": b"A" * 16}, {"t_birth_postcode": b"A" * 16})
    changed = [{**pair[0], "wijkcode": "WK990102"}, {**pair[1], "t_name_address": b"B" * 16}]
    before = match_month(frame(pair), Rule())["digest"]
    assert before.to_list() == match_month(frame([*pair, *signals({}, {}, {})[2:]]), Rule())["digest"].to_list()
    assert not set(before) & set(match_month(frame(changed), Rule())["digest"])


def test_every_veto_is_more_specific_than_what_it_vetoes() -> None:
    """A kind is vetoed by kinds that hold some of the initial or birth date, which it leaves open itself."""
    telling = {"initial", "birth_key", "birth_year_key", "birth_day_key"}
    for row in PERSON_EVIDENCE:
        for kind in (kind for group in row.vetoes for kind in group):
            assert telling & (set(FIELDS_OF_KIND[kind]) - set(FIELDS_OF_KIND[row.kind]))


def test_duckdb_reaches_nothing_outside_itself() -> None:
    """No extension is fetched or loaded by itself, no file is read, and nothing is spilled to a disk."""
    with connect() as connection:
        names = ("autoinstall_known_extensions", "autoload_known_extensions", "enable_external_access")
        for name in names:
            assert ("false",) == connection.execute(
                "SELECT value FROM duckdb_settings() WHERE name = ?", [name]
            ).fetchone()
        with pytest.raises(duckdb.Error):
            connection.execute("SELECT * FROM read_csv('/etc/passwd')")
        with pytest.raises(duckdb.Error):
            connection.execute("SET temp_directory = '/tmp'")
