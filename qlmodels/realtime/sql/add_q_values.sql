alter publication supabase_realtime add table public.q_values
