"""What hostile bodies cost: the event loop goes on, and the answer comes in time."""

import json
import re
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
import pytest_asyncio
from qlmodels_admin.values import exact_json
from qlmodels_admin.values.exact_json import MOST_MEMBERS, load_json

from tests.support.event_loop import watched

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

MB = 1024 * 1024
REFERENCE = "{" + ",".join(f'"{number}":1' for number in range(500_000)) + "}"
LONGEST_BLOCK = 3.0
"""In units of `reference_time`, since machines differ. Most blocks take a tenth of that, and the
longest half of it; without `off_loop` some take more."""

ATTEMPTS = 4
"""On a busy machine other threads may have gone on while the loop waited for a processor."""

LONGEST_ANSWER = 30.0
"""Seconds of processor time, of the whole process."""


@pytest_asyncio.fixture(loop_scope="session")
async def editor(panel: Any) -> Any:
    async with await panel.client("editor") as client:
        client.timeout = httpx.Timeout(120)
        yield client


def reference_time() -> float:
    """Return the seconds of processor time that a document of many members takes here and now."""
    began = time.process_time()
    json.loads(REFERENCE)
    return time.process_time() - began


async def post(client: httpx.AsyncClient, url: str, kind: str, body: bytes) -> httpx.Response:
    """Within the limits of this module, which code that holds up the loop breaks each time."""
    longest_blocks: list[float] = []
    while True:
        async with watched() as pauses:
            began = time.process_time()
            answer = await client.post(url, content=body, headers={"Content-Type": kind})
            took = time.process_time() - began
        assert took < LONGEST_ANSWER
        assert answer.status_code < 500, answer.text[:500]
        longest_blocks.append(max(pauses) / reference_time())
        if longest_blocks[-1] < LONGEST_BLOCK:
            return answer
        assert len(longest_blocks) < ATTEMPTS, longest_blocks


FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=xyz"


def file(content: bytes) -> bytes:
    head = b'--xyz\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
    return head + content + b"\r\n--xyz--\r\n"


def rows(*values: str) -> str:
    return "{" + ", ".join(values) + "}"


