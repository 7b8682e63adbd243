-- Whether the restrictive policies leave this login's rows alone: known when a statement is planned,
-- so that they vanish from its plan, and a search in documents can use its index although @> is not
-- leakproof. It is declared immutable for that. It depends on the session's user and role alone, and
-- Postgres plans a statement with row security again when the role has changed. A PL/pgSQL expression
-- is not planned again: call confined_to() there.
create or replace function qlmodels.is_unconfined() returns boolean
language plpgsql immutable security invoker parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return qlmodels.agent_of_login() is null and qlmodels.confined_to() is null;
end $$;
