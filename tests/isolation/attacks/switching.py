"""Attempts to be taken for the victim."""

from tests.isolation.attacks.attack import (
    DENIED,
    GULLIBLE,
    OPEN,
    READ,
    SWITCH,
    TRUSTING,
    VICTIM,
    Attack,
    policies,
)

CLAIMS = f"""set request.jwt.claims = '{{"app_metadata": {{"agent_type": "{VICTIM}"}}}}'"""
BELIEVING_CLAIMS = policies(
    "agent_type = current_setting('request.jwt.claims', true)::jsonb"
    " #>> '{app_metadata,agent_type}'"
)

SWITCHING = (
    Attack("set the agent type", (SWITCH, READ), "own", TRUSTING, orchestrator=DENIED),
    Attack(
        "switch the agent type inside one statement",
        (f"{READ} where set_config('app.agent_type', '{VICTIM}', false) is null union all {READ}",),
        "own",
        TRUSTING,
        orchestrator=DENIED,
    ),
    Attack(
        "prepare, switch the agent type, execute",
        (f"prepare spy as {READ}", SWITCH, "execute spy"),
        "own",
        TRUSTING,
        orchestrator=DENIED,
    ),
    Attack(
        "switch the agent type where an error takes it back",
        (
            "do $$ declare v_found text; begin"
            f"   perform set_config('app.agent_type', '{VICTIM}', true);"
            "    select string_agg(state_data::text, '') into v_found from public.q_values;"
            "    raise exception using message = v_found;"
            " exception when others then perform set_config('spy.found', sqlerrm, false); end $$",
            "select current_setting('spy.found')",
        ),
        "own",
        TRUSTING,
        orchestrator="accepted",
    ),
    Attack(
        "hold a cursor and switch the agent type",
        (f"declare spy cursor with hold for {READ}", SWITCH, "fetch all from spy"),
        "own",
        TRUSTING,
        orchestrator=DENIED,
    ),
    Attack(
        "plan in the group's role and execute in one's own",
        ("set role <group>", f"prepare spy as {READ}", "reset role", SWITCH, "execute spy"),
        "own",
        TRUSTING,
        orchestrator=DENIED,
        api=False,
    ),
    Attack(
        "let parallel workers read",
        (
            "set parallel_setup_cost = 0",
            "set parallel_tuple_cost = 0",
            "set min_parallel_table_scan_size = 0",
            SWITCH,
            READ,
        ),
        "own",
        TRUSTING,
        orchestrator=DENIED,
    ),
    Attack(
        "have strings read as they were before SQL's standard",
        (
            "set standard_conforming_strings = off",
            SWITCH,
            "select * from public.find_states('{}')",
        ),
        "own",
        GULLIBLE,
        orchestrator=DENIED,
    ),
    Attack(
        "set the role inside a block",
        ("do $$ begin perform set_config('role', 'qlmodels_definer', false); end $$", READ),
        DENIED,
        ('revoke "<login>" from qlmodels_owner cascade', 'grant qlmodels_definer to "<login>"'),
    ),
    Attack("forge the claims", (CLAIMS, READ), "own", BELIEVING_CLAIMS, api=False),
    Attack(
        "set the role by set_config, with claims",
        ("select set_config('role', 'authenticated', false)", CLAIMS, READ),
        DENIED,
        ('grant authenticated to "<login>"',),
        api=False,
    ),
    Attack("act as the victim", (f"select qlmodels.act_as('{VICTIM}')",), DENIED, GULLIBLE),
    Attack("take the group's role", ("set role <group>", READ), "own", OPEN),
    Attack(
        "become the victim's login",
        (f'set session authorization "ql_{VICTIM}"', READ),
        DENIED,  # without: the session of the control is a superuser's
    ),
    Attack(
        "turn row security off",
        ("set row_security = off", READ),
        DENIED,
        ('alter role "<actor>" bypassrls',),
    ),
)

ROLES = tuple(
    Attack(
        f"set role {role}",
        (f'set role "{role}"', "select 1"),
        DENIED,
        ('revoke "<login>" from qlmodels_owner cascade', f'grant "{role}" to "<login>"'),
        api=role not in {"service_role", "authenticated"},
    )
    for role in (
        "postgres",
        "qlmodels_owner",
        "qlmodels_definer",
        "qlmodels_panel",
        "service_role",
        "authenticated",
        "analytics_role",
        f"ql_{VICTIM}",
        "qlpanel_test",
    )
)
