-- Take the lease of a job that is due and that no other process holds.
update qlmodels_admin.background_jobs
   set holder = :holder,
       lease_expires_at = now() + cast(:lease as interval)
 where name = :name
   and lease_expires_at <= now()
   and (finished_at is null or finished_at <= now() - cast(:every as interval))
returning name
