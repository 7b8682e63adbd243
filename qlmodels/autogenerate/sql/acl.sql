with acls (class_, object, letter, owner, acl, unset) as (
    select 'pg_catalog.pg_class'::regclass::oid, oid,
           case relkind when 'S' then 's'::"char" else 'r'::"char" end, relowner, relacl, false
    from pg_catalog.pg_class where relkind in ('r', 'p', 'v', 'm', 'S')
    union all
    select 'pg_catalog.pg_proc'::regclass, oid, 'f', proowner, proacl, false from pg_catalog.pg_proc
    union all
    select 'pg_catalog.pg_type'::regclass, oid, 'T', typowner, typacl, false from pg_catalog.pg_type
    union all
    select 'pg_catalog.pg_namespace'::regclass, oid, 'n', nspowner,
           coalesce(nspacl, pg_catalog.acldefault('n', nspowner)), false
    from pg_catalog.pg_namespace
    union all
    select 'pg_catalog.pg_database'::regclass, oid, 'd', datdba,
           coalesce(datacl, pg_catalog.acldefault('d', datdba)), datacl is null
    from pg_catalog.pg_database where datname = current_database()
), explicit as (
    select acls.*, usual.acl as usual, usual.whole
    from acls
    cross join lateral (
        select
            pg_catalog.acldefault(acls.letter, acls.owner) as acl,
            (select count(*)
             from pg_catalog.aclexplode(pg_catalog.acldefault(acls.letter, acls.owner)) as item
             where item.grantee = acls.owner) as whole
    ) as usual
    where acls.acl is not null
      and (acls.object >= 16384 or acls.class_ in ('pg_catalog.pg_namespace'::regclass,
                                             'pg_catalog.pg_database'::regclass))
), items as (
    select
        explicit.class_,
        explicit.object,
        case when item.grantee = 0 then 'public'
             when item.grantee = explicit.owner then 'owner'
             when grantee.rolname = current_user then 'current_user'
             else quote_ident(grantee.rolname) end
        || case when item.is_grantable then ' with grant option' else '' end as grantee,
        case when count(*) = explicit.whole and count(*) > 1 then 'ALL' else string_agg(item.privilege_type, ', ' order by item.position) end as privileges,
        min(item.position) as position
    from explicit
    cross join lateral pg_catalog.aclexplode(explicit.acl)
        with ordinality as item(grantor, grantee, privilege_type, is_grantable, position)
    left join pg_catalog.pg_roles as grantee on grantee.oid = item.grantee
    group by explicit.class_, explicit.object, explicit.owner, explicit.whole,
             item.grantee, grantee.rolname, item.is_grantable
)
select
    explicit.class_,
    explicit.object,
    0 as part,
    'acl' as kind,
    column_.refclassid as of_class,
    column_.refobjid as of_object,
    column_.refobjsubid as of_part,
    'sequence ' || explicit.object::regclass as about,
    json_build_object('grants', coalesce(
        (select json_object_agg(items.grantee, items.privileges order by items.position)
         from items where items.class_ = explicit.class_ and items.object = explicit.object),
        '{}'))::text as properties,
    case when explicit.unset then '{"unset": true}' else '{}' end as sql
from explicit
-- the sequence of an identity is no fact of its own
left join pg_catalog.pg_depend as column_
    on explicit.class_ = 'pg_catalog.pg_class'::regclass
   and column_.classid = explicit.class_
   and column_.objid = explicit.object
   and column_.refclassid = explicit.class_
   and column_.refobjsubid > 0
   and column_.deptype = 'i'
-- of what is shared with others, single entries are compared, so that all must be there
where explicit.letter in ('n', 'd')
   or not (explicit.acl <@ explicit.usual and explicit.usual <@ explicit.acl)
