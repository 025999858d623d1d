"""The guides: what they tell people to type works, what they show is there, and they stay one page."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.commands.at_the_opener.subject_contacts import read_contacts
from pipeline.commands.wiring import Home
from pipeline.revealed.worklist_theme import read_theme
from pipeline.vocabulary.faults import FAULTS
from pipeline.vocabulary.teams import FORMAT, Teams

GUIDES = sorted((Path(__file__).resolve().parents[2] / "docs" / "guides").glob("*.md"))
MOST_LINES = 110
MOST_PICTURE_BYTES = 200_000


def blocks(guide: Path, language: str) -> list[str]:
    """The fenced blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", guide.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("guide", [guide for guide in GUIDES if blocks(guide, "sh")], ids=lambda guide: guide.stem)
def test_commands_of_a_guide_work_in_this_order(guide: Path, tmp_path: Path) -> None:
    """Typed one after the other in an empty folder, each command does its work or says what it refused."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
    for block in blocks(guide, "sh"):
        done = subprocess.run(
            ["bash", "-u", "-c", block], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode in (0, 1), (block, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_guide_is_one_page_and_what_it_points_to_exists(guide: Path) -> None:
    """Every picture has a description and a modest size, every link leads somewhere, and it all fits one page."""
    text = guide.read_text(encoding="utf-8")
    pictures = re.findall(r"!\[(.*?)\]\((.*?)\)", text)
    pictures += [(alt, name) for name, alt in re.findall(r'<img src="(.*?)" alt="(.*?)"', text)]
    assert pictures
    for description, name in pictures:
        size = (guide.parent / name).stat().st_size
        assert description
        assert size < MOST_PICTURE_BYTES
    for link in re.findall(r"(?<!!)\[[^\]]*\]\(([^)#]+)", text):
        assert (guide.parent / link).exists(), link
    assert len(text.splitlines()) <= MOST_LINES


def test_what_the_steward_copies_from_the_guide_is_accepted() -> None:
    """The example of teams.json is read, the example of theme.css colours the page."""
    guide = next(guide for guide in GUIDES if guide.stem == "gegevensbeheerder")
    (team,), (theme,) = blocks(guide, "json"), blocks(guide, "css")
    teams = Teams.from_dict({"format": FORMAT, "teams": [json.loads(team)]})
    assert ("wijkteam-noord", 3) == (teams.teams[0].team_id, teams.teams[0].counsellors[0].capacity)
    assert "--samenloop-brand:#7a0000" in read_theme(theme.encode())


def test_counsellors_read_in_the_receipt_what_their_guide_explains() -> None:
    """The words in the guide's table stand in the refusals themselves."""
    guide = next(guide for guide in GUIDES if guide.stem == "schuldhulpverlener").read_text(encoding="utf-8")
    told = {
        "beveiligde cel veranderd": "SHEET_ROW_CHANGED",
        "ander resultaat": "RESULT_OVERRULED",
        "dit zaaknummer bestaat niet": "CASE_UNKNOWN",
        "macro": "FOLLOW_UP_MACRO",
        "vóór de dag": "DATE_BEFORE_CASE",
        "deze zaak staat bij ons nog niet": "CASE_NOT_SHOWN",
        "een nieuwere lijst zegt iets anders over deze poging": "ATTEMPT_OVERRULED",
    }
    for words, code in told.items():
        assert f"| {words} |" in guide
        assert words in FAULTS[code].next_step.lower()


def test_the_lines_for_a_letter_in_the_runbook_fill_every_blank(tmp_path: Path) -> None:
    """The example of contact.toml is read, and leaves nothing to fill in."""
    (example,) = blocks(GUIDES[0].parents[1] / "runbook.md", "toml")
    home = Home(tmp_path)
    home.contact_file.write_text(example, encoding="utf-8")
    assert [] == [name for name, text in read_contacts(home).items() if not text]
