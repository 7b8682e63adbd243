-- The job is done until it is due again.
update qlmodels_admin.background_jobs
   set finished_at = now(),
       lease_expires_at = '-infinity'
 where name = :name
   and holder = :holder
