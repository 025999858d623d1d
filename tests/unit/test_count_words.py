"""What commands count has a Dutch word: every name of a count that the code can print is looked up."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.commands import admit, count_words, deliveries, publish, reveal
from pipeline.commands.journal_keeping.journal_words import COMMAND as JOURNAL
from pipeline.commands.key_keeping.key_making import MUNICIPAL_KINDS
from pipeline.commands.key_keeping.keys_rotate import TOKEN
from pipeline.commands.key_keeping.partner_parts import BOX, SECRET, SIGNING
from pipeline.commands.key_keeping.token_issuing import HOLDER_SIGNING, ROOT
from pipeline.stewardship.prove_destruction import LABELS
from pipeline.vocabulary.review import ACCEPTED, REJECTED

PIPELINE = Path(count_words.__file__).resolve().parents[1]
WORDS = tomllib.loads(Path(count_words.__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def names_in(node: ast.AST | None, scope: ast.AST, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The names of counts in an expression: its own, and those of what it is made of in the same module."""
    if isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value
            elif key is None:
                yield from names_in(value, scope, seen)
    elif isinstance(node, ast.Tuple):
        yield from (one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str))
    elif isinstance(node, ast.Name) and node.id not in seen:
        for made in made_of(node.id, scope):
            yield from names_in(made, scope, seen | {node.id})
    elif isinstance(node, ast.BinOp):
        yield from names_in(node.left, scope, seen)
        yield from names_in(node.right, scope, seen)
    elif isinstance(node, ast.IfExp):
        yield from names_in(node.body, scope, seen)
        yield from names_in(node.orelse, scope, seen)
    elif isinstance(node, ast.DictComp):
        yield from names_in(node.generators[0].iter, scope, seen)
    elif isinstance(node, ast.Call):
        for part in (node.func, *node.args):
            yield from names_in(part, scope, seen)


def made_of(name: str, scope: ast.AST) -> Iterator[ast.AST]:
    """All that a name is given or filled with, and what a function of that name gives back."""
    for node in ast.walk(scope):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            yield from (part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value)
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) or value is None:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield value
            elif isinstance(target, ast.Subscript) and ast.unparse(target.value) == name:
                yield ast.Dict([target.slice], [value])


def calls(*names: str) -> Iterator[tuple[str, ast.Call, ast.Module, ast.AST]]:
    """Calls of functions of these names: the file, the call, its module, the function that it stands in."""
    for file in sorted(PIPELINE.rglob("*.py")):
        module = ast.parse(file.read_text(encoding="utf-8"))
        for place in (*(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)), module):
            for node in place.body if place is module else ast.walk(place):
                if isinstance(node, ast.Call) and (
                    getattr(node.func, "id", None) in names or getattr(node.func, "attr", None) in names
                ):
                    yield file.relative_to(PIPELINE).as_posix(), node, module, place


def argument(call: ast.Call, name: str, at: int | None) -> ast.AST | None:
    given = next((one.value for one in call.keywords if one.arg == name), None)
    return given if given is not None or at is None or len(call.args) <= at else call.args[at]


def command_of(call: ast.Call, module: ast.Module) -> str:
    """The first word of the command; one that is given from outside has no table of its own."""
    for node in (call.args[0], *made_of(ast.unparse(call.args[0]), module)):
        if isinstance(node, ast.Constant):
            return str(node.value).partition(" ")[0]
        if isinstance(node, ast.JoinedStr):
            return next((one.value for one in made_of("COMMAND", module) if isinstance(one, ast.Constant)), "")
    return ""


def has_word(command: str, name: str) -> bool:
    what = name.partition(" ")[0]
    return what in WORDS.get(command.partition(" ")[0], {}) or what in WORDS["common"]


def printed() -> Iterator[tuple[str, str, str]]:
    """File, command and name of each count that an outcome prints, or that a line of the journal holds."""
    for file, call, module, place in calls("Outcome"):
        if not any(one.arg == "has_said_counts" for one in call.keywords):
            command = command_of(call, module)
            for name in {*names_in(argument(call, "counts", 1), place), *local_names(call, module)}:
                yield file, command, name
    for file, call, _module, place in calls("journal"):
        for name in names_in(argument(call, "counts", None), place):
            yield file, JOURNAL, name


def local_names(call: ast.Call, module: ast.Module) -> Iterator[str]:
    """What a constant or a helper of the module brings in."""
    counts = argument(call, "counts", 1)
    for node in ast.walk(counts) if counts is not None else ():
        if isinstance(node, ast.Name) and (node.id.isupper() or node.id.startswith("_")):
            yield from names_in(node, module)


def test_every_count_has_a_dutch_word() -> None:
    """The names are read in the code itself, so a new one without a word is told with its file."""
    found = set(printed())
    assert len(found) > 100
    assert [] == sorted(one for one in found if not has_word(one[1], one[2]))


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("admit", admit.COUNTS),
        ("reveal", reveal.COUNTS),
        ("publish", publish.COUNTED),
        ("deliveries", (*deliveries.STATES, "released_before")),
        ("review", (ACCEPTED, REJECTED)),
        ("keys show", (*MUNICIPAL_KINDS, SIGNING, BOX, SECRET, TOKEN, ROOT, HOLDER_SIGNING)),
        ("journal", ("contacts", "min_partners", "min_months", "household", "certain", "crisis_reveal")),
        ("journal", ("rows_counted", "rows_refused", "attempts")),
        ("export", ("signals", "cases")),
    ],
)
def test_names_that_are_made_while_running_have_one_too(command: str, names: tuple[str, ...]) -> None:
    """What the code does not spell out is listed where it is made."""
    assert [] == [name for name in names if not has_word(command, name)]


@pytest.mark.parametrize("name", [*LABELS, "keys", "remaining"])
def test_whatever_is_retired_has_a_dutch_word(name: str) -> None:
    """The classes of what is destroyed are the counts of `retire`."""
    assert has_word("retire", name)


def test_what_has_no_word_is_shown_as_it_is() -> None:
    """A name that nobody thought of is no reason to say nothing."""
    assert ["never heard of: 1"] == count_words.said_counts("sample", {"never_heard_of": 1, "rows": 0})
