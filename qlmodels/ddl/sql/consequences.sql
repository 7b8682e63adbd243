-- What a first upgrade changes beyond its own schemas; $1: the roles that it needs.
select current_database()::text as database,
       array(
           select wanted.name
             from unnest($1::text[]) as wanted (name)
            where not exists (select from pg_catalog.pg_roles as role where role.rolname = wanted.name)
            order by wanted.name
       ) as new_roles,
       exists (
           select from pg_catalog.pg_database as database,
                pg_catalog.aclexplode(coalesce(
                    database.datacl, pg_catalog.acldefault('d', database.datdba))) as granted
            where database.datname = current_database()
              and granted.grantee = 0
              and granted.privilege_type = 'TEMPORARY'
       ) as revokes_temporary,
       (login.rolsuper or login.rolcreaterole) as may_create_roles
  from pg_catalog.pg_roles as login
 where login.rolname = current_user
