"""DAG files decide when and in what order; what is done, `pipeline.commands` does. Judged on the syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

DAGS = Path(__file__).resolve().parents[2] / "dags"
NAMES = (
    "admit_deliveries",
    "match_signals",
    "publish_analytics",
    "retire_records",
    "reveal_cases",
    "review_matches",
    "settle_outcomes",
)
MOST_LINES = 110
STANDARD = {"__future__", "datetime", "functools"}
ALLOWED_AT_TOP = STANDARD | {"airflow.sdk", "samenloop_flow", "samenloop_steward"}
LOOPS = (ast.For, ast.AsyncFor, ast.While)
TASK_DECORATORS = ("task", "task.sensor")
# These say only which municipalities there are, or whether the task before came back with anything.
TASKS_WITHOUT_COMMAND = {"find_municipalities", "reveal_cases.tell_publish"}


def syntax_tree(name: str) -> ast.Module:
    return ast.parse((DAGS / f"{name}.py").read_text(encoding="utf-8"))


def imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""


def tasks_of(module: ast.Module) -> list[ast.FunctionDef]:
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef)
        and any(
            ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator) in TASK_DECORATORS
            for decorator in node.decorator_list
        )
    ]


def test_there_are_seven_dag_files() -> None:
    """The folder holds the six DAGs of the flow and the steward's, and beside them only what they share."""
    found = {path.stem for path in DAGS.glob("*.py") if not path.stem.startswith("samenloop_")}
    assert set(NAMES) == found


@pytest.mark.parametrize("name", NAMES)
def test_nothing_heavy_is_imported_at_the_top(name: str) -> None:
    """Airflow parses a DAG file before every task: nothing but Airflow's own words stands at its top."""
    top = {source for node in syntax_tree(name).body for source in imported(node)}
    assert set() == top - ALLOWED_AT_TOP


@pytest.mark.parametrize("name", NAMES)
def test_a_task_calls_a_function_of_the_package(name: str) -> None:
    """Each task imports its function from `pipeline.commands` and uses it."""
    tasks = tasks_of(syntax_tree(name))
    assert tasks
    for task in tasks:
        if {task.name, f"{name}.{task.name}"} & TASKS_WITHOUT_COMMAND:
            continue
        brought = {
            alias.name
            for node in ast.walk(task)
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("pipeline.commands.")
            for alias in node.names
        }
        used = {node.id for node in ast.walk(task) if isinstance(node, ast.Name)}
        assert brought, task.name
        assert brought <= used, task.name


@pytest.mark.parametrize("name", NAMES)
def test_a_dag_file_decides_nothing(name: str) -> None:
    """No loop, no handling of errors, no frame, no more lines than fit on two screens."""
    source = (DAGS / f"{name}.py").read_text(encoding="utf-8")
    assert MOST_LINES >= len(source.splitlines())
    assert [] == [ast.unparse(node) for node in ast.walk(syntax_tree(name)) if isinstance(node, (*LOOPS, ast.Try))]


@pytest.mark.parametrize("name", NAMES)
def test_a_steward_can_read_what_a_dag_does(name: str) -> None:
    """The module's text is the page in Airflow: it names every task, and what to do when one is red."""
    text = ast.get_docstring(syntax_tree(name)) or ""
    assert "doc_md=__doc__" in (DAGS / f"{name}.py").read_text(encoding="utf-8")
    assert "**Red**" in text
    unnamed = {task.name for task in tasks_of(syntax_tree(name)) if f"`{task.name}`" not in text}
    assert unnamed <= {"find_municipalities"}


def test_what_dags_share_brings_nothing_heavy_either() -> None:
    """The shared files import Airflow and the standard library at their top, the package only inside functions."""
    for path in DAGS.glob("samenloop_*.py"):
        top = {source for node in ast.parse(path.read_text(encoding="utf-8")).body for source in imported(node)}
        assert {source for source in top if source.startswith("pipeline")} == set(), path.name
