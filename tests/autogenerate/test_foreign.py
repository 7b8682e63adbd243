"""A database shaped like a hosted platform: nothing that is not ours is touched or proposed."""

import asyncio

import pytest

from qlmodels import migrate
from qlmodels.connection import connect
from tests.conftest import Database

PLATFORM = """
create role supabase_admin superuser;
create role supabase_auth_admin;
set role supabase_admin;
create schema auth authorization supabase_auth_admin;
create schema storage authorization supabase_admin;
create schema realtime;
create schema vault;
create schema graphql_public;
create schema extensions;
grant usage on schema extensions to public;
grant usage on schema public to anon, authenticated, service_role;
create extension btree_gin with schema extensions;
create extension pg_stat_statements with schema extensions;
create table auth.users (id uuid primary key, email text);
create function auth.uid() returns uuid language sql as 'select null::uuid';
create function auth.on_user() returns trigger language plpgsql as 'begin return new; end';
create trigger on_user after insert on auth.users for each row execute function auth.on_user();
alter table auth.users enable row level security;
create policy own on auth.users using (id = auth.uid());
create function graphql_public.graphql() returns json language sql as 'select null::json';
create table realtime.messages (id bigint) partition by range (id);
create view storage.listing as select 1 as one;
create publication supabase_realtime;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
reset role;
alter default privileges for role {owner} in schema public
    grant all on tables to anon, authenticated, service_role;
alter default privileges for role {owner} in schema public
    grant all on functions to anon, authenticated, service_role;
alter default privileges for role {owner} in schema public
    grant all on sequences to anon, authenticated, service_role;
grant create on schema extensions to {owner};
"""
FOREIGN = """
select string_agg(pg_describe_object(classid, objid, 0), ', ' order by 1)
from (select distinct classid, objid from pg_depend where refobjid in (
    'auth'::regnamespace, 'storage'::regnamespace, 'realtime'::regnamespace,
    'graphql_public'::regnamespace)) as object
"""
GIVEN = """
select coalesce(string_agg(distinct relname, ', '), 'nothing')
from pg_class, aclexplode(relacl) as item
where relnamespace = 'public'::regnamespace and item.grantee = 'anon'::regrole
"""


def test_a_platform_is_left_alone(empty_database: Database) -> None:
    asyncio.run(_shape(empty_database))
    before = asyncio.run(_ask(empty_database, FOREIGN))
    migrate.upgrade(empty_database.owner)
    migrate.check(empty_database.owner)
    assert asyncio.run(_ask(empty_database, GIVEN)) == "nothing"
    migrate.downgrade(empty_database.owner, "base")
    assert asyncio.run(_ask(empty_database, FOREIGN)) == before


async def _shape(database: Database) -> None:
    roles = ("anon", "authenticated", "service_role")
    async with connect(database.superuser) as connection:
        await connection.execute("drop role if exists supabase_admin, supabase_auth_admin")
        for role in roles:
            await connection.execute(
                f"do $$ begin create role {role}; exception when duplicate_object then end $$"
            )
        await connection.execute(PLATFORM.format(owner=database.owner.username))


async def _ask(database: Database, query: str) -> str:
    async with connect(database.superuser) as connection:
        return str(await connection.fetchval(query))


@pytest.mark.one_major
def test_base_leaves_nothing(empty_database: Database) -> None:
    migrate.upgrade(empty_database.owner)
    assert "can be undone" in migrate.prove(empty_database.owner)
    migrate.downgrade(empty_database.owner, "base")
    left = "select count(*)::text from pg_class where oid >= 16384"
    assert asyncio.run(_ask(empty_database, left)) == "0"
    schemas = "select count(*)::text from pg_namespace where oid >= 16384"
    assert asyncio.run(_ask(empty_database, schemas)) == "0"
