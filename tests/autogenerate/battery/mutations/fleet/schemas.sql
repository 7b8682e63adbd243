-- case: appears
create schema qlmodels_backup;

-- case: appears with a table
create schema qlmodels_backup;
create table qlmodels_backup.q_values as table public.q_values;

-- case: dropped with everything
drop schema qlmodels_admin cascade;

-- case: renamed
alter schema qlmodels_admin rename to panel;

-- case: owner
-- by: superuser
alter schema qlmodels_admin owner to qlmodels_definer;
