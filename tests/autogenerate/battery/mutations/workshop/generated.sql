-- case: appears
alter table workshop.loans add column days integer
    generated always as (length(note)) stored;

-- case: a plain column under a materialised view
alter table workshop.tools alter column total drop expression;
