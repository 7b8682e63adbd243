-- Pairs that may expire, and when: those of agent types that are not in use.
create or replace view qlmodels.expiring_q_values with (security_invoker = true) as
select pair.agent_type, pair.q_value_id,
       greatest(pair.expires_at, kind.counted_from + kind.retention) as expires_at
  from public.q_values as pair
  join qlmodels.expiring_agent_types(true) as kind on kind.agent_type = pair.agent_type
 where pair.expires_at is not null;
