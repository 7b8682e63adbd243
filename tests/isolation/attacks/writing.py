"""Attempts to change, delete and point to the victim's rows."""

from tests.isolation.attacks.attack import (
    DENIED,
    GULLIBLE,
    INVALID,
    JEWELS,
    NAIVE_DELETE,
    NAIVE_PURGE,
    NO_SUCH_KEY,
    OPEN,
    SEEING_ALL,
    SWITCH,
    TABLES,
    VICTIM,
    Attack,
)

SECRET = f"""'{{"secret": "{JEWELS}"}}'"""
PAIR = "(agent_type, state_hash, state_data, action_hash, action_data)"
FOR_VICTIM = {
    "sessions": "(agent_type) values ('{victim}')",
    "q_values": f"{PAIR} values ('{{victim}}', 'planted', '1', 'planted', '1')",
    "trajectories": (
        "(agent_type, task_id, initial_state, final_state, actions_taken, states_visited,"
        " step_rewards, total_reward, discounted_reward, execution_time_ms, success, started_at,"
        " completed_at)"
        " values ('{victim}', 't', '1', '1', '[]', '[]', '[]', 0, 0, 0, true, now(), now())"
    ),
    "rewards": (
        "(agent_type, state_hash, action_hash, reward_value, reward_type, reward_source)"
        " values ('{victim}', 's', 'a', 1, 'immediate', 'planted')"
    ),
    "patterns": "(agent_type, pattern_name, pattern_type, pattern_data)"
    " values ('{victim}', 'planted', 'planted', '1')",
    "agent_states": (
        "(agent_type, agent_instance_id, current_exploration_rate, current_learning_rate)"
        " values ('{victim}', 'planted', 0, 0)"
    ),
}
DELETABLE = {
    "sessions": "bbbbbbbb-0000-4000-8000-000000000001",
    "trajectories": "bbbbbbbb-0000-4000-8000-000000000002",
    "patterns": "bbbbbbbb-0000-4000-8000-000000000003",
    "agent_states": "bbbbbbbb-0000-4000-8000-000000000004",
}
NUMBERED = {"q_values": "q_value_id", "rewards": "reward_id"}
"""Tables whose rows the server numbers, for all agent types from one sequence."""

