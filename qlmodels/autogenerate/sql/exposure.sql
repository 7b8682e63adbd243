-- What lets rows of the tables :tables be seen or changed and is not declared. :views, :functions and
-- :publications are those that are declared, with their schema; :confined are roles that reach some
-- rows, :unconfined roles that reach every row; :platform are schemas and :hosted roles of a platform;
-- :panel is how logins of the panel begin.
with protected as (
    select class.oid, class.relowner, class.oid::regclass::text as name,
           namespace.nspname, class.relname
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where pg_catalog.format('%I.%I', namespace.nspname, class.relname)
          = any(cast(:tables as text[]))
), role as (
    select oid, rolname::text as name, rolsuper, rolcanlogin,
           rolsuper or rolbypassrls
           or rolname = any(cast(:unconfined as text[]))
           or exists (select from protected where protected.relowner = pg_roles.oid)
           as sees_all
    from pg_catalog.pg_roles
), seeing as (
    select role.oid, role.name
    from role
    where exists (
        select from role as other
        where other.sees_all and pg_catalog.pg_has_role(role.oid, other.oid, 'usage'))
), stranger as (
    select class.oid, class.relkind, class.relnamespace, class.relowner, class.reloptions,
           class.oid::regclass::text as name, class.relrowsecurity and class.relforcerowsecurity as is_secured
    from pg_catalog.pg_class as class
    where class.oid not in (select oid from protected)
      and pg_catalog.format('%I.%I', class.relnamespace::regnamespace::text, class.relname)
          <> all(cast(:views as text[]))
)
select distinct
    case stranger.relkind when 'm' then 'materialized view ' else 'view ' end || stranger.name as object,
    'reads ' || protected.name || ' as its owner' as why,
    case stranger.relkind
        when 'm' then pg_catalog.format('drop materialized view %s', stranger.name)
        else pg_catalog.format('alter view %s set (security_invoker = true)', stranger.name)
    end as fix
from stranger
join pg_catalog.pg_rewrite as rule on rule.ev_class = stranger.oid
join pg_catalog.pg_depend as depend
    on depend.classid = 'pg_catalog.pg_rewrite'::regclass and depend.objid = rule.oid
   and depend.refclassid = 'pg_catalog.pg_class'::regclass
join protected on protected.oid = depend.refobjid
where stranger.relkind in ('v', 'm')
  and not coalesce(stranger.reloptions, '{}') &&
      array['security_invoker=true', 'security_invoker=on', 'security_invoker=1', 'security_invoker=yes']
union all
select
    'rule ' || quote_ident(rule.rulename) || ' on ' || protected.name,
    'changes what statements on the table do',
    pg_catalog.format('drop rule %I on %s', rule.rulename, protected.name)
from protected
join pg_catalog.pg_rewrite as rule on rule.ev_class = protected.oid
union all
select
    'function ' || function.oid::regprocedure::text,
    'runs as ' || quote_ident(owner.name) || ', which reaches every row, and ' || callers.names
    || ' may execute it',
    pg_catalog.format('revoke execute on function %s from %s', function.oid::regprocedure, callers.names)
from pg_catalog.pg_proc as function
join pg_catalog.pg_namespace as namespace on namespace.oid = function.pronamespace
join seeing as owner on owner.oid = function.proowner
cross join lateral (
    select string_agg(case acl.grantee when 0 then 'public' else quote_ident(role.name) end, ', '
                      order by role.name nulls first) as names
    from pg_catalog.aclexplode(
        coalesce(function.proacl, pg_catalog.acldefault('f', function.proowner))) as acl
    left join role on role.oid = acl.grantee
    where acl.privilege_type = 'EXECUTE'
      and (acl.grantee = 0 or role.name = 'anon' or exists (
          select from unnest(cast(:confined as text[])) as confined (name)
          join role as member on member.name = confined.name
          where pg_catalog.pg_has_role(member.oid, role.oid, 'usage')
             or not role.rolsuper and pg_catalog.pg_has_role(role.oid, member.oid, 'usage')))
) as callers
where function.prosecdef
  and callers.names is not null
  and function.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
  and namespace.nspname <> all(cast(:platform as text[]))
  and namespace.nspname !~ '^pg_' and namespace.nspname <> 'information_schema'
  and pg_catalog.format('%I.%I', namespace.nspname, function.proname)
      <> all(cast(:functions as text[]))
  and not exists (
      select from pg_catalog.pg_depend as depend
      where depend.classid = 'pg_catalog.pg_proc'::regclass
        and depend.objid = function.oid and depend.deptype = 'e')
