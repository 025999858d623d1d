"""Takes from the NL Design System what the worklist page uses: rules of its components, values of its tokens.

    npm pack @utrecht/component-library-css@9.0.4 @nl-design-system-unstable/voorbeeld-design-tokens@7.4.1
    (unpack both) python -m tests.builders.nl_design <component library> <design tokens>

writes `pipeline/revealed/templates/nl-design.css`, which is committed: nobody needs npm to run Samenloop.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

OUT = Path(__file__).resolve().parents[2] / "pipeline" / "revealed" / "templates" / "nl-design.css"
ELEMENTS = ("body", "h1", "h2", "h3", "h4", "p", "a", "table", "caption", "thead", "th", "td", "ul")
BLOCKS = (
    *("utrecht-alert", "utrecht-alert--error", "utrecht-alert--info", "utrecht-alert__message"),
    *("utrecht-skip-link", "utrecht-skip-link--visible-on-focus"),
    *("utrecht-page-header", "utrecht-page-header__content"),
)
_PSEUDO = r"(:(visited|hover|active|focus|focus-visible|first-child|last-child))?"
_ELEMENT = re.compile(
    rf"\.utrecht-html ({'|'.join(ELEMENTS)}){_PSEUDO}(\[href\^=\"tel:\" i\])?|\.utrecht-html ul > li"
)
_BLOCK = re.compile(rf"\.({'|'.join(BLOCKS)})(:(focus|focus-visible))?")
_TABLE_FOOT = re.compile(r"\.utrecht-html thead tr:last-child th")
_NOTICE = """/* Taken from @utrecht/component-library-css {library} (copyright Gemeente Utrecht, Frameless B.V.),
@nl-design-system-unstable/voorbeeld-design-tokens {tokens} (copyright NL Design System Community), EUPL-1.2.
Only what the worklist uses; made by `python -m tests.builders.nl_design`. */
"""


def rules_of(css: str) -> list[tuple[str, str]]:
    """(selector, body) of every rule outside media queries."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    rules, depth, start = [], 0, 0
    for at, sign in enumerate(css):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if sign == "}" and depth == 0:
            selector, _, body = css[start : at + 1].strip().partition("{")
            if not selector.startswith("@"):
                rules.append((" ".join(selector.split()), " ".join(body.removesuffix("}").split())))
            start = at + 1
    return rules


def used_rules(css: str, wanted: list[re.Pattern[str]]) -> list[str]:
    """The rules of which a selector is wanted, with those selectors alone."""
    found = []
    for selector, body in rules_of(css):
        kept = [part.strip() for part in selector.split(",") if any(p.fullmatch(part.strip()) for p in wanted)]
        lines = [re.sub(r"\s*([:,])\s+", r"\1", line.strip()) for line in body.split(";")]
        lines = [line for line in lines if line and not line.startswith(("-moz-", "-webkit-"))]
        if kept and lines:
            found.append(f"{','.join(kept)}{{{';'.join(lines)}}}")
    return found


def resolved(name: str, theme: dict[str, str]) -> str | None:
    """The value of a token with what it refers to filled in."""
    value = theme.get(name)
    while value is not None and (found := re.fullmatch(r"var\((--[a-z0-9-]+)\)", value)):
        value = theme.get(found[1])
    return None if value in (None, "None") else value


def main(library: Path, tokens: Path) -> None:
    """Write nl-design.css."""
    html = (library / "dist" / "html.css").read_text(encoding="utf-8")
    blocks = (library / "dist" / "index.css").read_text(encoding="utf-8")
    theme_css = (tokens / "dist" / "theme.css").read_text(encoding="utf-8")
    theme = dict(re.findall(r"(--[a-z0-9-]+):\s*([^;]+);", theme_css))
    rules = used_rules(html, [_ELEMENT, _TABLE_FOOT]) + used_rules(blocks, [_BLOCK])
    page = OUT.with_name("werklijst.css").read_text(encoding="utf-8")
    own = set(re.findall(r"(--utrecht-[a-z0-9-]+):", page))
    names = sorted(set(re.findall(r"var\((--utrecht-[a-z0-9-]+)", page + "".join(rules))) - own)
    values = [f"{name}:{value}" for name in names if (value := resolved(name, theme)) is not None]
    versions = {
        key: json.loads((folder / "package.json").read_text(encoding="utf-8"))["version"]
        for key, folder in (("library", library), ("tokens", tokens))
    }
    text = _NOTICE.format(**versions) + ":root{\n" + ";\n".join(values) + "}\n" + "\n".join(rules) + "\n"
    OUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
