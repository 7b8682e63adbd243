select drawn.draw, drawn.trajectory_id, drawn.priority
  from qlmodels.draw_trajectories($1, $2, $3, $4) as drawn