union all
select
    'table ' || stranger.name,
    'inherits from ' || protected.name || ', whose queries read and change its rows too',
    pg_catalog.format('alter table %s no inherit %s', stranger.name, protected.name)
from protected
join pg_catalog.pg_class as parent on parent.oid = protected.oid and parent.relkind = 'r'
join pg_catalog.pg_inherits as inherit on inherit.inhparent = protected.oid
join stranger on stranger.oid = inherit.inhrelid
union all
select
    'foreign key ' || quote_ident(reference.conname) || ' of ' || stranger.name,
    'tells whether a row of ' || protected.name || ' exists, and can keep it from being deleted',
    pg_catalog.format('alter table %s drop constraint %I', stranger.name, reference.conname)
from protected
join pg_catalog.pg_constraint as reference
    on reference.confrelid = protected.oid and reference.contype = 'f'
join stranger on stranger.oid = reference.conrelid
where not stranger.is_secured
  and stranger.relnamespace::regnamespace::text <> all(cast(:platform as text[]))
union all
select
    'publication ' || quote_ident(publication.pubname),
    'publishes rows of ' || string_agg(published.tablename, ', ' order by published.tablename),
    pg_catalog.format('drop publication %I', publication.pubname)
from pg_catalog.pg_publication as publication
join pg_catalog.pg_publication_tables as published on published.pubname = publication.pubname
join protected
    on protected.nspname = published.schemaname and protected.relname = published.tablename
where publication.pubname <> all(cast(:publications as text[]))
  and publication.pubname !~ '^supabase_'
group by publication.pubname
union all
select
    'login ' || quote_ident(login.name),
    'is ' || string_agg(quote_ident(confined.name), ', ' order by confined.name)
    || case when login.rolsuper then ' and a superuser'
            when login.sees_all then ' and has BYPASSRLS'
            else ' and a member of ' || (
                select string_agg(quote_ident(other.name), ', ' order by other.name)
                from role as other
                where other.sees_all and other.oid <> login.oid
                  and pg_catalog.pg_has_role(login.oid, other.oid, 'member'))
       end || ', which reaches every row',
    case when login.rolsuper then pg_catalog.format('alter role %I nosuperuser', login.name)
         when login.sees_all then pg_catalog.format('alter role %I nobypassrls', login.name)
         else pg_catalog.format('revoke these roles from %I', login.name)
    end
from role as login
join role as confined
    on confined.name = any(cast(:confined as text[])) and confined.name <> all(cast(:hosted as text[]))
   and pg_catalog.pg_has_role(login.oid, confined.oid, 'usage')
where login.rolcanlogin
  and (not login.rolsuper or exists (  -- which has every role without being told
      select from pg_catalog.pg_auth_members as membership
      where membership.member = login.oid and membership.roleid = confined.oid))
  and login.name <> all(cast(:hosted as text[]))
  and not starts_with(login.name, cast(:panel as text))  -- which looks through agents' eyes
  and not exists (select from protected where protected.relowner = login.oid)
  and (login.sees_all or exists (
      select from role as other
      where other.sees_all and other.oid <> login.oid
        and pg_catalog.pg_has_role(login.oid, other.oid, 'member')))
group by login.oid, login.name, login.rolsuper, login.sees_all
order by 1, 2
