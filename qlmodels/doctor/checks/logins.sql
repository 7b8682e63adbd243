with login as (
    select role.oid, role.rolname, role.rolsuper, role.rolbypassrls, role.rolcreaterole,
           case when role.rolname like 'ql\_%' then 'qlmodels_agent'
                when role.rolname like 'qlfleet\_%' then 'qlmodels_fleet'
                else 'qlmodels_panel'
           end as family
      from pg_catalog.pg_roles as role
     where role.rolcanlogin and role.rolname similar to '(ql|qlfleet|qlpanel)\_%'
)
select format('login %I has rights that no agent, orchestrator or panel needs', rolname) as what,
       concat_ws(', ', case when rolsuper then 'superuser' end, case when rolbypassrls then 'bypassrls' end,
                 case when rolcreaterole then 'createrole' end) as evidence,
       format('alter role %I nosuperuser nobypassrls nocreaterole;', rolname) as fix
  from login
 where rolsuper or rolbypassrls or rolcreaterole
union all
select format('login %I is a member of %I', login.rolname, other.rolname),
       format('a login of its kind is a member of %I alone', family),
       format('revoke %I from %I;', other.rolname, login.rolname)
  from login
  join pg_catalog.pg_auth_members as membership on membership.member = login.oid
  join pg_catalog.pg_roles as other on other.oid = membership.roleid
 where other.rolname <> login.family
   and not (login.family = 'qlmodels_panel' and other.rolname = 'qlmodels_fleet')  -- to view as an agent
 order by what
