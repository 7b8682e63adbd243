-- What is known now of these agent types.
insert into qlmodels_admin.alert_states (agent_type, needs_attention, is_changing)
select *
  from unnest(
           cast(:agent_types as text[]),
           cast(:needs_attention as boolean[]),
           cast(:is_changing as boolean[])
       )
on conflict (agent_type) do update
   set needs_attention = excluded.needs_attention,
       is_changing = excluded.is_changing
