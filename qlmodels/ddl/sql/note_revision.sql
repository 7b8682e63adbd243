-- What Alembic would have written down.
create table qlmodels_private.alembic_version (
    version_num varchar(32) not null constraint alembic_version_pkc primary key
);
insert into qlmodels_private.alembic_version values ({revision});
