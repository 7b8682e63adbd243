-- The agent types that the caller speaks for and whose rows may expire: after how long, and not before it
-- has passed since when, which is the adoption of rows that the original kept for ever. With p_unused only
-- those without a sign of use in that time, by a write, heartbeat, session or look-up, which
-- agent_states counts: the others lose no pair.
create or replace function qlmodels.expiring_agent_types(p_unused boolean default false)
returns table (agent_type text, retention interval, counted_from timestamptz)
language plpgsql stable security definer
rows 20
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
declare
    v_agent_type text := qlmodels.speaking_for();
begin
    return query
    select kind.agent_type::text, qlmodels.retention(kind.retention_days),
           coalesce(adopted.adopted_at, '-infinity')
      from public.agent_types as kind
      left join qlmodels_private.adoptions as adopted on adopted.agent_type = kind.agent_type
     cross join lateral (select now() - qlmodels.retention(kind.retention_days) as at) as since
     where kind.retention_days is not null
       and (v_agent_type is null or kind.agent_type = v_agent_type)
       and not (
           p_unused
           and (
               coalesce(adopted.adopted_at > since.at, false)
               or exists (
                   select from public.agent_states as instance
                    where instance.agent_type = kind.agent_type
                      and instance.last_activity > since.at
               )
               or exists (
                   select from public.sessions as run
                    where run.agent_type = kind.agent_type
                      and greatest(run.start_time, run.end_time) > since.at
               )
               or exists (
                   select from public.q_values as pair
                    where pair.agent_type = kind.agent_type and pair.last_updated > since.at
               )
               or exists (
                   select from public.trajectories as episode
                    where episode.agent_type = kind.agent_type
                      and greatest(episode.started_at, episode.completed_at) > since.at
               )
               or exists (
                   select from public.rewards as reward
                    where reward.agent_type = kind.agent_type and reward.observed_at > since.at
               )
               or exists (
                   select from public.patterns as pattern
                    where pattern.agent_type = kind.agent_type
                      and greatest(pattern.first_seen, pattern.last_used) > since.at
               )
           )
       );
end $$;