WRITING = (
    *(
        Attack(
            f"insert into {table} for the victim",
            (f"insert into public.{table} {values.format(victim=VICTIM)}",),
            DENIED,
            OPEN,
        )
        for table, values in FOR_VICTIM.items()
    ),
    Attack(
        "upsert for the victim",
        (
            f"select public.upsert_q_value('{VICTIM}', 'shared', '{{\"secret\": \"{JEWELS}\"}}',"
            f" 'action-1', '{{\"secret\": \"{JEWELS}\"}}', -1)",
        ),
        DENIED,
        OPEN,
    ),
    Attack(
        "upsert a batch with a pair of the victim",
        (
            f"""select public.upsert_q_values('[{{"agent_type": "{VICTIM}", "state_hash": "planted",
            "state_data": 1, "action_hash": "planted", "action_data": 1, "q_value": 1}}]')""",
        ),
        DENIED,
        OPEN,
    ),
    Attack(
        "upsert by hand for the victim",
        (
            f"insert into public.q_values {PAIR}"
            f" values ('{VICTIM}', 'shared', '1', 'action-1', '1')"
            " on conflict (agent_type, state_hash, action_hash)"
            " do update set q_value = -1 returning state_data",
        ),
        DENIED,
        OPEN,
    ),
    Attack(
        "learn by what is not inserted that the victim has it",
        (
            f"insert into public.q_values {PAIR}"
            f" values ('{VICTIM}', 'shared', '1', 'action-1', '1') on conflict do nothing",
        ),
        DENIED,
        OPEN,
    ),
    Attack(
        "merge into the victim's pairs",
        (
            "merge into public.q_values as pair using (select 1) as one"
            f" on pair.agent_type = '{VICTIM}' when matched then update set q_value = -1",
        ),
        "nothing",
        OPEN,
    ),
    Attack(
        "merge a session in for the victim",
        (
            "merge into public.sessions using (select 1) as one on false"
            f" when not matched then insert (agent_type) values ('{VICTIM}')",
        ),
        DENIED,
        OPEN,
    ),
    Attack(
        "let the victim's pairs expire",
        (
            "update public.q_values set expires_at = now() - interval '1 day'"
            f" where agent_type = '{VICTIM}' returning state_data",
        ),
        "nothing",
        OPEN,
    ),
    Attack(
        "learn for the victim",
        (
            f"select public.learn('{VICTIM}', 'shared', {SECRET}, 'action-1', {SECRET}, -1,"
            " p_terminated => true)",
        ),
        DENIED,
        OPEN,
    ),
    Attack(
        "learn a batch for the victim",
        (
            f"select public.learn_many('{VICTIM}', jsonb_build_array(jsonb_build_object("
            f"'state_hash', 'shared', 'state_data', {SECRET}::jsonb, 'action_hash', 'action-1',"
            f" 'action_data', {SECRET}::jsonb, 'reward', -1, 'terminated', true)))",
        ),
        DENIED,
        OPEN,
    ),
    Attack(
        "add an agent type",
        ("insert into public.agent_types (agent_type, display_name) values ('spy', 'Spy')",),
        DENIED,
        (
            "grant insert on public.agent_types to <group>",
            "create policy spy on public.agent_types for insert to <group> with check (true)",
        ),
    ),
    Attack(
        "keep oneself active",
        ("update public.agent_types set is_active = true",),
        DENIED,
        ("grant update on public.agent_types to <group>",),
    ),
    Attack(
        "delete the victim's agent type",
        (f"delete from public.agent_types where agent_type = '{VICTIM}'",),
        DENIED,
        ("grant delete on public.agent_types to <group>",),
    ),
    Attack(
        "lock the agent types",
        ("select agent_type from public.agent_types for update",),
        DENIED,
        ("grant update on public.agent_types to <group>",),
    ),
    Attack(
        "write through a view",
        ("update public.pattern_effectiveness set usage_count = 0",),
        "55000",  # its rows are joined, so that it takes no update
        (
            "drop view public.pattern_effectiveness",
            "create view public.pattern_effectiveness as table public.patterns",
            "grant select, update on public.pattern_effectiveness to <group>",
        ),
    ),
    Attack(
        "change the victim's values",
        (
            f"update public.q_values set q_value = 0 where agent_type = '{VICTIM}'"
            " returning state_data",
        ),
        "nothing",
        OPEN,
    ),
    Attack(
        "rewrite one's own return",
        ("update public.trajectories set total_reward = 1000000",),
        DENIED,
        ("drop trigger keep_first_writer on public.trajectories",),
    ),
    Attack(
        "change every value and look",
        ("update public.q_values set confidence_score = 1 returning state_data",),
        "own",
        OPEN,
    ),
    Attack(
        "give one's rows to the victim",
        (
            f"update public.q_values set agent_type = '{VICTIM}', session_id = null"
            " where agent_type = 'test-generator' and action_hash = 'action-12'",
        ),
        DENIED,
        (
            "drop trigger keep_first_writer on public.q_values",
            *OPEN,
            f"delete from public.q_values where agent_type = '{VICTIM}'",
        ),
    ),
    Attack(
        "copy the victim's rows to one's own",
        (
            f"insert into public.q_values {PAIR} select 'test-generator', 'stolen', state_data,"
            f" action_hash, action_data from public.q_values where agent_type = '{VICTIM}'"
            " and state_hash = 'only-victim' returning state_data",
        ),
        "nothing",
        OPEN,
    ),
    Attack(
        "choose the number of a pair",
        (
            "insert into public.q_values (agent_type, q_value_id, state_hash, state_data,"
            " action_hash, action_data) overriding system value"
            " values ('test-generator', 1000000, 'x', '1', 'x', '1')",
        ),
        DENIED,
        ("grant insert on public.q_values to <group>",),
    ),
    Attack(
        "use up the numbers of pairs",
        ("select nextval('public.q_values_q_value_id_seq')",),
        DENIED,
        ("grant usage on sequence public.q_values_q_value_id_seq to <group>",),
    ),
    Attack(
        "set the numbers of pairs",
        ("select setval('public.q_values_q_value_id_seq', 2000000)",),
        DENIED,
        ("grant update on sequence public.q_values_q_value_id_seq to <group>",),
    ),
    Attack(
        "put SQL in the name of a table to delete from",
        ("select public.delete_rows('rewards where true --', '{}')",),
        INVALID,
        NAIVE_DELETE,
    ),
    Attack(
        "put SQL in the name of a table to purge",
        ("select qlmodels.purge_expired('rewards where true --', null)",),
        INVALID,
        NAIVE_PURGE,
    ),
    Attack(
        "delete rows",
        ("delete from public.rewards returning reward_source",),
        DENIED,
        ("grant delete on public.rewards to <group>", *OPEN),
    ),
    *(
        Attack(
            f"delete the victim's row of {table} by its id",
            (SWITCH, f"select public.delete_rows('{table}', array['{key}'])"),
            "accepted",
            GULLIBLE,
            orchestrator=DENIED,
        )
        for table, key in DELETABLE.items()
    ),
    *(
        Attack(
            f"delete others' rows of {table} by guessing their numbers",
            (
                f"select public.delete_rows('{table}', array(select number::text"
                " from generate_series(1, 500) as number"
                f" except select {number}::text from public.{table}))",
            ),
            "accepted",
            NAIVE_DELETE,
        )
        for table, number in NUMBERED.items()
    ),
    Attack(
        "clean up everybody's expired rows",
        ("select * from public.cleanup_expired_data()",),
        "accepted",
        SEEING_ALL,
    ),
    *(
        Attack(
            f"truncate {table}",
            (f"truncate public.{table} cascade",),
            DENIED,
            (
                *(f"grant truncate on public.{name} to <group>" for name in TABLES),
                *(
                    f"grant truncate on qlmodels_private.{name} to <group>"
                    for name in (
                        "fleet_grants",
                        "adoptions",
                        "adopted_hashes",
                        "policy_versions",
                        "policy_parts",
                    )
                ),
            ),
        )
        for table in ("q_values", "agent_types")
    ),
    Attack(
        "forge a kept version",
        (
            "insert into qlmodels_private.policy_versions (agent_type, policy_version, reason,"
            f" login, states, pairs, visits) values ('{VICTIM}', 99, 'hand', 'x', 0, 0, 0)",
        ),
        DENIED,
        (
            "grant usage on schema qlmodels_private to <group>",
            "grant insert on qlmodels_private.policy_versions to <group>",
        ),
    ),
    Attack(
        "have versions kept without end",
        (f"select qlmodels_private.keep_policy('{VICTIM}', 'hand')",),
        DENIED,
        (
            "grant usage on schema qlmodels_private to <group>",
            "alter function qlmodels_private.keep_policy security definer",
            "grant execute on function qlmodels_private.keep_policy to <group>",
        ),
    ),
    Attack(
        "forget what was kept",
        ("delete from qlmodels_private.policy_versions",),
        DENIED,
        (
            "grant usage on schema qlmodels_private to <group>",
            "grant delete on qlmodels_private.policy_versions to <group>",
        ),
    ),
    Attack(
        "refer to the victim's session",
        (
            "insert into public.q_values (agent_type, session_id, state_hash, state_data,"
            " action_hash, action_data) values ('test-generator',"
            f" '{DELETABLE['sessions']}', 'x', '1', 'x', '1')",
        ),
        NO_SUCH_KEY,
        ("alter table public.q_values drop constraint fk_q_values_session_id",),
    ),
    Attack(
        "reward the victim's episode",
        (
            "insert into public.rewards (agent_type, trajectory_id, state_hash, action_hash,"
            " reward_value, reward_type, reward_source) values ('test-generator',"
            f" '{DELETABLE['trajectories']}', 's', 'a', 1, 'immediate', 'x')",
        ),
        NO_SUCH_KEY,
        ("alter table public.rewards drop constraint fk_rewards_trajectory_id",),
    ),
    Attack(
        "descend from the victim's pattern",
        (
            "insert into public.patterns (agent_type, pattern_name, pattern_type, pattern_data,"
            " parent_pattern_id) values ('test-generator', 'child', 'x', '1',"
            f" '{DELETABLE['patterns']}')",
        ),
        NO_SUCH_KEY,
        ("alter table public.patterns drop constraint fk_patterns_parent_pattern_id",),
    ),
    Attack(
        "take the id of the victim's pattern",
        (
            "insert into public.patterns (agent_type, pattern_id, pattern_name, pattern_type,"
            " pattern_data)"
            f" values ('test-generator', '{DELETABLE['patterns']}', 'twin', 'x', '1')",
            f"select public.delete_rows('patterns', array['{DELETABLE['patterns']}'])",
        ),
        "accepted",
        ("create unique index on public.patterns (pattern_id)",),
    ),
    Attack(
        "take the key of the victim's pair",
        (
            f"insert into public.q_values {PAIR}"
            " values ('test-generator', 'only-victim', '1', 'action-1', '1')",
            "select public.delete_rows('q_values', array(select q_value_id::text"
            " from public.q_values where state_hash = 'only-victim'))",
        ),
        "accepted",
        (
            "delete from public.q_values where agent_type <> 'security-scanner'",
            "create unique index on public.q_values (state_hash, action_hash)",
        ),
    ),
)
