select found.bucket, found.trajectories, found.priorities
  from qlmodels.priority_buckets($1) as found
