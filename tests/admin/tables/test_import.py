"""What was exported comes back; what cannot come back is told by its line, and nothing is taken."""

import json
import re
from html import unescape
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
import pytest_asyncio

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]

AGENT = "performance-tester"
NAMES = [
    None,
    "",
    "plain",
    "=HYPERLINK(1)",
    "'=quoted",
    "''",
    "-1",
    "\ttab",
    'quo"te',
    "a\nb\r\nc\rd",
    "comma, comma",
    "null",
    "NULL",
    "\\N",
    " spaces ",
    "ünï",
    "'",
]
DOCUMENT = '{"n": 1.10, "big": 123456789012345678901234567890.5, "text": "=1\\n\\"", "none": null}'


@pytest_asyncio.fixture(loop_scope="session")
async def editor(panel: Any) -> Any:
    async with await panel.client("editor") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def filled(rows: asyncpg.Connection) -> Any:
    """Rows of three tables that hold what files are bad at."""
    await _clear(rows)
    for name in NAMES:
        await rows.execute(
            "insert into sessions (agent_type, session_name, total_reward) values ($1, $2, 0.1)",
            AGENT,
            name,
        )
    for number in range(3):
        await rows.execute(
            "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data, "
            "q_value, td_error, session_id) "
            "values ($1::varchar, $2, $3::text::jsonb, 'a', '-1.50', 5e-324, $4, "
            "(select session_id from sessions where agent_type = $1::varchar limit 1))",
            AGENT,
            f"s{number}",
            DOCUMENT,
            None if number else 0.1 + 0.2,
        )
    await rows.execute(
        "insert into agent_states (agent_type, agent_instance_id, total_tasks, successful_tasks, "
        "current_exploration_rate, current_learning_rate) values ($1, 'one', 4, 3, 0.1, 0.1)",
        AGENT,
    )
    yield
    await _clear(rows)


async def _clear(rows: asyncpg.Connection) -> None:
    for table in ("q_values", "agent_states", "patterns", "sessions"):
        await rows.execute(f"delete from {table} where agent_type = $1", AGENT)


async def contents(rows: asyncpg.Connection, table: str) -> list[str]:
    query = f"select t::text from {table} as t where agent_type = $1 order by 1"
    return [row[0] for row in await rows.fetch(query, AGENT)]


async def export(client: httpx.AsyncClient, table: str, kind: str) -> bytes:
    answer = await client.get(f"/admin/{table}/export/{kind}?agent_type={AGENT}")
    assert answer.status_code == 200
    return answer.content


async def check(client: httpx.AsyncClient, table: str, file: bytes) -> httpx.Response:
    return await client.post(f"/admin/{table}/import", files={"file": ("rows", file)})


async def confirm(client: httpx.AsyncClient, table: str, page: str) -> httpx.Response:
    kept = re.search(r'name="kept" value="([^"]+)"', page)
    assert kept is not None, page
    return await client.post(f"/admin/{table}/import", data={"kept": unescape(kept[1])})


def problems(page: str) -> list[tuple[int, str]]:
    found = re.findall(r'<td class="number">(\d+)</td>\s*<td>([^<]*)</td>', page)
    return [(int(number), unescape(why)) for number, why in found]


@pytest.mark.parametrize("kind", ["csv", "json"])
async def test_what_was_exported_comes_back_as_it_was(
    editor: httpx.AsyncClient, rows: asyncpg.Connection, filled: Any, kind: str
) -> None:
    tables = ("sessions", "q_values", "agent_states")
    before = {table: await contents(rows, table) for table in tables}
    files = {table: await export(editor, table, kind) for table in tables}
    await _clear(rows)
    for table in tables:
        page = await check(editor, table, files[table])
        assert page.status_code == 200, problems(page.text)
        assert f"{len(before[table])} row" in page.text
        assert await contents(rows, table) == [], "a preview keeps nothing"
        done = await confirm(editor, table, page.text)
        assert done.status_code == 200, done.text
        assert await contents(rows, table) == before[table]
        assert await export(editor, table, kind) == files[table]


