do $$
begin
    execute format(
        'alter role %I connection limit %s',
        current_setting('qlmodels.login'),
        current_setting('qlmodels.limit')::integer
    );
end $$;
