-- An episode with one reward too many has a reward for each state that it visited: the first belongs to
-- no action. One that is 0 is left out; else, where all of them are the episode's total, the first
-- joins the second, so that the total stays. Of other arrays the true one is not known: such an
-- episode is left out.
create view qlmodels_adopt.trajectories_faults as
select original.trajectory_id::text as row_key, fault.column_name, fault.becomes, fault.reason
  from qlmodels_adopt.trajectories as original
 cross join lateral (
     select case when jsonb_typeof(original.actions_taken) = 'array'
                  and jsonb_typeof(original.step_rewards) = 'array'
                  and jsonb_typeof(original.states_visited) = 'array'
            then jsonb_array_length(original.actions_taken) end as actions
 ) as episode
 cross join lateral (  -- one expression, for no condition beside it goes before it for certain
     select case
            when episode.actions is null or episode.actions < 1 then null
            when jsonb_array_length(original.step_rewards) <> episode.actions + 1
              or jsonb_array_length(original.states_visited) - episode.actions not in (0, 1)
              or jsonb_path_exists(original.step_rewards, '$[*] ? (@.type() != "number")') then null
            when (original.step_rewards ->> 0)::numeric = 0 then original.step_rewards - 0
            when (original.step_rewards ->> -1)::numeric = 0 then original.step_rewards - -1
            when (select abs(sum(reward::numeric) - original.total_reward) < 0.001
                    from jsonb_array_elements_text(original.step_rewards) as reward)
            then jsonb_build_array(
                     (original.step_rewards ->> 0)::numeric + (original.step_rewards ->> 1)::numeric
                 ) || (original.step_rewards - 0 - 0)
            end as step_rewards
 ) as corrected
 cross join lateral (
     values
     (null::text, null::jsonb, 'its agent type was not kept',
      not exists (select from public.agent_types as kind where kind.agent_type = original.agent_type)),
     ('session_id', 'null', 'its session is another agent type''s, or was not kept',
      original.session_id is not null
      and not exists (
          select from public.sessions as session
           where session.agent_type = original.agent_type
             and session.session_id = original.session_id
      )),
     ('step_rewards', corrected.step_rewards, 'it has one reward more than actions',
      corrected.step_rewards is not null),
     (null, null, 'its arrays do not tell of one episode: n actions, n rewards, and n or n + 1 states',
      corrected.step_rewards is null
      and case when episode.actions is not null
               then jsonb_array_length(original.step_rewards) <> episode.actions
                 or jsonb_array_length(original.states_visited) - episode.actions not in (0, 1)
               else true end),
     (null, null, 'total_reward is no number', original.total_reward = 'NaN'),
     (null, null, 'discounted_reward is no number', original.discounted_reward = 'NaN'),
     ('execution_time_ms', '0', 'execution_time_ms is below 0', original.execution_time_ms < 0)
 ) as fault (column_name, becomes, reason, applies)
 where fault.applies
