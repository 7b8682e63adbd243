-- What may explain a bend: changed hyperparameters, from the audit log, and starts of sessions.
select changed_at as at, coalesce(panel_user, login) as who, old_values, new_values,
       null::text as session
  from qlmodels_private.audit_log
 where table_name = 'agent_types' and operation = 'update'
   and row_key @> jsonb_build_object('agent_type', cast(:agent_type as text))
   and new_values ?| cast(:hyperparameters as text[])
union all
(
    select start_time, agent_instance_id, null, null, coalesce(session_name, 'session')
      from public.sessions
     where agent_type = :agent_type
       and (cast(:instance as text) is null or agent_instance_id = :instance)
       and (cast(:environment as text) is null or environment = :environment)
     order by start_time desc
     limit 50
)
 order by at
