select agent_type, pattern_id, pattern_name, usage_count, success_count, failure_count, avg_reward,
       case when usage_count = 0 then 0::double precision
            else success_count::double precision / usage_count end as success_rate
  from patterns
 order by agent_type, pattern_id;
