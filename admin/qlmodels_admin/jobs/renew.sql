-- Keep the lease of a job; no row where another process has taken it.
update qlmodels_admin.background_jobs
   set lease_expires_at = now() + cast(:lease as interval)
 where name = :name
   and holder = :holder
returning name
