-- $1: the job.
select cron.unschedule(jobid) from cron.job where jobname = $1 and username = current_user
