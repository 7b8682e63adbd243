-- case: dropped
alter table workshop.loans drop constraint loans_once;

-- case: other operators
alter table workshop.loans drop constraint loans_once;
alter table workshop.loans add constraint loans_once exclude using gist (tool_id with =, during with -|-);

-- case: predicate
alter table workshop.loans drop constraint loans_once;
alter table workshop.loans add constraint loans_once
    exclude using gist (tool_id with =, during with &&) where (note is null);

-- case: deferrable
alter table workshop.loans drop constraint loans_once;
alter table workshop.loans add constraint loans_once
    exclude using gist (tool_id with =, during with &&) deferrable;

-- case: appears
alter table workshop.loans add constraint loans_borrower
    exclude using gist (borrower with =, during with &&);
