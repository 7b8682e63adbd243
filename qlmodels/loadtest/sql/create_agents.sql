insert into public.agent_types (agent_type, display_name, description, environment, metadata)
values ($1, $1, 'Of a load test, and gone when it ends', 'loadtest', '{"made_by": "qlmodels loadtest"}')
on conflict (agent_type) do nothing
