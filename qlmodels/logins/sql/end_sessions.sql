-- Sign a user out of all browsers, or of one.
delete from qlmodels_admin.sessions
 where user_name = $1
   and ($2::text is null or left(encode(token_hash, 'hex'), 16) = $2)
returning token_hash
