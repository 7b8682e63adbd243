-- case: appears
create extension citext with schema extensions;

-- case: dropped
drop extension pg_trgm;

-- case: dropped under indexes
drop extension btree_gin cascade;

-- case: moved
-- by: superuser
-- expects: seen
alter extension pg_trgm set schema public;
