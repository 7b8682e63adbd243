select agent_type, pattern_id, pattern_name, usage_count, success_count, failure_count, avg_reward,
       case when usage_count = 0 then 0::double precision
            else success_count::double precision / usage_count end as success_rate,
       (select count(*) from trajectories as episode
         where episode.agent_type = patterns.agent_type
           and episode.metadata @> jsonb_build_object('patterns_used', jsonb_build_array(pattern_id)))
           as trajectories_using_pattern
  from patterns
 order by agent_type, pattern_id;
