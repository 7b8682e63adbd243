-- A message to each target, or to the one that is named.
insert into qlmodels_admin.alert_messages (target, changes)
select name, cast(cast(:changes as text) as jsonb)
  from qlmodels_admin.alert_targets
 where name = coalesce(cast(:target as text), name)
