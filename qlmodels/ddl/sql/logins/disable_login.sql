do $$
begin
    execute format('alter role %I nologin', current_setting('qlmodels.login'));
end $$;
