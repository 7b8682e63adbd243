-- case: one table less
alter publication workshop_changes drop table workshop.makers;

-- case: one table more
alter publication workshop_changes add table workshop.loans;

-- case: other columns
alter publication workshop_changes set table workshop.makers,
    workshop.tools (tool_id, kind) where (pieces > 0);

-- case: all columns
alter publication workshop_changes set table workshop.makers, workshop.tools where (pieces > 0);

-- case: another row filter
alter publication workshop_changes set table workshop.makers,
    workshop.tools (tool_id, kind, price) where (pieces > 10);

-- case: no row filter
alter publication workshop_changes set table workshop.makers,
    workshop.tools (tool_id, kind, price);

-- case: operations
alter publication workshop_changes set (publish = 'insert, update, delete');

-- case: via the root
alter publication workshop_changes set (publish_via_partition_root = true);

-- case: dropped
drop publication workshop_changes;

-- case: renamed
alter publication workshop_changes rename to changes;

-- case: comment
comment on publication workshop_changes is 'For the shop';

-- case: owner
-- by: superuser
-- expects: seen
alter publication workshop_changes owner to postgres;

-- case: a whole schema
-- by: superuser
-- expects: repaired
alter publication workshop_changes
    set table workshop.makers, tables in schema workshop_archive;

-- case: generated columns
-- from: 18
alter publication workshop_changes set (publish_generated_columns = stored);

-- case: one more of them
create publication leak for table workshop.loans;
