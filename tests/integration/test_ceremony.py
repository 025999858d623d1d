"""The key ceremony as the runbook tells it: its commands are parsed out of docs/runbook.md and run."""

from __future__ import annotations

import re
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline.commands import agreement, journal, keys
from pipeline.commands.documents import read_agreement, read_directory
from pipeline.vault.keyring import PartnerKeys
from tests.builders.ceremony import forms, secrets_under

RUNBOOK = Path(__file__).resolve().parents[2] / "docs" / "runbook.md"
PROMPT = "Typ de vingerafdruk van "


@dataclass(frozen=True)
class Step:
    """One command of the runbook, with what it prints there."""

    command: str
    printed: list[str]


def section() -> str:
    """The runbook's section on keys."""
    return RUNBOOK.read_text(encoding="utf-8").split("\n## Sleutelceremonie\n")[1].split("\n## ")[0]


def ceremony() -> list[Step]:
    blocks = re.findall(r"```console\n\$ samenloop (.*?)\n(.*?)```", section(), re.S)
    return [Step(command, without_prompts(text)) for command, text in blocks]


def without_prompts(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith(PROMPT)]


def other_commands() -> list[str]:
    """Every command that the section names within a line."""
    return sorted(set(re.findall(r"`samenloop ([^`]*)`", section())))


def command_line() -> typer.Typer:
    app = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    for named in (agreement, keys, journal):
        named.register(app)
    return app


def run(command: str, typed: str = "") -> Any:
    return CliRunner().invoke(command_line(), shlex.split(command), input=typed)


def general(line: str) -> str:
    """A line without what differs from one ceremony to the next: fingerprints, days and months."""
    line = re.sub(r"\b(?:[0-9a-f]{4} ){7}[0-9a-f]{4}\b", "<fingerprint>", line)
    line = re.sub(r"\b\d{4}-\d{2}-\d{2}\b", "<day>", line)
    return re.sub(r"\b\d{4}-\d{2}\b", "<month>", line)


def fingerprint_in(text: str) -> str:
    found = re.search(r"(?:[0-9a-f]{4} ){7}[0-9a-f]{4}", text)
    assert found is not None
    return found[0]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with the list of partners that the runbook shows."""
    monkeypatch.chdir(tmp_path)
    partners = re.search(r"```csv\n(.*?)```", section(), re.S)
    assert partners is not None
    (tmp_path / "partners.csv").write_text(partners[1], encoding="utf-8")
    return tmp_path


def hold(steps: list[Step]) -> list[Any]:
    """Run the five commands in order; what one partner does, the other does under its own name."""
    results: list[Any] = []
    typed = {1: "", 2: "", 3: "", 4: "", 5: ""}
    for number, step in enumerate(steps, start=1):
        result = run(step.command, typed[number])
        results.append(result)
        if number in (2, 5):
            assert 0 == run(step.command.replace("woonpunt", "waterkring"), typed[number]).exit_code
        if number in (1, 4):
            typed[number + 1] = fingerprint_in(result.stdout) + "\n"
    return results


def test_the_five_commands_of_the_runbook(place: Path) -> None:
    """The five commands, run as they stand there, end well and print what stands there."""
    steps = ceremony()
    assert 5 == len(steps)
    results = hold(steps)
    assert [0] * 5 == [result.exit_code for result in results]
    for step, result in zip(steps, results, strict=True):
        assert [general(line) for line in step.printed] == [general(line) for line in result.stdout.splitlines()]


def test_after_the_ceremony_everybody_can_work(place: Path) -> None:
    """Each party's check is well, both partners hold the same token keys, and the documents hold."""
    hold(ceremony())
    checks = [command for command in other_commands() if re.match(r"(keys|agreement) check ", command)]
    assert 4 == len(checks)
    assert [0] * 4 == [run(command).exit_code for command in checks]
    directory = read_directory(place / "gemeente" / "directory.json")
    shared = read_agreement(place / "gemeente" / "agreement.json", directory)
    held = [PartnerKeys.read(place / partner.partner_id / "keys.json") for partner in shared.partners]
    month = held[0].token_keys[0].month
    assert held[0].token_key("GM9901", month) == held[1].token_key("GM9901", month)


