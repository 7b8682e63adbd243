"""What test-generator tries in order to reach security-scanner, and what each attempt runs into.

An outcome is an SQLSTATE; or "own": it works on the attacker's rows alone; or "nothing": no row
is found; or "accepted": it works and does not tell that the victim has the like. `without` is
the SQL that takes the defence out: then the same attack must get through.
"""

from dataclasses import dataclass

VICTIM = "security-scanner"
JEWELS = "crown-jewels"
MINE = "mine"

ROWS = ("sessions", "q_values", "trajectories", "rewards", "patterns", "agent_states")
TABLES = ("agent_types", *ROWS)

DENIED = "42501"
NO_SUCH_KEY = "23503"
INVALID = "22023"


@dataclass(frozen=True)
class Attack:
    name: str
    steps: tuple[str, ...]
    outcome: str
    without: tuple[str, ...] = ()
    orchestrator: str = ""
    """The outcome for an orchestrator that acts as the attacker, where it is another."""
    api: bool = True
    """Whether it is one for API sessions: their role and claims come from the API server."""


def policies(expression: str) -> tuple[str, ...]:
    """The caller's policies replaced by `expression`."""
    return tuple(
        f"alter policy <group>_access on public.{table} using ({expression})"
        + (f" with check ({expression})" if table != "agent_types" else "")
        for table in TABLES
    )


def is_about_policies(attack: Attack) -> bool:
    """Whether its defence are the caller's policies alone."""
    changes = [step for step in attack.without if not step.startswith("select set_config")]
    return bool(changes) and all(step.startswith("alter policy <group>_access") for step in changes)


OPEN = policies("true")
TRUSTING = (
    *policies("agent_type = current_setting('app.agent_type', true)"),
    "select set_config('app.agent_type', 'test-generator', true)",
)
SEEING_ALL = (
    "create or replace function qlmodels.speaking_for() returns text language sql stable"
    " as 'select null::text'",
)
GULLIBLE = (
    "create or replace function qlmodels.current_agent() returns text language sql stable"
    " as $$ select current_setting('app.agent_type', true) $$",
)
SEEING_VERSIONS = (
    "create or replace function qlmodels.policy_version(p_agent_type text) returns integer"
    " language sql security definer as $$ select max(policy_version)"
    " from qlmodels_private.policy_versions where agent_type = p_agent_type $$",
)
NAIVE_DELETE = (
    "create or replace function qlmodels.delete_rows(p_table text, p_ids text[]) returns bigint"
    " language plpgsql security definer as"
    " $$ begin execute 'delete from public.' || p_table; return 0; end $$",
)
NAIVE_PURGE = (
    "create or replace function qlmodels.purge_expired(p_table text, p_batch integer)"
    " returns bigint language plpgsql security definer as"
    " $$ begin execute 'delete from public.' || p_table; return 0; end $$",
)
SUPERUSER = ('alter role "<actor>" superuser',)
SWITCH = f"set app.agent_type = '{VICTIM}'"
READ = "select state_data from public.q_values"
