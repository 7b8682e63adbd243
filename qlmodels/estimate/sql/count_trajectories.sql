select count(*) from public.trajectories
