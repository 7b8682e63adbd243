-- What lets this login see what others do; null where it does.
select case when not pg_catalog.pg_has_role(current_user, 'pg_read_all_stats', 'usage')
            then pg_catalog.format('grant pg_read_all_stats to %I;', current_user) end
