-- Every job that a process of the panel has run or tried to, and whether one runs it now.
select name, finished_at, holder, lease_expires_at > now() as is_running
  from qlmodels_admin.background_jobs
 order by name
