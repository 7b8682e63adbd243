-- When a session has ended, keep what its agent type learned, at most once an hour. Whoever ends
-- sessions can neither choose what is kept nor when, and waits for two seconds at most: a larger
-- Q-table is kept by hand.
create or replace function qlmodels.keep_policy_at_end() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    if not exists (
        select from qlmodels_private.policy_versions as version
         where version.agent_type = new.agent_type
           and version.reason = 'session'
           and version.kept_at > now() - interval '1 hour'
    ) and not exists (
        select from public.q_values as pair
         where pair.agent_type = new.agent_type
        offset 200000
    ) then
        perform qlmodels_private.keep_policy(
            new.agent_type, 'session', format('when session %s ended', new.session_id)
        );
    end if;
    return null;
end $$;
