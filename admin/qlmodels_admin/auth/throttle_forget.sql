-- Remove some rows that no longer count. More are removed at once than an attempt can add.
delete from qlmodels_admin.sign_in_attempts
where key in (
    select key
    from qlmodels_admin.sign_in_attempts
    where expires_at < now()
    order by expires_at
    limit 100
    for update skip locked
)
