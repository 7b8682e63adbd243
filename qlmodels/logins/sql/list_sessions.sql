-- Browsers in which a user is signed in. The first digits of a hash name a session.
select left(encode(token_hash, 'hex'), 16) as session_id, created_at, expires_at, address, browser
  from qlmodels_admin.sessions
 where user_name = $1
   and expires_at > now()
   and created_at > now() - $2::interval
 order by created_at desc
