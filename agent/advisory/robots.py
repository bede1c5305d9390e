"""What group robots and webhooks want posted, and what their answers mean. Pure: settings and message in, requests out.

Sources, as published in 2026: WeCom "group robot configuration" (developer.work.weixin.qq.com/document/path/91770: markdown 4096
bytes, text 2048, picture 2 MB with base64 and MD5, 20 a minute); DingTalk "custom robot access" (open.dingtalk.com: sign, keywords, 20 a
minute, else ten minutes of silence); Feishu "custom bot guide" (open.feishu.cn: sign, 20 KB, 100 a minute and 5 a second).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from agent.advisory.message import Message
from agent.advisory.model import BusyError, ContentError
from agent.advisory.settings import DingtalkSettings, FeishuSettings, WebhookSettings, WecomSettings

SILENCE = 600.0  # s that DingTalk keeps a robot quiet
MINUTE = 60.0

RobotSettings = WecomSettings | DingtalkSettings | FeishuSettings | WebhookSettings


@dataclass(frozen=True, slots=True)
class Request:
    """One POST of JSON. The address holds a key: it is not for logs."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def requests_of(settings: RobotSettings, message: Message, utc: float) -> list[Request]:
    """The message itself first, then its picture where the channel takes one by itself."""
    if isinstance(settings, WecomSettings):
        return _wecom(settings, message)
    if isinstance(settings, DingtalkSettings):
        return [_dingtalk(settings, message, utc)]
    if isinstance(settings, FeishuSettings):
        return [_feishu(settings, message, utc)]
    return [_webhook(settings, message)]


def _wecom(settings: WecomSettings, message: Message) -> list[Request]:
    mobiles = [one for one in message.mentions if one.isdecimal()]
    others = "".join(f"<@{one}>" for one in message.mentions if not one.isdecimal())
    if mobiles:  # only a text can call by number
        content: dict[str, Any] = {
            "msgtype": "text",
            "text": {"content": message.plain(), "mentioned_mobile_list": mobiles},
        }
    else:
        text = message.markdown() + (f"\n{others}" if others else "")
        content = {"msgtype": "markdown", "markdown": {"content": text}}
    requests = [_post(settings.url, content)]
    if message.picture is not None:
        picture = {
            "base64": base64.b64encode(message.picture).decode(),
            "md5": hashlib.md5(message.picture, usedforsecurity=False).hexdigest(),
        }
        requests.append(_post(settings.url, {"msgtype": "image", "image": picture}))
    return requests


def _dingtalk(settings: DingtalkSettings, message: Message, utc: float) -> Request:
    called = " ".join(f"@{one}" for one in message.mentions)
    text = _with_keyword(f"{message.markdown()}\n\n{_picture(message)}{called}", settings.keyword)
    text = text.replace("\n", "\n\n")  # one line break is none there
    mobiles = [one for one in message.mentions if one.isdecimal()]
    others = [one for one in message.mentions if not one.isdecimal()]
    content = {
        "msgtype": "markdown",
        "markdown": {"title": message.title, "text": text},
        "at": {"atMobiles": mobiles, "atUserIds": others, "isAtAll": False},
    }
    url = settings.url
    if settings.secret:
        stamp = str(int(utc * 1000.0))
        sign = base64.b64encode(
            hmac.digest(settings.secret.encode(), f"{stamp}\n{settings.secret}".encode(), "sha256")
        )
        url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote_plus(sign)}"
    return _post(url, content)


def _feishu(settings: FeishuSettings, message: Message, utc: float) -> Request:
    called = "".join(f"<at id={one}></at>" for one in message.mentions)
    lines = [line.marked(message.done) for line in message.lines]
    if message.picture is not None and len(lines) == 1:  # a robot cannot upload one
        lines.append(f"[{message.look}]({message.lines[0].picture})")
    text = _with_keyword("\n".join(lines), settings.keyword)
    elements = [{"tag": "markdown", "content": part} for part in (text, called) if part]
    colour = "blue" if message.kind == "times" else "red"
    content: dict[str, Any] = {
        "msg_type": "interactive",
        "card": {
            "header": {"title": {"tag": "plain_text", "content": message.title}, "template": colour},
            "elements": elements,
        },
    }
    if settings.secret:
        stamp = str(int(utc))
        key = f"{stamp}\n{settings.secret}".encode()
        sign = base64.b64encode(hmac.digest(key, b"", "sha256")).decode()
        content |= {"timestamp": stamp, "sign": sign}
    return _post(settings.url, content)


def _webhook(settings: WebhookSettings, message: Message) -> Request:
    content = {
        "id": message.id,
        "kind": message.kind,
        "title": message.title,
        "mentions": list(message.mentions),
        "sites": [
            {"site": line.site, "name": line.name, "text": line.text, "acknowledge": line.link, **detail}
            for line, detail in zip(message.lines, message.details, strict=True)
        ],
        "picture": base64.b64encode(message.picture).decode() if message.picture else None,
    }
    request = _post(settings.url, content)
    headers = {"Idempotency-Key": message.id}
    if settings.token:
        headers["Authorization"] = f"Bearer {settings.token}"
    if settings.secret:
        sign = hmac.digest(settings.secret.encode(), request.body, "sha256").hex()
        headers["X-Plantroom-Signature"] = f"sha256={sign}"
    return Request(request.url, request.body, headers)


def judge(settings: RobotSettings, status: int, body: bytes, wait: float = 0.0) -> None:
    """Nothing when it was taken. Raises BusyError for what may pass, ContentError for what will not."""
    if status in (413, 422) or (status == 400 and isinstance(settings, WebhookSettings)):
        raise ContentError(f"HTTP {status}")
    if not 200 <= status < 300:
        raise BusyError(f"HTTP {status}", max(wait, MINUTE if status == 429 else 0.0))
    if isinstance(settings, WebhookSettings):
        return
    try:
        answer = json.loads(body)
        code = int(answer.get("errcode", answer.get("code", answer.get("StatusCode", 0))))
    except (ValueError, TypeError, AttributeError):
        raise BusyError("an answer that is not one of a robot") from None
    if code == 0:
        return
    words = str(answer.get("errmsg", answer.get("msg", "")))[:80]
    raise _refusals(settings).get(code, BusyError(f"error {code} {words}".strip(), MINUTE))


def _refusals(settings: RobotSettings) -> Mapping[int, BusyError | ContentError]:
    """Answers that mean more than `try later`. What is wrong with the robot itself (key, sign, keyword) may be mended."""
    if isinstance(settings, WecomSettings):
        return {
            45009: BusyError("error 45009: too many messages", MINUTE),
            40058: ContentError("error 40058"),
        }
    if isinstance(settings, DingtalkSettings):
        quiet = BusyError("too many messages: quiet for ten minutes", SILENCE)
        return {130101: quiet, 410100: quiet}
    return {11232: BusyError("error 11232: too many messages", MINUTE), 9499: ContentError("error 9499")}


def _picture(message: Message) -> str:
    """DingTalk shows pictures by their address only."""
    if message.picture is None or len(message.lines) > 1:
        return ""
    return f"![{message.title}]({message.lines[0].picture})\n"


def _with_keyword(text: str, keyword: str) -> str:
    return text if not keyword or keyword in text else f"{text}\n{keyword}"


def _post(url: str, content: Mapping[str, Any]) -> Request:
    return Request(url, json.dumps(content, ensure_ascii=False).encode())