def test_the_ceremony_prints_no_secret(place: Path) -> None:
    """Whatever is shown, checked or rotated afterwards, no form of a secret appears, with or without --json."""
    shown = [result.output for result in hold(ceremony())]
    commands = (
        "keys show --home gemeente",
        "keys show --keys woonpunt/keys.json",
        "keys show --key-holder sleutelhouder",
        "keys check --home gemeente",
        "agreement show --home gemeente",
        "keys rotate case --home gemeente",
        "keys rotate partner-box --keys woonpunt/keys.json",
        "keys rotate token-root --key-holder sleutelhouder",
    )
    for command in commands:
        for json_option in ("", " --json"):
            result = run(command + json_option)
            assert 0 == result.exit_code, command
            shown.append(result.output)
    secrets = secrets_under(place)
    assert 20 < len(secrets)
    text = "".join(shown).encode()
    assert not [name for name, secret in secrets.items() for form in forms(secret) if form in text]


@pytest.mark.parametrize("fault", ["another", "half", "nothing"])
def test_a_wrong_fingerprint_stops_the_ceremony(place: Path, fault: str) -> None:
    """A fingerprint of somebody else is found at the first document; half of one, or none, is not taken."""
    steps = ceremony()
    own = fingerprint_in(run(steps[0].command).stdout)
    other = "0000 1111 2222 3333 4444 5555 6666 7777"
    typed = {"another": other, "half": own[:19], "nothing": ""}[fault]
    made = run(steps[1].command, typed + "\n" if typed else "")
    assert (0 if fault == "another" else 2) == made.exit_code
    if fault != "another":
        assert not (place / "woonpunt").exists()
        return
    assert 0 == run(steps[1].command.replace("woonpunt", "waterkring"), own + "\n").exit_code
    assert 0 == run(steps[2].command).exit_code
    for name, expected in (("woonpunt", 2), ("waterkring", 1)):
        command = f"keys check --keys {name}/keys.json --directory gemeente/directory.json"
        assert expected == run(command).exit_code


def test_the_crisis_lane_has_no_default(place: Path) -> None:
    """Without --crisis no agreement and no directory are made, and the command says what to choose."""
    steps = ceremony()
    own = fingerprint_in(run(steps[0].command).stdout)
    run(steps[1].command, own + "\n")
    result = run(steps[2].command.replace(" --crisis count", ""))
    assert (2, True) == (result.exit_code, "AGREEMENT_LANE_MISSING" in result.output)
    assert ["journal-keys.json"] == [path.name for path in (place / "gemeente").glob("*.json")]


def test_a_partner_that_sent_nothing_is_named(place: Path) -> None:
    """An agreement with a partner whose public part is not there is made, and that partner is a refusal."""
    steps = ceremony()
    own = fingerprint_in(run(steps[0].command).stdout)
    run(steps[1].command, own + "\n")
    result = run(steps[2].command + " --json")
    assert 1 == result.exit_code
    assert '"refused": [{"code": "PARTNER_WITHOUT_KEYS", "column": "waterkring", "row": null}]' in result.stdout


@pytest.mark.parametrize("command", other_commands())
def test_every_command_in_the_runbook_exists(command: str) -> None:
    """A command named in the section is known, takes every option named, and has an example in its help."""
    words = shlex.split(command)
    option = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    path = words[:option]
    for count in range(len(path), 0, -1):
        shown = CliRunner().invoke(command_line(), [*path[:count], "--help"])
        if shown.exit_code == 0 and "Commands:" not in shown.stdout:
            break
    assert 0 == shown.exit_code
    assert "Example:" in shown.stdout
    assert not [word for word in words if word.startswith("--") and f"{word} " not in shown.stdout]


def test_the_walk_after_the_ceremony(place: Path) -> None:
    """The commands for every month, for renewing and for emergencies end well, in the order of the section."""
    hold(ceremony())
    text = section().split("### Elke maand")[1]
    for month in ("2026-11", "2026-12"):
        text = text.replace(month, month_now(place))
    for command in re.findall(r"`samenloop ([^`]*)`", text):
        typed = fingerprint_in(run("keys show --home gemeente").stdout) if " trust" in command else ""
        result = run(command, typed + "\n")
        assert 0 == result.exit_code, (command, result.output)
        if command.startswith("keys rotate partner-"):
            shutil.copy(place / "woonpunt" / "woonpunt.public.json", place / "openbaar")
    for check in (check for check in other_commands() if check.startswith("keys check")):
        assert 0 == run(check).exit_code, check


def month_now(place: Path) -> str:
    """The first month that the ceremony made keys for."""
    files = sorted((place / "gemeente" / "keys").glob("store-*"))
    return files[0].name.removeprefix("store-GM9901-")[:7]
