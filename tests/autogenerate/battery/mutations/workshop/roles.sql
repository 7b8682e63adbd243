-- case: dropped
-- expects: repaired
drop role workshop_visitor;
-- afterwards
do $$ begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'workshop_visitor') then
        create role workshop_visitor;
    end if;
end $$;

-- case: expires
-- by: superuser
-- expects: seen
alter role workshop_visitor valid until '2030-01-01';
-- afterwards
update pg_catalog.pg_authid set rolvaliduntil = null where rolname = 'workshop_visitor';
