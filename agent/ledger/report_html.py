"""A report as one page for a browser: no script, nothing from outside, good to print."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from agent.ledger.blocks import Block, Heading, Table, Text, Verdict
from agent.ledger.drawing import svg

STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:56rem;margin:1.5rem auto;padding:0 1rem;color:#1d2733;background:#fff}
h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin:1.8rem 0 .3rem}table{border-collapse:collapse;width:100%;font-size:.86rem}
td,th{padding:.2rem .7rem .2rem 0;text-align:left;vertical-align:top;border-bottom:1px solid #e2e8f0}td:first-child{white-space:nowrap}.n{text-align:right;white-space:nowrap}
div.t{overflow-x:auto}svg{width:100%;height:auto}.q{color:#5a6675;font-size:.86rem}.v{font-size:1.25rem;font-weight:700}.good{color:#15803d}.bad{color:#b91c1c}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}svg,tr{break-inside:avoid}}"""


def html(blocks: Iterable[Block], title: str) -> str:
    """The whole page."""
    head = '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    body = "\n".join(_block(one) for one in blocks)
    return f"{head}<title>{escape(title)}</title><style>{STYLE}</style>\n{body}\n</html>\n"


def _block(one: Block) -> str:
    if isinstance(one, Heading):
        return f"<h{one.level}>{escape(one.text)}</h{one.level}>"
    if isinstance(one, Text):
        return f"<p{' class=q' if one.small else ''}>{escape(one.text)}</p>"
    if isinstance(one, Verdict):
        look = "good" if one.good else "bad"
        return f'<p><span class="v {look}">{escape(one.word)}</span> {escape(one.text)}</p>'
    if isinstance(one, Table):
        return _table(one)
    return svg(one)


def _table(table: Table) -> str:
    def row(cells: tuple[str, ...], tag: str) -> str:
        inside = (
            f"<{tag}{' class=n' if place in table.right else ''}>{escape(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr>{''.join(inside)}</tr>"

    rows = "".join(row(one, "td") for one in table.rows)
    return f'<div class="t"><table>{row(table.head, "th")}{rows}</table></div>'
