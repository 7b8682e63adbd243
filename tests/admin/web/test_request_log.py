"""Each request is logged, and every line of it has its number."""

import logging
from typing import Any

import pytest
from qlmodels_admin.web.request_log import _agent_type

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.one_major]


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Any:
    """What was logged of requests, as the dictionaries of the records."""
    caplog.set_level(logging.INFO, "qlmodels_admin.web.request_log")
    return lambda: [
        vars(it) for it in caplog.records if it.name == "qlmodels_admin.web.request_log"
    ]


async def test_a_request_is_a_line(panel: Any, lines: Any) -> None:
    async with await panel.client("editor") as client:
        answer = await client.get("/admin/agent_types/list?pageSize=25")
    (line,) = lines()
    wanted = {"method": "GET", "path": "/admin/agent_types/list", "user": "editor", "status": 200}
    assert wanted.items() <= line.items()
    assert line["client"] == "127.0.0.1"
    assert line["milliseconds"] > 0
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize(("given", "taken"), [("a-1.b_2", True), ("a b", False), ("x" * 65, False)])
async def test_a_proxy_may_number_requests(panel: Any, given: str, taken: bool) -> None:
    async with await panel.client() as client:
        answer = await client.get("/healthz", headers={"X-Request-ID": given})
    assert (answer.headers["x-request-id"] == given) is taken


async def test_no_query_is_told(panel: Any, lines: Any) -> None:
    async with await panel.client() as client:
        await client.get("/admin/sign-in?token=secret")
        await client.get("/admin/x%0Aforged/list")
    assert "secret" not in str(lines())
    assert lines()[1]["path"] == "/admin/x%0Aforged/list"


async def test_lines_in_between_have_number_and_agent(
    panel: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qlmodels import logs

    seen: list[dict[str, str]] = []
    monkeypatch.setattr(panel.app.state.readiness, "_checks", [_remember(seen, logs)])
    async with await panel.client() as client:
        headers = {"X-Request-ID": "r1"}
        await client.get("/readyz?agent_type=chaos-engineer", headers=headers)
        await client.get("/readyz?agent_type=<b>", headers=headers)
    assert seen == [{"request_id": "r1", "agent_type": "chaos-engineer"}, {"request_id": "r1"}]


def _remember(seen: list[dict[str, str]], logs: Any) -> Any:
    async def check(_: Any) -> None:
        seen.append(dict(logs._about.get()))

    return check


async def test_the_key_of_a_row_names_its_agent(panel: Any) -> None:

    paths = {
        "/admin/q_values/details/test-generator;7": {"agent_type": "test-generator"},
        "/admin/agent_types/edit/quality-gate": {"agent_type": "quality-gate"},
        "/admin/gadgets/details/a-gadget": {},
        "/admin/q_values/list": {},
    }
    assert {path: _agent_type({"path": path}) for path in paths} == paths
