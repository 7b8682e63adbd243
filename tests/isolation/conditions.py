"""What an owner may do to the schema that would open it, were permissive policies all there is."""

from collections.abc import Iterator

from qlmodels.ddl.access import DEFINER_ROLE, ROLES
from tests.isolation.attacks.attack import TABLES

GUIDE = """
alter table agent_types enable row level security;
alter table sessions enable row level security;
alter table q_values enable row level security;
alter table trajectories enable row level security;
alter table rewards enable row level security;
alter table patterns enable row level security;
alter table agent_states enable row level security;
create policy agent_isolation_q_values on q_values
    for all
    using (agent_type = current_setting('app.agent_type')::varchar);
create policy agent_isolation_trajectories on trajectories
    for all
    using (agent_type = current_setting('app.agent_type')::varchar);
create policy agent_isolation_patterns on patterns
    for all
    using (agent_type = current_setting('app.agent_type')::varchar);
create policy analytics_read_all on trajectories
    for select
    to analytics_role
    using (true);
"""
"""The guide's block, to the letter but for capitals."""

COLUMNS = """
do $$
declare
    v_column record;
begin
    for v_column in
        select attribute.attrelid::regclass as relation, attribute.attname as name
          from pg_attribute as attribute
         where attribute.attrelid = any (array[{tables}]::regclass[])
           and attribute.attnum > 0 and not attribute.attisdropped and attribute.attgenerated = ''
           and attribute.attidentity = ''
    loop
        execute format(
            'grant select (%1$I), insert (%1$I), update (%1$I) on %2$s to {roles}',
            v_column.name, v_column.relation
        );
    end loop;
end $$;
"""


def _stray(*roles: str) -> Iterator[str]:
    """Everything that row-level security decides about, for every row, to these roles."""
    listed = ", ".join(roles)
    yield f"grant usage on schema public, qlmodels to {listed};"
    yield COLUMNS.format(tables=", ".join(f"'{table}'" for table in TABLES), roles=listed)
    for table in TABLES:
        yield f"grant select, insert, update, delete on {table} to {listed};"
        yield f"create policy stray on {table} to {listed} using (true) with check (true);"


def stray(*roles: str) -> str:
    return "\n".join(_stray(*roles))


LOGIN = '"ql_test-generator"'
EVERYBODY = stray("public")
GROUPS = tuple(role for role in ROLES if role != DEFINER_ROLE)
"""The definer owns functions, which `drop owned by` would drop too: it refuses without CASCADE."""


def dropped(*groups: str) -> str:
    return f"drop event trigger if exists refuse_drop_owned; drop owned by {', '.join(groups)};"


CONDITIONS = {
    "the guide's block": GUIDE,
    "open to everybody": EVERYBODY,
    "open to anon": stray("anon"),
    "open to one login": stray(LOGIN),
    "the guide's block, open to everybody": GUIDE + EVERYBODY,
    **{f"without {group}": dropped(group) + EVERYBODY for group in GROUPS},
}
"""What the owner or a superuser runs, by what it is."""

REPRESENTATIVE = "the guide's block, open to everybody"
