"""The pictures in README and guides, taken from the practice region: `make pictures`.

Needs chromium, libreoffice-calc and poppler-utils of the distribution. Nobody on them exists. What a picture shows
is what the programs make, so a change of the page is a change of the picture; case numbers differ each time.
"""

from __future__ import annotations

import base64
import html
import io
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from playwright.sync_api import Browser, Page

from pipeline.vocabulary.worklist_sheet import FOLLOW_UP_COLUMNS, SHEET_NAME
from tests.builders.browser import chromium_path, opened_page, started_browser
from tests.builders.returned import HEADER_ROW, converted, soffice_path

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
TEAM = "wijkteam-waterkant-molenbuurt"
PARTNER = "water-wellerbron"
FIRST, SECOND = "2026-11-03", "2026-11-05"
MOST_BYTES = 200_000
_TERMINAL = """<!doctype html><style>
body{{margin:0;background:#10202e;color:#e8eef4;padding:20px 24px;width:max-content}}
pre{{margin:0;font:15px/1.4 "DejaVu Sans Mono",monospace;white-space:pre-wrap;max-width:96ch}}
b{{color:#ffd166;font-weight:400}}
</style><pre><b>$ {command}</b>\n{output}</pre>"""


class Region:
    """A practice region in a folder of its own, worked on as its README says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run("sample", "oefenregio", "--households", "20000", "--seed", "7", "--month", "2026-10", within=".")
        for partner in sorted((folder / "oefenregio" / "partners").iterdir()):
            self.run(
                *("partner", "seal", f"partners/{partner.name}/export-2026-10.csv", "--month", "2026-10"),
                *("--agreement", "agreement.json", "--keys", f"partners/{partner.name}/keys.json"),
                *("--areas", "areas.csv", "--out", "municipality/inbox/deliveries"),
            )

    def run(self, *arguments: str, within: str = "oefenregio") -> str:
        """What a command shows on an empty terminal of 90 columns."""
        program = Path(sys.executable).with_name("samenloop")
        environment = {**os.environ, "COLUMNS": "90", "NO_COLOR": "1"}
        done = subprocess.run(
            [str(program), *arguments],
            cwd=self.folder / within,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 1), done.stdout
        return done.stdout

    def worklist(self, day: str, kind: str) -> Path:
        """A file of the team's worklist."""
        return self.folder / "oefenregio/municipality/outbox/worklists" / TEAM / day / f"werklijst.{kind}"

    def monitor(self, month: str) -> Path:
        """The monitor page of a month."""
        return self.folder / "oefenregio/municipality/reports" / f"monitor-{month}.html"

    def follow_up(self) -> None:
        """What the team did on the first day: somebody not at home twice, somebody unsafe, an appointment."""
        cases = json.loads(self.worklist(FIRST, "json").read_text())["cases"]
        by = "K. Peterlant"
        away = {"is_reached": False, "on": FIRST, "by": by}
        told: list[dict[str, Any]] = [
            {"attempts": [{"type": "Huisbezoek", "part_of_day": "Ochtend", **away}], "is_unsafe": True},
            {"attempts": [{"type": "Telefoon", "part_of_day": part, **away} for part in ("Ochtend", "Middag")]},
            {"attempts": [{"type": "Huisbezoek", "part_of_day": "Middag", **away, "is_reached": True}]},
        ]
        told[2]["next_appointment_on"] = SECOND
        lines = [
            {
                **said,
                "case_id": case["case_id"],
                "attempts": [
                    {"attempt_id": f"{case['case_id']}-{number}", **attempt}
                    for number, attempt in enumerate(said["attempts"])
                ],
            }
            for case, said in zip(cases[3:], told, strict=False)
        ]
        inbox = self.folder / "oefenregio/municipality/inbox/follow_up"
        (inbox / "werklijst.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def picture(
    browser: Browser, source: Path, name: str, width: int, height: int, look: Callable[[Page], None]
) -> None:
    """A page at a size, after `look` brought it where it should be."""
    with opened_page(browser, source, width, height) as page:
        look(page)
        page.screenshot(path=IMAGES / name)


def terminal(browser: Browser, name: str, command: str, output: str) -> None:
    """What a command shows, as a picture of its own size."""
    page = browser.new_page(viewport={"width": 400, "height": 100})
    page.set_content(_TERMINAL.format(command=html.escape(command), output=html.escape(output.rstrip())))
    page.locator("body").screenshot(path=IMAGES / name)
    page.close()


