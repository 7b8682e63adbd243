-- Add the counts of an instance to its totals; no row for an unknown agent type.
select added.total_tasks, added.exploration_rate, added.exploration_decay,
       added.min_exploration_rate
  from qlmodels.add_to_instance($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) as added
