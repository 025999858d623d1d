"""The question to the data steward: what comes of an answer, of none, and of a question that came too late."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

pytestmark = pytest.mark.airflow


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The task that asks about one case, outside a run."""
    import samenloop_steward

    monkeypatch.setattr(samenloop_steward, "label", lambda *_words: None)
    return samenloop_steward.AskSteward(task_id="ask", gemeente="GM9901", doubt="Z-1@2")


def event(option: str, user: dict[str, str] | None) -> dict[str, Any]:
    return {
        "chosen_options": [option],
        "params_input": {},
        "responded_at": datetime(2026, 11, 3, 8, 0, tzinfo=UTC),
        "responded_by_user": user,
    }


def test_an_answer_is_passed_on_as_a_code_and_a_user(ask: Any) -> None:
    """Each option becomes its code; the sentences stay behind."""
    user = {"id": "7", "name": "s.jansen"}
    choices = [ask.execute_complete({}, event(option, user)) for option in ask.options]
    assert {"choice": "accepted:SPELLING", "user": "s.jansen"} == choices[0]
    assert {"choice": "later", "user": "s.jansen"} == choices[-1]
    assert not [choice for choice in choices if " " in choice["choice"]]


def test_no_answer_is_later(ask: Any) -> None:
    """What Airflow fills in when nobody answered decides nothing, and ends before the next day asks."""
    (default,) = ask.defaults
    assert {"choice": "later", "user": ""} == ask.execute_complete({}, event(default, None))
    assert ask.response_timeout.total_seconds() < 24 * 3600


def test_what_was_decided_elsewhere_is_not_asked(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The task is skipped, not failed."""
    import samenloop_steward
    from airflow.sdk.exceptions import AirflowSkipException

    monkeypatch.setattr(samenloop_steward, "step", lambda *_arguments: None)
    with pytest.raises(AirflowSkipException):
        ask.execute({})


def test_demo_never_waits_for_a_person() -> None:
    """Whoever runs the DAGs in one process leaves this one out."""
    from samenloop_rehearsal import ORDER

    assert "review_matches" not in ORDER
