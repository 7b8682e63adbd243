"""Attempts to read the victim's rows, or that there are any."""

from tests.isolation.attacks.attack import (
    DENIED,
    GULLIBLE,
    JEWELS,
    OPEN,
    READ,
    SEEING_ALL,
    SEEING_VERSIONS,
    SWITCH,
    TABLES,
    VICTIM,
    Attack,
)

READING = (
    Attack(
        "read every table in one statement",
        (" union all ".join(f"select row_to_json(t)::text from public.{t} as t" for t in TABLES),),
        "own",
        OPEN,
    ),
    Attack(
        "ask for the victim's rows", (f"{READ} where agent_type = '{VICTIM}'",), "nothing", OPEN
    ),
    Attack("read by place on disk", (f"{READ} where ctid >= '(0,0)'",), "own", OPEN),
    Attack(
        "take a sample of a table",
        ("select state_data from public.q_values tablesample system (100)",),
        "own",
        OPEN,
    ),
    Attack("lock what one reads", (f"{READ} for update",), "own", OPEN),
    Attack(
        "have a function run a query",
        (
            "select word from ts_stat("
            "'select to_tsvector(''simple'', state_data::text) from public.q_values')",
        ),
        "own",
        OPEN,
    ),
    Attack(
        "join one's own row to those of others",
        (
            "select pair.state_data from public.agent_types as kind"
            " join public.q_values as pair on pair.agent_type <> kind.agent_type",
        ),
        "nothing",
        OPEN,
    ),
    Attack(
        "filter by a JSON path",
        (f"""{READ} where state_data @@ '$.secret == "crown-jewels"'""",),
        "nothing",
        OPEN,
    ),
    Attack("copy a table", ("copy: select * from public.q_values",), "own", OPEN),
    Attack("copy what a search finds", ("copy: select * from public.patterns",), "own", OPEN),
    Attack(
        "read the summary",
        ("select * from public.agent_performance_summary",),
        "own",
        ("alter view public.agent_performance_summary set (security_invoker = false)",),
    ),
    Attack(
        "read the patterns' record",
        ("select * from public.pattern_effectiveness",),
        "own",
        ("alter view public.pattern_effectiveness set (security_invoker = false)",),
    ),
    Attack(
        "ask for the victim's best action",
        (f"select * from public.get_best_action('{VICTIM}', 'shared')",),
        "nothing",
        OPEN,
    ),
    Attack(
        "match a state with the victim's patterns",
        (f"""select * from public.match_patterns('{VICTIM}', '{{"secret": "{JEWELS}"}}')""",),
        "nothing",
        OPEN,
    ),
    Attack(
        "count the victim's episodes by drawing them",
        (
            "select 1 / (1 - count(*)::integer)"
            f" from qlmodels.draw_trajectories('{VICTIM}', '{{0}}', '{{1}}')",
        ),
        "accepted",
        SEEING_ALL,
    ),
    Attack(
        "count the victim's episodes by their priorities",
        (f"select 1 / (1 - count(*)::integer) from qlmodels.priority_buckets('{VICTIM}')",),
        "accepted",
        SEEING_ALL,
    ),
    Attack("find every state", ("select * from public.find_states('{}')",), "own", SEEING_ALL),
    Attack("find every action", ("select * from public.find_actions('{}')",), "own", SEEING_ALL),
    Attack("find every pattern", ("select * from public.find_patterns()",), "own", SEEING_ALL),
    Attack(
        "find states as the victim",
        (SWITCH, "select * from qlmodels.find_states('{}', 100)"),
        "own",
        GULLIBLE,
        orchestrator=DENIED,
    ),
    Attack(
        "find states by a generic plan",
        ("set plan_cache_mode = force_generic_plan", "select * from public.find_states('{}')"),
        "own",
        SEEING_ALL,
    ),
    Attack(
        "look at rows by a cheap function",
        (
            "select count(*) from public.q_values where public.peek(state_data::text)",
            "select current_setting('peek.seen')",
        ),
        "own",
        OPEN,
    ),
    Attack(
        "learn by an error of division",
        ("select 1 / case state_hash when 'only-victim' then 0 else 1 end from public.q_values",),
        "accepted",
        OPEN,
    ),
    Attack(
        "learn by an error of casting",
        (
            "select (state_data ->> 'secret')::integer from public.q_values"
            " where state_hash <> 'shared'",
        ),
        "accepted",
        OPEN,
    ),
    Attack(
        "read the statistics",
        ("select most_common_vals::text from pg_catalog.pg_stats where tablename = 'q_values'",),
        "nothing",
        ("alter table public.q_values disable row level security",),
    ),
    Attack(
        "read the statistics where they are stored",
        ("select stavalues1::text from pg_catalog.pg_statistic",),
        DENIED,
        ("grant select on pg_catalog.pg_statistic to <group>",),
    ),
    Attack(
        "read how many pairs there were",
        ("select last_value from public.q_values_q_value_id_seq",),
        DENIED,
        ("grant select on sequence public.q_values_q_value_id_seq to <group>",),
    ),
    Attack(
        "read the schema's revision",
        ("select qlmodels.schema_revision()",),
        DENIED,
        ("grant execute on function qlmodels.schema_revision() to <group>",),
    ),
    Attack(
        "read Alembic's table",
        ("select * from qlmodels_private.alembic_version",),
        DENIED,
        (
            "grant usage on schema qlmodels_private to <group>",
            "grant select on qlmodels_private.alembic_version to <group>",
        ),
    ),
    Attack(
        "read what others ask",
        ("select query from pg_catalog.pg_stat_activity",),
        "accepted",
        ('grant pg_read_all_stats to "<actor>"',),
    ),
    Attack(
        "read the orchestrators' grants",
        ("select * from qlmodels_private.fleet_grants",),
        DENIED,
        (
            "grant usage on schema qlmodels_private to <group>",
            "grant select on qlmodels_private.fleet_grants to <group>",
        ),
    ),
    Attack(
        "read what people changed",
        ("select * from qlmodels_private.audit_log",),
        DENIED,
        (
            "grant usage on schema qlmodels_private to <group>",
            "grant select on qlmodels_private.audit_log to <group>",
        ),
    ),
    *(
        Attack(
            f"read the victim's kept {table}",
            (f"select * from qlmodels_private.{table} where agent_type = '{VICTIM}'",),
            DENIED,
            (
                "grant usage on schema qlmodels_private to <group>",
                f"grant select on qlmodels_private.{table} to <group>",
            ),
        )
        for table in ("policy_versions", "policy_parts")
    ),
    Attack(
        "learn how many versions are kept of the victim",
        (
            f"select case when qlmodels.policy_version('{VICTIM}') = 3 then '{JEWELS}'"
            " else 'mine' end",
        ),
        "own",
        SEEING_VERSIONS,
    ),
    Attack(
        "read the panel's users",
        ("select * from qlmodels_admin.users",),
        DENIED,
        (
            "grant usage on schema qlmodels_admin to <group>",
            "grant select on qlmodels_admin.users to <group>",
        ),
    ),
    Attack(
        "read the passwords' verifiers",
        ("select rolpassword from pg_catalog.pg_authid",),
        DENIED,
        ("grant select on pg_catalog.pg_authid to <group>",),
    ),
)
