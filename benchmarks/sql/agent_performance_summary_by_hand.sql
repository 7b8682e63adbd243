-- Each figure counted by itself.
select kind.agent_type,
       (select count(*) from agent_states as state where state.agent_type = kind.agent_type) as instances,
       (select count(*) from sessions as run where run.agent_type = kind.agent_type) as sessions,
       (select count(*) from trajectories as episode where episode.agent_type = kind.agent_type) as trajectories,
       (select count(*) from trajectories as episode where episode.agent_type = kind.agent_type and success) as successes,
       (select sum(total_reward) from trajectories as episode where episode.agent_type = kind.agent_type) as total_reward,
       (select avg(total_reward) from trajectories as episode where episode.agent_type = kind.agent_type) as avg_reward,
       (select count(*) from q_values as pair where pair.agent_type = kind.agent_type) as pairs,
       (select avg(q_value) from q_values as pair where pair.agent_type = kind.agent_type) as avg_q_value,
       (select avg(confidence_score) from q_values as pair where pair.agent_type = kind.agent_type) as avg_confidence,
       (select avg(visit_count)::double precision from q_values as pair where pair.agent_type = kind.agent_type) as avg_state_visits,
       (select count(*) from patterns as pattern where pattern.agent_type = kind.agent_type) as unique_patterns
  from agent_types as kind
 order by kind.agent_type;
