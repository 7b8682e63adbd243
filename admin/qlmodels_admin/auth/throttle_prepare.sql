-- Make the rows of keys that have none. Both statements of this table that wait for rows of others
-- do so in the order of the keys.
insert into qlmodels_admin.sign_in_attempts (key, expires_at)
select key, now() + interval '1 minute'
from unnest(cast(:keys as bytea[])) as key
order by key
on conflict (key) do nothing
