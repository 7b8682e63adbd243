-- The sessions that may expire, and when: those of which nothing is left that they made. Moments of the
-- end of time have room for what is added.
create or replace view qlmodels.expiring_sessions with (security_invoker = true) as
select run.agent_type, run.session_id,
       least(
           greatest(run.start_time, run.end_time, run.updated_at, kind.counted_from), '200000-01-01 UTC'
       ) + kind.retention as expires_at
  from public.sessions as run
  join qlmodels.expiring_agent_types() as kind on kind.agent_type = run.agent_type
 where not exists (
           select from public.q_values as made
            where made.agent_type = run.agent_type and made.session_id = run.session_id
       )
   and not exists (
           select from public.trajectories as made
            where made.agent_type = run.agent_type and made.session_id = run.session_id
       )
   and not exists (
           select from public.rewards as made
            where made.agent_type = run.agent_type and made.session_id = run.session_id
       );