async def test_all_rows_or_none_and_the_lines_to_blame(
    editor: httpx.AsyncClient, rows: asyncpg.Connection
) -> None:
    await _clear(rows)
    good = {"agent_type": AGENT, "state_hash": "s", "state_data": {}, "action_data": {}}
    lines = [
        {**good, "action_hash": "1"},
        {**good, "action_hash": "2", "q_value": "many"},
        {**good, "action_hash": "3", "confidence_score": 2},
        {**good, "action_hash": "1"},
        {**good, "action_hash": "4", "agent_type": "nobody"},
        {**good, "action_hash": "x" * 65},
        {**good, "action_hash": "5", "session_id": str(uuid4())},
        {**good, "action_hash": "6", "mood": 1},
        {**good, "action_hash": "7"},
    ]
    text = "\n".join([*map(json.dumps, lines), "{", "[1]", '{"state_data": "\\u0000"}'])
    page = await check(editor, "q_values", text.encode())
    assert page.status_code == 422
    assert sorted(number for number, _ in problems(page.text)) == [2, 3, 4, 5, 6, 7, 8, 10, 11, 12]
    said = dict(problems(page.text))
    assert "q_value" in said[2]
    assert "confidence_score" in said[3]
    assert "same" in said[4]
    assert "agent_types" in said[5]
    assert "action_hash" in said[6]
    assert "sessions" in said[7]
    assert "mood" in said[8]
    assert not re.search(r"asyncpg|psycopg|sqlalchemy|INSERT|Traceback", page.text)
    assert await contents(rows, "q_values") == []


async def test_rows_that_exist_are_refused_between_check_and_import(
    editor: httpx.AsyncClient, rows: asyncpg.Connection, filled: Any
) -> None:
    file = await export(editor, "q_values", "json")
    assert (await check(editor, "q_values", file)).status_code == 422
    await rows.execute("delete from q_values where agent_type = $1", AGENT)
    page = await check(editor, "q_values", file)
    assert (await confirm(editor, "q_values", page.text)).status_code == 200
    again = await confirm(editor, "q_values", page.text)
    assert again.status_code == 422
    assert len(await contents(rows, "q_values")) == 3


async def test_one_row_that_came_meanwhile_keeps_all_out(
    editor: httpx.AsyncClient, rows: asyncpg.Connection, filled: Any
) -> None:
    file = await export(editor, "q_values", "json")
    await rows.execute("delete from q_values where agent_type = $1", AGENT)
    page = await check(editor, "q_values", file)
    assert page.status_code == 200
    await rows.execute(
        "insert into q_values (agent_type, state_hash, state_data, action_hash, action_data) "
        "values ($1, 's1', '1', 'a', '1')",
        AGENT,
    )
    there = await contents(rows, "q_values")
    answer = await confirm(editor, "q_values", page.text)
    assert answer.status_code == 422
    assert [number for number, _ in problems(answer.text)] == [2]
    assert await contents(rows, "q_values") == there


async def test_a_number_from_another_database_is_given_anew(
    editor: httpx.AsyncClient, rows: asyncpg.Connection, filled: Any
) -> None:
    line = json.loads((await export(editor, "q_values", "json")).splitlines()[0])
    line |= {"q_value_id": 2**62, "state_hash": "elsewhere"}
    page = await check(editor, "q_values", json.dumps(line).encode())
    assert (await confirm(editor, "q_values", page.text)).status_code == 200
    query = "select q_value_id from q_values where state_hash = 'elsewhere' and agent_type = $1"
    number: Any = await rows.fetchval(query, AGENT)
    assert number < 2**62


