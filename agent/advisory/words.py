"""What staff read, in two languages: titles, lines, the page behind a link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.advisory.model import TaskKind
from agent.advisory.settings import Language

WORDS: Mapping[Language, Mapping[str, str]] = {
    Language.ENGLISH: {
        "times": "Lamp times for the night of {day}",
        "times_next": "Nobody has confirmed the lamp times of {day}",
        "dark": "Lamps are dark that should be lit",
        "burning": "Lamps burn that should be off",
        "dark_line": "dark at {time}, should be on since {since}",
        "burning_line": "{power} kW at {time}, should be off since {since}",
        "on": "on",
        "off": "off",
        "done": "Done",
        "picture": "Picture",
        "ask_times": "Are these times set?",
        "ask_dark": "Are you seeing to the lamps?",
        "ask_burning": "Are you seeing to the lamps?",
        "who": "Who are you?",
        "somebody": "somebody else",
        "thanks": "Thank you. It is noted.",
        "before": "This was confirmed before, by {by} at {time}.",
        "over": "This link is no longer valid.",
        "unknown": "This link is not one of ours.",
        "by_meter": "the meter",
        "silent": "no word from the meter since {time}",
    },
    Language.CHINESE: {
        "times": "{day} 夜间开关灯时间",
        "times_next": "{day} 开关灯时间无人确认",
        "dark": "应亮未亮",
        "burning": "应关未关",
        "dark_line": "{time} 未亮灯,应于 {since} 开灯",
        "burning_line": "{time} 仍有 {power} kW,应于 {since} 关灯",
        "on": "开灯",
        "off": "关灯",
        "done": "确认",
        "picture": "图片",
        "ask_times": "时间是否已设置?",
        "ask_dark": "是否已去处理?",
        "ask_burning": "是否已去处理?",
        "who": "您是哪位?",
        "somebody": "其他人",
        "thanks": "谢谢,已记录。",
        "before": "已由 {by} 于 {time} 确认。",
        "over": "链接已过期。",
        "unknown": "链接无效。",
        "by_meter": "电表",
        "silent": "电表自 {time} 起无数据",
    },
}  # fmt: skip


def title(language: Language, kind: TaskKind, step: int, detail: Mapping[str, Any]) -> str:
    key = "times_next" if kind is TaskKind.TIMES and step > 0 else kind.value
    return WORDS[language][key].format(day=detail.get("day", ""))


def sentence(language: Language, kind: TaskKind, detail: Mapping[str, Any]) -> str:
    """What is to be done at one site, without its name."""
    words = WORDS[language]
    if kind is not TaskKind.TIMES:
        return words[f"{kind.value}_line"].format(**detail)
    said = ", ".join(f"{words.get(what, what)} {time}" for time, what in detail["changes"])
    silent = detail.get("silent")
    return f"{said} ({words['silent'].format(time=silent)})" if silent else said