FILES: dict[str, Callable[[], bytes]] = {
    "digits": lambda: b'{"q_value_id": ' + b"9" * MB + b"}",
    "digits of a fraction": lambda: b'{"q_value": 0.' + b"9" * (3 * MB) + b"}",
    "many long numbers": lambda: b'{"state_data": [' + b",".join([b"9" * 140_000] * 25) + b"]}",
    "digits in CSV": lambda: b"q_value_id\n" + b"9" * (3 * MB),
    "an exponent": lambda: b'{"q_value_id": 1e999999}',
    "newlines": lambda: b"{}" + b"\n" * (15 * MB),
    "newlines in CSV": lambda: b"agent_type" + b"\r\n" * (7 * MB),
    "spaces": lambda: b" " * (15 * MB),
    "carriage returns": lambda: b"agent_type" + b"\r" * (15 * MB),
    "commas": lambda: b"agent_type\n" + b"," * (15 * MB),
    "columns": lambda: b",".join(b"c%d" % i for i in range(MB)),
    "quotes": lambda: b'agent_type\n"' + b'""' * (7 * MB),
    "a quote that does not end": lambda: b'agent_type\n"' + b"a" * (15 * MB),
    "many short rows": lambda: b"agent_type\n" + b"a\n" * (7 * MB),
    "many objects": lambda: b"{}\n" * (5 * MB),
    "many broken lines": lambda: b"{\n" * (7 * MB),
    "members": lambda: b'{"metadata": {' + b",".join(b'"%d":1' % i for i in range(300_000)) + b"}}",
    "texts": lambda: b'{"metadata": [' + b",".join([b'"a"'] * 900_000) + b"]}",
    "one long line": lambda: b'{"metadata": "' + b"a" * (15 * MB) + b'"}',
    "nested": lambda: b'{"metadata": ' + b"[" * (3 * MB) + b"}",
    "backslashes": lambda: b'{"metadata": "' + b"\\\\" * MB + b'"}',
    "boundaries": lambda: b"\r\n--xy" * (2 * MB),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_hostile_file_holds_up_nobody(editor: httpx.AsyncClient, name: str) -> None:
    answer = await post(editor, "/admin/q_values/import", MULTIPART, file(FILES[name]()))
    assert answer.status_code == 422, answer.text[-2000:]
    assert re.search(r'<td class="number">\d+</td>\s*<td>', answer.text)


DOCUMENTS: dict[str, Callable[[], str]] = {
    "a key twice": lambda: rows(*(f'"{i}":1' for i in range(20_000)), '"19999":1'),
    "a key twice among many": lambda: rows(*(f'"{i}":1' for i in range(400_000)), '"0":1'),
    "members": lambda: rows(*(f'"{i}":1' for i in range(MOST_MEMBERS + 1))),
    "items": lambda: "[" + ",".join(["1"] * (2 * MB - 10)) + "]",
    "texts": lambda: "[" + ",".join(['"a"'] * (MB - 10)) + "]",
    "digits": lambda: "9" * (4 * MB),
    "many long numbers": lambda: "[" + ",".join(["9" * 140_000] * 25) + "]",
    "nested": lambda: "[" * (4 * MB),
    "nested in objects": lambda: '{"a":' * 700_000,
    "too long": lambda: '"' + "a" * (5 * MB) + '"',
    "escapes": lambda: '"' + "\\u0041" * 600_000 + "\\u0000" + '"',
    "backslashes": lambda: '"' + "\\\\" * MB + '\\u0000"',
}


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_hostile_document_holds_up_nobody(
    editor: httpx.AsyncClient, read_form: Any, name: str
) -> None:
    url = "/admin/agent_types/edit/quality-gate"
    form = read_form((await editor.get(url)).text)
    others = "&".join(f"{key}={quote_plus(form[key])}" for key in form if key != "extra")
    body = f"{others}&extra={DOCUMENTS[name]()}".encode()
    answer = await post(editor, url, FORM, body)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text


FORMS = {
    "fields": b"&".join(b"a%d=1" % i for i in range(600_000)),
    "ampersands": b"&" * (8 * MB - 1),
    "escapes": b"agent_type=" + b"%41" * (2 * MB),
    "one long field": b"agent_type=" + b"a" * (8 * MB - 20),
    "a long key": b"pk=" + b"a%3B" * (2 * MB - 2),
    "what it was opened with": b"_opened={"
    + b",".join(b'"%d":1' % i for i in range(500_000))
    + b"}",
}


FORM_PAGES = [
    "agent_types/edit/quality-gate",
    "patterns/create",
    "q_values/delete",
    "agent_types/act/active",
    "policy/keep",
    "account",
]


def is_first_of_its_kind(name: str, url: str) -> bool:
    """Each form on one page, and each page with one form."""
    return url == FORM_PAGES[0] or name == "escapes"


@pytest.mark.parametrize(
    ("name", "url"),
    [
        pytest.param(name, url, marks=[] if is_first_of_its_kind(name, url) else pytest.mark.long)
        for name in FORMS
        for url in FORM_PAGES
    ],
)
async def test_a_hostile_form_holds_up_nobody(panel: Any, name: str, url: str) -> None:
    async with await panel.client("admin") as client:
        answer = await post(client, f"/admin/{url}", FORM, FORMS[name])
    # an action may be asked for by whatever says which rows: it begins when that is confirmed
    assert 400 <= answer.status_code < 500 or ("/act/" in url and answer.status_code == 303)


async def test_as_many_members_as_are_allowed_are_saved_in_time(
    editor: httpx.AsyncClient, read_form: Any
) -> None:
    url = "/admin/agent_types/edit/quality-gate"
    form = read_form((await editor.get(url)).text)
    others = "&".join(f"{key}={quote_plus(form[key])}" for key in form if key != "extra")
    document = rows(*(f'"{i}":{i}' for i in range(MOST_MEMBERS)))
    answer = await post(editor, url, FORM, f"{others}&extra={document}".encode())
    assert answer.status_code == 303
    async with watched() as pauses:
        page = await editor.get(url)
    assert max(pauses) < 3 * LONGEST_BLOCK
    saved = read_form(page.text)
    assert len(load_json(saved["extra"])) == MOST_MEMBERS
    assert (await editor.post(url, data={**saved, "extra": form["extra"]})).status_code == 303


async def test_reading_json_takes_time_by_its_length() -> None:
    """Ten times the members take less than forty times as long."""
    took = []
    for count in (2_000, 20_000):
        text = rows(*(f'"{i}":1' for i in range(count)), '"1":1')
        best = 9.0
        for _ in range(5):
            began = time.thread_time()
            with pytest.raises(ValueError, match="occurs twice"):
                exact_json.load_json(text, unique=True)
            best = min(best, time.thread_time() - began)
        took.append(best)
    assert took[1] < 40 * took[0]
