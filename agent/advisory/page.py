"""What a link shows on a phone: what is asked, who answers, one big button. No script."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from agent.advisory.settings import Language
from agent.advisory.words import WORDS

_PAGE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 18px/1.5 system-ui, sans-serif; margin: 0 auto; padding: 1.2em; max-width: 30em; color: #222 }}
h1 {{ font-size: 1.15em; margin: 0 0 .6em }} .name {{ font-weight: 600 }} .text {{ font-size: 1.25em; margin: .3em 0 1em }}
label {{ display: block; padding: .7em .2em; border-bottom: 1px solid #ddd }} input {{ width: 1.3em; height: 1.3em; vertical-align: -.25em }}
button {{ font: inherit; font-weight: 600; width: 100%; padding: .9em; margin-top: 1.2em; border: 0; border-radius: .5em;
background: #1463c4; color: #fff }}
</style>
{body}
</html>
"""


def ask_page(
    *, language: Language, title: str, name: str, text: str, question: str, people: Sequence[str]
) -> str:
    """Everything is escaped here."""
    words = WORDS[language]
    choices = "".join(
        f'<label><input type="radio" name="by" value="{escape(one)}"> {escape(one)}</label>'
        for one in [*people, words["somebody"]]
    )
    body = (
        f"<h1>{escape(title)}</h1><div class='name'>{escape(name)}</div><div class='text'>{escape(text)}</div>"
        f"<form method='post'><div>{escape(question)} {escape(words['who'])}</div>{choices}"
        f"<button>{escape(words['done'])}</button></form>"
    )
    return _PAGE.format(language=language.value, title=escape(title), body=body)


def said_page(text: str) -> str:
    return _PAGE.format(language="", title=escape(text), body=f"<h1>{escape(text)}</h1>")
