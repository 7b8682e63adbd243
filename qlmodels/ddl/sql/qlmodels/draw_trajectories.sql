-- Trajectories of an agent type that the caller speaks for, whose sample_key lies in one of many
-- short intervals, which the caller draws at random: each is as likely as any other. With p_buckets
-- an interval is one among the trajectories whose priority has that power of two as its ceiling,
-- and those count whose priority lies above the interval's floor. The index for it is on an
-- expression that is not leakproof, hence this function.
create or replace function qlmodels.draw_trajectories(
    p_agent_type text, p_starts double precision[], p_widths double precision[],
    p_buckets double precision[] default null, p_floors double precision[] default null
)
returns table (
    draw bigint, trajectory_id uuid, task_id text, total_reward double precision, success boolean,
    terminated boolean, truncated boolean, priority double precision, states_visited jsonb,
    actions_taken jsonb, step_rewards jsonb, legal_actions jsonb
)
language plpgsql stable security definer
rows 300
set search_path = pg_catalog, pg_temp
set row_security = on
set enable_bitmapscan = off
set enable_seqscan = off
as $$
declare
    v_speaker text := qlmodels.speaking_for();
begin
    if v_speaker <> p_agent_type then
        return;
    end if;
    if p_buckets is null then
        return query
        select probe.position, episode.*
          from unnest(p_starts, p_widths) with ordinality as probe (start, width, position)
         cross join lateral (
               select one.trajectory_id, one.task_id::text, one.total_reward, one.success,
                      one.terminated, one.truncated, one.priority, one.states_visited,
                      one.actions_taken, one.step_rewards, one.legal_actions
                 from public.trajectories as one
                where one.agent_type = p_agent_type
                  and one.sample_key >= probe.start
                  and one.sample_key < probe.start + probe.width
               offset 0
         ) as episode;
    else
        return query
        select probe.position, episode.*
          from unnest(p_starts, p_widths, p_buckets, p_floors) with ordinality
               as probe (start, width, bucket, floor, position)
         cross join lateral (
               select one.trajectory_id, one.task_id::text, one.total_reward, one.success,
                      one.terminated, one.truncated, one.priority, one.states_visited,
                      one.actions_taken, one.step_rewards, one.legal_actions
                 from public.trajectories as one
                where one.agent_type = p_agent_type
                  and ceil(ln(one.priority) / ln(2::double precision)) = probe.bucket
                  and one.sample_key >= probe.start
                  and one.sample_key < probe.start + probe.width
                  and one.priority > probe.floor
               offset 0
         ) as episode;
    end if;
end $$;
