"""One person's data as a page to print, Indonesian first. Pure; everything is escaped."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from typing import Any

import orjson

from shared.disclosure.reading import Told

VALUE_CHARACTERS_MAX = 200

_STYLE = (
    "body{font:11pt/1.4 system-ui,sans-serif;margin:2rem;color:#111}h1{font-size:1.4em}"
    "h2{font-size:1.1em;margin:1.6em 0 .3em;page-break-after:avoid}"
    "table{border-collapse:collapse;margin:.4em 0;width:100%;page-break-inside:avoid}"
    "th,td{border:1px solid #999;padding:.2em .5em;text-align:left;vertical-align:top}"
    "td{overflow-wrap:anywhere}th{width:30%;font-weight:600}"
    ".en{color:#444;font-style:italic}"
)
_HEAD = (
    "<h1>Salinan data pribadi yang disimpan di sini</h1>"
    '<p class="en" lang="en">Copy of the personal data held here</p>'
    "<p>Diberikan kepada yang bersangkutan menurut UU 27/2022 pasal 7. Waktu dalam UTC.</p>"
    '<p class="en" lang="en">Given to the person under Law 27/2022 art. 7. Times in UTC.</p>'
)


def page_of(told: Sequence[Told], made_at: datetime, officer: str) -> str:
    made = f"<p>{escape(made_at.isoformat(timespec='minutes'))} · {escape(officer)}</p>"
    return (
        '<!doctype html><html lang="id"><head><meta charset="utf-8">'
        "<title>Salinan data pribadi</title>"
        f"<style>{_STYLE}</style></head><body>{_HEAD}{made}"
        f"{''.join(_part(one) for one in told)}</body></html>"
    )


def _part(one: Told) -> str:
    rows = "".join(
        "<table>" + "".join(_cell(name, value) for name, value in row.items()) + "</table>"
        for row in one.rows
    )
    left = "".join(
        f"<li>{escape(name)}: {escape(why)}</li>" for name, why in one.part.omitted.items()
    )
    omitted = f"<p>Tidak ditampilkan · Not shown:</p><ul>{left}</ul>" if left else ""
    cut = "<p>Masih ada lagi · There is more.</p>" if one.is_cut else ""
    english = f'<span class="en" lang="en">{escape(one.part.label_en)}</span>'
    return f"<h2>{escape(one.part.label)} {english}</h2>{rows}{cut}{omitted}"


def _cell(name: str, value: Any) -> str:
    return f"<tr><th>{escape(name)}</th><td>{_value(value)}</td></tr>"


def _value(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, dict):
        return "".join(f"<div>{escape(key)}: {_value(one)}</div>" for key, one in value.items())
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if len(text) > VALUE_CHARACTERS_MAX:
        return f"{len(text)} karakter · characters"
    return escape(text)
