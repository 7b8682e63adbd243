alter publication supabase_realtime drop table public.q_values
