-- The patterns that may expire, and when.
create or replace view qlmodels.expiring_patterns with (security_invoker = true) as
select pattern.agent_type, pattern.pattern_id,
       greatest(pattern.expires_at, kind.counted_from + kind.retention) as expires_at
  from public.patterns as pattern
  join qlmodels.expiring_agent_types() as kind on kind.agent_type = pattern.agent_type
 where pattern.expires_at is not null;
