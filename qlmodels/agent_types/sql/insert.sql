-- The rows in $1 whose names are free.
insert into public.agent_types ({columns})
select {columns}
  from json_populate_recordset(null::public.agent_types, $1::json)
on conflict (agent_type) do nothing
returning agent_type
