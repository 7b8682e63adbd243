alter publication supabase_realtime drop table public.agent_states
