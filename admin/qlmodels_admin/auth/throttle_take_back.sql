-- An attempt counts under none of its keys, and those that are cleared have no attempts at all.
with known as materialized (
    select key
    from qlmodels_admin.sign_in_attempts
    where key = any (cast(:keys as bytea[]))
    order by key
    for update
)
update qlmodels_admin.sign_in_attempts attempts
set attempted_at = case
        when attempts.key = any (cast(:cleared as bytea[])) then '{}'
        else array_remove(attempts.attempted_at, :at)
    end
from known
where attempts.key = known.key
