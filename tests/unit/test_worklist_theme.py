"""A theme: design tokens of a municipality, and nothing that could fetch, run or break out of the page."""

from __future__ import annotations

import pytest

from pipeline.revealed.worklist_page import render_page
from pipeline.revealed.worklist_theme import MOST_BYTES, read_theme, style
from pipeline.vocabulary.faults import Refused
from tests.builders.worklists import example_worklist


def test_tokens_of_a_published_theme_are_taken_with_what_they_refer_to() -> None:
    """A theme in the form of the NL Design System: what the page uses, and the colours those tokens point to."""
    theme = """
    /* Do not edit directly */
    .voorstad-theme {
      --voorstad-kleur-1: #7a0000;
      --utrecht-link-color: var(--voorstad-kleur-1);
      --utrecht-link-hover-color: hsl(0 100% 20%);
      --voorstad-font: "Voorstad Sans", Arial, sans-serif;
      --utrecht-heading-font-family: var(--voorstad-font);
      --utrecht-drawer-icon: url("data:image/svg+xml;utf8,<svg xmlns='x'/>");
      --unused-by-the-page: 3px;
    }
    """
    expected = (
        ":root{--utrecht-heading-font-family:var(--voorstad-font);--utrecht-link-color:var(--voorstad-kleur-1);"
        '--utrecht-link-hover-color:hsl(0 100% 20%);--voorstad-font:"Voorstad Sans", Arial, sans-serif;'
        "--voorstad-kleur-1:#7a0000}"
    )
    assert expected == read_theme(theme.encode())


def test_theme_stands_behind_the_look_of_the_page() -> None:
    """What a municipality sets wins from what the page had, and nothing else of the page changes."""
    theme = read_theme(b":root { --samenloop-brand: #7a0000; }")
    plain, themed = render_page(example_worklist()).decode(), render_page(example_worklist(), theme).decode()
    assert plain == themed.replace(theme, "")
    assert themed.index(theme) > themed.index(style()[-200:])


@pytest.mark.parametrize(
    "value",
    [
        'url("https://example.org/x.png")',
        "url(//example.org)",
        "src(x)",
        "image-set('x' 1x)",
        "expression(alert(1))",
        "#fff</style><script>alert(1)</script>",
        r"\75rl(https://example.org)",
        "red !important",
        "rgb(1, 2",
        '"Arial',
        "env(x)",
        "x" * 300,
    ],
)
def test_a_value_that_could_fetch_or_break_out_refuses_the_theme(value: str) -> None:
    """Colours, lengths and names of fonts only; the refusal names the token and not the value."""
    with pytest.raises(Refused) as refusal:
        read_theme(f":root {{ --samenloop-brand: {value}; }}".encode())
    assert "THEME_INVALID" == refusal.value.code
    assert refusal.value.column in ("--samenloop-brand", None)


@pytest.mark.parametrize(
    "text",
    [
        '@import "https://example.org/x.css";',
        '@font-face { font-family: x; src: url("x.woff") }',
        "body { background: red }",
        ":root { background: red }",
        "@media print { :root { --samenloop-brand: red } }",
        "a:hover { --samenloop-brand: red }",
        ":root { --samenloop-brand: red",
        "hello",
    ],
)
def test_a_file_that_holds_more_than_tokens_is_refused(text: str) -> None:
    """A rule, an import or a font in the file could reach the network or move the page about."""
    with pytest.raises(Refused) as refusal:
        read_theme(text.encode())
    assert "THEME_INVALID" == refusal.value.code


def test_a_file_that_is_no_text_or_too_large_is_refused() -> None:
    """Nothing is guessed about what is no style sheet."""
    for raw in (b"\xff\xfe\x00", b" " * (MOST_BYTES + 1)):
        with pytest.raises(Refused):
            read_theme(raw)
    assert "" == read_theme(b"") == read_theme(b":root{}")
