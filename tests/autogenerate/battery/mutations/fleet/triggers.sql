-- case: disabled
alter table public.sessions disable trigger touch_updated_at;

-- case: enabled always
alter table public.sessions enable always trigger touch_updated_at;

-- case: enabled on replicas
alter table public.sessions enable replica trigger touch_updated_at;

-- case: timing
drop trigger touch_updated_at on public.sessions;
create trigger touch_updated_at after update on public.sessions
    for each row execute function qlmodels.touch_updated_at();

-- case: events
create or replace trigger touch_updated_at before insert or update on public.sessions
    for each row execute function qlmodels.touch_updated_at();

-- case: columns
create or replace trigger touch_updated_at before update of status on public.sessions
    for each row execute function qlmodels.touch_updated_at();

-- case: condition
create or replace trigger touch_updated_at before update on public.sessions
    for each row when (old.* is distinct from new.*) execute function qlmodels.touch_updated_at();

-- case: arguments
create or replace trigger touch_updated_at before update on public.sessions
    for each row execute function qlmodels.touch_updated_at('slow');

-- case: dropped
drop trigger touch_updated_at on public.sessions;

-- case: appears
create trigger touch_q_values before update on public.q_values
    for each row execute function qlmodels.touch_updated_at();

-- case: renamed
alter trigger touch_updated_at on public.sessions rename to clock;
