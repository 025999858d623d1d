"""A question to the data steward, answered in Airflow's own interface; what is asked, the package says.

The question is made when the task runs and goes straight to Airflow's list of required actions, not through XCom.
It holds outcomes per field and no value of a person.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk.exceptions import AirflowSkipException
from samenloop_flow import label, step

ANSWER_WITHIN = timedelta(hours=20)  # over before the next working day asks again


class AskSteward(HITLOperator):
    """Asks about one doubtful case. Nobody answered in time counts as *later*: asked again on the next day."""

    template_fields: Collection[str] = (*HITLOperator.template_fields, "gemeente", "doubt")

    def __init__(self, *, gemeente: Any, doubt: Any, **kwargs: Any) -> None:
        from pipeline.revealed.describe_doubt import OPTIONS

        options = list(OPTIONS)
        super().__init__(
            subject="", options=options, defaults=options[-1], response_timeout=ANSWER_WITHIN, **kwargs
        )
        self.gemeente = gemeente
        self.doubt = doubt

    def execute(self, context: Any) -> Any:
        """Put the question, and wait.

        Raises:
            AirflowSkipException: somebody decided already, or the signals changed since.
        """
        from pipeline.commands.doubtful_cases import question

        asked = step(question, self.gemeente, self.doubt)
        if asked is None:
            raise AirflowSkipException("no longer asked")
        self.subject, self.body = asked
        return super().execute(context)

    def execute_complete(self, context: Any, event: dict[str, Any]) -> dict[str, str]:
        """Pass on the code of what was chosen, and by whom."""
        from pipeline.revealed.describe_doubt import OPTIONS

        label(self.gemeente, self.doubt)
        reply = super().execute_complete(context, event)
        user = reply["responded_by_user"]
        return {"choice": OPTIONS[reply["chosen_options"][0]], "user": user["name"] if user else ""}
