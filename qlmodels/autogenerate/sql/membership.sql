select
    0::oid as class_,
    0::oid as object,
    0 as part,
    'membership' as kind,
    concat_ws(' in ',
        case when member.rolname = current_user
             then 'current_user' else quote_ident(member.rolname) end,
        quote_ident(role.rolname)) as name,
    null as of_kind,
    null as of_name,
    json_strip_nulls(json_build_object(
        'role', quote_ident(role.rolname),
        'member', case when member.rolname = current_user
                       then 'current_user' else quote_ident(member.rolname) end,
        'admin', nullif(bool_or(link.admin_option) and member.rolname <> current_user, false),
        'without inheriting', nullif(member.rolinherit and not bool_or(
            coalesce(to_jsonb(link) ->> 'inherit_option', 'true')::bool), false),
        'without setting', nullif(not bool_or(
            coalesce(to_jsonb(link) ->> 'set_option', 'true')::bool), false)
    ))::text as properties,
    json_build_object(
        'granted by', (array_agg(quote_ident(grantor.rolname)))[1],
        'create', format('grant %I to %s', role.rolname, case when member.rolname = current_user
            then 'current_user' else quote_ident(member.rolname) end)
            || coalesce(' with ' || nullif(concat_ws(', ',
                case when bool_or(link.admin_option) and member.rolname <> current_user
                     then 'admin option' end,
                case when member.rolinherit and not bool_or(
                    coalesce(to_jsonb(link) ->> 'inherit_option', 'true')::bool)
                     then 'inherit false' end,
                case when not bool_or(coalesce(to_jsonb(link) ->> 'set_option', 'true')::bool)
                     then 'set false' end), ''), ''),
        'drop', format('revoke %I from %s', role.rolname, case when member.rolname = current_user
            then 'current_user' else quote_ident(member.rolname) end)
    )::text as sql
from pg_catalog.pg_auth_members as link
join pg_catalog.pg_roles as role on role.oid = link.roleid
join pg_catalog.pg_roles as member on member.oid = link.member
join pg_catalog.pg_roles as grantor on grantor.oid = link.grantor
-- from 16 on its creator administers a role without being able to act as it
where (coalesce(to_jsonb(link) ->> 'inherit_option', 'true')::bool
       or coalesce(to_jsonb(link) ->> 'set_option', 'true')::bool)
group by role.rolname, member.rolname, member.rolinherit
