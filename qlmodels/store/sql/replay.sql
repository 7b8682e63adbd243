-- At most $6 of what lies in the intervals, which are shuffled by $7; in the order of the fields of
-- Replayed, then documents, the legal actions last.
select drawn.trajectory_id, drawn.task_id, drawn.total_reward, drawn.success, drawn.terminated,
       drawn.truncated, drawn.priority, drawn.states_visited::text, drawn.actions_taken::text,
       drawn.step_rewards::text, drawn.legal_actions::text
  from (
       select found.*
         from qlmodels.draw_trajectories($1, $2, $3, $4, $5) as found
        order by hashint8extended(found.draw, $7), uuid_hash_extended(found.trajectory_id, $7)
        limit $6
  ) as drawn
