select public.delete_rows('agent_states', array(select state_id::text from public.agent_states limit 5000))
