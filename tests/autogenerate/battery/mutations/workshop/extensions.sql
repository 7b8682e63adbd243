-- case: moved to public
-- by: superuser
-- expects: seen
alter extension citext set schema public;

-- case: dropped
drop extension citext;

-- case: dropped under a constraint
drop extension btree_gist cascade;