@pytest.mark.parametrize(
    ("file", "line", "why"),
    [
        (b"agent_type,mood\nx,y\n", 1, "mood"),
        (b"agent_type,agent_type\nx,y\n", 1, "two columns"),
        (b"agent_type,session_name\nx\n", 2, "1 values"),
        (b'agent_type,session_name\nx,"open\n', 2, "quote"),
        (b'agent_type,session_name\nx,a"b"c\n', 2, "quote"),
        (b"agent_type,metadata\nx,{\n", 2, "JSON"),
        (b"agent_type,session_name\n", 1, "no rows"),
        (b"", 1, "no rows"),
    ],
)
async def test_a_file_that_cannot_be_read_says_where(
    editor: httpx.AsyncClient, file: bytes, line: int, why: str
) -> None:
    page = await check(editor, "sessions", file)
    assert page.status_code == 422
    assert problems(page.text)[0][0] == line
    assert why in problems(page.text)[0][1]


async def test_lines_are_counted_through_quoted_line_ends(
    editor: httpx.AsyncClient, rows: asyncpg.Connection
) -> None:
    file = f'agent_type,session_name\r\n{AGENT},"two\r\nlines"\r\n{AGENT},x\r\nnobody,x\r\n'
    page = await check(editor, "sessions", file.encode())
    assert [number for number, _ in problems(page.text)] == [5]


async def test_what_is_no_file_of_rows(editor: httpx.AsyncClient) -> None:
    assert (await check(editor, "sessions", "ü".encode("latin-1"))).status_code == 422
    assert (await editor.post("/admin/sessions/import", data={"x": "y"})).status_code == 422
    for kept in ("?", "AAAA", "eJwDAAAAAAE="):
        answer = await editor.post("/admin/sessions/import", data={"kept": kept})
        assert answer.status_code == 422
    large = await check(editor, "sessions", b"x" * (17 * 1024 * 1024))
    assert large.status_code == 422
    larger = await check(editor, "sessions", b"x" * (33 * 1024 * 1024))
    assert larger.status_code == 413


async def test_viewers_do_not_import(panel: Any) -> None:
    async with await panel.client("viewer") as viewer:
        assert (await viewer.get("/admin/sessions/import")).status_code == 403
        assert (await check(viewer, "sessions", b"agent_type\nx\n")).status_code == 403
        assert "Import" not in (await viewer.get("/admin/sessions/list")).text
    async with await panel.client() as nobody:
        assert (await check(nobody, "sessions", b"agent_type\nx\n")).status_code == 401


@pytest.mark.parametrize(
    ("content", "line", "why"),
    [
        (b"{}", 1, "no column that can be inserted"),
        (b'{"agent_type": "x"}\n\n{}', 3, "no column that can be inserted"),
        (b'{"success_rate": 0.5}', 1, "no column that can be inserted"),
        (b"success_rate\n0.5\n0.25", 2, "no column that can be inserted"),
        (b"", 1, "no rows"),
        (b" \n\r\n", 1, "no rows"),
        (b"agent_type\n", 1, "no rows"),
        (b"[1, 2]", 1, "not a JSON object"),
        (b'{"agent_type": "x"}\n[]', 2, "not a JSON object"),
        (b'{"agent_type": "x"}\n7', 2, "not a JSON object"),
        (b'{"agent_type": "x"}\nnull', 2, "not a JSON object"),
        (b"7\n8", 1, "no column '7'"),
        (b'{"agent_type": "a\\u0000"}', 1, "NUL"),
        (b'{"metadata": {"a\\u0000": 1}}', 1, "NUL"),
        (b'{"metadata": ["\\ud800"]}', 1, "surrogate"),
        (b"agent_type\na\x00b", 2, "NUL"),
        (b'agent_type,metadata\nx,"[""\\ud800""]"', 2, "surrogate"),
        (b"agent\x00type\nx", 1, "no column"),
        (b"agent_type\r\n\r\n\r\n\x00", 4, "NUL"),
    ],
)
async def test_what_cannot_be_inserted_is_told_by_its_line(
    editor: httpx.AsyncClient, content: bytes, line: int, why: str
) -> None:
    answer = await editor.post("/admin/agent_states/import", files={"file": ("a", content)})
    assert answer.status_code == 422, answer.text
    assert re.search(
        rf'<td class="number">{line}</td>\s*<td>[^<]*{re.escape(why)}',
        answer.text.replace("&#39;", "'"),
    ), answer.text
