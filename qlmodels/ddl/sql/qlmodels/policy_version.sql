-- Number of the version from which the policy of one's own agent type descends; 0 if none was kept,
-- or where it is none of the caller's business.
create or replace function qlmodels.policy_version(p_agent_type text) returns integer
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not starts_with(session_user::text, 'ql_') or substr(session_user::text, 4) <> p_agent_type then
        if qlmodels.current_agent() is distinct from p_agent_type and not qlmodels.speaks_for_all() then
            return 0;
        end if;
    end if;
    return coalesce(
        (
            select max(version.policy_version)
              from qlmodels_private.policy_versions as version
             where version.agent_type = p_agent_type
        ),
        0
    );
end $$;
