alter publication supabase_realtime add table public.agent_states
