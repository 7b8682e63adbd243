-- When versions are deleted, by hand or with their agent type, remember the newest number of each
-- agent type: it is never given again, since trajectories, archives and logs name it.
create or replace function qlmodels.note_last_versions() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into qlmodels_private.last_versions as former (agent_type, policy_version)
    select gone.agent_type, max(gone.policy_version)
      from gone
     group by gone.agent_type
     order by gone.agent_type
        on conflict (agent_type) do update
       set policy_version = excluded.policy_version
     where former.policy_version < excluded.policy_version;
    return null;
end $$;
