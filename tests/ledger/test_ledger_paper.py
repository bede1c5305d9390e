"""Blocks on paper and in a page: what was said is there, nothing runs off the sheet, and the file is a PDF."""

import re
import zlib

import pytest

from agent.ledger.blocks import Heading, Table, Text, Verdict
from agent.ledger.chart import HIGH, WIDE, Bar, bars, interval
from agent.ledger.drawing import Box, Line, Words, svg
from agent.ledger.pdf import A4, Page, broken, pdf, width_of
from agent.ledger.report_html import html
from agent.ledger.report_pdf import BOTTOM, ROOM, SIDE, column_widths, paper

ROWS = [(f"2026-03-{n:02d}", "word " * 30, f"{n}.5") for n in range(1, 80)]
TABLE = Table(("day", "words", "kWh"), ROWS, frozenset({2}))
BLOCKS = [Heading("Report <1> 验收", 1), Verdict("PASS", good=True, text="all"), Text("x & y " * 60), TABLE]


def streams(data):
    return [
        zlib.decompress(one).decode("ascii")
        for one in re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)
    ]


def words_of(stream):
    """(x, y, text) of every run in one of the plain faces."""
    for x, y, rest in re.findall(r"1 0 0 1 (\S+) (\S+) Tm\n(.*?)\nET", stream, re.DOTALL):
        text = "".join(
            bytes.fromhex(one).decode("cp1252") for one in re.findall(r"/F[12] \S+ Tf <([0-9a-f]*)>", rest)
        )
        yield float(x), float(y), text


def test_every_object_of_the_file_lies_where_its_table_says():
    data = paper(BLOCKS, "验收")
    assert data.startswith(b"%PDF-1.4\n")
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", data)[1])
    table = data[start:].split(b"trailer")[0].splitlines()
    assert table[0] == b"xref"
    for number, line in enumerate(table[3:], 1):
        place = int(line.split()[0])
        assert data[place:].startswith(b"%d 0 obj" % number)
    assert paper(BLOCKS, "验收") == data


def test_nothing_runs_off_the_sheet_and_all_rows_are_there():
    data = paper(BLOCKS, "Report")
    pages = streams(data)
    assert len(pages) == int(re.search(rb"/Count (\d+)", data)[1]) > 2
    texts = []
    for page in pages:
        for x, y, text in words_of(page):
            assert SIDE - 0.5 <= x <= A4[0] - SIDE + 0.5
            assert x + width_of(text, 8.0) <= A4[0] - SIDE + 3.0 or y > A4[1] - 140.0
            assert 0.0 < y < A4[1]
            texts.append(text)
    assert {row[0] for row in ROWS} <= set(texts)
    assert sum(one == "kWh" for one in texts) == len(pages), "the head again on each page"
    feet = [text for page in pages for x, y, text in words_of(page) if y < BOTTOM - 20.0]
    assert feet == [f"Report - page {n} of {len(pages)}" for n in range(1, len(pages) + 1)]


def test_chinese_stands_in_a_chinese_face():
    (page,) = streams(pdf([_page("Garage 验收")], "x"))
    assert "/F3" in page
    assert "验收".encode("utf-16-be").hex() in page


def _page(text):
    page = Page()
    page.words(10.0, 10.0, text)
    return page


@pytest.mark.parametrize("text", ["one two three " * 20, "x" * 400, "", "验收" * 80])
def test_lines_fit(text):
    lines = broken(text, 8.0, 100.0)
    assert all(width_of(one, 8.0) <= 100.0 for one in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_wide_tables_are_squeezed_into_the_page():
    widths = column_widths(TABLE)
    assert sum(widths) == pytest.approx(ROOM, abs=1.0)
    assert widths[0] >= width_of("2026-03-01", 8.0)


def test_the_page_says_it_too_and_nothing_in_it_is_taken_for_markup():
    text = html(BLOCKS, "Report <1>")
    assert "<title>Report &lt;1&gt;</title>" in text
    assert "x &amp; y" in text
    assert "<script" not in text
    assert "http" not in text
    assert text.count("<tr>") == len(ROWS) + 1


@pytest.mark.parametrize("top", [0.0, 0.03, 1.0, 7.7, 276.0, 9999.0])
def test_bars_stay_inside_their_drawing(top):
    drawing = bars(
        [Bar(f"{n}", top * n / 40.0) for n in range(41)] + [Bar("?", None)], "kWh", "days", top * 0.8, "limit"
    )
    for one in drawing.shapes:
        if isinstance(one, Box):
            assert one.y >= 0.0
            assert one.y + one.height <= HIGH
            assert one.x + one.width <= WIDE + 0.1
        elif isinstance(one, Line):
            assert max(one.y1, one.y2) <= HIGH
    labels = [one for one in drawing.shapes if isinstance(one, Words) and one.anchor == "middle"]
    assert len(labels) <= 13


def test_an_interval_shows_its_ends_and_the_limit():
    drawing = interval(0.82, 0.85, 0.88, 0.8, "saving")
    text = svg(drawing)
    assert "limit 80 %" in text
    (box,) = [one for one in drawing.shapes if isinstance(one, Box)]
    assert box.width == pytest.approx(0.06 * (WIDE - 40.0))
