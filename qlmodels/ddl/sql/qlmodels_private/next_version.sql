-- The number of an agent type's next version: beyond those that are kept, and those that were.
create or replace function qlmodels_private.next_version(p_agent_type text) returns integer
language sql stable security invoker
set search_path = pg_catalog, pg_temp
as $$
    select 1 + greatest(
        (select max(version.policy_version)
           from qlmodels_private.policy_versions as version
          where version.agent_type = p_agent_type),
        (select last.policy_version
           from qlmodels_private.last_versions as last
          where last.agent_type = p_agent_type),
        0
    )
$$;
