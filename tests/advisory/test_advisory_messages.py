"""What is sent: robots' formats and signatures, sizes, links, pictures, mails. Nothing leaves the test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import struct
import zlib
from urllib.parse import parse_qs, urlsplit

import pytest

from agent.advisory.limits import Pace, limits_of
from agent.advisory.links import Links, key_beside
from agent.advisory.mail import build_mail
from agent.advisory.message import Composer
from agent.advisory.model import BusyError, ContentError, Note, TaskKind
from agent.advisory.page import ask_page, said_page
from agent.advisory.picture import PictureRow, times_picture
from agent.advisory.robots import SILENCE, judge, requests_of
from agent.advisory.settings import (
    DingtalkSettings,
    EmailSettings,
    FeishuSettings,
    Language,
    WebhookSettings,
    WecomSettings,
)
from agent.advisory.words import WORDS
from tests.advisory.small_advisory import site

NOW = 1_795_000_000.0
LINKS = Links("https://lamps.example.cn/", b"key", "epoch")
DETAIL = {"day": "2026-11-22", "changes": [["17:38", "on"], ["06:41", "off"]], "end": NOW}
WECOM = WecomSettings(url="https://qyapi.example/send?key=SECRET")
DING = DingtalkSettings(
    url="https://oapi.example/robot/send?access_token=SECRET", secret="SECabc", keyword="灯"
)
FEISHU = FeishuSettings(url="https://open.example/hook/SECRET", secret="fs")
HOOK = WebhookSettings(url="https://hook.example/x", token="tok", secret="hk")


def note(number: int = 1, kind=TaskKind.TIMES, step=0, mention="", id_="garden", **detail) -> Note:
    text = json.dumps({**DETAIL, **detail})
    return Note(number, f"k{number}", number, id_, "group", kind, step, text, mention, NOW + 3600.0)


def message(*notes: Note, language=Language.CHINESE, bytes_=3900, name="花园小区"):
    return Composer({"garden": site(name=name)}, LINKS, language).compose(notes or (note(),), bytes_)


def content(request) -> dict:
    return json.loads(request.body)


def test_wecom_gets_markdown_and_then_the_picture_with_its_md5():
    words, picture = requests_of(WECOM, message(), NOW)
    assert content(words)["msgtype"] == "markdown"
    text = content(words)["markdown"]["content"]
    assert text.startswith(
        "**2026-11-22 夜间开关灯时间**\n1. 花园小区: 开灯 17:38, 关灯 06:41 [确认](https://lamps"
    )
    image = content(picture)["image"]
    raw = base64.b64decode(image["base64"])
    assert raw.startswith(b"\x89PNG")
    assert image["md5"] == hashlib.md5(raw).hexdigest()
    assert len(raw) < 2_000_000


def test_wecom_calls_people_by_number_in_a_text_and_by_name_in_markdown():
    by_number = content(requests_of(WECOM, message(note(step=1, mention="13800000000")), NOW)[0])
    assert by_number["text"]["mentioned_mobile_list"] == ["13800000000"]
    assert "无人确认" in by_number["text"]["content"]
    by_name = content(requests_of(WECOM, message(note(step=1, mention="li.lei")), NOW)[0])
    assert by_name["markdown"]["content"].endswith("<@li.lei>")


def test_dingtalk_is_signed_and_says_the_keyword():
    (request,) = requests_of(DING, message(note(mention="13800000000"), language=Language.ENGLISH), NOW)
    query = parse_qs(urlsplit(request.url).query)
    stamp = str(int(NOW * 1000))
    expected = hmac.new(b"SECabc", f"{stamp}\nSECabc".encode(), hashlib.sha256).digest()
    assert (query["timestamp"], query["sign"]) == ([stamp], [base64.b64encode(expected).decode()])
    assert query["access_token"] == ["SECRET"]
    body = content(request)
    assert body["msgtype"] == "markdown"
    assert "灯" in body["markdown"]["text"]
    assert "![" in body["markdown"]["text"]
    assert body["at"]["atMobiles"] == ["13800000000"]
    assert "@13800000000" in body["markdown"]["text"]


def test_feishu_is_signed_with_seconds_and_an_empty_message():
    (request,) = requests_of(FEISHU, message(note(mention="ou_1")), NOW)
    body = content(request)
    expected = hmac.new(f"{int(NOW)}\nfs".encode(), b"", hashlib.sha256).digest()
    assert (body["timestamp"], body["sign"]) == (str(int(NOW)), base64.b64encode(expected).decode())
    assert body["msg_type"] == "interactive"
    assert body["card"]["elements"][1]["content"] == "<at id=ou_1></at>"
    assert "[图片](https://lamps.example.cn/p/" in body["card"]["elements"][0]["content"]


def test_a_webhook_gets_fields_a_signature_and_a_key_that_stays():
    (first,), (again,) = requests_of(HOOK, message(), NOW), requests_of(HOOK, message(), NOW + 99.0)
    assert first == again
    body = content(first)
    assert body["sites"][0]["changes"] == DETAIL["changes"]
    assert body["sites"][0]["acknowledge"].startswith("https://lamps.example.cn/a/")
    assert first.headers["Idempotency-Key"] == body["id"]
    sign = hmac.new(b"hk", first.body, hashlib.sha256).hexdigest()
    assert first.headers["X-Plantroom-Signature"] == f"sha256={sign}"
    assert first.headers["Authorization"] == "Bearer tok"


def test_a_mail_has_text_and_picture_and_a_name_that_stays():
    settings = EmailSettings(host="mx", sender="Lamps <lamps@example.cn>", recipients=("a@b.cn", "c@d.cn"))
    mail = build_mail(settings, message(), NOW)
    assert mail["Message-ID"] == build_mail(settings, message(), NOW + 99.0)["Message-ID"]
    assert mail["To"] == "a@b.cn, c@d.cn"
    parts = [part.get_content_type() for part in mail.walk()]
    assert parts == ["multipart/mixed", "text/plain", "image/png"]
    assert "花园小区" in mail.get_body().get_content()


@pytest.mark.parametrize("settings", [WECOM, DING, FEISHU], ids=["wecom", "dingtalk", "feishu"])
@pytest.mark.parametrize("called", ["", "13800000000"])
@pytest.mark.parametrize("name", ["花" * 80, "](http://evil.example) **x**" * 3])
def test_no_message_is_larger_than_its_robot_takes(settings, called, name):
    most = {WECOM: 2048 if called else 4096, DING: 20_000, FEISHU: 20_000}[settings]
    notes = [note(number, mention=called) for number in range(1, 61)]
    limits = limits_of(settings, called=bool(called))
    found = message(*notes, bytes_=limits.bytes, name=name)
    assert 1 <= len(found.notes) < 60
    request = requests_of(settings, found, NOW)[0]
    body = content(request)
    text = body.get("markdown", body.get("text", {})).get("content") or ""
    assert len(text.encode()) <= most
    assert len(request.body) <= max(most * 2, 20_000)
    assert "](http://evil" not in (text if not called else found.markdown())


def test_only_what_belongs_together_is_put_together():
    notes = (
        note(1),
        note(2, kind=TaskKind.DARK, time="18:00", since="17:38"),
        note(3),
        note(4, day="2026-11-23"),
    )
    found = message(*notes)
    assert found.notes == (1, 3)
    trouble = message(*notes[1:])
    assert trouble.picture is None
    assert "应于 17:38 开灯" in trouble.lines[0].text


def test_links_are_short_signed_and_of_this_store_only():
    token = LINKS.token(70_000, 2, NOW)
    ticket = LINKS.read(token)
    assert (ticket.task, ticket.step) == (70_000, 2)
    assert NOW < ticket.expires <= NOW + 3600.0
    assert len(LINKS.acknowledge(1, 0, NOW)) < 65
    for other in (Links("", b"key", "other"), Links("", b"yek", "epoch")):
        assert other.read(token) is None
    for wrong in ("", "x", token[:-1], token + "A", "A" * len(token), token.swapcase(), "ü" * 8):
        assert LINKS.read(wrong) is None


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path):
    first = key_beside(tmp_path / "a.db", "")
    assert first == key_beside(tmp_path / "a.db", "")
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
    assert key_beside(tmp_path / "a.db", "given") == b"given"


def test_the_picture_is_a_png_that_shows_the_night():
    rows = (PictureRow(1, (("17:38", "on"), ("06:41", "off"))), PictureRow(12, (("18:00", "off"),)))
    raw = times_picture("2026-11-22", rows)
    width, height, depth, colour = struct.unpack(">IIBB", raw[16:26])
    assert (width, height, depth, colour) == (720, 40 + 88, 8, 3)
    at = raw.index(b"IDAT")
    size = struct.unpack(">I", raw[at - 4 : at])[0]
    pixels = zlib.decompress(raw[at + 4 : at + 4 + size])
    line = pixels[(40 + 22) * 721 + 1 :][:720]
    lit = [x for x in range(470, 700) if line[x] == 3]
    assert (min(lit) - 470) / 230 == pytest.approx(5.63 / 24, abs=0.01)
    assert (max(lit) - 470) / 230 == pytest.approx(18.68 / 24, abs=0.01)
    second = pixels[(40 + 44 + 22) * 721 + 1 :][:720]
    assert second[471] == 3  # lit since before noon, off at six


@pytest.mark.parametrize(
    ("settings", "status", "body", "error", "wait"),
    [
        (WECOM, 200, {"errcode": 0}, None, 0),
        (WECOM, 200, {"errcode": 45009, "errmsg": "freq"}, BusyError, 60),
        (WECOM, 200, {"errcode": 93000, "errmsg": "invalid webhook url"}, BusyError, 60),
        (WECOM, 200, {"errcode": 40058}, ContentError, 0),
        (DING, 200, {"errcode": 130101}, BusyError, SILENCE),
        (DING, 200, {"errcode": 310000, "errmsg": "sign not match"}, BusyError, 60),
        (FEISHU, 200, {"code": 0, "StatusCode": 0}, None, 0),
        (FEISHU, 200, {"StatusCode": 0}, None, 0),
        (FEISHU, 200, {"code": 11232}, BusyError, 60),
        (FEISHU, 200, {"code": 9499}, ContentError, 0),
        (HOOK, 204, {}, None, 0),
        (HOOK, 400, {}, ContentError, 0),
        (HOOK, 429, {}, BusyError, 60),
        (HOOK, 503, {}, BusyError, 0),
        (WECOM, 413, {}, ContentError, 0),
        (WECOM, 302, {}, BusyError, 0),
    ],
)
def test_answers_are_understood(settings, status, body, error, wait):
    raw = json.dumps(body).encode()
    if error is None:
        judge(settings, status, raw)
        return
    with pytest.raises(error) as found:
        judge(settings, status, raw)
    assert "SECRET" not in str(found.value)
    assert getattr(found.value, "wait", 0) == wait


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errcode": "x"}', b"\xff"])
def test_an_answer_that_is_no_answer_is_not_taken_for_yes(body):
    with pytest.raises(BusyError):
        judge(WECOM, 200, body)


def test_never_more_in_any_minute_than_the_robot_allows():
    pace, now, sent = Pace(limits_of(FEISHU)), 0.0, []
    for _ in range(300):
        now += max(0.0, pace.wait(now))
        pace.note(now)
        sent.append(now)
    assert max(sum(1 for one in sent if start <= one < start + 60.0) for start in sent) <= 100
    assert max(sum(1 for one in sent if start <= one < start + 1.0) for start in sent) <= 5
    assert now < 200.0
    after_restart = Pace(limits_of(WECOM), [now] * 20)
    assert after_restart.wait(now) > 60.0


def test_pages_escape_what_they_show():
    page = ask_page(
        language=Language.ENGLISH, title="<t>", name="<b>", text="'\"", question="q", people=('"><script>',)
    )
    assert "<script>" not in page
    assert "<b>" not in page
    assert "viewport" in page
    assert "<i>" not in said_page("<i>")


def test_both_languages_have_every_word():
    assert WORDS[Language.ENGLISH].keys() == WORDS[Language.CHINESE].keys()
