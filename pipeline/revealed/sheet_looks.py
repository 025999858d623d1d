"""How the sheets of werklijst.xlsx look, on screen and on paper: landscape A4, one page wide, headed pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from pipeline.revealed.worklist_page import short_date

_A4 = 9


class Formats:
    """The few looks of the sheet."""

    def __init__(self, book: Workbook) -> None:
        base = {
            "font_name": "Arial",
            "font_size": 10,
            "valign": "top",
            "text_wrap": True,
            "border": 1,
            "border_color": "#D5DDE4",
        }
        self.title = book.add_format(
            {"font_name": "Arial", "font_size": 16, "bold": True, "font_color": "#14466F"}
        )
        self.plain = book.add_format({"font_name": "Arial", "font_size": 10, "text_wrap": True, "valign": "top"})
        self.head = book.add_format({**base, "bold": True, "bg_color": "#14466F", "font_color": "#FFFFFF"})
        self.head_open = book.add_format({**base, "bold": True, "bg_color": "#FFE699"})
        self.cell = book.add_format(base)
        quiet = {"font_color": "#50606F", "text_wrap": False, "shrink": True, "align": "left"}
        self.quiet = book.add_format({**base, **quiet})
        self.bold = book.add_format({**base, "bold": True, "align": "left"})
        self.urgent = book.add_format({**base, "bold": True, "font_color": "#A3201A"})
        self.date = book.add_format({**base, "num_format": "dd-mm-yyyy", "align": "left"})
        self.money = book.add_format({**base, "num_format": "€ #,##0"})
        self.open = book.add_format({**base, "locked": False, "bg_color": "#FFFBEA"})
        self.open_date = book.add_format(
            {**base, "locked": False, "bg_color": "#FFFBEA", "num_format": "dd-mm-yyyy", "align": "left"}
        )


def set_print(
    sheet: Worksheet, worklist: Mapping[str, Any], last_row: int, last_column: int, header_row: int
) -> None:
    """Ready for the printer: A4 on its side, one page wide, headings repeated, whose list it is below."""
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(header_row)
    sheet.print_area(0, 0, last_row, last_column)
    team = str(worklist["team_name"]).replace("&", "&&")
    sheet.set_footer(f"&L{team}, {short_date(worklist['date'])}&CVertrouwelijk&R&P / &N")
