-- A message to each target.
insert into qlmodels_admin.alert_messages (target, changes)
select name, cast(cast(:changes as text) as jsonb)
  from qlmodels_admin.alert_targets
