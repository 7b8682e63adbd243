select
    'pg_catalog.pg_authid'::regclass::oid as class_,
    role.oid as object,
    0 as part,
    'role' as kind,
    quote_ident(role.rolname) as name,
    null as of_kind,
    null as of_name,
    json_strip_nulls(json_build_object(
        'login', role.rolcanlogin,
        'inherit', role.rolinherit,
        'superuser', role.rolsuper,
        'createdb', role.rolcreatedb,
        'createrole', role.rolcreaterole,
        'replication', role.rolreplication,
        'bypassrls', role.rolbypassrls,
        'connection limit', role.rolconnlimit,
        'valid until', nullif(role.rolvaliduntil, 'infinity'),
        'settings', role.rolconfig
    ))::text as properties,
    json_build_object(
        'create', format('create role %I %s %s', role.rolname,
            case when role.rolcanlogin then 'login' else 'nologin' end,
            case when role.rolinherit then 'inherit' else 'noinherit' end),
        'alter', json_build_object(
            'login', head || case when role.rolcanlogin then 'login' else 'nologin' end,
            'inherit', head || case when role.rolinherit then 'inherit' else 'noinherit' end,
            'superuser', head || case when role.rolsuper then 'superuser' else 'nosuperuser' end,
            'createdb', head || case when role.rolcreatedb then 'createdb' else 'nocreatedb' end,
            'createrole',
            head || case when role.rolcreaterole then 'createrole' else 'nocreaterole' end,
            'replication',
            head || case when role.rolreplication then 'replication' else 'noreplication' end,
            'bypassrls',
            head || case when role.rolbypassrls then 'bypassrls' else 'nobypassrls' end,
            'connection limit', head || 'connection limit ' || role.rolconnlimit,
            'valid until',
            head || format('valid until %L', coalesce(role.rolvaliduntil, 'infinity')),
            'settings', array_prepend(head || 'reset all', array(
                select head || format('set %I to %L', split_part(setting, '=', 1),
                                      substr(setting, strpos(setting, '=') + 1))
                from unnest(role.rolconfig) as setting)))
    )::text as sql
from pg_catalog.pg_roles as role
cross join lateral format('alter role %I ', role.rolname) as head
where role.rolname !~ '^pg_'
