select count(*) from public.q_values
