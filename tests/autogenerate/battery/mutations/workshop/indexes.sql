-- case: another predicate
drop index workshop.tools_by_name;
create index tools_by_name on workshop.tools (lower(name)) where serial <> '';

-- case: no predicate
drop index workshop.tools_by_name;
create index tools_by_name on workshop.tools (lower(name));

-- case: another expression
drop index workshop.tools_by_name;
create index tools_by_name on workshop.tools (upper(name)) where serial is not null;

-- case: not unique
drop index workshop.tools_by_weight;
create index tools_by_weight on workshop.tools (weight desc nulls last, kind)
    include (price) with (fillfactor = 70);

-- case: nothing beside the keys
drop index workshop.tools_by_weight;
create unique index tools_by_weight on workshop.tools (weight desc nulls last, kind)
    with (fillfactor = 70);

-- case: nulls not distinct
drop index workshop.tools_by_weight;
create unique index tools_by_weight on workshop.tools (weight desc nulls last, kind)
    include (price) nulls not distinct with (fillfactor = 70);

-- case: storage reset
alter index workshop.tools_by_weight reset (fillfactor);

-- case: plain operator class
drop index workshop.tools_serial;
create index tools_serial on workshop.tools (serial);

-- case: a unique one is invalid
-- by: superuser
update pg_catalog.pg_index set indisvalid = false
where indexrelid = 'workshop.tools_by_weight'::regclass;
