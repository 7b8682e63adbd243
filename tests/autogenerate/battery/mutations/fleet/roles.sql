-- case: may log in
alter role qlmodels_agent login;
-- afterwards
alter role qlmodels_agent nologin;

-- case: may make databases
alter role qlmodels_agent createdb;
-- afterwards
alter role qlmodels_agent nocreatedb;

-- case: may make roles
alter role qlmodels_fleet createrole;
-- afterwards
alter role qlmodels_fleet nocreaterole;

-- case: does not inherit
alter role qlmodels_panel noinherit;
-- afterwards
alter role qlmodels_panel inherit;

-- case: passes row-level security
-- by: superuser
-- expects: seen
alter role qlmodels_panel bypassrls;
-- afterwards
alter role qlmodels_panel nobypassrls;

-- case: may replicate
-- by: superuser
-- expects: seen
alter role analytics_role replication;
-- afterwards
alter role analytics_role noreplication;

-- case: is a superuser
-- by: superuser
-- expects: seen
alter role qlmodels_definer superuser;
-- afterwards
alter role qlmodels_definer nosuperuser;

-- case: number of connections
alter role qlmodels_fleet connection limit 3;
-- afterwards
alter role qlmodels_fleet connection limit -1;
