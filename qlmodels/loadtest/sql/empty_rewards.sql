select public.delete_rows('rewards', array(select reward_id::text from public.rewards limit 5000))
