-- Episodes of one agent type in the order in which they ended. `fault` says why one has no n + 1
-- observations for its n actions; `last_state` is the one after the last step where the states
-- visited do not hold it.
select episode.trajectory_id::text, episode.session_id::text, session.agent_instance_id,
       session.environment, episode.task_id, episode.success, episode.terminated,
       episode.truncated, episode.is_evaluation, episode.seed, episode.exploration_rate,
       episode.policy_version, episode.total_reward, episode.discounted_reward,
       episode.execution_time_ms, episode.started_at, episode.completed_at,
       episode.actions_taken::text as actions,
       episode.states_visited::text as states,
       episode.step_rewards::text as rewards,
       episode.legal_actions::text as legal_actions,
       case when count.states = count.actions then episode.final_state::text end as last_state,
       count.states = count.actions
           and episode.final_state = episode.states_visited -> -1 as last_state_is_repeated,
       case when count.actions = 0
            then 'no step was taken'
            when jsonb_path_exists(
                     episode.step_rewards,
                     '$[*] ? (@.type() != "number" || @ > 1.7976931348623157e308
                              || @ < -1.7976931348623157e308)'
                 )
            then 'a reward is no finite number'
            when episode.states_visited -> 0 <> episode.initial_state
            then 'the states do not begin with the initial state'
            when count.states > count.actions
                 and episode.states_visited -> -1 <> episode.final_state
            then 'the states do not end with the final state'
            when count.states = count.actions
                 and episode.states_visited -> -1 = episode.final_state
                 and not episode.terminated
            then 'the state after the last step was not recorded'
       end as fault
  from public.trajectories as episode
  left join public.sessions as session
    on session.agent_type = episode.agent_type and session.session_id = episode.session_id
 cross join lateral (
           select jsonb_array_length(episode.actions_taken) as actions,
                  jsonb_array_length(episode.states_visited) as states
       ) as count
 where episode.agent_type = $1
 order by episode.completed_at, episode.trajectory_id
