-- Which of the arrays would be the true one, nobody can say: such an episode is left out.
create view qlmodels_adopt.trajectories_faults as
select original.trajectory_id::text as row_key, fault.column_name, fault.becomes, fault.reason
  from qlmodels_adopt.trajectories as original
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
     (null, null, 'its arrays do not tell of one episode: n actions, n rewards, and n or n + 1 states',
      case when jsonb_typeof(original.actions_taken) = 'array'
            and jsonb_typeof(original.step_rewards) = 'array'
            and jsonb_typeof(original.states_visited) = 'array'
           then jsonb_array_length(original.step_rewards) <> jsonb_array_length(original.actions_taken)
             or jsonb_array_length(original.states_visited)
                - jsonb_array_length(original.actions_taken) not in (0, 1)
           else true end),
     (null, null, 'total_reward is no number', original.total_reward = 'NaN'),
     (null, null, 'discounted_reward is no number', original.discounted_reward = 'NaN'),
     ('execution_time_ms', '0', 'execution_time_ms is below 0', original.execution_time_ms < 0)
 ) as fault (column_name, becomes, reason, applies)
 where fault.applies
