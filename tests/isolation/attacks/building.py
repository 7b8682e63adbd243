"""Attempts to change the schema, its defences, or the server."""

from tests.isolation.attacks.attack import (
    DENIED,
    SUPERUSER,
    VICTIM,
    Attack,
)

OWNER = (  # whoever creates a role is its member since 16, and memberships may not go round
    'revoke "<actor>" from qlmodels_owner cascade',
    'grant qlmodels_owner to "<actor>"',
)
ON_DATABASE = (
    "do $$ begin execute format('grant {} on database %I to public', current_database()); end $$"
)
DEFINER = ('grant qlmodels_definer to "<actor>"',)

BUILDING = (
    Attack(
        "create a temporary table",
        ("create temporary table spy (x text)",),
        DENIED,
        (ON_DATABASE.format("temporary"),),
    ),
    Attack(
        "shadow a type",
        ("create domain pg_temp.text as pg_catalog.text check (public.peek(value))",),
        DENIED,
        (ON_DATABASE.format("temporary"),),
    ),
    Attack(
        "create a function in public",
        ("create function public.spy() returns int language sql as 'select 1'",),
        DENIED,
        ("grant create on schema public to <group>",),
    ),
    Attack(
        "create a table in qlmodels",
        ("create table qlmodels.spy (x int)",),
        DENIED,
        ("grant create on schema qlmodels to <group>",),
    ),
    Attack(
        "create a schema",
        ("create schema spy",),
        DENIED,
        (ON_DATABASE.format("create"),),
    ),
    Attack(
        "disable row security",
        ("alter table public.q_values disable row level security",),
        DENIED,
        OWNER,
    ),
    Attack(
        "do not force row security",
        ("alter table public.q_values no force row level security",),
        DENIED,
        OWNER,
    ),
    Attack("drop a policy", ("drop policy <group>_access on public.q_values",), DENIED, OWNER),
    Attack("add a policy", ("create policy spy on public.q_values using (true)",), DENIED, OWNER),
    Attack(
        "add a trigger",
        (
            "create trigger spy before insert on public.q_values for each row"
            " execute function qlmodels.touch_updated_at()",
        ),
        DENIED,
        (*OWNER, "grant execute on function qlmodels.touch_updated_at() to public"),
    ),
    Attack("publish a table", ("create publication spy for table public.q_values",), DENIED, OWNER),
    Attack(
        "grant oneself rights",
        (
            "grant delete on public.rewards to <group>",
            "delete from public.rewards",
        ),
        DENIED,
        OWNER,
    ),
    Attack(
        "replace the resolver",
        (
            "create or replace function qlmodels.fleet_agent() returns text language sql stable"
            f" as $$ select '{VICTIM}'::text $$",
        ),
        DENIED,
        DEFINER,
    ),
    Attack(
        "loosen a definer function",
        ("alter function qlmodels.find_states(jsonb, integer, jsonb) reset search_path",),
        DENIED,
        DEFINER,
    ),
    Attack(
        "let oneself act as the victim",
        (
            "insert into qlmodels_private.fleet_grants (login, agent_type)"
            f" values ('<login>', '{VICTIM}')",
        ),
        DENIED,
        (
            "grant usage on schema qlmodels_private to <group>",
            "grant insert on qlmodels_private.fleet_grants to <group>",
        ),
    ),
    Attack(
        "join the panel",
        ('grant qlmodels_panel to "<login>"',),
        DENIED,
        ('grant qlmodels_panel to "<actor>" with admin option',),
    ),
    Attack(
        "create a login", ("create role spy login",), DENIED, ('alter role "<actor>" createrole',)
    ),
    Attack(
        "set the victim's password",
        (f"alter role \"ql_{VICTIM}\" password 'x'",),
        DENIED,
        (
            'alter role "<actor>" createrole',
            f'grant "ql_{VICTIM}" to "<actor>" with admin option',
        ),
    ),
    Attack(
        "lock a table",
        ("do $$ begin lock public.q_values in access exclusive mode; end $$",),
        DENIED,
        ("grant delete on public.q_values to <group>",),
    ),
    Attack(
        "lock a table for writing",
        ("do $$ begin lock public.q_values in row exclusive mode; end $$",),
        DENIED,
        ("grant update on public.q_values to <group>",),
    ),
    Attack(
        "switch foreign keys off",
        ("set session_replication_role = replica",),
        DENIED,
        ('grant set on parameter session_replication_role to "<actor>"',),
    ),
    Attack(
        "read a file",
        ("select pg_read_file('PG_VERSION')",),
        DENIED,
        ("grant execute on function pg_catalog.pg_read_file(text) to <group>",),
    ),
    Attack(
        "run a program",
        ("copy (select 1) to program 'cat > /dev/null'",),
        DENIED,
        ('grant pg_execute_server_program to "<actor>"',),
    ),
    Attack(
        "import a file",
        ("select lo_import('PG_VERSION')",),
        DENIED,
        ("grant execute on function pg_catalog.lo_import(text) to <group>",),
    ),
    Attack(
        "drop what the group may do and its policies",
        ("drop owned by <group> cascade",),
        DENIED,
        ("drop event trigger refuse_drop_owned",),
    ),
    Attack(
        "take over what the definer owns",
        ("reassign owned by qlmodels_definer to <group>",),
        DENIED,
        (*DEFINER, "grant create on schema qlmodels to <group>"),
    ),
    Attack(
        "drop the guard of the group",
        ("drop event trigger refuse_drop_owned",),
        DENIED,
        SUPERUSER,
    ),
    Attack(
        "watch what others change in the schema",
        (
            "create event trigger spy on ddl_command_end"
            " execute function safeguards.refuse_drop_owned()",
        ),
        DENIED,
        SUPERUSER,
    ),
    Attack(
        "publish every table",
        ("create publication spy for all tables",),
        DENIED,
        SUPERUSER,
    ),
    Attack(
        "replicate",
        (
            "select pg_create_physical_replication_slot("
            "'spy' || (random() * 1000000000)::integer, false, true)",
        ),
        DENIED,
        ('alter role "<actor>" replication',),
    ),
    Attack(
        "keep a setting for the next connection",
        (f"alter role \"<login>\" set app.agent_type = '{VICTIM}'",),
        DENIED,
        SUPERUSER,
    ),
    Attack(
        "allow oneself more connections",
        ('alter role "<login>" connection limit 1000',),
        DENIED,
        SUPERUSER,
    ),
    Attack(
        "turn row security off for everybody",
        (
            "do $$ begin execute format('alter database %I set row_security = off',"
            " current_database()); end $$",
        ),
        DENIED,
        OWNER,
    ),
    Attack(
        "cancel what the victim runs",
        (f"select pg_cancel_backend(pid) from pg_stat_activity where usename = 'ql_{VICTIM}'",),
        DENIED,
        ('grant pg_signal_backend to "<actor>"',),
    ),
    Attack("index a table", ("create index spy on public.q_values (state_hash)",), DENIED, OWNER),
    Attack(
        "have statistics of a table made",
        ("create statistics public.spy on state_hash, action_hash from public.q_values",),
        DENIED,
        OWNER,
    ),
    Attack(
        "rewrite what is asked",
        ("create rule spy as on update to public.q_values do also nothing",),
        DENIED,
        OWNER,
    ),
    Attack("drop an index", ("drop index public.ix_rewards_session_id",), DENIED, OWNER),
    Attack("comment a table", ("comment on table public.q_values is 'mine'",), DENIED, OWNER),
    Attack(
        "list the server's files",
        ("select pg_ls_dir('.')",),
        DENIED,
        ("grant execute on function pg_catalog.pg_ls_dir(text) to <group>",),
    ),
    Attack(
        "write a file",
        ("copy (select 1) to '/dev/null'",),
        DENIED,
        ('grant pg_write_server_files to "<actor>"',),
    ),
    Attack("load a library", ("load 'plpgsql'",), DENIED, SUPERUSER),
    Attack(
        "clear the server's statistics",
        ("select pg_stat_reset()",),
        DENIED,
        ("grant execute on function pg_catalog.pg_stat_reset() to <group>",),
    ),
    Attack(
        "read the server's configuration",
        ("select * from pg_catalog.pg_hba_file_rules",),
        DENIED,
        SUPERUSER,
    ),
    Attack(
        "install an extension",
        ("create extension citext",),
        DENIED,
        (
            ON_DATABASE.format("create"),
            "grant create on schema public to public",
        ),
    ),
)
