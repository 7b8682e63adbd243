-- case: permissive
drop policy tools_light on workshop.tools;
create policy tools_light on workshop.tools using (weight < 100) with check (weight < 50);

-- case: one role less
alter policy tools_read on workshop.tools to workshop_reader;

-- case: a named role instead of everybody
alter policy tools_light on workshop.tools to workshop_writer;

-- case: check of an insert
alter policy loans_own on workshop.loans with check (borrower = session_user);

-- case: forced
alter table workshop.tools force row level security;
