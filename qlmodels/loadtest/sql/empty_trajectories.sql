select public.delete_rows('trajectories', array(select trajectory_id::text from public.trajectories limit 5000))
