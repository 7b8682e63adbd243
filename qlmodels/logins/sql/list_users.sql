-- Users of the panel by name, or one; sessions as they count for the panel.
select users.name,
       users.role,
       users.password_hash is not null as has_password,
       users.is_active,
       users.created_at,
       users.signed_in_at,
       users.issuer,
       users.subject,
       (
           select count(*)
             from qlmodels_admin.sessions as session
            where session.user_name = users.name
              and session.expires_at > now()
              and session.created_at > now() - $2::interval
       ) as sessions
  from qlmodels_admin.users as users
 where $1::text is null or users.name = $1
 order by users.name
