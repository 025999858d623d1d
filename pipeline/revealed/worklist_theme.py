"""A municipality's own colours and letters on the worklist page: the design tokens of `theme.css` in its home.

The file may be a theme as the NL Design System has them, or a few lines `:root { --samenloop-brand: #7a0000; }`.
Only tokens that the page uses are taken, with what they refer to, and only values that can fetch nothing:
colours, lengths, names of fonts. A token with any other value refuses the file, and the page keeps its own look.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

from pipeline.vocabulary.faults import Refused

MOST_BYTES = 1 << 20
STYLES = ("nl-design.css", "werklijst.css")

_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_BLOCK = re.compile(r"\s*(?::root|\.[a-zA-Z][a-zA-Z0-9_-]*)\s*\{([^{}]*)\}\s*")
_TEXT = r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'"
_DECLARATION = re.compile(rf"\s*(--[a-zA-Z][a-zA-Z0-9-]*)\s*:((?:{_TEXT}|[^;\"'])*)(?:;|\Z)")
_VALUE = re.compile(r"[#\w\s.,%()'\"+*/-]{1,200}", re.ASCII)
_FUNCTION = re.compile(r"([\w-]+)\s*\(")
_FUNCTIONS = frozenset(("var", "rgb", "rgba", "hsl", "hsla", "calc", "min", "max", "clamp"))
_USED = re.compile(r"var\((--[a-zA-Z0-9-]+)")


@lru_cache(maxsize=1)
def style() -> str:
    """The look of the page without a theme."""
    folder = resources.files(__package__).joinpath("templates")
    return "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in STYLES)


def read_theme(raw: bytes) -> str:
    """The tokens of a theme as one rule that goes behind the page's own style.

    Raises:
        Refused: THEME_INVALID, with the name of the token as column where it is one token.
    """
    try:
        text = _COMMENT.sub(" ", raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused("THEME_INVALID") from None
    if len(raw) > MOST_BYTES or _BLOCK.sub("", text).strip():
        raise Refused("THEME_INVALID")
    tokens = dict(_declarations(text))
    wanted, kept = set(tokens) & _tokens_of_the_page(), dict[str, str]()
    while wanted:
        name = wanted.pop()
        kept[name] = _checked(name, tokens[name])
        wanted |= {other for other in _USED.findall(kept[name]) if other in tokens and other not in kept}
    return ":root{" + ";".join(f"{name}:{kept[name]}" for name in sorted(kept)) + "}" if kept else ""


def _declarations(text: str) -> list[tuple[str, str]]:
    """(name, value) of every token; anything else inside the braces refuses the file."""
    found = []
    for block in _BLOCK.findall(text):
        if _DECLARATION.sub("", block).strip("; \t\r\n"):
            raise Refused("THEME_INVALID")
        found += [(name, " ".join(value.split())) for name, value in _DECLARATION.findall(block)]
    return found


def _checked(name: str, value: str) -> str:
    is_plain = _VALUE.fullmatch(value) and set(_FUNCTION.findall(value)) <= _FUNCTIONS
    if not is_plain or value.count("(") != value.count(")") or value.count('"') % 2 or value.count("'") % 2:
        raise Refused("THEME_INVALID", name)
    return value


@lru_cache(maxsize=1)
def _tokens_of_the_page() -> frozenset[str]:
    """What the page's style asks for, and what a theme may set in the place of that."""
    return frozenset(_USED.findall(style())) | frozenset(re.findall(r"(--[a-zA-Z0-9-]+):", style()))
