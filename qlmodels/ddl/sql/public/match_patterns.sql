-- The patterns of an agent type whose trigger conditions a state meets, the most trusted first.
create or replace function public.match_patterns(
    p_agent_type text, p_state jsonb, p_limit integer default 20
)
returns table (
    pattern_id uuid, pattern_name text, version integer, pattern_type text, pattern_category text,
    pattern_data jsonb, trigger_conditions jsonb, expected_outcome jsonb, usage_count integer,
    success_count integer, avg_reward double precision, confidence_score double precision
)
language plpgsql stable security invoker
set search_path = pg_catalog, pg_temp
set row_security = on
as $$
begin
    return query
    select pattern.pattern_id, pattern.pattern_name::text, pattern.version,
           pattern.pattern_type::text, pattern.pattern_category::text, pattern.pattern_data,
           pattern.trigger_conditions, pattern.expected_outcome, pattern.usage_count,
           pattern.success_count, pattern.avg_reward, pattern.confidence_score
      from public.patterns as pattern
     where pattern.agent_type = p_agent_type
       and (pattern.expires_at is null or pattern.expires_at > now())
       and qlmodels.satisfies(p_state, pattern.trigger_conditions)
     order by pattern.confidence_score desc, pattern.avg_reward desc, pattern.pattern_id
     limit p_limit;
end $$;
