do $$
begin
    execute format(
        'alter role %I password %L',
        current_setting('qlmodels.login'),
        current_setting('qlmodels.verifier')
    );
end $$;
