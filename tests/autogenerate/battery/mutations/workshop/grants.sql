-- case: a sequence to everybody
grant usage, select on sequence workshop.labels to public;

-- case: a sequence no longer
revoke usage on sequence workshop.labels from workshop_writer;

-- case: columns no longer to everybody
revoke select (name) on workshop.makers from public;

-- case: the whole table to everybody
grant select on workshop.makers to public;

-- case: a function that was everybody's
revoke execute on function workshop.discounted(numeric, numeric) from public;

-- case: all rights
grant all on workshop.tools to workshop_reader;

-- case: what the owner of a function may do
revoke all on function workshop.loans_of(text) from workshop_keeper;