def sheet(browser: Browser, source: Path, folder: Path) -> None:
    """The yellow columns of the sheet, with two rows filled in, as an office shows them."""
    book = load_workbook(source)
    cases = book[SHEET_NAME]
    columns = {cell.value: cell for cell in cases[HEADER_ROW] if cell.value}
    for heading in ("Uiterlijk", "Bereiken", "Waarom", "Meldingen", "Toestemming terugkoppeling"):
        cases.column_dimensions[columns[heading].column_letter].hidden = True
    filled_in = {
        1: ("Telefoon", "Nee", date(2026, 11, 3), "Ochtend", "kp"),
        2: ("Huisbezoek", "Ja", date(2026, 11, 3), "Avond", "kp", date(2026, 11, 6), "Nee"),
    }
    for row, values in filled_in.items():
        for column, value in zip(FOLLOW_UP_COLUMNS, values, strict=False):
            cases.cell(HEADER_ROW + row, columns[column.heading].column, value)
    cases.cell(HEADER_ROW + 1, columns["Volgende afspraak"].column, date(2026, 11, 6))
    cases.cell(HEADER_ROW + 2, columns["Volgende afspraak"].column).value = None
    cases.cell(HEADER_ROW + 2, columns["Onveilig"].column).value = None
    for row in range(HEADER_ROW + 1, HEADER_ROW + 10, 3):
        cases.row_dimensions[row].height = 30
    cases.print_area = f"A1:{columns['Datum resultaat'].column_letter}{HEADER_ROW + 9}"
    cases.oddFooter.left.text = cases.oddFooter.center.text = cases.oddFooter.right.text = ""
    changed = folder / "werklijst.xlsx"
    buffer = io.BytesIO()
    book.save(buffer)
    changed.write_bytes(buffer.getvalue())
    printed = converted(soffice_path() or "soffice", changed, "pdf", folder)
    drawn = folder / "sheet.png"
    subprocess.run(
        ["pdftoppm", "-png", "-r", "110", "-singlefile", str(printed), str(drawn.with_suffix(""))], check=True
    )
    page = browser.new_page(viewport={"width": 1240, "height": 900})
    data = base64.b64encode(drawn.read_bytes()).decode()
    page.set_content(f'<body style="margin:0"><img style="width:1240px" src="data:image/png;base64,{data}">')
    page.wait_for_function("document.images[0].complete")
    page.screenshot(path=IMAGES / "worklist-sheet.png", clip={"x": 30, "y": 30, "width": 1180, "height": 215})
    page.close()


def scroll_to(selector: str) -> Callable[[Page], None]:
    """Bring the first element that fits to the top."""
    return lambda page: page.locator(selector).first.evaluate("found => found.scrollIntoView()")


def stay(_page: Page) -> None:
    """The page as it opens."""


def on_paper(page: Page) -> None:
    """The round at the end of the list, as it is printed."""
    page.emulate_media(media="print")
    page.add_style_tag(content="body{padding:24px}")
    scroll_to(".round")(page)


def main() -> None:
    """Take every picture anew."""
    with tempfile.TemporaryDirectory() as name, started_browser(chromium_path() or "chromium") as browser:
        folder = Path(name)
        region = Region(folder)
        check = ("partner", "check", f"partners/{PARTNER}/export-2026-10.csv", "--agreement", "agreement.json")
        check += ("--month", "2026-10")
        terminal(browser, "partner-check.png", f"samenloop {' '.join(check)}", region.run(*check))
        region.run("day", "--home", "municipality", "--date", FIRST)
        picture(browser, region.worklist(FIRST, "html"), "worklist.png", 1000, 1100, stay)
        picture(browser, region.worklist(FIRST, "html"), "worklist-paper.png", 720, 470, on_paper)
        sheet(browser, region.worklist(FIRST, "xlsx"), folder)
        picture(browser, region.monitor("2026-10"), "monitor.png", 1000, 1180, stay)
        region.follow_up()
        region.run("settle", "--home", "municipality", "--date", FIRST)
        region.run("day", "--home", "municipality", "--date", SECOND)
        picture(
            browser,
            region.worklist(SECOND, "html"),
            "worklist-phone.png",
            390,
            844,
            scroll_to(".alarm >> xpath=.."),
        )
        status = ("status", "--home", "municipality", "--date", SECOND)
        terminal(browser, "status.png", f"samenloop {' '.join(status)}", region.run(*status))
    for path in sorted(IMAGES.glob("*.png")):
        print(f"{path.name}\t{path.stat().st_size}")  # noqa: T201 - this is a command
        assert path.stat().st_size < MOST_BYTES, f"{path.name} is too large for a guide"


if __name__ == "__main__":
    main()
