with groups (kind, prefix, name) as (
    values ('agent', 'ql_', 'qlmodels_agent'),
           ('fleet', 'qlfleet_', 'qlmodels_fleet'),
           ('panel', 'qlpanel_', 'qlmodels_panel')
)
select login.rolname::text as name,
       groups.kind,
       case when groups.kind = 'agent' then array[substr(login.rolname, length(groups.prefix) + 1)]
            else coalesce(
                (select array_agg(allowed.agent_type::text order by allowed.agent_type)
                   from qlmodels_private.fleet_grants as allowed
                  where allowed.login = login.rolname),
                '{}'
            )
       end as may_act_as,
       login.rolconnlimit as connection_limit,
       nullif(login.rolvaliduntil, 'infinity') as valid_until,
       (select other.datname::text
          from pg_catalog.pg_database as other
         where other.datname <> current_database()
           and shobj_description(login.oid, 'pg_authid')
               = 'Login of qlmodels in database ' || other.datname
       ) as other_database,
       coalesce(
           shobj_description(login.oid, 'pg_authid')
           = 'Login of qlmodels in database ' || current_database(),
           false
       ) as made_here
  from pg_catalog.pg_roles as login
  join groups on starts_with(login.rolname::text, groups.prefix)
 where exists (
       select from pg_catalog.pg_auth_members as membership
         join pg_catalog.pg_roles as role on role.oid = membership.roleid
        where membership.member = login.oid
          and role.rolname = groups.name
       )
 order by login.rolname;
