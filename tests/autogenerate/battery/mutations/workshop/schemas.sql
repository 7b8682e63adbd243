-- case: an empty one is dropped
drop schema workshop_archive;

-- case: comment
comment on schema workshop is 'Broken';

-- case: comment appears
comment on schema workshop_archive is 'Old things';

-- case: owner
-- by: superuser
alter schema workshop_archive owner to workshop_keeper;
