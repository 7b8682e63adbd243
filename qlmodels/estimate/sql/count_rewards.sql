select count(*) from public.rewards
