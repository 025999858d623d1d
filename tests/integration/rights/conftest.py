"""What tests of a resident's rights begin from."""

from __future__ import annotations

import pytest

from tests.builders.deliveries import Municipality
from tests.builders.kept import Begin
from tests.builders.subjects import let_opener_answer, make_couple, make_reported


@pytest.fixture(autouse=True)
def _opener_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    let_opener_answer(monkeypatch)


@pytest.fixture
def place(begin: Begin) -> Municipality:
    """A municipality with a case on a worklist and somebody else; the opener answers in this process."""
    return begin(make_reported)


@pytest.fixture
def home(begin: Begin) -> Municipality:
    """Husband and wife were shown together in one case."""
    return begin(make_couple)
