-- $1: the job, whose name makes it one; $2: when; $3: what.
select cron.schedule($1, $2, $3)
