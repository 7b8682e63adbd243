-- case: unlogged becomes logged
alter table workshop.drafts set logged;

-- case: a table under a materialised view and a publication is dropped
drop table workshop.tools cascade;

-- case: moved to a schema of its own
alter table workshop.drafts set schema workshop_archive;
