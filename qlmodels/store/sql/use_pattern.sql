-- One more use, in the running mean; trust is the share of successes, by Laplace's rule.
update public.patterns as pattern
   set usage_count = pattern.usage_count + 1,
       success_count = pattern.success_count + $3::boolean::integer,
       failure_count = pattern.failure_count + 1 - $3::boolean::integer,
       avg_reward = pattern.avg_reward
           + ($4::double precision - pattern.avg_reward) / (pattern.usage_count + 1),
       confidence_score = (pattern.success_count + $3::boolean::integer + 1.0)
           / (pattern.success_count + pattern.failure_count + 3.0),
       last_used = now(),
       expires_at = qlmodels.expiry(kind.retention_days)
  from public.agent_types as kind
 where kind.agent_type = pattern.agent_type
   and pattern.agent_type = $1
   and pattern.pattern_id = $2
returning pattern.usage_count
