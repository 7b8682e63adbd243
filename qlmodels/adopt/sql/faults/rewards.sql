create view qlmodels_adopt.rewards_faults as
select original.reward_id::text as row_key, fault.column_name, fault.becomes, fault.reason
  from qlmodels_adopt.rewards as original
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
     ('trajectory_id', 'null', 'its trajectory is another agent type''s, or was not kept',
      original.trajectory_id is not null
      and not exists (
          select from public.trajectories as episode
           where episode.agent_type = original.agent_type
             and episode.trajectory_id = original.trajectory_id
      )),
     (null, null, 'reward_value is no number', original.reward_value = 'NaN'),
     ('reward_type', to_jsonb(lower(trim(original.reward_type))), 'reward_type is spelled otherwise',
      original.reward_type <> lower(trim(original.reward_type))
      and lower(trim(original.reward_type)) in ('immediate', 'delayed', 'terminal', 'shaping')),
     (null, null, 'reward_type is none of immediate, delayed, terminal and shaping',
      lower(trim(original.reward_type)) not in ('immediate', 'delayed', 'terminal', 'shaping'))
 ) as fault (column_name, becomes, reason, applies)
 where fault.applies
