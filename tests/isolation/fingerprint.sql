select md5(string_agg(content, '|' order by content))
  from (
       select 'types' || (kind.*)::text as content from public.agent_types as kind where agent_type = $1
       union all
       select 'sessions' || (run.*)::text from public.sessions as run where agent_type = $1
       union all
       select 'pairs' || (pair.*)::text from public.q_values as pair where agent_type = $1
       union all
       select 'episodes' || (episode.*)::text from public.trajectories as episode where agent_type = $1
       union all
       select 'rewards' || (reward.*)::text from public.rewards as reward where agent_type = $1
       union all
       select 'patterns' || (pattern.*)::text from public.patterns as pattern where agent_type = $1
       union all
       select 'versions' || (version.*)::text from qlmodels_private.policy_versions as version where agent_type = $1
       union all
       select 'parts' || (part.*)::text from qlmodels_private.policy_parts as part where agent_type = $1
       union all
       select 'instances' || (instance.*)::text from public.agent_states as instance where agent_type = $1
  ) as rows
